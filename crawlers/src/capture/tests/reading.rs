use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;

use super::*;

fn plain() -> Vec<u8> {
    let mut bytes = Vec::new();
    MultiGzDecoder::new(&sample()[..])
        .read_to_end(&mut bytes)
        .expect("gzip");
    bytes
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).expect("packed");
    gzip.finish().expect("packed")
}

/// A record of a program that writes no more than it must.
fn record(kind: &str, extra: &str, block: &str) -> String {
    format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: <http://b.example/>\r\n{extra}Content-Length: {}\r\n\r\n{block}\r\n\r\n",
        block.len()
    )
}

#[test]
fn what_was_written_is_read_as_exchanges_with_their_requests_and_payloads() {
    let read = good(exchanges(&sample()));
    let urls: Vec<_> = read.iter().map(|one| one.url.as_str()).collect();
    assert_eq!(
        urls,
        [
            "https://a.example/p?x=1",
            "https://a.example/1.jpg",
            "https://cdn.example/1.jpg"
        ]
    );
    assert_eq!(read[0].payload, "<h1>Wátch</h1>".as_bytes());
    assert_eq!(
        read[0].request_headers[1],
        ("user-agent".to_owned(), "markhound".to_owned())
    );
    assert_eq!(read[0].at, Some(at("2026-11-25T02:10:00.125Z")));
    assert_eq!(
        read[0].peer,
        Some("203.0.113.7".parse().expect("an address"))
    );
    assert!(
        read[0].provenance.starts_with("s@"),
        "{}",
        read[0].provenance
    );
    assert_eq!(
        read[2].payload,
        vec![7u8; 4000],
        "the revisit has the earlier payload"
    );
    assert_eq!(read[2].header("content-length"), Some("4000"));
}

#[test]
fn plain_one_stream_and_one_member_a_record_read_alike() {
    let members = good(exchanges(&sample()));
    let half = plain().len() / 2;
    let split = [packed(&plain()[..half]), packed(&plain()[half..])].concat();
    for bytes in [plain(), packed(&plain()), split] {
        let read = good(exchanges(&bytes));
        assert_eq!(read.len(), members.len());
        for (one, other) in read.iter().zip(&members) {
            assert_eq!(
                (&one.url, &one.payload, &one.request_headers),
                (&other.url, &other.payload, &other.request_headers)
            );
        }
    }
}

#[test]
fn a_provenance_says_at_which_byte_its_record_lies() {
    let bytes = sample();
    for one in good(exchanges(&bytes)) {
        let offset: usize = one
            .provenance
            .strip_prefix("s@")
            .and_then(|o| o.parse().ok())
            .expect("an offset");
        let record = parse_member(&bytes[offset..], &CaptureLimits::default()).expect("a record");
        assert_eq!(record.target_uri(), Some(one.url.as_str()));
    }
}

#[test]
fn line_feeds_alone_missing_digests_and_late_requests_are_read() {
    let text = record(
        "response",
        "WARC-Record-ID: <urn:1>\r\n",
        "HTTP/1.0 200 OK\r\nA: b\r\n\r\nhello",
    ) + &record(
        "request",
        "WARC-Concurrent-To: <urn:1>\r\n",
        "POST / HTTP/1.0\r\nC: d\r\n\r\n",
    ) + &record("metadata", "", "x");
    let lf = "WARC/1.0\nWARC-Type: response\nWARC-Target-URI: http://b.example/\nContent-Length: 22\n\nHTTP/1.0 200 OK\n\nhello\n";
    let lf = lf.replace("WARC-Target", "WARC-Record-ID: <urn:1>\nWARC-Target")
        + "WARC/1.0\nWARC-Type: request\nWARC-Target-URI: http://b.example/\nWARC-Concurrent-To: <urn:1>\nContent-Length: 16\n\nPOST / HTTP/1.0\n";
    for text in [text, lf] {
        let read = good(exchanges(text.as_bytes()));
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].url.as_str(), "http://b.example/");
        assert_eq!(read[0].method, "POST");
    }
}

#[test]
fn a_file_that_breaks_off_gives_all_before_and_says_where() {
    let whole = exchanges(&sample()).len();
    for bytes in [sample(), plain(), packed(&plain())] {
        let end = bytes.len() - 30;
        let read = exchanges(&bytes[..end]);
        assert!(read.last().is_some_and(Result::is_err));
        let (good, bad): (Vec<_>, Vec<_>) = read.into_iter().partition(Result::is_ok);
        assert_eq!(good.len(), whole - 1, "of {end} bytes");
        let error = bad.into_iter().find_map(Result::err).expect("an error");
        assert!(
            matches!(error.problem, Problem::Truncated { .. }),
            "{error}"
        );
        assert!(error.place.starts_with("s@"), "{error}");
    }
}

