//! Any text as a price, beside any other text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use markhound_crawlers::{price, since};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let (price, hint) = text.split_once('\n').unwrap_or((&text, ""));
    for comma in [None, Some(true), Some(false)] {
        let _ = price::parse(price, Some(hint), comma);
    }
    let _ = since::parse(price);
});
