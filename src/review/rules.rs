//! When a confirmation needs a second person.
//!
//! The rules are data: they are set on the settings page, kept in the database,
//! and changed without a new version.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::store::cases::CaseRow;
use crate::store::products::Product;
use crate::store::{Store, StoreError};

/// The setting's name in the database.
const SETTING: &str = "review_rules";
/// The most a damage threshold can be, in euro.
const MOST_DAMAGE: u32 = 1_000_000_000;

/// How decisions are guarded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// Nothing of this seller was ever confirmed.
    pub first_action: bool,
    /// The claim would rest on a patent or a design, which needs an expert's eye.
    pub patent_or_design: bool,
    /// The product is not public.
    pub confidential: bool,
    /// Together the cases are worth at least this much, in euro.
    pub damage_from: Option<u32>,
    /// After so many cards, one whose answer is known; 0: never.
    pub known_answer_every: u32,
}

impl Rules {
    /// The rules in force.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn load(store: &Store) -> Result<Self, StoreError> {
        store.setting(SETTING).await
    }

    /// Puts these rules in force.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn save(&self, store: &Store, actor: &str) -> Result<(), StoreError> {
        let bounded = Self {
            damage_from: self.damage_from.map(|from| from.min(MOST_DAMAGE)),
            ..self.clone()
        };
        store.set_setting(actor, SETTING, &bounded).await
    }

    /// Whether any rule asks for a second person.
    #[must_use]
    pub fn guard(&self) -> bool {
        self.first_action
            || self.patent_or_design
            || self.confidential
            || self.damage_from.is_some()
    }
}

/// What is known when a confirmation is weighed against the rules.
#[derive(Debug, Clone)]
pub(super) struct Weighed<'a> {
    pub(super) case: &'a CaseRow,
    pub(super) product: &'a Product,
    /// The kind it is confirmed as.
    pub(super) kind: Option<&'a str>,
    /// Confirmed cases of the seller.
    pub(super) confirmed_before: i64,
    /// What all cases decided together are worth, in euro.
    pub(super) damage: f64,
}

/// Why a confirmation needs a second person, in words; nothing when it does not.
pub(super) fn second_person(rules: &Rules, of: &Weighed<'_>) -> Vec<String> {
    let mut why = Vec::new();
    if rules.first_action && of.confirmed_before == 0 {
        why.push("the first action against this seller".to_owned());
    }
    let right = of.case.evidence["right"].as_str().unwrap_or_default();
    if rules.patent_or_design
        && (of.kind == Some("copied_design") || matches!(right, "patent" | "design"))
    {
        why.push("a patent or design claim".to_owned());
    }
    let public =
        |class: &str| class.trim().is_empty() || class.trim().eq_ignore_ascii_case("public");
    if rules.confidential && !of.product.classification.as_deref().is_none_or(public) {
        why.push("a confidential product".to_owned());
    }
    if let Some(from) = rules.damage_from
        && of.damage >= f64::from(from)
    {
        let damage = Decimal::from_f64_retain(of.damage)
            .unwrap_or_default()
            .round();
        why.push(format!("worth {damage} euro, from {from} on two decide"));
    }
    why
}
