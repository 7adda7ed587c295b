//! Answers that are not quite HTTP, and connections that break.

use bytes::Bytes;

use super::talk::{answer, chunked, head, page, text};
use super::{Case, Step, case, site};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = status_lines();
    cases.extend(headers());
    cases.extend(framing());
    cases.extend(connections());
    cases
}

/// A text as the whole answer.
fn says(does: &str, ends: &'static str, whole: &str) -> Case {
    case(does, ends, [text(whole)])
}

fn status_lines() -> Vec<Case> {
    vec![
        says("a word", "protocol", "hello\r\n\r\n"),
        says(
            "HTML alone (HTTP/0.9)",
            "protocol",
            "<html><h1>page</h1></html>\r\n\r\n",
        ),
        says(
            "a version that does not exist",
            "protocol",
            "HTTP/9.9 200 OK\r\n\r\n",
        ),
        says(
            "a version in small letters",
            "protocol",
            "http/1.1 200 OK\r\n\r\n",
        ),
        says(
            "the beginning of HTTP/2",
            "protocol",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ),
        says(
            "a status of two digits",
            "protocol",
            "HTTP/1.1 20 OK\r\n\r\n",
        ),
        says(
            "a status of four digits",
            "protocol",
            "HTTP/1.1 2000 OK\r\n\r\n",
        ),
        says("a negative status", "protocol", "HTTP/1.1 -12 OK\r\n\r\n"),
        says(
            "status 000",
            "protocol",
            "HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n",
        ),
        says(
            "status 999",
            "999",
            "HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n",
        ),
        says(
            "no reason phrase",
            "200",
            "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
        ),
        says(
            "a NUL in the reason phrase",
            "protocol",
            "HTTP/1.1 200 O\0K\r\nContent-Length: 0\r\n\r\n",
        ),
        says(
            "line ends without carriage return",
            "200",
            "HTTP/1.1 200 OK\nContent-Length: 4\n\npage",
        )
        .with_body("page"),
        says("the greeting of SSH", "protocol", "SSH-2.0-OpenSSH_9.9\r\n"),
        says(
            "the greeting of SMTP",
            "protocol",
            "220 mail.shop.example ESMTP\r\n",
        ),
        says(
            "the answer of Redis",
            "protocol",
            "-ERR unknown command\r\n",
        ),
        case(
            "a TLS alert",
            "protocol",
            [Step::Bytes(Bytes::from_static(
                b"\x15\x03\x01\x00\x02\x02\x28",
            ))],
        ),
        case(
            "random bytes",
            "protocol",
            [Step::Bytes(Bytes::from_static(b"\x00\xff\x13\x37\r\n\r\n"))],
        ),
        says(
            "101, a protocol nobody asked for",
            "protocol",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nx",
        ),
        says(
            "100, then a page",
            "200",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage",
        )
        .with_body("page"),
        says(
            "100, then nothing",
            "connection",
            "HTTP/1.1 100 Continue\r\n\r\n",
        ),
    ]
}

fn headers() -> Vec<Case> {
    let with = |does: &str, ends, line: &str| {
        says(
            does,
            ends,
            &format!("HTTP/1.1 200 OK\r\n{line}Content-Length: 4\r\nConnection: close\r\n\r\npage"),
        )
    };
    vec![
        with("a header without a colon", "protocol", "nonsense\r\n"),
        with("a header without a name", "protocol", ": x\r\n"),
        with("a blank before the colon", "protocol", "X-A : x\r\n"),
        with("a folded header", "protocol", "X-A: x\r\n y\r\n"),
        with("a header that begins folded", "protocol", " X-A: x\r\n"),
        with("a NUL in a value", "protocol", "X-A: x\0y\r\n"),
        with("a NUL in a name", "protocol", "X\0A: x\r\n"),
        with(
            "a lone carriage return in a value",
            "protocol",
            "X-A: x\ry\r\n",
        ),
        with(
            "letters beyond ASCII in a name",
            "protocol",
            "X-Größe: x\r\n",
        ),
        with("letters beyond ASCII in a value", "200", "X-A: Größe\r\n").with_body("page"),
        with("an empty value", "200", "X-A:\r\n").with_body("page"),
        with(
            "cookies, for the next request to bring back",
            "200",
            "Set-Cookie: a=1; Path=/; Max-Age=99999\r\n",
        ),
        site(
            "a cookie with a redirect, to see whether it comes back",
            "200",
            vec![
                (
                    "/a",
                    vec![answer(
                        "302 Found",
                        "Location: /b\r\nSet-Cookie: seen=1; Path=/\r\n",
                        "",
                    )],
                ),
                ("/b", vec![page("x")]),
            ],
        ),
        with(
            "a content type that is no such thing",
            "200",
            "Content-Type: ;;;=,\r\n",
        )
        .with_body("page"),
    ]
}

