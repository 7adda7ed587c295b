//! Scoring what was found of one product in a listing.

use markhound_crawlers::Price;
use markhound_index::image::PictureMatch;
use markhound_index::score::{ScoreInput, observe, score};
use markhound_index::text::TextMatch;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{Compared, Finding, Matcher, Subject};
use crate::scan::allowed::allowed;
use crate::scan::condition::condition;
use crate::scan::place::country;
use crate::scan::seller_age;
use crate::store::products::Product;

impl Matcher {
    pub(super) fn finding(
        &self,
        product: &Product,
        subject: &Subject<'_>,
        (picture, pictures): (Option<(usize, PictureMatch)>, usize),
        text: Option<TextMatch>,
    ) -> Finding {
        let priced = self.price_ratio(product, subject.price);
        let price_ratio = priced.as_ref().map(|(ratio, _)| *ratio);
        let compared = priced.and_then(|(_, compared)| compared);
        let price_note = compared.as_ref().map(Compared::to_string);
        let allowed = allowed(product, subject, &self.review);
        let count = |n: i64| u32::try_from(n).unwrap_or(0);
        let found = picture.as_ref().map(|(_, found)| found);
        let input = ScoreInput {
            picture: found,
            pictures,
            reference_name: found.and_then(|found| self.reference_name(found.reference)),
            text: text.as_ref(),
            price_ratio,
            price_note: price_note.as_deref(),
            condition: condition(subject.condition),
            seller_known: subject.seller.is_some(),
            seller_confirmed: count(subject.past.history.0),
            seller_rejected: count(subject.past.history.1),
            seller_age_days: subject
                .seller_since
                .and_then(|since| seller_age::days(since, &self.today)),
            sold_where_it_is: sold_there(product, subject.location),
            relisting: subject.past.relisting,
            released: product
                .released
                .as_deref()
                .map(|date| date <= self.today.as_str()),
            allowed,
        };
        let verdict = score(&self.model, &input);
        let seen = observe(&input);
        let listed = found
            .and_then(|found| self.listed.of(found.reference))
            .map(|listed| (listed.label.clone(), listed.hash.to_string()));
        Finding {
            product: product.id,
            picture,
            listed,
            text,
            price_ratio,
            compared,
            allowed,
            seen,
            verdict,
        }
    }

    /// Asking price over list price; for two currencies at the dated rates, and how.
    fn price_ratio(
        &self,
        product: &Product,
        price: Option<&Price>,
    ) -> Option<(f64, Option<Compared>)> {
        let price = price?;
        let list: Decimal = product.msrp.as_deref()?.parse().ok()?;
        let (asked, listed) = (price.currency.as_deref()?, product.currency.as_deref()?);
        if list <= Decimal::ZERO {
            return None;
        }
        let amount = self.rates.convert(price.amount, asked, listed)?;
        let compared = (asked != listed).then(|| Compared {
            asked: asked.to_owned(),
            listed: listed.to_owned(),
            date: self.rates.date().to_owned(),
        });
        Some((amount.checked_div(list)?.to_f64()?, compared))
    }
}

/// Whether the goods are in a country for which the product is meant; nothing
/// when one of both is not known.
fn sold_there(product: &Product, location: Option<&str>) -> Option<bool> {
    let country = country(location?)?;
    if product.countries.is_empty() {
        return None;
    }
    let sold = |code: &String| code.trim().eq_ignore_ascii_case(&country);
    Some(product.countries.iter().any(sold))
}
