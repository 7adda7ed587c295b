//! Any bytes as a picture, with its colours.
#![no_main]

use libfuzzer_sys::fuzz_target;
use markhound_index::image::{DecodeError, DecodeLimits, Picture};

const LIMITS: DecodeLimits = DecodeLimits {
    max_pixels: 1_000_000,
    max_decoded_bytes: 16 << 20,
};

fuzz_target!(|bytes: &[u8]| {
    match Picture::decode(bytes, &LIMITS) {
        Ok(picture) => {
            let pixels = u64::from(picture.width()) * u64::from(picture.height());
            assert!((1..=LIMITS.max_pixels).contains(&pixels));
        }
        Err(DecodeError::Damaged { source, .. }) => assert!(!source.to_string().contains("panicked")),
        Err(_) => {}
    }
});
