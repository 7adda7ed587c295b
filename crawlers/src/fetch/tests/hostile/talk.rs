//! Things a server says.

use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use super::Step;

/// A text, byte for byte.
pub(super) fn text(text: &str) -> Step {
    Step::Text(text.to_owned())
}

/// A whole answer; `headers` is empty or ends in a line end.
pub(super) fn answer(status: &str, headers: &str, body: &str) -> Step {
    let length = body.len();
    Step::Text(format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    ))
}

/// A page.
pub(super) fn page(body: &str) -> Step {
    answer("200 OK", "Content-Type: text/html\r\n", body)
}

/// A redirect.
pub(super) fn moved(location: &str) -> Step {
    answer("302 Found", &format!("Location: {location}\r\n"), "")
}

/// The head of an answer whose body ends with the connection.
pub(super) fn head(headers: &str) -> Step {
    Step::Text(format!(
        "HTTP/1.1 200 OK\r\nConnection: close\r\n{headers}\r\n"
    ))
}

/// An answer in chunks; the chunks are what follows.
pub(super) fn chunked() -> Step {
    head("Transfer-Encoding: chunked\r\n")
}

/// A packed answer.
pub(super) fn packed(coding: &str, body: Vec<u8>) -> Vec<Step> {
    let length = body.len();
    vec![
        head(&format!(
            "Content-Encoding: {coding}\r\nContent-Length: {length}\r\n"
        )),
        Step::Bytes(Bytes::from(body)),
    ]
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes).expect("packed");
    packer.finish().expect("packed")
}

pub(super) fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes).expect("packed");
    packer.finish().expect("packed")
}

pub(super) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes).expect("packed");
    packer.finish().expect("packed")
}

pub(super) fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut packer = ::brotli::CompressorWriter::new(&mut packed, 4096, 1, 22);
    packer.write_all(bytes).expect("packed");
    drop(packer);
    packed
}

pub(super) fn zstd(bytes: &[u8]) -> Vec<u8> {
    ::zstd::stream::encode_all(bytes, 1).expect("packed")
}
