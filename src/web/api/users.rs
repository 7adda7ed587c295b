//! Users, and who bears the token.

use std::sync::Arc;

use axum::extract::{Path, State};

use super::super::Web;
use super::super::failure::Failure;
use super::super::users::{given_by, is_theirs, may_change, there};
use super::gate::Caller;
use super::input::{Json, bounded};
use super::model::{Me, User, UserChange};
use crate::accounts::Role;
use crate::accounts::token::Scope;
use crate::store::users::UserChange as Change;

/// Who bears the token, and what it may be used for.
#[utoipa::path(get, path = "/api/v1/me", responses((status = 200, body = Me)))]
pub(in super::super) async fn me(
    State(web): State<Arc<Web>>,
    caller: Caller,
) -> Result<axum::Json<Me>, Failure> {
    let user = web.app.store.user(caller.name()).await?;
    Ok(axum::Json(Me {
        name: caller.name().to_owned(),
        role: caller.viewer.role.to_string(),
        brands: user.map(|user| user.brands).unwrap_or_default(),
        scopes: caller.scopes(),
    }))
}

/// Users by name.
#[utoipa::path(get, path = "/api/v1/users", responses((status = 200, body = Vec<User>)))]
pub(in super::super) async fn users(
    State(web): State<Arc<Web>>,
    caller: Caller,
) -> Result<axum::Json<Vec<User>>, Failure> {
    caller.must(Scope::Admin, Role::Manager, "see users")?;
    let store = caller.store(&web);
    let brands = store.brands().await?;
    let users = store.users().await?;
    let theirs = users
        .into_iter()
        .filter(|user| is_theirs(&caller.viewer, user, &brands));
    Ok(axum::Json(theirs.map(Into::into).collect()))
}

/// Changes what a user may do and see.
#[utoipa::path(patch, path = "/api/v1/users/{name}",
    params(("name" = String, Path, min_length = 1, max_length = 100)),
    request_body = UserChange, responses((status = 200, body = User)))]
pub(in super::super) async fn change(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path(name): Path<String>,
    Json(new): Json<UserChange>,
) -> Result<axum::Json<User>, Failure> {
    let viewer = &caller.viewer;
    caller.must(Scope::Admin, Role::Manager, "change users")?;
    bounded("name", &name, 100)?;
    let store = caller.store(&web);
    let user = there(&web, viewer, &name).await?;
    let role = match new.role {
        Some(word) => Some(
            word.as_str()
                .parse::<Role>()
                .map_err(Failure::Unprocessable)?,
        ),
        None => None,
    };
    let higher = role.is_some_and(|role| !given_by(viewer).contains(&role));
    if higher || !may_change(viewer, &user) {
        return Err(Failure::Forbidden(format!(
            "{} may change users of lower roles only, and give no higher ones",
            viewer.name
        )));
    }
    if let Some(brands) = &new.brands {
        if brands.len() > 1000 {
            return Err(Failure::Unprocessable(
                "brands names more than 1000".to_owned(),
            ));
        }
        for brand in brands {
            bounded("brands", brand, 300)?;
        }
        let beyond = match viewer.sees.everything() {
            true => false,
            false => {
                let own = store.brands().await?;
                brands.is_empty() || brands.iter().any(|brand| !own.contains(brand))
            }
        };
        if beyond {
            return Err(Failure::Forbidden(format!(
                "{} sees some brands only and may give no more than these",
                viewer.name
            )));
        }
    }
    let change = Change {
        role,
        brands: new.brands,
        enabled: new.enabled,
    };
    let changed = store.change_user(caller.name(), &name, &change).await?;
    Ok(axum::Json(changed.into()))
}
