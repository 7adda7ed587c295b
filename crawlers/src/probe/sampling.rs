//! Products of a shop, found by its sitemaps, its lists or the page given.

use url::Url;

use super::draft::{self, Found, Shop};
use super::forms::{self, Form};
use super::lists::{self, Lists};
use super::page::{Page, Product};
use super::report::Tier;
use super::{End, Probe};
use crate::definition::pattern::UrlGlob;
use crate::discover::canonical::{canonical, resolve};
use crate::discover::sitemap;
use crate::robots::Robots;
use crate::target::TargetKind;

/// How many products are looked at, and pages for them.
const PRODUCTS: usize = 3;
const MAX_SAMPLED: usize = 8;
/// How many sitemap files and list pages are read.
const MAX_SITEMAPS: usize = 4;
const MAX_LISTS: usize = 3;
/// How many forms of addresses are tried.
const MAX_FORMS: usize = 3;

/// A form of addresses and the products seen under it.
struct Seen {
    form: Form,
    products: Vec<Product>,
}

/// The addresses that a sitemap leads to.
struct Map {
    entry: Url,
    pages: Vec<Url>,
}

impl Probe<'_> {
    /// Pages by the sitemap, else by lists.
    pub(super) async fn pages(&mut self, home: &Page, given: &Url, robots: &Robots) -> Option<End> {
        if let Some(end) = self.by_sitemap(robots).await {
            return Some(end);
        }
        self.by_lists(home, given, robots).await
    }

    pub(super) async fn by_sitemap(&mut self, robots: &Robots) -> Option<End> {
        let map = self.sitemap(robots).await?;
        let mut forms = forms::group(map.pages.into_iter());
        forms.sort_by(|a, b| b.likeness().total_cmp(&a.likeness()));
        let seen = self.sample(forms).await?;
        Some(self.end(seen, Found::Sitemap(map.entry)))
    }

    /// The first sitemap that names pages: one that robots.txt names, or the
    /// one at the usual place.
    async fn sitemap(&mut self, robots: &Robots) -> Option<Map> {
        let named = robots
            .sitemaps()
            .iter()
            .filter_map(|link| resolve(&self.base, link));
        let mut entries: Vec<Url> = named.filter(|url| self.asker.allows(url)).collect();
        entries.extend(self.base.join("/sitemap.xml"));
        entries.sort_by_key(|url| !speaks_of_products(url));
        let mut read: Vec<Url> = Vec::new();
        for entry in entries {
            let mut pages = Vec::new();
            let mut open = vec![entry.clone()];
            while let Some(url) = open.pop() {
                if read.len() >= MAX_SITEMAPS || read.contains(&url) {
                    continue;
                }
                read.push(url.clone());
                let Some(exchange) = self.asker.get(&url, TargetKind::Sitemap).await else {
                    continue;
                };
                let Some(found) = sitemap::read(&exchange.body) else {
                    self.asker.showed("no sitemap".to_owned());
                    continue;
                };
                self.asker.showed(format!(
                    "a sitemap of {} page(s) and {} further sitemap(s)",
                    found.pages.len(),
                    found.maps.len()
                ));
                let usable = |link: &String| {
                    resolve(&exchange.url, link).filter(|url| self.asker.allows(url))
                };
                pages.extend(found.pages.iter().filter_map(usable));
                open.extend(found.maps.iter().filter_map(usable));
                open.sort_by_key(speaks_of_products);
            }
            pages.retain(|url| robots.forbidding_rule(url).is_none());
            if !pages.is_empty() {
                return Some(Map { entry, pages });
            }
        }
        None
    }

    /// The first of these forms under which there are products.
    async fn sample(&mut self, forms: Vec<Form>) -> Option<Seen> {
        for form in forms.into_iter().take(MAX_FORMS) {
            let mut products = Vec::new();
            let mut others = 0;
            for url in spread(&form.urls) {
                if products.len() >= PRODUCTS || (products.is_empty() && others >= 2) {
                    break;
                }
                match self.sample_one(&url).await {
                    Some(product) => products.push(product),
                    None => others += 1,
                }
            }
            if !products.is_empty() {
                return Some(Seen { form, products });
            }
        }
        None
    }

    async fn sample_one(&mut self, url: &Url) -> Option<Product> {
        if self.sampled >= MAX_SAMPLED || !self.asker.may_ask() {
            return None;
        }
        self.sampled += 1;
        self.asker.wall = None;
        let exchange = self.asker.get(url, TargetKind::Item).await;
        self.refusals.extend(self.asker.wall.take());
        let page = Page::of(&exchange?)?;
        match page.into_product() {
            Ok(product) => {
                self.asker.showed(product.summary());
                Some(product)
            }
            Err(page) => {
                self.look_at(&page);
                None
            }
        }
    }

    async fn by_lists(&mut self, home: &Page, given: &Url, robots: &Robots) -> Option<End> {
        let host = self.base.clone();
        let allowed = |url: &Url| {
            url.host_str() == host.host_str()
                && url.port_or_known_default() == host.port_or_known_default()
                && robots.forbidding_rule(url).is_none()
        };
        let mut pages: Vec<Page> = Vec::new();
        let mut seen: Option<Seen> = None;
        let given = canonical(given.clone());
        if given.path() != "/" && allowed(&given) {
            match self.sample_one(&given).await {
                Some(product) => {
                    let form = forms::group(std::iter::once(given.clone()))
                        .into_iter()
                        .next()?;
                    seen = Some(Seen {
                        form,
                        products: vec![product],
                    });
                }
                None => pages.extend(self.list_page(&given).await),
            }
        }
        for url in lists::candidates(home, allowed).into_iter().take(MAX_LISTS) {
            let Some(page) = self.list_page(&url).await else {
                continue;
            };
            if seen
                .as_ref()
                .is_none_or(|seen| seen.products.len() < PRODUCTS)
                && let Some(found) = self.sample(lists::product_forms(&page, allowed)).await
            {
                seen = Some(found);
            }
            pages.push(page);
        }
        if seen.is_none() {
            seen = self.sample(lists::product_forms(home, allowed)).await;
        }
        let seen = seen?;
        let found = best_lists(&seen.form.glob, &pages, home);
        match found {
            Some(found) => Some(self.end(seen, Found::Lists(found))),
            None => {
                let samples = seen.products.iter().map(Product::sample).collect();
                Some(End {
                    samples,
                    ..End::without(
                        Tier::Unknown,
                        "its products can be read, but no list or sitemap was found that names them all".to_owned(),
                    )
                })
            }
        }
    }

    async fn list_page(&mut self, url: &Url) -> Option<Page> {
        let exchange = self.asker.get(url, TargetKind::List).await?;
        let page = Page::of(&exchange)?;
        self.look_at(&page);
        Some(page)
    }

    fn end(&mut self, seen: Seen, found: Found) -> End {
        let Seen { form, products } = seen;
        let structured = products
            .iter()
            .filter(|product| product.is_structured())
            .count()
            * 2
            > products.len();
        let place = match &found {
            Found::Sitemap(_) => "its sitemap names",
            Found::Lists(_) => "its lists link to",
        };
        let (tier, why) = if structured {
            let mut formats: Vec<&str> = Vec::new();
            for format in products.iter().flat_map(|product| &product.formats) {
                if !formats.contains(format) {
                    formats.push(format);
                }
            }
            let why = format!(
                "the products that {place} state title and price in {}",
                formats.join(", ")
            );
            (Tier::Structured, why)
        } else {
            let why = format!(
                "the products that {place} have no structured data; selectors were looked for"
            );
            (Tier::Selectors, why)
        };
        if form.glob == "/*" || form.glob == "/**" {
            self.warnings.push("addresses of products have the same form as others; pages that are none will be fetched, and reported as such".to_owned());
        }
        let draft = draft::of_shop(
            &Shop {
                base: &self.base,
                found,
                form: &form.glob,
                products: &products,
                crawl_delay: self.crawl_delay,
            },
            structured,
        );
        End {
            tier,
            why,
            samples: products.iter().map(Product::sample).collect(),
            draft: Some(draft),
        }
    }
}

