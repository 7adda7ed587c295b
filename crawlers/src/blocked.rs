//! Pages that are shown instead of what was asked for: block pages, log-in and
//! consent walls, "not found" with status 200, and offers that are over.
//!
//! A wrong alarm is as bad as a missed one. So a page that carries a product
//! (in JSON-LD, microdata, RDFa or OpenGraph) is never judged; a vendor's marks
//! count only in a page with little to read; and words count only as a whole
//! title or heading, or in a page of a few lines: a shirt named "404 Not Found
//! T-Shirt", a review that says "access denied" and a script that loads a
//! CAPTCHA for a form are none of these.
//!
//! Marks and words are data: `data/blocked.toml`.

mod json;
mod markup;
mod page;
#[cfg(test)]
mod tests;
mod words;

use url::Url;

use crate::extract::decode;
use crate::fetch::Exchange;
use crate::reading::{GoneBy, Signal};
use page::Page;
use words::{Wall, Words, segments, words};

/// How much of a body is looked at, in bytes.
const LOOKED_AT: usize = 512 * 1024;
/// The most a visitor reads, in characters: on a vendor's block page, on a
/// page that only says no, on one of a few lines.
const BLOCK_PAGE: usize = 3_000;
const REFUSAL: usize = 1_500;
const FEW_LINES: usize = 700;

/// What was shown instead of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instead {
    /// Somebody does not let us in.
    Wall,
    /// There is no such page, although the status says there is.
    NotFound,
    /// The page says that the offer is over.
    Gone,
}

/// What was shown instead of the page, and what says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What it is.
    pub instead: Instead,
    /// What says so, in words.
    pub why: String,
}

impl From<Verdict> for Signal {
    /// Only the page's own word that the offer is over is [`Signal::Gone`]: a
    /// "not found" with status 200 may be a block in disguise.
    fn from(Verdict { instead, why }: Verdict) -> Self {
        match instead {
            Instead::Wall | Instead::NotFound => Self::Blocked { why },
            Instead::Gone => Self::Gone {
                by: GoneBy::Words,
                why,
            },
        }
    }
}

/// What an answer shows instead of what was asked for; none for an answer that
/// may be just that. Walls are recognised at any status, the others at 2xx.
///
/// Time grows with the size of the body (of which 512 KiB are looked at), never
/// faster. Pictures and XML are never judged by their bodies.
#[must_use]
pub fn recognise(exchange: &Exchange) -> Option<Verdict> {
    let words = words();
    let body = &exchange.body[..exchange.body.len().min(LOOKED_AT)];
    let media = exchange
        .content_type()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let page = match kind_of(&media, body) {
        Kind::Html => {
            let html = decode(body, exchange.content_type());
            if page::states_product(&html) {
                return None;
            }
            Page::scan(&html)
        }
        Kind::Text => Page::plain(&decode(body, exchange.content_type())),
        Kind::Json => return by_headers(words, exchange).or_else(|| json::judge(words, body)),
        Kind::Other => return by_headers(words, exchange),
    };
    if page.product {
        return None;
    }
    let here = Here {
        words,
        exchange,
        page: &page,
    };
    let walls = [
        Here::led_to_a_wall,
        Here::vendor,
        Here::puzzle,
        Here::refusal,
    ];
    let own_walls = [Here::log_in, Here::consent];
    let wall = by_headers(words, exchange).or_else(|| {
        walls
            .iter()
            .chain(&own_walls)
            .find_map(|judge| judge(&here))
    });
    if wall.is_some() || !(200..300).contains(&exchange.status) {
        return wall;
    }
    here.gone().or_else(|| here.not_found())
}

enum Kind {
    Html,
    Text,
    Json,
    Other,
}

fn kind_of(media: &str, body: &[u8]) -> Kind {
    let start = body.trim_ascii_start();
    let start = &start[..start.len().min(64)].to_ascii_lowercase();
    if media.contains("json") || start.starts_with(b"{") {
        Kind::Json
    } else if media.contains("html")
        || start.starts_with(b"<!doctype html")
        || start.starts_with(b"<html")
    {
        Kind::Html
    } else if media.starts_with("text/plain") && body.len() <= 2_000 {
        Kind::Text
    } else {
        Kind::Other
    }
}

