//! What is kept beside a capture of what was read out of it.

use markhound_crawlers::{Definition, Reading, Signal, Target};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::exchange;

/// The largest record written, in bytes: what is over is counted, not written.
const MOST_BYTES: usize = 1 << 20;
/// The most targets named.
const MOST_TARGETS: usize = 1000;

/// What a page was found to be, the listings in it with where each value comes
/// from, and where it leads.
#[derive(Serialize)]
pub(super) struct Parsed<'a> {
    software: &'static str,
    definition: &'a str,
    tier: &'a str,
    kind: &'static str,
    query: Option<&'a str>,
    signal: &'static str,
    why: Option<&'a str>,
    listings_left_out: usize,
    listings: Vec<Box<RawValue>>,
    targets_left_out: usize,
    targets: Vec<Box<RawValue>>,
}

impl<'a> Parsed<'a> {
    pub(super) fn of(definition: &'a Definition, target: &'a Target, reading: &'a Reading) -> Self {
        let (signal, why) = match &reading.signal {
            Signal::Ok => ("ok", None),
            Signal::Gone { why, .. } => ("gone", Some(why)),
            Signal::Blocked { why } => ("blocked", Some(why)),
            Signal::Unexpected { why } => ("unexpected", Some(why)),
            Signal::Other { why } => ("other", Some(why)),
        };
        let mut left = MOST_BYTES;
        let listings = whole(reading.listings.iter(), &mut left);
        let targets = reading.targets.iter().take(MOST_TARGETS);
        let targets = whole(targets.map(|target| target.url.as_str()), &mut left);
        Self {
            software: concat!("markhound/", env!("CARGO_PKG_VERSION")),
            definition: definition.id(),
            tier: definition.tier(),
            kind: exchange::kind(target.kind),
            query: target.query.as_deref(),
            signal,
            why: why.map(String::as_str),
            listings_left_out: reading.listings.len() - listings.len(),
            listings,
            targets_left_out: reading.targets.len() - targets.len(),
            targets,
        }
    }
}

/// The first values as JSON, as many as fit into the bytes that are left.
fn whole<T: Serialize>(values: impl Iterator<Item = T>, left: &mut usize) -> Vec<Box<RawValue>> {
    let mut taken = Vec::new();
    for value in values {
        let Ok(value) = to_raw_value(&value) else {
            break;
        };
        match left.checked_sub(value.get().len()) {
            Some(rest) => *left = rest,
            None => break,
        }
        taken.push(value);
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_kept_whole_as_far_as_there_is_room_and_never_in_part() {
        let mut left = 20;
        let values = ["a".repeat(10), "b".repeat(10), "c".to_owned()];
        let kept = whole(values.iter(), &mut left);
        let kept: Vec<&str> = kept.iter().map(|value| value.get()).collect();
        assert_eq!(kept, ["\"aaaaaaaaaa\""]);
        assert_eq!(left, 8);
    }
}
