//! Dot products whose result does not depend on the processor.
//!
//! Every product goes to one of sixteen sums by its place, and the sums are added up in a fixed
//! order. The compiler may put the sums in registers of any width: as nothing is fused or reordered,
//! each gives the same bits, and so does taking one row or four at a time.

use multiversion::multiversion;

/// Sums a row is spread over. Rows of the index are padded with zeros to a multiple of it.
pub(super) const LANES: usize = 16;
/// Rows taken at a time, so that the query is loaded once for them.
const ROWS: usize = 4;

/// The dot product of two unit vectors of the same length, within -1 to 1.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; LANES];
    for (a, b) in a.chunks(LANES).zip(b.chunks(LANES)) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    total(sums)
}

/// The dot products of a query with rows of the same length (a multiple of [`LANES`], not 0) that
/// lie one behind the other; as many as `out` has room for.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
pub(super) fn dots(query: &[f32], rows: &[f32], out: &mut [f32]) {
    let (query, _) = query.as_chunks::<LANES>();
    let (rows, _) = rows.as_chunks::<LANES>();
    let wide = query.len();
    let whole = out.len() / ROWS * ROWS;
    let (fours, single) = out.split_at_mut(whole);
    for (four, out) in rows
        .chunks_exact(wide * ROWS)
        .zip(fours.chunks_exact_mut(ROWS))
    {
        let (a, rest) = four.split_at(wide);
        let (b, rest) = rest.split_at(wide);
        let (c, d) = rest.split_at(wide);
        let mut sums = [[0.0; LANES]; ROWS];
        for ((((q, a), b), c), d) in query.iter().zip(a).zip(b).zip(c).zip(d) {
            for lane in 0..LANES {
                sums[0][lane] += q[lane] * a[lane];
                sums[1][lane] += q[lane] * b[lane];
                sums[2][lane] += q[lane] * c[lane];
                sums[3][lane] += q[lane] * d[lane];
            }
        }
        for (out, sums) in out.iter_mut().zip(sums) {
            *out = total(sums);
        }
    }
    for (row, out) in rows.chunks_exact(wide).skip(whole).zip(single) {
        let mut sums = [0.0; LANES];
        for (q, row) in query.iter().zip(row) {
            for lane in 0..LANES {
                sums[lane] += q[lane] * row[lane];
            }
        }
        *out = total(sums);
    }
}

/// Adds the sums up by halves. Rounding can carry a cosine past 1, and a zero may come out
/// negative, which would sort before the others.
#[inline(always)]
fn total(mut sums: [f32; LANES]) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            sums[lane] += sums[lane + half];
        }
        half /= 2;
    }
    sums[0].clamp(-1.0, 1.0) + 0.0
}
