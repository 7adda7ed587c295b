//! Tables that say for how many pieces a price holds, and rows that name several amounts
//! as the price.

use std::ops::Range;

use rust_decimal::Decimal;

use super::clues::Clues;
use super::frame::Frame;
use super::labels::PRICE_WORDS;
use super::parts::{is_per_month, is_per_unit};
use super::scan::Scan;
use super::spot::Spot;
use crate::extract::price::said;

/// The most rows of a table and cells of a row that are looked at.
const MAX_ROWS: usize = 40;
const MAX_CELLS: usize = 16;
/// The longest text of a cell that is looked at, in bytes.
const MAX_TEXT: usize = 60;
/// What is not asked, whatever a table says.
const NOT_ASKED: Clues = Clues::OLD.with(Clues::WITHOUT_TAX);

/// A cell: its text, if it is short, and which prices stand in it.
pub(super) struct Cell {
    text: String,
    spots: Range<usize>,
}

impl Cell {
    fn of(text: &str, spots: Range<usize>) -> Self {
        let text = if text.len() <= MAX_TEXT { text } else { "" };
        Self {
            text: text.to_owned(),
            spots,
        }
    }

    fn is_priced(&self) -> bool {
        !self.spots.is_empty()
    }

    /// Where the price in it is that is asked.
    fn asked(&self, spots: &[Spot]) -> Option<usize> {
        let mut all = self.spots.clone();
        all.find(|at| !spots[*at].clues.has(NOT_ASKED))
    }
}

impl<'a> Frame<'a> {
    /// Hands cells and rows on to their table, which says more of its amounts together.
    pub(super) fn note_table(&mut self, text: &str, parent: &mut Self, scan: &mut Scan<'a>) {
        match self.name() {
            "td" | "th" if parent.cells.len() < MAX_CELLS => {
                parent
                    .cells
                    .push(Cell::of(text, self.first_spot..scan.spots.len()));
            }
            "tr" if parent.rows.len() < MAX_ROWS => {
                parent.rows.push(std::mem::take(&mut self.cells));
            }
            "thead" | "tbody" | "tfoot" if parent.rows.len() < MAX_ROWS => {
                parent.rows.append(&mut self.rows);
            }
            "table" => judge(&self.rows, &mut scan.spots),
            _ => {}
        }
    }
}

/// Lets a table say which of the prices in it is that of one piece, and that others are not
/// the price.
fn judge(rows: &[Vec<Cell>], spots: &mut [Spot]) {
    let priced = rows.iter().flatten().filter(|cell| cell.is_priced());
    if priced.count() < 2 {
        return;
    }
    judge_by_heads(rows, spots);
    judge_by_names(rows, spots);
    let steps = down(rows, spots).or_else(|| across(rows, spots));
    if let Some(steps) = steps.and_then(|steps| ascending(steps, spots)) {
        for cell in rows.iter().flatten() {
            add(spots, cell.spots.clone(), Clues::OTHER);
        }
        if begins_with_one(&steps) {
            let spot = &mut spots[steps[0].1];
            let single = Clues::SINGLE.with(Clues::PRICE);
            spot.clues = spot.clues.without(Clues::OTHER).with(single);
        }
        return;
    }
    for row in rows {
        if let Some(all) = several_prices(row, spots) {
            for at in all {
                add(spots, at..at + 1, Clues::OTHER);
            }
        }
    }
}

fn add(spots: &mut [Spot], range: Range<usize>, clue: Clues) {
    for spot in spots.get_mut(range).into_iter().flatten() {
        spot.clues = spot.clues.with(clue);
    }
}

/// The row that names the columns: the first with several cells, if no price stands in it.
fn head(rows: &[Vec<Cell>]) -> Option<&Vec<Cell>> {
    let first = rows.iter().find(|row| row.len() > 1)?;
    let has_price = first.iter().any(Cell::is_priced);
    (!has_price).then_some(first)
}

/// Whether the name of a column or row says that what stands there is without tax.
fn is_net(name: &str) -> bool {
    const NET: [&str; 4] = ["net", "net.", "excl.", "exkl."];
    said(name).is_without_tax() || NET.contains(&name.trim().to_lowercase().as_str())
}

/// What the names of rows say of tax holds for the prices behind them.
fn judge_by_names(rows: &[Vec<Cell>], spots: &mut [Spot]) {
    for row in rows {
        let [name, behind @ ..] = row.as_slice() else {
            continue;
        };
        if name.is_priced() || !is_net(&name.text) {
            continue;
        }
        // What stands between two amounts names the second.
        for cell in behind.iter().take_while(|cell| cell.is_priced()) {
            add(spots, cell.spots.clone(), Clues::WITHOUT_TAX);
        }
    }
}

/// What the heads of columns say of tax holds for the prices below.
fn judge_by_heads(rows: &[Vec<Cell>], spots: &mut [Spot]) {
    let Some(head) = head(rows) else { return };
    for (column, cell) in head.iter().enumerate() {
        if !is_net(&cell.text) {
            continue;
        }
        for row in rows.iter().filter(|row| row.len() == head.len()) {
            add(spots, row[column].spots.clone(), Clues::WITHOUT_TAX);
        }
    }
}

/// How many pieces, and where the price of one of so many is.
type Step = (Quantity, usize);

