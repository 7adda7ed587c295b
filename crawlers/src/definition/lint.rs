//! What is doubtful in a definition that can be read.

use super::Definition;
use super::findings::Severity;
use super::locator::Locator;
use super::pattern::{Fill, Template};
use super::schema::{DiscoverKind, NamedNext, Next, Schema, Tier};

/// A doubt about one field.
pub(super) struct Doubt {
    pub field: String,
    pub severity: Severity,
    pub message: String,
}

struct Doubts(Vec<Doubt>);

impl Doubts {
    fn warn(&mut self, field: &str, message: &str) {
        self.add(field, Severity::Warning, message.to_owned());
    }

    fn add(&mut self, field: &str, severity: Severity, message: String) {
        self.0.push(Doubt {
            field: field.to_owned(),
            severity,
            message,
        });
    }
}

pub(super) fn lint(definition: &Definition) -> Vec<Doubt> {
    let schema = &definition.schema;
    let mut doubts = Doubts(Vec::new());
    manners(schema, &mut doubts);
    paging(schema, &mut doubts);
    hosts(definition, &mut doubts);
    kinds(schema, &mut doubts);
    links(definition, &mut doubts);
    fields(schema, &mut doubts);
    rendering(schema, &mut doubts);
    if schema.tests.is_empty() {
        doubts.warn(
            "tests",
            "missing: nothing says whether it still reads what it should",
        );
    }
    doubts.0
}

fn manners(schema: &Schema, doubts: &mut Doubts) {
    if schema
        .base
        .as_ref()
        .is_some_and(|base| base.0.scheme() == "http")
    {
        doubts.warn(
            "base",
            "is plain http: what is captured could have been altered on the way",
        );
    }
    if schema.terms_note.is_none() {
        doubts.warn(
            "terms_note",
            "missing: say what the marketplace's terms allow",
        );
    }
    if schema.rate.per_second.is_none() {
        doubts.warn(
            "rate.per_second",
            "missing: one request a second will be sent",
        );
    }
    if schema.tier == Tier::Api && schema.auth.is_some() && schema.rate.daily_quota.is_none() {
        doubts.warn("rate.daily_quota", "missing: a keyed API usually has one");
    }
}

fn paging(schema: &Schema, doubts: &mut Doubts) {
    let discover = &schema.discover;
    if discover.kind == DiscoverKind::Sitemap {
        if discover.next.is_some() {
            doubts.warn("discover.next", "does nothing: a sitemap has no pages");
        }
        return;
    }
    match &discover.next {
        None => doubts.warn(
            "discover.next",
            "missing: only the first page of a list will be read",
        ),
        Some(_) if discover.max_pages == 1 => {
            doubts.warn("discover.max_pages", "is 1: the next page is never read");
        }
        Some(Next::Named(NamedNext::Offset))
            if !discover.url.has("limit") && discover.body.is_none() =>
        {
            doubts.warn(
                "discover.limit",
                "`{offset}` is raised by it, and the service is not told: put `{limit}` in the URL",
            );
        }
        Some(_) => {}
    }
    let html_list = discover.items.as_ref().is_some_and(Locator::is_html);
    if let Some(Next::At(at)) = &discover.next
        && at.is_json() == html_list
    {
        never(doubts, "discover.next", html_list);
    }
}

/// Everything that is asked for must be on an allowed host.
fn hosts(definition: &Definition, doubts: &mut Doubts) {
    if definition.is_template() {
        return;
    }
    let schema = &definition.schema;
    let discover = &schema.discover;
    let mut templates: Vec<(&str, &Template)> = vec![("discover.url", &discover.url)];
    templates.extend(
        discover
            .category_url
            .iter()
            .map(|t| ("discover.category_url", t)),
    );
    templates.extend(discover.item_url.iter().map(|t| ("discover.item_url", t)));
    templates.extend(
        discover
            .image
            .iter()
            .map(|image| ("discover.image.url", &image.url)),
    );
    let pages = schema.price.currency_from.iter();
    templates.extend(pages.map(|page| ("price.currency_from", &page.url)));
    let fill = Fill {
        query: "x",
        category: "x",
        id: "1",
        slug: "x",
        ..Fill::default()
    };
    for (field, template) in templates {
        let Some(url) = template.fill(definition.base(), &fill) else {
            doubts.add(
                field,
                Severity::Error,
                format!("`{}` makes no URL", template.as_str()),
            );
            continue;
        };
        if !definition.allows(&url) {
            let host = super::authority(&url);
            let message = format!(
                "{host} is not among the allowed hosts ({})",
                definition.allowed_hosts().join(", ")
            );
            doubts.add(field, Severity::Error, message);
        }
    }
    if !definition.allows(definition.base()) {
        doubts.add(
            "base",
            Severity::Error,
            "is not among `allowed_hosts`".to_owned(),
        );
    }
}

