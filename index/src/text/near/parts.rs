//! Names whose words stand apart, whose letters stand in reverse, or of which only initials or
//! consonants are there.

use std::collections::HashMap;

use super::super::evidence::Trick;
use super::super::find::{Mention, Quality};
use super::super::terms::{Term, Terms};
use super::super::words::{Word, is_filler};
use super::mention;

/// The shortest word that is read in reverse, in bytes.
const SHORTEST_REVERSED: usize = 4;

/// Names by their words and by what they may be abbreviated to.
#[derive(Debug, Default)]
pub(in crate::text) struct PartIndex {
    /// Each name under that of its words which the fewest names have.
    rarest: HashMap<String, Vec<usize>>,
    /// Initials and consonants, with the names they may stand for.
    short_forms: HashMap<String, Vec<usize>>,
}

impl PartIndex {
    /// Files the terms at some places.
    pub(in crate::text) fn build(
        terms: &[Term],
        places: impl Iterator<Item = usize> + Clone,
    ) -> Self {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for part in places.clone().flat_map(|place| &terms[place].parts) {
            *counts.entry(part).or_default() += 1;
        }
        let mut out = Self::default();
        for place in places {
            let term = &terms[place];
            if let Some(part) = term.parts.iter().min_by_key(|part| counts[part.as_str()]) {
                out.rarest.entry(part.clone()).or_default().push(place);
            }
            for form in short_forms(term) {
                out.short_forms.entry(form).or_default().push(place);
            }
        }
        out
    }
}

/// How a name is abbreviated: the initials of its words, and its consonants.
pub(crate) fn short_forms(term: &Term) -> Vec<String> {
    let mut out = Vec::new();
    let words: Vec<&String> = term.parts.iter().filter(|p| p.len() > 1).collect();
    if words.len() >= 2 {
        out.push(words.iter().filter_map(|w| w.chars().next()).collect());
    }
    if let [only] = term.parts.as_slice()
        && only.len() >= 4
    {
        let mut consonants: String = only.chars().filter(|c| !"aeiou".contains(*c)).collect();
        if only.starts_with(['a', 'e', 'i', 'o', 'u']) {
            out.push(consonants.clone());
            consonants.insert_str(0, &only[..1]);
        }
        if consonants.len() < only.len() {
            out.push(consonants);
        }
    }
    out.retain(|form| form.len() >= 2);
    out
}

/// Where a part of a name was found: the word's place and whether it was in reverse.
#[derive(Debug, Clone, Copy)]
struct PartFound {
    word: usize,
    reversed: bool,
}

/// The words of a title by their spelling, each where it stands first.
struct Spellings {
    forwards: HashMap<String, usize>,
    /// Read from behind; palindromes are not.
    backwards: HashMap<String, usize>,
}

impl Spellings {
    fn new(words: &[Word]) -> Self {
        let mut out = Self {
            forwards: HashMap::with_capacity(words.len()),
            backwards: HashMap::with_capacity(words.len()),
        };
        for (at, word) in words.iter().enumerate() {
            out.forwards.entry(word.text.clone()).or_insert(at);
            let backwards: String = word.text.chars().rev().collect();
            if backwards != word.text {
                out.backwards.entry(backwards).or_insert(at);
            }
        }
        out
    }

    fn forwards(&self, part: &str) -> Option<PartFound> {
        let word = *self.forwards.get(part)?;
        Some(PartFound {
            word,
            reversed: false,
        })
    }

    fn backwards(&self, part: &str) -> Option<PartFound> {
        let word = *self.backwards.get(part)?;
        Some(PartFound {
            word,
            reversed: true,
        })
    }

    /// Where the parts of a name stand, when all are there. A name of one word that is written
    /// forwards is none in parts.
    fn parts(&self, term: &Term) -> Option<Vec<PartFound>> {
        match term.parts.as_slice() {
            [only] if only.len() < SHORTEST_REVERSED => None,
            [only] => Some(vec![self.backwards(only)?]),
            parts => {
                let found = parts
                    .iter()
                    .map(|p| self.forwards(p).or_else(|| self.backwards(p)));
                found.collect()
            }
        }
    }
}

/// Names whose words stand apart, or whose letters stand in reverse.
pub(super) fn in_parts(terms: &Terms, words: &[Word], out: &mut Vec<Mention>) {
    let spellings = Spellings::new(words);
    let more = spellings
        .backwards
        .keys()
        .filter(|s| !spellings.forwards.contains_key(*s));
    for spelling in spellings.forwards.keys().chain(more) {
        for &place in terms.parts.rarest.get(spelling).into_iter().flatten() {
            if let Some(parts) = spellings.parts(&terms.terms[place]) {
                out.push(placed(place, &parts, words));
            }
        }
    }
}

fn placed(term: usize, parts: &[PartFound], words: &[Word]) -> Mention {
    let reversed = parts.iter().any(|p| p.reversed);
    let from = parts.iter().map(|p| p.word).min().unwrap_or_default();
    let to = parts.iter().map(|p| p.word).max().unwrap_or_default();
    let longest = parts
        .iter()
        .max_by_key(|p| words[p.word].last - words[p.word].first)
        .map_or(from, |p| p.word);
    // Words far apart are marked by their longest alone.
    let (first, last) = if to - from < parts.len() {
        (words[from].first, words[to].last)
    } else {
        (words[longest].first, words[longest].last)
    };
    let (quality, trick) = if reversed {
        (Quality::Reversed, Some(Trick::Reversed))
    } else {
        (Quality::Scattered, None)
    };
    mention(term, first, last, quality, trick)
}

/// Words that are a name's initials or consonants.
pub(super) fn abbreviated(terms: &Terms, words: &[Word], out: &mut Vec<Mention>) {
    for word in words.iter().filter(|w| !is_filler(&w.text)) {
        for &term in terms
            .parts
            .short_forms
            .get(&word.text)
            .into_iter()
            .flatten()
        {
            out.push(mention(
                term,
                word.first,
                word.last,
                Quality::Abbreviated,
                Some(Trick::Abbreviated),
            ));
        }
    }
}
