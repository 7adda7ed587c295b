//! Pages that somebody else captured: the same listings as a scan, from every
//! kind of file, and never a request.

mod files;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::Value;

use crate::lab::{Lab, shared_practice, stderr};
use files::{Shot, VISIT, outcome, shots, visited};

/// Pages that most tests import.
const FEW: usize = 4;

fn lab() -> Lab {
    tokio::task::block_in_place(|| Lab::new(shared_practice()))
}

fn write(lab: &Lab, name: &str, bytes: impl AsRef<[u8]>) -> String {
    let path = lab.path(name);
    std::fs::write(&path, bytes).unwrap();
    path.display().to_string()
}

/// The lines of standard output, each a JSON object.
fn objects(stdout: &[u8]) -> Vec<Value> {
    let text = String::from_utf8(stdout.to_vec()).unwrap();
    let objects = text.lines().map(|line| serde_json::from_str(line).unwrap());
    objects.collect()
}

/// A lab whose requests the shops tell from those of the tests beside it: by the
/// contact that stands in each of them.
fn lab_with_contact(contact: &str) -> Lab {
    let lab = lab();
    let file = lab.path("markhound.toml");
    let configuration = std::fs::read_to_string(&file).unwrap();
    let own = configuration.replace("mailto:ip@brand.example", contact);
    assert_ne!(own, configuration);
    std::fs::write(&file, own).unwrap();
    lab
}

/// The requests that all shops had from whoever has this contact.
fn requests_of(contact: &str) -> usize {
    let of = |shop: &markhound_fixtures::ShopHandle| {
        let log = shop.access_log();
        let own = log
            .iter()
            .filter(|entry| entry.user_agent.contains(contact));
        own.count()
    };
    shared_practice().shops().iter().map(of).sum()
}

