//! Pictures as sellers treat them, and as attackers do.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage, Rgba, RgbaImage, imageops};

use super::*;

/// A picture full of soft blobs, different for each seed: structure at all scales, as in a photo.
fn photo(seed: u32, w: u32, h: u32) -> RgbImage {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        f64::from(state % 10_000) / 10_000.0
    };
    let blobs: Vec<[f64; 4]> = (0..70)
        .map(|i| {
            let size = if i < 12 { 0.25 } else { 0.06 };
            [
                next(),
                next(),
                size * (0.3 + next()),
                next() * 240.0 - 120.0,
            ]
        })
        .collect();
    RgbImage::from_fn(w, h, |x, y| {
        let (u, v) = (f64::from(x) / f64::from(w), f64::from(y) / f64::from(h));
        let value: f64 = blobs
            .iter()
            .map(|[bx, by, size, height]| {
                let d = ((u - bx).powi(2) + (v - by).powi(2)) / (size * size);
                if d < 1.0 { height * (1.0 - d) } else { 0.0 }
            })
            .sum();
        let grey = (128.0 + value).clamp(0.0, 255.0) as u8;
        Rgb([grey, grey.saturating_add(10), grey.saturating_sub(10)])
    })
}

fn encoded(pixels: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    pixels.write_to(&mut out, format).expect("memory takes it");
    out.into_inner()
}

fn decode(bytes: &[u8]) -> Result<Picture, DecodeError> {
    Picture::decode(bytes, &DecodeLimits::default())
}

fn hashes(pixels: RgbImage) -> PictureHashes {
    PictureHashes::compute(&Picture::from_rgb(pixels))
}

fn catalog() -> ReferenceIndex {
    let mut index = ReferenceIndex::new();
    for seed in 1..=20 {
        index.insert(
            i64::from(seed),
            i64::from(seed) * 100,
            &hashes(photo(seed, 400, 300)),
        );
    }
    index
}

#[test]
fn copies_are_found_through_what_sellers_do_to_them() {
    let index = catalog();
    let original = photo(3, 400, 300);
    let bordered = {
        let mut out = RgbImage::from_pixel(520, 420, Rgb([255, 255, 255]));
        imageops::overlay(&mut out, &original, 60, 60);
        out
    };
    let collage = {
        let mut out = RgbImage::from_pixel(820, 620, Rgb([255, 255, 255]));
        for (i, seed) in [91, 3, 92, 93].into_iter().enumerate() {
            let (x, y) = ((i % 2) as i64 * 415, (i / 2) as i64 * 315);
            imageops::overlay(&mut out, &photo(seed, 400, 300), x, y);
        }
        out
    };
    let cases = [
        ("as it is", original.clone(), "identity"),
        ("mirrored", imageops::flip_horizontal(&original), "mirror"),
        (
            "small",
            imageops::resize(&original, 130, 97, imageops::FilterType::Triangle),
            "identity",
        ),
        (
            "cropped",
            imageops::crop_imm(&original, 30, 10, 330, 250).to_image(),
            "crop",
        ),
        ("bordered", bordered, ""),
        ("in a collage", collage, ""),
    ];
    for (what, pixels, transform) in cases {
        let (w, h) = (f64::from(pixels.width()), f64::from(pixels.height()));
        let found = index.search(&hashes(pixels));
        let best = found
            .first()
            .unwrap_or_else(|| panic!("{what}: nothing found"));
        assert_eq!(
            (best.reference, best.product),
            (3, 300),
            "{what}: {found:?}"
        );
        assert!(
            best.transform.contains(transform),
            "{what}: {}",
            best.transform
        );
        assert!(best.region.len() >= 3, "{what}");
        assert!(
            best.region
                .iter()
                .all(|p| (0.0..=w).contains(&p[0]) && (0.0..=h).contains(&p[1])),
            "{what}: {:?}",
            best.region
        );
    }
}

#[test]
fn the_region_says_where_in_the_picture_the_photo_is() {
    let mut ground = photo(95, 800, 600);
    imageops::overlay(&mut ground, &photo(5, 400, 300), 400, 300);
    let found = catalog().search(&hashes(ground));
    let best = found.first().expect("found");
    assert_eq!(best.reference, 5);
    let wanted = [
        [400.0, 300.0],
        [800.0, 300.0],
        [800.0, 600.0],
        [400.0, 600.0],
    ];
    for corner in wanted {
        assert!(
            best.region
                .iter()
                .any(|p: &[f64; 2]| (p[0] - corner[0]).abs() < 16.0
                    && (p[1] - corner[1]).abs() < 16.0),
            "{corner:?} is missing in {:?}",
            best.region
        );
    }
}

#[test]
fn other_pictures_match_nothing() {
    let index = catalog();
    for seed in 200..230 {
        let found = index.search(&hashes(photo(seed, 400, 300)));
        assert!(found.is_empty(), "{seed}: {found:?}");
    }
}

#[test]
fn flat_pictures_are_kept_out_on_both_sides() {
    let mut index = catalog();
    let flat = hashes(RgbImage::from_pixel(300, 300, Rgb([250, 250, 250])));
    assert!(flat.is_degenerate());
    index.insert(99, 9900, &flat);
    assert_eq!(index.len(), 20);
    assert!(index.search(&flat).is_empty());
}

