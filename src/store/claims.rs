//! Claims: a card is before one reviewer at a time.
//!
//! A claim is a lease: it ends by itself when its holder says nothing for a
//! while, by the clock that was passed in. A browser that was closed takes no card
//! with it.

use serde::Serialize;
use sqlx::FromRow;

use super::cases::CaseRow;
use super::db::{Tx, params};
use super::few::Few;
use super::queue::{Building, QueueCursor, QueueFilter, QueueOrder};
use super::{Store, StoreError};
use crate::clock::Millis;

/// Cards that are looked at in one go while one is searched that nobody has.
const LOOK_AT: u32 = 50;

/// Who has a card.
#[derive(Debug, Clone, FromRow, Serialize, PartialEq, Eq)]
pub struct Claim {
    /// The card's cluster.
    pub cluster_id: i64,
    /// Who.
    pub actor: String,
    /// Since when.
    pub since: Millis,
    /// Until when.
    pub until: Millis,
}

#[derive(FromRow)]
struct Candidate {
    id: i64,
    at: f64,
    cluster_id: i64,
    state: String,
}

impl Store {
    /// Gives the next cards in the order that nobody else has, at most `most`,
    /// and claims them for `actor` during `lease` milliseconds.
    ///
    /// # Errors
    /// When the database cannot be written; then nothing is claimed.
    pub async fn claim_cards(
        &self,
        actor: &str,
        filter: &QueueFilter,
        order: QueueOrder,
        after: Option<QueueCursor>,
        most: usize,
        lease: i64,
    ) -> Result<Vec<CaseRow>, StoreError> {
        let now = self.clock.millis();
        let few = self.few(filter).await?;
        let filter = &filter.through(self);
        let mut tx = self.pools.begin().await?;
        let mut held = Vec::new();
        let mut after = after;
        while held.len() < most {
            let found = tx
                .claimable(actor, (filter, few.clone()), order, after, now)
                .await?;
            let Some(last) = found.last() else { break };
            after = Some((last.at, last.id));
            for card in &found {
                if held.len() == most {
                    break;
                }
                // Whoever was faster keeps it: then there is no row.
                if !tx.claim(card.cluster_id, actor, now, lease).await? {
                    continue;
                }
                // Or has decided it since it was looked at.
                if tx.is_still(card).await? {
                    held.push(card.id);
                } else {
                    tx.let_go(card.id, actor).await?;
                }
            }
        }
        tx.commit().await?;
        let mut cards = Vec::with_capacity(held.len());
        for id in held {
            cards.push(self.case(id).await?);
        }
        Ok(cards)
    }

    /// Claims the card a case is on; false when somebody else has it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be written.
    pub async fn claim_case(&self, actor: &str, case: i64, lease: i64) -> Result<bool, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.must_see_cases(self.sees, [case]).await?;
        let found: Option<(Option<i64>,)> = tx
            .optional("SELECT cluster_id FROM cases WHERE id = $1", params![case])
            .await?;
        let Some((cluster,)) = found else {
            return Err(StoreError::not_found("case", case));
        };
        let Some(cluster) = cluster else {
            return Ok(true);
        };
        let mine = tx.claim(cluster, actor, now, lease).await?;
        tx.commit().await?;
        Ok(mine)
    }

    /// Keeps the cards of these cases for `actor` a while longer; gives how many
    /// are still theirs.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn keep_claims(
        &self,
        actor: &str,
        cases: &[i64],
        lease: i64,
    ) -> Result<u64, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        let mut kept = 0;
        for case in cases {
            kept += tx
                .run(
                    "UPDATE claims SET until = $3 WHERE actor = $2 AND until > $4 AND cluster_id =
                        (SELECT cluster_id FROM cases WHERE id = $1)",
                    params![*case, actor, Millis(now.0 + lease), now],
                )
                .await?;
        }
        tx.commit().await?;
        Ok(kept)
    }

    /// Lets go of the cards of these cases, or of all that `actor` has.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn let_go(&self, actor: &str, cases: Option<&[i64]>) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        match cases {
            None => {
                tx.run("DELETE FROM claims WHERE actor = $1", params![actor])
                    .await?;
            }
            Some(cases) => {
                for case in cases {
                    tx.let_go(*case, actor).await?;
                }
            }
        }
        tx.commit().await
    }

    /// The claims that stand now.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn claims(&self) -> Result<Vec<Claim>, StoreError> {
        self.pools
            .all(
                "SELECT cluster_id, actor, since, until FROM claims WHERE until > $1
                 ORDER BY cluster_id",
                params![self.clock.millis()],
            )
            .await
    }
}