/// "1-4", "ab 5", "10+": the numbers in a text, and the words around them.
#[derive(Debug, PartialEq, Eq)]
struct Quantity {
    first: u32,
    last: Option<u32>,
    words: String,
}

/// A quantity in each row, and its price behind it.
fn down(rows: &[Vec<Cell>], spots: &[Spot]) -> Option<Vec<Step>> {
    let priced = rows.iter().filter(|row| row.iter().any(Cell::is_priced));
    priced
        .map(|row| {
            let quantity = Quantity::read(&row.first()?.text)?;
            let price = row[1..].iter().find_map(|cell| cell.asked(spots))?;
            Some((quantity, price))
        })
        .collect()
}

/// Quantities in one row, and their prices in another below it, the first that is asked.
fn across(rows: &[Vec<Cell>], spots: &[Spot]) -> Option<Vec<Step>> {
    let is_asked = |row: &&Vec<Cell>| row.iter().any(|cell| cell.asked(spots).is_some());
    let head = head(rows)?;
    let prices = rows.iter().find(is_asked)?;
    let quantities = head.iter().filter_map(|cell| Quantity::read(&cell.text));
    let quantities: Vec<Quantity> = quantities.collect();
    let prices: Vec<usize> = prices.iter().filter_map(|cell| cell.asked(spots)).collect();
    let is_whole = quantities.len() == prices.len() && quantities.len() + 1 >= head.len();
    is_whole.then(|| quantities.into_iter().zip(prices).collect())
}

/// The steps from the smallest quantity on, if each is cheaper than the one before.
fn ascending(mut steps: Vec<Step>, spots: &[Spot]) -> Option<Vec<Step>> {
    if steps.len() >= 2 && steps[0].0.first > steps[1].0.first {
        steps.reverse();
    }
    let is_next = |pair: &[Step]| {
        let [(one, price), (more, cheaper)] = pair else {
            return false;
        };
        one.first < more.first && spots[*price].parsed.amount > spots[*cheaper].parsed.amount
    };
    (steps.len() >= 2 && steps.windows(2).all(is_next)).then_some(steps)
}

/// Whether one piece is among the first quantity.
fn begins_with_one(steps: &[Step]) -> bool {
    let first = &steps[0].0;
    first.first <= 1 || first.last.is_none() && is_up_to(steps)
}

/// "Up to 4", in any language: where a step begins one above another, with another word, that
/// one is an end, and so is each with its word.
fn is_up_to(steps: &[Step]) -> bool {
    steps.windows(2).any(|pair| {
        let [(end, _), (begin, _)] = pair else {
            return false;
        };
        end.first + 1 == begin.first && end.words != begin.words && end.words == steps[0].0.words
    })
}

impl Quantity {
    fn read(text: &str) -> Option<Self> {
        const MAX_WORDS: usize = 3;
        const MAX_LETTERS: usize = 20;
        let is_digit = |c: char| c.is_ascii_digit();
        let is_mark =
            |c: char| c.is_alphanumeric() || c.is_whitespace() || "-–—+:.*()≥".contains(c);
        let parted = text.split_once(['.', ':']);
        let is_fraction = parted.is_some_and(|(_, behind)| behind.starts_with(is_digit));
        if !text.chars().all(is_mark) || is_fraction {
            return None;
        }
        let mut numbers = text
            .split(|c: char| !is_digit(c))
            .filter(|run| !run.is_empty());
        let first = numbers.next()?.parse().ok()?;
        let last: Option<u32> = match numbers.next() {
            Some(number) => Some(number.parse().ok()?),
            None => None,
        };
        let words: Vec<String> = text
            .split(|c: char| !c.is_alphabetic())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        let is_measure = |word: &String| is_per_month(word) || is_per_unit(&format!("/{word}"));
        let letters: usize = words.iter().map(|word| word.chars().count()).sum();
        let is_quantity = numbers.next().is_none()
            && last.is_none_or(|last| last > first)
            && words.len() <= MAX_WORDS
            && letters <= MAX_LETTERS
            && !words.iter().any(is_measure);
        is_quantity.then(|| Self {
            first,
            last,
            words: words.join(" "),
        })
    }
}

/// The prices of a row that is labelled as that of the price and names several, side by side:
/// those of sizes, of quantities, of articles that are compared.
fn several_prices(row: &[Cell], spots: &[Spot]) -> Option<Vec<usize>> {
    let label = row.first().filter(|cell| !cell.is_priced())?;
    let lower = label.text.to_lowercase();
    let is_price =
        !lower.chars().any(char::is_numeric) && PRICE_WORDS.iter().any(|word| lower.contains(word));
    // What stands between two amounts names the second.
    let mut cells = row[1..].iter().skip_while(|cell| !cell.is_priced());
    let side_by_side: Vec<usize> = cells
        .by_ref()
        .take_while(|cell| cell.is_priced())
        .filter(|cell| !cell.text.is_empty())
        .filter_map(|cell| cell.asked(spots))
        .filter(|at| !spots[*at].clues.has(Clues::OTHER))
        .collect();
    let first = spots.get(*side_by_side.first()?)?;
    let differs = |at: &usize| {
        let (one, other): (Option<Decimal>, _) = (first.parsed.amount, spots[*at].parsed.amount);
        one != other && first.parsed.symbol == spots[*at].parsed.symbol
    };
    (is_price && side_by_side.iter().any(differs)).then_some(side_by_side)
}
