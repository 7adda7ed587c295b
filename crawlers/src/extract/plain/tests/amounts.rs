//! Which of several amounts is the price, by what they stand in.

use url::Url;

use crate::extract::read_page;
use crate::listing::{Availability, Listing};

fn read(html: &str) -> Vec<Listing> {
    let url = Url::parse("https://shop.example/p/blue-pan").unwrap();
    read_page(html.as_bytes(), Some("text/html; charset=utf-8"), &url)
}

/// The amount read off a page of a product with this on it.
fn amount(inner: &str) -> Option<String> {
    let page = format!(
        "<title>Blue pan | Shop</title><body><h1>Blue pan</h1>{inner}\
         <form><input name=quantity value=1><button>Add to cart</button></form></body>"
    );
    let found = read(&page);
    assert_eq!(found.len(), 1, "{page}: {found:?}");
    found[0]
        .price
        .as_ref()
        .map(|price| price.amount.to_string())
}

/// A table, its cells parted by `|` and its rows by `/`.
fn table(rows: &str) -> String {
    let cells = |row: &str| -> String {
        row.split('|')
            .map(|cell| format!("<td>{}</td>", cell.trim()))
            .collect()
    };
    let rows: String = rows
        .split('/')
        .map(|row| format!("<tr>{}</tr>", cells(row)))
        .collect();
    format!("<table>{rows}</table>")
}

const PRICE: &str = "<p class=price>€34.50</p>";

#[test]
fn a_row_of_several_prices_does_not_say_which_is_asked() {
    for rows in [
        "Quantity | 5+ | 10+ / Price | €31.05 | €27.60",
        "Menge | ab 5 | ab 10 / Preis | 31,05 € | 27,60 €",
        "Size | S | L / Price | €30.00 | €40.00",
        " | Other pan | This pan / Price | €22.00 | €34.50",
    ] {
        for own in [PRICE, "<p>Price: <b>€34.50</b></p>"] {
            let found = amount(&format!("{own}{}", table(rows)));
            assert_eq!(found.as_deref(), Some("34.50"), "{own} {rows}");
        }
    }
    // Nothing says which.
    assert_eq!(
        amount(&table("Size | S | L / Price | €30.00 | €40.00")),
        None
    );
    // The second amount has a name of its own, or that of its column.
    for rows in [
        "Price | €34.50 | Delivery | €4.95",
        " | incl. VAT | excl. VAT / Price | €34.50 | €28.75",
        "Price | €34.50 | €34.50",
    ] {
        assert_eq!(amount(&table(rows)).as_deref(), Some("34.50"), "{rows}");
    }
}

#[test]
fn where_a_table_of_quantities_is_all_the_price_of_one_piece_is_asked() {
    for rows in [
        "Menge | Stückpreis / bis 4 | 34,50 € / ab 5 | 31,05 € / ab 10 | 27,60 €",
        "Aantal | Stukprijs / Tot 4 | € 34,50* / Tot 9 | € 31,05* / Vanaf 10 | € 27,60*",
        "Quantity | Unit price / 1-4 | €34.50 / 5-9 | €31.05 / 10+ | €27.60",
        "Quantity | Unit price / from 1 | €34.50 / from 5 | €31.05",
        "1 | €34.50 / 5 | €31.05",
        "1 Stück | 34,50 € / ab 5 Stück | 31,05 €",
        "10+ | €27.60 / 5+ | €31.05 / 1+ | €34.50",
        "Quantity | Net excl. VAT | Price / 1 | €28.75 | €34.50 / 5 | €25.88 | €31.05",
        "Quantity | 1 | 5 | 10 / Price | €34.50 | €31.05 | €27.60",
    ] {
        assert_eq!(amount(&table(rows)).as_deref(), Some("34.50"), "{rows}");
        let named = format!("<div class=block-prices>{}</div>", table(rows));
        assert_eq!(amount(&named).as_deref(), Some("34.50"), "{rows}");
    }
    for rows in [
        // From so many pieces on, by time, by weight.
        "5+ | €31.05 / 10+ | €27.60",
        "1 month | €34.50 / 12 months | €31.05",
        "1 kg | €34.50 / 5 kg | €31.05",
    ] {
        assert_eq!(amount(&table(rows)), None, "{rows}");
    }
    // Where another price is asked, nobody knows whether the table is up to date.
    let rows = table("1 | €39.00 / 5 | €35.00");
    assert_eq!(amount(&format!("<p><b>€34.50</b></p>{rows}")), None);
}

