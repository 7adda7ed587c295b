//! One picture at several addresses, in several sizes.

use std::collections::HashSet;

use url::Url;

use crate::extract::embedded;

/// Whether one of these pictures is among those, be it in another size.
pub(super) fn shares(one: &[Url], other: &[Url]) -> bool {
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
    let ends = [".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif"];
    let end = ends.iter().filter_map(|end| name.find(end)).min()?;
    let name = without_size_words(&format!("{}.", &name[..end]));
    (name.len() >= 8).then_some(name)
}

/// The address without what tells the size: one picture in two sizes has one.
pub(crate) fn without_size(url: &Url) -> String {
    let path = url.path().to_ascii_lowercase();
    let mut out = String::new();
    for part in path.split('/') {
        let is_size_folder = part.chars().all(|c| c.is_ascii_digit() || c == 'x')
            && part.contains('x')
            || [
                "cache",
                "small",
                "medium",
                "large",
                "thumb",
                "thumbs",
                "thumbnail",
                "full",
                "xs",
                "sm",
                "md",
                "lg",
                "normal",
                "original",
                "zoom",
            ]
            .contains(&part)
            || part.len() == 32 && part.chars().all(|c| c.is_ascii_hexdigit());
        if !is_size_folder {
            out.push('/');
            out.push_str(&without_size_words(part));
        }
    }
    if embedded::is_embedded(url) {
        out.push_str(url.fragment().unwrap_or_default());
    }
    // A server that scales pictures takes their names in the query.
    for (_, value) in url.query_pairs().take(20) {
        if value.contains(['/', '.']) && value.chars().any(char::is_alphabetic) {
            out.push('?');
            out.push_str(&value);
        }
    }
    out
}

fn without_size_words(name: &str) -> String {
    let (stem, _) = name.rsplit_once('.').unwrap_or((name, ""));
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
