//! The JSON files of a packet, and what its pictures are called.

use serde_json::{Value, json};

use super::dossier::Dossier;
use super::outward::Shown;
use super::{FORMAT, VERSION, wacz};
use crate::store::captures::StoredRecords;
use crate::store::listings::{Capture, ListingPicture};

/// What each file of a packet is, in the order they stand in it.
const CONTENTS: [(&str, &str); 17] = [
    ("packet.json", "this file: what the packet is about"),
    (
        "listing.json",
        "the listing as read, each value with where it came from",
    ),
    (
        "evidence.json",
        "what matched and why; its SHA-256 is the case's evidence_hash",
    ),
    ("decisions.json", "the decisions of reviewers, oldest first"),
    ("notices.json", "the notices and their dated steps"),
    (
        "product.json",
        "the product, its rights and reference photos",
    ),
    (
        "custody.jsonl",
        "the audit events of the case, an event a line, with their chain hashes",
    ),
    (
        "withheld.json",
        "outward form only: what the full form has beside this, by SHA-256",
    ),
    ("schemas/*.schema.json", "JSON Schemas of the files above"),
    (
        "captures/<id>.json",
        "an HTTP exchange: request, answer's headers, redirects, peer, time, hash",
    ),
    (
        "captures/<id>.body",
        "the body of that answer, decoded, byte for byte",
    ),
    (
        "captures.wacz",
        "the same exchanges as received, packed as they were, in the WARC 1.1 records of the scan, as a web archive that replays (WACZ 1.1.1)",
    ),
    (
        "pictures/<position>-<sha256>.<extension>",
        "a picture of the listing as captured",
    ),
    (
        "references/<number>-<sha256>.<extension>",
        "a reference photo of the product",
    ),
    ("report.html", "all of it to read"),
    ("report.pdf", "the same to print and file (PDF/A-1b)"),
    (
        "declaration.pdf",
        "a form for a person who can declare how these records were made",
    ),
];

/// A picture that goes into the packet under a name made of its place and hash.
#[derive(Debug, Clone)]
pub(super) struct PictureFile {
    pub path: String,
    pub blob: String,
}

/// The name of the listing's picture at a position.
pub(super) fn picture_path(position: i64, blob: &str, bytes: &[u8]) -> String {
    format!("pictures/{position:02}-{blob}.{}", extension(bytes))
}

/// The name of the product's reference photo with a number.
pub(super) fn reference_path(number: usize, blob: &str, bytes: &[u8]) -> String {
    format!("references/{number:02}-{blob}.{}", extension(bytes))
}

/// The extension the bytes deserve, whatever they were served as.
fn extension(bytes: &[u8]) -> &'static str {
    use image::ImageFormat;
    match image::guess_format(bytes) {
        Ok(ImageFormat::Jpeg) => "jpg",
        Ok(ImageFormat::Png) => "png",
        Ok(ImageFormat::WebP) => "webp",
        Ok(ImageFormat::Gif) => "gif",
        Ok(ImageFormat::Bmp) => "bmp",
        Ok(ImageFormat::Tiff) => "tiff",
        _ => "bin",
    }
}

/// A JSON document for people and programs.
pub(super) fn pretty(document: &Value) -> Vec<u8> {
    format!("{document:#}\n").into_bytes()
}

pub(super) fn packet(
    dossier: &Dossier,
    picture: Option<&PictureFile>,
    reference: Option<&PictureFile>,
    outward: bool,
) -> Value {
    let case = &dossier.case;
    let files: Vec<Value> = CONTENTS
        .iter()
        .map(|(path, what)| json!({ "path": path, "what": what }))
        .collect();
    json!({
        "format": FORMAT,
        "version": VERSION,
        "form": if outward { "outward" } else { "full" },
        "software": { "name": "markhound", "version": env!("CARGO_PKG_VERSION") },
        "exported_at": dossier.exported_at,
        "case": {
            "id": case.id,
            "state": case.state,
            "score": case.score,
            "kind": case.kind,
            "decided_kind": case.decided_kind,
            "model": case.model,
            "evidence_hash": case.evidence_hash,
            "created_at": case.created_at,
            "updated_at": case.updated_at,
        },
        "product": { "sku": case.sku, "brand": case.brand, "name": case.product },
        "listing": {
            "source": case.source,
            "item_id": case.item_id,
            "url": case.url,
            "title": case.title,
            "seller": case.seller,
            "price": case.price_amount,
            "currency": case.price_currency,
        },
        "matched": {
            "picture": picture.map(|file| &file.path),
            "reference": reference.map(|file| &file.path),
        },
        "files": files,
    })
}

