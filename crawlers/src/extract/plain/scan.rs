//! One walk through a page that gathers what may be its title, its price, its
//! pictures, with what each stands in.

use std::collections::HashMap;

use ego_tree::NodeId;
use ego_tree::iter::Edge;
use scraper::{ElementRef, Node};

use super::around::unframe;
use super::clues::Clues;
use super::frame::Frame;
use super::gallery;
use super::images::Picture;
use super::nesting::Nesting;
use super::noscript;
use super::spot::Spot;
use super::title;
use crate::extract::document::Page;

/// Stands in a text where an old price stood; not to be seen (word joiner).
pub(super) const LEFT_OUT: char = '\u{2060}';
/// The most of each kind that is kept.
pub(super) const MAX_KEPT: usize = 1_500;
/// The deepest nesting that is followed.
const MAX_DEPTH: usize = 500;

/// Where no line is read: what stands there is not said of the product.
pub(super) const NOT_READ: Clues = Clues::RELATED.with(Clues::FRAME).with(Clues::CARD);

/// A heading, or what is called one by its class.
pub(super) struct Heading<'a> {
    pub(super) element: ElementRef<'a>,
    pub(super) order: usize,
    pub(super) clues: Clues,
    pub(super) level: u8,
    /// It is what the page calls itself first.
    pub(super) is_name: bool,
    /// That, or it begins with it and has small print behind it.
    pub(super) has_name: bool,
    pub(super) text: String,
}

/// A short piece of text.
pub(super) struct Line {
    pub(super) order: usize,
    pub(super) clues: Clues,
    pub(super) text: String,
    /// Has no element in it.
    pub(super) is_leaf: bool,
    /// Ends at a line break.
    pub(super) is_part: bool,
    /// A name in a list of names and values.
    pub(super) is_term: bool,
    /// The first link in it.
    pub(super) link: Option<Link>,
}

/// A link with words in it.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) text: String,
    /// It leads to a maker's products.
    pub(super) to_maker: bool,
}

/// What puts the article into the cart.
pub(super) struct Button {
    pub(super) order: usize,
    pub(super) clues: Clues,
    pub(super) text: String,
    /// It buys by its words, or by where it leads.
    pub(super) buys: bool,
    pub(super) disabled: bool,
}

