//! Redirects into circles, into nothing, and to where nobody should go.

use super::talk::{answer, head, moved, page, text};
use super::{Case, Step, case, site};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = circles();
    cases.extend(nowhere());
    cases.extend(elsewhere());
    cases.extend(tricks());
    cases
}

fn circles() -> Vec<Case> {
    vec![
        case("a redirect to itself", "redirect", [moved("/a")]),
        site(
            "two pages that redirect to each other",
            "redirect",
            vec![("/a", vec![moved("/b")]), ("/b", vec![moved("/a")])],
        ),
        site(
            "a redirect that grows",
            "redirect",
            vec![("/a", vec![moved("/x")]), ("*", vec![moved("{path}x")])],
        ),
        site(
            "a page with a meta refresh to another; that one is read",
            "200",
            vec![("/a", sends_on("0;url=/b")), ("/b", vec![page("x")])],
        )
        .with_body("x"),
        site(
            "two pages that send on to each other by meta refresh",
            "redirect",
            vec![("/a", sends_on("0;url=/b")), ("/b", sends_on("0;url=/a"))],
        ),
        site("twenty redirects in a row", "redirect", chain(20)),
        site("ten redirects, which is the limit", "200", chain(10)).with_body("x"),
        site("eleven redirects", "redirect", chain(11)),
        case(
            "a redirect to a fragment of itself",
            "redirect",
            [moved("#top")],
        ),
        site(
            "a redirect by an empty query to itself",
            "redirect",
            vec![("*", vec![moved("?")])],
        ),
        site(
            "robots.txt that redirects to itself; there is none then",
            "200",
            vec![
                ("/robots.txt", vec![moved("/robots.txt")]),
                ("/a", vec![page("x")]),
            ],
        ),
    ]
}

/// `/a`, then `/1`, `/2` …, and a page after `count` redirects.
fn chain(count: usize) -> super::Script {
    const PAGES: [&str; 21] = [
        "/a", "/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8", "/9", "/10", "/11", "/12", "/13",
        "/14", "/15", "/16", "/17", "/18", "/19", "/20",
    ];
    let mut script: super::Script = (0..count)
        .map(|at| (PAGES[at], vec![moved(PAGES[at + 1])]))
        .collect();
    script.push((PAGES[count], vec![page("x")]));
    script
}

/// A page that sends its readers on.
fn refreshed(does: &str, ends: &'static str, content: &str) -> Case {
    case(does, ends, sends_on(content))
}

fn sends_on(content: &str) -> Vec<Step> {
    let page = format!("<meta http-equiv=refresh content='{content}'>");
    vec![head(""), text(&page)]
}

fn nowhere() -> Vec<Case> {
    let located = |does: &str, ends, location: &str| case(does, ends, [moved(location)]);
    vec![
        case(
            "a redirect without a target",
            "redirect",
            [answer("302 Found", "", "")],
        ),
        located("a redirect with an empty target", "redirect", ""),
        located("a redirect with a blank target", "redirect", "  \t "),
        located(
            "a redirect to something that is no URL",
            "redirect",
            "http://[::1/",
        ),
        located(
            "a redirect to a port past 65,535",
            "redirect",
            "http://127.0.0.1:99999/",
        ),
        located(
            "a redirect to a host with a blank in it",
            "redirect",
            "http://a b/",
        ),
        case(
            "a redirect to several places",
            "redirect",
            [answer("302 Found", "Location: /b\r\nLocation: /c\r\n", "")],
        ),
        located(
            "a redirect to a URL of 3,000 characters",
            "bad-url",
            &format!("/{}", "x".repeat(3000)),
        ),
        located(
            "a redirect into a path of 21 levels",
            "bad-url",
            &"/again".repeat(21),
        ),
        case(
            "300 with a target; it is not followed",
            "300",
            [answer("300 Multiple Choices", "Location: /b\r\n", "")],
        ),
        case(
            "304 although nothing was asked conditionally",
            "304",
            [text(
                "HTTP/1.1 304 Not Modified\r\nLocation: /b\r\nConnection: close\r\n\r\n",
            )],
        ),
        case(
            "305, the proxy of old",
            "305",
            [answer(
                "305 Use Proxy",
                "Location: http://127.0.0.1:{trap}/\r\n",
                "",
            )],
        ),
        case(
            "201 with a target; it is not followed",
            "201",
            [answer(
                "201 Created",
                "Location: http://127.0.0.1:{trap}/\r\n",
                "",
            )],
        ),
        case(
            "a page with a Refresh header to another port",
            "host-refused",
            [answer(
                "200 OK",
                "Refresh: 0; url=http://127.0.0.1:{trap}/\r\n",
                "x",
            )],
        ),
        refreshed(
            "a page with a meta refresh to another port",
            "host-refused",
            "0;url=http://127.0.0.1:{trap}/",
        ),
        refreshed(
            "a page with a meta refresh to a file",
            "bad-url",
            "0;url=file:///etc/passwd",
        ),
        refreshed(
            "a page with a meta refresh to itself; it is read",
            "200",
            "0;url=/a",
        ),
        refreshed(
            "a page with a meta refresh in a minute; it is read",
            "200",
            "60;url=http://127.0.0.1:{trap}/",
        ),
        case(
            "a meta refresh for readers without scripts; the page is read",
            "200",
            [
                head(""),
                text(
                    "<noscript><meta http-equiv=refresh \
                     content='0;url=http://127.0.0.1:{trap}/'></noscript><h1>x</h1>",
                ),
            ],
        ),
        case(
            "an answer with a Refresh header to itself; it is read",
            "200",
            [answer("200 OK", "Refresh: 0; url=/a\r\n", "x")],
        ),
        case(
            "a page with a script that leads away",
            "200",
            [
                head(""),
                text("<script>location='http://127.0.0.1:{trap}/'</script>"),
            ],
        ),
    ]
}

