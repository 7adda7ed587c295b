//! Generated shops that can only be found whole by their menus and by the links
//! on their offers' pages, walked to their ends over loopback.

use axum::body::Body;
use axum::http::{Response, Uri};

use super::hostile_shop::{OFFERS, html, list, missing, number, offer, urlset, walk};

fn links(class: &str, addresses: impl Iterator<Item = String>) -> String {
    addresses
        .map(|address| format!("<a class={class} href=\"{address}\">x</a>"))
        .collect()
}

/// An offer with a link to the next of its three variants, which no list shows.
fn variant(id: u32, base: &str) -> Response<Body> {
    let next = (id % 3 < 2).then(|| format!("/offer/{}", id + 1));
    let more = links("variant", next.into_iter());
    html(format!(
        "<link rel=canonical href=\"{base}/offer/{id}\"><h1>Kestrel chair {id}</h1>\
         <p class=no>{id}</p><p>€ 249.00</p>{more}<a href=/cart>cart</a>"
    ))
}

const WHOLE: &str = "kind = \"list\"\nurl = \"/\"\nitems = { css = \"a.item\", attr = \"href\" }\n\
    next = { css = \"a.next\", attr = \"href\" }\nmax_pages = 1000\n\
    category_links = { at = { css = \"a.menu\", attr = \"href\" }, url = \"/c/**\" }\n\
    related = { url = \"/offer/{id}\" }";

#[tokio::test]
async fn offers_in_subcategories_and_variants_on_offers_pages_are_found_from_the_home_page() {
    let shop = |uri: &Uri, base: &str| match uri.path() {
        "/" => html(links("menu", (0..4).map(|n| format!("/c/{n}")))),
        path if path.starts_with("/c/") => {
            let n = number(path);
            let deeper = (n < 4).then(|| format!("/c/{n}/{}", n + 4));
            let sorted = format!("/c/{n}?sort=price");
            let menu = links("menu", deeper.into_iter().chain([sorted]));
            let own = links(
                "item",
                (0..2).map(|k| format!("/offer/{}", (n * 2 + k) * 3)),
            );
            html(menu + &own)
        }
        path if path.starts_with("/offer/") => variant(number(path), base),
        _ => missing(),
    };
    let walk = walk(shop, WHOLE, "/offer/{id}").await;
    assert_eq!(walk.offers.len(), 48, "{:?}", walk.offers);
    assert_eq!((walk.asked("c"), walk.asked("offer")), (8, 48));
    assert!(walk.left.is_empty(), "{:?}", walk.left);
}

#[tokio::test]
async fn links_to_lists_are_followed_as_deep_and_as_often_as_the_definition_says() {
    let shop = |uri: &Uri, _: &str| {
        let n = number(uri.path());
        html(links("menu", (1..=3).map(|k| format!("/c/{}", n * 3 + k))))
    };
    let bounded = |bounds: &str| WHOLE.replace("\"/c/**\"", &format!("\"/c/**\", {bounds}"));
    let deep = walk(shop, &bounded("depth = 2"), "/offer/{id}").await;
    assert_eq!(deep.asked("c"), 3 + 9);
    let many = walk(shop, &bounded("most = 20"), "/offer/{id}").await;
    assert_eq!(many.asked("c"), 20);
    let said = many
        .left
        .iter()
        .any(|why| why.contains("category_links.most"));
    assert!(said, "{:?}", many.left);
}

#[tokio::test]
async fn lists_that_hold_nothing_new_end_the_walk_and_the_scan_can_say_so() {
    // Each filter leads to another one, and all show the same offers.
    let shop = |uri: &Uri, base: &str| match uri.path() {
        path if path == "/" || path.starts_with("/c/") => {
            let n = number(path);
            let menu = (1..=3).map(|k| format!("/c/{}", n * 3 + k));
            let own = links("item", (0..OFFERS).map(|n| format!("/offer/{n}")));
            html(own + &links("menu", menu))
        }
        path if path.starts_with("/offer/") => offer(number(path), base),
        _ => missing(),
    };
    let deep = WHOLE.replace("\"/c/**\"", "\"/c/**\", depth = 20, most = 400");
    let walk = walk(shop, &deep, "/offer/{id}").await;
    assert!(walk.has_all_offers_once(), "{:?}", walk.offers);
    assert!(walk.asked("c") <= 400, "{}", walk.asked("c"));
    assert_eq!(walk.left.len(), 1, "{:?}", walk.left);
}

#[tokio::test]
async fn a_dead_stretch_of_250_list_pages_ends_the_lists_and_a_shorter_one_does_not() {
    for (dead, found) in [(240, OFFERS), (260, OFFERS - 1)] {
        let shop = move |uri: &Uri, base: &str| match uri.path() {
            "/" => {
                let own = links("item", (1..OFFERS).map(|n| format!("/offer/{n}")));
                html(own + &links("menu", (0..=dead).map(|n| format!("/c/{n}"))))
            }
            path if path.starts_with("/c/") => {
                let n = if number(path) == dead { 0 } else { 1 };
                html(links("item", [format!("/offer/{n}")].into_iter()))
            }
            path if path.starts_with("/offer/") => offer(number(path), base),
            _ => missing(),
        };
        let walk = walk(shop, WHOLE, "/offer/{id}").await;
        assert_eq!(walk.offers.len(), found as usize, "{dead}");
        let said = walk
            .left
            .iter()
            .any(|why| why.starts_with("250 list pages"));
        assert_eq!(said, dead > 250, "{:?}", walk.left);
    }
}

