//! How a shop can be read: tried out politely, with a definition to begin with.
//!
//! The ways are tried from the sturdiest down: an official API (known by the
//! host), open storefront JSON (told by the shape of the answer, not by its
//! status), structured data in the pages, selectors, and both of these once more with
//! the pages rendered. robots.txt comes first and is followed, every limit of the
//! [`Fetcher`] holds, and a wall ends it.

mod asker;
mod cards;
mod categories;
mod draft;
mod exclusions;
mod families;
mod fields;
mod forms;
mod hosts;
mod kinds;
mod languages;
mod lists;
mod menus;
mod names;
mod offers;
mod page;
mod paging;
mod pictures;
mod places;
mod queries;
mod rendering;
mod report;
mod sampling;
mod selectors;
mod storefront;
#[cfg(test)]
mod tests;
mod unread;
mod walking;
mod words;

use std::collections::HashMap;

use thiserror::Error;
use url::Url;

pub use report::{Attempt, Draft, Field, Report, Sample, Tier};

use crate::definition::{Definition, authority};
use crate::fetch::{Exchange, FetchError, Fetcher};
use crate::render::Renderer;
use crate::robots::Robots;
use crate::target::TargetKind;
use asker::Asker;
use page::Page;
use sampling::Map;

/// An address that cannot be that of a shop.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{text}` is no address of a shop ({reason}); it looks like https://shop.example")]
pub struct AddressError {
    text: String,
    reason: String,
}

/// The address of a shop as a person writes it: without a scheme it is `https`.
///
/// # Errors
/// When it is no `http` or `https` URL with a host.
pub fn address(text: &str) -> Result<Url, AddressError> {
    let wrong = |reason: String| AddressError {
        text: text.chars().take(200).collect(),
        reason,
    };
    let whole = if text.contains("://") {
        text.trim().to_owned()
    } else {
        format!("https://{}", text.trim())
    };
    let url = Url::parse(&whole).map_err(|error| wrong(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(wrong(format!("`{}` is not of the web", url.scheme())));
    }
    Ok(url)
}

/// Tries how the shop at `url` can be read: its home page or any page of it.
///
/// Sends at most 24 requests, redirects and robots.txt among them, at the pace
/// of the fetcher's limits and of robots.txt. Where nothing is found but scripts, and
/// there is a `renderer`, up to 16 pages are rendered, which ask for more. Nothing is sent
/// to a marketplace that is known by its host. Whatever goes wrong stands in the report.
///
/// # Errors
/// [`AddressError`] when `url` cannot be that of a shop.
pub async fn probe(
    fetcher: &Fetcher,
    renderer: Option<&Renderer>,
    url: &Url,
) -> Result<Report, AddressError> {
    let base = home_of(&address(url.as_str())?);
    if let Some(report) = known(url) {
        return Ok(report);
    }
    let asker = Asker::new(fetcher, &base).ok_or_else(|| AddressError {
        text: url.as_str().chars().take(200).collect(),
        reason: "no source can be made of it".to_owned(),
    })?;
    let mut probe = Probe {
        asker,
        renderer,
        base,
        warnings: Vec::new(),
        crawl_delay: None,
        sampled: 0,
        others: Vec::new(),
        listed: HashMap::new(),
        in_vain: Vec::new(),
        map: None,
        shells: 0,
        refusals: Vec::new(),
    };
    let end = probe.run(url).await;
    let (tier, draft) = match end.draft {
        Some(Err(reason)) => {
            probe
                .warnings
                .push(format!("no definition could be drafted: {reason}"));
            (end.tier, None)
        }
        Some(Ok(draft)) => (end.tier, Some(draft)),
        None => (end.tier, None),
    };
    probe.warn_of_fields(&end.samples);
    Ok(Report {
        url: url.clone(),
        base: probe.base,
        tier,
        why: end.why,
        attempts: probe.asker.attempts,
        samples: end.samples,
        warnings: probe.warnings,
        draft,
    })
}

/// What is known of a marketplace by its host alone, without asking it; none
/// for any other shop. No fetcher is needed for these.
#[must_use]
pub fn known(url: &Url) -> Option<Report> {
    let base = home_of(url);
    let known = hosts::known(&base)?;
    Some(known_report(url, base, &known))
}

/// The home page of the shop that a page belongs to.
fn home_of(url: &Url) -> Url {
    let mut home = url.clone();
    home.set_path("/");
    home.set_query(None);
    home.set_fragment(None);
    home
}

/// What it came to.
struct End {
    tier: Tier,
    why: String,
    samples: Vec<Sample>,
    draft: Option<Result<Draft, String>>,
}

impl End {
    fn without(tier: Tier, why: String) -> Self {
        Self {
            tier,
            why,
            samples: Vec::new(),
            draft: None,
        }
    }
}

struct Probe<'a> {
    asker: Asker<'a>,
    renderer: Option<&'a Renderer>,
    base: Url,
    warnings: Vec<String>,
    crawl_delay: Option<f64>,
    /// How many pages were looked at for a product.
    sampled: usize,
    /// Those that were none of a product.
    others: Vec<Page>,
    /// What pages that were asked for as lists answered.
    listed: HashMap<Url, Exchange>,
    /// What was asked for as a list and is not to be had.
    in_vain: Vec<Url>,
    /// The sitemap, once it was looked for.
    map: Option<Option<Map>>,
    /// How many of the pages were empty until scripts run.
    shells: usize,
    /// Pages that a sample was wanted of and a wall was shown for.
    refusals: Vec<String>,
}

