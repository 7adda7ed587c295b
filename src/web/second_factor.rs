//! One's second factor: a secret for an authenticator app, shown as a QR code until
//! its first code was given; recovery codes, shown once; taking it off again.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use qrcode::{EcLevel, QrCode};

use super::failure::Failure;
use super::session::{Peer, Posted, Viewer, address_of};
use super::shell::{Shell, page as respond};
use super::{Shared, Web, show};
use crate::accounts::second::{self, SignInRules};
use crate::accounts::{AccountError, Role, totp};
use crate::store::StoreError;
use crate::store::users::User;

#[derive(Template)]
#[template(path = "web/templates/second_factor.html")]
struct SecondFactorPage {
    shell: Shell,
    /// Whether it counts.
    on: bool,
    /// Whether the viewer must have one before anything else.
    must: bool,
    /// The secret, while its first code is awaited.
    offered: Option<Offered>,
    left: i64,
    /// Recovery codes that were just made.
    codes: Vec<String>,
    problem: Option<String>,
}

/// A secret for the app.
struct Offered {
    spelled: String,
    /// The path of a QR code's dark modules, one unit each, and how many there are a
    /// side, with the quiet zone.
    path: String,
    side: usize,
}

impl Offered {
    fn new(secret: &[u8], user: &str) -> Result<Self, Failure> {
        let address = totp::address(secret, user);
        let code = QrCode::with_error_correction_level(address.as_bytes(), EcLevel::M);
        let code = code.map_err(|error| Failure::Internal(error.to_string()))?;
        let width = code.width();
        let mut path = String::new();
        for (at, color) in code.to_colors().into_iter().enumerate() {
            if color == qrcode::Color::Dark {
                let (x, y) = (at % width + QUIET, at / width + QUIET);
                path.push_str(&format!("M{x} {y}h1v1h-1z"));
            }
        }
        Ok(Self {
            spelled: totp::spelled(secret),
            path,
            side: width + 2 * QUIET,
        })
    }
}

/// Light modules around a QR code, as its standard wants.
const QUIET: usize = 4;

/// New recovery codes, and what is kept of them.
fn new_codes() -> (Vec<String>, Vec<String>) {
    let codes = totp::new_recovery_codes();
    let hashes = codes.iter().map(|c| totp::recovery_hash(c)).collect();
    (codes, hashes)
}

async fn show(
    web: &Arc<Web>,
    viewer: Viewer,
    codes: Vec<String>,
    problem: Option<String>,
) -> Result<Response, Failure> {
    let store = &web.app.store;
    let user = viewer.user(web).await?;
    let factor = store.second_factor(user.id).await?;
    let on = factor.as_ref().is_some_and(|f| f.confirmed_at.is_some());
    let offered = match &factor {
        Some(factor) if !on => {
            let secret = factor.secret.clone().map_err(StoreError::from)?;
            Some(Offered::new(&secret, &user.name)?)
        }
        _ => None,
    };
    let status = match problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let page = respond(&SecondFactorPage {
        on,
        must: !on && SignInRules::load(store).await?.ask(viewer.role),
        offered,
        left: store.recovery_codes_left(user.id).await?,
        codes,
        problem,
        shell: Shell::new(web, viewer, "account").await?,
    })?;
    Ok((status, page).into_response())
}

pub(super) async fn page(State(web): Shared, viewer: Viewer) -> Result<Response, Failure> {
    show(&web, viewer, Vec::new(), None).await
}

/// Makes a secret anew, which counts once a code of it was given.
pub(super) async fn begin(
    State(web): State<Arc<Web>>,
    posted: Posted,
) -> Result<Response, Failure> {
    let user = posted.viewer.user(&web).await?;
    let store = &web.app.store;
    store
        .offer_second_factor(&user, &totp::new_secret())
        .await?;
    Ok(Redirect::to("/account/second-factor").into_response())
}

/// A code from the form, checked and used up; else why not, in words.
async fn checked(
    web: &Web,
    posted: &Posted,
    user: &User,
    peer: Peer,
) -> Result<Option<String>, Failure> {
    let code = posted.get("code").unwrap_or_default();
    match second::check_code(&web.app, user, code, &address_of(peer)).await {
        Ok(()) => Ok(None),
        Err(AccountError::Store(error)) => Err(error.into()),
        Err(error) => Ok(Some(show::sentence(&error.to_string()))),
    }
}

/// Takes the first code: the second factor counts, and recovery codes are shown.
pub(super) async fn confirm(
    State(web): State<Arc<Web>>,
    peer: Peer,
    posted: Posted,
) -> Result<Response, Failure> {
    let user = posted.viewer.user(&web).await?;
    if let Some(problem) = checked(&web, &posted, &user, peer).await? {
        return show(&web, posted.viewer, Vec::new(), Some(problem)).await;
    }
    let (codes, hashes) = new_codes();
    web.app.store.confirm_second_factor(&user, &hashes).await?;
    show(&web, posted.viewer, codes, None).await
}

/// Makes recovery codes anew; those from before are void.
pub(super) async fn codes(
    State(web): State<Arc<Web>>,
    peer: Peer,
    posted: Posted,
) -> Result<Response, Failure> {
    let user = posted.viewer.user(&web).await?;
    if let Some(problem) = checked(&web, &posted, &user, peer).await? {
        return show(&web, posted.viewer, Vec::new(), Some(problem)).await;
    }
    let (codes, hashes) = new_codes();
    web.app.store.renew_recovery_codes(&user, &hashes).await?;
    show(&web, posted.viewer, codes, None).await
}

/// Takes it off, against a code.
pub(super) async fn off(
    State(web): State<Arc<Web>>,
    peer: Peer,
    posted: Posted,
) -> Result<Response, Failure> {
    let user = posted.viewer.user(&web).await?;
    if let Some(problem) = checked(&web, &posted, &user, peer).await? {
        return show(&web, posted.viewer, Vec::new(), Some(problem)).await;
    }
    web.app
        .store
        .reset_second_factor(&user.name, &user.name)
        .await?;
    Ok(Redirect::to("/account/second-factor").into_response())
}

/// Takes somebody else's off: they lost the app and the recovery codes.
pub(super) async fn reset(
    State(web): State<Arc<Web>>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted
        .viewer
        .must_be(Role::Administrator, "take a second factor off")?;
    web.app
        .store
        .reset_second_factor(&posted.viewer.name, &name)
        .await?;
    let query = show::query(&[("kept", &name)]);
    Ok(Redirect::to(&format!("/users?{query}")).into_response())
}

/// Says from which role on a second factor is a must.
pub(super) async fn rules(
    State(web): State<Arc<Web>>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted
        .viewer
        .must_be(Role::Administrator, "say how people sign in")?;
    let from = posted.get("second_factor_from").map(str::parse::<Role>);
    let rules = SignInRules {
        second_factor_from: from.transpose().map_err(Failure::BadRequest)?,
    };
    rules.save(&web.app.store, &posted.viewer.name).await?;
    Ok(Redirect::to("/settings?kept=1").into_response())
}
