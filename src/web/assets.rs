//! Styles, scripts and icons, compiled into the program.
//!
//! Their addresses carry a hash of all of them, so that a browser may keep them
//! for ever and still sees a new version at once.

use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::failure::Failure;
use crate::blobs::sha256_hex;

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const FOREVER: &str = "public, max-age=31536000, immutable";

/// (name, type, content)
const FILES: [(&str, &str, &str); 13] = [
    ("app.css", CSS, include_str!("static/app.css")),
    ("pages.css", CSS, include_str!("static/pages.css")),
    ("house.css", CSS, include_str!("static/house.css")),
    ("takedown.css", CSS, include_str!("static/takedown.css")),
    ("takedown.js", JS, include_str!("static/takedown.js")),
    ("app.js", JS, include_str!("static/app.js")),
    ("review.css", CSS, include_str!("static/review.css")),
    ("compare.js", JS, include_str!("static/compare.js")),
    ("review.js", JS, include_str!("static/review.js")),
    ("queue.js", JS, include_str!("static/queue.js")),
    ("case.js", JS, include_str!("static/case.js")),
    ("find.js", JS, include_str!("static/find.js")),
    ("scans.js", JS, include_str!("static/scans.js")),
];
const ICON: &str = include_str!("static/icon.svg");

/// The version to put behind an asset's address.
pub(super) fn version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let all: String = FILES.iter().map(|(_, _, content)| *content).collect();
        sha256_hex(all.as_bytes())[..12].to_owned()
    })
}

pub(super) async fn serve(Path(name): Path<String>) -> Result<Response, Failure> {
    FILES
        .iter()
        .find(|(file, ..)| *file == name)
        .map(|(_, kind, content)| {
            let headers = [
                (header::CONTENT_TYPE, *kind),
                (header::CACHE_CONTROL, FOREVER),
            ];
            (headers, *content).into_response()
        })
        .ok_or_else(|| Failure::NotFound("there is no such file".to_owned()))
}

pub(super) async fn favicon() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "public, max-age=86400"),
    ];
    (headers, ICON).into_response()
}
