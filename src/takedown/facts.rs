//! What a notice says, collected from the records and made safe to print.

use serde_json::Value;

use super::TakedownError;
use crate::app::App;
use crate::store::cases::CaseRow;
use crate::store::products::RightRow;

/// Everything a template may print. Texts from the listing are bounded and hold
/// no line breaks; what is missing says so between `⟦` and `⟧`.
#[derive(Debug)]
pub(super) struct Facts {
    pub case_id: i64,
    pub marketplace: String,
    pub listing_url: String,
    pub listing_title: String,
    pub item_id: String,
    pub seller: String,
    pub price: Option<String>,
    pub first_seen: String,
    pub last_seen: String,
    pub captured_at: Option<String>,
    pub capture_hash: Option<String>,
    pub brand: String,
    pub product: String,
    pub sku: String,
    pub right_kind: String,
    pub number: String,
    pub jurisdiction: String,
    pub classes: Option<String>,
    pub owner: String,
    pub expiry: Option<String>,
    pub findings: Vec<String>,
    pub today: String,
    pub sender: String,
    pub address: String,
    pub email: String,
    pub phone: Option<String>,
}

/// Collects the facts of a case and the right its notice rests on.
pub(super) async fn collect(
    app: &App,
    case: &CaseRow,
    right: &RightRow,
) -> Result<Facts, TakedownError> {
    let listing = app.store.listing(case.listing_id).await?;
    let captures = app.store.captures_of_listing(case.listing_id).await?;
    let capture = captures
        .iter()
        .find(|capture| capture.id == listing.capture_id);
    let sender = &app.config.notices;
    let configured = |value: &Option<String>, key: &str, what: &str| match value.as_deref() {
        Some(value) if !value.trim().is_empty() => plain(value, 300),
        _ => missing(&format!("{what}: set notices.{key} in markhound.toml")),
    };
    let in_catalog = |value: &Option<String>, what: &str| match value.as_deref() {
        Some(value) if !value.trim().is_empty() => plain(value, 300),
        _ => missing(&format!(
            "{what} of the {} right: add it to product {} in the catalog",
            right.kind, case.sku
        )),
    };
    // Copyright needs no registration; the other rights are nothing without it.
    let number = match (&right.number, right.kind.as_str()) {
        (None, "copyright") => "not registered".to_owned(),
        (number, _) => in_catalog(number, "registration number"),
    };
    Ok(Facts {
        case_id: case.id,
        marketplace: plain(&case.source, 100),
        listing_url: plain(&case.url, 2083),
        listing_title: plain(&case.title, 300),
        item_id: plain(&case.item_id, 300),
        seller: case
            .seller
            .as_deref()
            .map_or_else(|| "not named on the page".to_owned(), |s| plain(s, 300)),
        price: price(case),
        first_seen: minute(listing.first_seen_at.timestamp()),
        last_seen: minute(listing.last_seen_at.timestamp()),
        captured_at: capture.map(|capture| minute(capture.fetched_at.timestamp())),
        capture_hash: capture.map(|capture| capture.blob.clone()),
        brand: plain(&case.brand, 300),
        product: plain(&case.product, 300),
        sku: plain(&case.sku, 100),
        right_kind: right.kind.clone(),
        number,
        jurisdiction: in_catalog(&right.jurisdiction, "jurisdiction"),
        classes: (!right.classes.is_empty()).then(|| plain(&right.classes.join(", "), 300)),
        owner: in_catalog(&right.owner, "owner"),
        expiry: right.expiry.as_deref().map(|expiry| plain(expiry, 20)),
        findings: findings(case),
        today: app.clock.now().strftime("%Y-%m-%d").to_string(),
        sender: configured(&sender.name, "name", "sender"),
        address: configured(&sender.address, "address", "sender's address"),
        email: configured(&sender.email, "email", "sender's mail address"),
        phone: sender.phone.as_deref().map(|phone| plain(phone, 100)),
    })
}

/// What was found, in words fit for an outsider. The reviewer's reasons are not
/// used: they weigh a seller's history, which is nobody else's business.
fn findings(case: &CaseRow) -> Vec<String> {
    let evidence = &case.evidence.0;
    let mut findings = Vec::new();
    let picture = &evidence["picture"];
    if picture.is_object() {
        let reference = case
            .reference_name
            .as_deref()
            .unwrap_or("a reference photo");
        let changed = picture["transform"]
            .as_str()
            .filter(|transform| *transform != "identity")
            .map(|transform| format!(", altered ({})", plain(transform, 100)))
            .unwrap_or_default();
        findings.push(match case.listed_hash() {
            Some(label) => format!(
                "A picture of the listing has the perceptual hash of our photograph {}{changed}.",
                plain(label, 200)
            ),
            None => format!(
                "A picture of the listing shows our photograph {}{changed}.",
                plain(reference, 200)
            ),
        });
    }
    let text = &evidence["text"];
    if let Some(hit) = found(&text["brand_hit"]) {
        findings.push(format!("The title names the brand: \"{hit}\"."));
    }
    let models: Vec<String> = text["model_hits"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(found)
        .take(5)
        .collect();
    if !models.is_empty() {
        findings.push(format!(
            "The title names the model: \"{}\".",
            models.join("\", \"")
        ));
    }
    // A notice says nothing that rests on a rough exchange rate.
    let one_currency = case.price_currency.is_some() && case.price_currency == case.msrp_currency;
    if let Some(ratio) = evidence["price_ratio"]
        .as_f64()
        .filter(|r| one_currency && *r > 0.0 && *r < 1.0)
    {
        findings.push(format!(
            "The asking price is {:.0} % of the list price.",
            ratio * 100.0
        ));
    }
    findings
}

fn found(hit: &Value) -> Option<String> {
    hit["found"].as_str().map(|text| plain(text, 100))
}

fn price(case: &CaseRow) -> Option<String> {
    let amount = case.price_amount.as_deref()?;
    Some(match case.price_currency.as_deref() {
        Some(currency) => format!("{amount} {currency}"),
        None => format!("{amount} (the page names no currency)"),
    })
}

fn minute(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A placeholder that says what is missing and where it belongs.
fn missing(what: &str) -> String {
    format!("⟦{what}⟧")
}

/// One line of at most `longest` characters, without the signs that mark a
/// placeholder and without characters that turn text around.
fn plain(text: &str, longest: usize) -> String {
    let kept: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .filter(|c| {
            !matches!(c, '⟦' | '⟧' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
        .take(longest)
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}
