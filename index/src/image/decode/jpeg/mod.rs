//! JPEG: straight to its luma plane where it has one.

mod header;
mod progressive;

use image::metadata::Orientation;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::colour::{Want, convert, from_raw};
use super::{DecodeError, DecodeLimits, Decoded, damaged};
use header::{Coding, Header};

pub(super) const FORMAT: &str = "jpeg";

/// Grey of the rows that never came, which is also what the decoder fills them with.
const MISSING: u8 = 128;

pub(super) fn decode(
    bytes: &[u8],
    limits: &DecodeLimits,
    want: Want,
) -> Result<Decoded, DecodeError> {
    let header = Header::read(bytes)
        .ok_or_else(|| damaged(FORMAT, bytes, "there is no picture header in it"))?;
    if let Coding::Unsupported(variety) = header.coding {
        return Err(DecodeError::Unsupported {
            format: FORMAT,
            variety,
        });
    }
    let (width, height) = (u32::from(header.width), u32::from(header.height));
    let luma_only = (want == Want::Grey && header.coding == Coding::Progressive)
        .then(|| progressive::decoding_bytes(&header))
        .flatten();
    let needed = luma_only.unwrap_or_else(|| header.decoding_bytes(want));
    limits.check(FORMAT, width, height, needed)?;

    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(usize::from(header.width))
        .set_max_height(usize::from(header.height));
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder
        .decode_headers()
        .map_err(|source| damaged(FORMAT, bytes, source))?;
    if decoder.dimensions() != Some((usize::from(header.width), usize::from(header.height))) {
        return Err(damaged(FORMAT, bytes, "it has two different sizes"));
    }
    let orientation = decoder
        .exif()
        .and_then(|exif| Orientation::from_exif_chunk(exif))
        .unwrap_or(Orientation::NoTransforms);
    // Only these have their luma as a plane of its own; of CMYK, YCCK and plain RGB the decoder
    // makes RGB.
    let has_luma = matches!(
        decoder.input_colorspace(),
        Some(ColorSpace::YCbCr | ColorSpace::Luma)
    );
    if has_luma && luma_only.is_some() {
        if let Some(plane) = progressive::decode(bytes, &header) {
            return Ok(Decoded {
                pixels: from_raw(plane.width, plane.height, plane.values, Want::Grey),
                full: (width, height),
                orientation,
            });
        }
        // The general decoder says what is wrong, or makes something of it after all.
        limits.check(FORMAT, width, height, header.decoding_bytes(want))?;
    }
    let (made, channels) = match want {
        Want::Grey if has_luma => (Want::Grey, ColorSpace::Luma),
        _ => (Want::Rgb, ColorSpace::RGB),
    };
    decoder.set_options(decoder.options().jpeg_set_out_colorspace(channels));
    let mut values = vec![MISSING; width as usize * height as usize * made.channels()];
    if let Err(source) = decoder.decode_into(&mut values)
        && values.iter().all(|&value| value == MISSING)
    {
        return Err(damaged(FORMAT, bytes, source));
    }
    let mut pixels = from_raw(width, height, values, made);
    if made != want {
        pixels = convert(pixels, want);
    }
    Ok(Decoded {
        pixels,
        full: (width, height),
        orientation,
    })
}
