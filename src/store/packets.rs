//! Packets that were written, and the timestamps asked for.

use serde_json::Value;
use sqlx::FromRow;

use super::db::params;
use super::sees::brand_seen;
use super::{Store, StoreError};
use crate::clock::Millis;

/// A packet that was just written.
#[derive(Debug, Clone)]
pub struct NewPacket<'a> {
    /// What it is about, such as `case 42`.
    pub subject: String,
    /// Where it was written to, where it stays there.
    pub path: Option<String>,
    /// SHA-256 of its tag manifest.
    pub manifest: &'a str,
    /// Its signature, hexadecimal.
    pub signature: String,
    /// The moment whose state it shows.
    pub as_of: Millis,
    /// The key's name.
    pub key: &'a str,
    /// Who wrote it.
    pub actor: &'a str,
}

/// A timestamp that is still to come.
#[derive(Debug, Clone, FromRow)]
pub struct PendingStamp {
    /// Identifier.
    pub id: i64,
    /// What the packet is about.
    pub subject: String,
    /// Where the packet was written to.
    pub path: Option<String>,
    /// SHA-256 of the packet's tag manifest.
    pub manifest: String,
    /// The packet's signature, hexadecimal.
    pub signature: String,
    /// The authority's address.
    pub authority: String,
    /// How often it was asked.
    pub attempts: i64,
    /// Why it gave none the last time.
    pub last_error: Option<String>,
}

impl Store {
    /// Keeps that a packet was written, and what each authority answered: its token,
    /// or why there is none yet. The same packet again changes nothing but its place.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn record_packet(
        &self,
        packet: &NewPacket<'_>,
        stamps: &[(String, Result<Vec<u8>, String>)],
    ) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        let id = tx
            .id(
                "INSERT INTO packets
                    (subject, path, manifest, signature, key_id, created_by, created_at, as_of)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                 ON CONFLICT (signature) DO UPDATE SET path = COALESCE(excluded.path, packets.path)
                 RETURNING id",
                params![
                    &packet.subject,
                    packet.path.clone(),
                    packet.manifest,
                    &packet.signature,
                    packet.key,
                    packet.actor,
                    now,
                    packet.as_of
                ],
            )
            .await?;
        for (authority, answer) in stamps {
            tx.run(
                "INSERT INTO packet_stamps
                    (packet_id, authority, token, attempts, last_error, last_at)
                 VALUES ($1, $2, $3, 1, $4, $5)
                 ON CONFLICT (packet_id, authority) DO UPDATE
                 SET token = COALESCE(packet_stamps.token, excluded.token),
                     last_error = excluded.last_error, last_at = excluded.last_at",
                params![
                    id,
                    authority,
                    answer.as_ref().ok().cloned(),
                    answer.as_ref().err().cloned(),
                    now
                ],
            )
            .await?;
        }
        tx.commit().await
    }

    /// The signature (hexadecimal) of the packet that was written last about a subject
    /// to a place, unless something happened to the subject since, beside packets.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn packet_at(&self, subject: &str, path: &str) -> Result<Option<String>, StoreError> {
        let found: Option<(String,)> = self
            .pools
            .optional(
                "SELECT p.signature FROM packets p WHERE p.subject = $1 AND p.path = $2 AND p.as_of IS NOT NULL
                    AND NOT EXISTS (SELECT 1 FROM audit_events e WHERE e.subject = $1
                        AND e.action NOT LIKE 'packet.%' AND e.at >= p.as_of)
                 ORDER BY p.id DESC LIMIT 1",
                params![subject, path],
            )
            .await?;
        Ok(found.map(|(signature,)| signature))
    }

    /// Where packets were written that have timestamps, each place once.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn packet_paths(&self) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = self
            .pools
            .all(
                "SELECT DISTINCT p.path FROM packets p JOIN packet_stamps s ON s.packet_id = p.id
                 WHERE p.path IS NOT NULL AND s.token IS NOT NULL",
                params![],
            )
            .await?;
        Ok(rows.into_iter().map(|(path,)| path).collect())
    }

    /// The timestamps that are still to come, in the order they were asked for.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn pending_stamps(&self) -> Result<Vec<PendingStamp>, StoreError> {
        self.pools
            .all(
                "SELECT s.id, p.subject, p.path, p.manifest, p.signature, s.authority, s.attempts,
                    s.last_error
                 FROM packet_stamps s JOIN packets p ON p.id = s.packet_id
                 WHERE s.token IS NULL ORDER BY s.id",
                params![],
            )
            .await
    }

    /// Notes that an authority gave no token again.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn stamp_failed(&self, id: i64, why: &str) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.run(
            "UPDATE packet_stamps SET attempts = attempts + 1, last_error = $2, last_at = $3
             WHERE id = $1 AND token IS NULL",
            params![id, why, now],
        )
        .await?;
        tx.commit().await
    }

    /// Keeps a token that came later, with the event of it.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn stamp_came(
        &self,
        actor: &str,
        pending: &PendingStamp,
        token: &[u8],
        detail: &Value,
    ) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let changed = tx
            .run(
                "UPDATE packet_stamps
                 SET token = $2, attempts = attempts + 1, last_error = NULL, last_at = $3
                 WHERE id = $1 AND token IS NULL",
                params![pending.id, token.to_vec(), now],
            )
            .await?;
        if changed > 0 {
            tx.audit(now, actor, "packet.timestamp", &pending.subject, detail)
                .await?;
        }
        tx.commit().await
    }

    /// The tokens of the packet with that signature (hexadecimal) by authority; none
    /// where no such packet was written here.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn stamps_of(
        &self,
        signature: &str,
    ) -> Result<Option<Vec<(String, Vec<u8>)>>, StoreError> {
        let packet: Option<(i64,)> = self
            .pools
            .optional(
                "SELECT id FROM packets WHERE signature = $1",
                params![signature],
            )
            .await?;
        let Some((id,)) = packet else {
            return Ok(None);
        };
        self.pools
            .all(
                "SELECT authority, token FROM packet_stamps
                 WHERE packet_id = $1 AND token IS NOT NULL ORDER BY id",
                params![id],
            )
            .await
            .map(Some)
    }
}

