//! Which reference photos listings are held against.

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
}
