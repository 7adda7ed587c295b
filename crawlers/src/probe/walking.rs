//! Products of a shop that no sitemap names, found by its lists.

use std::collections::HashSet;

use url::Url;

use super::cards;
use super::draft::Found;
use super::families;
use super::forms::{self, Form};
use super::languages;
use super::lists::{self, Lists, LookedAt};
use super::menus;
use super::page::{Link, Page, Product};
use super::paging::{NextPage, is_further};
use super::report::Tier;
use super::sampling::{Seen, covers, is_own};
use super::{End, Probe};
use crate::definition::pattern::UrlGlob;
use crate::robots::Robots;
use crate::target::TargetKind;

/// How many list pages are read.
const MAX_LISTS: usize = 3;
/// How many pages are asked for to find some that show products with their prices.
const MAX_TRIES: usize = 8;
/// How many of those that stand beside the only list found.
const MAX_BESIDE: usize = 2;

impl Probe<'_> {
    /// The home page in the language asked for, where the one that was had is in another.
    pub(super) async fn home_in(
        &mut self,
        language: &str,
        home: &Page,
        robots: &Robots,
    ) -> Option<Page> {
        if language.is_empty() || languages::of(&home.url) == language {
            return None;
        }
        let url = self.base.join(&format!("/{language}/")).ok()?;
        if !is_own(&self.base, robots, &url) {
            return None;
        }
        // It may have been asked for already, as the page that was given.
        let known = self.others.iter().position(|page| page.url == url);
        let page = match known {
            Some(at) => self.others.swap_remove(at),
            None => self.list_page(&url).await?,
        };
        let leads_on = |link: &Link<'_>| languages::of(&link.url) == language;
        let leads_on = page.links().iter().any(leads_on);
        leads_on.then_some(page)
    }

    pub(super) async fn by_lists(
        &mut self,
        home: &Page,
        given: Option<Product>,
        robots: &Robots,
    ) -> Option<End> {
        let host = self.base.clone();
        let language = languages::of(&home.url);
        let allowed = |url: &Url| {
            let speaks = language.is_empty() || languages::of(url) == language;
            speaks && is_own(&host, robots, url)
        };
        let mut pages: Vec<Page> = Vec::new();
        let mut seen = given.and_then(|product| with_product(None, product));
        let mut linked: Vec<Form> = Vec::new();
        // What was taken for a product's page may be a list.
        for page in std::mem::take(&mut self.others) {
            seen = self.sample_list(&page, seen, &mut linked, allowed).await;
            pages.push(page);
        }
        pages.retain(|page| page.url != home.url);
        let mut links = menus::candidates(home, allowed);
        // A home page that is none of the shop's names no lists; a product's page does.
        if let Some(product) = seen.as_ref().and_then(|seen| seen.products.first()) {
            links.extend(menus::candidates(&product.page, allowed));
        }
        let mut met = HashSet::new();
        links.retain(|url| pages.iter().all(|page| page.url != *url) && met.insert(url.clone()));
        let shown_at_home = cards::of(home);
        let mut read = 0;
        for _ in 0..MAX_TRIES {
            let next = next_list(&mut links, seen.as_ref());
            let Some(url) = next.filter(|_| read < MAX_LISTS) else {
                break;
            };
            let Some(page) = self.list_page(&url).await else {
                continue;
            };
            let page = match page.into_product() {
                Err(page) => *page,
                Ok(product) => {
                    self.asker.showed(product.summary());
                    seen = with_product(seen, product);
                    continue;
                }
            };
            let boxes = cards::of(&page);
            if !boxes.is_empty() && boxes == shown_at_home {
                // Another way to the home page, in another currency it may be.
                self.in_vain.push(page.url);
                continue;
            }
            read += usize::from(!boxes.is_empty());
            seen = self.sample_list(&page, seen, &mut linked, allowed).await;
            pages.push(page);
        }
        // What was taken for a product below a list of lists is a list itself.
        while seen.is_none()
            && let Some(page) = self.others.pop()
        {
            seen = self.sample_list(&page, None, &mut linked, allowed).await;
            pages.push(page);
        }
        if seen.is_none() {
            seen = self
                .sample(lists::product_forms(home, allowed), Vec::new())
                .await;
        }
        let mut seen = seen?;
        pages.append(&mut self.others);
        pages.retain(|page| page.url != home.url);
        if let Some(list) = self.only_list(&seen, &pages, home) {
            let own = pages.iter().find(|page| page.url == list);
            let below = own.map_or(Vec::new(), |page| below(page, &seen.form.glob, allowed));
            let beside = self.lists_beside(&list, home, below, allowed).await;
            let forms = beside
                .iter()
                .flat_map(|page| lists::product_forms(page, allowed));
            linked.extend(forms);
            pages.extend(beside);
        }
        if seen.form.glob.contains('?') {
            let met = linked.iter().flat_map(|form| &form.urls);
            seen.form = seen.form.with(met);
        }
        let mut seen = self.widened(seen, &linked).await;
        seen.form.glob = forms::with_distinct_ids(seen.form.glob, &linked);
        pages.append(&mut self.others);
        pages.retain(|page| page.url != home.url);
        let found = match self.best_lists(&seen.form.glob, &pages, home) {
            Some(found) => Some(found),
            None => {
                pages.extend(self.lists_above(&seen.products, &links).await);
                self.best_lists(&seen.form.glob, &pages, home)
            }
        };
        let Some(mut found) = found else {
            let samples = seen.products.iter().map(Product::sample).collect();
            return Some(End {
                samples,
                ..End::without(
                    Tier::Unknown,
                    "its products can be read, but no list or sitemap was found that names them all".to_owned(),
                )
            });
        };
        if let Some((_, names)) = &found.categories
            && let Some(glob) = families::without(&seen.form.glob, names)
        {
            found = self.best_lists(&glob, &pages, home).unwrap_or(found);
            seen.form.glob = glob;
        }
        self.check_first(&mut found).await;
        self.sample_offer(&mut seen, &pages).await;
        Some(self.end(seen, Found::Lists(found), &pages))
    }

    /// Products that a page links to beside those seen; `linked` takes the forms of its links.
    async fn sample_list(
        &mut self,
        page: &Page,
        seen: Option<Seen>,
        linked: &mut Vec<Form>,
        allowed: impl Fn(&Url) -> bool,
    ) -> Option<Seen> {
        let forms = lists::product_forms(page, allowed);
        linked.extend(forms.iter().cloned());
        self.sample_more(forms, seen).await
    }

    /// The lists among these links under which samples stand: `/lamps/` of `/lamps/floor.html`.
    async fn lists_above(&mut self, products: &[Product], links: &[Url]) -> Vec<Page> {
        let is_above = |url: &&Url| {
            let path = url.path();
            let stands_under = |product: &Product| product.page.url.path().starts_with(path);
            path.len() > 1 && path.ends_with('/') && products.iter().any(stands_under)
        };
        let mut pages = Vec::new();
        for url in links.iter().filter(is_above).take(MAX_LISTS) {
            pages.extend(self.list_page(url).await);
        }
        pages
    }

    /// The list that a draft would read, where it names no other.
    fn only_list(&self, seen: &Seen, pages: &[Page], home: &Page) -> Option<Url> {
        let found = self.best_lists(&seen.form.glob, pages, home)?;
        let is_alone = found.categories.is_none() && found.menu.is_none();
        let list = self.base.join(&found.shown).ok()?;
        (is_alone && list.query().is_none() && list != home.url).then_some(list)
    }

    /// What stands in the home page's menu beside the only list that was found, and `below`
    /// it: it may be lists too.
    async fn lists_beside(
        &mut self,
        list: &Url,
        home: &Page,
        below: Vec<Url>,
        allowed: impl Fn(&Url) -> bool,
    ) -> Vec<Page> {
        let may_be_list = |url: &Url| allowed(url) && forms::list_likeness(url) >= 0;
        let mut beside = menus::around(home, &[list], may_be_list);
        beside.truncate(MAX_BESIDE);
        beside.extend(below.into_iter().take(MAX_BESIDE));
        beside.retain(|url| !self.asker.has_asked(url));
        let mut pages = Vec::new();
        for url in &beside {
            pages.extend(self.list_page(url).await);
        }
        pages
    }

    /// Leaves page numbers in paths where the first page has no number and nothing is there
    /// under it.
    async fn check_first(&mut self, found: &mut Lists) {
        let Some(NextPage::Template(template)) = &found.next else {
            return;
        };
        let Ok(first) = self.base.join(&template.replace("{page}", "1")) else {
            return;
        };
        if !self.asker.has_asked(&first) && self.list_page(&first).await.is_none() {
            let count = template.strip_prefix(found.shown.trim_end_matches('/'));
            if let (Some(count), Some((lists, _))) = (count, &mut found.categories)
                && let Some(plain) = lists.strip_suffix(count)
            {
                let end = if found.shown.ends_with('/') { "/" } else { "" };
                *lists = format!("{plain}{end}");
            }
            found.url = found.shown.clone();
            found.next = None;
        }
    }

    /// The list page with most products; the home page counts for half, because
    /// it mostly shows a selection. Pages of the form of products, and second pages, are
    /// taken where no others list any; a page that leads to no further one gives way to
    /// another that does and has products beside its own.
    fn best_lists(&self, glob: &str, pages: &[Page], home: &Page) -> Option<Lists> {
        let form = UrlGlob::try_from(glob.to_owned()).ok()?;
        let all: Vec<&Page> = pages.iter().collect();
        let common = lists::common(&all, home, &form);
        let own = |page: &Page| lists::count(page, &form, glob, &common);
        let (lists, others): (Vec<&Page>, Vec<&Page>) =
            pages.iter().partition(|page| own(page) > 0);
        let is_whole = |page: &&Page| !form.matches(&page.url) && !is_further(&page.url);
        let apart = lists.iter().any(is_whole);
        let usable: Vec<&Page> = lists
            .iter()
            .copied()
            .filter(|page| !apart || is_whole(page))
            .collect();
        let weighed = usable
            .iter()
            .map(|page| (own(page) * 2, *page))
            .chain(std::iter::once((own(home), home)));
        let mut best: Option<(usize, &Page)> = None;
        for (weight, page) in weighed {
            if weight > best.as_ref().map_or(0, |(most, _)| *most) {
                best = Some((weight, page));
            }
        }
        let hub = hub(home, &others, &lists);
        let urls = others.iter().map(|page| &page.url);
        let looked_at = LookedAt {
            lists,
            others: urls.chain(&self.in_vain).collect(),
            common,
        };
        let (_, best) = best?;
        let ways = (home, hub, &*others);
        let found = described(best, &usable, &looked_at, ways, (&form, glob))?;
        Some(found.with_menu(best, &looked_at, home, (&form, glob)))
    }

    async fn list_page(&mut self, url: &Url) -> Option<Page> {
        if self.asker.has_asked(url) {
            return None;
        }
        let Some(exchange) = self.asker.get(url, TargetKind::List).await else {
            self.in_vain.push(url.clone());
            // One page behind a log-in is none of the shop, where others are to be had.
            if !self.listed.is_empty() || self.sampled > 0 {
                self.asker.wall = None;
            }
            return None;
        };
        let page = Page::of(&exchange)?;
        self.look_at(&page);
        // Its address may be of the form of products too.
        self.listed.insert(url.clone(), exchange);
        Some(page)
    }
}