#[tokio::test]
async fn a_list_that_begins_with_what_other_lists_show_is_read_to_its_end() {
    let shop = |uri: &Uri, base: &str| match uri.path() {
        "/" => {
            let own = links("item", (0..OFFERS - 1).map(|n| format!("/offer/{n}")));
            html(own + &links("menu", ["/c/all".to_owned()].into_iter()))
        }
        path if path.starts_with("/c/") => {
            let page = number(path);
            let next = (page < OFFERS - 1).then(|| format!("/c/all/{}", page + 1));
            list([format!("/offer/{page}")].into_iter(), next)
        }
        path if path.starts_with("/offer/") => offer(number(path), base),
        _ => missing(),
    };
    let walk = walk(shop, WHOLE, "/offer/{id}").await;
    assert!(walk.has_all_offers_once(), "{:?}", walk.offers);
}

#[tokio::test]
async fn a_menu_of_three_hundred_lists_with_two_pages_each_is_read_whole() {
    let shop = |uri: &Uri, base: &str| match uri.path() {
        "/" => html(links("menu", (0..300).map(|n| format!("/c/l{n}/1")))),
        path if path.starts_with("/c/") => {
            let mut parts = path.trim_start_matches("/c/l").split('/').map(number);
            let (n, page) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
            let next = (page == 1).then(|| format!("/c/l{n}/2"));
            list([format!("/offer/{}", n * 2 + page)].into_iter(), next)
        }
        path if path.starts_with("/offer/") => offer(number(path), base),
        _ => missing(),
    };
    let walk = walk(shop, WHOLE, "/offer/{id}").await;
    assert_eq!(walk.offers.len(), 600);
    assert!(walk.left.is_empty(), "{:?}", walk.left);
}

#[tokio::test]
async fn offers_that_link_to_ever_new_pages_cost_at_most_500_requests() {
    let shop = |uri: &Uri, _: &str| match uri.path() {
        "/" => html(links("item", (0..OFFERS).map(|n| format!("/offer/{n}")))),
        path if path.starts_with("/offer/") => {
            let id = number(path);
            let trap = (1..9).map(|k| format!("/offer/{}", 1_000 + id * 9 + k));
            let own = links("variant", trap);
            html(format!(
                "<h1>Kestrel {}</h1><p class=no>{}</p>{own}",
                id % OFFERS,
                id % OFFERS
            ))
        }
        _ => missing(),
    };
    let walk = walk(shop, WHOLE, "/offer/{id}").await;
    assert!(walk.has_all_offers_once(), "{:?}", walk.offers);
    assert!(walk.asked("offer") <= 60 + 500, "{}", walk.asked("offer"));
}

#[tokio::test]
async fn of_twenty_languages_only_the_one_that_is_kept_is_asked_for() {
    const CODES: [&str; 20] = [
        "ar", "cs", "da", "de", "el", "es", "fi", "fr", "it", "ja", "ko", "nl", "pl", "pt-br",
        "ro", "ru", "sv", "tr", "uk", "zh-hans",
    ];
    let shop = |uri: &Uri, base: &str| {
        let path = uri.path();
        let everywhere = |rest: &str| {
            let codes = CODES.into_iter().chain(["en"]);
            codes
                .map(|code| format!("/{code}/{rest}"))
                .collect::<Vec<_>>()
        };
        let rest = path.splitn(3, '/').nth(2).unwrap_or_default();
        match rest {
            "" => {
                let items = (0..40).flat_map(|n| everywhere(&format!("offer/{n}")));
                let menu = links("menu", everywhere("c/1").into_iter());
                html(links("item", items) + &menu)
            }
            rest if rest.starts_with("c/") => {
                let items = (40..OFFERS).flat_map(|n| everywhere(&format!("offer/{n}")));
                html(links("item", items))
            }
            rest => {
                let base = format!(
                    "{base}{}",
                    path.trim_end_matches(rest).trim_end_matches('/')
                );
                offer(number(rest), &base)
            }
        }
    };
    let many = WHOLE
        .replace("\"/\"", "\"/en/\"")
        .replace("/c/**", "/en/c/**")
        .replace("/offer/{id}", "/en/offer/{id}");
    let with_languages = format!("{many}\nlanguages = {{ keep = \"en\" }}");
    let walk = walk(shop, &with_languages, "/en/offer/{id}").await;
    assert!(walk.has_all_offers_once(), "{:?}", walk.offers);
    assert_eq!(walk.asked("en"), 1 + 1 + 60);
    for code in CODES {
        assert_eq!(walk.asked(code), 0, "{code}");
    }
}

#[tokio::test]
async fn a_sitemap_with_every_language_gives_the_kept_one_even_of_what_it_names_in_another() {
    let shop = |uri: &Uri, base: &str| {
        let path = uri.path();
        if path == "/sitemap.xml" {
            let pages = ["fr", "de", ""].into_iter().flat_map(move |code| {
                // The last ten are named in French only.
                let most = if code == "fr" { OFFERS } else { OFFERS - 10 };
                (0..most).map(move |n| format!("/{code}/offer/{n}").replace("//", "/"))
            });
            return urlset(pages.map(|page| format!("{base}{page}")));
        }
        offer(number(path), base)
    };
    let sitemap = "kind = \"sitemap\"\nurl = \"/sitemap.xml\"\n\
        languages = { keep = \"\", others = [\"de\", \"fr\"] }";
    let walk = walk(shop, sitemap, "/offer/{id}").await;
    assert!(walk.has_all_offers_once(), "{:?}", walk.offers);
    assert_eq!((walk.asked("offer"), walk.asked("fr")), (60, 0));
}
