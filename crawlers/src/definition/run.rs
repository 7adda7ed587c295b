//! Runs a definition's own tests: saved answers against what is to be read.

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;
use url::Url;

use super::Definition;
use super::case::{Case, ExpectedListing, ExpectedNext, ExpectedSignal};
use crate::fetch::Exchange;
use crate::listing::Listing;
use crate::reading::{Reading, Signal, read};
use crate::target::{Target, TargetKind, Trail};

/// Where the saved answers of a template are said to come from.
const TEMPLATE_BASE: &str = "https://shop.example";

/// How one of a definition's own tests went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TestReport {
    /// The test's name.
    pub name: String,
    /// Whether everything was as expected.
    pub passed: bool,
    /// What was not, in the order of the file.
    pub differences: Vec<Difference>,
}

/// A value that is not as expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Which, as in `listings[0].price`.
    pub field: String,
    /// What the definition says.
    pub expected: String,
    /// What was read.
    pub got: String,
}

/// Reads a file that a test names (a path relative to the definition).
pub type Loader<'a> = &'a dyn Fn(&str) -> Result<Vec<u8>, String>;

pub(super) fn all(definition: &Definition, load: Loader<'_>) -> Vec<TestReport> {
    let definition = if definition.is_template() {
        // A constant that is an address.
        match definition.clone().with_base(TEMPLATE_BASE) {
            Ok(definition) => definition,
            Err(_) => return Vec::new(),
        }
    } else {
        definition.clone()
    };
    definition
        .schema
        .tests
        .iter()
        .map(|case| {
            let mut diff = Diff::default();
            one(&definition, case, load, &mut diff);
            TestReport {
                name: case.name.clone(),
                passed: diff.0.is_empty(),
                differences: diff.0,
            }
        })
        .collect()
}

fn one(definition: &Definition, case: &Case, load: Loader<'_>, diff: &mut Diff) {
    let body = match (&case.response, &case.inline) {
        (Some(file), _) => load(file),
        (None, Some(text)) => Ok(text.clone().into_bytes()),
        (None, None) => Ok(Vec::new()),
    };
    let body = match body {
        Ok(body) => body,
        Err(why) => return diff.add("response", "a file that can be read", &why),
    };
    let Ok(url) = definition.base().join(&case.url) else {
        return diff.add("url", "a URL", &case.url);
    };
    let target = Target {
        query: case.query.clone(),
        body: case.body.as_ref().map(Value::to_string),
        after: (case.entries_before > 0).then(|| Trail {
            entries: case.entries_before,
            last: String::new(),
            list: String::new(),
        }),
        ..Target::new(case.kind.target(), url, page_of(case))
    };
    let reading = read(definition, &target, &exchange(case, &target, body));
    let expect = &case.expect;
    let reading = match (reading, &expect.error) {
        (Err(error), Some(said)) if error.to_string().contains(said.as_str()) => return,
        (Err(error), Some(said)) => return diff.add("error", said, &error.to_string()),
        (Err(error), None) => return diff.add("error", "none", &error.to_string()),
        (Ok(_), Some(said)) => return diff.add("error", said, "none"),
        (Ok(reading), None) => reading,
    };
    let (word, why) = signal(&reading.signal);
    let expected = expect.signal.unwrap_or(ExpectedSignal::Ok).as_str();
    if word != expected {
        diff.add("signal", expected, &format!("{word}{why}"));
    }
    if let Some(count) = expect.count {
        diff.compare(
            "count",
            &count.to_string(),
            &reading.listings.len().to_string(),
        );
    }
    if let Some(listings) = &expect.listings {
        let (expected, got) = (listings.len(), reading.listings.len());
        if expect.count.is_none() {
            diff.compare("listings", &expected.to_string(), &got.to_string());
        }
        for (at, (expected, got)) in listings.iter().zip(&reading.listings).enumerate() {
            compare_listing(&format!("listings[{at}]"), expected, got, definition, diff);
        }
    }
    compare_targets(definition, case, &target, &reading, diff);
}

const fn page_of(case: &Case) -> u32 {
    match case.kind.target() {
        TargetKind::List => case.page,
        _ => 0,
    }
}

fn exchange(case: &Case, target: &Target, body: Vec<u8>) -> Exchange {
    let header = |(name, value): (&String, &String)| (name.to_ascii_lowercase(), value.clone());
    let headers = case.headers.iter().map(header).collect();
    let url = target.url.clone();
    let at = jiff::Timestamp::UNIX_EPOCH;
    let mut exchange = Exchange::saved(url, case.status, headers, Bytes::from(body), at);
    if case.body.is_some() {
        "POST".clone_into(&mut exchange.method);
    }
    exchange
}

fn signal(signal: &Signal) -> (&'static str, String) {
    match signal {
        Signal::Ok => ("ok", String::new()),
        Signal::Gone { why, .. } => ("gone", format!(" ({why})")),
        Signal::Blocked { why } => ("blocked", format!(" ({why})")),
        Signal::Unexpected { why } => ("unexpected", format!(" ({why})")),
        Signal::Other { why } => ("other", format!(" ({why})")),
    }
}

