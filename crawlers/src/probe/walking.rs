//! Products of a shop that no sitemap names, found by its lists.

use std::collections::HashSet;

use url::Url;

use super::draft::Found;
use super::forms::{self, Form};
use super::languages;
use super::lists::{self, Lists};
use super::page::{Link, Page, Product};
use super::report::Tier;
use super::sampling::{Seen, is_own};
use super::{End, Probe};
use crate::definition::pattern::UrlGlob;
use crate::robots::Robots;
use crate::target::TargetKind;

/// How many list pages are read.
const MAX_LISTS: usize = 3;

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
        let page = self.list_page(&url).await?;
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
        let form_of = |product: &Product| {
            let alone = std::iter::once(product.page.url.clone());
            forms::group(alone).into_iter().next()
        };
        let mut seen = given.and_then(|product| {
            Some(Seen {
                form: form_of(&product)?,
                products: vec![product],
            })
        });
        // What was taken for a product's page may be a list.
        let mut linked: Vec<Form> = Vec::new();
        for page in std::mem::take(&mut self.others) {
            let forms = lists::product_forms(&page, allowed);
            linked.extend(forms.iter().cloned());
            seen = self.sample_more(forms, seen).await;
            pages.push(page);
        }
        pages.retain(|page| page.url != home.url);
        let mut links = lists::candidates(home, allowed);
        // A home page that is none of the shop's names no lists; a product's page does.
        if let Some(product) = seen.as_ref().and_then(|seen| seen.products.first()) {
            links.extend(lists::candidates(&product.page, allowed));
        }
        let mut met = HashSet::new();
        links.retain(|url| pages.iter().all(|page| page.url != *url) && met.insert(url.clone()));
        for url in links.into_iter().take(MAX_LISTS) {
            let Some(page) = self.list_page(&url).await else {
                continue;
            };
            let forms = lists::product_forms(&page, allowed);
            linked.extend(forms.iter().cloned());
            seen = self.sample_more(forms, seen).await;
            pages.push(page);
        }
        if seen.is_none() {
            seen = self
                .sample(lists::product_forms(home, allowed), Vec::new())
                .await;
        }
        let mut seen = seen?;
        if seen.form.glob.contains('?') {
            let met = linked.iter().flat_map(|form| &form.urls);
            seen.form = seen.form.with(met);
        }
        let seen = self.widened(seen, &linked).await;
        pages.append(&mut self.others);
        pages.retain(|page| page.url != home.url);
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
        if self.asker.has_asked(url) {
            return None;
        }
        let exchange = self.asker.get(url, TargetKind::List).await?;
        let page = Page::of(&exchange)?;
        self.look_at(&page);
        // Its address may be of the form of products too.
        self.listed.insert(url.clone(), exchange);
        Some(page)
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
    let lists: Vec<&Page> = pages
        .iter()
        .filter(|page| lists::count(page, &form) > 0)
        .collect();
    lists::describe(best?.1, &lists, home, &form, glob)
}
