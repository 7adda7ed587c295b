//! Several photos in one picture.

use image::RgbImage;
use image::imageops;

use super::super::canvas::{self, WHITE};
use super::super::polygon::rectangle;
use super::super::pool::Pool;
use super::super::random::Random;
use super::Edited;

/// Width of a cell, in pixels.
const CELL: u32 = 400;

/// Two photos side by side; each fills its half, so that strips are cut off.
pub(super) fn two(photo: &RgbImage, random: &mut Random, pool: &Pool) -> Edited {
    let high = CELL * 4 / 3;
    let own = random.below(2) as u32;
    let mut picture = RgbImage::new(CELL * 2, high);
    for cell in 0..2 {
        let part = if cell == own {
            canvas::covering(photo, CELL, high)
        } else {
            canvas::covering(&pool.photo(random), CELL, high)
        };
        imageops::replace(&mut picture, &part, i64::from(cell * CELL), 0);
    }
    let region = rectangle(f64::from(own * CELL), 0.0, f64::from(CELL), f64::from(high));
    Edited::clipped(picture, &region)
}

/// Four photos, each whole in its quarter, on white.
pub(super) fn four(photo: &RgbImage, random: &mut Random, pool: &Pool) -> Edited {
    let own = random.below(4) as i64;
    let mut picture = RgbImage::from_pixel(CELL * 2, CELL * 2, WHITE);
    let mut region = Vec::new();
    for cell in 0..4 {
        let (part, at) = if cell == own {
            canvas::contained(photo, CELL, CELL)
        } else {
            canvas::contained(&pool.photo(random), CELL, CELL)
        };
        let (x, y) = (
            cell % 2 * i64::from(CELL) + at[0],
            cell / 2 * i64::from(CELL) + at[1],
        );
        imageops::replace(&mut picture, &part, x, y);
        if cell == own {
            let (w, h) = (f64::from(part.width()), f64::from(part.height()));
            region = rectangle(x as f64, y as f64, w, h);
        }
    }
    Edited::clipped(picture, &region)
}