fn by_headers(words: &Words, exchange: &Exchange) -> Option<Verdict> {
    words.walls.iter().find_map(|wall| {
        let (name, _) = wall.headers.iter().find(|(name, value)| {
            exchange
                .header(name)
                .is_some_and(|found| found.to_ascii_lowercase().contains(value))
        })?;
        Some(by(wall, &format!("header {name}")))
    })
}

fn by(wall: &Wall, sign: &str) -> Verdict {
    verdict(
        Instead::Wall,
        format!("a block page of {} ({sign})", wall.name),
    )
}

const fn verdict(instead: Instead, why: String) -> Verdict {
    Verdict { instead, why }
}

/// One answer under judgement.
struct Here<'a> {
    words: &'a Words,
    exchange: &'a Exchange,
    page: &'a Page,
}

impl Here<'_> {
    fn led_to_a_wall(&self) -> Option<Verdict> {
        let (asked, got) = (self.exchange.requested.as_str(), self.exchange.url.as_str());
        let wall = self.words.walls.iter().find_map(|wall| {
            let url = wall
                .urls
                .iter()
                .find(|url| got.contains(*url) && !asked.contains(*url))?;
            Some((wall, url))
        });
        wall.map(|(wall, url)| by(wall, &format!("led to {url}")))
    }

    fn vendor(&self) -> Option<Verdict> {
        if self.page.length > BLOCK_PAGE {
            return None;
        }
        let body = &self.exchange.body[..self.exchange.body.len().min(LOOKED_AT)];
        let (wall, mark) = self.words.marked(body)?;
        Some(by(wall, &format!("its mark `{mark}`")))
    }

    /// A short page with a CAPTCHA that asks whether we are human.
    fn puzzle(&self) -> Option<Verdict> {
        let short = self.page.length <= FEW_LINES && !self.page.priced;
        let read = || format!("{} {}", self.page.title, self.page.text);
        (short
            && self.words.captcha.marks.is_match(&self.exchange.body[..])
            && self.words.captcha.words.is_match(&read()))
        .then(|| verdict(Instead::Wall, "a CAPTCHA and nothing else".to_owned()))
    }

    /// A page that only says no.
    fn refusal(&self) -> Option<Verdict> {
        let page = self.page;
        if page.length > REFUSAL || page.priced {
            return None;
        }
        let denied = &self.words.denied;
        let names = std::iter::once(&page.title).chain(page.headings.iter().take(1));
        let heading = names
            .flat_map(|name| segments(name))
            .find(|part| denied.heading.contains(*part));
        // A heading of our kind in front of other words names something else.
        let heading = heading.filter(|part| !self.is_part_of_a_name(part));
        let found = heading
            .map(str::to_owned)
            .or_else(|| denied.text_in(&page.text));
        found.map(|words| verdict(Instead::Wall, format!("a page that only says “{words}”")))
    }

    /// The heading holds this and more, so it is part of a name.
    fn is_part_of_a_name(&self, part: &str) -> bool {
        self.page.headings.first().is_some_and(|heading| {
            heading.contains(part) && segments(heading).any(|other| !self.words.says_no(other))
        })
    }

    fn log_in(&self) -> Option<Verdict> {
        let login = &self.words.login;
        if self.led_to_path(|segment| login.paths.contains(segment)) {
            let why = format!("led to a log-in page, {}", self.exchange.url);
            return Some(verdict(Instead::Wall, why));
        }
        let page = self.page;
        if !page.password || page.priced || page.length > REFUSAL {
            return None;
        }
        let mut names = std::iter::once(&page.title).chain(page.headings.iter().take(1));
        let says = names.any(|name| segments(name).any(|part| login.heading.contains(part)));
        (says || page.length <= 300)
            .then(|| verdict(Instead::Wall, "a log-in form and nothing else".to_owned()))
    }

    fn consent(&self) -> Option<Verdict> {
        let consent = &self.words.consent;
        let host = self.exchange.url.host_str().unwrap_or_default();
        let led = !self.exchange.hops.is_empty()
            && self.exchange.requested.host_str() != Some(host)
            && consent
                .hosts
                .iter()
                .any(|start| host.starts_with(start.as_str()));
        if led || self.led_to_path(|segment| consent.paths.contains(segment)) {
            let why = format!("led to a consent page, {}", self.exchange.url);
            return Some(verdict(Instead::Wall, why));
        }
        let page = self.page;
        let titled = segments(&page.title).any(|part| consent.heading.contains(part));
        let alone = page.headings.len() == 1
            && segments(&page.headings[0]).any(|part| consent.heading.contains(part));
        (page.length <= BLOCK_PAGE && !page.priced && (titled || alone && page.length <= REFUSAL))
            .then(|| verdict(Instead::Wall, "a consent page and nothing else".to_owned()))
    }

    /// Whether redirects led to a path with such a segment from one without.
    fn led_to_path(&self, is_wall: impl Fn(&str) -> bool) -> bool {
        let has = |url: &Url| {
            let path = url.path().to_ascii_lowercase();
            path.split('/')
                .map(|segment| segment.split('.').next().unwrap_or_default())
                .any(&is_wall)
        };
        !self.exchange.hops.is_empty() && has(&self.exchange.url) && !has(&self.exchange.requested)
    }

    fn gone(&self) -> Option<Verdict> {
        let page = self.page;
        if page.cart {
            return None;
        }
        let gone = &self.words.gone;
        let found = std::iter::once(&page.title)
            .chain(&page.headings)
            .filter(|name| name.chars().count() <= 200)
            .find_map(|name| gone.text_in(name));
        let few = page.length <= FEW_LINES;
        let found = found.or_else(|| few.then(|| gone.text_in(&page.text)).flatten());
        found.map(|words| verdict(Instead::Gone, format!("the page says “{words}”")))
    }

    fn not_found(&self) -> Option<Verdict> {
        let why = self.says_not_found()?;
        Some(verdict(
            Instead::NotFound,
            format!("“not found” with status {}: {why}", self.exchange.status),
        ))
    }

    fn says_not_found(&self) -> Option<String> {
        let (page, not_found) = (self.page, &self.words.not_found);
        let strong = |part: &&str| not_found.heading.contains(*part);
        let weak = |part: &&str| not_found.weak.contains(*part);
        let in_title = segments(&page.title).find(|part| strong(part) || weak(part));
        for heading in page.headings.iter().take(3) {
            let parts: Vec<&str> = segments(heading).collect();
            let only = parts
                .iter()
                .all(|part| strong(part) || weak(part) || not_found.filler.contains(*part));
            let is_first = page.headings.first() == Some(heading);
            let sure = parts.iter().any(strong) && is_first
                || parts.iter().any(|part| strong(part) || weak(part)) && in_title.is_some();
            let in_full = in_title.is_some()
                && !parts.is_empty()
                && parts
                    .iter()
                    .all(|part| self.words.says_no(part) || not_found.text_in(part).is_some());
            if only && sure || in_full {
                return Some(format!("the heading says “{heading}”"));
            }
        }
        if let Some(part) = segments(&page.title).find(strong)
            && !self.is_part_of_a_name(part)
        {
            return Some(format!("the title says “{part}”"));
        }
        let said = not_found.text_in(&page.text);
        if let Some(part) = in_title
            && page.headings.is_empty()
            && (said.is_some() || page.length <= 300)
            && !page.priced
        {
            return Some(format!("the title says “{part}”"));
        }
        if let Some(words) = &said
            && page.length <= FEW_LINES
            && !page.priced
        {
            return Some(format!("the page says “{words}”"));
        }
        self.is_the_home_page(said.is_some())
    }

    /// The home page, instead of a page that is not.
    fn is_the_home_page(&self, says_not_found: bool) -> Option<String> {
        let (asked, got) = (&self.exchange.requested, &self.exchange.url);
        if is_home(asked) {
            return None;
        }
        if !self.exchange.hops.is_empty() && is_home(got) {
            return Some("redirected to the home page".to_owned());
        }
        let calls_itself = self
            .page
            .calls_itself
            .iter()
            .filter_map(|link| got.join(link).ok());
        let mut homes = calls_itself.filter(|url| is_home(url) && url.host_str() == got.host_str());
        (says_not_found || self.page.noindex)
            .then(|| homes.next())
            .flatten()
            .map(|_| "the page calls itself the home page".to_owned())
    }
}

/// The front page of a site or of one of its languages.
fn is_home(url: &Url) -> bool {
    let path = url.path().trim_matches('/').to_ascii_lowercase();
    let is_language = |text: &str| {
        let letters = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic());
        text.split_once(['-', '_'])
            .map_or_else(|| letters(text), |(a, b)| letters(a) && letters(b))
    };
    let file = path.split('.').next().unwrap_or_default();
    url.query().is_none()
        && (path.is_empty()
            || is_language(&path)
            || matches!(file, "index" | "default" | "home") && !path.contains('/'))
}
