//! How lists are found that the home page does not name, or not all of them.

use super::addresses::{cards, thing};
use super::*;

/// Probes a shop of nine things and walks it by the draft, which has these lines.
pub(super) async fn all_nine(
    shop: impl Fn(&str) -> Option<String> + Clone + Send + Sync + 'static,
    lines: &[&str],
) {
    let server = Server::open(move |_, path, _| shop(path).map(|page| html(&page))).await;
    let report = server.probe().await;
    let draft = draft(&report);
    for line in lines {
        assert!(
            draft.toml.contains(line),
            "{line}: {} {:#?}",
            draft.toml,
            report.attempts
        );
    }
    assert_eq!(prices(&walk(draft).await), nine("GBP"), "{}", draft.toml);
}

pub(super) fn number(path: &str, before: &str, after: &str) -> Option<u32> {
    path.strip_prefix(before)?.strip_suffix(after)?.parse().ok()
}

#[tokio::test]
async fn lists_below_lists_of_lists_are_read_in_every_branch() {
    let shop = |path: &str| {
        let nav = "<nav><a href='/t/home'>Home</a> <a href='/t/home/inside'>Inside</a> \
             <a href='/t/home/inside/lamps'>Lamps</a> <a href='/t/home/inside/chairs'>Chairs</a> \
             <a href='/t/home/outside'>Outside</a> <a href='/t/home/outside/tables'>Tables</a></nav>";
        let address = |n: u32| format!("/products/thing-{n}");
        let body = match path {
            "/t/home/inside/lamps" => cards(0..3, address),
            "/t/home/inside/chairs" => cards(3..6, address),
            "/t/home/outside/tables" => cards(6..9, address),
            "/" | "/t/home" | "/t/home/inside" | "/t/home/outside" => "<h1>Look around</h1>".into(),
            _ => thing(number(path, "/products/thing-", "")?),
        };
        Some(format!("{nav}{body}"))
    };
    all_nine(shop, &["category_links = { url = \"/t/home/**\" }"]).await;
}

#[tokio::test]
async fn lists_that_another_page_than_the_home_page_names_are_found_through_it() {
    let shop = |path: &str| {
        let nav = "<nav><a href='/shop'>Shop</a> <a href='/shop/account'>Log in</a> \
             <a href='/shop/basket'>Basket</a> <a href='/about'>About</a></nav>";
        let address = |n: u32| format!("/shop/thing-p100{n}");
        let list = |range| cards(range, address);
        let body = match path {
            "/" | "/about" | "/shop/account" | "/shop/basket" => "<h1>Look around</h1>".into(),
            "/shop" => {
                "<a href='/shop/lamps-c101'>Lamps</a> <a href='/shop/chairs-c102'>Chairs</a> \
                 <a href='/shop/tables-c103'>Tables</a>"
                    .into()
            }
            "/shop/lamps-c101" => list(0..3),
            "/shop/chairs-c102" => list(3..6),
            "/shop/tables-c103" => list(6..9),
            _ => thing(number(path, "/shop/thing-p100", "")?),
        };
        Some(format!("{nav}{body}"))
    };
    let lines = ["url = \"/shop/*-p{id}\"", "\"tables-c103\"]"];
    all_nine(shop, &lines).await;
}

#[tokio::test]
async fn lists_of_variants_that_lists_of_products_name_are_read_in_all_of_these() {
    let shop = |path: &str| {
        let nav = "<nav><a href='/shop/group.do?groupId=A'>Lamps</a> \
             <a href='/shop/group.do?groupId=B'>Chairs</a> <a href='/shop/cart.do'>Cart</a></nav>";
        let address = |n: u32| format!("/shop/item.do?itemId=EST-{n}");
        let range = |name: &str| match name {
            "A-1" => Some(0..3),
            "A-2" => Some(3..5),
            "B-1" => Some(5..7),
            "B-2" => Some(7..9),
            _ => None,
        };
        let body = match path.split_once('=') {
            Some(("/shop/group.do?groupId", group)) => format!(
                "<a href='/shop/product.do?productId={group}-1'>{group}-1</a> \
                 <a href='/shop/product.do?productId={group}-2'>{group}-2</a>"
            ),
            Some(("/shop/product.do?productId", name)) => cards(range(name)?, address),
            Some(("/shop/item.do?itemId", name)) => thing(number(name, "EST-", "")?),
            None if path == "/" || path == "/shop/cart.do" => "<h1>Look around</h1>".into(),
            _ => return None,
        };
        Some(format!("{nav}{body}"))
    };
    let lines = [
        "category_links = { url = \"/shop/product.do?productId=*\" }",
        "categories = [\"A\", \"B\"]",
    ];
    all_nine(shop, &lines).await;
}

