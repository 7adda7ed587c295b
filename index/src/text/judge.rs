//! What a title says about one product.

use std::collections::{BTreeSet, HashMap};

use super::evidence::{CatalogProduct, Hit, TextMatch, TextSignal, Trick};
use super::find::Mention;
use super::grammar::Grammar;
use super::lookalike;
use super::normalise::{Normalised, TrickSet, normalise};
use super::terms::{TermKind, Terms};
use super::words::{Word, is_filler, words};

/// Without brand and model number, a title must have this share of the product's name.
const NAME_ALONE: f64 = 0.5;
/// The same when the description names the brand.
const NAME_DESCRIBED: f64 = 0.3;

/// A word of a product's name.
#[derive(Debug)]
struct NameWord {
    text: String,
    folded: String,
    /// Rarer words weigh more.
    weight: f64,
}

/// A product's own words.
#[derive(Debug)]
pub(super) struct Product {
    id: i64,
    name_words: Vec<NameWord>,
    keywords: Vec<String>,
}

/// A title, and all that was found in it whatever the product.
pub(super) struct Subject<'a> {
    pub raw: &'a str,
    pub text: &'a Normalised,
    pub words: &'a [Word],
    /// The words, folded for look-alikes.
    pub folded: Vec<String>,
    pub mentions: &'a [Mention],
    pub described: &'a [Mention],
    pub signals: &'a [TextSignal],
}

impl Subject<'_> {
    fn hit(&self, term: &str, first: usize, last: usize, tricks: TrickSet) -> Hit {
        let (start, end) = self.text.raw(first, last);
        Hit {
            term: term.to_owned(),
            found: self.raw.get(start..end).unwrap_or_default().to_owned(),
            start,
            end,
            tricks: tricks.to_vec(),
        }
    }

    fn keyword_hits(&self, keywords: &[String]) -> Vec<Hit> {
        keywords
            .iter()
            .filter_map(|keyword| {
                let word = self.words.iter().find(|w| w.text == *keyword)?;
                Some(self.hit(keyword, word.first, word.last, TrickSet::default()))
            })
            .collect()
    }
}

