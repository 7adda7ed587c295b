//! What the edits draw with.

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

use super::random::Random;

pub(super) const WHITE: Rgb<u8> = Rgb([255; 3]);
pub(super) const BLACK: Rgb<u8> = Rgb([0; 3]);

/// Signs that are drawn instead of letters, so that no font is needed: five dots wide, seven high,
/// one byte a row.
const SIGNS: [[u8; 7]; 12] = [
    [
        0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001,
    ],
    [
        0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111,
    ],
    [
        0b01111, 0b10000, 0b10000, 0b01110, 0b00001, 0b00001, 0b11110,
    ],
    [
        0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100,
    ],
    [
        0b10001, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001,
    ],
    [
        0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110,
    ],
    [
        0b10001, 0b11001, 0b10101, 0b10011, 0b10001, 0b10001, 0b10001,
    ],
    [
        0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b11111,
    ],
    [
        0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001,
    ],
    [
        0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110,
    ],
    [
        0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111,
    ],
    [
        0b10001, 0b01010, 0b00100, 0b00100, 0b00100, 0b01010, 0b10001,
    ],
];

/// Lays a colour over a pixel: 0 leaves it, 1 covers it.
pub(super) fn blend(pixel: &mut Rgb<u8>, colour: Rgb<u8>, opacity: f64) {
    for (under, over) in pixel.0.iter_mut().zip(colour.0) {
        let mixed = f64::from(*under) * (1.0 - opacity) + f64::from(over) * opacity;
        *under = mixed.round() as u8;
    }
}

/// Fills a rectangle (left, top, width, height in pixels) as far as it lies in the picture.
pub(super) fn fill(picture: &mut RgbImage, [x, y, w, h]: [f64; 4], colour: Rgb<u8>, opacity: f64) {
    let end = |v: f64, most: u32| (v.round().max(0.0) as u32).min(most);
    let (width, height) = picture.dimensions();
    for py in end(y, height)..end(y + h, height) {
        for px in end(x, width)..end(x + w, width) {
            blend(picture.get_pixel_mut(px, py), colour, opacity);
        }
    }
}

/// Fills an ellipse that fits a rectangle (left, top, width, height in pixels).
pub(super) fn fill_ellipse(picture: &mut RgbImage, [x, y, w, h]: [f64; 4], colour: Rgb<u8>) {
    for row in 0..h.max(0.0) as u32 {
        let across = (1.0 - ((f64::from(row) + 0.5) / h * 2.0 - 1.0).powi(2))
            .max(0.0)
            .sqrt();
        let line = [
            x + w / 2.0 * (1.0 - across),
            y + f64::from(row),
            w * across,
            1.0,
        ];
        fill(picture, line, colour, 1.0);
    }
}

/// Writes a line of signs into a rectangle (left, top, width, height in pixels), with gaps between
/// words.
pub(super) fn write(
    picture: &mut RgbImage,
    random: &mut Random,
    [x, y, w, h]: [f64; 4],
    colour: Rgb<u8>,
    opacity: f64,
) {
    let dot = h / 7.0;
    let mut left = x;
    while dot > 0.0 && left + 5.0 * dot <= x + w {
        if random.chance(0.85) {
            let sign = random.pick(SIGNS);
            for (row, bits) in sign.iter().enumerate() {
                for column in (0..5).filter(|c| bits >> (4 - c) & 1 == 1) {
                    let at = [
                        left + f64::from(column) * dot,
                        y + row as f64 * dot,
                        dot,
                        dot,
                    ];
                    fill(picture, at, colour, opacity);
                }
            }
        }
        left += 6.0 * dot;
    }
}

/// The photo at another size, at least one pixel a side.
pub(super) fn resized(photo: &RgbImage, w: f64, h: f64) -> RgbImage {
    let side = |v: f64| v.round().clamp(1.0, 8192.0) as u32;
    imageops::resize(photo, side(w), side(h), FilterType::CatmullRom)
}

/// The photo so small that neither side is over `most` pixels; never larger than it was.
#[must_use]
pub fn at_most(photo: &RgbImage, most: u32) -> RgbImage {
    let (w, h) = (f64::from(photo.width()), f64::from(photo.height()));
    let scale = f64::from(most.max(1)) / w.max(h).max(1.0);
    if scale <= 0.5 {
        // A box filter is as good where it has at least two pixels, and ten times as fast.
        let side = |v: f64| ((v * scale).round() as u32).max(1);
        imageops::thumbnail(photo, side(w), side(h))
    } else if scale < 1.0 {
        resized(photo, w * scale, h * scale)
    } else {
        photo.clone()
    }
}

/// The photo at the largest size that fits, and where it lies when it is centred.
pub(super) fn contained(photo: &RgbImage, w: u32, h: u32) -> (RgbImage, [i64; 2]) {
    let (pw, ph) = (f64::from(photo.width()), f64::from(photo.height()));
    let scale = (f64::from(w) / pw).min(f64::from(h) / ph);
    let small = resized(photo, pw * scale, ph * scale);
    let gap = |of: u32, is: u32| (i64::from(of) - i64::from(is)) / 2;
    let at = [gap(w, small.width()), gap(h, small.height())];
    (small, at)
}

/// The middle of the photo, scaled so that it fills the size.
pub(super) fn covering(photo: &RgbImage, w: u32, h: u32) -> RgbImage {
    let (pw, ph) = (f64::from(photo.width()), f64::from(photo.height()));
    let scale = (f64::from(w) / pw).max(f64::from(h) / ph);
    // Cut before scaling: a strip of a photo would be scaled to something enormous.
    let cut = |side: u32, to: u32| ((f64::from(to) / scale).round().max(1.0) as u32).min(side);
    let (cw, ch) = (cut(photo.width(), w), cut(photo.height(), h));
    let (x, y) = ((photo.width() - cw) / 2, (photo.height() - ch) / 2);
    let part = imageops::crop_imm(photo, x, y, cw, ch).to_image();
    resized(&part, f64::from(w), f64::from(h))
}
