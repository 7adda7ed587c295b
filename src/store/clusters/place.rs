//! Puts a case in its place.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use rust_decimal::prelude::ToPrimitive as _;
use serde::Deserialize;
use sqlx::FromRow;

use super::{MOST_CASES, ordinary};
use crate::alike::{self, Traits};
use crate::catalog::rates::Rates;
use crate::clock::Millis;
use crate::store::StoreError;
use crate::store::db::{JsonText, Tx, Value, params};
use crate::store::facts::Facts;

/// A key leads on from a full cluster to the one that has room.
const LEADS_ON: &str = "ON CONFLICT (product_id, kind, key) DO UPDATE
        SET cluster_id = excluded.cluster_id, alone = excluded.alone
        WHERE (SELECT size FROM clusters k WHERE k.id = cluster_keys.cluster_id) >= 200";
const _: () = assert!(MOST_CASES == 200, "as LEADS_ON says");
/// Keys a case is looked up by, at most.
const KEYS: usize = 32;

/// Good enough to put a dear case before a cheap one.
static RATES: LazyLock<Rates> = LazyLock::new(Rates::shipped);

fn in_euro(amount: &str, currency: &str) -> Option<f64> {
    let amount = RATES.convert(amount.parse().ok()?, currency, "EUR")?;
    amount
        .to_f64()
        .filter(|amount| amount.is_finite() && *amount >= 0.0)
}

/// The cluster a case sits in.
#[derive(FromRow)]
struct Own {
    id: i64,
    kind: String,
    /// The key of its ordinary offers, if it is of those.
    ordinary: Option<String>,
}

/// A case that is put in its place, and what is known of it.
#[derive(FromRow)]
pub(super) struct Placed {
    #[sqlx(rename = "case_number")]
    pub(super) case: i64,
    pub(super) product_id: i64,
    listing_id: i64,
    source_id: i64,
    kind: Option<String>,
    state: String,
    pub(super) score: f64,
    cluster_id: Option<i64>,
    ejected: bool,
    pub(super) reference_id: Option<i64>,
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
    /// Of the marketplace.
    language: Option<String>,
}

impl Placed {
    pub(super) fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or_default()
    }

    /// What one sale costs the owner, in euro: the list price, else the price
    /// asked; nothing where neither is known in a known currency.
    fn stake(&self) -> f64 {
        self.list_price().or_else(|| self.asked()).unwrap_or(0.0)
    }

    /// The list price in euro.
    pub(super) fn list_price(&self) -> Option<f64> {
        in_euro(self.msrp.as_deref()?, self.currency.as_deref()?)
    }

    /// The price asked in euro.
    pub(super) fn asked(&self) -> Option<f64> {
        in_euro(
            self.price_amount.as_deref()?,
            self.price_currency.as_deref()?,
        )
    }
}

/// The part of a stored listing that is read here.
#[derive(Deserialize)]
struct Described {
    #[serde(default)]
    description: Option<String>,
}

