//! How a pair stands beside the other pairs of the same records: a listing is most often of the
//! product that it resembles most.

use std::collections::HashMap;

use super::record::{Pair, Record};

/// For each pair the other pairs that share its left or its right record.
#[derive(Debug)]
pub(super) struct Rivals {
    left: Vec<Vec<u32>>,
    right: Vec<Vec<u32>>,
}

impl Rivals {
    /// Only pairs of the same part are rivals.
    pub(super) fn of(pairs: &[Pair], parts: &[usize]) -> Self {
        let rivals = |side: fn(&Pair) -> &Record| {
            let mut groups: HashMap<(&Record, usize), Vec<u32>> = HashMap::new();
            for (at, (pair, part)) in pairs.iter().zip(parts).enumerate() {
                groups
                    .entry((side(pair), *part))
                    .or_default()
                    .push(at as u32);
            }
            let others = pairs
                .iter()
                .zip(parts)
                .enumerate()
                .map(|(at, (pair, part))| {
                    let group = groups[&(side(pair), *part)].iter().copied();
                    group.filter(|&other| other as usize != at).collect()
                });
            others.collect()
        };
        Self {
            left: rivals(|p| &p.left),
            right: rivals(|p| &p.right),
        }
    }

    /// How far the value of a pair is above the best of its rivals, and how many are above it, on
    /// the left and on the right. Missing where there are none.
    pub(super) fn standing(&self, at: usize, values: &[f32]) -> [f32; 4] {
        let own = values[at];
        let side = |rivals: &[u32]| {
            let others = rivals.iter().map(|&r| values[r as usize]);
            let best = others.clone().reduce(f32::max);
            let above = others.filter(|v| *v > own).count() as f32;
            best.map_or([f32::NAN, f32::NAN], |best| [own - best, above])
        };
        let ([a, b], [c, d]) = (side(&self.left[at]), side(&self.right[at]));
        [a, b, c, d]
    }

    /// How many rivals a pair has on either side.
    pub(super) fn counts(&self, at: usize) -> [f32; 2] {
        [self.left[at].len() as f32, self.right[at].len() as f32]
    }
}
