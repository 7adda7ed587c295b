//! The price asked, of all the amounts on a page.

use rust_decimal::Decimal;

use super::clues::Clues;
use super::own::Own;
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
    let own = Own::of(scan, anchor, buy);
    let is_stray = |spot: &Spot| own.as_ref().is_some_and(|own| own.is_stray(spot));
    let likely = |elsewhere: Clues| -> Vec<(&Spot, f32)> {
        let spots = scan.spots.iter();
        let spots = spots.filter(|spot| !spot.clues.has(elsewhere) && !is_stray(spot));
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
    let former = elsewhere.without(Clues::OLD).with(Clues::STRUCK);
    if let Some(taxed) = taxed_of(&spots, likely(former)) {
        spots = vec![taxed];
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
    let bare = alone_without_words(&spots);
    let (best, score) = bare.unwrap_or((*best, *score));
    let is_other = |spot: &Spot| spot.parsed.amount != best.parsed.amount;
    let second = spots.iter().find(|(spot, _)| is_other(spot));
    // A table of quantities says what is asked where nothing else does.
    let margin = match (best.clues.has(Clues::SINGLE), bare.is_some()) {
        (true, _) => score - LEAST,
        // Decided by what is said of the others.
        (false, true) => -MARGIN,
        (false, false) => MARGIN,
    };
    if score < LEAST || second.is_some_and(|(_, other)| score - other < margin) {
        return (None, rest(None));
    }
    // The same amount elsewhere may name the currency that this place lacks.
    let with_sign = spots
        .iter()
        .map(|(spot, _)| *spot)
        .find(|spot| spot.parsed.amount == best.parsed.amount && spot.parsed.symbol.is_some());
    let shown = if best.parsed.symbol.is_some() {
        best
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

/// The most that an amount with tax is of the same without: 1.27, as in Hungary, and a little for
/// what is rounded off.
const MOST_TAXED: Decimal = Decimal::from_parts(128, 0, 0, false, 2);

/// Where all that is asked is an amount without tax: one that only its name calls old and that
/// may be the same amount with tax. Shops call a price "regular" though it was never reduced.
fn taxed_of<'s>(asked: &[(&Spot, f32)], former: Vec<(&'s Spot, f32)>) -> Option<(&'s Spot, f32)> {
    let mut net = None;
    for (spot, _) in asked.iter().filter(|(_, score)| *score > 1.0) {
        let is_another = net.is_some() && net != spot.parsed.amount;
        if !spot.clues.has(Clues::WITHOUT_TAX) || is_another {
            return None;
        }
        net = spot.parsed.amount;
    }
    let net = net?;
    let most = net.checked_mul(MOST_TAXED)?;
    let is_taxed = |spot: &Spot| {
        let is_between = |amount: Decimal| amount > net && amount <= most;
        spot.clues.has(Clues::OLD) && spot.parsed.amount.is_some_and(is_between)
    };
    let taxed = former.into_iter();
    let taxed = taxed.filter(|(spot, score)| *score >= LEAST && is_taxed(spot));
    taxed.max_by(|a, b| a.1.total_cmp(&b.1))
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

/// Of several amounts about as likely the only one that nothing is said of, if something is said
/// of each of the others: "€34.50" beside "Elsewhere: €40.00" and "+ 3 year warranty €9.90".
fn alone_without_words<'s>(sorted: &[(&'s Spot, f32)]) -> Option<(&'s Spot, f32)> {
    let (_, most) = *sorted.first()?;
    let close = sorted.iter().take_while(|(_, score)| most - score < MARGIN);
    let mut bare: Option<(&Spot, f32)> = None;
    for (spot, score) in close {
        if spot.may_be_named() {
            return None;
        }
        let is_again = bare.is_some_and(|(found, _)| found.parsed.amount == spot.parsed.amount);
        match spot.has_words() {
            false if bare.is_some() && !is_again => return None,
            false if !is_again => bare = Some((*spot, *score)),
            _ => {}
        }
    }
    bare
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
    // A label says nothing of a range: it may be that of what narrows a list.
    score -= if spot.is_range && spot.is_labelled {
        4.5
    } else {
        0.0
    };
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
