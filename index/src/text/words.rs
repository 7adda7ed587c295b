//! Words, in the sense of the word index.

use super::CatalogProduct;
use super::normalise::{LONGEST, Normalised, normalise};

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

/// A text of the catalog, cut up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cut {
    pub words: Vec<String>,
    /// Its letters and digits.
    pub squeezed: String,
}

impl Cut {
    /// What normalising a text and cutting it into words gives.
    pub(super) fn of(text: &str) -> Self {
        let plain = |b: u8| b == b' ' || b.is_ascii_graphic();
        if text.len() <= LONGEST && text.bytes().all(plain) {
            return Self::of_ascii(text);
        }
        let normalised = normalise(text);
        Self {
            words: words(&normalised).into_iter().map(|w| w.text).collect(),
            squeezed: normalised.squeezed.text,
        }
    }

    /// The same for visible ASCII, which most catalogs are: a tenth of the time.
    fn of_ascii(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        let pieces = lower.split(|c: char| !c.is_ascii_alphanumeric());
        let mut out = Self {
            words: Vec::new(),
            squeezed: String::with_capacity(lower.len()),
        };
        for piece in pieces.filter(|p| !p.is_empty()) {
            out.squeezed.push_str(piece);
            if out.words.len() < MOST {
                out.words.push(piece.to_owned());
            }
        }
        out
    }

    /// Its words, each once.
    pub(super) fn distinct(&self) -> impl Iterator<Item = &String> {
        let words = self.words.iter().enumerate();
        words
            .filter(|(at, word)| !self.words[..*at].contains(word))
            .map(|(_, word)| word)
    }
}

/// The texts of a product, cut up.
#[derive(Debug, Default)]
pub(super) struct CutProduct {
    pub id: i64,
    pub brand: Cut,
    pub name: Cut,
    pub aliases: Vec<Cut>,
    pub models: Vec<Cut>,
    pub keywords: Vec<Cut>,
    pub category: Option<Cut>,
}

impl CutProduct {
    pub(super) fn of(product: &CatalogProduct) -> Self {
        let all = |texts: &[String]| texts.iter().map(|t| Cut::of(t)).collect();
        Self {
            id: product.id,
            brand: Cut::of(&product.brand),
            name: Cut::of(&product.name),
            aliases: all(&product.aliases),
            models: all(&product.model_numbers),
            keywords: all(&product.keywords),
            category: product.category.as_deref().map(Cut::of),
        }
    }
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
    use super::*;

    #[test]
    fn plain_ascii_is_cut_as_any_other_text() {
        let mut state = 1u64;
        for _ in 0..2_000 {
            let text: String = (0..24)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    char::from(b' ' + ((state >> 33) % 95) as u8)
                })
                .collect();
            let normalised = normalise(&text);
            let cut = Cut::of(&text);
            let slow: Vec<String> = words(&normalised).into_iter().map(|w| w.text).collect();
            assert_eq!(
                (cut.words, cut.squeezed),
                (slow, normalised.squeezed.text),
                "{text}"
            );
        }
    }

    #[test]
    fn japanese_runs_become_pairs_beside_latin_words() {
        let found: Vec<String> = words(&normalise("Velora 腕時計 X-1"))
            .into_iter()
            .map(|w| w.text)
            .collect();
        assert_eq!(found, ["velora", "腕時", "時計", "x", "1"]);
    }
}
