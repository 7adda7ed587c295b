//! The 16 × 16 corner of the cosine transform, and one bit for each of its coefficients.

use std::sync::LazyLock;

use super::hash::PdqHash;
use super::shrink::{Cells, SIDE};

/// Frequencies kept in each direction: 1 to 16, not the mean.
const KEPT: usize = 16;

type Basis = [[f32; SIDE]; KEPT];

/// `sqrt(2 / 64) cos(π (2 column + 1) (row + 1) / 128)`: the DCT-II without its first row.
static BASIS: LazyLock<Basis> = LazyLock::new(|| {
    let scale = (2.0 / SIDE as f64).sqrt();
    std::array::from_fn(|row| {
        std::array::from_fn(|column| {
            let turn = std::f64::consts::PI / (2 * SIDE) as f64;
            (scale * (turn * ((row + 1) * (2 * column + 1)) as f64).cos()) as f32
        })
    })
});

/// Which coefficients change their sign when a picture is mirrored: those of odd frequency, which
/// have an even index here as the index begins with frequency 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signs {
    /// None: the picture as it is.
    None,
    /// Those in even rows: upside down.
    Row,
    /// Those in even columns: left and right exchanged.
    Column,
    /// Those in even rows or even columns, not both: half a turn.
    Both,
}

/// Coefficients, row by row; a row is a vertical frequency.
pub(super) struct Coefficients([f32; KEPT * KEPT]);

impl Coefficients {
    #[inline(always)]
    pub(super) fn of(cells: &Cells) -> Self {
        let basis = &*BASIS;
        // Columns first, so that both products add up whole rows at a time.
        let mut half = [[0f32; SIDE]; KEPT];
        for (sums, basis) in half.iter_mut().zip(basis) {
            for (factor, cells) in basis.iter().zip(cells) {
                for (sum, cell) in sums.iter_mut().zip(cells) {
                    *sum += factor * cell;
                }
            }
        }
        let mut turned = [[0f32; KEPT]; SIDE];
        for (column, row) in turned.iter_mut().enumerate() {
            for (k, value) in row.iter_mut().enumerate() {
                *value = basis[k][column];
            }
        }
        let mut out = [0f32; KEPT * KEPT];
        for (sums, half) in out.chunks_exact_mut(KEPT).zip(&half) {
            for (factor, turned) in half.iter().zip(&turned) {
                for (sum, value) in sums.iter_mut().zip(turned) {
                    *sum += factor * value;
                }
            }
        }
        Self(out)
    }

    /// The coefficients of the mirrored picture.
    pub(super) fn signed(&self, signs: Signs) -> Self {
        let sign = |index: usize| {
            let (row, column) = (index / KEPT, index % KEPT);
            let negative = match signs {
                Signs::None => false,
                Signs::Row => row % 2 == 0,
                Signs::Column => column % 2 == 0,
                Signs::Both => (row + column) % 2 == 1,
            };
            if negative { -1.0 } else { 1.0 }
        };
        Self(std::array::from_fn(|i| self.0[i] * sign(i)))
    }

    /// One bit for each coefficient, set where it is above the (lower) median.
    pub(super) fn bits(&self) -> PdqHash {
        let mut sorted = self.0;
        let middle = sorted.len() / 2 - 1;
        let (_, &mut median, _) = sorted.select_nth_unstable_by(middle, f32::total_cmp);
        let mut words = [0u64; 4];
        for (word, values) in words.iter_mut().zip(self.0.chunks_exact(64)) {
            for (bit, &value) in values.iter().enumerate() {
                *word |= u64::from(value > median) << bit;
            }
        }
        PdqHash(words)
    }
}
