//! Where offers are: first targets, sitemaps, pagination, canonical URLs.

mod budget;
pub(crate) mod canonical;
pub(crate) mod list;
pub(crate) mod sitemap;
mod trap;

pub use budget::{Budget, Ruling};
pub use canonical::identity;

use std::collections::HashSet;

use url::Url;

use crate::definition::Definition;
use crate::definition::pattern::{Fill, Template};
use crate::definition::schema::DiscoverKind;
use crate::target::{Target, TargetKind};

/// The most search words of one query, in characters.
const MAX_QUERY: usize = 200;

/// The first targets of a scan: a search for each query where the source can
/// search (and its categories), else the sitemap or the first list page.
///
/// Empty queries and repetitions are left out. A source that can only search
/// and has no categories gives nothing without queries.
#[must_use]
pub fn seeds(def: &Definition, queries: &[String]) -> Vec<Target> {
    let discover = &def.schema.discover;
    let kind = match discover.kind {
        DiscoverKind::Sitemap => TargetKind::Sitemap,
        DiscoverKind::Search | DiscoverKind::List => TargetKind::List,
    };
    let mut seen = HashSet::new();
    let mut targets = Vec::new();
    let mut add = |template: &Template, query: Option<&str>, category: &str| {
        let fill = Fill {
            query: query.unwrap_or_default(),
            category,
            page: 1,
            offset: 0,
            limit: discover.limit,
            ..Fill::default()
        };
        let Some(url) = template.fill(def.base(), &fill) else {
            return;
        };
        if seen.insert(url.clone()) {
            targets.push(Target {
                kind,
                url,
                page: u32::from(kind == TargetKind::List),
                query: query.map(str::to_owned),
            });
        }
    };
    if discover.kind == DiscoverKind::Search {
        for query in queries {
            let query: String = query.split_whitespace().collect::<Vec<_>>().join(" ");
            let query: String = query.chars().take(MAX_QUERY).collect();
            if !query.is_empty() {
                add(&discover.url, Some(&query), "");
            }
        }
    } else {
        add(&discover.url, None, "");
    }
    if let Some(template) = &discover.category_url {
        for category in &discover.categories {
            add(template, None, category);
        }
    }
    targets
}

/// Where a known listing is read again: by its id where the source is asked
/// for items by id, else at its own address.
#[must_use]
pub fn item(def: &Definition, item_id: &str, url: &Url) -> Target {
    let fill = Fill {
        id: item_id,
        ..Fill::default()
    };
    let by_id = def.schema.discover.item_url.as_ref();
    let by_id = by_id.and_then(|template| template.fill(def.base(), &fill));
    Target::item(by_id.unwrap_or_else(|| url.clone()))
}

#[cfg(test)]
mod hostile_shop;
#[cfg(test)]
mod tests;
