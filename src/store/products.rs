//! The protected catalog: products, their rights and reference photos.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::FromRow;

use super::db::{JsonText, Tx, json as to_json, params};
use super::{Store, StoreError};
use crate::clock::Millis;

/// A registered or claimed right in a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Right {
    /// `trademark`, `copyright`, `design` or `patent`.
    pub kind: String,
    /// Registration number, where there is one.
    #[serde(default)]
    pub number: Option<String>,
    /// Country or office, such as `EU`, `US`, `DE`.
    #[serde(default)]
    pub jurisdiction: Option<String>,
    /// Nice or Locarno classes.
    #[serde(default)]
    pub classes: Vec<String>,
    /// The owner as registered.
    #[serde(default)]
    pub owner: Option<String>,
    /// Date of expiry, `YYYY-MM-DD`.
    #[serde(default)]
    pub expiry: Option<String>,
}

/// A right with its identifier.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct RightRow {
    /// Identifier.
    pub id: i64,
    /// The product it protects.
    pub product_id: i64,
    /// `trademark`, `copyright`, `design` or `patent`.
    pub kind: String,
    /// Registration number.
    pub number: Option<String>,
    /// Country or office.
    pub jurisdiction: Option<String>,
    /// Nice or Locarno classes.
    pub classes: JsonText<Vec<String>>,
    /// The owner as registered.
    pub owner: Option<String>,
    /// Date of expiry, `YYYY-MM-DD`.
    pub expiry: Option<String>,
}

/// What an import says about one product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

/// A product as stored.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Product {
    /// Identifier.
    pub id: i64,
    /// Stock keeping unit.
    pub sku: String,
    /// Brand name.
    pub brand: String,
    /// Product name.
    pub name: String,
    /// Category.
    pub category: Option<String>,
    /// Model numbers.
    pub model_numbers: JsonText<Vec<String>>,
    /// Other names.
    pub aliases: JsonText<Vec<String>>,
    /// Hints.
    pub keywords: JsonText<Vec<String>>,
    /// Recommended price, decimal text.
    pub msrp: Option<String>,
    /// ISO 4217 code of `msrp`.
    pub currency: Option<String>,
    /// Countries it is sold in.
    pub countries: JsonText<Vec<String>>,
    /// Confidentiality.
    pub classification: Option<String>,
    /// Date of release.
    pub released: Option<String>,
    /// Sellers who may sell it.
    pub authorised_sellers: JsonText<Vec<String>>,
    /// Hash of the imported row: tells an unchanged row from a changed one.
    pub fingerprint: String,
    /// First import.
    pub created_at: Millis,
    /// Last change.
    pub updated_at: Millis,
}

/// A reference photo with its perceptual hashes.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct ReferencePhoto {
    /// Identifier.
    pub id: i64,
    /// The product it shows.
    pub product_id: i64,
    /// Name of the imported file.
    pub file_name: String,
    /// SHA-256 of the bytes, hexadecimal: their address in the blob store.
    pub blob: String,
    /// Pixels.
    pub width: i64,
    /// Pixels.
    pub height: i64,
    /// `jpeg`, `png`, …
    pub format: String,
    /// Name and version of the hash algorithm.
    pub algorithm: String,
    /// The hashes, in the index library's own form.
    #[serde(skip)]
    pub hashes: Vec<u8>,
}

/// What a reference photo is called and which bytes it is.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ReferenceName {
    /// The product it shows.
    pub product_id: i64,
    /// Name of the imported file.
    pub file_name: String,
    /// SHA-256 of the bytes.
    pub blob: String,
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
}

const PRODUCT: &str = "SELECT id, sku, brand, name, category, model_numbers, aliases, keywords,
    msrp, currency, countries, classification, released, authorised_sellers, fingerprint,
    created_at, updated_at FROM products ORDER BY sku";
const PRODUCT_BY_SKU: &str = "SELECT id, sku, brand, name, category, model_numbers, aliases,
    keywords, msrp, currency, countries, classification, released, authorised_sellers,
    fingerprint, created_at, updated_at FROM products WHERE sku = $1";
const PRODUCT_BY_ID: &str = "SELECT id, sku, brand, name, category, model_numbers, aliases,
    keywords, msrp, currency, countries, classification, released, authorised_sellers,
    fingerprint, created_at, updated_at FROM products WHERE id = $1";

impl ProductDraft {
    /// A hash over every field, to tell a changed row from an unchanged one.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        use sha2::{Digest, Sha256};
        hex::encode(Sha256::digest(to_json(self).as_bytes()))
    }
}

