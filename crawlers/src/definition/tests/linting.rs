use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

const SHOP: &str = r#"id = "shop"
name = "Shop"
tier = "api"
base = "https://shop.example"
terms_note = "Ask."

[auth]
kind = "api-key"
header = "x-key"
value_env = "SHOP_KEY"

[rate]
per_second = 1
daily_quota = 100

[discover]
kind = "search"
url = "/search?q={query}&page={page}"
items = { jsonpath = "$.items[*]" }
next = "page"
complete = true

[fields]
id = [{ jsonpath = "$.id" }]
url = [{ jsonpath = "$.url" }]
title = [{ jsonpath = "$.title" }]
price = [{ jsonpath = "$.price" }]
currency = [{ jsonpath = "$.currency" }]
seller = [{ jsonpath = "$.seller" }]
images = [{ jsonpath = "$.images[*]" }]

[[tests]]
name = "an empty page"
kind = "list"
url = "/search?q=x&page=1"
inline = "{}"
expect = { count = 0 }
"#;

/// `line:column field message` of everything found after one change.
fn found(from: &str, to: &str) -> Vec<String> {
    assert!(SHOP.contains(from), "{from}");
    let text = SHOP.replacen(from, to, 1);
    Definition::lint_text(&text, "shop.toml")
        .iter()
        .map(|f| format!("{}:{} {} {}", f.line, f.column, f.field, f.message))
        .collect()
}

#[test]
fn a_sound_definition_has_no_findings() {
    assert_eq!(Definition::lint_text(SHOP, "shop.toml"), []);
}

#[test]
fn every_finding_has_line_column_and_field() {
    for (from, to, expected) in [
        (
            "terms_note",
            "terms_not",
            "5:1 terms_not unknown field `terms_not`; did you mean `terms_note`?",
        ),
        (
            "tier = \"api\"",
            "tier = \"apo\"",
            "3:8 tier `apo` is none of api, feed, structured, selector, rendered; did you mean `api`?",
        ),
        (
            "kind = \"api-key\"",
            "kind = \"api-kye\"",
            "8:8 auth.kind `api-kye` is none of oauth-client-credentials, api-key, query-keys, signed-query; did you mean `api-key`?",
        ),
        (
            "per_second = 1",
            "per_second = \"1\"",
            "13:14 rate.per_second should be a number and is a string",
        ),
        (
            "per_second = 1",
            "per_second = 0",
            "13:14 rate.per_second must be over 0",
        ),
        (
            "https://shop.example",
            "ftp://shop.example",
            "4:8 base `ftp://shop.example` is not an http or https address",
        ),
        (
            "{page}",
            "{pgae}",
            "18:7 discover.url `{pgae}` is no placeholder",
        ),
        (
            "\"$.items[*]\"",
            "\"$.items[\"",
            "19:22 discover.items.jsonpath `$.items[` is no JSONPath",
        ),
        (
            "price = [{ jsonpath = \"$.price\" }]",
            "price = [{ jsonpath = \"$.price\" }, { css = \"b[\" }]",
            "27:44 fields.price[1].css `b[` is no CSS selector",
        ),
        (
            "price = [{ jsonpath = \"$.price\" }]",
            "price = [{ jsonpath = \"$.price\" }, { css = \"b\" }]",
            "27:36 fields.price[1] can never match: the answer is JSON",
        ),
        (
            "name = \"an empty page\"\n",
            "",
            "32:1 tests[0].name missing",
        ),
        (
            "count = 0",
            "cuont = 0",
            "tests[0].expect.cuont unknown field `cuont`; did you mean `count`?",
        ),
        (
            "/search?q={query}&page={page}",
            "https://else.example/?q={query}&page={page}",
            "18:1 discover.url else.example is not among the allowed hosts (shop.example)",
        ),
        (
            "&page={page}",
            "",
            "20:1 discover.next `next = \"page\"` raises `{page}`",
        ),
        (
            "daily_quota = 100\n",
            "",
            "12:2 rate.daily_quota missing: a keyed API usually has one",
        ),
        (
            "complete = true",
            "complete = true\nmax_pages = 1",
            "discover.max_pages is 1",
        ),
        ("name = \"Shop\"", "name = \"Shop", "2:"),
    ] {
        let all = found(from, to);
        assert!(
            all.iter().any(|f| f.contains(expected)),
            "wanted `{expected}` in {all:#?}"
        );
    }
}

