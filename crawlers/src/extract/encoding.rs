//! Which characters the bytes of a page mean.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// How far into a page its own statement of the encoding is looked for.
const PRESCAN: usize = 2048;

/// A page as text. In this order: byte order mark, the `charset` of the
/// content type, the page's own `<meta charset>`, UTF-8 if it is valid, else
/// windows-1252. What does not decode becomes U+FFFD.
pub(crate) fn decode(bytes: &[u8], content_type: Option<&str>) -> String {
    let encoding = Encoding::for_bom(bytes)
        .map(|(encoding, _)| encoding)
        .or_else(|| content_type.and_then(|text| charset(text.as_bytes())))
        .or_else(|| charset(&bytes[..bytes.len().min(PRESCAN)]))
        .unwrap_or_else(|| {
            if std::str::from_utf8(bytes).is_ok() {
                UTF_8
            } else {
                WINDOWS_1252
            }
        });
    encoding.decode(bytes).0.into_owned()
}

/// The encoding named after the first `charset=` in a header or page.
fn charset(bytes: &[u8]) -> Option<&'static Encoding> {
    let lower = bytes.to_ascii_lowercase();
    let at = lower.windows(7).position(|window| window == b"charset")? + 7;
    let rest = lower[at..].trim_ascii_start().strip_prefix(b"=")?;
    let rest = rest.trim_ascii_start();
    let rest = rest
        .strip_prefix(b"\"")
        .or_else(|| rest.strip_prefix(b"'"))
        .unwrap_or(rest);
    let end = rest
        .iter()
        .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':' | b'.')))
        .unwrap_or(rest.len());
    let label = Encoding::for_label(&rest[..end])?;
    // A page that could be scanned for ASCII is not UTF-16, whatever it says.
    Some(
        if label == encoding_rs::UTF_16LE || label == encoding_rs::UTF_16BE {
            UTF_8
        } else {
            label
        },
    )
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn the_header_the_page_and_the_bytes_are_asked_in_turn() {
        assert_eq!(
            decode(b"\xa329", Some("text/html; charset=ISO-8859-1")),
            "£29"
        );
        assert_eq!(
            decode(b"<meta charset='shift_jis'>\x8e\x9e\x8cv", None),
            "<meta charset='shift_jis'>時計"
        );
        assert_eq!(decode("£29".as_bytes(), Some("text/html")), "£29");
        assert_eq!(decode(b"\xa329", None), "£29");
        assert_eq!(
            decode(b"\xff\xfea\0", Some("text/html; charset=utf-8")),
            "a"
        );
    }
}
