//! One walk through a page that gathers what may be its title, its price, its
//! pictures, with what each stands in.

use std::collections::HashMap;

use ego_tree::NodeId;
use ego_tree::iter::Edge;
use scraper::{ElementRef, Html, Node};

use super::clues::{self, Clues};
use super::images::{self, Picture};
use super::spot::{self, Spot};
use crate::extract::text::{is_inline, tidy};

/// The longest text looked at for a price, in bytes.
const MAX_TEXT: usize = 240;
/// Stands in a text where an old price stood; not to be seen (word joiner).
pub(super) const LEFT_OUT: char = '\u{2060}';
/// The longest text whose words are taken to speak of the price among them.
const MAX_JUDGED: usize = 110;
/// The longest text kept as a line of the page, in bytes.
const MAX_LINE: usize = 160;
/// The most places that are kept for a description.
const MAX_TEXTS: usize = 40;
/// The most of each kind that is kept.
const MAX_KEPT: usize = 1_500;
/// The deepest nesting that is followed.
const MAX_DEPTH: usize = 500;

/// Where no line is read: what stands there is not said of the product.
const NOT_READ: Clues = Clues::RELATED.with(Clues::FRAME).with(Clues::CARD);

/// A heading, or what is called one by its class.
pub(super) struct Heading<'a> {
    pub(super) element: ElementRef<'a>,
    pub(super) order: usize,
    pub(super) clues: Clues,
    pub(super) level: u8,
    pub(super) text: String,
}

/// A short piece of text.
pub(super) struct Line {
    pub(super) order: usize,
    pub(super) clues: Clues,
    pub(super) text: String,
    /// Has no element in it.
    pub(super) is_leaf: bool,
    /// The text of the first link in it.
    pub(super) link: Option<String>,
}

/// What puts the article into the cart.
pub(super) struct Button {
    pub(super) order: usize,
    pub(super) clues: Clues,
    pub(super) text: String,
    pub(super) disabled: bool,
}

/// Everything that was gathered, in document order.
#[derive(Default)]
pub(super) struct Scan<'a> {
    pub(super) headings: Vec<Heading<'a>>,
    pub(super) spots: Vec<Spot>,
    pub(super) lines: Vec<Line>,
    pub(super) buttons: Vec<Button>,
    pub(super) pictures: Vec<Picture>,
    /// Elements called a description, the outermost of each.
    pub(super) descriptions: Vec<ElementRef<'a>>,
    /// Paragraphs of the page's own, and where they stand.
    pub(super) paragraphs: Vec<(usize, ElementRef<'a>)>,
    /// A field for how many.
    pub(super) asks_quantity: bool,
    /// The page calls itself that of a product.
    pub(super) is_named_product: bool,
    /// How many boxes like each other hold a price, a link and a picture.
    pub(super) cards: usize,
}

/// An element that has been opened and not closed.
struct Frame<'a> {
    element: ElementRef<'a>,
    order: usize,
    own: Clues,
    all: Clues,
    text: String,
    too_long: bool,
    first_spot: usize,
    has_link: bool,
    has_picture: bool,
    has_heading: bool,
    has_elements: bool,
    link: Option<String>,
    /// The elements from here on are others' products.
    others_follow: bool,
    sources: Vec<String>,
}

/// Boxes by their parent, element and class: which spots stand in each.
type Boxes = HashMap<(NodeId, String), Vec<std::ops::Range<usize>>>;

/// Walks through a page.
pub(super) fn scan(dom: &Html) -> Scan<'_> {
    let mut scan = Scan::default();
    let mut frames: Vec<Frame<'_>> = Vec::new();
    let mut boxes = Boxes::new();
    let (mut order, mut skipped) = (0, 0_usize);
    for edge in dom.tree.root().traverse() {
        match edge {
            Edge::Open(node) => {
                if let Node::Text(text) = node.value() {
                    if skipped == 0
                        && let Some(frame) = frames.last_mut()
                    {
                        frame.add(text);
                    }
                } else if let Some(element) = ElementRef::wrap(node) {
                    if skipped > 0 || is_silent(element) || frames.len() >= MAX_DEPTH {
                        skipped += 1;
                        continue;
                    }
                    order += 1;
                    let frame = Frame::open(element, order, &frames, scan.spots.len());
                    frames.push(frame);
                }
            }
            Edge::Close(node) if node.value().is_element() => {
                if skipped > 0 {
                    skipped -= 1;
                } else if let Some(frame) = frames.pop() {
                    frame.close(frames.last_mut(), &mut scan, &mut boxes);
                }
            }
            Edge::Close(_) => {}
        }
    }
    for ((_, name), ranges) in boxes {
        // Two tables without a class may well be the product and the rest.
        if ranges.len() < if name.ends_with(' ') { 3 } else { 2 } {
            continue;
        }
        // Boxes under a heading of their own do not make the page a list.
        let of_others = |at: usize| scan.spots[at].clues.has(Clues::RELATED);
        scan.cards += ranges
            .iter()
            .filter(|range| !(*range).clone().all(of_others))
            .count();
        for at in ranges.into_iter().flatten() {
            scan.spots[at].clues = scan.spots[at].clues.with(Clues::CARD);
        }
    }
    scan
}

