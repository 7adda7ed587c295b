//! Where on a page words on stock may stand.

use scraper::{ElementRef, Selector};

use crate::extract::{self, availability, hides};

/// Parts of pages that are the same on every page.
const FRAME: [&str; 16] = [
    "header",
    "footer",
    "nav",
    "navbar",
    "menu",
    "sidebar",
    "aside",
    "minicart",
    "mini-cart",
    "mini_cart",
    "topbar",
    "top-bar",
    "toolbar",
    "breadcrumb",
    "breadcrumbs",
    "newsletter",
];
/// The same, where they are ids: as classes they are around what buys.
const FRAME_IDS: [&str; 4] = ["cart", "basket", "top", "bottom"];
/// Classes that hide what has them from those who see the page, beside those that hide it
/// from the reader.
const HIDING: [&str; 2] = ["visually-hidden", "uk-hidden"];

/// Whether an element may say of the product of its page that it can be had: it is seen,
/// and neither a label nor in a part that every page has.
pub(super) fn may_stand_in(element: ElementRef<'_>) -> bool {
    let is_label = matches!(element.value().name(), "dt" | "th" | "label");
    let around = element.ancestors().filter_map(ElementRef::wrap);
    // What is hidden in it would be read with it.
    let mut inside = element.descendants().filter_map(ElementRef::wrap);
    if inside.any(is_hidden) {
        return false;
    }
    !is_label
        && !std::iter::once(element)
            .chain(around)
            .any(|e| is_hidden(e) || is_frame(e))
}

/// Whether a text says nothing without a label: a number, a yes or a no.
pub(super) fn is_bare(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    matches!(text.as_str(), "true" | "false" | "yes" | "no" | "y" | "n")
        || !text.chars().any(char::is_alphabetic)
}

/// Whether a number beside this label counts what is in stock.
pub(super) fn is_counted_by(label: &str) -> bool {
    availability::parse(&format!("{label}: 3")).is_some()
}

/// The class that hides an element, if a selector can name it.
pub(super) fn hiding_class(element: ElementRef<'_>) -> Option<&str> {
    let is_plain = |class: &&str| {
        let mut letters = class.chars();
        letters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    let mut classes = element.value().classes().filter(is_plain);
    classes.find(|class| HIDING.contains(class) || hides(class))
}

fn is_hidden(element: ElementRef<'_>) -> bool {
    let mut classes = element.value().classes();
    extract::is_hidden(element) || classes.any(|class| HIDING.contains(&class))
}

/// What holds the heading of the page is around all of it, whatever it is called.
fn is_frame(element: ElementRef<'_>) -> bool {
    let value = element.value();
    let is_named = |name: &str, names: &[&str]| names.contains(&name.to_ascii_lowercase().as_str());
    let named = is_named(value.name(), &FRAME)
        || value.classes().any(|class| is_named(class, &FRAME))
        || value
            .id()
            .is_some_and(|id| is_named(id, &FRAME) || is_named(id, &FRAME_IDS));
    named && !holds_heading(element)
}

fn holds_heading(element: ElementRef<'_>) -> bool {
    Selector::parse("h1").is_ok_and(|selector| element.select(&selector).next().is_some())
}