impl Store {
    /// All products by SKU.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn products(&self) -> Result<Vec<Product>, StoreError> {
        self.pools.all(PRODUCT, params![]).await
    }

    /// The product with this SKU.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be read.
    pub async fn product(&self, sku: &str) -> Result<Product, StoreError> {
        self.pools
            .optional(PRODUCT_BY_SKU, params![sku])
            .await?
            .ok_or_else(|| StoreError::not_found("product", sku))
    }

    /// The product with this identifier.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be read.
    pub async fn product_by_id(&self, id: i64) -> Result<Product, StoreError> {
        self.pools
            .optional(PRODUCT_BY_ID, params![id])
            .await?
            .ok_or_else(|| StoreError::not_found("product", id))
    }

    /// Rights of every product, by product and kind.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn rights(&self) -> Result<Vec<RightRow>, StoreError> {
        self.pools
            .all(
                "SELECT id, product_id, kind, number, jurisdiction, classes, owner, expiry
                 FROM rights ORDER BY product_id, id",
                params![],
            )
            .await
    }

    /// The rights in one product.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn rights_of(&self, product_id: i64) -> Result<Vec<RightRow>, StoreError> {
        self.pools
            .all(
                "SELECT id, product_id, kind, number, jurisdiction, classes, owner, expiry
                 FROM rights WHERE product_id = $1 ORDER BY id",
                params![product_id],
            )
            .await
    }

    /// Every reference photo, by product.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn reference_photos(&self) -> Result<Vec<ReferencePhoto>, StoreError> {
        self.pools
            .all(
                "SELECT id, product_id, file_name, blob, width, height, format, algorithm, hashes
                 FROM reference_photos ORDER BY product_id, id",
                params![],
            )
            .await
    }

    /// Name and bytes of every reference photo, without its hashes, by product.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn reference_names(&self) -> Result<Vec<ReferenceName>, StoreError> {
        self.pools
            .all(
                "SELECT product_id, file_name, blob FROM reference_photos ORDER BY product_id, id",
                params![],
            )
            .await
    }

    /// The reference photos of one product.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn reference_photos_of(
        &self,
        product_id: i64,
    ) -> Result<Vec<ReferencePhoto>, StoreError> {
        self.pools
            .all(
                "SELECT id, product_id, file_name, blob, width, height, format, algorithm, hashes
                 FROM reference_photos WHERE product_id = $1 ORDER BY id",
                params![product_id],
            )
            .await
    }

    /// The first reference photo of each product: (product, blob) pairs.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn first_reference_blobs(&self) -> Result<Vec<(i64, String)>, StoreError> {
        self.pools
            .all(
                "SELECT product_id, blob FROM reference_photos WHERE id IN
                    (SELECT MIN(id) FROM reference_photos GROUP BY product_id)
                 ORDER BY product_id",
                params![],
            )
            .await
    }

    /// Every brand of the catalog, by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn brands(&self) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = self
            .pools
            .all(
                "SELECT DISTINCT brand FROM products ORDER BY brand",
                params![],
            )
            .await?;
        Ok(rows.into_iter().map(|(brand,)| brand).collect())
    }

    /// How often the catalog has changed; derived indexes compare it with the
    /// value they were built at.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn catalog_version(&self) -> Result<i64, StoreError> {
        let (version,): (i64,) = self
            .pools
            .one(
                "SELECT version FROM catalog_version WHERE id = 1",
                params![],
            )
            .await?;
        Ok(version)
    }

    /// Adds or updates one product with its rights, and adds the photos it did
    /// not have. Saving the same again changes nothing.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn save_product(
        &self,
        actor: &str,
        draft: &ProductDraft,
        photos: &[ReferenceDraft],
    ) -> Result<Saved, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        let before: Option<Product> = tx.optional(PRODUCT_BY_SKU, params![&draft.sku]).await?;
        let fingerprint = draft.fingerprint();
        let mut saved = match &before {
            None => Saved::Added,
            Some(old) if old.fingerprint == fingerprint => Saved::Unchanged,
            Some(_) => Saved::Changed,
        };
        let product_id = match (&before, saved) {
            (Some(old), Saved::Unchanged) => old.id,
            _ => tx.upsert_product(draft, &fingerprint, now).await?,
        };
        let mut added = 0;
        for photo in photos {
            added += tx.add_reference(product_id, photo, now).await?;
        }
        if saved == Saved::Unchanged && added > 0 {
            saved = Saved::Changed;
        }
        if saved != Saved::Unchanged {
            tx.run(
                "UPDATE catalog_version SET version = version + 1 WHERE id = 1",
                params![],
            )
            .await?;
            let detail =
                json!({ "saved": saved, "fingerprint": fingerprint, "photos_added": added });
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
            .all(
                "SELECT id, product_id, kind, number, jurisdiction, classes, owner, expiry
                 FROM rights WHERE product_id = $1",
                params![product_id],
            )
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
