//! Stretches of a text that are cut into tokens in one way.

/// More of a text than this, in bytes, is not indexed.
const LONGEST_TEXT: usize = 96 * 1024;
/// Texts are normalised in pieces of at most this many bytes.
const PIECE: usize = 12 * 1024;

/// Scripts by how their runs are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    Spaced,
    Han,
    Hangul,
    SouthEast,
}

pub(super) fn script(ch: char) -> Script {
    match ch {
        '\u{30fb}' => Script::Spaced,
        '\u{3005}'..='\u{3007}'
        | '\u{3041}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}' => Script::Han,
        '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7ff}' => {
            Script::Hangul
        }
        // Their digits are written between spaces as others are.
        '\u{e01}'..='\u{e3a}'
        | '\u{e40}'..='\u{e4e}'
        | '\u{e80}'..='\u{ecf}'
        | '\u{1000}'..='\u{103f}'
        | '\u{1780}'..='\u{17d3}' => Script::SouthEast,
        _ => Script::Spaced,
    }
}

/// The text in pieces short enough to be normalised whole, cut between words where there are any.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = &text[..floor(text, LONGEST_TEXT)];
    let mut at = 0;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = floor(rest, PIECE);
        if end < rest.len()
            && let Some(space) = rest[..end].rfind(char::is_whitespace)
            && space > 0
        {
            end = space;
        }
        let (piece, left) = rest.split_at(end);
        let found = (at, piece);
        rest = left;
        at += end;
        Some(found)
    })
}

/// The last boundary of characters at or before a byte.
pub(super) fn floor(text: &str, most: usize) -> usize {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    end
}
