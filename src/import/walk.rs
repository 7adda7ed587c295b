//! One pass through a file: its pages and pictures, one after the other.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::path::Path;

use bytes::Bytes;
use jiff::Timestamp;
use markhound_crawlers::capture::{CaptureLimits, Captured, Format, ImportOptions, import_file};
use markhound_crawlers::fetch::Exchange;
use markhound_crawlers::{Definition, TargetKind};
use url::Url;

use super::{ImportError, export};

/// The largest export that is read, in bytes: 64 MiB.
const MAX_EXPORT: u64 = 64 << 20;
/// The most of an entry's headers that is kept, in bytes.
const MAX_HEADERS: usize = 8 << 10;

/// How a file is read.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The address of a saved page, or what an export's addresses are relative to.
    pub url: Option<Url>,
    /// What reads the pages; without one they are read as those of any shop.
    pub definition: Option<Definition>,
}

/// What an entry is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// It may hold listings.
    Page(TargetKind),
    /// It may be a listing's picture.
    Picture,
    /// It leads elsewhere.
    Redirect(Url),
}

/// A page or a picture of the file.
#[derive(Debug, Clone)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// As it was.
    pub exchange: Exchange,
    /// Where it stands in the file.
    pub place: String,
    /// Whether the time is the file's own; else it is that of the import.
    pub is_dated: bool,
}

/// What the pass came upon.
#[derive(Debug)]
pub enum Step {
    /// Something to read.
    Found(Box<Found>),
    /// An entry or a row that cannot be read, with its place.
    Broken(String),
    /// Something guessed or ignored.
    Warning(String),
}

/// What a pass left out: what it was, and how often.
pub type LeftOut = BTreeMap<&'static str, u64>;

/// Goes through a file, which is told by its content; a break ends it. Gives
/// the format of a capture, none for an export, and what was left out.
///
/// # Errors
/// When the file as a whole cannot be read.
pub fn walk(
    path: &Path,
    options: &Options,
    now: Timestamp,
    each: &mut dyn FnMut(Step) -> ControlFlow<()>,
) -> Result<(Option<Format>, LeftOut), ImportError> {
    if export::is_export(path, &head(path)?) {
        listings(path, options, now, each)?;
        return Ok((None, LeftOut::new()));
    }
    let import = ImportOptions {
        limits: CaptureLimits::default(),
        url: options.url.clone(),
    };
    let mut left_out = LeftOut::new();
    let format = import_file(path, &import, &mut |entry| {
        let captured = match entry {
            Ok(captured) => captured,
            Err(error) => return each(Step::Broken(error.to_string())),
        };
        match sort(captured, options, now, import.limits.record_bytes) {
            Ok(found) => each(Step::Found(Box::new(found))),
            Err(NotKept::For(why)) => {
                *left_out.entry(why).or_default() += 1;
                ControlFlow::Continue(())
            }
            Err(NotKept::Broken(why)) => each(Step::Broken(why)),
        }
    })?;
    Ok((Some(format), left_out))
}

fn head(path: &Path) -> Result<Vec<u8>, ImportError> {
    let failed = |source| ImportError::Read {
        path: path.to_owned(),
        source,
    };
    let mut head = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(512).read_to_end(&mut head).map_err(failed)?;
    Ok(head)
}

