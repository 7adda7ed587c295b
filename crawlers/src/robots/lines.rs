//! The lines of a robots.txt, and what each is about.

/// The longest line that is read, in bytes; what follows on it is ignored.
const MAX_LINE: usize = 2_083 * 8 - 1;

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    UserAgent,
    Allow,
    Disallow,
    CrawlDelay,
    Sitemap,
}

/// How often `disallow` is misspelt, and how.
const DISALLOW: [&str; 6] = [
    "disallow",
    "dissallow",
    "dissalow",
    "disalow",
    "diasllow",
    "disallaw",
];

impl Key {
    /// The beginning decides: `Disallow-this` is a `Disallow`.
    fn of(word: &[u8]) -> Option<Self> {
        let begins = |name: &str| {
            word.get(..name.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(name.as_bytes()))
        };
        if ["user-agent", "useragent", "user agent"]
            .into_iter()
            .any(begins)
        {
            Some(Self::UserAgent)
        } else if begins("allow") {
            Some(Self::Allow)
        } else if DISALLOW.into_iter().any(begins) {
            Some(Self::Disallow)
        } else if ["sitemap", "site-map"].into_iter().any(begins) {
            Some(Self::Sitemap)
        } else if ["crawl-delay", "crawldelay", "crawl delay"]
            .into_iter()
            .any(begins)
        {
            Some(Self::CrawlDelay)
        } else {
            None
        }
    }
}

/// The lines that say something, in order.
pub(super) fn records(text: &[u8]) -> impl Iterator<Item = (Key, &[u8])> {
    without_bom(text)
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .filter_map(record)
}

/// A byte order mark, or as much of one as was saved.
fn without_bom(text: &[u8]) -> &[u8] {
    let mut rest = text;
    for byte in b"\xef\xbb\xbf" {
        match rest.strip_prefix(&[*byte]) {
            Some(after) => rest = after,
            None => break,
        }
    }
    rest
}

fn record(line: &[u8]) -> Option<(Key, &[u8])> {
    let line = &line[..line.len().min(MAX_LINE)];
    let end = line.iter().position(|byte| matches!(byte, b'#' | 0));
    let line = trimmed(&line[..end.unwrap_or(line.len())]);
    let (key, value) = split(line)?;
    Some((Key::of(trimmed(key))?, trimmed(value)))
}

/// At the colon; without one at white space, if that leaves two words.
fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    if let Some(at) = line.iter().position(|byte| *byte == b':') {
        return Some((&line[..at], &line[at + 1..]));
    }
    let is_gap = |byte: &u8| matches!(byte, b' ' | b'\t');
    let at = line.iter().position(is_gap)?;
    let value = trimmed(&line[at..]);
    (!value.iter().any(is_gap)).then_some((&line[..at], value))
}

/// ASCII white space, the vertical tab included.
fn trimmed(mut text: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0x0b;
    while let [first, rest @ ..] = text
        && is_space(first)
    {
        text = rest;
    }
    while let [rest @ .., last] = text
        && is_space(last)
    {
        text = rest;
    }
    text
}
