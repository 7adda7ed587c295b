//! Any text as a definition: read, linted and tested.
#![no_main]

use libfuzzer_sys::fuzz_target;
use markhound_crawlers::Definition;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let _ = Definition::lint_text(text, "fuzzed.toml");
    if let Ok(definition) = Definition::parse(text, "fuzzed.toml") {
        let _ = definition.run_tests(&|_| Err("no files here".to_owned()));
    }
});
