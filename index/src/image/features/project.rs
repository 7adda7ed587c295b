//! From a raw description to twenty bytes.
//!
//! The raw numbers are projected onto the 40 directions along which different places differ most
//! compared with one place seen twice (linear discriminant analysis over pairs of photos and edited
//! copies; the way it was made is told in training/README.md), brought to unit length and rounded to
//! 4 bits each. Every direction is either even or odd under mirroring.

use std::sync::LazyLock;

use multiversion::multiversion;

use super::describe::{RAW, is_odd};

/// Numbers of a code.
pub(in crate::image) const DIMENSIONS: usize = 40;
/// Bytes of a code: two numbers each.
pub(in crate::image) const CODE_BYTES: usize = DIMENSIONS / 2;
/// The unit length in steps of a code.
const STEPS: f32 = 20.0;

/// A description in 4-bit steps: 0 to 15 stand for -7.5 to 7.5.
pub(in crate::image) type Code = [u8; CODE_BYTES];

struct Projection {
    mean: [f32; RAW],
    /// One row of `DIMENSIONS` for each raw number.
    rows: Vec<[f32; DIMENSIONS]>,
    odd: [bool; DIMENSIONS],
}

static PROJECTION: LazyLock<Projection> = LazyLock::new(|| {
    let numbers: Vec<f32> = include_bytes!("projection.f32")
        .as_chunks::<4>()
        .0
        .iter()
        .map(|b| f32::from_le_bytes(*b))
        .collect();
    let mut mean = [0.0; RAW];
    mean.copy_from_slice(&numbers[..RAW]);
    let mut rows = vec![[0.0; DIMENSIONS]; RAW];
    let mut odd = [false; DIMENSIONS];
    for k in 0..DIMENSIONS {
        for (at, row) in rows.iter_mut().enumerate() {
            row[k] = numbers[RAW * (k + 1) + at];
            odd[k] |= row[k] != 0.0 && is_odd(at);
        }
    }
    Projection { mean, rows, odd }
});

/// The code of a raw description.
pub(super) fn encode(raw: &[f32; RAW]) -> Code {
    quantise(&project(raw, &PROJECTION))
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn project(raw: &[f32; RAW], by: &Projection) -> [f32; DIMENSIONS] {
    let mut out = [0f32; DIMENSIONS];
    for ((value, mean), row) in raw.iter().zip(&by.mean).zip(&by.rows) {
        let value = value - mean;
        for (sum, weight) in out.iter_mut().zip(row) {
            *sum += value * weight;
        }
    }
    out
}

fn quantise(values: &[f32; DIMENSIONS]) -> Code {
    let length = values.iter().map(|v| v * v).sum::<f32>().sqrt() + 1e-6;
    let step = |v: f32| (v / length * STEPS + 8.0).clamp(0.0, 15.0) as u8;
    std::array::from_fn(|i| step(values[2 * i]) | step(values[2 * i + 1]) << 4)
}

/// The length of a code's numbers as [`decode`] gives them, but for rounding.
pub(in crate::image) const LENGTH: f32 = 2.0 * STEPS;

/// The code's numbers as odd integers -15 to 15 (twice the steps' middles).
pub(in crate::image) fn decode(code: &Code) -> [i8; DIMENSIONS] {
    std::array::from_fn(|i| {
        let nibble = code[i / 2] >> (4 * (i % 2)) & 15;
        nibble as i8 * 2 - 15
    })
}

/// The code the same place has in the mirrored picture.
pub(in crate::image) fn mirrored(values: &[i8; DIMENSIONS]) -> [i8; DIMENSIONS] {
    let odd = &PROJECTION.odd;
    std::array::from_fn(|i| if odd[i] { -values[i] } else { values[i] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_direction_is_wholly_even_or_wholly_odd() {
        let p = &*PROJECTION;
        for k in 0..DIMENSIONS {
            for (at, row) in p.rows.iter().enumerate() {
                assert!(
                    row[k] == 0.0 || is_odd(at) == p.odd[k],
                    "direction {k}, number {at}"
                );
            }
        }
        assert!((8..32).contains(&p.odd.iter().filter(|o| **o).count()));
    }

    #[test]
    fn a_code_keeps_the_numbers_to_half_a_step() {
        let values: [f32; DIMENSIONS] =
            std::array::from_fn(|i| ((i * 37 % 19) as f32 - 9.0) / 60.0);
        let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
        for (value, step) in values.iter().zip(decode(&quantise(&values))) {
            let expected = value / length * STEPS;
            assert!(
                (f32::from(step) / 2.0 - expected).abs() <= 0.51,
                "{expected} {step}"
            );
        }
    }
}
