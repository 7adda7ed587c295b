//! Sellers, sources, lists and their files, and the catalog changed by hand.

use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use markhound::review::{self, Action, Verdict};

use crate::desk::{Desk, Person, location};
use crate::world::{PHOTO, photo};

async fn confirm(desk: &Desk) {
    let verdict = Verdict {
        action: Action::Confirm,
        kind: None,
        reason: Some("A plain copy".to_owned()),
    };
    let store = &desk.world.app.store;
    review::decide(store, "mara", &[desk.case], &verdict)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_seller_has_a_page_with_listings_decisions_and_those_who_share_photos_and_words() {
    let desk = Desk::open().await;
    confirm(&desk).await;
    // The same photo and the same words, another name.
    desk.another_case("8001", "Lounge chair 7001, 100% like Fjordal", 0.9)
        .await;
    let twin = desk
        .hostile_case("9001", "Lounge chair 9001, like Fjordal, in box")
        .await;
    let mara = desk.person("mara").await;
    let list = mara.text("/sellers").await;
    assert!(list.contains("moebel_&#60;b&#62;4you"));
    let name = "moebel_%3Cb%3E4you%3C%2Fb%3E";
    let path = format!("/seller?source=kaufwinkel&name={name}");
    let page = mara.text(&path).await;
    for words in [
        "A plain copy",
        &format!("/case/{}?state=all", desk.case),
        "Photos in common",
        "Lounge chair 9001, like Fjordal, in box",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let case = mara.text(&format!("/case/{twin}")).await;
    assert!(case.contains("href=\"/seller?source=kaufwinkel&#38;name=Lounge"));
    assert_eq!(
        mara.get("/seller?source=kaufwinkel&name=Nobody")
            .await
            .status(),
        404
    );
    assert_eq!(
        mara.get("/seller?source=nowhere&name=x").await.status(),
        404
    );
    assert_eq!(mara.get("/seller").await.status(), 404);
    desk.close().await;
}

/// Every row of a list, page after page, by what marks a row.
async fn walk(person: &Person, path: &str, mark: &str) -> Vec<String> {
    let (mut rows, mut path) = (Vec::new(), path.to_owned());
    for _ in 0..20 {
        let page = person.text(&path).await;
        let found = page.split(mark).skip(1);
        rows.extend(found.map(|rest| rest.split('"').next().unwrap().to_owned()));
        let Some((_, rest)) = page.split_once("id=\"more\" rel=\"next\" href=\"") else {
            return rows;
        };
        path = rest.split('"').next().unwrap().replace("&#38;", "&");
    }
    panic!("{path} has no end");
}

#[tokio::test]
async fn lists_page_through_everything_once_in_every_order() {
    let desk = Desk::open().await;
    for n in 0..130 {
        // Products, sellers and scans: a page of none of them holds as many.
        let item = format!("p{n}");
        desk.case_of_another_product(&item, 0.9).await;
        desk.hostile_case(&format!("h{n}"), &format!("seller:{n}:<i>"))
            .await;
    }
    let mara = desk.person("mara").await;
    for (list, mark, count) in [
        ("/sellers", "<a href=\"/seller?", 131),
        ("/sellers?sort=latest", "<a href=\"/seller?", 131),
        ("/sellers?sort=open&q=SELLER", "<a href=\"/seller?", 130),
        ("/scans", "<tr data-scan=\"", 261),
        ("/scans?sort=cases&state=done", "<tr data-scan=\"", 260),
        ("/catalog", "<h2><a href=\"/catalog/", 131),
        ("/catalog?sort=changed", "<h2><a href=\"/catalog/", 131),
        ("/catalog?sort=sku&q=other-", "<h2><a href=\"/catalog/", 130),
    ] {
        let mut rows = walk(&mara, list, mark).await;
        let all = rows.len();
        rows.sort_unstable();
        rows.dedup();
        assert_eq!((all, rows.len()), (count, count), "{list}");
    }
    let actions = mara.text("/audit?action=catalog.save").await;
    assert!(!actions.contains("Scan start</td>"));
    assert!(
        mara.text("/audit?subject=nothing")
            .await
            .contains("No event fits")
    );
    assert!(
        mara.text("/queue?lang=de")
            .await
            .contains("No case fits these filters")
    );
    desk.close().await;
}

#[tokio::test]
async fn every_list_is_exported_as_it_is_narrowed_and_no_cell_is_a_formula() {
    let desk = Desk::open().await;
    desk.hostile_case("9001", "=HYPERLINK(\"//evil.example\")")
        .await;
    let mara = desk.person("mara").await;
    for list in [
        "queue", "sellers", "sources", "scans", "catalog", "audit", "takedown",
    ] {
        let csv = mara.get(&format!("/export/{list}.csv")).await;
        assert_eq!(csv.status(), 200, "{list}");
        assert_eq!(csv.headers()[CONTENT_TYPE], "text/csv; charset=utf-8");
        let saved = csv.headers()[CONTENT_DISPOSITION]
            .to_str()
            .unwrap()
            .to_owned();
        assert_eq!(
            saved,
            format!("attachment; filename=\"markhound-{list}.csv\"")
        );
        let text = csv.text().await.unwrap();
        let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
        for record in reader.records() {
            for cell in record.unwrap().iter() {
                assert!(!cell.starts_with(['=', '+', '@']), "{list}: {cell}");
            }
        }
        let xlsx = mara.get(&format!("/export/{list}.xlsx")).await;
        let book = xlsx.bytes().await.unwrap();
        let mut book = zip::ZipArchive::new(std::io::Cursor::new(book)).unwrap();
        let mut sheet = String::new();
        let mut file = book.by_name("xl/worksheets/sheet1.xml").unwrap();
        std::io::Read::read_to_string(&mut file, &mut sheet).unwrap();
        assert!(!sheet.contains("<f>"), "{list} holds a formula");
    }
    let sellers = mara.text("/export/sellers.csv?q=hyperlink").await;
    assert_eq!(sellers.lines().count(), 2, "{sellers}");
    assert!(sellers.contains("\"'=HYPERLINK(\"\"//evil.example\"\")\""));
    for unknown in ["/export/users.csv", "/export/queue", "/export/queue.exe"] {
        assert_eq!(mara.get(unknown).await.status(), 404);
    }
    desk.close().await;
}

#[tokio::test]
async fn a_scan_is_asked_for_and_taken_up_by_the_scheduler_alone() {
    let desk = Desk::open().await;
    let store = &desk.world.app.store;
    let scan = store.unfinished_scans().await.unwrap().remove(0);
    let (mara, adam) = (desk.person("mara").await, desk.person("adam").await);
    let path = "/sources/kaufwinkel/run";
    assert_eq!(mara.post(path, &[]).await.status(), 403);
    let running = adam.post(path, &[]).await;
    assert_eq!(running.status(), 409, "it is being scanned");
    store.finish_scan(scan.id, "done", None).await.unwrap();

    let answer = adam.post(path, &[]).await;
    assert_eq!(location(&answer), "/sources?did=run#s-kaufwinkel");
    let source = store.source("kaufwinkel").await.unwrap();
    assert_eq!(source.run_asked_by.as_deref(), Some("adam"));
    assert_eq!(
        store.scans(9).await.unwrap().len(),
        1,
        "the page started nothing"
    );
    let page = adam.text("/sources?did=run").await;
    assert!(page.contains("A scan was asked for") && page.contains("by adam"));
    assert!(!page.contains(&format!("action=\"{path}\"")));
    let now = desk.world.hands.now().timestamp();
    assert!(markhound::scan::schedule::is_due(&source, None, now).unwrap());
    // Asked again, it stays one wish.
    adam.post(path, &[]).await;
    store.start_scan(source.id, "adam", &[]).await.unwrap();
    let source = store.source("kaufwinkel").await.unwrap();
    assert_eq!(source.run_asked_at, None, "it began");

    let scan = store.unfinished_scans().await.unwrap().remove(0);
    store.finish_scan(scan.id, "done", None).await.unwrap();
    adam.post("/sources/kaufwinkel/enabled", &[("enabled", "no")])
        .await;
    assert_eq!(adam.post(path, &[]).await.status(), 409, "it is paused");
    assert_eq!(adam.post("/sources/none/run", &[]).await.status(), 404);
    adam.post("/sources/kaufwinkel/enabled", &[("enabled", "yes")])
        .await;
    adam.post(path, &[]).await;
    store
        .refuse_run(source.id, "set `contact` <first>")
        .await
        .unwrap();
    let page = adam.text("/sources").await;
    assert!(page.contains("did not begin: set `contact` &#60;first&#62;"));
    desk.close().await;
}

#[tokio::test]
async fn a_product_is_changed_by_hand_and_the_change_taken_back() {
    let desk = Desk::open().await;
    let store = &desk.world.app.store;
    let (mara, adam) = (desk.person("mara").await, desk.person("adam").await);
    assert_eq!(mara.get("/product/OST-FJ210/edit").await.status(), 403);
    let form = adam.text("/product/OST-FJ210/edit").await;
    let seen = form.split("name=\"seen\" value=\"").nth(1).unwrap();
    let seen = seen.split('"').next().unwrap().to_owned();
    let fields = |name: &'static str, msrp: &'static str| {
        [
            ("seen", seen.clone()),
            ("brand", "Ostrelund".to_owned()),
            ("name", name.to_owned()),
            ("model_numbers", "FJ-210\nFJ-211".to_owned()),
            ("msrp", msrp.to_owned()),
            ("currency", "EUR".to_owned()),
            ("countries", "de".to_owned()),
            ("right-0-kind", "trademark".to_owned()),
            ("right-0-number", "EU-trademark-1".to_owned()),
            ("right-0-jurisdiction", "EU".to_owned()),
            ("right-0-expiry", "2026-11-20".to_owned()),
            ("right-1-kind", "design".to_owned()),
            ("right-1-drop", "yes".to_owned()),
        ]
    };
    let send = async |fields: &[(&str, String)]| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, &**v)).collect();
        adam.post("/product/OST-FJ210/edit", &fields).await
    };
    let refused = send(&fields("<b>Chair</b>", "a lot")).await;
    assert_eq!(refused.status(), 422);
    let page = refused.text().await.unwrap();
    assert!(page.contains("&#60;b&#62;Chair&#60;/b&#62;") && page.contains("class=\"wrong\""));

    let saved = send(&fields("Fjordal Chair", "699")).await;
    assert_eq!(location(&saved), "/catalog/OST-FJ210?did=saved");
    let product = store.product("OST-FJ210").await.unwrap();
    assert_eq!(
        (&*product.name, product.msrp.as_deref()),
        ("Fjordal Chair", Some("699"))
    );
    let rights = store.rights_of(product.id).await.unwrap();
    assert_eq!(rights.len(), 1);
    let page = adam.text("/catalog/OST-FJ210").await;
    assert!(page.contains("Expires in 18 days"), "a warning");
    assert!(page.contains("<del>Fjordal Lounge Armchair</del>"));
    assert_eq!(
        send(&fields("Another", "1")).await.status(),
        409,
        "seen is old"
    );

    let event = page.split("name=\"event\" value=\"").nth(1).unwrap();
    let event = event.split('"').next().unwrap().to_owned();
    let undo = "/product/OST-FJ210/undo";
    assert_eq!(mara.post(undo, &[("event", &event)]).await.status(), 403);
    let undone = adam.post(undo, &[("event", &event)]).await;
    assert_eq!(location(&undone), "/catalog/OST-FJ210?did=undone");
    let product = store.product("OST-FJ210").await.unwrap();
    assert_eq!(
        (&*product.name, product.msrp.as_deref()),
        ("Fjordal Lounge Armchair", Some("649"))
    );
    assert_eq!(store.rights_of(product.id).await.unwrap().len(), 2);
    assert_eq!(
        adam.post(undo, &[("event", &event)]).await.status(),
        409,
        "once"
    );
    assert_eq!(store.audit_first_break().await.unwrap(), None);

    let new = [("sku", "N/1 ?"), ("brand", "B"), ("name", "N")];
    let made = adam.post("/product/new", &new).await;
    assert_eq!(location(&made), "/catalog/N%2F1%20%3F?did=saved");
    assert!(adam.text("/catalog/N%2F1%20%3F").await.contains("Added"));
    assert_eq!(
        adam.post("/product/new", &new).await.status(),
        409,
        "it is there"
    );
    desk.close().await;
}

