//! Any bytes as a file of captures: WARC, WACZ, HAR, MHTML or a saved page.
#![no_main]

use std::io::Cursor;
use std::ops::ControlFlow;

use libfuzzer_sys::fuzz_target;
use markhound_crawlers::capture::{CaptureLimits, ImportOptions, import};

fuzz_target!(|bytes: &[u8]| {
    let limits = CaptureLimits {
        record_bytes: 1 << 20,
        ..CaptureLimits::default()
    };
    let options = ImportOptions {
        limits,
        ..ImportOptions::default()
    };
    let mut found = 0;
    let _ = import(Cursor::new(bytes), "fuzzed", &options, &mut |_| {
        found += 1;
        match found < 10_000 {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    });
    assert!(found <= bytes.len() + 1, "more found than there are bytes");
});
