//! Files as they come: of every format, turned, transparent, cut off, too large.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{GrayImage, ImageFormat, Luma, Rgb, RgbImage, Rgba, RgbaImage};

use super::*;

mod memory;
mod mutants;
mod samples;

const FORMATS: [ImageFormat; 6] = [
    ImageFormat::Jpeg,
    ImageFormat::Png,
    ImageFormat::WebP,
    ImageFormat::Gif,
    ImageFormat::Bmp,
    ImageFormat::Tiff,
];

/// Soft colours, different in every corner.
fn photo(w: u32, h: u32) -> RgbImage {
    RgbImage::from_fn(w, h, |x, y| {
        let (u, v) = (x * 255 / w, y * 255 / h);
        Rgb([u as u8, v as u8, (255 - u / 2 - v / 2) as u8])
    })
}

fn encoded(pixels: impl Into<image::DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    pixels
        .into()
        .write_to(&mut out, format)
        .expect("memory takes it");
    out.into_inner()
}

fn grey(bytes: &[u8]) -> Result<GreyPicture, DecodeError> {
    GreyPicture::decode(bytes, &DecodeLimits::default())
}

fn rgb(bytes: &[u8]) -> Result<Picture, DecodeError> {
    Picture::decode(bytes, &DecodeLimits::default())
}

/// The largest difference between two planes of one size.
fn difference(a: &GrayImage, b: &GrayImage) -> u8 {
    assert_eq!(a.dimensions(), b.dimensions());
    let pairs = a.as_raw().iter().zip(b.as_raw());
    pairs.map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}

#[test]
fn grey_is_the_luma_of_the_colours_in_every_format() {
    for format in FORMATS {
        let bytes = encoded(photo(90, 61), format);
        let grey = grey(&bytes).expect("a picture");
        let colours = rgb(&bytes).expect("a picture");
        assert_eq!((grey.width(), grey.height()), (90, 61), "{format:?}");
        assert_eq!((grey.full_width(), grey.full_height()), (90, 61));
        assert_eq!(grey.format(), colours.format());
        let of_colours = GreyPicture::from_picture(&colours);
        // A JPEG's colours are clipped and its chroma is interpolated; its luma is not.
        let allowed = if format == ImageFormat::Jpeg { 6 } else { 0 };
        let off = difference(grey.plane(), of_colours.plane());
        assert!(off <= allowed, "{format:?} is {off} off");
    }
}

/// An EXIF block that says nothing but the orientation (a TIFF header and one directory entry).
fn exif(orientation: u8) -> Vec<u8> {
    let mut block = b"II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    block.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    block
}

#[test]
fn an_exif_orientation_is_applied_to_the_plane_and_to_both_sizes() {
    // Bright in the top left corner of the file.
    let file = RgbImage::from_fn(64, 32, |x, y| {
        Rgb([if x < 16 && y < 16 { 250 } else { 10 }; 3])
    });
    // Where that corner belongs, as (right, bottom), for each value of the tag.
    let corners = [
        (false, false),
        (true, false),
        (true, true),
        (false, true),
        (false, false),
        (true, false),
        (true, true),
        (false, true),
    ];
    for (orientation, (right, bottom)) in (1u8..).zip(corners) {
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
        image::ImageEncoder::set_exif_metadata(&mut encoder, exif(orientation)).expect("fits");
        encoder.encode_image(&file).expect("memory takes it");
        let grey = grey(&bytes).expect("a picture");
        let size = if orientation < 5 { (64, 32) } else { (32, 64) };
        assert_eq!(grey.plane().dimensions(), size, "{orientation}");
        assert_eq!((grey.full_width(), grey.full_height()), size);
        let x = if right { size.0 - 4 } else { 3 };
        let y = if bottom { size.1 - 4 } else { 3 };
        assert!(grey.plane().get_pixel(x, y)[0] > 200, "{orientation}");
        assert!(grey.plane().get_pixel(size.0 - 1 - x, size.1 - 1 - y)[0] < 60);
        let colours = rgb(&bytes).expect("a picture");
        assert!(colours.pixels().get_pixel(x, y)[0] > 200, "{orientation}");
    }
}

#[test]
fn transparent_parts_lie_on_white() {
    let pixels = RgbaImage::from_fn(16, 16, |x, _| Rgba([0, 0, 0, if x < 8 { 0 } else { 255 }]));
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        let grey = grey(&encoded(pixels.clone(), format)).expect("a picture");
        assert_eq!(grey.plane().get_pixel(2, 2)[0], 255, "{format:?}");
        assert_eq!(grey.plane().get_pixel(12, 2)[0], 0, "{format:?}");
    }
    let half = RgbaImage::from_pixel(4, 4, Rgba([0, 0, 0, 128]));
    let grey = grey(&encoded(half, ImageFormat::Png)).expect("a picture");
    assert_eq!(grey.values(), [127; 16]);
}

