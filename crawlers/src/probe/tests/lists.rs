//! Which pages a draft takes for lists, and how it goes on to their next pages.

use super::addresses::{cards, thing};
use super::*;

#[tokio::test]
async fn lists_that_differ_in_a_parameter_are_the_categories_and_carts_are_none() {
    let server = Server::open(|_, path, _| {
        let lists: String = (1..4)
            .map(|c| format!("<a href='/index.php?cPath={c}'>Group {c}</a> "))
            .collect();
        let nav = format!(
            "<nav><a href='/index.php'>Home</a> <a href='/shopping_cart.php'>Cart</a> \
             <a href='/checkout_shipping.php'>Pay</a> <a href='/contact_us.php'>Write</a> {lists}</nav>"
        );
        let address = |n: u32| format!("/thing_info.php?products_id={n}");
        let number = |start: &str| path.strip_prefix(start)?.parse::<u32>().ok();
        Some(html(&match (number("/index.php?cPath="), number("/thing_info.php?products_id=")) {
            (Some(c), _) => format!("{nav}<h1>Group {c}</h1>{}", cards(c * 3 - 3..c * 3, address)),
            // Others bought with it, but never the last two.
            (_, Some(n)) => format!("{nav}{}<h2>Also bought</h2>{}", thing(n), cards(0..6, address)),
            _ if path == "/" || path == "/index.php" => format!("{nav}<h1>Shop</h1>{}", cards(0..6, address)),
            _ => format!("{nav}<h1>Nothing here</h1>"),
        }))
    })
    .await;
    let report = server.probe().await;
    let draft = draft(&report);
    for line in [
        "category_url = \"/index.php?cPath={category}\"",
        "categories = [\"1\", \"2\", \"3\"]",
    ] {
        assert!(draft.toml.contains(line), "{line}: {}", draft.toml);
    }
    assert_eq!(prices(&walk(draft).await), nine("GBP"), "{}", draft.toml);
    let asked = server.asked();
    let barred = asked
        .iter()
        .any(|path| path.contains("cart") || path.contains("checkout"));
    assert!(!barred, "{asked:?}");
}

#[tokio::test]
async fn a_side_column_neither_keeps_the_draft_from_being_made_nor_makes_lists_of_pages() {
    let server = Server::open(|_, path, _| {
        let group = |n: u32| ["lamps", "chairs", "tables"][n as usize / 3];
        let address = |n: u32| format!("/{}/thing-{n}.html", group(n));
        let aside: String = [2, 8]
            .map(|n| format!("<li><span><a href='{}'>Best of all: {n}</a></span></li>", address(n)))
            .concat();
        let aside = format!("<div id='side'><ul>{aside}</ul></div>");
        let nav = "<nav><a href='/my-room/'>My room</a> <a href='/lamps/'>Lamps</a> <a href='/chairs/'>Chairs</a> \
             <a href='/tables/'>Tables</a></nav>";
        let body = match path {
            "/" => "<h1>Shop</h1>".to_owned(),
            "/my-room/" => "<h1>My room</h1>".to_owned(),
            "/lamps/" => format!("<h1>Lamps</h1>{}", cards(0..3, address)),
            "/chairs/" => format!("<h1>Chairs</h1>{}", cards(3..6, address)),
            "/tables/" => format!("<h1>Tables</h1>{}", cards(6..9, address)),
            _ => {
                let (_, name) = path.trim_start_matches('/').split_once('/')?;
                thing(name.strip_prefix("thing-")?.strip_suffix(".html")?.parse().ok()?)
            }
        };
        Some(html(&format!("{nav}{body}{aside}")))
    })
    .await;
    let report = server.probe().await;
    let draft = draft(&report);
    assert!(!draft.toml.contains("my-room"), "{}", draft.toml);
    assert_eq!(prices(&walk(draft).await), nine("GBP"), "{}", draft.toml);
}

