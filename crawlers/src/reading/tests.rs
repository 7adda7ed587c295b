use bytes::Bytes;
use rust_decimal::Decimal;

use super::*;
use crate::listing::Availability;

/// The definitions of the practice marketplaces, which lie with their servers.
fn practice(name: &str) -> Definition {
    let text = match name {
        "kaufwinkel" => include_str!("../../../fixtures/definitions/kaufwinkel.toml"),
        "stallhaven" => include_str!("../../../fixtures/definitions/stallhaven.toml"),
        "hanten" => include_str!("../../../fixtures/definitions/hanten.toml"),
        _ => include_str!("../../../fixtures/definitions/baybridge.toml"),
    };
    Definition::parse(text, name).unwrap_or_else(|error| panic!("{error}"))
}

fn url(path: &str) -> Url {
    Url::parse("http://127.0.0.1:1")
        .and_then(|base| base.join(path))
        .expect("a URL")
}

fn target(kind: TargetKind, path: &str) -> Target {
    let page = u32::from(kind == TargetKind::List);
    Target::new(kind, url(path), page)
}

fn exchange(path: &str, status: u16, headers: &[(&str, &str)], body: &str) -> Exchange {
    let headers = headers
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    Exchange::saved(
        url(path),
        status,
        headers,
        Bytes::copy_from_slice(body.as_bytes()),
        jiff::Timestamp::UNIX_EPOCH,
    )
}

