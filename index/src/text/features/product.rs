//! The features of one product.

use super::super::find::{Mention, Quality};
use super::super::terms::TermKind;
use super::super::vocabulary::Product;
use super::{Feature, Features, Filled, Title};

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

impl Title<'_> {
    /// The features of one product, by its place in the catalog.
    pub(in crate::text) fn features(&mut self, place: usize, product: &Product) -> Features {
        let (share, found) = self.coverage(product);
        let facts = self.brand(product.brand);
        let context = Context {
            share,
            info: (found / 4.0).min(1.0),
            fit: facts.fit,
        };
        let mut out = Filled::default();
        out.set(Feature::Bias, 1.0);
        let best = facts.best.and_then(|at| self.mentions.get(at));
        match best {
            Some(mention) => self.brand_features(mention, &context, &mut out),
            None => {
                out.set(Feature::UnnamedShare, context.share);
                out.set(Feature::UnnamedInfo, context.info);
                out.set(Feature::UnnamedFit, context.fit);
                out.set(Feature::UnnamedShareFit, context.share * context.fit);
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
            Feature::StrangeFirstUnnamed,
            facts.strange_first && best.is_none() && model.is_none(),
        );
        out.flag(Feature::Model, model.is_some());
        out.flag(Feature::LongModel, model.is_some_and(|length| length >= 7));
        out.flag(Feature::ModelAndBrand, model.is_some() && best.is_some());
        out.flag(
            Feature::StrangeModel,
            facts.strange_model && model.is_none(),
        );
        let named = |number: &Option<u32>| number.is_some_and(|n| product.name.contains(&n));
        let goods = self.goods.iter().any(|number| !named(number));
        out.flag(Feature::Accessory, facts.accessory.is_some());
        out.flag(Feature::AccessoryBefore, facts.before);
        out.flag(Feature::AccessoryGoods, goods);
        out.flag(Feature::AccessoryGoodsAndBefore, goods && facts.before);
        out.flag(Feature::Work, self.work);
        out.flag(Feature::OtherBrand, facts.others > 0);
        out.flag(Feature::OtherBrands, facts.others > 1);
        out.flag(Feature::StrangeFirst, facts.strange_first && best.is_some());
        out.flag(Feature::Described, facts.described);
        out.set(
            Feature::DescribedShare,
            if facts.described { share } else { 0.0 },
        );
        out.0
    }

    fn brand_features(&self, mention: &Mention, context: &Context, out: &mut Filled) {
        let term = &self.terms.terms[mention.term];
        out.set(mention.quality.into(), 1.0);
        let alone = context.info <= 0.0;
        let sure = !mention.is_doubtful();
        let first = self.words.first().is_some_and(|w| mention.first <= w.last);
        if mention.quality == Quality::Abbreviated {
            out.set(Feature::AbbreviatedShare, context.share);
            out.set(Feature::AbbreviatedInfo, context.info);
            out.set(Feature::AbbreviatedFit, context.fit);
            return;
        }
        let [share, info, fit, by_itself, is_short, is_first] = if sure {
            [
                Feature::SureShare,
                Feature::SureInfo,
                Feature::SureFit,
                Feature::SureAlone,
                Feature::ShortSure,
                Feature::FirstSure,
            ]
        } else {
            [
                Feature::DoubtfulShare,
                Feature::DoubtfulInfo,
                Feature::DoubtfulFit,
                Feature::DoubtfulAlone,
                Feature::ShortDoubtful,
                Feature::FirstDoubtful,
            ]
        };
        out.set(share, context.share);
        out.set(info, context.info);
        out.set(fit, context.fit);
        out.flag(by_itself, alone);
        let ordinary = term.parts.len() == 1 && self.grammar.is_ordinary(&term.parts[0]);
        out.flag(Feature::Ordinary, ordinary);
        out.set(
            Feature::OrdinaryFit,
            if ordinary { context.fit } else { 0.0 },
        );
        out.flag(Feature::OrdinaryAlone, ordinary && alone);
        out.flag(is_short, term.squeezed.len() <= 4);
        out.flag(Feature::SeveralWords, term.parts.len() > 1);
        out.flag(is_first, first);
    }
}
