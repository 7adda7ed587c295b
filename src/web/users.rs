//! Users: what each may do and see, and their sessions.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::account::dated;
use super::failure::Failure;
use super::session::{Posted, Viewer};
use super::shell::{Shell, page as respond};
use super::show::{self, When};
use super::{Shared, Web};
use crate::accounts::{self, Role};
use crate::clock::Millis;
use crate::store::identities::Identity;
use crate::store::sessions::SessionInfo;
use crate::store::users::{User, UserChange};

/// The most characters of a sign-in name.
const MAX_NAME: usize = 100;

#[derive(Template)]
#[template(path = "web/templates/users.html")]
struct UsersPage {
    shell: Shell,
    users: Vec<UserView>,
    brands: Vec<String>,
    /// Roles the viewer may give.
    roles: Vec<Role>,
    all_roles: [Role; 5],
    sessions: Vec<(SessionInfo, When, When)>,
    may_administer: bool,
    /// A password that was just made: whose, and what it is.
    made: Option<(String, String)>,
    kept: Option<String>,
}

struct UserView {
    user: User,
    since: When,
    /// Whether the viewer may change them.
    mine: bool,
    sessions: usize,
    /// Whether they have a second factor.
    enrolled: bool,
    /// Who they are at an OpenID provider.
    identities: Vec<(Identity, Option<When>)>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    kept: Option<String>,
}

pub(super) async fn page(
    State(web): Shared,
    viewer: Viewer,
    Query(said): Query<Said>,
) -> Result<Response, Failure> {
    show_users(&web, viewer, said.kept, None).await
}

async fn show_users(
    web: &Arc<Web>,
    viewer: Viewer,
    kept: Option<String>,
    made: Option<(String, String)>,
) -> Result<Response, Failure> {
    viewer.must_be(Role::Manager, "see users")?;
    let store = &viewer.store(web);
    let now = web.app.clock.millis();
    let may_administer = viewer.may_administer();
    let sessions = match may_administer {
        true => store.sessions(None).await?,
        false => Vec::new(),
    };
    let brands = store.brands().await?;
    let users = store.users().await?;
    let enrolled = store.second_factor_names().await?;
    let mut identities = store.identities(None).await?;
    respond(&UsersPage {
        users: users
            .into_iter()
            .filter(|user| is_theirs(&viewer, user, &brands))
            .map(|user| UserView {
                since: When::new(user.created_at, now),
                enrolled: enrolled.contains(&user.name),
                mine: may_change(&viewer, &user),
                identities: used(&mut identities, &user.name, now),
                sessions: sessions.iter().filter(|s| s.name == user.name).count(),
                user,
            })
            .collect(),
        brands,
        roles: given_by(&viewer),
        all_roles: Role::ALL,
        sessions: dated(sessions, now),
        may_administer,
        made,
        // Only a name that is there is ever shown: the text of an address is nobody's
        // to choose.
        kept: match kept {
            Some(name) => store.user(&name).await?.map(|user| user.name),
            None => None,
        },
        shell: Shell::new(web, viewer, "users").await?,
    })
}

/// Takes out who somebody is at a provider, with when they last signed in so.
pub(super) fn used(
    identities: &mut Vec<Identity>,
    name: &str,
    now: Millis,
) -> Vec<(Identity, Option<When>)> {
    let theirs = identities.extract_if(.., |identity| identity.name == name);
    let dated = theirs.map(|identity| {
        let used = identity.used_at.map(|at| When::new(at, now));
        (identity, used)
    });
    dated.collect()
}

/// Whoever sees some brands only sees, of the users, those who see none besides.
pub(super) fn is_theirs(viewer: &Viewer, user: &User, brands: &[String]) -> bool {
    viewer.sees.everything()
        || user.name == viewer.name
        || (!user.brands.is_empty() && user.brands.iter().all(|brand| brands.contains(brand)))
}

/// Roles somebody may give: an administrator every one, a manager those below.
pub(super) fn given_by(viewer: &Viewer) -> Vec<Role> {
    Role::ALL
        .into_iter()
        .filter(|role| viewer.may_administer() || *role < viewer.role)
        .collect()
}

pub(super) fn may_change(viewer: &Viewer, user: &User) -> bool {
    viewer.may_administer() || (viewer.may_manage() && user.role() < viewer.role)
}

/// The role and the brands a form asks for, as far as its sender may give them.
async fn asked(web: &Web, posted: &Posted) -> Result<(Option<Role>, Option<Vec<String>>), Failure> {
    let viewer = &posted.viewer;
    let role = posted.get("role").map(str::parse::<Role>).transpose();
    let role = role.map_err(Failure::BadRequest)?;
    if role.is_some_and(|role| !given_by(viewer).contains(&role)) {
        return Err(Failure::Forbidden(format!(
            "{} may give lower roles than their own only; ask an administrator",
            viewer.name
        )));
    }
    let brands = match posted.get("sees") {
        Some("all") => Some(Vec::new()),
        Some("some") => Some(posted.named("brand.")),
        _ => None,
    };
    if let Some(brands) = &brands {
        let own = posted.store(web).brands().await?;
        let beyond = brands.iter().find(|brand| !own.contains(brand));
        if let Some(brand) = beyond {
            return Err(Failure::NotFound(format!("there is no brand {brand}")));
        }
        if posted.get("sees") == Some("some") && brands.is_empty() {
            return Err(Failure::BadRequest(
                "tick at least one brand, or let them see all".to_owned(),
            ));
        }
    }
    if brands.as_ref().is_some_and(Vec::is_empty) && !viewer.sees.everything() {
        return Err(Failure::Forbidden(format!(
            "{} sees some brands only and may give no more than these",
            viewer.name
        )));
    }
    Ok((role, brands))
}

