//! Whether nothing but the share of the infringing is another: only then may probabilities be
//! corrected for that share (Saerens, Latinne and Decaestecker 2002).
//!
//! Where what is said of infringing pairs, and what is said of honest ones, is spread as it was when
//! the curve was drawn, what is said of both together is a mixture of the two. Whether any mixture
//! fits is tested (Pearson's χ²). What is counted are listings, by the most probable of their products:
//! of a listing that infringes on one product others may be considered too, and how many such pairs
//! there are goes with the share of the infringing.

use serde::Serialize;

use super::measure::Outcome;

/// Groups of what is said, of about as many listings each.
const GROUPS: usize = 20;
/// Fewer listings tell nothing.
const LEAST: usize = 400;
/// Rounds until the share stands still.
const ROUNDS: usize = 500;
/// Standard deviations beyond which no mixture fits: one in a hundred by chance.
const STRANGE: f64 = 2.326;

/// How listings of known truth fell into groups of what was said of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Spread {
    groups: Vec<Group>,
}

/// Listings of which less than `until` was said, and not less than in the group before.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Group {
    until: f64,
    honest: f64,
    infringing: f64,
}

/// What the spread of what is said tells about the share of the infringing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Shift {
    /// The share where the curve was drawn.
    pub from: f64,
    /// The share with which the mixture fits best.
    pub share: f64,
    /// By how many standard deviations it fits worse than chance would have it.
    pub strange: f64,
    /// Whether it fits, so that probabilities may be corrected.
    pub holds: bool,
}

impl Spread {
    /// Of outcomes, in groups of about as many each.
    #[must_use]
    pub fn of(outcomes: &[Outcome]) -> Self {
        let mut sorted: Vec<&Outcome> = outcomes
            .iter()
            .filter(|o| o.probability.is_finite())
            .collect();
        sorted.sort_by(|a, b| a.probability.total_cmp(&b.probability));
        let mut groups: Vec<Group> = Vec::new();
        for tied in sorted.chunk_by(|a, b| a.probability == b.probability) {
            let full = |g: &Group| g.honest + g.infringing >= sorted.len() as f64 / GROUPS as f64;
            if groups.last().is_none_or(full) {
                if let Some(last) = groups.last_mut() {
                    last.until = tied[0].probability;
                }
                groups.push(Group {
                    until: f64::INFINITY,
                    honest: 0.0,
                    infringing: 0.0,
                });
            }
            if let Some(last) = groups.last_mut() {
                let infringing = tied.iter().filter(|o| o.positive).count() as f64;
                last.infringing += infringing;
                last.honest += tied.len() as f64 - infringing;
            }
        }
        Self { groups }
    }

    /// Tests what was said of other listings; nothing when there are too few of either.
    #[must_use]
    pub fn shift(&self, said: &[f64]) -> Option<Shift> {
        let of = |count: fn(&Group) -> f64| self.groups.iter().map(count).sum::<f64>();
        let (honest, infringing) = (of(|g| g.honest), of(|g| g.infringing));
        let least = LEAST as f64;
        if said.len() < LEAST || honest + infringing < least || honest.min(infringing) < 1.0 {
            return None;
        }
        // A little is added everywhere: what was never seen may be seen yet.
        let groups = self.groups.len() as f64;
        let share = |count: f64, all: f64| (count + 0.5) / (all + 0.5 * groups);
        let known: Vec<(f64, f64)> = self
            .groups
            .iter()
            .map(|g| (share(g.honest, honest), share(g.infringing, infringing)))
            .collect();
        let mut seen = vec![0.0; self.groups.len()];
        for &p in said.iter().filter(|p| p.is_finite()) {
            let at = self.groups.partition_point(|g| g.until <= p);
            seen[at.min(self.groups.len() - 1)] += 1.0;
        }
        let all: f64 = seen.iter().sum();
        let mut found = 0.5;
        for _ in 0..ROUNDS {
            let part = |(&seen, &(h, i)): (&f64, &(f64, f64))| {
                seen * found * i / (found * i + (1.0 - found) * h)
            };
            let next = seen.iter().zip(&known).map(part).sum::<f64>() / all;
            let done = f64::abs(next - found) < 1e-9;
            found = next.clamp(1e-6, 1.0 - 1e-6);
            if done {
                break;
            }
        }
        let misfit = seen.iter().zip(&known).map(|(&seen, &(h, i))| {
            let expected = found * i + (1.0 - found) * h;
            // What was known is itself counted, so that it is known only so well.
            let doubt = found * found * i / infringing + (1.0 - found).powi(2) * h / honest;
            let spread = all * expected + all * all * doubt;
            (seen - all * expected).powi(2) / spread
        });
        let strange = deviations(misfit.sum(), (self.groups.len() - 2).max(1) as f64);
        Some(Shift {
            from: infringing / (honest + infringing),
            share: found,
            strange,
            holds: strange < STRANGE,
        })
    }

