//! Systems of linear equations, as Newton's method asks for them.

/// The `x` of `a x = b`, by Cholesky's decomposition of the lower half of `a`, which is symmetric and
/// positive; a pivot that is not counts as very small. `a` has as many rows and columns as `b`.
#[must_use]
pub fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| a[i][k] * a[j][k]).sum();
            a[i][j] = if i == j {
                (a[i][i] - sum).max(1e-12).sqrt()
            } else {
                (a[i][j] - sum) / a[j][j]
            };
        }
    }
    for i in 0..n {
        let sum: f64 = (0..i).map(|k| a[i][k] * b[k]).sum();
        b[i] = (b[i] - sum) / a[i][i];
    }
    for i in (0..n).rev() {
        let sum: f64 = (i + 1..n).map(|k| a[k][i] * b[k]).sum();
        b[i] = (b[i] - sum) / a[i][i];
    }
    b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_multiplied_is_found_again_and_only_the_lower_half_is_read() {
        let a = vec![
            vec![4.0, f64::NAN, f64::NAN],
            vec![2.0, 5.0, f64::NAN],
            vec![1.0, 3.0, 6.0],
        ];
        // Of x = (1, -2, 3), with the upper half as the lower.
        let x = solve(a, vec![3.0, 1.0, 13.0]);
        for (found, wanted) in x.iter().zip([1.0, -2.0, 3.0]) {
            assert!((found - wanted).abs() < 1e-12, "{x:?}");
        }
    }
}