#[tokio::test]
async fn a_page_that_shows_the_newest_of_all_is_no_list_of_all() {
    let shop = |path: &str| {
        let nav = "<nav><a href='/catalog'>Catalog</a> <a href='/about'>About</a></nav>";
        let aside = "<aside><a href='/catalog/lamps'>Lamps</a> <a href='/catalog/chairs'>Chairs</a> \
             <a href='/catalog/tables'>Tables</a></aside>";
        let address = |n: u32| format!("/catalog/{n}-thing.html");
        let body = match path {
            "/" | "/about" => "<h1>Look around</h1>".into(),
            "/catalog" => format!("{}{aside}", cards(2..7, address)),
            "/catalog/lamps" => format!("{}{aside}", cards(0..3, address)),
            "/catalog/chairs" => format!("{}{aside}", cards(3..6, address)),
            "/catalog/tables" => format!("{}{aside}", cards(6..9, address)),
            _ => thing(number(path, "/catalog/", "-thing.html")?),
        };
        Some(format!("{nav}{body}"))
    };
    all_nine(shop, &["categories = [\"lamps\", \"chairs\", \"tables\"]"]).await;
}

#[tokio::test]
async fn numbers_of_one_kind_are_products_and_second_pages_may_stand_behind_a_name() {
    let shop = |path: &str| {
        let nav =
            "<nav><a href='/shop/CID_3.html'>Lamps</a> <a href='/shop/CID_4.html'>Chairs</a></nav>";
        let address = |n: u32| format!("/shop/UID_{n}.html");
        let pages = |group: u32, page: u32| {
            let link = |n: u32| match n {
                1 => format!("<a href='/shop/CID_{group}.html'>1</a>"),
                _ => format!("<a href='/shop/CID_{group}_{n}.html'>{n}</a>"),
            };
            let item = |n: u32| match n == page {
                true => format!("<li class='active'><a>{n}</a></li>"),
                false => format!("<li>{}</li>", link(n)),
            };
            format!("<ul class='pages'>{}{}</ul>", item(1), item(2))
        };
        let list = |range, group, page| format!("{}{}", cards(range, address), pages(group, page));
        let body = match path {
            "/" => "<h1>Look around</h1>".into(),
            "/shop/CID_3.html" => list(0..3, 3, 1),
            "/shop/CID_3_2.html" => list(3..5, 3, 2),
            "/shop/CID_4.html" => list(5..8, 4, 1),
            "/shop/CID_4_2.html" => list(8..9, 4, 2),
            _ => thing(number(path, "/shop/UID_", ".html")?),
        };
        Some(format!("{nav}{body}"))
    };
    let lines = ["url = \"/shop/UID_{id}.html\"", "li.active + li > a"];
    all_nine(shop, &lines).await;
}

#[tokio::test]
async fn parameters_without_a_value_say_what_a_page_is() {
    let shop = |path: &str| {
        let nav = "<nav><a href='/index.php?Shop&amp;cPath=3'>Lamps</a> \
             <a href='/index.php?Shop&amp;cPath=4'>Chairs</a> <a href='/index.php?Cart'>Cart</a></nav>";
        let address = |n: u32| format!("/index.php?Products&amp;Description&amp;products_id={n}");
        let body = match path {
            "/" | "/index.php?Cart" => "<h1>Look around</h1>".into(),
            "/index.php?Shop&cPath=3" => cards(0..5, address),
            "/index.php?Shop&cPath=4" => cards(5..9, address),
            _ => thing(number(
                path,
                "/index.php?Products&Description&products_id=",
                "",
            )?),
        };
        Some(format!("{nav}{body}"))
    };
    let lines = ["url = \"/index.php?Products&Description&products_id={id}\""];
    all_nine(shop, &lines).await;
}

#[tokio::test]
async fn a_box_without_a_price_and_a_column_beside_a_list_are_no_hindrance() {
    let shop = |path: &str| {
        let nav = "<nav><a href='/lamps'>Lamps</a> <a href='/chairs'>Chairs</a> <a href='/about'>About</a></nav>";
        let card = |n: u32| {
            let price = match n {
                1 | 7 => "--".to_owned(),
                _ => format!("£1{n}.50"),
            };
            format!(
                "<div class='card'><a class='pic' href='/thing-{n}-of-all'><img src='/i/{n}.jpg'></a>\
                 <a href='/thing-{n}-of-all'>Thing {n}</a><b>{price}</b></div>"
            )
        };
        let best = |n: u32| {
            format!(
                "<li><a class='best' href='/thing-{n}-of-all'><img src='/i/{n}.jpg'></a><i>£1{n}.50</i></li>"
            )
        };
        let aside = format!("<ul>{}{}</ul>", best(2), best(6));
        let body = match path {
            "/" | "/about" => "<h1>Look around</h1>".into(),
            "/lamps" => format!("{aside}{}", (0..5).map(card).collect::<String>()),
            "/chairs" => format!("{aside}{}", (5..9).map(card).collect::<String>()),
            _ => thing(number(path, "/thing-", "-of-all")?),
        };
        Some(format!("{nav}{body}"))
    };
    all_nine(shop, &["url = \"/*\""]).await;
}
