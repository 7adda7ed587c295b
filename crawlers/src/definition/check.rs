//! What must hold between the fields of a definition.

use super::DefinitionError;
use super::auth::Auth;
use super::languages::Languages;
use super::links::{CategoryLinks, RelatedLinks};
use super::locator::Locator;
use super::render::Render;
use super::schema::{DiscoverKind, NamedNext, Next, Schema, Tier};

impl Schema {
    /// What no single field can say.
    pub(super) fn check(&self, origin: &str) -> Result<(), DefinitionError> {
        let wrong = |field: &str, reason: &str| {
            Err(DefinitionError::Inconsistent {
                origin: origin.to_owned(),
                field: field.to_owned(),
                reason: reason.to_owned(),
            })
        };
        if self.base.is_none() && !self.template {
            return wrong(
                "base",
                "missing; give the marketplace's address, or `template = true`",
            );
        }
        if self
            .rate
            .per_second
            .is_some_and(|r| !(r.is_finite() && r > 0.0 && r <= 10_000.0))
        {
            return wrong(
                "rate.per_second",
                "must be over 0 and at most 10000 requests a second",
            );
        }
        if self.rate.concurrency.is_some_and(|c| c == 0 || c > 64) {
            return wrong("rate.concurrency", "must be 1 to 64");
        }
        if self.discover.max_pages == 0 || self.discover.limit == 0 {
            return wrong("discover", "`max_pages` and `limit` must be at least 1");
        }
        let discover = &self.discover;
        if discover.kind != DiscoverKind::Sitemap && discover.items.is_none() {
            return wrong(
                "discover.items",
                "missing; a list needs to say where its entries are",
            );
        }
        if discover.kind == DiscoverKind::Sitemap && self.item.url.is_none() {
            return wrong(
                "item.url",
                "missing; a sitemap lists other pages too, so the form of an item's URL is needed",
            );
        }
        if discover.kind == DiscoverKind::Search
            && !discover.url.has("query")
            && !discover.body.as_ref().is_some_and(|body| body.has("query"))
        {
            return wrong(
                "discover.url",
                "a search needs `{query}` in its URL or its body",
            );
        }
        if discover
            .image
            .as_ref()
            .is_some_and(|image| !image.body.has("image"))
        {
            return wrong(
                "discover.image.body",
                "needs `\"{image}\"` where the picture belongs",
            );
        }
        if !discover.categories.is_empty() && discover.category_url.is_none() {
            return wrong(
                "discover.category_url",
                "missing; `categories` are read from it",
            );
        }
        let of_links = discover.related.as_ref().and_then(RelatedLinks::check);
        let of_links = of_links
            .or_else(|| {
                discover
                    .category_links
                    .as_ref()
                    .and_then(CategoryLinks::check)
            })
            .or_else(|| discover.languages.as_ref().and_then(Languages::check));
        if let Some((field, reason)) = of_links {
            return wrong(field, &reason);
        }
        if self.render.is_some() && self.tier != Tier::Rendered {
            return wrong(
                "render",
                "only sources of `tier = \"rendered\"` are rendered",
            );
        }
        if let Some((field, reason)) = self.render.as_ref().and_then(Render::check) {
            return wrong(field, &reason);
        }
        if let Some((field, reason)) = self.check_paging() {
            return wrong(field, reason);
        }
        if let Some(Auth::ApiKey {
            value_env, value, ..
        }) = &self.auth
            && value_env.is_some() == value.is_some()
        {
            return wrong("auth", "an API key needs `value_env` or `value`, not both");
        }
        if self
            .item
            .entry
            .as_ref()
            .is_some_and(|entry| !entry.is_json())
        {
            return wrong("item.entry", "only a `jsonpath` can point at an entry");
        }
        if self.price.divisor == Some(0) {
            return wrong("price.divisor", "must be at least 1");
        }
        if let Some(case) = self
            .tests
            .iter()
            .find(|case| case.response.is_some() == case.inline.is_some())
        {
            return Err(DefinitionError::Inconsistent {
                origin: origin.to_owned(),
                field: "tests".to_owned(),
                reason: format!("`{}` needs `response` or `inline`, not both", case.name),
            });
        }
        if discover.complete && !matches!(discover.items, Some(Locator::Json(_))) {
            return wrong(
                "discover.complete",
                "only lists read by `jsonpath` can be complete",
            );
        }
        if self.fields.title.is_empty() {
            return wrong("fields.title", "missing; a listing without a title is none");
        }
        Ok(())
    }

    /// Whether the next page can be asked for as `discover.next` says.
    fn check_paging(&self) -> Option<(&'static str, &'static str)> {
        let discover = &self.discover;
        let needed = match discover.next.as_ref() {
            Some(Next::Named(NamedNext::Page)) => (
                "page",
                "`next = \"page\"` raises `{page}`, which stands neither in `url` nor in `body`",
            ),
            Some(Next::Named(NamedNext::Offset)) => (
                "offset",
                "`next = \"offset\"` raises `{offset}`, which stands neither in `url` nor in `body`",
            ),
            Some(Next::Cursor(_)) => (
                "cursor",
                "a cursor goes to the place of `{cursor}`, which stands neither in `url` nor in `body`",
            ),
            _ => return None,
        };
        let there = discover.url.has(needed.0)
            || discover
                .body
                .as_ref()
                .is_some_and(|body| body.has(needed.0));
        (!there).then_some(("discover.next", needed.1))
    }
}
