use super::*;

fn source(discover: &str) -> Definition {
    let text = format!(
        "id = \"s\"\nname = \"S\"\ntier = \"api\"\nbase = \"https://s.example\"\n[discover]\n{discover}\n\
         [item]\nurl = \"/i/{{id}}\"\n[fields]\ntitle = [{{ css = \"h1\" }}]\n"
    );
    Definition::parse(&text, "s.toml").expect("a definition")
}

fn urls(targets: &[Target]) -> Vec<&str> {
    targets.iter().map(|target| target.url.as_str()).collect()
}

#[test]
fn a_source_that_can_search_is_searched_for_each_query_and_walked_by_category() {
    let definition = source(
        "kind = \"search\"\nurl = \"/s?q={query}&o={offset}\"\ncategory_url = \"/c/{category}\"\n\
         categories = [\"7\"]\nitems = { css = \"a\" }",
    );
    let queries = ["Kestrel & Söhne", " kestrel  9 ", "", "Kestrel & Söhne"].map(str::to_owned);
    let targets = seeds(&definition, &queries);
    assert_eq!(
        urls(&targets),
        [
            "https://s.example/s?q=Kestrel+%26+S%C3%B6hne&o=0",
            "https://s.example/s?q=kestrel+9&o=0",
            "https://s.example/c/7"
        ]
    );
    assert_eq!(targets[1].query.as_deref(), Some("kestrel 9"));
    assert_eq!((targets[2].query.as_deref(), targets[2].page), (None, 1));
}

#[test]
fn a_source_that_cannot_is_walked_whatever_the_queries() {
    let queries = ["Kestrel".to_owned()];
    let list = source("kind = \"list\"\nurl = \"/all?page={page}\"\nitems = { css = \"a\" }");
    assert_eq!(
        urls(&seeds(&list, &queries)),
        ["https://s.example/all?page=1"]
    );
    let map = source("kind = \"sitemap\"\nurl = \"/sitemap.xml\"");
    let targets = seeds(&map, &[]);
    assert_eq!(urls(&targets), ["https://s.example/sitemap.xml"]);
    assert_eq!((targets[0].kind, targets[0].page), (TargetKind::Sitemap, 0));
}

#[test]
fn an_item_is_asked_for_again_where_its_listing_was_read() {
    let api = source(
        "kind = \"list\"\nurl = \"/l\"\nitems = { jsonpath = \"$.ids[*]\" }\nitem_url = \"/i/{id}\"",
    );
    let seen_at = url::Url::parse("https://www.s.example/pages/9").expect("a URL");
    assert_eq!(
        item(&api, "a|9", &seen_at).url.as_str(),
        "https://s.example/i/a%7C9"
    );
    let pages = source("kind = \"list\"\nurl = \"/l\"\nitems = { css = \"a\" }");
    assert_eq!(item(&pages, "9", &seen_at).url, seen_at);
}
