//! WebP, also cut off.

use std::borrow::Cow;

use image::ImageFormat;

use super::colour::Want;
use super::{DecodeError, DecodeLimits, Decoded, other};

pub(super) const FORMAT: &str = "webp";

/// A file of which less than this share is there is refused rather than completed.
const LEAST_SHARE: u64 = 8;

pub(super) fn decode(
    bytes: &[u8],
    limits: &DecodeLimits,
    want: Want,
) -> Result<Decoded, DecodeError> {
    // The decoder makes room for a frame before it compares the frame's size with the canvas's.
    for (width, height) in frame_sizes(bytes) {
        limits.check(FORMAT, width, height, 0)?;
    }
    other::decode(
        &completed(bytes, limits),
        limits,
        want,
        ImageFormat::WebP,
        FORMAT,
        working_bytes(bytes),
    )
}

/// What the decoder takes a pixel besides its result: a lossy frame's planes, a lossless one's four
/// channels, an alpha plane, an animation's canvas and frame.
fn working_bytes(bytes: &[u8]) -> u64 {
    let flags = bytes.get(20).copied().unwrap_or(0);
    match bytes.get(12..16) {
        Some(b"VP8 ") => 2,
        Some(b"VP8X") if flags & 0x02 == 0 => 6,
        Some(b"VP8X") => 8,
        _ => 4,
    }
}

/// A chunk's content as far as it is there, and where the next chunk begins.
fn chunk(bytes: &[u8], at: usize) -> Option<(&[u8; 4], &[u8], usize)> {
    let name = bytes.get(at..)?.first_chunk()?;
    let size = u32::from_le_bytes(*bytes.get(at + 4..)?.first_chunk()?) as usize;
    let content = bytes.get(at + 8..)?;
    let next = at
        .saturating_add(8)
        .saturating_add(size)
        .saturating_add(size & 1);
    Some((name, &content[..size.min(content.len())], next))
}

/// The sizes in the headers of all lossy frames (RFC 6386, section 9.1) that a file has by itself or
/// in an animation's frames, by whatever name their chunks go.
fn frame_sizes(bytes: &[u8]) -> Vec<(u32, u32)> {
    let mut sizes = Vec::new();
    let mut note = |content: &[u8]| {
        if let Some(&[_, _, _, 0x9D, 0x01, 0x2A, w0, w1, h0, h1]) = content.first_chunk() {
            let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3FFF);
            sizes.push((side(w0, w1), side(h0, h1)));
        }
    };
    let mut at = 12;
    while let Some((name, content, next)) = chunk(bytes, at) {
        note(content);
        if name == b"ANMF" {
            // A frame's own header has 16 bytes; an alpha chunk may come before the pixels.
            let mut inner = at + 8 + 16;
            for _ in 0..2 {
                let Some((_, content, next)) = chunk(bytes, inner) else {
                    break;
                };
                note(content);
                inner = next;
            }
        }
        at = next;
    }
    sizes
}

/// A file that was cut off, with zeros in place of what is missing.
///
/// The decoder refuses a file that ends early. In both of the format's codings zeros continue the
/// picture quietly: to VP8's arithmetic decoder (RFC 6386, section 7) they are an endless run of
/// its first choice, which ends each block at once and leaves the prediction; to VP8L they repeat
/// one code. What was read stays, what follows is plain.
fn completed<'a>(bytes: &'a [u8], limits: &DecodeLimits) -> Cow<'a, [u8]> {
    let announced = match bytes.get(4..8) {
        Some(size) => u64::from(u32::from_le_bytes([size[0], size[1], size[2], size[3]])) + 8,
        None => return Cow::Borrowed(bytes),
    };
    let there = bytes.len() as u64;
    // The file itself is never larger than its pixels; an eighth of the memory is generous.
    let affordable = limits.max_decoded_bytes / 8;
    if announced <= there || announced > affordable || there < announced / LEAST_SHARE {
        return Cow::Borrowed(bytes);
    }
    let mut whole = bytes.to_vec();
    whole.resize(announced as usize, 0);
    Cow::Owned(whole)
}
