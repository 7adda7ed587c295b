//! Bodies that unpack to too much, and bodies not packed as they say.

use bytes::Bytes;

use super::talk::{brotli, deflate, gzip, packed, page, text, zlib, zstd};
use super::{Case, Step, case, site};

const BOMB: usize = 16 << 20;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = bombs();
    cases.extend(codings());
    cases
}

fn bombs() -> Vec<Case> {
    let zeros = vec![0; BOMB];
    let swallowed = {
        // A gzip header whose file name has no end.
        let mut name = vec![0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 255];
        name.resize(BOMB, b'a');
        gzip(&name)
    };
    let bomb = |does: &str, coding: &str, body| case(does, "too-large", packed(coding, body));
    vec![
        bomb("16 MiB in a few KiB of gzip", "gzip", gzip(&zeros)),
        bomb("the same twice gzipped", "gzip, gzip", gzip(&gzip(&zeros))),
        bomb("16 MiB in deflate (zlib)", "deflate", zlib(&zeros)),
        bomb(
            "16 MiB in deflate without its frame",
            "deflate",
            deflate(&zeros),
        ),
        bomb("16 MiB in a few bytes of brotli", "br", brotli(&zeros)),
        bomb("16 MiB in zstd", "zstd", zstd(&zeros)),
        bomb(
            "16 MiB in zstd in brotli in gzip",
            "zstd, br, gzip",
            gzip(&brotli(&zstd(&zeros))),
        ),
        bomb(
            "a packed gzip header whose file name never ends",
            "gzip, gzip",
            swallowed,
        ),
        case(
            "four codings on top of each other",
            "coding",
            packed("gzip, gzip, gzip, gzip", gzip(b"x")),
        ),
        case(
            "20,000 empty gzip members",
            "coding",
            packed("gzip", gzip(b"").repeat(20_000)),
        ),
        case(
            "a zstd window of 128 MiB",
            "coding",
            packed("zstd", vec![0x28, 0xb5, 0x2f, 0xfd, 0, 17 << 3, 1, 0, 0]),
        ),
        case(
            "a brotli window of 1 GiB",
            "coding",
            packed("br", vec![0x11, 0x1e, 0, 0, 3]),
        ),
        case(
            "a redirect with a bomb as its body",
            "redirect",
            [
                text(
                    "HTTP/1.1 302 Found\r\nLocation: /a\r\nConnection: close\r\nContent-Encoding: gzip\r\n\r\n",
                ),
                Step::Bytes(Bytes::from(gzip(&zeros))),
            ],
        ),
        case(
            "an overloaded server with a bomb as its apology",
            "http",
            [
                text("HTTP/1.1 500 Oops\r\nConnection: close\r\nContent-Encoding: gzip\r\n\r\n"),
                Step::Bytes(Bytes::from(gzip(&zeros))),
            ],
        ),
        site(
            "robots.txt is a bomb; its first 500 KiB count",
            "200",
            vec![
                ("/robots.txt", packed("gzip", gzip(&zeros))),
                ("/a", vec![page("x")]),
            ],
        ),
    ]
}

fn codings() -> Vec<Case> {
    let mut wrong_sum = gzip(b"page");
    let at = wrong_sum.len() - 6;
    wrong_sum[at] ^= 1;
    let mut half = gzip(&(0..9999_u32).flat_map(u32::to_be_bytes).collect::<Vec<_>>());
    half.truncate(half.len() / 2);
    let html = || b"<!doctype html><p>not packed</p>".to_vec();
    vec![
        case(
            "HTML that says it is gzip",
            "coding",
            packed("gzip", html()),
        ),
        case(
            "HTML that says it is brotli",
            "coding",
            packed("br", html()),
        ),
        case(
            "HTML that says it is zstd",
            "coding",
            packed("zstd", html()),
        ),
        case(
            "HTML that says it is deflate",
            "coding",
            packed("deflate", html()),
        ),
        case(
            "gzip that says it is brotli",
            "coding",
            packed("br", gzip(b"page")),
        ),
        case(
            "a coding nobody knows",
            "coding",
            packed("x-snappy", html()),
        ),
        case(
            "the right codings in the wrong order",
            "coding",
            packed("br, gzip", brotli(&gzip(b"x"))),
        ),
        case(
            "gzip with a wrong checksum",
            "coding",
            packed("gzip", wrong_sum),
        ),
        case("gzip that breaks off", "connection", packed("gzip", half)),
        case(
            "a character set as coding",
            "200",
            packed("utf-8", b"page".to_vec()),
        )
        .with_body("page"),
        case(
            "gzip in capitals, with blanks",
            "200",
            packed(" , GZIP ,", gzip(b"page")),
        )
        .with_body("page"),
        case(
            "gzip in two members",
            "200",
            packed("gzip", [gzip(b"pa"), gzip(b"ge")].concat()),
        )
        .with_body("page"),
        case(
            "gzip with HTML after its end",
            "200",
            packed("gzip", [gzip(b"page"), html()].concat()),
        )
        .with_body("page"),
        case("gzip of nothing at all", "200", packed("gzip", Vec::new())).with_body(""),
    ]
}
