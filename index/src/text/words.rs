//! Words, in the sense of the word index.

use super::normalise::Normalised;

/// More words of a text than this are not looked at.
const MOST: usize = 400;

/// A word of the plain view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub text: String,
    /// First and last glyph, both inclusive.
    pub first: usize,
    pub last: usize,
}

/// Scripts written without spaces.
pub(super) fn is_cjk(ch: char) -> bool {
    matches!(ch,
        '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The words of a text: runs of letters and digits; runs of Chinese and Japanese characters as
/// overlapping pairs, because nothing says where their words end.
pub(super) fn words(text: &Normalised) -> Vec<Word> {
    let glyphs = &text.glyphs;
    let mut out = Vec::new();
    let mut at = 0;
    while at < glyphs.len() && out.len() < MOST {
        if !glyphs[at].ch.is_alphanumeric() {
            at += 1;
            continue;
        }
        let cjk = is_cjk(glyphs[at].ch);
        let mut end = at + 1;
        while end < glyphs.len()
            && glyphs[end].ch.is_alphanumeric()
            && is_cjk(glyphs[end].ch) == cjk
        {
            end += 1;
        }
        let word = |from: usize, to: usize| Word {
            text: glyphs[from..to].iter().map(|g| g.ch).collect(),
            first: from,
            last: to - 1,
        };
        if cjk && end - at > 2 {
            out.extend((at..end - 1).take(MOST).map(|i| word(i, i + 2)));
        } else {
            out.push(word(at, end));
        }
        at = end;
    }
    out
}

/// Words that stand in every title and tell nothing.
pub(crate) fn is_filler(word: &str) -> bool {
    matches!(
        word,
        "the"
            | "a"
            | "an"
            | "of"
            | "and"
            | "with"
            | "for"
            | "in"
            | "by"
            | "on"
            | "to"
            | "new"
            | "der"
            | "die"
            | "das"
            | "und"
            | "mit"
            | "von"
            | "für"
            | "fur"
            | "le"
            | "la"
            | "les"
            | "de"
            | "du"
            | "des"
            | "et"
            | "avec"
            | "pour"
            | "el"
            | "los"
            | "y"
            | "con"
            | "para"
            | "il"
            | "e"
            | "di"
            | "per"
    )
}

#[cfg(test)]
mod tests {
    use super::super::normalise;
    use super::*;

    #[test]
    fn japanese_runs_become_pairs_beside_latin_words() {
        let found: Vec<String> = words(&normalise("Velora 腕時計 X-1"))
            .into_iter()
            .map(|w| w.text)
            .collect();
        assert_eq!(found, ["velora", "腕時", "時計", "x", "1"]);
    }
}
