//! What a title shows of one product, in numbers. The fitted weights in `data/title_weights.csv` make a
//! probability of them.

use std::collections::HashMap;

use super::find::{Mention, Quality};
use super::grammar::Grammar;
use super::normalise::Normalised;
use super::terms::{TermKind, Terms};
use super::vocabulary::{Product, Vocabulary};
use super::words::{Word, is_filler};

/// The names of the features, in the order of [`Features`]. Most are 0 or 1; *share*, *info* and
/// *fit* run from 0 to 1 (see [`Context`]).
pub const FEATURES: [&str; 49] = [
    "bias",
    // How the brand is written, see `Quality`.
    "abbreviated",
    "slips",
    "slip",
    "embedded",
    "split",
    "scattered",
    "reversed",
    "masked",
    "disguised",
    "exact",
    // What stands around it, by how sure the brand is.
    "sure_share",
    "sure_info",
    "sure_fit",
    "sure_alone",
    "doubtful_share",
    "doubtful_info",
    "doubtful_fit",
    "doubtful_alone",
    "abbreviated_share",
    "abbreviated_info",
    "abbreviated_fit",
    "unnamed_share",
    "unnamed_info",
    "unnamed_fit",
    "unnamed_share_fit",
    // The brand as a word.
    "ordinary",
    "ordinary_fit",
    "ordinary_alone",
    "short_sure",
    "short_doubtful",
    "several_words",
    "first_sure",
    "first_doubtful",
    // Model numbers.
    "model",
    "model_and_brand",
    "long_model",
    "strange_model",
    // Against it.
    "accessory",
    "accessory_before",
    "accessory_goods",
    "accessory_goods_and_before",
    "work",
    "other_brand",
    "other_brands",
    "strange_first",
    "strange_first_unnamed",
    // Elsewhere.
    "described",
    "described_share",
];

/// Words run together that are taken apart.
const GLUED_WORDS: usize = 8;

/// One number a feature.
pub(super) type Features = [f64; FEATURES.len()];

/// How much of a title is the brand's and the product's.
#[derive(Debug, Clone, Copy, Default)]
struct Context {
    /// Share of the product's name in the title, rarer words counting more.
    share: f64,
    /// How much of the name is there at all; 1 is four rare words.
    info: f64,
    /// Share of the title's other words that the brand's products have in their names.
    fit: f64,
}

/// A title, and all that was found in it whatever the product.
pub(super) struct Title<'a> {
    pub text: &'a Normalised,
    pub words: &'a [Word],
    pub mentions: &'a [Mention],
    pub described: &'a [Mention],
    terms: &'a Terms,
    vocabulary: &'a Vocabulary,
    grammar: &'a Grammar,
    /// For each word its number in the catalog's vocabulary.
    numbers: Vec<Option<u32>>,
    /// Whether a word says what is sold.
    telling: Vec<bool>,
    /// Numbers and places of the words, sorted.
    places: Vec<(u32, usize)>,
    work: bool,
    brands: HashMap<usize, BrandFacts>,
}

/// What a title shows of one brand.
#[derive(Debug, Clone)]
pub(super) struct BrandFacts {
    /// The surest mention of the brand, then the first: its place among the mentions.
    pub best: Option<usize>,
    fit: f64,
    /// The term that makes the goods an accessory.
    pub accessory: Option<String>,
    before: bool,
    others: usize,
    strange_first: bool,
    strange_model: bool,
    described: bool,
}

impl<'a> Title<'a> {
    pub(super) fn new(
        text: &'a Normalised,
        words: &'a [Word],
        (mentions, described): (&'a [Mention], &'a [Mention]),
        terms: &'a Terms,
        vocabulary: &'a Vocabulary,
        grammar: &'a Grammar,
    ) -> Self {
        let numbers: Vec<Option<u32>> = words.iter().map(|w| vocabulary.number(w)).collect();
        let mut places: Vec<(u32, usize)> = numbers
            .iter()
            .enumerate()
            .filter_map(|(at, number)| Some(((*number)?, at)))
            .collect();
        // A name run together with other words hides those.
        let glued: Vec<usize> = words
            .iter()
            .enumerate()
            .filter(|(at, w)| {
                numbers[*at].is_none()
                    && mentions.iter().any(|m| {
                        m.quality == Quality::Embedded && m.first <= w.last && w.first <= m.last
                            || m.quality >= Quality::Masked
                                && (w.first < m.first && m.first <= w.last
                                    || w.first <= m.last && m.last < w.last)
                    })
            })
            .map(|(at, _)| at)
            .take(GLUED_WORDS)
            .collect();
        for at in glued {
            let segments = vocabulary.segments(&words[at].text);
            places.extend(segments.into_iter().map(|number| (number, at)));
        }
        places.sort_unstable();
        let telling = words
            .iter()
            .map(|w| !is_filler(&w.text) && !grammar.is_selling(&w.text))
            .collect();
        Self {
            text,
            words,
            mentions,
            described,
            terms,
            vocabulary,
            grammar,
            numbers,
            telling,
            places,
            work: words.iter().any(|w| grammar.is_work(&w.text)),
            brands: HashMap::new(),
        }
    }

