//! Where the photo lies in a picture: uniform borders cut off, panels of a collage or a screenshot
//! found by the uniform bands between them.

use super::luma::{Luma, Rect};

/// Grey levels a row or column may vary by, as a mean deviation from its median, and still count as
/// a border: JPEG noise stays below 2, a studio photo's soft shadow above 4.
const FLAT: f64 = 3.0;
/// Panels smaller than this share of the picture are not worth a hash.
const SMALLEST_PANEL: f64 = 0.04;
/// A collage of collages goes no deeper than this.
const DEPTH: usize = 3;
/// A band between panels is at least this share of the picture's side; the letters of a caption
/// have thinner gaps.
const THINNEST_BAND: f64 = 0.012;

/// A rectangle in whole pixels of the working picture, right and bottom exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Box {
    x0: usize,
    y0: usize,
    x1: usize,
    y1: usize,
}

impl Box {
    fn rect(&self, luma: &Luma) -> Rect {
        let (w, h) = (luma.width as f64, luma.height as f64);
        Rect::new(
            self.x0 as f64 / w,
            self.y0 as f64 / h,
            self.x1 as f64 / w,
            self.y1 as f64 / h,
        )
    }
}

/// Mean absolute deviation from the median along a line of pixels, and the median.
fn spread(line: impl Iterator<Item = u8>) -> (f64, u8) {
    let mut counts = [0u32; 256];
    let mut total = 0u32;
    for value in line {
        counts[usize::from(value)] += 1;
        total += 1;
    }
    if total == 0 {
        return (0.0, 0);
    }
    let mut seen = 0;
    let mut median = 0;
    for (value, &count) in counts.iter().enumerate() {
        seen += count;
        if seen * 2 >= total {
            median = value;
            break;
        }
    }
    let deviation: u64 = counts
        .iter()
        .enumerate()
        .map(|(value, &count)| u64::from(count) * value.abs_diff(median) as u64)
        .sum();
    (deviation as f64 / f64::from(total), median as u8)
}

fn row_is_flat(luma: &Luma, y: usize, b: &Box) -> bool {
    let start = y * luma.width;
    spread(luma.values[start + b.x0..start + b.x1].iter().copied()).0 < FLAT
}

fn column_is_flat(luma: &Luma, x: usize, b: &Box) -> bool {
    spread((b.y0..b.y1).map(|y| luma.values[y * luma.width + x])).0 < FLAT
}

/// Takes the flat rows and columns off all four sides; nothing when all is flat.
fn shave(luma: &Luma, mut b: Box) -> Option<Box> {
    // Twice: once the top and bottom bars are gone, the side bars show as flat.
    for _ in 0..2 {
        while b.y0 < b.y1 && row_is_flat(luma, b.y0, &b) {
            b.y0 += 1;
        }
        while b.y1 > b.y0 && row_is_flat(luma, b.y1 - 1, &b) {
            b.y1 -= 1;
        }
        while b.x0 < b.x1 && column_is_flat(luma, b.x0, &b) {
            b.x0 += 1;
        }
        while b.x1 > b.x0 && column_is_flat(luma, b.x1 - 1, &b) {
            b.x1 -= 1;
        }
        if b.x0 >= b.x1 || b.y0 >= b.y1 {
            return None;
        }
    }
    Some(b)
}

/// The part of `rect` that is left when its uniform borders are cut off; nothing when it is all
/// uniform or hardly any smaller.
pub(super) fn trimmed(luma: &Luma, rect: &Rect) -> Option<Rect> {
    let (w, h) = (luma.width as f64, luma.height as f64);
    let b = Box {
        x0: (rect.x0 * w).round() as usize,
        y0: (rect.y0 * h).round() as usize,
        x1: ((rect.x1 * w).round() as usize).min(luma.width),
        y1: ((rect.y1 * h).round() as usize).min(luma.height),
    };
    let cut = shave(luma, b)?.rect(luma);
    (cut.distance(rect) > 0.012 && cut.area() >= SMALLEST_PANEL).then_some(cut)
}

