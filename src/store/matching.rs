//! Which reference photos listings are held against, and removing one.

use serde::Serialize;
use serde_json::json;

use super::db::params;
use super::{Store, StoreError};

/// Whether listings are held against a reference photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Matching {
    /// Unless it is found to be common to unrelated products.
    Auto,
    /// In any case.
    Always,
    /// Not at all.
    Never,
}

impl Matching {
    /// The database's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

impl TryFrom<String> for Matching {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        [Self::Auto, Self::Always, Self::Never]
            .into_iter()
            .find(|matching| matching.as_str() == word)
            .ok_or_else(|| format!("{word:?} is none of auto, always and never"))
    }
}

impl Store {
    /// Says whether listings are held against a product's photos, all of them or
    /// those with the given file names, and gives the number of photos for which
    /// that is a change. The catalog's version grows, so that indexes are made
    /// anew; cases that rest on the photos keep their evidence.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a product or a file name that is not there;
    /// then nothing is written. Or when the database cannot be written.
    pub async fn set_matching(
        &self,
        actor: &str,
        sku: &str,
        file_names: &[String],
        matching: Matching,
    ) -> Result<u64, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let product_id = tx.product_id(sku, self.sees).await?;
        let photos: Vec<(i64, String, String)> = tx
            .all(
                "SELECT id, file_name, matching FROM reference_photos
                 WHERE product_id = $1 ORDER BY id",
                params![product_id],
            )
            .await?;
        let is_there = |name: &String| photos.iter().any(|(_, file, _)| file == name);
        if let Some(missing) = file_names.iter().find(|name| !is_there(name)) {
            return Err(StoreError::not_found(
                "photo",
                format!("{missing} of product {sku}"),
            ));
        }
        let changed: Vec<&(i64, String, String)> = photos
            .iter()
            .filter(|(_, file, before)| {
                (file_names.is_empty() || file_names.contains(file)) && before != matching.as_str()
            })
            .collect();
        for (id, ..) in &changed {
            tx.run(
                // What it was not held against is still to be hunted through.
                "UPDATE reference_photos SET matching = $2, hunted_at = NULL WHERE id = $1",
                params![*id, matching.as_str()],
            )
            .await?;
        }
        if !changed.is_empty() {
            let photos: Vec<_> = changed
                .iter()
                .map(|(_, file, before)| json!({ "photo": file, "before": before }))
                .collect();
            let detail = json!({ "matching": matching, "photos": photos });
            tx.catalog_changed(now, actor, "catalog.matching", sku, &detail)
                .await?;
        }
        tx.commit().await?;
        Ok(changed.len() as u64)
    }

    /// Removes a photo, by the hash of its bytes, from a product, unless a case rests on
    /// it. Its bytes stay where captures are.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a case rests on it, [`StoreError::NotFound`] for a
    /// product or photo that is not there, or when the database cannot be written.
    pub async fn remove_photo(&self, actor: &str, sku: &str, blob: &str) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let product_id = tx.product_id(sku, self.sees).await?;
        let photo: Option<(i64, String)> = tx
            .optional(
                "SELECT id, file_name FROM reference_photos WHERE product_id = $1 AND blob = $2",
                params![product_id, blob],
            )
            .await?;
        let Some((id, file_name)) = photo else {
            return Err(StoreError::not_found(
                "photo",
                format!("{blob} of product {sku}"),
            ));
        };
        let rests: Option<(i64,)> = tx
            .optional(
                "SELECT id FROM cases WHERE reference_id = $1 LIMIT 1",
                params![id],
            )
            .await?;
        if let Some((case,)) = rests {
            return Err(StoreError::Conflict(format!(
                "case {case} rests on {file_name}; set it to be never used instead"
            )));
        }
        tx.run("DELETE FROM reference_photos WHERE id = $1", params![id])
            .await?;
        let detail = json!({ "photo": file_name, "blob": blob });
        tx.catalog_changed(now, actor, "catalog.photo_remove", sku, &detail)
            .await?;
        tx.product_changed(product_id).await?;
        tx.commit().await
    }
}
