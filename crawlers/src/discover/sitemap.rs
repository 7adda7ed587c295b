//! Sitemaps as shops really write them.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::MultiGzDecoder;
use quick_xml::Reader;
use quick_xml::events::Event;

/// The largest sitemap read after unpacking, in bytes (the format allows 50 MB).
const MAX_BYTES: u64 = 52_428_800;
/// The most entries read of one file (the format allows 50,000).
const MAX_ENTRIES: usize = 50_000;

/// What stands in one sitemap file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Sitemap {
    /// Further sitemaps.
    pub maps: Vec<String>,
    /// Pages.
    pub pages: Vec<String>,
}

/// Reads a sitemap, an index of sitemaps, or a plain list of URLs; gzipped if
/// it begins with gzip's magic bytes, whatever it is called.
///
/// Broken XML gives what stood before the break; namespaces are ignored.
/// None when nothing in it looks like a sitemap.
pub(crate) fn read(bytes: &[u8]) -> Option<Sitemap> {
    let unpacked = if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut out = Vec::new();
        // A file that breaks off is read as far as it goes.
        let _ = MultiGzDecoder::new(bytes)
            .take(MAX_BYTES)
            .read_to_end(&mut out);
        Cow::Owned(out)
    } else {
        Cow::Borrowed(bytes)
    };
    let text = String::from_utf8_lossy(unpacked.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&unpacked));
    let text = text.trim_start();
    if text.starts_with("http://") || text.starts_with("https://") {
        let lines = text
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with("http"));
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
    let mut sitemap = Sitemap::default();
    let mut known = false;
    let mut is_index = false;
    let mut location: Option<String> = None;
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(start) => match start.local_name().as_ref() {
                "sitemapindex" | "sitemap" => (known, is_index) = (true, true),
                "urlset" | "url" => (known, is_index) = (true, false),
                "loc" if !is_media(start.name().as_ref()) => location = Some(String::new()),
                _ => {}
            },
            Event::Text(part) => {
                if let Some(location) = &mut location {
                    location.push_str(&part.xml10_content());
                }
            }
            Event::CData(part) => {
                if let Some(location) = &mut location {
                    location.push_str(&part.into_inner());
                }
            }
            Event::GeneralRef(name) => {
                if let Some(location) = &mut location {
                    match name.resolve_char_ref() {
                        Ok(Some(c)) => location.push(c),
                        _ => location.push_str(entity(&name.into_inner())),
                    }
                }
            }
            Event::End(end) if end.local_name().as_ref() == "loc" => {
                if let Some(found) = location.take() {
                    let list = if is_index {
                        &mut sitemap.maps
                    } else {
                        &mut sitemap.pages
                    };
                    list.push(found.trim().to_owned());
                }
            }
            Event::Eof => break,
            _ => {}
        }
        if sitemap.maps.len() + sitemap.pages.len() >= MAX_ENTRIES
            || location.as_ref().is_some_and(|l| l.len() > 8192)
        {
            break;
        }
    }
    known.then_some(sitemap)
}

/// `image:loc` and `video:…` have the local name of the page's own `loc`.
fn is_media(name: &str) -> bool {
    name.starts_with("image:") || name.starts_with("video:")
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

    #[test]
    fn a_page_that_is_no_sitemap_is_said_to_be_none() {
        assert_eq!(read(b"<html><body><p>Not found</p></body></html>"), None);
        assert_eq!(read(b""), None);
        assert_eq!(read(&[0x1f, 0x8b, 9, 9, 9]), None);
    }
}