#[tokio::test]
async fn pages_of_products_that_link_to_others_are_no_categories() {
    let server = Server::open(|_, path, _| {
        let nav =
            "<nav><a href='/t/kinds/lamps'>Lamps</a> <a href='/t/kinds/chairs'>Chairs</a></nav>";
        let address = |n: u32| format!("/products/thing-{n}");
        let body = match path {
            "/" => format!("{}<h1>Shop</h1>", cards(0..4, address)),
            "/t/kinds/lamps" => format!("<h1>Lamps</h1>{}", cards(0..5, address)),
            "/t/kinds/chairs" => format!("<h1>Chairs</h1>{}", cards(5..9, address)),
            _ => {
                let n: u32 = path.strip_prefix("/products/thing-")?.parse().ok()?;
                format!(
                    "{}<aside><h2>You may also like</h2>{}</aside>",
                    thing(n),
                    cards(0..4, address)
                )
            }
        };
        Some(html(&format!("{body}{nav}")))
    })
    .await;
    let report = server.probe().await;
    let draft = draft(&report);
    assert!(draft.toml.contains("/t/kinds/"), "{}", draft.toml);
    assert!(!draft.toml.contains("\"thing-"), "{}", draft.toml);
    assert_eq!(prices(&walk(draft).await), nine("GBP"), "{}", draft.toml);
}

/// A shop of one list of three pages, with this beside the number of the page that is
/// shown, and of addresses that this makes of a page's number.
async fn of_pages(
    address: impl Fn(u32) -> String + Send + Sync + 'static,
    paging: impl Fn(u32, &str) -> String + Send + Sync + 'static,
) -> Server {
    Server::open(move |_, path, _| {
        let things = |n: u32| format!("/p/thing-{n}");
        if let Some(number) = path.strip_prefix("/p/thing-") {
            return Some(html(&thing(number.parse().ok()?)));
        }
        if path == "/" {
            return Some(html("<h1>Shop</h1><a href='/catalog/lamps'>Lamps</a>"));
        }
        let of = |page: &u32| path == address(*page) || (*page == 1 && path == "/catalog/lamps");
        let page = (1..5).find(of)?;
        let next = if page < 3 {
            address(page + 1)
        } else {
            String::new()
        };
        Some(html(&format!(
            "<h1>Lamps</h1>{}{}",
            cards(page * 3 - 3..(page * 3).min(9), things),
            paging(page, &next)
        )))
    })
    .await
}

#[tokio::test]
async fn lists_whose_pages_are_counted_from_zero_are_read_whole() {
    let address = |page: u32| format!("/catalog/lamps?page={}", page - 1);
    let numbered = |page: u32, _: &str| {
        let number = |n: u32| match n == page {
            true => format!("<b>{n}</b> "),
            false => format!("<a href='/catalog/lamps?page={}'>{n}</a> ", n - 1),
        };
        (1..4).map(number).collect::<String>()
    };
    let named = |_: u32, next: &str| match next {
        "" => String::new(),
        _ => format!("<ul><li class='pager-next'><a href='{next}'>volgende</a></li></ul>"),
    };
    for server in [
        of_pages(address, numbered).await,
        of_pages(address, named).await,
    ] {
        let report = server.probe().await;
        let draft = draft(&report);
        assert_eq!(prices(&walk(draft).await), nine("GBP"), "{}", draft.toml);
    }
}