/// A marketplace that need not be asked.
fn known_report(url: &Url, base: Url, known: &hosts::Known) -> Report {
    let host = base.host_str().unwrap_or_default().to_owned();
    let (tier, why, draft, warnings) = match known {
        hosts::Known::Closed(closed) => (
            Tier::Import,
            format!(
                "{}; save its pages in a browser and read them with `markhound import`",
                closed.why
            ),
            None,
            Vec::new(),
        ),
        hosts::Known::Api(api) => {
            let builtin = Definition::builtin();
            let shipped = builtin
                .iter()
                .find(|definition| definition.id() == api.definition);
            let name = shipped.map_or_else(|| api.definition.clone(), |d| d.name().to_owned());
            let draft = hosts::shipped_id(&api.definition)
                .ok_or_else(|| format!("{} does not ship", api.definition))
                .and_then(|id| draft::of_template(id, None, &host, &api.settings(&host)));
            let (draft, mut warnings) = match draft {
                Ok(draft) => (Some(draft), Vec::new()),
                Err(reason) => (
                    None,
                    vec![format!("no definition could be drafted: {reason}")],
                ),
            };
            warnings.extend(shipped.and_then(Definition::terms_note).map(str::to_owned));
            (
                Tier::Api,
                format!("{host} is read by its official API: {name}"),
                draft,
                warnings,
            )
        }
    };
    Report {
        url: url.clone(),
        base,
        tier,
        why,
        attempts: Vec::new(),
        samples: Vec::new(),
        warnings,
        draft,
    }
}

