//! Edits that only lose detail.

use image::RgbImage;

use super::super::canvas::resized;
use super::super::pool::Pool;
use super::super::random::Random;
use super::Edited;

fn scaled(photo: &RgbImage, by: f64) -> Edited {
    let (w, h) = (f64::from(photo.width()), f64::from(photo.height()));
    Edited::filling(resized(photo, w * by, h * by))
}

pub(super) fn half(photo: &RgbImage, _: &mut Random, _: &Pool) -> Edited {
    scaled(photo, 0.5)
}

pub(super) fn quarter(photo: &RgbImage, _: &mut Random, _: &Pool) -> Edited {
    scaled(photo, 0.25)
}

pub(super) fn same(photo: &RgbImage, _: &mut Random, _: &Pool) -> Edited {
    Edited::filling(photo.clone())
}
