//! Prices that are not asked any more, where neither a word beside them nor a name of their
//! own says so.
//!
//! Names of discounts may mean the opposite by what is put before them: an "undiscounted"
//! amount is the one that nobody pays. Some names are too short to mean anything but within
//! a price: "was", "list". And what is struck out once is old wherever it is said again, in
//! whatever language: shops do so for those who listen to the page.

use rust_decimal::Decimal;
use scraper::ElementRef;

use super::clues::{self, Clues};
use super::spot::Spot;
use crate::extract::price;
use crate::extract::text::{is_inline, text_of, text_without};

/// Names of a price that is asked for a time.
const REDUCED: [&str; 4] = ["discount", "price-discount", "sale", "special"];
/// What stands before or behind one of these names in that of the price it is reduced from.
const NOT: [&str; 6] = ["un", "non", "not-", "non-", "before-", "pre-"];
/// The same, where the name goes on: alone it says that nothing is reduced.
const WITHOUT: [&str; 2] = ["no-", "without-"];
const FROM: &str = "-from";

/// Whether a name of a reduced price, with what stands before and behind it in a class list,
/// is that of the price without the reduction.
pub(super) fn is_unreduced(name: &str, before: &str, behind: &str) -> bool {
    if !REDUCED.iter().any(|reduced| name.starts_with(reduced)) {
        return false;
    }
    let word = before.rsplit(char::is_whitespace).next().unwrap_or(before);
    let ends_with = |words: &[&str]| words.iter().find_map(|not| word.strip_suffix(not));
    let is_not = ends_with(&NOT).is_some_and(|rest| !rest.ends_with(char::is_alphabetic));
    let goes_on =
        |rest: &str| !rest.is_empty() || name.contains("price") || behind.starts_with("-price");
    is_not || ends_with(&WITHOUT).is_some_and(goes_on) || behind.starts_with(FROM)
}

/// What an old price within a price is called in short.
const SHORT: [&str; 9] = [
    "was", "before", "compare", "list", "initial", "prev", "previous", "uvp", "vorher",
];
/// The same, where another word says that it is a price.
const OF_PRICE: [&str; 2] = ["full", "normal"];
/// What may stand beside these words in a name.
const BESIDE: [&str; 6] = ["price", "prices", "amount", "value", "item", "product"];
/// The longest text of an amount with its label, in characters.
const LONGEST: usize = 40;

/// Whether an element within a price, or one called a price, is called an old one in short.
pub(super) fn is_called_former(element: ElementRef<'_>) -> bool {
    let is_short = |class: &str| {
        let lower = class.to_ascii_lowercase();
        let words = || lower.split(['-', '_']).filter(|word| !word.is_empty());
        let is_former = |word: &str| {
            SHORT.contains(&word) || OF_PRICE.contains(&word) && lower.contains("price")
        };
        words().any(is_former) && words().all(|word| is_former(word) || BESIDE.contains(&word))
    };
    let has_elements = || element.children().any(|child| child.value().is_element());
    let parent = || element.parent().and_then(ElementRef::wrap);
    element.value().classes().any(is_short)
        && (is_inline(element.value().name()) || !has_elements())
        && (clues::is_called_price(element) || parent().is_some_and(clues::is_called_price))
        && element
            .text()
            .flat_map(str::chars)
            .take(LONGEST + 1)
            .count()
            <= LONGEST
}

/// Marks what repeats an amount that is struck out in the same box, where that leaves another.
pub(super) fn mark_repeated(spots: &mut [Spot]) {
    let is_struck = |spot: &Spot| spot.clues.has(Clues::STRUCK);
    let struck: Vec<Decimal> = spots
        .iter()
        .filter(|spot| is_struck(spot))
        .filter_map(|spot| spot.parsed.amount)
        .collect();
    let is_again = |spot: &Spot| spot.parsed.amount.is_some_and(|it| struck.contains(&it));
    if struck.is_empty() || spots.iter().all(is_again) {
        return;
    }
    for spot in spots.iter_mut().filter(|spot| is_again(spot)) {
        spot.clues = spot.clues.with(Clues::OLD);
    }
}

/// The most elements of a price's place that are looked through.
const MOST_ELEMENTS: usize = 60;

/// An element's text without the prices in it that are not asked any more: those called old,
/// and those that repeat an amount that is struck out; all of it where nothing else is there.
pub(in crate::extract) fn asked_text_of(element: ElementRef<'_>) -> String {
    let inner = || {
        let all = element.descendants().skip(1).filter_map(ElementRef::wrap);
        all.take(MOST_ELEMENTS)
    };
    let amount = |of: ElementRef<'_>| price::parse(&text_of(of), None, None).amount;
    let is_struck = |of: &ElementRef<'_>| clues::of(*of).has(Clues::STRUCK);
    let struck: Vec<Decimal> = inner().filter(is_struck).filter_map(amount).collect();
    let repeats = |of: ElementRef<'_>| {
        let is_leaf = || !of.children().any(|child| child.value().is_element());
        !struck.is_empty() && is_leaf() && amount(of).is_some_and(|it| struck.contains(&it))
    };
    text_without(element, |of| clues::of(of).has(Clues::OLD) || repeats(of))
}
