//! References made of other photos, to see how an index grows.

use image::imageops;
use image::{Rgb, RgbImage};

use super::canvas;
use super::random::Random;
use super::warp::{Homography, draw};

/// The longer side of a made reference, in pixels.
const SIDE: f64 = 480.0;

/// Makes a photo that no catalog holds: a strong crop of the first photo, turned by any angle,
/// sometimes mirrored, half of the time with such a part of the second laid over it.
///
/// Made references are likelier to look like each other than real ones are, since many come from one
/// photo.
#[must_use]
pub fn made_reference(first: &RgbImage, second: &RgbImage, random: &mut Random) -> RgbImage {
    let shape = random.between(0.65, 1.0);
    let (w, h) = random.pick([(SIDE, SIDE * shape), (SIDE * shape, SIDE)]);
    let mut picture = part(first, w as u32, h as u32, random);
    if random.chance(0.5) {
        let over = part(second, w as u32, h as u32, random);
        let opacity = random.between(0.35, 0.65);
        for (under, over) in picture.pixels_mut().zip(over.pixels()) {
            canvas::blend(under, *over, opacity);
        }
    }
    picture
}

/// A part of a photo at an angle, without anything from outside of the photo where that can be.
fn part(photo: &RgbImage, w: u32, h: u32, random: &mut Random) -> RgbImage {
    let (pw, ph) = (f64::from(photo.width()), f64::from(photo.height()));
    let angle = random.between(0.0, std::f64::consts::TAU);
    let (sin, cos) = (angle.sin().abs(), angle.cos().abs());
    let (fw, fh) = (f64::from(w), f64::from(h));
    let (wide, high) = (fw * cos + fh * sin, fw * sin + fh * cos);
    // Of the largest part that fits at this angle, 55 to 90 % a side.
    let scale = (pw / wide).min(ph / high) * random.between(0.55, 0.9);
    let half = [wide * scale / 2.0, high * scale / 2.0];
    let x = random.between(half[0], (pw - half[0]).max(half[0]));
    let y = random.between(half[1], (ph - half[1]).max(half[1]));
    let mut picture = RgbImage::from_pixel(w, h, Rgb([128; 3]));
    draw(
        &mut picture,
        photo,
        &Homography::turn(angle, scale, [fw / 2.0, fh / 2.0], [x, y]),
    );
    if random.chance(0.5) {
        imageops::flip_horizontal_in_place(&mut picture);
    }
    picture
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_references_differ_and_follow_from_the_random_numbers() {
        let photo = RgbImage::from_fn(300, 200, |x, y| Rgb([x as u8, y as u8, 200]));
        let other = RgbImage::from_fn(90, 400, |x, y| Rgb([y as u8, 10, x as u8]));
        let make = |number| made_reference(&photo, &other, &mut Random::new(1, "made", number));
        assert_eq!(make(1), make(1));
        assert_ne!(make(1), make(2));
        assert_eq!(make(1).width().max(make(1).height()), SIDE as u32);
    }

    #[test]
    fn a_part_has_nothing_from_outside_the_photo() {
        let photo = RgbImage::from_pixel(300, 200, Rgb([9, 9, 9]));
        for number in 0..50 {
            let part = part(&photo, 48, 40, &mut Random::new(1, "part", number));
            assert!(part.pixels().all(|p| p.0 == [9; 3]), "{number}");
        }
    }
}
