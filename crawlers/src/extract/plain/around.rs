//! What stands around a page: its header, and boxes around all of it.

use scraper::ElementRef;

use super::clues::{self, Clues, is_buying};
use super::frame::Frame;
use super::scan::{Button, NOT_READ, Scan};
use super::ways::leads_elsewhere;
use crate::extract::structured::squeezed;
use crate::extract::text::text_of;

/// How deep what stands around a whole page may be.
const MAX_WRAPPER: usize = 8;

/// Whether an element stands around most of a page, heading and all: "off-canvas-wrap",
/// "layout-sidebar" are named after what else is in there.
pub(super) fn is_wrapper(element: ElementRef<'_>, depth: usize) -> bool {
    let is_box = !matches!(
        element.value().name(),
        "header" | "nav" | "footer" | "aside" | "dialog"
    );
    let is_heading = |node: ego_tree::NodeRef<'_, scraper::Node>| {
        node.value().as_element().is_some_and(|e| e.name() == "h1")
    };
    let is_most = || element.descendants().count() * 2 > element.tree().values().count();
    depth <= MAX_WRAPPER && is_box && element.descendants().any(is_heading) && is_most()
}

/// How many nodes of a box are looked at for the name of the product.
const MAX_NODES: usize = 2_000;
/// The shortest name that is looked for in what the page calls itself, in letters.
const LEAST_NAME: usize = 3;

/// Whether a box called a side column, a window or the like is that of the page's product:
/// the page's name heads it, and a price or what buys stands in it.
pub(super) fn is_of_product(element: ElementRef<'_>, names: &[String]) -> bool {
    let is_box = !matches!(
        element.value().name(),
        "header" | "nav" | "footer" | "dialog"
    );
    let nodes = || element.descendants().skip(1).take(MAX_NODES);
    let elements = || nodes().filter_map(ElementRef::wrap);
    let is_name = |inner: ElementRef<'_>| {
        let heading = match inner.value().name() {
            "h1" => squeezed(&text_of(inner)),
            _ => return false,
        };
        heading.chars().count() >= LEAST_NAME && names.iter().any(|name| name.contains(&heading))
    };
    let sells = Clues::PRICE.with(Clues::BUY);
    let is_button =
        |inner: ElementRef<'_>| inner.value().name() == "button" && is_buying(&text_of(inner));
    is_box
        && elements().any(is_name)
        && elements().any(|inner| clues::of(inner).has(sells) || is_button(inner))
}

/// Whether a box called a side column is that of the pictures of the page's product: the page's
/// name stands in the box beside it, it shows a gallery, and leads to no other page.
pub(super) fn is_gallery_of_product(element: ElementRef<'_>, names: &[String]) -> bool {
    let is_box = matches!(element.value().name(), "div" | "section");
    let beside = || {
        let before = element.prev_siblings().find_map(ElementRef::wrap);
        let behind = element.next_siblings().find_map(ElementRef::wrap);
        before.into_iter().chain(behind)
    };
    let inside = |element: ElementRef<'_>, fits: &dyn Fn(ElementRef<'_>) -> bool| {
        let nodes = element.descendants().skip(1).take(MAX_NODES);
        nodes.filter_map(ElementRef::wrap).any(fits)
    };
    let is_name = |inner: ElementRef<'_>| {
        inner.value().name() == "h1" && names.contains(&squeezed(&text_of(inner)))
    };
    let leads = |inner: ElementRef<'_>| inner.attr("href").is_some_and(leads_elsewhere);
    let is_gallery = |inner: ElementRef<'_>| clues::of(inner).has(Clues::GALLERY);
    let is_picture = |inner: ElementRef<'_>| inner.value().name() == "img";
    is_box
        && inside(element, &is_picture)
        && inside(element, &is_gallery)
        && !inside(element, &leads)
        && beside().any(|other| inside(other, &is_name))
}

/// What is said of an amount and not of a page.
const OF_AMOUNTS: Clues = Clues::OTHER
    .with(Clues::OLD)
    .with(Clues::REDUCED)
    .with(Clues::WITHOUT_TAX);

/// What the name of an element says of the amounts in it: nothing where it stands around the
/// page's name as well. "has-new-shipping", "tier-price-enabled" tell what else the page has.
pub(super) fn without_words_of_box(element: ElementRef<'_>, own: Clues, names: &[String]) -> Clues {
    if !own.has(OF_AMOUNTS) {
        return own;
    }
    let is_name = |inner: ElementRef<'_>| match inner.value().name() {
        "h1" => true,
        "h2" | "h3" => names.contains(&squeezed(&text_of(inner))),
        _ => false,
    };
    let inner = element.descendants().skip(1).take(MAX_NODES);
    match inner.filter_map(ElementRef::wrap).any(is_name) {
        true => own.without(OF_AMOUNTS),
        false => own,
    }
}

