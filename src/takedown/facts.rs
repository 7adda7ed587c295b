//! The values of a form's fields, from the records, made safe to print: one line
//! each, bounded, without the signs that mark a placeholder.

use std::collections::BTreeMap;

use serde_json::Value;

use super::TakedownError;
use super::channel::{Channel, Field, Origin};
use super::sheet::{Sheet, SheetAuthority, SheetRight};
use crate::app::App;
use crate::blobs::sha256_hex;
use crate::clock::Millis;
use crate::config::NoticeRole;
use crate::print::{Language, Words};
use crate::store::cases::CaseRow;
use crate::store::listings::{Capture, ListingRow};
use crate::store::products::RightRow;

/// The longest value that is given by hand, in characters.
const MAX_GIVEN: usize = 4000;

/// A case with what is known of its listing.
pub(super) struct Known {
    pub case: CaseRow,
    pub listing: ListingRow,
    pub capture: Option<Capture>,
}

impl Known {
    pub(super) async fn of(app: &App, case: CaseRow) -> Result<Self, TakedownError> {
        let listing = app.store.listing(case.listing_id).await?;
        let captures = app.store.captures_of_listing(case.listing_id).await?;
        let capture = captures.into_iter().find(|c| c.id == listing.capture_id);
        Ok(Self {
            case,
            listing,
            capture,
        })
    }
}

/// What was said of a notice beside what the records hold.
pub(super) struct Given<'a> {
    pub country: Option<String>,
    pub set: &'a BTreeMap<String, String>,
    pub at: Millis,
}

/// Fills in the form of a channel.
pub(super) fn sheet(
    app: &App,
    channel: &Channel,
    right: &RightRow,
    known: &[Known],
    given: &Given<'_>,
) -> Result<Sheet, TakedownError> {
    let filler = Filler {
        app,
        channel,
        right,
        authority: authority(app, right)?,
        given,
        market: known
            .first()
            .map(|k| k.case.source.clone())
            .unwrap_or_default(),
    };
    let mut sheet = Sheet {
        channel: channel.id.clone(),
        right: SheetRight {
            kind: right.kind.clone(),
            number: right.number.clone(),
            jurisdiction: right.jurisdiction.clone(),
            owner: right.owner.clone(),
            expiry: right.expiry.clone(),
        },
        acts_as: role(app).map(ToOwned::to_owned),
        authority: filler.authority.clone(),
        country: given.country.clone(),
        fields: BTreeMap::new(),
        items: vec![BTreeMap::new(); known.len()],
        statements: Vec::new(),
    };
    for field in &channel.fields {
        if field.is_of_listing() {
            for (item, known) in sheet.items.iter_mut().zip(known) {
                if let Some(value) = filler.value(field, Some(known)) {
                    item.insert(field.name.clone(), value);
                }
            }
        } else if let Some(value) = filler.value(field, None) {
            sheet.fields.insert(field.name.clone(), value);
        }
    }
    Ok(sheet)
}

/// As what the sender acts.
pub(super) fn role(app: &App) -> Option<&'static str> {
    app.config.notices.role.map(|role| match role {
        NoticeRole::Owner => "owner",
        NoticeRole::Agent => "agent",
    })
}

/// The letter of authority from the right's owner, where the sender is an agent.
fn authority(app: &App, right: &RightRow) -> Result<Option<SheetAuthority>, TakedownError> {
    if role(app) != Some("agent") {
        return Ok(None);
    }
    let letters = &app.config.notices.authority;
    // The one that holds longest.
    let letter = letters
        .iter()
        .filter(|letter| Some(&letter.owner) == right.owner.as_ref())
        .max_by_key(|letter| (letter.until.is_none(), letter.until.clone()));
    let Some(letter) = letter else {
        return Ok(None);
    };
    let bytes = std::fs::read(&letter.file).map_err(|source| TakedownError::Letter {
        path: letter.file.clone(),
        source,
    })?;
    let name = letter
        .file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    Ok(Some(SheetAuthority {
        owner: letter.owner.clone(),
        file: plain(&name, 200),
        sha256: sha256_hex(&bytes),
        until: letter.until.clone(),
    }))
}

struct Filler<'a> {
    app: &'a App,
    channel: &'a Channel,
    right: &'a RightRow,
    authority: Option<SheetAuthority>,
    given: &'a Given<'a>,
    market: String,
}