#[tokio::test]
async fn a_product_is_removed_after_a_page_that_says_what_that_does_and_brought_back() {
    let desk = Desk::open().await;
    let (mara, adam) = (desk.person("mara").await, desk.person("adam").await);
    let other = desk.case_of_another_product("9001", 0.8).await;
    let (page, restore) = ("/product/OST-FJ210/remove", "/product/OST-FJ210/restore");
    assert_eq!(mara.get(page).await.status(), 403);
    assert_eq!(mara.post(page, &[]).await.status(), 403);
    let asked = adam.text(page).await;
    assert!(
        asked.contains("1 undecided case leaves the queue"),
        "{asked}"
    );
    assert!(adam.text("/queue").await.contains("Fjordal"), "only asked");

    let gone = adam.post(page, &[]).await;
    assert_eq!(location(&gone), "/catalog/OST-FJ210?did=gone");
    let queue = adam.text("/queue").await;
    assert!(!queue.contains(&format!("/case/{}?", desk.case)));
    assert!(queue.contains(&format!("/case/{other}?")));
    let hidden = adam.text("/queue?removed=1").await;
    assert!(hidden.contains(&format!("/case/{}?", desk.case)));
    assert!(!hidden.contains(&format!("/case/{other}?")));
    let catalog = adam.text("/catalog").await;
    assert!(!catalog.contains("/catalog/OST-FJ210\""));
    assert!(catalog.contains("Removed from the catalog (1)"));
    let removed = adam.text("/catalog?only=removed").await;
    assert!(removed.contains("/catalog/OST-FJ210\""));
    let sheet = adam.text("/export/catalog.csv").await;
    assert!(!sheet.contains("OST-FJ210"));

    let product = adam.text("/catalog/OST-FJ210?did=gone").await;
    assert!(product.contains("was removed from the catalog"));
    assert!(!product.contains("/product/OST-FJ210/edit"));
    assert!(!product.contains("/product/OST-FJ210/photos"));
    let case = adam.text(&format!("/case/{}", desk.case)).await;
    assert!(case.contains("this case waits for nobody"));
    assert_eq!(adam.get("/product/OST-FJ210/edit").await.status(), 409);
    assert_eq!(
        location(&adam.get(page).await),
        "/catalog/OST-FJ210?did=gone"
    );
    let new = [("sku", "OST-FJ210"), ("brand", "B"), ("name", "N")];
    assert_eq!(adam.post("/product/new", &new).await.status(), 409);

    // The history takes the last removal back, once.
    let event = product.split("name=\"event\" value=\"").nth(1).unwrap();
    let event = event.split('"').next().unwrap().to_owned();
    let undo = "/product/OST-FJ210/undo";
    let back = adam.post(undo, &[("event", &event)]).await;
    assert_eq!(location(&back), "/catalog/OST-FJ210?did=back");
    assert_eq!(adam.post(undo, &[("event", &event)]).await.status(), 409);
    let queue = adam.text("/queue").await;
    assert!(queue.contains(&format!("/case/{}?", desk.case)));

    adam.post(page, &[]).await;
    let back = adam.post(restore, &[]).await;
    assert_eq!(location(&back), "/catalog/OST-FJ210?did=back");
    assert_eq!(mara.post(restore, &[]).await.status(), 403);
    let again = adam.post(restore, &[]).await;
    assert_eq!(location(&again), "/catalog/OST-FJ210?did=same");
    let history = adam.text("/catalog/OST-FJ210").await;
    assert!(history.contains("Brought back into the catalog"));
    assert_eq!(
        desk.world.app.store.audit_first_break().await.unwrap(),
        None
    );
    desk.close().await;
}

