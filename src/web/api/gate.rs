//! Who asks by the API, and requests that come with a key of their sender's choice.

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::super::Web;
use super::super::failure::Failure;
use super::super::find;
use super::super::session::Viewer;
use super::{BASE, MOST_BYTES};
use crate::accounts::token::{Scope, is_token};
use crate::accounts::{Role, token_hash};
use crate::app::App;
use crate::blobs::sha256_hex;
use crate::store::Store;
use crate::store::tokens::Bearer;

/// The header by which a request is told from the same one sent again.
const KEY: &str = "idempotency-key";
/// Says that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The most characters of such a key.
const MAX_KEY: usize = 200;
/// The largest answer that is kept; none to a POST comes near it.
const MAX_KEPT: usize = 16 << 20;

/// The program behind a request, and the person whose token it bears.
#[derive(Debug, Clone)]
pub(in super::super) struct Caller {
    pub(super) viewer: Viewer,
    bearer: Bearer,
}

impl Caller {
    /// Refuses a token that is not for this, or whose owner may not do it.
    pub(super) fn must(&self, scope: Scope, role: Role, what: &str) -> Result<(), Failure> {
        if !self.bearer.has(scope) {
            return Err(Failure::Forbidden(format!(
                "this token may not {what}: it lacks the scope {scope}"
            )));
        }
        self.viewer.must_be(role, what)
    }

    pub(super) fn must_read(&self) -> Result<(), Failure> {
        self.must(Scope::Read, Role::Viewer, "read")
    }

    /// What the token may be used for.
    pub(super) fn scopes(&self) -> Vec<String> {
        let all = Scope::ALL
            .into_iter()
            .filter(|scope| self.bearer.has(*scope));
        all.map(|scope| scope.to_string()).collect()
    }

    pub(super) fn name(&self) -> &str {
        &self.viewer.name
    }

    pub(super) fn app(&self, web: &Web) -> App {
        self.viewer.app(web)
    }

    pub(super) fn store(&self, web: &Web) -> Store {
        self.viewer.store(web)
    }
}

impl FromRequestParts<Arc<Web>> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Failure> {
        match parts.extensions.get::<Self>() {
            Some(caller) => Ok(caller.clone()),
            None => bearer(web, &parts.headers).await,
        }
    }
}

/// Whose token the request bears.
async fn bearer(web: &Web, headers: &HeaderMap) -> Result<Caller, Failure> {
    let given = headers.get(header::AUTHORIZATION);
    let given = given.and_then(|value| value.to_str().ok());
    let token = given.and_then(|given| {
        let (kind, token) = given.split_once(' ')?;
        kind.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let token = token
        .filter(|token| is_token(token))
        .ok_or(Failure::Unauthorized)?;
    let found = web.app.store.bearer(&token_hash(token)).await?;
    let bearer = found.ok_or(Failure::Unauthorized)?;
    Ok(Caller {
        viewer: Viewer::bearing(&bearer),
        bearer,
    })
}

/// Passes requests of the API on, once they are known to come from somebody; those
/// with a key once, after which the same answer is given again.
pub(in super::super) async fn gate(
    State(web): State<Arc<Web>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    if !path.starts_with(BASE) || is_open(path) {
        return next.run(request).await;
    }
    match pass(&web, request, next).await {
        Ok(response) => response,
        Err(failure) => failure.into_response(),
    }
}

/// Whether an address answers to anybody.
fn is_open(path: &str) -> bool {
    matches!(path.strip_prefix(BASE), Some("openapi.json" | "docs"))
}

async fn pass(web: &Arc<Web>, mut request: Request, next: Next) -> Result<Response, Failure> {
    let caller = bearer(web, request.headers()).await?;
    let user = caller.viewer_id();
    request.extensions_mut().insert(caller);
    let key = request.headers().get(KEY).cloned();
    let path = request.uri().path();
    // A packet is larger than any answer that is kept.
    let once = request.method() == Method::POST && !path.ends_with("/packet");
    let (Some(key), true) = (key, once) else {
        return Ok(next.run(request).await);
    };
    let most = match path.ends_with("/photos") || path.ends_with("/find") {
        true => find::MOST_BYTES,
        false => MOST_BYTES,
    };
    let key = key
        .to_str()
        .ok()
        .filter(|key| {
            let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
            !key.is_empty() && key.len() <= MAX_KEY && visible
        })
        .ok_or_else(|| {
            Failure::BadRequest(format!(
                "Idempotency-Key must be 1 to {MAX_KEY} visible characters"
            ))
        })?
        .to_owned();
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, most)
        .await
        .map_err(|_| Failure::Refused(StatusCode::PAYLOAD_TOO_LARGE))?;
    let mut asked = format!("{} {}\n", parts.method, parts.uri).into_bytes();
    asked.extend_from_slice(&body);
    let asked = sha256_hex(&asked);
    let store = &web.app.store;
    if let Some(before) = store.begin_once(user, &key, &asked).await? {
        if before.request != asked {
            return Err(Failure::Conflict(
                "this Idempotency-Key came with another request before; use a new one".to_owned(),
            ));
        }
        let status = before.status.and_then(|s| u16::try_from(s).ok());
        let status = status.and_then(|s| StatusCode::from_u16(s).ok());
        let Some(status) = status else {
            return Err(Failure::Conflict(
                "the request with this Idempotency-Key is still under way; try again in a moment"
                    .to_owned(),
            ));
        };
        return Ok(replayed(status, before.kind, before.body));
    }
    let request = Request::from_parts(parts, Body::from(body));
    // A client that hangs up ends its own request only: what was begun with a key goes
    // on, so that the same key is answered and not done again.
    tokio::spawn(do_once(store.clone(), user, key, request, next))
        .await
        .unwrap_or_else(|error| Err(Failure::Internal(error.to_string())))
}

/// Does what a request with a key asks for, and keeps the answer.
async fn do_once(
    store: Store,
    user: i64,
    key: String,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let (response, kept) = match answer(next.run(request).await).await {
        Ok((response, kept)) => (Ok(response), kept),
        Err(failure) => (Err(failure), None),
    };
    let kept = kept.as_ref().map(|(s, kind, body)| (*s, &**kind, &**body));
    store.end_once(user, &key, kept).await?;
    response
}

type Kept = Option<(u16, String, Bytes)>;

/// An answer, and what is kept of it: nothing of one that failed on our side, so that
/// it can be asked again.
async fn answer(mut response: Response) -> Result<(Response, Kept), Failure> {
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        response = failure.problem();
    }
    let status = response.status();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, MAX_KEPT)
        .await
        .map_err(|error| Failure::Internal(error.to_string()))?;
    let kind = parts.headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok());
    let kept = (!status.is_server_error()).then(|| {
        let kind = kind.unwrap_or("application/json").to_owned();
        (status.as_u16(), kind, body.clone())
    });
    Ok((Response::from_parts(parts, Body::from(body)), kept))
}

fn replayed(status: StatusCode, kind: Option<String>, body: Option<Vec<u8>>) -> Response {
    let kind = kind.and_then(|kind| HeaderValue::from_str(&kind).ok());
    let kind = kind.unwrap_or(HeaderValue::from_static("application/json"));
    let headers = [
        (header::CONTENT_TYPE, kind),
        (REPLAYED, HeaderValue::from_static("true")),
    ];
    (status, headers, body.unwrap_or_default()).into_response()
}

impl Caller {
    fn viewer_id(&self) -> i64 {
        self.bearer.user_id
    }
}
