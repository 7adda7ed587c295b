//! Pictures that a page names as data for the script of its gallery.

use scraper::ElementRef;
use serde_json::Value;

use super::clues::Clues;
use super::images::Picture;
use super::scan::MAX_KEPT;

/// The most data that are read, in bytes.
const MAX_DATA: usize = 60_000;
/// How deep the list of pictures may lie in them.
const MAX_DEPTH: usize = 6;

/// Adds the pictures of a script element that holds Magento's settings of a gallery: a list of
/// pictures, each in several sizes.
pub(super) fn add_pictures(
    element: ElementRef<'_>,
    order: usize,
    clues: Clues,
    pictures: &mut Vec<Picture>,
) {
    if element.attr("type") != Some("text/x-magento-init") {
        return;
    }
    let Some(text) = element
        .first_child()
        .and_then(|node| node.value().as_text())
    else {
        return;
    };
    if text.len() > MAX_DATA || !text.contains("\"full\"") {
        return;
    }
    let Ok(data) = serde_json::from_str::<Value>(text) else {
        return;
    };
    for shown in list_of(&data, MAX_DEPTH).into_iter().flatten() {
        if pictures.len() >= MAX_KEPT {
            return;
        }
        if let Some(full) = shown["full"].as_str() {
            pictures.push(Picture::of_gallery(element, order, clues, full));
        }
    }
}

/// The first list of pictures in some data.
fn list_of(data: &Value, depth: usize) -> Option<&Vec<Value>> {
    if let Value::Array(list) = data {
        return Some(list).filter(|list| list.iter().any(|it| it["full"].is_string()));
    }
    let inside = data.as_object().filter(|_| depth > 0)?;
    inside.values().find_map(|value| list_of(value, depth - 1))
}
