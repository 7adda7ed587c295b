//! Cases that stand together for want of anything better: offers of one product at
//! an ordinary price, as likely as each other, that rest on words alone and are
//! like no other case.
//!
//! Most of them are people who sell what they bought, each with a photo and words of
//! their own, so that without this every one would be a card. Their keys are kept
//! all the same. As soon as a case comes that shares one, the two go to a cluster of
//! their own, so that a copier's listing does not stay among honest ones, nor honest
//! ones among a copier's.

use super::MOST_CASES;
use super::place::Placed;
use crate::clock::Millis;
use crate::store::StoreError;
use crate::store::db::{Tx, Value, params};

/// Kinds that words alone can lead to.
const KINDS: [&str; 2] = ["trademark_misuse", "grey_market"];
/// What is asked of the list price, at least and at most. Genuine goods are seldom
/// offered below half their usual price.
const ORDINARY: std::ops::Range<f64> = 0.5..2.0;

/// The key of those a case stands with while it is like nobody; none where it is no
/// ordinary offer.
pub(super) fn key(placed: &Placed) -> Option<String> {
    if placed.reference_id.is_some() || !KINDS.contains(&placed.kind()) {
        return None;
    }
    let asked = placed.asked()? / placed.list_price().filter(|price| *price > 0.0)?;
    // As likely as each other: within a tenth.
    let likely = (placed.score * 10.0).floor();
    ORDINARY
        .contains(&asked)
        .then(|| format!("ordinary {likely}"))
}

impl Tx {
    /// Puts a case among the ordinary offers with that key.
    pub(super) async fn join_ordinary(
        &mut self,
        placed: &Placed,
        ordinary: &str,
        now: Millis,
    ) -> Result<i64, StoreError> {
        let there: Option<(i64,)> = self
            .optional(
                "SELECT id FROM clusters
                 WHERE product_id = $1 AND kind = $2 AND ordinary = $3 AND size < $4
                 ORDER BY id DESC LIMIT 1",
                params![placed.product_id, placed.kind(), ordinary, MOST_CASES],
            )
            .await?;
        let among = match there {
            Some((id,)) => id,
            None => self.new_cluster(placed, Some(ordinary), now).await?,
        };
        self.grow(among, 1).await?;
        Ok(among)
    }

    /// Cases that have one of these keys and stand among ordinary offers.
    pub(super) async fn alone_with(
        &mut self,
        placed: &Placed,
        keys: &[String],
    ) -> Result<Vec<i64>, StoreError> {
        let alone: Vec<(i64,)> = self
            .all_in(
                "SELECT DISTINCT alone FROM cluster_keys
                 WHERE product_id = $1 AND kind = $2 AND alone <> $3 AND key IN",
                params![placed.product_id, placed.kind(), placed.case],
                keys.iter().map(Value::from).collect(),
                " ORDER BY alone",
            )
            .await?;
        Ok(alone.into_iter().map(|(case,)| case).collect())
    }

    /// Takes a case from among the ordinary offers; its keys lead there no longer.
    pub(super) async fn leave(&mut self, case: i64, among: i64) -> Result<(), StoreError> {
        self.grow(among, -1).await?;
        self.run("DELETE FROM cluster_keys WHERE alone = $1", params![case])
            .await
            .map(|_| ())
    }

    /// Moves a case from among the ordinary offers to the cluster of those like it,
    /// where there is room.
    pub(super) async fn come_out(&mut self, case: i64, target: i64) -> Result<(), StoreError> {
        if self.size_of(target).await? >= MOST_CASES {
            return Ok(());
        }
        let among = self
            .id("SELECT cluster_id FROM cases WHERE id = $1", params![case])
            .await?;
        self.grow(among, -1).await?;
        self.grow(target, 1).await?;
        self.run(
            "UPDATE cases SET cluster_id = $2 WHERE id = $1",
            params![case, target],
        )
        .await?;
        self.run(
            "UPDATE cluster_keys SET cluster_id = $2, alone = NULL WHERE alone = $1",
            params![case, target],
        )
        .await
        .map(|_| ())
    }
}
