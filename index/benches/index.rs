//! What a listing costs: decoding, hashing and searching its picture, and searching its title.
//!
//! `cargo bench -p markhound-index --bench index`.

mod timing;

use std::hint::black_box;
use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};
use markhound_index::image::{DecodeLimits, Fingerprint, GreyPicture, Picture, ReferenceIndex};
use markhound_index::text::{CatalogProduct, CatalogTextIndex};
use timing::median;

fn photo(seed: u32) -> RgbImage {
    let wave = |x: u32, y: u32, k: u32| {
        let phase = f64::from(seed.wrapping_mul(2_654_435_761).wrapping_mul(k) % 1_000);
        ((f64::from(x * (k % 7 + 1)) + f64::from(y * (k % 5 + 1)) + phase) / 37.0).sin()
    };
    RgbImage::from_fn(800, 600, |x, y| {
        let v: f64 = (1..6).map(|k| wave(x, y, k) * 24.0).sum();
        Rgb([(128.0 + v) as u8, (120.0 + v) as u8, (110.0 - v) as u8])
    })
}

fn main() {
    let mut jpeg = Cursor::new(Vec::new());
    photo(1)
        .write_to(&mut jpeg, ImageFormat::Jpeg)
        .expect("memory takes it");
    let limits = DecodeLimits::default();
    median("decode, JPEG 800×600", 100, 1, || {
        black_box(GreyPicture::decode(jpeg.get_ref(), &limits).expect("a picture"));
    });
    let picture = GreyPicture::decode(jpeg.get_ref(), &limits).expect("a picture");
    median("hash all parts", 100, 1, || {
        black_box(Fingerprint::compute(&picture));
    });
    for references in [30, 500] {
        let mut index = ReferenceIndex::new();
        for seed in 2..references + 2 {
            let hashes =
                Fingerprint::compute(&GreyPicture::from_picture(&Picture::from_rgb(photo(seed))));
            index.insert(i64::from(seed), 0, &hashes);
        }
        let query = Fingerprint::compute(&picture);
        median(
            &format!("search {references} references, not among them"),
            30,
            1,
            || {
                black_box(index.search(&query));
            },
        );
    }
    for products in [100, 10_000] {
        let index = CatalogTextIndex::build((0..products).map(|i| CatalogProduct {
            id: i,
            brand: format!("Brand{}", i % 97),
            name: format!("Brand{} Model{} thing{} colour{}", i % 97, i, i % 31, i % 7),
            model_numbers: vec![format!("MX-{i:05}")],
            ..CatalogProduct::default()
        }))
        .expect("the index builds");
        median(
            &format!("search a title in {products} products"),
            300,
            1,
            || {
                let title = "New Br4nd17 thing12 colour3 MX-00017 free shipping";
                black_box(index.search(title, None, 10));
            },
        );
    }
}
