//! Filters that few cases fit.

use super::queue::{Building, Found, QueueFilter};
use super::{Store, StoreError};

/// So few cases are named one by one; where more fit, the first of them are found
/// soon in any order.
const FEW: usize = 2000;

/// A few cases, as a list for `IN (…)`.
#[derive(Debug, Clone)]
pub(super) struct Few(String);

impl Few {
    pub(super) fn list(&self) -> &str {
        &self.0
    }
}

impl Building {
    /// For each thing asked for that few cases may fit: the statement that gives those
    /// cases, by an index that has them together.
    fn selective(filter: &QueueFilter) -> Vec<Self> {
        let mut all = Vec::new();
        let mut asked = Self::default();
        if let Some(facts) = asked.facts(filter) {
            asked.sql = format!("SELECT f.case_id FROM case_facts f WHERE {facts}");
            all.push(asked);
        }
        let mut of_cases = |filter: QueueFilter| {
            let mut asked = Self::default();
            asked.sql.push_str("SELECT c.id FROM cases c WHERE 1 = 1");
            asked.narrow(&filter, "c", Found::ByFilter);
            all.push(asked);
        };
        let nothing = QueueFilter {
            removed: filter.removed,
            ..QueueFilter::default()
        };
        if filter.assigned_to.is_some() {
            of_cases(QueueFilter {
                assigned_to: filter.assigned_to.clone(),
                ..nothing.clone()
            });
        }
        if filter.kind.is_some() {
            of_cases(QueueFilter {
                kind: filter.kind.clone(),
                state: filter.state.clone(),
                ..nothing.clone()
            });
        }
        if filter.brand.is_some() || filter.sku.is_some() {
            of_cases(QueueFilter {
                brand: filter.brand.clone(),
                sku: filter.sku.clone(),
                state: filter.state.clone(),
                ..nothing
            });
        }
        all
    }
}

impl Store {
    /// The cases that fit one of the things asked for, where they are few: what is asked
    /// of their listings, whose they are, their kind, their product. Where few fit, an
    /// index on the order would be walked to its end in vain; where many do, listing
    /// them all would be.
    pub(super) async fn few(&self, filter: &QueueFilter) -> Result<Option<Few>, StoreError> {
        for mut asked in Building::selective(filter) {
            let limit = asked.bind(i64::try_from(FEW).unwrap_or(i64::MAX) + 1);
            asked.sql.push_str(&format!(" LIMIT {limit}"));
            let found: Vec<(i64,)> = self.pools.all_built(asked.sql, asked.values).await?;
            if found.len() > FEW {
                continue;
            }
            let mut ids: Vec<String> = found.iter().map(|(id,)| id.to_string()).collect();
            if ids.is_empty() {
                // No case has this number.
                ids.push("0".to_owned());
            }
            return Ok(Some(Few(ids.join(", "))));
        }
        Ok(None)
    }
}
