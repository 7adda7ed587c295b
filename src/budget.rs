//! How far down the queue reviewing is worth it, and how much of that will be right.

use serde::Serialize;

use crate::config::Review;

/// What is to be expected of the open cases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Outlook {
    /// Open cases that the score put into the queue.
    pub open: usize,
    /// How many of them probably infringe.
    pub expected_right: f64,
    /// Share of them that probably does.
    pub expected_precision: f64,
    /// Cases above the line: as many as can be reviewed, and are worth it.
    pub above: usize,
    /// Probability of the last case above the line.
    pub line: f64,
    /// Share of the cases above the line that probably infringes.
    pub expected_precision_above: f64,
}

/// The outlook on open cases with these scores, highest first.
#[must_use]
pub fn outlook(scores: &[f64], review: &Review) -> Outlook {
    // The sum of nothing is a negative zero.
    let sum = scores.iter().sum::<f64>() + 0.0;
    // A case is worth its review when what it brings, times how probably it does,
    // is at least what it costs.
    let least = review.worth.map_or(0.0, |worth| 1.0 / worth);
    let worth_it = scores.iter().take_while(|score| **score >= least).count();
    let above = match review.daily_budget {
        0 => worth_it,
        budget => worth_it.min(usize::try_from(budget).unwrap_or(usize::MAX)),
    };
    let right: f64 = scores[..above].iter().sum();
    let share = |part: f64, of: usize| if of == 0 { 0.0 } else { part / of as f64 };
    Outlook {
        open: scores.len(),
        expected_right: sum,
        expected_precision: share(sum, scores.len()),
        above,
        line: above.checked_sub(1).map_or(1.0, |last| scores[last]),
        expected_precision_above: share(right, above),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCORES: [f64; 5] = [0.9, 0.8, 0.6, 0.3, 0.1];

    fn review(daily_budget: u32, worth: Option<f64>) -> Review {
        Review {
            daily_budget,
            worth,
            ..Review::default()
        }
    }

    #[test]
    fn without_a_budget_everything_is_above_the_line() {
        let outlook = outlook(&SCORES, &review(0, None));
        assert_eq!((outlook.open, outlook.above, outlook.line), (5, 5, 0.1));
        assert!((outlook.expected_right - 2.7).abs() < 1e-12);
        assert!((outlook.expected_precision - 0.54).abs() < 1e-12);
    }

    #[test]
    fn the_line_lies_where_the_budget_or_the_worth_ends() {
        let by_budget = outlook(&SCORES, &review(2, None));
        assert_eq!((by_budget.above, by_budget.line), (2, 0.8));
        assert!((by_budget.expected_precision_above - 0.85).abs() < 1e-12);
        // One that infringes is worth four reviews: from one in four on it pays.
        assert_eq!(outlook(&SCORES, &review(0, Some(4.0))).above, 4);
        assert_eq!(outlook(&SCORES, &review(3, Some(4.0))).above, 3);
        assert_eq!(outlook(&SCORES, &review(1000, Some(1.05))).above, 0);
    }

    #[test]
    fn an_empty_queue_promises_nothing() {
        let none = outlook(&[], &review(10, Some(3.0)));
        assert_eq!((none.open, none.above, none.line), (0, 0, 1.0));
        assert_eq!(none.expected_precision, 0.0);
    }
}
