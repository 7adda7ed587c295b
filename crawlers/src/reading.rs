//! What one exchange says: further targets, listings, or that we are unwanted.

use serde_json::Value;
use thiserror::Error;
use url::Url;

use crate::blocked::{self, Instead};
use crate::definition::Definition;
use crate::definition::locator::Locator;
use crate::definition::schema::{Marks, When};
use crate::discover::canonical::canonical;
use crate::discover::list::Entries;
use crate::discover::{list, related, sitemap};
use crate::extract::{Document, Lookup, Rules, fill_as_shown, listing};
use crate::fetch::Exchange;
use crate::listing::Listing;
use crate::target::{Target, TargetKind};

/// The most indexes that may stand above a sitemap.
const MAX_SITEMAP_DEPTH: u32 = 4;

/// Everything read from one exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What to fetch next. Images are not among them: they are in the listings.
    pub targets: Vec<Target>,
    /// The offers. Exactly one for an item that is [`Signal::Ok`].
    pub listings: Vec<Listing>,
    /// What the answer was.
    pub signal: Signal,
}

/// What an answer was, apart from what stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// What was asked for.
    Ok,
    /// The page is not there any more.
    Gone {
        /// How that is known.
        by: GoneBy,
        /// What says so.
        why: String,
    },
    /// We are not let in: 401, 403, 429, a challenge, or the definition's own
    /// sign. Never to be read as gone.
    Blocked {
        /// What says so.
        why: String,
    },
    /// Something else: another status, or a redirect away from the item.
    /// Never to be read as gone.
    Unexpected {
        /// What it was.
        why: String,
    },
    /// A page that has the address of an item and is none, as the definition tells.
    /// Never to be read as gone.
    Other {
        /// How that is known.
        why: String,
    },
}

/// By what a page is known to be gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoneBy {
    /// Its status: 404, 410, or one that the definition names.
    Status,
    /// A sign in the page that the definition names.
    Mark,
    /// Words in the page that sound as if the offer were over. Anybody may have
    /// written them: enough for a scan, and not to say that it was removed.
    Words,
}

/// Why an answer with the right status could not be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// JSON was expected and something else came.
    #[error("{url} should have answered with JSON: {reason}")]
    NotJson {
        /// The URL.
        url: Url,
        /// What the JSON reader said, or the content type.
        reason: String,
    },
    /// A sitemap was expected and something else came.
    #[error("{url} holds no sitemap; check `discover.url` of source `{source_id}`")]
    NotSitemap {
        /// The URL.
        url: Url,
        /// The definition.
        source_id: String,
    },
    /// An item without a title: the page has changed, or it is none.
    #[error("{url} holds no listing: nothing at `fields.title` of source `{source_id}`")]
    NoListing {
        /// The URL.
        url: Url,
        /// The definition.
        source_id: String,
    },
}

/// Reads everything from one exchange. Pure: no network, no clock.
///
/// - a sitemap gives further sitemaps and items (URLs of the form `item.url`);
/// - a list gives its items, the next page and further lists, or whole listings when the
///   definition calls its lists complete;
/// - an item gives exactly one listing, and the items it links to where the
///   definition says which (`discover.related`);
/// - an image gives nothing.
///
/// Of a rendered page the rendered document is read.
///
/// # Errors
/// When the answer came with a good status and still is not what it should
/// be; see [`ReadError`].
pub fn read(def: &Definition, target: &Target, exchange: &Exchange) -> Result<Reading, ReadError> {
    if let Some(page) = exchange.shown() {
        return read(def, target, &page);
    }
    let shown = blocked::recognise(exchange);
    if let Some(wall) = shown
        .as_ref()
        .filter(|shown| shown.instead == Instead::Wall)
    {
        return Ok(empty(wall.clone().into()));
    }
    if let Some(signal) = by_status(def, target, exchange) {
        return Ok(empty(signal));
    }
    if let Some(shown) = shown {
        // The definition knows its own pages better.
        let document = Document::json(&exchange.body)
            .unwrap_or_else(|_| Document::html(&exchange.body, exchange.content_type()));
        let own = by_marks(def, target.kind, &document, &exchange.body);
        return Ok(empty(own.unwrap_or_else(|| shown.into())));
    }
    match target.kind {
        TargetKind::Image => Ok(empty(Signal::Ok)),
        TargetKind::Sitemap => read_sitemap(def, target, exchange),
        TargetKind::List => read_list(def, target, exchange),
        TargetKind::Item => read_item(def, target, exchange),
    }
}

