//! What a title says beside naming the product: code for copies, "used", "for".

use std::collections::HashSet;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use serde::Deserialize;

use super::evidence::TextSignal;
use super::normalise::{Normalised, normalise};
use super::words::{is_cjk, words};

const CODED: &str = include_str!("../../data/coded.toml");
const ACCESSORY: &str = include_str!("../../data/accessory.toml");
const WORDS: &str = include_str!("../../data/words.toml");

/// Words between an accessory term and the brand, at most.
const BETWEEN: usize = 2;
/// Words between what denies and the term, at most.
const DENIED_BETWEEN: usize = 2;
/// An admission: what is denied of these is no sign of a copy.
const ADMISSION: u8 = 3;
/// How far behind the brand a term such as "対応" may stand, in characters.
const AFTER: usize = 24;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodedFile {
    coded: Vec<CodedGroup>,
    denied: DeniedGroup,
    used: Vec<UsedGroup>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodedGroup {
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the table is sorted by it; tests hold it to that")
    )]
    language: String,
    strength: u8,
    terms: Vec<String>,
    #[serde(default)]
    unless: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeniedGroup {
    by: Vec<String>,
    between: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UsedGroup {
    terms: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccessoryFile {
    strong: Vec<String>,
    weak: Vec<String>,
    between: Vec<String>,
    after: Vec<String>,
    goods: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WordsFile {
    selling: Vec<String>,
    works: Vec<String>,
    ordinary: Vec<String>,
}

#[derive(Debug)]
struct Term {
    /// As the table writes it.
    shown: String,
    /// 0 for "used".
    strength: u8,
    unless: Vec<String>,
}

/// The tables, ready for use.
#[derive(Debug)]
pub(super) struct Grammar {
    terms: Vec<Term>,
    automaton: AhoCorasick,
    /// What denies the term behind it, and what may stand between.
    denying: Vec<String>,
    denied_between: Vec<String>,
    strong: Vec<String>,
    weak: Vec<String>,
    between: Vec<String>,
    after: Vec<String>,
    /// Goods that are made for others.
    goods: HashSet<String>,
    /// Words of selling, which say nothing of the goods.
    selling: HashSet<String>,
    /// Books, prints, food and other things that are named after anything.
    works: HashSet<String>,
    /// Words of everyday language that are brands as well.
    ordinary: HashSet<String>,
}

/// The single words of a table's terms.
fn single_words<'a>(terms: impl IntoIterator<Item = &'a String>) -> HashSet<String> {
    terms
        .into_iter()
        .flat_map(|t| words(&normalise(t)))
        .map(|w| w.text)
        .collect()
}

fn plain(text: &str) -> String {
    normalise(text).plain.text.trim().to_owned()
}

fn all_plain(terms: &[String]) -> Vec<String> {
    let mut out: Vec<String> = terms.iter().map(|t| plain(t)).collect();
    // Longest first, so that "für alle" is tried before "für".
    out.sort_by_key(|t| std::cmp::Reverse(t.len()));
    out.dedup();
    out
}

impl Grammar {
    /// Reads the tables that are built into the program.
    pub(super) fn new() -> Result<Self, GrammarError> {
        let coded: CodedFile = toml::from_str(CODED)?;
        let accessory: AccessoryFile = toml::from_str(ACCESSORY)?;
        let general: WordsFile = toml::from_str(WORDS)?;
        let mut terms = Vec::new();
        let mut patterns = Vec::new();
        for group in &coded.coded {
            for term in &group.terms {
                patterns.push(plain(term));
                terms.push(Term {
                    shown: term.clone(),
                    strength: group.strength,
                    unless: all_plain(&group.unless),
                });
            }
        }
        for term in coded.used.iter().flat_map(|g| &g.terms) {
            patterns.push(plain(term));
            terms.push(Term {
                shown: term.clone(),
                strength: 0,
                unless: Vec::new(),
            });
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::DFA))
            .build(&patterns)?;
        Ok(Self {
            terms,
            automaton,
            denying: all_plain(&coded.denied.by),
            denied_between: all_plain(&coded.denied.between),
            strong: all_plain(&accessory.strong),
            weak: all_plain(&accessory.weak),
            between: all_plain(&accessory.between),
            after: all_plain(&accessory.after),
            goods: single_words(&accessory.goods),
            selling: single_words(
                general
                    .selling
                    .iter()
                    .chain(coded.coded.iter().flat_map(|g| &g.terms))
                    .chain(coded.used.iter().flat_map(|g| &g.terms)),
            ),
            works: single_words(&general.works),
            ordinary: single_words(&general.ordinary),
        })
    }

    /// Whether a word is one of selling and says nothing of the goods.
    pub(super) fn is_selling(&self, word: &str) -> bool {
        self.selling.contains(word)
    }

    /// Whether a word names goods that are made for others.
    pub(super) fn is_accessory_goods(&self, word: &str) -> bool {
        self.goods.contains(word)
    }

    /// Whether a word names something that may be about anything: a book, a print, food.
    pub(super) fn is_work(&self, word: &str) -> bool {
        self.works.contains(word)
    }

    /// Whether a brand is a word of everyday language as well.
    pub(super) fn is_ordinary(&self, word: &str) -> bool {
        self.ordinary.contains(word)
    }

    /// Whether a word says what goods are for.
    pub(super) fn is_for(&self, word: &str) -> bool {
        self.weak.iter().any(|w| w == word)
    }

    /// Coded terms and "used" in a text, each term once.
    pub(super) fn signals(&self, text: &Normalised, in_description: bool) -> Vec<TextSignal> {
        let plain = &text.plain.text;
        let mut out: Vec<TextSignal> = Vec::new();
        let mut decided = vec![false; self.terms.len()];
        for found in self.automaton.find_iter(plain) {
            if !stands_alone(plain, found.start(), found.end()) {
                continue;
            }
            let place = found.pattern().as_usize();
            if self.terms[place].strength == ADMISSION && self.is_denied(plain, found.start()) {
                continue;
            }
            // What stands elsewhere in the text is the same for each time a term does.
            if std::mem::replace(&mut decided[place], true) {
                continue;
            }
            let term = &self.terms[place];
            if term.unless.iter().any(|word| contains_word(plain, word)) {
                continue;
            }
            let signal = if term.strength == 0 {
                TextSignal::Used {
                    term: term.shown.clone(),
                }
            } else {
                let (start, end) = text
                    .raw_span(found.start(), found.end())
                    .unwrap_or_default();
                TextSignal::Coded {
                    term: term.shown.clone(),
                    start,
                    end,
                    strength: term.strength,
                    in_description,
                }
            };
            out.push(signal);
        }
        out
    }

    /// Whether what begins at a place is denied, as in "not a replica".
    fn is_denied(&self, plain: &str, start: usize) -> bool {
        let mut before = plain.get(..start).unwrap_or_default().trim_end();
        for _ in 0..=DENIED_BETWEEN {
            if ends_with(before, &self.denying).is_some() {
                return true;
            }
            let Some(word) = ends_with(before, &self.denied_between) else {
                break;
            };
            before = before[..before.len() - word.len()].trim_end();
        }
        false
    }

    /// The term that makes a mention of the brand at glyphs `first..=last` a statement of what the
    /// goods fit. `earliest` says that no other mention stands before it.
    pub(super) fn accessory(
        &self,
        text: &Normalised,
        first: usize,
        last: usize,
        earliest: bool,
    ) -> Option<String> {
        let plain = &text.plain;
        let start = plain.glyphs.partition_point(|&g| (g as usize) < first);
        let end = plain.glyphs.partition_point(|&g| (g as usize) <= last);
        let mut before = plain.text.get(..start)?.trim_end();
        for _ in 0..=BETWEEN {
            if let Some(term) = ends_with(before, &self.strong) {
                return Some(term.clone());
            }
            if earliest && let Some(term) = ends_with(before, &self.weak) {
                // A title that begins with "for" names its goods after the brand or not at all.
                return Some(term.clone());
            }
            let Some(word) = ends_with(before, &self.between) else {
                break;
            };
            before = before[..before.len() - word.len()].trim_end();
        }
        let rest = plain.text.get(end..)?;
        let near: String = rest.chars().take(AFTER).collect();
        self.after
            .iter()
            .find(|term| {
                near.match_indices(term.as_str())
                    .any(|(at, _)| stands_alone(&near, at, at + term.len()))
            })
            .cloned()
    }
}

/// The first of these terms that a text ends with.
fn ends_with<'a>(text: &str, terms: &'a [String]) -> Option<&'a String> {
    terms.iter().find(|term| {
        text.ends_with(term.as_str()) && stands_alone(text, text.len() - term.len(), text.len())
    })
}