#[test]
fn several_mistakes_are_found_at_once() {
    let text = SHOP
        .replace("terms_note", "terms_not")
        .replace("per_second = 1", "per_second = -1")
        .replace("{query}", "{qurey}")
        .replace("$.title", "title");
    let fields: Vec<String> = Definition::lint_text(&text, "shop.toml")
        .into_iter()
        .map(|f| f.field)
        .collect();
    assert_eq!(
        fields,
        [
            "terms_not",
            "rate.per_second",
            "discover.url",
            "fields.title[0].jsonpath"
        ]
    );
}

#[test]
fn pasted_secrets_are_found_and_not_repeated() {
    let token = "v1AbC9dEf3GhI7jKl2MnO8pQr5StU";
    for (from, to, said) in [
        (
            "\"SHOP_KEY\"",
            format!("\"{token}\""),
            "environment variable",
        ),
        (
            "[rate]",
            format!("[headers]\nAuthorization = \"Bearer {token}\"\n\n[rate]"),
            "`authorization` carries a secret",
        ),
        (
            "[rate]",
            format!("[headers]\nX-Thing = \"{token}\"\n\n[rate]"),
            "looks like a secret",
        ),
        (
            "q={query}",
            format!("q={{query}}&api_key={token}"),
            "`api_key` carries a secret",
        ),
    ] {
        let all = found(from, &to);
        assert!(
            all.iter().any(|f| f.contains(said)),
            "wanted `{said}` in {all:?}"
        );
        assert!(all.iter().all(|f| !f.contains(token)), "{all:?}");
    }
}

#[test]
fn any_text_is_linted_without_harm() {
    for text in [
        "",
        "\0",
        "a",
        "[[[[",
        "id = 1",
        "[discover]\nnext = [1]",
        "tests = [[], {}]",
        "x = { y = { z = 1 } }",
    ] {
        let all = Definition::lint_text(text, "x");
        assert!(
            all.iter().any(|f| f.severity == Severity::Error),
            "{text:?}: {all:?}"
        );
    }
    let deep = format!("{}x = 1{}", "a = { ".repeat(200), " }".repeat(200));
    assert!(!Definition::lint_text(&deep, "x").is_empty());
    let ends: Vec<usize> = (0..SHOP.len()).step_by(11).collect();
    for end in ends {
        let all = Definition::lint_text(&SHOP[..end], "x");
        assert!(all.iter().all(|f| f.line >= 1 && f.column >= 1));
    }
}

/// The field names a type takes, as its reader lists them for an unknown one.
fn taken(text: &str) -> BTreeSet<String> {
    let error = Definition::parse(text, "x")
        .expect_err("an unknown field")
        .to_string();
    let list = error
        .split("expected ")
        .nth(1)
        .unwrap_or_else(|| panic!("{error}"));
    let names = list.split('`').skip(1).step_by(2);
    names.map(str::to_owned).collect()
}

