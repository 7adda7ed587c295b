//! Signing in by the OpenID provider: the way there, and back.

use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;

use super::failure::Failure;
use super::session::{Peer, address_of, token, visit, visit_cookie};
use super::sign_in::{self, browser, local_or_home};
use super::{Shared, Web, show};
use crate::accounts::AccountError;
use crate::accounts::oidc::{self, Brought, Errand, OidcError, Provider};

/// What stands in the address of the way there.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    next: String,
    again: Option<String>,
}

/// What stands in the address of the way back.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer {
    state: String,
    code: String,
    error: String,
    iss: Option<String>,
}

fn provider(web: &Web) -> Result<&Provider, Failure> {
    let provider = web.provider.as_ref();
    provider.ok_or_else(|| Failure::NotFound("there is no page at this address".to_owned()))
}

/// Sends the browser to the provider. It is a link that leads here and no form: a page of
/// ours may post to nobody else, not by a redirect either.
pub(super) async fn begin(
    State(web): Shared,
    Query(wish): Query<Wish>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let provider = provider(&web)?;
    let known_by = visit(&web, &headers);
    let errand = Errand {
        next: local_or_home(&wish.next),
        again: wish.again.is_some(),
        browser: known_by.as_deref(),
    };
    match oidc::begin(&web.app, provider, &errand).await {
        Ok(sent) => {
            let jar = CookieJar::new().add(visit_cookie(&web, Some(sent.browser)));
            Ok((jar, Redirect::to(sent.to.as_str())).into_response())
        }
        Err(error) => refused(&web, errand.next, error).await,
    }
}

/// Takes the browser back.
pub(super) async fn back(
    State(web): Shared,
    Query(answer): Query<Answer>,
    peer: Peer,
    request: Request,
) -> Result<Response, Failure> {
    let provider = provider(&web)?;
    let headers = request.headers();
    let known_by = visit(&web, headers).unwrap_or_default();
    let brought = Brought {
        state: &answer.state,
        browser: &known_by,
        code: &answer.code,
        error: &answer.error,
        issuer: answer.iss.as_deref(),
    };
    let (address, from) = (address_of(peer), browser(headers));
    match oidc::finish(&web.app, provider, &brought, &address, &from).await {
        Ok((passed, next)) => {
            // Looked at once more: it has been in the database.
            let next = local_or_home(&next);
            let before = token(&web, headers);
            let response = sign_in::passed(&web, passed, before, next).await?;
            let jar = CookieJar::new().add(visit_cookie(&web, None));
            Ok((jar, response).into_response())
        }
        Err(error) => refused(&web, "/", error).await,
    }
}

/// The page of signing in, with what went wrong.
async fn refused(web: &Web, next: &str, error: OidcError) -> Result<Response, Failure> {
    let (status, wait) = match &error {
        OidcError::Unreachable(_) => (StatusCode::BAD_GATEWAY, None),
        OidcError::Untrusted(_) | OidcError::Declined(_) => (StatusCode::UNAUTHORIZED, None),
        OidcError::NotAwaited => (StatusCode::BAD_REQUEST, None),
        OidcError::NotLetIn(_) => (StatusCode::FORBIDDEN, None),
        OidcError::Account(AccountError::Throttled { seconds }) => {
            (StatusCode::TOO_MANY_REQUESTS, Some(*seconds))
        }
        OidcError::Account(_) => {
            return Err(match error {
                OidcError::Account(AccountError::Store(error)) => error.into(),
                other => Failure::Internal(other.to_string()),
            });
        }
    };
    let why = show::sentence(&error.to_string());
    let page = sign_in::refused(web, "", next, why, status).await?;
    Ok(sign_in::waiting(page, wait))
}
