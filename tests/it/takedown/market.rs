//! A marketplace that removes, refuses, blocks, shows captchas and soft 404s, has
//! bad days, and whose sellers come back under new names with altered photos.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use image::RgbImage;
use markhound::review::{self, Action, Verdict};
use markhound::scan::plan::Searches;
use markhound::scan::{Ended, service};
use markhound::store::import::ReferenceDraft;
use markhound::store::sources::{Source, SourceDraft};
use markhound::takedown::recheck::{self, Rechecked};
use markhound::takedown::{self, DraftOptions, relisting};
use markhound_index::eval::{EDITS, Edit, Pool, jpeg};
use markhound_index::image::{ALGORITHM, Fingerprint, GreyPicture, Picture};

use super::shop::{Fate, Item, Shared, open_shop};
use crate::world::{World, attest, photo, product, source, with_sender};

/// The market's world: products with a reference photo each.
struct Market {
    world: World,
    shop: Shared,
    source: Source,
    photos: Vec<RgbImage>,
    pool: Pool,
}

const PRODUCTS: usize = 24;
const HOUR: i64 = 3600;

impl Market {
    async fn new() -> Self {
        let mut world = World::new().await;
        with_sender(&mut world);
        world.app.config.fetch.allow_private_hosts = vec!["127.0.0.1".to_owned()];
        world.app.config.fetch.contact = Some("mailto:ip@ostrelund.example".to_owned());
        world.app.config.review.audit_share = 0.0;
        // A broken page stays broken: waiting for it only costs.
        world.app.config.fetch.limits.attempts = 1;
        let (shop, base) = open_shop().await;
        let mut names: Vec<_> = std::fs::read_dir(photo(""))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ext| ext == "jpg"))
            .collect();
        names.sort();
        let photos: Vec<RgbImage> = names
            .iter()
            .map(|path| {
                let whole = image::open(path).unwrap();
                whole
                    .resize(640, 640, image::imageops::FilterType::Triangle)
                    .to_rgb8()
            })
            .collect();
        let mut pool = Pool::default();
        for other in &photos[PRODUCTS + 12..] {
            pool.add(other);
        }
        for (at, pixels) in photos.iter().take(PRODUCTS).enumerate() {
            let bytes = jpeg(pixels, 90);
            let blob = world.app.blobs.put(&bytes).unwrap();
            let print = Fingerprint::compute(&GreyPicture::from_picture(&Picture::from_rgb(
                pixels.clone(),
            )));
            let draft = ReferenceDraft {
                file_name: format!("ref-{at}.jpg"),
                blob,
                width: pixels.width(),
                height: pixels.height(),
                format: "jpeg".to_owned(),
                algorithm: ALGORITHM.to_owned(),
                hashes: print.to_bytes(),
            };
            let mut item = product(&format!("SKU-{at:02}"));
            item.name = format!("Fjordal Armchair Number {at}");
            item.model_numbers = vec![format!("FJ-{}", 500 + at)];
            world
                .app
                .store
                .save_product("t", &item, &[draft])
                .await
                .unwrap();
        }
        let definition = format!(
            "id = \"market\"\nname = \"Market\"\ntier = \"structured\"\nbase = \"{base}\"\nlanguage = \"en\"\n[gone]\ntext = [\"Stall closed by the market\"]\n[rate]\nper_second = 1000\nconcurrency = 8\n[discover]\nkind = \"sitemap\"\nurl = \"/sitemap.xml\"\n[item]\nurl = \"/item/*\"\n[fields]\nid = [{{ jsonld = \"productID\" }}]\ntitle = [{{ jsonld = \"name\" }}]\nprice = [{{ jsonld = \"offers.price\" }}]\ncurrency = [{{ jsonld = \"offers.priceCurrency\" }}]\nseller = [{{ jsonld = \"offers.seller.name\" }}]\nimages = [{{ jsonld = \"image\" }}]\navailability = [{{ jsonld = \"offers.availability\" }}]\n"
        );
        let draft = SourceDraft {
            definition,
            ..source("market")
        };
        world.app.store.save_source("t", &draft).await.unwrap();
        let source = world.app.store.source("market").await.unwrap();
        Self {
            world,
            shop,
            source,
            photos,
            pool,
        }
    }

    fn edited(&self, photo: usize, edit: &Edit, number: u64) -> Vec<u8> {
        edit.file(&self.photos[photo], 7, number, &self.pool).jpeg
    }

    fn put(&self, id: &str, title: &str, seller: &str, jpeg: Vec<u8>) {
        let item = Item {
            title: title.to_owned(),
            seller: seller.to_owned(),
            jpeg,
            fate: Fate::Stays,
        };
        self.shop.lock().unwrap().items.insert(id.to_owned(), item);
    }

    fn fate(&self, id: &str, fate: Fate) {
        self.shop.lock().unwrap().items.get_mut(id).unwrap().fate = fate;
    }

    async fn scan(&self) {
        let app = &self.world.app;
        let scanner = service::scanner(
            app,
            std::slice::from_ref(&self.source),
            &[],
            Arc::new(|_| {}),
        )
        .await
        .unwrap();
        let (_, ended) = scanner
            .scan(&self.source, "t", &Searches::default())
            .await
            .unwrap();
        assert_eq!(ended, Ended::Done);
    }

    async fn look(&self) -> Rechecked {
        let app = &self.world.app;
        let scanner = service::scanner(
            app,
            std::slice::from_ref(&self.source),
            &[],
            Arc::new(|_| {}),
        )
        .await
        .unwrap();
        recheck::run(app, &scanner, &self.source, false)
            .await
            .unwrap()
    }

    /// The case of each item, by its number.
    async fn cases(&self) -> BTreeMap<String, i64> {
        let filter = markhound::store::cases::QueueFilter::default();
        let cases = self
            .world
            .app
            .store
            .queue(&filter, None, 1000)
            .await
            .unwrap();
        cases
            .into_iter()
            .map(|case| (case.item_id, case.id))
            .collect()
    }

    async fn state_of(&self, case: i64) -> String {
        self.world
            .app
            .store
            .notices_of(case)
            .await
            .unwrap()
            .pop()
            .unwrap()
            .state
    }
}

