//! Thousands of damaged files, each from a seed: whatever is in them, reading
//! ends, does not panic, and hands over no more than the limits allow.

use std::io::{Read as _, Write as _};

use flate2::read::MultiGzDecoder;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

/// SplitMix64: a seed gives the same damage on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound.max(1) as u64) as usize
    }
}

const PIECES: [&[u8]; 12] = [
    b"\r\n\r\n",
    b"\n",
    b"WARC/1.0\r\n",
    b"\x1f\x8b\x08",
    b"Content-Length: 99999999999999999999\r\n",
    b"Content-Length: 4294967295\r\n",
    b"--",
    b"{",
    b"[[[[[[",
    b"\xff\xfe",
    b"<!-- saved from url=(",
    b"ffffffffffffffff\r\n",
];

fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len());
        let end = (at + random.below(200)).min(bytes.len());
        match random.below(6) {
            0 => bytes.truncate(at),
            1 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            2 => drop(bytes.drain(at..end)),
            3 => {
                let copy = bytes[at..end].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, copy);
            }
            4 => {
                let piece = PIECES[random.below(PIECES.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
            _ => bytes[at..end].fill(random.below(256) as u8),
        }
    }
}

/// Damages `sample` in `count` ways, and puts it into a file with `wrap`. In a
/// good part of the files entries must still be found, or nothing was tried.
fn try_all(sample: &[u8], count: u64, wrap: fn(Vec<u8>) -> Vec<u8>) {
    let options = ImportOptions {
        limits: CaptureLimits {
            record_bytes: 8 << 10,
            file_bytes: 256 << 10,
            document_bytes: 256 << 10,
            revisit_bytes: 32 << 10,
            ..CaptureLimits::default()
        },
        url: None,
    };
    let mut whole = 0;
    for seed in 0..count {
        let mut bytes = sample.to_vec();
        damage(&mut bytes, &mut Random(seed));
        let bytes = wrap(bytes);
        let mut handed = 0;
        let _ = import(Cursor::new(&bytes), "f", &options, &mut |found| {
            handed += 1;
            if let Ok(captured) = found {
                whole += 1;
                assert!(captured.payload.len() <= options.limits.document_bytes);
                let _ = captured.body(1 << 20);
            }
            ControlFlow::Continue(())
        });
        assert!(handed <= bytes.len(), "seed {seed}: {handed} entries");
    }
    assert!(whole > count / 4, "only {whole} entries came through");
}

#[test]
fn damaged_warc_files_are_survived() {
    try_all(&sample(), 2_000, |bytes| bytes);
    let mut plain = Vec::new();
    MultiGzDecoder::new(&sample()[..])
        .read_to_end(&mut plain)
        .expect("gzip");
    try_all(&plain, 2_000, |bytes| bytes);
}

fn zipped(warc: Vec<u8>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let package = br#"{"resources":[{"path":"archive/a.warc.gz"}]}"#;
    for (name, bytes) in [
        ("archive/a.warc.gz", &warc[..]),
        ("datapackage.json", package),
    ] {
        zip.start_file(name, SimpleFileOptions::default())
            .expect("a file");
        zip.write_all(bytes).expect("written");
    }
    zip.finish().expect("a ZIP file").into_inner()
}

#[test]
fn damaged_wacz_files_are_survived() {
    try_all(&sample(), 1_000, zipped);
    // Damage to the ZIP file itself leaves little of it.
    let whole = zipped(sample());
    for seed in 0..2_000 {
        let mut bytes = whole.clone();
        damage(&mut bytes, &mut Random(seed));
        import_all(&bytes, &ImportOptions::default());
    }
}

#[test]
fn damaged_har_files_are_survived() {
    let entry = r#"{"startedDateTime":"2026-11-25T02:10:00Z","request":{"method":"GET","url":"https://a.example/","headers":[{"name":"a","value":"b"}]},"response":{"status":200,"statusText":"","headers":[{"name":"content-type","value":"a/b"}],"content":{"size":3,"mimeType":"a/b","text":"AP9/","encoding":"base64"}}}"#;
    try_all(
        format!(r#"{{"log":{{"version":"1.2","entries":[{entry},{entry},{entry}]}}}}"#).as_bytes(),
        4_000,
        |bytes| bytes,
    );
}

#[test]
fn damaged_pages_are_survived() {
    let part = "Content-Type: text/html\r\nContent-Location: https://a.example/\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>=C3=A9=\r\n</p>\r\n--B";
    let mhtml = format!(
        "From: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=B\r\n\r\n--B\r\n{part}\r\n{part}\r\n{part}--\r\n"
    );
    try_all(mhtml.as_bytes(), 4_000, |bytes| bytes);
    try_all(b"<!DOCTYPE html>\n<!-- saved from url=(0024)https://a.example/p/7?x=1 -->\n<html><link rel=canonical href='https://a.example/'><p>some words of a page</p></html>", 1_000, |bytes| bytes);
}
