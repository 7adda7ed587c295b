//! The weights that score, and what decisions taught.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::store::models::StoredModel;

/// The weights that score, and those that were fitted to decisions.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Learning {
    /// Name and version of the weights that score.
    pub(in crate::web) scoring: String,
    /// Whether these are the ones that ship.
    pub(in crate::web) shipped: bool,
    /// Decisions that confirm or reject.
    pub(in crate::web) decided: i64,
    /// Decisions that are needed before weights can be fitted.
    pub(in crate::web) needed: i64,
    /// Whether an adoption stands that can be taken back.
    pub(in crate::web) can_undo: bool,
    /// Fitted weights, the newest first.
    pub(in crate::web) weights: Vec<Weights>,
}

/// Weights that were fitted to decisions.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Weights {
    /// Their number.
    id: i64,
    /// Name and version.
    name: String,
    /// Who had them fitted.
    fitted_by: String,
    /// When.
    #[schema(format = DateTime)]
    fitted_at: String,
    /// How they compare with those that scored then, on the same decisions.
    #[schema(value_type = Object)]
    report: Value,
}

impl From<StoredModel> for Weights {
    fn from(of: StoredModel) -> Self {
        Self {
            id: of.id,
            name: of.label(),
            fitted_by: of.created_by,
            fitted_at: of.created_at.to_string(),
            report: of.report.0,
        }
    }
}

/// Which weights are to score.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct NewAdoption {
    /// The number of fitted weights; null: those that ship.
    #[serde(default, deserialize_with = "super::super::whole::some")]
    pub(in crate::web) weights: Option<i64>,
}
