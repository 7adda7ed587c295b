//! Pictures that stand in a page itself: `src="data:image/jpeg;base64,…"`.
//!
//! A browser extension that saves a page as one file writes every picture into
//! it so. They have no address that anything could be asked for, and they make a
//! page of thirty kilobytes one of megabytes. For reading they are taken out of
//! a copy, and each is given an address within the page, made of its content.

mod variables;

use std::collections::HashMap;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use url::Url;

/// The shortest text of a picture that is taken out, in bytes: what is smaller
/// is a symbol or a dot.
const LEAST: usize = 4 << 10;
/// The largest picture that is taken out, in bytes of its text.
const MOST: usize = 32 << 20;
/// The most pictures of one page, and the most bytes of text of all of them.
const MOST_PICTURES: usize = 500;
const MOST_TOGETHER: usize = 128 << 20;
/// Between `data:` and the picture stands at most this much, in bytes.
const LONGEST_TYPE: usize = 100;
/// What the address of such a picture ends with, before its SHA-256.
const PREFIX: &str = "embedded-picture-";
/// The kinds of pictures that are looked at.
const KINDS: [&str; 8] = ["jpeg", "jpg", "pjpeg", "png", "webp", "gif", "avif", "bmp"];

/// Shops and extensions leave the padding out, or put too much of it.
const DECODER: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// A picture that stood in a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedded {
    /// Its address within the page: `embedded-picture-` and its SHA-256.
    pub fragment: String,
    /// Its media type, as the page states it.
    pub media: String,
    /// The picture.
    pub bytes: Bytes,
}

/// A page without the pictures that stood in it, and these.
#[derive(Debug, Clone, Default)]
pub struct Detached {
    /// The page, with the pictures' addresses in their places.
    pub page: Vec<u8>,
    /// The pictures, each once, in the page's order.
    pub pictures: Vec<Embedded>,
}

/// Takes the pictures out of a copy of a page; none when there are none. What
/// cannot be decoded stays where it is.
///
/// ```
/// use markhound_crawlers::embedded;
///
/// let page = format!("<img src='data:image/png;base64,{}'>", "iVBORw0K".repeat(600));
/// let detached = embedded::detach(page.as_bytes()).expect("a picture");
/// let fragment = &detached.pictures[0].fragment;
/// assert_eq!(detached.page, format!("<img src='#{fragment}'>").into_bytes());
/// ```
#[must_use]
pub fn detach(page: &[u8]) -> Option<Detached> {
    let mut out = Detached::default();
    let mut known: HashMap<String, usize> = HashMap::new();
    let (mut copied, mut at, mut together) = (0, 0, 0);
    while let Some(start) = find(page, at, b"data:image/") {
        at = start + b"data:image/".len();
        let Some((media, from)) = kind(page, at) else {
            continue;
        };
        let end = from + page[from..].iter().take_while(|b| is_base64(**b)).count();
        let length = end - from;
        at = end;
        together += length;
        if together > MOST_TOGETHER || out.pictures.len() >= MOST_PICTURES {
            break;
        }
        if !(LEAST..=MOST).contains(&length) {
            continue;
        }
        let Ok(bytes) = DECODER.decode(&page[from..end]) else {
            continue;
        };
        let fragment = format!("{PREFIX}{}", hex::encode(Sha256::digest(&bytes)));
        out.page.extend_from_slice(&page[copied..start]);
        out.page.push(b'#');
        out.page.extend_from_slice(fragment.as_bytes());
        copied = end;
        let pictures = &mut out.pictures;
        known.entry(fragment).or_insert_with_key(|fragment| {
            pictures.push(Embedded {
                fragment: fragment.clone(),
                media: format!("image/{media}"),
                bytes: bytes.into(),
            });
            pictures.len()
        });
    }
    if out.pictures.is_empty() {
        return None;
    }
    out.page.extend_from_slice(&page[copied..]);
    if let Some(resolved) = variables::resolve(&out.page) {
        out.page = resolved;
    }
    Some(out)
}

