//! Any bytes as a robots.txt, asked for any path (its last line).
#![no_main]

use libfuzzer_sys::fuzz_target;
use markhound_crawlers::robots::Robots;

fuzz_target!(|bytes: &[u8]| {
    let path = bytes
        .rsplit(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let path = String::from_utf8_lossy(path);
    let robots = Robots::parse(bytes, "markhound/0.1");
    let _ = robots.allows(&path);
    let _ = (robots.crawl_delay(), robots.sitemaps().len());
});
