//! Whether the article can be bought, as a page shows it.

use super::clues::{self, Clues};
use super::scan::{Button, Line, Scan};
use super::words;
use crate::extract::availability;
use crate::extract::price::{names_currency, said};
use crate::listing::Availability;

/// How much a statement counts, what it means, and its words.
type Said<'s> = (i64, Availability, &'s str);

/// What is said of stock nearest to the price; else what the button says. Of what is there
/// beside the article ("Bulk discounts available") only where nothing says that it is gone.
pub(super) fn choose(
    scan: &Scan<'_>,
    anchor: usize,
    place: usize,
    buy: Option<&Button>,
    in_description: bool,
) -> Option<(Availability, String)> {
    let elsewhere = Clues::RELATED
        .with(Clues::FRAME)
        .with(Clues::CARD)
        .with(Clues::REVIEW)
        .with(Clues::HIDDEN)
        .with(Clues::CHOICE);
    let elsewhere = match in_description {
        // The whole box of the product is called one.
        true => elsewhere,
        false => elsewhere.with(Clues::DESCRIPTION),
    };
    let lines = scan
        .lines
        .iter()
        .enumerate()
        .filter(|(_, line)| !line.clues.has(elsewhere) && line.text.chars().count() <= 100);
    let silent = silent(scan, buy);
    let mut best: Option<Said<'_>> = None;
    let mut gone: Option<Said<'_>> = None;
    for (at, line) in lines {
        let named = line.clues.has(Clues::STOCK);
        let distance = line.order.abs_diff(place).min(line.order.abs_diff(anchor)) as i64;
        if !named && (!line.is_leaf && line.text.chars().count() > 60 || distance > 120) {
            continue;
        }
        if !named && !words::speaks_of_stock(&line.text) {
            continue;
        }
        // What it costs to be sent is said to be available too.
        if !named && said(&line.text).is_other() && names_currency(&line.text) {
            continue;
        }
        // A label, which says nothing by itself.
        if line.text.ends_with([':', '：']) {
            continue;
        }
        let meaning = match line.is_leaf {
            true => {
                among(line, &scan.lines[at + 1..]).filter(|meaning| !is_mark(line, *meaning, buy))
            }
            false => meaning_beside(&silent, line),
        };
        let Some(meaning) = meaning else {
            continue;
        };
        let score =
            i64::from(named) * 100 - distance.min(200) - line.text.chars().count() as i64 / 10;
        let beats = |known: &Option<Said<'_>>| known.is_none_or(|known| score > known.0);
        if beats(&best) {
            best = Some((score, meaning, &line.text));
        }
        if is_gone(meaning) && availability::is_bare(&line.text) && beats(&gone) {
            gone = Some((score, meaning, &line.text));
        }
    }
    if let Some((_, meaning, text)) = best {
        let is_of_another = meaning == Availability::InStock && availability::names_another(text);
        let said = gone.filter(|_| is_of_another);
        let said = said.map(|(_, meaning, text)| (meaning, text.to_owned()));
        let said = said.or_else(|| gone_by_button(buy?).filter(|_| is_of_another));
        return Some(said.unwrap_or((meaning, text.to_owned())));
    }
    let button = buy?;
    match availability::parse(&button.text) {
        Some(meaning) => Some((meaning, button.text.clone())),
        // A script takes a button away where its data count none.
        None if sells(button) && scan.counted != Some(false) => {
            Some((Availability::InStock, button.text.clone()))
        }
        None => None,
    }
}

/// What a button says, where that is that there is nothing to buy.
fn gone_by_button(button: &Button) -> Option<(Availability, String)> {
    let meaning = availability::parse(&button.text).filter(|meaning| is_gone(*meaning));
    meaning.map(|meaning| (meaning, button.text.clone()))
}

/// What a line means among the lines `after` it: a count of nothing beside it counts more than
/// its words.
fn among(line: &Line, after: &[Line]) -> Option<Availability> {
    let meaning = in_sentence(line, after)?;
    let is_there = matches!(meaning, Availability::InStock | Availability::Limited);
    match is_there && is_counted_out(line, after) {
        true => Some(Availability::OutOfStock),
        false => Some(meaning),
    }
}

/// Whether a count of nothing stands beside a word of stock, in another element: "In stock
/// <b>0</b>" and nothing else, or "0 items" behind it.
fn is_counted_out(line: &Line, after: &[Line]) -> bool {
    let is_around = |other: &&Line| {
        let is_more = other.text.len() > line.text.len();
        other.order < line.order && is_more && other.text.len() <= MAX_SENTENCE
    };
    let around = after.iter().take(MAX_AROUND).find(is_around);
    let (lead, tail) = around
        .and_then(|other| other.text.split_once(&line.text))
        .unwrap_or_default();
    // What comes behind opens behind it.
    let next = after
        .first()
        .filter(|next| (line.order + 1..=line.order + MAX_BEHIND).contains(&next.order));
    is_nothing(lead)
        || is_nothing(tail)
        || is_no_piece(tail)
        || next.is_some_and(|next| is_no_piece(&next.text))
}

