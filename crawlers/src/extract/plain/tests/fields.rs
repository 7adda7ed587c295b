//! Makers, numbers, descriptions and pictures, where shop programs write them in their own way.

use url::Url;

use crate::extract::read_page;
use crate::listing::Listing;

/// The listing of a page of a product around what is said of it.
fn listing(inner: &str) -> Listing {
    let url = Url::parse("https://shop.example/p/blue-pan").unwrap();
    let html = format!(
        "<title>Blue pan | Shop</title><body><h1>Blue pan</h1>{inner}\
         <form><input name=quantity value=1><button>Add to cart</button></form></body>"
    );
    let mut found = read_page(html.as_bytes(), Some("text/html; charset=utf-8"), &url);
    assert_eq!(found.len(), 1, "{inner}: {found:?}");
    found.remove(0)
}

#[test]
fn a_maker_behind_a_label_may_be_a_sign_and_is_never_what_follows() {
    const PRICE: &str = "<p class=price>€34.50</p>";
    const SIGN: &str = "<a href='/b/nordvik'><img src='/m/n.png' alt='Nordvik'></a>";
    const BARE: &str = "<a href='/b/nordvik'><img src='/m/n.png'></a>";
    for (around, sign, wanted) in [
        ("<p>Brand: {}</p>", SIGN, Some("Nordvik")),
        ("<p>Merk: {}</p>", SIGN, Some("Nordvik")),
        ("<p><b>Brand</b></p><p>{}</p>", SIGN, Some("Nordvik")),
        (
            "<dl><dt>Brand</dt><dd>{}</dd><dt>Width</dt><dd>21 cm</dd></dl>",
            SIGN,
            Some("Nordvik"),
        ),
        ("<p>Brand: {}</p>", BARE, None),
        (
            "<dl><dt>Brand</dt><dd>{}</dd><dt>Width</dt><dd>21 cm</dd></dl>",
            BARE,
            None,
        ),
    ] {
        let page = format!("{}{PRICE}", around.replace("{}", sign));
        assert_eq!(listing(&page).brand.as_deref(), wanted, "{page}");
    }
}

#[test]
fn a_maker_is_known_by_the_name_of_its_place_and_by_where_its_link_leads() {
    for (place, wanted) in [
        (
            "<div class='product--supplier'><a title='More of Nordvik'><img alt='Nordvik'></a></div>",
            Some("Nordvik"),
        ),
        (
            "<div class='col product-detail-manufacturer'><a href='/n'>Nordvik</a></div>",
            Some("Nordvik"),
        ),
        (
            "<div class='pd-manufacturer'><a href='/n'><span>Nordvik</span></a></div>",
            Some("Nordvik"),
        ),
        ("<div id=maker>Nordvik</div>", Some("Nordvik")),
        (
            "<a href='/nordvik'><span class='vtex-store-3-x-productBrandName'>Nordvik</span></a>",
            Some("Nordvik"),
        ),
        (
            "<span class=brand-detail-image><a class=brand-detail href='/nordvik'>Nordvik</a></span>",
            Some("Nordvik"),
        ),
        (
            "<div class=brandLogo><a href='/Nach-Hersteller/Nordvik/'><img alt='Nordvik'></a></div>",
            Some("Nordvik"),
        ),
        (
            "<div class=brandLogo><a href='/'><img alt='Nordvik'></a></div>",
            None,
        ),
        ("<div class=brand-detail>Nordvik</div>", None),
        ("<p class=brand>Hãng XY: Nordvik</p>", Some("Nordvik")),
        (
            "<h2 class=productView-brand><a href='/n'><span>Nordvik</span></a></h2>",
            Some("Nordvik"),
        ),
        (
            "<a href='https://nordvik.example' class='product-detail-manufacturer-link'>\
             <img class='product-detail-manufacturer-logo' src=/m.png alt='Nordvik'></a>",
            Some("Nordvik"),
        ),
        (
            "<a class=brand-logo href=/about><img src=/l.png alt='Harbour'></a>",
            None,
        ),
        (
            "<span>by <a href='/brands/nordvik'>Nordvik</a></span>",
            Some("Nordvik"),
        ),
        (
            "<a href='/manufacturer/7-casa-lumen.html'><img src='/7.jpg' alt='Casa Lumen'></a>",
            Some("Casa Lumen"),
        ),
        // Leads to all of them, or is called after what it makes.
        ("<a href='/brands/all'>See brands</a>", None),
        ("<a href='/brands'>Brands</a>", None),
        ("<div class='coffee-maker'>Filters</div>", None),
        (
            "<a class='link--supplier' href='/n'>More of Nordvik</a>",
            None,
        ),
    ] {
        let page = format!("{place}<p class=price>€34.50</p>");
        assert_eq!(listing(&page).brand.as_deref(), wanted, "{place}");
    }
}

