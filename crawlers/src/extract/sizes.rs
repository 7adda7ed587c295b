//! One picture at several addresses, in several sizes.

use std::collections::HashSet;

use url::Url;

use super::embedded;
use super::files::{PICTURES, is_picture};

/// Whether one of these pictures is among those, be it in another size.
pub(crate) fn shares(one: &[Url], other: &[Url]) -> bool {
    let known: HashSet<String> = other.iter().map(without_size).collect();
    let named: HashSet<String> = other.iter().filter_map(name_of).collect();
    one.iter().any(|url| {
        known.contains(&without_size(url)) || name_of(url).is_some_and(|name| named.contains(&name))
    })
}

/// The name of a picture's file, also where a program that scales it has put more behind:
/// `chair-2.jpg__850x850_q85.jpg`. None for names too short to tell pictures apart.
fn name_of(url: &Url) -> Option<String> {
    let path = url.path().to_ascii_lowercase();
    let name = path.rsplit('/').next()?;
    let end = PICTURES.iter().filter_map(|end| name.find(end)).min()?;
    let name = without_size_words(&format!("{}.", &name[..end]));
    (name.len() >= 8).then_some(name)
}

/// The address without what tells the size: one picture in two sizes has one.
pub(crate) fn without_size(url: &Url) -> String {
    let path = url.path().to_ascii_lowercase();
    let path = up_to_picture(&path);
    let mut out = String::new();
    // "thumbnails/35/35/": so many pixels wide and high.
    let mut measures_follow = 0;
    let mut folder = "";
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        // Odoo gives one picture in both ways.
        let part = match part == "website" && parts.peek() == Some(&"image") {
            true => "web",
            false => part,
        };
        if part.starts_with("thumb") && !part.contains('.') {
            measures_follow = 2;
        } else if measures_follow > 0 && is_number(part, 2..=4) {
            measures_follow -= 1;
            continue;
        } else {
            measures_follow = 0;
        }
        let is_size_folder = is_sized_word(part)
            || is_measured(part)
            || scaled_to(part).is_some()
            || [
                "cache",
                "small",
                "medium",
                "large",
                "big",
                "mini",
                "tiny",
                "info_images",
                "popup_images",
                "thumbnail_images",
                "original_images",
                "source",
                "thumb",
                "thumbs",
                "thumbnail",
                "thumbnails",
                "preview",
                "previews",
                "secondpreview",
                "middle",
                "full",
                "xs",
                "sm",
                "md",
                "lg",
                "normal",
                "orig",
                "original",
                "zoom",
            ]
            .contains(&part)
            || part.len() == 32 && part.chars().all(|c| c.is_ascii_hexdigit());
        if !is_size_folder {
            out.push('/');
            let is_folder = parts.peek().is_some();
            match kind_of_numbered(part).filter(|_| is_folder) {
                Some(number) => out.push_str(number),
                None if folder == "@@images" => out.push_str(field_of(part)),
                None if is_folder => out.push_str(&without_size_words(&format!("{part}."))),
                None => out.push_str(&without_size_words(part)),
            }
        }
        folder = part;
    }
    if embedded::is_embedded(url) {
        out.push_str(url.fragment().unwrap_or_default());
    }
    // A server that scales pictures takes their names in the query, or their numbers.
    for (name, value) in url.query_pairs().take(20) {
        let names_file = value.contains(['/', '.']) && value.chars().any(char::is_alphabetic);
        if names_file || !SIZE_PARAMETERS.contains(&&*name.to_ascii_lowercase()) {
            out.push('?');
            out.push_str(&value);
        }
    }
    out
}

/// A path up to the picture in it, where that stands there again behind the way it is scaled:
/// `/pot.jpg/v1/fill/w_500,h_500/pot.jpg`.
fn up_to_picture(path: &str) -> &str {
    let name = path.rsplit('/').next().filter(|name| is_picture(name));
    let again = name.and_then(|name| path.find(&format!("/{name}/")).zip(Some(name.len())));
    again.map_or(path, |(at, length)| &path[..at + 1 + length])
}

/// "w_500,h_500,al_c,q_85": how a server scales a picture, and how wide or high it is then.
fn scaled_to(folder: &str) -> Option<u32> {
    const LONGEST_NAME: usize = 4;
    let settings = folder.split(',').map(|setting| setting.split_once('_'));
    let settings: Option<Vec<(&str, &str)>> = settings.collect();
    let settings = settings?;
    let is_name = |name: &str| {
        let is_short = (1..=LONGEST_NAME).contains(&name.len());
        is_short && name.bytes().all(|b| b.is_ascii_lowercase())
    };
    if !settings.iter().all(|(name, _)| is_name(name)) {
        return None;
    }
    let mut sides = settings
        .iter()
        .filter(|(name, _)| matches!(*name, "w" | "h"));
    sides.find_map(|(_, side)| side.parse().ok())
}

/// How large a picture is by the folders in its address, in pixels, so that its sizes can be
/// told apart. That of one that says nothing is larger than any.
pub(crate) fn pixels_of(url: &Url) -> u32 {
    let path = url.path().to_ascii_lowercase();
    let sizes = path.split('/').filter_map(pixels_of_folder);
    sizes.min().unwrap_or(u32::MAX)
}

