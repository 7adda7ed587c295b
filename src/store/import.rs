//! Adding products to the catalog and changing them.

use serde::Serialize;
use serde_json::json;

use super::db::{Tx, json as to_json, params};
use super::products::{PRODUCT_BY_SKU, Product, Right, RightRow, select_right};
use super::{Store, StoreError};
use crate::clock::Millis;

/// What an import says about one product.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ProductDraft {
    /// Stock keeping unit: the user's own key.
    pub sku: String,
    /// Brand name.
    pub brand: String,
    /// Product name without the brand.
    pub name: String,
    /// Category in the user's words.
    pub category: Option<String>,
    /// Model numbers.
    pub model_numbers: Vec<String>,
    /// Other names it is sold under.
    pub aliases: Vec<String>,
    /// Words that hint at it.
    pub keywords: Vec<String>,
    /// Recommended price, decimal text.
    pub msrp: Option<String>,
    /// ISO 4217 code of `msrp`.
    pub currency: Option<String>,
    /// Countries it is sold in.
    pub countries: Vec<String>,
    /// Confidentiality, such as `public` or `confidential`.
    pub classification: Option<String>,
    /// Date of release, `YYYY-MM-DD`.
    pub released: Option<String>,
    /// Sellers who may sell it.
    pub authorised_sellers: Vec<String>,
    /// Rights in it.
    pub rights: Vec<Right>,
}

/// A reference photo to be stored.
#[derive(Debug, Clone)]
pub struct ReferenceDraft {
    /// Name of the imported file.
    pub file_name: String,
    /// SHA-256 of the bytes.
    pub blob: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// `jpeg`, `png`, …
    pub format: String,
    /// Name and version of the hash algorithm.
    pub algorithm: String,
    /// The hashes.
    pub hashes: Vec<u8>,
}

/// What saving a product did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Saved {
    /// It was not there.
    Added,
    /// It was there and differed.
    Changed,
    /// It was there as it is.
    Unchanged,
    /// It had been removed from the catalog and is back, as it is said to be now.
    Restored,
}

/// What a change by hand was made on.
#[derive(Debug, Default)]
struct Editing<'a> {
    seen: Option<&'a str>,
    undoes: Option<i64>,
}

impl ProductDraft {
    /// A hash over every field, to tell a changed row from an unchanged one.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        use sha2::{Digest, Sha256};
        hex::encode(Sha256::digest(to_json(self).as_bytes()))
    }
}

