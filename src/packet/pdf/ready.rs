//! Pictures made ready for a document: decoded within limits and encoded anew, so that
//! nothing of a seller's file is copied into it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use markhound_index::image::{DecodeLimits, Picture};

use crate::print::Shown;

/// The longest side of a picture in a document, in pixels.
const SIDE: u32 = 1_000;
/// The most that is remembered, in bytes: 32 MiB.
const MAX_REMEMBERED: usize = 32 << 20;

/// A picture ready to be shown.
pub(in crate::packet) struct Ready {
    jpeg: Vec<u8>,
    width: u32,
    height: u32,
}

impl Ready {
    /// A picture out of a file; none where it cannot be read.
    pub fn made(bytes: &[u8]) -> Option<Self> {
        Self::within(bytes, SIDE)
    }

    /// The same, no larger than that.
    pub fn within(bytes: &[u8], side: u32) -> Option<Self> {
        let picture = Picture::decode(bytes, &DecodeLimits::default()).ok()?;
        Self::of(&picture.scaled(side))
    }

    /// A picture so wide, cut into parts that are no higher than that share of its width;
    /// no more of them than `most`.
    pub fn sliced(bytes: &[u8], wide: u32, high: f32, most: usize) -> Vec<Self> {
        let Ok(picture) = Picture::decode(bytes, &DecodeLimits::default()) else {
            return Vec::new();
        };
        let (w, h) = (picture.width().max(1), picture.height().max(1));
        let side = f64::from(wide.min(w)) / f64::from(w) * f64::from(w.max(h));
        let whole = picture.scaled(side.round() as u32);
        let step = ((whole.width() as f32 * high) as u32).max(1);
        let tops = (0..whole.height()).step_by(step as usize).take(most);
        tops.filter_map(|top| {
            let rest = step.min(whole.height() - top);
            let part = image::imageops::crop_imm(&whole, 0, top, whole.width(), rest);
            Self::of(&part.to_image())
        })
        .collect()
    }

    /// A picture out of pixels.
    pub fn of(picture: &RgbImage) -> Option<Self> {
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, 88)
            .encode_image(picture)
            .ok()?;
        Some(Self {
            jpeg,
            width: picture.width(),
            height: picture.height(),
        })
    }

    /// Its pixels again.
    pub fn pixels(&self) -> Option<RgbImage> {
        let format = image::ImageFormat::Jpeg;
        let decoded = image::load_from_memory_with_format(&self.jpeg, format).ok()?;
        Some(decoded.into_rgb8())
    }

    /// As it is set, with an outline in shares of its sides.
    pub fn shown(&self, outline: &[(f64, f64)], caption: &str) -> Shown {
        let clip = |value: f64| value.clamp(0.0, 1.0) as f32;
        Shown {
            jpeg: self.jpeg.clone(),
            width: self.width as f32,
            height: self.height as f32,
            outline: outline.iter().map(|(x, y)| (clip(*x), clip(*y))).collect(),
            caption: caption.to_owned(),
        }
    }
}

/// Reference photos made ready, by the hash of their files: the cases of a batch share
/// few of them.
#[derive(Default)]
pub(in crate::packet) struct Remembered(Mutex<HashMap<String, Arc<Ready>>>);

impl Remembered {
    /// The photo of that hash; made of the bytes where it is not known.
    pub fn or_made(&self, blob: &str, bytes: &[u8]) -> Option<Arc<Ready>> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(blob) {
            return Some(Arc::clone(known));
        }
        let made = Arc::new(Ready::made(bytes)?);
        let mut all = lock();
        let held: usize = all.values().map(|photo| photo.jpeg.len()).sum();
        if held + made.jpeg.len() > MAX_REMEMBERED {
            all.clear();
        }
        all.insert(blob.to_owned(), Arc::clone(&made));
        Some(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_high_page_is_cut_into_parts_that_fit_and_nothing_between_them_is_lost() {
        let mut file = Vec::new();
        let page = RgbImage::from_fn(400, 2_500, |_, y| image::Rgb([(y / 10) as u8, 0, 0]));
        JpegEncoder::new(&mut file).encode_image(&page).unwrap();
        let parts = Ready::sliced(&file, 200, 1.5, 6);
        let heights: Vec<u32> = parts.iter().map(|part| part.height).collect();
        assert_eq!(heights, [300, 300, 300, 300, 50]);
        assert!(parts.iter().all(|part| part.width == 200));
        assert_eq!(Ready::sliced(&file, 200, 1.5, 2).len(), 2);
        assert!(Ready::sliced(b"no picture", 200, 1.5, 2).is_empty());
    }

    #[test]
    fn a_photo_is_made_ready_once_and_what_is_none_never() {
        let mut file = Vec::new();
        let photo = RgbImage::from_pixel(2_000, 500, image::Rgb([9, 90, 200]));
        JpegEncoder::new(&mut file).encode_image(&photo).unwrap();
        let remembered = Remembered::default();
        let first = remembered.or_made("a", &file).unwrap();
        assert_eq!((first.width, first.height), (1_000, 250));
        assert_eq!(first.pixels().unwrap().dimensions(), (1_000, 250));
        let again = remembered.or_made("a", b"not even read").unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        assert!(remembered.or_made("b", b"no picture").is_none());
    }
}