fn pixels_of_folder(folder: &str) -> Option<u32> {
    let measured = || {
        let (side, _) = folder
            .split_once(['x', '.'])
            .filter(|_| is_measured(folder))?;
        side.parse().ok()
    };
    let numbered = || {
        let (_, sides) = folder.split_once('-').filter(|(_, it)| are_sides(it))?;
        sides.split('-').find_map(|side| side.parse().ok())
    };
    let sized = || {
        let (_, width) = folder.rsplit_once(['_', '-'])?;
        width.parse().ok().filter(|_| is_sized_word(folder))
    };
    let called = || match folder {
        "xs" | "mini" | "tiny" | "thumb" | "thumbs" | "thumbnail" | "thumbnails" => Some(100),
        "sm" | "small" | "preview" | "previews" => Some(200),
        "md" | "medium" | "middle" | "secondpreview" | "normal" => Some(500),
        _ => None,
    };
    let scaled = scaled_to(folder).or_else(measured);
    scaled.or_else(numbered).or_else(sized).or_else(called)
}

fn is_number(text: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// "60x60", "60.60": so many pixels wide and high.
fn is_measured(folder: &str) -> bool {
    let sides = folder.split_once(['x', '.']);
    sides.is_some_and(|(width, height)| {
        let is_side = |side: &str| side.bytes().all(|b| b.is_ascii_digit());
        is_side(width) && is_side(height)
    })
}

/// "11-product_main": the number of a picture, and which of its forms is meant, in the words
/// of a theme.
fn kind_of_numbered(folder: &str) -> Option<&str> {
    let (number, form) = folder.split_once('-')?;
    let is_form = form.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let is_form = !form.is_empty() && is_form || are_sides(form);
    (is_number(number, 1..=9) && is_form).then_some(number)
}

/// "800-auto", "800-600": so many pixels wide and high.
fn are_sides(form: &str) -> bool {
    let is_side = |side: &str| side == "auto" || is_number(side, 3..=4);
    let sides = form.split_once('-');
    sides.is_some_and(|(width, height)| is_side(width) && is_side(height))
}

/// "image-800-0f1c….jpeg": the field that holds a picture; behind it stand the width and a
/// number made of both.
fn field_of(name: &str) -> &str {
    name.split('-').next().unwrap_or(name)
}

/// "image_1024": a word for pictures and how many pixels wide.
fn is_sized_word(folder: &str) -> bool {
    folder.rsplit_once(['_', '-']).is_some_and(|(word, width)| {
        let is_word = matches!(word, "image" | "img" | "size" | "width" | "w" | "thumb");
        is_word && is_number(width, 2..=4)
    })
}

/// An address without size, also without a width behind the picture's name, `pot-1_550.jpg`:
/// what another picture is called if there is one without it. None where there is no width.
pub(crate) fn without_width(key: &str) -> Option<&str> {
    let (name, width) = key.rsplit_once('-')?;
    is_number(width, 3..=4).then_some(name)
}

/// An address without size, also without a letter for one behind the picture's number,
/// `pot-2s.jpg`: what the picture is called in large if there is one without it.
pub(crate) fn without_letter(key: &str) -> Option<&str> {
    let whole = key.strip_suffix(['s', 't', 'm'])?;
    whole
        .ends_with(|c: char| c.is_ascii_digit())
        .then_some(whole)
}

/// Parameters that say in which form a server gives a picture, or how old it is.
const SIZE_PARAMETERS: [&str; 42] = [
    "auto",
    "bg",
    "cb",
    "crop",
    "dpr",
    "f",
    "fit",
    "fm",
    "format",
    "fmt",
    "h",
    "hei",
    "height",
    "imheight",
    "impolicy",
    "imwidth",
    "m",
    "mode",
    "op_sharpen",
    "optimize",
    "preset",
    "q",
    "qlt",
    "quality",
    "resize",
    "rev",
    "s",
    "scale",
    "sh",
    "size",
    "strip",
    "sw",
    "t",
    "ts",
    "type",
    "unique",
    "v",
    "ver",
    "version",
    "w",
    "wid",
    "width",
];

fn without_size_words(name: &str) -> String {
    let (stem, _) = name.rsplit_once('.').unwrap_or((name, ""));
    // "lamp-1.380.jpg": so many pixels wide.
    let width = stem.rsplit_once('.').filter(|(_, width)| {
        (2..=4).contains(&width.len()) && width.bytes().all(|b| b.is_ascii_digit())
    });
    let stem = width.map_or(stem, |(stem, _)| stem);
    // For screens with finer dots.
    let stem = ["@2x", "@3x"]
        .iter()
        .find_map(|dots| stem.strip_suffix(dots))
        .unwrap_or(stem);
    stem.split(['-', '_', '.'])
        .filter(|part| {
            let is_size = part.contains('x')
                && part.len() >= 3
                && part.chars().all(|c| c.is_ascii_digit() || c == 'x');
            let is_width = part.len() >= 3
                && part.ends_with('w')
                && part[..part.len() - 1].bytes().all(|b| b.is_ascii_digit());
            let is_word = [
                "small",
                "medium",
                "large",
                "thumb",
                "thumbnail",
                "default",
                "home",
                "cart",
                "big",
                "full",
                "xl",
                "lg",
                "md",
                "sm",
                "xs",
                "zoom",
                "mini",
                "thickbox",
                "scaled",
            ]
            .contains(part);
            !is_size && !is_width && !is_word
        })
        .collect::<Vec<_>>()
        .join("-")
}

#[cfg(test)]
mod tests;