pub(super) fn listing(dossier: &Dossier, files: &[PictureFile]) -> Value {
    let pictures: Vec<Value> = dossier
        .pictures
        .iter()
        .map(|picture| picture_entry(picture, files))
        .collect();
    let mut document = json!(dossier.listing);
    document["pictures"] = Value::Array(pictures);
    document
}

fn picture_entry(picture: &ListingPicture, files: &[PictureFile]) -> Value {
    let prefix = format!("pictures/{:02}-", picture.position);
    let file = files
        .iter()
        .find(|file| file.path.starts_with(&prefix) && Some(&file.blob) == picture.blob.as_ref());
    json!({
        "position": picture.position,
        "url": picture.url,
        "sha256": picture.blob,
        "width": picture.width,
        "height": picture.height,
        "capture": picture.capture_id,
        "error": picture.error,
        "file": file.map(|file| &file.path),
    })
}

pub(super) fn product(dossier: &Dossier, files: &[PictureFile]) -> Value {
    let references: Vec<Value> = dossier
        .references
        .iter()
        .map(|photo| {
            let file = files.iter().find(|file| file.blob == photo.blob);
            json!({
                "id": photo.id,
                "file_name": photo.file_name,
                "sha256": photo.blob,
                "width": photo.width,
                "height": photo.height,
                "hash_algorithm": photo.algorithm,
                "file": file.map(|file| &file.path),
                "withheld": file.is_none(),
            })
        })
        .collect();
    let mut document = json!(dossier.product);
    document["rights"] = json!(dossier.rights);
    document["references"] = Value::Array(references);
    document
}

pub(super) fn notices(dossier: &Dossier) -> Value {
    json!({ "notices": dossier.notices, "events": dossier.notice_events })
}

/// A capture, and where it stands among the WARC records.
pub(super) fn capture(capture: &Capture, warc: Option<(&StoredRecords, &Vec<String>)>) -> Value {
    let warc = warc.map(|(place, records)| {
        json!({
            "file": wacz::NAME,
            "archive": format!("{}{}", wacz::ARCHIVE, super::warc::NAME),
            "record": place.record,
            "payload": place.payload,
            "records": records,
        })
    });
    json!({
        "id": capture.id,
        "kind": capture.kind,
        "url": capture.url,
        "final_url": capture.final_url,
        "redirects": capture.hops,
        "request_headers": capture.request,
        "status": capture.status,
        "headers": capture.headers,
        "peer": capture.peer,
        "fetched_at": capture.fetched_at,
        "body": format!("captures/{}.body", capture.id),
        "size": capture.size,
        "sha256": capture.blob,
        "warc": warc,
    })
}

/// The audit events, one a line. `detail` is the text that is hashed, so that
/// anybody can compute the hash: SHA-256 of the JSON array `[seq, at_ms, actor,
/// action, subject, detail, prev_hash]` without white space.
pub(super) fn custody(events: &[Shown]) -> Vec<u8> {
    let mut lines = String::new();
    for Shown { event, withheld } in events {
        let mut line = json!({
            "seq": event.seq,
            "at": event.at,
            "at_ms": event.at.0,
            "actor": event.actor,
            "action": event.action,
            "subject": event.subject,
            "detail": event.detail.0.to_string(),
            "prev_hash": event.prev_hash,
            "hash": event.hash,
        });
        if !withheld.is_empty() {
            line["withheld"] = json!(withheld);
        }
        lines.push_str(&line.to_string());
        lines.push('\n');
    }
    lines.into_bytes()
}
