//! What a program sends: JSON bodies and queries, refused in plain words.

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use serde::de::DeserializeOwned;

use super::super::Web;
use super::super::failure::Failure;
use crate::store::cases::QueueCursor;

/// Entries of a page unless somebody says.
const USUAL: u32 = 50;
/// The most entries of a page.
const MOST: u32 = 200;

/// What a request says its body is, in small letters and without parameters.
fn media_type(request: &Request) -> String {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.to_ascii_lowercase()
}

/// A JSON body.
pub(in super::super) struct Json<T>(pub(in super::super) T);

impl<T: DeserializeOwned> FromRequest<Arc<Web>> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, web: &Arc<Web>) -> Result<Self, Failure> {
        if media_type(&request) != "application/json" {
            return Err(Failure::Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let bytes = Bytes::from_request(request, web)
            .await
            .map_err(|_| Failure::Refused(StatusCode::PAYLOAD_TOO_LARGE))?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| match error.is_data() {
                true => Failure::Unprocessable(error.to_string()),
                false => Failure::BadRequest(format!("the body is no JSON: {error}")),
            })
    }
}

/// A body of bytes, at most `MOST` of them; read only once it is known who sends it.
pub(in super::super) struct Raw<const MOST: usize>(Body);

impl<const MOST: usize> FromRequest<Arc<Web>> for Raw<MOST> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &Arc<Web>) -> Result<Self, Failure> {
        let kind = media_type(&request);
        if kind != "application/octet-stream" && !kind.starts_with("image/") {
            return Err(Failure::Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        Ok(Self(request.into_body()))
    }
}

impl<const MOST: usize> Raw<MOST> {
    /// All of it.
    pub(in super::super) async fn bytes(self) -> Result<Vec<u8>, Failure> {
        let bytes = to_bytes(self.0, MOST)
            .await
            .map_err(|_| Failure::Refused(StatusCode::PAYLOAD_TOO_LARGE))?;
        match bytes.is_empty() {
            true => Err(Failure::Unprocessable("the body is empty".to_owned())),
            false => Ok(bytes.into()),
        }
    }
}

/// The query of an address.
pub(in super::super) struct Asked<T>(pub(in super::super) T);

impl<T: DeserializeOwned> FromRequestParts<Arc<Web>> for Asked<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Web>) -> Result<Self, Failure> {
        Query::<T>::try_from_uri(&parts.uri)
            .map(|query| Self(query.0))
            .map_err(|error| Failure::BadRequest(error.to_string()))
    }
}

/// How many entries a page has.
pub(in super::super) fn limit(asked: Option<u32>) -> Result<u32, Failure> {
    match asked.unwrap_or(USUAL) {
        limit @ 1..=MOST => Ok(limit),
        _ => Err(Failure::BadRequest(format!("limit must be 1 to {MOST}"))),
    }
}

/// Where a page goes on: the number of the last entry before it.
pub(in super::super) fn after(cursor: Option<&str>) -> Result<Option<i64>, Failure> {
    cursor
        .map(|cursor| {
            let digits = !cursor.is_empty() && cursor.bytes().all(|b| b.is_ascii_digit());
            cursor.parse().ok().filter(|_| digits).ok_or_else(not_ours)
        })
        .transpose()
}

/// Where a page of the queue goes on.
pub(in super::super) fn queue_cursor(cursor: Option<&str>) -> Result<Option<QueueCursor>, Failure> {
    cursor
        .map(|cursor| {
            let fits = |digits: &str, most: usize| {
                (1..=most).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
            };
            let (value, id) = cursor.split_once(':').ok_or_else(not_ours)?;
            let (whole, part) = value.split_once('.').unwrap_or((value, "0"));
            let known = fits(whole, 14) && fits(part, 24) && fits(id, 18);
            super::super::filter::cursor(cursor)
                .filter(|_| known)
                .ok_or_else(not_ours)
        })
        .transpose()
}

pub(in super::super) fn not_ours() -> Failure {
    Failure::BadRequest("the cursor is not one of this list; leave it out to begin".to_owned())
}

/// A text of at most so many characters.
pub(in super::super) fn bounded(name: &str, text: &str, most: usize) -> Result<(), Failure> {
    if text.chars().count() > most {
        return Err(Failure::Unprocessable(format!(
            "{name} has more than {most} characters"
        )));
    }
    if text.contains('\0') {
        return Err(Failure::Unprocessable(format!(
            "{name} contains the character U+0000"
        )));
    }
    Ok(())
}
