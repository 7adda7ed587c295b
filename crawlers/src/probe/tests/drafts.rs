//! What a draft says of shops without structured data.

use super::*;

const LANGUAGES: [&str; 6] = ["ar", "cs", "de", "en-gb", "fr", "pt-br"];

/// The page of a product without structured data.
pub(super) fn plain(name: &str, price: &str) -> String {
    format!(
        "<ol class='crumbs'><li><a href='/'>Home</a></li><li class='active'>{name}</li></ol>\
         <main class='col-sm-6 goods-main'><h1>{name}</h1><img class='img-fluid' src='/i/{name}.jpg' alt=''>\
         <p class='price'>£{price} <small class='tax'>VAT included, dispatched from stock</small></p>\
         <p class='stock'>In stock</p><form action='/cart' method='post'><input name='quantity' value='1'>\
         <button>Add to cart</button></form>\
         <table><tr><th>Brand</th><td>Skua</td></tr><tr><th>UPC</th><td>4006381333931</td></tr></table></main>"
    )
}

/// A shop of nine things that a sitemap names, each with the page made for its number.
pub(super) async fn of_nine(page: impl Fn(u32) -> String + Send + Sync + 'static) -> Server {
    Server::open(move |_, path, base| match path {
        "/" => Some(html(HOME)),
        "/sitemap.xml" => {
            let paths: Vec<String> = (0..9).map(|n| format!("/product/thing-{n}")).collect();
            Some(xml(base, &paths))
        }
        _ => {
            let n: u32 = path.strip_prefix("/product/thing-")?.parse().ok()?;
            Some(html(&page(n)))
        }
    })
    .await
}

/// A shop with every page under each language, which no page says.
async fn in_languages() -> Server {
    Server::open(|_, path, base| match path {
        "/" => Some(html(HOME)),
        "/sitemap.xml" => {
            let of = |l: &'static str| (0..9).map(move |n| format!("/{l}/product/thing-{n}/"));
            let help = (0..20).map(|n| format!("/en-gb/help/{n}"));
            let paths: Vec<String> = LANGUAGES.into_iter().flat_map(of).chain(help).collect();
            Some(xml(base, &paths))
        }
        _ => {
            let (_, rest) = path.trim_start_matches('/').split_once('/')?;
            let number = rest.strip_prefix("product/thing-")?.strip_suffix('/')?;
            Some(html(&plain(
                &format!("Thing {number}"),
                &format!("1{number}.50"),
            )))
        }
    })
    .await
}

#[tokio::test]
async fn a_number_that_all_products_state_is_no_identifier() {
    for (number, kept) in [("SET-7", "\"productID\""), ("N/A", "\"productID\"")] {
        let server = Server::open(move |_, path, base| match path {
            "/" => Some(html(HOME)),
            "/sitemap.xml" => {
                let paths: Vec<String> = (0..9).map(|n| format!("/product/thing-of-{n}")).collect();
                Some(xml(base, &paths))
            }
            _ => {
                let n: u32 = path.strip_prefix("/product/thing-of-")?.parse().ok()?;
                Some(html(&format!(
                    "<script type='application/ld+json'>{{\"@type\":\"Product\",\"name\":\"Thing {n}\",\"sku\":\"{number}\",\
                     \"offers\":{{\"@type\":\"Offer\",\"price\":\"1{n}.50\",\"priceCurrency\":\"EUR\"}}}}</script>\
                     <h1>Thing {n}</h1>"
                )))
            }
        })
        .await;
        let report = server.probe().await;
        let draft = draft(&report);
        assert!(draft.toml.contains(kept), "{}", draft.toml);
        let listings = walk(draft).await;
        let ids: BTreeSet<&str> = listings
            .iter()
            .map(|found| found.item_id.as_str())
            .collect();
        assert_eq!(ids.len(), 9, "{number}: {ids:?}");
    }
}