/// Share of the name's words in the title, and where they stand.
fn coverage<'a>(
    product: &'a Product,
    subject: &Subject<'_>,
) -> (f64, Vec<(&'a str, usize, usize)>) {
    let total: f64 = product.name_words.iter().map(|w| w.weight).sum();
    if total <= 0.0 {
        return (0.0, Vec::new());
    }
    let mut found = 0.0;
    let mut places = Vec::new();
    for word in &product.name_words {
        let at = subject
            .words
            .iter()
            .position(|w| w.text == word.text)
            .or_else(|| {
                // Disguised; short words look like too much.
                (word.folded.len() >= 4)
                    .then(|| subject.folded.iter().position(|f| *f == word.folded))
                    .flatten()
            });
        if let Some(at) = at {
            found += word.weight;
            let hit = &subject.words[at];
            places.push((word.text.as_str(), hit.first, hit.last));
        }
    }
    (found / total, places)
}

/// What a title says about one product, if anything.
pub(super) fn judge(
    place: usize,
    product: &Product,
    terms: &Terms,
    grammar: &Grammar,
    subject: &Subject<'_>,
) -> Option<TextMatch> {
    let mine = |m: &&Mention| terms.terms[m.term].products.binary_search(&place).is_ok();
    let kind = |m: &Mention| terms.terms[m.term].kind;
    let brand_mentions: Vec<&Mention> = subject
        .mentions
        .iter()
        .filter(mine)
        .filter(|m| kind(m) != TermKind::Model)
        .collect();
    // The surest mention, then the first.
    let brand = brand_mentions
        .iter()
        .copied()
        .min_by_key(|m| (m.doubtful, m.first));
    let models: Vec<&Mention> = subject
        .mentions
        .iter()
        .filter(mine)
        .filter(|m| kind(m) == TermKind::Model)
        .collect();
    let described = subject.described.iter().find(mine);
    let (name_coverage, name_hits) = coverage(product, subject);
    if brand.is_none() && models.is_empty() {
        let enough = if described.is_some() {
            NAME_DESCRIBED
        } else {
            NAME_ALONE
        };
        if name_coverage < enough || (described.is_none() && name_hits.len() < 2) {
            return None;
        }
    }

    let hit = |m: &Mention| subject.hit(&terms.terms[m.term].shown, m.first, m.last, m.tricks);
    let mut signals = subject.signals.to_vec();
    let first = brand_mentions
        .iter()
        .chain(&models)
        .map(|m| (m.first, m.last))
        .chain(name_hits.iter().map(|&(_, first, last)| (first, last)))
        .min();
    let anchors = brand_mentions
        .iter()
        .map(|m| (m.first, m.last))
        .chain(first);
    if let Some(term) = anchors
        .into_iter()
        .find_map(|(a, b)| grammar.accessory(subject.text, a, b, Some((a, b)) == first))
    {
        signals.push(TextSignal::Accessory { term });
    }
    let own = terms.brands.get(place);
    let mut others: Vec<&str> = subject
        .mentions
        .iter()
        .filter(|m| !m.doubtful && kind(m) != TermKind::Model)
        .map(|m| &terms.terms[m.term])
        .filter(|t| own != Some(&t.brand))
        .map(|t| t.shown.as_str())
        .collect();
    others.dedup();
    signals.extend(others.into_iter().map(|term| TextSignal::OtherBrand {
        term: term.to_owned(),
    }));
    if brand.is_none()
        && let Some(m) = described
    {
        signals.push(TextSignal::InDescription {
            term: terms.terms[m.term].shown.clone(),
        });
    }
    let played = brand_mentions
        .iter()
        .chain(&models)
        .fold(TrickSet::default(), |all, m| all.union(m.tricks));
    signals.extend(
        played
            .to_vec()
            .into_iter()
            .map(|trick| TextSignal::Trick { trick }),
    );

    let brand_hit = brand.map(hit);
    let model_hits: Vec<Hit> = models.iter().map(|m| hit(m)).collect();
    let mut hits: Vec<Hit> = brand_mentions
        .iter()
        .map(|m| hit(m))
        .chain(model_hits.iter().cloned())
        .chain(
            name_hits
                .iter()
                .map(|&(term, first, last)| subject.hit(term, first, last, TrickSet::default())),
        )
        .chain(subject.keyword_hits(&product.keywords))
        .collect();
    hits.sort_by_key(|h| (h.start, h.end));
    hits.dedup_by(|a, b| a.start == b.start && a.end == b.end);

    let sure = match (brand, described) {
        (Some(m), _) if m.doubtful && !m.tricks.to_vec().contains(&Trick::Masked) => 0.35,
        (Some(_), _) => 0.5,
        (None, Some(_)) => 0.3,
        (None, None) => 0.0,
    };
    let model = if models.is_empty() { 0.0 } else { 0.6 };
    let accessory = signals
        .iter()
        .any(|s| matches!(s, TextSignal::Accessory { .. }));
    let score = (1.0 - (1.0 - sure) * (1.0 - 0.6 * name_coverage) * (1.0 - model))
        * if accessory { 0.4 } else { 1.0 };
    Some(TextMatch {
        product: product.id,
        score,
        brand_hit,
        name_coverage,
        model_hits,
        hits,
        signals,
    })
}

/// The products' words: those of the names without the brands', weighed by how rare they are in the catalog.
pub(super) fn products(catalog: &[CatalogProduct]) -> Vec<Product> {
    let texts = |s: &str| -> Vec<String> {
        let mut seen = BTreeSet::new();
        words(&normalise(s))
            .into_iter()
            .map(|w| w.text)
            .filter(|w| seen.insert(w.clone()))
            .collect()
    };
    let names: Vec<Vec<String>> = catalog
        .iter()
        .map(|p| {
            let brand = texts(&p.brand);
            texts(&p.name)
                .into_iter()
                .filter(|w| !is_filler(w) && !brand.contains(w))
                .collect()
        })
        .collect();
    let mut frequency: HashMap<&str, f64> = HashMap::new();
    for word in names.iter().flatten() {
        *frequency.entry(word).or_default() += 1.0;
    }
    let n = catalog.len() as f64;
    catalog
        .iter()
        .zip(&names)
        .map(|(product, name)| Product {
            id: product.id,
            name_words: name
                .iter()
                .map(|word| NameWord {
                    text: word.clone(),
                    folded: lookalike::fold_all(word),
                    weight: (1.0 + n / frequency.get(word.as_str()).copied().unwrap_or(1.0)).ln(),
                })
                .collect(),
            keywords: product.keywords.iter().flat_map(|k| texts(k)).collect(),
        })
        .collect()
}
