//! The catalog's hashes for a list.

use markhound_index::image::{Fingerprint, HashListEntry, PDQ_ALGORITHM, PdqHash};

use super::one_line;
use crate::app::App;
use crate::store::StoreError;
use crate::store::reference_hashes::ReferenceHash;

/// A hash of the catalog as an export writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedHash {
    /// The product's SKU.
    pub sku: String,
    /// Whether it came from a list and not from a reference photo.
    pub imported: bool,
    /// The hash, its quality and its name: `SKU/file name`, or an imported
    /// hash's label.
    pub entry: HashListEntry,
}

/// The catalog's hashes, and what has none.
#[derive(Debug, Clone, Default)]
pub struct HashExport {
    /// Those of the photos by product, then the imported ones.
    pub hashes: Vec<ExportedHash>,
    /// `SKU/file name` of flat photos, which have no hash.
    pub flat: Vec<String>,
    /// Photos and imported hashes that cannot be read, with the reason.
    pub errors: Vec<String>,
}

/// Collects the PDQ hash of every reference photo, out of the stored
/// fingerprints, and with `img_hash` its hash of that algorithm as well; and the
/// hashes that were imported.
///
/// # Errors
/// When the database cannot be read.
pub async fn export_hashes(app: &App, img_hash: bool) -> Result<HashExport, StoreError> {
    let mut export = HashExport::default();
    let products = app.store.products().await?;
    for product in &products {
        for photo in app.store.reference_photos_of(product.id).await? {
            let name = one_line(&format!("{}/{}", product.sku, photo.file_name));
            match Fingerprint::from_bytes(&photo.hashes) {
                Err(why) => export.errors.push(format!("{name}: {why}")),
                Ok(print) => match print.pdq() {
                    None => export.flat.push(name),
                    Some(hash) => {
                        let other = print.img_hash().filter(|_| img_hash);
                        let other = other.map(|h| HashListEntry::img_hash(h, Some(name.clone())));
                        let pdq = HashListEntry::pdq(hash, print.pdq_quality(), Some(name));
                        let entries = std::iter::once(pdq).chain(other);
                        export.hashes.extend(entries.map(|entry| ExportedHash {
                            sku: product.sku.clone(),
                            imported: false,
                            entry,
                        }));
                    }
                },
            }
        }
    }
    for row in app.store.reference_hashes().await? {
        match entry_of(&row) {
            Some(entry) => export.hashes.push(ExportedHash {
                sku: row.sku,
                imported: true,
                entry,
            }),
            None => {
                let (sku, label) = (row.sku, row.label);
                let why = "is damaged in the database; remove it and import its list again";
                export
                    .errors
                    .push(format!("imported hash {label} of {sku} {why}"));
            }
        }
    }
    Ok(export)
}

/// A stored hash as an entry of a list; nothing if the database was tampered with.
fn entry_of(row: &ReferenceHash) -> Option<HashListEntry> {
    let hash: PdqHash = row.hash.parse().ok()?;
    let pdq = row.algorithm == PDQ_ALGORITHM;
    let mut entry = HashListEntry::pdq(
        hash,
        row.quality.and_then(|quality| u8::try_from(quality).ok()),
        Some(row.label.clone()),
    );
    if !pdq {
        entry.algorithm = row.algorithm.clone();
        for (word, bytes) in entry.hash.iter_mut().zip(hash.to_bytes().chunks_exact(8)) {
            *word = u64::from_le_bytes(bytes.try_into().ok()?);
        }
    }
    Some(entry)
}
