//! A picture is searched for in everything captured.

use markhound::hunt::{self, Limits};
use markhound_fixtures::{DEFAULT_SEED, Label, truth};
use markhound_index::image::{DecodeLimits, Picture};

use super::Scanned;
use crate::lab::{markhound, stderr};
use crate::world::photo;

const SOFA: &str = "paul-weaver-1120584-unsplash.jpg";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edited_copy_is_found_in_the_listings_that_show_the_picture() {
    let scanned = Scanned::whole().await;
    // Another size and another quality than any seller used.
    let bytes = std::fs::read(photo(SOFA)).unwrap();
    let picture = Picture::decode(&bytes, &DecodeLimits::default()).unwrap();
    let file = scanned.dir.path().join("copy.jpg");
    std::fs::write(&file, picture.thumbnail_jpeg(500)).unwrap();
    let hunt = |more: &[&str]| {
        markhound()
            .args(["hunt", "--image"])
            .arg(&file)
            .args(more)
            .arg("--data-dir")
            .arg(&scanned.app.data_dir)
            .output()
            .unwrap()
    };
    let output = hunt(&["--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let listings = found["listings"].as_array().unwrap();
    let copies: Vec<String> = truth(DEFAULT_SEED)
        .into_iter()
        .filter(|row| row.shop == "kaufwinkel" && row.sku.as_deref() == Some("OST-BR700"))
        .filter(|row| row.label == Label::Infringing && !row.picture_edits.is_empty())
        .map(|row| row.item_id)
        .collect();
    assert!(!copies.is_empty());
    let ids: Vec<&str> = listings
        .iter()
        .map(|l| l["item_id"].as_str().unwrap())
        .collect();
    for copy in &copies {
        assert!(ids.contains(&copy.as_str()), "{copy} is not among {ids:?}");
    }
    let mut once = ids.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), ids.len(), "one row a listing");
    let scores: Vec<f64> = listings
        .iter()
        .map(|l| l["score"].as_f64().unwrap())
        .collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
    assert_eq!(found["coverage"]["searched"], found["coverage"]["pictures"]);

    let output = hunt(&["--json", "--limit", "1", "--min-score", "0.6"]);
    let best: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(best["listings"].as_array().unwrap().len(), 1);
    assert_eq!(best["listings"][0]["item_id"], listings[0]["item_id"]);

    scanned
        .execute("UPDATE pictures SET algorithm = 'phash 0' WHERE id % 2 = 0")
        .await;
    let output = hunt(&[]);
    assert_eq!(output.status.code(), Some(3));
    let said = stderr(&output);
    assert!(
        said.contains("\"phash 0\"") && said.contains("markhound reindex"),
        "{said}"
    );
}

#[test]
fn a_picture_with_nothing_in_it_and_a_file_that_is_none_are_refused_plainly() {
    let dir = tempfile::tempdir().unwrap();
    let flat = dir.path().join("flat.png");
    image::GrayImage::from_pixel(200, 200, image::Luma([128]))
        .save(&flat)
        .unwrap();
    let none = dir.path().join("none.jpg");
    std::fs::write(&none, "no picture").unwrap();
    for (file, why) in [(&flat, "plain area"), (&none, "none.jpg")] {
        let output = markhound()
            .current_dir(dir.path())
            .args(["hunt", "--image"])
            .arg(file)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains(why), "{}", stderr(&output));
    }
}

#[tokio::test]
async fn pictures_of_another_algorithm_are_counted_and_named() {
    let scanned = crate::world::World::new().await;
    let case = crate::world::open_case(&scanned).await;
    assert!(case > 0);
    let query = hunt::fingerprint(&std::fs::read(photo(SOFA)).unwrap()).unwrap();
    let limits = Limits {
        min_score: 0.5,
        listings: 9,
        patience: None,
    };
    let finds = hunt::find(&scanned.app.store, &query, limits, &|_, _| {});
    let finds = finds.await.unwrap();
    assert_eq!(finds.coverage.left_out(), 1, "it is of another algorithm");
    assert_eq!(finds.coverage.other_algorithms["test v1"], 1);
    assert_eq!(finds.coverage.not_reached(), 0);
}
