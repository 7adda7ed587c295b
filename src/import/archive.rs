//! A file's pages and pictures by their addresses, with the bytes in the blob
//! store: what a scan over it asks instead of the web.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::path::Path;

use bytes::Bytes;
use jiff::Timestamp;
use markhound_crawlers::capture::Format;
use markhound_crawlers::discover::identity;
use markhound_crawlers::fetch::Exchange;
use markhound_crawlers::{Definition, Target, TargetKind, embedded};
use serde_json::{Value, json};
use url::Url;

use super::ImportError;
use super::walk::{Found, Kind, LeftOut, Options, Step, walk};
use crate::blobs::{BlobError, Blobs};
use crate::store::imports::ImportedFile;

/// The most pages and pictures of one file.
const MAX_ENTRIES: usize = 100_000;
/// The most redirects followed within a file.
const MAX_HOPS: usize = 5;

/// A file that was read. Its bytes are in the blob store.
#[derive(Debug)]
pub struct Archive {
    /// The file.
    pub file: ImportedFile,
    /// What was left out.
    pub left_out: LeftOut,
    /// Entries and rows that could not be read, with their places.
    pub broken: Vec<String>,
    /// What was guessed or ignored.
    pub warnings: Vec<String>,
    options: Options,
    entries: HashMap<String, Entry>,
    /// Other spellings of an address.
    identities: HashMap<String, String>,
    /// For the files beside a saved page, whose addresses are the browser's
    /// invention: by name, where it is the only one.
    names: HashMap<String, Option<String>>,
    /// Keys of pages, in the file's order.
    pages: Vec<String>,
}

#[derive(Debug)]
struct Entry {
    kind: Kind,
    url: Url,
    status: u16,
    headers: Vec<(String, String)>,
    blob: String,
    at: Timestamp,
    is_dated: bool,
    peer: Option<SocketAddr>,
    place: String,
}

