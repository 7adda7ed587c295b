//! From values to a listing: which candidate counts, and what it beat.

use std::collections::{BTreeMap, HashSet};

use rust_decimal::Decimal;
use url::Url;

use super::document::Document;
use super::sizes::without_size;
use super::structured::squeezed;
use super::text::{bounded, strip_markup, tidy, unescape};
use super::{availability, currency, price, since};
use crate::definition::Definition;
use crate::definition::locator::Locator;
use crate::definition::price::{Pick, PriceRules};
use crate::definition::schema::Fields;
use crate::discover::canonical::resolve;
use crate::discover::related::link;
use crate::listing::{
    Candidate, Listing, MAX_CANDIDATES, MAX_DESCRIPTION, MAX_IMAGES, MAX_RAW, MAX_SHORT, MAX_TITLE,
    Price, Provenance,
};

/// The part of a definition that says what is where.
pub(crate) struct Rules<'a> {
    fields: &'a Fields,
    price: &'a PriceRules,
    definition: &'a Definition,
}

impl<'a> Rules<'a> {
    pub(crate) fn of(definition: &'a Definition) -> Self {
        Self {
            fields: &definition.schema.fields,
            price: &definition.schema.price,
            definition,
        }
    }

    /// The item's id as the form of its URL has it.
    fn id_in(&self, url: &Url) -> Option<String> {
        let glob = self.definition.schema.item.url.as_ref()?;
        glob.capture(url).filter(|id| !id.is_empty())
    }

    /// Whether a page may say that this is its address. An API names the page
    /// for people on another host than its own; a page that does so is not to
    /// be believed.
    fn is_own(&self, url: &Url) -> bool {
        self.definition.is_template()
            || matches!(self.definition.tier(), "api" | "feed")
            || self.definition.allows(url)
    }
}

/// Gives the values that stand at a place.
#[derive(Clone, Copy)]
pub(crate) struct Lookup<'a> {
    document: &'a Document,
    /// Which of the document's products; places that speak of the page as a whole
    /// speak of the first.
    product: usize,
}

impl<'a> Lookup<'a> {
    pub(crate) const fn of(document: &'a Document, product: usize) -> Self {
        Self { document, product }
    }

    fn knows(self, locator: &Locator) -> bool {
        self.product == 0 || matches!(locator, Locator::JsonLd(_))
    }

    fn values(self, locator: &Locator) -> Vec<Candidate> {
        match self.knows(locator) {
            true => self.document.candidates_of(locator, self.product),
            false => Vec::new(),
        }
    }

    fn prices(self, locator: &Locator) -> Vec<Candidate> {
        match self.knows(locator) {
            true => self.document.prices_of(locator, self.product),
            false => Vec::new(),
        }
    }
}

/// Reads one listing; none when it has no title.
///
/// `base` is what links are relative to, `page` the URL the values come from.
pub(crate) fn listing(
    rules: &Rules<'_>,
    lookup: Lookup<'_>,
    base: &Url,
    page: &Url,
) -> Option<Listing> {
    let mut reader = FieldReader {
        lookup,
        provenance: BTreeMap::new(),
    };
    let fields = rules.fields;
    let short = |text: &str| some(tidy(&unescape(text), MAX_SHORT));
    let read_title = |text: &str| some(tidy(&unescape(text), MAX_TITLE));
    let title = reader.first_as("title", &fields.title, read_title, |a, b| {
        is_longer_form(a, b)
    })?;
    // Descriptions are shortened everywhere; that is no contradiction.
    let read_description = |text: &str| some(tidy(&strip_markup(text), MAX_DESCRIPTION));
    let description = reader.first_as(
        "description",
        &fields.description,
        read_description,
        |_, _| true,
    );
    let price = reader.price(rules);
    let url = reader
        .first("url", &fields.url, |text| {
            link(rules.definition, base, text)
                .filter(|url| rules.is_own(url) && (!is_home(url) || is_home(page)))
        })
        .unwrap_or_else(|| page.clone());
    let item_id = reader
        .first("item_id", &fields.id, |text| {
            short(text).filter(|id| identifies(id))
        })
        .or_else(|| reader.id_from_url(rules, &url, page))
        .unwrap_or_else(|| bounded(url.as_str(), MAX_SHORT));
    let availability = reader.first("availability", &fields.availability, availability::parse);
    Some(Listing {
        images: reader.images(&fields.images, base),
        seller: reader.first_as("seller", &fields.seller, short, |a, b| is_longer_form(a, b)),
        seller_since: reader.first("seller_since", &fields.seller_since, since::parse),
        location: reader.first("location", &fields.location, short),
        brand: reader.first_as("brand", &fields.brand, short, |a, b| is_longer_form(a, b)),
        gtin: reader.first("gtin", &fields.gtin, gtin),
        mpn: reader.first("mpn", &fields.mpn, short),
        condition: reader.first("condition", &fields.condition, |text| {
            short(text.rsplit('/').next().unwrap_or(text))
        }),
        item_id,
        url,
        title,
        description,
        price,
        availability,
        provenance: reader.provenance,
    })
}

