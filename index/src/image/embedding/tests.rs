//! The tests of vectors and of the search, which need no model.

use image::{Rgb, RgbImage};

use super::dot::{LANES, dot, dots};
use super::*;

/// A model of 16 numbers: the mean grey of a 4 × 4 grid's cells, less the whole picture's.
struct Cells;

impl Embedder for Cells {
    fn name(&self) -> &str {
        "cells-1"
    }

    fn embed(&self, picture: &Picture) -> Result<Embedding, EmbeddingError> {
        let (mut sums, mut counts) = ([0.0; 16], [0.0; 16]);
        for (x, y, Rgb(pixel)) in picture.pixels().enumerate_pixels() {
            let cell = (y * 4 / picture.height() * 4 + x * 4 / picture.width()) as usize;
            sums[cell] += pixel.iter().map(|&v| f32::from(v)).sum::<f32>() / 3.0;
            counts[cell] += 1.0;
        }
        let mut cells = [0.0; 16];
        for (cell, (sum, count)) in cells.iter_mut().zip(sums.iter().zip(&counts)) {
            *cell = sum / count;
        }
        let mean = cells.iter().sum::<f32>() / 16.0;
        Embedding::new(self.name(), &cells.map(|cell| cell - mean))
    }
}

/// Numbers from -1 to 1 that look random (SplitMix64 of Steele, Lea and Flood, 2014).
fn numbers(seed: u64, count: usize) -> Vec<f32> {
    (1..=count as u64)
        .map(|i| {
            let mut z = (seed << 32)
                .wrapping_add(i)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 31)) >> 40) as f32 / (1 << 23) as f32 - 1.0
        })
        .collect()
}

fn vector(seed: u64, dimensions: usize) -> Embedding {
    Embedding::new("model-1", &numbers(seed, dimensions)).expect("random numbers are a vector")
}

/// Every cosine, sorted: what the index must give.
fn brute_force(
    all: &[(u64, Embedding)],
    query: &Embedding,
    most: usize,
    threshold: f32,
) -> Vec<EmbeddingNeighbour> {
    let mut found: Vec<_> = all
        .iter()
        .map(|(id, vector)| EmbeddingNeighbour {
            id: *id,
            cosine: query.cosine(vector).expect("one model"),
        })
        .filter(|found| found.cosine >= threshold)
        .collect();
    found.sort_by(|a, b| b.cosine.total_cmp(&a.cosine).then(a.id.cmp(&b.id)));
    found.truncate(most);
    found
}

#[test]
fn an_embedder_finds_a_picture_in_another_size() {
    let waves = |side: u32, seed: f32| {
        Picture::from_rgb(RgbImage::from_fn(side, side, |x, y| {
            let (x, y) = (x as f32 / side as f32, y as f32 / side as f32);
            Rgb([(127.0 + 120.0 * (x * seed + y * 3.0).sin()) as u8; 3])
        }))
    };
    let model: &dyn Embedder = &Cells;
    let mut index = EmbeddingIndex::new(model.name(), 16).expect("a model");
    for seed in 1..20 {
        let picture = model.embed(&waves(64, seed as f32)).expect("a vector");
        index.insert(seed, &picture).expect("the same model");
    }
    let query = model.embed(&waves(200, 7.0)).expect("a vector");
    let found = index.search(&query, 1, 0.99).expect("the same model");
    assert_eq!(found.first().map(|found| found.id), Some(7));
    let flat = Picture::from_rgb(RgbImage::from_pixel(8, 8, Rgb([9; 3])));
    let error = model
        .embed(&flat)
        .expect_err("a flat picture has no direction");
    assert!(matches!(error, EmbeddingError::Zero { .. }));
}

#[test]
fn the_index_answers_as_a_comparison_with_every_vector() {
    for (dimensions, count) in [(1, 9), (15, 300), (16, 256), (17, 1031), (512, 600)] {
        let all: Vec<_> = (0..count)
            .map(|id| (id * 7, vector(id, dimensions)))
            .collect();
        let mut index = EmbeddingIndex::new("model-1", dimensions).expect("a model");
        for (id, vector) in &all {
            assert!(!index.insert(*id, vector).expect("the same model"));
        }
        let query = vector(5_000, dimensions);
        for (most, threshold) in [
            (0, -1.0),
            (1, -1.0),
            (10, 0.05),
            (usize::MAX, -1.0),
            (5, 1.1),
        ] {
            assert_eq!(
                index
                    .search(&query, most, threshold)
                    .expect("the same model"),
                brute_force(&all, &query, most, threshold),
                "{dimensions} dimensions, {most} over {threshold}"
            );
        }
        assert_eq!(
            index.search(&query, 3, f32::NAN).expect("the same model"),
            []
        );
    }
}

