//! robots.txt by RFC 9309, read as Google's parser reads it.
//!
//! [`Robots`] is one file for one crawler. Where the RFC leaves room, files are
//! read as the most used parser reads them, because that is what their writers
//! tried them on: a missing colon and frequent misspellings are forgiven, a
//! byte order mark and any line ending are accepted, groups of one name are
//! merged, and `Allow: /shop/index.html` also allows `/shop/`.
//!
//! In two things the RFC is followed and that parser is not: `/robots.txt`
//! itself is always allowed (section 2.2.2), and percent-encoding is made
//! uniform on both sides before they are compared (`%7e`, `%7E` and `~` are
//! one), where that parser leaves the URL's side to its caller.

mod directives;
mod lines;
mod pattern;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::time::Duration;

use url::{Position, Url};

pub use directives::directives;
use lines::{Key, records};
use pattern::Rule;

/// RFC 9309, section 2.5: at least 500 KiB are to be read; more is not.
pub(crate) const MAX_BYTES: usize = 500 * 1024;
/// The most `Sitemap` lines that are kept.
const MAX_SITEMAPS: usize = 1_000;
/// The longest address that is kept, in bytes.
const MAX_SITEMAP_LENGTH: usize = 2_083;

/// What one robots.txt says to one crawler.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Robots {
    /// Those with the longest pattern first, `Allow` first among equals.
    rules: Vec<Rule>,
    crawl_delay: Option<Duration>,
    sitemaps: Vec<String>,
}

impl Robots {
    /// Reads a file for `agent`, a product token or a whole `User-Agent`.
    ///
    /// Never fails: what is not understood is skipped. Bytes past 500 KiB are
    /// not read, nor is the line that is cut there, for half a rule is another
    /// rule. UTF-16 is read where a byte order mark announces it.
    #[must_use]
    pub fn parse(text: &[u8], agent: &str) -> Self {
        let text = decoded(bounded(text));
        let agent = product_token(agent);
        let (mut own, mut others) = (Group::default(), Group::default());
        let mut sitemaps = Vec::new();
        let mut addressed = Addressed::default();
        for (key, value) in records(&text) {
            match key {
                Key::UserAgent => addressed.name(value, agent),
                Key::Sitemap => {
                    if sitemaps.len() < MAX_SITEMAPS && value.len() <= MAX_SITEMAP_LENGTH {
                        sitemaps.push(String::from_utf8_lossy(value).into_owned());
                    }
                }
                Key::Allow | Key::Disallow | Key::CrawlDelay => {
                    let group = match (addressed.us, addressed.everybody) {
                        (true, _) => &mut own,
                        (false, true) => &mut others,
                        (false, false) => continue,
                    };
                    group.add(key, value);
                    addressed.closed |= key != Key::CrawlDelay;
                }
            }
        }
        let group = if addressed.ever_us { own } else { others };
        Self {
            rules: pattern::ordered(group.rules),
            crawl_delay: group.crawl_delay,
            sitemaps,
        }
    }

    /// Whether this crawler may fetch `path_or_url`: a path with its query, or
    /// an absolute URL, of which only path and query count.
    #[must_use]
    pub fn allows(&self, path_or_url: &str) -> bool {
        self.forbidding(path_of(path_or_url).as_bytes()).is_none()
    }

    /// The pause between two requests that the file asks for; the longest when
    /// it asks more than once. Fractions are read (`0.5`); what is no number
    /// of seconds, or a negative one, is not, and more than a year is a year.
    #[must_use]
    pub const fn crawl_delay(&self) -> Option<Duration> {
        self.crawl_delay
    }

    /// The values of the `Sitemap` lines, which belong to no group, as written:
    /// at most 1,000, none longer than 2,083 bytes.
    #[must_use]
    pub fn sitemaps(&self) -> &[String] {
        &self.sitemaps
    }

    /// The rule that forbids a URL, as in the file but for its percent-encoding;
    /// none when the URL is allowed.
    #[must_use]
    pub fn forbidding_rule(&self, url: &Url) -> Option<String> {
        let path = &url[Position::BeforePath..Position::AfterQuery];
        let rule = self.forbidding(path.as_bytes())?;
        Some(format!("Disallow: {}", rule.text()))
    }

    /// RFC 9309, section 2.2.2: the longest pattern that matches decides, and
    /// `Allow` between two of one length.
    fn forbidding(&self, path: &[u8]) -> Option<&Rule> {
        if path == b"/robots.txt" {
            return None;
        }
        let path = pattern::normalised(path);
        let decides = self.rules.iter().find(|rule| rule.matches(&path))?;
        (!decides.allow).then_some(decides)
    }
}

