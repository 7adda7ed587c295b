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
    /// A control that buys, as long as it can be used: with one of these words on it, or
    /// in an attribute of it, the product is in stock.
    Buying {
        css: String,
        attribute: Option<&'static str>,
        words: Vec<String>,
    },
}

/// What of a control's name says that it can be used.
pub(super) const USABLE: &str = ":not([disabled])";

impl Place {
    /// Whether a selector finds anything on a page.
    pub(super) fn is_on(&self, page: &Page) -> bool {
        matches!(self, Self::Css { css, .. } if !all(page, css).is_empty())
    }

    /// Where a control that buys stands, for the words on it when it does not.
    pub(super) fn without_buying(&self) -> Option<Self> {
        let Self::Buying { css, attribute, .. } = self else {
            return None;
        };
        Some(Self::Css {
            css: css.strip_suffix(USABLE)?.to_owned(),
            attributes: attribute.iter().copied().collect(),
            own_text: false,
        })
    }
}
