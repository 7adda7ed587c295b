//! Lists: their entries and the page after.

use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;

use super::canonical::resolve;
use super::image::image_of;
use super::related::link;
use crate::definition::Definition;
use crate::definition::pattern::Fill;
use crate::definition::schema::{CountNext, NamedNext, Next, NumberAt, Stop};
use crate::extract::Document;
use crate::fetch::Exchange;
use crate::target::{Target, TargetKind, Trail};

/// The most entries read of one list page.
pub(crate) const MAX_ENTRIES: usize = 1_000;

/// The items a list page links to, in order, each once.
pub(crate) fn items(
    def: &Definition,
    target: &Target,
    document: &Document,
    base: &Url,
) -> Vec<Target> {
    let discover = &def.schema.discover;
    let Some(locator) = &discover.items else {
        return Vec::new();
    };
    let values = document.values(locator);
    item_targets(def, target.query.as_deref(), values, base)
}

/// The items that links (or identifiers, for `discover.item_url`) lead to, in
/// order, each once.
pub(super) fn item_targets(
    def: &Definition,
    query: Option<&str>,
    values: Vec<String>,
    base: &Url,
) -> Vec<Target> {
    let discover = &def.schema.discover;
    let mut targets: Vec<Target> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for value in values.into_iter().take(MAX_ENTRIES) {
        let url = match &discover.item_url {
            Some(template) => {
                let fill = Fill {
                    id: value.trim(),
                    ..Fill::default()
                };
                template.fill(def.base(), &fill)
            }
            None => link(def, base, &value),
        };
        let Some(url) = url else { continue };
        let of_the_form = def.schema.item.may_be(&url);
        if def.allows(&url)
            && of_the_form
            && seen.insert((url.clone(), item_body(def, value.trim(), "")))
        {
            targets.push(Target {
                query: query.map(str::to_owned),
                body: item_body(def, value.trim(), ""),
                ..Target::new(TargetKind::Item, url, 0)
            });
        }
    }
    targets
}

/// What is posted to ask for an item.
pub(super) fn item_body(def: &Definition, id: &str, slug: &str) -> Option<String> {
    let fill = Fill {
        id,
        slug,
        ..Fill::default()
    };
    def.schema.item.body.as_ref().map(|body| body.fill(&fill))
}

/// What a list page had.
pub(crate) struct Entries {
    /// How many there are, those that could not be read among them.
    pub count: usize,
    /// A digest of what they are.
    pub digest: String,
}

impl Entries {
    /// `names` are the identifiers or addresses of the entries.
    pub(crate) fn of<'a>(count: usize, names: impl Iterator<Item = &'a str>) -> Self {
        let mut hasher = Sha256::new();
        for name in names {
            hasher.update(name.as_bytes());
            hasher.update([0]);
        }
        let mut digest = hex::encode(hasher.finalize());
        digest.truncate(16);
        Self { count, digest }
    }
}

/// The page after this one, if there is one and it may be read.
pub(crate) fn next(
    def: &Definition,
    target: &Target,
    document: &Document,
    exchange: &Exchange,
    entries: &Entries,
) -> Option<Target> {
    let discover = &def.schema.discover;
    let way = discover.next.as_ref()?;
    let page = target.page.max(1);
    let before = target.after.as_ref().map_or(0, |trail| trail.entries);
    let count = u32::try_from(entries.count).unwrap_or(u32::MAX);
    let seen = before.saturating_add(count);
    let repeats = count > 0
        && target
            .after
            .as_ref()
            .is_some_and(|trail| trail.last == entries.digest);
    let number = |at: &NumberAt| number(at, document, exchange);
    if page >= most_pages(def, target)
        || repeats
        || (discover.stop == Some(Stop::Short) && count < discover.limit)
        || discover
            .total
            .as_ref()
            .and_then(number)
            .is_some_and(|total| u64::from(seen) >= total)
        || discover
            .total_pages
            .as_ref()
            .and_then(number)
            .is_some_and(|total| u64::from(page) >= total)
    {
        return None;
    }
    let (url, body) = match way {
        Next::Named(NamedNext::LinkHeader) => (link_header_next(exchange)?, target.body.clone()),
        Next::At(locator) => {
            let value = document.values(locator).into_iter().next()?;
            let url = link(def, &document.base(&exchange.url), &value)?;
            (url, target.body.clone())
        }
        Next::Cursor(next) => {
            let cursor = document.values(&next.cursor).into_iter().next()?;
            set(def, target, exchange, "cursor", &Value::from(cursor.trim()))?
        }
        // What counts goes on for as long as pages have entries.
        _ if count == 0 => return None,
        Next::Named(NamedNext::Page) => set(def, target, exchange, "page", &Value::from(page + 1))?,
        Next::Named(NamedNext::Offset) => {
            let offset = page.saturating_mul(discover.limit);
            set(def, target, exchange, "offset", &Value::from(offset))?
        }
        Next::Count(count) => (raised(&exchange.url, count), target.body.clone()),
    };
    let is_new = body != target.body || (url != exchange.url && url != target.url);
    (def.allows(&url) && is_new).then(|| Target {
        query: target.query.clone(),
        body,
        depth: target.depth,
        after: Some(Trail {
            entries: seen,
            last: entries.digest.clone(),
            list: target.list(),
        }),
        ..Target::new(TargetKind::List, url, page + 1)
    })
}

