//! Against the reference code's hashes: of made pictures, kept in `expected.json` (taken with the
//! Python package `pdqhash` 0.2.8), and of photographs when a folder of them is at hand.

use std::path::PathBuf;

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Expected {
    colour: bool,
    width: usize,
    height: usize,
    seed: i64,
    quality: u8,
    hashes: [String; 8],
}

fn expected() -> Vec<Expected> {
    serde_json::from_str(include_str!("expected.json")).expect("the file is JSON")
}

/// Triangle waves and blocks in whole numbers, so that any language draws the same.
fn drawn(width: usize, height: usize, seed: i64) -> Vec<u8> {
    let (w, h) = (width as i64, height as i64);
    let pixel = |x: i64, y: i64| {
        let waves: i64 = (1..6)
            .map(|k| {
                let (a, b) = ((seed * k * 7) % 11 - 5, (seed * k * 5) % 13 - 6);
                let period = 40 + (seed * 37 * k) % (w + h);
                let at = (x * a + y * b + k * 1000 + 100_000 * period) % period;
                at.min(period - at) * 510 / period
            })
            .sum();
        let block = if ((x * 7 / w) * 3 + (y * 5 / h) * seed) % 4 == 0 {
            60
        } else {
            0
        };
        (waves / 6 + block).min(255) as u8
    };
    (0..h)
        .flat_map(|y| (0..w).map(move |x| pixel(x, y)))
        .collect()
}

fn moved(pixels: &[u8], w: usize, h: usize, way: Dihedral) -> (Vec<u8>, usize, usize) {
    let (tw, th) = match way {
        Dihedral::Original | Dihedral::Rotate180 | Dihedral::FlipX | Dihedral::FlipY => (w, h),
        _ => (h, w),
    };
    let from = |x: usize, y: usize| match way {
        Dihedral::Original => (x, y),
        Dihedral::Rotate90 => (w - 1 - y, x),
        Dihedral::Rotate180 => (w - 1 - x, h - 1 - y),
        Dihedral::Rotate270 => (y, h - 1 - x),
        Dihedral::FlipX => (x, h - 1 - y),
        Dihedral::FlipY => (w - 1 - x, y),
        Dihedral::FlipPlus1 => (y, x),
        Dihedral::FlipMinus1 => (w - 1 - y, h - 1 - x),
    };
    let pixels = (0..th)
        .flat_map(|y| (0..tw).map(move |x| from(x, y)))
        .map(|(x, y)| pixels[y * w + x])
        .collect();
    (pixels, tw, th)
}

fn plane(pixels: &[u8], width: usize, height: usize) -> GreyPlane<'_> {
    GreyPlane::new(pixels, width, height).expect("the length is right")
}

/// Three drawn planes as red, green and blue; of one drawing when the picture is grey.
fn coloured(e: &Expected) -> Vec<u8> {
    let channels = [0, 1, 2].map(|c| drawn(e.width, e.height, e.seed + c * i64::from(e.colour)));
    (0..e.width * e.height)
        .flat_map(|i| channels.each_ref().map(|channel| channel[i]))
        .collect()
}

#[test]
fn made_pictures_have_the_reference_codes_hashes_in_all_eight_ways() {
    for e in expected() {
        let bytes = coloured(&e);
        let plane = RgbPlane::new(&bytes, e.width, e.height).expect("the length is right");
        let ours = PdqVariants::of(&plane);
        let of = format!("{} × {}", e.width, e.height);
        assert!(
            ours.quality.abs_diff(e.quality) <= 1,
            "{of}: {}",
            ours.quality
        );
        for way in Dihedral::ALL {
            let theirs: PdqHash = e.hashes[way as usize].parse().expect("a hash");
            let off = ours.get(way).distance(&theirs);
            assert!(off <= 2, "{of}, {way:?}: {off} bits off");
        }
    }
}

