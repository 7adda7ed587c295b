//! The pictures of a page's own product, in the largest size it names.

use std::collections::HashSet;

use scraper::ElementRef;
use url::Url;

use super::clues::{self, Clues};
use super::ways::leads_to_another;
use super::words;
use crate::discover::canonical::resolve;
use crate::extract::availability;
use crate::extract::files::is_picture;
use crate::extract::sizes::{without_size, without_width};
use crate::extract::srcset;
use crate::extract::text::tidy;
use crate::listing::{MAX_IMAGES, MAX_SHORT};

/// A picture with the addresses it is given in, the largest first.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) order: usize,
    pub(super) clues: Clues,
    pub(super) alt: String,
    addresses: Vec<(u32, String)>,
    /// Width as the element states it, in pixels.
    width: Option<u32>,
    /// The nearest elements it stands in, and whether each holds nothing but pictures.
    around: Vec<(ego_tree::NodeId, bool)>,
    /// Where the link around it leads, if to a page.
    pub(super) way: Option<String>,
}

/// Attributes that hold a larger picture, or the picture until it is loaded,
/// and how much they are worth.
const SOURCES: [(&str, u32); 21] = [
    ("data-zoom-image", 5_000),
    ("data-zoom", 5_000),
    ("data-zoom-src", 5_000),
    ("data-large_image", 5_000),
    ("data-large-image", 5_000),
    ("data-image-large-src", 5_000),
    ("data-image-large", 5_000),
    ("data-full", 4_800),
    ("data-full-size-image-url", 5_000),
    ("data-img-large", 4_800),
    ("data-magnify-src", 4_800),
    ("data-hires", 4_800),
    ("data-high-res", 4_800),
    ("data-big", 4_800),
    ("data-original", 300),
    ("data-lazy-src", 300),
    ("data-lazy", 300),
    ("data-src", 300),
    ("data-image", 300),
    ("data-echo", 300),
    ("src", 100),
];

/// How many elements may stand between the title and a picture that nothing
/// else speaks for.
const MAX_APART: usize = 60;

/// What an `img` element shows; none for decoration.
pub(super) fn picture(element: ElementRef<'_>, order: usize, clues: Clues) -> Option<Picture> {
    let attrs: Vec<(&str, &str)> = element.value().attrs().collect();
    let attr = |wanted: &str| {
        let found = attrs.iter().find(|(name, _)| *name == wanted);
        found.map(|(_, value)| *value)
    };
    let words = attr("alt").filter(|words| !words.trim().is_empty());
    let words = words.or_else(|| attr("title"));
    let mut picture = Picture {
        alt: words.unwrap_or_default().chars().take(200).collect(),
        width: attr("width").and_then(|width| width.trim_end_matches("px").parse().ok()),
        ..Picture::at(element, order, clues)
    };
    for (name, worth) in SOURCES {
        if let Some(address) = attr(name) {
            picture.add(worth, address);
        }
    }
    for (name, value) in &attrs {
        if is_of_larger(name) && !SOURCES.iter().any(|(known, _)| known == name) {
            picture.add_file(1_500, value);
        }
    }
    for name in ["srcset", "data-srcset", "data-lazy-srcset"] {
        if let Some(set) = attr(name) {
            picture.add_set(set);
        }
    }
    (!picture.addresses.is_empty()).then_some(picture)
}

/// What a link of a gallery leads to: a picture that the page shows when it is clicked.
pub(super) fn linked(element: ElementRef<'_>, order: usize, clues: Clues) -> Option<Picture> {
    const GALLERY: [&str; 5] = ["gallery", "lightbox", "fancybox", "magnific", "photoswipe"];
    let is_of_gallery = |text: &str| {
        let text = text.to_ascii_lowercase();
        GALLERY.iter().any(|word| text.contains(word))
    };
    let mut attrs = element.value().attrs();
    let says = attrs.any(|(name, value)| {
        name.starts_with("data-") && is_of_gallery(name)
            || matches!(name, "rel" | "class") && is_of_gallery(value)
    });
    if !says {
        return None;
    }
    let mut picture = Picture::at(element, order, clues.with(Clues::GALLERY));
    picture.add_link(element.attr("href")?);
    (!picture.addresses.is_empty()).then_some(picture)
}

/// Whether an attribute holds, by its name, a larger picture.
fn is_of_larger(name: &str) -> bool {
    name.starts_with("data-")
        && [
            "zoom", "large", "big", "magnif", "full", "hires", "high", "popup",
        ]
        .iter()
        .any(|word| name.contains(word))
}

impl Picture {
    /// A picture at this place of which nothing is known yet.
    pub(super) fn at(element: ElementRef<'_>, order: usize, clues: Clues) -> Self {
        Self {
            order,
            clues,
            alt: String::new(),
            addresses: Vec::new(),
            width: None,
            around: row_around(element),
            way: None,
        }
    }

    /// A picture of a gallery that a script shows.
    pub(super) fn of_gallery(
        element: ElementRef<'_>,
        order: usize,
        clues: Clues,
        address: &str,
    ) -> Self {
        let mut picture = Self::at(element, order, clues.with(Clues::GALLERY));
        picture.add_link(address);
        picture
    }