/// Whether an address is that of a picture within a page.
#[must_use]
pub fn is_embedded(url: &Url) -> bool {
    let digest = url.fragment().and_then(|f| f.strip_prefix(PREFIX));
    digest.is_some_and(|digest| digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn find(page: &[u8], from: usize, wanted: &[u8]) -> Option<usize> {
    memchr::memmem::find(page.get(from..)?, wanted).map(|at| from + at)
}

/// The kind of a picture in Base64, and where its text begins.
fn kind(page: &[u8], from: usize) -> Option<(String, usize)> {
    let head = &page[from..page.len().min(from + LONGEST_TYPE)];
    let mark = b";base64,";
    let end = memchr::memmem::find(head, mark)?;
    let stated = std::str::from_utf8(&head[..end]).ok()?;
    let kind = stated.split(';').next()?.to_ascii_lowercase();
    KINDS
        .contains(&kind.as_str())
        .then(|| (kind, from + end + mark.len()))
}

const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(length: usize) -> String {
        let bytes: Vec<u8> = (0..length).map(|n| (n * 7 % 251) as u8).collect();
        base64::engine::general_purpose::STANDARD.encode(bytes)
    }

    #[test]
    fn a_picture_leaves_the_copy_and_is_the_same_bytes() {
        let text = text_of(9_000);
        let page = format!("<p>a<img src=\"data:image/jpeg;base64,{text}\" alt=b><p>c");
        let out = detach(page.as_bytes()).expect("a picture");
        let [picture] = &out.pictures[..] else {
            panic!("{} pictures", out.pictures.len())
        };
        assert_eq!(
            (picture.media.as_str(), picture.bytes.len()),
            ("image/jpeg", 9_000)
        );
        let copy = String::from_utf8(out.page).expect("text");
        assert_eq!(
            copy,
            format!("<p>a<img src=\"#{}\" alt=b><p>c", picture.fragment)
        );
    }

    #[test]
    fn the_same_picture_twice_is_one() {
        let text = text_of(5_000);
        let img = format!("<img src=data:image/png;base64,{text}>");
        let out = detach(img.repeat(3).as_bytes()).expect("a picture");
        assert_eq!(out.pictures.len(), 1);
        assert_eq!(memchr::memmem::find_iter(&out.page, PREFIX).count(), 3);
    }

    #[test]
    fn one_kept_in_a_variable_of_the_style_sheet_is_read_where_it_is_shown() {
        let page = format!(
            "<style>:root{{--sf-img-0: url(\"data:image/jpeg;base64,{}\")}}</style>\
             <img src='data:image/svg+xml,<svg/>' style=\"background-image:var(--sf-img-0)!important\">",
            text_of(5_000)
        );
        let out = detach(page.as_bytes()).expect("a picture");
        let copy = String::from_utf8(out.page).expect("text");
        let shown = format!("<img src='#{}' style=", out.pictures[0].fragment);
        assert!(copy.contains(&shown), "{copy}");
    }

    #[test]
    fn small_ones_other_kinds_and_what_is_cut_off_stay() {
        for value in [
            "data:image/png;base64,iVBORw0KGgo=".to_owned(),
            format!("data:image/svg+xml;base64,{}", text_of(9_000)),
            format!("data:text/html;base64,{}", text_of(9_000)),
            format!("data:image/png,{}", text_of(9_000)),
            format!("data:image/png;base64,{}", "A".repeat(9_001)),
            "data:image/".to_owned(),
            "data:image/png;base64,".to_owned(),
        ] {
            let page = format!("<img src='{value}'>");
            assert!(detach(page.as_bytes()).is_none(), "{}", &value[..11]);
            assert!(detach(value.as_bytes()).is_none(), "{}", &value[..11]);
        }
    }

    #[test]
    fn a_page_of_very_many_pictures_is_bounded() {
        let many: String = (0..MOST_PICTURES + 20)
            .map(|n| format!("<img src='data:image/gif;base64,{}'>", text_of(3_100 + n)))
            .collect();
        let out = detach(many.as_bytes()).expect("pictures");
        assert_eq!(out.pictures.len(), MOST_PICTURES);
    }

    #[test]
    fn an_address_within_a_page_is_told_from_others() {
        let is = |text: &str| is_embedded(&Url::parse(text).expect("a URL"));
        assert!(is(&format!(
            "https://a.example/p#{PREFIX}{}",
            "0f".repeat(32)
        )));
        assert!(!is(&format!("https://a.example/p#{PREFIX}0f")));
        assert!(!is("https://a.example/p#top"));
        assert!(!is("https://a.example/p"));
    }
}
