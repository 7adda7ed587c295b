//! MIME (RFC 2045, 2046) as far as saved pages need it.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::capture::error::{Problem, malformed};
use crate::capture::exchange::find;
use crate::capture::http::{MAX_FIELDS, text};

/// Base64 as mailers leave it: padding or not, bits left over.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Headers and body of a message or a part.
pub(super) struct Entity<'a> {
    pub headers: Vec<(String, String)>,
    pub body: &'a [u8],
}

impl<'a> Entity<'a> {
    /// Reads the headers, which end at an empty line.
    pub(super) fn parse(bytes: &'a [u8], header_bytes: usize) -> Result<Self, Problem> {
        let mut headers: Vec<(String, String)> = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end + 1);
            let line = text(&bytes[at..end]);
            let line = line.trim_end_matches(['\r', '\n']);
            at = end;
            if at > header_bytes {
                let (what, limit) = ("a part's header", header_bytes as u64);
                return Err(Problem::TooLarge { what, limit });
            }
            if line.is_empty() {
                break;
            }
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = headers.last_mut() {
                    value.push(' ');
                    value.push_str(line.trim());
                }
            } else if let (Some((name, value)), true) =
                (line.split_once(':'), headers.len() < MAX_FIELDS)
            {
                headers.push((name.trim().to_owned(), value.trim().to_owned()));
            }
        }
        let body = &bytes[at..];
        Ok(Self { headers, body })
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The boundary, if this is a multipart.
    pub(super) fn boundary(&self) -> Option<String> {
        let stated = self.header("content-type")?;
        let kind = stated.trim_start().get(..10)?;
        kind.eq_ignore_ascii_case("multipart/")
            .then(|| parameter(stated, "boundary"))?
    }

    /// The body with its transfer encoding undone, at most `limit` bytes.
    pub(super) fn decoded(&self, limit: usize) -> Result<Vec<u8>, Problem> {
        // Quoted-printable is at most three times as long as what it holds,
        // apart from soft line breaks.
        if self.body.len() / 4 > limit {
            return Err(too_large(limit));
        }
        let encoding = self.header("content-transfer-encoding").unwrap_or_default();
        let decoded = match encoding.trim().to_ascii_lowercase().as_str() {
            "quoted-printable" => quoted_printable(self.body),
            "base64" if self.body.len() / 2 > limit => return Err(too_large(limit)),
            "base64" => base64(self.body)?,
            "" | "7bit" | "8bit" | "binary" => self.body.to_vec(),
            other => {
                let other: String = other.chars().take(40).collect();
                return Err(malformed(format!(
                    "its transfer encoding {other:?} is not known"
                )));
            }
        };
        if decoded.len() > limit {
            return Err(too_large(limit));
        }
        Ok(decoded)
    }
}

fn too_large(limit: usize) -> Problem {
    let (what, limit) = ("a part", limit as u64);
    Problem::TooLarge { what, limit }
}

/// Whether bytes begin like a MIME message that holds a page.
pub(super) fn begins_message(bytes: &[u8]) -> bool {
    let first = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let name = first.split(|b| *b == b':').next().unwrap_or_default();
    let is_field = name.len() < first.len()
        && !name.is_empty()
        && name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-');
    let lower = bytes.to_ascii_lowercase();
    is_field
        && ["content-type:", "mime-version:"]
            .iter()
            .any(|n| memchr::memmem::find(&lower, n.as_bytes()).is_some())
}

/// A parameter of a header's value, quoted or not (RFC 2045 §5.1).
fn parameter(value: &str, name: &str) -> Option<String> {
    value.split(';').skip(1).find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (key.trim().eq_ignore_ascii_case(name) && !value.is_empty()).then(|| value.to_owned())
    })
}

/// Where the next part of a multipart lies.
pub(super) struct Part<'a> {
    pub bytes: &'a [u8],
    /// Whether no boundary follows it: the file breaks off in it.
    pub cut_off: bool,
}

/// The parts between boundaries (RFC 2046 §5.1.1).
pub(super) fn parts<'a>(body: &'a [u8], boundary: &str) -> impl Iterator<Item = Part<'a>> {
    let delimiter = format!("--{boundary}").into_bytes();
    let mut rest = next_delimiter(body, &delimiter).map(|(_, after)| after);
    std::iter::from_fn(move || {
        let bytes = rest.take()?;
        if bytes.starts_with(b"--") {
            return None;
        }
        let begin = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1);
        let bytes = &bytes[begin..];
        let (part, cut_off) = match next_delimiter(bytes, &delimiter) {
            Some((end, after)) => {
                rest = Some(after);
                (&bytes[..end], false)
            }
            None => (bytes, true),
        };
        // The line end before a boundary belongs to the boundary.
        let bytes = part.strip_suffix(b"\n").unwrap_or(part);
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        Some(Part { bytes, cut_off })
    })
}

/// Where the next delimiter at the beginning of a line lies, and what is after it.
fn next_delimiter<'a>(bytes: &'a [u8], delimiter: &[u8]) -> Option<(usize, &'a [u8])> {
    memchr::memmem::find_iter(bytes, delimiter)
        .map(|at| (at, &bytes[at + delimiter.len()..]))
        .find(|(at, after)| {
            // Another boundary may begin with this one.
            let ends =
                after.first().is_none_or(u8::is_ascii_whitespace) || after.starts_with(b"--");
            ends && (*at == 0 || bytes[at - 1] == b'\n')
        })
}

/// Quoted-printable (RFC 2045 §6.7); what is no escape is kept as it is.
fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|b| *b == b'\n') {
        let (content, end) = match line {
            [content @ .., b'\r', b'\n'] => (content, &b"\r\n"[..]),
            [content @ .., b'\n'] => (content, &b"\n"[..]),
            content => (content, &b""[..]),
        };
        let content = content.trim_ascii_end();
        let (content, end) = match content {
            [content @ .., b'='] => (content, &b""[..]),
            content => (content, end),
        };
        let mut at = 0;
        while at < content.len() {
            let escaped = content.get(at + 1..at + 3).filter(|_| content[at] == b'=');
            let byte = escaped.and_then(|digits| hex::decode(digits).ok());
            if let Some(byte) = byte {
                out.extend(byte);
                at += 3;
            } else {
                out.push(content[at]);
                at += 1;
            }
        }
        out.extend_from_slice(end);
    }
    out
}

/// Base64 (RFC 2045 §6.8), with line ends and other bytes between.
fn base64(body: &[u8]) -> Result<Vec<u8>, Problem> {
    let letters: Vec<u8> = body
        .iter()
        .copied()
        .filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
        .collect();
    LENIENT
        .decode(letters)
        .map_err(|error| malformed(format!("its Base64 is broken: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_printable_joins_soft_breaks_and_keeps_what_is_no_escape() {
        assert_eq!(
            quoted_printable(b"a=3D1=\r\n b=C3=A9 \r\n100=% =3\r\n"),
            b"a=1 b\xc3\xa9\r\n100=% =3\r\n"
        );
    }

    #[test]
    fn a_boundary_counts_at_the_beginning_of_a_line_only() {
        let body = b"pre\r\n--B\r\n\r\nx --B y\r\n--B\r\n\r\nz\n--B--\r\nafter";
        let all: Vec<_> = parts(body, "B")
            .map(|part| (part.bytes, part.cut_off))
            .collect();
        assert_eq!(all, [(&b"\r\nx --B y"[..], false), (&b"\r\nz"[..], false)]);
        let cut: Vec<_> = parts(b"--B\n\nx\n", "B").map(|part| part.cut_off).collect();
        assert_eq!(cut, [true]);
    }
}
