//! What a currency sign stands for that may mean several.

use url::Url;

use crate::extract::read_page;

/// The currency of a price on a page with this before its heading.
fn currency(price: &str, state: &str) -> Option<String> {
    let url = Url::parse("https://shop.example/p/blue-pan").unwrap();
    let html = format!(
        "<html lang=en><title>Blue pan | Shop</title><body>{state}<h1>Blue pan</h1><p class=price>{price}</p>\
         <form><input name=quantity value=1><button>Add to cart</button></form></body>"
    );
    let found = read_page(html.as_bytes(), Some("text/html; charset=utf-8"), &url);
    assert_eq!(found.len(), 1, "{price}{state}");
    found[0].price.as_ref()?.currency.clone()
}

#[test]
fn the_state_of_a_page_says_what_a_sign_stands_for() {
    for state in [
        r#"<script>var shop = {"amount":"34.50","currencyCode":"CAD"}</script>"#,
        r#"<script>push("[\"amount\",\"34.50\",\"currencyCode\",\"CAD\",\"id\"]")</script>"#,
        r#"<script>var config = {"currency": {"code": "CAD", "rate": 1}}</script>"#,
        r#"<input type=hidden value='{"price":{"currencyCode":"CAD"}}'>"#,
        "<meta name=currency content=CAD>",
        "<span data-currency-code=CAD></span>",
        "<select name=currency><option value=USD>USD<option value=CAD selected>CAD</select>",
        r#"<script>var a = {"currency":"CAD"}, b = {"currency":"EUR"}</script>"#,
    ] {
        assert_eq!(currency("$34.50", state).as_deref(), Some("CAD"), "{state}");
        assert_eq!(
            currency("34.50 €", state).as_deref(),
            Some("EUR"),
            "{state}"
        );
    }
    for state in [
        "",
        r#"<script>var a = {"currency":"CAD"}, b = {"currency":"USD"}</script>"#,
        r#"<script>var a = {"currency":"EUR"}</script>"#,
        r#"<script>var a = {"currencyLabel":"ALL"}, b = {"currencies":["CAD"]}</script>"#,
    ] {
        assert_eq!(currency("$34.50", state), None, "{state}");
    }
}

#[test]
fn a_letter_drawn_as_a_sign_means_roubles_on_russian_pages() {
    let price = |language: &str| {
        let html = format!(
            "<html lang={language}><title>Чайник</title><body><h1>Чайник</h1><p class=price>3 280 <span>p</span></p>\
             <form><input name=quantity value=1><button>Купить</button></form></body>"
        );
        let url = Url::parse("https://shop.example/p/1").unwrap();
        let found = read_page(html.as_bytes(), Some("text/html; charset=utf-8"), &url);
        found[0]
            .price
            .as_ref()
            .and_then(|price| price.currency.clone())
    };
    assert_eq!(price("ru").as_deref(), Some("RUB"));
    assert_eq!(price("uk"), None);
}

#[test]
fn a_code_behind_the_sign_says_it_too() {
    for price in ["34.50 $ CAD", "34.50 $CA", "$34.50 CAD"] {
        assert_eq!(currency(price, "").as_deref(), Some("CAD"), "{price}");
    }
}

#[test]
fn words_of_one_language_and_signs_of_two_mean_what_the_page_is_written_in() {
    let price = |language: &str, said: &str, price: &str| {
        let html = format!(
            "<html{language}><title>Pan</title><body><h1>Pan</h1><p class=price>{price}</p><p>{said}</p>\
             <form><input name=quantity value=1><button>Buy</button></form></body>"
        );
        let url = Url::parse("https://shop.example/p/1").unwrap();
        let found = read_page(html.as_bytes(), Some("text/html; charset=utf-8"), &url);
        let price = found[0].price.as_ref();
        price.and_then(|price| price.currency.clone())
    };
    for (language, said, written, wanted) in [
        (" lang=sr", "", "4.040 din", Some("RSD")),
        (" lang=sr-Latn", "", "4.040 din.", Some("RSD")),
        (" lang=ro", "", "4.040 din", None),
        ("", "小锅", "￥712.00", Some("CNY")),
        ("", "小さな鍋です", "￥712", Some("JPY")),
        ("", "A small pan", "￥712", None),
        (" lang=en", "小锅", "￥712", None),
    ] {
        let found = price(language, said, written);
        assert_eq!(found.as_deref(), wanted, "{language} {said} {written}");
    }
}

#[test]
fn the_currency_chosen_in_a_list_of_several_is_that_of_a_sign() {
    const DOLLARS: &str =
        "<li><a href=EUR>€ Euro</a><li><a href=USD>$ US Dollar</a><li><a href=GBP>£ Pound</a>";
    let list = |opener: &str, entries: &str| {
        format!(
            "<form id=form-currency><a href='#' data-toggle=dropdown>{opener}</a><ul>{entries}</ul></form>"
        )
    };
    for chosen in [
        list("<b>$</b> <span>Currency</span>", DOLLARS),
        list("$ USD", "<li><a href='?c=EUR'>€ EUR</a>"),
        list(
            "Select Currency: USD",
            "<li><a>US Dollar</a><li><a>Canadian Dollar</a>",
        ),
        list("Currency", "<li class=active><a>$ USD</a><li><a>$ CAD</a>"),
        "<select id=customerCurrency><option selected value='/change/1'>US Dollar\
         <option value='/change/2'>Canadian Dollar</select>"
            .to_owned(),
    ] {
        assert_eq!(
            currency("$34.50", &chosen).as_deref(),
            Some("USD"),
            "{chosen}"
        );
    }
    for open in [
        // Two of them have the sign, or one is not known.
        list(
            "<b>$</b>",
            "<li><a>$ US Dollar</a><li><a>$ Canadian Dollar</a>",
        ),
        list("<b>$</b>", "<li><a>US$ Dólar</a><li><a>$ Peso</a>"),
        // Nothing is chosen, or another sign is.
        list("Currency", DOLLARS),
        list("<b>€</b>", DOLLARS),
        list("€ EUR", DOLLARS),
        list("<b>$</b>", "<li><a>$ US Dollar</a>"),
    ] {
        assert_eq!(currency("$34.50", &open), None, "{open}");
    }
}
