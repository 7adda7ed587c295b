//! Taking what a page has become: its document, and its picture.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::json;

use super::browser::Tab;
use super::pipe::Trouble;

/// How long a page may take to let itself be read, each time: a long document is
/// laid out first, on a machine that may be busy.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a page that is busy is stopped and asked again.
const TRIES: u32 = 3;
/// How long a screenshot may take.
const SHUTTER: Duration = Duration::from_secs(20);

/// The document, in HTML. `null` where it is longer than the limit.
const DOCUMENT: &str = "(() => {
  const root = document.documentElement;
  const html = root ? root.outerHTML : '';
  const type = document.doctype ? '<!DOCTYPE ' + document.doctype.name + '>' : '';
  return html.length <= LIMIT ? type + html : null;
})()";

/// The document as it stands, in at most about `limit` bytes; none when it is
/// longer. A script that does not end is ended, where `busy` says there may be one.
pub(super) async fn document(
    tab: &Tab,
    limit: usize,
    mut busy: bool,
) -> Result<Option<Bytes>, Trouble> {
    let mut last = Trouble::Stuck("Runtime.evaluate");
    for _ in 0..TRIES {
        if busy {
            drop(tab.post("Runtime.terminateExecution", json!({})));
        }
        match read(tab, limit).await {
            Err(Trouble::Gone) => return Err(Trouble::Gone),
            Err(trouble) => last = trouble,
            Ok(html) => {
                return Ok(html
                    .filter(|html| html.len() <= limit)
                    .map(|html| Bytes::from(html.into_bytes())));
            }
        }
        busy = true;
    }
    Err(last)
}

/// Reads from a world of its own, where the page's scripts have replaced nothing.
async fn read(tab: &Tab, limit: usize) -> Result<Option<String>, Trouble> {
    let world = json!({ "frameId": tab.target, "worldName": "reader" });
    let made = tab
        .call("Page.createIsolatedWorld", world, PATIENCE)
        .await?;
    let script = DOCUMENT.replace("LIMIT", &limit.to_string());
    let evaluate = json!({
        "expression": script,
        "returnByValue": true,
        "contextId": made["executionContextId"],
    });
    let mut answer = tab.call("Runtime.evaluate", evaluate, PATIENCE).await?;
    if answer.get("exceptionDetails").is_some() {
        return Err(Trouble::Refused {
            method: "Runtime.evaluate",
            reason: "the document could not be read".to_owned(),
        });
    }
    match answer["result"]["value"].take() {
        serde_json::Value::String(html) => Ok(Some(html)),
        _ => Ok(None),
    }
}

/// The whole page as a PNG, `width` wide and at most `highest` high; none
/// where the browser could not take it.
pub(super) async fn screenshot(tab: &Tab, width: u32, highest: u32) -> Option<Bytes> {
    let measures = tab
        .call("Page.getLayoutMetrics", json!({}), PATIENCE)
        .await
        .ok()?;
    let height = measures["cssContentSize"]["height"].as_f64()?;
    let height = height.ceil().clamp(1.0, f64::from(highest));
    let shot = json!({
        "format": "png",
        "captureBeyondViewport": true,
        "clip": { "x": 0, "y": 0, "width": width, "height": height, "scale": 1 },
    });
    let shot = tab.call("Page.captureScreenshot", shot, SHUTTER).await;
    match shot {
        Ok(shot) => STANDARD
            .decode(shot["data"].as_str()?)
            .ok()
            .map(Bytes::from),
        Err(error) => {
            tracing::warn!(%error, "no screenshot");
            None
        }
    }
}