#[test]
fn a_grey_plane_hashes_like_the_same_grey_in_three_channels() {
    for e in expected().into_iter().filter(|e| !e.colour) {
        let (grey, rgb) = (drawn(e.width, e.height, e.seed), coloured(&e));
        let rgb = RgbPlane::new(&rgb, e.width, e.height).expect("the length is right");
        let off = Pdq::of(&plane(&grey, e.width, e.height))
            .hash
            .distance(&Pdq::of(&rgb).hash);
        assert!(off <= 2, "{} × {}: {off} bits off", e.width, e.height);
    }
}

/// On drawings whose low frequencies are strong; where these are next to nothing, as in the finest
/// of the waves, half a pixel's shift turns bits, in the reference code too.
#[test]
fn a_turned_picture_has_the_hash_foretold_by_the_original() {
    for (width, height, seed) in [(1000, 300, 2), (64, 64, 4), (127, 513, 5), (400, 533, 8)] {
        let pixels = drawn(width, height, seed);
        let foretold = PdqVariants::of(&plane(&pixels, width, height));
        for way in Dihedral::ALL {
            let (turned, w, h) = moved(&pixels, width, height, way);
            let turned = Pdq::of(&plane(&turned, w, h)).hash;
            let off = turned.distance(&foretold.get(way));
            assert!(off <= 12, "{width} × {height}, {way:?}: {off} bits off");
        }
        let own: std::collections::HashSet<_> = foretold.hashes.into_iter().collect();
        assert_eq!(own.len(), 8, "the eight ways differ");
    }
}

#[test]
fn a_rectangle_hashes_like_the_same_pixels_cut_out() {
    let pixels = drawn(301, 240, 9);
    let whole = plane(&pixels, 301, 240);
    let cut: Vec<u8> = (20..220)
        .flat_map(|y| &pixels[y * 301 + 37..][..211])
        .copied()
        .collect();
    let rect = whole.rect(37, 20, 211, 200).expect("it lies inside");
    assert_eq!(
        PdqVariants::of(&rect),
        PdqVariants::of(&plane(&cut, 211, 200))
    );
    assert_ne!(Pdq::of(&rect), Pdq::of(&whole));
}

#[test]
fn simd_and_portable_code_agree_to_the_bit() {
    for (width, height) in [(5, 700), (64, 64), (333, 511), (1601, 203)] {
        let pixels = drawn(width, height, 11);
        let view = plane(&pixels, width, height);
        let weights = [Weights::new(width), Weights::new(height)];
        let portable = transform_portable(&view, &weights, &mut Scratch::new(width))
            .map(|(c, quality)| (c.signed(Signs::None).bits(), quality));
        let ours = Pdq::of(&view);
        assert_eq!(
            portable,
            Some((ours.hash, ours.quality)),
            "{width} × {height}"
        );
    }
}

#[test]
fn flat_and_tiny_pictures_are_degenerate() {
    for value in [0, 1, 127, 200, 255] {
        let pixels = vec![value; 333 * 127];
        let pdq = Pdq::of(&plane(&pixels, 333, 127));
        assert_eq!((pdq.hash, pdq.quality), (PdqHash::ZERO, 0), "{value}");
        assert!(pdq.is_degenerate());
    }
    let stripe = drawn(4, 900, 3);
    assert!(Pdq::of(&plane(&stripe, 4, 900)).is_degenerate());
    assert!(Pdq::of(&plane(&[], 0, 0)).is_degenerate());
    assert!(
        PdqVariants::of(&plane(&[], 0, 7))
            .original()
            .is_degenerate()
    );
}

#[test]
fn hashes_of_ordinary_pictures_are_not_degenerate() {
    let pixels = drawn(640, 480, 1);
    assert!(!Pdq::of(&plane(&pixels, 640, 480)).is_degenerate());
    assert!(PdqHash::ZERO.is_degenerate() && PdqHash([u64::MAX; 4]).is_degenerate());
    assert!(PdqHash([0, 0, 0, 0xff]).is_degenerate());
}

