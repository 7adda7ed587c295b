//! Which listings a product of the catalog may concern: those whose text the catalog's matcher may
//! read its name in, through the tricks it sees through, so that only these need be read.
//!
//! Proposed are listings whose title has, of a brand, alias or model number,
//! * all grams: written out, with look-alikes, set apart, or within a longer word;
//! * nearly all grams, or words within two slips: misspelt;
//! * a masked run of its length; its words in any order or in reverse; its initials or consonants;
//!
//! whose description has its words; and whose title has one of the product's words and begins with
//! one of the brand's. What is proposed is read in full by the matcher: too much costs time only.

use std::collections::BTreeSet;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::ColumnValues;
use tantivy::query::{BooleanQuery, ConstScoreQuery, FuzzyTermQuery, Query as Run};
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader, Term};

use super::analysis::{folded, tokens};
use super::query::{in_field, one, union};
use super::schema::Fields;
use super::{ListingIndex, ListingIndexError, clues, failed};
use crate::text::{
    CatalogProduct, TermKind, fold_all, is_filler, normalise, short_forms, slips_allowed, terms_of,
};

/// The most slips that the search library looks for in a word.
const MOST_SLIPS: usize = 2;

/// A product to be looked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The product as the catalog's matcher knows it.
    pub product: CatalogProduct,
    /// Names, keywords and categories of the other products of its brand: a title that names no brand
    /// may begin with any of their words.
    pub brand_words: Vec<String>,
}

impl ListingIndex {
    /// The listings that some of the products may concern: identifiers, ascending.
    ///
    /// # Errors
    /// When the search library fails.
    pub fn candidates(&self, wanted: &[Wanted]) -> Result<Vec<u64>, ListingIndexError> {
        let (_, searcher) = self.snapshot();
        let mut found = BTreeSet::new();
        let mut known = BTreeSet::new();
        for wanted in wanted {
            for query in self.queries(wanted, &mut known) {
                // Ranks are not asked for.
                let query = ConstScoreQuery::new(query, 1.0);
                found.extend(searcher.search(&query, &Ids).map_err(failed("search"))?);
            }
        }
        Ok(found.into_iter().collect())
    }

    /// What finds a product's listings. Products of one brand share terms: those known are left out.
    fn queries(
        &self,
        wanted: &Wanted,
        known: &mut BTreeSet<(TermKind, Vec<char>)>,
    ) -> Vec<Box<dyn Run>> {
        let fields = &self.fields;
        let mut out = Vec::new();
        for term in &terms_of(&wanted.product) {
            if !known.insert((term.kind, term.squeezed.clone())) {
                continue;
            }
            let squeezed: String = term.squeezed.iter().collect();
            out.push(written_out(fields, &squeezed));
            out.push(in_field(fields.description, &tokens(&term.shown)));
            if term.kind == TermKind::Model {
                out.push(in_field(fields.title, &tokens(&term.shown)));
                continue;
            }
            out.push(all_words(fields, &term.parts, fields.title, true));
            out.push(all_words(fields, &term.parts, fields.description, false));
            if !term.is_latin() {
                continue;
            }
            out.extend(misspelt(fields, &term.squeezed, &term.parts));
            out.push(clue(fields, &clues::mask(term.squeezed.len())));
            if term.parts.len() > 1 {
                out.push(clue(fields, clues::MASKED));
            }
            out.extend(
                short_forms(term)
                    .iter()
                    .map(|form| one(fields.title, form, false)),
            );
        }
        out.extend(unnamed(fields, wanted));
        out
    }
}

fn clue(fields: &Fields, clue: &str) -> Box<dyn Run> {
    one(fields.clues, clue, false)
}

/// All grams of a term; of one too short for any, the word.
fn written_out(fields: &Fields, squeezed: &str) -> Box<dyn Run> {
    let grams = clues::grams(&fold_all(squeezed));
    if grams.is_empty() {
        return in_field(fields.title, &tokens(squeezed));
    }
    let each = grams.iter().map(|gram| clue(fields, gram));
    Box::new(BooleanQuery::intersection(each.collect()))
}

