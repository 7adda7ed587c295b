//! The addresses in a `srcset` attribute (HTML standard §4.8.4.3.10).

/// The most addresses that are read of one attribute.
const MOST: usize = 30;
/// What a density of 1 counts as, beside widths in pixels.
const WIDTH_OF_1X: f32 = 400.0;

/// Whether an attribute holds such a set, by its name: `srcset`, `data-srcset`.
pub(crate) fn is_set(attribute: &str) -> bool {
    attribute.ends_with("srcset")
}

/// The addresses with the width they have, or count as, in pixels.
pub(crate) fn addresses(set: &str) -> impl Iterator<Item = (&str, u32)> {
    let mut rest = set;
    let next = move || {
        let is_between = |c: char| c.is_whitespace() || c == ',';
        rest = rest.trim_start_matches(is_between);
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (address, after) = rest.split_at(end);
        let whole = address.trim_end_matches(',');
        // Addresses may have commas in them; one at the end says that no size follows.
        let (size, after) = match whole.len() < address.len() {
            true => ("", after),
            false => after.split_once(',').unwrap_or((after, "")),
        };
        rest = after;
        (!whole.is_empty()).then(|| (whole, width(size.trim())))
    };
    std::iter::from_fn(next).take(MOST)
}

/// The address of the largest; of several as large the first.
pub(crate) fn largest(set: &str) -> Option<&str> {
    let usable = addresses(set).filter(|(address, _)| !address.starts_with("data:"));
    let found = usable.reduce(|best, next| if next.1 > best.1 { next } else { best });
    found.map(|(address, _)| address)
}

fn width(size: &str) -> u32 {
    if let Some(width) = size.strip_suffix('w') {
        return width.parse().unwrap_or(0);
    }
    let density = size.strip_suffix('x').unwrap_or("1").parse::<f32>();
    (density.unwrap_or(1.0).clamp(0.0, 10.0) * WIDTH_OF_1X) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_read_as_browsers_read_them() {
        let read = |set| addresses(set).collect::<Vec<_>>();
        let wide = [("a.jpg", 400), ("b.jpg", 800)];
        assert_eq!(read("a.jpg 400w, b.jpg 800w"), wide);
        assert_eq!(read("a.jpg 400w,b.jpg 800w"), wide);
        assert_eq!(read(" a.jpg,\n b.jpg 2x ,"), wide);
        assert_eq!(
            read("/c_fill,w_400/a.jpg 400w, /c_fill,w_800/a.jpg 800w"),
            [("/c_fill,w_400/a.jpg", 400), ("/c_fill,w_800/a.jpg", 800)]
        );
        assert_eq!(read("a.jpg wide"), [("a.jpg", 400)]);
        assert_eq!(read(",, "), []);
        assert_eq!(addresses(&"a 1w,".repeat(1_000)).count(), MOST);
    }

    #[test]
    fn the_largest_counts_and_pictures_within_the_page_do_not() {
        assert_eq!(
            largest("a.jpg 320w, b.jpg 1920w, c.jpg 640w"),
            Some("b.jpg")
        );
        assert_eq!(largest("data:image/gif;base64,R0 9x, b.jpg"), Some("b.jpg"));
        assert_eq!(largest(""), None);
    }
}