#[tokio::test]
async fn lists_whose_first_page_has_no_number_in_its_path_are_begun_without_it() {
    // There is no page-1.
    let address = |page: u32| match page {
        1 => "/catalog/lamps".to_owned(),
        _ => format!("/catalog/lamps/page-{page}"),
    };
    let paging = move |page: u32, _: &str| {
        let number = |n: u32| {
            let class = if n == page { " class='active'" } else { "" };
            format!("<li{class}><a href='{}'>{n}</a></li>", address(n))
        };
        format!("<ul>{}</ul>", (1..4).map(number).collect::<String>())
    };
    let server = of_pages(address, paging).await;
    let report = server.probe().await;
    let read = draft(&report);
    assert_eq!(prices(&walk(read).await), nine("GBP"), "{}", read.toml);
    // Where nothing tells which page is shown, pages are lists that the first leads to.
    let unmarked = move |page: u32, _: &str| {
        let others = (1..4).filter(|n| *n != page);
        let link = |n: u32| format!("<a href='{}'>{n}</a> ", address(n));
        others.map(link).collect::<String>()
    };
    let server = of_pages(address, unmarked).await;
    let report = server.probe().await;
    let read = draft(&report);
    assert!(!read.toml.contains("{page}"), "{}", read.toml);
    assert_eq!(prices(&walk(read).await), nine("GBP"), "{}", read.toml);
}

/// Names without a number, at the top of a shop like everything else in it.
const FLAT: [&str; 9] = [
    "amber", "birch", "cedar", "delft", "ember", "fjord", "grain", "hazel", "ivory",
];

/// Boxes of these things as lists have them.
fn boxes(numbers: std::ops::Range<usize>) -> String {
    let one = |n: usize| {
        let name = FLAT[n];
        format!(
            "<div class='box'><div class='pic'><a href='/{name}'><img src='/i/{name}.jpg'></a></div>\
             <h3 class='name'><a href='/{name}'>Thing {n}</a></h3><b>£1{n}.50</b> plus <a href='/delivery'>delivery</a></div>"
        )
    };
    numbers.map(one).collect()
}

#[tokio::test]
async fn where_all_addresses_are_alike_boxes_tell_products_and_menus_tell_lists() {
    let server = Server::open(|_, path, _| {
        let nav = "<div id='top'><a href='/about'>About</a> <a href='/delivery'>Delivery</a> <a href='/cart'>Cart</a></div>\
                   <ul id='menu'><li><a href='/lamps'>Lamps</a></li><li><a href='/chairs'>Chairs</a></li>\
                   <li><a href='/tables'>Tables</a></li></ul><div class='mini'><div class='pic'>\
                   <a href='/ivory'><img src='/i/ivory.jpg'></a></div> 1 × £18.50</div>";
        let list = |name: &str, numbers| format!("<h1>{name}</h1>{}", boxes(numbers));
        let body = match path {
            "/" => list("Shop", 1..3),
            "/lamps" => list("Lamps", 0..4),
            "/chairs" => list("Chairs", 4..7),
            "/tables" => list("Tables", 7..9),
            "/about" | "/delivery" => "<h1>Us</h1><p>Who we are.</p>".to_owned(),
            _ => {
                let n = FLAT.iter().position(|name| path == format!("/{name}"))?;
                thing(n.try_into().ok()?)
            }
        };
        Some(html(&format!("{nav}{body}")))
    })
    .await;
    let report = server.probe().await;
    let draft = draft(&report);
    let lists = "categories = [\"lamps\", \"chairs\", \"tables\"]";
    assert!(draft.toml.contains(lists), "{}", draft.toml);
    assert_eq!(prices(&walk(draft).await), nine("GBP"), "{}", draft.toml);
    let asked = server.asked();
    assert!(!asked.contains(&"/cart".to_owned()), "{asked:?}");
}

