//! What speaks for one reference lying in one picture, as numbers, and what they add up to.
//!
//! All of it is about the pair alone: what other references there are changes nothing here.

use std::sync::LazyLock;

use super::guided::Guided;
use super::verify::Agreement;

/// How many numbers there are.
const NUMBERS: usize = 16;
/// Hash distances from this on say nothing, in bits of 256.
const FAR: f32 = 48.0;

/// The numbers, in the order of [`NAMES`].
pub(super) type Numbers = [f32; NUMBERS];

/// What the numbers are called, in the model and in its training data.
pub(super) const NAMES: [&str; NUMBERS] = [
    "share of blocks",
    "share of central blocks",
    "correlation",
    "agreeing blocks",
    "coverage",
    "hash nearness",
    "features found",
    "share of features",
    "features sure",
    "feature spread",
    "connected blocks",
    "saturated blocks",
    "anisotropy",
    "scale",
    "share of core blocks",
    "share of core features",
];

/// The numbers of a placement.
pub(super) fn numbers(agreement: &Agreement, guided: &Guided, distance: Option<u32>) -> Numbers {
    let (compared, blocks) = (agreement.compared as f32, agreement.blocks as f32);
    [
        lower_bound(agreement.agreeing, agreement.compared),
        agreement.central,
        agreement.correlation,
        (agreement.agreeing as f32).ln_1p(),
        compared / blocks.max(1.0),
        distance.map_or(0.0, |d| (1.0 - d as f32 / FAR).max(0.0)),
        guided.weight.ln_1p(),
        lower_bound(guided.found, guided.expected),
        (guided.sure as f32).ln_1p(),
        guided.cells as f32,
        (agreement.connected as f32).ln_1p(),
        agreement.saturated as f32 / compared.max(1.0),
        agreement.map.anisotropy().ln().min(1.0),
        agreement.map.det().abs().max(1e-6).log2() / 2.0,
        lower_bound(agreement.core[0], agreement.core[1]),
        lower_bound(guided.core[0], guided.core[1]),
    ]
}

/// Lower bound of a share (Wilson, 95 % one-sided): few cases prove less than many.
fn lower_bound(hits: u32, of: u32) -> f32 {
    if of == 0 {
        return 0.0;
    }
    let (k, n) = (hits as f32, of as f32);
    let p = k / n;
    let z2 = 1.64f32 * 1.64;
    let spread = (z2 * (p * (1.0 - p) / n + z2 / (4.0 * n * n))).sqrt();
    ((p + z2 / (2.0 * n) - spread) / (1.0 + z2 / n)).max(0.0)
}

/// A decision tree: inner nodes ask whether a number is at most a threshold.
struct Tree {
    nodes: Vec<Node>,
}

enum Node {
    Ask {
        number: usize,
        at_most: f32,
        yes: usize,
        no: usize,
    },
    Leaf(f32),
}

struct Model {
    start: f32,
    trees: Vec<Tree>,
}

static MODEL: LazyLock<Model> = LazyLock::new(|| parse(include_str!("evidence_model.csv")));

/// Reads lines of `start,VALUE`, `tree`, `ask,NUMBER,THRESHOLD,YES,NO` and `leaf,VALUE`; a test
/// reads the model that is built in, so that nothing can be wrong with it at run time.
fn parse(text: &str) -> Model {
    let mut model = Model {
        start: 0.0,
        trees: Vec::new(),
    };
    for line in text.lines() {
        let fields: Vec<&str> = line.split(',').collect();
        let real = |at: usize| fields.get(at).and_then(|f| f.parse().ok()).unwrap_or(0.0);
        let index = |at: usize| fields.get(at).and_then(|f| f.parse().ok()).unwrap_or(0);
        let node = match fields[0] {
            "start" => {
                model.start = real(1);
                continue;
            }
            "tree" => {
                model.trees.push(Tree { nodes: Vec::new() });
                continue;
            }
            "ask" => Node::Ask {
                number: index(1),
                at_most: real(2),
                yes: index(3),
                no: index(4),
            },
            "leaf" => Node::Leaf(real(1)),
            _ => continue,
        };
        if let Some(tree) = model.trees.last_mut() {
            tree.nodes.push(node);
        }
    }
    model
}

impl Tree {
    fn value(&self, numbers: &Numbers) -> f32 {
        let mut at = 0;
        // Children come after their parent, so that this ends.
        while let Some(node) = self.nodes.get(at) {
            match node {
                Node::Leaf(value) => return *value,
                Node::Ask {
                    number,
                    at_most,
                    yes,
                    no,
                } => {
                    let next = if numbers[*number] <= *at_most {
                        *yes
                    } else {
                        *no
                    };
                    if next <= at {
                        return 0.0;
                    }
                    at = next;
                }
            }
        }
        0.0
    }
}

/// The logarithm of the odds that the reference lies in the picture.
pub(super) fn log_odds(numbers: &Numbers) -> f32 {
    let model = &*MODEL;
    model.start
        + model
            .trees
            .iter()
            .map(|tree| tree.value(numbers))
            .sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_model_is_whole() {
        let model = &*MODEL;
        assert!(model.trees.len() > 20, "{}", model.trees.len());
        for tree in &model.trees {
            assert!(!tree.nodes.is_empty());
            for (at, node) in tree.nodes.iter().enumerate() {
                match node {
                    Node::Ask {
                        number,
                        yes,
                        no,
                        at_most,
                    } => {
                        assert!(*number < NUMBERS && *yes > at && *no > at && at_most.is_finite());
                        assert!(*yes < tree.nodes.len() && *no < tree.nodes.len());
                    }
                    Node::Leaf(value) => assert!(value.is_finite()),
                }
            }
        }
    }

    #[test]
    fn more_agreement_never_speaks_against() {
        let weak = [
            0.2, 0.3, 0.4, 1.5, 1.0, 0.0, 1.0, 0.05, 0.5, 2.0, 1.5, 0.0, 0.02, 0.0,
        ];
        let mut numbers: Numbers = weak;
        let mut before = log_odds(&numbers);
        for at in [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 14, 15] {
            for _ in 0..10 {
                numbers[at] += 0.08 * (1.0 + numbers[at]);
                let now = log_odds(&numbers);
                assert!(now >= before - 1e-4, "{}: {before} {now}", NAMES[at]);
                before = now;
            }
        }
        assert!(before > 4.0, "{before}");
    }

    #[test]
    fn few_hits_prove_less_than_many() {
        assert!(lower_bound(8, 10) < lower_bound(80, 100));
        assert!(lower_bound(0, 0) == 0.0 && lower_bound(5, 5) < 1.0);
    }
}
