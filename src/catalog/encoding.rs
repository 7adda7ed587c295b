//! From a file's bytes to text, whatever a spreadsheet made of it.

/// A file's text, and what had to be assumed to get it.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// The text without its byte order mark. Bytes that are no UTF-8 in a file
    /// that otherwise is are replaced by U+FFFD.
    pub text: String,
    /// What had to be assumed.
    pub warning: Option<String>,
    /// Lines, from 1, that hold replaced bytes.
    pub damaged: Vec<u64>,
}

/// Characters of the bytes 0x80 to 0x9F in Windows-1252; the five that are not
/// assigned stand for the control characters of the same number, as on the web.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// Reads the bytes as UTF-8, UTF-16 with a byte order mark, or Windows-1252.
pub(crate) fn decode(bytes: &[u8]) -> Decoded {
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return utf16(rest, u16::from_le_bytes);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return utf16(rest, u16::from_be_bytes);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let Err(first) = std::str::from_utf8(bytes) else {
        return Decoded {
            text: String::from_utf8_lossy(bytes).into_owned(),
            warning: None,
            damaged: Vec::new(),
        };
    };
    let line = line_at(bytes, first.valid_up_to());
    let speaks_utf8 = bytes.utf8_chunks().any(|chunk| !chunk.valid().is_ascii());
    if speaks_utf8 {
        return damaged_utf8(bytes);
    }
    Decoded {
        text: bytes.iter().map(|&byte| windows_1252(byte)).collect(),
        warning: Some(format!(
            "line {line} is not UTF-8, so the file was read as Windows-1252; look at its accented letters, or save it as \"CSV UTF-8\""
        )),
        damaged: Vec::new(),
    }
}

fn damaged_utf8(bytes: &[u8]) -> Decoded {
    let mut text = String::with_capacity(bytes.len());
    let mut damaged = Vec::new();
    let mut line = 1;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        line += chunk.valid().bytes().filter(|&b| b == b'\n').count() as u64;
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
            if damaged.last() != Some(&line) {
                damaged.push(line);
            }
        }
    }
    Decoded {
        text,
        warning: None,
        damaged,
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Decoded {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let text: String = char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    let damaged = text
        .split('\n')
        .zip(1..)
        .filter(|(line, _)| line.contains(char::REPLACEMENT_CHARACTER))
        .map(|(_, number)| number)
        .collect();
    Decoded {
        text,
        warning: None,
        damaged,
    }
}

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS_1252[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

fn line_at(bytes: &[u8], at: usize) -> u64 {
    1 + bytes[..at].iter().filter(|&&b| b == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_an_old_spreadsheet_is_read_as_windows_1252_with_a_warning() {
        let decoded = decode(b"sku,name\nA,M\xf6bel \x80\n");
        assert_eq!(decoded.text, "sku,name\nA,Möbel €\n");
        assert!(decoded.warning.unwrap().starts_with("line 2 "));
    }

    #[test]
    fn a_utf8_file_with_broken_bytes_keeps_its_other_letters_and_names_the_lines() {
        let decoded = decode(
            "sku\nMöbel\nB\u{0}"
                .as_bytes()
                .iter()
                .chain(b"\xff\xff\n")
                .copied()
                .collect::<Vec<_>>()
                .as_slice(),
        );
        assert!(decoded.text.contains("Möbel"));
        assert_eq!(decoded.damaged, [3]);
    }

    #[test]
    fn utf16_with_a_byte_order_mark_is_read() {
        let bytes: Vec<u8> = std::iter::once(0xfeff_u16)
            .chain("sku\té".encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(decode(&bytes).text, "sku\té");
    }
}
