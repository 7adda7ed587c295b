//! Files that the `image` crate cannot write: see `samples/make.py`.

use image::imageops;

use super::*;

pub(in super::super) const PROGRESSIVE_420: &[u8] =
    include_bytes!("../samples/progressive_420.jpg");
pub(in super::super) const PROGRESSIVE_444_RESTARTS: &[u8] =
    include_bytes!("../samples/progressive_444_restarts.jpg");
pub(in super::super) const PROGRESSIVE_GREY: &[u8] =
    include_bytes!("../samples/progressive_grey.jpg");
pub(in super::super) const PROGRESSIVE_WIDE: &[u8] =
    include_bytes!("../samples/progressive_wide.jpg");
pub(in super::super) const SEQUENTIAL_RESTARTS: &[u8] =
    include_bytes!("../samples/sequential_restarts.jpg");
pub(in super::super) const CMYK: &[u8] = include_bytes!("../samples/cmyk.jpg");
pub(in super::super) const LOSSY_WEBP: &[u8] = include_bytes!("../samples/lossy.webp");
pub(in super::super) const LOSSY_ALPHA_WEBP: &[u8] = include_bytes!("../samples/lossy_alpha.webp");
pub(in super::super) const ANIMATED_WEBP: &[u8] = include_bytes!("../samples/animated.webp");
pub(in super::super) const INTERLACED_PNG: &[u8] = include_bytes!("../samples/interlaced.png");

/// Mean of the absolute differences between two planes of one size.
fn mean_difference(a: &GrayImage, b: &GrayImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let pairs = a.as_raw().iter().zip(b.as_raw());
    let sum: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.as_raw().len() as f64
}

fn of_colours(bytes: &[u8]) -> GreyPicture {
    GreyPicture::from_picture(&rgb(bytes).expect("a picture"))
}

#[test]
fn a_jpeg_of_any_kind_has_the_luma_of_its_colours() {
    for bytes in [
        PROGRESSIVE_420,
        PROGRESSIVE_444_RESTARTS,
        PROGRESSIVE_GREY,
        SEQUENTIAL_RESTARTS,
    ] {
        let grey = grey(bytes).expect("a picture");
        assert_eq!(grey.plane().dimensions(), (61, 45));
        let off = mean_difference(grey.plane(), of_colours(bytes).plane());
        assert!(off < 1.0, "{off}");
    }
}

#[test]
fn a_large_progressive_jpeg_is_read_at_half_size() {
    let half = grey(PROGRESSIVE_WIDE).expect("a picture");
    assert_eq!(half.plane().dimensions(), (550, 12));
    assert_eq!((half.full_width(), half.full_height()), (1100, 24));
    let averaged = of_colours(PROGRESSIVE_WIDE).shrunk_to(550);
    let off = mean_difference(half.plane(), averaged.plane());
    assert!(off < 1.5, "{off}");
}

#[test]
fn the_inks_of_a_cmyk_jpeg_are_those_adobe_means() {
    let quarters = |bytes: &[u8]| {
        let grey = grey(bytes).expect("a picture");
        [(5, 5), (25, 5), (5, 25), (25, 25)].map(|(x, y)| grey.plane().get_pixel(x, y)[0])
    };
    let near = |got: [u8; 4], want: [u8; 4]| got.iter().zip(want).all(|(g, w)| g.abs_diff(w) < 6);
    // White, black, cyan, and grey of half the black ink.
    let cmyk = quarters(CMYK);
    assert!(near(cmyk, [255, 0, 179, 127]), "{cmyk:?}");
    // The same numbers as YCCK: the first three inks are turned into a luma and two chromas.
    let mut bytes = CMYK.to_vec();
    let adobe = bytes.windows(5).position(|word| word == b"Adobe");
    bytes[adobe.expect("an Adobe segment") + 11] = 2;
    let ycck = quarters(&bytes);
    assert!(near(ycck, [79, 0, 176, 39]), "{ycck:?}");
}