#[test]
fn numbers_of_articles_have_labels_in_many_languages() {
    for label in [
        "Productnummer",
        "Productcode",
        "Référence interne",
        "Internal Reference",
        "Codice articolo",
        "Tuotenro",
        "Objednací číslo",
        "Stok kodu",
        "Арт.",
        "Арт. №",
        "Référence (SKU)",
        "Item no. (SKU)",
        "商品編號",
        "貨號",
        "رقم الموديل",
    ] {
        let page = format!("<p class=price>€34.50</p><p><span>{label}:</span> <b>NV-310</b></p>");
        assert_eq!(listing(&page).mpn.as_deref(), Some("NV-310"), "{label}");
    }
}

#[test]
fn a_number_within_the_heading_is_known_by_the_name_of_its_place() {
    let url = Url::parse("https://shop.example/p/blue-pan").unwrap();
    let read = |name: &str, number: &str| {
        let html = format!(
            "<title>Blue pan</title><body><h1><span class='{name}'>Blue pan</span> \
             <span class='{number}'>HP-2041</span></h1><p class=price>€34.50</p>\
             <form><button>Add to cart</button></form></body>"
        );
        let mut found = read_page(html.as_bytes(), Some("text/html; charset=utf-8"), &url);
        let listing = found.pop().expect("a listing");
        (listing.title, listing.mpn)
    };
    for name in ["", "product_name"] {
        let wanted = ("Blue pan".to_owned(), Some("HP-2041".to_owned()));
        assert_eq!(read(name, "main_product_code"), wanted, "{name}");
        assert_eq!(read(name, "barcodes").1, None, "{name}");
    }
}

#[test]
fn what_stands_around_a_description_in_its_box_is_no_part_of_it() {
    const SAID: &str = "<p>A pan for two, made by hand.</p><p>It keeps warm for an hour.</p>";
    const WANTED: &str = "A pan for two, made by hand. It keeps warm for an hour.";
    for inside in [
        "<div class=tab-heading><a href='#'>Description</a></div><div>{}</div>",
        "<ul><li><a href='#'>Description</a></li></ul><div><div><h3>Details</h3>{}</div></div>",
        "<div class=content--title>Information on “Blue pan”</div><div>{}</div>\
         <div><table><tr><td>Width:</td><td>21 cm</td></tr></table></div>\
         <div class=content--title>Links to “Blue pan”</div>\
         <ul><li><a href='/ask'>Ask</a></li><li><a href='/n'>More</a></li></ul>",
        "{}<ul><li><b>Model:</b> HP-76</li><li><b>Colour:</b> blue</li></ul>",
        "{}<dl><dt>Width</dt><dd>21 cm</dd></dl>",
    ] {
        let inside = inside.replace("{}", SAID);
        let page = format!("<p class=price>€34.50</p><div class=description>{inside}</div>");
        assert_eq!(
            listing(&page).description.as_deref(),
            Some(WANTED),
            "{inside}"
        );
    }
    // A list of what it can do is.
    let page = format!(
        "<p class=price>€34.50</p><div class=description>{SAID}<ul><li>Goes into the oven</li>\
         <li>Needs no oil</li></ul></div>"
    );
    let whole = format!("{WANTED} Goes into the oven Needs no oil");
    assert_eq!(listing(&page).description, Some(whole));
}

#[test]
fn of_a_text_that_is_said_twice_the_longer_one_describes() {
    let short = "A pan for two that is made by hand in a small workshop.";
    let page = format!(
        "<p class=price>€34.50 a piece, €31.05 for those who buy five or more of them</p>\
         <p>{short}</p><ul><li>Blue</li></ul><div><p>{short}</p>\
         <p>It keeps warm for an hour, and goes into the oven.</p></div>"
    );
    let wanted = format!("{short} It keeps warm for an hour, and goes into the oven.");
    assert_eq!(listing(&page).description, Some(wanted));
}

#[test]
fn a_picture_with_its_width_behind_its_name_is_the_one_without() {
    let page = "<p class=price>€34.50</p><div class=gallery>\
                <img src='/i/pan-1_550.jpg' alt='Blue pan'>\
                <a href='/i/pan-1.jpg'><img src='/i/pan-1_100.jpg' alt='Blue pan'></a>\
                <a href='/i/pan-2.jpg'><img src='/i/pan-2_100.jpg' alt='Blue pan'></a></div>";
    let paths = |listing: Listing| -> Vec<String> {
        let paths = listing.images.iter().map(|url| url.path().to_owned());
        paths.collect()
    };
    assert_eq!(paths(listing(page)), ["/i/pan-1.jpg", "/i/pan-2.jpg"]);
    // Without the other it is a picture like any.
    let page = "<p class=price>€34.50</p><div class=gallery>\
                <img src='/i/pan_550.jpg' alt='Blue pan'><img src='/i/pan_551.jpg' alt='Blue pan'></div>";
    assert_eq!(paths(listing(page)), ["/i/pan_550.jpg", "/i/pan_551.jpg"]);
}

