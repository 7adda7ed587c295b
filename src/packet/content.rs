//! What stands in a packet, gathered and then written in the order that
//! `packet.json` tells.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::{Value, json};

use super::bag::{Bag, Info, Sealed};
use super::dossier::{Dossier, subject};
use super::export::{Options, Out, base_name};
use super::files::{self, PictureFile};
use super::held::Held;
use super::keys::SigningKey;
use super::outward::{self, Shown, Withheld};
use super::{PacketError, pdf, report, wacz, warc};
use crate::blobs::Blobs;
use crate::bodies::Bodies;
use crate::print::{FontFiles, Fonts};

/// What of the product's record an outward packet lacks.
const PRODUCT_LEFT_OUT: &str =
    "authorised sellers and keywords; in which file a confidential photo lies";
/// How many bytes tell the format of a picture.
const FORMAT: u64 = 64;
const README: &str = include_str!("templates/README.txt");
/// The schemas of the JSON files.
const SCHEMAS: [(&str, &str); 4] = [
    (
        "schemas/listing.schema.json",
        include_str!("schemas/listing.schema.json"),
    ),
    (
        "schemas/evidence.schema.json",
        include_str!("schemas/evidence.schema.json"),
    ),
    (
        "schemas/decisions.schema.json",
        include_str!("schemas/decisions.schema.json"),
    ),
    (
        "schemas/custody.schema.json",
        include_str!("schemas/custody.schema.json"),
    ),
];

/// What a packet is made from, beside the database.
pub(super) struct Sources {
    pub blobs: Blobs,
    pub captures: PathBuf,
    pub organisation: Option<String>,
    pub fonts: FontFiles,
    /// Reference photos that were made ready for a document before.
    pub photos: Arc<pdf::Remembered>,
}

/// Everything that goes into a packet.
pub(super) struct Content {
    sources: Sources,
    options: Options,
    dossier: Dossier,
    log: Vec<Shown>,
    withheld: Vec<Withheld>,
    pictures: Vec<PictureFile>,
    references: Vec<PictureFile>,
    /// The names of the records of each capture.
    records: std::collections::BTreeMap<i64, Vec<String>>,
    archive: Option<wacz::Unsigned>,
    signed: Option<Value>,
}

impl Content {
    /// Reads what is needed from the disk.
    ///
    /// # Errors
    /// When a picture or a record is missing or damaged.
    pub fn gather(sources: Sources, full: Dossier, options: Options) -> Result<Self, PacketError> {
        let blobs = &sources.blobs;
        let pictures = picture_files(blobs, &full)?;
        let mut references = reference_files(blobs, &full)?;
        let product = |of: &Dossier, references: &[PictureFile]| {
            files::pretty(&files::product(of, references))
        };
        let whole = options.outward.then(|| product(&full, &references));
        let (dossier, log, mut withheld) = match options.outward {
            true => outward::outward(&full),
            false => {
                let log = outward::whole(&full.custody);
                (full, log, Vec::new())
            }
        };
        if options.outward && outward::is_confidential(&dossier) {
            for file in &references {
                let bytes = blobs.get(&file.blob)?;
                withheld.push(outward::entry(
                    &file.path,
                    &bytes,
                    "all of it: a confidential photo",
                ));
            }
            references.clear();
        }
        if let Some(whole) = whole
            && product(&dossier, &references) != whole
        {
            withheld.push(outward::entry("product.json", &whole, PRODUCT_LEFT_OUT));
        }
        let cut = warc::cut(&sources.captures, &dossier)?;
        let (archive, records) = match cut {
            Some(cut) => {
                let archive = wacz::prepare(&dossier, warc::NAME, cut.bytes)?;
                (Some(archive), cut.records)
            }
            None => (None, std::collections::BTreeMap::new()),
        };
        Ok(Self {
            options,
            dossier,
            log,
            withheld,
            pictures,
            references,
            records,
            archive,
            signed: None,
            sources,
        })
    }

    /// What the bag's folder and file are called.
    fn name(&self) -> String {
        base_name(self.dossier.case.id, &self.options)
    }

    /// The captures' archive, before it is signed.
    pub const fn archive(&self) -> Option<&wacz::Unsigned> {
        self.archive.as_ref()
    }

    /// Puts a signature into that.
    pub fn sign_archive(&mut self, signed: Value) {
        self.signed = Some(signed);
    }

