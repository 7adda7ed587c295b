//! The price asked, of all the amounts on a page.

use rust_decimal::Decimal;

use super::clues::Clues;
use super::scan::{Button, Scan};
use super::spot::Spot;
use crate::extract::currency::may_mean;
use crate::extract::price::{self, Evidence};
use crate::listing::{MAX_CANDIDATES, Price};

/// How much better than the next a price must be.
const MARGIN: f32 = 0.6;
/// How likely a price must be at least.
const LEAST: f32 = 2.0;
/// Where no price stands.
pub(super) const ELSEWHERE: Clues = Clues::RELATED
    .with(Clues::FRAME)
    .with(Clues::OLD)
    .with(Clues::OTHER)
    .with(Clues::REDUCED)
    .with(Clues::REVIEW)
    .with(Clues::HIDDEN);

/// The currency of the page's prices, if they all name the same.
pub(super) fn only_currency(scan: &Scan<'_>) -> Option<String> {
    let mut codes = scan
        .spots
        .iter()
        .filter_map(|spot| spot.parsed.currency.as_deref());
    let first = codes.next()?;
    codes.all(|code| code == first).then(|| first.to_owned())
}

/// The price asked, its text and where it stands; and the others.
pub(super) fn choose(
    scan: &Scan<'_>,
    anchor: usize,
    buy: Option<&Button>,
    in_card: bool,
    currency: Option<&str>,
    evidence: &Evidence<'_>,
) -> (Option<(Price, String, usize)>, Vec<String>) {
    let elsewhere = if in_card {
        ELSEWHERE
    } else {
        ELSEWHERE.with(Clues::CARD)
    };
    let likely = |elsewhere: Clues| -> Vec<(&Spot, f32)> {
        let spots = scan.spots.iter().filter(|spot| !spot.clues.has(elsewhere));
        spots
            .map(|spot| (spot, likelihood(spot, anchor, buy)))
            .collect()
    };
    let mut spots = likely(elsewhere);
    // A "discount" beside an old price is the price left, if it is alone.
    if !spots.iter().any(|(_, score)| *score >= LEAST) {
        spots = likely(elsewhere.without(Clues::REDUCED));
    }
    // A "regular price" that is not struck out is the price, if it is alone.
    if !spots.iter().any(|(_, score)| *score >= LEAST) {
        spots = likely(elsewhere.without(Clues::OLD).with(Clues::STRUCK));
        drop_named_old(&mut spots);
    }
    // Without tax only where nothing is said with it.
    if spots
        .iter()
        .any(|(spot, score)| !spot.clues.has(Clues::WITHOUT_TAX) && *score > 1.0)
    {
        spots.retain(|(spot, _)| !spot.clues.has(Clues::WITHOUT_TAX));
    }
    spots.sort_by(|a, b| b.1.total_cmp(&a.1));
    let rest = |taken: Option<Decimal>| {
        let near = spots.iter().map(|(spot, _)| *spot);
        let far = scan.spots.iter().filter(|spot| {
            spot.clues.has(Clues::OLD) && !spot.clues.has(Clues::RELATED.with(Clues::CARD))
        });
        let mut raws: Vec<String> = Vec::new();
        for spot in near.chain(far) {
            if spot.parsed.amount != taken && !raws.contains(&spot.raw) {
                raws.push(spot.raw.clone());
            }
        }
        raws.truncate(MAX_CANDIDATES);
        raws
    };
    let Some((best, score)) = spots.first() else {
        return (None, rest(None));
    };
    let second = spots
        .iter()
        .find(|(spot, _)| spot.parsed.amount != best.parsed.amount);
    // A table of quantities says what is asked where nothing else does.
    let margin = match best.clues.has(Clues::SINGLE) {
        true => *score - LEAST,
        false => MARGIN,
    };
    if *score < LEAST || second.is_some_and(|(_, other)| score - other < margin) {
        return (None, rest(None));
    }
    // The same amount elsewhere may name the currency that this place lacks.
    let with_sign = spots
        .iter()
        .map(|(spot, _)| *spot)
        .find(|spot| spot.parsed.amount == best.parsed.amount && spot.parsed.symbol.is_some());
    let shown = if best.parsed.symbol.is_some() {
        *best
    } else {
        with_sign.unwrap_or(best)
    };
    let parsed = price::parse_with(&shown.raw, evidence, None);
    let Some(amount) = parsed.amount else {
        return (None, rest(None));
    };
    let currency = parsed.currency.or_else(|| match &parsed.symbol {
        None => currency.map(str::to_owned),
        Some(symbol) => currency
            .filter(|code| may_mean(symbol, code))
            .map(str::to_owned),
    });
    let price = Price { amount, currency };
    (
        Some((price, shown.raw.clone(), best.order)),
        rest(best.parsed.amount),
    )
}

/// Where two prices have the same label ("Regular price"), it tells nothing, and the one that is
/// called old by the name of its element is.
fn drop_named_old(spots: &mut Vec<(&Spot, f32)>) {
    let of_others = spots.iter().filter(|(spot, _)| !spot.is_named_old);
    let labels: Vec<&str> = of_others.map(|(spot, _)| spot.label()).collect();
    spots.retain(|(spot, _)| {
        let label = spot.label();
        !(spot.is_named_old && !label.is_empty() && labels.contains(&label))
    });
}

fn likelihood(spot: &Spot, anchor: usize, buy: Option<&Button>) -> f32 {
    let near = |distance: usize, reach: f32| (-(distance as f32) / reach).exp();
    let has = |clue, worth| if spot.clues.has(clue) { worth } else { 0.0 };
    let mut score = has(Clues::PRICE, 3.0) + has(Clues::CURRENT, 1.5) + has(Clues::OFFER, 1.5)
        - has(Clues::DESCRIPTION, 3.0)
        - has(Clues::WITHOUT_TAX, 1.5);
    score += if spot.parsed.symbol.is_some() {
        1.5
    } else {
        0.0
    };
    score += if spot.is_emphasised { 0.5 } else { 0.0 };
    score -= if spot.in_link { 2.0 } else { 0.0 };
    // A price within a sentence is one it speaks of.
    score -= if !spot.clues.has(Clues::PRICE) && spot.is_spoken_of() {
        3.0
    } else {
        0.0
    };
    score -= if spot.raw.chars().filter(|c| c.is_alphabetic()).count() > 20 {
        1.5
    } else {
        0.0
    };
    score -= if spot.parsed.amount.is_some_and(|amount| amount.is_zero()) {
        2.0
    } else {
        0.0
    };
    if spot.order >= anchor {
        score += 3.0 * near(spot.order - anchor, 120.0);
    } else {
        score += 2.0 * near(anchor - spot.order, 20.0) - 0.5;
    }
    if let Some(buy) = buy {
        let (distance, reach) = if buy.order >= spot.order {
            (buy.order - spot.order, 60.0)
        } else {
            (spot.order - buy.order, 30.0)
        };
        score += 2.0 * near(distance, reach);
    }
    score
}
