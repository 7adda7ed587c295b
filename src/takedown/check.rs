//! Whether a notice may leave: field by field against its channel.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Serialize;

use super::channel::{Channel, Origin};
use super::cover;
use super::sheet::Sheet;

/// Something that keeps a notice from leaving.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The field, or `items`, `right`, `country`, `statement …`.
    pub field: String,
    /// The listing it is about, counted from 1.
    pub item: Option<usize>,
    /// What is wrong and what to do.
    pub why: String,
}

/// How far a notice has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It is drafted: who signs it, and the statements, come later.
    Draft,
    /// It is about to leave.
    Leaving,
}

/// Everything that keeps a notice from leaving; nothing when it is complete.
#[must_use]
pub fn check(channel: &Channel, sheet: &Sheet, today: Date, stage: Stage) -> Vec<Fault> {
    let mut faults = Vec::new();
    right(channel, sheet, today, &mut faults);
    sender(sheet, today, &mut faults);
    items(channel, sheet, &mut faults);
    fields(channel, sheet, stage, &mut faults);
    if stage == Stage::Leaving {
        statements(channel, sheet, &mut faults);
    }
    faults
}

fn fault(field: &str, item: Option<usize>, why: String) -> Fault {
    Fault {
        field: field.to_owned(),
        item,
        why,
    }
}

fn right(channel: &Channel, sheet: &Sheet, today: Date, faults: &mut Vec<Fault>) {
    let right = &sheet.right;
    let kind = &right.kind;
    if !channel.rights.contains(kind) {
        faults.push(fault(
            "right",
            None,
            format!(
                "{} takes no {kind} notices; it takes {}",
                channel.name,
                channel.rights.join(", ")
            ),
        ));
    }
    match right.expiry.as_deref().map(str::parse::<Date>) {
        Some(Err(_)) => faults.push(fault("right_expiry", None, format!(
            "expiry of the {kind} right: {:?} is no day; write YYYY-MM-DD in the catalog",
            right.expiry.as_deref().unwrap_or_default()
        ))),
        Some(Ok(last)) if last < today => faults.push(fault("right_expiry", None, format!(
            "the {kind} right expired on {last}; renew its entry in the catalog, or draft on another right"
        ))),
        _ => {}
    }
    let Some(country) = sheet.country.as_deref() else {
        faults.push(fault(
            "country",
            None,
            format!(
                "country whose market the listing serves: {}",
                Origin::MarketCountry.remedy()
            ),
        ));
        return;
    };
    if !cover::is_country(country) {
        faults.push(fault(
            "country",
            None,
            format!("{country:?} is no code of a country such as DE"),
        ));
        return;
    }
    if !channel.countries.is_empty() && !cover::is_in(country, &channel.countries) {
        faults.push(fault(
            "country",
            None,
            format!(
                "{} is for listings in {}, not {country}; draft by another channel",
                channel.name,
                channel.countries.join(", ")
            ),
        ));
    }
    match right.jurisdiction.as_deref() {
        None => faults.push(fault(
            "right_jurisdiction",
            None,
            format!(
                "jurisdiction of the {kind} right: add it to the product's right in the catalog"
            ),
        )),
        Some(jurisdiction) if !cover::reaches(kind, jurisdiction, country) => {
            faults.push(fault("country", None, format!(
                "the {kind} right of {jurisdiction} does not reach {country}; draft on a right that does"
            )));
        }
        Some(_) => {}
    }
}

fn sender(sheet: &Sheet, today: Date, faults: &mut Vec<Fault>) {
    if sheet.acts_as.as_deref() != Some("agent") {
        return;
    }
    let owner = sheet.right.owner.as_deref().unwrap_or_default();
    match &sheet.authority {
        None => faults.push(fault(
            "authority",
            None,
            format!(
                "letter of authority: an agent needs one from {owner:?} on file; {}",
                Origin::SenderAuthority.remedy()
            ),
        )),
        Some(letter)
            if letter
                .until
                .as_deref()
                .is_some_and(|until| until.parse::<Date>().map_or(true, |last| last < today)) =>
        {
            faults.push(fault(
                "authority",
                None,
                format!(
                    "letter of authority: {} ended on {}; ask for a new one",
                    letter.file,
                    letter.until.as_deref().unwrap_or_default()
                ),
            ))
        }
        Some(letter) if letter.owner != owner => faults.push(fault(
            "authority",
            None,
            format!(
                "letter of authority: {} is from {:?}, not from {owner:?}",
                letter.file, letter.owner
            ),
        )),
        Some(_) => {}
    }
}