fn compare_targets(
    definition: &Definition,
    case: &Case,
    target: &Target,
    reading: &Reading,
    diff: &mut Diff,
) {
    let absolute = |text: &str| {
        let url: Option<Url> = definition.base().join(text).ok();
        url.map_or_else(|| text.to_owned(), String::from)
    };
    let is_list = |found: &&Target| found.kind == TargetKind::List;
    let is_next = |found: &&Target| is_list(found) && found.page > 1;
    let is_category = |found: &&Target| is_list(found) && found.page <= 1;
    let mut compare = |field: &str, expected: &Option<Vec<String>>, got: Vec<&Target>| {
        if let Some(expected) = expected {
            let got: Vec<String> = got.iter().map(|found| found.url.to_string()).collect();
            let expected: Vec<String> = expected.iter().map(|text| absolute(text)).collect();
            diff.compare(field, &expected.join(" "), &got.join(" "));
        }
    };
    let found = || reading.targets.iter();
    let items = found().filter(|found| !is_list(found)).collect();
    compare("targets", &case.expect.targets, items);
    let categories = found().filter(is_category).collect();
    compare("categories", &case.expect.categories, categories);
    let next = reading.targets.iter().find(is_next);
    let got = next.map_or_else(|| "none".to_owned(), |next| next.url.to_string());
    match &case.expect.next {
        None => {}
        Some(ExpectedNext::Is(false)) => diff.compare("next", "none", &got),
        Some(ExpectedNext::Is(true)) if next.is_some() => {}
        Some(ExpectedNext::Is(true)) => diff.add("next", "a page", &got),
        Some(ExpectedNext::Url(url)) => diff.compare("next", &absolute(url), &got),
    }
    if let Some(expected) = &case.expect.next_body {
        let body = next.and_then(|next| next.body.as_deref()).unwrap_or("null");
        let got: Value = serde_json::from_str(body).unwrap_or(Value::Null);
        if *expected != got {
            diff.add("next_body", &expected.to_string(), &got.to_string());
        }
        if next.is_some_and(|next| next.key() == target.key()) {
            diff.add(
                "next_body",
                "another request than this one",
                &got.to_string(),
            );
        }
    }
}

fn compare_listing(
    at: &str,
    expected: &ExpectedListing,
    got: &Listing,
    definition: &Definition,
    diff: &mut Diff,
) {
    let absolute = |text: &String| {
        let url = definition.base().join(text);
        url.map_or_else(|_| text.clone(), String::from)
    };
    let price = got.price.as_ref();
    let availability = got.availability.and_then(|availability| {
        let value = serde_json::to_value(availability).ok()?;
        value.as_str().map(str::to_owned)
    });
    let images = |urls: &[String]| urls.join(" ");
    let urls: Vec<String> = got.images.iter().map(Url::to_string).collect();
    let amount = price.map(|price| price.amount.normalize().to_string());
    let expected_amount = expected.price.as_ref().map(|text| {
        let amount = text.parse::<rust_decimal::Decimal>();
        amount.map_or_else(|_| text.clone(), |amount| amount.normalize().to_string())
    });
    let expected_images = expected.images.as_ref();
    let expected_images =
        expected_images.map(|all| images(&all.iter().map(absolute).collect::<Vec<_>>()));
    let fields = [
        ("id", expected.id.clone(), Some(got.item_id.clone())),
        (
            "url",
            expected.url.as_ref().map(absolute),
            Some(got.url.to_string()),
        ),
        ("title", expected.title.clone(), Some(got.title.clone())),
        (
            "description",
            expected.description.clone(),
            got.description.clone(),
        ),
        ("price", expected_amount, amount),
        (
            "currency",
            expected.currency.clone(),
            price.and_then(|price| price.currency.clone()),
        ),
        ("seller", expected.seller.clone(), got.seller.clone()),
        (
            "seller_since",
            expected.seller_since.clone(),
            got.seller_since.clone(),
        ),
        ("location", expected.location.clone(), got.location.clone()),
        (
            "images",
            expected_images,
            (!urls.is_empty()).then(|| images(&urls)),
        ),
        ("availability", expected.availability.clone(), availability),
        ("brand", expected.brand.clone(), got.brand.clone()),
        ("gtin", expected.gtin.clone(), got.gtin.clone()),
        ("mpn", expected.mpn.clone(), got.mpn.clone()),
        (
            "condition",
            expected.condition.clone(),
            got.condition.clone(),
        ),
    ];
    for (name, expected_value, got) in fields {
        let field = format!("{at}.{name}");
        let shown = got.as_deref().unwrap_or("none");
        if let Some(expected) = expected_value {
            diff.compare(&field, &expected, shown);
        }
        if expected.absent.iter().any(|absent| absent == name) && got.is_some() {
            diff.add(&field, "none", shown);
        }
    }
}

#[derive(Default)]
struct Diff(Vec<Difference>);

impl Diff {
    fn add(&mut self, field: &str, expected: &str, got: &str) {
        self.0.push(Difference {
            field: field.to_owned(),
            expected: expected.to_owned(),
            got: got.to_owned(),
        });
    }

    fn compare(&mut self, field: &str, expected: &str, got: &str) {
        if expected != got {
            self.add(field, expected, got);
        }
    }
}
