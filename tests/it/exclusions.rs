//! Reference photos that listings are not held against, and the file that the
//! index of the others is kept in.

use std::fs;
use std::path::PathBuf;

use image::imageops::{self, FilterType};
use image::{DynamicImage, Rgb, RgbImage};
use markhound::catalog;
use markhound::catalog::references::{References, SetAside};
use markhound::store::matching::Matching;
use markhound_index::image::{Fingerprint, GreyPicture, Picture};
use serde_json::Value;

use crate::lab::{markhound, stderr};
use crate::world::{World, photo};

const PHOTOS: [&str; 4] = [
    "abel-y-costa-716024-unsplash.jpg",
    "adam-birkett-239153-unsplash.jpg",
    "alexandru-acea-686569-unsplash.jpg",
    "chuttersnap-324234-unsplash.jpg",
];
const NAMES: [&str; 4] = ["Trail Jacket", "Canvas Tote", "Merino Scarf", "Desk Lamp"];

/// A table of sizes: lines and dark cells on white.
fn size_chart() -> RgbImage {
    RgbImage::from_fn(420, 300, |x, y| {
        let (column, row) = (x / 60, y / 30);
        let line = x % 60 < 2 || y % 30 < 2;
        let word = (12..18).contains(&(y % 30))
            && x % 60 > 8
            && x % 60 < 14 + (column * 7 + row * 13) % 40;
        let dark = line || word || (row == 0 && column < 4);
        Rgb(if dark { [40, 40, 50] } else { [250; 3] })
    })
}

fn print(pixels: RgbImage) -> Fingerprint {
    Fingerprint::compute(&GreyPicture::from_picture(&Picture::from_rgb(pixels)))
}

fn own_photo(at: usize) -> RgbImage {
    let picture = image::open(photo(PHOTOS[at])).unwrap();
    picture.resize(500, 500, FilterType::Triangle).to_rgb8()
}

/// Four products that have nothing to do with each other, each with a photo of
/// its own and all with one size chart, each time saved in another size.
async fn catalog_with_a_shared_chart() -> World {
    let world = World::new().await;
    let folder = world.dir.path().join("photos");
    fs::create_dir(&folder).unwrap();
    let mut rows = "sku,brand,name,images\n".to_owned();
    for (at, name) in NAMES.iter().enumerate() {
        let side = 420 - 10 * at as u32;
        let chart = imageops::resize(&size_chart(), side, side * 5 / 7, FilterType::Triangle);
        save(&folder.join(format!("chart-{at}.png")), chart);
        save(&folder.join(format!("own-{at}.png")), own_photo(at));
        rows.push_str(&format!("S{at},Br,{name},own-{at}.png;chart-{at}.png\n"));
    }
    let path = world.dir.path().join("catalog.csv");
    fs::write(&path, rows).unwrap();
    let reading = catalog::read(&path, Some(&folder)).unwrap();
    let done = catalog::import(&world.app, "t", &reading, |_, _| {}).await;
    assert_eq!(done.unwrap().errors, []);
    world
}

fn save(path: &std::path::Path, pixels: RgbImage) {
    DynamicImage::from(pixels).save(path).unwrap();
}

/// The file names of the photos found in a picture.
async fn found(world: &World, pixels: RgbImage) -> Vec<String> {
    let references = References::load(&world.app).await.unwrap();
    let matches = references.index().search(&print(pixels));
    let name = |reference| references.photo(reference).unwrap().file_name.clone();
    let mut names: Vec<String> = matches.iter().map(|m| name(m.reference)).collect();
    names.sort();
    names
}

async fn set(world: &World, sku: &str, photo: &str, matching: Matching) -> u64 {
    let store = &world.app.store;
    let photos = [photo.to_owned()];
    store
        .set_matching("t", sku, &photos, matching)
        .await
        .unwrap()
}

