//! What names, labels and frames say where shop programs have their own.

use url::Url;

use crate::extract::read_page;
use crate::listing::{Availability, Listing};

fn read(html: &str) -> Vec<Listing> {
    let url = Url::parse("https://shop.example/p/blue-pan").unwrap();
    read_page(html.as_bytes(), Some("text/html; charset=utf-8"), &url)
}

fn listing(html: &str) -> Listing {
    let mut found = read(html);
    assert_eq!(found.len(), 1, "{html}: {found:?}");
    found.remove(0)
}

fn amount(listing: &Listing) -> Option<String> {
    listing.price.as_ref().map(|price| price.amount.to_string())
}

/// A page of a product around what is said of it.
fn product(inner: &str) -> String {
    format!(
        "<title>Blue pan | Shop</title><body><h1>Blue pan</h1>{inner}\
         <form><input name=quantity value=1><button>Add to cart</button></form></body>"
    )
}

#[test]
fn of_two_named_prices_that_of_the_offer_is_asked() {
    for (usual, offer) in [
        ("Price", "Offer price"),
        ("Price", "Discount price"),
        ("Price", "Our price"),
        ("Preis", "Angebotspreis"),
        ("Precio", "Precio Oferta"),
        ("Prezzo", "Prezzo scontato"),
        ("Preço", "Preço promocional"),
        ("Cena", "Akční cena"),
        ("Cena", "Cena promocyjna"),
        ("Prijs", "Actieprijs"),
        ("Pris", "Kampanjpris"),
        ("価格", "セール価格"),
        ("Ціна", "Акційна ціна"),
        ("Hinta", "Tarjoushinta"),
        ("Fiyat", "İndirimli Fiyat"),
        ("价格", "促销价"),
        ("Цена", "Цена со скидкой"),
    ] {
        let page = product(&format!(
            "<dl><dt>{usual}</dt><dd>€ 227.70</dd><dt>{offer}</dt><dd>€ 189.75</dd></dl>"
        ));
        assert_eq!(
            amount(&listing(&page)).as_deref(),
            Some("189.75"),
            "{offer}"
        );
    }
    // What is taken off is no price.
    let page = product("<dl><dt>Price</dt><dd>€ 227.70</dd><dt>Discount</dt><dd>€ 20.00</dd></dl>");
    assert_eq!(amount(&listing(&page)).as_deref(), Some("227.70"));
}

#[test]
fn a_price_without_tax_is_not_asked_in_any_language() {
    for without in [
        "Bez podatku",
        "Без податку",
        "Imponibile",
        "Tasse escluse",
        "Exclusief btw",
        "Utan moms",
        "Uden moms",
        "Adó nélkül",
        "Fara TVA",
        "Без данък",
        "Bez PDV-a",
        "Brez DDV",
        "税前",
        "Be PVM",
        "Km-ta",
        "Bez PVN",
        "세금 제외",
        "Chưa thuế",
        "Tanpa Pajak",
    ] {
        let page = product(&format!(
            "<ul><li><h2>€ 558.55</h2></li><li>{without}: € 454.11</li></ul>"
        ));
        assert_eq!(
            amount(&listing(&page)).as_deref(),
            Some("558.55"),
            "{without}"
        );
    }
}

#[test]
fn of_the_buttons_for_what_is_there_and_what_is_not_the_one_shown_counts() {
    for hidden in [
        "style='display: none'",
        "hidden",
        "class=displaynone",
        "class='d-none'",
    ] {
        let page = product(&format!(
            "<p class=price>€ 18.00</p><div {hidden}><button>Out of stock</button></div>"
        ));
        let found = listing(&page);
        assert_eq!(found.availability, Some(Availability::InStock), "{hidden}");
    }
}

#[test]
fn what_denies_that_it_is_in_stock_is_heard() {
    for (said, expected) in [
        ("<p>In stock: No</p>", Availability::OutOfStock),
        ("<p>In stock: Yes</p>", Availability::InStock),
        (
            "<dl class=stock><dt>Em estoque</dt><dd><span class=stock>NÃO</span></dd></dl>",
            Availability::OutOfStock,
        ),
        (
            "<p><span id=availability_label>Disponibilité :</span> \
             <span id=availability_value>Ce produit n’est plus en stock</span></p>",
            Availability::OutOfStock,
        ),
    ] {
        let found = listing(&product(&format!("<p class=price>€ 18.00</p>{said}")));
        assert_eq!(found.availability, Some(expected), "{said}");
    }
}

#[test]
fn line_breaks_end_values() {
    let found = listing(&product(
        "<p class=price>€ 18.00</p><div><strong>SKU:</strong> K-7<br><strong>EAN:</strong> \
         4006381333955<br /><strong>Manufacturer:</strong> Harrow &amp; Pine<br /></div>",
    ));
    assert_eq!(found.mpn.as_deref(), Some("K-7"));
    assert_eq!(found.gtin.as_deref(), Some("4006381333955"));
    assert_eq!(found.brand.as_deref(), Some("Harrow & Pine"));
}

