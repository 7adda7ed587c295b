//! The catalog's reference photos, ready to be searched.
//!
//! Derived from the database and made anew when the catalog changes. What was
//! made is kept in a file beside the database, so that the next start only maps
//! it into memory.

mod common;
mod file;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use markhound_index::image::{Fingerprint, HashFormatError, ReferenceIndex};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::store::matching::Matching;
use crate::store::products::{Product, ReferenceName};
use crate::store::{Store, StoreError};
use common::{Look, commons};
use file::Kept;

/// Reference photos read at a time: fingerprints are larger than what the index
/// keeps of them.
const PHOTOS_AT_ONCE: i64 = 256;

/// Why the reference photos cannot be searched.
#[derive(Debug, thiserror::Error)]
pub enum ReferencesError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A reference photo's fingerprint cannot be read.
    #[error(
        "the stored hashes of reference photo {file} of product {product} cannot be used: {why}; run `markhound reindex`"
    )]
    Hashes {
        /// The photo's file name.
        file: String,
        /// The product's identifier.
        product: i64,
        /// Why.
        why: HashFormatError,
    },
    /// The index could not be made.
    #[error("making the index of the reference photos failed: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// Why listings are not held against a reference photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetAside {
    /// Somebody said so.
    ByHand,
    /// Products that have nothing to do with each other have the same photo: a
    /// size chart, a logo, a banner. It would match all their listings.
    Common {
        /// Products that have it.
        products: usize,
    },
}

impl std::fmt::Display for SetAside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ByHand => write!(f, "not matched: excluded by hand"),
            Self::Common { products } => write!(
                f,
                "not matched: {products} products have this photo, and not all are variants of one"
            ),
        }
    }
}

/// The reference photos as they were at a version of the catalog.
#[derive(Debug)]
pub struct References {
    version: i64,
    index: ReferenceIndex,
    photos: HashMap<i64, ReferenceName>,
    set_aside: BTreeMap<i64, SetAside>,
}

impl References {
    /// Those of the catalog as it is now.
    ///
    /// # Errors
    /// [`ReferencesError`]. A file that cannot be read or written is none: the
    /// index is then made from the database.
    pub async fn load(app: &App) -> Result<Self, ReferencesError> {
        let products = app.store.products().await?;
        let mut products: Vec<Arc<Product>> = products.into_iter().map(Arc::new).collect();
        // As the matcher sorts them: another order would be another file.
        products.sort_by(|a, b| a.sku.cmp(&b.sku));
        Self::of(&app.store, &app.data_dir, &products).await
    }

    /// [`References::load`] for one who has the products already.
    ///
    /// # Errors
    /// As there.
    pub(crate) async fn of(
        store: &Store,
        data_dir: &Path,
        products: &[Arc<Product>],
    ) -> Result<Self, ReferencesError> {
        // Before the photos: a change in between makes it look old, not new.
        let version = store.catalog_version().await?;
        let names = store.reference_names().await?;
        let kept = Kept::new(data_dir, products, &names);
        let (index, set_aside) = match kept.open() {
            Some(opened) => opened,
            None => make(store, kept, products, &names).await?,
        };
        let photos = names.into_iter().map(|photo| (photo.id, photo)).collect();
        Ok(Self {
            version,
            index,
            photos,
            set_aside,
        })
    }

    /// The catalog version it was made at.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The index of the photos that listings are held against.
    #[must_use]
    pub fn index(&self) -> &ReferenceIndex {
        &self.index
    }

    /// A photo's name and bytes, whether it is searched or not.
    #[must_use]
    pub fn photo(&self, reference: i64) -> Option<&ReferenceName> {
        self.photos.get(&reference)
    }

    /// Why listings are not held against a photo; nothing when they are.
    #[must_use]
    pub fn set_aside(&self, reference: i64) -> Option<SetAside> {
        self.set_aside.get(&reference).copied()
    }

    /// Photos that listings are not held against: (by hand, found to be common).
    #[must_use]
    pub fn set_aside_counts(&self) -> (usize, usize) {
        let by_hand = |why: &&SetAside| **why == SetAside::ByHand;
        let by_hand = self.set_aside.values().filter(by_hand).count();
        (by_hand, self.set_aside.len() - by_hand)
    }
}

/// Makes the index from the stored fingerprints and keeps it for the next time.
async fn make(
    store: &Store,
    kept: Kept,
    products: &[Arc<Product>],
    names: &[ReferenceName],
) -> Result<(ReferenceIndex, BTreeMap<i64, SetAside>), ReferencesError> {
    let matching: HashMap<i64, Matching> = names.iter().map(|p| (p.id, p.matching)).collect();
    let mut index = ReferenceIndex::new();
    let mut looks = Vec::new();
    let mut set_aside = BTreeMap::new();
    let mut last = 0;
    loop {
        let photos = store.reference_photos_after(last, PHOTOS_AT_ONCE).await?;
        let Some(photo) = photos.last() else {
            break;
        };
        last = photo.id;
        for photo in photos {
            let fingerprint =
                Fingerprint::from_bytes(&photo.hashes).map_err(|why| ReferencesError::Hashes {
                    file: photo.file_name.clone(),
                    product: photo.product_id,
                    why,
                })?;
            if matching.get(&photo.id) == Some(&Matching::Never) {
                set_aside.insert(photo.id, SetAside::ByHand);
            } else {
                index.insert(photo.id, photo.product_id, &fingerprint);
            }
            looks.extend(Look::new(photo.id, photo.product_id, &fingerprint));
        }
    }
    let names: HashMap<i64, String> = products.iter().map(|p| (p.id, p.name.clone())).collect();
    let done = tokio::task::spawn_blocking(move || {
        for (reference, products) in commons(&looks, &names) {
            if matching.get(&reference) == Some(&Matching::Auto) {
                index.remove(reference);
                set_aside.insert(reference, SetAside::Common { products });
            }
        }
        kept.save(&index, &set_aside);
        (index, set_aside)
    });
    Ok(done.await?)
}
