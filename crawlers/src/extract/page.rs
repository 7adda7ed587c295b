//! What is in a page of any shop, without a definition.

use std::sync::LazyLock;

use url::Url;

use super::assemble::{Lookup, Rules, is_longer_form, listing};
use super::contested::{most_asked, prefer_shown, prefer_shown_up_to};
use super::document::Document;
use super::plain::{self, Found};
use crate::definition::Definition;
use crate::definition::locator::Locator;
use crate::definition::schema::Shown;
use crate::discover::canonical::canonical;
use crate::listing::{Availability, Listing, Provenance};

/// The template that knows where schema.org and OpenGraph put things.
static GENERIC: LazyLock<Option<Definition>> = LazyLock::new(|| {
    Definition::builtin()
        .into_iter()
        .find(|d| d.id() == "schema-org")
});

/// The listings of a saved page.
///
/// One for each schema.org Product that the page is about, in JSON-LD,
/// microdata or RDFa; else one from meta and OpenGraph elements and from how
/// the page is built, if it is that of a product. What structured data leave
/// out is filled in from the page itself where there is one product; where
/// they contradict each other on the price, the one that is shown to visitors
/// counts. Lists, articles, error and block pages without product data have
/// no listing.
///
/// `content_type` is the header the page came with, if known; `url` is what
/// links are relative to. Never fails: a page without an offer has none.
#[must_use]
pub fn read_page(html: &[u8], content_type: Option<&str>, url: &Url) -> Vec<Listing> {
    let Some(generic) = GENERIC.as_ref() else {
        return Vec::new();
    };
    let rules = Rules::of(generic);
    let document = Document::html(html, content_type);
    let Document::Html(page) = &document else {
        return Vec::new();
    };
    let url = canonical(url.clone());
    let base = document.base(&url);
    let read = |product: usize| listing(&rules, Lookup::of(&document, product), &base, &url);
    if page.products.len() > 1 {
        let stated: Vec<Listing> = (0..page.products.len()).filter_map(read).collect();
        let shown = plain::read(page, &base, &url);
        // The data may be those of other products that are shown beside the page's own.
        let is_stated = |own: &&str| {
            stated
                .iter()
                .any(|listing| is_longer_form(&listing.title, own))
        };
        let own = shown.product().filter(|own| !is_stated(own));
        return match own.is_some() {
            true => shown.into_listing(&url).into_iter().collect(),
            false => stated,
        };
    }
    let stated = read(0);
    if page.products.is_empty() {
        let shown = plain::read(page, &base, &url);
        return meta_and_shown(&document, stated, shown, &url)
            .into_iter()
            .collect();
    }
    let completed = stated.map(|mut listing| {
        let contradicts = |from: &Provenance| from.conflict;
        let mut doubtful = ["price", "availability"].into_iter();
        let contradicted =
            doubtful.any(|field| listing.provenance.get(field).is_some_and(contradicts));
        let most = most_asked(&document, &listing);
        if contradicted || most.is_some() || !is_whole(&listing) {
            let mut shown = plain::read(page, &base, &url);
            prefer_shown(&mut listing, &shown);
            if let Some(most) = most {
                prefer_shown_up_to(most, &mut listing, &shown);
            }
            // Of what is told of another product only what a page has once is believed.
            let is_this = |own: &str| is_longer_form(&listing.title, own);
            let of_this = shown.title().is_some_and(is_this);
            if of_this {
                shown.complete(&mut listing);
            }
            let once = [Shown::Price, Shown::Availability, Shown::Images];
            let may_be = |field| of_this || once.contains(&field);
            shown.only(may_be).fill(&mut listing);
        }
        listing
    });
    completed.into_iter().collect()
}

/// Whether data leave nothing to be read from the page itself. Of pictures and of the
/// description they often have a part only.
fn is_whole(listing: &Listing) -> bool {
    let has_number = listing.gtin.is_some() || listing.mpn.is_some();
    let is_described = listing.brand.is_some() && listing.description.is_some();
    // Some programs say so of what is sold out.
    let is_doubtful = listing.availability == Some(Availability::Limited);
    listing.price.is_some()
        && listing.availability.is_some()
        && !is_doubtful
        && listing.images.len() > 1
        && is_described
        && has_number
}

/// The pictures that a page shows of its product, whatever its data say: for
/// pages saved with their pictures in them, whose data name addresses on the
/// web. `url` is what links are relative to.
#[must_use]
pub fn shown_images(html: &[u8], content_type: Option<&str>, url: &Url) -> Vec<Url> {
    let document = Document::html(html, content_type);
    let base = document.base(url);
    match &document {
        Document::Html(page) => plain::read(page, &base, url).images,
        Document::Json(_) => Vec::new(),
    }
}