impl Filler<'_> {
    /// What the records say wins; then what was given; then what always holds.
    fn value(&self, field: &Field, known: Option<&Known>) -> Option<String> {
        let limit = field.chars.unwrap_or(MAX_GIVEN);
        let recorded = field.from.and_then(|origin| self.recorded(origin, known));
        let given = || {
            let set = self.given.set.get(&field.name).map(String::as_str);
            let defaults = &self.app.config.notices.defaults;
            let default = || {
                defaults
                    .get(&self.channel.id)?
                    .get(&field.name)
                    .map(String::as_str)
            };
            let by_right = || {
                field
                    .value_by_right
                    .get(&self.right.kind)
                    .map(String::as_str)
            };
            set.or_else(default)
                .or(field.value.as_deref())
                .or_else(by_right)
                // One more than is allowed, so that the check sees it.
                .map(|text| plain(text, MAX_GIVEN))
        };
        let value = match recorded {
            // A title may be cut to what a form takes; a number may not.
            Some(value) if is_prose(field.from) => value.chars().take(limit).collect(),
            Some(value) => value,
            None => given()?,
        };
        (!value.trim().is_empty()).then_some(value)
    }

    fn recorded(&self, origin: Origin, known: Option<&Known>) -> Option<String> {
        let sender = &self.app.config.notices;
        let right = self.right;
        let configured = |value: &Option<String>| value.as_deref().map(|v| plain(v, 500));
        match origin {
            Origin::RightKind => Some(right_words(&right.kind).to_owned()),
            Origin::RightNumber => right.number.as_deref().map(|v| plain(v, 300)),
            Origin::PatentNumber if right.kind != "patent" => None,
            Origin::PatentNumber => right.number.as_deref().map(|v| plain(v, 300)),
            Origin::RightJurisdiction => right.jurisdiction.as_deref().map(|v| plain(v, 300)),
            Origin::RightClasses => {
                (!right.classes.is_empty()).then(|| plain(&right.classes.join(", "), 300))
            }
            Origin::RightOwner => right.owner.as_deref().map(|v| plain(v, 300)),
            Origin::RightExpiry => right.expiry.as_deref().map(|v| plain(v, 20)),
            Origin::MarketCountry => self.given.country.clone(),
            Origin::MarketName => Some(plain(&self.market, 100)),
            Origin::SenderName => configured(&sender.name),
            Origin::SenderAddress => configured(&sender.address),
            Origin::SenderEmail => configured(&sender.email),
            Origin::SenderPhone => configured(&sender.phone),
            Origin::SenderRole => role(self.app).map(ToOwned::to_owned),
            Origin::SenderAuthority => self.authority.as_ref().map(|letter| {
                let until = letter.until.as_deref();
                let until = until
                    .map(|day| format!(", until {day}"))
                    .unwrap_or_default();
                plain(
                    &format!(
                        "{} from {}{until} (SHA-256 {})",
                        letter.file, letter.owner, letter.sha256
                    ),
                    400,
                )
            }),
            Origin::Today => Some(self.given.at.timestamp().strftime("%Y-%m-%d").to_string()),
            // Known when somebody attests.
            Origin::Signature => None,
            of_listing => listing(of_listing, known?),
        }
    }
}

/// Whether a value is prose, which may be cut.
fn is_prose(origin: Option<Origin>) -> bool {
    matches!(
        origin,
        Some(
            Origin::ListingTitle
                | Origin::ListingSeller
                | Origin::ProductBrand
                | Origin::ProductName
                | Origin::CaseFindings
        )
    )
}

fn listing(origin: Origin, known: &Known) -> Option<String> {
    let Known {
        case,
        listing,
        capture,
    } = known;
    Some(match origin {
        Origin::ListingUrl => plain(&case.url, 4000),
        Origin::ListingItemId => plain(own_number(&case.item_id), 300),
        Origin::ListingTitle => plain(&case.title, 300),
        Origin::ListingSeller => plain(case.seller.as_deref()?, 300),
        Origin::ListingPrice => price(case)?,
        Origin::ListingFirstSeen => minute(listing.first_seen_at.timestamp()),
        Origin::ListingLastSeen => minute(listing.last_seen_at.timestamp()),
        Origin::ListingCaptured => minute(capture.as_ref()?.fetched_at.timestamp()),
        Origin::ListingHash => capture.as_ref()?.blob.clone(),
        Origin::CaseId => case.id.to_string(),
        Origin::CaseKind => {
            let kind = case.decided_kind.as_deref().or(case.kind.as_deref())?;
            plain(&kind.replace('_', " "), 100)
        }
        Origin::CaseFindings => {
            let lines: Vec<String> = findings(case).iter().map(|f| format!("  * {f}")).collect();
            if lines.is_empty() {
                return None;
            }
            lines.join("\n")
        }
        Origin::ProductBrand => plain(&case.brand, 300),
        Origin::ProductName => plain(&case.product, 300),
        Origin::ProductSku => plain(&case.sku, 100),
        _ => return None,
    })
}

/// The number by which a marketplace's own people know an item: eBay's interface
/// puts it between bars (`v1|110553100|0`), its forms take what stands there.
fn own_number(item: &str) -> &str {
    let mut parts = item.split('|');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some("v1"), Some(number), Some(_), None) => number,
        _ => item,
    }
}

/// A kind of right in words.
pub(super) fn right_words(kind: &str) -> &str {
    match kind {
        "trademark" => "trade mark",
        other => other,
    }
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
            .map(|transform| {
                let words = Words::of(Language::En);
                format!(", altered ({})", words.transform(&plain(transform, 100)))
            })
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

/// One line of at most `longest` characters, without the signs that mark a
/// placeholder and without characters that turn text around.
pub(super) fn plain(text: &str, longest: usize) -> String {
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

/// What a value of an answer says, where it is a text or a number.
pub(super) fn said(value: &Value, longest: usize) -> Option<String> {
    match value {
        Value::String(text) => Some(plain(text, longest)),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_an_item_is_the_one_that_forms_take() {
        for (item, number) in [
            ("v1|110000001269|0", "110000001269"),
            ("7001", "7001"),
            ("a|b|c", "a|b|c"),
            ("v1|1|2|3", "v1|1|2|3"),
        ] {
            assert_eq!(own_number(item), number);
        }
    }
}
