//! From a decoder's rows to grey or RGB rows, transparency laid on white.

use image::{DynamicImage, GrayImage, RgbImage};

/// What the caller wants of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// One byte a pixel: BT.601 luma.
    Grey,
    /// Three bytes a pixel.
    Rgb,
}

impl Want {
    /// Bytes a pixel.
    pub(super) const fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
        }
    }
}

/// BT.601 luma (ITU-R BT.601-7 §2.5.1: 0.299 R + 0.587 G + 0.114 B) in 16-bit fixed point, rounded.
#[inline]
pub(super) const fn luma(red: u8, green: u8, blue: u8) -> u8 {
    ((19_595 * red as u32 + 38_470 * green as u32 + 7_471 * blue as u32 + 32_768) >> 16) as u8
}

/// A value seen through `alpha` before white, rounded.
#[inline]
const fn on_white(value: u8, alpha: u8) -> u8 {
    ((value as u16 * alpha as u16 + 255 * (255 - alpha as u16) + 127) / 255) as u8
}

/// Writes a row of `channels`-byte pixels (grey, grey and alpha, RGB, RGBA for 1 to 4) as wanted.
/// What one row has more than the other is left alone.
pub(super) fn convert_row(from: &[u8], channels: usize, want: Want, to: &mut [u8]) {
    match (channels, want) {
        (1, Want::Grey) | (3, Want::Rgb) => {
            for (to, &from) in to.iter_mut().zip(from) {
                *to = from;
            }
        }
        (1, Want::Rgb) => {
            for (to, &grey) in to.chunks_exact_mut(3).zip(from) {
                to.fill(grey);
            }
        }
        (2, Want::Grey) => {
            for (to, from) in to.iter_mut().zip(from.chunks_exact(2)) {
                *to = on_white(from[0], from[1]);
            }
        }
        (2, Want::Rgb) => {
            for (to, from) in to.chunks_exact_mut(3).zip(from.chunks_exact(2)) {
                to.fill(on_white(from[0], from[1]));
            }
        }
        (3, Want::Grey) => {
            for (to, from) in to.iter_mut().zip(from.chunks_exact(3)) {
                *to = luma(from[0], from[1], from[2]);
            }
        }
        (_, Want::Grey) => {
            for (to, from) in to.iter_mut().zip(from.chunks_exact(4)) {
                *to = on_white(luma(from[0], from[1], from[2]), from[3]);
            }
        }
        (_, Want::Rgb) => {
            for (to, from) in to.chunks_exact_mut(3).zip(from.chunks_exact(4)) {
                for c in 0..3 {
                    to[c] = on_white(from[c], from[3]);
                }
            }
        }
    }
}

/// A whole picture as wanted, from whatever the `image` crate made of the file.
pub(super) fn convert(decoded: DynamicImage, want: Want) -> DynamicImage {
    let (width, height) = (decoded.width(), decoded.height());
    let (values, channels) = match decoded {
        DynamicImage::ImageLuma8(pixels) => (pixels.into_raw(), 1),
        DynamicImage::ImageLumaA8(pixels) => (pixels.into_raw(), 2),
        DynamicImage::ImageRgb8(pixels) => (pixels.into_raw(), 3),
        other if other.color().has_alpha() => (other.into_rgba8().into_raw(), 4),
        other => (other.into_rgb8().into_raw(), 3),
    };
    if channels == want.channels() {
        return from_raw(width, height, values, want);
    }
    let mut out = vec![0; width as usize * height as usize * want.channels()];
    convert_row(&values, channels, want, &mut out);
    from_raw(width, height, out, want)
}

/// Wraps values whose length is width × height × channels; any other length gives an empty picture.
pub(super) fn from_raw(width: u32, height: u32, values: Vec<u8>, want: Want) -> DynamicImage {
    match want {
        Want::Grey => GrayImage::from_raw(width, height, values)
            .unwrap_or_default()
            .into(),
        Want::Rgb => RgbImage::from_raw(width, height, values)
            .unwrap_or_default()
            .into(),
    }
}
