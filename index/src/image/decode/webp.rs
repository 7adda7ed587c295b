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
    other::decode(
        &completed(bytes, limits),
        limits,
        want,
        ImageFormat::WebP,
        FORMAT,
    )
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