#[tokio::test]
async fn the_language_of_the_address_given_is_read() {
    for path in ["/de/", "/de/product/thing-4/"] {
        let server = in_languages().await;
        let report = server.probe_at(path).await;
        let draft = draft(&report);
        assert!(
            draft.toml.contains("url = \"/de/product/*-{id}/\""),
            "{path}: {}",
            draft.toml
        );
        assert_eq!(walk(draft).await.len(), 9, "{}", draft.toml);
        let first = report.samples[0].url.path();
        assert!(first.starts_with("/de/product/"), "{first}");
        assert!(path == "/de/" || first == path, "{first}");
    }
}

/// A shop with every page under each of three languages, that leads to the first.
async fn that_leads_to_a_language() -> Server {
    Server::open(|_, path, _| {
        if path == "/" {
            let to = [(axum::http::header::LOCATION, "/en/")];
            return Some((StatusCode::FOUND, to).into_response());
        }
        let (language, rest) = path.trim_start_matches('/').split_once('/')?;
        if !["en", "de", "fr"].contains(&language) {
            return None;
        }
        let nav = format!(
            "<nav><a href='/{language}/'>Home</a> <a href='/{language}/category/lamps_1/'>Lamps</a> \
             <a href='/{language}/category/chairs_2/'>Chairs</a></nav>"
        );
        let card = |n: u32| {
            format!("<div class='card'><a href='/{language}/p/thing_{n}/'>Thing {n}</a> <b>£1{n}.50</b></div>")
        };
        let list = |numbers: std::ops::Range<u32>| numbers.map(card).collect::<String>();
        Some(html(&match rest {
            "" => format!("{nav}<h1>Shop</h1>{}", list(0..2)),
            "category/lamps_1/" => format!("{nav}<h1>Lamps</h1>{}", list(0..5)),
            "category/chairs_2/" => format!("{nav}<h1>Chairs</h1>{}", list(5..9)),
            _ => {
                let n: u32 = rest.strip_prefix("p/thing_")?.strip_suffix('/')?.parse().ok()?;
                format!("{nav}{}", plain(&format!("Thing {n}"), &format!("1{n}.50")))
            }
        }))
    })
    .await
}

#[tokio::test]
async fn the_language_of_the_address_given_is_read_where_lists_lead_to_products() {
    for (path, start) in [("/de/p/thing_4/", "/de/"), ("/", "/en/")] {
        let server = that_leads_to_a_language().await;
        let report = server.probe_at(path).await;
        let draft = draft(&report);
        let found = walk(draft).await;
        assert_eq!(prices(&found), nine("GBP"), "{path}: {}", draft.toml);
        assert!(
            found
                .iter()
                .all(|listing| listing.url.path().starts_with(start)),
            "{path}: {}",
            draft.toml
        );
    }
}

#[tokio::test]
async fn values_beside_labels_are_read_by_the_label_and_titles_by_their_heading() {
    let server = in_languages().await;
    let report = server.probe_at("/en-gb/").await;
    let draft = draft(&report);
    for line in [
        "title = [{ css = \"h1\" }]",
        "brand = [{ row = \"Brand\" }]",
        "gtin = [{ row = \"UPC\" }]",
    ] {
        assert!(draft.toml.contains(line), "{line}: {}", draft.toml);
    }
    let found = walk(draft).await;
    for listing in &found {
        assert_eq!(listing.brand.as_deref(), Some("Skua"));
        assert_eq!(listing.gtin.as_deref(), Some("4006381333931"));
        assert_eq!(listing.images.len(), 1, "{}", draft.toml);
    }
    assert_eq!(prices(&found), nine("GBP"), "{}", draft.toml);
}