    fn kind(&self, mention: &Mention) -> TermKind {
        self.terms.terms[mention.term].kind
    }

    /// Whether a model number in the title, or a name in the description, points to the product at a
    /// place of the catalog.
    pub(super) fn is_pointed_to(&self, place: usize) -> bool {
        let models = self
            .mentions
            .iter()
            .filter(|m| self.kind(m) == TermKind::Model);
        models.chain(self.described).any(|m| {
            self.terms.terms[m.term]
                .products
                .binary_search(&place)
                .is_ok()
        })
    }

    /// The place of a word of the catalog in the title.
    fn place(&self, number: u32) -> Option<usize> {
        let at = self.places.partition_point(|p| p.0 < number);
        self.places.get(at).filter(|p| p.0 == number).map(|p| p.1)
    }

    /// The words of a product's name that the title has: their numbers and places.
    pub(super) fn name_hits(&self, product: &Product) -> Vec<(u32, usize)> {
        let found = product.name.iter();
        found
            .filter_map(|&number| Some((number, self.place(number)?)))
            .collect()
    }

    /// Share of a product's name in the title, rarer words counting more, and the sum of rarities.
    pub(super) fn coverage(&self, product: &Product) -> (f64, f64) {
        if product.rarity <= 0.0 {
            return (0.0, 0.0);
        }
        let found: f64 = product
            .name
            .iter()
            .filter(|&&number| self.place(number).is_some())
            .map(|&number| self.vocabulary.rarity(number))
            .sum();
        (found / product.rarity, found)
    }

    /// What the title shows of a brand.
    pub(super) fn brand(&mut self, brand: usize) -> &BrandFacts {
        if !self.brands.contains_key(&brand) {
            let facts = self.brand_facts(brand);
            self.brands.insert(brand, facts);
        }
        &self.brands[&brand]
    }

    fn brand_facts(&self, brand: usize) -> BrandFacts {
        let own = |m: &Mention| {
            self.terms.terms[m.term].brand == brand && self.kind(m) != TermKind::Model
        };
        let mine: Vec<(usize, &Mention)> = self
            .mentions
            .iter()
            .enumerate()
            .filter(|(_, m)| own(m))
            .collect();
        let best = mine
            .iter()
            .min_by_key(|(_, m)| (std::cmp::Reverse(m.quality), m.first))
            .map(|(at, _)| *at);
        let covered = |word: &Word| {
            mine.iter()
                .any(|(_, m)| m.first <= word.last && word.first <= m.last)
        };
        let models: Vec<&Mention> = self
            .mentions
            .iter()
            .filter(|m| self.kind(m) == TermKind::Model && self.terms.terms[m.term].brand == brand)
            .collect();
        let (mut fitting, mut all) = (0.0, 0.0);
        let mut strange_first = None;
        let mut strange_model = false;
        for (at, word) in self.words.iter().enumerate() {
            if !self.telling[at] || covered(word) {
                if covered(word) {
                    strange_first.get_or_insert(false);
                }
                continue;
            }
            let number = self.numbers[at];
            let fits = number.is_some_and(|n| self.vocabulary.is_of_brand(n, brand))
                || models
                    .iter()
                    .any(|m| m.first <= word.first && word.last <= m.last);
            let is_model = is_model_like(&word.text);
            // Numbers and one letter alone say little either way.
            let plain_number = word.text.len() < 2 || word.text.bytes().all(|b| b.is_ascii_digit());
            let weight = if plain_number {
                0.25
            } else {
                number.map_or(1.0, |n| self.vocabulary.rarity(n).max(0.3))
            };
            all += weight;
            if fits {
                fitting += weight;
            } else if is_model {
                strange_model = true;
            }
            if !plain_number {
                strange_first.get_or_insert(!fits);
            }
        }
        let first = mine.iter().map(|(_, m)| m.first).min();
        let accessory = mine.iter().find_map(|(_, m)| {
            self.grammar
                .accessory(self.text, m.first, m.last, Some(m.first) == first)
        });
        let before = first.is_some_and(|first| {
            self.words
                .iter()
                .take_while(|w| w.last < first)
                .any(|w| self.grammar.is_for(&w.text))
        });
        let mut others: Vec<usize> = self
            .mentions
            .iter()
            .filter(|m| m.quality >= Quality::Disguised && self.kind(m) != TermKind::Model)
            .filter(|m| !mine.iter().any(|(_, own)| own.overlaps(m)))
            .map(|m| self.terms.terms[m.term].brand)
            .filter(|&other| other != brand)
            .collect();
        others.sort_unstable();
        others.dedup();
        BrandFacts {
            best,
            fit: if all > 0.0 { fitting / all } else { 0.0 },
            accessory,
            before,
            others: others.len(),
            strange_first: strange_first.unwrap_or(false),
            strange_model,
            described: self.described.iter().any(own),
        }
    }

