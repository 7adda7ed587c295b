//! Too much, and too slow. The limits here: bodies of 1 MiB, headers of 64
//! KiB, a second and a half for what is slow.

use std::time::Duration;

use bytes::Bytes;

use super::talk::{answer, chunked, gzip, head, moved, page, text};
use super::{Case, Step, case, site};

const PAUSE: Duration = Duration::from_millis(100);

pub(super) fn cases() -> Vec<Case> {
    let mut cases = endless();
    cases.extend(slow());
    cases
}

fn forever(bytes: &'static str) -> Step {
    Step::Forever(Bytes::from_static(bytes.as_bytes()))
}

fn drip(bytes: &'static str) -> Step {
    Step::Drip(Bytes::from_static(bytes.as_bytes()), PAUSE)
}

fn endless() -> Vec<Case> {
    vec![
        case(
            "a body of 2 MiB, honestly announced",
            "too-large",
            [head("Content-Length: 2097152\r\n"), forever("x")],
        ),
        case(
            "a body that says it is 2^63 bytes",
            "too-large",
            [head("Content-Length: 9223372036854775807\r\n"), text("x")],
        ),
        case(
            "a body without length and without end",
            "too-large",
            [head(""), forever("x")],
        ),
        case(
            "chunks of 1 KiB without end",
            "too-large",
            [
                chunked(),
                Step::Forever(Bytes::from(format!("400\r\n{}\r\n", "x".repeat(0x400)))),
            ],
        ),
        case(
            "chunks of one byte without end",
            "too-large",
            [chunked(), forever("1\r\nx\r\n")],
        )
        .adjusted(|options| options.limits.response_bytes = 64 << 10),
        case(
            "a chunk extension without end",
            "connection",
            [chunked(), text("5;a="), forever("x")],
        ),
        case(
            "trailers without end",
            "connection",
            [chunked(), text("1\r\nx\r\n0\r\n"), forever("a: b\r\n")],
        ),
        case(
            "a trailer line without end",
            "connection",
            [chunked(), text("1\r\nx\r\n0\r\na: "), forever("x")],
        ),
        case(
            "a body that announces 100 bytes and has 10",
            "connection",
            [head("Content-Length: 100\r\n"), text("0123456789")],
        ),
        case(
            "a body that announces 4 bytes and has more",
            "200",
            [head("Content-Length: 4\r\n"), text("page, and some more")],
        )
        .with_body("page"),
        case(
            "a chunk size past 64 bits",
            "connection",
            [chunked(), text("fffffffffffffffff\r\nx\r\n0\r\n\r\n")],
        ),
        case(
            "a chunk size of 2^63",
            "connection",
            [chunked(), text("7fffffffffffffff\r\nx\r\n")],
        ),
        case(
            "a negative chunk size",
            "connection",
            [chunked(), text("-1\r\nx\r\n0\r\n\r\n")],
        ),
        case(
            "ten thousand header lines",
            "too-large",
            [
                text("HTTP/1.1 200 OK\r\n"),
                Step::Bytes(Bytes::from("a: b\r\n".repeat(10_000))),
                text("\r\n"),
            ],
        ),
        case(
            "header lines without end",
            "too-large",
            [text("HTTP/1.1 200 OK\r\n"), forever("a: b\r\n")],
        ),
        case(
            "one header line of 1 MiB",
            "too-large",
            [
                text("HTTP/1.1 200 OK\r\na: "),
                Step::Bytes(Bytes::from(vec![b'x'; 1 << 20])),
                text("\r\n\r\n"),
            ],
        ),
        case(
            "a header line without end",
            "too-large",
            [text("HTTP/1.1 200 OK\r\na: "), forever("x")],
        ),
        case(
            "a status line without end",
            "too-large",
            [text("HTTP/1.1 200 "), forever("x")],
        ),
        case(
            "eight MiB of cookies in 90 lines",
            "too-large",
            [
                text("HTTP/1.1 200 OK\r\n"),
                Step::Bytes(Bytes::from(
                    format!("Set-Cookie: {}\r\n", "x".repeat(90_000)).repeat(90),
                )),
                text("\r\n"),
            ],
        ),
        case(
            "interim answers without end",
            "too-large",
            [forever("HTTP/1.1 100 Continue\r\n\r\n")],
        ),
        case(
            "early hints without end",
            "too-large",
            [forever(
                "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n",
            )],
        ),
        case(
            "twenty early hints, then a page",
            "200",
            [
                Step::Bytes(Bytes::from("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(20))),
                page("x"),
            ],
        ),
        case(
            "a redirect with a body without end",
            "redirect",
            [
                text("HTTP/1.1 302 Found\r\nLocation: /a\r\nConnection: close\r\n\r\n"),
                forever("x"),
            ],
        ),
        case(
            "a 404 without end",
            "too-large",
            [text("HTTP/1.1 404 Not Found\r\n\r\n"), forever("x")],
        ),
        case(
            "a 503 without end",
            "http",
            [
                text("HTTP/1.1 503 Busy\r\nRetry-After: 0\r\n\r\n"),
                forever("x"),
            ],
        ),
        site(
            "robots.txt without end; its first 500 KiB count",
            "200",
            vec![
                ("/robots.txt", vec![head(""), forever("# no end\n")]),
                ("/a", vec![page("x")]),
            ],
        ),
        case(
            "a picture of 2 MiB",
            "too-large",
            [head("Content-Type: image/jpeg\r\n"), forever("\u{7f}")],
        )
        .of_picture(),
        case("a URL of 3,000 characters", "bad-url", [page("x")]).with_path(&"x".repeat(3000)),
        case("a path of 21 levels", "bad-url", [page("x")]).with_path(&"a/".repeat(21)),
    ]
}

fn slow() -> Vec<Case> {
    let slow = |does: &str, steps: Vec<Step>| case(does, "timeout", steps).impatient();
    vec![
        slow("no answer", vec![Step::Silence]),
        slow(
            "one byte of the status line at a time",
            vec![drip("HTTP/1.1 200 OK\r\n\r\n")],
        ),
        slow(
            "one byte of the headers at a time",
            vec![
                text("HTTP/1.1 200 OK\r\n"),
                drip("X-Slow: 0123456789\r\n\r\n"),
            ],
        ),
        slow(
            "headers, then silence",
            vec![head("Content-Length: 4\r\n"), Step::Silence],
        ),
        slow(
            "half a line, then silence",
            vec![text("HTTP/1.1 200 O"), Step::Silence],
        ),
        slow(
            "one byte of the body at a time",
            vec![head("Content-Length: 20\r\n"), drip("01234567890123456789")],
        ),
        slow(
            "one byte at a time of a body without length",
            vec![head(""), drip("01234567890123456789")],
        ),
        slow(
            "half the body, then silence",
            vec![
                head("Content-Length: 20\r\n"),
                text("0123456789"),
                Step::Silence,
            ],
        ),
        slow(
            "a chunk size, then silence",
            vec![chunked(), text("5\r\n"), Step::Silence],
        ),
        slow(
            "chunks, but never the last one",
            vec![chunked(), text("1\r\nx\r\n"), Step::Silence],
        ),
        slow(
            "gzip one byte at a time",
            vec![
                head("Content-Encoding: gzip\r\n"),
                Step::Drip(Bytes::from(gzip(b"a page")), PAUSE),
            ],
        ),
        slow(
            "an interim answer, then silence",
            vec![text("HTTP/1.1 100 Continue\r\n\r\n"), Step::Silence],
        ),
        slow(
            "a redirect, and a body that comes slowly",
            vec![
                text("HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n"),
                drip("01234567890123456789"),
            ],
        ),
        slow(
            "an apology (500) that comes slowly",
            vec![
                text("HTTP/1.1 500 Oops\r\n\r\n"),
                drip("01234567890123456789"),
            ],
        ),
        site(
            "a redirect, then no answer",
            "timeout",
            vec![("/a", vec![moved("/b")]), ("/b", vec![Step::Silence])],
        )
        .impatient(),
        site(
            "robots.txt that comes slowly",
            "robots-unreachable",
            vec![
                (
                    "/robots.txt",
                    vec![head(""), drip("User-agent: *\nAllow: /\n")],
                ),
                ("/a", vec![page("x")]),
            ],
        )
        .impatient(),
        case(
            "everything at once and no end of the connection",
            "200",
            [answer("200 OK", "", "page"), Step::Silence],
        )
        .with_body("page"),
    ]
}

impl Case {
    fn of_picture(mut self) -> Self {
        self.is_picture = true;
        self
    }

    fn with_path(mut self, path: &str) -> Self {
        self.url = format!("http://127.0.0.1:{{port}}/{path}");
        self
    }
}
