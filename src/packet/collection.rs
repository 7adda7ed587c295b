//! One packet about several cases: those of a seller, or of a cluster.
//!
//! It is a bag like any other. In it lie the packets of the cases, each whole and
//! signed by itself, so that one of them can be handed on alone, and a list of them.

use std::path::Path;

use futures::StreamExt as _;
use serde_json::{Value, json};

use super::bag::{Bag, Info, Sealed};
use super::batch::UNFINISHED;
use super::export::{
    Exported, Options, Witnesses, at_a_time, blocking, export_with, finish, signing_key, temporary,
};
use super::keys::SigningKey;
use super::{COLLECTION, COLLECTION_VERSION, MAX_CASES, PacketError, files};
use crate::app::App;
use crate::blobs::sha256_hex;
use crate::store::cases::CaseRow;

const README: &str = include_str!("templates/COLLECTION.txt");

/// What the cases of one card have in common, which a case among them names.
#[must_use]
pub fn card_title(case: i64) -> String {
    format!("card of case {case}")
}

/// Writes one packet with those of all cases to `dir`. `title` says what they have in
/// common; the file is named by it.
///
/// # Errors
/// [`PacketError`]; a case whose packet cannot be written stops it, for the collection
/// would lack it silently.
pub async fn export_together(
    app: &App,
    actor: &str,
    ids: &[i64],
    title: &str,
    dir: &Path,
    options: &Options,
    each: &(dyn Fn(i64) + Sync),
) -> Result<Exported, PacketError> {
    if ids.len() > MAX_CASES {
        return Err(PacketError::TooManyCases { cases: ids.len() });
    }
    let key = signing_key(app, actor).await?;
    let witnesses = Witnesses::configured(app)?;
    // The parts lie beside the whole, where there is room for both.
    std::fs::create_dir_all(dir).map_err(|source| PacketError::Write {
        path: dir.to_owned(),
        source,
    })?;
    let parts = tempfile::TempDir::with_prefix_in(UNFINISHED[1], dir).map_err(|source| {
        PacketError::Write {
            path: dir.to_owned(),
            source,
        }
    })?;
    let form = Options {
        stays: false,
        ..*options
    };
    let (mut cases, mut notes) = (Vec::new(), Vec::new());
    let (parts, form, witnesses) = (&parts, &form, &witnesses);
    let mut written = futures::stream::iter(ids.iter().copied())
        .map(|id| async move {
            let exported = export_with(app, actor, id, parts.path(), form, witnesses).await?;
            Ok::<_, PacketError>((id, exported))
        })
        .buffered(at_a_time());
    while let Some(part) = written.next().await {
        let (id, exported) = part?;
        let told = exported
            .notes
            .iter()
            .map(|note| format!("case {id}: {note}"));
        notes.extend(told);
        cases.push((app.store.case(id).await?, exported));
        each(id);
    }
    let exported_at = app.clock.millis();
    let list: Vec<Value> = cases.iter().map(|(case, part)| entry(case, part)).collect();
    let document = json!({
        "format": COLLECTION,
        "version": COLLECTION_VERSION,
        "form": if options.outward { "outward" } else { "full" },
        "software": { "name": "markhound", "version": env!("CARGO_PKG_VERSION") },
        "exported_at": exported_at,
        "title": title,
        "cases": list,
    });
    let name = name(title, ids);
    let signer = key.public().id();
    let (folder, base) = (dir.to_owned(), name.clone());
    let organisation = app.config.notices.name.clone();
    let (identifier, count) = (name.clone(), ids.len());
    let about = title.to_owned();
    let sealed = blocking(move || {
        let paths: Vec<_> = cases.into_iter().map(|(_, part)| part.path).collect();
        let info = Info {
            organisation: organisation.as_deref(),
            identifier,
            description: format!("Evidence about {count} cases: {about}"),
            at: exported_at,
        };
        write(temporary(&folder)?, &base, &document, &paths, &info, &key)
    })
    .await?;
    let written = finish(
        dir,
        sealed,
        &witnesses.authorities,
        exported_at,
        (notes, Vec::new()),
    )
    .await?;
    let path = dir.join(format!("{name}.zip"));
    let detail = json!({ "sha256": written.sha256, "size": written.size, "cases": ids,
        "manifest": written.manifest, "key": signer, "outward": options.outward });
    app.store
        .audit(actor, "packet.export", &name, &detail)
        .await?;
    written
        .place(app, actor, &name, &signer, &path, options.stays)
        .await
}

fn entry(case: &CaseRow, part: &Exported) -> Value {
    json!({
        "case": case.id,
        "file": part_name(&part.path),
        "sha256": part.sha256,
        "manifest": part.manifest,
        "state": case.state,
        "source": case.source,
        "item_id": case.item_id,
        "url": case.url,
        "title": case.title,
        "seller": case.seller,
        "sku": case.sku,
    })
}

/// Where a part stands in the payload.
fn part_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!("cases/{name}")
}

fn write(
    file: tempfile::NamedTempFile,
    base: &str,
    document: &Value,
    parts: &[std::path::PathBuf],
    info: &Info<'_>,
    key: &SigningKey,
) -> Result<Sealed<tempfile::NamedTempFile>, PacketError> {
    let mut bag = Bag::begin(file, base)?;
    bag.tag("README.txt", README.as_bytes())?;
    bag.add("packet.json", &files::pretty(document))?;
    for path in parts {
        let bytes = std::fs::read(path).map_err(|source| PacketError::Read {
            path: path.clone(),
            source,
        })?;
        bag.add(&part_name(path), &bytes)?;
    }
    bag.seal(info, key)
}

/// A name of letters, digits and dashes, the same for the same cases.
fn name(title: &str, ids: &[i64]) -> String {
    let plain: String = title
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
    let plain: String = words.join("-").chars().take(40).collect();
    let plain = plain.trim_matches('-');
    let plain = if plain.is_empty() { "cases" } else { plain };
    format!(
        "{plain}-{}",
        &sha256_hex(format!("{ids:?}").as_bytes())[..8]
    )
}
