//! One's own account: sessions.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::failure::Failure;
use super::session::{Posted, Viewer};
use super::shell::{Shell, page as respond};
use super::show::When;
use super::{Shared, Web, show, users};
use crate::accounts::token::{MOST_DAYS, Scope, USUAL_DAYS};
use crate::clock::Millis;
use crate::store::identities::Identity;
use crate::store::sessions::SessionInfo;
use crate::store::tokens::Token;

#[derive(Template)]
#[template(path = "web/templates/account.html")]
struct AccountPage {
    shell: Shell,
    sessions: Vec<(SessionInfo, When, When)>,
    brands: Vec<String>,
    tokens: Vec<TokenView>,
    /// Scopes the viewer may give a token.
    scopes: Vec<Scope>,
    /// A token that was just made.
    made: Option<String>,
    days: i64,
    most_days: i64,
    enrolled: bool,
    /// Who they are at an OpenID provider.
    identities: Vec<(Identity, Option<When>)>,
    has_password: bool,
}

struct TokenView {
    token: Token,
    since: When,
    until: When,
    used: Option<When>,
    /// `revoked`, `expired`, or nothing.
    over: Option<&'static str>,
}

pub(super) async fn page(State(web): Shared, viewer: Viewer) -> Result<Response, Failure> {
    show_account(&web, viewer, None).await
}

/// The page, with a token that was just made.
pub(super) async fn show_account(
    web: &Arc<Web>,
    viewer: Viewer,
    made: Option<String>,
) -> Result<Response, Failure> {
    let store = &viewer.store(web);
    let now = web.app.clock.millis();
    let sessions = store.sessions(Some(&viewer.name)).await?;
    let tokens = store.tokens(Some(&viewer.name)).await?;
    let mut identities = store.identities(Some(&viewer.name)).await?;
    respond(&AccountPage {
        tokens: tokens
            .into_iter()
            .map(|token| TokenView {
                since: When::new(token.created_at, now),
                until: When::new(token.expires_at, now),
                used: token.last_used_at.map(|at| When::new(at, now)),
                over: match (token.revoked_at, token.expires_at < now) {
                    (Some(_), _) => Some("revoked"),
                    (None, true) => Some("expired"),
                    (None, false) => None,
                },
                token,
            })
            .collect(),
        scopes: Scope::ALL
            .into_iter()
            .filter(|scope| scope.role() <= viewer.role)
            .collect(),
        made,
        days: USUAL_DAYS,
        most_days: MOST_DAYS,
        enrolled: viewer.enrolled,
        identities: users::used(&mut identities, &viewer.name, now),
        has_password: viewer.user(web).await?.has_password(),
        sessions: dated(sessions, now),
        brands: match viewer.sees.everything() {
            true => Vec::new(),
            false => store.brands().await?,
        },
        shell: Shell::new(web, viewer, "account").await?,
    })
}

/// Sessions, each with when it began and when it was last used.
pub(super) fn dated(sessions: Vec<SessionInfo>, now: Millis) -> Vec<(SessionInfo, When, When)> {
    let sessions = sessions.into_iter().map(|session| {
        let began = When::new(session.created_at, now);
        let seen = When::new(session.seen_at, now);
        (session, began, seen)
    });
    sessions.collect()
}

/// Ends one session: one's own, or, for an administrator, anybody's.
pub(super) async fn end_session(
    State(web): State<Arc<Web>>,
    Path(hash): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let viewer = &posted.viewer;
    let of = (!viewer.may_administer()).then_some(viewer.name.as_str());
    web.app
        .store
        .revoke_session(&viewer.name, &hash, of)
        .await?;
    Ok(Redirect::to(posted.back().unwrap_or("/account")).into_response())
}

/// Ends all sessions of one's own but this one.
pub(super) async fn end_others(
    State(web): State<Arc<Web>>,
    posted: Posted,
) -> Result<Response, Failure> {
    let viewer = &posted.viewer;
    web.app
        .store
        .revoke_sessions(&viewer.name, &viewer.name, Some(&viewer.session))
        .await?;
    Ok(Redirect::to("/account").into_response())
}