#[test]
fn sixteen_bits_a_channel_are_read() {
    let pixels = image::ImageBuffer::<Luma<u16>, _>::from_fn(40, 8, |x, _| Luma([x as u16 * 1600]));
    for format in [ImageFormat::Png, ImageFormat::Tiff] {
        let grey = grey(&encoded(pixels.clone(), format)).expect("a picture");
        for x in 0..40 {
            let want = x as f64 * 1600.0 / 257.0;
            assert!((f64::from(grey.plane().get_pixel(x, 3)[0]) - want).abs() <= 1.0);
        }
    }
}

#[test]
fn files_that_were_cut_off_are_read_as_far_as_they_go() {
    // Noise, so that a file's bytes are spread evenly over its rows.
    let mut state = 7u32;
    let pixels = RgbImage::from_fn(160, 160, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Rgb([(state >> 24) as u8 / 2; 3])
    });
    for format in [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::Gif,
        ImageFormat::WebP,
    ] {
        let bytes = encoded(pixels.clone(), format);
        let whole = grey(&bytes).expect("a picture");
        let part = grey(&bytes[..bytes.len() * 6 / 10]).expect("most of a picture");
        let colours = rgb(&bytes[..bytes.len() * 6 / 10]).expect("most of a picture");
        assert_eq!(part.plane().dimensions(), (160, 160));
        assert_eq!((colours.width(), colours.height()), (160, 160));
        let rows = |from: usize, to: usize| {
            let of = |p: &GreyPicture| p.values()[from * 160..to * 160].to_vec();
            of(&part) == of(&whole)
        };
        assert!(rows(0, 64), "{format:?}: the upper rows are there");
        assert!(!rows(130, 160), "{format:?}: the lower rows are not");
    }
}

#[test]
fn a_file_cut_off_in_its_header_is_damaged() {
    for format in FORMATS {
        let bytes = encoded(photo(50, 50), format);
        let result = grey(&bytes[..14]);
        assert!(
            matches!(result, Err(DecodeError::Damaged { .. })),
            "{format:?}: {result:?}"
        );
    }
}

#[test]
fn too_many_pixels_or_bytes_are_refused_from_the_header() {
    for format in FORMATS {
        let bytes = encoded(photo(100, 100), format);
        let few_pixels = DecodeLimits {
            max_pixels: 9_999,
            ..DecodeLimits::default()
        };
        let few_bytes = DecodeLimits {
            max_decoded_bytes: 9_999,
            ..DecodeLimits::default()
        };
        // A TIFF keeps its directory at the end.
        let missing = if format == ImageFormat::Tiff { 0 } else { 20 };
        for cut in [bytes.len(), bytes.len() - missing] {
            assert!(
                matches!(
                    GreyPicture::decode(&bytes[..cut], &few_pixels),
                    Err(DecodeError::TooManyPixels {
                        width: 100,
                        height: 100,
                        ..
                    })
                ),
                "{format:?}"
            );
        }
        assert!(
            GreyPicture::decode(&bytes, &few_bytes).is_err(),
            "{format:?}"
        );
        assert!(Picture::decode(&bytes, &few_bytes).is_err(), "{format:?}");
    }
}

#[test]
fn varieties_that_are_not_read_are_named() {
    let jpeg = encoded(photo(32, 32), ImageFormat::Jpeg);
    let frame = jpeg
        .windows(2)
        .position(|pair| pair == [0xFF, 0xC0])
        .expect("a frame header");
    let with = |marker: u8, bits: u8| {
        let mut bytes = jpeg.clone();
        bytes[frame + 1] = marker;
        bytes[frame + 4] = bits;
        grey(&bytes)
    };
    for (marker, bits, word) in [
        (0xC9, 8, "arithmetic"),
        (0xC1, 12, "more than 8 bits"),
        (0xC3, 8, "lossless"),
        (0xC5, 8, "hierarchical"),
    ] {
        let error = with(marker, bits).expect_err("not read").to_string();
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn a_picture_without_pixels_is_refused() {
    let mut jpeg = encoded(photo(32, 32), ImageFormat::Jpeg);
    let frame = jpeg
        .windows(2)
        .position(|pair| pair == [0xFF, 0xC0])
        .expect("a frame header");
    jpeg[frame + 5..frame + 7].fill(0);
    assert!(matches!(
        grey(&jpeg),
        Err(DecodeError::Empty { height: 0, .. })
    ));
}

#[test]
fn a_png_that_claims_the_largest_size_there_is_is_refused_by_its_pixels() {
    let mut png = encoded(photo(8, 8), ImageFormat::Png);
    png[16..24].copy_from_slice(&[0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
    mutants::mend_png(&mut png);
    for result in [grey(&png).err(), rgb(&png).err()] {
        assert!(
            matches!(result, Some(DecodeError::TooManyPixels { .. })),
            "{result:?}"
        );
    }
}
