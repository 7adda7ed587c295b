//! HAR 1.2 (HTTP Archive), as browsers' developer tools and proxies export it.

mod elements;

use std::io::Read;
use std::ops::ControlFlow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use url::Url;

use elements::{Element, Elements};

use super::{Each, ImportOptions, Reporter};
use crate::capture::error::{Problem, malformed};
use crate::capture::exchange::Captured;
use crate::capture::http::shortened;

/// Base64 and escapes together at most double the content; an entry has headers
/// besides.
const AROUND: usize = 1 << 20;

/// The entries of a HAR file, each read alone.
pub(super) fn import(
    source: impl Read,
    name: &str,
    options: &ImportOptions,
    each: &mut Each<'_>,
) -> ControlFlow<()> {
    let limits = &options.limits;
    let mut report = Reporter::new(name, limits, each);
    let largest = limits.record_bytes.saturating_mul(2).saturating_add(AROUND);
    let mut elements = Elements::new(source.take(limits.file_bytes), largest);
    match elements.find() {
        Ok(true) => {}
        Ok(false) => {
            let problem = malformed("it has no log.entries: it is no HAR");
            return report.problem(name.to_owned(), problem);
        }
        Err(problem) => return report.problem(report.place(), problem),
    }
    loop {
        let entry = match elements.next_element() {
            Ok(None) => return ControlFlow::Continue(()),
            Err(problem) => return report.problem(report.place(), problem),
            Ok(Some(Element::TooLarge)) => Err(Problem::TooLarge {
                what: "the entry",
                limit: limits.record_bytes as u64,
            }),
            Ok(Some(Element::Kept(mut bytes))) => {
                mend_utf8(&mut bytes);
                let text = std::str::from_utf8(&bytes).unwrap_or_default();
                captured(text, report.place(), limits.record_bytes)
            }
        };
        report.entry(entry)?;
    }
}

/// Puts a question mark in the place of each byte that is no UTF-8.
fn mend_utf8(bytes: &mut [u8]) {
    let mut at = 0;
    while let Err(error) = std::str::from_utf8(&bytes[at..]) {
        let begin = at + error.valid_up_to();
        at = error
            .error_len()
            .map_or(bytes.len(), |length| begin + length);
        bytes[begin..at].fill(b'?');
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    started_date_time: Option<String>,
    request: Request,
    response: Response,
    #[serde(rename = "serverIPAddress")]
    server_ip_address: Option<String>,
}

#[derive(Deserialize)]
struct Request {
    method: Option<String>,
    url: String,
    #[serde(default)]
    headers: Vec<Header>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    status: i64,
    status_text: Option<String>,
    #[serde(default)]
    headers: Vec<Header>,
    content: Option<Content>,
}

#[derive(Deserialize)]
struct Header {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    size: Option<f64>,
    mime_type: Option<String>,
    text: Option<String>,
    encoding: Option<String>,
}

fn captured(raw: &str, provenance: String, limit: usize) -> Result<Captured, Problem> {
    let entry: Entry = serde_json::from_str(raw).map_err(|error| malformed(error.to_string()))?;
    let url = Url::parse(&entry.request.url).map_err(|error| {
        malformed(format!(
            "its URL {:?} is none: {error}",
            shortened(&entry.request.url)
        ))
    })?;
    let response = entry.response;
    let status = u16::try_from(response.status)
        .ok()
        .filter(|s| (100..1000).contains(s));
    let status = status.ok_or_else(|| malformed("the browser got no answer to this request"))?;
    let mut headers = pairs(response.headers);
    let payload = match response.content {
        Some(content) => body(content, &mut headers, limit)?,
        None => Bytes::new(),
    };
    Ok(Captured {
        url,
        method: entry.request.method.unwrap_or_else(|| "GET".to_owned()),
        request_headers: pairs(entry.request.headers),
        status,
        reason: response.status_text.filter(|text| !text.is_empty()),
        headers,
        payload,
        at: entry.started_date_time.and_then(|text| text.parse().ok()),
        peer: entry
            .server_ip_address
            .and_then(|ip| ip.trim_matches(['[', ']']).parse().ok()),
        provenance,
    })
}

/// Headers without HTTP/2's pseudo headers.
fn pairs(headers: Vec<Header>) -> Vec<(String, String)> {
    headers
        .into_iter()
        .filter(|header| !header.name.starts_with(':'))
        .map(|header| (header.name, header.value))
        .collect()
}

/// The body, which HAR keeps decoded: text in Unicode, anything else in Base64.
/// The headers come to say so.
fn body(
    content: Content,
    headers: &mut Vec<(String, String)>,
    limit: usize,
) -> Result<Bytes, Problem> {
    for (name, _) in headers.iter_mut() {
        let lower = name.to_ascii_lowercase();
        if matches!(
            &*lower,
            "content-encoding" | "content-length" | "transfer-encoding"
        ) {
            *name = format!("x-archive-orig-{lower}");
        }
    }
    let Some(text) = content.text else {
        if content.size.is_some_and(|size| size > 0.0) {
            return Err(malformed(
                "its content was not saved: export the HAR \"with content\"",
            ));
        }
        return Ok(Bytes::new());
    };
    let is_base64 = content
        .encoding
        .is_some_and(|e| e.eq_ignore_ascii_case("base64"));
    let payload = if is_base64 {
        let text: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
        STANDARD
            .decode(text)
            .map_err(|error| malformed(format!("its Base64 is broken: {error}")))?
    } else {
        text.into_bytes()
    };
    if payload.len() > limit {
        let (what, limit) = ("its content", limit as u64);
        return Err(Problem::TooLarge { what, limit });
    }
    state_type(headers, content.mime_type, is_base64);
    Ok(payload.into())
}

/// Text that was decoded is UTF-8 now, whatever it was on the way.
fn state_type(headers: &mut Vec<(String, String)>, mime_type: Option<String>, is_base64: bool) {
    let at = headers
        .iter()
        .position(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let stated = at.map(|at| headers[at].1.clone()).or(mime_type);
    let Some(stated) = stated.filter(|stated| !stated.is_empty()) else {
        return;
    };
    let media = stated
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned();
    match at {
        Some(_) if is_base64 => return,
        Some(at) => headers[at].0 = "x-archive-orig-content-type".to_owned(),
        None => {}
    }
    let value = if is_base64 {
        stated
    } else {
        format!("{media}; charset=utf-8")
    };
    headers.push(("content-type".to_owned(), value));
}
