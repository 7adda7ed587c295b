//! The part of a draft that says where each field stands.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use url::Url;

use super::draft::quoted;
use super::page::{self, Page, Product};
use super::pictures;
use super::places::Place;
use super::selectors;
use crate::definition::Definition;
use crate::definition::locator::Locator;
use crate::definition::schema::Shown;
use crate::discover::canonical::resolve;

const FIELDS: [&str; 9] = [
    "title",
    "description",
    "price",
    "seller",
    "images",
    "availability",
    "brand",
    "gtin",
    "mpn",
];

/// The places of structured data, and behind them those of the page itself for fields
/// that the samples' data left out.
pub(super) fn stated(out: &mut String, products: &[Product]) {
    let mut fields = generic_fields().to_owned();
    if let Some(stated) = generic_field("id") {
        fields = format!("{fields}\n").replacen(stated, &ids(stated, products), 1);
    }
    for field in FIELDS {
        if !products.iter().any(|product| is_from_page(product, field)) {
            continue;
        }
        let Some(stated) = generic_field(field) else {
            continue;
        };
        let places: Vec<String> = places(products, field).iter().map(written).collect();
        if !places.is_empty()
            && let Some(end) = stated.rfind(']')
        {
            let own = places.join(", ");
            let before = stated[..end].trim_end().trim_end_matches(',');
            let (name, rest) = before.split_once('[').unwrap_or_default();
            // What a page says at length was taken in the place of what its data say.
            let comes_first = matches!(field, "description" | "images");
            let with_own = match comes_first {
                true => format!("{name}[{own}, {}]\n", rest.trim()),
                false => format!("{before}, {own}]\n"),
            };
            fields = format!("{fields}\n").replacen(stated, &with_own, 1);
        }
    }
    out.push_str(fields.trim_end());
    out.push('\n');
}

/// The places of the identifier in data, without those that have the same value for several
/// samples: the number of a family of products, or what stands for none.
fn ids(stated: &str, products: &[Product]) -> String {
    let builtin = Definition::builtin();
    let generic = builtin.iter().find(|generic| generic.id() == "schema-org");
    let locators = generic.map_or(&[][..], |generic| &generic.schema.fields.id);
    let is_shared = |locator: &Locator| {
        let mut met: HashMap<String, &str> = HashMap::new();
        products.iter().any(|product| {
            let title = product.listing.title.as_str();
            let id = product.page.document.stated(locator).into_iter().next();
            id.is_some_and(|id| *met.entry(id).or_insert(title) != title)
        })
    };
    let mut places = locators.iter();
    let lines = stated.lines().filter(|line| {
        let is_place = line.trim_start().starts_with('{');
        !(is_place && places.next().is_some_and(is_shared))
    });
    let lines: Vec<&str> = lines.collect();
    match lines.iter().any(|line| line.trim_start().starts_with('{')) {
        true => format!("{}\n", lines.join("\n")),
        false => String::new(),
    }
}

/// Where the samples have a field.
fn places(products: &[Product], field: &str) -> Vec<Place> {
    match field {
        "images" => pictures::of_images(products),
        // Words on stock are read as they are shown: shops show one of several that stand in
        // the page, hide those that do not hold, or say nothing but by their button.
        "availability" => Vec::new(),
        "price" => selectors::in_order(products, field),
        _ => selectors::of_text(products, field).into_iter().collect(),
    }
}

pub(super) fn own(out: &mut String, products: &[Product]) {
    if names_each(products) {
        out.push_str("url = [{ css = \"link[rel=canonical]\", attr = \"href\" }]\n");
    }
    for field in FIELDS {
        let mut places: Vec<String> = places(products, field).iter().map(written).collect();
        if !places.is_empty() {
            if field == "images" && products.iter().any(names_picture) {
                places.push("{ meta = \"og:image\" }".to_owned());
            }
            let _ = writeln!(out, "{field} = [{}]", places.join(", "));
            continue;
        }
        let from = products
            .iter()
            .find_map(|product| product.listing.provenance.get(field));
        match from {
            Some(from) if from.source != "page" => {
                out.push_str(generic_field(field).unwrap_or_default());
            }
            // Nothing can be read without a title.
            _ if field == "title" => {
                out.push_str("title = [{ css = \"h1\" }, { css = \"title\" }]\n");
            }
            // Read as it is shown.
            Some(_) => {}
            None if matches!(field, "gtin" | "mpn") => {}
            None => {
                let _ = writeln!(out, "# {field} = [{{ css = \"\" }}]");
            }
        }
    }
}