#[test]
fn what_stands_around_the_whole_page_is_no_frame() {
    for class in [
        "off-canvas-wrap",
        "layout-sidebar",
        "modal-open",
        "footer-sticky",
        "reviews-on",
    ] {
        let page = format!(
            "<title>Blue pan | Shop</title><body><div class='{class}'><div><h1>Blue pan</h1>\
             <p class=price>€ 18.00</p><button>Add to cart</button></div></div></body>"
        );
        assert_eq!(amount(&listing(&page)).as_deref(), Some("18.00"), "{class}");
    }
    // One beside the product is.
    let page =
        product("<p class=price>€ 18.00</p><div class=sidebar><p class=price>€ 9.00</p></div>");
    assert_eq!(amount(&listing(&page)).as_deref(), Some("18.00"));
}

#[test]
fn carts_and_lists_of_one_product_are_no_products() {
    for name in [
        "Shopping cart",
        "Кошик",
        "カゴの中",
        "장바구니",
        "Ihr Warenkorb",
    ] {
        let page = format!(
            "<title>{name} | Shop</title><h1>{name}</h1><table><tr><td>Blue pan</td>\
             <td><input name=quantity value=1></td><td class=price>€ 18.00</td></tr></table>\
             <button>Buy now</button>"
        );
        assert!(read(&page).is_empty(), "{name}");
    }
    let empty = "<title>キッチン</title><h1>キッチン</h1><p class=total>商品金額：\
                 <span class=price>0円</span></p><input name=quantity><a href=/p/1>カゴに入れる</a>";
    assert!(read(empty).iter().all(|found| found.price.is_none()));
}

#[test]
fn a_maker_s_picture_and_name_are_no_other_product() {
    let found = listing(&product(
        "<div><a href='hersteller.php?m=1'><img src=/m.png></a><a href='hersteller.php?m=1'>Tellmark\
         </a><p class=price>€ 129.90</p></div>",
    ));
    assert_eq!(amount(&found).as_deref(), Some("129.90"));
}

#[test]
fn a_name_in_no_heading_and_a_price_in_no_element_are_found() {
    let found = listing(
        "<title>搪瓷茶壶 蓝色_厨房_海港家居 - Powered by Shop</title><body><p class=f_l>搪瓷茶壶 蓝色</p>\
         <strong>本店售价：</strong><font class=shop>￥276.00</font>\
         <input name=number value=1><button>加入购物车</button></body>",
    );
    assert_eq!(found.title, "搪瓷茶壶 蓝色");
    assert_eq!(amount(&found).as_deref(), Some("276.00"));

    let long =
        "Made by hand in a small workshop by the sea, of what the tide leaves there. ".repeat(12);
    let found = listing(&format!(
        "<title>Blue pan</title><div><h3>Blue pan</h3><img src=/a.jpg>\n Price: 1450 грн \n\
         <a href='/cart/add/7'>Додати в кошик</a><p>{long}</p></div>"
    ));
    assert_eq!(amount(&found).as_deref(), Some("1450"));
}

#[test]
fn a_tab_leads_to_the_description() {
    let found = listing(&product(
        "<p class=price>€ 18.00</p><div id=short_description_block>A pan of steel, blue all over.</div>\
         <ul><li><a href='#idTab1'>En savoir plus</a></li><li><a href='#idTab2'>Avis</a></li></ul>\
         <div id=idTab1>A pan of steel, blue all over, made by hand. It gets better with every meal.</div>\
         <div id=idTab2>Nobody has said a word of this pan so far, so be the first who does it here.</div>",
    ));
    let described = found.description.unwrap_or_default();
    assert!(
        described.ends_with("better with every meal."),
        "{described}"
    );
}

#[test]
fn a_link_with_a_picture_of_a_button_buys() {
    for link in [
        "<a href='javascript:void(0)'><img src=b.gif alt='Add to cart'></a>",
        "<a href='/shop/addItemToCart.do?item=EST-1'><img src=b.gif></a>",
        "<a href='javascript:addToCart(1)'><img src=b.gif></a>",
    ] {
        let found = read(&format!(
            "<title>Blue pan</title><h1>Blue pan</h1><p class=price>€ 18.00</p>{link}"
        ));
        assert_eq!(found.len(), 1, "{link}");
    }
    // A link to the cart in the head of the page says nothing of stock.
    let found = listing(
        "<title>파란 팬</title><div><a href='/shop/cart.php'>장바구니</a></div><h1>파란 팬</h1>\
         <p class=price>18,000원</p><p>품절</p><input name=qty>",
    );
    assert_eq!(found.availability, Some(Availability::OutOfStock));
}