#[test]
fn the_quantity_may_stand_behind_the_amount() {
    for behind in [
        "each for buying at least 5",
        "al pezzo per l'acquisto di almeno 5",
        "bei Abnahme von mindestens 5 Stück",
        "from 5 pieces",
    ] {
        let page = format!("<p class=price><span>€34.50</span> <span>€31.05 {behind}</span></p>");
        assert_eq!(amount(&page).as_deref(), Some("34.50"), "{behind}");
    }
    for behind in ["from 3 years", "at least 1 piece", "ab 5 Werktagen"] {
        let page = format!("<p class=price><span>€34.50 {behind}</span></p>");
        assert_eq!(amount(&page).as_deref(), Some("34.50"), "{behind}");
    }
}

#[test]
fn what_is_not_chosen_is_not_asked() {
    let choices = |unchecked: &str| {
        format!(
            "{PRICE}<ul><li><label><input type=radio name=v checked> Blue \
             <span class=price>€34.50</span></label></li><li>{unchecked}</li></ul>"
        )
    };
    for unchecked in [
        "<label><input type=radio name=v> Red <span class=price>€44.50</span></label>",
        "<input type=radio name=v id=red><label for=red><b class=price>€44.50</b></label>",
        "<label><input type=checkbox> Lid <span class=price>€4.50</span></label>",
    ] {
        let found = amount(&choices(unchecked));
        assert_eq!(found.as_deref(), Some("34.50"), "{unchecked}");
    }
}

#[test]
fn the_word_on_tax_may_be_a_class_a_label_of_style_sheets_or_beside_the_amount() {
    for prices in [
        "<b class=price-tax-in>€34.50</b> <b class=price-tax-out>€28.75</b>",
        "<b class=price-tax-in>¥3450<small>（税込）</small></b> \
         <b class=price-tax-out>¥2875<small>（税抜）</small></b>",
        "<b class=price--gross>€34.50</b> <b class=price--net>€28.75</b>",
        "<p><span data-label='Excl. VAT'><b>€28.75</b></span> \
         <span data-label='Incl. VAT'><b>€34.50</b></span></p>",
        "<p class=price-tax>€34.50 incl. VAT</p><p class=price-tax>€28.75</p>",
        "<p class=price>€34.50 <small>incl. VAT</small> <span>€28.75 excl. VAT</span></p>",
        "<p>€34.50 impuestos incl.</p><p>€28.75 impuestos excl.</p>",
    ] {
        let found = amount(prices).map(|amount| amount.replace('.', ""));
        assert_eq!(found.as_deref(), Some("3450"), "{prices}");
    }
    // A word of tax does not make the price of what is sent that of the article.
    assert_eq!(
        amount(&format!("{PRICE}<p>Shipping incl. VAT: €4.50</p>")).as_deref(),
        Some("34.50")
    );
}

#[test]
fn what_is_hidden_on_small_screens_alone_is_shown() {
    for class in [
        "d-none d-md-block",
        "d-none d-lg-inline-flex",
        "hidden md:block",
        "hidden sm:inline-block",
        "d-md-none",
    ] {
        let page = format!("<div class='{class}'>{PRICE}</div>");
        assert_eq!(amount(&page).as_deref(), Some("34.50"), "{class}");
    }
    for class in [
        "d-none",
        "hidden",
        "d-none d-print-block",
        "hidden hover:block",
    ] {
        assert_eq!(
            amount(&format!("<div class='{class}'>{PRICE}</div>")),
            None,
            "{class}"
        );
    }
}

