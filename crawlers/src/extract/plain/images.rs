//! Pictures, with all the addresses that a page gives them at.

use scraper::ElementRef;
use url::Url;

use super::clues::Clues;
use crate::discover::canonical::resolve;
use crate::extract::files::is_picture;
use crate::extract::srcset;
use crate::extract::text::tidy;
use crate::listing::MAX_SHORT;

/// A picture with the addresses it is given in, the largest first.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) order: usize,
    pub(super) clues: Clues,
    pub(super) alt: String,
    addresses: Vec<(u32, String)>,
    /// Width as the element states it, in pixels.
    pub(super) width: Option<u32>,
    /// The nearest elements it stands in, and whether each holds nothing but pictures.
    pub(super) around: Vec<(ego_tree::NodeId, bool)>,
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
    pub(super) fn is_enlarged(&self) -> bool {
        self.addresses.iter().any(|(worth, _)| *worth >= 4_800)
    }

    /// How much the best of its addresses is worth.
    pub(super) fn worth(&self) -> u32 {
        let worths = self.addresses.iter().map(|(worth, _)| *worth);
        worths.max().unwrap_or(0)
    }

    /// Where it is to be had in the largest size.
    pub(super) fn best(&self, base: &Url) -> Option<Url> {
        let mut addresses: Vec<&(u32, String)> = self.addresses.iter().collect();
        addresses.sort_by_key(|(worth, _)| std::cmp::Reverse(*worth));
        addresses
            .iter()
            .filter(|(_, address)| !is_decoration(address))
            .find_map(|(_, address)| resolve(base, address))
    }

    /// All that it is to be had at.
    pub(super) fn all(&self, base: &Url) -> impl Iterator<Item = Url> {
        let addresses = self.addresses.iter();
        addresses.filter_map(move |(_, address)| resolve(base, address))
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