fn is_silent(element: ElementRef<'_>) -> bool {
    matches!(
        element.value().name(),
        "script"
            | "style"
            | "template"
            | "noscript"
            | "svg"
            | "head"
            | "iframe"
            | "object"
            | "math"
    )
}

impl<'a> Frame<'a> {
    fn open(element: ElementRef<'a>, order: usize, above: &[Self], spots: usize) -> Self {
        let parent = above.last();
        let mut own = clues::of(element);
        // The header of the page, not that of an article.
        let in_article = || {
            let names = above.iter().map(Self::name);
            names
                .into_iter()
                .any(|name| matches!(name, "article" | "main" | "section"))
        };
        if element.value().name() == "header" && above.len() <= 4 && !in_article() {
            own = own.with(Clues::FRAME);
        }
        let mut all = own.with(parent.map_or(Clues::default(), |parent| parent.all.inherited()));
        if parent.is_some_and(|parent| parent.others_follow) {
            all = all.with(Clues::RELATED);
        }
        Self {
            element,
            order,
            own,
            all,
            text: String::new(),
            too_long: false,
            first_spot: spots,
            has_link: false,
            has_picture: false,
            has_heading: false,
            has_elements: false,
            link: None,
            others_follow: false,
            sources: Vec::new(),
        }
    }