#[tokio::test]
async fn lists_in_one_menu_are_found_beside_pages_that_words_do_not_tell() {
    let server = Server::open(|_, path, _| {
        let nav = "<div><a href='/iniciar'>Entrar</a> <a href='/nosotros'>Nosotros</a></div>\
                   <ul><li><a href='/3-lamparas/'>Lámparas</a></li><li><a href='/4-sillas/'>Sillas</a></li>\
                   <li><a href='/5-mesas/'>Mesas</a></li></ul>";
        // The number at the end counts what is in its kind.
        let address = |n: u32| format!("/x/{}-{}", ["lamp", "chair", "table"][n as usize / 3], n % 3);
        let list = |name: &str, numbers| format!("<h1>{name}</h1>{}", cards(numbers, address));
        let body = match path {
            "/" => list("Tienda", 0..2),
            "/3-lamparas/" => list("Lámparas", 0..3),
            "/4-sillas/" => list("Sillas", 3..6),
            "/5-mesas/" => list("Mesas", 6..9),
            "/nosotros" => "<h1>Nosotros</h1>".to_owned(),
            "/iniciar" => return Some((StatusCode::UNAUTHORIZED, html("Entrar")).into_response()),
            _ => {
                let (group, number) = path.strip_prefix("/x/")?.split_once('-')?;
                let group = ["lamp", "chair", "table"].iter().position(|name| *name == group)?;
                thing(u32::try_from(group).ok()? * 3 + number.parse::<u32>().ok()?)
            }
        };
        Some(html(&format!("{nav}{body}")))
    })
    .await;
    let report = server.probe().await;
    let draft = draft(&report);
    let lists = "categories = [\"3-lamparas\", \"4-sillas\", \"5-mesas\"]";
    assert!(draft.toml.contains(lists), "{}", draft.toml);
    assert!(!draft.toml.contains("{id}"), "{}", draft.toml);
    assert_eq!(prices(&walk(draft).await), nine("GBP"), "{}", draft.toml);
}

#[tokio::test]
async fn a_link_to_the_next_page_with_more_in_it_than_a_number_is_followed() {
    // Without their order, the pages behind the first hold the same again.
    let address = |page: u32| match page {
        1 => "/catalog/lamps".to_owned(),
        _ => format!("/catalog/lamps?sort=2a&page={page}"),
    };
    let paging = move |page: u32, next: &str| {
        let number = |n: u32| match n == page {
            true => format!("<b>{n}</b> "),
            false => format!(
                "<a class='results' href='{}' title=' Page {n} '>{n}</a> ",
                address(n)
            ),
        };
        let numbers: String = (1..4).map(number).collect();
        let before = match page {
            1 => String::new(),
            _ => format!(
                "<a class='results' href='{}' title=' Previous '>[&lt;]</a>",
                address(page - 1)
            ),
        };
        let behind = match next {
            "" => String::new(),
            _ => format!("<a class='results' href='{next}' title=' Página siguiente '>[&gt;]</a>"),
        };
        format!("{before}{numbers}{behind}")
    };
    let server = of_pages(address, paging).await;
    let report = server.probe().await;
    let draft = draft(&report);
    assert!(
        draft.toml.contains("a[title*=\"Página siguiente\"]"),
        "{}",
        draft.toml
    );
    assert_eq!(prices(&walk(draft).await), nine("GBP"), "{}", draft.toml);
}

#[tokio::test]
async fn pages_counted_by_products_are_followed_by_what_stands_behind_the_current_number() {
    let server = Server::open(|_, path, _| {
        let address = |n: u32| format!("/p/thing-{n}");
        let list = |from: u32| {
            let pages: String = (0..3)
                .map(|at| match at * 3 == from {
                    true => format!("<li class='active'><span>{}</span></li>", at + 1),
                    false => format!("<li><a href='/lamps?start={}'>{}</a></li>", at * 3, at + 1),
                })
                .collect();
            format!(
                "<h1>Lamps</h1>{}<ul>{pages}</ul>",
                cards(from..from + 3, address)
            )
        };
        let nav = "<nav><a href='/lamps'>Lamps</a></nav>";
        let body = match path {
            "/" => "<h1>Shop</h1>".to_owned(),
            "/lamps" => list(0),
            _ => match path.strip_prefix("/lamps?start=") {
                Some(from) => list(from.parse().ok()?),
                None => thing(path.strip_prefix("/p/thing-")?.parse().ok()?),
            },
        };
        Some(html(&format!("{nav}{body}")))
    })
    .await;
    let report = server.probe().await;
    let draft = draft(&report);
    assert_eq!(prices(&walk(draft).await), nine("GBP"), "{}", draft.toml);
}
