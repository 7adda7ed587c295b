//! What the matcher found about one product, as it is kept with a case.

use std::collections::BTreeMap;

use markhound_index::image::{PDQ_ALGORITHM, PictureMatch};
use markhound_index::score::{Allowed, Observation, Verdict};
use markhound_index::text::TextMatch;
use serde::Serialize;
use serde_json::{Value, json};

/// How prices in two currencies were compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// Currency of the asking price.
    pub asked: String,
    /// Currency of the list price.
    pub listed: String,
    /// What day, month or year the rates are of.
    pub date: String,
}

impl std::fmt::Display for Compared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            asked,
            listed,
            date,
        } = self;
        write!(f, "{asked} and {listed} compared at the rates of {date}")
    }
}

/// A product a listing concerns, with everything that says so.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The product's identifier.
    pub product: i64,
    /// The listing's picture (its place among those given) and what it matched.
    pub picture: Option<(usize, PictureMatch)>,
    /// Label and PDQ hash of the imported list, where that is what matched.
    pub listed: Option<(String, String)>,
    /// What the text says.
    pub text: Option<TextMatch>,
    /// Asking price divided by the list price, where they can be compared.
    pub price_ratio: Option<f64>,
    /// How, where they are in two currencies.
    pub compared: Option<Compared>,
    /// Why it is honest whatever it looks like.
    pub allowed: Option<Allowed>,
    /// The bins that everything known fell into: what weights are fitted on.
    pub seen: Observation,
    /// The score and its reasons.
    pub verdict: Verdict,
}

impl Finding {
    /// The kind of infringement in the database's word.
    #[must_use]
    pub fn kind(&self) -> Option<String> {
        let kind = serde_json::to_value(self.verdict.kind?).ok()?;
        kind.as_str().map(str::to_owned)
    }

    /// Everything a reviewer is shown and a packet keeps.
    #[must_use]
    pub fn evidence(&self) -> Value {
        let mut evidence = json!({
            "picture": self.picture.as_ref().map(|(_, found)| found),
            "text": self.text,
            "price_ratio": self.price_ratio,
            "authorised_seller": self.allowed == Some(Allowed::Seller),
            "allowed": self.allowed,
            "reasons": self.verdict.reasons,
            "probability": self.verdict.probability,
            "concerns": self.verdict.concerns,
            "concerns_reasons": self.verdict.concerns_reasons,
            "kind": self.verdict.kind,
            "right": self.verdict.right,
            "model": self.verdict.model,
            "seen": self.seen.names().into_iter().collect::<BTreeMap<_, _>>(),
        });
        // Only where there is one: the hash of all other evidence stays as it was.
        if let Some((label, hash)) = &self.listed {
            evidence["listed_hash"] =
                json!({ "label": label, "algorithm": PDQ_ALGORITHM, "hash": hash });
        }
        if let Some(compared) = &self.compared {
            evidence["price_compared"] = json!(compared);
        }
        evidence
    }
}
