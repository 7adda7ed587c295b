//! Rules, and the paths they match.

use std::borrow::Cow;

use memchr::memmem;

/// One `Allow` or `Disallow` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    /// Uniformly encoded, runs of `*` made one.
    pattern: Vec<u8>,
    /// How many octets it had before, which is what its weight is.
    length: usize,
    pub(super) allow: bool,
}

impl Rule {
    pub(super) fn new(value: &[u8], allow: bool) -> Self {
        let encoded = normalised(value);
        let mut pattern = encoded.to_vec();
        pattern.dedup_by(|a, b| *a == b'*' && *b == b'*');
        Self {
            length: encoded.len(),
            pattern,
            allow,
        }
    }

    /// Who allows `/shop/index.html` means `/shop/` too.
    pub(super) fn of_index(value: &[u8]) -> Option<Self> {
        let slash = value.iter().rposition(|byte| *byte == b'/')?;
        if !value[slash..].starts_with(b"/index.htm") {
            return None;
        }
        let mut folder = value[..=slash].to_vec();
        folder.push(b'$');
        Some(Self::new(&folder, true))
    }

    pub(super) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.pattern)
    }

    /// Whether the pattern covers this (normalised) path: `*` is anything, `$`
    /// at the end is the end, and without it the beginning suffices.
    ///
    /// Each part between stars is looked for once, from where the one before
    /// ended, so the time grows with pattern + path, whatever the stars.
    pub(super) fn matches(&self, path: &[u8]) -> bool {
        let (body, to_the_end) = match self.pattern.strip_suffix(b"$") {
            Some(body) => (body, true),
            None => (self.pattern.as_slice(), false),
        };
        let mut parts = body.split(|byte| *byte == b'*').peekable();
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = path.strip_prefix(first) else {
            return false;
        };
        if parts.peek().is_none() {
            return !to_the_end || rest.is_empty();
        }
        while let Some(part) = parts.next() {
            if to_the_end && parts.peek().is_none() {
                return rest.ends_with(part);
            }
            match memmem::find(rest, part) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        true
    }
}

/// The rules in the order in which the first that matches decides.
pub(super) fn ordered(mut rules: Vec<Rule>) -> Vec<Rule> {
    let weight = |rule: &Rule| (rule.length, rule.allow);
    rules.sort_by(|a, b| {
        weight(b)
            .cmp(&weight(a))
            .then_with(|| a.pattern.cmp(&b.pattern))
    });
    rules.dedup();
    rules
}

/// A path or a pattern in uniform percent-encoding (RFC 9309, section 2.2.2;
/// RFC 3986, section 6.2.2): unreserved characters are written as they are,
/// what a URL may not hold is encoded, hexadecimal digits are capitals.
pub(super) fn normalised(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.iter().any(|byte| *byte == b'%' || is_encoded(*byte)) {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len() + 16);
    let mut rest = text;
    while let [byte, after @ ..] = rest {
        rest = after;
        match (*byte, octet(after)) {
            (b'%', Some(octet)) => {
                rest = &after[2..];
                if is_unreserved(octet) {
                    out.push(octet);
                } else {
                    encode(octet, &mut out);
                }
            }
            (byte, _) if is_encoded(byte) => encode(byte, &mut out),
            (byte, _) => out.push(byte),
        }
    }
    Cow::Owned(out)
}

fn octet(digits: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*digits.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

fn encode(octet: u8, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |value: u8| DIGITS[usize::from(value & 15)];
    out.extend([b'%', digit(octet >> 4), digit(octet)]);
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// What a URL's writer would have to encode.
const fn is_encoded(byte: u8) -> bool {
    byte <= b' '
        || byte >= 0x7f
        || matches!(byte, b'"' | b'<' | b'>' | b'^' | b'`' | b'{' | b'|' | b'}')
}
