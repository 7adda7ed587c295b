//! Values that stand behind a label: "Sold by: …", "EAN: …".

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

pub(super) use super::article::{BRAND, GTIN, NUMBER};
use super::clues::Clues;
use super::scan::{Line, Scan};
use crate::extract::{availability, price};

/// Whether a text may be an article's number: short, of few words.
pub(super) fn is_number(text: &str) -> bool {
    text.chars().count() <= 40
        && text.split_whitespace().count() <= 3
        && (text.chars().any(char::is_numeric)
            || text.contains(['-', '_', '/'])
            || text.chars().all(|c| !c.is_lowercase()))
}

/// Whether a text may be a name: of few words, and no piece of a sentence, as behind "made
/// by hand in the hills." and "made by hand.", and no amount.
pub(super) fn is_name(text: &str) -> bool {
    let words = text.split_whitespace().count();
    let begins_small = text.chars().next().is_some_and(char::is_lowercase);
    let is_amount =
        text.chars().any(char::is_numeric) && price::parse(text, None, None).symbol.is_some();
    !is_amount && words <= 6 && !(begins_small && (words > 2 || text.ends_with('.')))
}

/// Labels that mean a number wherever one word with digits follows: "SKU NV-310".
const ALONE: [&str; 8] = ["sku", "ean", "gtin", "upc", "isbn", "mpn", "артикул", "réf"];

fn is_one_number(text: &str) -> bool {
    const SHORTEST: usize = 3;
    let is_part = |c: char| c.is_alphanumeric() || "-_./".contains(c);
    text.len() >= SHORTEST
        && text.contains(|c: char| c.is_ascii_digit())
        && text.chars().all(is_part)
}

/// Whether a text is a label of the maker and nothing else.
pub(super) fn is_maker_label(text: &str) -> bool {
    let label = text.trim_matches(|c: char| c.is_whitespace() || MARKS.contains(&c));
    BRAND.contains(&label.to_lowercase().as_str())
}

/// Whether a text may be a number of the kind that is printed as bars.
pub(super) fn is_gtin(text: &str) -> bool {
    text.chars().filter(char::is_ascii_digit).count() >= 8
}

/// Whether a text names a maker, a number or what is in stock, as lines beside a product do.
pub(super) fn is_labelled(text: &str) -> bool {
    speaks_of_stock(text) || begins_with_label(text)
}

/// Whether a text begins with the label of a maker or a number.
pub(super) fn begins_with_label(text: &str) -> bool {
    let label = text.split([':', '：']).next().unwrap_or(text);
    let label = label.trim().to_lowercase();
    let is_known = |labels: &[&str]| labels.contains(&label.as_str());
    [BRAND, GTIN, NUMBER].into_iter().any(is_known)
}

/// How many lines end between a label and the line that holds it.
const AROUND: usize = 12;

const MARKS: [char; 5] = [':', '：', '-', '–', '#'];

/// The value behind one of the labels that `fits`, or the text of an element whose name
/// says it holds one. Places far from the product do not count.
pub(super) fn labelled(
    scan: &Scan<'_>,
    labels: &[&str],
    named: Clues,
    fits: impl Fn(&str) -> bool,
) -> Option<String> {
    let elsewhere = Clues::RELATED
        .with(Clues::FRAME)
        .with(Clues::CARD)
        .with(Clues::REVIEW)
        .with(Clues::HIDDEN);
    let lines: Vec<&Line> = scan
        .lines
        .iter()
        .filter(|line| !line.clues.has(elsewhere))
        .collect();
    // Inner elements close first, so the most exact line comes first.
    for (at, line) in lines.iter().enumerate() {
        if line.text.chars().count() > 100 {
            continue;
        }
        let lower = line.text.to_lowercase();
        for label in labels {
            let value = behind_label(&lines[at..], &lower, label, named);
            if let Some(value) = value.filter(|value| fits(value)) {
                return Some(value);
            }
        }
    }
    if named == Clues::default() {
        return None;
    }
    let called = lines.iter().find(|line| {
        line.clues.has(named)
            && line.text.chars().count() <= 60
            && line.text.chars().any(char::is_alphabetic)
            && !labels.contains(&line.text.to_lowercase().trim_end_matches(':'))
    })?;
    let link = called.link.as_ref();
    let called = link.map_or(&called.text, |link| &link.text).clone();
    fits(&called).then_some(called)
}

