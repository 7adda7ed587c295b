//! An HTTP exchange as the database keeps it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use jiff::Timestamp;
use markhound_crawlers::coding;
use markhound_crawlers::fetch::Exchange;
use markhound_crawlers::robots::directives;
use markhound_crawlers::{Target, TargetKind};
use serde::Serialize;
use url::Url;

use super::ScanError;
use super::warc::{Payload, WarcFiles};
use crate::app::App;
use crate::blobs::sha256_hex;
use crate::clock::Millis;
use crate::store::work::{CaptureDraft, WarcPlace};

/// Keeps an exchange, in a WARC file if one is given and its body by its hash, and describes it
/// for the database. This comes before anything is parsed.
pub(super) async fn capture(
    app: &App,
    warc: Option<&WarcFiles>,
    target: &Target,
    exchange: &Exchange,
) -> Result<CaptureDraft, ScanError> {
    let (warc, blob) = written(app, warc, target, exchange).await?;
    Ok(CaptureDraft {
        kind: kind(target.kind).to_owned(),
        url: asked(target),
        final_url: exchange.url.to_string(),
        status: exchange.status,
        request: json(&Asked {
            method: &exchange.method,
            headers: &exchange.request_headers,
            attempts: exchange.attempts,
        }),
        headers: json(&exchange.headers),
        hops: json(&exchange.hops),
        peer: exchange.peer.map(|peer| peer.to_string()),
        blob,
        size: i64::try_from(exchange.body.len()).unwrap_or(i64::MAX),
        fetched_at: Millis::from(exchange.fetched_at),
        warc,
        directives: directives(exchange),
    })
}

/// A request as its capture has it.
#[derive(Serialize)]
struct Asked<'a> {
    method: &'a str,
    headers: &'a [(String, String)],
    attempts: u32,
}

/// Payloads up to so many bytes take less time to pack than to hand to another thread.
const SMALL: usize = 128 * 1024;

/// Writes an exchange, and its body too unless it is that of a page and the record
/// holds it; with the next sync of the WARC file both survive a power cut.
async fn written(
    app: &App,
    warc: Option<&WarcFiles>,
    target: &Target,
    exchange: &Exchange,
) -> Result<(Option<WarcPlace>, String), ScanError> {
    let is_page = target.kind != TargetKind::Image;
    let Some(files) = warc else {
        return Ok((None, keep(app, &exchange.body).await?));
    };
    let payload = files.payload(exchange, is_page).await?;
    let is_recorded = is_page && holds_body(exchange);
    if is_recorded && exchange.raw.len() <= SMALL {
        let place = files.write(exchange, &payload)?;
        return Ok((Some(place), body_digest(exchange, &payload)));
    }
    // Shares the bytes: an exchange holds them by reference.
    let (files, blobs, exchange) = (files.clone(), app.blobs.clone(), exchange.clone());
    let written = tokio::task::spawn_blocking(move || {
        let place = files.write(&exchange, &payload)?;
        let blob = match is_recorded {
            true => body_digest(&exchange, &payload),
            false => blobs.put(&exchange.body)?,
        };
        Ok((Some(place), blob))
    });
    written.await.map_err(|e| ScanError::Task(e.to_string()))?
}

/// The SHA-256 of a body in hexadecimal; that of the payload where it came unpacked.
fn body_digest(exchange: &Exchange, payload: &Payload) -> String {
    match exchange.raw == exchange.body {
        true => payload.sha256_hex().to_owned(),
        false => sha256_hex(&exchange.body),
    }
}

/// Whether what was received, its codings undone, is the body.
fn holds_body(exchange: &Exchange) -> bool {
    coding::content_encoding(&exchange.headers).is_some() || exchange.raw == exchange.body
}

/// Writes an exchange that the database does not describe, such as that with a
/// robots.txt.
pub(super) async fn note(warc: &WarcFiles, exchange: &Exchange) -> Result<(), ScanError> {
    let payload = warc.payload(exchange, true).await?;
    let (warc, exchange) = (warc.clone(), exchange.clone());
    let written = tokio::task::spawn_blocking(move || warc.write(&exchange, &payload));
    written
        .await
        .map_err(|e| ScanError::Task(e.to_string()))??;
    Ok(())
}

