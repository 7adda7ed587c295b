//! The raw descriptions of local features: the training data of `src/image/features/projection.f32`
//! (see `training/README.md`).
//!
//! `cargo run --release -p markhound-index --example dump_descriptions -- LIST OUT`, where LIST names a
//! picture a line. OUT gets, as little-endian 32-bit floats, for each feature the line's number, x, y,
//! size and direction in the picture shrunk to 512 pixels, and the 128 raw numbers.

use std::error::Error;
use std::io::{BufWriter, Write as _};

use markhound_index::image::{DecodeLimits, GreyPicture, raw_descriptions};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (list, out) = (
        args.next().ok_or("which list?")?,
        args.next().ok_or("where to?")?,
    );
    let mut out = BufWriter::new(std::fs::File::create(out)?);
    for (line, file) in std::fs::read_to_string(list)?.lines().enumerate() {
        let picture = GreyPicture::decode(&std::fs::read(file)?, &DecodeLimits::default())?;
        for (place, raw) in raw_descriptions(&picture) {
            for number in std::iter::once(&(line as f32)).chain(&place).chain(&raw) {
                out.write_all(&number.to_le_bytes())?;
            }
        }
    }
    out.flush()?;
    Ok(())
}
