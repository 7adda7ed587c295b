//! Any bytes as a page of a shop, read without a definition.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use markhound_crawlers::fetch::Exchange;
use markhound_crawlers::{blocked, read_page, shown_images};
use url::Url;

static URL: LazyLock<Url> =
    LazyLock::new(|| Url::parse("https://shop.example/goods/walnut-chair").expect("a URL"));

fuzz_target!(|bytes: &[u8]| {
    for listing in read_page(bytes, Some("text/html"), &URL) {
        assert!(!listing.title.trim().is_empty());
        assert!(listing.images.iter().all(|image| image.has_host()));
    }
    let _ = shown_images(bytes, Some("text/html"), &URL);
    let exchange = Exchange::saved(
        URL.clone(),
        200,
        vec![("content-type".to_owned(), "text/html".to_owned())],
        bytes.to_vec().into(),
        jiff::Timestamp::UNIX_EPOCH,
    );
    let _ = blocked::recognise(&exchange);
});
