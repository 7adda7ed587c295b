//! What is answered when something cannot be done.

use askama::Template;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde_json::json;

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
    /// Nobody is signed in; the address to come back to.
    SignIn(Option<String>),
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
            Self::SignIn(_) => StatusCode::UNAUTHORIZED,
            Self::Refused(status) => *status,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(super) fn render(&self, json: bool) -> Response {
        let status = self.status();
        let (title, message) = match self {
            Self::NotFound(why) => ("Not found", why.as_str()),
            Self::Forbidden(why) => ("Not allowed", why.as_str()),
            Self::Conflict(why) => ("This cannot be done now", why.as_str()),
            Self::BadRequest(why) => ("This request makes no sense here", why.as_str()),
            Self::SignIn(_) => ("Signed out", "your session has ended; sign in again"),
            Self::Refused(StatusCode::PAYLOAD_TOO_LARGE) => {
                ("Too much", "what was sent is larger than any form here")
            }
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
        };
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