/// Whether a stretch of text is not part of a longer word. Scripts without spaces have no edges.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let edge = |inner: Option<char>, outer: Option<char>| match (inner, outer) {
        (Some(i), Some(o)) => {
            !i.is_alphanumeric()
                || !o.is_alphanumeric()
                || is_cjk(i)
                || is_cjk(o)
                || is_thai(i)
                || is_thai(o)
        }
        _ => true,
    };
    // Korean appends its particles to the word.
    let appended = |inner: Option<char>, outer: Option<char>| {
        inner.is_some_and(is_hangul) && outer.is_some_and(is_hangul)
    };
    let (Some(before), Some(inside), Some(after)) =
        (text.get(..start), text.get(start..end), text.get(end..))
    else {
        return false;
    };
    edge(inside.chars().next(), before.chars().next_back())
        && (edge(inside.chars().next_back(), after.chars().next())
            || appended(inside.chars().next_back(), after.chars().next()))
}

fn is_hangul(ch: char) -> bool {
    ('\u{ac00}'..='\u{d7a3}').contains(&ch)
}

/// Thai is written without spaces between words.
fn is_thai(ch: char) -> bool {
    ('\u{e00}'..='\u{e7f}').contains(&ch)
}

fn contains_word(text: &str, word: &str) -> bool {
    text.match_indices(word)
        .any(|(at, _)| stands_alone(text, at, at + word.len()))
}

/// Why the built-in tables cannot be used; it means that the program was built from damaged tables.
#[derive(Debug, thiserror::Error)]
pub enum GrammarError {
    /// A table is not what its reader expects.
    #[error("a table of terms is malformed: {0}")]
    Table(#[from] toml::de::Error),
    /// The automaton over the coded terms cannot be built.
    #[error("the automaton over the coded terms cannot be built: {0}")]
    Automaton(#[from] aho_corasick::BuildError),
}

#[cfg(test)]
mod tests;
