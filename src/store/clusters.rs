//! Clusters: cases of one product and one kind that one decision can be right
//! for. What makes cases alike is said in [`crate::alike`].
//!
//! A case is put in its place in the transaction that writes it, by a look at its
//! keys. Where they lead to several clusters, the smaller ones become part of the
//! largest: a case moves only into a cluster at least as large as its own, so that
//! n cases cost n·log n moves at most.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use super::db::{JsonText, Tx, Value, params};
use super::facts::Facts;
use super::{Store, StoreError};
use crate::alike::{self, Traits};
use crate::catalog::rates::Rates;
use crate::clock::Millis;

/// Cases a cluster has room for: as many as a reviewer can look through.
pub const MOST_CASES: i64 = 200;
/// A key leads on from a full cluster to the one that has room.
const LEADS_ON: &str =
    "ON CONFLICT (product_id, kind, key) DO UPDATE SET cluster_id = excluded.cluster_id
        WHERE (SELECT size FROM clusters k WHERE k.id = cluster_keys.cluster_id) >= 200";
const _: () = assert!(MOST_CASES == 200, "as LEADS_ON says");
/// Keys a case is looked up by, at most.
const KEYS: usize = 32;

/// A case as its card shows it in a row of its likes.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Member {
    /// The case.
    pub id: i64,
    /// Its cluster, once it has one.
    pub cluster_id: Option<i64>,
    /// `open`, `confirmed`, …
    pub state: String,
    /// Probability of infringement, 0 to 1.
    pub score: f64,
    /// SHA-256 of its evidence.
    pub evidence_hash: String,
    /// The listing's title.
    pub title: String,
    /// Seller as written.
    pub seller: Option<String>,
    /// The source's name.
    pub source: String,
    /// Decimal text.
    pub price_amount: Option<String>,
    /// ISO 4217.
    pub price_currency: Option<String>,
    /// The picture that matched, else the listing's first.
    pub picture_blob: Option<String>,
}

/// What a decision on a card must know of each of its cases.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Mark {
    /// The case.
    pub id: i64,
    /// Probability of infringement, 0 to 1.
    pub score: f64,
    /// SHA-256 of its evidence.
    pub evidence_hash: String,
    /// The source.
    pub source_id: Option<i64>,
    /// Seller as written.
    pub seller: Option<String>,
}

/// What became of the cases of a cluster: how many are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow, Serialize)]
pub struct ClusterHistory {
    /// Confirmed ones.
    pub confirmed: i64,
    /// Rejected ones.
    pub rejected: i64,
}

/// Good enough to put a dear case before a cheap one.
static RATES: LazyLock<Rates> = LazyLock::new(Rates::shipped);

#[derive(FromRow)]
struct Placed {
    product_id: i64,
    listing_id: i64,
    source_id: i64,
    kind: Option<String>,
    state: String,
    score: f64,
    cluster_id: Option<i64>,
    ejected: bool,
    reference_id: Option<i64>,
    title: String,
    seller: Option<String>,
    data: String,
    price_amount: Option<String>,
    price_currency: Option<String>,
    brand: String,
    name: String,
    aliases: JsonText<Vec<String>>,
    model_numbers: JsonText<Vec<String>>,
    msrp: Option<String>,
    currency: Option<String>,
}

impl Placed {
    fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or_default()
    }

    /// What one sale costs the owner, in euro: the list price, else the price
    /// asked; nothing where neither is known in a known currency.
    fn stake(&self, rates: &Rates) -> f64 {
        let in_euro = |amount: &Option<String>, currency: &Option<String>| {
            let amount = amount.as_deref()?.parse().ok()?;
            let amount = rates.convert(amount, currency.as_deref()?, "EUR")?;
            rust_decimal::prelude::ToPrimitive::to_f64(&amount)
        };
        in_euro(&self.msrp, &self.currency)
            .or_else(|| in_euro(&self.price_amount, &self.price_currency))
            .filter(|stake| stake.is_finite() && *stake >= 0.0)
            .unwrap_or(0.0)
    }
}

/// The part of a stored listing that is read here.
#[derive(Deserialize)]
struct Described {
    #[serde(default)]
    description: Option<String>,
}

