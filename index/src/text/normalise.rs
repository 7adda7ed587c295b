//! A text in the forms that terms are searched in, each with the way back to the raw text.
//!
//! * *plain*: what a reader sees, in one spelling: direction overrides undone, invisible characters
//!   gone, width and style folded (NFKC), accents taken off Latin, Greek and Cyrillic letters, lower
//!   case. Honest Cyrillic, kana and Arabic stay what they are.
//! * *squeezed*: the letters and digits of the plain view without anything between them, for model
//!   numbers and letters set apart.
//! * *look-alike*: the squeezed view with look-alike characters, digits and signs folded onto Latin
//!   letters. Only terms folded the same way are searched in it, so that it need not be readable.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{compose, is_combining_mark};

use super::evidence::Trick;
use super::{lookalike, styled};

/// More of a text than this, in bytes, is not looked at. The longest titles that marketplaces allow
/// have a few hundred characters.
pub(super) const LONGEST: usize = 16 * 1024;
/// Direction overrides nested deeper than this are taken as if closed.
const DEEPEST: usize = 8;

/// One character of the plain view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glyph {
    pub ch: char,
    /// Where it comes from in the raw text, in bytes.
    pub start: usize,
    pub end: usize,
    /// What was undone to get it.
    pub tricks: TrickSet,
    /// It was a capital letter.
    pub upper: bool,
}

/// A set of [`Trick`]s.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct TrickSet(u16);

impl TrickSet {
    pub(super) fn add(&mut self, trick: Trick) {
        self.0 |= 1 << trick as u16;
    }

    pub(super) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn to_vec(self) -> Vec<Trick> {
        Trick::ALL
            .into_iter()
            .filter(|t| self.0 & (1 << *t as u16) != 0)
            .collect()
    }
}

/// A text derived from the glyphs, with the glyph of each of its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct View {
    pub text: String,
    /// For each byte of `text` the glyph it comes from.
    pub glyphs: Vec<u32>,
}

impl View {
    fn push(&mut self, ch: char, glyph: usize) {
        self.text.push(ch);
        self.glyphs.resize(self.text.len(), glyph as u32);
    }

    /// First and last glyph of a stretch of bytes, both inclusive.
    pub(super) fn span(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        let first = *self.glyphs.get(start)? as usize;
        let last = *self.glyphs.get(end.checked_sub(1)?)? as usize;
        Some((first, last))
    }
}

/// A text in its three views.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Normalised {
    pub(super) glyphs: Vec<Glyph>,
    pub(super) plain: View,
    pub(super) squeezed: View,
    pub(super) lookalike: View,
}

impl Normalised {
    /// What a reader sees, in one spelling.
    #[must_use]
    pub fn plain(&self) -> &str {
        &self.plain.text
    }

    /// The letters and digits alone.
    #[must_use]
    pub fn squeezed(&self) -> &str {
        &self.squeezed.text
    }

    /// The letters and digits folded for look-alikes.
    pub(crate) fn lookalike(&self) -> &str {
        &self.lookalike.text
    }

    /// The bytes of the raw text that bytes `start..end` of the plain view come from; nothing when
    /// they are not within it.
    #[must_use]
    pub fn raw_span(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        let (first, last) = self.plain.span(start, end)?;
        Some(self.raw(first, last))
    }

    /// The bytes of the raw text that a stretch of glyphs (both ends inclusive) comes from.
    pub(super) fn raw(&self, first: usize, last: usize) -> (usize, usize) {
        let stretch = self.glyphs.get(first..=last).unwrap_or_default();
        let start = stretch.iter().map(|g| g.start).min().unwrap_or_default();
        let end = stretch.iter().map(|g| g.end).max().unwrap_or_default();
        (start, end)
    }
}