#[test]
fn pictures_that_a_script_of_a_gallery_shows_are_read_from_its_data() {
    let page = r#"<p class=price>€34.50</p><div class="gallery-placeholder">
        <img alt="Blue pan" src="/cache/0cfb1b0e0f8a4b5e9d6d7c1a2b3c4d5e/pan-1.jpg"></div>
        <script type="text/x-magento-init">{"[data-gallery-role=gallery-placeholder]":
        {"mage/gallery/gallery": {"data": [
        {"thumb":"/t/pan-1.jpg","img":"/m/pan-1.jpg","full":"/pan-1.jpg","type":"image"},
        {"thumb":"/t/pan-2.jpg","img":"/m/pan-2.jpg","full":"/pan-2.jpg","type":"image"}]}}}</script>"#;
    let listing = listing(page);
    let paths: Vec<&str> = listing.images.iter().map(|url| url.path()).collect();
    assert_eq!(paths, ["/pan-1.jpg", "/pan-2.jpg"]);
}

#[test]
fn labels_and_values_of_a_list_may_be_swapped() {
    let found = listing(
        "<p class=price>€34.50</p><dl><dd>Brand</dd><dt>Nordvik</dt><dd>EAN</dd><dt>4006381333931</dt></dl>",
    );
    assert_eq!(found.brand.as_deref(), Some("Nordvik"));
    assert_eq!(found.gtin.as_deref(), Some("4006381333931"));
}

#[test]
fn numbers_and_makers_are_read_behind_labels_of_many_languages_and_without_a_colon() {
    for number in [
        "<div>SKU NV-310</div>",
        "<div><span>арт. NV-310</span></div>",
        "<p>Item no. (SKU): NV-310</p>",
        "<div><div>رقم الموديل </div><div>NV-310</div></div>",
        "<div>商品編號：NV-310</div>",
        // Under the first of these the shop counts its articles.
        "<ul><li><span>상품번호</span> : 121</li><li><span>상품코드</span> NV-310</li></ul>",
        "<p>Réf : NV-310</p>",
        "<p>รหัสสินค้า: NV-310</p>",
        "<table><tr><th>Termékkód</th><td>NV-310</td></tr></table>",
    ] {
        assert_eq!(listing(number).mpn.as_deref(), Some("NV-310"), "{number}");
    }
    let counted = "<span>상품번호 : 121</span>";
    assert_eq!(listing(counted).mpn.as_deref(), Some("121"));
    for none in [
        "<p>Item no. (SKU)</p>",
        "<p>Арт-студия 54</p>",
        "<p>SKU of the month</p>",
        "<p>Model 310</p>",
        "<p>SKU x</p>",
    ] {
        assert_eq!(listing(none).mpn, None, "{none}");
    }
    for maker in [
        "<p>แบรนด์: Nordvik</p>",
        "<p>Производител: Nordvik</p>",
        "<div><div>Merek</div><div>Nordvik</div></div>",
    ] {
        assert_eq!(listing(maker).brand.as_deref(), Some("Nordvik"), "{maker}");
    }
}

#[test]
fn a_description_is_read_without_its_heading_and_whole_where_it_stands_before_the_name() {
    const SAID: &str = "A small pan for two eggs, made by hand in a workshop near the coast.";
    const MORE: &str = "It darkens with the years and is cleaned with salt.";
    for heading in ["Detaljer", "รายละเอียด", "상세 설명"] {
        let found = listing(&format!(
            "<div class=description><h2>{heading}</h2><div><p>{SAID}</p><p>{MORE}</p></div></div>"
        ));
        let wanted = format!("{SAID} {MORE}");
        assert_eq!(
            found.description.as_deref(),
            Some(wanted.as_str()),
            "{heading}"
        );
    }
    let html = format!(
        "<title>Blue pan</title><body><div><div><p>{SAID}</p><p>{MORE}</p></div></div><h1>Blue pan</h1>\
         <p class=price>€34.50</p><div><p>{SAID}</p></div><button>Add to cart</button></body>"
    );
    let url = Url::parse("https://shop.example/p/blue-pan").unwrap();
    let found = read_page(html.as_bytes(), Some("text/html"), &url);
    let described = found[0].description.as_deref().unwrap_or_default();
    assert!(described.ends_with(MORE), "{described}");
}