impl Store {
    /// Adds or updates one product with its rights, and adds the photos it did
    /// not have; one that was removed from the catalog is back with it. Saving the same
    /// again changes nothing.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn save_product(
        &self,
        actor: &str,
        draft: &ProductDraft,
        photos: &[ReferenceDraft],
    ) -> Result<Saved, StoreError> {
        self.write_product(actor, draft, photos, &Editing::default())
            .await
    }

    /// Saves a product that somebody changed by hand, from what they saw: the
    /// fingerprint of the product then, empty for one that is new. `undoes` is the event
    /// of the log that this takes back.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is another now, or the database cannot be
    /// written.
    pub async fn edit_product(
        &self,
        actor: &str,
        draft: &ProductDraft,
        seen: &str,
        undoes: Option<i64>,
    ) -> Result<Saved, StoreError> {
        let editing = Editing {
            seen: Some(seen),
            undoes,
        };
        self.write_product(actor, draft, &[], &editing).await
    }

    /// Adds a photo to a product as it was seen, by its fingerprint then.
    ///
    /// # Errors
    /// As [`Store::edit_product`].
    pub async fn add_photo(
        &self,
        actor: &str,
        draft: &ProductDraft,
        photo: ReferenceDraft,
        seen: &str,
    ) -> Result<Saved, StoreError> {
        let editing = Editing {
            seen: Some(seen),
            undoes: None,
        };
        self.write_product(actor, draft, &[photo], &editing).await
    }

    async fn write_product(
        &self,
        actor: &str,
        draft: &ProductDraft,
        photos: &[ReferenceDraft],
        editing: &Editing<'_>,
    ) -> Result<Saved, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        let fingerprint = draft.fingerprint();
        let is_same = |old: &Product| old.fingerprint == fingerprint && old.removed_at.is_none();
        let mut before: Option<Product> = tx.optional(PRODUCT_BY_SKU, params![&draft.sku]).await?;
        if !before.as_ref().is_some_and(is_same) || !photos.is_empty() {
            tx.hold_log().await?;
            // Another change may have come before.
            before = tx.optional(PRODUCT_BY_SKU, params![&draft.sku]).await?;
        }
        for brand in before.iter().map(|old| &old.brand).chain([&draft.brand]) {
            tx.must_see_brand(self.sees, brand, &draft.sku).await?;
        }
        let was_removed = before.as_ref().is_some_and(|old| old.removed_at.is_some());
        if was_removed && editing.seen.is_some() {
            return Err(StoreError::removed(&draft.sku));
        }
        if let Some(seen) = editing.seen {
            let is = before.as_ref().map_or("", |product| &product.fingerprint);
            if is != seen {
                return Err(StoreError::Conflict(match seen {
                    "" => format!(
                        "there is a product {} already; choose another SKU",
                        draft.sku
                    ),
                    _ => format!(
                        "product {} was changed by somebody else meanwhile; look at it again",
                        draft.sku
                    ),
                }));
            }
        }
        let mut saved = match &before {
            None => Saved::Added,
            Some(_) if was_removed => Saved::Restored,
            Some(old) if old.fingerprint == fingerprint => Saved::Unchanged,
            Some(_) => Saved::Changed,
        };
        let changes = match &before {
            Some(old) if old.fingerprint != fingerprint => Some(tx.changes(old, draft).await?),
            _ => None,
        };
        let product_id = match (&before, saved) {
            (Some(old), Saved::Unchanged) => old.id,
            _ => tx.upsert_product(draft, &fingerprint, now).await?,
        };
        if was_removed {
            tx.back_in_catalog(product_id, now).await?;
        }
        let mut added = 0;
        for photo in photos {
            added += tx.add_reference(product_id, photo, now).await?;
        }
        if saved == Saved::Unchanged && added > 0 {
            saved = Saved::Changed;
        }
        if saved != Saved::Unchanged {
            tx.run(
                "UPDATE catalog_version SET version = version + 1,
                    photos = CASE WHEN $1 THEN version + 1 ELSE photos END WHERE id = 1",
                params![added > 0 || was_removed],
            )
            .await?;
            tx.product_changed(product_id).await?;
            let mut detail =
                json!({ "saved": saved, "fingerprint": fingerprint, "photos_added": added });
            if let Some(changes) = changes {
                detail["changes"] = changes;
            }
            if added > 0 {
                let names: Vec<&str> = photos.iter().map(|photo| &*photo.file_name).collect();
                detail["photos"] = json!(names);
            }
            if let Some(undoes) = editing.undoes {
                detail["undoes"] = undoes.into();
            }
            tx.audit(
                now,
                actor,
                "catalog.save",
                &format!("product {}", draft.sku),
                &detail,
            )
            .await?;
        }
        tx.commit().await?;
        Ok(saved)
    }
}

impl Tx {
    /// Every field that differs, with its value before and after: what the log needs so
    /// that a change can be understood, and taken back.
    async fn changes(
        &mut self,
        old: &Product,
        draft: &ProductDraft,
    ) -> Result<serde_json::Value, StoreError> {
        let rights: Vec<RightRow> = self
            .all(
                select_right!("WHERE product_id = $1 ORDER BY id"),
                params![old.id],
            )
            .await?;
        let before = json!(crate::catalog::edit::draft_of(old, &rights));
        let after = json!(draft);
        let mut changes = serde_json::Map::new();
        for (field, value) in after.as_object().into_iter().flatten() {
            if before[field] != *value {
                let change = json!({ "before": before[field], "after": value });
                changes.insert(field.clone(), change);
            }
        }
        Ok(changes.into())
    }

