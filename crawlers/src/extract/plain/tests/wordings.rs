//! What words beside amounts say of them, in the languages of shops.

use url::Url;

use crate::extract::read_page;

/// The amount read off a page of a product with this on it.
pub(super) fn amount(inner: &str) -> Option<String> {
    let page = format!(
        "<title>Blue pan | Shop</title><body><h1>Blue pan</h1>{inner}\
         <form><input name=quantity value=1><button>Add to cart</button></form></body>"
    );
    let url = Url::parse("https://shop.example/p/blue-pan").expect("a URL");
    let found = read_page(page.as_bytes(), Some("text/html; charset=utf-8"), &url);
    let price = found.first().and_then(|found| found.price.as_ref());
    price.map(|price| price.amount.to_string())
}

/// Whether €34.50 is read beside each of these texts, in which another amount stands for `X`.
fn is_read_beside(texts: &[&str]) {
    for text in texts {
        let other = text.replace('X', "€31.05");
        for prices in [
            format!("<div class=price><span>€34.50</span> <span>{other}</span></div>"),
            format!("<div><div>{other}</div><div>€34.50</div></div>"),
        ] {
            assert_eq!(amount(&prices).as_deref(), Some("34.50"), "{prices}");
        }
    }
}

#[test]
fn a_price_before_or_without_a_discount_is_old() {
    is_read_beside(&[
        "Price before discount: X",
        "Цена без скидки: X",
        "Ціна до знижки: X",
        "Cena przed obniżką: X",
        "Preis ohne Rabatt: X",
        "indirim öncesi fiyat: X",
        "割引前価格: X",
    ]);
    // And with it the one that is asked.
    let discounted =
        "<div><span>Цена без скидки: 49 ₽</span> <span>Цена со скидкой: 34 ₽</span></div>";
    assert_eq!(amount(discounted).as_deref(), Some("34"));
}

#[test]
fn the_lowest_price_of_the_last_days_is_not_asked_in_any_language() {
    is_read_beside(&[
        "Lowest price in the last 30 days: X",
        "30-Tage-Bestpreis: X",
        "Prix le plus bas pratiqué au cours des 30 derniers jours avant la réduction : X",
        "Найнижча ціна за 30 днів до знижки: X",
        "Najniższa cena z 30 dni przed obniżką: X",
        "Najniža cijena u zadnjih 30 dana: X",
        "Viimase 30 päeva madalaim hind: X",
    ]);
    // Thirty days of something else.
    let returned = "<div><b>30 days to return, price: €34.50</b></div>";
    assert_eq!(amount(returned).as_deref(), Some("34.50"));
}

#[test]
fn old_prices_are_known_by_their_names() {
    is_read_beside(&[
        "Market price: X",
        "Unverbindliche Preisempfehlung des Herstellers: X",
        "van X",
        "zamiast X",
        "Doporučená cena: X",
        "Ennen X",
        "Listaár: X",
        "Π.Λ.Τ.: X",
        "Редовна цена: X",
        "Stara cijena: X",
        "Redna cena: X",
        "Sena kaina: X",
        "Vecā cena: X",
        "Tavahind: X",
        "ราคาปกติ: X",
        "מחיר רגיל: X",
        "السعر السابق: X",
    ]);
    let listed = "<ul class=product-price><li><span class=price>$34.50</span></li>\
        <li>Market price: <span>$49.00</span></li></ul>";
    assert_eq!(amount(listed).as_deref(), Some("34.50"));
}

#[test]
fn what_is_paid_in_parts_by_members_or_in_another_way_is_not_asked() {
    is_read_beside(&[
        "Pay in 4 of X with Klarna",
        "o 3 plazos de X",
        "lub 10 rat po X",
        "Afbetal fra X pr. md.",
        "월 X (3개월 할부)",
        "на изплащане от X на месец",
        "ผ่อน 0% X/เดือน",
        "Club price: X",
        "Mit Kundenkarte: X",
        "Prezzo soci: X",
        "Klubár: X",
        "Цена по карте: X",
        "ราคาสมาชิก: X",
        "מחיר מועדון: X",
        "سعر الأعضاء: X",
        "X by bank transfer",
        "X con Transferencia o depósito",
        "X à vista no Pix",
        "Bei Vorkasse: X",
        "X con bonifico",
        "X avec le code THE10",
        "クーポン利用で X",
        "券后价 X",
        "+ pant X",
        "+ kaucja X",
        "Consigne X",
    ]);
    let by_class = "<div class=price-display>€34.50</div>\
        <div><span class=js-payment-discount-price-product>€31.05</span></div>";
    assert_eq!(amount(by_class).as_deref(), Some("34.50"));
    // A pan is no pant, and what is paid at once is no part.
    assert_eq!(
        amount("<p>Pay in full: €34.50</p>").as_deref(),
        Some("34.50")
    );
    assert_eq!(amount("<p>Cargo pant €34.50</p>").as_deref(), Some("34.50"));
}

#[test]
fn a_price_by_measure_may_be_said_before_and_behind_the_amount() {
    is_read_beside(&[
        "X el kilo",
        "Cena za 100 g: X",
        "Price per kg: X",
        "X pr. kg",
        "100gあたり X",
        "100g당 X",
        "每100克 X",
        "X už kg",
        "X ต่อ 100 กรัม",
        "X ל-100 גרם",
        "X لكل 100 جرام",
    ]);
}

#[test]
fn what_the_price_is_in_another_currency_is_not_asked() {
    for other in [
        "<small>≈ 386.40 kr</small>",
        "<small>(~ $37.00)</small>",
        "(ca. $37.00)",
        "<small>(approx. 37 USD)</small>",
    ] {
        let prices = format!("<p class=price><span>€34.50</span> {other}</p>");
        assert_eq!(amount(&prices).as_deref(), Some("34.50"), "{other}");
    }
}

#[test]
fn words_on_tax_are_known_in_many_languages() {
    for (with, without) in [
        ("incl. GST", "ex. GST"),
        ("con IVA", "IVA no incluido"),
        ("sisältää ALV", "ilman ALV"),
        ("áfával", "+ ÁFA"),
        ("включая НДС", "НДС не включён"),
        ("（税込）", "＋税"),
        ("VAT 포함", "VAT 별도"),
        ("含增值税", "不含增值税"),
        ("Συμπ. ΦΠΑ", "+ ΦΠΑ"),
        ("с вкл. ДДС", "без вкл. ДДС"),
        ("כולל מע\"מ", "לפני מע\"מ"),
        ("شامل الضريبة", "غير شامل الضريبة"),
        ("รวม VAT", "ไม่รวม VAT"),
        ("đã bao gồm VAT", "chưa bao gồm VAT"),
    ] {
        let prices = format!(
            "<div><span>€28.75 {without}</span></div><div><span>€34.50 {with}</span></div>"
        );
        assert_eq!(amount(&prices).as_deref(), Some("34.50"), "{prices}");
    }
}
