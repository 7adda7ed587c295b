use std::io::Write;

use axum::Router;
use axum::http::header;
use axum::response::Redirect;
use axum::routing::get;

use super::*;

#[tokio::test]
async fn private_addresses_are_refused_before_anything_is_sent() {
    let shop = Shop::open(Router::new()).await;
    let mut options = options();
    options.allow_private_hosts.clear();
    let fetcher = Fetcher::new(options).expect("a fetcher");
    let error = fetcher
        .fetch(&shop.definition(""), &shop.item("/a"))
        .await
        .expect_err("refused");
    assert!(error.to_string().contains("loopback"), "{error}");
    // The same machine by its name: this time the resolver refuses.
    let by_name = shop
        .definition("")
        .with_base(&shop.base.replace("127.0.0.1", "localhost"))
        .expect("a base");
    let target = Target::item(by_name.base().clone());
    let error = fetcher.fetch(&by_name, &target).await.expect_err("refused");
    assert_eq!(error.code(), "host-refused", "{error}");
    assert!(error.to_string().contains("localhost"), "{error}");
    assert!(shop.paths().is_empty());
}

#[tokio::test]
async fn a_named_host_may_be_private_by_its_name_too() {
    let shop = Shop::open(Router::new().fallback(|| async { "page" })).await;
    let base = shop.base.replace("127.0.0.1", "localhost");
    let definition = shop.definition("").with_base(&base).expect("a base");
    let mut options = options();
    options.allow_private_hosts = vec![base.replace("http://", "")];
    let fetcher = Fetcher::new(options).expect("a fetcher");
    let target = Target::item(definition.base().clone());
    assert_eq!(
        fetcher
            .fetch(&definition, &target)
            .await
            .expect("fetched")
            .status,
        200
    );
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_refused_at_the_hop() {
    let router = Router::new()
        .route(
            "/meta",
            get(|| async { Redirect::temporary("http://169.254.169.254/latest/meta-data/") }),
        )
        .route(
            "/decimal",
            get(|| async { Redirect::temporary("http://2130706433:1/") }),
        )
        .route(
            "/file",
            get(|| async { Redirect::temporary("file:///etc/passwd") }),
        );
    let shop = Shop::open(router).await;
    // Even where the definition would allow any host.
    let definition = shop.definition("allowed_hosts = [\"*\"]\nimage_hosts = [\"*\"]\n");
    let mut options = options();
    options.allow_private_hosts = vec![shop.base.replace("http://", "")];
    let fetcher = Fetcher::new(options).expect("a fetcher");
    for (path, code) in [
        ("/meta", "host-refused"),
        ("/decimal", "host-refused"),
        ("/file", "bad-url"),
    ] {
        let error = fetcher
            .fetch(&definition, &shop.item(path))
            .await
            .expect_err("refused");
        assert_eq!(error.code(), code, "{error}");
    }
}

#[tokio::test]
async fn redirects_are_kept_as_hops_bounded_and_held_to_the_allowed_hosts() {
    let router = Router::new()
        .route(
            "/old",
            get(|| async { Redirect::permanent("/newer?x=1#top") }),
        )
        .route("/newer", get(|| async { Redirect::to("/new") }))
        .route("/new", get(|| async { "page" }))
        .route("/loop", get(|| async { Redirect::to("/loop") }))
        .route(
            "/away",
            get(|| async { Redirect::to("http://127.0.0.1:9/") }),
        );
    let shop = Shop::open(router).await;
    let (fetcher, definition) = (fetcher(), shop.definition(""));
    let exchange = fetcher
        .fetch(&definition, &shop.item("/old"))
        .await
        .expect("fetched");
    assert_eq!(
        (exchange.requested, exchange.url),
        (shop.url("/old"), shop.url("/new"))
    );
    let hops: Vec<_> = exchange
        .hops
        .iter()
        .map(|hop| (&hop.url, hop.status))
        .collect();
    assert_eq!(
        hops,
        [(&shop.url("/old"), 308), (&shop.url("/newer?x=1"), 303)]
    );
    let error = fetcher
        .fetch(&definition, &shop.item("/loop"))
        .await
        .expect_err("for ever");
    assert_eq!(error.code(), "redirect");
    assert_eq!(
        shop.paths().iter().filter(|path| *path == "/loop").count(),
        11
    );
    let error = fetcher
        .fetch(&definition, &shop.item("/away"))
        .await
        .expect_err("elsewhere");
    assert!(error.to_string().contains("allowed_hosts"), "{error}");
}

#[tokio::test]
async fn pictures_may_come_from_the_image_hosts_and_pages_may_not() {
    let pictures = Shop::open(Router::new().fallback(|| async { "jpeg" })).await;
    let shop = Shop::open(Router::new().fallback(|| async { "page" })).await;
    let definition = shop.definition("image_hosts = [\"*\"]\n[headers]\nX-Key = \"k\"\n");
    let fetcher = fetcher();
    let picture = fetcher
        .fetch(&definition, &Target::image(pictures.url("/1.jpg")))
        .await
        .expect("fetched");
    assert!(
        !picture
            .request_headers
            .iter()
            .any(|(name, _)| name == "x-key")
    );
    let error = fetcher
        .fetch(&definition, &pictures.item("/1"))
        .await
        .expect_err("refused");
    assert_eq!(error.code(), "host-refused");
}

#[tokio::test]
async fn a_body_over_the_limit_stops_even_when_it_is_packed() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(&vec![0; 4 << 20]).expect("packed");
    let packed = packer.finish().expect("packed");
    let bomb = move || {
        let packed = packed.clone();
        async move { ([(header::CONTENT_ENCODING, "gzip")], packed) }
    };
    let shop = Shop::open(
        Router::new()
            .route("/bomb", get(bomb))
            .route("/big", get(|| async { "x".repeat(2 << 20) })),
    )
    .await;
    let mut options = options();
    options.limits.response_bytes = 1 << 20;
    let fetcher = Fetcher::new(options).expect("a fetcher");
    for path in ["/bomb", "/big"] {
        let error = fetcher
            .fetch(&shop.definition(""), &shop.item(path))
            .await
            .expect_err("too large");
        assert!(
            matches!(
                error,
                FetchError::TooLarge {
                    what: "body",
                    limit: 1_048_576,
                    ..
                }
            ),
            "{error}"
        );
    }
    // Said once, not tried again.
    assert_eq!(shop.paths(), ["/robots.txt", "/bomb", "/big"]);
}

#[tokio::test]
async fn headers_over_the_limit_and_urls_over_the_limit_are_refused() {
    let wide = || async { ([("x-wide", "w".repeat(70_000))], "page") };
    let shop = Shop::open(Router::new().route("/wide", get(wide))).await;
    let (fetcher, definition) = (fetcher(), shop.definition(""));
    let error = fetcher
        .fetch(&definition, &shop.item("/wide"))
        .await
        .expect_err("too wide");
    assert_eq!(error.code(), "too-large");
    let error = fetcher
        .fetch(&definition, &shop.item(&format!("/{}", "x".repeat(3000))))
        .await
        .expect_err("too long");
    assert_eq!(error.code(), "bad-url");
    let trap = shop.item(&"/again".repeat(21));
    let error = fetcher
        .fetch(&definition, &trap)
        .await
        .expect_err("too deep");
    assert!(error.to_string().contains("20 levels"), "{error}");
}

#[test]
fn a_fetch_can_be_moved_between_threads() {
    const fn is_send<T: Send>(_: &T) {}
    let fetcher = fetcher();
    let definition = Definition::builtin().remove(0);
    let target = Target::item(definition.base().clone());
    is_send(&fetcher.fetch(&definition, &target));
}
