//! Which addresses a draft takes for those of products and of lists.

use super::drafts::plain;
use super::*;

/// Page of one of nine things.
pub(super) fn thing(n: u32) -> String {
    plain(&format!("Thing {n}"), &format!("1{n}.50"))
}

/// Links to things, each at the address made for its number.
pub(super) fn cards(numbers: std::ops::Range<u32>, address: impl Fn(u32) -> String) -> String {
    let card = |n| {
        let address = address(n);
        format!("<div class='card'><a href='{address}'>Thing {n}</a> <b>£1{n}.50</b></div>")
    };
    numbers.map(card).collect()
}

/// The value of a parameter, as a number.
pub(super) fn number(path: &str, name: &str) -> Option<u32> {
    let (_, query) = path.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name)?.1.parse().ok()
}

#[tokio::test]
async fn the_category_in_an_address_is_not_taken_for_the_identifier() {
    let server = Server::open(|_, path, _| {
        let nav: String = (1..4)
            .map(|c| format!("<a href='/index.php?page=list&amp;group={c}'>Group {c}</a> "))
            .collect();
        let address = |n: u32| {
            format!(
                "/index.php?page=thing&amp;group={}&amp;number={n}",
                n / 3 + 1
            )
        };
        Some(html(
            &match (path, number(path, "group"), number(path, "number")) {
                ("/", ..) => format!("<nav>{nav}</nav><h1>Shop</h1>"),
                (_, _, Some(n)) => format!("<nav>{nav}</nav>{}", thing(n)),
                (_, Some(c), None) => {
                    let things = cards(c * 3 - 3..c * 3, address);
                    format!("<nav>{nav}</nav><h1>Group {c}</h1>{things}")
                }
                _ => return None,
            },
        ))
    })
    .await;
    let report = server.probe().await;
    let draft = draft(&report);
    let form = "url = \"/index.php?page=thing&group=*&number={id}\"";
    assert!(draft.toml.contains(form), "{}", draft.toml);
    let found = walk(draft).await;
    assert_eq!(prices(&found), nine("GBP"), "{}", draft.toml);
    let ids: BTreeSet<String> = found
        .iter()
        .map(|listing| listing.item_id.clone())
        .collect();
    assert_eq!(ids.len(), 9, "{ids:?}");
}

#[tokio::test]
async fn the_name_of_a_category_in_the_middle_of_an_address_stands_for_any() {
    let server = Server::open(|_, path, _| {
        let nav: String = (21..26)
            .map(|c| format!("<a href='/goods/list.html?cate_no={c}'>Group {c}</a> "))
            .collect();
        // Each list names things under its own number; the last stands on one list only.
        let address =
            |c: u32| move |n: u32| format!("/goods/thing-{n}/{n}/category/{c}/display/1/");
        let body = match number(path, "cate_no") {
            Some(c @ 21..25) => format!(
                "<h1>Group {c}</h1>{}",
                cards(2 * c - 42..2 * c - 40, address(c))
            ),
            Some(25) => format!("<h1>Group 25</h1>{}", cards(8..9, address(25))),
            _ if path == "/" => "<h1>Shop</h1>".to_owned(),
            _ => thing(path.split('/').nth(3)?.parse().ok()?),
        };
        Some(html(&format!("<nav>{nav}</nav>{body}")))
    })
    .await;
    let report = server.probe().await;
    let draft = draft(&report);
    assert_eq!(prices(&walk(draft).await), nine("GBP"), "{}", draft.toml);
}

#[tokio::test]
async fn lists_that_have_the_form_of_products_are_left_out() {
    let server = Server::open(|_, path, base| {
        let groups = ["lamps", "chairs", "tables"];
        let nav: String = groups
            .map(|group| format!("<li><a href='/{group}.html'>{group}</a></li>"))
            .concat();
        let address = |n: u32| format!("/thing-no-{n}x.html");
        let body = match path {
            "/" => "<h1>Shop</h1>".to_owned(),
            "/sitemap.xml" => {
                let lists = groups.iter().map(|group| format!("/{group}.html"));
                let paths: Vec<String> = lists.chain((0..9).map(address)).collect();
                return Some(xml(base, &paths));
            }
            _ => {
                let name = path.trim_start_matches('/').strip_suffix(".html")?;
                match groups.iter().position(|group| *group == name) {
                    Some(at) => {
                        let at = at as u32 * 3;
                        format!("<h1>All {name}</h1><p>{}</p>", cards(at..at + 3, address))
                    }
                    None => thing(
                        name.strip_prefix("thing-no-")?
                            .strip_suffix('x')?
                            .parse()
                            .ok()?,
                    ),
                }
            }
        };
        Some(html(&format!("<ul class='menu'>{nav}</ul>{body}")))
    })
    .await;
    let report = server.probe().await;
    let draft = draft(&report);
    let not = "not = [\"/lamps.html\", \"/chairs.html\", \"/tables.html\"]";
    assert!(draft.toml.contains(not), "{}", draft.toml);
    assert_eq!(prices(&walk(draft).await), nine("GBP"), "{}", draft.toml);
}

#[tokio::test]
async fn products_of_which_each_stands_under_another_category_are_found() {
    const GROUPS: [&str; 9] = [
        "lamps", "chairs", "tables", "rugs", "pots", "beds", "vases", "desks", "hooks",
    ];
    let server = Server::open(|_, path, _| {
        let texts = |kind: &str| {
            let link = |n| format!("<a href='/{kind}/{n}.php'>Text {n}</a> ");
            ["one", "two", "three", "four"].map(link).concat()
        };
        let address = |n: u32| format!("/{}/thing-{n}x.html", GROUPS[n as usize]);
        let page = match path {
            "/" => format!(
                "<h1>Shop</h1>{}{}{}<a href='/catalog'>All</a>",
                texts("guides"),
                texts("makers"),
                texts("stories")
            ),
            "/catalog" => format!(
                "<h1>All</h1>{}{}{}{}",
                texts("guides"),
                texts("makers"),
                texts("stories"),
                cards(0..9, address)
            ),
            _ if path.ends_with(".php") => "<h1>A text</h1><p>Of some words.</p>".to_owned(),
            _ => {
                let (_, name) = path.trim_start_matches('/').split_once('/')?;
                thing(
                    name.strip_prefix("thing-")?
                        .strip_suffix("x.html")?
                        .parse()
                        .ok()?,
                )
            }
        };
        Some(html(&page))
    })
    .await;
    let report = server.probe().await;
    let draft = draft(&report);
    assert!(draft.toml.contains("url = \"/*/*.html\""), "{}", draft.toml);
    assert_eq!(prices(&walk(draft).await), nine("GBP"), "{}", draft.toml);
}