/// The panels of a picture that uniform bands divide, largest first, at most `limit`. A picture
/// without such bands has none.
pub(super) fn panels(luma: &Luma, limit: usize) -> Vec<Rect> {
    let whole = Box {
        x0: 0,
        y0: 0,
        x1: luma.width,
        y1: luma.height,
    };
    let mut found = Vec::new();
    split(luma, whole, DEPTH, &mut found);
    let mut rects: Vec<Rect> = found
        .iter()
        .map(|b| b.rect(luma))
        .filter(|r| r.area() >= SMALLEST_PANEL && r.distance(&Rect::WHOLE) > 0.02)
        .collect();
    rects.sort_by(|a, b| b.area().total_cmp(&a.area()));
    rects.truncate(limit);
    rects
}

/// Cuts a box at its flat bands, alternately across and along, and keeps what cannot be cut.
fn split(luma: &Luma, b: Box, depth: usize, found: &mut Vec<Box>) {
    let Some(b) = shave(luma, b) else { return };
    if depth > 0 {
        let rows = runs(b.y0, b.y1, luma.height, |y| row_is_flat(luma, y, &b));
        if rows.len() > 1 {
            for (y0, y1) in rows {
                split(luma, Box { y0, y1, ..b }, depth - 1, found);
            }
            return;
        }
        let columns = runs(b.x0, b.x1, luma.width, |x| column_is_flat(luma, x, &b));
        if columns.len() > 1 {
            for (x0, x1) in columns {
                split(luma, Box { x0, x1, ..b }, depth - 1, found);
            }
            return;
        }
    }
    found.push(b);
}

/// The stretches of `from..to` between flat bands that are wide enough to divide panels.
fn runs(from: usize, to: usize, side: usize, flat: impl Fn(usize) -> bool) -> Vec<(usize, usize)> {
    let thinnest = ((side as f64 * THINNEST_BAND).ceil() as usize).max(2);
    let mut out = Vec::new();
    let mut start = from;
    let mut band = 0;
    for i in from..to {
        if flat(i) {
            band += 1;
            continue;
        }
        if band >= thinnest && i - band > start {
            out.push((start, i - band));
            start = i;
        }
        band = 0;
    }
    out.push((start, to - band.min(to - start)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noise that is the same each time.
    fn noise(x: u32, y: u32) -> u8 {
        (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503).wrapping_mul(97)).to_le_bytes()[1]
    }

    fn framed(w: u32, h: u32, boxes: &[(u32, u32, u32, u32)]) -> Luma {
        let values: Vec<u8> = (0..w * h)
            .map(|at| {
                let (x, y) = (at % w, at / w);
                let inside = boxes
                    .iter()
                    .any(|&(x0, y0, x1, y1)| x >= x0 && x < x1 && y >= y0 && y < y1);
                if inside { noise(x, y) } else { 250 }
            })
            .collect();
        Luma::shrunk(w as usize, h as usize, &values)
    }

    #[test]
    fn a_uniform_border_is_cut_off() {
        let luma = framed(200, 200, &[(20, 40, 180, 160)]);
        let cut = trimmed(&luma, &Rect::WHOLE).expect("there is a border");
        assert!(
            cut.distance(&Rect::new(0.1, 0.2, 0.9, 0.8)) < 0.011,
            "{cut:?}"
        );
    }

    #[test]
    fn a_photo_without_border_is_not_trimmed() {
        let luma = framed(200, 200, &[(0, 0, 200, 200)]);
        assert_eq!(trimmed(&luma, &Rect::WHOLE), None);
    }

    #[test]
    fn the_four_panels_of_a_collage_are_found() {
        let luma = framed(
            200,
            200,
            &[
                (5, 5, 95, 95),
                (105, 5, 195, 95),
                (5, 105, 95, 195),
                (105, 105, 195, 195),
            ],
        );
        let found = panels(&luma, 12);
        assert_eq!(found.len(), 4, "{found:?}");
    }

    #[test]
    fn a_flat_picture_has_neither_trim_nor_panels() {
        let luma = framed(64, 64, &[]);
        assert_eq!(trimmed(&luma, &Rect::WHOLE), None);
        assert!(panels(&luma, 12).is_empty());
    }
}
