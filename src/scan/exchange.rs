//! An HTTP exchange as the database keeps it.

use markhound_crawlers::fetch::Exchange;
use markhound_crawlers::robots::directives;
use markhound_crawlers::{Target, TargetKind};
use serde::Serialize;

use super::ScanError;
use super::warc::WarcFiles;
use crate::app::App;
use crate::clock::Millis;
use crate::store::work::CaptureDraft;

/// Keeps an exchange, in a WARC file if one is given and its body by its hash, and describes it
/// for the database. This comes before anything is parsed.
pub(super) async fn capture(
    app: &App,
    warc: Option<&WarcFiles>,
    target: &Target,
    exchange: &Exchange,
) -> Result<CaptureDraft, ScanError> {
    let warc = match warc {
        Some(files) => Some(files.write(exchange).await?),
        None => None,
    };
    let (blobs, body) = (app.blobs.clone(), exchange.body.clone());
    let blob = tokio::task::spawn_blocking(move || blobs.put(&body))
        .await
        .map_err(|e| ScanError::Task(e.to_string()))??;
    Ok(CaptureDraft {
        kind: kind(target.kind).to_owned(),
        url: asked(target),
        final_url: exchange.url.to_string(),
        status: exchange.status,
        request: serde_json::json!({
            "method": exchange.method,
            "headers": exchange.request_headers,
            "attempts": exchange.attempts,
        })
        .to_string(),
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

/// The URL asked for. What is posted to one URL may differ: its digest then
/// stands behind, as a fragment, which is never sent.
fn asked(target: &Target) -> String {
    let mut url = target.url.clone();
    if let Some(body) = &target.body {
        let digest = crate::blobs::sha256_hex(body.as_bytes());
        url.set_fragment(Some(&format!("posted-sha256={digest}")));
    }
    url.to_string()
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