impl Store {
    /// Puts up to `most` cases in their places that have none yet, such as those
    /// of a database from before there were clusters; gives how many it was.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn place_cases(&self, most: u32) -> Result<u32, StoreError> {
        let now = self.clock.millis();
        let waiting: Option<(i64,)> = self
            .pools
            .optional(
                "SELECT id FROM cases WHERE cluster_id IS NULL LIMIT 1",
                params![],
            )
            .await?;
        if waiting.is_none() {
            return Ok(0);
        }
        let mut tx = self.pools.begin().await?;
        // Whoever writes cases holds the log: two would make two clusters of one key.
        tx.hold_log().await?;
        let cases: Vec<(i64,)> = tx
            .all(
                "SELECT id FROM cases WHERE cluster_id IS NULL ORDER BY id LIMIT $1",
                params![most],
            )
            .await?;
        for (case,) in &cases {
            tx.place_case(*case, now).await?;
        }
        tx.commit().await?;
        Ok(u32::try_from(cases.len()).unwrap_or(u32::MAX))
    }

    /// What became of the decided cases of a cluster.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn cluster_history(&self, cluster: i64) -> Result<ClusterHistory, StoreError> {
        self.pools
            .one(
                "SELECT
                    CAST(COALESCE(SUM(CASE WHEN state = 'confirmed' THEN 1 ELSE 0 END), 0) AS BIGINT) AS confirmed,
                    CAST(COALESCE(SUM(CASE WHEN state = 'rejected' THEN 1 ELSE 0 END), 0) AS BIGINT) AS rejected
                 FROM cases WHERE cluster_id = $1 AND state IN ('confirmed', 'rejected')",
                params![cluster],
            )
            .await
    }

    /// Every case that has a place: (case, cluster, product, kind, state).
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn case_places(&self) -> Result<Vec<(i64, i64, i64, String, String)>, StoreError> {
        self.pools
            .all(
                "SELECT c.id, c.cluster_id, k.product_id, k.kind, c.state FROM cases c
                 JOIN clusters k ON k.id = c.cluster_id ORDER BY c.id",
                params![],
            )
            .await
    }
}

impl Tx {
    /// Puts a case into its cluster and says what it is worth to decide it. Whoever
    /// calls it holds the log.
    pub(super) async fn place_case(&mut self, case: i64, now: Millis) -> Result<(), StoreError> {
        let placed: Placed = self
            .one(
                "SELECT c.product_id, c.listing_id, l.source_id, c.kind, c.state, c.score, c.cluster_id,
                    c.ejected, c.reference_id, l.title, l.seller, l.data, l.price_amount,
                    l.price_currency, p.brand, p.name, p.aliases, p.model_numbers, p.msrp,
                    p.currency
                 FROM cases c JOIN listings l ON l.id = c.listing_id
                 JOIN products p ON p.id = c.product_id WHERE c.id = $1",
                params![case],
            )
            .await?;
        let worth = placed.score * placed.stake(&RATES);
        let cluster = self.cluster_for(&placed, now).await?;
        self.run(
            "UPDATE cases SET cluster_id = $2, worth = $3 WHERE id = $1",
            params![case, cluster, worth],
        )
        .await?;
        self.write_facts(
            case,
            placed.source_id,
            &Facts {
                title: &placed.title,
                seller: placed.seller.as_deref(),
                price: placed.price_amount.as_deref(),
            },
        )
        .await
    }

    async fn cluster_for(&mut self, placed: &Placed, now: Millis) -> Result<i64, StoreError> {
        let own = self.own_cluster(placed).await?;
        if placed.ejected
            && let Some(own) = own
        {
            return Ok(own);
        }
        let keys = self.keys_of(placed).await?;
        let mut found = self.clusters_of(placed, &keys).await?;
        if let Some(own) = own
            && !found.iter().any(|(id, _)| *id == own)
        {
            let size = self.size_of(own).await?;
            found.push((own, size));
        }
        // The case itself takes a place, unless it sits in one already.
        let room = |own_is_in: bool, size: i64| size + i64::from(!own_is_in) <= MOST_CASES;
        found.sort_by_key(|(id, size)| (-size, *id));
        let target = found
            .iter()
            .find(|(id, size)| room(own == Some(*id), *size))
            .copied();
        let (target, mut size) = match target {
            Some(target) => target,
            None => (self.new_cluster(placed, now).await?, 0),
        };
        if own != Some(target) {
            if let Some(own) = own {
                self.run(
                    "UPDATE clusters SET size = size - 1 WHERE id = $1",
                    params![own],
                )
                .await?;
                found.retain(|(id, size)| *id != own || *size > 1);
                if let Some(left) = found.iter_mut().find(|(id, _)| *id == own) {
                    left.1 -= 1;
                }
            }
            size += 1;
            self.run(
                "UPDATE clusters SET size = $2 WHERE id = $1",
                params![target, size],
            )
            .await?;
        }
        for (other, others) in found {
            if other != target && size + others <= MOST_CASES {
                self.merge(other, target, others).await?;
                size += others;
            }
        }
        // One statement may not come to a row twice.
        let keys: BTreeSet<String> = keys.into_iter().collect();
        let rows = keys
            .into_iter()
            .map(|key| params![placed.product_id, placed.kind(), key, target]);
        self.insert(
            "INSERT INTO cluster_keys (product_id, kind, key, cluster_id)",
            rows.collect(),
            LEADS_ON,
        )
        .await?;
        Ok(target)
    }

