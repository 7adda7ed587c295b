//! Which characters the bytes of a page mean.
//!
//! The order is that of the HTML standard (13.2.3): byte order mark, the
//! `charset` of the content type, the page's own statement (`meta`, or an XML
//! declaration), detection. Shops lie in each but the first, so a statement
//! that the bytes contradict is passed over: what claims to be UTF-8 and is
//! not, and what claims to be something else and is UTF-8.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// How far into a page its own statement of the encoding is looked for.
const PRESCAN: usize = 4096;
/// How much of a page is looked at to detect its encoding.
const DETECTED: usize = 256 * 1024;

/// A page as text. What does not decode becomes U+FFFD.
pub(crate) fn decode(bytes: &[u8], content_type: Option<&str>) -> String {
    let encoding = choose(bytes, content_type);
    encoding.decode(bytes).0.into_owned()
}

fn choose(bytes: &[u8], content_type: Option<&str>) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding;
    }
    if let Some(encoding) = wide(bytes) {
        return encoding;
    }
    let is_utf8 = is_utf8(bytes);
    if is_utf8 && !bytes.is_ascii() {
        return UTF_8;
    }
    let head = &bytes[..bytes.len().min(PRESCAN)];
    let header = content_type.and_then(|text| charset(text.as_bytes()));
    let claims = [header, declared(head)];
    let stated = claims.into_iter().flatten().map(narrow);
    let mut first = None;
    for encoding in stated {
        if fits(encoding, bytes, is_utf8) {
            return encoding;
        }
        first = first.or(Some(encoding));
    }
    if is_utf8 {
        return UTF_8;
    }
    // UTF-8 with a few broken bytes is UTF-8 all the same.
    if first == Some(UTF_8) && is_mostly_utf8(bytes) {
        return UTF_8;
    }
    match first {
        // Broken bytes in what else fits are no reason to guess.
        Some(encoding) if encoding != UTF_8 => encoding,
        _ => detect(bytes),
    }
}

/// UTF-16 without a mark: every second byte of the beginning is zero.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..8)?;
    let zero = |at: usize| head[at] == 0;
    let zeros = |from: usize| (from..8).step_by(2).all(zero);
    let others = |from: usize| !(from..8).step_by(2).any(zero);
    if zeros(1) && others(0) {
        Some(UTF_16LE)
    } else if zeros(0) && others(1) {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// A page whose statement could be read byte by byte is not UTF-16.
fn narrow(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == UTF_16LE || encoding == UTF_16BE {
        UTF_8
    } else {
        encoding
    }
}

/// Valid, be it cut off within a character at the end.
fn is_utf8(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && error.valid_up_to() + 4 > bytes.len(),
    }
}

/// Whether the bytes are text in that encoding.
fn fits(encoding: &'static Encoding, bytes: &[u8], is_utf8: bool) -> bool {
    if encoding == UTF_8 {
        return is_utf8;
    }
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .is_some()
}

/// More characters beyond ASCII are whole than broken.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut whole, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    whole > broken
}

fn detect(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(&bytes[..bytes.len().min(DETECTED)], true);
    detector.guess(None, Utf8Detection::Allow)
}

/// What a page says itself: in a `meta` element or an XML declaration.
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    charset(head).or_else(|| {
        let start = head.trim_ascii_start();
        let end = start.windows(2).position(|window| window == b"?>")?;
        start
            .starts_with(b"<?xml")
            .then(|| named(&start[..end], b"encoding"))?
    })
}

/// The encoding named after the first `charset=` in a header or page.
fn charset(bytes: &[u8]) -> Option<&'static Encoding> {
    named(bytes, b"charset")
}

