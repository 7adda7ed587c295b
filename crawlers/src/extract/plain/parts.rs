//! What an amount is that is not the price asked: a part of it, one of many,
//! by measure, or of something else.

use super::labels::PRICE_WORDS;
use crate::extract::price::begins_with_other;

/// "+ 5,00 €", "-10 €", "(+5,00 €)".
pub(super) fn is_taken_off_or_added(lead: &str) -> bool {
    lead.trim_end().ends_with(['+', '−']) || lead.trim() == "-"
}

/// "5 € shipping", "10 € off".
pub(super) fn is_of_something_else(tail: &str) -> bool {
    // A digit within a word is one of a code: "with code TEA10".
    let belongs_to_next = tail
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| word.starts_with(char::is_numeric));
    !belongs_to_next && begins_with_other(tail.trim_start_matches(|c: char| !c.is_alphanumeric()))
}

/// "12 x", "or 12x of", "ou 10 × de": how often the amount is paid.
pub(super) fn is_instalment(lead: &str) -> bool {
    const EACH_MONTH: [&str; 4] = ["월", "매월", "每月", "เดือนละ"];
    let lower = lead.trim_end().to_lowercase();
    if EACH_MONTH.contains(&lower.trim_start()) {
        return true;
    }
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
            "ab", "from", "dès", "desde", "da", "vanaf", "od", "от", "від", "från", "fra", "buy",
            "qty", "bis", "stück", "pcs", "pieces",
        ]
        .iter()
        .any(|w| word(w))
            && lower.split_whitespace().any(is_quantity)
            && !lower.split_whitespace().any(is_one))
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

/// "1", "1+": from one piece on a price holds for each.
fn is_one(word: &str) -> bool {
    word.trim_end_matches(['+', ':']) == "1"
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
    const UNITS: &[&str] = &[
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
        "kgs",
        "克",
        "公斤",
        "千克",
        "斤",
        "升",
        "毫升",
        "kilogramo",
        "litra",
        "กรัม",
        "กก",
        "กิโลกรัม",
        "ลิตร",
        "גרם",
        "קג",
        "ליטר",
        "جرام",
        "غرام",
        "كيلو",
        "كجم",
        "لتر",
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
        "el ",
        "la ",
        "il ",
        "pr. ",
        "už ",
        "ต่อ ",
        "ל-",
        "لكل ",
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

/// "Price per 100 g:", "cena za 1 kg", "100gあたり", "每100克": the same, said before the amount.
pub(super) fn is_per_unit_before(lead: &str) -> bool {
    const FOR: [&str; 4] = ["あたり", "当たり", "当り", "당"];
    let lead = lead.trim_end_matches(|c: char| !c.is_alphanumeric());
    let of = |text: &str| is_per_unit(&format!("/{text}"));
    let begin = |at: usize| lead.rmatch_indices(' ').nth(at).map_or(0, |(at, _)| at + 1);
    // "La M" is a name.
    let is_article = |text: &str| {
        ["la ", "el ", "il ", "le "]
            .iter()
            .any(|it| text.starts_with(it))
    };
    let is_measure = |text: &str| !is_article(&text.to_lowercase()) && is_per_unit(text);
    let each = lead.rsplit_once('每').map(|(_, measure)| measure);
    let said = FOR.iter().find_map(|word| lead.strip_suffix(word));
    (1..3).any(|at| is_measure(&lead[begin(at)..]))
        || each
            .or(said.map(|it| &it[it.rfind(' ').map_or(0, |at| at + 1)..]))
            .is_some_and(of)
}

/// "≈ 386 kr", "(ca. $37.00)": what another amount is in another currency. A word for "about"
/// counts in brackets only, or behind another amount.
pub(super) fn is_converted(lead: &str, is_first: bool) -> bool {
    const ABOUT: [&str; 12] = [
        "ca",
        "ca.",
        "circa",
        "approx",
        "approx.",
        "about",
        "env.",
        "environ",
        "aprox.",
        "ung.",
        "ok.",
        "около",
    ];
    let lead = lead.trim();
    let is_word = || {
        let lower = lead.trim_start_matches('(').trim_start().to_lowercase();
        (!is_first || lead.starts_with('(')) && ABOUT.contains(&lower.as_str())
    };
    lead.ends_with(['≈', '≃', '≅', '~', '∼']) || is_word()
}

/// "Lowest price in 30 days": what had to be paid before a discount, as the law of the European
/// Union has shops say in all its languages.
pub(super) fn is_of_last_days(lead: &str) -> bool {
    const DAYS: [&str; 40] = [
        "day",
        "days",
        "tag",
        "tage",
        "tagen",
        "jour",
        "jours",
        "días",
        "dias",
        "giorni",
        "dagen",
        "dage",
        "dagar",
        "dager",
        "dagars",
        "dni",
        "dní",
        "dnů",
        "dnech",
        "dňoch",
        "dana",
        "dneh",
        "päivän",
        "päivää",
        "pv",
        "päeva",
        "nap",
        "napban",
        "zile",
        "дней",
        "дня",
        "дни",
        "днів",
        "ημερών",
        "ημέρες",
        "dienų",
        "dienas",
        "dienu",
        "gün",
        "günün",
    ];
    const BEHIND: usize = 2;
    let lower = lead.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let counts_days = |at: usize| {
        let behind = words[at + 1..].iter().take(BEHIND);
        words[at] == "30" && behind.into_iter().any(|word| DAYS.contains(word))
    };
    (0..words.len()).any(counts_days) && PRICE_WORDS.iter().any(|word| lower.contains(word))
}

/// "/month", "mtl.", "al mes": a part of what is paid.
pub(super) fn is_per_month(tail: &str) -> bool {
    const MONTHS: &[&str] = &[
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
        "месец",
        "міс",
        "місяць",
        "mesiac",
        "mesiacov",
        "mesačne",
        "měsíčně",
        "mjesec",
        "mjesečno",
        "mesec",
        "mesečno",
        "mėn",
        "mēnesī",
        "kuus",
        "kuukaudessa",
        "μήνα",
        "เดือน",
        "할부",
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
        "на ", "za ", "pe ", "p/", "p. ", "pr. ",
    ]
    .iter()
    .find_map(|word| lower.strip_prefix(word))
    .unwrap_or(&lower);
    let word: String = rest.chars().take_while(|c| c.is_alphabetic()).collect();
    MONTHS.contains(&word.as_str()) && !word.is_empty()
}
