//! Exchanges out of what others captured, whatever the file's format.

mod har;
mod mhtml;
mod mime;
mod saved;
mod wacz;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::Path;

use flate2::bufread::GzDecoder;
use url::Url;

use super::error::{CaptureError, Problem};
use super::exchange::Captured;
use super::limits::CaptureLimits;
use super::pair::Exchanges;

/// What a capture file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// WARC 1.0 or 1.1 (ISO 28500), plain or gzipped.
    Warc,
    /// A WACZ: a ZIP file with WARC files in `archive/`.
    Wacz,
    /// HTTP Archive 1.2, from a browser's developer tools.
    Har,
    /// MIME `multipart/related` (RFC 2557), a page saved as one file.
    Mhtml,
    /// A page saved as HTML, perhaps with a folder of files beside it.
    SavedPage,
}

/// How a file is imported.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// What reading may cost.
    pub limits: CaptureLimits,
    /// The URL of a saved page, if the user knows it; it counts before what
    /// the page says of itself.
    pub url: Option<Url>,
}

/// Takes what is found, one exchange or broken entry at a time; a break ends
/// the import.
pub(super) type Each<'a> = dyn FnMut(Result<Captured, CaptureError>) -> ControlFlow<()> + 'a;

/// Reads the exchanges of a file and hands each to `each`.
///
/// The format is told by the content. An entry that is broken is handed over
/// as an error with its place, and the rest goes on. Beside a saved page the
/// files of its folder (`page_files`) are exchanges too, under the URLs at
/// which the page names them.
///
/// # Errors
/// Only what keeps the file from being read at all: it cannot be opened, or is
/// none of the formats. Everything else goes to `each`.
pub fn import_file(
    path: &Path,
    options: &ImportOptions,
    each: &mut Each<'_>,
) -> Result<Format, CaptureError> {
    let name = path.file_name().unwrap_or(path.as_os_str());
    let name = name.to_string_lossy();
    let file = File::open(path).map_err(|error| CaptureError::new(name.as_ref(), error))?;
    let mut page = None;
    let format = import(file, &name, options, &mut |found| {
        if let (None, Ok(captured)) = (&page, &found) {
            page = Some(captured.url.clone());
        }
        each(found)
    })?;
    if let (Format::SavedPage, Some(page)) = (format, page) {
        // A break has nothing left to end here.
        let _ = saved::folder(path, &page, options, each);
    }
    Ok(format)
}

/// As [`import_file`], out of anything that can be read and searched; `name`
/// stands in provenances and errors.
///
/// # Errors
/// As [`import_file`].
pub fn import<S: Read + Seek>(
    mut source: S,
    name: &str,
    options: &ImportOptions,
    each: &mut Each<'_>,
) -> Result<Format, CaptureError> {
    let failed = |error| CaptureError::new(name, error);
    let format = detect(&mut source).map_err(failed)?;
    // Everything has been said by then, to `each` or as an error.
    let _ = match format {
        Format::Warc => warc(source, name, &options.limits, each)?,
        Format::Wacz => wacz::import(source, name, &options.limits, each)?,
        Format::Har => har::import(source, name, options, each),
        Format::Mhtml => {
            mhtml::import(whole(source, options).map_err(failed)?, name, options, each)
        }
        Format::SavedPage => {
            saved::import(whole(source, options).map_err(failed)?, name, options, each)
        }
    };
    Ok(format)
}

fn warc(
    source: impl Read,
    name: &str,
    limits: &CaptureLimits,
    each: &mut Each<'_>,
) -> Result<ControlFlow<()>, CaptureError> {
    Ok(Exchanges::new(source, name, *limits)?.try_for_each(each))
}

/// Tells the format by the first bytes, and goes back to the beginning.
fn detect<S: Read + Seek>(source: &mut S) -> Result<Format, Problem> {
    let mut head = Vec::new();
    source.by_ref().take(8192).read_to_end(&mut head)?;
    source.seek(SeekFrom::Start(0))?;
    if head.starts_with(&[0x1f, 0x8b]) {
        let mut unpacked = Vec::new();
        // The head breaks off, but its first bytes are there.
        let _ = GzDecoder::new(&head[..])
            .take(512)
            .read_to_end(&mut unpacked);
        return match begins_warc(&unpacked) {
            true => Ok(Format::Warc),
            false => Err(Problem::UnknownFormat),
        };
    }
    if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) || head.get(1..4) == Some(&[0x2a, 0x4d, 0x18]) {
        return Err(Problem::Zstandard);
    }
    if head.starts_with(b"PK\x03\x04") {
        return Ok(Format::Wacz);
    }
    if begins_warc(&head) {
        return Ok(Format::Warc);
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
    let text = text.trim_ascii_start();
    if text.starts_with(b"{") {
        return Ok(Format::Har);
    }
    if mime::begins_message(text) {
        return Ok(Format::Mhtml);
    }
    // UTF-16 has zeros between its characters.
    if text.iter().find(|byte| **byte > b' ' && **byte < 0x80) == Some(&b'<') {
        return Ok(Format::SavedPage);
    }
    Err(Problem::UnknownFormat)
}

fn begins_warc(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"WARC/")
}

fn whole(source: impl Read, options: &ImportOptions) -> Result<Vec<u8>, Problem> {
    let limit = options.limits.document_bytes as u64;
    let mut bytes = Vec::new();
    source.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let what = "the file";
        return Err(Problem::TooLarge { what, limit });
    }
    Ok(bytes)
}

/// Hands problems on until there are too many of them.
pub(super) struct Reporter<'a, 'b> {
    pub name: &'a str,
    pub limits: &'a CaptureLimits,
    pub each: &'a mut Each<'b>,
    problems: usize,
    entries: usize,
}

impl<'a, 'b> Reporter<'a, 'b> {
    pub(super) fn new(name: &'a str, limits: &'a CaptureLimits, each: &'a mut Each<'b>) -> Self {
        Self {
            name,
            limits,
            each,
            problems: 0,
            entries: 0,
        }
    }

    /// The place of the entry that comes next.
    pub(super) fn place(&self) -> String {
        format!("{}#{}", self.name, self.entries)
    }

    /// Hands over one entry.
    pub(super) fn entry(&mut self, entry: Result<Captured, Problem>) -> ControlFlow<()> {
        let place = self.place();
        self.entries += 1;
        if self.entries > self.limits.entries {
            return self.too_many("entries", self.limits.entries);
        }
        match entry {
            Ok(captured) => (self.each)(Ok(captured)),
            Err(problem) => self.problem(place, problem),
        }
    }

    /// Hands over a problem that is not one entry's.
    pub(super) fn problem(&mut self, place: String, problem: Problem) -> ControlFlow<()> {
        self.problems += 1;
        if self.problems > self.limits.problems {
            return self.too_many("broken entries", self.limits.problems);
        }
        (self.each)(Err(CaptureError::new(place, problem)))
    }

    fn too_many(&mut self, what: &'static str, limit: usize) -> ControlFlow<()> {
        let problem = Problem::TooMany { what, limit };
        // The import ends here in any case.
        let _ = (self.each)(Err(CaptureError::new(self.name, problem)));
        ControlFlow::Break(())
    }
}
