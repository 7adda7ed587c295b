//! Ranges of amounts.

use super::numbers::{normal, numbers};
use super::tables::RANGE;
use crate::extract::currency;

/// Whether a text names a range of amounts: "18,00 – 50,00 €", "from €18 to €50".
pub(in crate::extract) fn is_range(text: &str) -> bool {
    let text = normal(text);
    let numbers = numbers(&text);
    if numbers.len() < 2 {
        return false;
    }
    let signs = currency::find_all(&text);
    numbers.windows(2).any(|pair| {
        let [first, second] = pair else { return false };
        let is_between =
            |sign: &&currency::Found| sign.start >= first.end && sign.end <= second.start;
        // The signs of the two amounts stand beside what joins them.
        let mut joint = text[first.end..second.start].to_owned();
        for sign in signs.iter().filter(is_between) {
            joint = joint.replacen(&sign.written, "", 1);
        }
        RANGE.contains(&joint.trim().to_lowercase().as_str())
    })
}