#[test]
fn a_progressive_jpeg_that_was_cut_off_is_a_coarser_picture() {
    for bytes in [PROGRESSIVE_420, PROGRESSIVE_WIDE] {
        let whole = grey(bytes).expect("a picture");
        let off = |share: usize| {
            let part = grey(&bytes[..bytes.len() * share / 10]).expect("a coarser picture");
            mean_difference(part.plane(), whole.plane())
        };
        assert!(off(9) < 12.0, "{}", off(9));
        assert!(off(9) <= off(7), "{} {}", off(9), off(7));
    }
}

#[test]
fn a_lossy_webp_that_was_cut_off_keeps_its_upper_part() {
    let whole = grey(LOSSY_WEBP).expect("a picture");
    let part = grey(&LOSSY_WEBP[..LOSSY_WEBP.len() * 7 / 10]).expect("most of a picture");
    let upper = 61 * 14;
    assert_eq!(whole.values()[..upper], part.values()[..upper]);
    assert_ne!(whole.values(), part.values());
}

#[test]
fn a_lossy_webp_fades_to_white_where_it_is_transparent() {
    let faded = grey(LOSSY_ALPHA_WEBP).expect("a picture");
    let whole = grey(LOSSY_WEBP).expect("a picture");
    let row = |picture: &GreyPicture, y: usize| picture.values()[y * 61..(y + 1) * 61].to_vec();
    assert!(row(&faded, 0).iter().all(|&value| value > 245));
    let lower = row(&faded, 44).into_iter().zip(row(&whole, 44));
    assert!(lower.into_iter().all(|(a, b)| a.abs_diff(b) < 12));
}

#[test]
fn an_animated_webp_shows_its_first_frame() {
    let first = grey(ANIMATED_WEBP).expect("a picture");
    let alone = grey(LOSSY_WEBP).expect("a picture");
    assert!(mean_difference(first.plane(), alone.plane()) < 12.0);
}

#[test]
fn an_interlaced_png_is_whole_and_coarse_when_cut_off() {
    let whole = grey(INTERLACED_PNG).expect("a picture");
    let reference = image::load_from_memory(INTERLACED_PNG).expect("a picture");
    let reference = GreyPicture::from_picture(&Picture::from_rgb(reference.into_rgb8()));
    assert_eq!(whole.plane(), reference.plane());
    let part = grey(&INTERLACED_PNG[..INTERLACED_PNG.len() / 2]).expect("a coarser picture");
    let off = mean_difference(part.plane(), whole.plane());
    assert!(off > 0.0 && off < 30.0, "{off}");
}

/// `MARKHOUND_TEST_JPEGS=folder cargo test -p markhound-index real_jpegs -- --nocapture` compares the
/// plane of every JPEG in a folder with the luma of its colours; without the variable this is
/// skipped.
#[test]
fn real_jpegs_have_the_luma_of_their_colours() {
    let Some(folder) = std::env::var_os("MARKHOUND_TEST_JPEGS") else {
        return;
    };
    let (mut files, mut worst) = (0, 0.0f64);
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let bytes = std::fs::read(entry.path()).expect("a file");
        let grey = grey(&bytes).expect("a picture");
        // At a reduced scale, the last pixel of an odd side stands for less than the others.
        let scale = grey.full_width().div_ceil(grey.width());
        let (w, h) = (grey.full_width() / scale, grey.full_height() / scale);
        let part = |plane: &GrayImage, w, h| imageops::crop_imm(plane, 0, 0, w, h).to_image();
        let full = GreyPicture::from_plane(part(of_colours(&bytes).plane(), w * scale, h * scale));
        let off = mean_difference(&part(grey.plane(), w, h), full.shrunk_to(w.max(h)).plane());
        assert!(off < 2.0, "{off} in {}", entry.path().display());
        (files, worst) = (files + 1, worst.max(off));
    }
    println!("{files} files, the worst {worst:.2} off in the mean");
}