#[test]
fn the_schema_has_exactly_the_fields_the_types_take() {
    let schema: Value = serde_json::from_str(Definition::json_schema()).expect("JSON");
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    let head = "id = \"a\"\nname = \"A\"\ntier = \"api\"\nbase = \"https://a.example\"\n";
    let discover = "discover.kind = \"list\"\ndiscover.url = \"/\"\n";
    let tables = [
        ("", "zzz = 1".to_owned()),
        ("/properties/rate", "rate.zzz = 1".to_owned()),
        ("/properties/discover", "discover.zzz = 1".to_owned()),
        ("/properties/discover/properties/image", format!("{discover}discover.image.zzz = 1")),
        ("/properties/discover/properties/category_links", format!("{discover}discover.category_links.zzz = 1")),
        ("/properties/discover/properties/related", format!("{discover}discover.related.zzz = 1")),
        ("/properties/discover/properties/languages", format!("{discover}discover.languages.zzz = 1")),
        ("/properties/render", "render.zzz = 1".to_owned()),
        ("/properties/render/properties/viewport", "render.viewport.zzz = 1".to_owned()),
        ("/properties/item", "item.zzz = 1".to_owned()),
        ("/properties/fields", "fields.zzz = 1".to_owned()),
        ("/properties/price", "price.zzz = 1".to_owned()),
        ("/properties/price/properties/currency_from/items", "price.currency_from = [{ zzz = 1 }]".to_owned()),
        ("/properties/settings/additionalProperties", "settings.a.zzz = 1".to_owned()),
        ("/$defs/marks", "gone.zzz = 1".to_owned()),
        ("/$defs/marks", "failed.zzz = 1".to_owned()),
        ("/$defs/marks/properties/when/items", "gone.when = [{ zzz = 1 }]".to_owned()),
        ("/$defs/locator", "fields.title = [{ zzz = 1 }]".to_owned()),
        ("/$defs/test", "tests = [{ zzz = 1 }]".to_owned()),
        ("/$defs/test/properties/expect", "tests = [{ name = \"a\", kind = \"list\", url = \"/\", expect = { zzz = 1 } }]".to_owned()),
        ("/$defs/test/properties/expect/properties/listings/items", "tests = [{ name = \"a\", kind = \"list\", url = \"/\", expect = { listings = [{ zzz = 1 }] } }]".to_owned()),
        ("/$defs/auth/oneOf/0", "auth = { kind = \"oauth-client-credentials\", zzz = 1 }".to_owned()),
        ("/$defs/auth/oneOf/1", "auth = { kind = \"api-key\", zzz = 1 }".to_owned()),
        ("/$defs/auth/oneOf/2", "auth = { kind = \"query-keys\", zzz = 1 }".to_owned()),
        ("/$defs/auth/oneOf/3", "auth = { kind = \"signed-query\", zzz = 1 }".to_owned()),
    ];
    for (pointer, text) in tables {
        let node = schema
            .pointer(pointer)
            .unwrap_or_else(|| panic!("{pointer}"));
        let listed = node["properties"].as_object().expect("properties");
        let listed: BTreeSet<String> = listed.keys().cloned().collect();
        let mut types = taken(&format!("{head}{text}\n"));
        if pointer.contains("auth") {
            types.insert("kind".to_owned());
        }
        assert_eq!(listed, types, "{pointer}");
    }
}

#[test]
fn every_definition_in_the_tree_fits_the_schema() {
    for (name, text) in [
        (
            "kaufwinkel",
            include_str!("../../../../fixtures/definitions/kaufwinkel.toml"),
        ),
        (
            "stallhaven",
            include_str!("../../../../fixtures/definitions/stallhaven.toml"),
        ),
        (
            "hanten",
            include_str!("../../../../fixtures/definitions/hanten.toml"),
        ),
        (
            "baybridge",
            include_str!("../../../../fixtures/definitions/baybridge.toml"),
        ),
    ] {
        let all = Definition::lint_text(text, name);
        assert!(
            all.iter().all(|f| f.severity == Severity::Warning),
            "{all:?}"
        );
    }
}

#[test]
fn the_examples_of_the_documentation_are_sound() {
    let page = include_str!("../../../../docs/definitions.md");
    let examples: Vec<&str> = page
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .filter(|example| example.starts_with("id = "))
        .collect();
    assert_eq!(examples.len(), 3);
    for example in examples {
        let all = Definition::lint_text(example, "docs/definitions.md");
        let errors: Vec<_> = all
            .iter()
            .filter(|f| f.severity == Severity::Error)
            .collect();
        assert!(errors.is_empty(), "{errors:?}\n{example}");
    }
    // And every field has its word on the page.
    let schema: Value = serde_json::from_str(Definition::json_schema()).expect("JSON");
    let tables = [
        "",
        "/properties/discover",
        "/properties/discover/properties/category_links",
        "/properties/discover/properties/related",
        "/properties/discover/properties/languages",
        "/properties/item",
        "/properties/fields",
        "/properties/price",
        "/properties/rate",
        "/$defs/locator",
        "/$defs/marks",
        "/$defs/test",
    ];
    for table in tables {
        let names = schema
            .pointer(table)
            .and_then(|t| t["properties"].as_object())
            .expect(table);
        for name in names.keys() {
            let said = [
                format!("`{name}`"),
                format!("[{name}]"),
                format!("[{name}."),
                format!("`{name} ="),
                format!("{name} ="),
            ];
            assert!(
                said.iter().any(|word| page.contains(word)),
                "{table} {name} is not explained"
            );
        }
    }
}
