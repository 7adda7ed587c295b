//! Any bytes as a picture, to grey and shrunk.
#![no_main]

use libfuzzer_sys::fuzz_target;
use markhound_index::image::{DecodeError, DecodeLimits, GreyPicture};

const LIMITS: DecodeLimits = DecodeLimits {
    max_pixels: 1_000_000,
    max_decoded_bytes: 16 << 20,
};

fuzz_target!(|bytes: &[u8]| {
    match GreyPicture::decode(bytes, &LIMITS) {
        Ok(picture) => {
            let pixels = u64::from(picture.full_width()) * u64::from(picture.full_height());
            assert!((1..=LIMITS.max_pixels).contains(&pixels));
            let small = picture.shrunk_to(64);
            assert!(small.width().max(small.height()) <= 64);
        }
        Err(DecodeError::Damaged { source, .. }) => assert!(!source.to_string().contains("panicked")),
        Err(_) => {}
    }
});
