use serde_json::json;

use super::*;

#[test]
fn the_same_exchanges_give_the_same_bytes() {
    assert_eq!(sample(), sample());
}

#[test]
fn every_record_is_read_back_by_its_offset_and_length_alone() {
    let now = at("2026-11-25T02:10:00Z");
    let info = FileInfo::new("s.warc.gz", "m/1", now);
    let mut writer = WarcWriter::create(Vec::new(), &info).expect("a file");
    let mut exchange = HttpRecord::get(url("https://u:p@a.example/x#y"), 404, "gone", now);
    exchange.tls_chain = vec![Bytes::from_static(b"leaf")];
    let written = writer
        .write(&exchange, None, Some(&json!({"gone": true})))
        .expect("written");
    let end = writer.offset();
    let file = writer.into_inner();
    assert_eq!(end, file.len() as u64);
    let places = [
        ("metadata", written.certificates.expect("a chain")),
        ("request", written.request),
        ("response", written.response),
        ("metadata", written.metadata.expect("metadata")),
    ];
    let limits = CaptureLimits::default();
    for (kind, place) in &places {
        let record = read_at(&mut Cursor::new(&file), place.offset, place.length, &limits)
            .expect("a record");
        assert_eq!(record.kind(), *kind);
        assert_eq!(record.id(), Some(&*place.record_id));
        assert_eq!(record.offset, place.offset);
        let cut = read_at(
            &mut Cursor::new(&file),
            place.offset,
            place.length - 9,
            &limits,
        );
        assert!(cut.is_err(), "{kind} was read without its end");
    }
    assert_eq!(places[3].1.offset + places[3].1.length, end);
    let response = &places[2].1;
    let record = read_at(
        &mut Cursor::new(&file),
        response.offset,
        response.length,
        &limits,
    )
    .expect("a record");
    assert_eq!(
        record.target_uri(),
        Some("https://a.example/x"),
        "credentials are not kept"
    );
    assert_eq!(
        record.http_response().expect("an answer").payload,
        exchange.payload
    );
}

#[test]
fn what_was_parsed_may_follow_later_and_is_the_same_record() {
    let now = at("2026-11-25T02:10:00Z");
    let info = FileInfo::new("s.warc.gz", "m/1", now);
    let page = HttpRecord::get(url("https://a.example/x"), 200, "page", now);
    let parsed = json!({"listings": [{"title": "Kestrel"}]});
    let mut at_once = WarcWriter::create(Vec::new(), &info).expect("a file");
    let written = at_once.write(&page, None, Some(&parsed)).expect("written");
    let mut later = WarcWriter::create(Vec::new(), &info).expect("a file");
    let response = later.write(&page, None, None).expect("written").response;
    let place = later
        .write_parsed(&response.record_id, &page.url, now, &parsed)
        .expect("written");
    assert_eq!(Some(place), written.metadata);
    assert_eq!(later.offset(), at_once.offset());
    assert_eq!(later.into_inner(), at_once.into_inner());
}

#[test]
fn the_chain_is_written_once_and_its_place_known_each_time() {
    let now = at("2026-11-25T02:10:00Z");
    let info = FileInfo::new("s.warc.gz", "m/1", now);
    let mut writer = WarcWriter::create(Vec::new(), &info).expect("a file");
    let mut page = HttpRecord::get(url("https://a.example/x"), 200, "page", now);
    page.tls_chain = vec![Bytes::from_static(b"leaf")];
    let first = writer.write(&page, None, None).expect("written");
    page.url = url("https://a.example/y");
    let second = writer.write(&page, None, None).expect("written");
    assert!(first.chain.is_some() && second.certificates.is_none());
    assert_eq!(first.chain, second.chain);
    assert_eq!(first.chain, first.certificates);
    page.tls_chain.clear();
    assert_eq!(
        writer.write(&page, None, None).expect("written").chain,
        None
    );
}

#[test]
fn nothing_in_a_header_breaks_the_framing() {
    let now = at("2026-11-25T02:10:00Z");
    let evil = [
        "\r\n\r\nHTTP/1.1 200 OK",
        "\n",
        "\r",
        "\0",
        "é\u{2028}",
        "",
        ":",
        " ",
        "WARC/1.1",
    ];
    let mut exchange = HttpRecord::get(url("https://a.example/"), 200, "body", now);
    for name in evil {
        for value in evil {
            exchange.headers.push((name.to_owned(), value.to_owned()));
            exchange
                .request_headers
                .push((name.to_owned(), value.to_owned()));
        }
    }
    exchange.method = "GET / HTTP/1.1\r\nX: y".to_owned();
    exchange.reason = Some("OK\r\n\r\nX".to_owned());
    let mut writer = WarcWriter::resume(Vec::new(), 0);
    writer.write(&exchange, None, None).expect("written");
    let read = good(exchanges(&writer.into_inner()));
    assert_eq!(read.len(), 1);
    assert_eq!(&read[0].payload[..], b"body");
    assert_eq!(read[0].headers.len(), evil.len() * evil.len());
    assert!(
        read[0]
            .headers
            .iter()
            .all(|(name, _)| !name.contains([' ', '\n', '\r', ':']))
    );
}