fn items(channel: &Channel, sheet: &Sheet, faults: &mut Vec<Fault>) {
    let (has, most) = (sheet.items.len(), channel.limits.items);
    if has == 0 {
        faults.push(fault("items", None, "it names no listing".to_owned()));
    }
    if has > most {
        faults.push(fault(
            "items",
            None,
            format!(
                "it names {has} listings and {} takes {most} at a time; draft several",
                channel.name
            ),
        ));
    }
    let unique = &channel.limits.unique;
    if unique.is_empty() {
        return;
    }
    let mut seen = BTreeSet::new();
    for (item, number) in sheet.items.iter().zip(1..) {
        let key: Vec<&str> = unique
            .iter()
            .map(|name| sheet.value(Some(item), name).unwrap_or_default())
            .collect();
        if !seen.insert(key) {
            faults.push(fault(
                &unique.join(", "),
                Some(number),
                format!(
                    "listing {number} stands in the notice twice ({})",
                    unique.join(" and ")
                ),
            ));
        }
    }
}

fn fields(channel: &Channel, sheet: &Sheet, stage: Stage, faults: &mut Vec<Fault>) {
    for field in &channel.fields {
        if field.from == Some(Origin::Signature) && stage == Stage::Draft {
            continue;
        }
        if field.is_of_listing() {
            for (item, number) in sheet.items.iter().zip(1..) {
                let asked = field
                    .when
                    .as_ref()
                    .is_none_or(|when| sheet.holds(when, Some(item)));
                value(
                    sheet.value(Some(item), &field.name),
                    field,
                    asked,
                    Some(number),
                    faults,
                );
            }
        } else {
            // A condition on a listing's field holds when it does for one.
            let asked = field.when.as_ref().is_none_or(|when| {
                sheet.holds(when, None)
                    || sheet.items.iter().any(|item| sheet.holds(when, Some(item)))
            });
            value(sheet.value(None, &field.name), field, asked, None, faults);
        }
    }
}

fn value(
    value: Option<&str>,
    field: &super::channel::Field,
    asked: bool,
    item: Option<usize>,
    faults: &mut Vec<Fault>,
) {
    let Some(value) = value else {
        if asked && field.required {
            faults.push(fault(
                &field.name,
                item,
                format!("{}: {}", field.label, field.remedy()),
            ));
        }
        return;
    };
    if !asked {
        return;
    }
    let mut wrong =
        |why: String| faults.push(fault(&field.name, item, format!("{}: {why}", field.label)));
    let long = value.chars().count();
    if let Some(most) = field.chars.filter(|most| long > *most) {
        wrong(format!("it has {long} characters and may have {most}"));
    }
    if let Some(why) = field.check.and_then(|check| check.fault(value)) {
        wrong(format!("it {why}"));
    }
    if !field.choices.is_empty() && !field.choices.iter().any(|choice| choice == value) {
        wrong(format!("it must be one of {}", field.choices.join(", ")));
    }
}

fn statements(channel: &Channel, sheet: &Sheet, faults: &mut Vec<Fault>) {
    for statement in &channel.statements {
        let asked = statement
            .when
            .as_ref()
            .is_none_or(|when| sheet.holds(when, None));
        if asked && !sheet.statements.contains(&statement.name) {
            faults.push(fault(
                &format!("statement {}", statement.name),
                None,
                format!(
                    "the statement {:?} was not made: {}",
                    statement.name, statement.meaning
                ),
            ));
        }
    }
}