#[tokio::test]
async fn pictures_in_several_sizes_and_classes_that_lay_out_are_drafted_to_last() {
    let server = of_nine(move |n| {
            let picture = |at: u32| {
                let of = |width: u32| format!("/images?src=%2Fp%2F{n}-{at}.jpg&amp;w={width}");
                format!(
                    "<img src='{}' srcset='{} 320w, {} 1920w' alt=''>",
                    of(1200),
                    of(320),
                    of(1920)
                )
            };
            format!(
                "<main class='gap-3 detail'><div class='overflow-hidden gallery'>{}{}</div>\
                 <h1>Thing {n}</h1><div class='gap-3 detail-price'><span>£1{n}.50</span></div>\
                 <div class='gap-4 right'><b>In stock</b><button class='bg-clip px-2'>Add to cart</button></div>\
                 <input name='quantity'></main>",
                picture(1),
                picture(2)
            )
    })
    .await;
    let report = server.probe_at("/").await;
    let draft = draft(&report);
    for line in [
        "price = [{ css = \"div.detail-price\" }]",
        "as_shown = [\"price\", \"images\", \"availability\"]",
        "attr = [\"srcset\", \"src\"]",
    ] {
        assert!(draft.toml.contains(line), "{line}: {}", draft.toml);
    }
    let found = walk(draft).await;
    assert_eq!(prices(&found), nine("GBP"), "{}", draft.toml);
    for listing in &found {
        let images: Vec<&str> = listing.images.iter().filter_map(url::Url::query).collect();
        assert_eq!(images.len(), 2, "{}", draft.toml);
        assert!(
            images.iter().all(|query| query.ends_with("w=1920")),
            "{images:?}"
        );
    }
}

#[tokio::test]
async fn what_nothing_names_is_drafted_by_what_stands_before_it_and_by_its_kind() {
    let said = |n: u32| {
        [
            format!("Number {n} is two hands high and made of copper that darkens in time."),
            "It is cleaned with salt and with half a lemon.".to_owned(),
        ]
    };
    let server = of_nine(move |n| {
        let [first, second] = said(n);
        let second = if n == 4 { String::new() } else { second };
        format!(
            "<h1>Thing {n}</h1><p>{first}</p><p>{second}</p>\
                 <div class='prices'><b>£1{n}.50</b></div><form method='post'>\
                 <input name='quantity'><input type='submit' value='Add to cart'></form>"
        )
    })
    .await;
    let report = server.probe_at("/").await;
    let draft = draft(&report);
    let found = walk(draft).await;
    assert_eq!(prices(&found), nine("GBP"), "{}", draft.toml);
    for listing in &found {
        let n: u32 = listing.title["Thing ".len()..].parse().expect("a number");
        let [first, second] = said(n);
        let whole = if n == 4 {
            first
        } else {
            format!("{first} {second}")
        };
        assert_eq!(listing.description, Some(whole), "{}", draft.toml);
        let stock = Some(crate::listing::Availability::InStock);
        assert_eq!(listing.availability, stock, "{}", draft.toml);
    }
}

#[tokio::test]
async fn lists_under_lists_and_variants_that_no_list_names_are_found_by_links() {
    let server = Server::open(|_, path, _| {
        let nav = "<nav><a href='/catalogue/category/lamps_1/'>Lamps</a> \
            <a href='/catalogue/category/chairs_2/'>Chairs</a> <a href='/help/'>Help</a></nav>";
        let card = |n: u32| {
            format!("<div class='card'><a href='/catalogue/thing_{n}/'>Thing {n}</a> <b>£1{n}.50</b></div>")
        };
        let list = |numbers: std::ops::Range<u32>| numbers.map(card).collect::<String>();
        Some(html(&match path {
            "/" => format!("{nav}<h1>Shop</h1>{}", list(0..2)),
            "/catalogue/category/lamps_1/" => format!(
                "{nav}<h1>Lamps</h1><ul><li><a href='/catalogue/category/lamps/floor_3/'>Floor</a></li></ul>{}",
                list(0..4)
            ),
            "/catalogue/category/lamps/floor_3/" => format!("{nav}<h1>Floor</h1>{}", list(4..6)),
            "/catalogue/category/chairs_2/" => format!("{nav}<h1>Chairs</h1>{}", list(6..8)),
            "/help/" => format!("{nav}<h1>Help</h1>"),
            _ => {
                let n: u32 = path.strip_prefix("/catalogue/thing_")?.strip_suffix('/')?.parse().ok()?;
                // The ninth stands on no list.
                let variant = if n == 7 { card(8) } else { String::new() };
                format!("{nav}{}{variant}", plain(&format!("Thing {n}"), &format!("1{n}.50")))
            }
        }))
    })
    .await;
    let report = server.probe_at("/catalogue/thing_7/").await;
    let draft = draft(&report);
    let menu = "category_links = { url = \"/catalogue/category/**\" }";
    assert!(draft.toml.contains(menu), "{}", draft.toml);
    assert!(
        draft.toml.contains("related = { url = \"/catalogue/"),
        "{}",
        draft.toml
    );
    assert_eq!(prices(&walk(draft).await), nine("GBP"), "{}", draft.toml);
}