/// The list page with most products; the home page counts for half, because
/// it mostly shows a selection.
fn best_lists(glob: &str, pages: &[Page], home: &Page) -> Option<Lists> {
    let form = UrlGlob::try_from(glob.to_owned()).ok()?;
    let weighed = pages
        .iter()
        .map(|page| (lists::count(page, &form) * 2, page))
        .chain(std::iter::once((lists::count(home, &form), home)));
    let mut best: Option<(usize, &Page)> = None;
    for (weight, page) in weighed {
        if weight > best.as_ref().map_or(0, |(most, _)| *most) {
            best = Some((weight, page));
        }
    }
    lists::describe(best?.1, home, &form, glob)
}

fn speaks_of_products(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    ["product", "produ", "item", "artikel", "listing", "goods"]
        .iter()
        .any(|word| path.contains(word))
}

/// The first, the middle one and the last, then their neighbours.
fn spread(urls: &[Url]) -> Vec<Url> {
    let last = urls.len().saturating_sub(1);
    let mut at = vec![0, last / 2, last, 1, last / 3];
    at.retain(|at| *at < urls.len());
    let mut chosen: Vec<Url> = Vec::new();
    for at in at {
        if !chosen.contains(&urls[at]) {
            chosen.push(urls[at].clone());
        }
    }
    chosen
}
