//! The picture that matching works on: one upright plane of luma.

use image::GrayImage;

use super::colour::{Want, convert_row};
use super::{DecodeError, DecodeLimits, Picture, decode, shrink};

/// A decoded picture in grey: upright, opaque, one byte of BT.601 luma a pixel.
///
/// The EXIF orientation has been applied, transparent parts lie on white, and of an animation there
/// is the first frame. Colour profiles are ignored. A JPEG's luma is its own Y plane, which differs
/// from luma computed of its RGB by rounding and clipping only.
#[derive(Clone, PartialEq, Eq)]
pub struct GreyPicture {
    plane: GrayImage,
    full: (u32, u32),
    format: &'static str,
}

impl std::fmt::Debug for GreyPicture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GreyPicture")
            .field("format", &self.format)
            .field("width", &self.width())
            .field("height", &self.height())
            .field("full", &self.full)
            .finish_non_exhaustive()
    }
}

impl GreyPicture {
    /// Decodes a picture whose format is told from its first bytes, never from a name or a header.
    ///
    /// JPEG, PNG, GIF and WebP files that end early are read as far as they go; what is missing is
    /// plain grey or white. The plane may be smaller than the picture in the file: a decoder that
    /// can decode at a reduced scale may do so where at least 512 pixels of the longer side remain.
    ///
    /// # Errors
    /// [`DecodeError`] when the format is unknown, a limit would be exceeded, or the file is damaged
    /// beyond what its decoder can make of it.
    pub fn decode(bytes: &[u8], limits: &DecodeLimits) -> Result<Self, DecodeError> {
        let upright = decode(bytes, limits, Want::Grey)?;
        Ok(Self {
            // Grey was wanted, so that this only unwraps.
            plane: upright.pixels.into_luma8(),
            full: upright.full,
            format: upright.format,
        })
    }

    /// The luma of a picture that was decoded with its colours.
    #[must_use]
    pub fn from_picture(picture: &Picture) -> Self {
        let mut plane = GrayImage::new(picture.width(), picture.height());
        convert_row(picture.pixels().as_raw(), 3, Want::Grey, &mut plane);
        Self {
            plane,
            full: (picture.width(), picture.height()),
            format: picture.format(),
        }
    }

    /// Wraps a plane that was made rather than decoded, such as a test's.
    #[must_use]
    pub fn from_plane(plane: GrayImage) -> Self {
        Self {
            full: (plane.width(), plane.height()),
            plane,
            format: "raw",
        }
    }

    /// Width of the plane in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.plane.width()
    }

    /// Height of the plane in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.plane.height()
    }

    /// Width in pixels of the picture in the file, after the orientation was applied.
    #[must_use]
    pub fn full_width(&self) -> u32 {
        self.full.0
    }

    /// Height in pixels of the picture in the file, after the orientation was applied.
    #[must_use]
    pub fn full_height(&self) -> u32 {
        self.full.1
    }

    /// The file format the bytes had, as [`Picture::format`] names it.
    #[must_use]
    pub fn format(&self) -> &'static str {
        self.format
    }

    /// The luma values, 0 (black) to 255 (white).
    #[must_use]
    pub fn plane(&self) -> &GrayImage {
        &self.plane
    }

    /// The luma values, row after row from the top, without gaps: `width() × height()` bytes.
    #[must_use]
    pub fn values(&self) -> &[u8] {
        self.plane.as_raw()
    }

    /// The picture shrunk until its longer side has `max_side` pixels (at least 1), each pixel the
    /// mean of the area it covers. A picture that is smaller already keeps its size.
    #[must_use]
    pub fn shrunk_to(&self, max_side: u32) -> Self {
        Self {
            plane: shrink::to_longer_side(&self.plane, max_side),
            full: self.full,
            format: self.format,
        }
    }
}