/// The URL asked for. What is posted to one URL may differ: its digest then
/// stands behind, as a fragment, which is never sent.
fn asked(target: &Target) -> String {
    let mut url = target.url.clone();
    if let Some(body) = &target.body {
        let digest = sha256_hex(body.as_bytes());
        url.set_fragment(Some(&format!("posted-sha256={digest}")));
    }
    url.to_string()
}

/// What belongs to a rendered page besides the server's answer: all the page
/// was given (`part`), the document it became (`rendered`) and its picture
/// (`screenshot`). Nothing for a page that was not rendered.
pub(super) async fn rendered(
    app: &App,
    warc: Option<&WarcFiles>,
    parts: &Parts,
    target: &Target,
    exchange: &Exchange,
) -> Result<Vec<CaptureDraft>, ScanError> {
    let Some(rendered) = &exchange.rendered else {
        return Ok(Vec::new());
    };
    let mut drafts = Vec::new();
    let (first, again) = (&rendered.exchanges, &rendered.shared);
    let known = again.iter().map(|part| (part, parts.of(part)));
    for (part, known) in first.iter().map(|part| (part, None)).chain(known) {
        let draft = match known {
            Some(draft) => draft,
            None => self::part(app, warc, part).await?,
        };
        if is_shared(part) {
            parts.keep(part, &draft);
        }
        drafts.push(draft);
    }
    let made = [
        ("rendered", "text/html; charset=utf-8", Some(&rendered.dom)),
        ("screenshot", "image/png", rendered.screenshot.as_ref()),
    ];
    for (kind, media_type, bytes) in made {
        let Some(bytes) = bytes else { continue };
        drafts.push(CaptureDraft {
            kind: kind.to_owned(),
            url: target.url.to_string(),
            final_url: exchange.url.to_string(),
            status: exchange.status,
            request: serde_json::json!({
                "browser": rendered.browser,
                "complete": rendered.complete,
            })
            .to_string(),
            headers: json(&[("content-type", media_type)]),
            hops: "[]".to_owned(),
            peer: None,
            blob: keep(app, bytes).await?,
            size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            fetched_at: Millis::from(rendered.at),
            warc: None,
            directives: Vec::new(),
        });
    }
    Ok(drafts)
}

async fn part(
    app: &App,
    warc: Option<&WarcFiles>,
    part: &Exchange,
) -> Result<CaptureDraft, ScanError> {
    let mut draft = capture(app, warc, &Target::item(part.requested.clone()), part).await?;
    "part".clone_into(&mut draft.kind);
    Ok(draft)
}

/// Whether further pages may be given it too.
fn is_shared(part: &Exchange) -> bool {
    let kind = part.content_type().unwrap_or_default();
    ["script", "css"].iter().any(|name| kind.contains(name))
}

/// The captures of scripts and styles, so that an answer which many pages are given is
/// kept once.
#[derive(Default)]
pub(super) struct Parts {
    captures: Mutex<HashMap<(Url, Timestamp), CaptureDraft>>,
}

/// How many of them are remembered.
const MOST_PARTS: usize = 1_000;

impl Parts {
    fn of(&self, exchange: &Exchange) -> Option<CaptureDraft> {
        let captures = self.captures.lock().unwrap_or_else(PoisonError::into_inner);
        captures.get(&name(exchange)).cloned()
    }

    fn keep(&self, exchange: &Exchange, draft: &CaptureDraft) {
        let mut captures = self.captures.lock().unwrap_or_else(PoisonError::into_inner);
        if captures.len() < MOST_PARTS {
            let known = captures.entry(name(exchange));
            known.or_insert_with(|| draft.clone());
        }
    }
}

/// What tells an exchange from others: its URL, and when it was had.
fn name(exchange: &Exchange) -> (Url, Timestamp) {
    (exchange.requested.clone(), exchange.fetched_at)
}

async fn keep(app: &App, bytes: &Bytes) -> Result<String, ScanError> {
    let (blobs, bytes) = (app.blobs.clone(), bytes.clone());
    let blob = tokio::task::spawn_blocking(move || blobs.put(&bytes)).await;
    Ok(blob.map_err(|e| ScanError::Task(e.to_string()))??)
}

/// The word for a kind of target in the database.
pub(super) fn kind(kind: TargetKind) -> &'static str {
    match kind {
        TargetKind::Sitemap => "sitemap",
        TargetKind::List => "list",
        TargetKind::Item => "item",
        TargetKind::Image => "image",
    }
}

/// JSON text; our own types always serialise.
pub(super) fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}