fn framing() -> Vec<Case> {
    let lengths = |does: &str, ends, lines: &str| {
        says(
            does,
            ends,
            &format!("HTTP/1.1 200 OK\r\n{lines}Connection: close\r\n\r\npage"),
        )
    };
    let chunks = |does: &str, ends, body: &str| case(does, ends, [chunked(), text(body)]);
    vec![
        lengths("two lengths that differ", "protocol", "Content-Length: 4\r\nContent-Length: 5\r\n"),
        lengths("the same length twice", "200", "Content-Length: 4\r\nContent-Length: 4\r\n").with_body("page"),
        lengths("a list of lengths", "protocol", "Content-Length: 4, 5\r\n"),
        lengths("a length with a sign", "protocol", "Content-Length: +4\r\n"),
        lengths("a negative length", "protocol", "Content-Length: -4\r\n"),
        lengths("a length in hexadecimal", "protocol", "Content-Length: 0x4\r\n"),
        lengths("a length past 64 bits", "protocol", "Content-Length: 99999999999999999999\r\n"),
        lengths("an empty length", "protocol", "Content-Length: \r\n"),
        lengths("no length at all", "200", "").with_body("page"),
        says("length and chunks at once; the chunks count", "200", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n4\r\npage\r\n0\r\n\r\n").with_body("page"),
        says("chunks under HTTP/1.0", "protocol", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npage\r\n0\r\n\r\n"),
        says("HTTP/1.0 and no length", "200", "HTTP/1.0 200 OK\r\n\r\npage").with_body("page"),
        chunks("chunks with trailers", "200", "4\r\npage\r\n0\r\nX-Late: 1\r\n\r\n").with_body("page"),
        chunks("chunks with extensions", "200", "4;a=b;c=\"d\"\r\npage\r\n0;e\r\n\r\n").with_body("page"),
        chunks("chunk sizes in capitals, with zeros before", "200", "0004\r\npage\r\n000\r\n\r\n").with_body("page"),
        chunks("a chunk size that is no number", "connection", "zz\r\npage\r\n0\r\n\r\n"),
        chunks("a chunk size in C's notation", "connection", "0x4\r\npage\r\n0\r\n\r\n"),
        chunks("an empty chunk size", "connection", "\r\npage\r\n0\r\n\r\n"),
        chunks("a chunk longer than it says", "connection", "2\r\npage\r\n0\r\n\r\n"),
        chunks("chunks without the last one", "connection", "4\r\npage\r\n"),
        chunks("chunks that end within one", "connection", "40\r\npage"),
        says("204 with a body", "204", "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\npage").with_body(""),
        says("205 with a length", "205", "HTTP/1.1 205 Reset\r\nContent-Length: 4\r\nConnection: close\r\n\r\npage"),
    ]
}

fn connections() -> Vec<Case> {
    let keep = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage";
    vec![
        case("a connection closed without an answer", "connection", []),
        case("a connection broken off at once", "connection", [Step::Reset]),
        case("a connection broken off within the headers", "connection", [text("HTTP/1.1 200 OK\r\nX-A"), Step::Reset]),
        case("a connection closed within the headers", "connection", [text("HTTP/1.1 200 OK\r\nX-A")]),
        case("a connection broken off within the body", "connection", [head("Content-Length: 20\r\n"), text("0123456789"), Step::Reset]),
        case("a body without length, then a reset", "connection", [head(""), text("0123456789"), Step::Reset]),
        case("a page, then only half the connection closed", "200", [head(""), text("page"), Step::HalfClose, Step::Silence]).with_body("page"),
        case("half the connection closed before the answer", "connection", [Step::HalfClose, Step::Silence]),
        case("two answers to one request; the second is nobody's", "200", [text(&format!("{keep}HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfalse"))]).with_body("page"),
        site(
            "a second answer, in wait for the next request",
            "200",
            vec![
                ("/a", vec![
                    text("HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfalse"),
                    Step::NextRequest,
                ]),
                ("/b", vec![page("right")]),
            ],
        )
        .with_body("right"),
        site(
            "two pages over one connection",
            "200",
            vec![
                ("/a", vec![text("HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"), Step::NextRequest]),
                ("/b", vec![page("right")]),
            ],
        )
        .with_body("right"),
        Case {
            url: "https://127.0.0.1:{port}/a".to_owned(),
            ..case("plain HTTP where TLS was asked for", "robots-unreachable", [page("x")])
        },
    ]
}
