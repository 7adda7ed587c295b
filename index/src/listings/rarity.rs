//! How rare words are among the listings, from what the index knows of each word.
//!
//! What is crawled is searched for: most of it has the words of one's own products, which would
//! make those look common. So listings that name one of the catalog's brands are left out. Only
//! the listings that are there count, whatever was deleted in between, so that the same listings
//! give the same numbers in whatever parts the index lies.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::sync::Arc;

use tantivy::schema::IndexRecordOption;
use tantivy::termdict::TermMerger;
use tantivy::{DocSet as _, InvertedIndexReader, SegmentReader, TERMINATED, Term};

use super::analysis::{FOLDED, folded, tokens};
use super::{ListingIndex, ListingIndexError, failed};
use crate::text::Rarity;

/// Names longer than this, in words, are looked for by their first words.
const NAME_WORDS: usize = 8;

/// The listings of one part of the index, and which of them count.
struct Part {
    words: Arc<InvertedIndexReader>,
    counts: Vec<bool>,
    /// Whether all do: then nothing need be read to count a word.
    whole: bool,
}

impl ListingIndex {
    /// In how many listings each word stands, of those whose title has none of these names. The
    /// commonest words are kept.
    ///
    /// # Errors
    /// When the search library fails.
    pub fn rarity(&self, names: &[&str]) -> Result<Rarity, ListingIndexError> {
        let (_, searcher) = self.snapshot();
        let names = words_of(names);
        let readers = searcher.segment_readers().iter();
        let parts = readers.map(|reader| self.part(reader, &names));
        let parts = parts
            .collect::<tantivy::Result<Vec<Part>>>()
            .map_err(failed("count the words of"))?;
        let listings = parts.iter().flat_map(|p| &p.counts).filter(|c| **c).count();
        let counts = counted(&parts)
            .map_err(tantivy::TantivyError::from)
            .map_err(failed("count the words of"))?;
        Ok(Rarity::of_counts(listings as u64, counts))
    }

    fn part(&self, reader: &SegmentReader, names: &[Vec<String>]) -> tantivy::Result<Part> {
        let words = reader.inverted_index(self.fields.title)?;
        let alive = |doc| !reader.is_deleted(doc);
        let mut counts: Vec<bool> = (0..reader.max_doc()).map(alive).collect();
        for name in names {
            for doc in self.naming(&words, name)? {
                if let Some(counts) = counts.get_mut(doc as usize) {
                    *counts = false;
                }
            }
        }
        Ok(Part {
            whole: counts.iter().all(|c| *c),
            words,
            counts,
        })
    }

    /// The listings of a part whose title has all words of a name, as they are or disguised.
    fn naming(
        &self,
        words: &InvertedIndexReader,
        name: &[String],
    ) -> tantivy::Result<BTreeSet<u32>> {
        let mut all: Option<BTreeSet<u32>> = None;
        for word in name {
            let mut here = BTreeSet::new();
            for form in [Some(word.clone()), folded(word)].into_iter().flatten() {
                let term = Term::from_field_text(self.fields.title, &form);
                if let Some(mut found) = words.read_postings(&term, IndexRecordOption::Basic)? {
                    while found.doc() != TERMINATED {
                        here.insert(found.doc());
                        found.advance();
                    }
                }
            }
            let both = match all {
                None => here,
                Some(all) => all.intersection(&here).copied().collect(),
            };
            if both.is_empty() {
                return Ok(both);
            }
            all = Some(both);
        }
        Ok(all.unwrap_or_default())
    }
}

/// Names cut into words, each name once.
fn words_of(names: &[&str]) -> Vec<Vec<String>> {
    let cut = |name: &&str| -> Vec<String> {
        let main = tokens(name).into_iter().filter(|token| token.is_main());
        main.map(|token| token.text).take(NAME_WORDS).collect()
    };
    let names: BTreeSet<Vec<String>> = names.iter().map(cut).collect();
    names.into_iter().filter(|name| !name.is_empty()).collect()
}

/// The commonest words with their counts; of equally common ones those that come first in the
/// alphabet. No more are held in memory than are kept.
fn counted(parts: &[Part]) -> std::io::Result<Vec<(String, u64)>> {
    // Folded forms stand before all words.
    let behind_folded = [FOLDED as u8 + 1];
    let mut streams = Vec::with_capacity(parts.len());
    for part in parts {
        let range = part.words.terms().range().ge(behind_folded);
        streams.push(range.into_stream()?);
    }
    let mut kept: BinaryHeap<Reverse<(u64, Reverse<String>)>> = BinaryHeap::new();
    let mut merged = TermMerger::new(streams);
    while merged.advance() {
        let Ok(word) = std::str::from_utf8(merged.key()) else {
            continue;
        };
        if word.len() > Rarity::LONGEST_WORD {
            continue;
        }
        let mut count: u64 = 0;
        for (at, info) in merged.current_segment_ords_and_term_infos() {
            let part = &parts[at];
            if part.whole {
                count += u64::from(info.doc_freq);
                continue;
            }
            let postings = part
                .words
                .read_postings_from_terminfo(&info, IndexRecordOption::Basic)?;
            count += in_counted(postings, &part.counts);
        }
        let full = kept.len() >= Rarity::MOST_WORDS;
        let least = kept.peek().map_or(0, |Reverse((least, _))| *least);
        // Words come in the order of the alphabet: of equally common ones the first are there.
        if count == 0 || full && count <= least {
            continue;
        }
        if full {
            kept.pop();
        }
        kept.push(Reverse((count, Reverse(word.to_owned()))));
    }
    let words = kept.into_iter();
    Ok(words
        .map(|Reverse((count, Reverse(word)))| (word, count))
        .collect())
}

fn in_counted(mut postings: tantivy::postings::SegmentPostings, counts: &[bool]) -> u64 {
    let mut count = 0;
    while postings.doc() != TERMINATED {
        let counts = counts.get(postings.doc() as usize).copied();
        count += u64::from(counts.unwrap_or(false));
        postings.advance();
    }
    count
}
