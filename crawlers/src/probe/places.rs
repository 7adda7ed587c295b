//! Places of values, as a definition names them.

use super::page::{Page, all};

/// A place as a definition has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// What a selector finds; its own text alone, or one of some attributes.
    Css {
        css: String,
        attributes: Vec<&'static str>,
        own_text: bool,
    },
    /// All that a selector finds, as one text.
    Paragraphs(String),
    /// What a selector finds, without a number in brackets at its end.
    Numbered(String),
    /// What stands beside a label.
    Row(String),
}

impl Place {
    /// Whether a selector finds anything on a page.
    pub(super) fn is_on(&self, page: &Page) -> bool {
        matches!(self, Self::Css { css, .. } if !all(page, css).is_empty())
    }
}