fn read_ok(
    def: &Definition,
    kind: TargetKind,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Reading {
    let reading = read(
        def,
        &target(kind, path),
        &exchange(path, 200, headers, body),
    );
    let reading = reading.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(reading.signal, Signal::Ok);
    reading
}

fn one(reading: Reading) -> Listing {
    assert_eq!(reading.listings.len(), 1);
    reading.listings.into_iter().next().expect("one")
}

fn money(listing: &Listing) -> (String, Option<&str>) {
    let price = listing.price.as_ref().expect("a price");
    (price.amount.to_string(), price.currency.as_deref())
}

fn paths(urls: &[Url]) -> Vec<&str> {
    urls.iter().map(Url::path).collect()
}

#[test]
fn kaufwinkel_pages_are_read_from_json_ld() {
    let path = "/produkt/kestrel-uhr-K1042.html";
    let def = practice("kaufwinkel");
    let listing = one(read_ok(
        &def,
        TargetKind::Item,
        path,
        &[],
        include_str!("samples/kaufwinkel.html"),
    ));
    assert_eq!(listing.item_id, "K1042");
    assert_eq!(listing.url, url(path));
    assert_eq!(listing.title, "Kestrel K&B \"Tourbillon\" Herrenuhr");
    assert_eq!(
        listing.description.as_deref(),
        Some("Neuwertig. Mit Box & Papieren.")
    );
    assert_eq!(money(&listing), ("1299.00".to_owned(), Some("EUR")));
    assert_eq!(listing.seller.as_deref(), Some("Uhren Maier"));
    assert_eq!(listing.brand.as_deref(), Some("Kestrel"));
    assert_eq!(listing.mpn.as_deref(), Some("KT-9"));
    assert_eq!(listing.availability, Some(Availability::InStock));
    assert_eq!(
        paths(&listing.images),
        ["/bilder/K1042-1.jpg", "/bilder/K1042-2.jpg"]
    );
    let title = &listing.provenance["title"];
    assert_eq!(
        (title.source.as_str(), title.candidates.len()),
        ("json-ld", 2)
    );
    assert_eq!(title.candidates[1].source, "selector");
    assert_eq!(listing.provenance["price"].raw, "1.299,00");
    assert_eq!(listing.provenance["item_id"].source, "url");
}

#[test]
fn kaufwinkel_sitemaps_lead_to_items_and_to_nothing_else() {
    let def = practice("kaufwinkel");
    let index = "<sitemapindex><sitemap><loc>http://127.0.0.1:1/sitemap-produkte-1.xml</loc></sitemap><sitemap><loc>http://elsewhere.example/s.xml</loc></sitemap></sitemapindex>";
    let reading = read_ok(&def, TargetKind::Sitemap, "/sitemap.xml", &[], index);
    assert_eq!(
        reading.targets,
        [Target {
            page: 1,
            ..target(TargetKind::Sitemap, "/sitemap-produkte-1.xml")
        }]
    );
    let pages = "<urlset><url><loc>http://127.0.0.1:1/ueber-uns</loc></url><url><loc>http://127.0.0.1:1/produkt/a-K1.html</loc></url><url><loc>http://127.0.0.1:1/produkt/a-K1.html#x</loc></url></urlset>";
    let reading = read_ok(
        &def,
        TargetKind::Sitemap,
        "/sitemap-produkte-1.xml",
        &[],
        pages,
    );
    assert_eq!(
        reading.targets,
        [target(TargetKind::Item, "/produkt/a-K1.html")]
    );
    let error = read(
        &def,
        &target(TargetKind::Sitemap, "/sitemap.xml"),
        &exchange("/sitemap.xml", 200, &[], "<html>"),
    );
    assert!(matches!(error, Err(ReadError::NotSitemap { .. })));
}

#[test]
fn stallhaven_pages_are_read_by_selectors_without_the_old_price() {
    let def = practice("stallhaven");
    let listing = one(read_ok(
        &def,
        TargetKind::Item,
        "/item/481",
        &[],
        include_str!("samples/stallhaven.html"),
    ));
    assert_eq!(
        (
            listing.item_id.as_str(),
            listing.url.path(),
            listing.url.query()
        ),
        ("481", "/item/481", None)
    );
    assert_eq!(listing.title, "Kestrel tourbillon, boxed");
    assert_eq!(money(&listing), ("1249.00".to_owned(), Some("GBP")));
    assert_eq!(listing.seller.as_deref(), Some("Old Mill & Sons"));
    assert_eq!(listing.location.as_deref(), Some("Leeds"));
    assert_eq!(listing.description.as_deref(), Some("As new. Steel"));
    assert_eq!(listing.availability, Some(Availability::OutOfStock));
    assert_eq!(
        paths(&listing.images),
        ["/photos/481-1.jpg", "/photos/481-2.jpg"]
    );
}

#[test]
fn stallhaven_lists_lead_to_their_items_once_and_to_the_next_page() {
    let def = practice("stallhaven");
    let reading = read_ok(
        &def,
        TargetKind::List,
        "/browse?page=1",
        &[],
        include_str!("samples/stallhaven-list.html"),
    );
    assert_eq!(
        reading.targets,
        [
            target(TargetKind::Item, "/item/481"),
            target(TargetKind::Item, "/item/482"),
            Target {
                page: 2,
                after: reading.targets[2].after.clone(),
                ..target(TargetKind::List, "/browse?page=2")
            },
        ]
    );
}

#[test]
fn hanten_lists_are_whole_listings_in_minor_units() {
    let def = practice("hanten");
    let headers = [(
        "link",
        "<http://127.0.0.1:1/wp-json/wc/store/v1/products?per_page=100&page=1>; rel=\"prev\", <http://127.0.0.1:1/wp-json/wc/store/v1/products?per_page=100&page=3>; rel=\"next\"",
    )];
    let path = "/wp-json/wc/store/v1/products?per_page=100&page=2";
    let reading = read_ok(
        &def,
        TargetKind::List,
        path,
        &headers,
        include_str!("samples/hanten.json"),
    );
    assert_eq!(reading.targets.len(), 1);
    assert_eq!(reading.targets[0].url.query(), Some("per_page=100&page=3"));
    assert_eq!(
        reading.listings.len(),
        2,
        "the entry without a name is none"
    );
    let watch = &reading.listings[0];
    assert_eq!(watch.item_id, "71");
    assert_eq!(watch.title, "ケストレル K&B 腕時計");
    assert_eq!(money(watch), ("128000".to_owned(), Some("JPY")));
    assert_eq!(watch.seller.as_deref(), Some("時計屋"));
    assert_eq!(watch.description.as_deref(), Some("新品同様です。"));
    assert_eq!(watch.provenance["price"].source, "api");
    assert_eq!(
        money(&reading.listings[1]),
        ("19.99".to_owned(), Some("EUR"))
    );
    assert_eq!(
        reading.listings[1].availability,
        Some(Availability::OutOfStock)
    );
    // The page beyond the last.
    assert_eq!(
        read_ok(&def, TargetKind::List, path, &[], "[]"),
        empty(Signal::Ok)
    );
}

#[test]
fn baybridge_is_searched_page_by_page_and_read_item_by_item() {
    let def = practice("baybridge");
    let path = "/buy/browse/v1/item_summary/search?q=kestrel&limit=2&offset=0";
    let list = Target {
        query: Some("kestrel".to_owned()),
        ..target(TargetKind::List, path)
    };
    let answer = exchange(path, 200, &[], include_str!("samples/baybridge-list.json"));
    let reading = read(&def, &list, &answer).expect("read");
    let urls: Vec<&str> = reading.targets.iter().map(|t| t.url.path()).collect();
    assert_eq!(urls[0], "/buy/browse/v1/item/v1%7C110000000001%7C0");
    assert_eq!(reading.targets.len(), 3);
    let next = &reading.targets[2];
    assert_eq!(
        (next.kind, next.page, next.query.as_deref()),
        (TargetKind::List, 2, Some("kestrel"))
    );

    let listing = one(read_ok(
        &def,
        TargetKind::Item,
        urls[0],
        &[],
        include_str!("samples/baybridge-item.json"),
    ));
    assert_eq!(listing.item_id, "v1|110000000001|0");
    assert_eq!(
        listing.url.as_str(),
        "http://www.baybridge.example/itm/110000000001"
    );
    assert_eq!(
        listing.price.as_ref().map(|p| p.amount),
        Some(Decimal::new(24999, 2))
    );
    assert_eq!(listing.gtin.as_deref(), Some("4006381333931"));
    assert_eq!(listing.images.len(), 2);
    assert_eq!(listing.description.as_deref(), Some("Great watch"));
    assert_eq!(listing.location.as_deref(), Some("Oakland"));
}

#[test]
fn old_prices_in_a_box_are_left_out_and_the_address_of_the_home_page_is_no_items() {
    let definition = Definition::parse(
        r#"
id = "boxed"
name = "Boxed"
tier = "selector"
base = "http://127.0.0.1:1"

[discover]
kind = "sitemap"
url = "/sitemap.xml"

[item]
url = "/p/*"

[fields]
url = [{ css = "link[rel=canonical]", attr = "href" }]
title = [{ css = "h1" }]
description = [{ css = "div.prices" }]
price = [{ css = "div.prices" }]

[price]
currency = "EUR"
"#,
        "boxed.toml",
    )
    .unwrap_or_else(|error| panic!("{error}"));
    let page = |inside: &str| {
        let page = format!(
            "<link rel=canonical href='http://127.0.0.1:1'><h1>Lamp</h1><div class='prices'>{inside}</div>"
        );
        one(read_ok(
            &definition,
            TargetKind::Item,
            "/p/lamp",
            &[],
            &page,
        ))
    };
    let reduced =
        page("<span class='value original'>€ 3.45</span> <span class='value'>€ 2.76</span>");
    assert_eq!(money(&reduced), ("2.76".to_owned(), Some("EUR")));
    assert_eq!(reduced.description.as_deref(), Some("€ 3.45 € 2.76"));
    assert_eq!(reduced.url.path(), "/p/lamp");
    // An old price that stands alone is the only one there is.
    let alone = page("<span class='value original'>€ 3.45</span>");
    assert_eq!(money(&alone), ("3.45".to_owned(), Some("EUR")));
}

#[test]
fn the_links_of_a_list_may_stand_in_a_script() {
    let definition = Definition::parse(
        r#"
id = "scripted"
name = "Scripted"
tier = "selector"
base = "http://127.0.0.1:1"

[discover]
kind = "list"
url = "/all"
items = { script_after = '"items":[', until = "]", regex = '"href":"([^"?]+)', every = true, into = "/shop{}" }

[item]
url = "/shop/p/{id}"

[fields]
title = [{ css = "h1" }]
"#,
        "scripted.toml",
    )
    .unwrap_or_else(|error| panic!("{error}"));
    let page = r#"<script>var list = {"items":[{"href":"/p/1?from=list"},{"name":"no link"},
        {"href":"/p/2"}],"other":[{"href":"/p/9"}]}</script>"#;
    let found = read_ok(&definition, TargetKind::List, "/all", &[], page).targets;
    let found: Vec<Url> = found.into_iter().map(|target| target.url).collect();
    assert_eq!(paths(&found), ["/shop/p/1", "/shop/p/2"]);
}

