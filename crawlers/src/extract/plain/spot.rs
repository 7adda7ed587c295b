//! A place on a page where a price is written.

use super::clues::Clues;
use super::scan::LEFT_OUT;
use crate::extract::price::{self, ParsedPrice, begins_with_other, said};

/// A price with what it stands in.
pub(super) struct Spot {
    pub(super) order: usize,
    pub(super) clues: Clues,
    pub(super) raw: String,
    pub(super) parsed: ParsedPrice,
    pub(super) in_link: bool,
    pub(super) is_emphasised: bool,
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
    if text.chars().count() > MAX_PRICE {
        return None;
    }
    let has_number = text.chars().any(char::is_numeric);
    let is_bare = own.has(Clues::PRICE) && (!has_number || is_bare_number(text));
    let may_be_price = is_bare || has_number && price::names_currency(text);
    if !may_be_price {
        return None;
    }
    let parsed = price::parse(text, None, None);
    parsed.amount.is_some().then(|| Spot {
        order,
        clues: clues.with(own),
        raw: text.to_owned(),
        parsed,
        in_link: element == "a",
        is_emphasised: is_emphasis(element),
    })
}

/// A number with hardly anything around it.
fn is_bare_number(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let digits = text.chars().filter(|c| c.is_numeric()).count();
    digits > 0 && digits <= 12 && letters <= 12 && text.chars().count() <= 30 && !text.contains('%')
}

fn is_emphasis(element: &str) -> bool {
    matches!(
        element,
        "h1" | "h2" | "h3" | "h4" | "strong" | "b" | "ins" | "big"
    )
}