    fn name(&self) -> &'a str {
        self.element.value().name()
    }

    fn add(&mut self, text: &str) {
        if self.too_long {
            return;
        }
        if self.text.len() + text.len() > 4 * MAX_TEXT {
            self.too_long = !text.trim().is_empty();
            return;
        }
        self.text.push_str(text);
    }

    /// Adds an inner element's text. Digits that two elements part are not one
    /// number: two behind are cents, whatever else stands apart.
    fn add_inner(&mut self, inner: &Frame<'_>) {
        if inner.too_long {
            self.too_long = true;
        }
        if inner.all.has(Clues::OLD.with(Clues::HIDDEN))
            && !self.all.has(Clues::OLD.with(Clues::HIDDEN))
        {
            // What stood before spoke of the price that is left out.
            self.text.push(LEFT_OUT);
            return;
        }
        if inner.own.has(Clues::CHOICE) {
            return;
        }
        let name = inner.name();
        let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        if !is_inline(name) {
            self.text.push(' ');
        } else if is_digit(self.text.chars().next_back()) && is_digit(inner.text.chars().next()) {
            let digits = inner.text.bytes().take_while(u8::is_ascii_digit).count();
            let whole = self
                .text
                .chars()
                .rev()
                .take_while(char::is_ascii_digit)
                .count();
            let has_mark = self
                .text
                .trim_end_matches(|c: char| c.is_ascii_digit())
                .ends_with([',', '.'])
                && whole == 2;
            let are_cents = name == "sup" || inner.own.has(Clues::CENTS) || digits == 2;
            self.text.push(if are_cents && digits <= 2 && !has_mark {
                ','
            } else {
                ' '
            });
        }
        self.add(&inner.text);
        if name == "br" || !is_inline(name) {
            self.text.push(' ');
        }
    }

    fn close(self, parent: Option<&mut Self>, scan: &mut Scan<'a>, boxes: &mut Boxes) {
        let text = if self.too_long {
            String::new()
        } else {
            tidy(&self.text, MAX_TEXT)
        };
        self.note_field(&text, scan);
        self.note_description(parent.as_deref(), scan);
        self.note_heading(&text, scan);
        if !text.is_empty() {
            self.note_price(&text, scan);
            let is_of_page = !self.all.with(self.own).has(NOT_READ);
            if is_of_page && text.len() <= MAX_LINE && scan.lines.len() < MAX_KEPT {
                scan.lines.push(Line {
                    order: self.order,
                    clues: self.all.with(self.own),
                    is_leaf: !self.has_elements,
                    link: self.link.clone(),
                    text: if text.contains(LEFT_OUT) {
                        tidy(&text.replace(LEFT_OUT, " "), MAX_LINE)
                    } else {
                        text.clone()
                    },
                });
            }
        }
        self.note_box(parent.as_deref(), scan, boxes);
        let Some(parent) = parent else { return };
        let is_link = self.name() == "a" && self.element.attr("href").is_some();
        if is_link && parent.link.is_none() && !text.is_empty() {
            parent.link = Some(text.clone());
        } else if parent.link.is_none() {
            parent.link.clone_from(&self.link);
        }
        if self.name() == "source"
            && self
                .element
                .attr("type")
                .is_none_or(|kind| !kind.contains("video"))
        {
            parent
                .sources
                .extend(self.element.attr("srcset").map(str::to_owned));
        }
        parent.has_elements |= !matches!(self.name(), "br" | "wbr");
        parent.has_link |= is_link || self.has_link;
        parent.has_picture |= self.name() == "img" || self.has_picture;
        parent.has_heading |= self.name() == "h1" || self.has_heading;
        let heads_others = self.heads_others(&text);
        // The heading may have a wrapper of its own around it.
        let only_heading = self.others_follow && !self.has_picture && text.len() <= 80;
        parent.others_follow |= heads_others || only_heading;
        parent.add_inner(&self);
    }

    fn heads_others(&self, text: &str) -> bool {
        let name = self.name();
        let class = || {
            self.element
                .attr("class")
                .unwrap_or_default()
                .to_ascii_lowercase()
        };
        let is_heading = matches!(
            name,
            "h2" | "h3" | "h4" | "h5" | "h6" | "caption" | "legend" | "th"
        ) || (!is_inline(name) && !text.is_empty() && text.len() <= 80 && {
            let class = class();
            class.contains("title") || class.contains("head")
        }) || (matches!(name, "td" | "strong" | "b") && text.contains(' '));
        is_heading && clues::is_above_others(text)
    }

    fn note_description(&self, parent: Option<&Self>, scan: &mut Scan<'a>) {
        let elsewhere = NOT_READ.with(Clues::REVIEW);
        if self.all.has(elsewhere) {
            return;
        }
        let is_within = parent.is_some_and(|parent| parent.all.has(Clues::DESCRIPTION));
        if self.own.has(Clues::DESCRIPTION) && !is_within && scan.descriptions.len() < MAX_TEXTS {
            scan.descriptions.push(self.element);
        }
        let is_paragraph = self.name() == "p" && !self.all.has(Clues::HIDDEN);
        if is_paragraph && scan.paragraphs.len() < MAX_TEXTS {
            scan.paragraphs.push((self.order, self.element));
        }
    }

    fn note_heading(&self, text: &str, scan: &mut Scan<'a>) {
        let level = match self.name() {
            "h1" => 1,
            "h2" => 2,
            "h3" => 3,
            _ if self.own.has(Clues::TITLE) => 4,
            "body" | "html" => {
                scan.is_named_product |= self.own.has(Clues::PRODUCT);
                return;
            }
            _ => return,
        };
        scan.is_named_product |= self.own.has(Clues::PRODUCT);
        if scan.headings.len() < MAX_KEPT && !text.is_empty() {
            scan.headings.push(Heading {
                element: self.element,
                order: self.order,
                clues: self.all,
                level,
                text: text.to_owned(),
            });
        }
    }

    /// Buttons, quantity fields, pictures.
    fn note_field(&self, text: &str, scan: &mut Scan<'a>) {
        let attr = |name: &str| self.element.attr(name).unwrap_or_default();
        match self.name() {
            "img" if scan.pictures.len() < MAX_KEPT => {
                scan.pictures
                    .extend(images::picture(self.element, self.order, self.all));
            }
            "picture" if !self.sources.is_empty() => {
                if let Some(picture) = scan
                    .pictures
                    .last_mut()
                    .filter(|picture| picture.order > self.order)
                {
                    picture.add_sources(&self.sources);
                }
            }
            "a" if self.has_picture
                || text.is_empty()
                || !clues::is_buying(text) && !self.own.has(Clues::BUY) =>
            {
                if let Some(picture) = scan
                    .pictures
                    .last_mut()
                    .filter(|picture| picture.order > self.order)
                {
                    picture.add_link(attr("href"));
                    picture.add_link(attr("data-image"));
                }
            }
            "button" | "a" => self.note_button(text, scan),
            "input" if matches!(attr("type"), "submit" | "button" | "image") => {
                let words = [attr("value"), attr("alt"), attr("title")].join(" ");
                self.note_button(words.trim(), scan);
            }
            "input" | "select" => {
                let name = attr("name").to_ascii_lowercase();
                let is_quantity = [
                    "qty",
                    "quantity",
                    "menge",
                    "anzahl",
                    "qte",
                    "cantidad",
                    "quantidade",
                    "antal",
                    "ilosc",
                    "amount",
                ]
                .iter()
                .any(|word| name.contains(word));
                scan.asks_quantity |= is_quantity
                    && !self
                        .all
                        .has(Clues::RELATED.with(Clues::FRAME).with(Clues::CARD));
            }
            _ => {}
        }
    }

    fn note_button(&self, text: &str, scan: &mut Scan<'a>) {
        let speaks_of_stock =
            || text.len() <= 80 && crate::extract::availability::parse(text).is_some();
        if scan.buttons.len() < MAX_KEPT
            && (self.own.has(Clues::BUY) || clues::is_buying(text) || speaks_of_stock())
        {
            scan.buttons.push(Button {
                order: self.order,
                clues: self.all,
                text: text.to_owned(),
                disabled: self.element.attr("disabled").is_some(),
            });
        }
    }

    /// Registers the smallest element that holds a whole price, and lets the
    /// elements around it add what they say of it.
    fn note_price(&self, text: &str, scan: &mut Scan<'a>) {
        if matches!(self.name(), "html" | "body" | "main") || text.len() > MAX_TEXT {
            return;
        }
        let inside = self.first_spot..scan.spots.len();
        // Those struck out are left out of the text: the price may be beside.
        let is_visible = |spot: &Spot| text.contains(&spot.raw);
        let holds_none = !scan.spots[inside.clone()].iter().any(is_visible);
        match if holds_none { 0 } else { inside.len() } {
            0 => {
                // A longer text is that of elements that held no price.
                let is_worth_a_look =
                    !self.has_elements || text.len() <= 60 || self.own.has(Clues::PRICE);
                if is_worth_a_look
                    && scan.spots.len() < MAX_KEPT
                    && (self.own.has(Clues::PRICE)
                        || text.bytes().any(|b| b.is_ascii_digit() || b >= 0x80))
                    && let Some(spot) =
                        spot::read(text, self.order, self.all, self.own, self.name())
                {
                    scan.spots.push(spot);
                    let last = scan.spots.len() - 1;
                    if !scan.spots[last].clues.has(Clues::RELATED) {
                        spot::judge(&mut scan.spots[last..], text);
                    }
                }
            }
            1..=8 => {
                let spots = &mut scan.spots[inside];
                // A wrapper around nothing but the price says nothing new.
                let says_more = !matches!(&*spots, [spot] if spot.raw == text);
                if let [spot] = &mut *spots
                    && says_more
                {
                    spot.complete(text);
                }
                // What is said of other products' prices changes nothing.
                let is_of_page = !self.all.has(Clues::RELATED);
                if says_more && is_of_page && text.len() <= MAX_JUDGED {
                    spot::judge(spots, text);
                }
                for spot in spots.iter_mut() {
                    spot.add_clues(self.own, self.name(), text.len());
                }
            }
            _ => {}
        }
    }

    /// A box with a price, a link and a picture; several alike are a list.
    fn note_box(&self, parent: Option<&Self>, scan: &Scan<'a>, boxes: &mut Boxes) {
        let spots = self.first_spot..scan.spots.len();
        if spots.is_empty()
            || spots.len() > 6
            || !self.has_link
            || !self.has_picture
            || self.has_heading
        {
            return;
        }
        let Some(parent) = parent else { return };
        let class = self.element.attr("class").unwrap_or_default();
        let class = class.split_whitespace().next().unwrap_or_default();
        boxes
            .entry((parent.element.id(), format!("{} {class}", self.name())))
            .or_default()
            .push(spots);
    }
}
