//! What cards and cases are narrowed to: the query of their lists.

use serde::Deserialize;
use utoipa::IntoParams;

use super::super::input::bounded;
use super::super::model::{Kind, Sort, State};
use crate::store::cases::{CaseRow, QueueFilter, QueueOrder};
use crate::web::failure::Failure;

/// What cards and cases are narrowed to.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct Narrowed {
    /// Where they stand; open ones unless given.
    state: Option<State>,
    /// A source's name.
    #[param(max_length = 200)]
    source: Option<String>,
    /// A brand.
    #[param(max_length = 200)]
    brand: Option<String>,
    /// A SKU.
    #[param(max_length = 200)]
    sku: Option<String>,
    /// A kind of infringement.
    kind: Option<Kind>,
    /// A seller, exactly.
    #[param(max_length = 200)]
    seller: Option<String>,
    /// Part of a title or seller.
    #[param(max_length = 200)]
    q: Option<String>,
    /// The language of the listing, such as `de`: what its title's script settles, else the
    /// marketplace's.
    #[param(max_length = 35)]
    language: Option<String>,
    /// At least this probability.
    #[param(minimum = 0, maximum = 1)]
    min_probability: Option<f64>,
    /// Less than this probability.
    #[param(minimum = 0, maximum = 1)]
    below_probability: Option<f64>,
    /// At least this asking price, whatever the currency.
    #[param(minimum = 0)]
    min_price: Option<f64>,
    /// At most this asking price, whatever the currency.
    #[param(minimum = 0)]
    max_price: Option<f64>,
    /// Assigned to this person.
    #[param(max_length = 100)]
    assigned_to: Option<String>,
    /// Of products that were removed from the catalog: those left out of every other queue
    /// while they are undecided.
    removed: Option<bool>,
    /// What stands first; the most probable unless given.
    sort: Option<Sort>,
    /// Entries of a page, 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    pub(super) limit: Option<u32>,
    /// `next` of the page before.
    #[param(pattern = r"^[0-9]{1,14}(\.[0-9]{1,24})?:[0-9]{1,18}$")]
    pub(super) cursor: Option<String>,
}

impl Narrowed {
    pub(super) fn order(&self) -> QueueOrder {
        match self.sort.map_or("score", Sort::as_str) {
            "worth" => QueueOrder::Worth,
            "oldest" => QueueOrder::Oldest,
            _ => QueueOrder::Score,
        }
    }

    pub(super) fn filter(&self) -> Result<QueueFilter, Failure> {
        for (name, text, most) in [
            ("source", &self.source, 200),
            ("brand", &self.brand, 200),
            ("sku", &self.sku, 200),
            ("seller", &self.seller, 200),
            ("q", &self.q, 200),
            ("language", &self.language, 35),
            ("assigned_to", &self.assigned_to, 100),
        ] {
            bounded(name, text.as_deref().unwrap_or_default(), most)?;
        }
        for (name, limit, most) in [
            ("min_probability", self.min_probability, 1.0),
            ("below_probability", self.below_probability, 1.0),
            ("min_price", self.min_price, f64::MAX),
            ("max_price", self.max_price, f64::MAX),
        ] {
            if limit.is_some_and(|limit| !(0.0..=most).contains(&limit)) {
                let range = if most > 1.0 { "0 or more" } else { "0 to 1" };
                return Err(Failure::BadRequest(format!("{name} must be {range}")));
            }
        }
        let state = self.state.unwrap_or(State::Open);
        Ok(QueueFilter {
            state: (state != State::All).then(|| state.as_str().to_owned()),
            source: self.source.clone(),
            brand: self.brand.clone(),
            sku: self.sku.clone(),
            kind: self.kind.map(|kind| kind.as_str().to_owned()),
            seller: self.seller.clone(),
            text: self.q.clone().filter(|text| !text.is_empty()),
            language: self.language.clone(),
            min_score: self.min_probability,
            below_score: self.below_probability,
            min_price: self.min_price,
            max_price: self.max_price,
            assigned_to: self.assigned_to.clone(),
            removed: self.removed.unwrap_or(false),
            ..QueueFilter::default()
        })
    }

    /// Where a case stands, for a cursor.
    pub(super) fn place(&self, case: &CaseRow) -> String {
        format!("{}:{}", self.order().of(case), case.id)
    }
}
