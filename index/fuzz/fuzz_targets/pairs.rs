//! Any bytes as labelled pairs of records, learnt from and judged.
#![no_main]

use libfuzzer_sys::fuzz_target;
use markhound_index::learn::Options;
use markhound_index::pairs::{Matcher, Settings, Variant, pairs};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let Ok(pairs) = pairs(&text) else { return };
    let settings = Settings {
        variants: vec![Variant {
            ranked: true,
            staged: true,
            boosted: Options {
                trees: 3,
                ..Options::default()
            },
        }],
        folds: 2,
        bag: 1,
    };
    let (matcher, _) = Matcher::choose(&pairs, &pairs, &settings).expect("there is a way");
    assert!(matcher.judge(&pairs).iter().all(|l| l.is_finite()));
});