/// The fields that some sample was read to have by how its page is built: where another page
/// has nothing at their places, it is read in this way too.
pub(super) fn as_shown(products: &[Product]) -> Vec<&'static str> {
    // Of prices data may name the lowest only.
    let is_shown = |field: &str| {
        let mut samples = products.iter();
        field == "price" || samples.any(|product| is_from_page(product, field))
    };
    let names = Shown::ALL.into_iter().map(Shown::name);
    names.filter(|field| is_shown(field)).collect()
}

/// What tells pages of products from others that have the same form: places that every
/// sample has, and none of these other pages.
pub(super) fn marks(products: &[Product], others: &[Page]) -> Vec<String> {
    let known = ["title", "price", "images", "description"].map(|field| places(products, field));
    let is_own = |place: &Place| others.iter().all(|page| !place.is_on(page));
    let mut marks: Vec<Place> = known.into_iter().flatten().filter(is_own).collect();
    marks.retain(|place| matches!(place, Place::Css { .. }));
    let is_marked = |product: &Product| marks.iter().any(|place| place.is_on(&product.page));
    match products.iter().all(is_marked) {
        true => marks.iter().map(written).collect(),
        false => Vec::new(),
    }
}

/// The same where products are stated in data.
pub(super) fn stated_marks(products: &[Product]) -> Vec<String> {
    const PRICES: [&str; 3] = [
        "product:price:amount",
        "product:sale_price:amount",
        "og:price:amount",
    ];
    let states = |product: &Product| !product.page.document.products.is_empty();
    if products.iter().all(states) {
        return vec!["{ jsonld = \"name\" }".to_owned()];
    }
    let has_price = |product: &Product| {
        let names = product.formats.iter();
        names.into_iter().any(|format| *format == "opengraph") || states(product)
    };
    match products.iter().all(has_price) {
        true => {
            let metas = PRICES.map(|name| format!("{{ meta = {} }}", quoted(name)));
            std::iter::once("{ jsonld = \"name\" }".to_owned())
                .chain(metas)
                .collect()
        }
        false => Vec::new(),
    }
}

fn is_from_page(product: &Product, field: &str) -> bool {
    let from = product.listing.provenance.get(field);
    from.is_some_and(|from| from.source == "page")
}

/// Whether a sample's picture is the one that its meta elements name.
fn names_picture(product: &Product) -> bool {
    let from = product.listing.provenance.get("images");
    from.is_some_and(|from| from.source == "meta")
}

/// Whether each sample has a canonical address of its own; some themes name one on all.
fn names_each(products: &[Product]) -> bool {
    let canonical = |product: &Product| {
        let links = page::all(&product.page, "link[rel=canonical][href]");
        let url = resolve(&product.page.base, links.first()?.attr("href")?)?;
        (url.path() != "/" || url.query().is_some()).then_some(url)
    };
    let named: Option<HashSet<Url>> = products.iter().map(canonical).collect();
    named.is_some_and(|named| named.len() == products.len())
}

fn written(place: &Place) -> String {
    let (css, attributes, own_text) = match place {
        Place::Paragraphs(css) => return format!("{{ css = {}, join = \" \" }}", quoted(css)),
        Place::Numbered(css) => {
            return format!(
                "{{ css = {}, regex = '^(.+?)(?: [\\[(][^\\[\\]()]*[\\])])?$' }}",
                quoted(css)
            );
        }
        Place::Row(label) => return format!("{{ row = {} }}", quoted(label)),
        Place::Css {
            css,
            attributes,
            own_text,
        } => (quoted(css), attributes, own_text),
    };
    let names: Vec<String> = attributes.iter().map(|name| quoted(name)).collect();
    match names.as_slice() {
        [] if *own_text => format!("{{ css = {css}, own_text = true }}"),
        [] => format!("{{ css = {css} }}"),
        [one] => format!("{{ css = {css}, attr = {one} }}"),
        more => format!("{{ css = {css}, attr = [{}] }}", more.join(", ")),
    }
}

/// The fields of the shipped definition for structured data, as written there.
fn generic_fields() -> &'static str {
    let text = Definition::builtin_text("schema-org").unwrap_or_default();
    let (_, rest) = text.split_once("[fields]\n").unwrap_or_default();
    let end = rest.find("\n[").map_or(rest.len(), |end| end + 1);
    rest[..end].trim_end()
}

/// One of them.
fn generic_field(name: &str) -> Option<&'static str> {
    let fields = generic_fields();
    let start = fields
        .match_indices(&format!("{name} = ["))
        .map(|(at, _)| at)
        .find(|at| *at == 0 || fields[..*at].ends_with('\n'))?;
    let rest = &fields[start..];
    let end = rest.find("]\n").map_or(rest.len(), |end| end + 2);
    Some(&rest[..end])
}