#[test]
fn a_reference_can_be_replaced_and_removed() {
    let mut index = catalog();
    let three = hashes(photo(3, 400, 300));
    index.insert(3, 777, &three);
    assert_eq!(index.len(), 20);
    assert_eq!(index.search(&three)[0].product, 777);
    index.remove(3);
    index.remove(3);
    assert_eq!(index.len(), 19);
    assert!(index.search(&three).is_empty());
    assert_eq!(index.search(&hashes(photo(20, 400, 300)))[0].reference, 20);
}

#[test]
fn each_format_is_told_from_its_bytes() {
    let pixels = photo(1, 64, 48);
    for (format, name) in [
        (ImageFormat::Jpeg, "jpeg"),
        (ImageFormat::Png, "png"),
        (ImageFormat::WebP, "webp"),
        (ImageFormat::Gif, "gif"),
        (ImageFormat::Bmp, "bmp"),
        (ImageFormat::Tiff, "tiff"),
    ] {
        let picture = decode(&encoded(&pixels, format)).expect(name);
        assert_eq!(
            (picture.format(), picture.width(), picture.height()),
            (name, 64, 48)
        );
        let thumbnail = decode(&picture.thumbnail_jpeg(32)).expect("a thumbnail");
        assert_eq!(
            (thumbnail.format(), thumbnail.width(), thumbnail.height()),
            ("jpeg", 32, 24)
        );
    }
}

#[test]
fn transparency_lies_on_white() {
    let clear = RgbaImage::from_pixel(8, 8, Rgba([0, 0, 0, 0]));
    let mut bytes = Cursor::new(Vec::new());
    clear
        .write_to(&mut bytes, ImageFormat::Png)
        .expect("memory takes it");
    let picture = decode(bytes.get_ref()).expect("a picture");
    assert!(picture.pixels().pixels().all(|p| p.0 == [255, 255, 255]));
}

#[test]
fn a_picture_on_its_side_is_set_upright() {
    let jpeg = encoded(&photo(1, 64, 48), ImageFormat::Jpeg);
    // An EXIF block that says "turn a quarter to the right" (orientation 6).
    let mut exif =
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    let mut marked = jpeg[..2].to_vec();
    marked.extend([0xff, 0xe1]);
    marked.extend((exif.len() as u16 + 2).to_be_bytes());
    marked.append(&mut exif);
    marked.extend(&jpeg[2..]);
    let picture = decode(&marked).expect("a picture");
    assert_eq!((picture.width(), picture.height()), (48, 64));
}

#[test]
fn oversized_pictures_are_refused_from_their_header() {
    // A PNG header of 60,000 × 60,000 pixels with nothing behind it.
    let mut png = encoded(&photo(1, 8, 8), ImageFormat::Png);
    png[16..20].copy_from_slice(&60_000u32.to_be_bytes());
    png[20..24].copy_from_slice(&60_000u32.to_be_bytes());
    let refused = decode(&png);
    assert!(refused.is_err());
    let small = DecodeLimits {
        max_pixels: 100,
        ..DecodeLimits::default()
    };
    let refused = Picture::decode(&encoded(&photo(1, 64, 48), ImageFormat::Jpeg), &small);
    assert!(
        matches!(
            refused,
            Err(DecodeError::TooManyPixels {
                width: 64,
                height: 48,
                ..
            })
        ),
        "{refused:?}"
    );
    let hungry = DecodeLimits {
        max_decoded_bytes: 1_000,
        ..DecodeLimits::default()
    };
    assert!(Picture::decode(&encoded(&photo(1, 64, 48), ImageFormat::Png), &hungry).is_err());
}

#[test]
fn what_is_no_picture_is_said_to_be_none() {
    for bytes in [
        &b""[..],
        b"<html>Access denied</html>",
        b"\xff\xd8",
        b"GIF89a",
    ] {
        let refused = decode(bytes);
        assert!(refused.is_err(), "{bytes:?}");
    }
    let message = decode(b"<html>").expect_err("no picture").to_string();
    assert!(message.contains("none of JPEG"), "{message}");
}

#[test]
fn a_truncated_jpeg_is_read_as_far_as_it_goes() {
    let jpeg = encoded(&photo(2, 400, 300), ImageFormat::Jpeg);
    let picture = decode(&jpeg[..jpeg.len() * 3 / 4]).expect("the upper part");
    assert_eq!((picture.width(), picture.height()), (400, 300));
}

#[test]
fn mutated_files_never_panic() {
    let mut state = 1u32;
    let mut next = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize
    };
    let limits = DecodeLimits {
        max_pixels: 1_000_000,
        max_decoded_bytes: 8 << 20,
    };
    let formats = [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::WebP,
        ImageFormat::Gif,
        ImageFormat::Bmp,
        ImageFormat::Tiff,
    ];
    for format in formats {
        let original = encoded(&photo(4, 40, 30), format);
        for _ in 0..150 {
            let mut bytes = original.clone();
            for _ in 0..1 + next() % 8 {
                let at = next() % bytes.len();
                bytes[at] = next() as u8;
            }
            bytes.truncate(1 + next() % bytes.len());
            if let Ok(picture) = Picture::decode(&bytes, &limits) {
                let _ = PictureHashes::compute(&picture).is_degenerate();
            }
        }
    }
}

#[test]
fn a_picture_of_extreme_shape_is_hashed() {
    for (w, h) in [(1, 1), (1, 3_000), (3_000, 1), (2, 2)] {
        let hashes = hashes(photo(1, w, h));
        assert!(catalog().search(&hashes).len() <= 20);
        assert!(
            PictureHashes::from_bytes(&hashes.to_bytes()).is_ok(),
            "{w}×{h}"
        );
    }
}
