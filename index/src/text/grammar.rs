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
/// How far behind the brand a term such as "対応" may stand, in characters.
const AFTER: usize = 24;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodedFile {
    coded: Vec<CodedGroup>,
    used: Vec<UsedGroup>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodedGroup {
    strength: u8,
    terms: Vec<String>,
    #[serde(default)]
    unless: Vec<String>,
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
            // What stands elsewhere in the text is the same for each time a term does.
            let place = found.pattern().as_usize();
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
            let ends = |term: &&String| {
                before.ends_with(term.as_str())
                    && stands_alone(before, before.len() - term.len(), before.len())
            };
            if let Some(term) = self.strong.iter().find(ends) {
                return Some(term.clone());
            }
            if earliest && let Some(term) = self.weak.iter().find(ends) {
                // A title that begins with "for" names its goods after the brand or not at all.
                return Some(term.clone());
            }
            let Some(word) = self.between.iter().find(ends) else {
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

/// Whether a stretch of text is not part of a longer word. Scripts without spaces have no edges.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let edge = |inner: Option<char>, outer: Option<char>| match (inner, outer) {
        (Some(i), Some(o)) => {
            !i.is_alphanumeric() || !o.is_alphanumeric() || is_cjk(i) || is_cjk(o)
        }
        _ => true,
    };
    let (Some(before), Some(inside), Some(after)) =
        (text.get(..start), text.get(start..end), text.get(end..))
    else {
        return false;
    };
    edge(inside.chars().next(), before.chars().next_back())
        && edge(inside.chars().next_back(), after.chars().next())
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
mod tests {
    use super::*;

    fn coded(title: &str) -> Vec<String> {
        let grammar = Grammar::new().expect("the tables are well-formed");
        grammar
            .signals(&normalise(title), false)
            .into_iter()
            .filter_map(|s| match s {
                TextSignal::Coded { term, .. } => Some(term),
                TextSignal::Used { term } => Some(format!("used:{term}")),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn code_for_copies_is_found_in_several_languages() {
        assert_eq!(
            coded("Uhr 1：1 Spiegelqualität"),
            ["1:1", "spiegelqualität"]
        );
        assert_eq!(coded("レプリカ 腕時計"), ["レプリカ"]);
        assert_eq!(coded("Inspired  by the best"), ["inspired by"]);
        assert_eq!(coded("montre d'occasion"), ["used:d'occasion"]);
    }

    #[test]
    fn honest_uses_of_the_same_letters_are_left_alone() {
        assert!(coded("12 AAA batteries, clones the 11:15 remote").is_empty());
        assert!(coded("cyclone replicator").is_empty());
    }

    fn accessory(title: &str, brand: &str) -> Option<String> {
        let grammar = Grammar::new().expect("the tables are well-formed");
        let n = normalise(title);
        let at = n.plain().find(brand).expect("the brand is there");
        let (first, last) = n.plain.span(at, at + brand.len()).expect("inside");
        grammar.accessory(&n, first, last, true)
    }

    #[test]
    fn goods_made_for_the_brand_are_told_from_the_brand() {
        for title in [
            "Leather case for Velora X1",
            "Ersatzband passend für die Velora X1",
            "Étui pour Velora",
            "velora 対応 ケース",
            "VELORA X1用 バンド",
            "表带 适用于velora",
            "charger compatible with your velora",
        ] {
            assert!(accessory(title, "velora").is_some(), "{title}");
        }
        for title in [
            "Velora X1 camera for men",
            "New Velora bag",
            "Velora 腕時計",
        ] {
            assert_eq!(accessory(title, "velora"), None, "{title}");
        }
    }
}
