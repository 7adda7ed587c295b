//! The audit: a few listings under the threshold that reviewers see all the
//! same. Without them nobody would learn what the score misses.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Which listings under the threshold are drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditBy {
    /// All with the same chance.
    #[default]
    Chance,
    /// The nearer to even odds, the more of them; none with less than a quarter
    /// of the usual chance.
    Doubt,
}

/// Draws by a keyed hash: the same listing and product always have the same lot,
/// in every scan and on every machine, and nobody without the key can tell it.
#[derive(Debug, Clone)]
pub(super) struct Audit {
    secret: String,
    share: f64,
    by: AuditBy,
}

impl Audit {
    pub(super) fn new(secret: String, share: f64, by: AuditBy) -> Self {
        Self { secret, share, by }
    }

    /// The chance at which a pair of this probability is drawn.
    fn rate(&self, probability: f64) -> f64 {
        let doubt = 4.0 * probability * (1.0 - probability);
        let rate = match self.by {
            AuditBy::Chance => self.share,
            AuditBy::Doubt => self.share * (0.25 + 3.0 * doubt),
        };
        rate.clamp(0.0, 1.0)
    }

    /// The chance at which the pair was drawn, if it is.
    pub(super) fn drawn(
        &self,
        source: &str,
        item: &str,
        sku: &str,
        probability: f64,
    ) -> Option<f64> {
        let rate = self.rate(probability);
        let mut hash = Sha256::new();
        for part in [&self.secret, source, item, sku] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let mut first = [0; 8];
        first.copy_from_slice(&hash.finalize()[..8]);
        // 53 bits: as many as a float holds exactly.
        let lot = (u64::from_be_bytes(first) >> 11) as f64 / (1_u64 << 53) as f64;
        (lot < rate).then_some(rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(audit: &Audit, probability: f64) -> f64 {
        let drawn = (0..20_000)
            .filter(|item| {
                let item = item.to_string();
                audit.drawn("shop", &item, "SKU", probability).is_some()
            })
            .count();
        drawn as f64 / 20_000.0
    }

    #[test]
    fn the_share_that_was_asked_for_is_drawn_and_always_the_same() {
        let audit = Audit::new("key".to_owned(), 0.07, AuditBy::Chance);
        assert!((share(&audit, 0.01) - 0.07).abs() < 0.006);
        for item in ["1", "2", "3", "4"] {
            let draw = |audit: &Audit| audit.drawn("shop", item, "SKU", 0.2);
            assert_eq!(draw(&audit), draw(&audit.clone()));
        }
        let other = Audit::new("another".to_owned(), 0.5, AuditBy::Chance);
        let audit = Audit::new("key".to_owned(), 0.5, AuditBy::Chance);
        let differ = (0..200).filter(|item| {
            let item = item.to_string();
            audit.drawn("s", &item, "K", 0.2) != other.drawn("s", &item, "K", 0.2)
        });
        assert!(differ.count() > 50);
    }

    #[test]
    fn drawing_by_doubt_prefers_even_odds_and_says_at_what_rate() {
        let audit = Audit::new("key".to_owned(), 0.05, AuditBy::Doubt);
        let (sure, unsure) = (share(&audit, 0.001), share(&audit, 0.45));
        assert!(
            (0.008..0.018).contains(&sure) && unsure > 0.14,
            "{sure} {unsure}"
        );
        let none = Audit::new("key".to_owned(), 0.0, AuditBy::Doubt);
        assert_eq!(share(&none, 0.45), 0.0);
        let all = Audit::new("key".to_owned(), 1.0, AuditBy::Chance);
        assert_eq!(all.drawn("s", "i", "k", 0.1), Some(1.0));
    }

    #[test]
    fn where_one_name_ends_and_the_next_begins_matters() {
        let audit = Audit::new("key".to_owned(), 0.5, AuditBy::Chance);
        let differ = (0..200).filter(|n| {
            let (a, b) = (format!("a{n}"), format!("b{n}"));
            let joined = format!("{a}{b}");
            audit.drawn(&a, &b, "k", 0.1) != audit.drawn(&joined, "", "k", 0.1)
        });
        assert!(differ.count() > 50);
    }
}
