//! CSS selectors for what was found without any.
//!
//! The structural reader says what title, price and pictures of a page are;
//! here the elements that say so are looked up, names for them are tried, and
//! only a name that gives the same value on every sample is suggested.

use scraper::{ElementRef, Selector};

use super::names::names_of_all;
use super::page::{Page, Product, all};
use super::places::Place;
use crate::extract::{labelled, own_text_of, price, text_of, tidy, without_number};

/// Elements looked at for one value.
pub(super) const MAX_ELEMENTS: usize = 8;
/// The most letters beside a price that may all be of its currency.
const MOST_OF_CURRENCY: usize = 6;
/// A value's element has no more nodes in it than this.
const MAX_NODES: usize = 60;

/// Words in names for the price that is asked, where there was another.
const ASKED: [&str; 10] = [
    "sale",
    "special",
    "current",
    "now",
    "final",
    "selling",
    "offer",
    "actual",
    "discounted",
    "reduced",
];
/// The most places for one value.
const MAX_PLACES: usize = 3;

/// What of an element counts as its text.
type Reader = fn(ElementRef<'_>) -> String;

/// Where the text of a field stands on every sample that has the field.
pub(super) fn of_text(products: &[Product], field: &str) -> Option<Place> {
    let all: Vec<&Product> = products.iter().collect();
    of_some(&all, &[], field)
}

/// The places where a field stands, one after the other, where it stands at no one place on
/// all samples.
pub(super) fn in_order(products: &[Product], field: &str) -> Vec<Place> {
    if let Some(place) = of_text(products, field) {
        let narrow = of_asked(products, field, &place);
        return narrow.into_iter().chain([place]).collect();
    }
    let mut places = Vec::new();
    // The samples on which none of the places is; a later place must not be wrong there.
    let mut left: Vec<&Product> = products.iter().collect();
    while places.len() < MAX_PLACES {
        let of_one = |at: usize| {
            let others = left.iter().enumerate().filter(|(other, _)| *other != at);
            let others: Vec<&Product> = others.map(|(_, product)| *product).collect();
            of_some(&[left[at]], &others, field)
        };
        let Some(place) = (0..left.len()).find_map(of_one) else {
            break;
        };
        left.retain(|product| !place.is_on(&product.page));
        places.push(place);
    }
    places
}

/// Where a price stands by the name of what is around it, where that says that it is the one
/// asked and the plainer place says nothing: an old price may stand at such a place too.
fn of_asked(products: &[Product], field: &str, plain: &Place) -> Option<Place> {
    let Place::Css { css, own_text, .. } = plain else {
        return None;
    };
    let says_asked = |name: &str| {
        let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
        words.any(|word| ASKED.contains(&word.to_ascii_lowercase().as_str()))
    };
    if says_asked(css) || *own_text {
        return None;
    }
    let all: Vec<&Product> = products.iter().collect();
    let wanted = wanted_of(&all, field);
    let (page, value) = wanted.first()?;
    let mut elements = elements_of(page, value, text_of);
    elements.sort_by_key(|element| text_of(*element).len());
    let names = names_of_all(elements.into_iter().take(MAX_ELEMENTS)).into_iter();
    let found = names.filter(|name| says_asked(name)).find(|name| {
        let Ok(selector) = Selector::parse(name) else {
            return false;
        };
        wanted.iter().all(|(page, value)| {
            let mut found = page.document.dom.select(&selector);
            let right = found
                .next()
                .is_some_and(|element| value.is_in(element, text_of));
            right && found.next().is_none()
        })
    });
    found.map(|css| Place::Css {
        css,
        attributes: Vec::new(),
        own_text: false,
    })
}

/// Where the text of a field stands on some samples: what alone a selector finds, else
/// beside a label, else at the first match of a selector. On the others nothing else may
/// stand there.
fn of_some(products: &[&Product], unlike: &[&Product], field: &str) -> Option<Place> {
    let wanted = wanted_of(products, field);
    let unlike = wanted_of(unlike, field);
    let (page, value) = wanted.first()?;
    let own_text = elements_of(page, value, text_of).is_empty();
    let text_of: Reader = if own_text { own_text_of } else { text_of };
    let mut elements = elements_of(page, value, text_of);
    match value {
        // Other words may end with a number: "Set of 5 249,99 Kč".
        Value::Amount(_) => elements.sort_by_key(|element| {
            let text = text_of(*element);
            let letters = text.chars().filter(|c| c.is_alphabetic()).count();
            letters > MOST_OF_CURRENCY
        }),
        // Before the breadcrumb, which ends with the title.
        Value::Text(_) if field == "title" => {
            elements.sort_by_key(|element| element.value().name() != "h1");
        }
        Value::Text(_) => {}
    }
    let by_name = |css: String| Place::Css {
        css,
        attributes: Vec::new(),
        own_text,
    };
    let mut first = None;
    let mut names = names_of_all(elements.into_iter().take(MAX_ELEMENTS));
    // What stands before a value may be another word or missing; a heading stays.
    names.sort_by_key(|name| name.contains(" + ") && !name.starts_with('h'));
    for name in names {
        let Ok(selector) = Selector::parse(&name) else {
            continue;
        };
        let mut alone = true;
        let fits = wanted.iter().all(|(page, value)| {
            let mut found = page.document.dom.select(&selector);
            let right = found
                .next()
                .is_some_and(|element| value.is_in(element, text_of));
            alone &= found.next().is_none();
            right
        });
        let fits = fits
            && unlike.iter().all(|(page, value)| {
                let first = page.document.dom.select(&selector).next();
                first.is_none_or(|element| value.is_in(element, text_of))
            });
        if fits && alone {
            return Some(by_name(name));
        }
        if fits && first.is_none() {
            first = Some(name);
        }
    }
    let others = || match field {
        "description" => of_paragraphs(&wanted),
        "title" => of_numbered(&wanted),
        _ => None,
    };
    let row = of_row(&wanted).filter(|_| unlike.is_empty());
    row.or_else(|| first.map(by_name)).or_else(others)
}

/// The pages of samples that have a field, with its value.
fn wanted_of<'a>(products: &[&'a Product], field: &str) -> Vec<(&'a Page, Value)> {
    let wanted = products.iter();
    wanted
        .filter_map(|product| Some((&product.page, Value::of(product, field)?)))
        .collect()
}

