//! What may be chosen on a page: an amount that names what is not chosen is not asked, and
//! what is said of one choice is not said of the product.

use super::clues::Clues;
use super::frame::Frame;
use super::scan::{MAX_KEPT, Scan};

/// What may be chosen in an element.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Choices {
    /// A field to choose with stands in it.
    any: bool,
    /// One that is not chosen does.
    unchecked: bool,
}

/// As many fields of a row as need be looked at.
const MOST_INPUTS: usize = 2;

impl<'a> Frame<'a> {
    /// Whether it is a field to choose with.
    pub(super) fn is_choice(&self) -> bool {
        self.name() == "input" && matches!(self.element.attr("type"), Some("radio" | "checkbox"))
    }

    fn is_chosen(&self) -> bool {
        self.element.attr("checked").is_some()
    }

    /// Keeps a field to choose with, for the label that names it.
    pub(super) fn keep_choice(&self, scan: &mut Scan<'a>) {
        let id = self.element.attr("id").unwrap_or_default();
        if !id.is_empty() && scan.choices.len() < MAX_KEPT {
            scan.choices.push((id.to_owned(), self.is_chosen()));
        }
    }

    /// Lets a label, or a row of which one of several is taken, say what the amounts and words
    /// in it are said of.
    pub(super) fn note_choice(&mut self, scan: &mut Scan<'a>) {
        let named = self.element.attr("for").filter(|_| self.name() == "label");
        let field = named.and_then(|of| scan.choices.iter().rev().find(|(id, _)| id == of));
        let is_row = self.name() == "tr" && self.choices.unchecked && self.is_row_of_choice();
        let is_label = self.name() == "label" && (field.is_some() || self.choices.any);
        let is_chosen = field.is_none_or(|(_, is_chosen)| *is_chosen) && !self.choices.unchecked;
        if is_row || (is_label && !is_chosen) {
            for spot in &mut scan.spots[self.first_spot..] {
                spot.clues = spot.clues.with(Clues::OTHER);
            }
        }
        if !is_label {
            return;
        }
        for line in &mut scan.lines[self.first_line..] {
            line.clues = line.clues.with(Clues::CHOICE);
        }
        self.all = self.all.with(Clues::CHOICE);
    }

    /// Lets the element around it know what may be chosen in it.
    pub(super) fn hand_on_choices(&self, parent: &mut Self) {
        let around = &mut parent.choices;
        around.any |= self.is_choice() || self.choices.any;
        around.unchecked |= self.is_choice() && !self.is_chosen() || self.choices.unchecked;
    }

    /// Whether a row is one of several of which one can be taken.
    fn is_row_of_choice(&self) -> bool {
        let inputs = self.element.descendants().filter_map(|node| {
            let element = node.value().as_element()?;
            (element.name() == "input").then(|| element.attr("type"))
        });
        let mut inputs = inputs.take(MOST_INPUTS);
        !self.too_long && inputs.next() == Some(Some("radio")) && inputs.next().is_none()
    }
}
