//! Any bytes as a stored set of hashes; what is read is written back and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use markhound_index::image::Fingerprint;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(hashes) = Fingerprint::from_bytes(bytes) {
        let stored = hashes.to_bytes();
        let again = Fingerprint::from_bytes(&stored).expect("what was written can be read");
        assert_eq!(again.to_bytes(), stored);
    }
});