#[test]
fn gone_blocked_and_unexpected_are_told_apart() {
    let def = practice("stallhaven");
    let item = target(TargetKind::Item, "/item/481");
    let signal = |answer: &Exchange| read(&def, &item, answer).expect("a reading").signal;
    for status in [404, 410] {
        assert!(matches!(
            signal(&exchange("/item/481", status, &[], "")),
            Signal::Gone {
                by: GoneBy::Status,
                ..
            }
        ));
    }
    for status in [401, 403, 429] {
        assert!(matches!(
            signal(&exchange("/item/481", status, &[], "")),
            Signal::Blocked { .. }
        ));
    }
    for status in [418, 451, 500] {
        assert!(matches!(
            signal(&exchange("/item/481", status, &[], "")),
            Signal::Unexpected { .. }
        ));
    }
    let challenge = exchange("/item/481", 404, &[("cf-mitigated", "challenge")], "");
    assert!(matches!(signal(&challenge), Signal::Blocked { .. }));
    let mut away = exchange("/item/481", 200, &[], "<h1 class=item-title>Home</h1>");
    away.hops
        .push(crate::fetch::Hop::saved(url("/item/481"), 302));
    away.url = url("/browse");
    assert!(matches!(signal(&away), Signal::Unexpected { .. }));
    let error = read(
        &def,
        &item,
        &exchange("/item/481", 200, &[], "<p>new design</p>"),
    );
    assert!(error.is_err_and(|e| e.to_string().contains("fields.title")));
}

