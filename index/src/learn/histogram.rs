//! Features in bins, and the best cut of a set of rows.

/// Bins of a feature; the first is for missing values.
pub(super) const BINS: usize = 64;

/// Rows whose features are cut into bins.
#[derive(Debug)]
pub(super) struct Binned {
    /// For each feature the upper ends of its bins but the last, rising.
    pub cuts: Vec<Vec<f32>>,
    /// For each feature the bin of each row.
    pub columns: Vec<Vec<u8>>,
}

impl Binned {
    /// Cuts each feature so that its bins hold about the same number of rows.
    pub(super) fn new(rows: &[Vec<f32>]) -> Self {
        let width = rows.first().map_or(0, Vec::len);
        let mut out = Self {
            cuts: Vec::with_capacity(width),
            columns: Vec::with_capacity(width),
        };
        for feature in 0..width {
            let value = |row: &Vec<f32>| row.get(feature).copied().unwrap_or(f32::NAN);
            let mut values: Vec<f32> = rows.iter().map(value).filter(|v| v.is_finite()).collect();
            values.sort_by(f32::total_cmp);
            let cuts = cuts(&values);
            out.columns
                .push(rows.iter().map(|row| bin(&cuts, value(row))).collect());
            out.cuts.push(cuts);
        }
        out
    }
}

fn cuts(sorted: &[f32]) -> Vec<f32> {
    let mut distinct = sorted.to_vec();
    distinct.dedup();
    let most = BINS - 2;
    let mut out: Vec<f32> = if distinct.len() <= most + 1 {
        distinct
            .windows(2)
            .map(|pair| f32::midpoint(pair[0], pair[1]))
            .collect()
    } else {
        (1..=most)
            .map(|n| sorted[n * sorted.len() / (most + 1)])
            .collect()
    };
    out.dedup();
    out
}

/// The bin of a value: 0 when it is missing.
pub(super) fn bin(cuts: &[f32], value: f32) -> u8 {
    if value.is_finite() {
        1 + cuts.partition_point(|&cut| cut < value) as u8
    } else {
        0
    }
}

/// Sums of gradients and of their slopes over some rows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub gradient: f64,
    pub slope: f64,
}

impl Sums {
    pub(super) fn add(&mut self, other: Self) {
        self.gradient += other.gradient;
        self.slope += other.slope;
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self {
            gradient: self.gradient - other.gradient,
            slope: self.slope - other.slope,
        }
    }

    /// How much the loss falls by the best step for these rows.
    pub(super) fn gain(self, ridge: f64) -> f64 {
        self.gradient * self.gradient / (self.slope + ridge)
    }
}

/// A cut of a set of rows into two.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    pub feature: usize,
    /// Bins up to this go left.
    pub bin: u8,
    /// Rows without a value go left.
    pub missing_left: bool,
    pub gain: f64,
}

/// The cut of these rows that lowers the loss most.
pub(super) fn best_cut(
    binned: &Binned,
    features: &[usize],
    rows: &[u32],
    sums: &[Sums],
    (ridge, least_slope): (f64, f64),
) -> Option<Cut> {
    let mut all = Sums::default();
    rows.iter().for_each(|&row| all.add(sums[row as usize]));
    let before = all.gain(ridge);
    let mut best: Option<Cut> = None;
    for &feature in features {
        let mut bins = [Sums::default(); BINS];
        let column = &binned.columns[feature];
        for &row in rows {
            bins[column[row as usize] as usize].add(sums[row as usize]);
        }
        let missing = bins[0];
        let mut left = Sums::default();
        for (bin, sums) in bins
            .iter()
            .enumerate()
            .take(binned.cuts[feature].len() + 1)
            .skip(1)
        {
            left.add(*sums);
            for missing_left in [false, true] {
                let mut here = left;
                if missing_left {
                    here.add(missing);
                }
                let there = all.without(here);
                if here.slope < least_slope || there.slope < least_slope {
                    continue;
                }
                let gain = here.gain(ridge) + there.gain(ridge) - before;
                if gain > best.map_or(1e-9, |b| b.gain) {
                    best = Some(Cut {
                        feature,
                        bin: bin as u8,
                        missing_left,
                        gain,
                    });
                }
            }
        }
    }
    best
}
