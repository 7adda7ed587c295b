//! CSS selectors for the pictures of a product.

use std::collections::HashSet;

use scraper::{ElementRef, Selector};
use url::Url;

use super::names::names_of_all;
use super::page::{Page, Product, all};
use super::places::Place;
use super::selectors::MAX_ELEMENTS;
use crate::discover::canonical::resolve;
use crate::extract::{attribute_of, without_size};

/// Attributes in which pictures wait to be loaded, the largest first.
const PICTURE: [&str; 8] = [
    "data-zoom-image",
    "data-large_image",
    "data-srcset",
    "srcset",
    "data-src",
    "data-original",
    "data-lazy",
    "src",
];

/// Attributes in which some themes name a larger picture, and others something else.
const LARGER: [&str; 10] = [
    "data-zoom",
    "data-zoom-src",
    "data-large-image",
    "data-image-large-src",
    "data-image-large",
    "data-full",
    "data-full-size-image-url",
    "data-hires",
    "data-big",
    "data-magnify-src",
];

/// The most places for the pictures of one product.
const MAX_PLACES: usize = 3;

/// Where the pictures of the product stand, and no others: at several places, where one that
/// shows the most of them is not on all samples. What stands at all of them is read.
pub(super) fn of_images(products: &[Product]) -> Vec<Place> {
    let wanted = wanted_of(products);
    let mut left: Vec<usize> = (0..wanted.len()).collect();
    let mut places = Vec::new();
    while !left.is_empty() && places.len() < MAX_PLACES {
        let named = best_of(&wanted, &left, all_finders(&wanted));
        let Some(found) =
            named.or_else(|| best_of(&wanted, &left, in_folders(&wanted, "img", "src")))
        else {
            break;
        };
        left.retain(|at| found.pictures_at(wanted[*at].page).is_empty());
        places.push(found.into_place());
    }
    match places.is_empty() {
        true => likely_of(&wanted).into_iter().collect(),
        false => places,
    }
}

/// A sample's pictures. The place may show them in another size than they were found in.
struct Wanted<'a> {
    page: &'a Page,
    images: &'a [Url],
    /// Their addresses without what tells the size.
    any_size: HashSet<String>,
}

impl<'a> Wanted<'a> {
    fn of(product: &'a Product) -> Self {
        let images = &product.listing.images;
        Self {
            page: &product.page,
            images,
            any_size: images.iter().map(without_size).collect(),
        }
    }

    fn has(&self, url: &Url) -> bool {
        self.any_size.contains(&without_size(url))
    }

    fn has_all(&self, urls: &[Url]) -> bool {
        urls.iter().all(|url| self.has(url))
    }

    /// Whether these begin with its first picture, if there are any.
    fn begins_with(&self, urls: &[Url]) -> bool {
        let first = urls.first().map(without_size);
        first.is_none() || first == self.images.first().map(without_size)
    }

    /// Whether an element shows one of them.
    fn is_shown_by(&self, element: ElementRef<'_>, attributes: &[&'static str]) -> bool {
        let values = attributes
            .iter()
            .filter_map(|name| attribute_of(element, &[name]));
        let mut urls = values.filter_map(|value| resolve(&self.page.base, value));
        urls.any(|url| self.has(&url))
    }
}

/// The samples' pictures, as far as they were found in the page.
fn wanted_of(products: &[Product]) -> Vec<Wanted<'_>> {
    let is_shown = |product: &Product| {
        let from = product.listing.provenance.get("images");
        from.is_some_and(|from| from.source == "page")
    };
    // Where some were found in the page, those that data name are the same in other sizes.
    let any_shown = products.iter().any(is_shown);
    products
        .iter()
        .filter(|product| !product.listing.images.is_empty())
        .filter(|product| !any_shown || is_shown(product))
        .map(Wanted::of)
        .collect()
}

/// What finds pictures: a selector and the attributes they stand in.
struct Finder {
    css: String,
    selector: Selector,
    attributes: Vec<&'static str>,
}

impl Finder {
    fn of(css: String, attributes: &[&'static str]) -> Option<Self> {
        Some(Self {
            selector: Selector::parse(&css).ok()?,
            attributes: attributes.to_vec(),
            css,
        })
    }

    /// The pictures that a definition with this place would read.
    fn pictures_at(&self, page: &Page) -> Vec<Url> {
        let elements = page.document.dom.select(&self.selector).take(100);
        let values = elements.filter_map(|element| attribute_of(element, &self.attributes));
        let mut urls: Vec<Url> = Vec::new();
        for url in values.filter_map(|value| resolve(&page.base, value)) {
            if !urls.contains(&url) {
                urls.push(url);
            }
        }
        urls
    }

    fn is_of_links(&self) -> bool {
        self.attributes == ["href"]
    }

    fn into_place(self) -> Place {
        Place::Css {
            css: self.css,
            attributes: self.attributes,
            own_text: false,
        }
    }
}

/// What finds elements that show or link to one of the samples' pictures.
fn finders(wanted: &[Wanted<'_>], tags: &str, attributes: &[&'static str]) -> Vec<Finder> {
    let elements = elements_of(wanted, tags, attributes);
    let is_there =
        |name: &&'static str| elements.iter().any(|element| element.attr(name).is_some());
    let names_them = |name: &'static str| {
        !LARGER.contains(&name) || names_pictures(wanted, tags, attributes, name)
    };
    // A page with one picture shows it at once; others load theirs later.
    let is_used = |name: &&'static str| *name == "src" || is_there(name) && names_them(name);
    let attributes: Vec<&'static str> = attributes.iter().copied().filter(is_used).collect();
    let names = names_of_all(elements.into_iter()).into_iter();
    names
        .filter_map(|css| Finder::of(css, &attributes))
        .collect()
}

