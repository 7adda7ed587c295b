//! Other people's photos, which an edited photo is set beside or laid on.

use std::borrow::Cow;

use image::{Rgb, RgbImage};

use super::canvas;
use super::random::Random;

/// The most photos a pool keeps.
pub const POOL_MOST: usize = 100;
/// Their longer side, in pixels.
const POOL_SIDE: u32 = 500;

/// Photos that are neither protected nor unrelated; without any, pictures are made.
#[derive(Debug, Clone, Default)]
pub struct Pool {
    photos: Vec<RgbImage>,
}

impl Pool {
    /// Adds a photo, made small; beyond [`POOL_MOST`] nothing happens.
    pub fn add(&mut self, photo: &RgbImage) {
        if self.photos.len() < POOL_MOST && photo.width() > 0 && photo.height() > 0 {
            self.photos.push(canvas::at_most(photo, POOL_SIDE));
        }
    }

    /// How many photos there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.photos.len()
    }

    /// Whether there is none, so that pictures are made.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.photos.is_empty()
    }

    /// One of the photos.
    pub(super) fn photo(&self, random: &mut Random) -> Cow<'_, RgbImage> {
        match self.photos.get(random.below(self.photos.len())) {
            Some(photo) => Cow::Borrowed(photo),
            None => Cow::Owned(made(random)),
        }
    }
}

/// A picture of coloured shapes on a ground that gets lighter.
fn made(random: &mut Random) -> RgbImage {
    let colour = |random: &mut Random| Rgb([(); 3].map(|()| random.below(256) as u8));
    let [from, to] = [(); 2].map(|()| colour(random));
    let mut picture = RgbImage::from_pixel(400, 400, from);
    for row in 0..400 {
        let line = [0.0, f64::from(row), 400.0, 1.0];
        canvas::fill(&mut picture, line, to, f64::from(row) / 400.0);
    }
    for _ in 0..25 {
        let [x, y] = [(); 2].map(|()| random.between(-60.0, 380.0));
        let [w, h] = [(); 2].map(|()| random.between(20.0, 160.0));
        let colour = colour(random);
        if random.chance(0.5) {
            canvas::fill_ellipse(&mut picture, [x, y, w, h], colour);
        } else {
            canvas::fill(&mut picture, [x, y, w, h], colour, 1.0);
        }
    }
    picture
}
