//! URLs that no page has that a visitor would look for.

use std::collections::HashMap;

use url::Url;

/// The most query parameters; filters multiply them without end.
const MAX_PARAMETERS: usize = 12;
/// The longest query, in characters.
const MAX_QUERY: usize = 1_000;
/// How often one segment may stand in a path, or follow itself.
const MAX_SAME: usize = 4;
const MAX_CYCLES: usize = 3;

/// Why a URL looks like one that a trap has made; none for an ordinary one.
pub(super) fn trapped(url: &Url) -> Option<String> {
    let segments: Vec<&str> = url.path().split('/').filter(|s| !s.is_empty()).collect();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for segment in &segments {
        let count = counts.entry(segment).or_default();
        *count += 1;
        if *count > MAX_SAME {
            return Some(format!("its path holds `{segment}` over and over"));
        }
    }
    for length in 1..=3 {
        let cycles = |at: usize| {
            let cycle = &segments[at..at + length];
            segments[at..]
                .chunks(length)
                .take_while(|chunk| chunk == &cycle)
                .count()
        };
        if (0..segments.len().saturating_sub(length * MAX_CYCLES - 1))
            .any(|at| cycles(at) >= MAX_CYCLES)
        {
            return Some("its path repeats itself".to_owned());
        }
    }
    let query = url.query()?;
    if query.len() > MAX_QUERY {
        return Some(format!("its query is over {MAX_QUERY} characters long"));
    }
    let mut names: HashMap<&str, usize> = HashMap::new();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    for name in pairs.map(|pair| pair.split('=').next().unwrap_or_default()) {
        *names.entry(name).or_default() += 1;
    }
    if names.len() > MAX_PARAMETERS {
        return Some(format!("it has over {MAX_PARAMETERS} parameters"));
    }
    let grown = names
        .iter()
        .find(|(name, count)| **count > 2 && !is_list(name));
    grown.map(|(name, _)| format!("its parameter `{name}` is there over and over"))
}

/// `size[]` may be there as often as it likes.
fn is_list(name: &str) -> bool {
    name.ends_with("[]") || name.to_ascii_lowercase().ends_with("%5b%5d")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_that_grow_are_traps_and_ordinary_ones_are_not() {
        let of = |path: &str| {
            let url = Url::parse("https://shop.example").and_then(|base| base.join(path));
            trapped(&url.expect("a URL"))
        };
        let parameters: String = (0..13).map(|n| format!("f{n}=1&")).collect();
        for path in [
            "/a/b/a/b/a/b",
            "/shop/shop/shop/x",
            "/x/a/1/a/2/a/3/a/4/a",
            "/list?page=2&page=3&page=4",
            &format!("/list?{parameters}"),
            &format!("/list?q={}", "x".repeat(1_000)),
            "/a/b/c/a/b/c/a/b/c/d",
        ] {
            assert!(of(path).is_some(), "{path}");
        }
        for path in [
            "/",
            "/shop/shop/chair",
            "/a/b/a/b",
            "/list?size[]=1&size[]=2&size[]=3&size[]=4",
            "/list?a=1&b=2&c=3",
            "/c/furniture/chairs/oak/2026/11/7",
        ] {
            assert_eq!(of(path), None, "{path}");
        }
    }
}
