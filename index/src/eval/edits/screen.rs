//! Photos on screens.

use std::f64::consts::TAU;

use image::imageops;
use image::{Rgb, RgbImage};

use super::super::canvas::{self, WHITE};
use super::super::polygon::rectangle;
use super::super::pool::Pool;
use super::super::random::Random;
use super::super::warp::{Homography, draw};
use super::Edited;

/// A phone's screen: a dark bar, a line of text, the photo, lines of text, a button.
pub(super) fn screenshot(photo: &RgbImage, random: &mut Random, _: &Pool) -> Edited {
    let mut picture = RgbImage::from_pixel(720, 1280, WHITE);
    let dark = Rgb([40, 40, 44]);
    canvas::fill(&mut picture, [0.0, 0.0, 720.0, 60.0], dark, 1.0);
    canvas::write(&mut picture, random, [20.0, 18.0, 200.0, 24.0], WHITE, 1.0);
    canvas::write(&mut picture, random, [600.0, 18.0, 100.0, 24.0], WHITE, 1.0);
    canvas::write(&mut picture, random, [30.0, 80.0, 400.0, 30.0], dark, 0.8);
    let (small, [x, y]) = canvas::contained(photo, 720, 760);
    let y = y + 130;
    imageops::replace(&mut picture, &small, x, y);
    for line in 0..3 {
        let width = random.between(250.0, 640.0);
        let at = [30.0, 925.0 + 60.0 * f64::from(line), width, 32.0];
        canvas::write(&mut picture, random, at, Rgb([20; 3]), 1.0);
    }
    let button = Rgb(random.pick([[255, 120, 0], [20, 110, 230], [10, 150, 80]]));
    canvas::fill(&mut picture, [30.0, 1140.0, 660.0, 90.0], button, 1.0);
    canvas::write(
        &mut picture,
        random,
        [240.0, 1168.0, 250.0, 36.0],
        WHITE,
        1.0,
    );
    let (w, h) = (f64::from(small.width()), f64::from(small.height()));
    Edited::clipped(picture, &rectangle(x as f64, y as f64, w, h))
}

/// A photo of a screen: seen at an angle, with moiré, brighter on one side.
pub(super) fn perspective(photo: &RgbImage, random: &mut Random, _: &Pool) -> Edited {
    let (w, h) = (f64::from(photo.width()), f64::from(photo.height()));
    let from = [[0.0, 0.0], [w, 0.0], [w, h], [0.0, h]];
    let mut inward = |side: f64| side * random.between(0.03, 0.13);
    let to = [
        [inward(w), inward(h)],
        [w - inward(w), inward(h)],
        [w - inward(w), h - inward(h)],
        [inward(w), h - inward(h)],
    ];
    let ground = Rgb(random.pick([[18, 18, 20], [90, 80, 70], [200, 200, 205]]));
    let mut picture = RgbImage::from_pixel(photo.width(), photo.height(), ground);
    // Four corners near those of a rectangle are never on a line.
    let Some(back) = Homography::between(to, from) else {
        return Edited::filling(photo.clone());
    };
    draw(&mut picture, photo, &back);
    let period = random.between(5.0, 11.0);
    let (sin, cos) = random.between(0.0, TAU).sin_cos();
    let (light_x, light_y) = random.between(0.0, TAU).sin_cos();
    let strength = random.between(0.15, 0.35);
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let (x, y) = (f64::from(x), f64::from(y));
        let wave = (x * cos + y * sin) / period * TAU;
        let light = 1.0 + strength * ((x / w - 0.5) * light_x + (y / h - 0.5) * light_y);
        for (channel, value) in pixel.0.iter_mut().enumerate() {
            // Each colour's stripes lie beside the others', which is what makes moiré coloured.
            let moire = 1.0 + 0.07 * (wave + channel as f64 * TAU / 3.0).sin();
            *value = (f64::from(*value) * light * moire)
                .round()
                .clamp(0.0, 255.0) as u8;
        }
    }
    Edited::clipped(picture, &to)
}
