//! Where a picture has something to be recognised by: extrema of the difference of Gaussians.
//!
//! After D. Lowe, "Distinctive Image Features from Scale-Invariant Keypoints", IJCV 60 (2004),
//! sections 3 to 5.

use multiversion::multiversion;

use super::plane::FloatPlane;

/// Scales an octave at which extrema are looked for.
const INTERVALS: usize = 3;
/// Blur of the first level of an octave, in its pixels.
const BASE_SIGMA: f32 = 1.6;
/// Blur that a photo shrunk by averaging has already, in pixels.
const OWN_SIGMA: f32 = 0.5;
/// Octaves stop when the shorter side falls below this, in pixels.
const SMALLEST_SIDE: usize = 16;
/// Extrema weaker than this, in grey levels, are noise.
const CONTRAST: f32 = 0.8;
/// The greatest ratio of principal curvatures: above it, the point sits on an edge and slides.
const EDGE: f32 = 10.0;
/// Pixels from the edge within which nothing is looked for.
const MARGIN: usize = 3;
/// The longest way from a keypoint that is looked at for its direction, in pixels, and one more.
const FALLOFF: usize = 64;
/// Bins of the direction histogram.
const BINS: usize = 36;
/// A second direction counts when its bin reaches this share of the highest one.
const SECOND: f32 = 0.8;

/// A point of interest, in pixels of the plane it was found in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keypoint {
    pub x: f32,
    pub y: f32,
    /// Standard deviation of the Gaussian it is most prominent at.
    pub sigma: f32,
    /// Direction of its strongest gradient, in radians.
    pub angle: f32,
    /// Contrast, in grey levels.
    pub response: f32,
    /// Octave and level whose blur is nearest.
    pub octave: usize,
    pub level: usize,
}

/// The blurred copies of a picture.
pub(super) struct ScaleSpace {
    /// An octave's levels; the plane halves from one octave to the next.
    pub octaves: Vec<Vec<FloatPlane>>,
}

impl ScaleSpace {
    pub(super) fn new(plane: &FloatPlane) -> Self {
        let first = (BASE_SIGMA * BASE_SIGMA - OWN_SIGMA * OWN_SIGMA).sqrt();
        let mut base = plane.blurred(first);
        let mut octaves = Vec::new();
        loop {
            let mut levels = Vec::with_capacity(INTERVALS + 3);
            levels.push(base);
            for level in 1..INTERVALS + 3 {
                let step = |l: usize| BASE_SIGMA * 2f32.powf(l as f32 / INTERVALS as f32);
                let (from, to) = (step(level - 1), step(level));
                let next = levels[level - 1].blurred((to * to - from * from).sqrt());
                levels.push(next);
            }
            let half = levels[INTERVALS].halved();
            octaves.push(levels);
            if half.width.min(half.height) < SMALLEST_SIDE {
                return Self { octaves };
            }
            base = half;
        }
    }

    /// All keypoints, strongest first.
    pub(super) fn keypoints(&self) -> Vec<Keypoint> {
        let mut found = Vec::new();
        for (octave, levels) in self.octaves.iter().enumerate() {
            let differences: Vec<FloatPlane> = levels
                .windows(2)
                .map(|p| FloatPlane::difference(&p[0], &p[1]))
                .collect();
            for level in 1..=INTERVALS {
                extrema(&differences, octave, level, &mut found);
            }
        }
        found.sort_by(|a, b| b.response.total_cmp(&a.response));
        found
    }

    /// The level a keypoint was found in.
    pub(super) fn level(&self, keypoint: &Keypoint) -> &FloatPlane {
        &self.octaves[keypoint.octave][keypoint.level]
    }

    /// The one or two directions of a keypoint.
    pub(super) fn directions(&self, keypoint: &Keypoint) -> ([f32; 2], usize) {
        let plane = self.level(keypoint);
        let scale = (1u32 << keypoint.octave) as f32;
        let (x, y) = (
            (keypoint.x / scale).round() as i32,
            (keypoint.y / scale).round() as i32,
        );
        let sigma = keypoint.sigma / scale * 1.5;
        let radius = (sigma * 2.5).round() as i32;
        let mut histogram = [0f32; BINS];
        // The Gaussian weight of a distance along either axis.
        let mut falloff = [0f32; FALLOFF];
        let radius = radius.min(falloff.len() as i32 - 1);
        for (d, weight) in falloff.iter_mut().enumerate().take(radius as usize + 1) {
            *weight = (-((d * d) as f32) / (2.0 * sigma * sigma)).exp();
        }
        for dy in -radius..=radius {
            let py = y + dy;
            if py < 1 || py >= plane.height as i32 - 1 {
                continue;
            }
            // Within the circle and the plane.
            let reach = f64::from(radius * radius - dy * dy).sqrt() as i32;
            let (left, right) = ((x - reach).max(1), (x + reach).min(plane.width as i32 - 2));
            if left > right {
                continue;
            }
            let start = py as usize * plane.width + left as usize;
            let near = |i: usize| falloff[(left + i as i32 - x).unsigned_abs() as usize];
            let far = falloff[dy.unsigned_abs() as usize];
            let length = (right - left + 1) as usize;
            let mut gradients = [Gradient::default(); 2 * FALLOFF];
            let gradients = &mut gradients[..length];
            gradients_along(plane, start, gradients);
            for (i, gradient) in gradients.iter().enumerate() {
                let weight = near(i) * far * gradient.length;
                let turn = gradient.turn * BINS as f32;
                let bin = turn as usize;
                let share = turn - bin as f32;
                histogram[bin % BINS] += weight * (1.0 - share);
                histogram[(bin + 1) % BINS] += weight * share;
            }
        }
        peaks(&histogram)
    }
}

