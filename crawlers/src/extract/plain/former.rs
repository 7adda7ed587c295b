//! Prices that are not asked any more, where neither a word beside them nor a name of their
//! own says so.
//!
//! Names of discounts may mean the opposite by what is put before them: an "undiscounted"
//! amount is the one that nobody pays. Some names are too short to mean anything but within
//! a price: "was", "list". And what is struck out once is old wherever it is said again, in
//! whatever language: shops do so for those who listen to the page.

use rust_decimal::Decimal;
use scraper::ElementRef;

use super::asked::ELSEWHERE;
use super::clues::{self, Clues};
use super::spot::Spot;
use crate::extract::price::{self, ParsedPrice};
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

/// The fewest letters of words beside an amount.
const LEAST_LETTERS: usize = 3;

/// Whether a text says an amount in words: "The price was: €49.00." Without any it may be the
/// price asked, which is as high as before.
pub(super) fn has_words(text: &str, parsed: &ParsedPrice) -> bool {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count();
    let sign = parsed.symbol.as_deref().unwrap_or_default();
    letters(text) >= letters(sign) + LEAST_LETTERS
}

/// Marks what says an amount again that is struck out in the same box, where that leaves
/// another that may be asked.
pub(super) fn mark_repeated(spots: &mut [Spot]) {
    let is_struck = |spot: &&Spot| spot.clues.has(Clues::STRUCK) && !spot.clues.has(Clues::HIDDEN);
    let struck: Vec<Decimal> = spots
        .iter()
        .filter(is_struck)
        .filter_map(|spot| spot.parsed.amount)
        .collect();
    let is_again = |spot: &Spot| spot.parsed.amount.is_some_and(|it| struck.contains(&it));
    let is_left = |spot: &Spot| {
        let not_asked = ELSEWHERE.with(Clues::STRUCK).with(Clues::WITHOUT_TAX);
        !spot.clues.has(not_asked) && !is_again(spot)
    };
    if struck.is_empty() || !spots.iter().any(is_left) {
        return;
    }
    for spot in spots.iter_mut() {
        if is_again(spot) && has_words(&spot.raw, &spot.parsed) {
            spot.clues = spot.clues.with(Clues::OLD);
        }
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
    let is_struck = |of: &ElementRef<'_>| {
        let clues = clues::of(*of);
        clues.has(Clues::STRUCK) && !clues.has(Clues::HIDDEN)
    };
    let struck = inner().filter(is_struck);
    let struck: Vec<Decimal> = struck
        .filter_map(|of| price::parse(&text_of(of), None, None).amount)
        .collect();
    let repeats = |of: ElementRef<'_>| {
        if struck.is_empty() || of.children().any(|child| child.value().is_element()) {
            return false;
        }
        let text = text_of(of);
        let parsed = price::parse(&text, None, None);
        let is_again = parsed.amount.is_some_and(|it| struck.contains(&it));
        is_again && has_words(&text, &parsed)
    };
    text_without(element, |of| clues::of(of).has(Clues::OLD) || repeats(of))
}