/// What a scan says of the first few pages; without their pictures and cases
/// where those are not in the file.
fn expected() -> BTreeMap<String, String> {
    let few = visited().visits.iter().take(FEW);
    few.map(|visit| {
        (
            visit.item_id.clone(),
            visited().outcome[&visit.item_id].clone(),
        )
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_capture_gives_the_listings_pictures_and_cases_of_a_scan() {
    let visits = &visited().visits[..FEW];
    let lab = lab();
    let shots = shots(visits);
    assert!(shots.len() > FEW, "there are pictures");
    let mut kinds: Vec<(&str, Vec<String>)> = vec![
        ("warc", vec![write(&lab, "v.warc.gz", files::warc(&shots))]),
        ("wacz", vec![write(&lab, "v.wacz", files::wacz(&shots))]),
        ("har", vec![write(&lab, "v.har", files::har(&shots))]),
    ];
    let mhtml = visits.iter().map(|visit| {
        let name = format!("{}.mhtml", visit.item_id);
        write(&lab, &name, files::mhtml(visit))
    });
    kinds.push(("mhtml", mhtml.collect()));
    let pages = visits.iter().map(|visit| {
        let path = files::saved_page(&lab.path(""), visit);
        path.display().to_string()
    });
    kinds.push(("html", pages.collect()));

    let shop = shared_practice().shop("kaufwinkel").unwrap();
    let definition = lab.path("kaufwinkel.toml").display().to_string();
    for (kind, paths) in kinds {
        lab.ok(&[
            "source",
            "add",
            kind,
            "--definition",
            &definition,
            "--base",
            &shop.base,
        ]);
        let mut args = vec!["import", "--source", kind, "--json"];
        args.extend(paths.iter().map(String::as_str));
        let printed = objects(lab.ok(&args).as_bytes());
        let listings = printed.iter().filter(|o| o["event"] == "listing").count();
        assert_eq!(listings, FEW, "{kind}");
        let last = printed.last().unwrap();
        assert_eq!(last["state"], "imported", "{kind}");
        assert_eq!(last["missing_pictures"], 0, "{kind}");
        let app = lab.app().await;
        let got = outcome(&app, kind).await;
        assert_eq!(got, expected(), "{kind}");

        let (_, id) = app.store.item_ids(kind).await.unwrap().remove(0);
        for capture in app.store.captures_of_listing(id).await.unwrap() {
            let archive = &capture.request.0["archive"];
            let file = std::fs::read(lab.path(archive["name"].as_str().unwrap())).unwrap();
            assert_eq!(archive["sha256"], markhound::blobs::sha256_hex(&file));
            assert!(!capture.headers.0.to_string().contains("secret"));
            assert!(!capture.request.0.to_string().contains("secret"));
            if kind != "html" {
                assert_eq!(capture.fetched_at.timestamp(), VISIT.parse().unwrap());
                assert_eq!(archive["time"], "of the archive");
            }
        }
    }
    // Four facts and a case.
    let has_case = |text: &String| text.matches(" | ").count() > 3;
    assert!(expected().values().any(has_case));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_any_shop_are_read_without_a_definition_and_nothing_is_fetched() {
    let visits = &visited().visits[..FEW];
    let contact = "mailto:any-shop@brand.example";
    let lab = lab_with_contact(contact);
    // One picture is not in the file, and the page of a shop's help holds no listing.
    let mut shots = shots(visits);
    let missing = visits[0].pictures[0].url.clone();
    shots.retain(|shot| shot.url != missing);
    let base = &shared_practice().shop("kaufwinkel").unwrap().base;
    shots.push(Shot {
        url: format!("{base}/versand"),
        media: "text/html".to_owned(),
        status: 200,
        body: b"<title>Versand</title><h1>Versand</h1><p>Wir versenden alles.</p>".to_vec(),
    });
    let file = write(&lab, "v.warc.gz", files::warc(&shots));
    let printed = objects(lab.ok(&["import", &file, "--json"]).as_bytes());
    assert_eq!(requests_of(contact), 0);

    let last = printed.last().unwrap();
    assert_eq!(last["pages"], FEW + 1);
    assert_eq!(last["listings"], FEW);
    assert_eq!(last["new_listings"], FEW);
    assert_eq!(last["missing_pictures"], 1);
    assert_eq!(last["pages_left_out"][0]["why"], "no listing on the page");
    let app = lab.app().await;
    let mut titles = Vec::new();
    for (item, id) in app.store.item_ids("import").await.unwrap() {
        let row = app.store.listing(id).await.unwrap();
        assert!(
            item.starts_with("127.0.0.1:") || item.starts_with("http://127"),
            "{item}"
        );
        titles.push((row.title, row.price_amount, row.price_currency, row.seller));
        for picture in app.store.listing_pictures(id).await.unwrap() {
            let why = (picture.url == missing).then_some("not in the archive");
            assert_eq!(picture.error.as_deref(), why, "{}", picture.url);
        }
    }
    titles.sort();
    let rows = visits.iter().map(|visit| visit.row.clone());
    let mut expected: Vec<_> = rows
        .map(|row| (row.title, row.price_amount, row.price_currency, row.seller))
        .collect();
    expected.sort();
    assert_eq!(titles, expected);
    let scan = &app.store.scans(1).await.unwrap()[0];
    assert_eq!(scan.started_by, "import");
    // A scan of everything leaves the imports alone.
    assert!(!app.store.source("import").await.unwrap().enabled);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_file_again_changes_nothing_and_says_so() {
    let lab = lab();
    let shots = shots(&visited().visits[..1]);
    let file = write(&lab, "v.har", files::har(&shots));
    lab.ok(&["import", &file]);
    let counted = async || {
        let app = lab.app().await;
        let (_, id) = app.store.item_ids("import").await.unwrap().remove(0);
        let row = app.store.listing(id).await.unwrap();
        let scans = app.store.scans(100).await.unwrap().len();
        (scans, row.times_seen, outcome(&app, "import").await)
    };
    let before = counted().await;
    // Under another name too: it is the bytes that count.
    let copy = write(&lab, "copy.har", std::fs::read(&file).unwrap());
    for path in [&file, &copy] {
        let said = lab.ok(&["import", path]);
        assert!(said.contains("imported before"), "{said}");
        assert!(said.contains("nothing was changed"), "{said}");
    }
    assert_eq!(counted().await, before);

    // A page that does not say where it is from is no import, and can be one.
    let visit = &visited().visits[1];
    let page = String::from_utf8(visit.page.body.clone()).unwrap();
    let page = page.replace("canonical", "other").replace("og:url", "og:x");
    let file = write(&lab, "page.html", page);
    let output = lab.run(&["import", &file]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stderr(&output).contains("does not say its URL"));
    let said = lab.ok(&["import", &file, "--url", &visit.page.url]);
    assert!(said.contains("1 listings (1 new)"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_page_is_no_listing_and_damaged_entries_and_files_cost_themselves() {
    let lab = lab();
    let visits = &visited().visits[..FEW];
    let mut pages: Vec<Shot> = visits.iter().map(|visit| visit.page.clone()).collect();
    pages[0].status = 403;
    pages[0].body = b"<html><head><title>Just a moment...</title></head><body><h1>Checking your browser before accessing the site.</h1><script src=\"/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1\"></script></body></html>".to_vec();
    let text = String::from_utf8(files::har(&pages)).unwrap();
    let mut har: Value = serde_json::from_str(&text).unwrap();
    har["log"]["entries"][1]["response"]["content"]["text"] = Value::from("no base64!");
    let file = write(&lab, "v.har", har.to_string());
    let other = write(&lab, "other.bin", [7u8; 100]);

    let output = lab.run(&["import", &other, &file, "--json"]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let printed = objects(&output.stdout);
    assert_eq!(printed[0]["state"], "failed");
    let last = printed.last().unwrap();
    assert_eq!(last["listings"], FEW - 2);
    assert_eq!(last["broken"].as_array().unwrap().len(), 1, "{last}");
    assert!(last["broken"][0].as_str().unwrap().contains("v.har#1"));
    let why = last["pages_left_out"][0]["why"].as_str().unwrap();
    assert!(why.starts_with("blocked: "), "{why}");
    assert!(stderr(&output).contains("left out: v.har#1"));

    let output = lab.run(&["import", &other]);
    assert_eq!(output.status.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_export_gives_the_same_listings_and_rows_in_error_are_named() {
    let lab = lab();
    let visits = &visited().visits[..FEW];
    let csv = files::csv(visits);
    let rows =
        csv.clone() + "x;no address;Title;1;;;\r\ny;https://shop.example/y;Lamp;ask me;;;\r\n";
    let file = write(&lab, "listings.csv", rows);
    let output = lab.run(&["import", &file, "--source", "kaufwinkel", "--json"]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let said = stderr(&output);
    assert!(said.contains("line 6 (x), url: is no http"), "{said}");
    assert!(said.contains("line 7 (y), price: no price"), "{said}");
    assert!(
        said.contains("ignored columns that are not known: Colour"),
        "{said}"
    );
    let last = objects(&output.stdout).pop().unwrap();
    assert_eq!(last["listings"], FEW + 1);

    let app = lab.app().await;
    let without_pictures = |outcome: BTreeMap<String, String>| -> BTreeMap<String, String> {
        let facts = |text: String| text.split(" | ").take(3).collect::<Vec<_>>().join(" | ");
        let rows = outcome.into_iter().filter(|(item, _)| item != "y");
        rows.map(|(item, text)| (item, facts(text))).collect()
    };
    let got = outcome(&app, "kaufwinkel").await;
    assert_eq!(without_pictures(got), without_pictures(expected()));

    let lines: Vec<String> = visits
        .iter()
        .map(|visit| visit.row.data.0.to_string())
        .collect();
    let file = write(&lab, "listings.jsonl", lines.join("\n"));
    let printed = objects(lab.ok(&["import", &file, "--json"]).as_bytes());
    let last = printed.last().unwrap();
    assert_eq!(last["listings"], FEW);
    assert_eq!(last["warnings"], Value::Array(Vec::new()));
    let prices: Vec<&Value> = printed
        .iter()
        .filter(|o| o["event"] == "listing")
        .map(|o| &o["price"])
        .collect();
    assert!(prices.iter().all(|price| price.is_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_what_would_be_read_and_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let visits = &visited().visits[..FEW];
    let file: PathBuf = dir.path().join("v.warc.gz");
    std::fs::write(&file, files::warc(&shots(visits))).unwrap();
    let output = crate::lab::markhound()
        .current_dir(dir.path())
        .args(["import", "v.warc.gz", "--dry-run"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let said = String::from_utf8(output.stdout).unwrap();
    let price = visits[0].row.price_amount.as_deref().unwrap();
    assert!(said.contains(&format!("{price} EUR")), "{said}");
    assert!(said.contains("price from json-ld"), "{said}");
    assert!(said.contains("4 pages, 4 listings"), "{said}");
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "only the file itself is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_killed_goes_on_and_loses_and_doubles_nothing() {
    let contact = "mailto:killed@brand.example";
    let lab = lab_with_contact(contact);
    let file = write(&lab, "v.warc.gz", files::warc(&shots(&visited().visits)));
    let args = ["import", &file, "--source", "kaufwinkel", "--json"];
    let mut child = lab
        .command(&args)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for _ in 0..3 {
        lines.next().unwrap().unwrap();
    }
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().code(), None, "it was killed");
    let app = lab.app().await;
    let unfinished = app.store.unfinished_scans().await.unwrap();
    assert_eq!(unfinished.len(), 1);
    // A scan of the shop neither goes on with it nor ends it.
    lab.run(&["scan", "--source", "kaufwinkel", "--resume"]);
    assert_eq!(requests_of(contact), 0);
    assert_eq!(app.store.unfinished_scans().await.unwrap().len(), 1);
    assert!(
        markhound::scan::service::due(&app)
            .await
            .unwrap()
            .is_empty()
    );

    let printed = objects(lab.ok(&args).as_bytes());
    let last = printed.last().unwrap();
    assert_eq!(last["resumed"], true);
    assert_eq!(last["scan"]["id"], unfinished[0].id);
    assert_eq!(last["listings"], visited().visits.len());
    assert_eq!(last["new_listings"], visited().visits.len());
    assert_eq!(outcome(&app, "kaufwinkel").await, visited().outcome);
    assert_eq!(requests_of(contact), 0);
    // A scan by this installation would have been seen.
    lab.ok(&["scan", "--source", "kaufwinkel", "--json"]);
    assert!(requests_of(contact) > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_saved_with_its_pictures_in_it_opens_a_case_by_its_picture() {
    let contact = "mailto:saved@brand.example";
    let lab = lab_with_contact(contact);
    let photo = std::fs::read(lab.path("sample/images/kari-shea-398668-unsplash.jpg")).unwrap();
    let url = "https://flohmarkt.example/anzeige/77";
    let page = files::page_in_one_file(url, "Gemütliches Möbelstück", &photo);
    let file = write(&lab, "anzeige.html", &page);
    let printed = objects(lab.ok(&["import", &file, "--json"]).as_bytes());
    assert_eq!(requests_of(contact), 0);
    let last = printed.last().unwrap();
    assert_eq!(
        (&last["listings"], &last["missing_pictures"]),
        (&1.into(), &0.into()),
        "{last}"
    );

    let app = lab.app().await;
    let (_, id) = app.store.item_ids("import").await.unwrap().remove(0);
    let pictures = app.store.listing_pictures(id).await.unwrap();
    let digest = markhound::blobs::sha256_hex(&photo);
    let address = format!("{url}#embedded-picture-{digest}");
    let kept: Vec<_> = pictures.iter().map(|p| (p.url.as_str(), &p.blob)).collect();
    assert_eq!(kept, [(address.as_str(), &Some(digest))]);

    let filter = markhound::store::cases::QueueFilter {
        source: Some("import".to_owned()),
        ..Default::default()
    };
    let cases = app.store.queue(&filter, None, 10).await.unwrap();
    let skus: Vec<_> = cases.iter().map(|case| case.sku.as_str()).collect();
    assert_eq!(skus, ["OST-FJ210"]);

    // The page's own capture is the file, with the picture in it.
    let captures = app.store.captures_of_listing(id).await.unwrap();
    let of_page = captures
        .iter()
        .find(|capture| capture.kind != "image")
        .unwrap();
    assert_eq!(app.blobs.get(&of_page.blob).unwrap(), page.as_bytes());
    let of_picture = captures
        .iter()
        .find(|capture| capture.kind == "image")
        .unwrap();
    assert_eq!(
        of_picture.request.0["archive"]["place"],
        "anzeige.html: a picture in the page"
    );
}
