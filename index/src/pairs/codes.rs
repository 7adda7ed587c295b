//! What the model numbers of two records say.

use std::collections::BTreeSet;

use super::corpus::Prepared;
use super::features::{Row, ratio};
use super::similar::{common_beginning, edit_similarity};

/// Model numbers: agreeing, contained, nearly equal, contradicting.
pub(super) fn codes(row: &mut Row, a: &Prepared, b: &Prepared) {
    for (of, a, b) in [
        ("name_code_", &a.name.tokens, &b.name.tokens),
        ("all_code_", &a.all.tokens, &b.all.tokens),
    ] {
        let length = |codes: Vec<&String>| codes.iter().map(|c| c.len()).max().unwrap_or(0) as f32;
        row.put(
            of,
            "equal",
            length(a.codes.intersection(&b.codes).collect()),
        );
        let inside = |codes: &BTreeSet<String>, text: &str| -> (f32, f32) {
            let (found, lost): (Vec<&String>, Vec<&String>) =
                codes.iter().partition(|c| text.contains(c.as_str()));
            (length(found), lost.len() as f32)
        };
        let (in_b, lost_a) = inside(&a.codes, &b.squeezed);
        let (in_a, lost_b) = inside(&b.codes, &a.squeezed);
        row.put(of, "in_b", in_b);
        row.put(of, "in_a", in_a);
        row.put(of, "in_either", in_a.max(in_b));
        row.put(of, "lost_a", lost_a);
        row.put(of, "lost_b", lost_b);
        row.put(of, "count_a", a.codes.len() as f32);
        row.put(of, "count_b", b.codes.len() as f32);
        let pairs = || {
            a.codes
                .iter()
                .flat_map(|x| b.codes.iter().map(move |y| (x.as_str(), y.as_str())))
        };
        let beginning =
            pairs().map(|(x, y)| ratio(common_beginning(x, y) as f32, x.len().min(y.len()) as f32));
        row.maybe(of, "beginning", beginning.reduce(f32::max));
        let contained = pairs().map(|(x, y)| contained(x, y));
        row.maybe(of, "contained", contained.reduce(f32::max));
        row.maybe(
            of,
            "edit",
            pairs().map(|(x, y)| edit_similarity(x, y)).reduce(f32::max),
        );
    }
    // The last model number of a name is most often its own.
    let own = |p: &Prepared| {
        let words = p.name.tokens.words.iter().rev();
        words
            .filter(|w| p.name.tokens.codes.contains(*w))
            .map(String::clone)
            .next()
    };
    for (of, own, other) in [("own_a_", own(a), b), ("own_b_", own(b), a)] {
        let all = &other.all.tokens;
        row.maybe(
            of,
            "in",
            own.as_ref()
                .map(|o| f32::from(u8::from(all.squeezed.contains(o.as_str())))),
        );
        let near = |codes: &BTreeSet<String>| {
            let own = own.as_ref()?;
            codes
                .iter()
                .map(|c| edit_similarity(own, c))
                .reduce(f32::max)
        };
        row.maybe(of, "edit", near(&other.name.tokens.codes));
        let beginning = own.as_ref().and_then(|own| {
            let codes = all.codes.iter();
            codes
                .map(|c| ratio(common_beginning(own, c) as f32, own.len() as f32))
                .reduce(f32::max)
        });
        row.maybe(of, "beginning", beginning);
    }
}

/// Length of the shorter code when it lies within the longer one, over the length of that.
pub(super) fn contained(x: &str, y: &str) -> f32 {
    let (short, long) = if x.len() < y.len() { (x, y) } else { (y, x) };
    if long.contains(short) {
        ratio(short.len() as f32, long.len() as f32)
    } else {
        0.0
    }
}
