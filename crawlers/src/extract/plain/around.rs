//! What stands around a page: its header, and boxes around all of it.

use scraper::ElementRef;

use super::clues::Clues;
use super::frame::Frame;

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
