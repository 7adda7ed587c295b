//! Parts of a photo.

use image::RgbImage;
use image::imageops;

use super::super::pool::Pool;
use super::super::random::Random;
use super::Edited;

/// The photo without a share of its width and of its height, cut off anywhere.
pub(super) fn without(photo: &RgbImage, share: f64, random: &mut Random) -> RgbImage {
    let left = |side: u32| ((f64::from(side) * (1.0 - share)) as u32).max(1);
    let (w, h) = (left(photo.width()), left(photo.height()));
    let x = random.below((photo.width() - w) as usize + 1) as u32;
    let y = random.below((photo.height() - h) as usize + 1) as u32;
    imageops::crop_imm(photo, x, y, w, h).to_image()
}

pub(super) fn tenth(photo: &RgbImage, random: &mut Random, _: &Pool) -> Edited {
    Edited::filling(without(photo, 0.10, random))
}

pub(super) fn fifth(photo: &RgbImage, random: &mut Random, _: &Pool) -> Edited {
    Edited::filling(without(photo, 0.20, random))
}

pub(super) fn third(photo: &RgbImage, random: &mut Random, _: &Pool) -> Edited {
    Edited::filling(without(photo, 0.35, random))
}