#[tokio::test]
async fn lists_whose_addresses_say_nothing_have_the_form_that_they_share() {
    let server = Server::open(|_, path, _| {
        let nav = "<ul class='nav'><li><a href='/ware/kitchen/pans/'>Pans</a></li>\
            <li><a href='/ware/bath/towels/'>Towels</a></li><li><a href='/ware/sale/'>Sale</a></li></ul>";
        let card = |n: u32| format!("<a class='thumb' href='/goods/thing-{n}/'>Thing {n} <b>£1{n}.50</b></a>");
        let list = |numbers: std::ops::Range<u32>| numbers.map(card).collect::<String>();
        Some(html(&match path {
            "/" => format!("{nav}<h1>Shop</h1>"),
            "/ware/kitchen/pans/" => format!("{nav}<h1>Pans</h1>{}", list(0..3)),
            "/ware/bath/towels/" => format!("{nav}<h1>Towels</h1>{}", list(3..7)),
            "/ware/sale/" => format!("{nav}<h1>Sale</h1>{}", list(6..9)),
            _ => {
                let n: u32 = path.strip_prefix("/goods/thing-")?.strip_suffix('/')?.parse().ok()?;
                format!(
                    "{nav}<main><h1>Thing {n}</h1><a class='large' href='/i/{n}.jpg'>\
                     <img src='/t/{n}.jpg' alt=''></a><div id='about'><h3>What it is</h3></div>\
                     <p>The thing of the number {n}, made by hand and sent at once.</p>\
                     <p class='price'>£1{n}.50</p><button>Add to cart</button></main>"
                )
            }
        }))
    })
    .await;
    let report = server.probe().await;
    let draft = draft(&report);
    let menu = "category_links = { url = \"/ware/**\" }";
    assert!(draft.toml.contains(menu), "{}", draft.toml);
    assert_eq!(prices(&walk(draft).await), nine("GBP"), "{}", draft.toml);
}

#[tokio::test]
async fn variants_that_the_sitemap_does_not_name_are_found_on_products_pages() {
    let server = Server::open(|_, path, base| match path {
        "/" => Some(html(HOME)),
        "/sitemap.xml" => {
            let paths: Vec<String> = (0..8).map(|n| format!("/product/thing-{n}/")).collect();
            Some(xml(base, &paths))
        }
        _ => {
            let n: u32 = path
                .strip_prefix("/product/thing-")?
                .strip_suffix('/')?
                .parse()
                .ok()?;
            let page = plain(&format!("Thing {n}"), &format!("1{n}.50"));
            let variant = "<p><a href='/product/thing-8/'>In red</a></p>";
            Some(html(&page.replace("</main>", &format!("{variant}</main>"))))
        }
    })
    .await;
    let report = server.probe().await;
    let draft = draft(&report);
    assert!(
        draft.toml.contains("related = { url = \"/product/"),
        "{}",
        draft.toml
    );
    assert_eq!(prices(&walk(draft).await), nine("GBP"), "{}", draft.toml);
}