    /// The cluster the case is in, unless it was scored as another kind since and
    /// nobody has decided it.
    async fn own_cluster(&mut self, placed: &Placed) -> Result<Option<i64>, StoreError> {
        let Some(cluster) = placed.cluster_id else {
            return Ok(None);
        };
        let (kind,): (String,) = self
            .one("SELECT kind FROM clusters WHERE id = $1", params![cluster])
            .await?;
        let decided = matches!(&*placed.state, "confirmed" | "rejected");
        if kind == placed.kind() || decided || placed.ejected {
            return Ok(Some(cluster));
        }
        self.run(
            "UPDATE clusters SET size = size - 1 WHERE id = $1",
            params![cluster],
        )
        .await?;
        Ok(None)
    }

    async fn keys_of(&mut self, placed: &Placed) -> Result<Vec<String>, StoreError> {
        let mut pictures: Vec<(i64, Vec<u8>)> = Vec::new();
        if placed.reference_id.is_none() {
            pictures = self
                .all(
                    "SELECT p.id, p.hashes FROM listing_pictures lp
                     JOIN pictures p ON p.id = lp.picture_id
                     WHERE lp.listing_id = $1 ORDER BY lp.position LIMIT 2",
                    params![placed.listing_id],
                )
                .await?;
        }
        let more: Vec<(i64,)> = self
            .all(
                "SELECT picture_id FROM listing_pictures
                 WHERE listing_id = $1 AND picture_id IS NOT NULL ORDER BY position LIMIT 6",
                params![placed.listing_id],
            )
            .await?;
        for (id,) in more {
            if !pictures.iter().any(|(known, _)| *known == id) {
                pictures.push((id, Vec::new()));
            }
        }
        let described: Option<Described> = serde_json::from_str(&placed.data).ok();
        let mut product = vec![placed.brand.as_str(), placed.name.as_str()];
        product.extend(placed.aliases.iter().map(String::as_str));
        product.extend(placed.model_numbers.iter().map(String::as_str));
        let mut keys = alike::keys(&Traits {
            seller: placed.seller.as_deref(),
            title: &placed.title,
            description: described.as_ref().and_then(|d| d.description.as_deref()),
            product: &product,
            reference: placed.reference_id,
            pictures: &pictures,
        });
        keys.truncate(KEYS);
        Ok(keys)
    }

    /// The clusters that have one of these keys, and their sizes.
    async fn clusters_of(
        &mut self,
        placed: &Placed,
        keys: &[String],
    ) -> Result<Vec<(i64, i64)>, StoreError> {
        self.all_in(
            "SELECT id, size FROM clusters WHERE id IN
                (SELECT cluster_id FROM cluster_keys WHERE product_id = $1 AND kind = $2 AND key IN",
            params![placed.product_id, placed.kind()],
            keys.iter().map(Value::from).collect(),
            ")",
        )
        .await
    }

    async fn size_of(&mut self, cluster: i64) -> Result<i64, StoreError> {
        self.id("SELECT size FROM clusters WHERE id = $1", params![cluster])
            .await
    }

    async fn new_cluster(&mut self, placed: &Placed, now: Millis) -> Result<i64, StoreError> {
        self.id(
            "INSERT INTO clusters (product_id, kind, size, created_at) VALUES ($1, $2, 0, $3)
             RETURNING id",
            params![placed.product_id, placed.kind(), now],
        )
        .await
    }

    /// Makes one cluster part of another. Its empty row stays: a claim may name it.
    async fn merge(&mut self, from: i64, into: i64, size: i64) -> Result<(), StoreError> {
        self.run(
            "UPDATE cases SET cluster_id = $2 WHERE cluster_id = $1",
            params![from, into],
        )
        .await?;
        self.run(
            "UPDATE cluster_keys SET cluster_id = $2 WHERE cluster_id = $1",
            params![from, into],
        )
        .await?;
        self.run("DELETE FROM claims WHERE cluster_id = $1", params![from])
            .await?;
        self.run(
            "UPDATE clusters SET size = size + $2 WHERE id = $1",
            params![into, size],
        )
        .await?;
        self.run("UPDATE clusters SET size = 0 WHERE id = $1", params![from])
            .await?;
        Ok(())
    }

    /// Puts a case into a cluster of its own, where no other ever comes.
    pub(super) async fn eject_case(&mut self, case: i64, now: Millis) -> Result<(), StoreError> {
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
        if let Some(old) = old {
            self.run(
                "UPDATE clusters SET size = size - 1 WHERE id = $1",
                params![old],
            )
            .await?;
        }
        Ok(())
    }

    /// Takes an ejection back: the case goes where its keys lead.
    pub(super) async fn readmit_case(&mut self, case: i64, now: Millis) -> Result<(), StoreError> {
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