/// A grey value's change: how steep, and whither in turns.
#[derive(Debug, Clone, Copy, Default)]
struct Gradient {
    length: f32,
    turn: f32,
}

/// The gradients of a run of pixels that begins at `start`, none on the plane's edge.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn gradients_along(plane: &FloatPlane, start: usize, out: &mut [Gradient]) {
    let n = out.len();
    let run = |from: usize| &plane.values[from..from + n];
    let (left, right) = (run(start - 1), run(start + 1));
    let (above, below) = (run(start - plane.width), run(start + plane.width));
    for i in 0..n {
        let (gx, gy) = (right[i] - left[i], below[i] - above[i]);
        out[i] = Gradient {
            length: (gx * gx + gy * gy).sqrt(),
            turn: atan2_turns(gy, gx),
        };
    }
}

/// The highest peaks of the smoothed histogram, in radians.
fn peaks(histogram: &[f32; BINS]) -> ([f32; 2], usize) {
    let mut smooth = *histogram;
    for _ in 0..2 {
        let before = smooth;
        for (i, v) in smooth.iter_mut().enumerate() {
            *v = 0.25 * before[(i + BINS - 1) % BINS]
                + 0.5 * before[i]
                + 0.25 * before[(i + 1) % BINS];
        }
    }
    let mut best: [(f32, f32); 2] = [(0.0, 0.0); 2];
    for i in 0..BINS {
        let (l, m, r) = (
            smooth[(i + BINS - 1) % BINS],
            smooth[i],
            smooth[(i + 1) % BINS],
        );
        if m < l || m <= r {
            continue;
        }
        let offset = 0.5 * (l - r) / (l - 2.0 * m + r).min(-f32::MIN_POSITIVE);
        let angle = (i as f32 + offset) / BINS as f32 * std::f32::consts::TAU;
        if m > best[0].0 {
            best[1] = best[0];
            best[0] = (m, angle);
        } else if m > best[1].0 {
            best[1] = (m, angle);
        }
    }
    let count = 1 + usize::from(best[1].0 >= SECOND * best[0].0 && best[1].0 > 0.0);
    ([best[0].1, best[1].1], count)
}

/// The angle of (x, y) in turns, 0 to 1; within 0.0002 (a polynomial for the arc tangent after
/// Abramowitz and Stegun, 4.4.47).
#[inline(always)]
fn atan2_turns(y: f32, x: f32) -> f32 {
    let (ax, ay) = (x.abs(), y.abs());
    let ratio = ax.min(ay) / ax.max(ay).max(f32::MIN_POSITIVE);
    let square = ratio * ratio;
    let octant = ratio
        * (0.999_866
            + square
                * (-0.330_299_5
                    + square * (0.180_141 + square * (-0.085_133 + square * 0.020_835_1))))
        / std::f32::consts::TAU;
    let quadrant = if ay > ax { 0.25 - octant } else { octant };
    let half = if x < 0.0 { 0.5 - quadrant } else { quadrant };
    if y < 0.0 { 1.0 - half } else { half }
}

fn extrema(differences: &[FloatPlane], octave: usize, level: usize, found: &mut Vec<Keypoint>) {
    let [below, middle, above] = [
        &differences[level - 1],
        &differences[level],
        &differences[level + 1],
    ];
    let (w, h) = (middle.width, middle.height);
    if w <= 2 * MARGIN || h <= 2 * MARGIN {
        return;
    }
    let mut marks = vec![0; w];
    for y in MARGIN..h - MARGIN {
        mark_extrema(
            [middle.row(y - 1), middle.row(y), middle.row(y + 1)],
            &mut marks,
        );
        for x in marked(&marks[MARGIN..w - MARGIN]) {
            let x = x + MARGIN;
            let at = y * w + x;
            let v = middle.values[at];
            let beyond = |p: &FloatPlane| {
                [at - w, at, at + w].iter().all(|&row| {
                    p.values[row - 1..row + 2]
                        .iter()
                        .all(|&n| if v > 0.0 { n < v } else { n > v })
                })
            };
            if beyond(below)
                && beyond(above)
                && let Some(k) = refine([below, middle, above], x, y, octave, level)
            {
                found.push(k);
            }
        }
    }
}

