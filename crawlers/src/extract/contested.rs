//! Of several prices that the data of a page name, the one that visitors are shown.

use rust_decimal::Decimal;

use super::document::Document;
use super::plain::{self, Found};
use super::price;
use super::text::bounded;
use crate::definition::locator::Locator;
use crate::listing::{Candidate, Listing, MAX_CANDIDATES, MAX_RAW, Price, Provenance};

/// Of contradicting prices takes the one that visitors are shown, and for a
/// currency sign that may mean several what the page shows beside it.
pub(super) fn prefer_shown(listing: &mut Listing, shown: &Found) {
    let (Some(price), Some((visible, raw))) = (&mut listing.price, &shown.price) else {
        return;
    };
    let Some(from) = listing.provenance.get_mut("price") else {
        return;
    };
    if is_in_cents(price, visible) {
        give_way(listing, visible, raw);
        return;
    }
    if price.amount == visible.amount {
        take_currency(listing, raw);
        return;
    }
    if !from.conflict {
        return;
    }
    let amount_of =
        |text: &str| price::machine(text).or_else(|| price::parse(text, None, None).amount);
    let same = from
        .candidates
        .iter()
        .position(|other| amount_of(&other.raw) == Some(visible.amount));
    let Some(at) = same else {
        from.candidates.push(Candidate {
            source: plain::SOURCE.to_owned(),
            raw: raw.clone(),
        });
        return;
    };
    let taken = from.candidates.remove(at);
    let beaten = Candidate {
        source: std::mem::replace(&mut from.source, taken.source),
        raw: std::mem::replace(&mut from.raw, taken.raw),
    };
    from.candidates.insert(0, beaten);
    price.amount = visible.amount;
    take_currency(listing, raw);
}

/// Takes the currency that visitors are shown beside the amount that is stated too: data name
/// several offers, each in a currency of its own, or that which a shop reckons in.
fn take_currency(listing: &mut Listing, shown: &str) {
    let Some(price) = &mut listing.price else {
        return;
    };
    let shown = price::parse(shown, None, None).currency;
    let Some(code) = shown.filter(|code| price.currency.as_ref().is_some_and(|it| it != code))
    else {
        return;
    };
    price.currency = Some(code.clone());
    if let Some(from) = listing.provenance.get_mut("currency") {
        beat(from, &code);
    }
}

/// Puts what the page shows in the place of what a value was read from, which is kept beside it.
fn beat(from: &mut Provenance, shown: &str) {
    let beaten = Candidate {
        source: std::mem::replace(&mut from.source, plain::SOURCE.to_owned()),
        raw: std::mem::replace(&mut from.raw, bounded(shown, MAX_RAW)),
    };
    from.candidates.insert(0, beaten);
    from.candidates.truncate(MAX_CANDIDATES);
}

/// Whether a stated amount is the shown one in hundredths of the currency's unit.
fn is_in_cents(stated: &Price, shown: &Price) -> bool {
    let has_cents = !shown.amount.fract().is_zero();
    has_cents && shown.amount.checked_mul(Decimal::ONE_HUNDRED) == Some(stated.amount)
}

/// Up to which amount the data leave open what is asked: they name a range, the lower end of
/// which may be the price of many pieces, or say that tax is not in their price.
pub(super) fn most_asked(document: &Document, listing: &Listing) -> Option<Decimal> {
    let stated = |path: &[&str]| {
        let path = path.iter().map(|step| (*step).to_owned()).collect();
        document.values(&Locator::JsonLd(path))
    };
    let amounts = |end| -> Vec<Decimal> {
        let all = stated(&["offers", end]);
        all.iter().filter_map(|text| price::machine(text)).collect()
    };
    let asked = listing.price.as_ref()?.amount;
    // What a program states that does not know the price.
    if asked.is_zero() {
        return Some(Decimal::MAX);
    }
    if amounts("lowPrice").contains(&asked) {
        let highest = amounts("highPrice").into_iter().max();
        return highest.filter(|highest| *highest > asked);
    }
    let of = stated(&["offers", "priceSpecification", "price"]);
    let is_of_another = |text: &String| price::machine(text) != Some(asked);
    if !of.is_empty() && of.iter().all(is_of_another) {
        return None;
    }
    let tax = stated(&["offers", "priceSpecification", "valueAddedTaxIncluded"]);
    let is_without = !tax.is_empty() && tax.iter().all(|said| said.eq_ignore_ascii_case("false"));
    is_without.then(|| asked.checked_mul(MOST_WITH_TAX))?
}

/// No tax on sales is higher.
const MOST_WITH_TAX: Decimal = Decimal::from_parts(13, 0, 0, false, 1);

/// Takes the price that visitors are shown, if it is higher than the stated one, up to an
/// amount.
pub(super) fn prefer_shown_up_to(most: Decimal, listing: &mut Listing, shown: &Found) {
    let (Some(price), Some((visible, raw))) = (&listing.price, &shown.price) else {
        return;
    };
    let is_other_currency = visible.currency.is_some()
        && price.currency.is_some()
        && visible.currency != price.currency;
    if is_other_currency || visible.amount <= price.amount || visible.amount > most {
        return;
    }
    give_way(listing, visible, raw);
}

/// Puts the price that visitors are shown in the place of another, which is kept beside it
/// as what contradicts it.
pub(super) fn give_way(listing: &mut Listing, visible: &Price, raw: &str) {
    let (Some(price), Some(from)) = (&mut listing.price, listing.provenance.get_mut("price"))
    else {
        return;
    };
    beat(from, raw);
    from.conflict = true;
    price.amount = visible.amount;
    if visible.currency.is_some() {
        price.currency.clone_from(&visible.currency);
    }
}
