//! The index of a WARC file: CDXJ, a line an answer, sorted.

use std::io::Read;

use markhound_crawlers::capture::{CaptureLimits, Record, WarcReader};
use serde_json::json;
use url::{Host, Url};

use crate::packet::MAX_TOTAL;

/// The most records looked at.
const MAX_RECORDS: usize = 100_000;

/// An answer and where it stands.
#[derive(Debug, Clone)]
pub(in crate::packet) struct Entry {
    pub url: String,
    pub time: String,
    pub mime: String,
    pub status: u16,
    pub digest: String,
    pub offset: u64,
    pub length: u64,
    pub file: String,
}

/// The answers in a WARC file of `size` bytes.
pub(in crate::packet) fn entries(
    warc: impl Read,
    size: u64,
    name: &str,
) -> Result<Vec<Entry>, String> {
    let limits = CaptureLimits {
        file_bytes: MAX_TOTAL,
        entries: MAX_RECORDS,
        ..CaptureLimits::default()
    };
    let reader = WarcReader::new(warc, name, limits).map_err(|error| error.to_string())?;
    let mut entries: Vec<Entry> = Vec::new();
    // A record ends where the next one begins.
    let mut open: Option<Entry> = None;
    for record in reader {
        let record = record.map_err(|error| error.to_string())?;
        close(&mut entries, &mut open, record.offset);
        if matches!(record.kind(), "response" | "revisit") {
            open = Some(entry(&record, name)?);
        }
    }
    close(&mut entries, &mut open, size);
    entries.sort_by_cached_key(line);
    Ok(entries)
}

fn close(entries: &mut Vec<Entry>, open: &mut Option<Entry>, end: u64) {
    if let Some(mut entry) = open.take() {
        entry.length = end.saturating_sub(entry.offset);
        entries.push(entry);
    }
}

fn entry(record: &Record, name: &str) -> Result<Entry, String> {
    let response = record.http_response().map_err(|error| error.to_string())?;
    let mime = match record.kind() {
        "revisit" => "warc/revisit".to_owned(),
        _ => response
            .headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
            .and_then(|(_, value)| value.split([';', ' ']).next())
            .map_or_else(String::new, |value| value.trim().to_owned()),
    };
    let date = record.date().ok_or("a record has no date")?;
    Ok(Entry {
        url: record.target_uri().unwrap_or_default().to_owned(),
        time: date.strftime("%Y%m%d%H%M%S").to_string(),
        mime,
        status: response.status,
        digest: record
            .field("WARC-Payload-Digest")
            .unwrap_or_default()
            .to_owned(),
        offset: record.offset,
        length: 0,
        file: name.to_owned(),
    })
}

/// The index file.
pub(in crate::packet) fn lines(entries: &[Entry]) -> String {
    entries.iter().map(|entry| line(entry) + "\n").collect()
}

fn line(entry: &Entry) -> String {
    let about = json!({
        "url": entry.url,
        "mime": entry.mime,
        "status": entry.status.to_string(),
        "digest": entry.digest,
        "length": entry.length.to_string(),
        "offset": entry.offset.to_string(),
        "filename": entry.file,
    });
    format!("{} {} {about}", key(&entry.url), entry.time)
}

/// The address as it is sorted by: host reversed, lower case, query in order.
fn key(url: &str) -> String {
    let Ok(url) = Url::parse(url) else {
        return url.to_owned();
    };
    let reversed = |name: &str| name.split('.').rev().collect::<Vec<_>>().join(",");
    let host = match url.host() {
        Some(Host::Domain(name)) => reversed(without_www(&name.to_lowercase())),
        // So do the indexers of others.
        Some(Host::Ipv4(address)) => reversed(&address.to_string()),
        Some(Host::Ipv6(address)) => format!("[{address}]"),
        None => return url.to_string(),
    };
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    let path = url.path().to_lowercase();
    let path = match path.strip_suffix('/') {
        Some(shorter) if !shorter.is_empty() => shorter,
        _ => path.as_str(),
    };
    let mut key = format!("{host}{port}){path}");
    if let Some(query) = url.query().filter(|query| !query.is_empty()) {
        let query = query.to_lowercase();
        let mut parts: Vec<&str> = query.split('&').collect();
        parts.sort_by_key(|part| part.split_once('=').unwrap_or((part, "")));
        key.push('?');
        key.push_str(&parts.join("&"));
    }
    key
}

fn without_www(host: &str) -> &str {
    host.strip_prefix("www")
        .map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()))
        .and_then(|rest| rest.strip_prefix('.'))
        .unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn addresses_are_sorted_by_reversed_host_and_ordered_query() {
        for (url, expected) in [
            (
                "https://www2.Shop.example/Item/7/?b=2&A=1",
                "example,shop)/item/7?a=1&b=2",
            ),
            ("http://shop.example/", "example,shop)/"),
            ("http://shop.example:8081/a?", "example,shop:8081)/a"),
            ("http://127.0.0.1:8081/Item", "1,0,0,127:8081)/item"),
            ("https://www.example/", "example)/"),
        ] {
            assert_eq!(key(url), expected, "{url}");
        }
    }
}
