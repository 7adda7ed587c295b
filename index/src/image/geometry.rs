//! Affine maps from a reference photo onto a query picture.
//!
//! Points are given in shares of the longer side of the picture they lie in.

/// Two places that belong together, and how much that weighs.
pub(super) type Pair = ([f32; 2], [f32; 2], f32);

/// `x' = a·x + b·y + tx`, `y' = c·x + d·y + ty`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Affine {
    pub a: f32,
    pub b: f32,
    pub tx: f32,
    pub c: f32,
    pub d: f32,
    pub ty: f32,
}

impl Affine {
    /// Turned by `angle` and scaled about the origin, so that `from` falls on `to`.
    pub(super) fn similarity(scale: f32, angle: f32, from: [f32; 2], to: [f32; 2]) -> Self {
        let (sin, cos) = angle.sin_cos();
        let (a, c) = (scale * cos, scale * sin);
        Self {
            a,
            b: -c,
            tx: to[0] - a * from[0] + c * from[1],
            c,
            d: a,
            ty: to[1] - c * from[0] - a * from[1],
        }
    }

    pub(super) fn apply(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        [
            self.a * x + self.b * y + self.tx,
            self.c * x + self.d * y + self.ty,
        ]
    }

    pub(super) fn det(&self) -> f32 {
        self.a * self.d - self.b * self.c
    }

    /// This map after `first`.
    pub(super) fn after(&self, first: &Self) -> Self {
        Self {
            a: self.a * first.a + self.b * first.c,
            b: self.a * first.b + self.b * first.d,
            tx: self.a * first.tx + self.b * first.ty + self.tx,
            c: self.c * first.a + self.d * first.c,
            d: self.c * first.b + self.d * first.d,
            ty: self.c * first.tx + self.d * first.ty + self.ty,
        }
    }

    /// The map back, unless this one flattens the plane.
    pub(super) fn inverse(&self) -> Option<Self> {
        let det = self.det();
        if det.abs() < 1e-9 || !det.is_finite() {
            return None;
        }
        let (a, b, c, d) = (self.d / det, -self.b / det, -self.c / det, self.a / det);
        Some(Self {
            a,
            b,
            tx: -(a * self.tx + b * self.ty),
            c,
            d,
            ty: -(c * self.tx + d * self.ty),
        })
    }

    /// Ratio of the larger to the smaller stretch: 1 for a similarity.
    pub(super) fn anisotropy(&self) -> f32 {
        let (e, f) = ((self.a + self.d) / 2.0, (self.a - self.d) / 2.0);
        let (g, h) = ((self.c + self.b) / 2.0, (self.c - self.b) / 2.0);
        let (q, r) = ((e * e + h * h).sqrt(), (f * f + g * g).sqrt());
        (q + r) / (q - r).abs().max(1e-6)
    }

    /// The map that takes the first points of the pairs nearest to the second ones (weighted least
    /// squares); nothing when they lie on a line.
    pub(super) fn fit(pairs: &[Pair]) -> Option<Self> {
        let total: f32 = pairs.iter().map(|p| p.2).sum();
        if total <= 0.0 {
            return None;
        }
        let mean =
            |of: &dyn Fn(&Pair) -> f32| pairs.iter().map(|p| of(p) * p.2).sum::<f32>() / total;
        let (mx, my) = (mean(&|p| p.0[0]), mean(&|p| p.0[1]));
        let (nx, ny) = (mean(&|p| p.1[0]), mean(&|p| p.1[1]));
        let (mut xx, mut xy, mut yy) = (0.0f32, 0.0, 0.0);
        let mut right = [[0f32; 2]; 2];
        for (from, to, weight) in pairs {
            let (x, y) = (from[0] - mx, from[1] - my);
            xx += weight * x * x;
            xy += weight * x * y;
            yy += weight * y * y;
            for (row, value) in right.iter_mut().zip([to[0] - nx, to[1] - ny]) {
                row[0] += weight * x * value;
                row[1] += weight * y * value;
            }
        }
        let det = xx * yy - xy * xy;
        if det <= 1e-4 * (xx + yy) * (xx + yy) {
            return None;
        }
        let solve = |[p, q]: [f32; 2]| [(p * yy - q * xy) / det, (q * xx - p * xy) / det];
        let ([a, b], [c, d]) = (solve(right[0]), solve(right[1]));
        Some(Self {
            a,
            b,
            tx: nx - a * mx - b * my,
            c,
            d,
            ty: ny - c * mx - d * my,
        })
    }
}