fn never(doubts: &mut Doubts, field: &str, page: bool) {
    let message = if page {
        "can never match: the answer is a page, and this is a JSONPath"
    } else {
        "can never match: the answer is JSON, and this is for pages"
    };
    doubts.add(field, Severity::Error, message.to_owned());
}

/// Places of the wrong kind, and places behind a fixed value.
fn kinds(schema: &Schema, doubts: &mut Doubts) {
    let json = schema.discover.complete || schema.fields.title.iter().any(Locator::is_json);
    if json && !schema.item.as_shown.is_empty() {
        let message = "does nothing: JSON shows nothing, only pages do";
        doubts.add("item.as_shown", Severity::Error, message.to_owned());
    }
    for (at, locator) in schema.item.marked_by.iter().enumerate() {
        if if json {
            locator.is_html()
        } else {
            locator.is_json()
        } {
            never(doubts, &format!("item.marked_by[{at}]"), !json);
        }
    }
    for (name, locators) in schema.fields.all() {
        for (at, locator) in locators.iter().enumerate() {
            if if json {
                locator.is_html()
            } else {
                locator.is_json()
            } {
                never(doubts, &format!("fields.{name}[{at}]"), !json);
            }
        }
        let fixed = locators
            .iter()
            .position(|l| matches!(l, Locator::Constant(_)));
        if fixed.is_some_and(|at| at + 1 < locators.len()) {
            let field = format!("fields.{name}");
            doubts.warn(&field, "what stands after a fixed value is never looked at");
        }
    }
}

/// Links that lead on from pages.
fn links(definition: &Definition, doubts: &mut Doubts) {
    let schema = &definition.schema;
    let discover = &schema.discover;
    if let Some(related) = &discover.related {
        let json = schema.fields.title.iter().any(Locator::is_json);
        if discover.complete {
            let message = "does nothing: lists are complete, and items are not fetched";
            doubts.warn("discover.related", message);
        }
        match &related.at {
            Some(at) if at.is_json() != json => {
                never(doubts, "discover.related.at", !json);
            }
            None if json => doubts.add(
                "discover.related.at",
                Severity::Error,
                "missing: an item that is JSON has no links but where this says".to_owned(),
            ),
            _ => {}
        }
    }
    if let Some(categories) = &discover.category_links {
        let json = discover.items.as_ref().is_some_and(Locator::is_json);
        if discover.kind == DiscoverKind::Sitemap {
            let message = "does nothing: a sitemap has no links to lists";
            doubts.warn("discover.category_links", message);
        }
        match &categories.at {
            Some(at) if at.is_json() != json => {
                never(doubts, "discover.category_links.at", !json);
            }
            None if json => doubts.add(
                "discover.category_links.at",
                Severity::Error,
                "missing: a list that is JSON has no links but where this says".to_owned(),
            ),
            _ => {}
        }
    }
    if let Some(languages) = &discover.languages
        && !definition.is_template()
        && let Some(url) = discover.url.fill(definition.base(), &Fill::default())
        && languages.is_left(&url)
    {
        let message = format!("is not in the language that is kept (`{}`)", languages.keep);
        doubts.add("discover.url", Severity::Warning, message);
    }
}

fn rendering(schema: &Schema, doubts: &mut Doubts) {
    if schema.tier != Tier::Rendered {
        return;
    }
    if schema
        .render
        .as_ref()
        .is_none_or(|it| it.wait_for.is_none())
    {
        doubts.warn(
            "render.wait_for",
            "missing: a page that is quiet for half a second counts as there",
        );
    }
    if schema.discover.complete || schema.fields.title.iter().any(Locator::is_json) {
        let message = "JSON is not rendered: use tier `api` or `feed`";
        doubts.add("tier", Severity::Error, message.to_owned());
    }
}

fn fields(schema: &Schema, doubts: &mut Doubts) {
    let discover = &schema.discover;
    if schema.fields.id.is_empty() && !schema.item.url.as_ref().is_some_and(|glob| glob.has_id()) {
        doubts.warn(
            "fields.id",
            "missing, and no `{id}` in `item.url`: the URL will serve as the item's id",
        );
    }
    if discover.complete && schema.fields.url.is_empty() {
        doubts.warn(
            "fields.url",
            "missing: listings of a complete list have no address of their own",
        );
    }
    for (name, locators) in schema.fields.all() {
        let is_read = !locators.is_empty() || schema.item.is_as_shown(name);
        if matches!(name, "price" | "images" | "seller") && !is_read {
            doubts.warn(
                &format!("fields.{name}"),
                "missing: matching and notices are weaker without it",
            );
        }
    }
    let price = &schema.price;
    if schema.fields.currency.is_empty()
        && price.currency.is_none()
        && price.currency_from.is_empty()
    {
        doubts.warn(
            "price.currency",
            "missing, and no `fields.currency`: an amount with a bare `$` will have no currency",
        );
    }
    if price.decimal.is_some() && price.locale.is_some() {
        doubts.warn("price.locale", "does nothing beside `price.decimal`");
    }
}
