//! Frames around a photo.

use image::imageops;
use image::{Rgb, RgbImage};

use super::super::polygon::rectangle;
use super::super::pool::Pool;
use super::super::random::Random;
use super::Edited;

/// A frame of one of four colours that makes the picture square, or wider than high.
pub(super) fn border(photo: &RgbImage, random: &mut Random, _: &Pool) -> Edited {
    let colour = Rgb(random.pick([[255; 3], [0; 3], [230, 60, 90], [60, 120, 220]]));
    let (w, h) = photo.dimensions();
    let side = (f64::from(w.max(h)) * 1.1).ceil();
    let wide = side * random.pick([1.0, 1.25]);
    let mut picture = RgbImage::from_pixel(wide as u32, side as u32, colour);
    let (x, y) = ((picture.width() - w) / 2, (picture.height() - h) / 2);
    imageops::replace(&mut picture, photo, i64::from(x), i64::from(y));
    let [x, y, w, h] = [x, y, w, h].map(f64::from);
    Edited::clipped(picture, &rectangle(x, y, w, h))
}
