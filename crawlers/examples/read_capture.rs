//! Lists the exchanges of capture files (WARC, WACZ, HAR, MHTML, saved HTML):
//! `cargo run -p markhound-crawlers --example read_capture -- FILE…`

use std::ops::ControlFlow;
use std::path::Path;

use markhound_crawlers::capture::{ImportOptions, import_file};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = ImportOptions::default();
    for path in std::env::args().skip(1) {
        let (mut whole, mut broken) = (0, 0);
        let format = import_file(Path::new(&path), &options, &mut |found| {
            match found {
                Ok(found) => {
                    whole += 1;
                    let body = match found.body(options.limits.record_bytes) {
                        Ok(body) => format!("{} bytes", body.len()),
                        Err(error) => error.to_string(),
                    };
                    println!(
                        "{}\t{} {} {}\t{body}",
                        found.provenance, found.method, found.status, found.url
                    );
                }
                Err(error) => {
                    broken += 1;
                    eprintln!("{error}");
                }
            }
            ControlFlow::Continue(())
        })?;
        println!("{path}: {format:?}, {whole} exchanges, {broken} broken entries");
    }
    Ok(())
}