/// How many nodes of a header are looked at.
const MAX_HEADER: usize = 80;

/// Whether an element is the header of the page, not that of an article.
pub(super) fn is_page_header(element: ElementRef<'_>, own: Clues, above: &[Frame<'_>]) -> bool {
    let is_header = element.value().name() == "header";
    let is_called_so = own.has(Clues::HEADER);
    let may_be = is_called_so || is_header && above.len() <= 4;
    if !may_be {
        return false;
    }
    let is_of_article = |frame: &Frame<'_>| matches!(frame.name(), "article" | "main" | "section");
    if above.iter().any(is_of_article) {
        return false;
    }
    // Bootstrap calls what stands around the heading of a page so too.
    let leads_on = |node: ego_tree::NodeRef<'_, scraper::Node>| {
        let element = node.value().as_element();
        element.is_some_and(|e| matches!(e.name(), "nav" | "ul" | "form" | "img" | "header"))
    };
    is_header || element.descendants().take(MAX_HEADER).any(leads_on)
}

impl<'a> Frame<'a> {
    /// Keeps a box called a side column or the like that something in it buys.
    pub(super) fn note_framed(&self, scan: &mut Scan<'a>) {
        if !self.own.has(Clues::FRAME) || self.first_button == scan.buttons.len() {
            return;
        }
        let buttons = scan.buttons[self.first_button..].iter();
        let buys = buttons.filter(|button| button.buys).count();
        if buys == 0 {
            return;
        }
        // What leads on or has a heading is of other products.
        let is_headed = scan.headings.last().is_some_and(|it| it.order > self.order);
        let is_column = self.name() == "aside" || self.element.attr("class").is_some_and(is_side);
        let is_button = |link: &usize| scan.buttons.iter().any(|button| button.order == *link);
        let mut links = scan.links.iter().rev().take_while(|it| **it > self.order);
        let is_plain = is_column && buys == 1 && !is_headed && links.all(is_button);
        scan.framed.push((is_plain, self.held(scan)));
    }
}

impl<'a> Frame<'a> {
    /// Keeps an element beside the text that amounts stand in.
    pub(super) fn note_aside(&self, scan: &mut Scan<'a>) {
        let has_amounts = self.first_spot < scan.spots.len();
        if self.name() == "aside" && self.own.has(Clues::FRAME) && has_amounts && !self.has_picture
        {
            scan.asides.push((self.element, self.held(scan)));
        }
    }
}

/// Whether an element stands in the article of the page's product, whose heading is that of
/// the page.
fn is_in_article(element: ElementRef<'_>, names: &[String]) -> bool {
    let is_article = |above: &ElementRef<'_>| {
        let kind = above.attr("itemtype").unwrap_or_default();
        above.value().name() == "article" || kind.ends_with("/Product")
    };
    let is_heading = |inner: ElementRef<'_>| {
        inner.value().name() == "h1" && names.contains(&squeezed(&text_of(inner)))
    };
    let mut above = element.ancestors().filter_map(ElementRef::wrap);
    above.find(is_article).is_some_and(|article| {
        let inner = article.descendants().take(MAX_NODES);
        inner.filter_map(ElementRef::wrap).any(is_heading)
    })
}

/// The only amounts of a page stand beside the text of the product's article: the price is
/// among them.
fn unframe_aside(scan: &mut Scan<'_>) {
    let elsewhere = NOT_READ.with(Clues::OTHER).with(Clues::REVIEW);
    if scan.spots.iter().any(|spot| !spot.clues.has(elsewhere)) {
        return;
    }
    let [(element, held)] = scan.asides.as_slice() else {
        return;
    };
    if is_in_article(*element, &scan.names) {
        let held = held.clone();
        held.each(scan, |clues| *clues = clues.without(Clues::FRAME));
    }
}

/// Whether a class is that of a side column.
fn is_side(class: &str) -> bool {
    let class = class.to_ascii_lowercase();
    class.contains("side") || class.contains("column")
}

/// The only box that anything on the page buys is the product's, though it stands in a side
/// column.
pub(super) fn unframe(scan: &mut Scan<'_>) {
    unframe_aside(scan);
    let is_own = |button: &Button| button.buys && !button.clues.has(NOT_READ);
    if scan.buttons.iter().any(is_own) {
        return;
    }
    if let [(true, held)] = scan.framed.as_slice() {
        let held = held.clone();
        held.each(scan, |clues| *clues = clues.without(Clues::FRAME));
    }
}
