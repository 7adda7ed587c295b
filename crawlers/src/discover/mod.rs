//! Where offers are: first targets, sitemaps, pagination, canonical URLs.

mod budget;
pub(crate) mod canonical;
pub(crate) mod deeds;
mod image;
pub(crate) mod list;
mod lists;
pub(crate) mod related;
pub(crate) mod sitemap;
mod trap;

pub use budget::{Budget, Ruling};
pub use canonical::identity;
pub use image::{
    ImageQuery, NamedImage, image_of, seeds_by_image, seeds_by_named_image, with_image,
};

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
        let url = if template.has("cursor") {
            without_empty(url)
        } else {
            url
        };
        let body = discover.body.as_ref().map(|body| body.fill(&fill));
        if seen.insert((url.clone(), body.clone())) {
            targets.push(Target {
                query: query.map(str::to_owned),
                body,
                ..Target::new(kind, url, u32::from(kind == TargetKind::List))
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

/// A URL without the parameters that have no value: a first page has no
/// cursor yet.
fn without_empty(mut url: Url) -> Url {
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    url.query_pairs_mut().clear().extend_pairs(&kept);
    url
}

/// Where a known listing is read again: by its id (`{id}`), or by the part of
/// its address that `item.url` captures (`{slug}`), where the source is asked
/// for items so; else at its own address.
#[must_use]
pub fn item(def: &Definition, item_id: &str, url: &Url) -> Target {
    let glob = def.schema.item.url.as_ref();
    let slug = glob.and_then(|glob| glob.capture(url)).unwrap_or_default();
    let template = def.schema.discover.item_url.as_ref();
    let askable = template.filter(|template| !template.has("slug") || !slug.is_empty());
    let fill = Fill {
        id: item_id,
        slug: &slug,
        ..Fill::default()
    };
    match askable.and_then(|template| template.fill(def.base(), &fill)) {
        Some(asked) => Target {
            body: list::item_body(def, item_id, &slug),
            ..Target::item(asked)
        },
        None => Target::item(url.clone()),
    }
}

#[cfg(test)]
mod hostile_shop;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod whole_shop;
