//! The currency that a page's own program names, for prices whose sign several share.
//!
//! Shops made by scripts hold what they show in scripts and hidden fields as well, in JSON:
//! `"currencyCode":"USD"`. It counts where all such places name one currency; a list of those
//! that can be chosen names several.

use scraper::Node;

use crate::extract::currency;
use crate::extract::document::Page;

/// What the names of these places end with.
const NAME: &str = "urrency";
/// The names in whole, in lower case.
const NAMES: [&str; 4] = ["currency", "currencycode", "currency_code", "pricecurrency"];
/// What the programs of Shopify keep the chosen currency in, and under which name.
const CHOSEN: (&str, &str) = ("Shopify.", "active");
/// The most bytes of scripts and fields that are looked through.
const MOST_BYTES: usize = 2 << 20;
/// The most marks between a name and its value.
const MOST_MARKS: usize = 10;

/// The code that all places of a page's program name.
pub(super) fn currency_of(page: &Page) -> Option<String> {
    let mut left = MOST_BYTES;
    let mut found: Option<String> = None;
    for node in page.dom.tree.root().descendants() {
        let text = match node.value() {
            Node::Element(element) if element.name() == "input" => {
                let is_hidden = element.attr("type") == Some("hidden");
                element.attr("value").filter(|_| is_hidden)
            }
            Node::Text(text) => {
                let parent = node.parent();
                let parent = parent
                    .as_ref()
                    .and_then(|parent| parent.value().as_element());
                let is_script = parent.is_some_and(|parent| parent.name() == "script");
                is_script.then_some(&**text)
            }
            _ => None,
        };
        let Some(text) = text else { continue };
        let Some(rest) = left.checked_sub(text.len()) else {
            break;
        };
        left = rest;
        for code in codes(text) {
            if found.as_ref().is_some_and(|found| *found != code) {
                return None;
            }
            found = Some(code);
        }
    }
    found
}

/// The codes that stand behind one of the names in a program's text.
fn codes(text: &str) -> impl Iterator<Item = String> {
    let part_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(NAME).filter_map(move |(at, _)| {
        let before = text[..at].trim_end_matches(part_of_name);
        let (name, behind) = {
            let rest = &text[before.len()..];
            let end = rest.find(|c| !part_of_name(c)).unwrap_or(rest.len());
            rest.split_at(end)
        };
        let is_known = NAMES.contains(&name.to_ascii_lowercase().as_str());
        let is_chosen = before.ends_with(CHOSEN.0);
        if !is_known || !(before.ends_with('"') || is_chosen) {
            return None;
        }
        let mut value = behind_marks(behind)?;
        if is_chosen {
            value = behind_marks(value.strip_prefix(CHOSEN.1)?)?;
        }
        let code = value.get(..3)?;
        let is_code = code.bytes().all(|byte| byte.is_ascii_uppercase());
        let ends = !value[3..].starts_with(part_of_name);
        (is_code && ends).then(|| currency::code_of(code)).flatten()
    })
}

/// A text from its first letter on, if nothing but a few marks stands before it.
fn behind_marks(text: &str) -> Option<&str> {
    let at = text.find(|c: char| c.is_alphanumeric())?;
    (at <= MOST_MARKS).then(|| &text[at..])
}
