//! A place on a page where a price is written.

use super::clues::Clues;
use super::former;
use super::labels::{OFFER_WORDS, PRICE_WORDS};
use crate::extract::price::{self, ParsedPrice};

/// A price with what it stands in.
pub(super) struct Spot {
    pub(super) order: usize,
    pub(super) clues: Clues,
    pub(super) raw: String,
    pub(super) parsed: ParsedPrice,
    pub(super) in_link: bool,
    pub(super) is_emphasised: bool,
    /// The names of what it stands in call it old, whatever words say.
    pub(super) is_named_old: bool,
    /// It stands in running text.
    pub(super) in_prose: bool,
    /// It is an end of a range: "A – B".
    pub(super) is_range: bool,
    /// A label before it calls it the price.
    pub(super) is_labelled: bool,
}

/// The longest text that is taken for a price, in characters.
const MAX_PRICE: usize = 120;

/// A price, if the text holds one: an amount beside a currency, or in a place
/// that is called a price nothing but a number.
pub(super) fn read(
    text: &str,
    order: usize,
    clues: Clues,
    own: Clues,
    element: &str,
) -> Option<Spot> {
    // What is called cents is a part of the price around.
    if text.chars().count() > MAX_PRICE || own.has(Clues::CENTS) && text.len() <= 4 {
        return None;
    }
    let has_number = text.chars().any(char::is_numeric);
    let is_bare =
        own.has(Clues::PRICE) && (!has_number || is_bare_number(text) && !counts_things(text));
    let may_be_price = is_bare || has_number && price::names_currency(text);
    if !may_be_price {
        return None;
    }
    let parsed = price::parse(text, None, None);
    // The total of an empty cart, or a price that scripts fill in.
    let is_nothing = has_number && parsed.amount.is_some_and(|amount| amount.is_zero());
    (parsed.amount.is_some() && !is_nothing).then(|| Spot {
        order,
        clues: clues.with(own),
        raw: text.to_owned(),
        parsed,
        in_link: element == "a",
        is_emphasised: is_emphasis(element),
        is_named_old: clues.with(own).has(Clues::OLD),
        in_prose: false,
        is_range: price::is_range(text),
        is_labelled: false,
    })
}

/// A number with hardly anything around it.
fn is_bare_number(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let digits = text.chars().filter(|c| c.is_numeric()).count();
    digits > 0 && digits <= 12 && letters <= 12 && text.chars().count() <= 30 && !text.contains('%')
}

/// The fewest letters of a word that is no sign of a currency.
const SHORTEST_WORD: usize = 3;

/// Words behind amounts that count nothing: of currencies, and before what a price is for.
const BEHIND_PRICES: [&str; 24] = [
    "per", "pro", "par", "por", "each", "birr", "taka", "dollars", "pesos", "pounds", "kroner",
    "kronor", "kronen", "francs", "franken", "dirham", "dirhams", "rupees", "rupiah", "reais",
    "soles", "yen", "yuan", "lira",
];

/// "8 Item(s)", "8 comments": a whole number with a word behind it that says nothing of prices
/// counts something.
fn counts_things(text: &str) -> bool {
    let behind = text.trim_start_matches(|c: char| !c.is_numeric());
    let is_part = |c: char| c.is_numeric() || " -–\u{a0}".contains(c);
    let word = behind.trim_start_matches(is_part);
    let first: String = word.chars().take_while(|c| c.is_alphabetic()).collect();
    let says = price::said(word);
    let speaks_of_price =
        says.is_old() || says.is_now() || says.is_without_tax() || says.is_with_tax();
    first.chars().count() >= SHORTEST_WORD
        && !BEHIND_PRICES.contains(&first.to_lowercase().as_str())
        && !price::names_currency(text)
        && !speaks_of_price
}

fn is_emphasis(element: &str) -> bool {
    matches!(
        element,
        "h1" | "h2" | "h3" | "h4" | "strong" | "b" | "ins" | "big"
    )
}

