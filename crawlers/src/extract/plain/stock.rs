//! Whether the article can be bought, as a page shows it.

use super::clues::{self, Clues};
use super::scan::{Button, Scan};
use super::words;
use crate::extract::availability;
use crate::extract::price::{names_currency, said};
use crate::listing::Availability;

/// What is said of stock nearest to the price; else what the button says.
pub(super) fn choose(
    scan: &Scan<'_>,
    anchor: usize,
    place: usize,
    buy: Option<&Button>,
    in_description: bool,
) -> Option<(Availability, String)> {
    let elsewhere = Clues::RELATED
        .with(Clues::FRAME)
        .with(Clues::CARD)
        .with(Clues::REVIEW)
        .with(Clues::HIDDEN)
        .with(Clues::CHOICE);
    let elsewhere = match in_description {
        // The whole box of the product is called one.
        true => elsewhere,
        false => elsewhere.with(Clues::DESCRIPTION),
    };
    let lines = scan
        .lines
        .iter()
        .filter(|line| !line.clues.has(elsewhere) && line.text.chars().count() <= 100);
    let mut best: Option<(i64, Availability, &str)> = None;
    for line in lines {
        let named = line.clues.has(Clues::STOCK);
        let distance = line.order.abs_diff(place).min(line.order.abs_diff(anchor)) as i64;
        if !named && (!line.is_leaf && line.text.chars().count() > 60 || distance > 120) {
            continue;
        }
        if !named && !words::speaks_of_stock(&line.text) {
            continue;
        }
        // What it costs to be sent is said to be available too.
        if !named && said(&line.text).is_other() && names_currency(&line.text) {
            continue;
        }
        // A label, which says nothing by itself.
        if line.text.ends_with([':', '：']) {
            continue;
        }
        let Some(meaning) = availability::parse(&line.text) else {
            continue;
        };
        let score =
            i64::from(named) * 100 - distance.min(200) - line.text.chars().count() as i64 / 10;
        if best.as_ref().is_none_or(|(known, _, _)| score > *known) {
            best = Some((score, meaning, &line.text));
        }
    }
    if let Some((_, meaning, text)) = best {
        return Some((meaning, text.to_owned()));
    }
    let button = buy?;
    match availability::parse(&button.text) {
        Some(meaning) => Some((meaning, button.text.clone())),
        None if clues::is_buying(&button.text) && !button.disabled => {
            Some((Availability::InStock, button.text.clone()))
        }
        None => None,
    }
}
