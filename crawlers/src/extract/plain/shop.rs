//! Headings of the shop, which stand on every page of it: its name with a way home, or the way
//! to the page ("Teapot > Kitchen") in place of the product's name.

use url::Url;

use super::clues::Clues;
use super::scan::{Heading, NOT_READ, Scan};
use super::title::{link_of, names_in};
use crate::extract::document::Page;
use crate::extract::structured::squeezed;
use crate::extract::text::title_parts;

/// The fewest letters of a name that is looked for in the title of a page.
const LEAST_NAME: usize = 4;
/// The most headings that are kept as names of what the page shows.
const MAX_NAMED: usize = 20;

/// What tells the headings of the shop from those of a page.
pub(super) struct Shop<'p> {
    url: &'p Url,
    /// What the page calls the shop, squeezed.
    names: Vec<String>,
    /// Headings of the page that are parts of its title, squeezed, and where they stand.
    named: Vec<(usize, String)>,
}

impl<'p> Shop<'p> {
    /// That of a page at `url`, whose whole title is squeezed to `whole`.
    pub(super) fn of(page: &Page, scan: &Scan<'_>, url: &'p Url, whole: &str) -> Self {
        let names = page.meta("og:site_name");
        let names = names.iter().map(|name| squeezed(name));
        let is_part = |name: &String| name.chars().count() >= LEAST_NAME && whole.contains(name);
        let elsewhere = NOT_READ
            .with(Clues::DECORATION)
            .with(Clues::HIDDEN)
            .with(Clues::REVIEW);
        let headings = scan.headings.iter();
        let headings = headings.filter(|heading| !heading.clues.has(elsewhere));
        let named = headings.flat_map(|heading| {
            let own = names_in(heading).into_iter().map(|name| squeezed(&name));
            own.filter(is_part).map(|name| (heading.order, name))
        });
        Self {
            url,
            names: names.collect(),
            named: named.take(MAX_NAMED).collect(),
        }
    }

    /// Whether a heading is the shop's, and another one a part of the page's title.
    pub(super) fn is_headed(&self, heading: &Heading<'_>) -> bool {
        if !self.is_name(heading) && !is_path(&heading.text) {
            return false;
        }
        let own = squeezed(&heading.text);
        let is_another = |(order, name): &(usize, String)| *order != heading.order && *name != own;
        self.named.iter().any(is_another)
    }

    /// Whether a heading is the name of the shop, by the page's word or by where it leads.
    fn is_name(&self, heading: &Heading<'_>) -> bool {
        let leads_home = || {
            let to = link_of(heading).and_then(|href| self.url.join(href).ok());
            to.is_some_and(|to| is_home(&to) && !is_home(self.url))
        };
        self.names.contains(&squeezed(&heading.text)) || leads_home()
    }
}

/// Whether an address is that of a shop's first page.
fn is_home(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.path() == "/" && url.query().is_none()
}

/// Whether a text is a way through the shop: names with ">" between them.
fn is_path(text: &str) -> bool {
    text.contains(" > ") && title_parts(text).nth(1).is_some()
}
