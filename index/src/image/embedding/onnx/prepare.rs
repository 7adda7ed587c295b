//! From a picture to the numbers a model takes.

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

use super::{Fit, Layout, OnnxOptions, ResizeFilter};
use crate::image::Picture;

/// The input's values in the model's order, 3 × side × side of them.
pub(super) fn prepare(picture: &Picture, options: &OnnxOptions) -> Vec<f32> {
    let square = square(picture.pixels(), options);
    let area = square.width() as usize * square.height() as usize;
    let mut out = vec![0.0; 3 * area];
    for (place, Rgb(pixel)) in square.pixels().enumerate() {
        for (channel, value) in pixel.iter().enumerate() {
            let slot = match options.layout {
                Layout::ChannelsFirst => channel * area + place,
                Layout::ChannelsLast => place * 3 + channel,
            };
            out[slot] =
                (f32::from(*value) / 255.0 - options.mean[channel]) / options.deviation[channel];
        }
    }
    out
}

/// The picture, or its middle, at side × side pixels.
///
/// What would be cut off is cut off before scaling, so that a long thin picture is never blown up
/// as a whole.
fn square(pixels: &RgbImage, options: &OnnxOptions) -> RgbImage {
    let side = options.side;
    match options.fit {
        Fit::Squeeze => scale(pixels, side, options.filter),
        Fit::CropCentre { shorter } => {
            let short = pixels.width().min(pixels.height());
            let kept = u64::from(short) * u64::from(side) / u64::from(shorter.max(1));
            // No larger than `short`, as the side is no larger than `shorter`.
            let kept = (kept as u32).clamp(1, short.max(1));
            let (x, y) = (
                (pixels.width() - kept.min(pixels.width())) / 2,
                (pixels.height() - kept.min(pixels.height())) / 2,
            );
            let middle = imageops::crop_imm(pixels, x, y, kept, kept).to_image();
            scale(&middle, side, options.filter)
        }
    }
}

/// Scales to a square. A picture of more than four times the size is averaged to twice the size
/// first: the filter then has few pixels to go over, at differences of a grey level or so.
fn scale(pixels: &RgbImage, side: u32, filter: ResizeFilter) -> RgbImage {
    let (width, height) = pixels.dimensions();
    if (width, height) == (side, side) {
        return pixels.clone();
    }
    let filter = match filter {
        ResizeFilter::Bilinear => FilterType::Triangle,
        ResizeFilter::Bicubic => FilterType::CatmullRom,
    };
    if width > 4 * side && height > 4 * side {
        let half = imageops::thumbnail(pixels, 2 * side, 2 * side);
        return imageops::resize(&half, side, side, filter);
    }
    imageops::resize(pixels, side, side, filter)
}
