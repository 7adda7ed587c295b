//! What is kept of an exchange: bytes as received, headers, certificates.

use axum::Router;
use axum::http::header;
use axum::routing::{get, post};

use super::tls::{Authority, TlsShop};
use super::*;

fn packed(text: &str) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut packer, text.as_bytes()).expect("packed");
    packer.finish().expect("packed")
}

#[tokio::test]
async fn a_packed_body_is_kept_as_received_and_decoded_beside_it() {
    let page = "<p>page</p>".repeat(100);
    let answer = packed(&page);
    let kept = answer.clone();
    let router = Router::new()
        .route(
            "/a",
            get(move |headers: axum::http::HeaderMap| async move {
                assert_eq!(headers["accept-encoding"], "gzip, deflate, br, zstd");
                ([(header::CONTENT_ENCODING, "gzip")], answer)
            }),
        )
        .route("/plain", get(|| async { "plain" }));
    let shop = Shop::open(router).await;
    let (fetcher, definition) = (fetcher(), shop.definition(""));
    let exchange = fetcher
        .fetch(&definition, &shop.item("/a"))
        .await
        .expect("fetched");
    assert_eq!(exchange.raw, kept);
    assert_eq!(exchange.body, page);
    assert_eq!(exchange.header("content-encoding"), Some("gzip"));
    assert_eq!(
        exchange.header("content-length"),
        Some(kept.len().to_string().as_str())
    );
    assert_eq!(exchange.version, "HTTP/1.1");
    assert!(exchange.tls_chain.is_empty());
    let exchange = fetcher
        .fetch(&definition, &shop.item("/plain"))
        .await
        .expect("fetched");
    assert_eq!(exchange.raw, "plain");
    assert_eq!(exchange.raw.as_ptr(), exchange.body.as_ptr());
    assert!(fetcher.received() > kept.len() as u64);
}

#[tokio::test]
async fn a_hop_is_kept_whole_and_serialised_as_url_and_status() {
    let moved = || async {
        (
            axum::http::StatusCode::FOUND,
            [
                ("location", "/new"),
                ("x-shop", "7"),
                ("content-encoding", "nonsense"),
            ],
            "m".repeat(100_000),
        )
    };
    let router = Router::new()
        .route("/old", get(moved))
        .route("/new", get(|| async { "page" }));
    let shop = Shop::open(router).await;
    let exchange = fetcher()
        .fetch(&shop.definition("language = \"de\"\n"), &shop.item("/old"))
        .await
        .expect("fetched");
    let hop = &exchange.hops[0];
    assert_eq!((hop.status, hop.method.as_str()), (302, "GET"));
    assert_eq!((hop.raw.len(), hop.truncated), (64 * 1024, true));
    assert!(hop.headers.contains(&("x-shop".to_owned(), "7".to_owned())));
    assert!(
        hop.request_headers
            .contains(&("accept-language".to_owned(), "de".to_owned()))
    );
    assert!(hop.peer.is_some_and(|peer| peer.ip().is_loopback()));
    assert_eq!(hop.fetched_at, noon());
    let text = serde_json::to_string(hop).expect("JSON");
    assert_eq!(
        text,
        format!("{{\"url\":\"{}\",\"status\":302}}", shop.url("/old"))
    );
    let back: Hop = serde_json::from_str(&text).expect("a hop");
    assert_eq!((back.url, back.status), (shop.url("/old"), 302));
}

#[tokio::test]
async fn a_json_document_is_posted_as_such() {
    let echo = |headers: axum::http::HeaderMap, body: String| async move {
        format!("{:?} {body}", headers[header::CONTENT_TYPE])
    };
    let shop = Shop::open(Router::new().route("/graphql", post(echo))).await;
    let (fetcher, definition) = (fetcher(), shop.definition(""));
    let mut request = send::Request::get(shop.url("/graphql"), "application/json");
    request.json = Some("{\"query\":\"{ products }\"}".to_owned());
    let host = fetcher.host(&request.url, &definition);
    let answer = fetcher
        .send(&definition, &host, &request)
        .await
        .expect("an answer");
    assert_eq!(
        answer.body,
        "\"application/json\" {\"query\":\"{ products }\"}"
    );
    let lines: Vec<_> = request.lines("agent").collect();
    assert!(lines.contains(&("content-type", "application/json", false)));
}

