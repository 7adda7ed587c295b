use image::{Rgb, RgbImage};

use super::super::polygon::{area, overlap, rectangle};
use super::*;
use crate::image::{DecodeLimits, Picture};

/// A photo-like picture: gradients and coloured shapes, so that every edit changes something.
fn photo(w: u32, h: u32) -> RgbImage {
    RgbImage::from_fn(w, h, |x, y| {
        let spot = ((x / 23) * 7 + (y / 17) * 13) % 5 * 40;
        Rgb([(x * 200 / w) as u8, (y * 200 / h) as u8, spot as u8].map(|v| v + 20))
    })
}

fn edit(name: &str) -> &'static Edit {
    Edit::named(name).unwrap()
}

fn apply(name: &str, photo: &RgbImage, number: u64) -> Edited {
    edit(name).apply(photo, &mut Random::new(1, name, number), &Pool::default())
}

#[test]
fn every_edit_gives_a_picture_of_bounded_size_with_the_photo_in_it() {
    let photo = photo(400, 533);
    for edit in EDITS {
        let file = edit.file(&photo, 1, 0, &Pool::default());
        let picture = Picture::decode(&file.jpeg, &DecodeLimits::default()).unwrap();
        let (w, h) = (f64::from(picture.width()), f64::from(picture.height()));
        assert!(w.max(h) <= f64::from(LONGEST_SIDE), "{}", edit.name);
        let inside =
            |[x, y]: &[f64; 2]| *x >= -1e-6 && *y >= -1e-6 && *x <= w + 1e-6 && *y <= h + 1e-6;
        assert!(
            file.region.iter().all(inside),
            "{}: {:?}",
            edit.name,
            file.region
        );
        assert!(area(&file.region) > 0.1 * w * h, "{}", edit.name);
    }
}

#[test]
fn edits_repeat_for_a_seed_and_those_that_draw_lots_differ_for_another() {
    let photo = photo(200, 150);
    let fixed = ["resize50", "resize25", "jpeg30", "jpeg8", "mirror"];
    for edit in EDITS {
        let file = |seed| edit.file(&photo, seed, 3, &Pool::default());
        let first = file(1);
        assert_eq!(first, file(1), "{}", edit.name);
        // Some draw from a few choices only, so that one other seed may give the same.
        let differs = (2..10).any(|seed| file(seed) != first);
        assert_eq!(differs, !fixed.contains(&edit.name), "{}", edit.name);
    }
}

#[test]
fn photos_of_any_shape_are_edited_without_harm() {
    for (w, h) in [(1, 1), (2, 1), (1, 300), (900, 3)] {
        let photo = photo(w, h);
        for edit in EDITS {
            let file = edit.file(&photo, 1, 0, &Pool::default());
            assert!(!file.jpeg.is_empty(), "{} of {w} × {h}", edit.name);
        }
    }
    let none = RgbImage::new(0, 0);
    assert!(
        !edit("collage4")
            .file(&none, 1, 0, &Pool::default())
            .jpeg
            .is_empty()
    );
}

#[test]
fn sizes_are_as_promised() {
    let photo = photo(400, 300);
    for (name, size) in [
        ("resize50", (200, 150)),
        ("resize25", (100, 75)),
        ("crop10", (360, 270)),
        ("crop20", (320, 240)),
        ("crop35", (260, 195)),
        ("mirror", (400, 300)),
        ("rot90", (300, 400)),
        ("combo", (340, 255)),
    ] {
        assert_eq!(apply(name, &photo, 0).pixels.dimensions(), size, "{name}");
    }
}

#[test]
fn the_region_of_a_moved_photo_is_where_its_pixels_are() {
    // A photo of one colour that occurs nowhere else: the region's area must be its pixels' number.
    let marked = Rgb([255, 0, 255]);
    let photo = RgbImage::from_pixel(300, 200, marked);
    for name in [
        "rot5",
        "rot15",
        "border",
        "collage2",
        "collage4",
        "screenshot",
    ] {
        for number in 0..4 {
            let edited = apply(name, &photo, number);
            let pixels = edited
                .pixels
                .enumerate_pixels()
                .filter(|(_, _, p)| **p == marked);
            let seen: Vec<[f64; 2]> = pixels
                .map(|(x, y, _)| [f64::from(x), f64::from(y)])
                .collect();
            let share = seen.len() as f64 / area(&edited.region);
            assert!((0.98..1.02).contains(&share), "{name}: {share}");
            let centre = |axis: usize, of: &[[f64; 2]]| {
                of.iter().map(|p| p[axis]).sum::<f64>() / of.len() as f64
            };
            for axis in 0..2 {
                let apart = centre(axis, &seen) - centre(axis, &edited.region);
                assert!(apart.abs() < 2.0, "{name}: {apart}");
            }
        }
    }
}

#[test]
fn a_cutout_leaves_the_product_and_takes_its_white_ground_away() {
    let mut photo = RgbImage::from_pixel(300, 300, Rgb([255; 3]));
    let product = Rgb([255, 0, 255]);
    canvas::fill(&mut photo, [100.0, 100.0, 100.0, 100.0], product, 1.0);
    let edited = apply("cutout", &photo, 0);
    let count = |colour: Rgb<u8>| edited.pixels.pixels().filter(|p| **p == colour).count() as f64;
    let whole = rectangle(0.0, 0.0, 300.0, 300.0);
    let scale = overlap(&edited.region, &whole);
    assert!((0.35..0.73).contains(&scale), "{scale}");
    assert!(count(product) > 8000.0 * scale, "{}", count(product));
    assert!(count(Rgb([255; 3])) < 3000.0);
}

#[test]
fn the_colours_text_and_print_change_most_of_what_they_should() {
    let photo = photo(400, 300);
    let changed = |name: &str| {
        let edited = apply(name, &photo, 1).pixels;
        let apart = |(a, b): (&Rgb<u8>, &Rgb<u8>)| {
            a.0.iter()
                .zip(b.0)
                .map(|(&a, b)| u32::from(a.abs_diff(b)))
                .sum::<u32>()
                > 12
        };
        let count = photo
            .pixels()
            .zip(edited.pixels())
            .filter(|&pair| apart(pair))
            .count();
        count as f64 / 120_000.0
    };
    assert!(changed("colour") > 0.9, "{}", changed("colour"));
    assert!(changed("halftone") > 0.8, "{}", changed("halftone"));
    assert!(
        (0.12..0.5).contains(&changed("text")),
        "{}",
        changed("text")
    );
    assert!(
        (0.02..0.4).contains(&changed("stickers")),
        "{}",
        changed("stickers")
    );
    assert!(changed("perspective") > 0.5);
}

#[test]
fn names_are_unique_and_lead_to_their_edit() {
    for (at, edit) in EDITS.iter().enumerate() {
        assert_eq!(Edit::named(edit.name).map(|e| e.what), Some(edit.what));
        assert!(EDITS[..at].iter().all(|other| other.name != edit.name));
    }
    assert!(Edit::named("crop").is_none());
}
