//! Turned and mirrored photos.

use image::RgbImage;
use image::imageops;

use super::super::canvas::WHITE;
use super::super::polygon::rectangle;
use super::super::pool::Pool;
use super::super::random::Random;
use super::super::warp::{Homography, draw};
use super::Edited;

pub(super) fn mirror(photo: &RgbImage, _: &mut Random, _: &Pool) -> Edited {
    Edited::filling(imageops::flip_horizontal(photo))
}

pub(super) fn quarter(photo: &RgbImage, random: &mut Random, _: &Pool) -> Edited {
    Edited::filling(if random.chance(0.5) {
        imageops::rotate90(photo)
    } else {
        imageops::rotate270(photo)
    })
}

pub(super) fn slightly(photo: &RgbImage, random: &mut Random, _: &Pool) -> Edited {
    turned(photo, random.pick([5.0, -5.0]))
}

pub(super) fn clearly(photo: &RgbImage, random: &mut Random, _: &Pool) -> Edited {
    turned(photo, random.pick([15.0, -15.0]))
}

/// Turned by an angle in degrees, whole, on a white ground that is as large as it must be.
fn turned(photo: &RgbImage, degrees: f64) -> Edited {
    let angle = degrees.to_radians();
    let (sin, cos) = (angle.sin().abs(), angle.cos().abs());
    let (w, h) = (f64::from(photo.width()), f64::from(photo.height()));
    let size = [w * cos + h * sin, w * sin + h * cos].map(f64::ceil);
    let mut ground = RgbImage::from_pixel(size[0] as u32, size[1] as u32, WHITE);
    let (of, to) = ([w / 2.0, h / 2.0], size.map(|v| v / 2.0));
    draw(&mut ground, photo, &Homography::turn(-angle, 1.0, to, of));
    let there = Homography::turn(angle, 1.0, of, to);
    let corners: Vec<_> = rectangle(0.0, 0.0, w, h)
        .into_iter()
        .map(|corner| there.apply(corner))
        .collect();
    Edited::clipped(ground, &corners)
}
