//! From untrusted bytes to upright pixels, within limits.
//!
//! [`GreyPicture`] is what matching works on: one plane of luma, decoded as fast as the file's
//! format allows. [`Picture`] has colours and serves the review page's thumbnails. Both are read
//! with the same care: the format is told from the content, the header is checked against
//! [`DecodeLimits`] before a pixel is decoded, the EXIF orientation is applied, transparent parts
//! lie on white, and of an animation there is the first frame.
//!
//! Colour profiles (ICC) are ignored deliberately: matching looks at structure, not at tone, and a
//! profile is one more parser that a stranger's file would be fed to.

mod colour;
mod error;
mod gif;
mod grey;
mod guard;
mod jpeg;
mod other;
mod picture;
mod png;
mod shrink;
mod tiff;
mod webp;

pub use error::{DecodeError, DecodeLimits};
pub use grey::GreyPicture;
pub use picture::Picture;

use colour::Want;
use image::metadata::Orientation;
use image::{DynamicImage, ImageFormat};

#[cfg(test)]
mod tests;

/// What one of the decoders made of a file, still as it lies in the file.
struct Decoded {
    /// Grey or RGB, as was wanted.
    pixels: DynamicImage,
    /// Width and height of the picture in the file; the pixels may be at a reduced scale.
    full: (u32, u32),
    orientation: Orientation,
}

/// A decoded picture, upright.
struct Upright {
    pixels: DynamicImage,
    full: (u32, u32),
    format: &'static str,
}

fn decode(bytes: &[u8], limits: &DecodeLimits, want: Want) -> Result<Upright, DecodeError> {
    let unknown = || DecodeError::UnknownFormat {
        length: bytes.len(),
    };
    let guessed = image::guess_format(bytes).map_err(|_| unknown())?;
    let (decoder, format): (fn(_, &_, _) -> _, _) = match guessed {
        ImageFormat::Jpeg => (jpeg::decode as _, jpeg::FORMAT),
        ImageFormat::Png => (png::decode as _, png::FORMAT),
        ImageFormat::Gif => (gif::decode as _, gif::FORMAT),
        ImageFormat::WebP => (webp::decode as _, webp::FORMAT),
        ImageFormat::Bmp => (other::decode_bmp as _, other::BMP),
        ImageFormat::Tiff => (tiff::decode as _, tiff::FORMAT),
        _ => return Err(unknown()),
    };
    let Decoded {
        mut pixels,
        full,
        orientation,
    } = guard::run(format, bytes, || decoder(bytes, limits, want))?;
    pixels.apply_orientation(orientation);
    let sideways = matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    );
    Ok(Upright {
        pixels,
        full: if sideways { (full.1, full.0) } else { full },
        format,
    })
}

/// The error of a damaged file, with what its decoder said.
fn damaged(
    format: &'static str,
    bytes: &[u8],
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> DecodeError {
    DecodeError::Damaged {
        format,
        length: bytes.len(),
        source: source.into(),
    }
}