    /// The same picture, in the place of an element that holds it as text, and in a link.
    pub(super) fn stood_at(mut self, element: ElementRef<'_>, link: Option<&str>) -> Self {
        self.around = row_around(element);
        if let Some(link) = link {
            self.add_link(link);
        }
        self
    }

    fn add(&mut self, worth: u32, address: &str) {
        let address = address.trim();
        // Scripts put a width there.
        let address = address.replace("{width}", SCRIPTED_WIDTH);
        // What is called a larger picture may be the name of a field.
        let is_address = worth <= 300 || address.contains(['/', '.']);
        if !address.is_empty()
            && is_address
            && address.len() < 2_000
            && !address.starts_with("data:")
            && !address.contains(['{', '}'])
            && self.addresses.len() < 60
        {
            self.addresses.push((worth, address));
        }
    }

    /// Whether anything is known of where it is.
    pub(super) fn is_found(&self) -> bool {
        !self.addresses.is_empty()
    }

    pub(super) fn add_set(&mut self, set: &str) {
        for (address, width) in srcset::addresses(set) {
            self.add(width.min(4_700), address);
        }
    }

    pub(super) fn add_sources(&mut self, sets: &[String]) {
        for set in sets.iter().take(10) {
            self.add_set(set);
        }
    }

    /// A link around the picture that leads to a picture.
    pub(super) fn add_link(&mut self, href: &str) {
        self.add_file(4_900, href);
    }

    /// A picture that is shown as it is: a link around it may lead to a larger one.
    pub(super) fn add_shown(&mut self, address: &str) {
        self.add_file(100, address);
    }

    /// An address, if it is that of a file with a picture.
    fn add_file(&mut self, worth: u32, href: &str) {
        if is_picture(href) {
            self.add(worth, href);
        }
    }

    /// Whether a larger form of it is named.
    fn is_enlarged(&self) -> bool {
        self.addresses.iter().any(|(worth, _)| *worth >= 4_800)
    }

    fn best(&self, base: &Url) -> Option<Url> {
        let mut addresses: Vec<&(u32, String)> = self.addresses.iter().collect();
        addresses.sort_by_key(|(worth, _)| std::cmp::Reverse(*worth));
        addresses
            .iter()
            .filter(|(_, address)| !is_decoration(address))
            .find_map(|(_, address)| resolve(base, address))
    }
}

/// How wide a picture is asked for where scripts choose.
const SCRIPTED_WIDTH: &str = "1024";
/// How many elements around a picture may make a row of it with others, and how many nodes in
/// each are looked at.
const MOST_AROUND: usize = 2;
const MAX_NODES: usize = 200;

/// The nearest elements around a picture, and whether each is a row of pictures.
fn row_around(element: ElementRef<'_>) -> Vec<(ego_tree::NodeId, bool)> {
    let is_more = |node: ego_tree::NodeRef<'_, scraper::Node>| {
        let element = node.value().as_element();
        element.is_some_and(|element| matches!(element.name(), "h1" | "form" | "select"))
    };
    let around = element.ancestors().take(MOST_AROUND);
    let rows = around.map(|above| {
        (
            above.id(),
            !above.descendants().take(MAX_NODES).any(is_more),
        )
    });
    rows.collect()
}

fn is_decoration(address: &str) -> bool {
    let lower = address.to_ascii_lowercase();
    let path = lower.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    path.ends_with(".svg")
        || [
            "placeholder",
            "blank.",
            "spacer",
            "pixel",
            "loading",
            "loader",
            "transparent",
            "1x1",
            "sprite",
            "noimage",
            "no_image",
            "no-image",
        ]
        .iter()
        .any(|word| name.contains(word))
        || ["cart.", "basket.", "shopping-cart."]
            .iter()
            .any(|word| name.starts_with(word))
        || ["logo", "icon", "payment", "flag", "stars", "badge"]
            .iter()
            .any(|word| name.starts_with(word))
}

/// Whether a picture is called like the product, perhaps with its number.
fn is_named_so(alt: &str, title: &str) -> bool {
    let rest = alt.trim().strip_prefix(title.trim());
    rest.is_some_and(|rest| !rest.contains(char::is_alphabetic))
}

/// Whether a picture stands for a button, or for a word on stock.
fn is_button(alt: &str) -> bool {
    clues::is_buying(alt) || words::speaks_of_stock(alt) && availability::parse(alt).is_some()
}