#[test]
fn a_name_without_a_heading_may_have_its_number_in_an_element_of_its_own() {
    let found = read_page(
        "<title>Tetera azul | Faro</title><body><div class=name>Tetera azul\
         <span class=sku>ID</span><span class=code>300901</span></div><p class=price>34.50 \u{20ac}</p>\
         <button>A\u{f1}adir al carrito</button></body>"
            .as_bytes(),
        Some("text/html; charset=utf-8"),
        &Url::parse("https://shop.example/p/300901").unwrap(),
    );
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].title, "Tetera azul");
    assert_eq!(found[0].mpn.as_deref(), Some("300901"));
}

#[test]
fn a_name_may_stand_behind_that_of_the_shop_and_a_colon() {
    let read = |title: &str| {
        let html = format!(
            "<title>{title}</title><body><table><tr><td><font size=4><b>Blue pan</b></font></td></tr>\
             <tr><td>Price: <b>34.50 \u{20ac}</b><br>Sold out</td></tr></table></body>"
        );
        let url = Url::parse("https://shop.example/catalog.php?item=9").unwrap();
        read_page(html.as_bytes(), Some("text/html; charset=utf-8"), &url)
    };
    let found = read("Harbour: Blue pan");
    assert_eq!(found.first().map(|it| it.title.as_str()), Some("Blue pan"));
    assert!(read("Harbour: Kitchen").is_empty());
}

#[test]
fn the_heading_of_the_shop_is_no_name_where_another_names_the_product() {
    let page = |title: &str, shop: &str, heading: &str| {
        listing(&format!(
            "<title>{title}</title><body><div>{shop}</div><main><img src=/a.jpg width=300 height=300>\
             <h2>{heading}</h2><p class=price>€34.50</p><button>Add to cart</button></main>"
        ))
        .title
    };
    const HOME: &str = "<h1><a href='/'>Harbour Shop</a></h1>";
    const WAY: &str = "<h1>Blue pan &gt; Kitchen | Harbour Shop</h1>";
    let named = "<meta property='og:site_name' content='Harbour Shop'><h1>Harbour Shop</h1>";
    let hidden = "Blue pan <span class=sound_only>short information</span>";
    for (title, shop, heading) in [
        ("Harbour Shop / Blue pan", HOME, "Blue pan"),
        ("Harbour Shop - Blue pan", HOME, "Blue pan"),
        ("Harbour Shop / Blue pan", named, "Blue pan"),
        ("Blue pan &gt; Kitchen | Harbour Shop", "", "Blue pan"),
        ("Blue pan &gt; Kitchen | Harbour Shop", "", hidden),
        ("Blue pan &gt; Kitchen | Harbour Shop", WAY, hidden),
    ] {
        assert_eq!(
            page(title, shop, heading),
            "Blue pan",
            "{title} {shop} {heading}"
        );
    }
    // The only name of the page.
    let alone = page("Harbour Shop", "<h1>Harbour Shop</h1>", "Details");
    assert_eq!(alone, "Harbour Shop");
}

#[test]
fn pictures_that_open_with_words_for_the_ear_do_not_show_another_product() {
    let found = listing(
        "<title>Blue pan &gt; Kitchen | Shop</title><body><form><a href='/large?no=1'>\
         <img src=/a.jpg width=300><span class=sound_only>Picture 1</span></a>\
         <section><h2>Blue pan <span class=sound_only>short information</span></h2>\
         <p class=price>€34.50</p><input type=submit value='Add to cart'></section></form>",
    );
    assert_eq!(found.title, "Blue pan");
    assert_eq!(amount(&found).as_deref(), Some("34.50"));
}

#[test]
fn a_price_beside_the_text_of_the_product_s_article_is_its_price() {
    let page = |around: &str, aside: &str, more: &str| {
        let html = format!(
            "<title>Blue pan</title><body class=product-page><main><{around}><div><h1>Blue pan</h1>\
             <aside>{aside}</aside></div></{around}></main>{more}"
        );
        let found = read(&html);
        found.first().and_then(amount)
    };
    const PRICE: &str = "<p class=price>€34.50</p>";
    let link = format!("<h2>Buy here</h2><a href='https://quay.example/pan'>{PRICE}</a>");
    assert_eq!(page("article", PRICE, "").as_deref(), Some("34.50"));
    assert_eq!(page("article", &link, "").as_deref(), Some("34.50"));
    for (around, aside, more) in [
        // No article, a picture of another product, another column.
        ("div", PRICE, ""),
        ("article", "<img src=/b.jpg><p class=price>€34.50</p>", ""),
        ("article", PRICE, "<aside><p class=price>€9.50</p></aside>"),
    ] {
        assert_eq!(page(around, aside, more), None, "{around} {aside} {more}");
    }
    // There is a price elsewhere.
    let other = page(
        "article",
        PRICE,
        "<p class=price>€51.00</p><button>Buy</button>",
    );
    assert_ne!(other.as_deref(), Some("34.50"));
}