#[test]
fn a_box_headed_by_the_pages_name_is_no_frame_whatever_it_is_called() {
    let buys = "<p class=price>€34.50</p><form><button>Add to cart</button></form>";
    for open in [
        "<aside",
        "<div class='sidebar-right'",
        "<div class='off-canvas'",
        "<div class='recently-added'",
        "<div class='modal-container'",
    ] {
        let close = &open[1..].split(' ').next().unwrap_or_default();
        let page = format!(
            "<title>Blue pan | Shop</title><body><main><img src=/a.jpg>{open}><h1>Blue pan</h1>\
             {buys}</{close}></main>"
        );
        let found = read(&page);
        assert_eq!(found.len(), 1, "{page}");
        assert_eq!(found[0].availability, Some(Availability::InStock), "{page}");
        // The name of the shop heads a column beside the product.
        let page = format!(
            "<title>Blue pan</title><body>{open}><h1>Shop</h1><p class=price>€9.00</p>\
             </{close}><h2>Blue pan</h2>{buys}"
        );
        let found = read(&page);
        let price = found[0]
            .price
            .as_ref()
            .map(|price| price.amount.to_string());
        assert_eq!(price.as_deref(), Some("34.50"), "{page}");
    }
}

#[test]
fn the_only_box_that_buys_is_the_products_though_it_stands_in_a_side_column() {
    let page = |inner: &str| {
        read(&format!(
            "<title>Blue pan | Shop</title><body><h1>Blue pan</h1><img src=/a.jpg>{inner}"
        ))
    };
    let buys =
        "<p class=price>€34.50</p><form><input name=quantity><button>Add to cart</button></form>";
    for (open, close) in [("<aside>", "</aside>"), ("<div class=sidebar>", "</div>")] {
        let found = page(&format!("{open}{buys}{close}"));
        let price = found[0]
            .price
            .as_ref()
            .map(|price| price.amount.to_string());
        assert_eq!(price.as_deref(), Some("34.50"), "{open}");
        // Of another product.
        for other in ["<h3>Red pan</h3>", "<a href=/p/red-pan>Red pan</a>"] {
            let found = page(&format!("{open}{other}{buys}{close}"));
            assert!(found.iter().all(|it| it.price.is_none()), "{open}{other}");
        }
    }
}

#[test]
fn the_pictures_of_a_gallery_that_opens_a_window_are_read() {
    for (class, shown) in [("js-gallery-zoom-modal-box", 1), ("modal", 0)] {
        let found = read(&format!(
            "<title>Blue pan | Shop</title><body><h1>Blue pan</h1><div class='{class}'>\
             <img src=/blue-pan.jpg width=600></div>{PRICE}<button>Add to cart</button>"
        ));
        assert_eq!(found[0].images.len(), shown, "{class}");
    }
}

#[test]
fn rows_of_a_grid_are_cards_by_another_class_and_alone_they_are_not() {
    let own = "<div class=row><a href=/big.jpg><img src=/blue-pan.jpg></a>\
        <a href=/makers>Makers</a><p class=price>€34.50</p><button>Add to cart</button></div>";
    let other = |class: &str, n: u32| {
        format!(
            "<div class='{class}'><img src=/{n}.jpg><div><a href=/p/{n}>Other {n}</a> \
             <b class=price>€{n}.00</b> <button>Add to cart</button></div></div>"
        )
    };
    let amount = |others: String| {
        let html = format!("<title>Blue pan</title><body><h1>Blue pan</h1>{own}{others}");
        let found = read(&html);
        assert_eq!(found.len(), 1, "{html}");
        found[0]
            .price
            .as_ref()
            .map(|price| price.amount.to_string())
    };
    let rows: String = (11..14).map(|n| other("row other", n)).collect();
    assert_eq!(amount(rows).as_deref(), Some("34.50"));
    let columns: String = (11..14).map(|n| other("column", n)).collect();
    let row = format!("<div class=row>{columns}</div>");
    assert_eq!(amount(row).as_deref(), Some("34.50"));
}