/// The user of a name; one that the viewer may not see is not there.
pub(super) async fn there(web: &Web, viewer: &Viewer, name: &str) -> Result<User, Failure> {
    let store = viewer.store(web);
    let gone = || Failure::NotFound(format!("there is no user {name}"));
    let user = store.user(name).await?.ok_or_else(gone)?;
    let brands = store.brands().await?;
    if !is_theirs(viewer, &user, &brands) {
        return Err(gone());
    }
    Ok(user)
}

/// The user a form is about, whom its sender may change.
async fn named(web: &Web, posted: &Posted, name: &str) -> Result<User, Failure> {
    let user = there(web, &posted.viewer, name).await?;
    if !may_change(&posted.viewer, &user) {
        return Err(Failure::Forbidden(format!(
            "{} is {} and may not change {name}, who is {}",
            posted.viewer.name,
            posted.viewer.role.one(),
            user.role().one()
        )));
    }
    Ok(user)
}

/// Adds a user with a password that is shown once.
pub(super) async fn add(State(web): State<Arc<Web>>, posted: Posted) -> Result<Response, Failure> {
    posted.must_manage("add users")?;
    let name: String = posted.get("name").unwrap_or_default().to_owned();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(Failure::BadRequest(format!(
            "a user needs a name of at most {MAX_NAME} characters"
        )));
    }
    let (role, brands) = asked(&web, &posted).await?;
    let role = role.unwrap_or_default();
    if brands.is_none() && !posted.viewer.sees.everything() {
        return Err(Failure::BadRequest("say which brands they see".to_owned()));
    }
    let store = posted.store(&web);
    if store.user(&name).await?.is_some() {
        return Err(Failure::Conflict(format!(
            "there is a user {name} already; change them below"
        )));
    }
    let actor = &posted.viewer.name;
    let password = new_password(&web, actor, &name, role, brands).await?;
    show_users(&web, posted.viewer, None, Some((name, password))).await
}

/// Gives a user a password that is shown once, and ends their sessions.
async fn new_password(
    web: &Web,
    actor: &str,
    name: &str,
    role: Role,
    brands: Option<Vec<String>>,
) -> Result<String, Failure> {
    let password = accounts::random_password();
    let hash = accounts::hashed(password.clone())
        .await
        .map_err(|error| Failure::Internal(error.to_string()))?;
    let store = &web.app.store;
    if role == Role::Administrator && brands.as_ref().is_some_and(|brands| !brands.is_empty()) {
        return Err(Failure::Conflict(
            "an administrator sees every brand; give another role, or all brands".to_owned(),
        ));
    }
    store.save_user(actor, name, &hash, role.as_str()).await?;
    if brands.is_some() {
        let change = UserChange {
            brands,
            ..UserChange::default()
        };
        store.change_user(actor, name, &change).await?;
    }
    Ok(password)
}

/// Changes what a user may do and see.
pub(super) async fn change(
    State(web): State<Arc<Web>>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.must_manage("change users")?;
    let user = named(&web, &posted, &name).await?;
    let (role, brands) = asked(&web, &posted).await?;
    let change = UserChange {
        role,
        brands,
        enabled: posted.get("enabled").map(|enabled| enabled == "yes"),
    };
    web.app
        .store
        .change_user(&posted.viewer.name, &user.name, &change)
        .await?;
    Ok(kept(&user.name))
}

/// Gives a user a new password.
pub(super) async fn password(
    State(web): State<Arc<Web>>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.must_manage("give passwords")?;
    let user = named(&web, &posted, &name).await?;
    let actor = &posted.viewer.name;
    let password = new_password(&web, actor, &user.name, user.role(), None).await?;
    show_users(&web, posted.viewer, None, Some((user.name, password))).await
}

/// Ends every session of a user.
pub(super) async fn sign_out(
    State(web): State<Arc<Web>>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.must_manage("end sessions")?;
    let user = named(&web, &posted, &name).await?;
    web.app
        .store
        .revoke_sessions(&posted.viewer.name, &user.name, None)
        .await?;
    Ok(kept(&user.name))
}

/// Unbinds a user from the OpenID provider, and ends their sessions.
pub(super) async fn unbind(
    State(web): State<Arc<Web>>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let viewer = &posted.viewer;
    viewer.must_be(Role::Administrator, "unbind accounts")?;
    web.app.store.unbind_identities(&viewer.name, &name).await?;
    Ok(kept(&name))
}

fn kept(name: &str) -> Response {
    let query = show::query(&[("kept", name)]);
    Redirect::to(&format!("/users?{query}")).into_response()
}
