//! Amounts whose digits stand in elements of their own.

use super::spot::Spot;

/// Whether all these are pieces of one amount in a text: digits, parted by nothing but one mark.
/// `<b class=price-whole>6</b><b>.</b><b class=price-whole>874</b>` is 6.874, not 6 and 874.
pub(super) fn of_one_amount(spots: &[Spot], text: &str) -> bool {
    let [first, others @ ..] = spots else {
        return false;
    };
    let is_piece = |spot: &Spot| {
        spot.parsed.symbol.is_none() && spot.raw.bytes().all(|byte| byte.is_ascii_digit())
    };
    if others.is_empty() || !spots.iter().all(is_piece) {
        return false;
    }
    let Some(at) = text.find(&first.raw) else {
        return false;
    };
    let rest = &text[at + first.raw.len()..];
    let behind = others.iter().try_fold(rest, |rest, next| {
        let rest = rest.strip_prefix(['.', ',', '\''])?;
        rest.strip_prefix(next.raw.as_str())
    });
    // More digits would belong to the last of them.
    behind.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}