#[test]
fn a_definition_may_have_its_own_signs() {
    let text = include_str!("../../../fixtures/definitions/stallhaven.toml").to_owned()
        + "\n[gone]\ntext = [\"This stall has closed\"]\n[blocked]\nselector = [{ css = \"#challenge\" }, { css = \"form.captcha\" }]\n";
    let def = Definition::parse(&text, "stallhaven").expect("a definition");
    let signal = |body: &str| {
        let item = target(TargetKind::Item, "/item/481");
        read(&def, &item, &exchange("/item/481", 200, &[], body))
            .expect("a reading")
            .signal
    };
    assert!(matches!(
        signal("<h1 class=item-title>x</h1><p>this STALL has closed.</p>"),
        Signal::Gone {
            by: GoneBy::Mark,
            ..
        }
    ));
    assert!(matches!(
        signal("<div id=challenge></div> this stall has closed"),
        Signal::Blocked { .. }
    ));
}

#[test]
fn a_page_without_the_marks_of_an_item_is_another_one_and_never_gone() {
    let text = include_str!("../../../fixtures/definitions/stallhaven.toml")
        .replace("[item]\n", "[item]\nmarked_by = [{ css = \".buy\" }]\n");
    let def = Definition::parse(&text, "stallhaven").expect("a definition");
    let reading = |body: &str| {
        let item = target(TargetKind::Item, "/item/481");
        read(&def, &item, &exchange("/item/481", 200, &[], body)).expect("a reading")
    };
    let about = reading("<h1 class=item-title>About us</h1>");
    assert!(matches!(about.signal, Signal::Other { .. }));
    assert!(about.listings.is_empty() && about.targets.is_empty());
    let item = reading("<h1 class=item-title>Lamp</h1><button class=buy>Buy</button>");
    assert_eq!(one(item).title, "Lamp");
}

#[test]
fn html_where_json_is_expected_is_an_error_and_no_empty_list() {
    let def = practice("hanten");
    let answer = exchange(
        "/wp-json/wc/store/v1/products",
        200,
        &[("content-type", "text/html")],
        "<html>",
    );
    let error = read(
        &def,
        &target(TargetKind::List, "/wp-json/wc/store/v1/products"),
        &answer,
    );
    assert!(error.is_err_and(|e| e.to_string().contains("text/html")));
}

#[test]
fn of_a_rendered_page_the_document_is_read_and_not_what_the_server_sent() {
    let definition = practice("stallhaven");
    let headers = [("content-type", "text/html; charset=iso-8859-1")];
    let mut exchange = exchange("/item/7", 200, &headers, "<div id=app></div>");
    exchange.rendered = Some(Box::new(crate::render::Rendered {
        dom: Bytes::from("<h1 class=item-title>Façade — 8×42</h1>"),
        screenshot: None,
        exchanges: Vec::new(),
        shared: Vec::new(),
        refused: Vec::new(),
        complete: true,
        at: jiff::Timestamp::UNIX_EPOCH,
        browser: "Chromium".to_owned(),
    }));
    let read = read(&definition, &target(TargetKind::Item, "/item/7"), &exchange);
    assert_eq!(read.expect("a reading").listings[0].title, "Façade — 8×42");
}