    /// The groups as they are kept: end, honest, infringing.
    pub(super) fn rows(&self) -> impl Iterator<Item = [f64; 3]> {
        self.groups
            .iter()
            .map(|g| [g.until, g.honest, g.infringing])
    }

    /// The groups that were kept; nothing unless they rise to the end and count something.
    pub(super) fn from_rows(rows: &[[f64; 3]]) -> Option<Self> {
        let rises = rows.windows(2).all(|w| w[0][0] < w[1][0]);
        let counts = rows
            .iter()
            .all(|[_, h, i]| *h >= 0.0 && *i >= 0.0 && h + i > 0.0);
        let ends = rows.last().is_none_or(|last| last[0] == f64::INFINITY);
        let group = |&[until, honest, infringing]: &[f64; 3]| Group {
            until,
            honest,
            infringing,
        };
        (rises && counts && ends).then(|| Self {
            groups: rows.iter().map(group).collect(),
        })
    }
}

/// χ² in standard deviations of the normal distribution (Wilson and Hilferty 1931).
fn deviations(chi_squared: f64, freedom: f64) -> f64 {
    let part = 2.0 / (9.0 * freedom);
    ((chi_squared / freedom).cbrt() - (1.0 - part)) / part.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::Random;

    /// What is said of pairs whose sums are normal, of infringing ones `apart` higher.
    fn pairs(seed: u64, count: usize, share: f64, apart: f64) -> Vec<Outcome> {
        let mut random = Random::new(seed, "spread", 0);
        (0..count)
            .map(|_| {
                let positive = random.chance(share);
                let x = random.normal() + if positive { apart } else { 0.0 };
                Outcome::new(1.0 / (1.0 + (-(2.0 * x - 2.0)).exp()), positive)
            })
            .collect()
    }

    fn said(of: &[Outcome]) -> Vec<f64> {
        of.iter().map(|o| o.probability).collect()
    }

    #[test]
    fn another_share_alone_is_found_and_fits() {
        let known = Spread::of(&pairs(1, 8_000, 0.4, 2.0));
        for (seed, share) in [(2, 0.05), (3, 0.2), (4, 0.4), (5, 0.8)] {
            let found = known.shift(&said(&pairs(seed, 8_000, share, 2.0)));
            let found = found.expect("enough pairs");
            assert!(found.holds, "{share}: {found:?}");
            assert!((found.share - share).abs() < 0.02, "{share}: {found:?}");
        }
    }

    #[test]
    fn chance_alone_looks_strange_once_in_a_hundred() {
        let known = Spread::of(&pairs(1, 8_000, 0.4, 2.0));
        let strange = (100..300).filter(|&seed| {
            let found = known.shift(&said(&pairs(seed, 2_000, 0.2, 2.0)));
            !found.expect("enough pairs").holds
        });
        assert!(strange.count() <= 10);
    }

    #[test]
    fn where_infringing_pairs_look_different_too_nothing_is_corrected() {
        let known = Spread::of(&pairs(1, 8_000, 0.4, 2.0));
        let found = known.shift(&said(&pairs(2, 8_000, 0.2, 1.0)));
        assert!(!found.expect("enough pairs").holds, "{found:?}");
    }

    #[test]
    fn few_pairs_and_one_sort_tell_nothing_and_a_kept_spread_comes_back() {
        let known = Spread::of(&pairs(1, 8_000, 0.4, 2.0));
        assert_eq!(known.shift(&[0.5; 100]), None);
        assert_eq!(Spread::default().shift(&[0.5; 1_000]), None);
        assert_eq!(
            Spread::of(&pairs(1, 1_000, 0.0, 2.0)).shift(&[0.5; 1_000]),
            None
        );
        let rows: Vec<[f64; 3]> = known.rows().collect();
        assert_eq!(Spread::from_rows(&rows), Some(known));
        assert_eq!(Spread::from_rows(&[[0.5, 1.0, 1.0]]), None);
        assert_eq!(Spread::from_rows(&[]), Some(Spread::default()));
    }
}
