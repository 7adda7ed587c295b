//! Pictures as sellers treat them.

use image::{Rgb, RgbImage, imageops};

use super::*;

/// A picture full of soft blobs, different for each seed: structure at all scales, as in a photo.
pub(super) fn photo(seed: u32, w: u32, h: u32) -> RgbImage {
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

pub(super) fn fingerprint(pixels: RgbImage) -> Fingerprint {
    Fingerprint::compute(&GreyPicture::from_picture(&Picture::from_rgb(pixels)))
}

pub(super) fn catalog() -> ReferenceIndex {
    let mut index = ReferenceIndex::new();
    for seed in 1..=20 {
        index.insert(
            i64::from(seed),
            i64::from(seed) * 100,
            &fingerprint(photo(seed, 400, 300)),
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
        let found = index.search(&fingerprint(pixels));
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
    let found = catalog().search(&fingerprint(ground));
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
        let found = index.search(&fingerprint(photo(seed, 400, 300)));
        assert!(found.is_empty(), "{seed}: {found:?}");
    }
}

#[test]
fn flat_pictures_are_kept_out_on_both_sides() {
    let mut index = catalog();
    let flat = fingerprint(RgbImage::from_pixel(300, 300, Rgb([250, 250, 250])));
    assert!(flat.is_degenerate());
    index.insert(99, 9900, &flat);
    assert_eq!(index.len(), 20);
    assert!(index.search(&flat).is_empty());
}

#[test]
fn a_reference_can_be_replaced_and_removed() {
    let mut index = catalog();
    let three = fingerprint(photo(3, 400, 300));
    index.insert(3, 777, &three);
    assert_eq!(index.len(), 20);
    assert_eq!(index.search(&three)[0].product, 777);
    index.remove(3);
    index.remove(3);
    assert_eq!(index.len(), 19);
    assert!(index.search(&three).is_empty());
    assert_eq!(
        index.search(&fingerprint(photo(20, 400, 300)))[0].reference,
        20
    );
}

#[test]
fn a_picture_of_extreme_shape_is_hashed() {
    for (w, h) in [(1, 1), (1, 3_000), (3_000, 1), (2, 2)] {
        let taken = fingerprint(photo(1, w, h));
        assert!(catalog().search(&taken).len() <= 20);
        assert!(
            Fingerprint::from_bytes(&taken.to_bytes()).is_ok(),
            "{w}×{h}"
        );
    }
}

#[test]
fn a_photo_laid_down_in_any_of_eight_ways_is_found_and_fills_the_picture() {
    let index = catalog();
    let original = photo(7, 400, 300);
    let mirrored = imageops::flip_horizontal(&original);
    for (what, upright) in [("", original), ("mirror", mirrored)] {
        let turns = [
            upright.clone(),
            imageops::rotate90(&upright),
            imageops::rotate180(&upright),
            imageops::rotate270(&upright),
        ];
        for (quarters, pixels) in turns.into_iter().enumerate() {
            let (w, h) = (f64::from(pixels.width()), f64::from(pixels.height()));
            let found = index.search(&fingerprint(pixels));
            let best = found.first().unwrap_or_else(|| panic!("{what} {quarters}"));
            assert_eq!(best.reference, 7, "{what} {quarters}");
            assert_eq!(
                best.transform.contains("mirror"),
                what == "mirror",
                "{quarters}"
            );
            assert_eq!(
                best.transform.contains("rotated"),
                quarters > 0,
                "{what} {quarters}"
            );
            let fills = polygon::area(&best.region) / (w * h);
            assert!(fills > 0.96, "{what} {quarters}: {fills}");
        }
    }
}

#[test]
fn the_part_of_the_reference_that_is_seen_is_told() {
    let original = photo(9, 400, 300);
    let crop = imageops::crop_imm(&original, 100, 30, 260, 240).to_image();
    let found = catalog().search(&fingerprint(crop));
    let best = found.first().expect("found");
    assert_eq!(best.reference, 9);
    let [mut low, mut high] = [[1.0f64; 2], [0.0; 2]];
    for corner in &best.reference_region {
        for axis in 0..2 {
            low[axis] = low[axis].min(corner[axis]);
            high[axis] = high[axis].max(corner[axis]);
        }
    }
    for (got, wanted) in [(low, [0.25, 0.1]), (high, [0.9, 0.9])] {
        for axis in 0..2 {
            assert!(
                (got[axis] - wanted[axis]).abs() < 0.03,
                "{got:?} {wanted:?}"
            );
        }
    }
}

#[test]
fn mirrored_features_are_those_of_the_mirrored_picture() {
    let pixels = photo(11, 400, 300);
    let upright = fingerprint(pixels.clone());
    let turned = fingerprint(imageops::flip_horizontal(&pixels));
    let share = |v: u16| f64::from(v) / 65535.0;
    let (mut near, mut alike) = (0, 0);
    for a in &upright.features {
        let wanted = features::mirrored(&features::decode(&a.code));
        let there: Vec<_> = turned
            .features
            .iter()
            .filter(|b| {
                (1.0 - share(a.x) - share(b.x)).abs() < 0.004
                    && (share(a.y) - share(b.y)).abs() < 0.004
                    && a.scale.abs_diff(b.scale) < 5
                    && 128u8.wrapping_sub(a.angle).abs_diff(b.angle) < 6
            })
            .collect();
        near += usize::from(!there.is_empty());
        alike += usize::from(there.iter().any(|b| {
            let codes = features::decode(&b.code);
            let dot = |x: &[i8], y: &[i8]| -> f32 {
                let products = x.iter().zip(y).map(|(x, y)| f32::from(*x) * f32::from(*y));
                products.sum()
            };
            let lengths = (dot(&codes, &codes) * dot(&wanted, &wanted)).sqrt();
            dot(&codes, &wanted) > 0.85 * lengths
        }));
    }
    assert!(
        near > upright.features.len() / 2,
        "{near} of {}",
        upright.features.len()
    );
    assert!(alike * 4 > near * 3, "{alike} of {near}");
}

#[test]
fn many_removals_leave_the_others_where_they_were() {
    let mut index = catalog();
    for reference in 1..=15 {
        index.remove(reference);
    }
    assert_eq!(index.len(), 5);
    for seed in 1..=20u32 {
        let found = index.search(&fingerprint(photo(seed, 400, 300)));
        let references: Vec<i64> = found.iter().map(|m| m.reference).collect();
        let wanted: &[i64] = if seed > 15 { &[i64::from(seed)] } else { &[] };
        assert_eq!(references, wanted, "{seed}");
    }
}
