//! What an address is that of, by its ending.

/// Endings of pictures as shops show their products in.
pub(crate) const PICTURES: [&str; 6] = [".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif"];
/// Endings of other files that are no pages.
const OTHERS: [&str; 4] = [".svg", ".pdf", ".zip", ".mp4"];

/// Whether an address, as it is written or its path alone, ends like a picture's.
pub(crate) fn is_picture(address: &str) -> bool {
    ends_with_any(address, &PICTURES)
}

/// Whether it ends like that of a file that is no page.
pub(crate) fn is_no_page(address: &str) -> bool {
    is_picture(address) || ends_with_any(address, &OTHERS)
}

fn ends_with_any(address: &str, endings: &[&str]) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let is_end = |end: &&str| {
        let start = path.len().checked_sub(end.len());
        start
            .and_then(|start| path.get(start..))
            .is_some_and(|last| last.eq_ignore_ascii_case(end))
    };
    endings.iter().any(is_end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_those_of_the_path() {
        assert!(is_picture("/p/Lamp.JPG?v=2#1") && is_no_page("/p/lamp.jpg"));
        assert!(is_no_page("https://shop.example/manual.pdf"));
        for page in ["/p/lamp", "/show?file=lamp.jpg", "/lämpä", "", "jpg"] {
            assert!(!is_no_page(page), "{page}");
        }
    }
}
