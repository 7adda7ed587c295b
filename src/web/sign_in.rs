//! Signing in and out.

use std::net::SocketAddr;
use std::sync::Arc;

use askama::Template;
use axum::extract::{ConnectInfo, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;

use super::failure::Failure;
use super::session::{self, Posted, cookie, is_local, token};
use super::{Shared, Web, assets, show};
use crate::accounts::{AccountError, authenticate, start_session, token_hash};

#[derive(Template)]
#[template(path = "web/templates/sign_in.html")]
struct SignInPage<'a> {
    version: &'a str,
    name: &'a str,
    next: &'a str,
    error: Option<String>,
    signed_out: bool,
    /// Nobody can sign in yet.
    no_users: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SignInQuery {
    next: String,
    signed_out: Option<String>,
}

async fn render(web: &Web, page: SignInPage<'_>, status: StatusCode) -> Result<Response, Failure> {
    let no_users = web.app.store.users().await?.is_empty();
    let html = SignInPage { no_users, ..page }.render()?;
    Ok((status, Html(html)).into_response())
}

/// `next`, when it leads to a page of ours, else the queue.
fn local_or_home(next: &str) -> &str {
    if is_local(next) { next } else { "/" }
}

pub(super) async fn form(
    State(web): Shared,
    Query(query): Query<SignInQuery>,
) -> Result<Response, Failure> {
    let page = SignInPage {
        version: assets::version(),
        name: "",
        next: local_or_home(&query.next),
        error: None,
        signed_out: query.signed_out.is_some(),
        no_users: false,
    };
    render(&web, page, StatusCode::OK).await
}

pub(super) async fn submit(State(web): Shared, request: Request) -> Result<Response, Failure> {
    let address = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or_else(|| "unknown".to_owned(), |peer| peer.0.ip().to_string());
    let before = token(&web, request.headers());
    let browser = browser(request.headers());
    let fields = session::read_form(request, &web).await?;
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let next = local_or_home(field("next"));
    let signed_in = async {
        let user = authenticate(&web.app, field("name"), field("password"), &address).await?;
        start_session(&web.app, &user, &address, &browser).await
    };
    match signed_in.await {
        Ok(signed_in) => {
            // A browser has one session: the one before ends.
            if let Some(before) = before {
                web.app.store.end_session(&token_hash(&before)).await?;
            }
            let jar = CookieJar::new().add(cookie(&web, Some(signed_in.token)));
            Ok((jar, Redirect::to(next)).into_response())
        }
        Err(error) => {
            let (status, wait) = match &error {
                AccountError::WrongCredentials => (StatusCode::UNAUTHORIZED, None),
                AccountError::Throttled { seconds } => {
                    (StatusCode::TOO_MANY_REQUESTS, Some(*seconds))
                }
                AccountError::Store(_)
                | AccountError::Hash(_)
                | AccountError::TooShort
                | AccountError::TooLong => {
                    return Err(match error {
                        AccountError::Store(error) => error.into(),
                        other => Failure::Internal(other.to_string()),
                    });
                }
            };
            let page = SignInPage {
                version: assets::version(),
                name: field("name"),
                next,
                error: Some(show::sentence(&error.to_string())),
                signed_out: false,
                no_users: false,
            };
            let mut response = render(&web, page, status).await?;
            if let Some(seconds) = wait {
                response
                    .headers_mut()
                    .insert(header::RETRY_AFTER, seconds.into());
            }
            Ok(response)
        }
    }
}

/// What a browser calls itself, as far as a list of sessions has room for it.
fn browser(headers: &HeaderMap) -> String {
    let said = headers.get(header::USER_AGENT);
    let said = said.and_then(|value| value.to_str().ok());
    said.unwrap_or_default().chars().take(200).collect()
}

pub(super) async fn sign_out(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    _posted: Posted,
) -> Result<Response, Failure> {
    if let Some(token) = token(&web, &headers) {
        web.app.store.end_session(&token_hash(&token)).await?;
    }
    let jar = CookieJar::new().add(cookie(&web, None));
    Ok((jar, Redirect::to("/sign-in?signed_out=1")).into_response())
}
