//! Whether a shop has every page once a language, by what its product pages say of
//! their other versions.

use url::Url;

use super::page::{Product, all};
use crate::discover::canonical::is_language;

/// Which language a draft reads.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kept {
    /// As addresses have it; empty where they name none for it.
    pub keep: String,
    /// Whether the rest of addresses is translated too.
    pub translated: bool,
}

/// The language of the first sample, where all of them name versions of themselves
/// in others (`<link rel="alternate" hreflang="…">`) whose addresses differ in their
/// first segment.
pub(super) fn kept(products: &[Product]) -> Option<Kept> {
    let all: Option<Vec<Kept>> = products.iter().map(of_page).collect();
    let all = all?;
    Some(Kept {
        keep: all.first()?.keep.clone(),
        translated: all.iter().any(|kept| kept.translated),
    })
}

/// The language of an address, as its first segment has it; empty where it names none.
pub(super) fn of(url: &Url) -> String {
    parts(url).0
}

/// The language that whoever gave this address wants to read: that of the address, else
/// the one that the home page led to.
pub(super) fn asked_for(given: &Url, home: &Url) -> String {
    Some(of(given))
        .filter(|language| !language.is_empty())
        .unwrap_or_else(|| of(home))
}

fn of_page(product: &Product) -> Option<Kept> {
    let page = &product.page;
    let (keep, rest) = parts(&page.url);
    let links = all(page, "link[rel=alternate][hreflang][href]");
    let others = links.iter().filter_map(|link| {
        let url = page.base.join(link.value().attr("href")?).ok()?;
        (url.origin() == page.url.origin() && parts(&url).0 != keep).then_some(url)
    });
    let mut others = others.peekable();
    others.peek()?;
    Some(Kept {
        translated: others.any(|url| parts(&url).1 != rest),
        keep,
    })
}

/// The language in front of an address's path, and the rest of it.
fn parts(url: &Url) -> (String, String) {
    let path = url.path().trim_start_matches('/');
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    if is_language(first) {
        (first.to_owned(), rest.to_owned())
    } else {
        (String::new(), path.to_owned())
    }
}
