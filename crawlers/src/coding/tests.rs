use std::io::Write;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use super::*;

const LIMIT: usize = 1 << 20;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(bytes).expect("packed");
    packer.finish().expect("packed")
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes).expect("packed");
    packer.finish().expect("packed")
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes).expect("packed");
    packer.finish().expect("packed")
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut packer = ::brotli::CompressorWriter::new(&mut packed, 4096, 5, 22);
    packer.write_all(bytes).expect("packed");
    drop(packer);
    packed
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ::zstd::stream::encode_all(bytes, 3).expect("packed")
}

/// 150 KB that do not pack to nothing.
fn page() -> Vec<u8> {
    (0..15_000_u32)
        .flat_map(|n| format!("<p>{:08x}", n.wrapping_mul(2_654_435_761)).into_bytes())
        .collect()
}

#[test]
fn every_coding_gives_back_what_was_packed() {
    let page = page();
    for (header, packed) in [
        ("gzip", gzip(&page)),
        ("x-gzip", gzip(&page)),
        ("GZip", gzip(&page)),
        ("deflate", zlib(&page)),
        ("deflate", deflate(&page)),
        ("br", brotli(&page)),
        ("zstd", zstd(&page)),
        ("identity", page.clone()),
        ("none", page.clone()),
        ("", page.clone()),
        ("gzip, br", brotli(&gzip(&page))),
        ("identity,gzip", gzip(&page)),
        ("br, zstd, gzip", gzip(&zstd(&brotli(&page)))),
    ] {
        let decoded = decode(Some(header), &packed, LIMIT).expect(header);
        assert!(decoded == page, "{header}");
    }
    assert!(decode(None, &page, LIMIT).expect("as it is") == page);
}

#[test]
fn it_does_not_matter_where_the_pieces_are_cut() {
    let page = page();
    let small = &page[..3000];
    for (codings, packed) in [
        (vec![Coding::Gzip], gzip(small)),
        (vec![Coding::Deflate], zlib(small)),
        (vec![Coding::Deflate], deflate(small)),
        (vec![Coding::Brotli], brotli(small)),
        (vec![Coding::Zstd], zstd(small)),
        (vec![Coding::Zstd, Coding::Gzip], gzip(&zstd(small))),
    ] {
        for size in [1, 2, 7, 1000] {
            let mut decoder = Decoder::new(&codings, LIMIT);
            for piece in packed.chunks(size) {
                decoder.push(piece).expect("a piece");
            }
            assert_eq!(
                decoder.finish().expect("whole"),
                small,
                "{codings:?} by {size}"
            );
        }
    }
}

#[test]
fn every_optional_field_of_a_gzip_header_is_skipped() {
    let mut packed = vec![0x1f, 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 255];
    packed.extend_from_slice(b"\x03\x00abcname\0comment\0\x12\x34");
    packed.extend_from_slice(&gzip(b"page")[10..]);
    assert_eq!(
        decode(Some("gzip"), &packed, LIMIT).expect("decoded"),
        "page"
    );
}

#[test]
fn several_members_and_frames_are_read_and_what_follows_them_is_not() {
    let twice = |one: Vec<u8>| [one.clone(), one].concat();
    for (header, packed) in [("gzip", twice(gzip(b"ab"))), ("zstd", twice(zstd(b"ab")))] {
        assert_eq!(decode(Some(header), &packed, LIMIT).expect(header), "abab");
    }
    for (header, packed) in [
        ("gzip", gzip(b"ab")),
        ("deflate", zlib(b"ab")),
        ("br", brotli(b"ab")),
        ("zstd", zstd(b"ab")),
    ] {
        for more in [&b"\n"[..], &[0; 30], b"<!-- cached -->"] {
            let packed = [&packed, more].concat();
            assert_eq!(decode(Some(header), &packed, LIMIT).expect(header), "ab");
        }
    }
}

#[test]
fn a_stream_that_breaks_off_is_an_error_with_what_came() {
    let page = page();
    for (header, packed) in [
        ("gzip", gzip(&page)),
        ("deflate", zlib(&page)),
        ("deflate", deflate(&page)),
        ("br", brotli(&page)),
        ("zstd", zstd(&page)),
        ("br, gzip", gzip(&brotli(&page))),
    ] {
        let half = &packed[..packed.len() / 2];
        match decode(Some(header), half, LIMIT) {
            Err(CodingError::Truncated { partial, .. }) => {
                assert!(page.starts_with(&partial), "{header}");
                // A format may hold back its last block.
                assert!(header == "zstd" || !partial.is_empty(), "{header}");
            }
            other => panic!("{header}: {other:?}"),
        }
        let shorter = &packed[..packed.len() - 1];
        assert!(
            matches!(
                decode(Some(header), shorter, LIMIT),
                Err(CodingError::Truncated { .. })
            ),
            "{header} without its last byte"
        );
    }
}