const fn empty(signal: Signal) -> Reading {
    Reading {
        targets: Vec::new(),
        listings: Vec::new(),
        signal,
    }
}

/// What status, headers and the way there say.
fn by_status(def: &Definition, target: &Target, exchange: &Exchange) -> Option<Signal> {
    let status = exchange.status;
    let why = format!("status {status}");
    let by = GoneBy::Status;
    if def.schema.blocked.status.contains(&status) {
        return Some(Signal::Blocked { why });
    }
    if exchange
        .header("cf-mitigated")
        .is_some_and(|v| v.eq_ignore_ascii_case("challenge"))
    {
        let why = "a browser challenge (cf-mitigated)".to_owned();
        return Some(Signal::Blocked { why });
    }
    if def.schema.gone.status.contains(&status) {
        return Some(Signal::Gone { by, why });
    }
    match status {
        200..=299 => {}
        404 | 410 => return Some(Signal::Gone { by, why }),
        401 | 403 | 407 | 429 => return Some(Signal::Blocked { why }),
        _ => return Some(Signal::Unexpected { why }),
    }
    let glob = def.schema.item.url.as_ref()?;
    let led_away = target.kind == TargetKind::Item
        && !exchange.hops.is_empty()
        && glob.matches(&exchange.requested)
        && !glob.matches(&exchange.url);
    led_away.then(|| Signal::Unexpected {
        why: format!("redirected away to {}", exchange.url),
    })
}

/// What the definition's own signs say of a page.
/// Only an item can be gone.
fn by_marks(
    def: &Definition,
    kind: TargetKind,
    document: &Document,
    body: &[u8],
) -> Option<Signal> {
    if let Some(why) = marked(&def.schema.blocked, document, body) {
        return Some(Signal::Blocked { why });
    }
    if let Some(why) = marked(&def.schema.failed, document, body) {
        let why = format!("an error in place of an answer: {why}");
        return Some(Signal::Unexpected { why });
    }
    let gone = || marked(&def.schema.gone, document, body);
    let by = GoneBy::Mark;
    (kind == TargetKind::Item)
        .then(gone)
        .flatten()
        .map(|why| Signal::Gone { by, why })
}

fn marked(marks: &Marks, document: &Document, body: &[u8]) -> Option<String> {
    if marks.selector.iter().any(|locator| document.has(locator)) {
        return Some("the definition's own sign (selector)".to_owned());
    }
    let says = |when: &&When| {
        document
            .values(&when.at)
            .iter()
            .any(|v| when.is.contains(v))
    };
    if let Some(when) = marks.when.iter().find(says) {
        let one_of = when.is.join("`, `");
        return Some(format!("the definition's own sign (one of `{one_of}`)"));
    }
    if marks.text.is_empty() {
        return None;
    }
    let body = String::from_utf8_lossy(body).to_lowercase();
    let text = marks
        .text
        .iter()
        .find(|text| body.contains(&text.to_lowercase()))?;
    Some(format!("the definition's own sign (`{text}`)"))
}

fn read_sitemap(
    def: &Definition,
    target: &Target,
    exchange: &Exchange,
) -> Result<Reading, ReadError> {
    let Some(found) = sitemap::read_in(&exchange.body, def.kept_language()) else {
        return Err(ReadError::NotSitemap {
            url: exchange.url.clone(),
            source_id: def.id().to_owned(),
        });
    };
    let mut reading = empty(Signal::Ok);
    let mut seen = std::collections::HashSet::new();
    let mut add = |kind: TargetKind, link: &str, page: u32| {
        let Some(url) = related::link(def, &exchange.url, link).filter(|url| def.allows(url))
        else {
            return;
        };
        let of_the_form = def.schema.item.may_be(&url);
        if (kind == TargetKind::Sitemap || of_the_form)
            && url != exchange.url
            && seen.insert(url.clone())
        {
            reading.targets.push(Target::new(kind, url, page));
        }
    };
    if target.page < MAX_SITEMAP_DEPTH {
        for link in &found.maps {
            add(TargetKind::Sitemap, link, target.page + 1);
        }
    }
    for link in &found.pages {
        add(TargetKind::Item, link, 0);
    }
    Ok(reading)
}

