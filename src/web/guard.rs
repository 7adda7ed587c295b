//! What every request passes through: the check that it comes from our own
//! pages, the headers every answer carries, and errors turned into pages.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Web;
use super::api::BASE;
use super::failure::Failure;

/// No inline script or style, nothing from another host, no framing.
pub(super) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    form-action 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Whether a script asked rather than a person: it wants JSON and no redirect.
pub(super) fn wants_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.starts_with("application/json"))
}

pub(super) async fn guard(request: Request, next: Next) -> Response {
    let json = wants_json(request.headers());
    let api = request.uri().path().starts_with(BASE);
    let mut response = if is_safe(request.method()) || is_ours(request.headers()) {
        next.run(request).await
    } else {
        Failure::Forbidden(
            "this request came from another site; open the page here and try again".to_owned(),
        )
        .into_response()
    };
    let failure = match response.extensions_mut().remove::<Failure>() {
        Some(failure) => Some(failure),
        None => is_bare_refusal(&response).then(|| Failure::Refused(response.status())),
    };
    if let Some(failure) = failure {
        // What a library below said of the methods that there are is kept.
        let allow = response.headers_mut().remove(header::ALLOW);
        response = match api {
            true => failure.problem(),
            false => failure.render(json),
        };
        if let Some(allow) = allow {
            response.headers_mut().insert(header::ALLOW, allow);
        }
    }
    let headers = response.headers_mut();
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(POLICY));
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), microphone=(), geolocation=()",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Whether a library below refused the request in its own words.
fn is_bare_refusal(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let status = response.status();
    (status.is_client_error() || status == StatusCode::SERVICE_UNAVAILABLE)
        && kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"))
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// Whether a browser says that one of our own pages sent this. A program that
/// says nothing passes: it carries no cookie it was not given.
fn is_ours(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text("host")) {
        (None, _) => true,
        (Some(origin), Some(host)) => origin
            .split_once("://")
            .is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host)),
        (Some(_), None) => false,
    }
}

/// Says that the server runs and its database can be read.
pub(super) async fn health(State(web): State<Arc<Web>>) -> Result<&'static str, Failure> {
    web.app.store.catalog_version().await?;
    Ok("ok\n")
}

pub(super) async fn nothing_here() -> Failure {
    Failure::NotFound("there is no page at this address".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    header::HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn a_post_from_another_site_is_told_by_its_headers() {
        let host = ("host", "127.0.0.1:8080");
        assert!(is_ours(&headers(&[host])));
        assert!(is_ours(&headers(&[
            host,
            ("origin", "http://127.0.0.1:8080")
        ])));
        assert!(is_ours(&headers(&[("sec-fetch-site", "same-origin")])));
        assert!(!is_ours(&headers(&[
            host,
            ("origin", "http://evil.example")
        ])));
        assert!(!is_ours(&headers(&[host, ("origin", "null")])));
        assert!(!is_ours(&headers(&[("sec-fetch-site", "cross-site")])));
        assert!(!is_ours(&headers(&[("sec-fetch-site", "same-site")])));
    }
}