/// Which cases are exported together or one after the other; `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// A state, such as `confirmed`.
    pub state: Option<String>,
    /// A source's name.
    pub source: Option<String>,
    /// A seller, as written.
    pub seller: Option<String>,
    /// A SKU.
    pub sku: Option<String>,
    /// A case: those on one card with it, itself included.
    pub card: Option<i64>,
}

impl Store {
    /// The cases that are chosen, by number.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn chosen_cases(&self, choice: &Choice) -> Result<Vec<i64>, StoreError> {
        let ids: Vec<(i64,)> = self
            .pools
            .all(
                concat!(
                    "SELECT c.id FROM cases c
                 JOIN listings l ON l.id = c.listing_id
                 JOIN sources s ON s.id = l.source_id
                 JOIN products p ON p.id = c.product_id
                 WHERE (CAST($1 AS TEXT) IS NULL OR c.state = $1)
                   AND (CAST($2 AS TEXT) IS NULL OR s.name = $2)
                   AND (CAST($3 AS TEXT) IS NULL OR l.seller = $3)
                   AND (CAST($4 AS TEXT) IS NULL OR p.sku = $4)
                   AND (CAST($6 AS BIGINT) IS NULL OR c.id = $6 OR c.cluster_id =
                        (SELECT m.cluster_id FROM cases m WHERE m.id = $6)) AND ",
                    brand_seen!("p.brand", "$5"),
                    "
                 ORDER BY c.id"
                ),
                params![
                    choice.state.clone(),
                    choice.source.clone(),
                    choice.seller.clone(),
                    choice.sku.clone(),
                    self.sees,
                    choice.card
                ],
            )
            .await?;
        Ok(ids.into_iter().map(|(id,)| id).collect())
    }
}