/// Whether an attribute names the samples' pictures wherever elements that show these have it.
fn names_pictures(
    wanted: &[Wanted<'_>],
    tags: &str,
    attributes: &[&'static str],
    name: &'static str,
) -> bool {
    wanted.iter().all(|one| {
        let elements = elements_of(std::slice::from_ref(one), tags, attributes).into_iter();
        let mut values = elements.filter_map(|element| element.attr(name));
        values.all(|value| {
            let url = resolve(&one.page.base, value);
            url.is_some_and(|url| one.has(&url))
        })
    })
}

fn elements_of<'a>(
    wanted: &[Wanted<'a>],
    tags: &str,
    attributes: &[&'static str],
) -> Vec<ElementRef<'a>> {
    let of_one = |wanted: &Wanted<'a>| -> Vec<ElementRef<'a>> {
        let elements = all(wanted.page, tags).into_iter();
        let shown = elements.filter(|element| wanted.is_shown_by(*element, attributes));
        shown.take(MAX_ELEMENTS).collect()
    };
    wanted.iter().flat_map(of_one).collect()
}

/// What finds pictures that nothing names by the folder in which their files lie.
fn in_folders(wanted: &[Wanted<'_>], tag: &str, attribute: &'static str) -> Vec<Finder> {
    let elements = elements_of(wanted, tag, &[attribute]).into_iter();
    let names = elements.filter_map(|element| by_folder(element, attribute));
    let mut names: Vec<String> = names.collect();
    names.dedup();
    let names = names.into_iter();
    names
        .filter_map(|css| Finder::of(css, &[attribute]))
        .collect()
}

/// A picture without a name, by the folder its file lies in.
fn by_folder(element: ElementRef<'_>, attribute: &str) -> Option<String> {
    const SHORTEST: usize = 5;
    let path = element.attr(attribute)?.split(['?', '#']).next()?;
    let (folders, _) = path.rsplit_once('/')?;
    let folder = folders.rsplit('/').next()?;
    let tag = element.value().name();
    let is_plain = folder
        .bytes()
        .all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-'));
    (is_plain && folder.len() >= SHORTEST).then(|| format!("{tag}[{attribute}*=\"{folder}/\"]"))
}

/// The finders of pictures shown, and behind them those of links to pictures.
fn all_finders(wanted: &[Wanted<'_>]) -> Vec<Finder> {
    let of_pictures: Vec<&'static str> = LARGER.into_iter().chain(PICTURE).collect();
    let mut found = finders(wanted, "img", &of_pictures);
    found.extend(finders(wanted, "a[href]", &["href"]));
    // Boxes of other products link to their pages.
    found.extend(in_folders(wanted, "a[href]", "href"));
    found
}

/// What finds the most of the pictures of the samples that are `left`, in the size they were
/// found in or a larger one, and nothing else on any sample.
fn best_of(wanted: &[Wanted<'_>], left: &[usize], finders: Vec<Finder>) -> Option<Finder> {
    let mut best: Option<((usize, usize, usize), Finder)> = None;
    for finder in finders {
        let shown: Vec<Vec<Url>> = wanted.iter().map(|w| finder.pictures_at(w.page)).collect();
        let mut each = shown.iter().zip(wanted);
        if !each.all(|(urls, wanted)| wanted.begins_with(urls) && wanted.has_all(urls)) {
            continue;
        }
        let of_left = || left.iter().map(|at| (&shown[*at], &wanted[*at]));
        let same = of_left().map(|(urls, wanted)| {
            // A link leads to the largest.
            let is_large = |url: &&Url| finder.is_of_links() || wanted.images.contains(url);
            urls.iter().filter(is_large).count()
        });
        let pages = of_left().filter(|(urls, _)| !urls.is_empty()).count();
        let rank = (
            same.sum(),
            pages,
            of_left().map(|(urls, _)| urls.len()).sum(),
        );
        if pages > 0 && best.as_ref().is_none_or(|(known, _)| rank > *known) {
            best = Some((rank, finder));
        }
    }
    best.map(|(_, finder)| finder)
}

/// The structural reader may have been too careful: pictures that stand around the first one
/// and differ from product to product are taken too.
fn likely_of(wanted: &[Wanted<'_>]) -> Option<Place> {
    let found = all_finders(wanted).into_iter().find(|finder| {
        let shown: Vec<Vec<Url>> = wanted.iter().map(|w| finder.pictures_at(w.page)).collect();
        let mut each = shown.iter().zip(wanted);
        let fits = each.all(|(urls, wanted)| !urls.is_empty() && wanted.begins_with(urls));
        fits && differ(&shown)
    });
    found.map(Finder::into_place)
}

/// Whether no picture is shown for two products.
fn differ(shown: &[Vec<Url>]) -> bool {
    let mut seen = HashSet::new();
    let once: Vec<HashSet<&Url>> = shown.iter().map(|urls| urls.iter().collect()).collect();
    shown.len() > 1 && once.into_iter().flatten().all(|url| seen.insert(url))
}
