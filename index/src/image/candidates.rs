//! From votes to placements: which references lie in the query, and where?

use super::features::{Feature, SCALE_STEPS};
use super::geometry::Affine;
use super::votes::Vote;

/// References with the heaviest votes that are looked at for geometry.
const LOOKED_AT: usize = 80;
/// Votes of one reference that are compared with each other.
const MOST_VOTES: usize = 80;
/// How far, in shares of the query's longer side, a vote may miss the place a map gives it.
const TOLERANCE: f32 = 0.035;
/// How far scales may differ, in octaves, and directions, in turns.
const SCALE_TOLERANCE: f32 = 0.6;
const TURN_TOLERANCE: f32 = 0.07;

/// A reference that seems to lie in the query.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub entry: u32,
    /// Whether it lies in the mirrored query.
    pub mirrored: bool,
    /// From the reference onto the query, or onto the mirrored query.
    pub map: Affine,
    /// Weight of the votes that agree with the map.
    pub weight: f32,
}

/// A vote as a pair of places.
struct Pair {
    from: [f32; 2],
    to: [f32; 2],
    /// Octaves the query's place is larger by, and turns it is rotated by.
    scale: f32,
    turn: f32,
    weight: f32,
    feature: u16,
}

/// The references that most of the votes agree on, best first. `width` is that of the query in
/// shares of its longer side.
pub(super) fn candidates<'a>(
    votes: &mut [Vote],
    features: &[Feature],
    width: f32,
    most: usize,
    reference: impl Fn(u32) -> &'a [Feature],
) -> Vec<Candidate> {
    votes.sort_unstable_by_key(|v| (v.entry, v.mirrored, v.feature));
    let mut groups: Vec<(f32, &[Vote])> = votes
        .chunk_by(|a, b| a.entry == b.entry && a.mirrored == b.mirrored)
        .filter(|group| group.len() >= 2)
        .map(|group| (group.iter().map(|v| v.weight).sum(), group))
        .collect();
    groups.sort_by(|a, b| b.0.total_cmp(&a.0));
    groups.truncate(LOOKED_AT);
    let mut found: Vec<Candidate> = groups
        .iter()
        .filter_map(|(_, group)| placement(group, features, reference(group[0].entry), width))
        .collect();
    found.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.entry.cmp(&b.entry)));
    found.truncate(most);
    found
}

fn placement(
    group: &[Vote],
    features: &[Feature],
    reference: &[Feature],
    width: f32,
) -> Option<Candidate> {
    let mut pairs: Vec<Pair> = group
        .iter()
        .map(|v| {
            let (from, to) = (
                &reference[usize::from(v.place)],
                &features[usize::from(v.feature)],
            );
            pair(v, from, to, width)
        })
        .collect();
    pairs.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    pairs.truncate(MOST_VOTES);
    let mut best: Option<(f32, Affine)> = None;
    for pair in &pairs {
        let map = Affine::similarity(
            pair.scale.exp2(),
            pair.turn * std::f32::consts::TAU,
            pair.from,
            pair.to,
        );
        let weight = support(&pairs, &map, pair);
        if best.is_none_or(|(most, _)| most < weight) {
            best = Some((weight, map));
        }
    }
    let (_, mut map) = best?;
    let mut counted = (0, 0.0);
    // A fit through all that agree finds a few more that do.
    for _ in 0..2 {
        let agreeing: Vec<_> = pairs
            .iter()
            .filter(|p| misses(p, &map) < TOLERANCE)
            .map(|p| (p.from, p.to, p.weight))
            .collect();
        counted = (agreeing.len() as u32, agreeing.iter().map(|p| p.2).sum());
        if agreeing.len() >= 6
            && let Some(fit) = Affine::fit(&agreeing)
            && fit.anisotropy() < 1.5
            && fit.det() > 0.0
        {
            map = fit;
        } else {
            break;
        }
    }
    let first = group[0];
    (counted.0 >= 2).then_some(Candidate {
        entry: first.entry,
        mirrored: first.mirrored,
        map,
        weight: counted.1,
    })
}

fn pair(vote: &Vote, from: &Feature, feature: &Feature, width: f32) -> Pair {
    let share = |v: u16| f32::from(v) / 65535.0;
    let mut to = [share(feature.x), share(feature.y)];
    let mut angle = f32::from(feature.angle) / 256.0;
    if vote.mirrored {
        to[0] = width - to[0];
        angle = 0.5 - angle;
    }
    Pair {
        from: [share(from.x), share(from.y)],
        to,
        scale: (f32::from(feature.scale) - f32::from(from.scale)) / SCALE_STEPS,
        turn: (angle - f32::from(from.angle) / 256.0).rem_euclid(1.0),
        weight: vote.weight,
        feature: vote.feature,
    }
}

fn misses(pair: &Pair, map: &Affine) -> f32 {
    let [x, y] = map.apply(pair.from);
    (x - pair.to[0]).hypot(y - pair.to[1])
}

/// Weight of the pairs that agree with a map in place, scale and direction.
fn support(pairs: &[Pair], map: &Affine, like: &Pair) -> f32 {
    let mut weight = 0.0;
    let mut last = None;
    for pair in pairs {
        let turn = (pair.turn - like.turn).rem_euclid(1.0);
        if misses(pair, map) < TOLERANCE
            && (pair.scale - like.scale).abs() < SCALE_TOLERANCE
            && turn.min(1.0 - turn) < TURN_TOLERANCE
            && last != Some(pair.feature)
        {
            weight += pair.weight;
            last = Some(pair.feature);
        }
    }
    weight
}