/// The best list, or another that leads further where it does not.
fn described(
    best: &Page,
    usable: &[&Page],
    looked_at: &LookedAt<'_>,
    (home, hub, others): (&Page, &Page, &[&Page]),
    (form, glob): (&UrlGlob, &str),
) -> Option<Lists> {
    let own = lists::describe(best, looked_at, hub, form, glob);
    // A page that shows a few of all is no list of them.
    let known = lists::to_products(best, form, glob);
    let has_others = |page: &&&Page| {
        let products = lists::to_products(page, form, glob);
        let is_known = |link: &Link<'_>| known.iter().any(|other| other.url == link.url);
        products.iter().any(|link| !is_known(link))
    };
    let further = || {
        let mut beside = usable.iter().filter(has_others);
        beside.find_map(|page| {
            let found = lists::describe(page, looked_at, hub, form, glob);
            found.filter(Lists::has_more)
        })
    };
    let found = match own {
        Some(own) if own.has_more() => own,
        own => further().or(own)?,
    };
    Some(match hub.url == home.url {
        true => found,
        false => found.by_way_of(hub, others, home, form),
    })
}

/// The page that names the lists: the home page, or another that names more of them.
fn hub<'a>(home: &'a Page, others: &[&'a Page], lists: &[&Page]) -> &'a Page {
    let named = |page: &Page| {
        let links = page.links();
        let is_linked = |list: &&&Page| links.iter().any(|link| link.url == list.url);
        lists.iter().filter(is_linked).count()
    };
    let mut best = (named(home), home);
    for page in others {
        let many = named(page);
        if many > best.0 {
            best = (many, page);
        }
    }
    best.1
}

/// The links of a list to what stands below it and is no product: `/catalog/lamps`.
fn below(list: &Page, form: &str, allowed: impl Fn(&Url) -> bool) -> Vec<Url> {
    let Ok(glob) = UrlGlob::try_from(form.to_owned()) else {
        return Vec::new();
    };
    let start = format!("{}/", list.url.path().trim_end_matches('/'));
    let is_below = |url: &Url| {
        let is_whole = url.query().is_none() && !is_further(url) && !glob.matches(url);
        is_whole && url.path().starts_with(&start) && allowed(url)
    };
    let links = list.links().into_iter().map(|link| link.url);
    links.filter(is_below).collect()
}

/// Products with one more, if it is of their form.
fn with_product(seen: Option<Seen>, product: Product) -> Option<Seen> {
    match seen {
        None => {
            let alone = std::iter::once(product.page.url.clone());
            Some(Seen {
                form: forms::group(alone).into_iter().next()?,
                products: vec![product],
            })
        }
        Some(mut seen) => {
            if covers(&seen.form, &product) {
                seen.products.push(product);
            }
            Some(seen)
        }
    }
}

/// The next link that may lead to a list, rather none of the form of products.
fn next_list(links: &mut Vec<Url>, seen: Option<&Seen>) -> Option<Url> {
    let form = seen.and_then(|seen| UrlGlob::try_from(seen.form.glob.clone()).ok());
    let is_other = |url: &Url| form.as_ref().is_none_or(|form| !form.matches(url));
    let at = links.iter().position(is_other).unwrap_or(0);
    (!links.is_empty()).then(|| links.remove(at))
}