/// A PNG of nothing, so many pixels wide and high, in a few bytes.
pub(super) fn bomb() -> Vec<u8> {
    let mut png = vec![0x89, b'P', b'N', b'G', 13, 10, 26, 10];
    let mut head = b"IHDR".to_vec();
    head.extend(60_000_u32.to_be_bytes());
    head.extend(60_000_u32.to_be_bytes());
    head.extend([8, 2, 0, 0, 0]);
    png.extend(13_u32.to_be_bytes());
    png.extend(&head);
    // A checksum that fits, so that nothing but the size speaks against it.
    png.extend(crc(&head).to_be_bytes());
    png
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            };
        }
    }
    !crc
}

#[tokio::test]
async fn photos_are_taken_with_plain_names_and_bombs_are_refused() {
    let desk = Desk::open().await;
    let store = &desk.world.app.store;
    let (mara, adam) = (desk.person("mara").await, desk.person("adam").await);
    let path = "/product/OST-FJ210/photos";
    let bytes = std::fs::read(photo(PHOTO)).unwrap();
    let csrf = adam.csrf.clone().into_bytes();
    let name = "../<script>alert(1)</script>\u{202e}gpj.jpg";
    let good = adam.photos(path, &csrf, &[(name, &bytes)]).await;
    assert_eq!(location(&good), "/catalog/OST-FJ210?did=photos");
    let id = store.product("OST-FJ210").await.unwrap().id;
    let photos = store.reference_photos_of(id).await.unwrap();
    assert_eq!(photos.len(), 2);
    assert_eq!(photos[1].file_name, "script_gpj.jpg");
    let page = adam.text("/catalog/OST-FJ210").await;
    assert!(page.contains("1 photo more") && !page.contains("<script>alert"));
    let again = adam.photos(path, &csrf, &[("x.jpg", &bytes)]).await;
    assert_eq!(location(&again), "/catalog/OST-FJ210?did=known");

    let never = [("photo", "script_gpj.jpg"), ("matching", "never")];
    adam.post("/product/OST-FJ210/matching", &never).await;
    let photos = store.reference_photos_of(id).await.unwrap();
    assert_eq!(photos[1].matching.as_str(), "never");

    let svg: &[u8] = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    for (what, bytes) in [
        ("bomb.png", &bomb()[..]),
        ("x.svg", svg),
        ("cut.jpg", &bytes[..900]),
    ] {
        let refused = adam.photos(path, &csrf, &[(what, bytes)]).await;
        assert_eq!(refused.status(), 422, "{what}");
        assert!(refused.text().await.unwrap().contains("class=\"note bad\""));
    }
    let large = vec![0_u8; (20 << 20) + 1];
    assert_eq!(
        adam.photos(path, &csrf, &[("l.jpg", &large)])
            .await
            .status(),
        413
    );
    let many = vec![("x.jpg", b"x".as_slice()); 30];
    let refused = adam.photos(path, &csrf, &many).await.text().await.unwrap();
    assert!(refused.contains("Only the first 20 photos were taken."));
    assert_eq!(
        adam.photos(path, b"forged", &[("x.jpg", &bytes)])
            .await
            .status(),
        403
    );
    let mara_csrf = mara.csrf.clone().into_bytes();
    assert_eq!(
        mara.photos(path, &mara_csrf, &[("x.jpg", &bytes)])
            .await
            .status(),
        403
    );
    assert_eq!(store.reference_photos_of(id).await.unwrap().len(), 2);
    desk.close().await;
}

#[tokio::test]
async fn pages_without_anything_on_them_say_what_to_do_next() {
    let world = crate::world::World::new().await;
    let desk = Desk::over_app(world.app.clone()).await;
    let adam = desk.person("adam").await;
    for (path, words) in [
        ("/dashboard", "Nothing to protect yet"),
        ("/queue", "There is nothing to protect yet"),
        ("/sellers", "No seller has a case yet"),
        ("/takedown", "No notice yet"),
        ("/scans", "Connect a marketplace first"),
        ("/catalog", "Add a product"),
        ("/sources", "No marketplace is connected"),
    ] {
        let page = adam.text(path).await;
        assert!(page.contains(words), "{path}");
        assert!(page.contains("class=\"empty\""), "{path}");
    }
    assert!(
        adam.text("/sellers?q=x")
            .await
            .contains("Clear the filters")
    );
    desk.close().await;
}
