//! What sellers do to other people's product photos.
//!
//! Each edit takes a photo and gives what a seller would put up, with the region in which the photo
//! is still to be seen. All of it follows from the random numbers that are handed in.

mod collage;
mod combo;
mod crop;
mod cutout;
mod frame;
mod overlay;
mod plain;
mod screen;
mod tone;
mod turn;

use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;

use super::canvas;
use super::polygon::{self, Polygon};
use super::pool::Pool;
use super::random::Random;

/// The longest side of a photo that is edited, and of what comes out, in pixels: about what
/// marketplaces show.
pub const LONGEST_SIDE: u32 = 800;
/// JPEG quality of an edited photo, unless the edit is about the quality.
const QUALITY: u8 = 85;

/// An edited photo.
#[derive(Debug, Clone)]
pub struct Edited {
    /// What came out.
    pub pixels: RgbImage,
    /// Where the photo is seen in it: a convex polygon in pixels, inside the picture. Where the
    /// photo's ground was cut away, the ground's area counts as seen.
    pub region: Polygon,
}

impl Edited {
    /// An edited photo that fills its picture.
    fn filling(pixels: RgbImage) -> Self {
        let (w, h) = (f64::from(pixels.width()), f64::from(pixels.height()));
        let region = polygon::rectangle(0.0, 0.0, w, h);
        Self { pixels, region }
    }

    /// An edited photo of which only what lies in the picture counts.
    fn clipped(pixels: RgbImage, region: &[[f64; 2]]) -> Self {
        let (w, h) = (f64::from(pixels.width()), f64::from(pixels.height()));
        let region = polygon::common(region, &polygon::rectangle(0.0, 0.0, w, h));
        Self { pixels, region }
    }
}

/// An edited photo as a file, as a marketplace would serve it.
#[derive(Debug, Clone, PartialEq)]
pub struct EditedFile {
    /// A JPEG.
    pub jpeg: Vec<u8>,
    /// Where the photo is seen in it: a convex polygon in pixels, inside the picture.
    pub region: Polygon,
}

/// The work of an edit: photo, random numbers, other photos.
type Make = fn(&RgbImage, &mut Random, &Pool) -> Edited;

/// One way of editing a photo.
#[derive(Debug, Clone, Copy)]
pub struct Edit {
    /// Its name, such as "crop20".
    pub name: &'static str,
    /// What it does, for people.
    pub what: &'static str,
    quality: u8,
    make: Make,
}

impl Edit {
    const fn new(name: &'static str, what: &'static str, make: Make) -> Self {
        let quality = QUALITY;
        Self {
            name,
            what,
            quality,
            make,
        }
    }

    const fn quality(mut self, quality: u8) -> Self {
        self.quality = quality;
        self
    }

    /// The edit of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        EDITS.iter().find(|edit| edit.name == name)
    }

    /// Edits a photo. The photo is taken as it is; [`file`](Self::file) makes it small first.
    #[must_use]
    pub fn apply(&self, photo: &RgbImage, random: &mut Random, pool: &Pool) -> Edited {
        if photo.width() == 0 || photo.height() == 0 {
            return Edited::filling(RgbImage::from_pixel(1, 1, canvas::WHITE));
        }
        (self.make)(photo, random, pool)
    }

    /// Edits a photo and saves it as a JPEG, with at most [`LONGEST_SIDE`] pixels on the longer
    /// side before and after. What comes out follows from the seed, the photo and its number.
    #[must_use]
    pub fn file(&self, photo: &RgbImage, seed: u64, number: u64, pool: &Pool) -> EditedFile {
        let mut random = Random::new(seed, self.name, number);
        let edited = self.apply(&canvas::at_most(photo, LONGEST_SIDE), &mut random, pool);
        let small = canvas::at_most(&edited.pixels, LONGEST_SIDE);
        let scale = [
            f64::from(small.width()) / f64::from(edited.pixels.width()),
            f64::from(small.height()) / f64::from(edited.pixels.height()),
        ];
        let scaled = |[x, y]: [f64; 2]| [x * scale[0], y * scale[1]];
        EditedFile {
            jpeg: jpeg(&small, self.quality),
            region: edited.region.into_iter().map(scaled).collect(),
        }
    }
}

/// The picture as a JPEG of a quality from 1 to 100. Empty, and so no picture, for a side over
/// 65,535 pixels or of none.
#[must_use]
pub fn jpeg(pixels: &RgbImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(pixels);
    if written.is_err() {
        bytes.clear();
    }
    bytes
}

/// All edits, the mild ones first.
pub static EDITS: &[Edit] = &[
    Edit::new("resize50", "half as wide and high", plain::half),
    Edit::new("resize25", "a quarter as wide and high", plain::quarter),
    Edit::new("jpeg30", "saved as a JPEG of quality 30", plain::same).quality(30),
    Edit::new("jpeg8", "saved as a JPEG of quality 8", plain::same).quality(8),
    Edit::new("crop10", "10 % of width and height cut off", crop::tenth),
    Edit::new("crop20", "20 % of width and height cut off", crop::fifth),
    Edit::new("crop35", "35 % of width and height cut off", crop::third),
    Edit::new("mirror", "left and right exchanged", turn::mirror),
    Edit::new("rot5", "turned by 5 degrees, on white", turn::slightly),
    Edit::new("rot15", "turned by 15 degrees, on white", turn::clearly),
    Edit::new("rot90", "turned by a quarter", turn::quarter),
    Edit::new(
        "text",
        "a banner and lines of letters laid over",
        overlay::text,
    ),
    Edit::new("border", "a frame of one colour around it", frame::border),
    Edit::new(
        "colour",
        "other brightness, contrast, hue, saturation",
        tone::colour,
    ),
    Edit::new("collage2", "beside another photo", collage::two),
    Edit::new("collage4", "one of four photos", collage::four),
    Edit::new(
        "cutout",
        "the product cut out, smaller, on another photo",
        cutout::cutout,
    ),
    Edit::new(
        "screenshot",
        "a phone's screen with bars and text",
        screen::screenshot,
    ),
    Edit::new(
        "combo",
        "15 % cut off, mirrored, text, other colours",
        combo::combo,
    ),
    Edit::new(
        "perspective",
        "a screen photographed at an angle",
        screen::perspective,
    ),
    Edit::new("stickers", "badges stuck on it", overlay::stickers),
    Edit::new("blur", "out of focus", tone::blur),
    Edit::new("halftone", "printed in dots and scanned", tone::halftone),
];

#[cfg(test)]
mod tests;
