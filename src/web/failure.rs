//! What is answered when something cannot be done.

use askama::Template;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde_json::json;

use super::api::Problem;
use super::show;
use crate::blobs::BlobError;
use crate::store::StoreError;

/// Why a request was not answered as asked. [`super::guard`] makes a page of
/// it, or JSON where a script asked.
#[derive(Debug, Clone)]
pub(super) enum Failure {
    /// The address or what it names is not there.
    NotFound(String),
    /// Signed in, but not allowed to.
    Forbidden(String),
    /// It contradicts what is stored.
    Conflict(String),
    /// The request is not one a page of ours makes.
    BadRequest(String),
    /// JSON, but not what was expected.
    Unprocessable(String),
    /// Nobody is signed in; the address to come back to.
    SignIn(Option<String>),
    /// No token of the API, or one that is not good any more.
    Unauthorized,
    /// Signed in, but a second factor is a must and there is none yet.
    Enrol,
    /// The server's own libraries refused it, such as a form that is too large.
    Refused(StatusCode),
    /// Something broke here. The reason is logged, not shown.
    Internal(String),
}

#[derive(Template)]
#[template(path = "web/templates/failure.html")]
struct FailurePage<'a> {
    version: &'a str,
    title: &'a str,
    message: &'a str,
}

impl Failure {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Unprocessable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::SignIn(_) | Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Enrol => StatusCode::FORBIDDEN,
            Self::Refused(status) => *status,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What went wrong, and in which words it is told.
    fn words(&self) -> (&'static str, &str) {
        match self {
            Self::NotFound(why) => ("Not found", why.as_str()),
            Self::Forbidden(why) => ("Not allowed", why.as_str()),
            Self::Conflict(why) => ("This cannot be done now", why.as_str()),
            Self::BadRequest(why) => ("This request makes no sense here", why.as_str()),
            Self::Unprocessable(why) => ("Not what was expected", why.as_str()),
            Self::Unauthorized => (
                "No token that is good",
                "send `Authorization: Bearer` with a personal token; make one on your account's page or with `markhound token add`",
            ),
            Self::Enrol => (
                "A second factor is a must",
                "set up a second factor on your account's page first",
            ),
            Self::SignIn(_) => ("Signed out", "your session has ended; sign in again"),
            Self::Refused(StatusCode::PAYLOAD_TOO_LARGE) => {
                ("Too much", "what was sent is larger than any form here")
            }
            Self::Refused(StatusCode::METHOD_NOT_ALLOWED) => (
                "Not that way",
                "this address does not answer to this method",
            ),
            Self::Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE) => (
                "Not in this form",
                "send what the description of the API says, mostly application/json, and say so in Content-Type",
            ),
            Self::Refused(StatusCode::SERVICE_UNAVAILABLE) => (
                "Took too long",
                "the server could not answer in time; try again in a moment",
            ),
            Self::Refused(_) => (
                "This request makes no sense here",
                "the address or the form is not one that this page makes",
            ),
            Self::Internal(why) => {
                tracing::error!(error = why, "a request failed");
                (
                    "Something broke",
                    "the server could not finish this; its log says why. Nothing was changed",
                )
            }
        }
    }

    /// As `application/problem+json`, for a program.
    pub(super) fn problem(&self) -> Response {
        let status = self.status();
        let (title, detail) = self.words();
        let problem = Problem {
            kind: "about:blank",
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.to_owned(),
        };
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }

    pub(super) fn render(&self, json: bool) -> Response {
        let status = self.status();
        let (title, message) = self.words();
        if json {
            return (status, Json(json!({ "error": message }))).into_response();
        }
        if let Self::SignIn(next) = self {
            let to = match next {
                Some(next) => format!("/sign-in?{}", show::query(&[("next", next)])),
                None => "/sign-in".to_owned(),
            };
            return Redirect::to(&to).into_response();
        }
        if matches!(self, Self::Enrol) {
            return Redirect::to("/account/second-factor").into_response();
        }
        let page = FailurePage {
            version: super::assets::version(),
            title,
            message,
        };
        let html = page.render().unwrap_or_else(|_| title.to_owned());
        (status, Html(html)).into_response()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound { .. } => Self::NotFound(error.to_string()),
            StoreError::Conflict(why) => Self::Conflict(why),
            // These say what to do, and a reviewer may be the one to do it.
            StoreError::DiskFull | StoreError::ReadOnly | StoreError::Locked => {
                Self::Conflict(error.to_string())
            }
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<BlobError> for Failure {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::BadName(_) => Self::NotFound("there is no such picture".to_owned()),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        Self::Internal(format!("cannot write the page: {error}"))
    }
}