impl Probe<'_> {
    async fn run(&mut self, url: &Url) -> End {
        let robots = match self.asker.robots().await {
            Ok(robots) => robots,
            Err(error @ FetchError::CrawlDelayTooLong { .. }) => {
                return End::without(Tier::Blocked, error.to_string());
            }
            Err(error) => return End::without(Tier::Unknown, error.to_string()),
        };
        self.warn_of_robots(&robots);
        let mut given = url.clone();
        given.set_fragment(None);
        let base = self.base.clone();
        let mut first = self.asker.get(&base, TargetKind::List).await;
        if first.is_none() && self.asker.wall.is_none() && given != base {
            first = self.asker.get(&given, TargetKind::List).await;
        }
        if let Some(end) = self.turned_away() {
            return end;
        }
        let Some(home) = first else {
            // The home page alone may be forbidden or missing.
            return match self.without_pages(&robots).await {
                Some(end) => end,
                None => self.nothing(&robots),
            };
        };
        self.move_to(&home.url);
        let source = String::from_utf8_lossy(&home.body).into_owned();
        let Some(page) = Page::of(&home) else {
            return self.nothing(&robots);
        };
        self.look_at(&page);
        if let Some(end) = self.storefront(&source).await {
            return end;
        }
        // What is asked of an empty page's shop would be empty too.
        let is_empty = page.is_shell() && self.renderer.is_some();
        if !is_empty && let Some(end) = self.pages(&page, &given, &robots).await {
            return end;
        }
        let may_be_scripted = self.shells > 0 || page.has_scripts();
        if may_be_scripted
            && self.refusals.is_empty()
            && let Some(end) = self.rendered(&given, &robots).await
        {
            return end;
        }
        self.nothing(&robots)
    }

    /// A shop whose home page cannot be had may still answer in JSON or have a
    /// sitemap.
    async fn without_pages(&mut self, robots: &Robots) -> Option<End> {
        if !self.asker.was_answered() && !robots.allows("/products.json") {
            return None;
        }
        if let Some(end) = self.storefront("").await {
            return Some(end);
        }
        let language = languages::of(&self.base);
        self.by_sitemap(robots, None, &language).await.0
    }

    /// Where a redirect within the shop led: with `www.`, or to `https`.
    fn move_to(&mut self, url: &Url) {
        if authority(url) == authority(&self.base) && url.scheme() == self.base.scheme() {
            return;
        }
        self.base = home_of(url);
    }

    /// Says what kind of page the last answer was.
    fn look_at(&mut self, page: &Page) {
        let links = page.links().len();
        if page.is_shell() {
            self.shells += 1;
            self.asker
                .showed("a page that stays empty until scripts run".to_owned());
        } else {
            self.asker.showed(format!("a page with {links} link(s)"));
        }
    }

    /// The end, where the shop showed a wall or leads to another host.
    fn turned_away(&self) -> Option<End> {
        if let Some(wall) = &self.asker.wall {
            return Some(End::without(Tier::Blocked, wall.clone()));
        }
        let led_to = self.asker.led_to.as_ref()?;
        Some(End::without(
            Tier::Unknown,
            format!("it leads to {}; probe that instead", authority(led_to)),
        ))
    }

    /// The end where nothing worked.
    fn nothing(&self, robots: &Robots) -> End {
        if !self.asker.was_answered() && !robots.allows("/") {
            let why = "robots.txt forbids everything that was to be asked; \
                       save its pages in a browser and read them with `markhound import`";
            return End::without(Tier::Blocked, why.to_owned());
        }
        // Carts and accounts lead to a log-in page in shops that let everybody in.
        let most = self.refusals.len() * 2 >= self.sampled + self.listed.len();
        if let Some(wall) = self.refusals.first().filter(|_| most) {
            return End::without(Tier::Blocked, wall.clone());
        }
        if self.shells > 0 {
            return End::without(Tier::Rendered, self.not_rendered().to_owned());
        }
        if !self.asker.was_answered() {
            let last = self.asker.attempts.last();
            let why = last.map_or_else(String::new, |attempt| attempt.showed.clone());
            return End::without(Tier::Unknown, why);
        }
        let why = "no storefront JSON, and no page that is recognised as that of a product; \
                   give the address of a product's page, or write a definition by hand";
        End::without(Tier::Unknown, why.to_owned())
    }

    fn warn_of_robots(&mut self, robots: &Robots) {
        self.crawl_delay = robots.crawl_delay().map(|delay| delay.as_secs_f64());
        if let Some(delay) = self.crawl_delay {
            self.warnings.push(format!(
                "robots.txt asks for {delay} s between requests; that is kept to"
            ));
        }
        if !robots.allows("/") {
            self.warnings.push(
                "robots.txt forbids the home page; nothing that it forbids is fetched".to_owned(),
            );
        }
    }

    fn warn_of_fields(&mut self, samples: &[Sample]) {
        let titles = samples.iter().filter_map(|sample| {
            let mut fields = sample.fields.iter();
            fields.find(|field| field.name == "title")
        });
        let titles: Vec<&str> = titles.map(|field| field.value.as_str()).collect();
        if titles.len() > 1 && titles.iter().all(|title| *title == titles[0]) {
            self.warnings.push(format!(
                "all samples have the title `{}`: that of the shop rather than of a product; \
                 mend `fields.title`",
                titles[0]
            ));
        }
        let lacking = |name: &str| {
            !samples.is_empty()
                && samples
                    .iter()
                    .all(|s| s.fields.iter().all(|f| f.name != name))
        };
        for (name, means) in [
            ("price", "no price was found on the samples"),
            (
                "currency",
                "the samples do not say in which currency their prices are",
            ),
            (
                "seller",
                "no seller is named: the shop sells itself, or says so elsewhere",
            ),
            ("images", "no pictures were found on the samples"),
        ] {
            let told = name == "currency" && self.warnings.iter().any(|w| w.contains("currency"));
            if lacking(name) && !told {
                self.warnings.push(means.to_owned());
            }
        }
    }
}