#[test]
fn an_altered_byte_costs_its_own_record_only() {
    let bytes = plain();
    let at = memchr::memmem::find(&bytes, b"<h1>").expect("the page");
    let mut altered = bytes.clone();
    altered[at + 1] = b'b';
    let read = exchanges(&altered);
    assert_eq!(read.iter().filter(|one| one.is_ok()).count(), 2);
    let error = read.into_iter().find_map(Result::err).expect("an error");
    assert!(matches!(error.problem, Problem::Digest { .. }), "{error}");
}

#[test]
fn a_damaged_gzip_member_is_passed_over() {
    let bytes = sample();
    let place = good(exchanges(&bytes))[0].provenance.clone();
    let offset: usize = place[2..].parse().expect("an offset");
    let mut damaged = bytes.clone();
    damaged[offset + 40..offset + 48].fill(0xff);
    let read = exchanges(&damaged);
    let urls: Vec<_> = read
        .iter()
        .filter_map(|one| Some(one.as_ref().ok()?.url.as_str()))
        .collect();
    assert_eq!(
        urls,
        ["https://a.example/1.jpg", "https://cdn.example/1.jpg"]
    );
    let error = read
        .iter()
        .find_map(|one| one.as_ref().err())
        .expect("an error");
    assert_eq!(error.place, place);
}

#[test]
fn a_wrong_checksum_belongs_to_its_own_record() {
    let text = record("response", "", "HTTP/1.0 200 OK\r\n\r\nhello");
    let mut first = packed(text.as_bytes());
    let end = first.len();
    first[end - 8] ^= 1;
    let bytes = [first, packed(text.as_bytes())].concat();
    let read = exchanges(&bytes);
    assert_eq!(read.len(), 2, "{read:?}");
    assert_eq!(read[0].as_ref().expect_err("the first").place, "s@0");
    assert_eq!(
        read[1].as_ref().expect("the second").provenance,
        format!("s@{end}")
    );
}

#[test]
fn a_large_record_is_passed_over_and_a_large_file_ended() {
    let text = record(
        "response",
        "",
        &format!("HTTP/1.0 200 OK\r\n\r\n{}", "x".repeat(5000)),
    ) + &record("response", "", "HTTP/1.0 200 OK\r\n\r\nhello");
    let limits = CaptureLimits {
        record_bytes: 1000,
        ..CaptureLimits::default()
    };
    let read: Vec<_> = Exchanges::new(text.as_bytes(), "s", limits)
        .expect("a reader")
        .collect();
    assert!(matches!(
        read[0].as_ref().expect_err("large").problem,
        Problem::TooLarge { .. }
    ));
    assert_eq!(&read[1].as_ref().expect("small").payload[..], b"hello");

    let limits = CaptureLimits {
        file_bytes: 2000,
        ..CaptureLimits::default()
    };
    let bomb = packed(&text.as_bytes().repeat(1000));
    let read: Vec<_> = Exchanges::new(&bomb[..], "s", limits)
        .expect("a reader")
        .collect();
    assert_eq!(read.len(), 1);
    assert!(matches!(
        read[0].as_ref().expect_err("large").problem,
        Problem::TooLarge { limit: 2000, .. }
    ));
}

#[test]
fn payloads_for_revisits_are_forgotten_within_their_limit() {
    let limits = CaptureLimits {
        revisit_bytes: 3000,
        ..CaptureLimits::default()
    };
    let read: Vec<_> = Exchanges::new(&sample()[..], "s", limits)
        .expect("a reader")
        .collect();
    let error = read.into_iter().find_map(Result::err).expect("an error");
    assert!(matches!(error.problem, Problem::Revisit { .. }), "{error}");
}

#[test]
fn a_server_that_said_not_modified_is_answered_with_the_earlier_page() {
    let profile = "WARC-Profile: http://netpreserve.org/warc/1.0/revisit/server-not-modified\r\n";
    let text = record("response", "", "HTTP/1.0 200 OK\r\nA: b\r\n\r\nhello")
        + &record("revisit", profile, "HTTP/1.0 304 Not Modified\r\n\r\n");
    let read = good(exchanges(text.as_bytes()));
    assert_eq!((read[1].status, &read[1].payload[..]), (200, &b"hello"[..]));
}

#[test]
fn zstandard_is_named_and_the_way_out_of_it() {
    let (format, found) = import_all(&[0x28, 0xb5, 0x2f, 0xfd, 0, 0], &ImportOptions::default());
    assert_eq!(format, None);
    assert!(
        found[0]
            .as_ref()
            .expect_err("an error")
            .to_string()
            .contains("zstd -d")
    );
}