/// What stands behind a label at the beginning of the first of these lines; `lower` is
/// that line in small letters.
fn behind_label(lines: &[&Line], lower: &str, label: &str, named: Clues) -> Option<String> {
    let line = lines.first()?;
    let rest = without_bracket(lower.strip_prefix(label)?);
    let behind = rest.trim_start();
    let is_between = |c: char| c.is_whitespace() || MARKS.contains(&c);
    if behind.trim_start_matches(MARKS).trim().is_empty() {
        // The label alone: the value is beside it in what holds both,
        // else in the next line.
        let around = lines.iter().enumerate().skip(1).take(AROUND);
        let around = around.filter(|(at, around)| *at == 1 || around.is_part);
        let beside = around.map(|(_, around)| around).find_map(|around| {
            let text = around.text.strip_prefix(line.text.as_str())?;
            let value = text.trim_start_matches(is_between);
            let fits = around.order < line.order && value.chars().count() <= 80;
            (fits && !value.is_empty()).then(|| value.to_owned())
        });
        let next = lines[1..]
            .iter()
            .take(3)
            .find(|next| next.order > line.order && next.is_leaf);
        // Another label means that there is no value. Some shops have `dd` and `dt` swapped.
        let is_value = |next: &&&Line| {
            let is_label = line.is_term && next.is_term || next.text.ends_with([':', '：']);
            next.text.chars().count() <= 80 && !is_label
        };
        return beside.or_else(|| Some(next.filter(is_value)?.text.clone()));
    }
    let is_phrase = label.contains(' ') || label.ends_with('.');
    let is_spaced = is_phrase || ALONE.contains(&label) && is_one_number(behind);
    // "Hersteller <a>Nordvik</a>": a link to all of a maker's products is a maker's name.
    let is_maker = || {
        let link = line.link.as_ref().filter(|link| link.to_maker);
        link.is_some_and(|link| link.text.to_lowercase() == behind)
    };
    let follows = behind.starts_with(MARKS) || (is_spaced || is_maker()) && rest.starts_with(' ');
    if !follows {
        return None;
    }
    if let Some(link) = line
        .link
        .as_ref()
        .filter(|link| named.has(Clues::SELLER) && line.text.contains(&link.text))
    {
        return Some(link.text.clone());
    }
    let value: String = line.text.chars().skip(label.chars().count()).collect();
    let value = without_bracket(&value).trim_start_matches(is_between);
    (value.chars().count() <= 80).then(|| value.to_owned())
}

/// What stands behind a label without what explains it: "Item no. (SKU): NV-310".
fn without_bracket(behind: &str) -> &str {
    const LONGEST: usize = 24;
    let bracket = behind.trim_start().strip_prefix('(');
    let Some((said, rest)) = bracket.and_then(|bracket| bracket.split_once(')')) else {
        return behind;
    };
    let rest_of_line = rest.trim_start();
    let ends = rest_of_line.is_empty() || rest_of_line.starts_with(MARKS);
    match ends && said.len() <= LONGEST {
        true => rest,
        false => behind,
    }
}

static STOCK: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::new(availability::spoken()).ok());

/// Whether a text of no particular place may speak of stock: it holds one of
/// the words, and little else.
pub(super) fn speaks_of_stock(text: &str) -> bool {
    text.chars().count() <= 60
        && (availability::is_count(text)
            || STOCK
                .as_ref()
                .is_some_and(|finder| finder.is_match(&availability::squeeze(text))))
}