/// Normalises a text. Of texts over 16 KiB the beginning is taken.
#[must_use]
pub fn normalise(text: &str) -> Normalised {
    let mut cut = text.len().min(LONGEST);
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    let mut out = Normalised {
        glyphs: glyphs(&text[..cut]),
        ..Normalised::default()
    };
    let mut space = true;
    for (i, glyph) in out.glyphs.iter().enumerate() {
        if glyph.ch.is_whitespace() {
            if !space {
                out.plain.push(' ', i);
            }
            space = true;
            continue;
        }
        space = false;
        out.plain.push(glyph.ch, i);
        if glyph.ch.is_alphanumeric() {
            out.squeezed.push(glyph.ch, i);
        }
        lookalike::fold(glyph.ch, |ch| out.lookalike.push(ch, i));
    }
    out
}

/// Characters that are not seen.
fn is_ignorable(ch: char) -> bool {
    matches!(ch,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
        || (ch.is_control() && !ch.is_whitespace())
}

/// The characters in reading order, with their place; right-to-left overrides are undone.
fn in_reading_order(text: &str) -> Vec<(usize, char, bool)> {
    let mut out: Vec<(usize, char, bool)> = Vec::with_capacity(text.len());
    let mut open: Vec<usize> = Vec::new();
    let close = |out: &mut Vec<(usize, char, bool)>, open: &mut Vec<usize>| {
        if let Some(from) = open.pop() {
            out[from..].reverse();
        }
    };
    for (at, ch) in text.char_indices() {
        match ch {
            '\u{202e}' if open.len() < DEEPEST => open.push(out.len()),
            '\u{202c}' => close(&mut out, &mut open),
            _ => out.push((at, ch, !open.is_empty())),
        }
    }
    while !open.is_empty() {
        close(&mut out, &mut open);
    }
    out
}

/// Letters whose accents are another spelling rather than another letter.
fn takes_accents(ch: char) -> bool {
    ch.is_ascii() || ('\u{a1}'..='\u{52f}').contains(&ch) || ('\u{1d00}'..='\u{1fff}').contains(&ch)
}

fn glyphs(text: &str) -> Vec<Glyph> {
    let mut out: Vec<Glyph> = Vec::with_capacity(text.len());
    let mut hidden = false;
    let ordered = in_reading_order(text);
    for (at, &(start, written, turned)) in ordered.iter().enumerate() {
        if is_ignorable(written) {
            hidden = true;
            continue;
        }
        // One character can stand for eighteen.
        if out.len() >= LONGEST {
            break;
        }
        let end = start + written.len_utf8();
        let mut tricks = TrickSet::default();
        if turned {
            tricks.add(Trick::Bidi);
        }
        let beside_letter = || {
            let next = ordered[at + 1..].iter().take(4).map(|o| o.1);
            out.last().is_some_and(|g| g.ch.is_alphabetic())
                || next
                    .into_iter()
                    .find(|c| !is_ignorable(*c))
                    .is_some_and(char::is_alphabetic)
        };
        let drawn =
            styled::letter(written).or_else(|| styled::shape(written).filter(|_| beside_letter()));
        if drawn.is_some() {
            tricks.add(Trick::Styled);
        }
        let raw = drawn.unwrap_or(written);
        for folded in std::iter::once(raw).nfkc() {
            if folded != raw {
                let wide = ('\u{ff00}'..='\u{ffef}').contains(&raw) || raw == '\u{3000}';
                // A trade mark sign or a ligature is ordinary typography.
                let ordinary = matches!(
                    raw,
                    '™' | '℠' | '…' | '№' | '\u{a0}' | '½' | '¼' | '²' | '³'
                ) || ('\u{fb00}'..='\u{fb06}').contains(&raw)
                    || ('\u{2000}'..='\u{200a}').contains(&raw)
                    || ('\u{ff61}'..='\u{ff9f}').contains(&raw);
                if wide && !ordinary {
                    tricks.add(Trick::FullWidth);
                } else if !ordinary && folded.is_alphanumeric() && !takes_accents(raw) {
                    tricks.add(Trick::Styled);
                }
            }
            if is_combining_mark(folded) {
                let Some(before) = out.last_mut() else {
                    continue;
                };
                if takes_accents(before.ch) {
                    before.tricks.add(Trick::Accents);
                    before.start = before.start.min(start);
                    before.end = before.end.max(end);
                    continue;
                }
                if let Some(whole) = compose(before.ch, folded) {
                    before.ch = whole;
                    before.end = before.end.max(end);
                    continue;
                }
            }
            let upper = folded.is_uppercase();
            for lower in folded.to_lowercase() {
                let mut push = |ch: char, mut tricks: TrickSet| {
                    // Something unseen between two letters was put there; at a word's edge it is a
                    // slip of the editor.
                    if hidden
                        && ch.is_alphanumeric()
                        && out.last().is_some_and(|g| g.ch.is_alphanumeric())
                    {
                        tricks.add(Trick::ZeroWidth);
                    }
                    hidden = false;
                    out.push(Glyph {
                        ch,
                        start,
                        end,
                        tricks,
                        upper,
                    });
                };
                if lower.is_ascii() || !takes_accents(lower) {
                    push(lower, tricks);
                    continue;
                }
                let mut bare = tricks;
                bare.add(Trick::Accents);
                match lower {
                    'ß' => "ss".chars().for_each(|c| push(c, bare)),
                    'æ' => "ae".chars().for_each(|c| push(c, bare)),
                    'œ' => "oe".chars().for_each(|c| push(c, bare)),
                    'ø' => push('o', bare),
                    'ł' => push('l', bare),
                    'đ' | 'ð' => push('d', bare),
                    'ħ' => push('h', bare),
                    'ı' => push('i', bare),
                    // й and ё are letters of their own, not accented ones.
                    'й' | 'ё' => push(lower, tricks),
                    _ => {
                        let base = std::iter::once(lower)
                            .nfd()
                            .find(|c| !is_combining_mark(*c))
                            .unwrap_or(lower);
                        push(base, if base == lower { tricks } else { bare });
                    }
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_width_style_and_accents_fold_to_one_spelling() {
        assert_eq!(
            normalise("Ｖｅｌｏｒａ 𝓥𝓮𝓵𝓸𝓻𝓪 VÉLÓRÄ").plain(),
            "velora velora velora"
        );
    }

    #[test]
    fn honest_cyrillic_and_kana_stay_readable() {
        assert_eq!(normalise("Часы Ролекс ﾊﾞｯｸﾞ").plain(), "часы ролекс バッグ");
    }

    #[test]
    fn what_an_override_turned_around_is_turned_back() {
        assert_eq!(
            normalise("\u{202e}arolev\u{202c} bag").plain(),
            "velora bag"
        );
    }

    #[test]
    fn spans_lead_back_to_the_raw_text() {
        let raw = "new Ve\u{200b}lo\u{301}ra!";
        let n = normalise(raw);
        let at = n.plain().find("velora").expect("found");
        let (start, end) = n.raw_span(at, at + 6).expect("inside");
        assert_eq!(&raw[start..end], "Ve\u{200b}lo\u{301}ra");
    }

    #[test]
    fn hostile_text_costs_bounded_time_and_never_panics() {
        let ten_megabytes = "Ａé\u{301}𝓥".repeat(1 << 20);
        assert!(normalise(&ten_megabytes).glyphs.len() <= LONGEST);
        for hostile in [
            "\u{301}\u{302}".repeat(5_000),
            "\u{202e}".repeat(5_000) + "abc",
            "\u{202c}".repeat(100),
            "\u{202e}a\u{202e}b\u{202c}".repeat(2_000),
            "\u{fdfa}".repeat(5_000),
            "\u{e0041}\u{0}\u{feff}".repeat(1_000),
        ] {
            let n = normalise(&hostile);
            assert!(
                n.glyphs
                    .iter()
                    .all(|g| g.end <= hostile.len() && g.start < g.end)
            );
        }
    }
}
