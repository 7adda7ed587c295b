//! From what the search says to what it was worth.

use super::polygon::overlap;
use crate::image::PictureMatch;

/// Shares of unrelated photos matched to anything at which recall is reported, too.
pub const RATES: [f64; 2] = [0.01, 0.001];
/// Intersection over union from which a match is in the right place.
pub const GOOD_OVERLAP: f64 = 0.9;

/// What the search made of one edited photo.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// The best score that the photo's own product was given, 0 to 1; nothing when it was not found.
    pub score: Option<f64>,
    /// Intersection over union of where the photo was found and where it lies, 0 to 1.
    pub overlap: f64,
}

/// Everything that was measured.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    /// For each unrelated photo the best score of any match, as [`strongest`] gives it.
    pub unrelated: Vec<Option<f64>>,
    /// For each edited photo the name of the edit and what was found.
    pub edited: Vec<(&'static str, Found)>,
}

/// Holds matches against the truth: the reference photo that was edited, its product, and where it
/// lies in the edited picture (in that picture's pixels).
///
/// A match with another photo of the same product counts as found; the place is that of the edited
/// photo itself where it is among the matches, since another view lies elsewhere.
#[must_use]
pub fn judge(matches: &[PictureMatch], reference: i64, product: i64, region: &[[f64; 2]]) -> Found {
    let own = || matches.iter().filter(|m| m.product == product);
    let score = own().map(|m| m.score).max_by(f64::total_cmp);
    let placed = own().find(|m| m.reference == reference).or(own().next());
    Found {
        score,
        overlap: placed.map_or(0.0, |m| overlap(&m.region, region)),
    }
}

/// The best score of any match.
#[must_use]
pub fn strongest(matches: &[PictureMatch]) -> Option<f64> {
    matches.iter().map(|m| m.score).max_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::super::polygon::rectangle;
    use super::*;

    fn found(reference: i64, product: i64, score: f64, width: f64) -> PictureMatch {
        PictureMatch {
            reference,
            product,
            score,
            method: String::new(),
            transform: String::new(),
            region: rectangle(0.0, 0.0, width, 10.0),
            reference_region: Vec::new(),
            placed: Vec::new(),
            distance: None,
            inliers: None,
            compared: None,
        }
    }

    #[test]
    fn a_match_counts_for_its_product_and_the_photos_own_place() {
        let truth = rectangle(0.0, 0.0, 10.0, 10.0);
        let matches = [
            found(7, 1, 0.9, 5.0),
            found(8, 2, 0.8, 2.0),
            found(9, 2, 0.7, 8.0),
        ];
        let own = judge(&matches, 9, 2, &truth);
        assert_eq!(own.score, Some(0.8));
        assert!((own.overlap - 0.8).abs() < 1e-12, "{own:?}");
        let other_view = judge(&matches, 10, 2, &truth);
        assert!((other_view.overlap - 0.2).abs() < 1e-12);
        assert_eq!(judge(&matches, 1, 3, &truth).score, None);
        assert_eq!(strongest(&matches), Some(0.9));
        assert_eq!(strongest(&[]), None);
    }
}
