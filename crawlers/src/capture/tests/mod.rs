//! What the parts of this room do together.

mod importing;
mod mutations;
mod pages;
mod reading;
mod writing;

use std::io::Cursor;
use std::ops::ControlFlow;

use bytes::Bytes;
use jiff::Timestamp;
use url::Url;

use super::*;

fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// A page, its picture and the same picture once more, as one WARC file.
fn sample() -> Vec<u8> {
    let now = at("2026-11-25T02:10:00.125Z");
    let mut writer =
        WarcWriter::create(Vec::new(), &FileInfo::new("s.warc.gz", "m/1", now)).expect("a file");
    let mut page = HttpRecord::get(url("https://a.example/p?x=1"), 200, "<h1>Wátch</h1>", now);
    page.headers = headers(&[("content-type", "text/html")]);
    page.request_headers = headers(&[("user-agent", "markhound")]);
    page.reason = Some("OK".to_owned());
    page.peer = Some("203.0.113.7:443".parse().expect("an address"));
    page.tls_chain = vec![Bytes::from_static(b"leaf")];
    writer.write(&page, None, None).expect("written");
    let picture = HttpRecord::get(url("https://a.example/1.jpg"), 200, vec![7u8; 4000], now);
    let first = writer.write(&picture, None, None).expect("written");
    let earlier = Earlier {
        record_id: first.response.record_id,
        url: picture.url.clone(),
        at: now,
    };
    let mut again = picture;
    again.url = url("https://cdn.example/1.jpg");
    again.headers = headers(&[("Content-Length", "4000")]);
    writer.write(&again, Some(&earlier), None).expect("written");
    writer.into_inner()
}

fn exchanges(bytes: &[u8]) -> Vec<Result<Captured, CaptureError>> {
    Exchanges::new(Cursor::new(bytes), "s", CaptureLimits::default())
        .expect("a reader")
        .collect()
}

fn import_all(
    bytes: &[u8],
    options: &ImportOptions,
) -> (Option<Format>, Vec<Result<Captured, CaptureError>>) {
    let mut all = Vec::new();
    let format = import(Cursor::new(bytes), "f", options, &mut |found| {
        all.push(found);
        ControlFlow::Continue(())
    });
    match format {
        Ok(format) => (Some(format), all),
        Err(error) => (None, vec![Err(error)]),
    }
}

fn good(found: Vec<Result<Captured, CaptureError>>) -> Vec<Captured> {
    found
        .into_iter()
        .map(|one| one.expect("a whole entry"))
        .collect()
}
