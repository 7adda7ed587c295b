//! The picture with its colours, for what people look at.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;

use super::colour::Want;
use super::{DecodeError, DecodeLimits, decode};

/// A decoded picture: upright, opaque, 8 bits a channel.
///
/// The EXIF orientation has been applied, transparent parts lie on white, and of an animation there
/// is the first frame. Colour profiles are ignored: the hashes look at structure, not at tone.
#[derive(Clone)]
pub struct Picture {
    pixels: RgbImage,
    format: &'static str,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Picture")
            .field("format", &self.format)
            .field("width", &self.width())
            .field("height", &self.height())
            .finish_non_exhaustive()
    }
}

impl Picture {
    /// Decodes a picture whose format is told from its first bytes, never from a name or a header.
    ///
    /// # Errors
    /// [`DecodeError`] when the format is unknown, a limit would be exceeded, or the file is damaged
    /// beyond what its decoder can make of it. JPEG, PNG, GIF and WebP files that end early are
    /// read as far as they go; what is missing is plain grey or white.
    pub fn decode(bytes: &[u8], limits: &DecodeLimits) -> Result<Self, DecodeError> {
        let upright = decode(bytes, limits, Want::Rgb)?;
        Ok(Self {
            // RGB was wanted, so that this only unwraps.
            pixels: upright.pixels.into_rgb8(),
            format: upright.format,
        })
    }

    /// Wraps pixels that were made rather than decoded, such as a test's.
    #[must_use]
    pub fn from_rgb(pixels: RgbImage) -> Self {
        Self {
            pixels,
            format: "raw",
        }
    }

    /// Width in pixels, after the orientation was applied.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.pixels.width()
    }

    /// Height in pixels, after the orientation was applied.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.pixels.height()
    }

    /// The file format the bytes had: "jpeg", "png", "webp", "gif", "bmp" or "tiff"
    /// ("raw" for [`Picture::from_rgb`]).
    #[must_use]
    pub fn format(&self) -> &'static str {
        self.format
    }

    /// The pixels.
    #[must_use]
    pub fn pixels(&self) -> &RgbImage {
        &self.pixels
    }

    /// The pixels with the longer side at most `max_side` (at least 1); never enlarged.
    #[must_use]
    pub fn scaled(&self, max_side: u32) -> RgbImage {
        let (w, h) = (self.width(), self.height());
        let scale = f64::from(max_side.max(1)) / f64::from(w.max(h).max(1));
        if scale >= 1.0 {
            return self.pixels.clone();
        }
        let side = |v: u32| ((f64::from(v) * scale).round() as u32).max(1);
        // The image library's own way is right for every input, and many times slower.
        convolved(&self.pixels, side(w), side(h)).unwrap_or_else(|| {
            image::imageops::resize(&self.pixels, side(w), side(h), FilterType::Triangle)
        })
    }

    /// A JPEG of the picture whose longer side is at most `max_side` pixels (at least 1), for the
    /// review page: re-encoded, so that nothing of the seller's file reaches the browser.
    #[must_use]
    pub fn thumbnail_jpeg(&self, max_side: u32) -> Vec<u8> {
        let small = self.scaled(max_side);
        let mut out = Vec::new();
        // Writing to memory fails only for sides over 65,535, which a thumbnail never has; an empty
        // answer then shows as a missing picture.
        if JpegEncoder::new_with_quality(&mut out, 82)
            .encode_image(&small)
            .is_err()
        {
            out.clear();
        }
        out
    }
}

/// The picture in exactly this size, each pixel the weighted mean of those it lies over.
fn convolved(pixels: &RgbImage, width: u32, height: u32) -> Option<RgbImage> {
    let (w, h) = pixels.dimensions();
    let source = ImageRef::new(w, h, pixels.as_raw(), PixelType::U8x3).ok()?;
    let mut target = Image::new(width, height, PixelType::U8x3);
    let filter = fast_image_resize::FilterType::Bilinear;
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter));
    Resizer::new().resize(&source, &mut target, &options).ok()?;
    RgbImage::from_raw(width, height, target.into_vec())
}