    async fn upsert_product(
        &mut self,
        draft: &ProductDraft,
        fingerprint: &str,
        now: Millis,
    ) -> Result<i64, StoreError> {
        let id = self
            .id(
                "INSERT INTO products (sku, brand, name, category, model_numbers, aliases, keywords,
                    msrp, currency, countries, classification, released, authorised_sellers,
                    fingerprint, created_at, updated_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)
                 ON CONFLICT (sku) DO UPDATE SET brand = excluded.brand, name = excluded.name,
                    category = excluded.category, model_numbers = excluded.model_numbers,
                    aliases = excluded.aliases, keywords = excluded.keywords,
                    msrp = excluded.msrp, currency = excluded.currency,
                    countries = excluded.countries, classification = excluded.classification,
                    released = excluded.released,
                    authorised_sellers = excluded.authorised_sellers,
                    fingerprint = excluded.fingerprint, updated_at = excluded.updated_at
                 RETURNING id",
                params![
                    &draft.sku,
                    &draft.brand,
                    &draft.name,
                    draft.category.clone(),
                    to_json(&draft.model_numbers),
                    to_json(&draft.aliases),
                    to_json(&draft.keywords),
                    draft.msrp.clone(),
                    draft.currency.clone(),
                    to_json(&draft.countries),
                    draft.classification.clone(),
                    draft.released.clone(),
                    to_json(&draft.authorised_sellers),
                    fingerprint,
                    now,
                ],
            )
            .await?;
        self.replace_rights(id, &draft.rights).await?;
        Ok(id)
    }

    /// Keeps the rows of rights that are unchanged, because notices name them.
    async fn replace_rights(
        &mut self,
        product_id: i64,
        rights: &[Right],
    ) -> Result<(), StoreError> {
        let old: Vec<RightRow> = self
            .all(select_right!("WHERE product_id = $1"), params![product_id])
            .await?;
        let same = |row: &RightRow, right: &Right| {
            row.kind == right.kind
                && row.number == right.number
                && row.jurisdiction == right.jurisdiction
        };
        for row in old
            .iter()
            .filter(|row| !rights.iter().any(|right| same(row, right)))
        {
            self.run(
                "UPDATE notices SET right_id = NULL WHERE right_id = $1",
                params![row.id],
            )
            .await?;
            self.run("DELETE FROM rights WHERE id = $1", params![row.id])
                .await?;
        }
        for right in rights {
            let fields = params![
                product_id,
                &right.kind,
                right.number.clone(),
                right.jurisdiction.clone(),
                to_json(&right.classes),
                right.owner.clone(),
                right.expiry.clone(),
            ];
            match old.iter().find(|row| same(row, right)) {
                Some(row) => {
                    let mut fields = fields;
                    fields.push(row.id.into());
                    self.run(
                        "UPDATE rights SET product_id = $1, kind = $2, number = $3,
                            jurisdiction = $4, classes = $5, owner = $6, expiry = $7
                         WHERE id = $8",
                        fields,
                    )
                    .await?;
                }
                None => {
                    self.run(
                        "INSERT INTO rights
                            (product_id, kind, number, jurisdiction, classes, owner, expiry)
                         VALUES ($1, $2, $3, $4, $5, $6, $7)",
                        fields,
                    )
                    .await?;
                }
            }
        }
        Ok(())
    }

    async fn add_reference(
        &mut self,
        product_id: i64,
        photo: &ReferenceDraft,
        now: Millis,
    ) -> Result<u64, StoreError> {
        self.run(
            "INSERT INTO reference_photos (product_id, file_name, blob, width, height, format,
                algorithm, hashes, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (product_id, blob) DO NOTHING",
            params![
                product_id,
                &photo.file_name,
                &photo.blob,
                photo.width,
                photo.height,
                &photo.format,
                &photo.algorithm,
                photo.hashes.clone(),
                now,
            ],
        )
        .await
    }
}
