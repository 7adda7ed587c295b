//! Signing in and out.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;

use super::failure::Failure;
use super::session::{self, Peer, Posted, address_of, cookie, is_local, owing_cookie, token};
use super::{Shared, Web, assets, show};
use crate::accounts::oidc::{self, Provider};
use crate::accounts::second::{self, Passed};
use crate::accounts::{AccountError, token_hash};

/// In the address: somebody is signed out whom the provider had vouched for.
const BY_PROVIDER: &str = "provider";

#[derive(Default, Template)]
#[template(path = "web/templates/sign_in.html")]
struct SignInPage<'a> {
    version: &'a str,
    name: &'a str,
    next: &'a str,
    error: Option<String>,
    signed_out: bool,
    /// Where a session that the provider began ends there too.
    sign_out_there: Option<String>,
    /// Nobody can sign in yet.
    no_users: bool,
    /// What stands on the button of the OpenID provider.
    provider: Option<&'a str>,
    /// Whether others than administrators sign in by a password.
    passwords: bool,
}

impl SignInPage<'_> {
    fn to_provider(&self) -> String {
        format!("/sign-in/oidc?{}", show::query(&[("next", self.next)]))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SignInQuery {
    next: String,
    signed_out: Option<String>,
}

async fn render(web: &Web, page: SignInPage<'_>, status: StatusCode) -> Result<Response, Failure> {
    let html = SignInPage {
        version: assets::version(),
        no_users: web.app.store.users().await?.is_empty(),
        provider: web.provider.as_ref().map(Provider::label),
        passwords: web.app.config.server.password_sign_in,
        ..page
    };
    Ok((status, Html(html.render()?)).into_response())
}

/// The page again, with why nobody was signed in.
pub(super) async fn refused(
    web: &Web,
    name: &str,
    next: &str,
    why: String,
    status: StatusCode,
) -> Result<Response, Failure> {
    let page = SignInPage {
        name,
        next,
        error: Some(why),
        ..SignInPage::default()
    };
    render(web, page, status).await
}

/// `next`, when it leads to a page of ours, else the queue.
pub(super) fn local_or_home(next: &str) -> &str {
    if is_local(next) { next } else { "/" }
}

pub(super) async fn form(
    State(web): Shared,
    Query(query): Query<SignInQuery>,
) -> Result<Response, Failure> {
    let page = SignInPage {
        next: local_or_home(&query.next),
        signed_out: query.signed_out.is_some(),
        // Nothing of it comes out of the address.
        sign_out_there: match (&web.provider, query.signed_out.as_deref()) {
            (Some(provider), Some(BY_PROVIDER)) => {
                let to = oidc::sign_out(&web.app, provider).await;
                to.map(String::from)
            }
            _ => None,
        },
        ..SignInPage::default()
    };
    render(&web, page, StatusCode::OK).await
}

pub(super) async fn submit(
    State(web): Shared,
    peer: Peer,
    request: Request,
) -> Result<Response, Failure> {
    let address = address_of(peer);
    let before = token(&web, request.headers());
    let browser = browser(request.headers());
    let fields = session::read_form(request, &web).await?;
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let next = local_or_home(field("next"));
    let (name, password) = (field("name"), field("password"));
    match second::begin(&web.app, name, password, &address, &browser).await {
        Ok(passed) => self::passed(&web, passed, before, next).await,
        Err(error) => {
            let (status, wait) = match &error {
                AccountError::WrongCredentials => (StatusCode::UNAUTHORIZED, None),
                AccountError::NoPasswords => (StatusCode::FORBIDDEN, None),
                AccountError::Throttled { seconds } => {
                    (StatusCode::TOO_MANY_REQUESTS, Some(*seconds))
                }
                AccountError::Store(_)
                | AccountError::Hash(_)
                | AccountError::WrongCode
                | AccountError::TooLate
                | AccountError::TooShort
                | AccountError::TooLong => {
                    return Err(match error {
                        AccountError::Store(error) => error.into(),
                        other => Failure::Internal(other.to_string()),
                    });
                }
            };
            let why = show::sentence(&error.to_string());
            let page = refused(&web, field("name"), next, why, status).await?;
            Ok(waiting(page, wait))
        }
    }
}

/// What follows for somebody who has proven who they are.
pub(super) async fn passed(
    web: &Web,
    passed: Passed,
    before: Option<String>,
    next: &str,
) -> Result<Response, Failure> {
    match passed {
        Passed::OwesCode { token, .. } => {
            let jar = CookieJar::new().add(owing_cookie(web, Some(token)));
            let query = show::query(&[("next", next)]);
            let to = format!("/sign-in/code?{query}");
            Ok((jar, Redirect::to(&to)).into_response())
        }
        Passed::SignedIn(signed_in) => {
            // A browser has one session: the one before ends.
            if let Some(before) = before {
                web.app.store.end_session(&token_hash(&before)).await?;
            }
            let jar = CookieJar::new().add(cookie(web, Some(signed_in.token)));
            Ok((jar, Redirect::to(next)).into_response())
        }
    }
}

#[derive(Template)]
#[template(path = "web/templates/sign_in_code.html")]
struct CodePage<'a> {
    version: &'a str,
    next: &'a str,
    error: Option<String>,
}