impl Spot {
    /// Where the amount and its sign stand in the text.
    pub(super) fn amount_in_raw(&self) -> std::ops::Range<usize> {
        let raw = self.raw.as_str();
        let is_part = |c: char| c.is_numeric() || " .,'’-–\u{a0}".contains(c);
        let sign = self
            .parsed
            .symbol
            .as_deref()
            .and_then(|sign| Some((raw.find(sign)?, sign.len())));
        let Some((at, length)) = sign else {
            let start = raw.find(char::is_numeric).unwrap_or(0);
            let end = raw[start..]
                .find(|c| !is_part(c))
                .map_or(raw.len(), |end| start + end);
            return start..end;
        };
        let behind = &raw[at + length..];
        let run = behind.find(|c| !is_part(c)).unwrap_or(behind.len());
        let digits_follow = behind
            .trim_start_matches([' ', '\u{a0}', ':'])
            .starts_with(char::is_numeric);
        if digits_follow {
            // "39€95" begins before its sign.
            let whole = raw[..at].len() - raw[..at].trim_end_matches(char::is_numeric).len();
            return at - whole..at + length + run;
        }
        let before = raw[..at].trim_end_matches(is_part).len();
        let start = before
            + raw[before..at]
                .find(char::is_numeric)
                .unwrap_or(at - before);
        start..at + length
    }

    /// What stands before the amount.
    pub(super) fn label(&self) -> &str {
        self.raw[..self.amount_in_raw().start].trim()
    }

    /// Takes the currency from the text around, if that holds the same amount.
    pub(super) fn complete(&mut self, around: &str) {
        let length = around.chars().count();
        if self.parsed.symbol.is_some() && length <= 30 && self.is_part_of_number(around) {
            self.parsed = price::parse(around, None, None);
            self.raw = around.to_owned();
            return;
        }
        if self.parsed.symbol.is_some() || length > 60 {
            return;
        }
        let wider = price::parse(around, None, None);
        if wider.symbol.is_some() && wider.amount.is_some() && around.contains(&self.raw) {
            self.parsed = wider;
            self.raw = around.to_owned();
        }
    }

    /// Whether digits touch it: "39" and "€95" in two elements are one price.
    fn is_part_of_number(&self, around: &str) -> bool {
        let Some(at) = around.find(&self.raw) else {
            return false;
        };
        let before = around[..at].chars().next_back();
        let after = around[at + self.raw.len()..].chars().next();
        before.is_some_and(char::is_numeric) || after.is_some_and(char::is_numeric)
    }

    /// What an element around the price says by its name.
    pub(super) fn add_clues(&mut self, around: Clues, element: &str, length: usize) {
        if around.has(Clues::PRICE) && length <= 160 {
            self.clues = self.clues.with(Clues::PRICE);
        }
        if around.has(Clues::CURRENT) && around.has(Clues::PRICE) && length <= 60 {
            self.clues = self.clues.with(Clues::CURRENT);
        }
        self.in_link |= element == "a";
        self.is_emphasised |= is_emphasis(element) && length <= 60;
    }
}

/// The most words that a label before an amount has.
const MAX_LABEL: usize = 4;

impl Spot {
    /// Whether a sentence speaks of the amount: more words stand before it than
    /// a label has.
    pub(super) fn is_spoken_of(&self) -> bool {
        let lead = &self.raw[..self.amount_in_raw().start];
        let has_letters = |word: &&str| word.chars().any(char::is_alphabetic);
        self.in_prose || lead.split_whitespace().filter(has_letters).count() > MAX_LABEL
    }
}

impl Spot {
    /// Whether something is said of the amount in words, and not by a label alone.
    pub(super) fn has_words(&self) -> bool {
        former::has_words(&self.raw, &self.parsed)
    }

    /// Whether that may be that it is the price, or what it is with tax or without.
    pub(super) fn may_be_named(&self) -> bool {
        let lower = self.raw.to_lowercase();
        let holds = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        let says = price::said(&self.raw);
        let is_said = says.is_now() || says.is_with_tax() || says.is_without_tax();
        self.has_words() && (is_said || holds(PRICE_WORDS) || holds(OFFER_WORDS))
    }
}
