//! Definitions of whole shops: links that lead on, values by their labels and
//! by regular expressions, one language of many.

use super::*;

const SHOP: &str = r##"id = "shop"
name = "Shop"
tier = "selector"
base = "https://shop.example"
terms_note = "Ask."

[rate]
per_second = 1

[discover]
kind = "list"
url = "/en/"
items = { css = "a.item", attr = "href" }
next = { css = "a.next", attr = "href" }

[discover.category_links]
at = { css = "nav a", attr = "href" }
url = "/en/c/**"

[discover.related]
at = { css = ".variants a", attr = "href" }

[discover.languages]
keep = "en"
others = ["de", "pt-br"]

[item]
url = "/en/item/*"

[fields]
id = [{ css = "form", attr = "action", regex = "/cart/add/(\\d+)(?:\\?|$)" }]
title = [{ css = "h1", own_text = true }]
price = [{ row = ["Price (incl. tax)", "Preis (inkl. MwSt.)"] }]
description = [{ css = "#about ~ p, #about ~ ul li", join = " / " }]
brand = [{ css = "dl.facts", row = "Brand" }]
mpn = [{ css = "p.no", regex = "(?i)art\\. no\\.\\s*([a-z0-9-]+)" }]
seller = [{ value = "Shop" }]
images = [{ css = "img", attr = "src" }]

[price]
currency = "EUR"

[[tests]]
name = "a page with variants, labels and numbers within texts"
kind = "item"
url = "/en/item/lamp"
inline = '''
<h1>Lamp <small>new</small></h1><p class=no>Our Art. No. K-7, made by hand</p><img src="/i/7.jpg">
<form action="/cart/add/70?next=1"></form>
<div><h2 id=about>About</h2><p>Made of <b>oak</b>.</p><p></p><ul><li>40 cm</li><li>2 kg</li></ul></div>
<div class=variants><a href="/en/item/lamp">this</a><a href="/de/item/lamp-xl">XL</a><a href="/en/item/lamp-xl#top">XL</a><a href="/about">x</a></div>
<dl><dt>Brand</dt><dd>Other</dd></dl><dl class=facts><dt>Brand:</dt><dd>Kestrel</dd></dl>
<table><tr><th>Price (excl. tax)</th><td>10.00</td></tr><tr><th>Preis (inkl. MwSt.)</th><td>12.00</td></tr></table>'''
[tests.expect]
targets = ["/en/item/lamp-xl"]
[[tests.expect.listings]]
id = "70"
title = "Lamp"
description = "Made of oak. / 40 cm / 2 kg"
price = "12"
brand = "Kestrel"
mpn = "K-7"

[[tests]]
name = "a value that the expression does not fit is none"
kind = "item"
url = "/en/item/lamp"
inline = '<h1>Lamp</h1><form action="/cart/remove/70"></form><p class=no>none</p>'
[tests.expect]
targets = []
[[tests.expect.listings]]
id = "https://shop.example/en/item/lamp"
absent = ["mpn", "brand", "price"]

[[tests]]
name = "a menu in another language"
kind = "list"
url = "/en/"
inline = '''
<nav><a href="/pt-br/c/lamps">L</a><a href="/en/c/lamps">L</a><a href="/en/c/lamps?sort=new">L</a><a href="/en/c/chairs/oak">C</a><a href="/en/help">H</a></nav>
<a class=item href="/de/item/lamp">L</a><a class=next href="/de/?p=2">2</a>'''
expect = { targets = ["/en/item/lamp"], categories = ["/en/c/lamps", "/en/c/chairs/oak"], next = "/en/?p=2" }
"##;

/// `line field message` of everything found after one change.
fn found(from: &str, to: &str) -> Vec<String> {
    assert!(SHOP.contains(from), "{from}");
    let text = SHOP.replacen(from, to, 1);
    Definition::lint_text(&text, "shop.toml")
        .iter()
        .map(|f| format!("{} {} {}", f.line, f.field, f.message))
        .collect()
}

#[test]
fn a_definition_of_a_whole_shop_reads_what_its_own_tests_say() {
    assert_eq!(Definition::lint_text(SHOP, "shop.toml"), []);
    let definition = Definition::parse(SHOP, "shop.toml").expect("a definition");
    for report in definition.run_tests(&|_| Err("no file".to_owned())) {
        assert!(report.passed, "{report:?}");
    }
}

#[test]
fn tests_fail_where_related_items_or_categories_are_others() {
    for (from, to) in [
        ("targets = [\"/en/item/lamp-xl\"]", "targets = []"),
        (
            "categories = [\"/en/c/lamps\", \"/en/c/chairs/oak\"]",
            "categories = [\"/en/c/lamps\"]",
        ),
    ] {
        let text = SHOP.replacen(from, to, 1);
        let definition = Definition::parse(&text, "shop.toml").expect("a definition");
        let reports = definition.run_tests(&|_| Err("no file".to_owned()));
        assert_eq!(
            reports.iter().filter(|report| !report.passed).count(),
            1,
            "{to}"
        );
    }
}

