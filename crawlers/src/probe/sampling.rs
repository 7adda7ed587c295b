//! Products of a shop, found by its sitemaps or the page given.

use url::Url;

use super::draft::{self, Found, Shop};
use super::exclusions;
use super::families;
use super::forms::{self, Form};
use super::languages;
use super::offers;
use super::page::{Page, Product};
use super::report::Tier;
use super::{End, Probe};
use crate::definition::pattern::UrlGlob;
use crate::discover::canonical::{canonical, resolve};
use crate::discover::deeds::does_something;
use crate::discover::sitemap;
use crate::extract::files;
use crate::fetch::Exchange;
use crate::robots::Robots;
use crate::target::TargetKind;

/// How many products are looked at, and pages for them.
const PRODUCTS: usize = 3;
const MAX_SAMPLED: usize = 8;
/// How many sitemap files are read.
const MAX_SITEMAPS: usize = 4;
/// How many pages that turn out to be none of a product are asked for a wider form.
const MAX_IN_VAIN: usize = 1;
/// How many forms of addresses are tried.
const MAX_FORMS: usize = 3;

/// A form of addresses and the products seen under it.
pub(super) struct Seen {
    pub(super) form: Form,
    pub(super) products: Vec<Product>,
}

/// The addresses that a sitemap leads to.
#[derive(Clone)]
pub(super) struct Map {
    entry: Url,
    pages: Vec<Url>,
}

