//! Which requests of a page are answered, and how an answer is handed over.

use serde_json::{Value, json};
use url::Url;

use crate::definition::render::Render;
use crate::fetch::{Exchange, base64};
use crate::target::TargetKind;

/// Headers of an answer that a page may see. None of them makes the browser
/// ask for something, go elsewhere, save or remember.
const PASSED: [&str; 13] = [
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "content-language",
    "content-security-policy",
    "content-type",
    "cross-origin-resource-policy",
    "etag",
    "last-modified",
    "referrer-policy",
    "x-content-type-options",
];

/// A request that waits at `Fetch.requestPaused`.
pub(super) struct Paused {
    pub id: String,
    pub url: String,
    method: String,
    kind: String,
    frame: String,
}

/// What is done with a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ruling {
    /// It is the page itself, which is there already.
    Page,
    /// It is fetched, as this kind of target.
    Fetch(TargetKind, Url),
    /// It is not.
    Refuse(&'static str),
}

impl Paused {
    pub(super) fn read(params: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            id: text(&params["requestId"]),
            url: text(&params["request"]["url"]),
            method: text(&params["request"]["method"]),
            kind: text(&params["resourceType"]),
            frame: text(&params["frameId"]),
        }
    }

    /// Whether it is the same for all pages: a script or a style, no data.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self.kind.as_str(), "Script" | "Stylesheet")
    }

    /// `main` is the page's main frame; `given` whether it has its page.
    pub(super) fn rule(&self, how: &Render, main: &str, given: bool) -> Ruling {
        let of_the_page = self.kind == "Document" && self.frame == main;
        if of_the_page && given {
            return Ruling::Refuse("the page wants to go elsewhere");
        }
        if self.method != "GET" {
            return Ruling::Refuse("only GET is answered");
        }
        if of_the_page {
            return Ruling::Page;
        }
        let Ok(url) = Url::parse(&self.url) else {
            return Ruling::Refuse("it is no URL");
        };
        match self.kind.as_str() {
            "Document" | "Script" | "Stylesheet" | "XHR" | "Fetch" => {
                Ruling::Fetch(TargetKind::Item, url)
            }
            "Image" if how.screenshot => Ruling::Fetch(TargetKind::Image, url),
            "Font" if how.screenshot => Ruling::Fetch(TargetKind::Item, url),
            "Image" | "Font" => Ruling::Refuse("only a screenshot needs pictures and fonts"),
            _ => Ruling::Refuse("this kind of request is never answered"),
        }
    }
}

/// The parameters of `Fetch.failRequest`. An aborted navigation leaves the
/// page where it is.
pub(super) fn refusal(id: &str) -> Value {
    json!({ "requestId": id, "errorReason": "Aborted" })
}

/// The parameters of `Fetch.fulfillRequest`.
pub(super) fn fulfilment(id: &str, exchange: &Exchange) -> Value {
    let headers: Vec<Value> = exchange
        .headers
        .iter()
        .filter(|(name, _)| PASSED.contains(&name.as_str()))
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    json!({
        "requestId": id,
        "responseCode": exchange.status,
        "responseHeaders": headers,
        "body": base64(&exchange.body),
    })
}
