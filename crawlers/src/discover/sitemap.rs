//! Sitemaps as shops really write them.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::MultiGzDecoder;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// The largest sitemap read after unpacking, in bytes (the format allows 50 MB).
const MAX_BYTES: u64 = 52_428_800;
/// The most entries read of one file (the format allows 50,000).
const MAX_ENTRIES: usize = 50_000;
/// The longest address, in bytes.
const MAX_LOCATION: usize = 8_192;
/// How often a file may be packed into itself.
const MAX_PACKED: usize = 2;

/// What stands in one sitemap file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Sitemap {
    /// Further sitemaps.
    pub maps: Vec<String>,
    /// Pages.
    pub pages: Vec<String>,
}

/// Reads a sitemap, an index of sitemaps, an RSS or Atom feed, or a plain list
/// of URLs; gzipped (twice at most) if it begins with gzip's magic bytes,
/// whatever it is called.
///
/// Broken XML gives what stood before the break; namespaces are ignored, and
/// entities that a document declares are not expanded. None when nothing in it
/// looks like a sitemap.
pub(crate) fn read(bytes: &[u8]) -> Option<Sitemap> {
    read_in(bytes, None)
}

/// The same in one language (BCP 47): a page that names its version in that
/// language (`<xhtml:link rel="alternate" hreflang="…">`) gives that one.
pub(crate) fn read_in(bytes: &[u8], language: Option<&str>) -> Option<Sitemap> {
    let mut unpacked = Cow::Borrowed(bytes);
    for _ in 0..MAX_PACKED {
        if !unpacked.starts_with(&[0x1f, 0x8b]) {
            break;
        }
        let mut out = Vec::new();
        // A file that breaks off is read as far as it goes.
        let _ = MultiGzDecoder::new(&*unpacked)
            .take(MAX_BYTES)
            .read_to_end(&mut out);
        unpacked = Cow::Owned(out);
    }
    let (text, ..) = encoding_rs::UTF_8.decode(&unpacked);
    let text = text.trim_start();
    if text.starts_with("http://") || text.starts_with("https://") {
        let lines = text
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with("http") && line.len() <= MAX_LOCATION);
        return Some(Sitemap {
            maps: Vec::new(),
            pages: lines.take(MAX_ENTRIES).map(str::to_owned).collect(),
        });
    }
    read_xml(text, language)
}

fn read_xml(text: &str, language: Option<&str>) -> Option<Sitemap> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut state = State {
        language: language.map(plain),
        ..State::default()
    };
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(start) => state.start(&start),
            Event::Empty(start) => {
                state.start(&start);
                state.location = None;
            }
            Event::Text(part) => state.push(&part.xml10_content()),
            Event::CData(part) => state.push(&part.into_inner()),
            Event::GeneralRef(name) => match name.resolve_char_ref() {
                Ok(Some(c)) => state.push(c.encode_utf8(&mut [0; 4])),
                _ => state.push(entity(&name.into_inner())),
            },
            Event::End(end) => state.end(end.local_name().as_ref()),
            Event::Eof => break,
            _ => {}
        }
        if state.sitemap.maps.len() + state.sitemap.pages.len() >= MAX_ENTRIES {
            break;
        }
    }
    state.known.then_some(state.sitemap)
}

/// Where in a document the reader is.
#[derive(Default)]
struct State {
    sitemap: Sitemap,
    known: bool,
    is_index: bool,
    /// Of the entry's element: `image:loc` has the local name of `loc`.
    prefix: Option<String>,
    in_entry: bool,
    location: Option<String>,
    /// The language that is wanted, and where the page under way has it.
    language: Option<String>,
    version: Version,
}

/// A page's version in the language that is wanted.
#[derive(Default)]
struct Version {
    /// How many pages there were before this one.
    pages_before: usize,
    href: Option<String>,
    is_exact: bool,
}

impl State {
    fn start(&mut self, start: &BytesStart<'_>) {
        let (name, local) = (start.name(), start.local_name());
        let prefix = name
            .as_ref()
            .strip_suffix(local.as_ref())
            .unwrap_or_default();
        match local.as_ref() {
            "sitemapindex" | "sitemap" => self.entry(true, prefix),
            "urlset" | "url" => {
                self.entry(false, prefix);
                self.version = Version {
                    pages_before: self.sitemap.pages.len(),
                    ..Version::default()
                };
            }
            "rss" | "feed" | "RDF" => self.known = true,
            // A feed's own address stands outside its entries.
            "item" | "entry" => self.in_entry = true,
            "loc" if self.prefix.as_deref() == Some(prefix) => self.location = Some(String::new()),
            "link" if self.in_entry && prefix.is_empty() => match link_of(start) {
                Some(href) => self.found(href),
                None => self.location = Some(String::new()),
            },
            "link" if !self.is_index => self.version(start),
            _ => {}
        }
    }

    /// Takes note of a version of the page under way.
    fn version(&mut self, start: &BytesStart<'_>) {
        let Some(wanted) = &self.language else {
            return;
        };
        let Some(language) = attribute(start, "hreflang").map(|name| plain(&name)) else {
            return;
        };
        let is_exact = language == *wanted;
        let is_close = language.split('-').next() == wanted.split('-').next();
        let is_better = is_exact && !self.version.is_exact || self.version.href.is_none();
        if is_close
            && is_better
            && attribute(start, "rel").is_none_or(|rel| rel == "alternate")
            && let Some(href) = attribute(start, "href")
            && !href.is_empty()
            && href.len() <= MAX_LOCATION
        {
            self.version.href = Some(href);
            self.version.is_exact = is_exact;
        }
    }

    fn entry(&mut self, is_index: bool, prefix: &str) {
        (self.known, self.is_index) = (true, is_index);
        self.prefix = Some(prefix.to_owned());
    }

    fn push(&mut self, text: &str) {
        let Some(location) = &mut self.location else {
            return;
        };
        if location.len() + text.len() <= MAX_LOCATION {
            location.push_str(text);
        } else {
            self.location = None;
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "loc" | "link" => {
                if let Some(location) = self.location.take() {
                    self.found(location.trim().to_owned());
                }
            }
            "item" | "entry" => self.in_entry = false,
            "url" => {
                let pages = &mut self.sitemap.pages;
                let own = pages.get_mut(self.version.pages_before);
                if let (Some(own), Some(href)) = (own, self.version.href.take()) {
                    *own = href;
                }
            }
            _ => {}
        }
    }

    fn found(&mut self, location: String) {
        if location.is_empty() {
            return;
        }
        if self.is_index {
            self.sitemap.maps.push(location);
        } else {
            self.sitemap.pages.push(location);
        }
    }
}

/// The address in Atom's `<link href="…"/>`; that of RSS is its text.
fn link_of(start: &BytesStart<'_>) -> Option<String> {
    let href = attribute(start, "href")?;
    let is_page = attribute(start, "rel").is_none_or(|rel| rel == "alternate");
    Some(if is_page && href.len() <= MAX_LOCATION {
        href
    } else {
        String::new()
    })
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = start.try_get_attribute(name).ok()??;
    let value = found.normalized_value(XmlVersion::Implicit1_0).ok()?;
    Some(value.into_owned())
}

/// A language's name as it is compared.
fn plain(language: &str) -> String {
    language.trim().to_ascii_lowercase().replace('_', "-")
}

fn entity(name: &str) -> &'static str {
    match name {
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        // Also what a shop meant that wrote `?a=1&b=2` without escaping.
        _ => "&",
    }
}

#[cfg(test)]
mod tests;
