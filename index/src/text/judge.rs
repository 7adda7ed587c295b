//! What a title says about one product, in words that a reviewer can check.

use super::evidence::{Hit, TextMatch, TextSignal};
use super::features::Title;
use super::find::Mention;
use super::normalise::TrickSet;
use super::terms::{TermKind, Terms};
use super::vocabulary::{Product, Vocabulary};

/// A title and what was found in it.
pub(super) struct Subject<'a> {
    pub raw: &'a str,
    pub terms: &'a Terms,
    pub vocabulary: &'a Vocabulary,
    pub signals: &'a [TextSignal],
}

impl Subject<'_> {
    fn hit(
        &self,
        title: &Title<'_>,
        term: &str,
        first: usize,
        last: usize,
        tricks: TrickSet,
    ) -> Hit {
        let (start, end) = title.text.raw(first, last);
        Hit {
            term: term.to_owned(),
            found: self.raw.get(start..end).unwrap_or_default().to_owned(),
            start,
            end,
            tricks: tricks.to_vec(),
        }
    }

    /// What the title says about the product at a place of the catalog; `score` is the probability
    /// that it concerns it.
    pub(super) fn judge(
        &self,
        title: &mut Title<'_>,
        place: usize,
        product: &Product,
        score: f64,
    ) -> TextMatch {
        let facts = title.brand(product.brand);
        let title = &*title;
        let term = |m: &Mention| &self.terms.terms[m.term];
        let mine = |m: &&Mention| term(m).products.binary_search(&place).is_ok();
        // What is doubtfully the brand says nothing where it surely stands elsewhere.
        let surest = facts.best.and_then(|at| title.mentions.get(at));
        let brand_mentions: Vec<&Mention> = title
            .mentions
            .iter()
            .filter(mine)
            .filter(|m| term(m).kind != TermKind::Model)
            .filter(|m| !m.is_doubtful() || surest.is_none_or(Mention::is_doubtful))
            .collect();
        let brand = brand_mentions
            .iter()
            .copied()
            .min_by_key(|m| (std::cmp::Reverse(m.quality), m.first));
        let models: Vec<&Mention> = title
            .mentions
            .iter()
            .filter(mine)
            .filter(|m| term(m).kind == TermKind::Model)
            .collect();
        let described = title.described.iter().find(mine);
        let hit = |m: &Mention| self.hit(title, &term(m).shown, m.first, m.last, m.tricks);

        let mut signals = self.signals.to_vec();
        signals.extend(
            facts
                .accessory
                .clone()
                .map(|term| TextSignal::Accessory { term }),
        );
        let mut others: Vec<&str> = title
            .mentions
            .iter()
            .filter(|m| !m.is_doubtful() && term(m).kind != TermKind::Model)
            .filter(|m| term(m).brand != product.brand)
            .map(|m| term(m).shown.as_str())
            .collect();
        others.dedup();
        signals.extend(others.into_iter().map(|term| TextSignal::OtherBrand {
            term: term.to_owned(),
        }));
        if brand.is_none()
            && let Some(m) = described
        {
            signals.push(TextSignal::InDescription {
                term: term(m).shown.clone(),
            });
        }
        let played = brand
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
        let name_hits = title.name_hits(product);
        let named = name_hits.iter().filter_map(|&(number, at)| {
            let word = title.words.get(at)?;
            let text = self.vocabulary.text(number);
            Some(self.hit(title, text, word.first, word.last, TrickSet::default()))
        });
        let keywords = product.keywords.iter().filter_map(|keyword| {
            let word = title.words.iter().find(|w| w.text == *keyword)?;
            Some(self.hit(title, keyword, word.first, word.last, TrickSet::default()))
        });
        let mut hits: Vec<Hit> = brand_mentions
            .iter()
            .map(|m| hit(m))
            .chain(model_hits.iter().cloned())
            .chain(named)
            .chain(keywords)
            .collect();
        hits.sort_by_key(|h| (h.start, h.end));
        hits.dedup_by(|a, b| a.start == b.start && a.end == b.end);
        TextMatch {
            product: product.id,
            score,
            brand_hit,
            name_coverage: title.coverage(product).0,
            telling: if models.is_empty() {
                title.telling(product)
            } else {
                1.0
            },
            model_hits,
            hits,
            signals,
        }
    }
}
