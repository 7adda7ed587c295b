//! Puts a case out of its cluster, and back.

use crate::clock::Millis;
use crate::store::StoreError;
use crate::store::db::{Tx, params};

impl Tx {
    /// Puts a case into a cluster of its own, where no other ever comes.
    pub(in crate::store) async fn eject_case(
        &mut self,
        case: i64,
        now: Millis,
    ) -> Result<(), StoreError> {
        let (product, kind, old): (i64, Option<String>, Option<i64>) = self
            .one(
                "SELECT product_id, kind, cluster_id FROM cases WHERE id = $1",
                params![case],
            )
            .await?;
        let alone = self
            .id(
                "INSERT INTO clusters (product_id, kind, size, created_at) VALUES ($1, $2, 1, $3)
                 RETURNING id",
                params![product, kind.unwrap_or_default(), now],
            )
            .await?;
        self.run(
            "UPDATE cases SET cluster_id = $2, ejected = TRUE WHERE id = $1",
            params![case, alone],
        )
        .await?;
        match old {
            Some(old) => self.leave(case, old).await,
            None => Ok(()),
        }
    }

    /// Takes an ejection back: the case goes where its keys lead.
    pub(in crate::store) async fn readmit_case(
        &mut self,
        case: i64,
        now: Millis,
    ) -> Result<(), StoreError> {
        self.run(
            "UPDATE clusters SET size = size - 1
             WHERE id = (SELECT cluster_id FROM cases WHERE id = $1)",
            params![case],
        )
        .await?;
        self.run(
            "UPDATE cases SET cluster_id = NULL, ejected = FALSE WHERE id = $1",
            params![case],
        )
        .await?;
        self.place_case(case, now).await
    }
}
