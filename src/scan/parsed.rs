//! What is kept beside a capture of what was read out of it.

use markhound_crawlers::{Definition, Reading, Signal, Target};
use serde_json::{Value, json};

use super::exchange;

/// The largest record written, in bytes: what is over is counted, not written.
const MOST_BYTES: usize = 1 << 20;
/// The most targets named.
const MOST_TARGETS: usize = 1000;

/// What a page was found to be, the listings in it with where each value comes
/// from, and where it leads.
pub(super) fn document(definition: &Definition, target: &Target, reading: &Reading) -> Value {
    let (signal, why) = match &reading.signal {
        Signal::Ok => ("ok", None),
        Signal::Gone { why, .. } => ("gone", Some(why)),
        Signal::Blocked { why } => ("blocked", Some(why)),
        Signal::Unexpected { why } => ("unexpected", Some(why)),
    };
    let mut left = MOST_BYTES;
    let listings = whole(&reading.listings, &mut left);
    let targets = reading.targets.iter().take(MOST_TARGETS);
    let targets: Vec<&str> = targets.map(|target| target.url.as_str()).collect();
    let targets = whole(&targets, &mut left);
    json!({
        "software": concat!("markhound/", env!("CARGO_PKG_VERSION")),
        "definition": definition.id(),
        "tier": definition.tier(),
        "kind": exchange::kind(target.kind),
        "query": target.query,
        "signal": signal,
        "why": why,
        "listings_left_out": reading.listings.len() - listings.len(),
        "listings": listings,
        "targets_left_out": reading.targets.len() - targets.len(),
        "targets": targets,
    })
}

/// The first values, as many as fit into the bytes that are left.
fn whole<T: serde::Serialize>(values: &[T], left: &mut usize) -> Vec<Value> {
    let mut taken = Vec::new();
    for value in values {
        let Ok(value) = serde_json::to_value(value) else {
            break;
        };
        match left.checked_sub(value.to_string().len()) {
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
        let kept = whole(&values, &mut left);
        assert_eq!(kept, [Value::from("a".repeat(10))]);
        assert_eq!(left, 8);
    }
}
