//! What the words around an amount say of it: that it is old, of something
//! else, without tax, or the one asked now.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::others::OTHER;
use super::spoken::{NOW, OLD};
use super::tax::{WITH_TAX, WITHOUT_TAX};

/// Where the last word of each kind stands in a text.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::extract) struct Said {
    old: Option<usize>,
    now: Option<usize>,
    other: Option<usize>,
    without_tax: Option<usize>,
    with_tax: Option<usize>,
}

impl Said {
    /// The price is not asked any more.
    pub(in crate::extract) fn is_old(&self) -> bool {
        self.old > self.now
    }

    /// The price is the one asked now.
    pub(in crate::extract) fn is_now(&self) -> bool {
        self.now > self.old
    }

    /// The amount is one of shipping, savings, instalments and the like.
    pub(in crate::extract) const fn is_other(&self) -> bool {
        self.other.is_some()
    }

    /// The price is without tax.
    pub(in crate::extract) const fn is_without_tax(&self) -> bool {
        self.without_tax.is_some()
    }

    /// The price is with tax.
    pub(in crate::extract) const fn is_with_tax(&self) -> bool {
        self.with_tax.is_some()
    }
}

/// All kinds of words in one automaton; the number of words up to each kind.
static FINDER: LazyLock<Option<(AhoCorasick, [usize; 4])>> = LazyLock::new(|| {
    let words = [OLD, NOW, OTHER, WITHOUT_TAX, WITH_TAX];
    let ends = [
        OLD.len(),
        OLD.len() + NOW.len(),
        OLD.len() + NOW.len() + OTHER.len(),
        OLD.len() + NOW.len() + OTHER.len() + WITHOUT_TAX.len(),
    ];
    let finder = AhoCorasick::new(words.into_iter().flatten()).ok()?;
    Some((finder, ends))
});

/// What a text says.
pub(in crate::extract) fn said(text: &str) -> Said {
    let mut said = Said::default();
    if !text.chars().any(char::is_alphabetic) {
        return said;
    }
    let text = text.to_lowercase();
    let Some((finder, ends)) = FINDER.as_ref() else {
        return said;
    };
    let mut other_before = None;
    for found in finder.find_overlapping_iter(&text) {
        if !stands_alone(&text, found.start(), found.len()) {
            continue;
        }
        let word = found.pattern().as_usize();
        let kind = ends.iter().position(|end| word < *end);
        let (is_other, is_on_tax) = (kind == Some(2), kind.is_none_or(|kind| kind > 2));
        let kind = match kind {
            Some(0) => &mut said.old,
            Some(1) => &mut said.now,
            Some(2) => &mut said.other,
            Some(_) => &mut said.without_tax,
            None => &mut said.with_tax,
        };
        let start = Some(found.start());
        if *kind < start {
            let before = std::mem::replace(kind, start);
            if is_other {
                other_before = before;
            }
        }
        // "Impuestos" is what is to be paid besides, "impuestos incluidos" is not.
        if is_on_tax && said.other == start {
            said.other = other_before;
        }
    }
    said
}

/// How much the text before and behind an amount speaks against its being the
/// price asked: the larger the worse. `tax` is where a word on tax would
/// stand.
pub(super) fn blemish(lead: &str, tail: &str, tax: &str) -> u8 {
    let before = said(lead);
    if before.other > before.now.max(before.old) || begins_with_other(tail) {
        4
    } else if before.is_old() {
        3
    } else if said(tax).is_without_tax() {
        2
    } else {
        u8::from(before.now.is_none())
    }
}

/// Whether a text begins with a word of shipping, savings and the like.
pub(in crate::extract) fn begins_with_other(text: &str) -> bool {
    let text = text
        .trim_start_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase();
    let is_on_tax = || {
        let mut words = WITH_TAX.iter().chain(WITHOUT_TAX);
        words.any(|word| text.starts_with(word))
    };
    !text.is_empty()
        && OTHER.iter().any(|word| {
            text.strip_prefix(word)
                .is_some_and(|rest| !rest.starts_with(is_cased))
        })
        && !is_on_tax()
}

fn stands_alone(text: &str, start: usize, length: usize) -> bool {
    let before = text[..start].chars().next_back();
    let after = text[start + length..].chars().next();
    let first = text[start..].chars().next();
    // Words of scripts without case, like Chinese, stand anywhere; long words
    // may go on, as in "Versandkosten".
    let goes_on = after.is_some_and(is_cased) && length < 7;
    !(first.is_some_and(is_cased) && (before.is_some_and(is_cased) || goes_on))
}

fn is_cased(c: char) -> bool {
    c.is_lowercase() || c.is_uppercase()
}