#[test]
fn how_many_is_no_price_whatever_the_place_is_called() {
    for text in ["8 Item(s)", "8 vare(r)", "24 comments", "1-8 items"] {
        for class in ["amount", "price"] {
            let page = format!(
                "<title>Lamps | Shop</title><body><h1>Lamps</h1><p class={class}>{text}</p>\
                 <p>All lamps of the shop, large and small, for the ceiling and the desk.</p>"
            );
            assert!(read(&page).is_empty(), "{page}");
        }
    }
    for text in [
        "34",
        "34 incl. VAT",
        "From 34",
        "34 / piece",
        "34 per piece",
        "34 birr",
    ] {
        let found = amount(&format!("<p class=price>{text}</p>"));
        assert_eq!(found.as_deref(), Some("34"), "{text}");
    }
}

#[test]
fn decimals_that_stand_apart_are_a_part_of_the_amount() {
    for price in [
        "34 <sup>,50</sup> €",
        "<span>34</span> <span>,50</span> <span>€</span>",
        "<span>34</span><span>,50</span> <span>€</span>",
        "<div>34</div><div>,50</div><div>€</div>",
    ] {
        let found = amount(&format!("<div>{price}</div>"));
        assert_eq!(found.as_deref(), Some("34.50"), "{price}");
    }
}

#[test]
fn the_name_of_a_box_around_everything_says_nothing_of_the_price() {
    for class in [
        "js-has-new-shipping",
        "tier-price-enabled",
        "product-subscription",
        "has-old",
    ] {
        let found = read(&format!(
            "<title>Blue pan | Shop</title><body><div class='{class}'><h1>Blue pan</h1>{PRICE}\
             <div class='{class}'>€4.95</div><button>Add to cart</button></div>"
        ));
        let price = found[0].price.as_ref();
        let price = price.map(|price| price.amount.to_string());
        assert_eq!(price.as_deref(), Some("34.50"), "{class}");
    }
}

#[test]
fn of_a_table_of_choices_the_chosen_row_alone_is_asked() {
    let table = "<table><tr><th>Variant</th><th>Price</th><th></th></tr>\
        <tr><td>Blue</td><td>€34.50</td><td><input type=radio name=v checked></td></tr>\
        <tr><td>Red</td><td>€44.50</td><td><input type=radio name=v></td></tr></table>";
    let found = amount(&format!("<span>€34.50</span>{table}"));
    assert_eq!(found.as_deref(), Some("34.50"));
    assert_eq!(amount(table).as_deref(), Some("34.50"));
}

#[test]
fn data_that_state_no_price_or_cents_give_way_to_the_price_shown() {
    let page = |data: &str| {
        read(&format!(
            "<title>Blue pan | Shop</title><script type='application/ld+json'>\
             {{\"@type\":\"Product\",\"name\":\"Blue pan\",\"offers\":{data}}}</script>\
             <body><h1>Blue pan</h1>{PRICE}<button>Add to cart</button>"
        ))
    };
    let offer = |price: &str, code: &str| {
        format!("{{\"@type\":\"Offer\",\"price\":{price},\"priceCurrency\":\"{code}\"}}")
    };
    let several = format!(
        "[{},{},{}]",
        offer("37.00", "USD"),
        offer("34.50", "EUR"),
        offer("29.50", "GBP")
    );
    for data in [
        offer("0.00", "EUR"),
        offer("3450", "EUR"),
        offer("34.500000000000003", "EUR"),
        offer("34.50", "USD"),
        several,
    ] {
        let found = page(&data);
        let price = found[0].price.as_ref().expect("a price");
        let read = (
            price.amount.normalize().to_string(),
            price.currency.as_deref(),
        );
        assert_eq!(read, ("34.5".to_owned(), Some("EUR")), "{data}");
    }
    // Another price is another price.
    let found = page(&offer("29.00", "EUR"));
    let price = found[0].price.as_ref().expect("a price");
    assert_eq!(price.amount.normalize().to_string(), "29");
}