/// Where the marks are: few and far between, hence many places are passed at a time.
fn marked(marks: &[u8]) -> impl Iterator<Item = usize> {
    const AT_A_TIME: usize = 32;
    let chunks = marks.chunks(AT_A_TIME).enumerate();
    chunks
        .filter(|(_, chunk)| chunk.iter().fold(0, |any, mark| any | mark) != 0)
        .flat_map(|(at, chunk)| {
            let places = chunk.iter().enumerate().filter(|(_, mark)| **mark != 0);
            places.map(move |(x, _)| at * AT_A_TIME + x)
        })
}

/// Marks by a 1 the values of the middle row that stand out from their eight neighbours.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn mark_extrema(rows: [&[f32]; 3], marks: &mut [u8]) {
    let w = marks.len();
    let [top, middle, bottom] = rows;
    let (top, middle, bottom) = (&top[..w], &middle[..w], &bottom[..w]);
    for x in 1..w - 1 {
        let v = middle[x];
        let high = top[x - 1].max(top[x]).max(top[x + 1]);
        let high = high.max(bottom[x - 1]).max(bottom[x]).max(bottom[x + 1]);
        let high = high.max(middle[x - 1]).max(middle[x + 1]);
        let low = top[x - 1].min(top[x]).min(top[x + 1]);
        let low = low.min(bottom[x - 1]).min(bottom[x]).min(bottom[x + 1]);
        let low = low.min(middle[x - 1]).min(middle[x + 1]);
        let out = (v > CONTRAST * 0.8) & (v > high) | (v < -CONTRAST * 0.8) & (v < low);
        marks[x] = u8::from(out);
    }
}

/// The extremum between the samples, unless it is weak, on an edge, or elsewhere.
fn refine(
    planes: [&FloatPlane; 3],
    x: usize,
    y: usize,
    octave: usize,
    level: usize,
) -> Option<Keypoint> {
    let w = planes[1].width;
    let at = y * w + x;
    let d = |s: usize, dx: isize, dy: isize| {
        planes[s].values[(at as isize + dx + dy * w as isize) as usize]
    };
    let g = [
        (d(1, 1, 0) - d(1, -1, 0)) / 2.0,
        (d(1, 0, 1) - d(1, 0, -1)) / 2.0,
        (d(2, 0, 0) - d(0, 0, 0)) / 2.0,
    ];
    let centre = d(1, 0, 0);
    let xx = d(1, 1, 0) + d(1, -1, 0) - 2.0 * centre;
    let yy = d(1, 0, 1) + d(1, 0, -1) - 2.0 * centre;
    let ss = d(2, 0, 0) + d(0, 0, 0) - 2.0 * centre;
    let xy = (d(1, 1, 1) - d(1, -1, 1) - d(1, 1, -1) + d(1, -1, -1)) / 4.0;
    let xs = (d(2, 1, 0) - d(2, -1, 0) - d(0, 1, 0) + d(0, -1, 0)) / 4.0;
    let ys = (d(2, 0, 1) - d(2, 0, -1) - d(0, 0, 1) + d(0, 0, -1)) / 4.0;
    let (trace, det) = (xx + yy, xx * yy - xy * xy);
    if det <= 0.0 || trace * trace * EDGE >= (EDGE + 1.0) * (EDGE + 1.0) * det {
        return None;
    }
    // Cramer's rule on H · offset = -g.
    let whole = xx * (yy * ss - ys * ys) - xy * (xy * ss - ys * xs) + xs * (xy * ys - yy * xs);
    if whole.abs() < 1e-9 {
        return None;
    }
    let [a, b, c] = g.map(|v| -v);
    let ox = (a * (yy * ss - ys * ys) - xy * (b * ss - ys * c) + xs * (b * ys - yy * c)) / whole;
    let oy = (xx * (b * ss - ys * c) - a * (xy * ss - ys * xs) + xs * (xy * c - b * xs)) / whole;
    let os = (xx * (yy * c - b * ys) - xy * (xy * c - b * xs) + a * (xy * ys - yy * xs)) / whole;
    if ox.abs() > 0.8 || oy.abs() > 0.8 || os.abs() > 0.8 {
        return None;
    }
    let response = (centre + 0.5 * (g[0] * ox + g[1] * oy + g[2] * os)).abs();
    if response < CONTRAST {
        return None;
    }
    let scale = (1u32 << octave) as f32;
    Some(Keypoint {
        x: (x as f32 + ox) * scale,
        y: (y as f32 + oy) * scale,
        sigma: BASE_SIGMA * 2f32.powf((level as f32 + os) / INTERVALS as f32) * scale,
        angle: 0.0,
        response,
        octave,
        level: ((level as f32 + os).round() as usize).min(INTERVALS + 2),
    })
}