#[tokio::test]
async fn secret_parameters_are_sent_and_shown_nowhere() {
    let echo = |uri: axum::http::Uri| async move { uri.to_string() };
    let shop = Shop::open(Router::new().route("/a", get(echo))).await;
    let (fetcher, definition) = (fetcher(), shop.definition(""));
    let mut request = send::Request::get(shop.url("/a?q=watch"), "application/json");
    request.secret_query = vec![("key".to_owned(), "s3cret&".to_owned())];
    let host = fetcher.host(&request.url, &definition);
    let answer = fetcher
        .send(&definition, &host, &request)
        .await
        .expect("an answer");
    assert_eq!(answer.body, "/a?q=watch&key=s3cret%26");
    let shown = fetcher.exchanged(shop.url("/a"), Vec::new(), request, answer);
    assert_eq!(shown.url, shop.url("/a?q=watch"));
}

#[tokio::test]
async fn the_certificates_a_server_sent_are_kept_leaf_first() {
    let authority = Authority::new("ours");
    let shop = TlsShop::open(&authority, &["127.0.0.1", "localhost"]).await;
    for (host, http) in [("127.0.0.1", "HTTP/2"), ("localhost", "HTTP/2")] {
        let mut options = shop.options(host);
        options.extra_roots = vec![authority.root.clone()];
        let fetcher = Fetcher::new(options).expect("a fetcher");
        let (definition, target) = shop.target(host);
        let exchange = fetcher.fetch(&definition, &target).await.expect("fetched");
        assert_eq!(exchange.body, "page over TLS");
        assert_eq!(exchange.tls_chain, shop.chain, "{host}");
        assert_eq!(exchange.tls_chain.len(), 2);
        assert_eq!(exchange.version, http);
    }
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_is_refused() {
    let (authority, other) = (Authority::new("ours"), Authority::new("theirs"));
    let shop = TlsShop::open(&authority, &["shop.example"]).await;
    let refused = async |roots: Vec<bytes::Bytes>| {
        let mut options = shop.options("127.0.0.1");
        options.extra_roots = roots;
        let fetcher = Fetcher::new(options).expect("a fetcher");
        let (definition, target) = shop.target("127.0.0.1");
        let error = fetcher.fetch(&definition, &target).await;
        error.expect_err("refused").to_string()
    };
    let error = refused(vec![other.root.clone()]).await;
    assert!(error.contains("UnknownIssuer"), "{error}");
    // The right authority, but another name than the one asked for.
    let error = refused(vec![authority.root.clone()]).await;
    assert!(error.contains("not valid for"), "{error}");
    assert_eq!(shop.requests(), 0);
}

#[test]
fn extra_roots_are_read_from_pem_and_must_be_certificates() {
    let authority = Authority::new("ours");
    let mut options = options();
    let twice = authority.pem.repeat(2);
    assert_eq!(options.trust_pem(twice.as_bytes()).expect("two"), 2);
    assert_eq!(options.extra_roots[0], authority.root);
    assert!(options.trust_pem(b"nothing here").is_err());
    options.extra_roots = vec![bytes::Bytes::from_static(b"no certificate")];
    let error = Fetcher::new(options).err().expect("refused");
    assert!(
        error.to_string().contains("`extra_roots` number 1"),
        "{error}"
    );
    let mut options = self::options();
    options.user_agent = "mark\nhound".to_owned();
    assert!(Fetcher::new(options).is_err());
}
