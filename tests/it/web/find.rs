//! A picture is shown to the page and found in what was captured.

use std::io::Cursor;

use markhound::reindex;

use crate::desk::{Desk, Person};
use crate::world::{PHOTO, photo};

async fn send(person: &Person, picture: &[u8]) -> (u16, String) {
    let fields = [("csrf", person.csrf.as_bytes()), ("picture", picture)];
    let answer = person.upload("/find", &fields).await;
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// A PNG of one grey.
fn flat() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image::GrayImage::from_pixel(300, 200, image::Luma([90]))
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

fn files(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path());
    entries
        .map(|path| if path.is_dir() { files(&path) } else { 1 })
        .sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_is_found_in_listings_and_catalog_and_nothing_of_it_is_kept() {
    let desk = Desk::open().await;
    let app = &desk.world.app;
    let without_case = desk
        .another_case("8001", "Second <b>listing</b>", 0.9)
        .await;
    let vera = desk.person("vera").await;
    let picture = std::fs::read(photo(PHOTO)).unwrap();

    // Fingerprints of another version are said, not compared.
    let (status, page) = send(&vera, &picture).await;
    assert_eq!(status, 200);
    assert!(page.contains("No listing shows it") && page.contains("2 were left out"));
    assert!(
        page.matches("markhound reindex").count() >= 2,
        "for the catalog too"
    );

    reindex::run(app, "test", false, &|_| {}).await.unwrap();
    let kept = files(&app.data_dir.join("blobs"));
    let fields = [("csrf", vera.csrf.as_bytes()), ("picture", &*picture)];
    let answer = vera.upload("/find", &fields).await;
    let policy = answer.headers()["content-security-policy"]
        .to_str()
        .unwrap();
    assert!(policy.contains("img-src 'self' data:") && policy.contains("default-src 'none'"));
    let page = answer.text().await.unwrap();
    assert!(page.contains("2 listings show it"), "{page}");
    assert!(page.contains("<img src=\"data:image/jpeg;base64,"));
    assert_eq!(page.matches("<polygon points=\"").count(), 2);
    assert!(page.contains(&format!("href=\"/case/{}\"", desk.case)));
    assert!(page.contains(&format!("href=\"/case/{without_case}\"")));
    assert!(page.contains("<a href=\"/catalog/OST-FJ210\">"));
    assert!(!page.contains("Second <b>listing"));
    assert_eq!(files(&app.data_dir.join("blobs")), kept);

    let other = photo("paul-weaver-1120584-unsplash.jpg");
    let (_, page) = send(&vera, &std::fs::read(other).unwrap()).await;
    assert!(page.contains("No listing shows it"));
    assert!(page.contains("It matches no reference photo."));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_cannot_be_searched_for_is_refused_in_plain_words() {
    let desk = Desk::open().await;
    let mara = desk.person("mara").await;
    let empty = mara.text("/find").await;
    assert!(empty.contains("Choose a picture to find"));
    assert!(empty.contains("aria-current=\"page\">Find</a>"));
    let policy = mara.get("/find").await.headers()["content-security-policy"].clone();
    assert!(!policy.to_str().unwrap().contains("data:"));

    let (status, page) = send(&mara, b"").await;
    assert_eq!(status, 400);
    assert!(page.contains("Choose a picture first."));
    let answer = mara
        .upload("/find", &[("csrf", mara.csrf.as_bytes())])
        .await;
    assert_eq!(answer.status(), 400);
    let (status, page) = send(&mara, b"<svg onload=alert(1)>").await;
    assert_eq!(status, 422);
    assert!(page.contains("role=\"alert\"") && !page.contains("<svg onload"));
    let whole = std::fs::read(photo(PHOTO)).unwrap();
    let (status, _) = send(&mara, &whole[..200]).await;
    assert_eq!(status, 422);
    let (status, page) = send(&mara, &flat()).await;
    assert_eq!(status, 422);
    assert!(page.contains("nothing to recognise"));
    let (status, page) = send(&mara, &vec![0; (20 << 20) + 1]).await;
    assert_eq!(status, 413);
    assert!(page.contains("larger than 20 MiB"));
    desk.close().await;
}

#[tokio::test]
async fn a_picture_from_another_site_or_without_the_token_is_refused() {
    let desk = Desk::open().await;
    let mara = desk.person("mara").await;
    let picture = std::fs::read(photo(PHOTO)).unwrap();
    let wrong = "0".repeat(64);
    for fields in [
        vec![("picture", &*picture)],
        vec![("csrf", wrong.as_bytes()), ("picture", &picture)],
        vec![("picture", &*picture), ("csrf", mara.csrf.as_bytes())],
    ] {
        let answer = mara.upload("/find", &fields).await;
        assert_eq!(answer.status(), 403);
    }
    let answer = mara.post("/find", &[]).await;
    assert_eq!(answer.status(), 400, "no form with files");
    let nobody = crate::desk::client().post(format!("{}/find", desk.base));
    let answer = nobody.send().await.unwrap();
    assert_eq!(answer.status(), 303, "to sign-in");
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_are_found_marked_and_escaped_and_pages_follow_each_other_by_address() {
    let desk = Desk::open().await;
    for n in 0..32 {
        let title = format!("V3l0r@ <b>bag</b> <script>alert({n})</script>");
        desk.another_case(&format!("9{n:03}"), &title, 0.9).await;
    }
    let mara = desk.person("mara").await;
    let page = mara.text("/find?q=velora+bag").await;
    assert!(page.contains("32 listings"), "{page}");
    assert!(page.contains("<mark>V3l0r@</mark>") && page.contains("<mark>bag</mark>"));
    assert!(!page.contains("<b>bag") && !page.contains("<script>alert"));
    assert_eq!(page.matches("<li class=\"panel\">").count(), 30);
    assert!(!page.contains("Choose a picture"));
    let start = page.find("rel=\"next\" href=\"").unwrap() + 17;
    let next = &page[start..start + page[start..].find('"').unwrap()];
    let next = next.replace("&#38;", "&").replace("&amp;", "&");
    assert!(next.starts_with("/find?q=velora+bag&after="), "{next}");
    let page = mara.text(&next).await;
    assert_eq!(page.matches("<li class=\"panel\">").count(), 2);
    assert!(!page.contains("rel=\"next\"") && page.contains("First page"));
    let page = mara.text("/find?q=velora&sort=newest&after=nonsense").await;
    assert_eq!(page.matches("<li class=\"panel\">").count(), 30);

    let page = mara
        .text("/find?q=%22%3E%3Cimg+src%3Dx%3E+price%3Acheap")
        .await;
    assert!(
        page.contains("role=\"alert\"") && !page.contains("<img src=x>"),
        "{page}"
    );
    let page = mara.text("/find?q=price%3Acheap").await;
    assert!(
        page.contains("At character 7: ") && page.contains("price:10..50"),
        "{page}"
    );
    let page = mara.text("/find?q=nowhere").await;
    assert!(page.contains("No listing says this"));
    desk.close().await;
}
