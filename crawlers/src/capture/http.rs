//! Reads HTTP messages out of records, as tolerantly as the programs that
//! wrote them were careless.

use bytes::Bytes;

use super::error::{Problem, malformed};
use super::exchange::find;
use super::head;

/// Header lines past this number are dropped.
pub(super) const MAX_FIELDS: usize = 1_000;

/// An answer out of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// The reason phrase, if there is one.
    pub reason: Option<String>,
    /// The headers in order. Those that do not hold for the payload, such as a
    /// transfer coding that is undone, begin with `x-archive-orig-`.
    pub headers: Vec<(String, String)>,
    /// The body without its transfer coding, content coding intact.
    pub payload: Bytes,
}

/// A request out of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HttpRequest {
    pub method: String,
    pub headers: Vec<(String, String)>,
}

/// Reads a status line, headers and body. A body that was kept chunked is
/// de-chunked; one that was de-chunked already, but kept the header, is taken
/// as it is.
pub(super) fn response(block: &Bytes, header_bytes: usize) -> Result<HttpResponse, Problem> {
    let (lines, body) = split(block, header_bytes)?;
    let (status, reason) = status_line(&lines)?;
    let mut headers = fields(&lines);
    let mut payload = block.slice(body..);
    if find(&headers, "transfer-encoding").is_some_and(is_chunked) {
        payload = match dechunk(&payload) {
            Chunks::Whole(bytes) => Bytes::from(bytes),
            Chunks::None => payload,
            Chunks::Broken => return Err(malformed("its chunked body breaks off")),
        };
    }
    head::with_honest_names(&mut headers, payload.len());
    Ok(HttpResponse {
        status,
        reason,
        headers,
        payload,
    })
}

/// Reads a request line and headers.
pub(super) fn request(block: &Bytes, header_bytes: usize) -> Result<HttpRequest, Problem> {
    let (lines, _) = split(block, header_bytes)?;
    let first = lines.split('\n').next().unwrap_or_default();
    let method = first.split(' ').next().unwrap_or_default().trim();
    if method.is_empty() || !method.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-') {
        return Err(malformed("its HTTP request has no method"));
    }
    Ok(HttpRequest {
        method: method.to_owned(),
        headers: fields(&lines),
    })
}

/// The head as text, and where the body begins. A head without an empty line
/// after it has no body.
fn split(block: &Bytes, header_bytes: usize) -> Result<(String, usize), Problem> {
    let mut at = 0;
    let mut ended = false;
    while !ended && at < block.len() && at <= header_bytes {
        let rest = &block[at..];
        let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        ended = matches!(&rest[..length], b"\n" | b"\r\n");
        at += length;
    }
    if at > header_bytes {
        return Err(Problem::TooLarge {
            what: "the head of the HTTP message",
            limit: header_bytes as u64,
        });
    }
    Ok((text(&block[..at]), at))
}

fn status_line(head: &str) -> Result<(u16, Option<String>), Problem> {
    let line = head.split('\n').next().unwrap_or_default().trim_end();
    let wrong = || malformed(format!("{:?} is no HTTP status line", shortened(line)));
    let mut words = line.splitn(3, ' ');
    let version = words.next().unwrap_or_default();
    if !version.to_ascii_uppercase().starts_with("HTTP/") && version != "ICY" {
        return Err(wrong());
    }
    let status = words.next().and_then(|word| word.trim().parse().ok());
    let status = status
        .filter(|s| (100..1000).contains(s))
        .ok_or_else(wrong)?;
    let reason = words.next().map(str::trim).filter(|r| !r.is_empty());
    Ok((status, reason.map(str::to_owned)))
}