/// A page without schema.org data: what its meta elements say, and what it
/// shows. The shown title counts: that in meta elements mostly has the shop's
/// name in it.
fn meta_and_shown(
    document: &Document,
    stated: Option<Listing>,
    mut shown: Found,
    url: &Url,
) -> Option<Listing> {
    let offered = stated.filter(|found| found.price.is_some() || is_product_page(document));
    match offered {
        Some(mut listing) => {
            prefer_shown(&mut listing, &shown);
            shown.complete(&mut listing);
            shown.fill(&mut listing);
            Some(listing)
        }
        None => shown.into_listing(url),
    }
}

/// Whether OpenGraph calls the page a product.
fn is_product_page(document: &Document) -> bool {
    let kind = Locator::Meta("og:type".to_owned());
    document
        .values(&kind)
        .iter()
        .any(|value| value.to_ascii_lowercase().contains("product"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(html: &str) -> Vec<Listing> {
        let url = Url::parse("https://shop.example/p/9?utm_source=x").expect("a URL");
        read_page(html.as_bytes(), Some("text/html"), &url)
    }

    #[test]
    fn every_product_of_a_page_is_a_listing_and_meta_speaks_for_the_first() {
        let found = page(
            r#"<meta property="og:title" content="Other name"><meta property="og:image" content="/og.jpg">
            <script type="application/ld+json">[{"@type":"Product","sku":"a1","name":"A","offers":[{"price":12.5,"priceCurrency":"usd"}]},
            {"@type":"Product","sku":"b2","name":"B","image":{"@type":"ImageObject","url":"b.jpg"},"offers":{"lowPrice":"7"}}]</script>"#,
        );
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].item_id, "a1");
        assert_eq!(found[0].url.as_str(), "https://shop.example/p/9");
        let price = found[0].price.as_ref().expect("a price");
        assert_eq!(
            (price.amount.to_string().as_str(), price.currency.as_deref()),
            ("12.5", Some("USD"))
        );
        assert_eq!(found[0].provenance["title"].candidates[0].raw, "Other name");
        assert_eq!(found[0].images[0].as_str(), "https://shop.example/og.jpg");
        assert_eq!(found[1].images[0].as_str(), "https://shop.example/p/b.jpg");
        assert!(found[1].provenance["title"].candidates.is_empty());
    }

    #[test]
    fn a_page_without_json_ld_is_read_from_its_meta_elements_if_it_offers_something() {
        let found = page(
            r#"<meta property="og:title" content="Kestrel"><meta property="product:price:amount" content="48.00"><meta property="product:price:currency" content="EUR">"#,
        );
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].provenance["price"].source, "meta");
        assert_eq!(
            page(r#"<meta property="og:title" content="A blog post">"#),
            []
        );
        assert_eq!(page(""), []);
    }

    const CONTRADICTION: &str = r#"<meta property="product:price:amount" content="48.00"><meta property="product:price:currency" content="EUR">
        <script type="application/ld+json">{"@type":"Product","name":"Kestrel","offers":{"price":"43.90","priceCurrency":"EUR"}}</script>"#;

    #[test]
    fn a_contradiction_on_the_price_is_kept_and_shown() {
        let found = page(CONTRADICTION);
        let from = &found[0].provenance["price"];
        assert_eq!(
            (from.source.as_str(), from.raw.as_str(), from.conflict),
            ("json-ld", "43.90", true)
        );
        assert_eq!(
            (
                from.candidates[0].source.as_str(),
                from.candidates[0].raw.as_str()
            ),
            ("meta", "48.00")
        );
        let same = page(&CONTRADICTION.replace("43.90", "48"));
        assert!(!same[0].provenance["price"].conflict, "48 is 48.00");
    }

    #[test]
    fn of_contradicting_prices_the_one_shown_to_visitors_counts() {
        let shown = r#"<body><h1>Kestrel</h1><p class="price"><del>60,00 €</del> 48,00 €</p><button>In den Warenkorb</button></body>"#;
        let found = page(&format!("{CONTRADICTION}{shown}"));
        let from = &found[0].provenance["price"];
        assert_eq!(
            (from.source.as_str(), from.raw.as_str(), from.conflict),
            ("meta", "48.00", true)
        );
        assert_eq!(
            found[0]
                .price
                .as_ref()
                .map(|p| p.amount.to_string())
                .as_deref(),
            Some("48.00")
        );
        assert_eq!(from.candidates[0].raw, "43.90");
    }

    #[test]
    fn a_price_that_structured_data_leave_empty_is_read_from_the_page() {
        let found = page(
            r#"<script type="application/ld+json">{"@type":"Product","name":"Kestrel","offers":{"price":{},"priceCurrency":"EUR"}}</script>
            <body><h1>Kestrel</h1><p class="price">48,00 €</p><button>In den Warenkorb</button></body>"#,
        );
        let from = &found[0].provenance["price"];
        assert_eq!(
            (from.source.as_str(), from.raw.as_str()),
            ("page", "48,00 €")
        );
    }

    #[test]
    fn of_two_prices_as_likely_there_is_none_and_both_are_kept() {
        let found = page(
            r#"<title>Kestrel</title><body class="single-product"><h1>Kestrel</h1><p class="price">48,00 €</p><p class="price">52,00 €</p><input name="quantity"><button>In den Warenkorb</button></body>"#,
        );
        assert_eq!(found[0].price, None);
        let from = &found[0].provenance["price"];
        let mut raws: Vec<&str> = from.candidates.iter().map(|c| c.raw.as_str()).collect();
        raws.sort_unstable();
        assert_eq!(raws, ["48,00 €", "52,00 €"]);
        assert!(from.conflict);
    }

    #[test]
    fn a_range_and_a_price_without_tax_give_way_to_the_price_shown_above_them() {
        let read = |offer: &str, shown: &str| {
            let data = format!(r#"{{"@type":"Product","name":"Kestrel","offers":{offer}}}"#);
            let found = page(&format!(
                r#"<script type="application/ld+json">{data}</script><title>Kestrel</title>
                <body><h1>Kestrel</h1>{shown}<button>Add to cart</button>"#
            ));
            let from = &found[0].provenance["price"];
            let price = found[0].price.as_ref().expect("a price");
            (price.amount.to_string(), from.source.clone(), from.conflict)
        };
        let range = r#"{"@type":"AggregateOffer","lowPrice":"27.60","highPrice":"34.50","priceCurrency":"EUR"}"#;
        let shown = r#"<p class="price">€34.50</p>"#;
        assert_eq!(read(range, shown), ("34.50".into(), "page".into(), true));
        let table = "<table><tr><td>1-4</td><td>€34.50</td></tr><tr><td>5+</td><td>€27.60</td></tr></table>";
        assert_eq!(read(range, table).0, "34.50");
        // Neither of the range, nor shown at all.
        for shown in [r#"<p class="price">€39.00</p>"#, ""] {
            assert_eq!(
                read(range, shown),
                ("27.60".into(), "json-ld".into(), false)
            );
        }
        let net = r#"{"price":"28.75","priceCurrency":"EUR","priceSpecification":{"price":"28.75","valueAddedTaxIncluded":false}}"#;
        let both =
            r#"<p class="price">€34.50 <small>incl. VAT</small> <span>€28.75 excl. VAT</span></p>"#;
        assert_eq!(read(net, both).0, "34.50");
        assert_eq!(read(&net.replace("false", "true"), both).0, "28.75");
        // More than tax would make of it.
        assert_eq!(read(net, r#"<p class="price">€49.00</p>"#).0, "28.75");
    }

    #[test]
    fn microdata_and_rdfa_are_read_under_their_own_names() {
        let found = page(
            r#"<div itemscope itemtype="https://schema.org/Product"><h1 itemprop="name">Kestrel</h1><div itemprop="offers" itemscope itemtype="https://schema.org/Offer"><span itemprop="price">48.00</span><meta itemprop="priceCurrency" content="EUR"></div></div>"#,
        );
        assert_eq!(found[0].provenance["price"].source, "microdata");
        let found = page(
            r#"<div vocab="https://schema.org/" typeof="Product"><h1 property="name">Kestrel</h1><div property="offers" typeof="Offer"><span property="price">48.00</span></div></div>"#,
        );
        assert_eq!(found[0].provenance["price"].source, "rdfa");
    }

    #[test]
    fn hostile_pages_are_read_in_bounded_time() {
        for part in [
            "<div class=price>1 €",
            "<div itemscope itemprop=offers>",
            "<b>",
            "<div typeof=Product vocab=x>",
            "<p class='price old product-item'>9,99 €</p>",
            "<img srcset='a 1w, b 2w'>",
            "<h2>Related products</h2>",
        ] {
            let html = format!("<h1>Kestrel</h1>{}", part.repeat(20_000 / part.len()));
            let _ = page(&html);
        }
    }

    #[test]
    fn a_page_cut_off_anywhere_does_no_harm() {
        let whole = include_str!("../reading/samples/kaufwinkel.html");
        for end in (0..whole.len())
            .filter(|end| whole.is_char_boundary(*end))
            .step_by(7)
        {
            assert!(page(&whole[..end]).len() <= 1);
        }
    }

    #[test]
    fn prices_are_written_as_decimal_strings() {
        let found = page(
            r#"<script type="application/ld+json">{"@type":"Product","name":"A","offers":{"price":"12.50","priceCurrency":"USD"}}</script>"#,
        );
        let json = serde_json::to_value(&found).expect("JSON");
        assert_eq!(
            json[0]["price"],
            serde_json::json!({"amount": "12.50", "currency": "USD"})
        );
        assert_eq!(json[0]["provenance"]["price"]["source"], "json-ld");
    }
}
