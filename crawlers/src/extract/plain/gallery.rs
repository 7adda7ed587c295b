//! Pictures of a gallery that no `img` element shows: named as data for its script, or as the
//! background of another element.

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

/// A picture that an element of a gallery has as its background.
pub(super) fn background(element: ElementRef<'_>, order: usize, clues: Clues) -> Option<Picture> {
    let style = element.attr("style").unwrap_or_default();
    let drawn = style
        .split_once("background")
        .map_or("", |(_, drawn)| drawn);
    let named = ["data-bg", "data-background", "data-background-image"];
    let named = named.into_iter().filter_map(|name| element.attr(name));
    let mut picture = Picture::at(element, order, clues);
    for address in named.chain([drawn]) {
        let address = match address.split_once("url(") {
            Some((_, rest)) => rest.split(')').next().unwrap_or_default(),
            None => address,
        };
        picture.add_shown(address.trim_matches(['"', '\'', ' ']));
    }
    picture.add_set(element.attr("data-bgset").unwrap_or_default());
    picture.is_found().then_some(picture)
}
