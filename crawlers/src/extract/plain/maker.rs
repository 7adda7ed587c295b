//! Who made the product.

use super::clues::Clues;
use super::scan::{Line, Scan};
use super::title::Title;
use super::words::{self, BRAND, is_name};
use crate::extract::structured::squeezed;

/// How many elements before the product's heading its maker may stand, and behind it.
const BEFORE_HEADING: usize = 15;
const BEHIND_HEADING: usize = 150;

/// The maker by its label, else by the name of what holds it near the product's heading.
pub(super) fn choose(scan: &Scan<'_>, heading: Option<&Title>) -> Option<String> {
    let by_label = words::labelled(scan, BRAND, Clues::NONE, is_name);
    by_label.or_else(|| by_class(scan, heading?))
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
    let said = line.link.as_ref().unwrap_or(&line.text);
    // "by Nordvik" says more than the name.
    let is_alone = !said.starts_with(char::is_lowercase) && !said.contains([':', '：']);
    (*said != heading.text && is_alone && is_name(said)).then(|| said.clone())
}
