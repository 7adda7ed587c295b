//! Things laid over a photo.

use image::{Rgb, RgbImage};

use super::super::canvas::{self, BLACK, WHITE};
use super::super::pool::Pool;
use super::super::random::Random;
use super::Edited;

pub(super) fn text(photo: &RgbImage, random: &mut Random, _: &Pool) -> Edited {
    Edited::filling(written_over(photo, random))
}

/// A banner along the top and three lines of half-transparent letters with a shadow.
pub(super) fn written_over(photo: &RgbImage, random: &mut Random) -> RgbImage {
    let mut picture = photo.clone();
    let (w, h) = (f64::from(photo.width()), f64::from(photo.height()));
    for line in 0..3 {
        let at = [
            w * 0.05,
            h * (0.25 + 0.25 * f64::from(line)),
            w * 0.9,
            w * 0.075,
        ];
        let shadow = [at[0] + w * 0.004, at[1] + w * 0.004, at[2], at[3]];
        let mut again = random.clone();
        canvas::write(&mut picture, &mut again, shadow, BLACK, 0.3);
        canvas::write(&mut picture, random, at, WHITE, 0.55);
    }
    let banner = random.pick([[220, 20, 30], [20, 60, 160], [250, 210, 0], [10, 10, 10]]);
    canvas::fill(&mut picture, [0.0, 0.0, w, h * 0.12], Rgb(banner), 1.0);
    let words = [w * 0.05, h * 0.025, w * 0.9, h * 0.07];
    canvas::write(&mut picture, random, words, Rgb([255, 240, 120]), 1.0);
    picture
}

/// Four to seven round or square badges with signs on them.
pub(super) fn stickers(photo: &RgbImage, random: &mut Random, _: &Pool) -> Edited {
    let mut picture = photo.clone();
    let (w, h) = (f64::from(photo.width()), f64::from(photo.height()));
    for _ in 0..4 + random.below(4) {
        let side = random.between(0.12, 0.24) * w.min(h);
        let (x, y) = (random.between(0.0, w - side), random.between(0.0, h - side));
        let colours = [
            [230, 40, 40],
            [250, 220, 30],
            [30, 150, 70],
            [40, 90, 220],
            [250, 120, 190],
        ];
        let colour = Rgb(random.pick(colours));
        if random.chance(0.6) {
            canvas::fill_ellipse(&mut picture, [x, y, side, side], colour);
        } else {
            canvas::fill(&mut picture, [x, y, side, side * 0.6], colour, 1.0);
        }
        let words = [x + side * 0.2, y + side * 0.2, side * 0.62, side * 0.2];
        canvas::write(&mut picture, random, words, WHITE, 1.0);
    }
    Edited::filling(picture)
}