#[test]
fn headers_that_no_longer_hold_are_kept_under_another_name() {
    let now = at("2026-11-25T02:10:00Z");
    for (stated, kept) in [
        ("4", "content-length"),
        ("5", "x-archive-orig-content-length"),
    ] {
        let mut exchange = HttpRecord::get(url("https://a.example/"), 200, "body", now);
        exchange.headers = headers(&[("content-length", stated), ("Transfer-Encoding", "chunked")]);
        let mut writer = WarcWriter::resume(Vec::new(), 0);
        let place = writer
            .write(&exchange, None, None)
            .expect("written")
            .response;
        let file = writer.into_inner();
        let member = &file[place.offset as usize..];
        let record = parse_member(member, &CaptureLimits::default()).expect("a record");
        let read = record.http_response().expect("an answer");
        let names: Vec<_> = read.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, [kept, "x-archive-orig-transfer-encoding"]);
    }
}

#[test]
fn a_chain_is_written_once_a_file_and_named_by_every_response() {
    let now = at("2026-11-25T02:10:00Z");
    let mut exchange = HttpRecord::get(url("https://a.example/"), 200, "body", now);
    exchange.tls_chain = vec![Bytes::from(vec![1; 100]), Bytes::from_static(b"issuer")];
    let mut writer = WarcWriter::resume(Vec::new(), 0);
    let first = writer.write(&exchange, None, None).expect("written");
    exchange.at = at("2026-11-25T02:11:00Z");
    let second = writer.write(&exchange, None, None).expect("written");
    let chain = first.certificates.expect("the chain").record_id;
    assert_eq!(second.certificates, None);
    let file = writer.into_inner();
    let records: Vec<Record> = WarcReader::new(Cursor::new(&file), "s", CaptureLimits::default())
        .expect("a reader")
        .map(|record| record.expect("a record"))
        .collect();
    assert_eq!(records.len(), 5);
    let pem = String::from_utf8_lossy(&records[0].block);
    assert_eq!(pem.matches("BEGIN CERTIFICATE").count(), 2);
    assert!(pem.lines().all(|line| line.len() <= 64));
    for response in [&records[2], &records[4]] {
        assert_eq!(
            response.field("X-TLS-Certificate-Chain"),
            Some(&*format!("<{chain}>"))
        );
    }
    // The same chain has the same name in another file, at another time.
    let mut other = WarcWriter::resume(Vec::new(), 0);
    let there = other.write(&exchange, None, None).expect("written");
    assert_eq!(there.certificates.expect("the chain").record_id, chain);
}

#[test]
fn an_exchange_is_handed_over_in_one_piece_or_the_offset_stays() {
    struct Full(usize);
    impl std::io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if bytes.len() > self.0 {
                return Err(std::io::ErrorKind::StorageFull.into());
            }
            self.0 -= bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let exchange = HttpRecord::get(
        url("https://a.example/"),
        200,
        "body",
        at("2026-11-25T02:10:00Z"),
    );
    let mut writer = WarcWriter::resume(Full(1000), 7);
    writer.write(&exchange, None, None).expect("room for one");
    let end = writer.offset();
    assert!(writer.write(&exchange, None, None).is_err());
    assert_eq!(writer.offset(), end);
}

#[test]
fn records_are_packed_and_say_neither_when_nor_where() {
    let now = at("2026-11-25T02:10:00Z");
    let info = FileInfo::new("s.warc.gz", "m/1", now);
    let mut writer = WarcWriter::create(Vec::new(), &info).expect("a file");
    let text = "<li class='product'>Kestrel</li>".repeat(300);
    let page = HttpRecord::get(url("https://a.example/x"), 200, text, now);
    let response = writer.write(&page, None, None).expect("written").response;
    assert!(response.length < 2_000, "{} bytes", response.length);
    let file = writer.into_inner();
    let start = usize::try_from(response.offset).expect("an offset");
    let head = &file[start..start + 10];
    // RFC 1952 §2.3: time and operating system.
    assert_eq!(
        (&head[..4], &head[4..8], head[9]),
        (&[0x1f, 0x8b, 8, 0][..], &[0; 4][..], 255)
    );
}