/// The part of a `User-Agent` that robots.txt groups are matched against:
/// its first product token (`markhound/0.1 (+…)` gives `markhound`).
#[must_use]
pub fn product_token(agent: &str) -> &str {
    let agent = agent.trim();
    let end = agent
        .find(|c: char| c == '/' || c == '(' || c.is_whitespace())
        .unwrap_or(agent.len());
    &agent[..end]
}

/// Whether `agent` may fetch `path_or_url` under this robots.txt; see
/// [`Robots::parse`] and [`Robots::allows`].
#[must_use]
pub fn allowed(robots_txt: &[u8], agent: &str, path_or_url: &str) -> bool {
    Robots::parse(robots_txt, agent).allows(path_or_url)
}

/// Whom the lines are for at this point of the file.
#[derive(Default)]
struct Addressed {
    us: bool,
    everybody: bool,
    /// A rule has come: the next `User-agent` begins another group.
    closed: bool,
    ever_us: bool,
}

impl Addressed {
    fn name(&mut self, value: &[u8], agent: &str) {
        if std::mem::take(&mut self.closed) {
            (self.us, self.everybody) = (false, false);
        }
        if let [b'*', rest @ ..] = value
            && rest.first().is_none_or(u8::is_ascii_whitespace)
        {
            self.everybody = true;
        } else if is_name_of(agent, value) {
            (self.us, self.ever_us) = (true, true);
        }
    }
}

/// Names are compared without case, and only as far as they are names: RFC
/// 9309 has letters, `-` and `_` in them. A crawler whose own name has others
/// is known by its whole first word.
fn is_name_of(agent: &str, value: &[u8]) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_');
    let letters = value.iter().take_while(|byte| is_letter(byte)).count();
    let ends_word = |byte: &u8| matches!(byte, b'/' | b'(') || byte.is_ascii_whitespace();
    let word = value.iter().take_while(|byte| !ends_word(byte)).count();
    let agent = agent.as_bytes();
    !agent.is_empty()
        && [letters, word]
            .iter()
            .any(|end| value[..*end].eq_ignore_ascii_case(agent))
}

/// What is said to one crawler.
#[derive(Default)]
struct Group {
    rules: Vec<Rule>,
    crawl_delay: Option<Duration>,
}

impl Group {
    fn add(&mut self, key: Key, value: &[u8]) {
        if key == Key::CrawlDelay {
            self.crawl_delay = self.crawl_delay.max(delay(value));
        } else if !value.is_empty() {
            let allow = key == Key::Allow;
            self.rules.push(Rule::new(value, allow));
            self.rules
                .extend(allow.then(|| Rule::of_index(value)).flatten());
        }
    }
}

fn delay(value: &[u8]) -> Option<Duration> {
    const YEAR: f64 = 31_536_000.0;
    let seconds: f64 = std::str::from_utf8(value).ok()?.parse().ok()?;
    // NaN is not at least zero.
    (seconds >= 0.0).then(|| Duration::from_secs_f64(seconds.min(YEAR)))
}

fn bounded(text: &[u8]) -> &[u8] {
    let Some((head, _)) = text.split_at_checked(MAX_BYTES) else {
        return text;
    };
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    head.iter()
        .rposition(is_end)
        .map_or(&head[..0], |end| &head[..=end])
}

fn decoded(text: &[u8]) -> Cow<'_, [u8]> {
    match encoding_rs::Encoding::for_bom(text) {
        Some((encoding, bom)) if encoding != encoding_rs::UTF_8 => {
            let (text, _) = encoding.decode_without_bom_handling(&text[bom..]);
            Cow::Owned(text.into_owned().into_bytes())
        }
        _ => Cow::Borrowed(text),
    }
}

/// The path and the query of a path or an absolute URL.
fn path_of(path_or_url: &str) -> Cow<'_, str> {
    let text = path_or_url.split('#').next().unwrap_or_default();
    if text.starts_with('/') {
        return Cow::Borrowed(text);
    }
    let rest = match text.split_once("://") {
        Some((_, rest)) => rest.find(['/', '?']).map_or("", |at| &rest[at..]),
        None => text,
    };
    if rest.starts_with('/') {
        Cow::Borrowed(rest)
    } else {
        Cow::Owned(format!("/{rest}"))
    }
}
