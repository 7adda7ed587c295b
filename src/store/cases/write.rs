//! Opening cases, and bringing them up to date.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::clock::Millis;
use crate::store::StoreError;
use crate::store::db::{Tx, json as to_json, params};

/// A match over the threshold, to be kept as a case.
#[derive(Debug, Clone)]
pub struct CaseDraft {
    /// The product it concerns.
    pub product_id: i64,
    /// Probability of infringement, 0 to 1.
    pub score: f64,
    /// Kind of infringement, such as `counterfeit`.
    pub kind: Option<String>,
    /// Picture evidence, text evidence, reasons: what the reviewer is shown.
    pub evidence: Value,
    /// Name and version of the scoring model.
    pub model: String,
    /// SHA-256 of the listing's picture that matched.
    pub picture_blob: Option<String>,
    /// The reference photo it matched. A negative number, which stands for a
    /// hash without a photo, is stored as none.
    pub reference_id: Option<i64>,
    /// The chance at which it was drawn from under the threshold; none where
    /// the score puts it into the queue.
    pub audit_rate: Option<f64>,
}

impl CaseDraft {
    /// SHA-256 of the evidence: a decision records what was seen.
    #[must_use]
    pub fn evidence_hash(&self) -> String {
        hex::encode(Sha256::digest(to_json(&self.evidence).as_bytes()))
    }
}

/// When a product was removed from the catalog, and of a listing's case about it the number,
/// the hash of the evidence and the chance it was drawn at.
type OfProduct = (Option<i64>, Option<i64>, Option<String>, Option<f64>);

impl Tx {
    /// Opens a case or brings it up to date; its state and the decisions on it
    /// stay. Evidence that differs is on record, so that it can be told which
    /// evidence a decision saw. Nothing is written where the product was removed from the
    /// catalog while it was matched; whoever calls holds the log, as a removal does.
    pub(in crate::store) async fn upsert_case(
        &mut self,
        actor: &str,
        listing_id: i64,
        case: &CaseDraft,
        now: Millis,
    ) -> Result<Option<i64>, StoreError> {
        let about: Option<OfProduct> = self
            .optional(
                "SELECT p.removed_at, c.id, c.evidence_hash, c.audit_rate FROM products p
                 LEFT JOIN cases c ON c.product_id = p.id AND c.listing_id = $1
                 WHERE p.id = $2",
                params![listing_id, case.product_id],
            )
            .await?;
        let known = match about {
            Some((Some(_removed), ..)) => return Ok(None),
            Some((None, Some(id), Some(hash), rate)) => Some((id, hash, rate)),
            _ => None,
        };
        let picture_id = match &case.picture_blob {
            Some(blob) => self.picture_id(blob).await?,
            None => None,
        };
        // What was over the threshold once stays as it was seen there.
        if let (Some((id, _, None)), Some(_)) = (&known, case.audit_rate) {
            return Ok(Some(*id));
        }
        let id = self
            .id(
                "INSERT INTO cases (listing_id, product_id, state, score, kind, evidence,
                    evidence_hash, model, picture_id, reference_id, created_at, updated_at,
                    audit_rate)
                 VALUES ($1, $2, 'open', $3, $4, $5, $6, $7, $8,
                    (SELECT r.id FROM reference_photos r WHERE r.id = $9), $10, $10, $11)
                 ON CONFLICT (listing_id, product_id) DO UPDATE SET score = excluded.score,
                    kind = excluded.kind, evidence = excluded.evidence,
                    evidence_hash = excluded.evidence_hash, model = excluded.model,
                    picture_id = excluded.picture_id, reference_id = excluded.reference_id,
                    updated_at = excluded.updated_at, audit_rate = excluded.audit_rate
                 RETURNING id",
                params![
                    listing_id,
                    case.product_id,
                    case.score,
                    case.kind.clone(),
                    to_json(&case.evidence),
                    case.evidence_hash(),
                    &case.model,
                    picture_id,
                    // A photo that was removed since the scan looked is none.
                    case.reference_id.filter(|id| *id >= 0),
                    now,
                    case.audit_rate,
                ],
            )
            .await?;
        self.place_case(id, now).await?;
        let hash = case.evidence_hash();
        let action = match &known {
            None if case.audit_rate.is_some() => Some("case.audit"),
            None => Some("case.open"),
            Some((_, before, _)) if *before != hash => Some("case.update"),
            Some(_) => None,
        };
        if let Some(action) = action {
            let mut detail = json!({ "listing_id": listing_id, "product_id": case.product_id,
                "score": case.score, "model": case.model, "evidence_hash": hash });
            if known.is_none() {
                self.name_case(id, &mut detail).await?;
            }
            self.audit(now, actor, action, &format!("case {id}"), &detail)
                .await?;
        }
        Ok(Some(id))
    }

    /// Says in an event what a case is about, in words that hold without the
    /// database: reports are made from the log alone.
    async fn name_case(&mut self, id: i64, detail: &mut Value) -> Result<(), StoreError> {
        let named: Option<(String, String, String, String, Option<String>)> = self
            .optional(
                "SELECT p.sku, p.brand, s.name, l.item_id, l.seller FROM cases c
                 JOIN products p ON p.id = c.product_id JOIN listings l ON l.id = c.listing_id
                 JOIN sources s ON s.id = l.source_id WHERE c.id = $1",
                params![id],
            )
            .await?;
        if let Some((sku, brand, source, item, seller)) = named {
            detail["sku"] = sku.into();
            detail["brand"] = brand.into();
            detail["source"] = source.into();
            detail["item"] = item.into();
            detail["seller"] = seller.into();
        }
        Ok(())
    }

    async fn picture_id(&mut self, blob: &str) -> Result<Option<i64>, StoreError> {
        let found: Option<(i64,)> = self
            .optional("SELECT id FROM pictures WHERE blob = $1", params![blob])
            .await?;
        Ok(found.map(|(id,)| id))
    }
}
