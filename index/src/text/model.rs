//! The fitted weights: from what a title shows of a product to the probability that it concerns it.

use super::features::{FEATURES, Features};

const WEIGHTS: &str = include_str!("../../data/title_weights.csv");

/// Why the built-in weights cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A line is not `feature,weight`.
    #[error("line {line} of the table of title weights is not a feature and a number")]
    Line {
        /// The line's number, from 1.
        line: usize,
    },
    /// The table is of another version of the program.
    #[error("the table of title weights has no weight for {feature}; fit it anew")]
    Missing {
        /// The feature's name.
        feature: &'static str,
    },
}

/// A logistic regression.
#[derive(Debug, Clone)]
pub(super) struct Model {
    weights: Features,
}

impl Model {
    /// Reads the weights that are built into the program.
    pub(super) fn new() -> Result<Self, ModelError> {
        Self::parse(WEIGHTS)
    }

    fn parse(table: &str) -> Result<Self, ModelError> {
        let mut weights: [Option<f64>; FEATURES.len()] = [None; FEATURES.len()];
        for (at, line) in table.lines().enumerate().skip(1) {
            let bad = ModelError::Line { line: at + 1 };
            let Some((name, weight)) = line.split_once(',') else {
                return Err(bad);
            };
            let Ok(weight) = weight.trim().parse::<f64>() else {
                return Err(bad);
            };
            if let Some(place) = FEATURES.iter().position(|f| *f == name) {
                weights[place] = Some(weight);
            }
        }
        let mut out = [0.0; FEATURES.len()];
        for ((to, from), feature) in out.iter_mut().zip(weights).zip(FEATURES) {
            *to = from.ok_or(ModelError::Missing { feature })?;
        }
        Ok(Self { weights: out })
    }

    /// The probability, 0 to 1.
    pub(super) fn probability(&self, features: &Features) -> f64 {
        let sum: f64 = self.weights.iter().zip(features).map(|(w, f)| w * f).sum();
        1.0 / (1.0 + (-sum).exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_weights_are_whole() {
        Model::new().expect("the table is well-formed");
    }

    #[test]
    fn a_damaged_table_is_refused() {
        assert!(matches!(
            Model::parse("feature,weight\nbias,x"),
            Err(ModelError::Line { line: 2 })
        ));
        assert!(matches!(
            Model::parse("feature,weight\n"),
            Err(ModelError::Missing { feature: "bias" })
        ));
    }
}