impl Spot {
    /// Where the amount and its sign stand in the text.
    fn amount_in_raw(&self) -> std::ops::Range<usize> {
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

/// Lets the words of a short text say which of the prices in it are old, of
/// something else, without tax, for a unit, or the upper end of a range.
pub(super) fn judge(spots: &mut [Spot], text: &str) {
    let mut from = 0;
    // A label before the first price means that labels stand before.
    let mut leads = None;
    for at in 0..spots.len() {
        let Some(found) = text[from..].find(&spots[at].raw) else {
            continue;
        };
        let (start, end) = (from + found, from + found + spots[at].raw.len());
        let next = spots
            .get(at + 1)
            .and_then(|next| text[end..].find(&next.raw));
        let amount = spots[at].amount_in_raw();
        let lead = ending(&text[from..start + amount.start], 50);
        let lead = lead.rsplit(LEFT_OUT).next().unwrap_or(lead);
        let tail = &text[start + amount.end..next.map_or(text.len(), |next| end + next)];
        let labelled = *leads.get_or_insert(lead.chars().any(char::is_alphabetic));
        let mut clues = spots[at].clues;
        let words = said(lead);
        if words.is_old() {
            clues = clues.with(Clues::OLD);
        }
        let is_upper_end =
            at > 0 && matches!(lead.trim(), "-" | "–" | "—" | "~" | "to" | "bis" | "à");
        if words.is_other()
            || is_taken_off_or_added(lead)
            || (next.is_none() && is_of_something_else(tail))
            || is_tier(lead)
            || is_instalment(lead)
            || is_in_cart(lead)
            || is_per_unit(tail)
            || is_upper_end
        {
            clues = clues.with(Clues::OTHER);
        }
        let on_tax = if labelled { words } else { said(tail) };
        if text.len() <= 90 && on_tax.is_without_tax() {
            clues = clues.with(Clues::WITHOUT_TAX);
        }
        spots[at].clues = clues;
        from = end;
    }
}

/// The last characters of a text.
fn ending(text: &str, characters: usize) -> &str {
    let start = text.char_indices().rev().nth(characters.saturating_sub(1));
    &text[start.map_or(0, |(at, _)| at)..]
}

/// "+ 5,00 €", "-10 €", "(+5,00 €)".
fn is_taken_off_or_added(lead: &str) -> bool {
    lead.trim_end().ends_with(['+', '−']) || lead.trim() == "-"
}

/// "5 € shipping", "10 € off".
fn is_of_something_else(tail: &str) -> bool {
    let belongs_to_next = tail.chars().any(char::is_numeric);
    !belongs_to_next && begins_with_other(tail.trim_start_matches(|c: char| !c.is_alphanumeric()))
}

/// "12 x", "or 12x of", "ou 10 × de": how often the amount is paid.
fn is_instalment(lead: &str) -> bool {
    let lower = lead.trim_end().to_lowercase();
    let lead = ["de", "of", "à", "a", "da", "po", "von", "van"]
        .iter()
        .find_map(|word| lower.strip_suffix(word)?.strip_suffix(' '))
        .unwrap_or(&lower);
    let times = lead.trim_end().strip_suffix(['x', '×']);
    times.is_some_and(|count| count.trim_end().ends_with(|c: char| c.is_ascii_digit()))
}

/// "10+", "ab 5 Stück", "3 - 9": the quantity a price holds from.
fn is_tier(lead: &str) -> bool {
    let lead = lead.trim().trim_end_matches([':', '=', '|']).trim();
    if lead.is_empty() || lead.chars().count() > 40 || !lead.chars().any(|c| c.is_ascii_digit()) {
        return false;
    }
    let lower = lead.to_lowercase();
    let word = |word: &str| {
        lower
            .split(|c: char| !c.is_alphanumeric())
            .any(|part| part == word)
    };
    lower.ends_with('+')
        || lower.ends_with(|c: char| c.is_ascii_digit())
            && lower
                .chars()
                .all(|c| c.is_ascii_digit() || " -–+".contains(c))
        || [
            "or more",
            "oder mehr",
            "ou mais",
            "lub więcej",
            "eller flere",
            "eller fler",
            "et plus",
            "o más",
            "o più",
            "of meer",
        ]
        .iter()
        .any(|words| lower.contains(words))
        || ([
            "ab", "from", "dès", "desde", "da", "vanaf", "od", "от", "buy", "qty", "bis", "stück",
            "pcs", "pieces",
        ]
        .iter()
        .any(|w| word(w))
            && lower.split_whitespace().any(is_quantity))
}

/// "5", "10-20", "3+:": a number that stands by itself, not "HW-12".
fn is_quantity(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
        && word
            .chars()
            .all(|c| c.is_ascii_digit() || "-–+:.,".contains(c))
}

/// "2 x Knife", "1 × Lamp": what lies in a cart.
fn is_in_cart(lead: &str) -> bool {
    let behind = lead
        .trim_start()
        .trim_start_matches(|c: char| c.is_ascii_digit());
    let times = behind.trim_start().strip_prefix(['x', '×']);
    behind.len() < lead.trim_start().len()
        && times.is_some_and(|rest| rest.starts_with(' ') && rest.chars().any(char::is_alphabetic))
}

/// The most words that a label before an amount has.
const MAX_LABEL: usize = 4;

impl Spot {
    /// Whether a sentence speaks of the amount: more words stand before it than
    /// a label has.
    pub(super) fn is_spoken_of(&self) -> bool {
        let lead = &self.raw[..self.amount_in_raw().start];
        let has_letters = |word: &&str| word.chars().any(char::is_alphabetic);
        lead.split_whitespace().filter(has_letters).count() > MAX_LABEL
    }
}

/// "/ kg", "pro 100 ml", "per metre": a price by measure, not by piece.
fn is_per_unit(text: &str) -> bool {
    const UNITS: [&str; 25] = [
        "kg",
        "g",
        "l",
        "ml",
        "cl",
        "m",
        "m²",
        "qm",
        "lb",
        "oz",
        "liter",
        "litre",
        "litro",
        "meter",
        "metre",
        "kilo",
        "kilogramm",
        "gramm",
        "cm",
        "кг",
        "л",
        "г",
        "м",
        "100g",
        "100ml",
    ];
    let behind = text.trim_start_matches([' ', '*', '(']).to_lowercase();
    if behind.is_empty() {
        return false;
    }
    let rest = [
        "/", "pro ", "per ", "je ", "par ", "por ", "al ", "za ", "за ",
    ]
    .iter()
    .find_map(|word| behind.strip_prefix(word));
    let Some(rest) = rest else { return false };
    let rest =
        rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ' || c == ',' || c == '.');
    let unit: String = rest
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '²')
        .collect();
    UNITS.contains(&unit.as_str())
}
