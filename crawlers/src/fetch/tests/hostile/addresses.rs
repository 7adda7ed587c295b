//! Private addresses in every spelling, and names that lead to them.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::talk::{answer, moved, page};
use super::{Case, case, site};
use crate::fetch::connect::Lookup;

/// Every URL is asked for as a picture and redirected to from a page.
/// `{trap}` is a port of this machine where nobody may knock.
const SPELLINGS: &[(&str, &str)] = &[
    ("http://127.0.0.1:{trap}/", "loopback"),
    (
        "http://2130706433:{trap}/",
        "loopback as one decimal number",
    ),
    (
        "http://0x7f000001:{trap}/",
        "loopback as one hexadecimal number",
    ),
    (
        "http://017700000001:{trap}/",
        "loopback as one octal number",
    ),
    ("http://0x7f.1:{trap}/", "loopback, hexadecimal and short"),
    ("http://0177.0.0.1:{trap}/", "loopback, octal"),
    ("http://0177.0.0x0.1:{trap}/", "loopback, every base in one"),
    ("http://127.1:{trap}/", "loopback, short"),
    ("http://127.0.1:{trap}/", "loopback in three parts"),
    ("http://127.0.0.1.:{trap}/", "loopback with the root's dot"),
    ("http://127.255.255.254:{trap}/", "the far end of loopback"),
    ("http://0:{trap}/", "zero"),
    ("http://0.0.0.0:{trap}/", "unspecified"),
    (
        "http://１２７．０．０．１:{trap}/",
        "loopback in full-width digits",
    ),
    (
        "http://127。0。0。1:{trap}/",
        "loopback with ideographic dots",
    ),
    ("http://①②⑦.⓪.⓪.①:{trap}/", "loopback in circled digits"),
    (
        "http://%31%32%37.0.0.1:{trap}/",
        "loopback, percent-encoded",
    ),
    (
        "http://127.0.%30.1:{trap}/",
        "loopback, percent-encoded in part",
    ),
    ("http:\\\\127.0.0.1:{trap}\\", "loopback behind backslashes"),
    ("http:////127.0.0.1:{trap}/", "loopback behind four slashes"),
    ("http://[::1]:{trap}/", "IPv6 loopback"),
    (
        "http://[0:0:0:0:0:0:0:1]:{trap}/",
        "IPv6 loopback, written out",
    ),
    ("http://[::]:{trap}/", "IPv6 unspecified"),
    ("http://[::ffff:127.0.0.1]:{trap}/", "IPv4-mapped loopback"),
    (
        "http://[::ffff:7f00:1]:{trap}/",
        "IPv4-mapped loopback in hexadecimal",
    ),
    ("http://[::127.0.0.1]:{trap}/", "IPv4-compatible loopback"),
    (
        "http://[::ffff:0:127.0.0.1]:{trap}/",
        "IPv4-translated loopback",
    ),
    ("http://[64:ff9b::127.0.0.1]:{trap}/", "NAT64 of loopback"),
    (
        "http://[64:ff9b::a9fe:a9fe]/",
        "NAT64 of the metadata service",
    ),
    ("http://[64:ff9b:1::7f00:1]:{trap}/", "local NAT64"),
    ("http://[2002:7f00:1::]:{trap}/", "6to4 of loopback"),
    ("http://[2002:a00:1::1]/", "6to4 of a private network"),
    ("http://[2001:0:53aa:64c:0:0:80ff:fffe]/", "Teredo"),
    (
        "http://[2606:2800:220:1:0:5efe:a00:1]/",
        "ISATAP of a private network",
    ),
    ("http://[fc00::1]/", "unique local"),
    ("http://[fd00:ec2::254]/", "the metadata service over IPv6"),
    ("http://[fe80::1]/", "link-local IPv6"),
    ("http://[fec0::1]/", "site-local IPv6"),
    ("http://[ff02::1]/", "multicast IPv6"),
    ("http://[2001:db8::1]/", "documentation IPv6"),
    ("http://[3fff::1]/", "documentation IPv6, the newer range"),
    ("http://[2001:20::1]/", "ORCHID"),
    ("http://[100::1]/", "the discard prefix"),
    ("http://[4000::1]/", "IPv6 that nobody was given"),
    ("http://10.0.0.1/", "private network 10/8"),
    (
        "http://0xa.1/",
        "private network 10/8, hexadecimal and short",
    ),
    (
        "http://172.16.0.1/",
        "private network 172.16/12, its beginning",
    ),
    (
        "http://172.31.255.255/",
        "private network 172.16/12, its end",
    ),
    ("http://192.168.1.1/", "private network 192.168/16"),
    (
        "http://3232235777/",
        "private network 192.168/16 as a number",
    ),
    (
        "http://169.254.169.254/latest/meta-data/",
        "the metadata service of most clouds",
    ),
    ("http://0xa9fea9fe/", "the metadata service in hexadecimal"),
    (
        "http://[::ffff:169.254.169.254]/",
        "the metadata service, IPv4-mapped",
    ),
    (
        "http://100.100.100.200/",
        "the metadata service of Alibaba (CGNAT)",
    ),
    ("http://100.64.0.1/", "carrier-grade NAT"),
    ("http://168.63.129.16/", "Azure's wire server"),
    (
        "http://192.0.0.192/",
        "Oracle's metadata service (192.0.0/24)",
    ),
    ("http://198.18.0.1/", "the benchmark network"),
    ("http://192.0.2.1/", "documentation 192.0.2/24"),
    ("http://198.51.100.1/", "documentation 198.51.100/24"),
    ("http://203.0.113.1/", "documentation 203.0.113/24"),
    ("http://192.88.99.1/", "6to4 relay anycast"),
    ("http://224.0.0.1/", "multicast"),
    ("http://240.0.0.1/", "class E"),
    ("http://255.255.255.255/", "broadcast"),
    ("http://localhost:{trap}/", "localhost"),
    (
        "http://LOCALHOST.:{trap}/",
        "localhost in capitals, with the root's dot",
    ),
    ("http://shop.localhost:{trap}/", "a name under localhost"),
    (
        "http://ｌｏｃａｌｈｏｓｔ:{trap}/",
        "localhost in full-width letters",
    ),
    (
        "http://metadata.google.internal/",
        "the metadata service by name",
    ),
    ("http://metadata/", "a name without a domain"),
    ("http://printer.local/", "a multicast DNS name"),
    ("http://router.home.arpa/", "a home network's name"),
    ("http://hidden.onion/", "an onion service"),
    ("http://shop.example:22/", "the port of SSH"),
    ("http://shop.example:25/", "the port of SMTP"),
    ("http://shop.example:6379/", "the port of Redis"),
    ("http://shop.example:11211/", "the port of memcached"),
    (
        "https://shop.example:5432/",
        "the port of PostgreSQL, over TLS",
    ),
];