/// Asks for the code that is owed.
pub(super) async fn code_form(Query(query): Query<SignInQuery>) -> Result<Response, Failure> {
    let page = CodePage {
        version: assets::version(),
        next: local_or_home(&query.next),
        error: None,
    };
    Ok(Html(page.render()?).into_response())
}

/// Takes the code that is owed: the session begins.
pub(super) async fn code(
    State(web): Shared,
    peer: Peer,
    request: Request,
) -> Result<Response, Failure> {
    let address = address_of(peer);
    let browser = browser(request.headers());
    let before = token(&web, request.headers());
    let owing = session::owing(&web, request.headers()).unwrap_or_default();
    let fields = session::read_form(request, &web).await?;
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let next = local_or_home(field("next"));
    match second::give_code(&web.app, &owing, field("code"), &address, &browser).await {
        Ok(signed_in) => {
            let response = passed(&web, Passed::SignedIn(signed_in), before, next).await?;
            let jar = CookieJar::new().add(owing_cookie(&web, None));
            Ok((jar, response).into_response())
        }
        Err(AccountError::TooLate) => {
            let query = show::query(&[("next", next)]);
            Ok(Redirect::to(&format!("/sign-in?{query}")).into_response())
        }
        Err(AccountError::Store(error)) => Err(error.into()),
        Err(error @ AccountError::Hash(_)) => Err(Failure::Internal(error.to_string())),
        Err(error) => {
            let (status, wait) = match &error {
                AccountError::Throttled { seconds } => {
                    (StatusCode::TOO_MANY_REQUESTS, Some(*seconds))
                }
                _ => (StatusCode::UNAUTHORIZED, None),
            };
            let page = CodePage {
                version: assets::version(),
                next,
                error: Some(show::sentence(&error.to_string())),
            };
            let response = (status, Html(page.render()?)).into_response();
            Ok(waiting(response, wait))
        }
    }
}

/// An answer that says after how many seconds to try again, where that is known.
pub(super) fn waiting(mut response: Response, wait: Option<i64>) -> Response {
    if let Some(seconds) = wait {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// What a browser calls itself, as far as a list of sessions has room for it.
pub(super) fn browser(headers: &HeaderMap) -> String {
    let said = headers.get(header::USER_AGENT);
    let said = said.and_then(|value| value.to_str().ok());
    said.unwrap_or_default().chars().take(200).collect()
}

pub(super) async fn sign_out(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    _posted: Posted,
) -> Result<Response, Failure> {
    let issuer = match token(&web, &headers) {
        Some(token) => web.app.store.end_session(&token_hash(&token)).await?,
        None => None,
    };
    let jar = CookieJar::new().add(cookie(&web, None));
    // The provider is offered by a link: a form of ours leads nowhere else, by a redirect
    // neither.
    let by_provider = web
        .provider
        .as_ref()
        .is_some_and(|provider| provider.is(issuer.as_deref()));
    let word = if by_provider { BY_PROVIDER } else { "1" };
    let to = format!("/sign-in?signed_out={word}");
    Ok((jar, Redirect::to(&to)).into_response())
}
