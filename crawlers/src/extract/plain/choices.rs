//! Amounts that name what may be chosen and is not.

use super::clues::Clues;
use super::frame::Frame;
use super::scan::Scan;

/// As many fields of a row as need be looked at.
const MOST_INPUTS: usize = 2;

impl<'a> Frame<'a> {
    /// What may be chosen and is not.
    pub(super) fn is_unchecked(&self) -> bool {
        self.name() == "input"
            && matches!(self.element.attr("type"), Some("radio" | "checkbox"))
            && self.element.attr("checked").is_none()
    }

    /// An amount that names what is not chosen is not asked.
    pub(super) fn note_choice(&self, scan: &mut Scan<'a>) {
        let is_for = |of: &str| scan.unchecked.iter().any(|id| id == of);
        let is_of_choice = match self.name() {
            "label" => self.has_unchecked || self.element.attr("for").is_some_and(is_for),
            "tr" => self.has_unchecked && self.is_choice(),
            _ => false,
        };
        if !is_of_choice {
            return;
        }
        for spot in &mut scan.spots[self.first_spot..] {
            spot.clues = spot.clues.with(Clues::OTHER);
        }
    }

    /// Whether a row is one of several of which one can be taken.
    fn is_choice(&self) -> bool {
        let inputs = self.element.descendants().filter_map(|node| {
            let element = node.value().as_element()?;
            (element.name() == "input").then(|| element.attr("type"))
        });
        let mut inputs = inputs.take(MOST_INPUTS);
        !self.too_long && inputs.next() == Some(Some("radio")) && inputs.next().is_none()
    }
}