/// The heading of which the title is all but a number in brackets, on every sample.
fn of_numbered(wanted: &[(&Page, Value)]) -> Option<Place> {
    let is_of = |element: ElementRef<'_>, value: &Value| {
        let text = text_of(element);
        without_number(&text, |name| value.is(name)).len() < text.len()
    };
    let (page, value) = wanted.first()?;
    let headings = all(page, "h1, h2, h3, h4").into_iter();
    let names = names_of_all(headings.filter(|heading| is_of(*heading, value)).take(1));
    let found = names.into_iter().find(|name| {
        let Ok(selector) = Selector::parse(name) else {
            return false;
        };
        wanted.iter().all(|(page, value)| {
            let first = page.document.dom.select(&selector).next();
            first.is_some_and(|element| is_of(element, value))
        })
    });
    found.map(Place::Numbered)
}

/// Several paragraphs that nothing but the heading before them names.
fn of_paragraphs(wanted: &[(&Page, Value)]) -> Option<Place> {
    const SHORTEST: usize = 20;
    let (page, Value::Text(whole)) = wanted.first()? else {
        return None;
    };
    let first = all(page, "body p").into_iter().find(|paragraph| {
        let text = text_of(*paragraph);
        text.len() >= SHORTEST && whole.starts_with(&text)
    });
    let names = names_of_all(first.into_iter());
    let behind = names.iter().filter_map(|name| {
        let heading = name.strip_suffix(" + p")?;
        Some(format!("{heading} ~ p"))
    });
    let found = names.iter().cloned().chain(behind).find(|name| {
        let Ok(selector) = Selector::parse(name) else {
            return false;
        };
        wanted.iter().all(|(page, value)| {
            let texts = page.document.dom.select(&selector).take(MAX_NODES);
            let texts: Vec<String> = texts.map(text_of).filter(|t| !t.is_empty()).collect();
            value.is(&texts.join(" "))
        })
    });
    found.map(Place::Paragraphs)
}

/// The label beside which a value stands, first of all rows with that label, on every
/// sample.
fn of_row(wanted: &[(&Page, Value)]) -> Option<Place> {
    let rows: Vec<Vec<(String, String)>> = wanted
        .iter()
        .map(|(page, _)| labelled(&page.document.dom))
        .collect();
    let named = |at: usize, label: &str| {
        let row = rows[at].iter().find(|(name, _)| name == label);
        row.is_some_and(|(_, text)| wanted[at].1.is(text))
    };
    let labels = rows.first()?.iter().map(|(label, _)| label);
    let found = labels
        .filter(|label| label.chars().any(char::is_alphabetic))
        .find(|label| (0..rows.len()).all(|at| named(at, label)))?;
    Some(Place::Row(found.clone()))
}

/// The small elements of a page in which a value stands.
fn elements_of<'a>(page: &'a Page, value: &Value, text_of: Reader) -> Vec<ElementRef<'a>> {
    all(page, "body *")
        .into_iter()
        .filter(|element| element.descendants().take(MAX_NODES).count() < MAX_NODES)
        .filter(|element| value.is_in(*element, text_of))
        .collect()
}

enum Value {
    Text(String),
    Amount(rust_decimal::Decimal),
}

impl Value {
    fn of(product: &Product, field: &str) -> Option<Self> {
        let listing = &product.listing;
        match field {
            "title" => Some(Self::Text(listing.title.clone())),
            "price" => Some(Self::Amount(listing.price.as_ref()?.amount)),
            "description" => listing.description.clone().map(Self::Text),
            _ => {
                let from = listing.provenance.get(field)?;
                (from.source == "page").then(|| Self::Text(tidy(&from.raw, 1_000)))
            }
        }
    }

    fn is_in(&self, element: ElementRef<'_>, text_of: Reader) -> bool {
        if matches!(
            element.value().name(),
            "script" | "style" | "option" | "del" | "s"
        ) {
            return false;
        }
        self.is(&text_of(element))
    }

    fn is(&self, text: &str) -> bool {
        match self {
            Self::Text(wanted) => text == *wanted,
            Self::Amount(wanted) => {
                text.len() <= 60 && price::parse(text, None, None).amount == Some(*wanted)
            }
        }
    }
}
