use super::*;

mod linting;
mod paging;
mod rendering;
mod whole;

const SMALL: &str = r#"id = "shop"
name = "Shop"
tier = "selector"
base = "https://shop.example"

[discover]
kind = "list"
url = "/browse?page={page}"
items = { css = "a.item", attr = "href" }

[item]
url = "/item/{id}"

[fields]
title = [{ css = "h1" }]
"#;

fn error_of(from: &str, to: &str) -> String {
    assert!(SMALL.contains(from), "{from}");
    let text = SMALL.replace(from, to);
    match Definition::parse(&text, "shop.toml") {
        Ok(_) => panic!("`{to}` was taken"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn errors_name_the_file_the_line_and_the_field() {
    for (from, to, said) in [
        ("name = ", "nmae = ", "line 2, field `nmae`"),
        (
            "css = \"h1\"",
            "css = \"h1[\"",
            "line 15, field `fields.title`",
        ),
        (
            "css = \"h1\"",
            "jsonpath = \"price\"",
            "line 15, field `fields.title`",
        ),
        (
            "css = \"h1\"",
            "attr = \"x\"",
            "`attr` goes with `css` only",
        ),
        ("{page}", "{pgae}", "`{pgae}` is no placeholder"),
        (
            "\"/item/{id}\"",
            "\"item/{id}\"",
            "line 12, field `item.url`",
        ),
        (
            "https://shop.example",
            "ftp://shop.example",
            "line 4, field `base`",
        ),
        ("id = \"shop\"", "id = \"Shop!\"", "line 1, field `id`"),
        (
            "tier = \"selector\"",
            "tier = \"best\"",
            "line 3, field `tier`",
        ),
        (
            "base = \"https://shop.example\"",
            "",
            "field `base`: missing",
        ),
        ("kind = \"list\"", "kind = \"search\"", "`{query}`"),
        ("kind = \"list\"", "kind = \"list", "line 7"),
    ] {
        let error = error_of(from, to);
        assert!(error.starts_with("shop.toml"), "{error}");
        assert!(error.contains(said), "wanted `{said}` in: {error}");
    }
}

#[test]
fn a_template_becomes_a_source_by_its_base() {
    let template = Definition::builtin()
        .into_iter()
        .find(|d| d.id() == "woocommerce-store")
        .expect("the template");
    assert!(template.is_template());
    let shop = template
        .with_base("http://127.0.0.1:8080/shop/")
        .expect("a base")
        .with_id("hats");
    assert!(!shop.is_template());
    assert_eq!(shop.id(), "hats");
    assert_eq!(shop.allowed_hosts(), ["127.0.0.1:8080"]);
    for base in [
        "",
        "shop.example",
        "file:///etc",
        "https://u:p@shop.example",
    ] {
        assert!(shop.clone().with_base(base).is_err(), "{base}");
    }
}

#[test]
fn hosts_are_matched_with_their_ports() {
    let allows =
        |entry: &str, url: &str| pattern::host_matches(entry, &Url::parse(url).expect("a URL"));
    assert!(allows("shop.example", "https://shop.example/a"));
    assert!(!allows("shop.example", "https://shop.example:8443/a"));
    assert!(allows("shop.example:8443", "https://SHOP.example:8443/a"));
    assert!(allows("*.shop.example", "https://www.shop.example/"));
    assert!(!allows("*.shop.example", "https://shop.example/"));
    assert!(!allows("*.shop.example", "https://evilshop.example/"));
    assert!(!allows(
        "shop.example",
        "https://shop.example.evil.example/"
    ));
    assert!(allows("[::1]:80", "http://[::1]/"));
}

#[test]
fn url_globs_find_the_id() {
    let id = |glob: &str, url: &str| {
        let glob = pattern::UrlGlob::try_from(glob.to_owned()).expect("a glob");
        glob.capture(&Url::parse(&format!("https://shop.example{url}")).expect("a URL"))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        id(
            "/produkt/*-{id}.html",
            "/produkt/rote-uhr-no-7-K1042.html?x=1"
        ),
        some("K1042")
    );
    assert_eq!(id("/produkt/*-{id}.html", "/produkt/uhr.html"), None);
    assert_eq!(id("/produkt/*-{id}.html", "/versand"), None);
    assert_eq!(
        id("/item/{id}", "/item/v1%7C110000000001%7C0"),
        some("v1|110000000001|0")
    );
    assert_eq!(id("/item/{id}", "/item/7/photos"), None);
    assert_eq!(id("/item/{id}", "/item/"), None);
    assert_eq!(id("/**/p/{id}", "/a/b/p/9"), some("9"));
    assert_eq!(id("/view?id={id}", "/view?id=9"), some("9"));
    assert_eq!(id("/**", "/anything/at/all"), some(""));
}

#[test]
fn globs_stay_fast_on_hostile_urls() {
    let glob = pattern::UrlGlob::try_from("/*a*a*a*a*a*a*a*a*b{id}".to_owned()).expect("a glob");
    let url = Url::parse(&format!("https://shop.example/{}", "a".repeat(2000))).expect("a URL");
    assert_eq!(glob.capture(&url), None);
}

#[test]
fn lint_says_what_is_doubtful_and_nothing_of_the_definitions_that_ship() {
    let doubts = Definition::parse(SMALL, "shop.toml")
        .expect("a definition")
        .lint();
    for word in [
        "terms_note",
        "rate.per_second",
        "discover.next",
        "fields.price",
        "price.currency",
        "tests",
    ] {
        assert!(
            doubts.iter().any(|doubt| doubt.contains(word)),
            "{word}: {doubts:?}"
        );
    }
    for id in [
        "ebay",
        "etsy",
        "rakuten",
        "aliexpress",
        "woocommerce-store",
        "schema-org",
    ] {
        let text = Definition::builtin_text(id).expect("it ships");
        assert_eq!(Definition::lint_text(text, id), [], "{id}");
    }
    // Neither format names the seller.
    for id in ["shopify", "magento-graphql"] {
        let text = Definition::builtin_text(id).expect("it ships");
        let fields: Vec<String> = Definition::lint_text(text, id)
            .into_iter()
            .map(|f| f.field)
            .collect();
        assert_eq!(fields, ["fields.seller"], "{id}");
    }
    let ebay = Definition::builtin()
        .into_iter()
        .find(|d| d.id() == "ebay")
        .expect("ebay");
    assert_eq!(ebay.auth_env(), ["EBAY_CLIENT_ID", "EBAY_CLIENT_SECRET"]);
    assert!(ebay.can_search());
}

#[test]
fn settings_are_chosen_from_what_there_is() {
    let text = Definition::builtin_text("ebay").expect("ebay");
    let with = |name: &str, value: &str| {
        let chosen = [(name.to_owned(), value.to_owned())].into();
        Definition::parse_with(text, "ebay.toml", &chosen)
    };
    let german = with("marketplace", "EBAY_DE").expect("a marketplace");
    assert_eq!(german.schema.headers["X-EBAY-C-MARKETPLACE-ID"], "EBAY_DE");
    assert_eq!(german.settings()["marketplace"].default, "EBAY_US");
    let error = with("marketplace", "EBAY_MARS").expect_err("unknown");
    assert!(error.to_string().contains("is none of EBAY_US"), "{error}");
    let error = with("market", "EBAY_DE").expect_err("unknown");
    assert!(error.to_string().contains("known: marketplace"), "{error}");
    let undeclared = SMALL.replace("name = \"Shop\"", "name = \"${town}\"");
    let error = Definition::parse(&undeclared, "shop.toml").expect_err("undeclared");
    assert!(
        error
            .to_string()
            .contains("`${town}` is used and not declared"),
        "{error}"
    );
}
