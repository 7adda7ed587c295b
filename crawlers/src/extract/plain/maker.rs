//! Who made the product.

use super::clues::Clues;
use super::frame::{BREAK, Frame};
use super::images;
use super::scan::{Line, Scan};
use super::title::Title;
use super::words::{self, BRAND, is_name};
use crate::extract::structured::squeezed;

/// The longest text that may be a label of the maker, in bytes.
const MAX_LABEL: usize = 40;
/// The most words of one in a place that is called the maker's.
const MAX_LABEL_WORDS: usize = 2;
/// How many elements before the product's heading its maker may stand, and behind it.
const BEFORE_HEADING: usize = 15;
const BEHIND_HEADING: usize = 150;

/// The maker by its label, else by the name of what holds it, or where it leads, near the product's heading.
pub(super) fn choose(scan: &Scan<'_>, heading: Option<&Title>) -> Option<String> {
    let by_label = words::labelled(scan, BRAND, Clues::NONE, is_name);
    by_label.or_else(|| by_class(scan, heading?))
}

/// Parts of addresses behind which makers stand, one a page.
const FOLDERS: [&str; 14] = [
    "brand",
    "brands",
    "manufacturer",
    "manufacturers",
    "marque",
    "marques",
    "marke",
    "marken",
    "hersteller",
    "marca",
    "marcas",
    "merk",
    "merken",
    "producent",
];

/// The last part of an address of one maker's products.
fn part_of(href: &str) -> Option<&str> {
    let path = href.split(['?', '#']).next()?;
    let mut parts = path.rsplit('/').filter(|part| !part.is_empty());
    let last = parts.next()?;
    // Shops in German write "Nach-Hersteller".
    let folder = parts.next()?.to_lowercase();
    let is_folder = FOLDERS.contains(&folder.rsplit('-').next()?);
    is_folder.then(|| last.split('.').next().unwrap_or(last))
}

/// Whether a link leads to one maker's products.
pub(super) fn is_address(href: &str) -> bool {
    part_of(href).is_some()
}

/// Whether a link leads to the products of the maker of this name, and not to all makers.
pub(super) fn is_address_of(href: &str, name: &str) -> bool {
    let name = squeezed(name);
    part_of(href).is_some_and(|part| name.len() > 1 && squeezed(part).ends_with(&name))
}

fn by_class(scan: &Scan<'_>, heading: &Title) -> Option<String> {
    let is_near = |line: &&Line| {
        line.order + BEFORE_HEADING >= heading.order && line.order <= heading.order + BEHIND_HEADING
    };
    let elsewhere = Clues::REVIEW.with(Clues::HIDDEN);
    let is_named = |line: &&Line| line.clues.has(Clues::MAKER) && !line.clues.has(elsewhere);
    let line = scan.lines.iter().filter(is_near).find(is_named)?;
    // The shop's own name may be called a brand, and stand above.
    if line.order < heading.order && scan.names.contains(&squeezed(&line.text)) {
        return None;
    }
    let said = line.link.as_ref().map_or(&line.text, |link| &link.text);
    // Behind a label, in whatever language.
    let said = match said.split_once([':', '：']) {
        Some((label, name)) if label.split_whitespace().count() <= MAX_LABEL_WORDS => name.trim(),
        _ => said.as_str(),
    };
    // "by Nordvik" says more than the name.
    let is_alone = !said.starts_with(char::is_lowercase) && !said.contains([':', '：']);
    (!said.is_empty() && *said != heading.text && is_alone && is_name(said))
        .then(|| said.to_owned())
}

impl Frame<'_> {
    /// The words for a picture that is a maker's sign, by its name or the label before it.
    pub(super) fn sign(&self, parent: Option<&Self>, text: &str) -> Option<String> {
        if !text.is_empty() || self.too_long || !(self.has_picture || self.name() == "img") {
            return None;
        }
        let is_labelled = || parent.is_some_and(Self::ends_with_maker_label);
        let is_sign = self.own.has(Clues::MAKER) || self.has_maker_address() || is_labelled();
        is_sign.then(|| images::words_of(self.element))
    }

    fn has_maker_address(&self) -> bool {
        let href = self.element.attr("href").filter(|_| self.name() == "a");
        href.is_some_and(is_address)
    }

    pub(super) fn ends_with_maker_label(&self) -> bool {
        let mut parts = self.text.rsplit(BREAK).map(str::trim);
        let last = parts.find(|part| !part.is_empty()).unwrap_or_default();
        last.len() <= MAX_LABEL && words::is_maker_label(last)
    }
}