#[test]
fn a_body_without_a_byte_is_empty_under_any_coding() {
    for header in ["gzip", "deflate", "br", "zstd", "gzip, br"] {
        assert_eq!(decode(Some(header), b"", LIMIT).expect(header), "");
    }
}

#[test]
fn what_is_not_what_it_says_is_refused() {
    for header in ["gzip", "deflate", "br", "zstd"] {
        let error = decode(Some(header), b"<!doctype html><title>a page</title>", LIMIT);
        assert!(
            matches!(
                error,
                Err(CodingError::Corrupt { .. } | CodingError::Truncated { .. })
            ),
            "{header}: {error:?}"
        );
    }
    let mut packed = gzip(b"page");
    let sum = packed.len() - 6;
    packed[sum] ^= 1;
    let error = decode(Some("gzip"), &packed, LIMIT).expect_err("another checksum");
    assert_eq!(
        error.to_string(),
        "it is no gzip: its checksum does not fit"
    );
}

#[test]
fn unknown_codings_are_named_and_towers_of_codings_refused() {
    let error = decode(Some("gzip, Compress"), b"", LIMIT).expect_err("unknown");
    assert_eq!(
        error,
        CodingError::Unknown {
            name: "compress".to_owned()
        }
    );
    assert!(error.to_string().contains("\"compress\""), "{error}");
    let long = "x".repeat(5000);
    assert!(
        decode(Some(&long), b"", LIMIT)
            .expect_err("unknown")
            .to_string()
            .len()
            < 200
    );
    let tower = ["gzip"; 4].join(",");
    assert_eq!(decode(Some(&tower), b"", LIMIT), Err(CodingError::TooMany));
}

#[test]
fn a_bomb_stops_at_the_limit_and_soon() {
    const BOMB: usize = 16 << 20;
    // Debug builds on a busy machine; the work itself is a few milliseconds.
    const SOON: Duration = Duration::from_secs(2);
    let zeros = vec![0; BOMB];
    for (header, packed) in [
        ("gzip", gzip(&zeros)),
        ("gzip, gzip", gzip(&gzip(&zeros))),
        ("deflate", zlib(&zeros)),
        ("br", brotli(&zeros)),
        ("zstd", zstd(&zeros)),
        ("zstd, br", brotli(&zstd(&zeros))),
    ] {
        let start = Instant::now();
        let mut decoder = Decoder::new(&Coding::list(Some(header)).expect("codings"), LIMIT);
        let error = decoder.push(&packed).expect_err(header);
        assert_eq!(error, CodingError::TooLarge { limit: LIMIT }, "{header}");
        assert_eq!(decoder.into_partial().len(), LIMIT, "{header}");
        assert!(
            start.elapsed() < SOON,
            "{header} took {:?}",
            start.elapsed()
        );
    }
    assert_eq!(
        decode(Some("gzip"), &gzip(&zeros[..LIMIT]), LIMIT)
            .expect("just fits")
            .len(),
        LIMIT
    );
}

#[test]
fn what_a_stage_swallows_is_bounded_too() {
    // The inner gzip is one file name without end: it never gives a byte.
    let mut inner = vec![0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 255];
    inner.resize(32 << 20, b'a');
    let error = decode(Some("gzip, gzip"), &gzip(&inner), LIMIT).expect_err("swallowed");
    assert_eq!(error, CodingError::TooLarge { limit: LIMIT });
    let members = gzip(b"").repeat(20_000);
    let error = decode(Some("gzip"), &members, LIMIT).expect_err("members");
    assert!(error.to_string().contains("too many members"), "{error}");
}

#[test]
fn zstd_and_brotli_windows_are_those_of_the_web() {
    // RFC 8878 §3.1.1.1: magic, a descriptor without checksum, a window of 2^27.
    let wide = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 17 << 3, 0x01, 0x00, 0x00];
    let error = decode(Some("zstd"), &wide, LIMIT).expect_err("too wide");
    assert!(matches!(error, CodingError::Corrupt { .. }), "{error}");
    // The draft of large windows: 0x11, then the width.
    let error = decode(Some("br"), &[0x11, 0x1e, 0x00, 0x00, 0x03], LIMIT).expect_err("too wide");
    assert!(matches!(error, CodingError::Corrupt { .. }), "{error}");
}

#[test]
fn all_content_encoding_lines_count_as_one_list() {
    let headers = [
        ("Content-Encoding".to_owned(), "gzip".to_owned()),
        ("content-type".to_owned(), "text/html".to_owned()),
        ("content-encoding".to_owned(), "br".to_owned()),
    ];
    assert_eq!(content_encoding(&headers).as_deref(), Some("gzip, br"));
    assert_eq!(content_encoding(&headers[1..2]), None);
}