#[test]
fn removed_and_replaced_vectors_are_found_no_more() {
    let mut index = EmbeddingIndex::new("model-1", 40).expect("a model");
    let mut all = std::collections::BTreeMap::new();
    for step in 0..900_u64 {
        let id = step * step % 211;
        if step % 3 == 2 {
            assert_eq!(index.remove(id), all.remove(&id).is_some());
        } else {
            let known = all.insert(id, vector(step, 40)).is_some();
            assert_eq!(
                index.insert(id, &vector(step, 40)).expect("the same model"),
                known
            );
        }
    }
    assert_eq!(index.len(), all.len());
    let all: Vec<_> = all.into_iter().collect();
    for (id, vector) in &all {
        assert_eq!(index.get(*id).as_ref(), Some(vector));
    }
    let query = vector(77, 40);
    assert_eq!(
        index.search(&query, 50, -1.0).expect("the same model"),
        brute_force(&all, &query, 50, -1.0)
    );
    for (id, _) in &all {
        assert!(index.remove(*id));
    }
    assert!(index.is_empty() && index.get(all[0].0).is_none() && !index.remove(all[0].0));
    assert_eq!(index.search(&query, 5, -1.0).expect("the same model"), []);
}

#[test]
fn equal_vectors_come_in_the_order_of_their_ids_whatever_the_order_they_came_in() {
    let same = vector(1, 20);
    let mut index = EmbeddingIndex::new("model-1", 20).expect("a model");
    for id in [9, 3, 8, 1, 7, 2] {
        index.insert(id, &same).expect("the same model");
    }
    let found = index.search(&same, 3, 0.5).expect("the same model");
    assert_eq!(
        found.iter().map(|found| found.id).collect::<Vec<_>>(),
        [1, 2, 3]
    );
}

#[test]
fn dot_products_are_the_same_bits_in_blocks_of_any_size() {
    let wide = 3 * LANES;
    let (query, rows) = (numbers(1, wide), numbers(2, wide * 11));
    for count in 0..=11 {
        let mut found = vec![9.0; count];
        dots(&query, &rows[..count * wide], &mut found);
        for (found, row) in found.iter().zip(rows.chunks(wide)) {
            assert_eq!(found.to_bits(), dot(&query, row).to_bits());
        }
    }
}

#[test]
fn a_vector_has_length_one_whatever_the_scale_of_the_output() {
    for scale in [1e-44_f32, 1e-20, 1.0, 1e30] {
        let made = Embedding::new("m", &[3.0 * scale, 0.0, -4.0 * scale]).expect("a vector");
        let squares: f32 = made.values().iter().map(|v| v * v).sum();
        assert!((squares - 1.0).abs() < 1e-6, "{scale}: {squares}");
        assert!((made.cosine(&made).expect("one model") - 1.0).abs() < 1e-6);
    }
}

#[test]
fn values_without_a_direction_are_refused() {
    let new = |values: &[f32]| Embedding::new("m", values).expect_err("no direction");
    assert!(matches!(new(&[0.0, -0.0]), EmbeddingError::Zero { .. }));
    assert!(matches!(
        new(&[1.0, f32::NAN]),
        EmbeddingError::NotFinite { place: 1, .. }
    ));
    assert!(matches!(
        new(&[f32::INFINITY]),
        EmbeddingError::NotFinite { place: 0, .. }
    ));
    assert!(matches!(
        new(&[]),
        EmbeddingError::Dimensions { found: 0, .. }
    ));
    assert!(matches!(
        new(&[1.0; 8193]),
        EmbeddingError::Dimensions { found: 8193, .. }
    ));
    assert!(matches!(
        Embedding::new("", &[1.0]),
        Err(EmbeddingError::Name { length: 0 })
    ));
}

#[test]
fn vectors_of_different_models_are_never_compared() {
    let (a, b) = (
        vector(1, 8),
        Embedding::new("model-2", &[1.0; 8]).expect("a vector"),
    );
    assert!(matches!(
        a.cosine(&b),
        Err(EmbeddingError::OtherModel { .. })
    ));
    assert!(matches!(
        a.cosine(&vector(1, 9)),
        Err(EmbeddingError::OtherDimensions { .. })
    ));
    let mut index = EmbeddingIndex::new("model-1", 8).expect("a model");
    assert!(index.insert(1, &b).is_err() && index.insert(1, &vector(1, 9)).is_err());
    assert!(index.search(&b, 1, 0.0).is_err());
    assert!(index.is_empty());
}

#[test]
fn stored_vectors_come_back_bit_for_bit() {
    for dimensions in [1, 7, 512, EMBEDDING_DIMENSIONS_MAX] {
        let made = vector(3, dimensions);
        let bytes = made.to_bytes();
        assert_eq!(
            Embedding::from_bytes(&bytes, "model-1").expect("whole"),
            made
        );
        let other = Embedding::from_bytes(&bytes, "model-2").expect_err("another model");
        assert!(matches!(other, EmbeddingError::OtherModel { .. }));
    }
}

#[test]
fn damaged_stored_vectors_are_refused() {
    let bytes = vector(3, 5).to_bytes();
    let read = |bytes: &[u8]| Embedding::from_bytes(bytes, "model-1");
    for keep in 0..bytes.len() {
        assert!(read(&bytes[..keep]).is_err(), "{keep} bytes were enough");
    }
    assert!(
        read(&[&bytes[..], &[0]].concat()).is_err(),
        "a byte too many"
    );
    let values = bytes.len() - 20;
    for value in [f32::NAN, f32::INFINITY, 3.0] {
        let mut changed = bytes.clone();
        changed[values..values + 4].copy_from_slice(&value.to_le_bytes());
        assert!(read(&changed).is_err(), "{value} was taken");
    }
}