/// The header lines after the first line; folded ones are joined (RFC 9112 §5.2).
fn fields(head: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in head.split('\n').skip(1).take(MAX_FIELDS) {
        let line = line.trim_end_matches('\r');
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    fields
}

/// UTF-8, or else Latin-1, in which any bytes are text.
pub(super) fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

pub(super) fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

fn is_chunked(coding: &str) -> bool {
    coding
        .rsplit(',')
        .next()
        .is_some_and(|last| last.trim().eq_ignore_ascii_case("chunked"))
}

enum Chunks {
    Whole(Vec<u8>),
    /// It is chunked, but ends too early.
    Broken,
    /// It is not chunked at all.
    None,
}

/// Undoes chunked coding (RFC 9112 §7.1); trailers are dropped.
fn dechunk(mut rest: &[u8]) -> Chunks {
    let mut whole = Vec::new();
    loop {
        let failed = if whole.is_empty() {
            Chunks::None
        } else {
            Chunks::Broken
        };
        let Some((size, after)) = chunk_size(rest) else {
            return failed;
        };
        if size == 0 {
            return Chunks::Whole(whole);
        }
        let Some(chunk) = after.get(..size) else {
            return failed;
        };
        rest = match &after[size..] {
            [b'\r', b'\n', rest @ ..] | [b'\n', rest @ ..] => rest,
            _ => return failed,
        };
        whole.extend_from_slice(chunk);
    }
}

/// The size a chunk begins with, and what comes after that line.
fn chunk_size(bytes: &[u8]) -> Option<(usize, &[u8])> {
    // Sixteen digits and an extension; a line without an end is no chunk.
    let end = memchr::memchr(b'\n', &bytes[..bytes.len().min(4096)])?;
    let line = std::str::from_utf8(&bytes[..end]).ok()?;
    let digits = line.split(';').next()?.trim();
    let valid = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let size = valid.then(|| usize::from_str_radix(digits, 16).ok())??;
    Some((size, &bytes[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &'static str) -> Result<HttpResponse, Problem> {
        response(&Bytes::from_static(text.as_bytes()), 1024)
    }

    #[test]
    fn a_body_that_was_kept_chunked_is_dechunked() {
        let read = read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: a/b\r\n\r\n5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nTrailer: x\r\n\r\n").expect("a response");
        assert_eq!(&read.payload[..], b"hello!");
        assert_eq!(read.headers[0].0, "x-archive-orig-transfer-encoding");
        assert_eq!(read.headers[1].0, "Content-Type");
    }

    #[test]
    fn a_body_that_is_not_chunked_though_its_header_says_so_is_kept() {
        let kept =
            read("HTTP/1.1 200\nTransfer-Encoding: chunked\n\n<p>whole").expect("a response");
        assert_eq!(&kept.payload[..], b"<p>whole");
        assert_eq!(kept.reason, None);
    }

    #[test]
    fn half_a_chunked_body_is_not_taken_for_a_page() {
        let broken =
            read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n9\r\ncd");
        assert!(matches!(broken, Err(Problem::Malformed(_))), "{broken:?}");
    }

    #[test]
    fn a_head_alone_is_an_answer_without_a_body() {
        for text in [
            "HTTP/1.0 304 Not Modified\r\nA: b\r\n\r\n",
            "HTTP/1.0 304 Not Modified\r\nA: b\r\n",
            "HTTP/1.0 304 Not Modified\nA: b",
        ] {
            let read = read(text).expect("a response");
            assert_eq!((read.status, read.payload.len()), (304, 0), "{text:?}");
            assert_eq!(read.headers, [("A".to_owned(), "b".to_owned())]);
        }
    }

    #[test]
    fn folded_lines_and_latin_1_are_read_and_an_endless_head_is_refused() {
        let block = Bytes::from_static(b"HTTP/1.1 200 d\xe9j\xe0\r\nA: b\r\n c\r\n\r\n");
        let read = response(&block, 1024).expect("a response");
        assert_eq!(read.reason.as_deref(), Some("déjà"));
        assert_eq!(read.headers[0].1, "b c");
        let endless = Bytes::from("HTTP/1.1 200 OK\r\n".to_owned() + &"A: b\r\n".repeat(1000));
        assert!(matches!(
            response(&endless, 1024),
            Err(Problem::TooLarge { .. })
        ));
    }
}
