//! Several edits after one another.

use image::RgbImage;
use image::imageops;

use super::super::pool::Pool;
use super::super::random::Random;
use super::{Edited, crop, overlay, tone};

/// 15 % of width and height cut off, mirrored, written over, recoloured.
pub(super) fn combo(photo: &RgbImage, random: &mut Random, _: &Pool) -> Edited {
    let part = imageops::flip_horizontal(&crop::without(photo, 0.15, random));
    let written = overlay::written_over(&part, random);
    Edited::filling(tone::recoloured(&written, random))
}