fn run(world: &World, args: &[&str]) -> String {
    let mut command = markhound();
    command.current_dir(world.dir.path());
    let output = command
        .args(["--data-dir", "data"])
        .args(args)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// The files of the kept index.
fn kept(world: &World) -> Vec<PathBuf> {
    let files = fs::read_dir(world.app.data_dir.join("cache")).unwrap();
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

#[tokio::test]
async fn a_photo_of_unrelated_products_matches_none_of_them_unless_somebody_wants_it() {
    let world = catalog_with_a_shared_chart().await;
    assert_eq!(found(&world, size_chart()).await, [""; 0]);
    for at in 0..NAMES.len() {
        assert_eq!(
            found(&world, own_photo(at)).await,
            [format!("own-{at}.png")]
        );
    }
    let shown = run(&world, &["catalog", "show", "S1"]);
    assert!(
        shown.contains("chart-1.png  (not matched: 4 products"),
        "{shown}"
    );
    let shown: Value =
        serde_json::from_str(&run(&world, &["--json", "catalog", "show", "S1"])).unwrap();
    assert_eq!(shown["photos"][1]["set_aside"]["common"]["products"], 4);
    assert_eq!(shown["photos"][0]["set_aside"], Value::Null);

    run(
        &world,
        &["catalog", "include", "S1", "chart-1.png", "--always"],
    );
    assert_eq!(found(&world, size_chart()).await, ["chart-1.png"]);
    run(&world, &["catalog", "include", "S1", "chart-1.png"]);
    assert_eq!(found(&world, size_chart()).await, [""; 0]);
}

#[tokio::test]
async fn a_photo_excluded_by_hand_is_not_matched_until_it_is_included() {
    let world = catalog_with_a_shared_chart().await;
    let before = world.app.store.catalog_version().await.unwrap();
    run(&world, &["catalog", "exclude", "S0", "own-0.png"]);
    assert_eq!(found(&world, own_photo(0)).await, [""; 0]);
    let references = References::load(&world.app).await.unwrap();
    assert_eq!(references.set_aside_counts(), (1, 4));
    let photos = world.app.store.reference_photos().await.unwrap();
    let own = photos.iter().find(|p| p.file_name == "own-0.png").unwrap();
    assert_eq!(references.set_aside(own.id), Some(SetAside::ByHand));
    // Saying it again is no change.
    assert_eq!(set(&world, "S0", "own-0.png", Matching::Never).await, 0);
    let version = world.app.store.catalog_version().await.unwrap();
    assert_eq!(version, before + 1);

    run(&world, &["catalog", "include", "S0"]);
    assert_eq!(found(&world, own_photo(0)).await, ["own-0.png"]);
    let events = world.app.store.audit_page(None, 10).await.unwrap();
    let actions: Vec<_> = events.iter().map(|event| event.action.as_str()).collect();
    assert_eq!(actions[..2], ["catalog.matching", "catalog.matching"]);
    // A slip of the pen changes nothing.
    let store = &world.app.store;
    let wrong = ["own-0.png".to_owned(), "own-9.png".to_owned()];
    let error = store.set_matching("t", "S0", &wrong, Matching::Never).await;
    assert!(error.unwrap_err().to_string().contains("own-9.png"));
    assert_eq!(found(&world, own_photo(0)).await, ["own-0.png"]);
}

#[tokio::test]
async fn the_kept_index_answers_as_a_new_one_and_is_made_anew_when_it_cannot_be_used() {
    let world = catalog_with_a_shared_chart().await;
    let crop = imageops::crop_imm(&own_photo(2), 30, 20, 300, 280).to_image();
    let answers = async || {
        let references = References::load(&world.app).await.unwrap();
        let matches = references.index().search(&print(crop.clone()));
        (matches, references.set_aside_counts())
    };
    let fresh = answers().await;
    assert_eq!((fresh.0.len(), fresh.1), (1, (0, 4)));
    let files = kept(&world);
    let written = fs::metadata(&files[0]).unwrap().modified().unwrap();
    assert_eq!(answers().await, fresh);
    assert_eq!(
        fs::metadata(&files[0]).unwrap().modified().unwrap(),
        written
    );

    // Cut off, as no crash leaves it but a full disk of another program might.
    let whole = fs::read(&files[0]).unwrap();
    fs::write(&files[0], &whole[..whole.len() / 2]).unwrap();
    assert_eq!(answers().await, fresh);
    assert_eq!(fs::read(&files[0]).unwrap(), whole);
    fs::remove_file(&files[1]).unwrap();
    assert_eq!(answers().await, fresh);
    // Without a place to keep it, everything works as before.
    fs::remove_dir_all(world.app.data_dir.join("cache")).unwrap();
    fs::write(world.app.data_dir.join("cache"), "in the way").unwrap();
    assert_eq!(answers().await, fresh);
    fs::remove_file(world.app.data_dir.join("cache")).unwrap();

    // Of a changed catalog there is another file, and only that.
    answers().await;
    set(&world, "S2", "own-2.png", Matching::Never).await;
    assert_eq!(answers().await.0, []);
    let now = kept(&world);
    assert_eq!(now.len(), 2);
    assert_ne!(now, files);
}