/// Whether a text may be an identifier; what shops write in the place of one is none.
fn identifies(text: &str) -> bool {
    const NONE: [&str; 14] = [
        "n/a",
        "na",
        "n.a.",
        "none",
        "null",
        "nil",
        "nan",
        "undefined",
        "unknown",
        "default",
        "sku",
        "tba",
        "tbd",
        "false",
    ];
    let lower = text.to_ascii_lowercase();
    let has_meaning = lower.chars().any(char::is_alphanumeric);
    has_meaning && !NONE.contains(&lower.as_str())
}

struct FieldReader<'a> {
    lookup: Lookup<'a>,
    provenance: BTreeMap<String, Provenance>,
}

impl FieldReader<'_> {
    fn values(&self, field: &str, locator: &Locator) -> Vec<Candidate> {
        match field {
            "price" => self.lookup.prices(locator),
            _ => self.lookup.values(locator),
        }
    }

    /// All raw values of a field with their sources, best place first.
    fn candidates(&self, field: &str, locators: &[Locator]) -> Vec<Candidate> {
        let mut all: Vec<Candidate> = Vec::new();
        for locator in locators {
            for candidate in self.values(field, locator) {
                if !all.contains(&candidate) {
                    all.push(candidate);
                }
            }
            if all.len() > 4 * MAX_CANDIDATES {
                break;
            }
        }
        all
    }

    /// The first candidate that can be used, with the others kept beside it.
    fn first<T: PartialEq>(
        &mut self,
        field: &str,
        locators: &[Locator],
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        self.first_as(field, locators, read, T::eq)
    }

    /// The same, where `same` says which values do not contradict each other.
    fn first_as<T>(
        &mut self,
        field: &str,
        locators: &[Locator],
        read: impl Fn(&str) -> Option<T>,
        same: impl Fn(&T, &T) -> bool,
    ) -> Option<T> {
        let mut candidates = self.candidates(field, locators);
        let (at, value) = candidates
            .iter()
            .enumerate()
            .find_map(|(at, c)| Some((at, read(&c.raw)?)))?;
        let chosen = candidates.remove(at);
        let contradicts =
            |other: &Candidate| read(&other.raw).is_some_and(|other| !same(&value, &other));
        let conflict = candidates.iter().any(contradicts);
        self.note(field, &chosen.source, &chosen.raw, candidates);
        if let Some(noted) = self.provenance.get_mut(field) {
            noted.conflict = conflict;
        }
        Some(value)
    }

    /// The lowest of the amounts at the first place that has any, with the
    /// others kept beside it.
    fn lowest(
        &mut self,
        field: &str,
        locators: &[Locator],
        read: impl Fn(&str) -> Option<(Decimal, Option<String>)>,
    ) -> Option<(Decimal, Option<String>)> {
        let (value, chosen) = locators.iter().find_map(|locator| {
            self.values(field, locator)
                .into_iter()
                .filter_map(|candidate| Some((read(&candidate.raw)?, candidate)))
                .min_by_key(|((amount, _), _)| *amount)
        })?;
        let mut others = self.candidates(field, locators);
        if let Some(at) = others.iter().position(|other| *other == chosen) {
            others.remove(at);
        }
        self.note(field, &chosen.source, &chosen.raw, others);
        Some(value)
    }

    fn note(&mut self, field: &str, source: &str, raw: &str, others: Vec<Candidate>) {
        let others = others.into_iter().take(MAX_CANDIDATES).map(|c| Candidate {
            raw: bounded(&c.raw, MAX_RAW),
            ..c
        });
        let provenance = Provenance {
            source: source.to_owned(),
            raw: bounded(raw, MAX_RAW),
            candidates: others.collect(),
            conflict: false,
        };
        self.provenance.insert(field.to_owned(), provenance);
    }

    fn id_from_url(&mut self, rules: &Rules<'_>, url: &Url, page: &Url) -> Option<String> {
        let (from, id) = [url, page]
            .into_iter()
            .find_map(|u| Some((u, rules.id_in(u)?)))?;
        self.note("item_id", "url", from.as_str(), Vec::new());
        some(tidy(&id, MAX_SHORT))
    }

    fn price(&mut self, rules: &Rules<'_>) -> Option<Price> {
        let minor_units = match &rules.price.minor_units_from {
            Some(locator) => self
                .lookup
                .values(locator)
                .first()
                .and_then(|found| found.raw.trim().parse().ok()),
            None => rules.price.minor_units,
        };
        let divisor = match &rules.price.divisor_from {
            Some(locator) => self
                .lookup
                .values(locator)
                .first()
                .and_then(|found| found.raw.trim().parse::<u32>().ok()),
            None => rules.price.divisor,
        };
        let comma = rules.price.decimal_comma();
        let read = |text: &str| {
            if rules.price.divisor_from.is_some() || divisor.is_some() {
                let whole: Decimal = text.trim().parse().ok()?;
                let divisor = divisor.filter(|divisor| *divisor > 0)?;
                return Some((whole.checked_div(divisor.into())?, None));
            }
            if let Some(units) = minor_units {
                let whole: i64 = text.trim().parse().ok()?;
                return Some((Decimal::try_new(whole, units).ok()?, None));
            }
            let parsed = price::parse(text, None, comma);
            let amount = price::machine(text).or(parsed.amount)?;
            Some((amount, parsed.currency))
        };
        let agree = |(amount, code): &Money, (other, other_code): &Money| {
            amount == other && (code == other_code || code.is_none() || other_code.is_none())
        };
        let (amount, written) = match rules.price.pick {
            Pick::First => self.first_as("price", &rules.fields.price, read, agree)?,
            Pick::Lowest => self.lowest("price", &rules.fields.price, read)?,
        };
        let stated = self.first("currency", &rules.fields.currency, currency::code_of);
        if stated.is_none()
            && written.is_none()
            && let Some(code) = &rules.price.currency
        {
            self.note("currency", "definition", code, Vec::new());
        }
        Some(Price {
            amount,
            currency: stated.or(written).or_else(|| rules.price.currency.clone()),
        })
    }

    /// All pictures from places of the kind of the first that has any; places
    /// of another kind show the same pictures again in other sizes, and so do a page's
    /// own elements.
    fn images(&mut self, locators: &[Locator], base: &Url) -> Vec<Url> {
        let all = self.candidates("images", locators);
        let mut images: Vec<Url> = Vec::new();
        let mut seen = HashSet::new();
        let mut kind = None;
        let mut others = Vec::new();
        for candidate in all {
            let url = resolve(base, &candidate.raw);
            let fits = kind.as_ref().is_none_or(|kind| *kind == candidate.source);
            match url {
                Some(url) if fits && images.len() < MAX_IMAGES => {
                    if images.is_empty() {
                        kind = Some(candidate.source.clone());
                        self.note("images", &candidate.source, &candidate.raw, Vec::new());
                    }
                    let is_new = match candidate.source.as_str() {
                        "selector" => seen.insert(without_size(&url)),
                        _ => !images.contains(&url),
                    };
                    if is_new {
                        images.push(url);
                    }
                }
                _ => others.push(candidate),
            }
        }
        if let Some(noted) = self.provenance.get("images").cloned() {
            self.note("images", &noted.source, &noted.raw, others);
        }
        images
    }
}

/// An amount, and the currency written beside it.
type Money = (Decimal, Option<String>);

/// Whether an address is that of a home page: themes that name it on every page as the
/// page's own would make one item of all.
fn is_home(url: &Url) -> bool {
    url.path() == "/" && url.query().is_none() && url.fragment().is_none()
}

/// Whether one title is the other, perhaps with the shop's name or other
/// words around it.
pub(super) fn is_longer_form(one: &str, other: &str) -> bool {
    let (one, other) = (squeezed(one), squeezed(other));
    one.contains(&other) || other.contains(&one)
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// 8 to 14 digits, whatever stands between them.
pub(super) fn gtin(text: &str) -> Option<String> {
    let text = text.trim();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let clean = text
        .chars()
        .all(|c| c.is_ascii_digit() || c == '-' || c == ' ');
    (clean && (8..=14).contains(&digits.len())).then_some(digits)
}
