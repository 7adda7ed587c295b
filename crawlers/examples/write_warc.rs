//! Writes a WARC file with one record of each kind, to be checked by other
//! programs: `cargo run -p markhound-crawlers --example write_warc -- out.warc.gz`,
//! then `warcio check -v out.warc.gz`.

use std::fs::File;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use markhound_crawlers::capture::{Earlier, FileInfo, HttpRecord, WarcWriter};
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: write_warc FILE")?;
    let at: jiff::Timestamp = "2026-11-25T02:10:00.125Z".parse()?;
    let mut info = FileInfo::new("sample.warc.gz", "markhound-crawlers example", at);
    info.operator = "Brand protection <ip@example.com>".to_owned();
    let mut writer = WarcWriter::create(File::create(&path)?, &info)?;

    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all("<h1>Tourbillon</h1> 1.290,00 €".repeat(50).as_bytes())?;
    let mut page = HttpRecord::get(
        "https://shop.example/p/7?lang=de".parse()?,
        200,
        gzip.finish()?,
        at,
    );
    page.headers = [
        ("content-type", "text/html; charset=utf-8"),
        ("content-encoding", "gzip"),
        ("transfer-encoding", "chunked"),
        ("x-odd", "line\r\nX-Injected: yes\r\n\r\nHTTP/1.1 200 é"),
        ("bad name:\n", "x"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    page.peer = Some("203.0.113.7:443".parse()?);
    page.tls_chain = vec![b"leaf".as_slice().into(), b"issuer".as_slice().into()];
    let first = writer.write(&page, None, Some(&json!({"title": "Tourbillon"})))?;

    let earlier = Earlier {
        record_id: first.response.record_id.clone(),
        url: page.url.clone(),
        at,
    };
    let mut again = page.clone();
    again.at = "2026-11-26T02:10:00Z".parse()?;
    writer.write(&again, Some(&earlier), None)?;

    let mut search = HttpRecord::get("https://shop.example/search".parse()?, 204, "", at);
    search.method = "POST".to_owned();
    search.request_body = Some("q=tourbillon".into());
    writer.write(&search, None, None)?;
    writer.into_inner().sync_all()?;
    println!(
        "{path}: the response lies at {} and is {} bytes long",
        first.response.offset, first.response.length
    );
    Ok(())
}