#[test]
fn related_identifiers_in_json_become_items_by_their_url() {
    let text = r#"id = "s"
name = "S"
tier = "feed"
base = "https://shop.example"
[discover]
kind = "list"
url = "/items.json"
items = { jsonpath = "$.items[*].id" }
item_url = "/items/{id}.json"
related = { at = { jsonpath = "$.variants[*]" } }
[fields]
id = [{ jsonpath = "$.id" }]
title = [{ jsonpath = "$.title" }]
[[tests]]
name = "variants"
kind = "item"
url = "/items/7.json"
inline = '{"id": 7, "title": "Lamp", "variants": [7, 8, "9/x", 8]}'
expect = { targets = ["/items/8.json", "/items/9%2Fx.json"] }
"#;
    let definition = Definition::parse(text, "s.toml").expect("a definition");
    for report in definition.run_tests(&|_| Err("no file".to_owned())) {
        assert!(report.passed, "{report:?}");
    }
    let without = text.replace(
        "related = { at = { jsonpath = \"$.variants[*]\" } }",
        "related = { url = \"/items/*\" }",
    );
    let all = Definition::lint_text(&without, "s.toml");
    let missing = all.iter().any(|f| f.field == "discover.related.at");
    assert!(missing, "{all:?}");
}

#[test]
fn a_bad_regular_expression_is_an_error_with_its_line_and_field() {
    for (written, said) in [
        ("(\\\\d+", "is no regular expression: unclosed group"),
        ("\\\\d+", "needs a group"),
        ("(a)(b)", "has more than one group"),
        ("(\\\\w{1000}{1000})", "is no regular expression"),
        ("((?:a{100}){100}{100})", "is no regular expression"),
        ("(a)\\\\1", "backreferences are not supported"),
    ] {
        let all = found("/cart/add/(\\\\d+)(?:\\\\?|$)", written);
        assert!(
            all.iter()
                .any(|f| f.starts_with("31 fields.id[0].regex ") && f.contains(said)),
            "{written}: {all:?}"
        );
    }
    let long = format!("({})", "a".repeat(1_000));
    let all = found("/cart/add/(\\\\d+)(?:\\\\?|$)", &long);
    assert!(
        all.iter().any(|f| f.contains("over 1000 characters")),
        "{all:?}"
    );
}

#[test]
fn what_cannot_be_is_said_of_links_labels_and_languages() {
    for (from, to, field, said) in [
        (
            "at = { css = \".variants a\", attr = \"href\" }",
            "",
            "discover.related",
            "needs `at`",
        ),
        (
            "url = \"/en/c/**\"",
            "depth = 21",
            "discover.category_links.depth",
            "must be at most 20",
        ),
        (
            "url = \"/en/c/**\"",
            "url = \"c\"",
            "discover.category_links.url",
            "is no URL pattern",
        ),
        (
            "at = { css = \".variants a\", attr = \"href\" }",
            "at = { jsonpath = \"$.a\" }",
            "discover.related.at",
            "can never match",
        ),
        (
            "keep = \"en\"",
            "keep = \"de\"",
            "discover.languages.others",
            "`de` is the one that is kept",
        ),
        (
            "others = [\"de\", \"pt-br\"]",
            "others = [\"en-gb/\"]",
            "discover.languages.others",
            "is no language",
        ),
        (
            "url = \"/en/\"",
            "url = \"/de/\"",
            "discover.url",
            "not in the language that is kept",
        ),
        (
            "row = \"Brand\"",
            "row = []",
            "fields.brand",
            "needs a label",
        ),
        (
            "css = \"dl.facts\", row = \"Brand\"",
            "attr = \"x\", row = \"Brand\"",
            "fields.brand",
            "`attr` goes with `css` only",
        ),
        (
            "row = [\"Price (incl. tax)\", \"Preis (inkl. MwSt.)\"]",
            "meta = \"price\", own_text = true",
            "fields.price",
            "`own_text` goes with `css` only",
        ),
        (
            "row = [\"Price (incl. tax)\", \"Preis (inkl. MwSt.)\"]",
            "meta = \"price\", every = true",
            "fields.price",
            "`every` goes with `regex` only",
        ),
    ] {
        let all = found(from, to);
        assert!(
            all.iter()
                .any(|f| f.contains(&format!(" {field} ")) && f.contains(said)),
            "wanted {field} `{said}` in {all:?}"
        );
    }
}

#[test]
fn a_matching_expression_costs_time_in_proportion_to_the_text() {
    let text = SHOP.replacen("/cart/add/(\\\\d+)(?:\\\\?|$)", "^(?:a|a)*(b)$", 1);
    let definition = Definition::parse(&text, "shop.toml").expect("a definition");
    let locator = definition.schema.fields.id.first().expect("a place");
    let page = format!("<form action=\"{}\"></form>", "a".repeat(90_000));
    let document = crate::extract::Document::html(page.as_bytes(), None);
    assert!(document.values(locator).is_empty());
}
