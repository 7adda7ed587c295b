//! The product without its ground.

use image::{GrayImage, Luma, RgbImage};

use super::super::canvas;
use super::super::polygon::rectangle;
use super::super::pool::Pool;
use super::super::random::Random;
use super::Edited;

/// A corner whose channels are all above this is white.
const WHITE_CORNER: u8 = 240;
/// A pixel is ground when all its channels are at least this.
const WHITE_GROUND: u8 = 243;
/// Holes and gaps of the product up to about twice this many pixels are closed.
const CLOSED: i64 = 4;

/// The product cut out, 60 to 85 % as large, laid on another photo.
pub(super) fn cutout(photo: &RgbImage, random: &mut Random, pool: &Pool) -> Edited {
    let mask = mask(photo);
    let (w, h) = photo.dimensions();
    let mut ground = canvas::covering(&pool.photo(random), w, h);
    let scale = random.between(0.6, 0.85);
    let (small_w, small_h) = (f64::from(w) * scale, f64::from(h) * scale);
    let small = canvas::resized(photo, small_w, small_h);
    let opacity = image::imageops::resize(
        &mask,
        small.width(),
        small.height(),
        image::imageops::FilterType::Triangle,
    );
    let x = random.below((w - small.width().min(w)) as usize + 1) as u32;
    let y = random.below((h - small.height().min(h)) as usize + 1) as u32;
    for (px, py, pixel) in small.enumerate_pixels() {
        let share = f64::from(opacity.get_pixel(px, py).0[0]) / 255.0;
        if let Some(under) = ground.get_pixel_mut_checked(x + px, y + py) {
            canvas::blend(under, *pixel, share);
        }
    }
    let [x, y, w, h] = [x, y, small.width(), small.height()].map(f64::from);
    Edited::clipped(ground, &rectangle(x, y, w, h))
}

/// How much of each pixel is product: by the white ground where there is one, else a soft ellipse
/// around the middle.
fn mask(photo: &RgbImage) -> GrayImage {
    let (w, h) = photo.dimensions();
    let corners = [(0, 0), (w - 1, 0), (0, h - 1), (w - 1, h - 1)];
    let white = |(x, y): (u32, u32)| photo.get_pixel(x, y).0.iter().all(|&v| v > WHITE_CORNER);
    if corners.into_iter().all(white) {
        let product = GrayImage::from_fn(w, h, |x, y| {
            let ground = photo.get_pixel(x, y).0.iter().all(|&v| v >= WHITE_GROUND);
            Luma([if ground { 0 } else { 255 }])
        });
        let grown = spread(&product, u8::max);
        return image::imageops::blur(&spread(&grown, u8::min), 1.2);
    }
    GrayImage::from_fn(w, h, |x, y| {
        let from = |v: u32, side: u32| ((f64::from(v) + 0.5) / f64::from(side) - 0.5) / 0.46;
        let far = from(x, w).hypot(from(y, h));
        Luma([((1.0 - far) / 0.12 * 255.0).clamp(0.0, 255.0) as u8])
    })
}

/// The largest or smallest value around each pixel, first along rows, then along columns.
fn spread(mask: &GrayImage, best: fn(u8, u8) -> u8) -> GrayImage {
    let along = |mask: &GrayImage, [dx, dy]: [i64; 2]| {
        let (w, h) = (i64::from(mask.width()), i64::from(mask.height()));
        GrayImage::from_fn(mask.width(), mask.height(), |x, y| {
            let at = |step: i64| {
                let x = (i64::from(x) + dx * step).clamp(0, w - 1) as u32;
                let y = (i64::from(y) + dy * step).clamp(0, h - 1) as u32;
                mask.get_pixel(x, y).0[0]
            };
            Luma([(-CLOSED..=CLOSED).map(at).fold(at(0), best)])
        })
    };
    along(&along(mask, [1, 0]), [0, 1])
}