impl Tx {
    async fn claimable(
        &mut self,
        actor: &str,
        (filter, few): (&QueueFilter, Option<Few>),
        order: QueueOrder,
        after: Option<QueueCursor>,
        now: Millis,
    ) -> Result<Vec<Candidate>, StoreError> {
        let columns = format!(
            "c.id, CAST(c.{} AS DOUBLE PRECISION) AS at, c.cluster_id, c.state",
            order.column()
        );
        let mut free = Building::leads(filter, order, after, &columns, few);
        let (actor, now) = (free.bind(actor), free.bind(now));
        free.sql.push_str(&format!(
            " AND c.cluster_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM claims k WHERE k.cluster_id = c.cluster_id
                AND k.actor <> {actor} AND k.until > {now})"
        ));
        free.sql.push_str(&order.sort(false));
        free.sql.push_str(&format!(" LIMIT {LOOK_AT}"));
        self.all_built(free.sql, free.values).await
    }

    /// Whether a card is as it was looked at.
    async fn is_still(&mut self, card: &Candidate) -> Result<bool, StoreError> {
        let same: Option<(i64,)> = self
            .optional(
                "SELECT id FROM cases WHERE id = $1 AND state = $2 AND cluster_id = $3",
                params![card.id, &card.state, card.cluster_id],
            )
            .await?;
        Ok(same.is_some())
    }

    async fn claim(
        &mut self,
        cluster: i64,
        actor: &str,
        now: Millis,
        lease: i64,
    ) -> Result<bool, StoreError> {
        let mine: Option<(i64,)> = self
            .optional(
                "INSERT INTO claims (cluster_id, actor, since, until) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (cluster_id) DO UPDATE SET
                    since = CASE WHEN claims.actor = excluded.actor THEN claims.since
                        ELSE excluded.since END,
                    actor = excluded.actor, until = excluded.until
                    WHERE claims.actor = excluded.actor OR claims.until <= excluded.since
                 RETURNING cluster_id",
                params![cluster, actor, now, Millis(now.0 + lease)],
            )
            .await?;
        Ok(mine.is_some())
    }

    /// Lets go of the card of a case, if `actor` has it.
    pub(super) async fn let_go(&mut self, case: i64, actor: &str) -> Result<(), StoreError> {
        self.run(
            "DELETE FROM claims WHERE actor = $2 AND cluster_id =
                (SELECT cluster_id FROM cases WHERE id = $1)",
            params![case, actor],
        )
        .await?;
        Ok(())
    }

    /// Refuses when somebody else has the card of a case before them.
    pub(super) async fn must_not_be_claimed(
        &mut self,
        case: i64,
        actor: &str,
        now: Millis,
    ) -> Result<(), StoreError> {
        let other: Option<(String,)> = self
            .optional(
                "SELECT k.actor FROM claims k JOIN cases c ON c.cluster_id = k.cluster_id
                 WHERE c.id = $1 AND k.actor <> $2 AND k.until > $3",
                params![case, actor, now],
            )
            .await?;
        match other {
            Some((other,)) => Err(StoreError::Conflict(format!(
                "{other} has case {case} on the card before them; take another, or try again in a few minutes"
            ))),
            None => Ok(()),
        }
    }
}
