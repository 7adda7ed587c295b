//! What is read through the `image` crate: BMP as it is, WebP and TIFF after a look of our own.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use super::colour::{Want, convert};
use super::{DecodeError, DecodeLimits, Decoded, damaged};

pub(super) const BMP: &str = "bmp";

pub(super) fn decode_bmp(
    bytes: &[u8],
    limits: &DecodeLimits,
    want: Want,
) -> Result<Decoded, DecodeError> {
    decode(bytes, limits, want, ImageFormat::Bmp, BMP, 0)
}

/// Decodes a file with the `image` crate's decoder of a format, which takes `working` bytes a pixel
/// besides its result.
pub(super) fn decode(
    bytes: &[u8],
    limits: &DecodeLimits,
    want: Want,
    format: ImageFormat,
    name: &'static str,
    working: u64,
) -> Result<Decoded, DecodeError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    // The crate's own defaults cap neither width nor height; those are checked below.
    let mut allowed = Limits::default();
    allowed.max_alloc = Some(limits.max_decoded_bytes);
    reader.limits(allowed);
    let mut decoder = reader
        .into_decoder()
        .map_err(|source| damaged(name, bytes, source))?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let converted = if usize::from(decoder.color_type().bytes_per_pixel()) == want.channels() {
        0
    } else {
        want.channels() as u64
    };
    let needed = decoder
        .total_bytes()
        .saturating_add(pixels.saturating_mul(working + converted));
    limits.check(name, width, height, needed)?;
    // A broken EXIF block is no reason to refuse a picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let decoded =
        DynamicImage::from_decoder(decoder).map_err(|source| damaged(name, bytes, source))?;
    Ok(Decoded {
        pixels: convert(decoded, want),
        full: (width, height),
        orientation,
    })
}