/// The encoding named behind a word and an equals sign.
fn named(bytes: &[u8], word: &[u8]) -> Option<&'static Encoding> {
    let lower = bytes.to_ascii_lowercase();
    let mut rest = lower.as_slice();
    for _ in 0..20 {
        let at = rest.windows(word.len()).position(|window| window == word)?;
        rest = &rest[at + word.len()..];
        let Some(value) = rest.trim_ascii_start().strip_prefix(b"=") else {
            continue;
        };
        let value = value.trim_ascii_start();
        let value = value
            .strip_prefix(b"\"")
            .or_else(|| value.strip_prefix(b"'"))
            .unwrap_or(value);
        let fits = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':' | b'.');
        let end = value.iter().position(|b| !fits(b)).unwrap_or(value.len());
        if let Some(encoding) = Encoding::for_label(&value[..end]) {
            return Some(encoding);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_encoding(label: &str, text: &str) -> Vec<u8> {
        let encoding = Encoding::for_label(label.as_bytes()).expect("a label");
        encoding.encode(text).0.into_owned()
    }

    #[test]
    fn the_header_the_page_and_the_bytes_are_asked_in_turn() {
        let html = Some("text/html; charset=ISO-8859-1");
        assert_eq!(decode(b"\xa329", html), "£29");
        let page = "<meta charset='shift_jis'>時計";
        assert_eq!(decode(&in_encoding("shift_jis", page), None), page);
        assert_eq!(decode("£29".as_bytes(), Some("text/html")), "£29");
        assert_eq!(
            decode(b"\xff\xfea\0", Some("text/html; charset=utf-8")),
            "a"
        );
        let declared = "<?xml version=\"1.0\" encoding=\"koi8-r\"?><p>Часы</p>";
        assert_eq!(decode(&in_encoding("koi8-r", declared), None), declared);
    }

    #[test]
    fn pages_that_state_their_encoding_are_read_in_it() {
        for (label, text) in [
            ("shift_jis", "手作り革財布 12,800円"),
            ("euc-jp", "手作り革財布 12,800円"),
            ("gbk", "机械手表 现货 ￥128"),
            ("gb18030", "机械手表 现货"),
            ("big5", "機械手錶 現貨"),
            ("euc-kr", "손목시계 재고있음"),
            ("windows-1250", "Žluťoučký kůň 7 490 Kč"),
            ("windows-1251", "Часы наручные, 3 790 руб."),
            ("windows-1253", "Ρολόι 120 €"),
            ("windows-1254", "Saat şık ürün"),
            ("windows-1255", "שעון יד"),
            ("windows-1256", "ساعة يد"),
            ("windows-1257", "Laikrodis ąžuolas"),
            ("koi8-r", "Часы наручные"),
            ("iso-8859-2", "Żółta sukienka"),
        ] {
            let page = format!(
                "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset={label}\"></head><body>{text}</body></html>"
            );
            let bytes = in_encoding(label, &page);
            assert_eq!(decode(&bytes, None), page, "{label} by meta");
            let header = format!("text/html; charset={label}");
            assert_eq!(
                decode(&in_encoding(label, text), Some(&header)),
                text,
                "{label} by header"
            );
        }
    }

    #[test]
    fn lies_are_found_out_by_the_bytes() {
        let russian = "<p>Часы наручные мужские, в наличии, цена 3 790 руб.</p>";
        let bytes = in_encoding("windows-1251", russian);
        assert_eq!(decode(&bytes, Some("text/html; charset=utf-8")), russian);
        assert_eq!(
            decode(russian.as_bytes(), Some("text/html; charset=iso-8859-1")),
            russian
        );
        let page = "<meta charset=utf-8><meta charset=big5>機械手錶";
        let page_bytes = in_encoding("big5", page);
        assert!(decode(&page_bytes, Some("text/html; charset=big5")).contains("機械手錶"));
        let mut mixed = "Größe für Übergänge".as_bytes().to_vec();
        mixed.push(0xe4);
        mixed.extend(" und mehr".as_bytes());
        assert!(
            decode(&mixed, Some("text/html; charset=utf-8")).starts_with("Größe für Übergänge")
        );
    }

    #[test]
    fn what_nothing_states_is_detected() {
        for (label, text) in [
            (
                "windows-1251",
                "Часы наручные мужские с автоподзаводом, в наличии",
            ),
            (
                "shift_jis",
                "手作りの革財布です。在庫あり。送料無料でお届けします。",
            ),
            ("gbk", "这是一只机械手表，现货供应，全国包邮。"),
            ("euc-kr", "수동 기계식 손목시계입니다. 재고가 있습니다."),
            ("windows-1252", "Größe für Übergänge, 29 £"),
        ] {
            assert_eq!(decode(&in_encoding(label, text), None), text, "{label}");
        }
        let wide: Vec<u8> = "<html>時計</html>"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(decode(&wide, None), "<html>時計</html>");
        let wide: Vec<u8> = "<html>時計</html>"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        assert_eq!(decode(&wide, None), "<html>時計</html>");
    }

    #[test]
    fn a_page_cut_off_within_a_character_stays_what_it_was() {
        let bytes = "<p>Größe für Mädchen</p>é".as_bytes();
        let cut = &bytes[..bytes.len() - 1];
        assert!(decode(cut, None).starts_with("<p>Größe für Mädchen</p>"));
    }
}
