//! Pictures for readers without scripts, where a script writes the same ones.

use scraper::{ElementRef, Html};

use super::clues::Clues;
use super::images::{self, Picture};
use super::scan::MAX_KEPT;
use crate::extract::files::is_picture;

/// The most markup that is read, in bytes: a few pictures with links around them.
const MAX_MARKUP: usize = 4_000;
/// The most elements of it that are looked at.
const MAX_ELEMENTS: usize = 60;

/// Adds the pictures of a `noscript` element that a script reads, as if they stood at its
/// place. What else stands there is said to nobody, or counts who comes by.
pub(super) fn add_pictures(
    element: ElementRef<'_>,
    order: usize,
    clues: Clues,
    pictures: &mut Vec<Picture>,
) {
    if element.value().name() != "noscript" || !(is_beside_script(element) || is_lazy(element)) {
        return;
    }
    let markup: String = element.text().collect();
    if markup.len() > MAX_MARKUP || !markup.contains("<img") {
        return;
    }
    let inside = Html::parse_fragment(&markup);
    let elements = inside.tree.root().descendants();
    let elements = elements.filter_map(ElementRef::wrap).take(MAX_ELEMENTS);
    let shown = elements.filter(|inner| {
        let source = inner.attr("src").unwrap_or_default();
        inner.value().name() == "img" && is_picture(source)
    });
    for image in shown {
        if pictures.len() >= MAX_KEPT {
            return;
        }
        let link = image.ancestors().filter_map(ElementRef::wrap);
        let link = link.filter_map(|above| above.attr("href")).next();
        let picture = images::picture(image, order, clues);
        pictures.extend(picture.map(|picture| picture.stood_at(element, link)));
    }
}

fn is_beside_script(element: ElementRef<'_>) -> bool {
    let before = element.prev_siblings().find_map(ElementRef::wrap);
    let after = element.next_siblings().find_map(ElementRef::wrap);
    let is_script = |beside: Option<ElementRef<'_>>| {
        beside.is_some_and(|beside| beside.value().name() == "script")
    };
    is_script(before) || is_script(after)
}

/// Whether it is data for a script that shows pictures when they are scrolled to.
fn is_lazy(element: ElementRef<'_>) -> bool {
    let parent = element.parent().and_then(ElementRef::wrap);
    let class = parent.and_then(|parent| parent.attr("class"));
    let has_data = element
        .value()
        .attrs()
        .any(|(name, _)| name.starts_with("data-"));
    has_data || class.is_some_and(|class| class.to_ascii_lowercase().contains("lazy"))
}