/// The most pages of a list that are read.
fn most_pages(def: &Definition, target: &Target) -> u32 {
    let most = def.schema.discover.max_pages;
    match &def.schema.discover.image {
        Some(search) if image_of(def, target).is_some() => search.max_pages.min(most),
        _ => most,
    }
}

/// A number in a header or at a place.
fn number(at: &NumberAt, document: &Document, exchange: &Exchange) -> Option<u64> {
    match at {
        NumberAt::Header(name) => exchange.header(&name.header)?.trim().parse().ok(),
        NumberAt::At(locator) => document.values(locator).first()?.trim().parse().ok(),
    }
}

/// URL and body of the target with the place of a placeholder set.
fn set(
    def: &Definition,
    target: &Target,
    exchange: &Exchange,
    placeholder: &str,
    to: &Value,
) -> Option<(Url, Option<String>)> {
    let discover = &def.schema.discover;
    if let (Some(body), Some(template)) = (&target.body, &discover.body)
        && template.has(placeholder)
    {
        let body = template.set(body, placeholder, to)?;
        return Some((target.url.clone(), Some(body)));
    }
    let text = to.as_str().map_or_else(|| to.to_string(), str::to_owned);
    let templates = std::iter::once(&discover.url)
        .chain(&discover.category_url)
        .chain(discover.image.as_ref().map(|image| &image.url));
    let url = templates
        .filter(|template| template.has(placeholder))
        .find_map(|template| template.set(def.base(), &exchange.url, placeholder, &text))?;
    Some((url, target.body.clone()))
}

/// The `rel="next"` link of the `Link` headers.
fn link_header_next(exchange: &Exchange) -> Option<Url> {
    let headers = exchange
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("link"));
    for (_, header) in headers {
        // A comma may stand inside a URL, a `<` only at the start of a link.
        for link in header.split('<').skip(1) {
            let Some((url, parameters)) = link.split_once('>') else {
                continue;
            };
            let is_next = parameters.split([';', ',']).any(|parameter| {
                parameter.split_once('=').is_some_and(|(name, value)| {
                    name.trim().eq_ignore_ascii_case("rel")
                        && value
                            .trim()
                            .trim_matches('"')
                            .split_whitespace()
                            .any(|rel| rel.eq_ignore_ascii_case("next"))
                })
            });
            if is_next {
                return resolve(&exchange.url, url);
            }
        }
    }
    None
}

/// The same URL with a counting parameter raised; one that is missing counts
/// as the first page.
fn raised(url: &Url, count: &CountNext) -> Url {
    let mut found = false;
    let pairs: Vec<(String, String)> = url
        .query_pairs()
        .map(|(name, value)| {
            if name == count.count.as_str() {
                found = true;
                let at: u32 = value.parse().unwrap_or(0);
                (name.into_owned(), at.saturating_add(count.step).to_string())
            } else {
                (name.into_owned(), value.into_owned())
            }
        })
        .collect();
    let mut url = url.clone();
    url.query_pairs_mut().clear().extend_pairs(&pairs);
    if !found {
        // Pages are counted from 1, offsets (which have a step) from 0.
        let second = if count.step == 1 { 2 } else { count.step };
        url.query_pairs_mut()
            .append_pair(&count.count, &second.to_string());
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counting_raises_its_parameter_and_keeps_the_others() {
        let page = CountNext {
            count: "page".to_owned(),
            step: 1,
        };
        let url = Url::parse("https://a.example/l?q=x+y&page=9").expect("a URL");
        assert_eq!(
            raised(&url, &page).as_str(),
            "https://a.example/l?q=x+y&page=10"
        );
        let url = Url::parse("https://a.example/l").expect("a URL");
        assert_eq!(raised(&url, &page).as_str(), "https://a.example/l?page=2");
        let offset = CountNext {
            count: "offset".to_owned(),
            step: 50,
        };
        assert_eq!(
            raised(&url, &offset).as_str(),
            "https://a.example/l?offset=50"
        );
    }
}
