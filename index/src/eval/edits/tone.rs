//! Other tones, focus and print.

use std::f64::consts::TAU;

use image::imageops;
use image::{Rgb, RgbImage};

use super::super::pool::Pool;
use super::super::random::Random;
use super::Edited;

pub(super) fn colour(photo: &RgbImage, random: &mut Random, _: &Pool) -> Edited {
    Edited::filling(recoloured(photo, random))
}

/// Brightness, contrast, hue and saturation, each changed clearly.
pub(super) fn recoloured(photo: &RgbImage, random: &mut Random) -> RgbImage {
    let brightness = random.pick([0.7, 1.35]);
    let contrast = random.pick([0.75, 1.3]);
    let saturation = random.pick([0.5, 1.4]);
    let hue = random.between(11.0, 34.0) as i32;
    let mut picture = photo.clone();
    let count = (picture.width() as f64 * picture.height() as f64).max(1.0);
    // Contrast is around the mean of the brightened picture, as picture editors have it.
    let mean = brightness * picture.pixels().map(luma).sum::<f64>() / count;
    for pixel in picture.pixels_mut() {
        let grey = luma(pixel);
        *pixel = Rgb(pixel.0.map(|v| {
            let v = (grey + (f64::from(v) - grey) * saturation) * brightness;
            ((v - mean) * contrast + mean).round().clamp(0.0, 255.0) as u8
        }));
    }
    imageops::huerotate(&picture, hue)
}

fn luma(pixel: &Rgb<u8>) -> f64 {
    let [r, g, b] = pixel.0.map(f64::from);
    0.299 * r + 0.587 * g + 0.114 * b
}

/// Blurred by a Gaussian of 0.4 to 0.7 % of the longer side.
pub(super) fn blur(photo: &RgbImage, random: &mut Random, _: &Pool) -> Edited {
    let longer = f64::from(photo.width().max(photo.height()));
    let sigma = (longer * random.between(0.004, 0.007)).max(0.5);
    Edited::filling(imageops::blur(photo, sigma as f32))
}

/// A screen of dots for each colour, at the angles printers use.
pub(super) fn halftone(photo: &RgbImage, random: &mut Random, _: &Pool) -> Edited {
    let longer = f64::from(photo.width().max(photo.height()));
    let period = (longer * random.between(0.006, 0.009)).max(3.0);
    let turn = random.between(0.0, 30.0);
    let angles = [15.0, 75.0, 45.0].map(|degrees: f64| (degrees + turn).to_radians().sin_cos());
    let mut picture = photo.clone();
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let (x, y) = (f64::from(x) * TAU / period, f64::from(y) * TAU / period);
        for (value, (sin, cos)) in pixel.0.iter_mut().zip(angles) {
            let dots = (x * cos - y * sin).cos() * (x * sin + y * cos).cos();
            // The dots' edges are soft, as ink and a scanner's lens make them.
            let inked = f64::from(*value) / 255.0 + dots * 0.45 - 0.5;
            *value = ((inked * 2.5 + 0.5).clamp(0.0, 1.0) * 255.0).round() as u8;
        }
    }
    Edited::filling(picture)
}
