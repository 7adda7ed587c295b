//! What there is left of a product, where a page says so in data for its scripts alone.

use scraper::ElementRef;

/// The most data that are read, in bytes.
const MAX_DATA: usize = 50_000;
/// Parts of names of such counts: `"virtual_available": 0.0`.
const COUNTS: [&str; 2] = ["available", "in_stock"];

/// Whether an element's data count anything as left; none where they count nothing, or say that
/// it is never asked for.
pub(super) fn has_any(element: ElementRef<'_>) -> Option<bool> {
    let data = element.value().attrs();
    let data = data.filter(|(name, value)| name.starts_with("data-") && value.len() <= MAX_DATA);
    let mut counts = data.flat_map(|(_, value)| {
        let is_counting = value.contains('{') && !value.contains("\"never\"");
        let names = COUNTS.iter().filter(move |_| is_counting);
        names
            .flat_map(|name| value.match_indices(name))
            .filter_map(|(at, name)| {
                let rest = value[at + name.len()..].trim_start_matches(['"', ' ']);
                let rest = rest.strip_prefix(':')?.trim_start();
                let end = rest.find(|c: char| !(c.is_ascii_digit() || ".-".contains(c)))?;
                rest[..end].parse::<f64>().ok()
            })
    });
    let first = counts.next()?;
    Some(first > 0.0 || counts.any(|count| count > 0.0))
}
