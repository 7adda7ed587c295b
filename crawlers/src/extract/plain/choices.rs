//! Amounts that name what may be chosen and is not.

use super::clues::Clues;
use super::frame::Frame;
use super::scan::Scan;

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
        if self.name() != "label"
            || !(self.has_unchecked || self.element.attr("for").is_some_and(is_for))
        {
            return;
        }
        for spot in &mut scan.spots[self.first_spot..] {
            spot.clues = spot.clues.with(Clues::OTHER);
        }
    }
}