fn elsewhere() -> Vec<Case> {
    let located = |does: &str, ends, location: &str| case(does, ends, [moved(location)]);
    vec![
        located("a redirect to a file", "bad-url", "file:///etc/passwd"),
        located(
            "a redirect to a file on a host",
            "bad-url",
            "file://127.0.0.1/etc/passwd",
        ),
        located("a redirect to a script", "bad-url", "javascript:alert(1)"),
        located(
            "a redirect to a data URL",
            "bad-url",
            "data:text/html,<h1>x</h1>",
        ),
        located("a redirect to FTP", "bad-url", "ftp://127.0.0.1:{trap}/"),
        located(
            "a redirect to gopher",
            "bad-url",
            "gopher://127.0.0.1:{trap}/_x",
        ),
        located("a redirect to mail", "bad-url", "mailto:a@shop.example"),
        located(
            "a redirect to a web socket",
            "bad-url",
            "ws://127.0.0.1:{trap}/",
        ),
        located(
            "a redirect with a user name",
            "bad-url",
            "http://admin@127.0.0.1:{port}/b",
        ),
        located(
            "a redirect to another port",
            "host-refused",
            "http://127.0.0.1:{trap}/",
        ),
        located(
            "a redirect without a scheme to another port",
            "host-refused",
            "//127.0.0.1:{trap}/",
        ),
        located(
            "the same behind backslashes",
            "host-refused",
            "\\\\127.0.0.1:{trap}\\",
        ),
        located(
            "the same with mixed slashes",
            "host-refused",
            "/\\127.0.0.1:{trap}/",
        ),
        located(
            "the same with a tab in the scheme",
            "host-refused",
            "ht\ttp://127.0.0.1:{trap}/",
        ),
        located(
            "the same with three slashes",
            "host-refused",
            "http:///127.0.0.1:{trap}/",
        ),
        located(
            "the same in capitals",
            "host-refused",
            "HTTP://127.0.0.1:{trap}/",
        ),
        located(
            "the same over TLS",
            "host-refused",
            "https://127.0.0.1:{trap}/",
        ),
        located(
            "a redirect to a mail port",
            "host-refused",
            "http://shop.example:25/",
        ),
        Case {
            definition: "",
            ..located(
                "a redirect to a host outside the definition",
                "host-refused",
                "http://other.example/",
            )
        },
        Case {
            definition: "",
            is_picture: true,
            ..located(
                "a picture's redirect to a host outside the definition",
                "host-refused",
                "http://other.example/a.jpg",
            )
        },
        located(
            "a redirect to TLS where nobody speaks it",
            "connection",
            "https://127.0.0.1:{port}/b",
        ),
        site(
            "two good redirects, then a private address",
            "host-refused",
            vec![
                ("/a", vec![moved("/b")]),
                ("/b", vec![moved("/c")]),
                ("/c", vec![moved("http://0x7f.1:{trap}/")]),
            ],
        ),
        site(
            "a redirect into what robots.txt forbids",
            "robots",
            vec![
                ("/a", vec![moved("/private/x")]),
                (
                    "/robots.txt",
                    vec![answer("200 OK", "", "User-agent: *\nDisallow: /private\n")],
                ),
            ],
        ),
    ]
}

fn tricks() -> Vec<Case> {
    let to = |does: &str, location: &'static str, path: &'static str| {
        site(
            does,
            "200",
            vec![("/a", vec![moved(location)]), (path, vec![page("x")])],
        )
        .with_body("x")
    };
    let status = |does: &str, status: &str| {
        let step: Step = answer(status, "Location: /b\r\n", "");
        site(
            does,
            "200",
            vec![("/a", vec![step]), ("/b", vec![page("x")])],
        )
        .with_body("x")
    };
    vec![
        to("a redirect with too many dots", "/../../../b", "/b"),
        to("a redirect with encoded dots", "/c/%2e%2e/b", "/b"),
        to("a redirect by a query alone", "?x=1", "/a?x=1"),
        to("a redirect with blanks around it", "   /b   ", "/b"),
        to("a redirect with a blank in it", "/b c", "/b%20c"),
        to(
            "a redirect in letters beyond ASCII",
            "/größe",
            "/gr%C3%B6%C3%9Fe",
        ),
        to("a redirect with a fragment", "/b#top", "/b"),
        site(
            "a redirect in bytes that are no UTF-8",
            "200",
            vec![
                (
                    "/a",
                    vec![
                        text(
                            "HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: /b",
                        ),
                        Step::Bytes(bytes::Bytes::from_static(b"\xff\r\n\r\n")),
                    ],
                ),
                ("/b%EF%BF%BD", vec![page("x")]),
            ],
        ),
        site(
            "the same target twice",
            "200",
            vec![
                (
                    "/a",
                    vec![answer("302 Found", "Location: /b\r\nLocation: /b\r\n", "")],
                ),
                ("/b", vec![page("x")]),
            ],
        ),
        status("301", "301 Moved Permanently"),
        status("303", "303 See Other"),
        status("307", "307 Temporary Redirect"),
        status("308", "308 Permanent Redirect"),
    ]
}