#[tokio::test]
async fn products_under_the_names_of_their_categories_are_all_found() {
    // A theme that names the home page as the address of every page.
    let head = "<link rel='canonical' href='/'>";
    let server = Server::open(move |_, path, base| match path {
        "/" => Some(html(HOME)),
        "/sitemap.xml" => {
            let of = |c: &'static str| (0..5).map(move |n| format!("/en/{c}/thing-{n}"));
            let paths: Vec<String> = ["kitchen", "garden", "toys"]
                .into_iter()
                .flat_map(of)
                .chain(["/en/about".to_owned()])
                .collect();
            Some(xml(base, &paths))
        }
        _ => {
            let (category, name) = path.strip_prefix("/en/")?.split_once("/thing-")?;
            let page = plain(&format!("Thing {name} for the {category}"), "12.50");
            Some(html(&format!("{head}{page}")))
        }
    })
    .await;
    let report = server.probe_at("/").await;
    let draft = draft(&report);
    assert!(
        draft.toml.contains("url = \"/en/*/*-{id}\""),
        "{}",
        draft.toml
    );
    assert!(!draft.toml.contains("canonical"), "{}", draft.toml);
    let found = walk(draft).await;
    let urls: std::collections::HashSet<_> = found.iter().map(|listing| &listing.url).collect();
    assert_eq!((found.len(), urls.len()), (15, 15), "{}", draft.toml);
}

#[tokio::test]
async fn categories_without_a_word_for_lists_are_found_by_those_that_were_looked_at() {
    let categories = ["kitchen", "garden", "office", "travel"];
    let server = Server::open(move |_, path, _| {
        let links = categories.map(|name| format!("<li><a href='/{name}/'>{name}</a></li>"));
        let nav = format!(
            "<ul>{}<li><a href='/about/'>About</a></li><li><a href='/cart/'>Cart</a></li></ul>",
            links.concat()
        );
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match parts[..] {
            [""] => Some(html(&format!("{nav}<h1>Shop</h1>"))),
            [category] if categories.contains(&category) => {
                let item =
                    |n| format!("<li><a href='/{category}/thing-{n}x/'>Thing {n}</a> £9.50</li>");
                let items: String = (0..5).map(item).collect();
                Some(html(&format!(
                    "{nav}<h1>{category}</h1><ul class='of'>{items}</ul>"
                )))
            }
            [category, thing] => {
                let n: u32 = thing
                    .strip_prefix("thing-")?
                    .strip_suffix('x')?
                    .parse()
                    .ok()?;
                let (off, word) = match n {
                    4 => (" disabled", "Not available"),
                    _ => ("", "Add to cart"),
                };
                Some(html(&format!(
                    "{nav}<title>Set of {category} {n}</title>\
                     <h2>Set of {category} {n} (K-{n}) <small>1{n}2,50 Kč</small></h2>\
                     <p>Made by hand in a small workshop.</p><form><input name='quantity'>\
                     <button class='add'{off}>{word}</button></form>"
                )))
            }
            _ => Some(html(&format!("{nav}<h1>About</h1>"))),
        }
    })
    .await;
    let report = server.probe().await;
    let draft = draft(&report);
    assert!(draft.toml.contains("url = \"/*/*/\""), "{}", draft.toml);
    let found = walk(draft).await;
    assert_eq!(found.len(), 20, "{}", draft.toml);
    for listing in &found {
        let number = listing.title.split(' ').nth(3).expect("a number");
        let amount = listing.price.as_ref().map(|price| price.amount.to_string());
        assert_eq!(amount, Some(format!("1{number}2.50")), "{}", draft.toml);
        let stock = match listing.title.contains('4') {
            true => crate::listing::Availability::OutOfStock,
            false => crate::listing::Availability::InStock,
        };
        assert_eq!(listing.availability, Some(stock), "{}", draft.toml);
        assert_eq!(listing.brand, None);
    }
}