/// The edits that listings come back with; what cuts the goods out of their photo
/// is told apart.
fn edits() -> Vec<&'static Edit> {
    EDITS.iter().collect()
}

#[tokio::test]
async fn what_is_removed_is_known_by_two_captures_and_what_comes_back_is_linked() {
    let market = Market::new().await;
    let app = &market.world.app;
    let hands = &market.world.hands;
    // Copies of every product, two each, and honest offers beside them.
    let mut copies = Vec::new();
    for at in 0..PRODUCTS * 2 {
        let (of, edit) = (
            at % PRODUCTS,
            ["resize50", "crop10", "text", "border"][at % 4],
        );
        let id = format!("c{at:02}");
        let title = format!("Fjordal chair like FJ-{} cheap lot {at}", 500 + of);
        let jpeg = market.edited(of, Edit::named(edit).unwrap(), at as u64);
        market.put(&id, &title, &format!("seller {}", at / 3), jpeg);
        copies.push((id, of));
    }
    for at in 0..12 {
        let jpeg = market.edited(
            PRODUCTS + at,
            Edit::named("resize50").unwrap(),
            900 + at as u64,
        );
        market.put(
            &format!("h{at:02}"),
            &format!("Honest teapot {at} blue"),
            "honest shop",
            jpeg,
        );
    }
    market.scan().await;
    let cases = market.cases().await;
    let noticed: Vec<(String, usize, i64)> = copies
        .iter()
        .filter_map(|(id, of)| Some((id.clone(), *of, *cases.get(id)?)))
        .collect();
    assert!(
        noticed.len() >= 46,
        "{} of {} copies have cases",
        noticed.len(),
        copies.len()
    );
    let ids: Vec<i64> = noticed.iter().map(|(_, _, case)| *case).collect();
    let confirm = Verdict {
        action: Action::Confirm,
        kind: Some("counterfeit".to_owned()),
        reason: None,
    };
    for id in &ids {
        review::decide(&app.store, "anna", &[*id], &confirm)
            .await
            .unwrap();
    }
    let notices = takedown::draft_many(app, "anna", &ids, &DraftOptions::default())
        .await
        .unwrap();
    for notice in &notices {
        attest(app, notice.id).await.unwrap();
        takedown::record(app, "anna", notice.id, "submitted", None, None)
            .await
            .unwrap();
    }

    // What the marketplace does with them.
    let fates = [
        Fate::Gone404,
        Fate::Gone410,
        Fate::Gone404,
        Fate::Stays,
        Fate::Gone410,
        Fate::Gone404,
        Fate::Blocked,
        Fate::Gone410,
        Fate::Captcha,
        Fate::Gone404,
        Fate::SoftNotFound,
        Fate::Broken,
        Fate::OwnSign,
        Fate::RedirectsHome,
        Fate::Gone410,
        Fate::ShowsAnother,
    ];
    let mut truth = BTreeMap::new();
    for (at, (id, _, case)) in noticed.iter().enumerate() {
        let fate = fates[at % fates.len()];
        market.fate(id, fate);
        truth.insert(
            *case,
            matches!(fate, Fate::Gone404 | Fate::Gone410 | Fate::OwnSign),
        );
    }
    assert_eq!(
        market.look().await,
        Rechecked::default(),
        "nothing is due on the first day"
    );
    // A bad day: the whole shop answers 404. Nothing may be taken for removed.
    hands.forward(25 * HOUR);
    market.shop.lock().unwrap().down = true;
    let bad = market.look().await;
    assert_eq!(
        (bad.doubted, bad.gone, bad.removed),
        (noticed.len(), 0, 0),
        "{bad:?}"
    );
    market.shop.lock().unwrap().down = false;
    hands.forward(25 * HOUR);
    let first = market.look().await;
    let gone = truth.values().filter(|gone| **gone).count();
    assert_eq!(
        (first.gone, first.removed),
        (gone, 0),
        "one capture is not enough: {first:?}"
    );
    // One listing flickers: gone once, there again before the second look.
    let (flickers, _, flickering) = noticed
        .iter()
        .find(|(_, _, case)| truth[case])
        .unwrap()
        .clone();
    market.fate(&flickers, Fate::Stays);
    truth.insert(flickering, false);
    assert_eq!(
        market.look().await.looked,
        0,
        "too soon for the second look"
    );
    let mut came_to = Rechecked::default();
    for _ in 0..6 {
        hands.forward(13 * HOUR);
        came_to.add(market.look().await);
    }
    let mut false_removed = 0;
    let mut missed = 0;
    for (_, _, case) in &noticed {
        let removed = market.state_of(*case).await == "removed";
        false_removed += usize::from(removed && !truth[case]);
        missed += usize::from(!removed && truth[case]);
    }
    let removed = truth.values().filter(|gone| **gone).count();
    println!(
        "removed: {removed} of {} reported; false removed: {false_removed}; missed: {missed}; {came_to:?}",
        noticed.len()
    );
    assert_eq!((false_removed, missed), (0, 0));
    assert_eq!(came_to.removed, removed);
    let (_, _, case) = noticed.iter().find(|(_, _, case)| truth[case]).unwrap();
    let last = app
        .store
        .notice_events_of(*case)
        .await
        .unwrap()
        .pop()
        .unwrap();
    assert_eq!(last.actor, "recheck");
    assert!(
        last.evidence.as_deref().unwrap().starts_with("captures:"),
        "{last:?}"
    );
    assert!(
        last.note
            .as_deref()
            .unwrap()
            .starts_with("gone in two captures"),
        "{last:?}"
    );

    // A removed listing that is there again.
    let (back, _, returned) = noticed
        .iter()
        .find(|(_, _, case)| truth[case])
        .unwrap()
        .clone();
    market.fate(&back, Fate::Stays);
    for _ in 0..8 {
        hands.forward(24 * HOUR);
        market.look().await;
    }
    assert_eq!(market.state_of(returned).await, "restored");
    market.fate(&back, Fate::Gone404);

    // Sellers come back under new names with altered photos and titles.
    let mut relisted = BTreeMap::new();
    let gone: Vec<_> = noticed.iter().filter(|(_, _, case)| truth[case]).collect();
    let edits = edits();
    for (at, (_, of, _)) in gone.iter().cycle().take(edits.len() * 3).enumerate() {
        let id = format!("r{at:03}");
        let edit = edits[at % edits.len()];
        let jpeg = market.edited(*of, edit, 2000 + at as u64);
        market.put(
            &id,
            &format!("Modern seat, new offer {at}"),
            &format!("fresh {at}"),
            jpeg,
        );
        relisted.insert(id, (edit.name, *of));
    }
    let mut honest = BTreeSet::new();
    for at in 0..12 {
        let edit = edits[at % edits.len()];
        let jpeg = market.edited(PRODUCTS + at, edit, 3000 + at as u64);
        market.put(
            &format!("n{at:02}"),
            &format!("Garden lamp {at} solar"),
            "another honest shop",
            jpeg,
        );
        honest.insert(format!("n{at:02}"));
    }
    hands.forward(24 * HOUR);
    market.scan().await;
    let linked = relisting::link(app).await.unwrap();
    let (mut found, mut right, mut wrong) = (0, 0, 0);
    let mut lost: BTreeMap<&str, usize> = BTreeMap::new();
    let product_of: BTreeMap<i64, usize> =
        noticed.iter().map(|(_, of, case)| (*case, *of)).collect();
    let mut by_item = BTreeMap::new();
    for listing in &linked.listings {
        let item = app.store.listing(*listing).await.unwrap().item_id;
        let links = app.store.relisting_of(*listing).await.unwrap();
        by_item.insert(item, links);
    }
    for (id, (edit, of)) in &relisted {
        match by_item.get(id) {
            Some(links) => {
                found += 1;
                let same = links
                    .iter()
                    .any(|link| product_of.get(&link.case_id) == Some(of));
                right += usize::from(same);
                wrong += usize::from(!same);
            }
            None => *lost.entry(edit).or_default() += 1,
        }
    }
    let false_links = by_item.keys().filter(|id| honest.contains(*id)).count();
    println!(
        "relistings linked at the next scan: {found} of {} ({right} to the right product, {wrong} to another); honest newcomers linked: {false_links} of {}; not linked, by edit: {lost:?}",
        relisted.len(),
        honest.len()
    );
    assert!(
        found * 100 >= relisted.len() * 95,
        "{found} of {}: {lost:?}",
        relisted.len()
    );
    assert_eq!((wrong, false_links), (0, 0));
    // Doing it again changes nothing.
    assert!(relisting::link(app).await.unwrap().listings.is_empty());
    assert_eq!(app.store.audit_first_break().await.unwrap(), None);
}

