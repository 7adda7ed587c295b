//! Pages of our own wording with the vendors' real marks, and pages that only
//! look like them.

mod innocent;
mod shown;

use bytes::Bytes;

use super::*;
use crate::fetch::Hop;

/// An answer to `requested`, after a redirect if `got` differs.
pub(super) fn exchange(
    requested: &str,
    got: &str,
    status: u16,
    headers: &[(&str, &str)],
    body: &str,
) -> Exchange {
    let url = |path: &str| {
        let base = Url::parse("https://shop.example/").expect("a URL");
        base.join(path).expect("a URL")
    };
    let hops = if requested == got {
        Vec::new()
    } else {
        vec![Hop::saved(url(requested), 302)]
    };
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Exchange {
        requested: url(requested),
        url: url(got),
        hops,
        status,
        headers: headers.collect(),
        body: Bytes::copy_from_slice(body.as_bytes()),
        ..Exchange::example()
    }
}

/// What is shown by a page of HTML at an item's address.
pub(super) fn judged(body: &str) -> Option<Verdict> {
    let html = [("content-type", "text/html; charset=utf-8")];
    recognise(&exchange("/item/7", "/item/7", 200, &html, body))
}

/// A page of a shop with everything that surrounds it there.
pub(super) fn shop_page(title: &str, main: &str) -> String {
    let menu: String = [
        "Watches", "Chairs", "Lamps", "Bags", "Shoes", "Garden", "Kitchen", "Offers",
    ]
    .iter()
    .map(|name| format!("<li><a href=\"/c/{name}\">{name} and more {name}</a></li>"))
    .collect();
    format!(
        "<!doctype html><html lang=en><head><title>{title}</title>\
         <script src=\"https://www.google.com/recaptcha/api.js\"></script></head><body>\
         <header><a href=\"/login\">Log in</a><form action=\"/search\"><input name=q></form><ul>{menu}</ul></header>\
         <main>{main}</main><footer><h3>About us</h3><p>Family business since 1962, two stores, one warehouse. Delivery \
         within three days, returns for thirty days, questions answered by people.</p><ul>{menu}</ul>\
         <p>Terms, privacy, imprint, cookies, accessibility, press, jobs, suppliers.</p></footer></body></html>"
    )
}

#[test]
fn hostile_source_is_scanned_in_one_pass() {
    let patterns = [
        "<",
        "<a \"",
        "<a b='",
        "<!--",
        "<script>",
        "<h1>",
        "<title>",
        "&amp",
        "&#x",
        "</",
        "<a b=c ",
        "<\u{e9}",
        "<meta content=\"",
        "É",
    ];
    for pattern in patterns {
        let body = format!("<!doctype html>{}", pattern.repeat(600_000 / pattern.len()));
        assert_eq!(judged(&body), None, "{pattern}");
    }
    assert_eq!(judged(""), None);
    assert_eq!(judged("<!doctype html>"), None);
}

#[test]
fn every_mark_and_word_is_written_as_it_is_looked_for() {
    let words = words();
    for wall in &words.walls {
        let all = wall
            .urls
            .iter()
            .chain(wall.headers.iter().map(|(_, value)| value));
        for text in all {
            assert_eq!(text, &text.to_lowercase(), "{}", wall.name);
        }
    }
    for group in [
        &words.denied,
        &words.login,
        &words.consent,
        &words.not_found,
    ] {
        for text in group.heading.iter().chain(&group.weak).chain(&group.filler) {
            assert_eq!(text, &text.to_lowercase());
            let parts: Vec<&str> = segments(text).collect();
            assert!(
                parts == [text.trim_start_matches('«')],
                "{text} is split: {parts:?}"
            );
        }
    }
}

#[test]
fn a_wall_is_one_at_any_status_and_the_rest_only_at_success() {
    let html = [("content-type", "text/html")];
    let challenge =
        "<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script></html>";
    let missing = "<html><title>Page not found</title><h1>Page not found</h1></html>";
    for status in [200, 403, 404, 410, 429, 503] {
        let at = |body| recognise(&exchange("/item/7", "/item/7", status, &html, body));
        assert_eq!(
            at(challenge).map(|v| v.instead),
            Some(Instead::Wall),
            "{status}"
        );
        let expected = (status == 200).then_some(Instead::NotFound);
        assert_eq!(at(missing).map(|v| v.instead), expected, "{status}");
    }
}

#[test]
fn pictures_and_sitemaps_are_not_judged_by_their_bodies() {
    for (media, body) in [
        ("image/png", "\u{89}PNG access denied _cf_chl_opt"),
        (
            "application/xml",
            "<?xml version='1.0'?><urlset><url><loc>https://a.example/page-not-found</loc></url></urlset>",
        ),
        ("text/xml", "<rss><title>Page not found</title></rss>"),
    ] {
        let headers = [("content-type", media)];
        assert_eq!(
            recognise(&exchange("/x", "/x", 200, &headers, body)),
            None,
            "{media}"
        );
    }
}

/// Pages of real sites, none of which is a block. Set `MARKHOUND_SHARED_DATA`
/// to a folder with such pages in `pages/`; without it the test says so.
#[test]
fn real_pages_raise_no_alarm() {
    let folder = std::env::var("MARKHOUND_SHARED_DATA").unwrap_or_default();
    let mut folders = vec![std::path::Path::new(&folder).join("pages")];
    if folder.is_empty() || !folders[0].is_dir() {
        eprintln!("skipped: MARKHOUND_SHARED_DATA holds no pages/");
        return;
    }
    let mut looked_at = 0;
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).expect("a folder");
        for path in entries.map(|entry| entry.expect("an entry").path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "html") {
                let body = std::fs::read(&path).expect("a page");
                let found = judged(&String::from_utf8_lossy(&body));
                assert_eq!(found, None, "{}", path.display());
                looked_at += 1;
            }
        }
    }
    println!("{looked_at} real pages, no alarm");
    assert!(looked_at > 0);
}

#[test]
fn product_data_in_comments_templates_and_other_scripts_do_not_make_a_wall_a_product() {
    let data =
        r#"<script type="application/ld+json">{"@type": "Product", "name": "Kestrel"}</script>"#;
    assert!(page::states_product(&format!(
        "<p>a<b <!-- x --><SCRIPT>1</SCRIPT>{data}"
    )));
    for hidden in [
        format!("<!-- {data} -->"),
        format!("<!-- {data}"),
        format!("<template>{data}</template>"),
        format!("<textarea>{data}</textarea>"),
        data.replace("ld+json", "json"),
        data.replace("Product", "ItemList"),
        data.replace("\"name\"", "\"@type\":\"ItemList\",\"name\""),
    ] {
        assert!(!page::states_product(&hidden), "{hidden}");
        assert!(!Page::scan(&hidden).product, "{hidden}");
    }
}
