//! GIF: the first frame on a white canvas, as far as the file goes.

use gif::{ColorOutput, DecodeOptions, MemoryLimit};
use image::metadata::Orientation;

use super::colour::{Want, convert_row, from_raw};
use super::{DecodeError, DecodeLimits, Decoded, damaged};

pub(super) const FORMAT: &str = "gif";

/// Marks the pixels that never came; a colour's number, since a byte cannot hold one more. Colours
/// past the palette's end are drawn white too.
const MISSING: u8 = 255;

pub(super) fn decode(
    bytes: &[u8],
    limits: &DecodeLimits,
    want: Want,
) -> Result<Decoded, DecodeError> {
    let bad = |source: gif::DecodingError| damaged(FORMAT, bytes, source);
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.allow_unknown_blocks(true);
    options.set_memory_limit(match limits.max_decoded_bytes.try_into() {
        Ok(bytes) => MemoryLimit::Bytes(bytes),
        Err(_) => return Err(too_small(limits)),
    });
    let mut decoder = options.read_info(bytes).map_err(bad)?;
    let (screen_width, screen_height) = (u32::from(decoder.width()), u32::from(decoder.height()));
    let frame = decoder
        .next_frame_info()
        .map_err(bad)?
        .ok_or_else(|| damaged(FORMAT, bytes, "there is no frame in it"))?;
    let (left, top) = (usize::from(frame.left), usize::from(frame.top));
    let (frame_width, frame_height) = (usize::from(frame.width), usize::from(frame.height));
    let transparent = frame.transparent;

    // Some files announce no screen; browsers take the frame's size then.
    let width = if screen_width > 0 {
        screen_width
    } else {
        u32::from(frame.width)
    };
    let height = if screen_height > 0 {
        screen_height
    } else {
        u32::from(frame.height)
    };
    let frame_pixels = frame_width as u64 * frame_height as u64;
    let canvas = u64::from(width) * u64::from(height) * want.channels() as u64;
    limits.check(FORMAT, width, height, canvas + frame_pixels)?;
    limits.check(
        FORMAT,
        frame_width as u32,
        frame_height as u32,
        frame_pixels,
    )?;

    let mut indices = vec![MISSING; frame_width * frame_height];
    if let Err(source) = decoder.read_into_buffer(&mut indices)
        && indices.iter().all(|&index| index == MISSING)
    {
        return Err(bad(source));
    }
    let palette = decoder.palette().map_err(bad)?;
    let colours = drawn(palette, transparent, want);

    let channels = want.channels();
    let stride = width as usize * channels;
    let mut out = vec![255; stride * height as usize];
    for (to, from) in out
        .chunks_exact_mut(stride)
        .skip(top)
        .zip(indices.chunks_exact(frame_width))
    {
        for (to, &index) in to.chunks_exact_mut(channels).skip(left).zip(from) {
            to.copy_from_slice(&colours[usize::from(index)][..channels]);
        }
    }
    Ok(Decoded {
        pixels: from_raw(width, height, out, want),
        full: (width, height),
        orientation: Orientation::NoTransforms,
    })
}

/// What each colour number is drawn as: white for the transparent one and those without a colour.
fn drawn(palette: &[u8], transparent: Option<u8>, want: Want) -> [[u8; 3]; 256] {
    let mut colours = [[255; 3]; 256];
    for (to, from) in colours.iter_mut().zip(palette.chunks_exact(3)) {
        convert_row(from, 3, want, &mut to[..want.channels()]);
    }
    if let Some(index) = transparent {
        colours[usize::from(index)] = [255; 3];
    }
    colours
}

fn too_small(limits: &DecodeLimits) -> DecodeError {
    DecodeError::TooManyBytes {
        format: FORMAT,
        needed: 1,
        max_decoded_bytes: limits.max_decoded_bytes,
    }
}