/// Solves a symmetric positive definite system of six equations (Cholesky); nothing when it is
/// singular.
pub(super) fn solve6(matrix: &[[f32; 6]; 6], right: &[f32; 6]) -> Option<[f32; 6]> {
    let mut l = [[0f64; 6]; 6];
    for i in 0..6 {
        for j in 0..=i {
            let sum = f64::from(matrix[i][j]) - (0..j).map(|k| l[i][k] * l[j][k]).sum::<f64>();
            if i == j {
                if sum <= 1e-12 {
                    return None;
                }
                l[i][i] = sum.sqrt();
            } else {
                l[i][j] = sum / l[j][j];
            }
        }
    }
    let mut y = [0f64; 6];
    for i in 0..6 {
        y[i] = (f64::from(right[i]) - (0..i).map(|k| l[i][k] * y[k]).sum::<f64>()) / l[i][i];
    }
    let mut x = [0f64; 6];
    for i in (0..6).rev() {
        x[i] = (y[i] - (i + 1..6).map(|k| l[k][i] * x[k]).sum::<f64>()) / l[i][i];
    }
    Some(x.map(|v| v as f32))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: [f32; 2], b: [f32; 2]) -> bool {
        (a[0] - b[0]).hypot(a[1] - b[1]) < 1e-4
    }

    #[test]
    fn a_similarity_puts_its_point_where_it_was_told() {
        let map = Affine::similarity(0.5, 0.7, [0.2, 0.9], [0.6, 0.1]);
        assert!(near(map.apply([0.2, 0.9]), [0.6, 0.1]));
        assert!((map.det() - 0.25).abs() < 1e-5);
        assert!((map.anisotropy() - 1.0).abs() < 1e-3);
    }

    #[test]
    fn a_map_after_its_inverse_changes_nothing() {
        let map = Affine {
            a: 0.8,
            b: -0.3,
            tx: 0.1,
            c: 0.2,
            d: 1.1,
            ty: -0.4,
        };
        let back = map.inverse().expect("it can be undone");
        let same = map.after(&back);
        for point in [[0.0, 0.0], [1.0, 0.3], [-0.5, 2.0]] {
            assert!(near(same.apply(point), point), "{point:?}");
        }
        let flat = Affine {
            c: 0.8,
            d: -0.3,
            ..map
        };
        assert!(flat.inverse().is_none());
    }

    #[test]
    fn a_fit_through_exact_pairs_is_the_map_they_were_made_with() {
        let map = Affine::similarity(1.3, -0.2, [0.0, 0.0], [0.1, 0.2]);
        let points = [[0.0, 0.0], [1.0, 0.1], [0.3, 0.8], [0.9, 0.9]];
        let pairs: Vec<_> = points.iter().map(|p| (*p, map.apply(*p), 1.0)).collect();
        let fit = Affine::fit(&pairs).expect("not on a line");
        assert!(points.iter().all(|p| near(fit.apply(*p), map.apply(*p))));
        let line: Vec<_> = (0..5)
            .map(|i| ([i as f32, i as f32], [0.0, 0.0], 1.0))
            .collect();
        assert!(Affine::fit(&line).is_none());
    }

    #[test]
    fn six_equations_are_solved_and_singular_ones_refused() {
        let wanted = [1.0, -2.0, 0.5, 3.0, 0.0, 1.5];
        let mut matrix = [[0.0; 6]; 6];
        for (i, row) in matrix.iter_mut().enumerate() {
            for (j, v) in row.iter_mut().enumerate() {
                *v = if i == j {
                    4.0
                } else {
                    0.5 / (1.0 + i.abs_diff(j) as f32)
                };
            }
        }
        let right = std::array::from_fn(|i| (0..6).map(|j| matrix[i][j] * wanted[j]).sum());
        let found = solve6(&matrix, &right).expect("positive definite");
        assert!(
            found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-4),
            "{found:?}"
        );
        assert!(solve6(&[[1.0; 6]; 6], &[1.0; 6]).is_none());
    }
}