#[test]
fn a_description_in_a_panel_that_a_button_opens_is_read() {
    const SAID: &str = "A small pan for two eggs, made by hand in a workshop near the coast.";
    for button in ["aria-controls=p1", "data-bs-target='#p1'"] {
        let found = listing(&format!(
            "<button type=button {button}>Product Detail</button>\
             <div style='display:none'><div id=p1><p>{SAID}</p></div></div>"
        ));
        assert_eq!(found.description.as_deref(), Some(SAID), "{button}");
    }
}

#[test]
fn a_maker_needs_no_colon_where_a_link_leads_to_what_it_makes() {
    const TO_MAKER: &str =
        "<a href='/index.php?route=product/manufacturer/info&amp;id=8'>Nordvik</a>";
    for (said, wanted) in [
        (format!("<li>Hersteller {TO_MAKER}</li>"), Some("Nordvik")),
        (
            format!("<li>Изготовитель: {TO_MAKER}</li>"),
            Some("Nordvik"),
        ),
        (
            "<li>Hersteller <a href='/info'>Alle ansehen</a></li>".to_owned(),
            None,
        ),
        (format!("<li>Marke und Preis: {TO_MAKER}</li>"), None),
    ] {
        let page = format!("<p class=price>€34.50</p><ul>{said}</ul>");
        assert_eq!(listing(&page).brand.as_deref(), wanted, "{said}");
    }
}

#[test]
fn text_that_no_paragraph_holds_describes_where_nothing_else_does() {
    const SAID: &str = "A small pan for two eggs, made by hand in a workshop near the coast. \
                        It darkens with the years.";
    for (around, wanted) in [
        ("<div><h3>€34.50</h3><br>{}<hr><p>In stock</p></div>", true),
        ("<div><h3>€34.50</h3><div>{}</div></div>", true),
        (
            "<div id=product-description><div><h3>€34.50</h3><br>{}<hr></div></div>",
            true,
        ),
        (
            "<p class=price>€34.50</p><div class=reviews>{}</div>",
            false,
        ),
        (
            "<p class=price>€34.50</p><div style='display:none'>{}</div>",
            false,
        ),
        (
            "<p class=price>€34.50</p><footer><div>{}</div></footer>",
            false,
        ),
    ] {
        let page = around.replace("{}", SAID);
        let found = listing(&page).description;
        assert_eq!(found.as_deref(), wanted.then_some(SAID), "{page}");
    }
    for other in [
        "Prices include VAT. Shipping costs are calculated at checkout and depend on where it goes to.",
        "This week all pans of this shop are sold for €5.00 less, which is what nobody else will offer you.",
        "Home and garden, kitchen and office, travel and leisure, and all that is made by hand near the coast",
    ] {
        let page = format!("<p class=price>€34.50</p><div>{other}</div>");
        assert_eq!(listing(&page).description, None, "{other}");
    }
}

#[test]
fn a_description_in_microdata_is_all_its_parts_without_their_label() {
    const FIRST: &str = "<p itemprop=description>A pan for two eggs.</p>";
    const SECOND: &str = "<p itemprop=description>It darkens with the years.</p>";
    const WANTED: &str = "A pan for two eggs. It darkens with the years.";
    let described = |said: &str| {
        let page = format!(
            "<div itemscope itemtype='http://schema.org/Product'><b itemprop=name>Blue pan</b>\
             <p itemprop=offers itemscope itemtype='http://schema.org/Offer'>\
             <meta itemprop=price content=34.50><meta itemprop=priceCurrency content=EUR></p>{said}</div>"
        );
        listing(&page).description
    };
    for said in [
        format!("{FIRST}<section>{SECOND}</section>"),
        format!("{FIRST}{SECOND}{FIRST}"),
        format!("{FIRST}<div itemprop=description>{WANTED}</div>"),
        format!(
            "<div itemprop=description>A pan for…</div><div itemprop=description>{WANTED}</div>"
        ),
        format!(
            "<div itemprop=description><div><span>Description</span></div><p>{WANTED}</p></div>"
        ),
        format!("<div itemprop=description><h3>Опис</h3><p>{WANTED}</p></div>"),
        format!("<div itemprop=description><b>Description:</b> {WANTED}</div>"),
    ] {
        assert_eq!(described(&said).as_deref(), Some(WANTED), "{said}");
    }
    // A word of the text, and what is for search engines alone.
    let word = "<p itemprop=description><b>Overview</b> of all the pans there are.</p>";
    assert_eq!(
        described(word).as_deref(),
        Some("Overview of all the pans there are.")
    );
    let unseen = format!("<meta itemprop=description content='Buy pans'>{SECOND}");
    assert_eq!(described(&unseen).as_deref(), Some("Buy pans"));
}
