//! Any bytes as a packed body; the first byte says how it is packed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use markhound_crawlers::coding::{CodingError, decode};

const LIMIT: usize = 1 << 20;
const CODINGS: [&str; 6] = ["gzip", "deflate", "br", "zstd", "gzip, br", "zstd, gzip"];

fuzz_target!(|bytes: &[u8]| {
    let Some((first, body)) = bytes.split_first() else {
        return;
    };
    let coding = CODINGS[usize::from(*first) % CODINGS.len()];
    let decoded = match decode(Some(coding), body, LIMIT) {
        Ok(decoded) => decoded.len(),
        Err(CodingError::Truncated { partial, .. }) => partial.len(),
        Err(_) => 0,
    };
    assert!(decoded <= LIMIT);
});