/// Everything that was gathered, in document order.
#[derive(Default)]
pub(super) struct Scan<'a> {
    /// What the page calls itself, squeezed.
    pub(super) names: Vec<String>,
    /// What stands behind the shop's name and a colon in the page's title, squeezed.
    pub(super) behind_colon: Option<String>,
    pub(super) headings: Vec<Heading<'a>>,
    /// What is no heading and says nothing but what the page calls itself.
    pub(super) called: Vec<Heading<'a>>,
    /// What is no heading and printed like one.
    pub(super) set_off: Vec<Heading<'a>>,
    pub(super) spots: Vec<Spot>,
    pub(super) lines: Vec<Line>,
    pub(super) buttons: Vec<Button>,
    pub(super) pictures: Vec<Picture>,
    /// Elements called a description, the outermost of each.
    pub(super) descriptions: Vec<ElementRef<'a>>,
    /// The ids that tabs called a description lead to.
    pub(super) described: Vec<String>,
    /// Paragraphs of the page's own, and where they stand.
    pub(super) paragraphs: Vec<(usize, ElementRef<'a>)>,
    /// Boxes of running text that are none by their element, and where they stand.
    pub(super) texts: Vec<(usize, ElementRef<'a>)>,
    /// Boxes with a long text of their own, and where they stand.
    pub(super) bare: Vec<(usize, ElementRef<'a>)>,
    /// Where links with words in them stand.
    pub(super) links: Vec<usize>,
    /// A button that writes to who sells.
    pub(super) contacts: bool,
    /// A button that bids for what is sold.
    pub(super) bids: bool,
    /// Boxes called side columns and the like in which something buys, and whether there is
    /// nothing in them that speaks of other products.
    pub(super) framed: Vec<(bool, Held)>,
    /// Elements `aside` with amounts in them.
    pub(super) asides: Vec<(ElementRef<'a>, Held)>,
    /// The ids of what may be chosen, and whether it is.
    pub(super) choices: Vec<(String, bool)>,
    /// Whether data for scripts count anything as left, if they count.
    pub(super) counted: Option<bool>,
    /// A field for how many.
    pub(super) asks_quantity: bool,
    /// The page calls itself that of a product.
    pub(super) is_named_product: bool,
    /// How many boxes like each other hold a price, a link and a picture.
    pub(super) cards: usize,
    /// Which elements stand in which.
    pub(super) nesting: Nesting,
}

/// Boxes by their parent, element and class.
pub(super) type Boxes = HashMap<(NodeId, String), Vec<Held>>;

/// Which spots, buttons, pictures and lines stand in a box.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) spots: std::ops::Range<usize>,
    pub(super) buttons: std::ops::Range<usize>,
    pub(super) pictures: std::ops::Range<usize>,
    pub(super) lines: std::ops::Range<usize>,
}

/// The name of boxes that count though there is only one.
pub(super) const ALONE: &str = "alone ";

/// Walks through a page. Whether names tell the boxes of other products is said
/// by `cards`.
pub(super) fn walk(page: &Page, cards: bool) -> Scan<'_> {
    let mut scan = Scan {
        names: title::names_of(page),
        behind_colon: title::behind_colon(page),
        ..Scan::default()
    };
    let mut frames: Vec<Frame<'_>> = Vec::new();
    let mut boxes = Boxes::new();
    let (mut order, mut skipped) = (0, 0_usize);
    for edge in page.dom.tree.root().traverse() {
        match edge {
            Edge::Open(node) => {
                if let Node::Text(text) = node.value() {
                    if skipped == 0
                        && let Some(frame) = frames.last_mut()
                    {
                        frame.add_own(text);
                    }
                } else if let Some(element) = ElementRef::wrap(node) {
                    if skipped > 0 || is_silent(element) || frames.len() >= MAX_DEPTH {
                        let around = frames.last().filter(|_| skipped == 0);
                        if let Some(around) = around {
                            let pictures = &mut scan.pictures;
                            noscript::add_pictures(element, order, around.all, pictures);
                            gallery::add_pictures(element, order, around.all, pictures);
                        }
                        skipped += 1;
                        continue;
                    }
                    order += 1;
                    scan.nesting.open(frames.last().map(|frame| frame.order));
                    let frame = Frame::open(element, order, &frames, &scan, cards);
                    frames.push(frame);
                }
            }
            Edge::Close(node) if node.value().is_element() => {
                if skipped > 0 {
                    skipped -= 1;
                } else if let Some(frame) = frames.pop() {
                    scan.nesting.close(frame.order);
                    frame.close(frames.last_mut(), &mut scan, &mut boxes);
                }
            }
            Edge::Close(_) => {}
        }
    }
    for ((_, name), ranges) in boxes {
        // Two tables without a class may well be the product and the rest.
        let alone = name.starts_with(ALONE);
        if !alone && ranges.len() < if name.ends_with(' ') { 3 } else { 2 } {
            continue;
        }
        // Boxes under a heading of their own do not make the page a list.
        let of_others = |at: usize| scan.spots[at].clues.has(Clues::RELATED);
        let own = |held: &&Held| !held.spots.clone().all(of_others);
        scan.cards += if alone {
            0
        } else {
            ranges.iter().filter(own).count()
        };
        for held in ranges {
            held.each(&mut scan, |clues| *clues = clues.with(Clues::CARD));
        }
    }
    unframe(&mut scan);
    scan
}

/// The shortest name that an element without a heading may say, in letters.
const SHORTEST_CALLED: usize = 4;

impl Scan<'_> {
    /// Whether a text, squeezed, is all that the page calls itself first.
    pub(super) fn is_called(&self, squeezed: &str) -> bool {
        let mut names = self.names.first().into_iter().chain(&self.behind_colon);
        squeezed.chars().count() >= SHORTEST_CALLED && names.any(|name| name == squeezed)
    }
}

impl Held {
    /// Changes what is known of everything in the box.
    pub(super) fn each(self, scan: &mut Scan<'_>, change: impl Fn(&mut Clues)) {
        for spot in scan.spots.get_mut(self.spots).into_iter().flatten() {
            change(&mut spot.clues);
        }
        for line in scan.lines.get_mut(self.lines).into_iter().flatten() {
            change(&mut line.clues);
        }
        for picture in scan.pictures.get_mut(self.pictures).into_iter().flatten() {
            change(&mut picture.clues);
        }
        for button in scan.buttons.get_mut(self.buttons).into_iter().flatten() {
            change(&mut button.clues);
        }
    }
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