/// All words of a name, each as it is, disguised or in reverse.
fn all_words(
    fields: &Fields,
    parts: &[String],
    field: tantivy::schema::Field,
    in_title: bool,
) -> Box<dyn Run> {
    let each = parts.iter().map(|part| {
        let mut forms = vec![in_field(field, &tokens(part))];
        if in_title {
            let backwards: String = part.chars().rev().collect();
            forms.push(one(fields.title, &backwards, false));
        }
        union(forms)
    });
    Box::new(BooleanQuery::intersection(each.collect()))
}

/// A Latin name with slips: in its words, or across them.
fn misspelt(fields: &Fields, squeezed: &[char], parts: &[String]) -> Vec<Box<dyn Run>> {
    let slips = slips_allowed(squeezed.len());
    if slips == 0 {
        return Vec::new();
    }
    let near = |word: &str| {
        let length = word.chars().count();
        // The slips may all be in one word.
        let slips = slips.min(MOST_SLIPS).min(length.saturating_sub(1));
        let slips = u8::try_from(slips).unwrap_or(0);
        let mut forms: Vec<Box<dyn Run>> = vec![fuzzy(fields, word, slips)];
        // Disguised words have slips as well.
        if let Some(folded) = folded(word) {
            forms.push(fuzzy(fields, &folded, slips));
        }
        union(forms)
    };
    let each = parts.iter().map(|part| near(part));
    let mut out: Vec<Box<dyn Run>> = vec![Box::new(BooleanQuery::intersection(each.collect()))];
    if parts.len() > 1 {
        let joined: String = squeezed.iter().collect();
        out.push(near(&joined));
    }
    // One slip takes at most three grams away, two neighbours swapped four.
    let grams = clues::grams(&fold_all(&squeezed.iter().collect::<String>()));
    let left = grams
        .len()
        .saturating_sub(slips * 3)
        .max(grams.len().div_ceil(2));
    if left >= 2 {
        let each = grams.iter().map(|gram| clue(fields, gram));
        let most = BooleanQuery::union_with_minimum_required_clauses(each.collect(), left);
        out.push(Box::new(most));
    }
    out
}

fn fuzzy(fields: &Fields, word: &str, slips: u8) -> Box<dyn Run> {
    let term = Term::from_field_text(fields.title, word);
    Box::new(FuzzyTermQuery::new(term, slips, true))
}

/// Titles with one of the product's words, that begin with one of the brand's.
fn unnamed(fields: &Fields, wanted: &Wanted) -> Option<Box<dyn Run>> {
    let product = &wanted.product;
    let own = [&product.brand, &product.name]
        .into_iter()
        .chain(&product.aliases)
        .chain(&product.model_numbers)
        .chain(&product.keywords);
    let own = words(own.map(String::as_str));
    let name = [&product.name].into_iter().chain(&product.keywords);
    let name = name.chain(&product.category).chain(&wanted.brand_words);
    let leads = words(name.map(String::as_str));
    if own.is_empty() || leads.is_empty() {
        return None;
    }
    let own = own.iter().map(|word| one(fields.title, word, false));
    let leads = leads.iter().map(|word| clue(fields, &clues::lead(word)));
    Some(Box::new(BooleanQuery::intersection(vec![
        union(own.collect()),
        union(leads.collect()),
    ])))
}

/// The telling words of some texts with their folded forms, each once.
fn words<'a>(texts: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for text in texts {
        // The index has the plain spelling; so has what is asked for.
        for token in tokens(normalise(text).plain()) {
            if token.is_main() && is_filler(&token.text) {
                continue;
            }
            out.insert(token.text);
        }
    }
    out
}

/// Collects identifiers.
struct Ids;

impl Collector for Ids {
    type Fruit = Vec<u64>;
    type Child = IdsOfSegment;

    fn for_segment(
        &self,
        _: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<Self::Child> {
        Ok(IdsOfSegment {
            ids: segment.fast_fields().u64("id")?.first_or_default_col(0),
            found: Vec::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<Vec<u64>>) -> tantivy::Result<Vec<u64>> {
        Ok(fruits.into_iter().flatten().collect())
    }
}

struct IdsOfSegment {
    ids: std::sync::Arc<dyn ColumnValues<u64>>,
    found: Vec<u64>,
}

impl SegmentCollector for IdsOfSegment {
    type Fruit = Vec<u64>;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.found.push(self.ids.get_val(doc));
    }

    fn harvest(self) -> Vec<u64> {
        self.found
    }
}
