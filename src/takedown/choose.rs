//! Which right a notice rests on.

use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};

use super::{TakedownError, cover};
use crate::store::cases::CaseRow;
use crate::store::products::RightRow;

/// The kinds of right that fit a kind of infringement, best first; none for a
/// kind that says nothing about rights.
fn fitting(infringement: &str) -> &'static [&'static str] {
    match infringement {
        "counterfeit" => &["trademark", "design", "patent"],
        "copied_photo" => &["copyright"],
        "trademark_misuse" | "grey_market" => &["trademark"],
        "copied_design" => &["design", "patent"],
        "leak" => &["copyright", "trademark"],
        _ => &[],
    }
}

/// The right of the kind asked for, or the one that fits the infringement, or
/// the product's first; among several of a kind, one in force that reaches the
/// country.
pub(super) fn right<'a>(
    case: &CaseRow,
    rights: &'a [RightRow],
    asked: Option<&str>,
    country: Option<&str>,
    now: Timestamp,
) -> Result<&'a RightRow, TakedownError> {
    let infringement = case.decided_kind.as_deref().or(case.kind.as_deref());
    let wanted: Vec<&str> = match asked {
        Some(kind) => vec![kind],
        None => fitting(infringement.unwrap_or_default()).to_vec(),
    };
    let mut candidates: Vec<&RightRow> = if wanted.is_empty() {
        rights.iter().collect()
    } else {
        rights
            .iter()
            .filter(|right| wanted.contains(&right.kind.as_str()))
            .collect()
    };
    let rank = |right: &RightRow| wanted.iter().position(|kind| *kind == right.kind);
    let reaches = |right: &RightRow| {
        let jurisdiction = right.jurisdiction.as_deref().unwrap_or_default();
        country.is_none_or(|country| cover::reaches(&right.kind, jurisdiction, country))
    };
    candidates.sort_by_key(|right| (rank(right), right.id));
    let best = |right: &&&RightRow| in_force(right, now) && reaches(right);
    if let Some(right) = candidates.iter().find(best) {
        return Ok(right);
    }
    if let Some(right) = candidates.iter().find(|right| in_force(right, now)) {
        return Ok(right);
    }
    match candidates.first() {
        Some(expired) => Err(expired_error(&case.sku, expired)),
        None => {
            let mut has: Vec<&str> = rights.iter().map(|right| right.kind.as_str()).collect();
            has.dedup();
            Err(TakedownError::NoRight {
                case_id: case.id,
                sku: case.sku.clone(),
                wanted: match wanted.as_slice() {
                    [] => "registered or claimed".to_owned(),
                    kinds => kinds.join(" or "),
                },
                has: match has.as_slice() {
                    [] => "none".to_owned(),
                    kinds => kinds.join(", "),
                },
            })
        }
    }
}

/// The error that says a right has expired.
pub(super) fn expired_error(sku: &str, right: &RightRow) -> TakedownError {
    TakedownError::Expired {
        sku: sku.to_owned(),
        kind: right.kind.clone(),
        number: right
            .number
            .clone()
            .unwrap_or_else(|| "without number".to_owned()),
        expiry: right.expiry.clone().unwrap_or_default(),
    }
}

/// Whether the right has not expired. The day of expiry, taken in UTC, counts
/// as in force; a date that cannot be read counts as expired.
pub(super) fn in_force(right: &RightRow, now: Timestamp) -> bool {
    let today = now.to_zoned(TimeZone::UTC).date();
    match right.expiry.as_deref() {
        None => true,
        Some(expiry) => expiry.parse::<Date>().is_ok_and(|last| today <= last),
    }
}
