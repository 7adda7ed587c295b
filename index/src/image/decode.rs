//! From untrusted bytes to upright RGB pixels, within limits.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage};

/// How large a picture may be before it is refused. Both bounds are checked against the file's
/// header, before any pixel is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecodeLimits {
    /// Width times height, in pixels. Default: 40,000,000.
    pub max_pixels: u64,
    /// Bytes that the decoded pixels, and the decoder while it works, may take. Default: 256 MiB.
    pub max_decoded_bytes: u64,
}

impl Default for DecodeLimits {
    fn default() -> Self {
        Self {
            max_pixels: 40_000_000,
            max_decoded_bytes: 256 << 20,
        }
    }
}

/// Why a picture could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes do not begin like any picture format that is read here.
    #[error(
        "cannot read the picture: its {length} bytes are none of JPEG, PNG, WebP, GIF, BMP or TIFF; \
         check that the file is a picture and not, say, an error page"
    )]
    UnknownFormat {
        /// How many bytes there were.
        length: usize,
    },
    /// The header announces more pixels than allowed.
    #[error(
        "refused to decode a {format} picture of {width}×{height} pixels: the limit is {max_pixels} \
         pixels; raise the picture limit in the configuration if such pictures are expected"
    )]
    TooManyPixels {
        /// The format, as [`Picture::format`] names it.
        format: &'static str,
        /// Width in the header, in pixels.
        width: u32,
        /// Height in the header, in pixels.
        height: u32,
        /// The limit that was passed in.
        max_pixels: u64,
    },
    /// The decoded pixels would take more memory than allowed.
    #[error(
        "refused to decode a {format} picture: {needed} bytes are needed and {max_decoded_bytes} \
         allowed; raise the picture limit in the configuration if such pictures are expected"
    )]
    TooManyBytes {
        /// The format, as [`Picture::format`] names it.
        format: &'static str,
        /// What the decoded pixels would take.
        needed: u64,
        /// The limit that was passed in.
        max_decoded_bytes: u64,
    },
    /// The header or the pixels cannot be decoded.
    #[error(
        "cannot decode the {format} picture of {length} bytes: {source}; the file is damaged or was \
         cut off, fetch it again"
    )]
    Damaged {
        /// The format, as [`Picture::format`] names it.
        format: &'static str,
        /// How many bytes there were.
        length: usize,
        /// What the decoder said.
        source: image::ImageError,
    },
}

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
    /// beyond what its decoder can make of it. JPEG files that end early are read as far as they go.
    pub fn decode(bytes: &[u8], limits: &DecodeLimits) -> Result<Self, DecodeError> {
        let unknown = || DecodeError::UnknownFormat {
            length: bytes.len(),
        };
        let guessed = image::guess_format(bytes).map_err(|_| unknown())?;
        let format = name(guessed).ok_or_else(unknown)?;
        let damaged = |source| DecodeError::Damaged {
            format,
            length: bytes.len(),
            source,
        };

        let mut reader = ImageReader::with_format(Cursor::new(bytes), guessed);
        let mut allowed = Limits::default();
        allowed.max_alloc = Some(limits.max_decoded_bytes);
        reader.limits(allowed);
        let mut decoder = reader.into_decoder().map_err(damaged)?;

        let (width, height) = decoder.dimensions();
        if u64::from(width) * u64::from(height) > limits.max_pixels {
            return Err(DecodeError::TooManyPixels {
                format,
                width,
                height,
                max_pixels: limits.max_pixels,
            });
        }
        let needed = decoder.total_bytes();
        if needed > limits.max_decoded_bytes {
            return Err(DecodeError::TooManyBytes {
                format,
                needed,
                max_decoded_bytes: limits.max_decoded_bytes,
            });
        }
        // A broken EXIF block is no reason to refuse a picture.
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let mut decoded = DynamicImage::from_decoder(decoder).map_err(damaged)?;
        decoded.apply_orientation(orientation);
        Ok(Self {
            pixels: on_white(decoded),
            format,
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

    /// A JPEG of the picture whose longer side is at most `max_side` pixels (at least 1), for the
    /// review page: re-encoded, so that nothing of the seller's file reaches the browser.
    #[must_use]
    pub fn thumbnail_jpeg(&self, max_side: u32) -> Vec<u8> {
        let (w, h) = (self.width(), self.height());
        let scale = f64::from(max_side.max(1)) / f64::from(w.max(h).max(1));
        let small = if scale < 1.0 {
            let side = |v: u32| ((f64::from(v) * scale).round() as u32).max(1);
            // Two steps: a box filter to twice the size, then a good filter over few pixels.
            let half = image::imageops::thumbnail(
                &self.pixels,
                (side(w) * 2).min(w),
                (side(h) * 2).min(h),
            );
            image::imageops::resize(&half, side(w), side(h), FilterType::Triangle)
        } else {
            self.pixels.clone()
        };
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

/// The name of a format that is read here, or nothing.
fn name(format: ImageFormat) -> Option<&'static str> {
    Some(match format {
        ImageFormat::Jpeg => "jpeg",
        ImageFormat::Png => "png",
        ImageFormat::WebP => "webp",
        ImageFormat::Gif => "gif",
        ImageFormat::Bmp => "bmp",
        ImageFormat::Tiff => "tiff",
        _ => return None,
    })
}

/// Flattens transparency onto white, which is what a shop's page shows behind it.
fn on_white(decoded: DynamicImage) -> RgbImage {
    if !decoded.color().has_alpha() {
        return decoded.into_rgb8();
    }
    let rgba = decoded.into_rgba8();
    let mut out = RgbImage::new(rgba.width(), rgba.height());
    for (to, from) in out.pixels_mut().zip(rgba.pixels()) {
        let alpha = u16::from(from[3]);
        for c in 0..3 {
            to[c] = ((u16::from(from[c]) * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        }
    }
    out
}
