//! PNG, row by row: nothing but the wanted channels is kept, and a file that ends early gives the
//! rows that came.

use std::io::Cursor;

use image::metadata::Orientation;
use png::{ColorType, InterlaceInfo, Limits, Transformations};

use super::colour::{Want, convert_row, from_raw};
use super::{DecodeError, DecodeLimits, Decoded, damaged};

pub(super) const FORMAT: &str = "png";

/// Decodes a PNG. Of an animated one this reads the default image, which every viewer that knows
/// no animation shows. Rows that never came are white.
pub(super) fn decode(
    bytes: &[u8],
    limits: &DecodeLimits,
    want: Want,
) -> Result<Decoded, DecodeError> {
    let bad = |source: png::DecodingError| damaged(FORMAT, bytes, source);
    let mut decoder = png::Decoder::new_with_limits(
        Cursor::new(bytes),
        Limits {
            bytes: usize::try_from(limits.max_decoded_bytes).unwrap_or(usize::MAX),
        },
    );
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let header = decoder.read_header_info().map_err(bad)?;
    let (width, height) = (header.width, header.height);
    let row_bytes = u64::from(width) * want.channels() as u64;
    // The decoder keeps two rows of at most eight bytes a pixel and what they are expanded to.
    let working = u64::from(width) * 24;
    limits.check(
        FORMAT,
        width,
        height,
        row_bytes
            .saturating_mul(u64::from(height))
            .saturating_add(working),
    )?;

    let mut reader = decoder.read_info().map_err(bad)?;
    let channels = match reader.output_color_type().0 {
        ColorType::Grayscale => 1,
        ColorType::GrayscaleAlpha => 2,
        ColorType::Rgb => 3,
        ColorType::Rgba => 4,
        ColorType::Indexed => {
            return Err(damaged(FORMAT, bytes, "the palette is missing"));
        }
    };
    let orientation = reader
        .info()
        .exif_metadata
        .as_deref()
        .and_then(Orientation::from_exif_chunk)
        .unwrap_or(Orientation::NoTransforms);

    let stride = row_bytes as usize;
    let mut out = vec![255; stride * height as usize];
    let mut line = vec![0; stride];
    let mut rows = 0u32;
    loop {
        let row = match reader.next_interlaced_row() {
            Ok(Some(row)) => row,
            Ok(None) => break,
            // Once a row came, the rest of a damaged file is as good as missing.
            Err(_) if rows > 0 => break,
            Err(source) => return Err(bad(source)),
        };
        rows += 1;
        match row.interlace() {
            InterlaceInfo::Null(_) => {
                let start = (rows as usize - 1) * stride;
                if let Some(to) = out.get_mut(start..start + stride) {
                    convert_row(row.data(), channels, want, to);
                }
            }
            InterlaceInfo::Adam7(info) => {
                let samples = row.data().len() / channels * want.channels();
                let to = &mut line[..samples.min(stride)];
                convert_row(row.data(), channels, want, to);
                png::splat_interlaced_row(&mut out, stride, to, info, 8 * want.channels() as u8);
            }
        }
    }
    Ok(Decoded {
        pixels: from_raw(width, height, out, want),
        full: (width, height),
        orientation,
    })
}