pub(super) fn spellings() -> Vec<Case> {
    let refused = SPELLINGS.iter().map(|(url, what)| Case {
        url: (*url).to_owned(),
        is_picture: true,
        by_redirect_too: true,
        ..case(&format!("{what}: `{url}`"), "host-refused", [])
    });
    let user = |does: &str, url: &str| Case {
        url: url.to_owned(),
        by_redirect_too: true,
        ..case(does, "bad-url", [])
    };
    refused
        .chain([
            user(
                "a shop's name as the user of a private address",
                "http://shop.example@127.0.0.1:{trap}/",
            ),
            user("a password", "http://:secret@127.0.0.1:{port}/a"),
            site(
                "robots.txt redirects to a private address",
                "host-refused",
                vec![("/robots.txt", vec![moved("http://127.0.0.1:{trap}/")])],
            ),
            Case {
                definition: "[auth]\nkind = \"oauth-client-credentials\"\ntoken_path = \
                    \"http://127.0.0.1:{trap}/token\"\nclient_id_env = \"SHOP_ID\"\n\
                    client_secret_env = \"SHOP_SECRET\"\n",
                ..case(
                    "the definition signs in at a private address",
                    "host-refused",
                    [page("x")],
                )
            },
            case("the one port that is allowed", "200", [page("x")]).with_body("x"),
        ])
        .collect()
}

/// Here 127.0.0.2 stands for a public address, and 127.0.0.1 for a private one
/// with the trap on the same port.
pub(super) fn rebinding() -> Vec<Case> {
    let named = |does: &str, ends, names| Case {
        names,
        ip: "127.0.0.2",
        url: "http://shop.example:{port}/a".to_owned(),
        ..site(
            does,
            ends,
            vec![
                ("/a", vec![page("x")]),
                // Without keeping the connection, so that each page looks up anew.
                ("/robots.txt", vec![answer("404 Not Found", "", "")]),
            ],
        )
    };
    vec![
        named("a name with a public address", "200", &[&["127.0.0.2"]]),
        named(
            "a name with a private address",
            "host-refused",
            &[&["127.0.0.1"]],
        ),
        named(
            "public when robots.txt is read, private for the page",
            "host-refused",
            &[&["127.0.0.2"], &["127.0.0.1"]],
        ),
        named(
            "private first, public afterwards",
            "host-refused",
            &[&["127.0.0.1"], &["127.0.0.2"]],
        ),
        named(
            "a private and a public address at once",
            "200",
            &[&["127.0.0.1", "127.0.0.2"]],
        ),
        named(
            "the same with the private one at the end",
            "200",
            &[&["127.0.0.2", "127.0.0.1", "10.0.0.1"]],
        ),
        named(
            "an IPv4-mapped private address",
            "host-refused",
            &[&["::ffff:127.0.0.1"]],
        ),
        named("IPv6 loopback", "host-refused", &[&["::1"]]),
        named(
            "the metadata service",
            "host-refused",
            &[&["169.254.169.254"]],
        ),
        named(
            "sixteen private addresses",
            "host-refused",
            &[&[
                "127.0.0.1",
                "10.0.0.1",
                "10.0.0.2",
                "10.0.0.3",
                "10.0.0.4",
                "10.0.0.5",
                "10.0.0.6",
                "10.0.0.7",
                "10.0.0.8",
                "10.0.0.9",
                "fc00::1",
                "fc00::2",
                "fc00::3",
                "fe80::1",
                "::1",
                "0.0.0.0",
            ]],
        ),
        named("no address at all", "robots-unreachable", &[]),
    ]
}

/// Answers every name with these, one after another. An answer without
/// addresses means that there is no such name.
pub(super) fn lookup(answers: &'static [&'static [&'static str]]) -> Lookup {
    let asked = Arc::new(AtomicUsize::new(0));
    Arc::new(move |_| {
        let at = asked.fetch_add(1, Ordering::SeqCst);
        let answer = answers.get(at).or_else(|| answers.last());
        let found: Option<Vec<SocketAddr>> = answer.map(|answer| {
            let parse = |text: &&str| text.parse::<IpAddr>().expect("an address");
            answer.iter().map(|text| (parse(text), 0).into()).collect()
        });
        Box::pin(async move { found.ok_or_else(|| std::io::Error::other("no such name")) })
    })
}
