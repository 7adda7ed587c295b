//! HTTP/1.1 heads (RFC 9112) for records, out of headers that may be anything.
//!
//! What was received over HTTP/2 or after de-chunking is written as HTTP/1.1,
//! as the WARC tools do. Nothing a server sent can break the framing.

use std::borrow::Cow;
use std::fmt::Write as _;

use url::{Position, Url};

use super::exchange::{HttpRecord, find};

/// Before the name of a header that no longer holds for the payload as kept.
const ORIGINAL: &str = "x-archive-orig-";

/// The request line and headers, with the empty line after them.
pub(super) fn request(exchange: &HttpRecord) -> Vec<u8> {
    let target = &exchange.url[Position::BeforePath..Position::AfterQuery];
    let method = token(&exchange.method);
    let mut head = format!("{method} {} HTTP/1.1\r\n", one_word(target));
    if find(&exchange.request_headers, "host").is_none() {
        let host = &exchange.url[Position::BeforeHost..Position::AfterPort];
        line(&mut head, "Host", host);
    }
    let length = exchange.request_body.as_ref().map_or(0, |body| body.len());
    headers(&mut head, &exchange.request_headers, length);
    head.into_bytes()
}

/// The status line and headers, with the empty line after them.
pub(super) fn response(exchange: &HttpRecord) -> Vec<u8> {
    let reason = one_line(exchange.reason.as_deref().unwrap_or_default());
    let mut head = format!("HTTP/1.1 {:03} {reason}\r\n", exchange.status);
    headers(&mut head, &exchange.headers, exchange.payload.len());
    head.into_bytes()
}

/// The URL as a WARC-Target-URI: without fragment and credentials.
pub(super) fn target_uri(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    if !url.username().is_empty() || url.password().is_some() {
        // These fail only for URLs that cannot have credentials.
        let _ = url.set_username("");
        let _ = url.set_password(None);
    }
    one_word(url.as_str())
}

/// Appends one line to a head, of a WARC record or of HTTP.
pub(super) fn line(head: &mut String, name: &str, value: &str) {
    head.push_str(name);
    head.push_str(": ");
    head.push_str(&one_line(value));
    head.push_str("\r\n");
}

/// A text without line ends and control characters, each of which becomes a
/// space (RFC 9110 §5.5).
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| matches!(b, b' '..=b'~' | b'\t')) {
        return Cow::Borrowed(text.trim());
    }
    let text: String = text
        .chars()
        .map(|c| if c.is_control() && c != '\t' { ' ' } else { c })
        .collect();
    Cow::Owned(text.trim().to_owned())
}

fn headers(head: &mut String, headers: &[(String, String)], length: usize) {
    for (name, value) in headers {
        let name = token(name);
        if holds(&name, value, length) {
            line(head, &name, value);
        } else {
            line(
                head,
                &format!("{ORIGINAL}{}", name.to_ascii_lowercase()),
                value,
            );
        }
    }
    head.push_str("\r\n");
}

/// Whether a header still says the truth about a de-chunked payload.
pub(super) fn holds(name: &str, value: &str, length: usize) -> bool {
    match name.to_ascii_lowercase().as_str() {
        "transfer-encoding" | "trailer" => false,
        "content-length" => value.trim().parse() == Ok(length),
        _ => true,
    }
}

/// `headers` as they are written: those that no longer hold under another name.
pub(super) fn with_honest_names(headers: &mut [(String, String)], length: usize) {
    for (name, value) in headers {
        if !holds(name, value, length) {
            *name = format!("{ORIGINAL}{}", name.to_ascii_lowercase());
        }
    }
}

/// A token (RFC 9110 §5.6.2): every other byte is written as `%` and two
/// hexadecimal digits, which are token characters themselves.
fn token(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    if out.is_empty() {
        out.push_str("x-archive-nameless");
    }
    out
}

/// A text without white space and angle brackets, which `Url` leaves in opaque
/// paths only.
fn one_word(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' ' | '<' | '>' => {
                let _ = write!(out, "%{:02X}", c as u32);
            }
            c if c.is_control() || c.is_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}