impl Tx {
    /// Puts a case into its cluster and says what it is worth to decide it. Whoever
    /// calls it holds the log.
    pub(in crate::store) async fn place_case(
        &mut self,
        case: i64,
        now: Millis,
    ) -> Result<(), StoreError> {
        let placed: Placed = self
            .one(
                "SELECT c.id AS case_number, c.product_id, c.listing_id, l.source_id, c.kind, c.state, c.score, c.cluster_id,
                    c.ejected, c.reference_id, l.title, l.seller, l.data, l.price_amount,
                    l.price_currency, p.brand, p.name, p.aliases, p.model_numbers, p.msrp,
                    p.currency, s.language
                 FROM cases c JOIN listings l ON l.id = c.listing_id
                 JOIN sources s ON s.id = l.source_id
                 JOIN products p ON p.id = c.product_id WHERE c.id = $1",
                params![case],
            )
            .await?;
        let worth = placed.score * placed.stake();
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
                marketplace: placed.language.as_deref(),
            },
        )
        .await
    }

    async fn cluster_for(&mut self, placed: &Placed, now: Millis) -> Result<i64, StoreError> {
        let own = self.own_cluster(placed).await?;
        if placed.ejected
            && let Some(own) = &own
        {
            return Ok(own.id);
        }
        let keys = self.keys_of(placed).await?;
        let found = self.clusters_of(placed, &keys).await?;
        let alone = self.alone_with(placed, &keys).await?;
        let settled = own.as_ref().filter(|own| own.ordinary.is_none());
        let ordinary = ordinary::key(placed)
            .filter(|_| found.is_empty() && alone.is_empty() && settled.is_none());
        let settled = settled.map(|own| own.id);
        if let Some(own) = own.filter(|own| own.ordinary.is_some()) {
            if own.ordinary == ordinary {
                return Ok(own.id);
            }
            self.leave(placed.case, own.id).await?;
        }
        if let Some(ordinary) = ordinary {
            let among = self.join_ordinary(placed, &ordinary, now).await?;
            self.lead(placed, keys, among, Some(placed.case)).await?;
            return Ok(among);
        }
        let target = self.join(placed, settled, found, now).await?;
        for case in alone {
            self.come_out(case, target).await?;
        }
        self.lead(placed, keys, target, None).await?;
        Ok(target)
    }

    /// Puts a case into the largest cluster that has room, or a new one, and makes
    /// the others part of it. `own` is where it sits, `found` what its keys lead to.
    async fn join(
        &mut self,
        placed: &Placed,
        own: Option<i64>,
        mut found: Vec<(i64, i64)>,
        now: Millis,
    ) -> Result<i64, StoreError> {
        if let Some(own) = own
            && !found.iter().any(|(id, _)| *id == own)
        {
            found.push((own, self.size_of(own).await?));
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
            None => (self.new_cluster(placed, None, now).await?, 0),
        };
        if own != Some(target) {
            if let Some(own) = own {
                self.grow(own, -1).await?;
                found.retain(|(id, size)| *id != own || *size > 1);
                if let Some(left) = found.iter_mut().find(|(id, _)| *id == own) {
                    left.1 -= 1;
                }
            }
            size += 1;
            self.grow(target, 1).await?;
        }
        for (other, others) in found {
            if other != target && size + others <= MOST_CASES {
                self.merge(other, target, others).await?;
                size += others;
            }
        }
        Ok(target)
    }

    /// Makes keys lead to a cluster; to a case that stands `alone` in it.
    async fn lead(
        &mut self,
        placed: &Placed,
        keys: Vec<String>,
        to: i64,
        alone: Option<i64>,
    ) -> Result<(), StoreError> {
        // One statement may not come to a row twice.
        let keys: BTreeSet<String> = keys.into_iter().collect();
        let rows = keys
            .into_iter()
            .map(|key| params![placed.product_id, placed.kind(), key, to, alone]);
        self.insert(
            "INSERT INTO cluster_keys (product_id, kind, key, cluster_id, alone)",
            rows.collect(),
            LEADS_ON,
        )
        .await
        .map(|_| ())
    }

    /// Counts so many cases more, or fewer, in a cluster.
    pub(super) async fn grow(&mut self, cluster: i64, by: i64) -> Result<(), StoreError> {
        self.run(
            "UPDATE clusters SET size = size + $2 WHERE id = $1",
            params![cluster, by],
        )
        .await
        .map(|_| ())
    }

    /// The cluster the case is in, unless it was scored as another kind since and
    /// nobody has decided it.
    async fn own_cluster(&mut self, placed: &Placed) -> Result<Option<Own>, StoreError> {
        let Some(cluster) = placed.cluster_id else {
            return Ok(None);
        };
        let own: Own = self
            .one(
                "SELECT id, kind, ordinary FROM clusters WHERE id = $1",
                params![cluster],
            )
            .await?;
        let decided = matches!(&*placed.state, "confirmed" | "rejected");
        if own.kind == placed.kind() || decided || placed.ejected {
            return Ok(Some(own));
        }
        self.leave(placed.case, cluster).await?;
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
                (SELECT cluster_id FROM cluster_keys
                 WHERE product_id = $1 AND kind = $2 AND alone IS NULL AND key IN",
            params![placed.product_id, placed.kind()],
            keys.iter().map(Value::from).collect(),
            ")",
        )
        .await
    }

    pub(super) async fn size_of(&mut self, cluster: i64) -> Result<i64, StoreError> {
        self.id("SELECT size FROM clusters WHERE id = $1", params![cluster])
            .await
    }

    /// An empty cluster, of those an `ordinary` key says if there is one.
    pub(super) async fn new_cluster(
        &mut self,
        placed: &Placed,
        ordinary: Option<&str>,
        now: Millis,
    ) -> Result<i64, StoreError> {
        self.id(
            "INSERT INTO clusters (product_id, kind, ordinary, size, created_at)
             VALUES ($1, $2, $3, 0, $4) RETURNING id",
            params![placed.product_id, placed.kind(), ordinary, now],
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
}