    /// Writes every file.
    pub fn write<W: Out>(mut self, out: W, key: &SigningKey) -> Result<Sealed<W>, PacketError> {
        let (archive, signed) = (self.archive.take(), self.signed.take());
        let dossier = &self.dossier;
        let shown = |files: &[PictureFile], blob: &Option<String>| -> Option<PictureFile> {
            let found = files.iter().find(|file| Some(&file.blob) == blob.as_ref());
            found.cloned()
        };
        let picture = shown(&self.pictures, &dossier.case.picture_blob);
        let reference = shown(&self.references, &dossier.case.reference_blob);
        let mut bag = Bag::begin(out, &self.name())?;
        bag.tag("README.txt", README.as_bytes())?;
        let packet = files::packet(
            dossier,
            picture.as_ref(),
            reference.as_ref(),
            self.options.outward,
        );
        let listing = files::listing(dossier, &self.pictures);
        bag.add("packet.json", &files::pretty(&packet))?;
        bag.add("listing.json", &files::pretty(&listing))?;
        // As it is stored, so that its SHA-256 is the one on record.
        let evidence = dossier.case.evidence.0.to_string();
        bag.add("evidence.json", evidence.as_bytes())?;
        let documents = [
            ("decisions.json", json!(dossier.decisions)),
            ("notices.json", files::notices(dossier)),
            ("product.json", files::product(dossier, &self.references)),
        ];
        for (path, document) in &documents {
            bag.add(path, &files::pretty(document))?;
        }
        bag.add("custody.jsonl", &files::custody(&self.log))?;
        if self.options.outward {
            bag.add("withheld.json", &files::pretty(&json!(self.withheld)))?;
        }
        for (path, schema) in SCHEMAS {
            bag.add(path, schema.as_bytes())?;
        }
        let bodies = Bodies {
            blobs: &self.sources.blobs,
            folder: &self.sources.captures,
            records: &dossier.warc,
            originals: &dossier.originals,
        };
        let held = Held::of(&self.sources.blobs);
        let shown_again: BTreeSet<&str> = self.shown_again().collect();
        for capture in &dossier.captures {
            let records = self.records.get(&capture.id);
            let place = dossier.warc.iter().find(|place| place.id == capture.id);
            let described = files::pretty(&files::capture(capture, place.zip(records)));
            bag.add(&format!("captures/{}.json", capture.id), &described)?;
            let read = || bodies.get(capture);
            let body = match shown_again.contains(capture.blob.as_str()) {
                true => held.or(&capture.blob, read)?,
                false => Rc::new(read()?),
            };
            let path = format!("captures/{}.body", capture.id);
            bag.add_checked(&path, &body, &capture.blob)?;
        }
        if let Some(archive) = archive {
            bag.add(wacz::NAME, &archive.finish(signed)?)?;
        }
        for file in self.pictures.iter().chain(&self.references) {
            bag.add_checked(&file.path, &held.get(&file.blob)?, &file.blob)?;
        }
        let (language, outward) = (self.options.language, self.options.outward);
        let report = report::render(
            dossier,
            picture.as_ref(),
            reference.as_ref(),
            bag.written(),
            language,
            outward,
        )?;
        bag.add("report.html", report.as_bytes())?;
        let read = |file: &Option<PictureFile>| -> Result<Option<Rc<Vec<u8>>>, PacketError> {
            let file = file.as_ref();
            file.map(|file| Ok(held.get(&file.blob)?)).transpose()
        };
        let (listing, matched) = (read(&picture)?, read(&reference)?);
        let mut seen: BTreeSet<&str> = picture.iter().map(|file| file.blob.as_str()).collect();
        let others = self.pictures.iter().filter(|file| seen.insert(&file.blob));
        let pictures = pdf::Pictures {
            listing: listing.as_ref().map(|bytes| bytes.as_slice()),
            reference: reference
                .as_ref()
                .zip(matched.as_deref())
                .and_then(|(file, bytes)| self.sources.photos.or_made(&file.blob, bytes)),
            others: others.collect(),
            screenshots: self.screenshots(&bodies, &held)?,
            held: &held,
        };
        let fonts = Fonts::with(self.sources.fonts.clone());
        let report = pdf::report(dossier, &pictures, bag.written(), &fonts, language, outward)?;
        bag.add("report.pdf", &report)?;
        let public = key.public().fingerprint();
        let form = pdf::declaration(dossier, bag.written(), &public, &fonts, language)?;
        bag.add("declaration.pdf", &form)?;
        let case = &dossier.case;
        let info = Info {
            organisation: self.sources.organisation.as_deref(),
            identifier: subject(case.id),
            description: format!(
                "Evidence about {} of {} on {}",
                case.product, case.brand, case.source
            ),
            at: dossier.exported_at,
        };
        bag.seal(&info, key)
    }
}

impl Content {
    /// The hashes of what stands in the packet, or is set in the report, beside being
    /// the body of a capture.
    fn shown_again(&self) -> impl Iterator<Item = &str> {
        let files = self.pictures.iter().chain(&self.references);
        let shots = report::last_screenshots(&self.dossier).into_iter();
        files
            .map(|file| file.blob.as_str())
            .chain(shots.map(|capture| capture.blob.as_str()))
    }

    /// The last picture of each page as a browser showed it.
    fn screenshots(
        &self,
        bodies: &Bodies<'_>,
        held: &Held<'_>,
    ) -> Result<Vec<pdf::Screenshot<'_>>, PacketError> {
        report::last_screenshots(&self.dossier)
            .into_iter()
            .map(|capture| Ok((capture, held.or(&capture.blob, || bodies.get(capture))?)))
            .collect()
    }
}

/// Names the listing's pictures, by the format that they begin like.
fn picture_files(blobs: &Blobs, dossier: &Dossier) -> Result<Vec<PictureFile>, PacketError> {
    let mut files = Vec::new();
    for picture in &dossier.pictures {
        if let Some(blob) = &picture.blob {
            files.push(PictureFile {
                path: files::picture_path(picture.position, blob, &blobs.beginning(blob, FORMAT)?),
                blob: blob.clone(),
            });
        }
    }
    Ok(files)
}

fn reference_files(blobs: &Blobs, dossier: &Dossier) -> Result<Vec<PictureFile>, PacketError> {
    let photos = dossier.references.iter().enumerate();
    photos
        .map(|(number, photo)| {
            Ok(PictureFile {
                path: files::reference_path(
                    number,
                    &photo.blob,
                    &blobs.beginning(&photo.blob, FORMAT)?,
                ),
                blob: photo.blob.clone(),
            })
        })
        .collect()
}
