//! A place on a page where a price is written.

use super::clues::Clues;
use crate::extract::currency;
use crate::extract::price::{self, ParsedPrice, is_old, is_other, is_without_tax};

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
    let parsed = price::parse(text, None, None);
    parsed.amount?;
    let is_price = if parsed.symbol.is_some() {
        text.chars().any(char::is_numeric)
    } else {
        own.has(Clues::PRICE) && is_bare_number(text)
    };
    is_price.then(|| Spot {
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
    /// Takes the currency from the text around, if that holds the same amount.
    pub(super) fn complete(&mut self, around: &str) {
        if self.parsed.symbol.is_some() || around.chars().count() > 60 {
            return;
        }
        let wider = price::parse(around, None, None);
        if wider.symbol.is_some() && wider.amount.is_some() && around.contains(&self.raw) {
            self.parsed = wider;
            self.raw = around.to_owned();
        }
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
        let lead = &text[from..start];
        let next = spots
            .get(at + 1)
            .and_then(|next| text[end..].find(&next.raw));
        let tail = &text[end..next.map_or(text.len(), |next| end + next)];
        let labelled = *leads.get_or_insert(lead.chars().any(char::is_alphabetic));
        let raw = spots[at].raw.clone();
        let mut clues = spots[at].clues;
        if is_old(lead) || (is_old(&raw) && !has_two_amounts(&raw)) {
            clues = clues.with(Clues::OLD);
        }
        if (is_other(lead) && lead.len() <= 60)
            || is_other_amount(&raw)
            || is_tier(lead)
            || is_per_unit(tail)
            || is_per_unit(&raw)
            || tail.trim_start().starts_with("x ")
        {
            clues = clues.with(Clues::OTHER);
        }
        if is_without_tax(if labelled { lead } else { tail })
            || is_without_tax(&raw) && !has_two_amounts(&raw)
        {
            clues = clues.with(Clues::WITHOUT_TAX);
        }
        if at > 0 && matches!(lead.trim(), "-" | "–" | "—" | "~" | "to" | "bis" | "à") {
            clues = clues.with(Clues::OTHER);
        }
        spots[at].clues = clues;
        from = end;
    }
}

fn has_two_amounts(raw: &str) -> bool {
    currency::find_all(raw).len() > 1
}

/// "+ 5,00 €", "-10 €", "Save 5 €", "5 € shipping".
fn is_other_amount(raw: &str) -> bool {
    let start = raw.trim_start_matches(['(', ' ']);
    if start.starts_with(['+', '-', '−']) {
        return true;
    }
    let Some(digit) = raw.find(|c: char| c.is_numeric()) else {
        return false;
    };
    is_other(&raw[..digit])
        || (is_other(raw)
            && !has_two_amounts(raw)
            && raw.chars().count() < 40
            && ends_with_other(raw))
}

fn ends_with_other(raw: &str) -> bool {
    let last = raw.rfind(|c: char| c.is_numeric()).unwrap_or(0);
    let behind: String = raw[last..].chars().skip(1).take(24).collect();
    // "inkl. MwSt. zzgl. Versand" speaks of tax first.
    is_other(&behind)
        && ![
            "incl", "inkl", "zzgl", "plus", "ttc", "iva", "vat", "mwst", "excl", "exkl", "+",
            "hors",
        ]
        .iter()
        .any(|word| behind.to_lowercase().contains(word))
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
            && lower.chars().any(|c| c.is_ascii_digit()))
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
    let lower = text.to_lowercase();
    let behind = lower
        .rfind(|c: char| currency_end(c))
        .map_or(lower.as_str(), |at| &lower[at..]);
    let behind = behind.trim_start_matches(|c: char| currency_end(c) || c == ' ' || c == '*');
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

fn currency_end(c: char) -> bool {
    "€$£¥₽₹₴₺₪₩".contains(c)
}
