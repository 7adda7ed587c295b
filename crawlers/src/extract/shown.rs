//! What a definition leaves to be read off the page as visitors see it.

use url::Url;

use super::assemble::is_longer_form;
use super::contested::{give_way, most_asked, prefer_shown_up_to};
use super::document::Document;
use super::plain::{self, Found};
use crate::definition::Definition;
use crate::definition::schema::Shown;
use crate::listing::{Listing, Provenance};

/// Reads the fields of `item.as_shown` that a listing lacks off its page at `url`, where
/// this is called as the listing is; a price only where the page is plainly that of a
/// product too. `base` is what links are relative to.
///
/// A price that is plainly shown counts before another one at a selector's place, which may
/// be an old one or another product's; both are kept. Only where something is missing, or
/// there is such a price, is the page looked through.
pub(crate) fn fill_as_shown(
    def: &Definition,
    document: &Document,
    (base, url): (&Url, &Url),
    item: &mut Listing,
) {
    let fields = &def.schema.item.as_shown;
    let Document::Html(page) = document else {
        return;
    };
    let is_wanted = fields.contains(&Shown::Price);
    let is_selected = is_wanted && is_selected(item);
    let most = match is_wanted {
        true => most_asked(document, item),
        false => None,
    };
    let is_doubtful = is_selected || most.is_some();
    if !is_doubtful && !fields.iter().any(|field| lacks(item, *field)) {
        return;
    }
    let shown = plain::read(page, base, url);
    let is_this = |own: &str| is_longer_form(&item.title, own);
    if !shown.title().is_some_and(is_this) {
        return;
    }
    let is_product = shown.product().is_some();
    if is_selected && is_product {
        take_shown_price(item, &shown);
    }
    if let Some(most) = most.filter(|_| is_product) {
        prefer_shown_up_to(most, item, &shown);
    }
    let may_be = |field| fields.contains(&field) && (is_product || field != Shown::Price);
    shown.only(may_be).fill(item);
    add_currency(def, item);
}

/// Whether the price is what stands at a selector's place.
fn is_selected(item: &Listing) -> bool {
    let from = item.provenance.get("price");
    from.is_some_and(|from| from.source == "selector")
}

fn take_shown_price(item: &mut Listing, shown: &Found) {
    if let (Some(price), Some((visible, raw))) = (&item.price, &shown.price)
        && price.amount != visible.amount
    {
        give_way(item, visible, raw);
    }
}

/// The currency of a price that states none.
fn add_currency(def: &Definition, item: &mut Listing) {
    let (Some(price), Some(code)) = (&mut item.price, &def.schema.price.currency) else {
        return;
    };
    if price.currency.is_some() {
        return;
    }
    price.currency = Some(code.clone());
    let from = Provenance {
        source: "definition".to_owned(),
        raw: code.clone(),
        candidates: Vec::new(),
        conflict: false,
    };
    item.provenance.insert("currency".to_owned(), from);
}