/// The pictures of the product with this title, that stands at `order` on the page at `url`.
pub(super) fn of_product(
    pictures: &[Picture],
    title: &str,
    order: usize,
    (base, url): (&Url, &Url),
) -> Vec<Url> {
    let outside = Clues::RELATED
        .with(Clues::FRAME)
        .with(Clues::CARD)
        .with(Clues::REVIEW)
        .with(Clues::HIDDEN);
    let words: Vec<String> = title
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| w.chars().count() > 2)
        .map(str::to_owned)
        .collect();
    let score = |picture: &Picture| {
        let alt = picture.alt.to_lowercase();
        let named = words.iter().filter(|word| alt.contains(*word)).count();
        let mut score = 0;
        score += if picture.clues.has(Clues::GALLERY) {
            3
        } else {
            0
        };
        score += if named > 0 && named * 2 >= words.len() {
            2
        } else {
            0
        };
        score += if picture.is_enlarged() { 2 } else { 0 };
        score += if picture.width.is_some_and(|width| width >= 200) {
            1
        } else {
            0
        };
        score -= if picture.width.is_some_and(|width| width < 40) {
            4
        } else {
            0
        };
        score -= if picture.order > order + 300 { 2 } else { 0 };
        score -= if picture.clues.has(Clues::DESCRIPTION) {
            2
        } else {
            0
        };
        score
    };
    // What a gallery shows in large is no decoration, whatever its frame is called.
    let is_outside = |picture: &&Picture| {
        let is_shown = picture.clues.has(Clues::GALLERY) && picture.is_enlarged();
        let decoration = if is_shown {
            Clues::NONE
        } else {
            Clues::DECORATION
        };
        let is_of_another = || {
            let way = picture.way.as_deref();
            !is_named_so(&picture.alt, title)
                && way.is_some_and(|way| leads_to_another(way, base, url))
        };
        picture.clues.has(outside.with(decoration)) || is_button(&picture.alt) || is_of_another()
    };
    let usable: Vec<(&Picture, i32)> = pictures
        .iter()
        .filter(|picture| !is_outside(picture))
        .map(|picture| (picture, score(picture)))
        .collect();
    let best = usable.iter().map(|(_, score)| *score).max().unwrap_or(0);
    let least = if best >= 3 { 3 } else { best.max(1) };
    // Where nothing speaks for any, the one nearest to the title.
    let nearest = usable
        .iter()
        .filter(|(picture, score)| *score == 0 && picture.best(base).is_some())
        .min_by_key(|(picture, _)| picture.order.abs_diff(order))
        .map(|(picture, _)| *picture)
        .filter(|picture| best == 0 && picture.order.abs_diff(order) <= MAX_APART);
    // The others of a row of pictures need not be like its best.
    let first = usable
        .iter()
        .find(|(_, score)| *score == best && best > 0)
        .map(|(picture, _)| *picture)
        .or(nearest);
    // It may stand there again, smaller.
    let key = |picture: &Picture| picture.best(base).map(|url| without_size(&url));
    // Where more stands than pictures, one must be called as the other but for its number.
    let form = |picture: &Picture| {
        let path = picture.best(base)?.path().to_owned();
        Some(path.replace(|c: char| c.is_ascii_digit(), ""))
    };
    let first_form = first.and_then(form);
    let first = first.and_then(key);
    let is_first = |picture: &Picture| first.is_some() && key(picture) == first;
    let again = usable.iter().map(|(picture, _)| *picture);
    let again = again.filter(|picture| is_first(picture));
    let rows: HashSet<_> = again.flat_map(|it| it.around.iter()).collect();
    let is_beside = |picture: &Picture| {
        let small = picture.width.is_some_and(|width| width < 40);
        let mut around = picture.around.iter();
        let is_row = |row: &(ego_tree::NodeId, bool)| {
            rows.contains(row) && (row.1 || form(picture) == first_form)
        };
        !small && (is_first(picture) || around.any(is_row))
    };
    let mut found: Vec<(String, u32, Url)> = Vec::new();
    for (picture, _) in usable.iter().filter(|(picture, score)| {
        *score >= least || *score >= 2 && picture.is_enlarged() || is_beside(picture)
    }) {
        let Some(url) = picture.best(base) else {
            continue;
        };
        let worth = picture
            .addresses
            .iter()
            .map(|(worth, _)| *worth)
            .max()
            .unwrap_or(0);
        let key = without_size(&url);
        let room = found.len() < MAX_IMAGES;
        match found.iter_mut().find(|(known, _, _)| *known == key) {
            Some(known) if worth > known.1 => (known.1, known.2) = (worth, url),
            Some(_) => {}
            None if room => found.push((key, worth, url)),
            None => break,
        }
    }
    // "pot_550.jpg" beside "pot.jpg" is a smaller one of it.
    let keys: HashSet<String> = found.iter().map(|(key, _, _)| key.clone()).collect();
    found.retain(|(key, _, _)| without_width(key).is_none_or(|whole| !keys.contains(whole)));
    let mut seen = HashSet::new();
    found
        .into_iter()
        .map(|(_, _, url)| url)
        .filter(|url| seen.insert(url.clone()))
        .collect()
}

/// What stands in for the pictures in an element.
pub(super) fn words_of(element: ElementRef<'_>) -> String {
    let inside = element.descendants().take(MAX_INSIDE);
    let pictures = inside
        .filter_map(ElementRef::wrap)
        .filter(|it| it.value().name() == "img");
    let words: Vec<&str> = pictures.filter_map(|it| it.attr("alt")).collect();
    tidy(&words.join(" "), MAX_SHORT)
}

/// How many nodes of a link are looked at for pictures.
const MAX_INSIDE: usize = 20;
