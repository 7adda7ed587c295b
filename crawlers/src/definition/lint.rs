//! What is doubtful in a definition that can be read.

use super::locator::Locator;
use super::schema::{DiscoverKind, Schema, Tier};

/// One sentence for each doubt.
pub(super) fn lint(schema: &Schema) -> Vec<String> {
    let mut doubts = Vec::new();
    let mut doubt = |text: String| doubts.push(text);
    if schema.template {
        doubt("`template = true`: it needs a base before it can be scanned".to_owned());
    }
    if schema
        .base
        .as_ref()
        .is_some_and(|base| base.0.scheme() == "http")
    {
        doubt(
            "`base` is plain http: what is captured could have been altered on the way".to_owned(),
        );
    }
    if schema.terms_note.is_none() {
        doubt("`terms_note` is missing: say what the marketplace's terms allow".to_owned());
    }
    if schema.rate.per_second.is_none() {
        doubt("`rate.per_second` is missing: one request a second will be sent".to_owned());
    }
    if schema.tier == Tier::Api && schema.auth.is_some() && schema.rate.daily_quota.is_none() {
        doubt("`rate.daily_quota` is missing: a keyed API usually has one".to_owned());
    }
    let discover = &schema.discover;
    if discover.kind != DiscoverKind::Sitemap && discover.next.is_none() {
        doubt("`discover.next` is missing: only the first page of a list will be read".to_owned());
    }
    if schema.fields.id.is_empty() && !schema.item.url.as_ref().is_some_and(|glob| glob.has_id()) {
        doubt(
            "no `fields.id` and no `{id}` in `item.url`: the URL will serve as the item's id"
                .to_owned(),
        );
    }
    let reads_json = matches!(discover.items, Some(Locator::Json(_)));
    if reads_json && discover.complete && schema.fields.url.is_empty() {
        doubt(
            "`fields.url` is missing: listings of a complete list have no address of their own"
                .to_owned(),
        );
    }
    for (name, locators) in [
        ("price", &schema.fields.price),
        ("images", &schema.fields.images),
        ("seller", &schema.fields.seller),
    ] {
        if locators.is_empty() {
            doubt(format!(
                "`fields.{name}` is missing: matching and notices are weaker without it"
            ));
        }
    }
    if schema.fields.currency.is_empty() && schema.price.currency.is_none() {
        doubt("neither `fields.currency` nor `price.currency`: an amount with a bare `$` will have no currency".to_owned());
    }
    doubts
}
