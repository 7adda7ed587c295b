//! Where the links of a box lead.

use crate::extract::files::is_no_page;

/// A link to another page.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub(super) to: String,
    /// There is a picture in it.
    pub(super) shows: bool,
    /// There are words in it.
    pub(super) names: bool,
}

/// Whether a link leads to another page, not to a picture or within this one.
pub(super) fn leads_elsewhere(href: &str) -> bool {
    let href = href.trim();
    let path = href.split(['?', '#']).next().unwrap_or_default();
    // The home page is no product's.
    let behind_host = path.split_once("://").map_or(path, |(_, rest)| {
        rest.split_once('/').map_or("", |(_, path)| path)
    });
    if behind_host.trim_matches('/').is_empty() && !href.contains('?') {
        return false;
    }
    let is_script = path
        .get(..11)
        .is_some_and(|start| start.eq_ignore_ascii_case("javascript:"));
    !path.is_empty() && href.len() <= 500 && !is_script && !is_no_page(path)
}
