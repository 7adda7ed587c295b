//! What an amount is that is not the price asked: a part of it, one of many,
//! by measure, or of something else.

use crate::extract::price::begins_with_other;

/// "+ 5,00 €", "-10 €", "(+5,00 €)".
pub(super) fn is_taken_off_or_added(lead: &str) -> bool {
    lead.trim_end().ends_with(['+', '−']) || lead.trim() == "-"
}

/// "5 € shipping", "10 € off".
pub(super) fn is_of_something_else(tail: &str) -> bool {
    let belongs_to_next = tail.chars().any(char::is_numeric);
    !belongs_to_next && begins_with_other(tail.trim_start_matches(|c: char| !c.is_alphanumeric()))
}

/// "12 x", "or 12x of", "ou 10 × de": how often the amount is paid.
pub(super) fn is_instalment(lead: &str) -> bool {
    let lower = lead.trim_end().to_lowercase();
    let lead = ["de", "of", "à", "a", "da", "po", "von", "van"]
        .iter()
        .find_map(|word| lower.strip_suffix(word)?.strip_suffix(' '))
        .unwrap_or(&lower);
    let times = lead.trim_end().strip_suffix(['x', '×']);
    times.is_some_and(|count| count.trim_end().ends_with(|c: char| c.is_ascii_digit()))
}

/// How many words before an amount may say from which quantity it holds.
const TIER_WORDS: usize = 4;

/// "10+", "ab 5 Stück", "3 - 9": the quantity a price holds from.
pub(super) fn is_tier(lead: &str) -> bool {
    let lead = lead.trim().trim_end_matches([':', '=', '|']).trim();
    if lead.is_empty() || lead.chars().count() > 40 || !lead.chars().any(|c| c.is_ascii_digit()) {
        return false;
    }
    // What stands further ahead speaks of something else.
    let words: Vec<&str> = lead.split_whitespace().collect();
    let lower = words[words.len().saturating_sub(TIER_WORDS)..]
        .join(" ")
        .to_lowercase();
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

/// "each for buying at least 5", "al pezzo per almeno 5 pezzi", "from 5 pieces", "5 or more":
/// the quantity that the price before it holds from, where it ends the text.
pub(super) fn is_tier_behind(tail: &str) -> bool {
    const AT_LEAST: [&str; 15] = [
        "at least",
        "mindestens",
        "au moins",
        "al menos",
        "almeno",
        "pelo menos",
        "minstens",
        "ten minste",
        "minst",
        "mindst",
        "vähintään",
        "co najmniej",
        "minimálně",
        "alespoň",
        "не менее",
    ];
    const FROM: [&str; 8] = ["from", "ab", "dès", "desde", "vanaf", "od", "от", "від"];
    const PIECES: [&str; 14] = [
        "pieces", "pcs", "pc", "stück", "stk", "pièces", "unidades", "pezzi", "stuks", "st", "ks",
        "szt", "шт", "items",
    ];
    let tail = tail.trim_matches(|c: char| !c.is_alphanumeric() && c != '+');
    if tail.chars().count() > 60 {
        return false;
    }
    let lower = tail.to_lowercase();
    let (lead, pieces) = match lower.rsplit_once(' ') {
        Some((lead, word)) if PIECES.contains(&word) => (lead, true),
        _ => (lower.as_str(), false),
    };
    let before = lead.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_many = lead[before.len()..].parse().is_ok_and(|n: u32| n > 1);
    let ends_with = |words: &[&str]| {
        words.iter().any(|word| {
            let rest = before.trim_end().strip_suffix(word);
            rest.is_some_and(|rest| !rest.ends_with(char::is_alphabetic))
        })
    };
    is_many && (ends_with(&AT_LEAST) || pieces && ends_with(&FROM))
}

/// "5", "10-20", "3+:": a number that stands by itself, not "HW-12".
fn is_quantity(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
        && word
            .chars()
            .all(|c| c.is_ascii_digit() || "-–+:.,".contains(c))
}

/// "2 x Knife", "1 × Lamp": what lies in a cart.
pub(super) fn is_in_cart(lead: &str) -> bool {
    let behind = lead
        .trim_start()
        .trim_start_matches(|c: char| c.is_ascii_digit());
    let times = behind.trim_start().strip_prefix(['x', '×']);
    behind.len() < lead.trim_start().len()
        && times.is_some_and(|rest| rest.starts_with(' ') && rest.chars().any(char::is_alphabetic))
}

/// "/ kg", "pro 100 ml", "per metre": a price by measure, not by piece.
pub(super) fn is_per_unit(text: &str) -> bool {
    const UNITS: [&str; 36] = [
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
        "fl",
        "sq",
        "kilogram",
        "litros",
        "litri",
        "liters",
        "ounce",
        "λίτρο",
        "κιλό",
        "kilos",
        "lt",
    ];
    let behind = text.trim_start_matches([' ', '*', '(']).to_lowercase();
    if behind.is_empty() {
        return false;
    }
    let rest = [
        "/",
        "pro ",
        "per ",
        "je ",
        "par ",
        "por ",
        "al ",
        "za ",
        "за ",
        "ανά ",
        "le ",
        "le prix au ",
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

/// "/month", "mtl.", "al mes": a part of what is paid.
pub(super) fn is_per_month(tail: &str) -> bool {
    const MONTHS: [&str; 34] = [
        "month",
        "months",
        "mo",
        "mth",
        "pm",
        "week",
        "wk",
        "mån",
        "månad",
        "mois",
        "mes",
        "mese",
        "mês",
        "monat",
        "monatlich",
        "mtl",
        "maand",
        "mnd",
        "md",
        "måned",
        "mies",
        "miesięcznie",
        "měsíc",
        "měs",
        "hó",
        "hónap",
        "luna",
        "lună",
        "мес",
        "месяц",
        "ay",
        "kk",
        "tháng",
        "月",
    ];
    let lower = tail
        .trim_start_matches([' ', '*', '(', '\u{a0}'])
        .to_lowercase();
    let rest = [
        "/ ", "/", "per ", "pro ", "par ", "al ", "a ", "por ", "im ", "ao ", "om ", "i ", "в ",
        "на ", "za ", "pe ", "p/", "p. ",
    ]
    .iter()
    .find_map(|word| lower.strip_prefix(word))
    .unwrap_or(&lower);
    let word: String = rest.chars().take_while(|c| c.is_alphabetic()).collect();
    MONTHS.contains(&word.as_str()) && !word.is_empty()
}