#[tokio::test]
async fn lists_below_a_list_are_found_and_stock_is_told_by_the_button_that_buys() {
    let server = Server::open(|_, path, _| {
        let nav = "<nav><a href='/c/'>Products</a></nav>";
        let card = |n: u32| {
            format!("<div class='card'><a href='/p/thing-{n}/'>Thing {n}</a> <b>£1{n}.50</b></div>")
        };
        let list = |numbers: std::ops::Range<u32>| numbers.map(card).collect::<String>();
        Some(html(&match path {
            "/" => format!("{nav}<h1>Shop</h1>"),
            "/c/" => format!(
                "{nav}<h1>Products</h1><a href='/c/1-lamps/'>Lamps</a> <a href='/c/2-chairs/'>Chairs</a>{}",
                list(0..4)
            ),
            "/c/1-lamps/" => format!("{nav}<h1>Lamps</h1>{}", list(3..6)),
            "/c/2-chairs/" => format!("{nav}<h1>Chairs</h1>{}", list(5..9)),
            _ => {
                let n: u32 = path.strip_prefix("/p/thing-")?.strip_suffix('/')?.parse().ok()?;
                let off = if n > 6 { " disabled" } else { "" };
                format!(
                    "{nav}<title>Thing {n}</title><h1>Thing {n}</h1><p class='price'>£1{n}.50</p>\
                     <div class='buy'><button class='btn into-cart'{off}>Add to cart</button></div>"
                )
            }
        }))
    })
    .await;
    let report = server.probe_at("/p/thing-0/").await;
    let draft = draft(&report);
    for line in [
        "category_links = { url = \"/c/**\" }",
        "as_shown = [\"price\", \"availability\"]",
    ] {
        assert!(draft.toml.contains(line), "{line}: {}", draft.toml);
    }
    let mut found = walk(draft).await;
    found.sort_by(|a, b| a.title.cmp(&b.title));
    let stock: Vec<bool> = found.iter().map(|l| l.availability.is_some()).collect();
    assert_eq!(
        stock,
        [true, true, true, true, true, true, true, false, false]
    );
}

#[tokio::test]
async fn what_another_page_has_elsewhere_is_read_as_it_is_shown() {
    // One that is no sample is built in another way.
    let server = of_nine(|n| {
        let page = plain(&format!("Thing {n}"), &format!("1{n}.50"));
        match n {
            6 => page
                .replace("<p class='price'>", "<div id='cost'><strong>")
                .replace(" <small", "</strong><small")
                .replace("</small></p>", "</small></div>")
                .replace("<th>Brand</th><td>Skua</td>", "")
                .replace("<table>", "<p>Manufacturer: Skua</p><table>"),
            _ => page,
        }
    })
    .await;
    let report = server.probe().await;
    let draft = draft(&report);
    assert!(draft.toml.contains("as_shown = ["), "{}", draft.toml);
    let found = walk(draft).await;
    assert_eq!(prices(&found), nine("GBP"), "{}", draft.toml);
    for listing in &found {
        assert_eq!(listing.brand.as_deref(), Some("Skua"), "{}", listing.url);
    }
    let mut other = found.iter().filter(|item| item.title == "Thing 6");
    let of = other
        .next()
        .map(|item| item.provenance["price"].source.as_str());
    assert_eq!(of, Some("page"), "{}", draft.toml);
}

#[tokio::test]
async fn names_that_stand_in_no_heading_are_drafted_by_how_they_are_set_off() {
    // All pages have one title.
    let server = of_nine(|n| {
        format!(
            "<table><tr><td><img src='/i/{n}.jpg' alt='Thing {n}'></td></tr>\
             <tr><td><b><font size='4'>Thing {n}</font></b></td></tr><tr><td>12 in stock</td></tr>\
             <tr><td>£1{n}.50</td></tr><tr><td><form><button>Add to cart</button></form></td></tr></table>"
        )
    })
    .await;
    let report = server.probe().await;
    let draft = draft(&report);
    assert!(draft.toml.contains("font[size="), "{}", draft.toml);
    let found = walk(draft).await;
    assert_eq!(found.len(), 9, "{}", draft.toml);
    assert!(
        found.iter().all(|item| item.title.starts_with("Thing ")),
        "{found:?}"
    );
}
