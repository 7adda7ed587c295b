//! schema.org data of a page, whichever way it is written, in one shape: JSON
//! as JSON-LD has it, with plain property names.
//!
//! JSON-LD, microdata and RDFa are three spellings of the same statements, so
//! a path like `offers.price` means the same in each. Where a page states a
//! product in several of them, they are kept beside one another, JSON-LD
//! first: see [`Product`].

mod graph;
mod lenient;
mod microdata;
mod product;
mod rdfa;

use scraper::{ElementRef, Html};
use serde_json::{Map, Value};

pub(super) use graph::{plain, values};
use product::Found;
pub(super) use product::squeezed;

/// The most products of a page, and the most values of a property.
const MAX_PRODUCTS: usize = 200;
const MAX_VALUES: usize = 500;
/// The most script blocks read of a page.
const MAX_BLOCKS: usize = 50;

/// One article with everything the page's structured data say of it.
#[derive(Debug)]
pub(crate) struct Product {
    /// The same article in each spelling it is stated in, with the spelling's
    /// name: `json-ld`, `microdata`, `rdfa`. Never empty; the first counts most.
    pub(super) statements: Vec<(&'static str, Value)>,
}

/// The elements that structured data begin at, gathered in one walk.
#[derive(Default)]
pub(super) struct Marks<'a> {
    pub(super) scripts: Vec<ElementRef<'a>>,
    pub(super) scopes: Vec<ElementRef<'a>>,
    pub(super) rdfa: bool,
}

impl<'a> Marks<'a> {
    pub(super) fn note(&mut self, element: ElementRef<'a>) {
        if element.value().name() == "script" {
            if element.attr("type").is_some_and(is_json_ld) && self.scripts.len() < MAX_BLOCKS {
                self.scripts.push(element);
            }
            return;
        }
        for (name, value) in element.value().attrs() {
            match name {
                "itemscope" if self.scopes.len() < 5_000 => self.scopes.push(element),
                "typeof" if value.to_ascii_lowercase().contains("product") => self.rdfa = true,
                _ => {}
            }
        }
    }
}

fn is_json_ld(kind: &str) -> bool {
    kind.split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/ld+json"))
}

/// All products of a page; the page's own first where `names` (its heading,
/// its title) tell which that is.
pub(super) fn products(marks: &Marks<'_>, dom: &Html, names: &[String]) -> Vec<Product> {
    let blocks: Vec<Value> = marks
        .scripts
        .iter()
        .flat_map(|script| lenient::parse(&script.text().collect::<String>()))
        .collect();
    let micro = if marks.scopes.is_empty() {
        Vec::new()
    } else {
        microdata::items(&marks.scopes, dom)
    };
    let rdfa = if marks.rdfa {
        rdfa::items(dom)
    } else {
        Vec::new()
    };
    let mut products: Vec<Product> = Vec::new();
    for (source, items) in [("json-ld", blocks), ("microdata", micro), ("rdfa", rdfa)] {
        let found = product::find(items);
        merge(&mut products, source, found, names);
    }
    products
}

/// Adds what another spelling says. The products of the first spelling that
/// has any are the page's; those of others count where they are the same.
fn merge(products: &mut Vec<Product>, source: &'static str, found: Vec<Found>, names: &[String]) {
    let found = product::of_the_page(found, names);
    if products.is_empty() {
        products.extend(found.into_iter().map(|value| Product {
            statements: vec![(source, value)],
        }));
        return;
    }
    let alone = products.len() == 1 && found.len() == 1;
    for value in found {
        if let Some(same) = products
            .iter_mut()
            .find(|product| alone || product::same(&product.statements[0].1, &value))
        {
            same.statements.push((source, value));
        }
    }
}

/// Adds a property's value; of several values a list is made.
fn add(map: &mut Map<String, Value>, name: &str, value: Value) {
    match map.get_mut(name) {
        None => drop(map.insert(name.to_owned(), value)),
        Some(Value::Array(list)) if list.len() >= MAX_VALUES => {}
        Some(Value::Array(list)) => list.push(value),
        Some(first) => {
            let before = first.take();
            *first = Value::Array(vec![before, value]);
        }
    }
}

/// The name within schema.org of a full address or of `schema:name`; none for
/// a name that is neither.
fn schema_org_name(term: &str) -> Option<&str> {
    let rest = term
        .strip_prefix("http://")
        .or_else(|| term.strip_prefix("https://"));
    match rest {
        Some(rest) => {
            let rest = rest.strip_prefix("www.").unwrap_or(rest);
            let name = rest.strip_prefix("schema.org/")?;
            Some(name.trim_start_matches(['#', '/']))
        }
        None => term.strip_prefix("schema:"),
    }
}

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod tests;