#[tokio::test]
async fn the_notice_of_a_removed_listing_is_drafted_again_and_a_repeat_seller_climbs_the_ladder() {
    let market = Market::new().await;
    let app = &market.world.app;
    let resize = Edit::named("resize50").unwrap();
    for at in 0..5 {
        let jpeg = market.edited(at, resize, at as u64);
        market.put(
            &format!("c{at}"),
            &format!("Fjordal chair FJ-{} copy", 500 + at),
            "Many Lives",
            jpeg,
        );
    }
    market.scan().await;
    let cases = market.cases().await;
    let confirm = Verdict {
        action: Action::Confirm,
        kind: Some("counterfeit".to_owned()),
        reason: None,
    };
    for (at, step) in [
        (0, "notice"),
        (1, "notice"),
        (2, "escalation"),
        (3, "escalation"),
        (4, "counsel"),
    ] {
        let case = cases[&format!("c{at}")];
        review::decide(&app.store, "anna", &[case], &confirm)
            .await
            .unwrap();
        let row = app.store.case(case).await.unwrap();
        let rung = relisting::ladder(app, &row).await.unwrap().unwrap();
        assert_eq!((rung.removed, rung.step), (at, step));
        let notice = takedown::draft(app, "anna", case, None).await.unwrap();
        attest(app, notice.id).await.unwrap();
        takedown::record(app, "anna", notice.id, "submitted", None, None)
            .await
            .unwrap();
        takedown::record(app, "anna", notice.id, "removed", None, None)
            .await
            .unwrap();
        market.fate(&format!("c{at}"), Fate::Gone404);
    }
    market.world.hands.forward(24 * HOUR);
    let jpeg = market.edited(0, Edit::named("mirror").unwrap(), 77);
    market.put(
        "again",
        "Fjordal chair FJ-500 copy, as new",
        "Many Lives",
        jpeg,
    );
    market.scan().await;
    let linked = relisting::link(app).await.unwrap();
    assert_eq!(linked.listings.len(), 1);
    let link = app
        .store
        .relisting_of(linked.listings[0])
        .await
        .unwrap()
        .pop()
        .unwrap();
    assert!(link.by_seller && link.by_photo.is_some(), "{link:?}");
    assert_eq!(link.case_id, cases["c0"]);
    let new = market.cases().await["again"];
    assert!(
        relisting::draft_again(app, "anna", new).await.is_err(),
        "it is not confirmed"
    );
    review::decide(&app.store, "anna", &[new], &confirm)
        .await
        .unwrap();
    let notice = relisting::draft_again(app, "anna", new).await.unwrap();
    let before = app
        .store
        .notices_of(link.case_id)
        .await
        .unwrap()
        .pop()
        .unwrap();
    assert_eq!(notice.repeats, Some(before.id));
    assert_eq!(
        (&notice.channel, &notice.right_kind),
        (&before.channel, &before.right_kind)
    );
}