    /// The features of one product, by its place in the catalog.
    pub(super) fn features(&mut self, place: usize, product: &Product) -> Features {
        let (share, found) = self.coverage(product);
        let facts = self.brand(product.brand).clone();
        let context = Context {
            share,
            info: (found / 4.0).min(1.0),
            fit: facts.fit,
        };
        let mut out = Pairs::default();
        out.set("bias", 1.0);
        let best = facts.best.and_then(|at| self.mentions.get(at));
        match best {
            Some(mention) => self.brand_features(mention, &context, &mut out),
            None => {
                out.set("unnamed_share", context.share);
                out.set("unnamed_info", context.info);
                out.set("unnamed_fit", context.fit);
                out.set("unnamed_share_fit", context.share * context.fit);
            }
        }
        let model = self.mentions.iter().filter(|m| {
            self.kind(m) == TermKind::Model
                && self.terms.terms[m.term]
                    .products
                    .binary_search(&place)
                    .is_ok()
        });
        let model = model.map(|m| self.terms.terms[m.term].squeezed.len()).max();
        out.flag(
            "strange_first_unnamed",
            facts.strange_first && best.is_none() && model.is_none(),
        );
        out.flag("model", model.is_some());
        out.flag("long_model", model.is_some_and(|length| length >= 7));
        out.flag("model_and_brand", model.is_some() && best.is_some());
        out.flag("strange_model", facts.strange_model && model.is_none());
        let goods = self.words.iter().zip(&self.numbers).any(|(word, number)| {
            self.grammar.is_accessory_goods(&word.text)
                && !number.is_some_and(|n| product.name.contains(&n))
        });
        out.flag("accessory", facts.accessory.is_some());
        out.flag("accessory_before", facts.before);
        out.flag("accessory_goods", goods);
        out.flag("accessory_goods_and_before", goods && facts.before);
        out.flag("work", self.work);
        out.flag("other_brand", facts.others > 0);
        out.flag("other_brands", facts.others > 1);
        out.flag("strange_first", facts.strange_first && best.is_some());
        out.flag("described", facts.described);
        out.set("described_share", if facts.described { share } else { 0.0 });
        out.0
    }

    fn brand_features(&self, mention: &Mention, context: &Context, out: &mut Pairs) {
        let term = &self.terms.terms[mention.term];
        out.0[1 + mention.quality as usize] = 1.0;
        let alone = context.info <= 0.0;
        let sure = !mention.is_doubtful();
        let first = self.words.first().is_some_and(|w| mention.first <= w.last);
        if mention.quality == Quality::Abbreviated {
            out.set("abbreviated_share", context.share);
            out.set("abbreviated_info", context.info);
            out.set("abbreviated_fit", context.fit);
            return;
        }
        let name = |what: &str| match (what, sure) {
            ("share", true) => "sure_share",
            ("share", false) => "doubtful_share",
            ("info", true) => "sure_info",
            ("info", false) => "doubtful_info",
            ("fit", true) => "sure_fit",
            ("fit", false) => "doubtful_fit",
            (_, true) => "sure_alone",
            (_, false) => "doubtful_alone",
        };
        out.set(name("share"), context.share);
        out.set(name("info"), context.info);
        out.set(name("fit"), context.fit);
        out.flag(name("alone"), alone);
        let ordinary = term.parts.len() == 1 && self.grammar.is_ordinary(&term.parts[0]);
        out.flag("ordinary", ordinary);
        out.set("ordinary_fit", if ordinary { context.fit } else { 0.0 });
        out.flag("ordinary_alone", ordinary && alone);
        let short = term.squeezed.len() <= 4;
        out.flag(if sure { "short_sure" } else { "short_doubtful" }, short);
        out.flag("several_words", term.parts.len() > 1);
        out.flag(if sure { "first_sure" } else { "first_doubtful" }, first);
    }
}

/// Features being filled in by name.
#[derive(Debug)]
struct Pairs(Features);

impl Default for Pairs {
    fn default() -> Self {
        Self([0.0; FEATURES.len()])
    }
}

impl Pairs {
    fn set(&mut self, name: &str, value: f64) {
        if let Some(place) = FEATURES.iter().position(|f| *f == name) {
            self.0[place] = value;
        }
    }

    fn flag(&mut self, name: &str, is: bool) {
        if is {
            self.set(name, 1.0);
        }
    }
}

/// Whether a word looks like a model or part number.
fn is_model_like(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let letters = word.bytes().filter(u8::is_ascii_lowercase).count();
    digits >= 2 && letters >= 1 && word.len() >= 5 || digits == word.len() && digits >= 6
}
