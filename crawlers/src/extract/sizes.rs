//! One picture at several addresses, in several sizes.

use std::collections::HashSet;

use url::Url;

use super::embedded;
use super::files::PICTURES;

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
    (is_number(number, 1..=9) && !form.is_empty() && is_form).then_some(number)
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
mod tests {
    use super::*;

    fn is_one(a: &str, b: &str) -> bool {
        let key = |text: &str| {
            let url = Url::parse("https://shop.example/").and_then(|base| base.join(text));
            without_size(&url.expect("a URL"))
        };
        key(a) == key(b)
    }

    #[test]
    fn one_picture_in_two_sizes_is_told_from_two_pictures() {
        for (a, b) in [
            ("/p/lamp-2_small.jpg", "/p/lamp-2_large.jpg"),
            ("/p/lamp-300x300.jpg", "/p/lamp.jpg"),
            ("/i/info_images/1_0.jpg", "/i/popup_images/1_0.jpg"),
            ("/cache/lamp-1.380.jpg", "/source/lamp-1.jpg"),
            (
                "/images?src=%2Fp%2Flamp-1.jpg&w=320&q=75",
                "/images?src=%2Fp%2Flamp-1.jpg&w=1920",
            ),
            ("/image?id=7&width=100", "/image?id=7&width=900&v=3"),
            ("/p/pot_600x600.jpg", "/p/pot_600x600@2x.jpg"),
            ("/p/41/41.750.jpg", "/p/41/41.970.jpg"),
            ("/product/7/image_1024/pot", "/product/7/image_128/pot"),
            ("/orig/01/pot_1.jpg", "/60.60/01/pot_1.jpg"),
            ("/11-product_main/pot.jpg", "/11-default_xs/pot.jpg"),
            (
                "/pot/@@images/image-800-d1d217702384a70cc9e0a3bec555c688.jpeg",
                "/pot/@@images/image-200-236ae1250571a3df510ae406ad902a2e.jpeg",
            ),
            ("/a/pot.jpg?w=800", "/a/pot.jpg?preset=full"),
            (
                "/web/image/p/1/image?unique=1f87ee0",
                "/website/image/p/1/image/90x90",
            ),
            (
                "/images/detailed/1/pot.jpg",
                "/images/thumbnails/35/35/detailed/1/pot.jpg",
            ),
        ] {
            assert!(is_one(a, b), "{a} {b}");
        }
        for (a, b) in [
            ("/p/lamp-1.jpg", "/p/lamp-2.jpg"),
            ("/p/lamp-1.2.jpg", "/p/lamp-1.3.jpg"),
            ("/11-product_main/pot.jpg", "/12-product_main/pot.jpg"),
            ("/p/1-front.jpg", "/p/1-back.jpg"),
            ("/i/pot.main/2/image", "/i/pot.more/2/image"),
            ("/pot/@@images/image-1.jpeg", "/pan/@@images/image-1.jpeg"),
            ("/image?id=7&width=100", "/image?id=8&width=100"),
            ("/image.php?f=lamp-1.jpg", "/image.php?f=lamp-2.jpg"),
            ("/product/7/image_128/pot", "/product/8/image_128/pot"),
            ("/thumbnails/35/35/1/pot.jpg", "/thumbnails/35/35/2/pot.jpg"),
        ] {
            assert!(!is_one(a, b), "{a} {b}");
        }
    }
}
