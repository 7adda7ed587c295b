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
    read_xml(text)
}

fn read_xml(text: &str) -> Option<Sitemap> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut state = State::default();
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
            "urlset" | "url" => self.entry(false, prefix),
            "rss" | "feed" | "RDF" => self.known = true,
            // A feed's own address stands outside its entries.
            "item" | "entry" => self.in_entry = true,
            "loc" if self.prefix.as_deref() == Some(prefix) => self.location = Some(String::new()),
            "link" if self.in_entry && prefix.is_empty() => match link_of(start) {
                Some(href) => self.found(href),
                None => self.location = Some(String::new()),
            },
            _ => {}
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
    let attribute = |name: &str| {
        let found = start.try_get_attribute(name).ok()??;
        Some(
            found
                .normalized_value(XmlVersion::Implicit1_0)
                .ok()?
                .into_owned(),
        )
    };
    let href = attribute("href")?;
    let is_page = attribute("rel").is_none_or(|rel| rel == "alternate");
    Some(if is_page && href.len() <= MAX_LOCATION {
        href
    } else {
        String::new()
    })
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
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn an_index_names_further_sitemaps() {
        let read = read(b"<?xml version='1.0'?><sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap><loc> https://a.example/1.xml </loc></sitemap><sitemap><loc><![CDATA[https://a.example/2.xml.gz]]></loc></sitemap></sitemapindex>").expect("a sitemap");
        assert_eq!(
            read.maps,
            ["https://a.example/1.xml", "https://a.example/2.xml.gz"]
        );
        assert!(read.pages.is_empty());
    }

    #[test]
    fn pages_are_read_with_entities_and_without_their_pictures() {
        let read = read(b"<urlset><url><loc>https://a.example/?a=1&amp;b=2</loc><image:image><image:loc>https://a.example/x.jpg</image:loc></image:image></url></urlset>").expect("a sitemap");
        assert_eq!(read.pages, ["https://a.example/?a=1&b=2"]);
    }

    #[test]
    fn gzip_is_known_by_its_bytes_and_a_broken_file_by_its_beginning() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer
            .write_all(b"<urlset><url><loc>https://a.example/1</loc></url><url><loc>https://a.exa")
            .expect("packed");
        let packed = packer.finish().expect("packed");
        assert_eq!(
            read(&packed).expect("a sitemap").pages,
            ["https://a.example/1"]
        );
        assert!(read(&packed[..packed.len() - 6]).is_some());
    }

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(bytes).expect("packed");
        packer.finish().expect("packed")
    }

    #[test]
    fn news_video_and_prefixed_sitemaps_give_their_pages_alone() {
        let read = read(b"<s:urlset xmlns:s='http://www.sitemaps.org/schemas/sitemap/0.9'><s:url><s:loc>https://a.example/1</s:loc><video:video><video:content_loc>https://a.example/v.mp4</video:content_loc><video:loc>https://a.example/v</video:loc></video:video><news:news><news:loc>https://a.example/n</news:loc></news:news><xhtml:link rel='alternate' hreflang='de' href='https://a.example/de/1'/></s:url></s:urlset>").expect("a sitemap");
        assert_eq!(read.pages, ["https://a.example/1"]);
    }

    #[test]
    fn feeds_give_their_entries_and_not_themselves() {
        let rss = read(b"<rss version='2.0'><channel><title>Shop</title><link>https://a.example/</link><atom:link href='https://a.example/feed' rel='self'/><item><title>A</title><link>https://a.example/1?a=1&amp;b=2</link><guid>77</guid></item><item><link><![CDATA[https://a.example/2]]></link></item></channel></rss>").expect("a feed");
        assert_eq!(
            rss.pages,
            ["https://a.example/1?a=1&b=2", "https://a.example/2"]
        );
        let atom = read(b"<feed xmlns='http://www.w3.org/2005/Atom'><link href='https://a.example/'/><entry><link rel='alternate' href='https://a.example/3?x=1&amp;y=2'/><link rel='edit' href='https://a.example/edit'/></entry><entry><link href='https://a.example/4'/></entry></feed>").expect("a feed");
        assert_eq!(
            atom.pages,
            ["https://a.example/3?x=1&y=2", "https://a.example/4"]
        );
    }

    #[test]
    fn plain_lists_and_utf_16_are_read() {
        let text =
            "\u{feff}https://a.example/1\r\n  https://a.example/2 \n\nnote\nhttps://a.example/3";
        let pages = [
            "https://a.example/1",
            "https://a.example/2",
            "https://a.example/3",
        ];
        assert_eq!(read(text.as_bytes()).expect("a list").pages, pages);
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&wide).expect("a list").pages, pages);
    }

    #[test]
    fn bombs_stay_within_their_bounds() {
        let many = format!(
            "<urlset>{}</urlset>",
            "<url><loc>https://a.example/1</loc></url>".repeat(60_000)
        );
        assert_eq!(
            read(many.as_bytes()).expect("a sitemap").pages.len(),
            MAX_ENTRIES
        );
        let lines = "https://a.example/1\n".repeat(60_000);
        assert_eq!(
            read(lines.as_bytes()).expect("a list").pages.len(),
            MAX_ENTRIES
        );
        // 200 MB of spaces in 200 kB, and that packed once more and again.
        let bomb = packed(&packed(&vec![b' '; 200_000_000]));
        assert!(bomb.len() < 2_000, "{}", bomb.len());
        assert_eq!(read(&bomb), None);
        assert_eq!(read(&packed(&bomb)), None);
        let twice = packed(&packed(
            b"<urlset><url><loc>https://a.example/1</loc></url></urlset>",
        ));
        assert_eq!(read(&twice).expect("a sitemap").pages.len(), 1);
    }

    #[test]
    fn entities_that_a_document_declares_are_not_expanded() {
        let mut text = String::from("<?xml version='1.0'?><!DOCTYPE urlset [<!ENTITY l0 'ha'>");
        for n in 1..40 {
            let inner = format!("&l{};", n - 1).repeat(10);
            text.push_str(&format!("<!ENTITY l{n} '{inner}'>"));
        }
        text.push_str("<!ENTITY file SYSTEM 'file:///etc/passwd'>]><urlset><url><loc>https://a.example/&l39;&file;</loc></url></urlset>");
        let read = read(text.as_bytes()).expect("a sitemap");
        assert_eq!(read.pages, ["https://a.example/&&"]);
    }

    #[test]
    fn one_address_without_end_costs_only_itself() {
        let endless = "x".repeat(10_000);
        let text = format!(
            "<urlset><url><loc>https://a.example/{endless}</loc></url><url><loc>https://a.example/2</loc></url></urlset>"
        );
        assert_eq!(
            read(text.as_bytes()).expect("a sitemap").pages,
            ["https://a.example/2"]
        );
        let deep = format!("<urlset>{}", "<url>".repeat(200_000));
        assert!(read(deep.as_bytes()).expect("a sitemap").pages.is_empty());
    }

    #[test]
    fn a_page_that_is_no_sitemap_is_said_to_be_none() {
        assert_eq!(read(b"<html><body><p>Not found</p></body></html>"), None);
        assert_eq!(read(b""), None);
        assert_eq!(read(&[0x1f, 0x8b, 9, 9, 9]), None);
    }
}