impl Probe<'_> {
    /// Pages by the sitemap, else by lists.
    pub(super) async fn pages(&mut self, home: &Page, given: &Url, robots: &Robots) -> Option<End> {
        let language = languages::asked_for(given, &home.url);
        let given = self.given(given, robots).await;
        match self.by_sitemap(robots, given, &language).await {
            (Some(end), _) => Some(end),
            (None, given) => {
                let own = self.home_in(&language, home, robots).await;
                let home = own.as_ref().unwrap_or(home);
                self.by_lists(home, given, robots).await
            }
        }
    }

    /// The page given, where it is that of a product.
    async fn given(&mut self, given: &Url, robots: &Robots) -> Option<Product> {
        let url = canonical(given.clone());
        if url.path() == "/" || !is_own(&self.base, robots, &url) {
            return None;
        }
        self.sample_page(&url).await
    }

    /// By the sitemap; without one, the product that was given comes back.
    ///
    /// Of a shop in several languages the one asked for is read, and where a product was
    /// given, addresses of its form come first.
    pub(super) async fn by_sitemap(
        &mut self,
        robots: &Robots,
        given: Option<Product>,
        language: &str,
    ) -> (Option<End>, Option<Product>) {
        let map = match self.map.take() {
            Some(map) => map,
            None => self.sitemap(robots).await,
        };
        self.map = Some(map.clone());
        let Some(map) = map else {
            return (None, given);
        };
        let rank = |form: &Form| {
            let speaks = form
                .urls
                .first()
                .is_some_and(|url| languages::of(url) == language);
            let asked = given.as_ref().is_some_and(|product| covers(form, product));
            form.likeness() + if speaks { 4.0 } else { 0.0 } + if asked { 100.0 } else { 0.0 }
        };
        let mut ranked: Vec<(f64, Form)> = families::added_up(forms::group(map.pages.into_iter()))
            .into_iter()
            .map(|form| (rank(&form), form))
            .collect();
        ranked.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let forms: Vec<Form> = ranked.into_iter().map(|(_, form)| form).collect();
        let is_first = |product: &Product| forms.first().is_some_and(|f| covers(f, product));
        let (known, given) = match given {
            Some(product) if is_first(&product) => (vec![product], None),
            given => (Vec::new(), given),
        };
        let seen = match self.sample(forms.clone(), known).await {
            Some(seen) => Some(self.widened(seen, &forms).await),
            None => None,
        };
        let others = match &seen {
            Some(_) => std::mem::take(&mut self.others),
            None => Vec::new(),
        };
        let end = match seen {
            Some(mut seen) => {
                self.sample_offer(&mut seen, &others).await;
                Some(self.end(seen, Found::Sitemap(map.entry), &others))
            }
            None => None,
        };
        (end, given)
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

    /// The first of these forms under which there are products; some of the first may be
    /// known.
    pub(super) async fn sample(
        &mut self,
        forms: Vec<Form>,
        mut known: Vec<Product>,
    ) -> Option<Seen> {
        for form in forms.into_iter().take(MAX_FORMS) {
            let mut products = std::mem::take(&mut known);
            let mut others = 0;
            for url in spread(&form.urls) {
                if products.len() >= PRODUCTS || (products.is_empty() && others >= 2) {
                    break;
                }
                if products.iter().any(|product| product.page.url == url) {
                    continue;
                }
                match self.sample_page(&url).await {
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

    /// The form of products with those beside it that differ in one part, where there are
    /// products too: a shop may put its products under the names of its categories.
    pub(super) async fn widened(&mut self, mut seen: Seen, forms: &[Form]) -> Seen {
        let mut in_vain = 0;
        for other in forms {
            if in_vain > MAX_IN_VAIN {
                break;
            }
            let Some(glob) = families::covering(&seen.form.glob, &other.glob) else {
                continue;
            };
            let Ok(wide) = UrlGlob::try_from(glob.clone()) else {
                continue;
            };
            let mut urls = other.urls.iter();
            let Some(url) = urls.find(|url| !self.asker.has_asked(url)) else {
                continue;
            };
            let Some(product) = self.sample_page(url).await else {
                in_vain += 1;
                continue;
            };
            seen.products.push(product);
            let urls = forms.iter().flat_map(|form| &form.urls);
            let urls = urls.filter(|url| wide.matches(url)).cloned().collect();
            seen.form = Form { glob, urls };
        }
        seen
    }

    /// Products of these forms beside those seen, where there are any.
    pub(super) async fn sample_more(
        &mut self,
        mut forms: Vec<Form>,
        seen: Option<Seen>,
    ) -> Option<Seen> {
        let Some(seen) = seen else {
            return self.sample(forms, Vec::new()).await;
        };
        if seen.products.len() >= PRODUCTS {
            return Some(seen);
        }
        let is_of = |form: &Form| seen.products.iter().any(|product| covers(form, product));
        forms.sort_by_key(|form| !is_of(form));
        if forms.first().is_some_and(is_of) {
            return self.sample(forms, seen.products).await;
        }
        let known = seen.form.glob.clone();
        let seen = self.widened(seen, &forms).await;
        if seen.form.glob != known {
            return Some(seen);
        }
        // Of products of two forms those that are more.
        let found = self.sample(forms, Vec::new()).await;
        let has_more = |other: &Seen| other.products.len() > seen.products.len();
        Some(found.filter(has_more).unwrap_or(seen))
    }

    /// A product that a list shows with two prices, beside those seen.
    pub(super) async fn sample_offer(&mut self, seen: &mut Seen, pages: &[Page]) {
        let Ok(form) = UrlGlob::try_from(seen.form.glob.clone()) else {
            return;
        };
        let mut found = pages
            .iter()
            .filter_map(|page| offers::with_two_prices(page, &form));
        if let Some(url) = found.next()
            && let Some(product) = self.sample_page(&url).await
        {
            seen.products.push(product);
        }
    }

    /// The product of a page; a page that is none of a product may be a list, and is kept.
    async fn sample_page(&mut self, url: &Url) -> Option<Product> {
        let exchange = match self.listed.remove(url) {
            Some(exchange) => exchange,
            None => self.sample_answer(url).await?,
        };
        match Page::of(&exchange)?.into_product() {
            Ok(product) => {
                self.asker.showed(product.summary());
                Some(product)
            }
            Err(page) => {
                self.look_at(&page);
                self.others.push(*page);
                None
            }
        }
    }

    async fn sample_answer(&mut self, url: &Url) -> Option<Exchange> {
        let has_room = self.sampled < MAX_SAMPLED && self.asker.may_ask();
        if !has_room || self.asker.has_asked(url) {
            return None;
        }
        self.sampled += 1;
        self.asker.wall = None;
        let exchange = self.asker.get(url, TargetKind::Item).await;
        self.refusals.extend(self.asker.wall.take());
        exchange
    }

    /// The end, with a draft; `others` are pages that are none of products.
    pub(super) fn end(&mut self, seen: Seen, found: Found, others: &[Page]) -> End {
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
        if draft::is_any(&form.glob) {
            self.warnings.push("addresses of products have the same form as others; pages that are none will be fetched, and reported as such".to_owned());
        }
        let draft = draft::of_shop(
            &Shop {
                base: &self.base,
                found,
                form: &form.glob,
                not: &exclusions::of_the_form(&form.glob, others, &products),
                others,
                named: &form.urls,
                products: &products,
                crawl_delay: self.crawl_delay,
                rendering: self.rendering(),
            },
            structured,
        );
        End {
            tier: self.tier(tier),
            why: match self.rendering() {
                Some(_) => format!("{why}; scripts make its pages, which are rendered"),
                None => why,
            },
            samples: products.iter().map(Product::sample).collect(),
            draft: Some(draft),
        }
    }
}

/// Whether a product's address has this form.
pub(super) fn covers(form: &Form, product: &Product) -> bool {
    let glob = UrlGlob::try_from(form.glob.clone());
    glob.is_ok_and(|glob| glob.matches(&product.page.url) || glob.matches(&product.listing.url))
}

/// Whether an address is that of a page of this shop, and may be asked for.
pub(super) fn is_own(base: &Url, robots: &Robots, url: &Url) -> bool {
    !files::is_no_page(url.path())
        && !does_something(url)
        && url.host_str() == base.host_str()
        && url.port_or_known_default() == base.port_or_known_default()
        && robots.forbidding_rule(url).is_none()
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
