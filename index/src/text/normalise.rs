//! Views of a text with offsets.

/// A text in the forms that terms are searched in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Normalised {}

/// Normalises a text.
#[must_use]
pub fn normalise(_text: &str) -> Normalised {
    Normalised {}
}
