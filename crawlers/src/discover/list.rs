//! Lists: their entries and the page after.

use url::Url;

use super::canonical::resolve;
use crate::definition::Definition;
use crate::definition::pattern::Fill;
use crate::definition::schema::{CountNext, Next};
use crate::extract::Document;
use crate::fetch::Exchange;
use crate::target::{Target, TargetKind};

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
    let mut targets: Vec<Target> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for value in document.values(locator).into_iter().take(MAX_ENTRIES) {
        let url = match &discover.item_url {
            Some(template) => {
                let fill = Fill {
                    id: value.trim(),
                    ..Fill::default()
                };
                template.fill(def.base(), &fill)
            }
            None => resolve(base, &value),
        };
        let Some(url) = url else { continue };
        let of_the_form = def
            .schema
            .item
            .url
            .as_ref()
            .is_none_or(|glob| glob.matches(&url));
        if def.allows(&url) && of_the_form && seen.insert(url.clone()) {
            targets.push(Target {
                kind: TargetKind::Item,
                url,
                page: 0,
                query: target.query.clone(),
            });
        }
    }
    targets
}

/// The page after this one, if there is one and it may be read.
pub(crate) fn next(
    def: &Definition,
    target: &Target,
    document: &Document,
    exchange: &Exchange,
    entries: usize,
) -> Option<Target> {
    let discover = &def.schema.discover;
    let page = target.page.max(1);
    if page >= discover.max_pages {
        return None;
    }
    let url = match discover.next.as_ref()? {
        Next::Named(_) => link_header_next(exchange)?,
        Next::Count(count) if entries > 0 => raised(&exchange.url, count),
        Next::Count(_) => return None,
        Next::At(locator) => {
            let value = document.values(locator).into_iter().next()?;
            resolve(&document.base(&exchange.url), &value)?
        }
    };
    (def.allows(&url) && url != exchange.url && url != target.url).then(|| Target {
        kind: TargetKind::List,
        url,
        page: page + 1,
        query: target.query.clone(),
    })
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
