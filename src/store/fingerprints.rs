//! Fingerprints of reference photos and captured pictures: which are of
//! another algorithm, and what replaces them.

use serde::Serialize;
use serde_json::Value;
use sqlx::FromRow;

use super::db::params;
use super::{Store, StoreError};
use crate::clock::Millis;

/// Whose fingerprint it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// A reference photo of the catalog.
    Reference,
    /// A picture of listings.
    Picture,
}

/// How many fingerprints there are, and how many of another algorithm.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow, Serialize)]
pub struct FingerprintCounts {
    /// Reference photos.
    pub references: i64,
    /// Of those, with a fingerprint of another algorithm.
    pub references_outdated: i64,
    /// Captured pictures.
    pub pictures: i64,
    /// Of those, with a fingerprint of another algorithm.
    pub pictures_outdated: i64,
}

/// A picture whose fingerprint is to be taken anew.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ToRenew {
    /// Identifier in its table.
    pub id: i64,
    /// SHA-256 of its bytes.
    pub blob: String,
}

/// A fingerprint taken anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewed {
    /// Identifier in its table.
    pub id: i64,
    /// Name and version of the algorithm.
    pub algorithm: String,
    /// The fingerprint.
    pub hashes: Vec<u8>,
}

/// A mark that work over identifiers leaves behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Its name.
    pub name: String,
    /// The last identifier that was done.
    pub value: i64,
}

impl Store {
    /// How many fingerprints are not of `algorithm`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn fingerprint_counts(
        &self,
        algorithm: &str,
    ) -> Result<FingerprintCounts, StoreError> {
        self.pools
            .one(
                "SELECT (SELECT COUNT(*) FROM reference_photos) AS \"references\",
                    (SELECT COUNT(*) FROM reference_photos WHERE algorithm <> $1)
                        AS references_outdated,
                    (SELECT COUNT(*) FROM pictures) AS pictures,
                    (SELECT COUNT(*) FROM pictures WHERE algorithm <> $1) AS pictures_outdated",
                params![algorithm],
            )
            .await
    }

    /// The next fingerprints after an identifier that are not of the algorithm
    /// named, or all when none is, in the order of identifiers.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn fingerprints_to_renew(
        &self,
        kept: Kept,
        unless: Option<&str>,
        after: i64,
        limit: u32,
    ) -> Result<Vec<ToRenew>, StoreError> {
        let sql = match kept {
            Kept::Reference => {
                "SELECT id, blob FROM reference_photos
                 WHERE id > $1 AND (CAST($2 AS TEXT) IS NULL OR algorithm <> $2)
                 ORDER BY id LIMIT $3"
            }
            Kept::Picture => {
                "SELECT id, blob FROM pictures
                 WHERE id > $1 AND (CAST($2 AS TEXT) IS NULL OR algorithm <> $2)
                 ORDER BY id LIMIT $3"
            }
        };
        self.pools.all(sql, params![after, unless, limit]).await
    }

    /// Writes fingerprints, and the mark when one is given, in one transaction.
    /// With reference photos the catalog's version grows in the same one, so
    /// that no index goes on with the old ones.
    ///
    /// # Errors
    /// When the database cannot be written; then nothing is.
    pub async fn save_fingerprints(
        &self,
        kept: Kept,
        renewed: &[Renewed],
        mark: Option<&Mark>,
    ) -> Result<(), StoreError> {
        let sql = match kept {
            Kept::Reference => {
                "UPDATE reference_photos SET algorithm = $2, hashes = $3 WHERE id = $1"
            }
            Kept::Picture => "UPDATE pictures SET algorithm = $2, hashes = $3 WHERE id = $1",
        };
        let mut tx = self.pools.begin().await?;
        for row in renewed {
            tx.run(sql, params![row.id, &row.algorithm, row.hashes.clone()])
                .await?;
        }
        if kept == Kept::Reference && !renewed.is_empty() {
            tx.run(
                "UPDATE catalog_version SET version = version + 1, photos = version + 1 WHERE id = 1",
                params![],
            )
            .await?;
        }
        if let Some(mark) = mark {
            tx.run(
                "INSERT INTO marks (name, value, at) VALUES ($1, $2, $3)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at",
                params![&mark.name, mark.value, self.clock.millis()],
            )
            .await?;
        }
        tx.commit().await
    }

    /// The value of a mark, if it was left.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn mark(&self, name: &str) -> Result<Option<i64>, StoreError> {
        let found = self.mark_and_time(name).await?;
        Ok(found.map(|(value, _)| value))
    }

    /// Ends work over fingerprints: takes its marks away, lets the catalog's
    /// version grow and writes the event `fingerprints.renew`.
    ///
    /// # Errors
    /// When the database cannot be written; then nothing is.
    pub async fn end_renewal(
        &self,
        actor: &str,
        marks: &[String],
        detail: &Value,
    ) -> Result<(), StoreError> {
        let now: Millis = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        for name in marks {
            tx.run("DELETE FROM marks WHERE name = $1", params![name])
                .await?;
        }
        tx.run(
            "UPDATE catalog_version SET version = version + 1, photos = version + 1 WHERE id = 1",
            params![],
        )
        .await?;
        tx.audit(now, actor, "fingerprints.renew", "fingerprints", detail)
            .await?;
        tx.commit().await
    }
}