impl Archive {
    /// Reads a file, keeping the bytes of its pages and pictures. Blocks.
    ///
    /// # Errors
    /// When the file as a whole cannot be read, or the blobs cannot be written.
    pub fn read(
        path: &Path,
        file: ImportedFile,
        options: Options,
        blobs: &Blobs,
        now: Timestamp,
    ) -> Result<Self, ImportError> {
        let mut archive = Self {
            file,
            left_out: LeftOut::new(),
            broken: Vec::new(),
            warnings: Vec::new(),
            options: options.clone(),
            entries: HashMap::new(),
            identities: HashMap::new(),
            names: HashMap::new(),
            pages: Vec::new(),
        };
        let mut failed = None;
        let (format, left_out) = walk(path, &options, now, &mut |step| match step {
            Step::Broken(why) => {
                archive.broken.push(why);
                ControlFlow::Continue(())
            }
            Step::Warning(what) => {
                archive.warnings.push(what);
                ControlFlow::Continue(())
            }
            Step::Found(_) if archive.entries.len() >= MAX_ENTRIES => {
                archive.broken.push(format!(
                    "{}: more than {MAX_ENTRIES} pages and pictures; the rest is not read: split the file",
                    archive.file.name
                ));
                ControlFlow::Break(())
            }
            Step::Found(found) => match archive.keep(*found, blobs) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            },
        })?;
        if let Some(error) = failed {
            return Err(error.into());
        }
        archive.left_out = left_out;
        archive.index(format);
        Ok(archive)
    }

    fn keep(&mut self, found: Found, blobs: &Blobs) -> Result<(), BlobError> {
        let key = key(&found.exchange.url);
        let is_page = matches!(found.kind, Kind::Page(_));
        let slot = self.entries.entry(key.clone());
        if let Slot::Occupied(known) = &slot
            && !is_better(&found, known.get())
        {
            return Ok(());
        }
        let (exchange, is_dated) = (found.exchange, found.is_dated);
        let within = is_page.then(|| embedded::detach(&exchange.body)).flatten();
        let at = exchange.fetched_at;
        let place = format!("{}: a picture in the page", found.place);
        let page = exchange.url.clone();
        let entry = Entry {
            blob: blobs.put(&exchange.body)?,
            kind: found.kind,
            url: exchange.url,
            status: exchange.status,
            headers: exchange.headers,
            at: exchange.fetched_at,
            is_dated,
            peer: exchange.peer,
            place: found.place,
        };
        let before = match slot {
            Slot::Occupied(mut known) => Some(known.insert(entry)),
            Slot::Vacant(free) => {
                free.insert(entry);
                None
            }
        };
        let was_page = before.is_some_and(|before| matches!(before.kind, Kind::Page(_)));
        if is_page && !was_page {
            self.pages.push(key);
        }
        for picture in within.into_iter().flat_map(|within| within.pictures) {
            self.keep_within(picture, &page, (at, is_dated), &place, blobs)?;
        }
        Ok(())
    }

    /// Keeps a picture that stands in a page.
    fn keep_within(
        &mut self,
        picture: embedded::Embedded,
        page: &Url,
        (at, is_dated): (Timestamp, bool),
        place: &str,
        blobs: &Blobs,
    ) -> Result<(), BlobError> {
        let mut url = page.clone();
        url.set_fragment(Some(&picture.fragment));
        let key = key(&url);
        if self.entries.len() >= MAX_ENTRIES || self.entries.contains_key(&key) {
            return Ok(());
        }
        let entry = Entry {
            kind: Kind::Picture,
            url,
            status: 200,
            headers: vec![("content-type".to_owned(), picture.media)],
            blob: blobs.put(&picture.bytes)?,
            at,
            is_dated,
            peer: None,
            place: place.to_owned(),
        };
        self.entries.insert(key, entry);
        Ok(())
    }

    fn index(&mut self, format: Option<Format>) {
        let own = |(_, entry): &(&String, &Entry)| !embedded::is_embedded(&entry.url);
        for (key, entry) in self.entries.iter().filter(own) {
            self.identities
                .entry(identity(&entry.url))
                .or_insert_with(|| key.clone());
            if format == Some(Format::SavedPage) && entry.kind == Kind::Picture {
                self.names
                    .entry(last_segment(&entry.url))
                    .and_modify(|only| *only = None)
                    .or_insert_with(|| Some(key.clone()));
            }
        }
    }

    /// The definition that reads its pages, if it is one.
    #[must_use]
    pub fn definition(&self) -> Option<&Definition> {
        self.options.definition.as_ref()
    }

    /// What the addresses of an export are relative to.
    #[must_use]
    pub fn base(&self) -> Option<&Url> {
        self.options.url.as_ref()
    }

    /// Its pages in their order, as the targets of a scan.
    pub fn targets(&self) -> impl Iterator<Item = Target> {
        self.pages.iter().filter_map(|key| {
            let entry = self.entries.get(key)?;
            let Kind::Page(kind) = entry.kind else {
                return None;
            };
            Some(Target {
                kind,
                ..Target::item(entry.url.clone())
            })
        })
    }

    /// The exchange with a page or picture; none when it is not in the file.
    /// Blocks.
    ///
    /// # Errors
    /// When its bytes are gone from the blob store.
    pub fn exchange(&self, target: &Target, blobs: &Blobs) -> Result<Option<Exchange>, BlobError> {
        let Some(entry) = self.entry(target) else {
            return Ok(None);
        };
        let body = Bytes::from(blobs.get(&entry.blob)?);
        // A picture within several pages is asked for as that of one.
        let url = match embedded::is_embedded(&target.url) {
            true => target.url.clone(),
            false => entry.url.clone(),
        };
        let headers = entry.headers.clone();
        let mut exchange = Exchange::saved(url, entry.status, headers, body, entry.at);
        exchange.peer = entry.peer;
        Ok(Some(exchange))
    }

    /// Where a page or picture comes from, for its capture.
    #[must_use]
    pub fn provenance(&self, target: &Target) -> Value {
        let entry = self.entry(target);
        json!({
            "name": self.file.name,
            "sha256": self.file.sha256,
            "place": entry.map(|entry| &entry.place),
            "time": match entry {
                Some(entry) if entry.is_dated => "of the archive",
                _ => "of the import",
            },
        })
    }

    fn entry(&self, target: &Target) -> Option<&Entry> {
        let mut entry = self.at(&target.url, target.kind)?;
        for _ in 0..MAX_HOPS {
            let Kind::Redirect(to) = &entry.kind else {
                return Some(entry);
            };
            entry = self.at(to, target.kind)?;
        }
        None
    }

    fn at(&self, url: &Url, kind: TargetKind) -> Option<&Entry> {
        if let Some(entry) = self.entries.get(&key(url)) {
            return Some(entry);
        }
        if kind != TargetKind::Image || embedded::is_embedded(url) {
            return None;
        }
        let other = || self.names.get(&last_segment(url))?.as_ref();
        let same_port = |key: &&String| {
            // An identity leaves the port aside.
            let entry = self.entries.get(*key);
            entry.is_some_and(|entry| entry.url.port() == url.port())
        };
        let alike = self.identities.get(&identity(url)).filter(same_port);
        self.entries.get(alike.or_else(other)?)
    }
}

/// An answer counts before an error, and of two answers the later.
fn is_better(new: &Found, old: &Entry) -> bool {
    let is_good = |status: u16| (200..300).contains(&status);
    match (is_good(new.exchange.status), is_good(old.status)) {
        (true, false) => true,
        (false, true) => false,
        _ => new.exchange.fetched_at > old.at,
    }
}

/// An address without fragment and without what tells http from https. A
/// picture within a page goes by its content, whichever page it is in.
fn key(url: &Url) -> String {
    if let Some(fragment) = url.fragment().filter(|_| embedded::is_embedded(url)) {
        return format!("#{fragment}");
    }
    let mut url = url.clone();
    url.set_fragment(None);
    let text = url.as_str();
    match url.scheme() {
        "http" | "https" => text
            .split_once(':')
            .map_or(text, |(_, rest)| rest)
            .to_owned(),
        _ => text.to_owned(),
    }
}

fn last_segment(url: &Url) -> String {
    let mut segments = url.path_segments().into_iter().flatten();
    segments.next_back().unwrap_or_default().to_owned()
}
