//! Writes a photo in every way that the evaluation edits it, to look at.
//!
//! `cargo run -p markhound-index --example edit_photo -- PHOTO FOLDER [OTHER PHOTO]…` writes
//! `FOLDER/NAME.jpg` for each edit; the other photos serve collages and cut-outs.

use std::error::Error;
use std::path::{Path, PathBuf};

use markhound_index::eval::{EDITS, Pool};
use markhound_index::image::{DecodeLimits, Picture};

fn read(path: &Path) -> Result<Picture, Box<dyn Error>> {
    let bytes = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(Picture::decode(&bytes, &DecodeLimits::default())?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let photo = read(&args.next().ok_or("which photo?")?)?;
    let folder = args.next().ok_or("into which folder?")?;
    let mut pool = Pool::default();
    for path in args {
        pool.add(read(&path)?.pixels());
    }
    for edit in EDITS {
        let file = edit.file(photo.pixels(), 1, 0, &pool);
        let path = folder.join(format!("{}.jpg", edit.name));
        std::fs::write(&path, file.jpeg).map_err(|e| format!("{}: {e}", path.display()))?;
        println!("{}: {} {:.0?}", path.display(), edit.what, file.region);
    }
    Ok(())
}