fn read_list(def: &Definition, target: &Target, exchange: &Exchange) -> Result<Reading, ReadError> {
    let items = def.schema.discover.items.as_ref();
    let document = match document(
        def,
        TargetKind::List,
        exchange,
        items.is_some_and(Locator::is_json),
    )? {
        Ok(document) => document,
        Err(signal) => return Ok(empty(signal)),
    };
    let base = document.base(&exchange.url);
    let mut reading = empty(Signal::Ok);
    let entries = if def.schema.discover.complete {
        let rules = Rules::of(def);
        let nodes = nodes(&document, items);
        for node in nodes.iter().take(list::MAX_ENTRIES) {
            let node = Document::Json((*node).clone());
            let lookup = Lookup::of(&node, 0);
            reading
                .listings
                .extend(listing(&rules, lookup, &base, &exchange.url));
        }
        let ids = reading.listings.iter().map(|found| found.item_id.as_str());
        Entries::of(nodes.len(), ids)
    } else {
        reading.targets = list::items(def, target, &document, &base);
        let keys: Vec<String> = reading.targets.iter().map(Target::key).collect();
        Entries::of(keys.len(), keys.iter().map(String::as_str))
    };
    reading
        .targets
        .extend(list::next(def, target, &document, exchange, &entries));
    let lists = related::lists(def, target, &document, &base, &exchange.url);
    reading.targets.extend(lists);
    Ok(reading)
}

/// The parts of a JSON answer that a path points at. They may overlap, so
/// that whoever copies one lets go of it before the next.
fn nodes<'a>(document: &'a Document, at: Option<&Locator>) -> Vec<&'a Value> {
    match (document, at) {
        (Document::Json(value), Some(Locator::Json(path))) => path.query(value).all(),
        _ => Vec::new(),
    }
}

fn read_item(def: &Definition, target: &Target, exchange: &Exchange) -> Result<Reading, ReadError> {
    let wants_json = def.schema.fields.title.iter().any(Locator::is_json);
    let mut document = match document(def, TargetKind::Item, exchange, wants_json)? {
        Ok(document) => document,
        Err(signal) => return Ok(empty(signal)),
    };
    let none = || ReadError::NoListing {
        url: target.url.clone(),
        source_id: def.id().to_owned(),
    };
    if let Some(at) = &def.schema.item.entry {
        let entry = nodes(&document, Some(at))
            .first()
            .map(|node| (*node).clone());
        document = Document::Json(entry.ok_or_else(none)?);
    }
    if !is_marked(&def.schema.item.marked_by, &document) {
        let why = "nothing at `item.marked_by`: a page that is no item".to_owned();
        return Ok(empty(Signal::Other { why }));
    }
    let page = canonical(exchange.url.clone());
    let lookup = Lookup::of(&document, 0);
    let base = document.base(&page);
    let mut found = listing(&Rules::of(def), lookup, &base, &page).ok_or_else(none)?;
    fill_as_shown(def, &document, (&base, &page), &mut found);
    let mut reading = empty(Signal::Ok);
    reading.targets = related::items(def, target, &document, &base, &page);
    reading.listings.push(found);
    Ok(reading)
}

/// Whether any of these places holds something; where there are none, all pages are marked.
fn is_marked(places: &[Locator], document: &Document) -> bool {
    places.is_empty() || places.iter().any(|place| document.has(place))
}

/// The answer, or what the definition's own signs say of it. Where JSON was
/// asked for and a page came, the signs are looked for in the page, so that a
/// login wall or a challenge is known for what it is.
fn document(
    def: &Definition,
    kind: TargetKind,
    exchange: &Exchange,
    wants_json: bool,
) -> Result<Result<Document, Signal>, ReadError> {
    let html = || Document::html(&exchange.body, exchange.content_type());
    let (document, error) = if wants_json {
        match Document::json(&exchange.body) {
            Ok(document) => (document, None),
            Err(error) => (html(), Some(error)),
        }
    } else {
        (html(), None)
    };
    if let Some(signal) = by_marks(def, kind, &document, &exchange.body) {
        return Ok(Err(signal));
    }
    match error {
        None => Ok(Ok(document)),
        Some(error) => Err(ReadError::NotJson {
            url: exchange.url.clone(),
            reason: format!(
                "{error} (content type {})",
                exchange.content_type().unwrap_or("not stated")
            ),
        }),
    }
}

#[cfg(test)]
mod tests;