/// The whole export is one list of listings.
fn listings(
    path: &Path,
    options: &Options,
    now: Timestamp,
    each: &mut dyn FnMut(Step) -> ControlFlow<()>,
) -> Result<(), ImportError> {
    let failed = |source| ImportError::Read {
        path: path.to_owned(),
        source,
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(MAX_EXPORT + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > MAX_EXPORT {
        return Err(ImportError::TooLarge {
            path: path.to_owned(),
            limit: MAX_EXPORT,
        });
    }
    let name = super::file_name(path);
    let export = export::read(
        &name,
        &bytes,
        options.url.as_ref(),
        options.definition.as_ref(),
    )?;
    let notes = export
        .errors
        .iter()
        .map(|error| Step::Broken(format!("{name}: {error}")));
    let warnings = export
        .warnings
        .iter()
        .map(|warning| Step::Warning(format!("{name}: {warning}")));
    for note in warnings.chain(notes) {
        if each(note).is_break() {
            return Ok(());
        }
    }
    let headers = vec![("content-type".to_owned(), "text/plain".to_owned())];
    let exchange = Exchange::saved(export_url(&name), 200, headers, Bytes::from(bytes), now);
    // Nothing comes after it.
    let _ = each(Step::Found(Box::new(Found {
        kind: Kind::Page(TargetKind::List),
        exchange,
        place: name,
        is_dated: false,
    })));
    Ok(())
}

/// The address an export goes by: it came from nowhere else.
fn export_url(name: &str) -> Url {
    let mut url = Url::parse("file:///").unwrap_or_else(|_| unreachable!("a constant"));
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().push(name);
    }
    url
}

enum NotKept {
    /// It is of no use here.
    For(&'static str),
    /// It cannot be read.
    Broken(String),
}

fn sort(
    captured: Captured,
    options: &Options,
    now: Timestamp,
    limit: usize,
) -> Result<Found, NotKept> {
    if !matches!(captured.url.scheme(), "http" | "https") || !captured.url.has_host() {
        return Err(NotKept::For("parts without a web address"));
    }
    if captured.method != "GET" {
        return Err(NotKept::For("answers to other requests than GET"));
    }
    let is_redirect = (300..400).contains(&captured.status);
    let body = match is_redirect {
        true => Bytes::new(),
        false => captured
            .body(limit)
            .map_err(|error| NotKept::Broken(format!("{}: {error}", captured.provenance)))?,
    };
    let kind = match is_redirect {
        true => redirect(&captured)?,
        false => kind(&captured, &body, options)?,
    };
    let port = captured.url.port_or_known_default().unwrap_or(0);
    let at = captured.at.unwrap_or(now);
    let headers = headers(captured.headers);
    let mut exchange = Exchange::saved(captured.url, captured.status, headers, body, at);
    exchange.peer = captured.peer.map(|ip| SocketAddr::new(ip, port));
    Ok(Found {
        kind,
        exchange,
        place: captured.provenance,
        is_dated: captured.at.is_some(),
    })
}

fn redirect(captured: &Captured) -> Result<Kind, NotKept> {
    let to = captured.header("location").filter(|to| to.len() <= 4096);
    let url = to.and_then(|to| captured.url.join(to).ok());
    url.map(Kind::Redirect)
        .ok_or(NotKept::For("redirects to nowhere"))
}

fn kind(captured: &Captured, body: &[u8], options: &Options) -> Result<Kind, NotKept> {
    let media = captured.header("content-type").unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    let media = media.to_ascii_lowercase();
    let is_good = (200..300).contains(&captured.status);
    if body.is_empty() {
        return Err(NotKept::For("answers without a body"));
    }
    if is_picture(body) || media.starts_with("image/") {
        return match is_good {
            true => Ok(Kind::Picture),
            false => Err(NotKept::For("errors in place of pictures")),
        };
    }
    let is_html = media == "text/html"
        || media == "application/xhtml+xml"
        || media.is_empty() && body.trim_ascii_start().starts_with(b"<");
    let is_json = media.ends_with("json") && options.definition.is_some();
    if !is_html && !is_json {
        return Err(NotKept::For(
            "scripts, styles and other things that are no page or picture",
        ));
    }
    match &options.definition {
        None => Ok(Kind::Page(TargetKind::Item)),
        Some(definition) => match definition.kind_of(&captured.url) {
            Some(kind) => Ok(Kind::Page(kind)),
            None if definition.allows(&captured.url) => {
                Err(NotKept::For("pages that are no items of the source"))
            }
            None => Err(NotKept::For("pages of other hosts than the source's")),
        },
    }
}

/// What pictures begin with, whatever their headers say.
fn is_picture(body: &[u8]) -> bool {
    let begins: [&[u8]; 4] = [b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"BM"];
    begins.iter().any(|magic| body.starts_with(magic))
        || body.starts_with(b"RIFF") && body.get(8..12) == Some(b"WEBP")
        || body.get(4..12) == Some(b"ftypavif")
}

/// The headers that hold for a decoded body. Cookies are the analyst's own.
fn headers(captured: Vec<(String, String)>) -> Vec<(String, String)> {
    const OF_THE_TRANSFER: [&str; 3] = ["content-encoding", "content-length", "transfer-encoding"];
    let mut kept = 0;
    captured
        .into_iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .filter(|(name, _)| !OF_THE_TRANSFER.contains(&name.as_str()))
        .map(|(name, value)| match name.as_str() {
            "set-cookie" => (name, "[redacted]".to_owned()),
            _ => (name, value),
        })
        .take_while(|(name, value)| {
            kept += name.len() + value.len();
            kept <= MAX_HEADERS
        })
        .collect()
}