fn lacks(item: &Listing, field: Shown) -> bool {
    match field {
        Shown::Description => item.description.is_none(),
        Shown::Price => item.price.is_none(),
        Shown::Seller => item.seller.is_none(),
        Shown::Images => item.images.is_empty(),
        Shown::Availability => item.availability.is_none(),
        Shown::Brand => item.brand.is_none(),
        Shown::Gtin => item.gtin.is_none(),
        Shown::Mpn => item.mpn.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::{Lookup, Rules, listing};
    use crate::listing::Availability;

    const PAGE: &str = r#"<html lang="de"><title>Kestrel | Laden</title><body><h1>Kestrel</h1>
        <p class="price">48,00 €</p><p>Hersteller: Nordvik</p><p>Art.-Nr.: K-7</p>
        <button>In den Warenkorb</button></body></html>"#;

    fn read(fields: &str, html: &str) -> Listing {
        let text = format!(
            "id = \"x\"\nname = \"X\"\ntier = \"selector\"\nbase = \"https://shop.example\"\n\
             [discover]\nkind = \"sitemap\"\nurl = \"/sitemap.xml\"\n[item]\nurl = \"/p/{{id}}\"\n{fields}"
        );
        let def = Definition::parse(&text, "x").unwrap_or_else(|error| panic!("{error}"));
        let document = Document::html(html.as_bytes(), Some("text/html"));
        let url = Url::parse("https://shop.example/p/9").expect("a URL");
        let lookup = Lookup::of(&document, 0);
        let mut item = listing(&Rules::of(&def), lookup, &url, &url).expect("a listing");
        fill_as_shown(&def, &document, (&url, &url), &mut item);
        item
    }

    fn source<'a>(item: &'a Listing, field: &str) -> Option<&'a str> {
        let from = item.provenance.get(field)?;
        Some(from.source.as_str())
    }

    #[test]
    fn what_the_places_leave_out_is_read_as_shown_and_nothing_else() {
        let item = read(
            "as_shown = [\"price\", \"availability\", \"brand\"]\n[fields]\ntitle = [{ css = \"h1\" }]\n\
             brand = [{ value = \"Own\" }]\n[price]\ncurrency = \"CHF\"",
            PAGE,
        );
        let price = item.price.as_ref().expect("a price");
        assert_eq!(
            (price.amount.to_string().as_str(), price.currency.as_deref()),
            ("48.00", Some("EUR")),
            "what the page says comes before the definition's currency"
        );
        assert_eq!(source(&item, "price"), Some("page"));
        assert_eq!(source(&item, "availability"), Some("page"));
        assert_eq!(item.brand.as_deref(), Some("Own"));
        assert_eq!(item.mpn, None, "it was not named");
    }

    #[test]
    fn a_price_that_is_plainly_shown_counts_before_one_at_a_place_and_both_are_kept() {
        let fields = "as_shown = [\"price\"]\n[fields]\ntitle = [{ css = \"h1\" }]\nprice = [{ css = \".special\" }, { css = \".price\" }]";
        let related = "<h3>Related products</h3><ul><li><a href=/p/1><img src=a.jpg>Lamp</a> <b class=special>9,90 €</b></li>\
            <li><a href=/p/2><img src=b.jpg>Pan</a> <b>12,00 €</b></li></ul></body>";
        let item = read(fields, &PAGE.replace("</body>", related));
        let from = &item.provenance["price"];
        assert_eq!(
            item.price.map(|price| price.amount.to_string()).as_deref(),
            Some("48.00")
        );
        assert_eq!((from.source.as_str(), from.conflict), ("page", true));
        assert_eq!(
            (
                from.candidates[0].source.as_str(),
                from.candidates[0].raw.as_str()
            ),
            ("selector", "9,90 €")
        );
        let same = read(fields, PAGE);
        assert_eq!(source(&same, "price"), Some("selector"));
        assert!(!same.provenance["price"].conflict);
    }

    #[test]
    fn the_price_shown_counts_before_the_lowest_that_data_name() {
        let data = r#"<script type="application/ld+json">{"@type":"Product","name":"Kestrel",
            "offers":{"@type":"AggregateOffer","lowPrice":"27.60","highPrice":"48.00","priceCurrency":"EUR"}}</script><h1>"#;
        let page = PAGE.replace("<h1>", data);
        let places =
            "[fields]\ntitle = [{ css = \"h1\" }]\nprice = [{ jsonld = \"offers.lowPrice\" }]";
        let amount = |item: &Listing| item.price.as_ref().map(|price| price.amount.to_string());
        let item = read(&format!("as_shown = [\"price\"]\n{places}"), &page);
        assert_eq!(amount(&item).as_deref(), Some("48.00"));
        assert_eq!(item.provenance["price"].candidates[0].raw, "27.60");
        assert_eq!(amount(&read(places, &page)).as_deref(), Some("27.60"));
    }

    #[test]
    fn a_price_without_a_currency_is_in_that_of_the_definition() {
        let item = read(
            "as_shown = [\"price\"]\n[fields]\ntitle = [{ css = \"h1\" }]\n[price]\ncurrency = \"CHF\"",
            &PAGE.replace(" €", ""),
        );
        let price = item.price.as_ref().expect("a price");
        assert_eq!(price.currency.as_deref(), Some("CHF"));
        assert_eq!(source(&item, "currency"), Some("definition"));
    }

    #[test]
    fn a_page_of_something_else_says_nothing_of_the_listing() {
        let fields = "as_shown = [\"price\"]\n[fields]\ntitle = [{ css = \"h2\" }]";
        let other = PAGE.replace("<h1>", "<h2>Lantern</h2><h1>");
        assert_eq!(read(fields, &other).price, None);
        // Not plainly a product's: the price may be another's, the words on stock are its own.
        let gone =
            "<title>Kestrel</title><h1>Kestrel</h1><p>This product is currently unavailable.</p>";
        let fields =
            "as_shown = [\"price\", \"availability\"]\n[fields]\ntitle = [{ css = \"h1\" }]";
        assert_eq!(
            read(fields, gone).availability,
            Some(Availability::OutOfStock)
        );
        let article = "<title>Kestrel</title><h1>Kestrel</h1><p>We sold it for 48,00 € once.</p>";
        assert_eq!(read(fields, article).price, None);
    }
}