#[test]
fn a_rectangle_out_of_the_plane_is_refused() {
    let pixels = [0; 60];
    let whole = plane(&pixels, 10, 6);
    assert!(whole.rect(0, 0, 10, 6).is_ok() && whole.rect(10, 6, 0, 0).is_ok());
    for (x, y, w, h) in [
        (1, 0, 10, 6),
        (0, 1, 10, 6),
        (usize::MAX, 0, 2, 2),
        (0, 7, 0, 0),
    ] {
        assert!(matches!(
            whole.rect(x, y, w, h),
            Err(PlaneError::Outside { .. })
        ));
    }
    assert!(matches!(
        GreyPlane::new(&pixels, 10, 7),
        Err(PlaneError::Length { .. })
    ));
    assert!(GreyPlane::new(&pixels, usize::MAX, 2).is_err());
}

#[test]
fn text_and_bytes_of_a_hash_come_back_as_they_were() {
    let text = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";
    let hash: PdqHash = text.parse().expect("a hash");
    assert_eq!(hash.to_string(), text);
    assert_eq!(text.to_uppercase().parse(), Ok(hash));
    assert_eq!(hash.to_bytes()[..3], [0xf8, 0xf8, 0xf0]);
    assert_eq!(PdqHash::from_bytes(hash.to_bytes()), hash);
    // The last digit holds the coefficients of lowest frequency.
    assert_eq!(hash.0[0] & 0xf, 0x2);
    assert_eq!(hash.transposed().transposed(), hash);
}

#[test]
fn texts_that_are_no_hash_are_refused_with_the_place() {
    let short = "0".repeat(63).parse::<PdqHash>();
    assert_eq!(short, Err(PdqHashError::Length(63)));
    let wrong = format!("{}g{}", "0".repeat(9), "0".repeat(54)).parse::<PdqHash>();
    assert_eq!(wrong, Err(PdqHashError::Digit { position: 10 }));
    // As many bytes, not as many characters.
    assert!("é".repeat(32).parse::<PdqHash>().is_err());
}

/// Reads photographs from `$MARKHOUND_SHARED_DATA/pdq`: `hashes.csv` with the columns `file` and
/// `pdq_cpp_binding`, and the files themselves.
#[test]
fn photographs_have_the_reference_codes_hashes() {
    let Some(folder) = std::env::var_os("MARKHOUND_SHARED_DATA").map(PathBuf::from) else {
        eprintln!("skipped: MARKHOUND_SHARED_DATA names no folder of photographs");
        return;
    };
    let folder = folder.join("pdq");
    let mut list = csv::Reader::from_path(folder.join("hashes.csv")).expect("hashes.csv is there");
    for row in list.records() {
        let row = row.expect("a row");
        let rgb = image::open(folder.join(&row[0]))
            .expect("a picture")
            .into_rgb8();
        let (width, height) = (rgb.width() as usize, rgb.height() as usize);
        let colour = RgbPlane::new(rgb.as_raw(), width, height).expect("the length is right");
        let ours = Pdq::of(&colour);
        let luma: Vec<u8> = rgb
            .pixels()
            .map(|p| {
                let [r, g, b] = p.0.map(f32::from);
                (0.299 * r + 0.587 * g + 0.114 * b).round() as u8
            })
            .collect();
        let grey = Pdq::of(&plane(&luma, width, height));
        let theirs: PdqHash = row[1].parse().expect("a hash");
        let (off, grey_off) = (ours.hash.distance(&theirs), grey.hash.distance(&theirs));
        let of = format!(
            "{}: quality {}, {off} bits off, {grey_off} from rounded luma",
            &row[0], ours.quality
        );
        eprintln!("{of}");
        assert!(off <= if ours.quality >= 80 { 2 } else { 16 }, "{of}");
        // The reference code itself is up to 36 bits off when it is given rounded luma.
        assert!(grey_off <= if ours.quality >= 80 { 8 } else { 48 }, "{of}");
    }
}