/// How many elements behind a word of stock its count may stand.
const MAX_BEHIND: usize = 2;

/// Whether a text is the number 0.
fn is_nothing(text: &str) -> bool {
    text.trim_matches(|c: char| !c.is_alphanumeric()) == "0"
}

/// Whether a text begins with "0 pieces", in whatever language.
fn is_no_piece(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    let mut words = words.by_ref().filter(|word| !word.is_empty());
    let is_none = words.next() == Some("0");
    let unit = words.next().map(str::to_lowercase);
    is_none && unit.is_some_and(|unit| PIECES.contains(&unit.as_str()))
}

/// What articles are counted in.
const PIECES: [&str; 34] = [
    "item", "items", "unit", "units", "piece", "pieces", "pc", "pcs", "stück", "stk", "artikel",
    "pièce", "pièces", "unité", "unités", "article", "articles", "unidad", "unidades", "pezzi",
    "pz", "unidade", "stuks", "st", "kpl", "szt", "sztuk", "ks", "db", "buc", "шт", "τεμ", "adet",
    "개",
];

/// How many lines after one it is looked for in what stands around it.
const MAX_AROUND: usize = 4;

/// What a text means within the sentence that it is set off in: "This is not
/// <b>available</b>." `after` are the lines after it: what stands around it comes there.
fn in_sentence(line: &Line, after: &[Line]) -> Option<Availability> {
    const ENDS: [char; 8] = ['.', '!', '?', ':', ';', ',', '|', '。'];
    let alone = availability::parse(&line.text)?;
    let mut around = after
        .iter()
        .take(MAX_AROUND)
        .filter(|other| other.order < line.order && other.text.len() <= MAX_SENTENCE);
    let whole = around.find_map(|other| {
        let at = other.text.find(&line.text)?;
        let lead = other.text[..at].rsplit(ENDS).next()?;
        // What means something by itself is another statement, and a number may be a price's.
        let turns = availability::parse(lead).is_none() && !lead.contains(char::is_numeric);
        turns.then(|| availability::parse(&format!("{lead}{}", line.text)))?
    });
    Some(whole.unwrap_or(alone))
}

/// The longest paragraph that a word of stock is set off in, in bytes.
const MAX_SENTENCE: usize = 200;

/// The most texts that are left out of those around them.
const MOST_SILENT: usize = 40;

/// The longest of them, in bytes.
const MAX_SILENT: usize = 120;

/// Texts that say nothing of the product: what is said of one choice, and marks.
fn silent<'s>(scan: &'s Scan<'_>, buy: Option<&Button>) -> Vec<&'s str> {
    let is_silent = |line: &&Line| {
        let meaning = availability::parse(&line.text);
        let is_of_choice = line.clues.has(Clues::CHOICE);
        // A count is no mark, whatever it looks like.
        let has_words = line.text.contains(char::is_alphabetic);
        meaning.is_some_and(|meaning| is_of_choice || has_words && is_mark(line, meaning, buy))
    };
    let short = scan
        .lines
        .iter()
        .filter(|line| line.text.len() <= MAX_SILENT);
    let lines = short.filter(is_silent).take(MOST_SILENT);
    lines.map(|line| line.text.as_str()).collect()
}

/// Whether a line is a mark of what is sold out, beside a button that sells: a theme has it
/// on every page, and shows it by its style alone.
fn is_mark(line: &Line, meaning: Availability, buy: Option<&Button>) -> bool {
    let marks = Clues::DECORATION.with(Clues::HEARD);
    line.is_leaf && line.clues.has(marks) && is_gone(meaning) && buy.is_some_and(sells)
}

/// What a line says beside the texts in it that say nothing.
fn meaning_beside(silent: &[&str], line: &Line) -> Option<Availability> {
    let within = silent.iter().filter(|text| line.text.contains(**text));
    let rest = within.fold(line.text.clone(), |rest, text| rest.replace(text, " "));
    availability::parse(&rest)
}

/// Whether a button can be pressed and sells by its words.
fn sells(button: &Button) -> bool {
    clues::is_buying(&button.text)
        && !button.disabled
        && availability::parse(&button.text).is_none()
}

const fn is_gone(meaning: Availability) -> bool {
    matches!(
        meaning,
        Availability::OutOfStock | Availability::Discontinued
    )
}
