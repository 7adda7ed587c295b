//! The language that queues are narrowed by: of the title's script, else of the marketplace.

use markhound::store::cases::QueueFilter;
use markhound::store::sources::SourceDraft;

use super::Db;
use crate::world::{case, one_lease, product, source, work};

/// What the titles are, and the language each is found under.
const TITLES: [(&str, &str); 5] = [
    ("Sessel aus Eiche", "de"),
    ("北欧 ラウンジチェア 正規品", "ja"),
    ("정품 라운지 체어", "ko"),
    ("Кресло дубовое новое", "ru"),
    ("CANON Lounge Chair 新品", "de"),
];

async fn found(db: &Db, language: &str) -> Vec<String> {
    let filter = QueueFilter {
        language: Some(language.to_owned()),
        ..QueueFilter::default()
    };
    let cases = db.store.queue(&filter, None, 99).await.unwrap();
    let mut titles: Vec<String> = cases.into_iter().map(|case| case.title).collect();
    titles.sort();
    titles
}

async fn write(db: &Db, shop: i64, item: &str, title: &str) {
    let store = &db.store;
    let product = store.product("A").await.unwrap().id;
    let lease = one_lease(store, shop, "w").await;
    let mut work = work(&lease, shop, "w", item);
    let listing = work.listing.as_mut().unwrap();
    listing.title = title.to_owned();
    listing.cases.push(case(product, 0.9));
    store.finish_work(&work).await.unwrap();
    store
        .finish_scan(lease.scan_id, "done", None)
        .await
        .unwrap();
}

async fn each_is_found(db: &Db) {
    for (_, language) in TITLES {
        let mut wanted: Vec<&str> = TITLES
            .iter()
            .filter(|(_, of)| *of == language)
            .map(|(title, _)| *title)
            .collect();
        wanted.sort_unstable();
        assert_eq!(found(db, language).await, wanted, "{language}");
    }
    let languages = db.store.languages().await.unwrap();
    assert_eq!(languages, ["de", "ja", "ko", "ru"]);
}

pub async fn a_title_in_a_script_of_its_own_is_found_by_its_language(db: Db) {
    let store = &db.store;
    store.save_product("t", &product("A"), &[]).await.unwrap();
    let german = SourceDraft {
        definition: "language = \"de\"\nid = \"test\"".to_owned(),
        ..source("shop")
    };
    let shop = store.save_source("t", &german).await.unwrap();
    for (n, (title, _)) in TITLES.iter().enumerate() {
        write(&db, shop, &n.to_string(), title).await;
    }
    each_is_found(&db).await;

    // A seller that changes the title of a listing.
    write(&db, shop, "2", "Sessel, echt").await;
    assert!(found(&db, "ko").await.is_empty());
    assert!(found(&db, "de").await.contains(&"Sessel, echt".to_owned()));
    write(&db, shop, "2", TITLES[2].0).await;
    each_is_found(&db).await;

    // Rows from before languages were kept are read step by step, once.
    assert_eq!(store.read_languages(2).await.unwrap(), 2);
    db.execute("UPDATE case_facts SET language = ''").await;
    db.execute("DELETE FROM marks WHERE name = 'case_facts.language'")
        .await;
    assert_eq!(found(&db, "de").await.len(), TITLES.len());
    let mut steps = Vec::new();
    loop {
        let read = store.read_languages(2).await.unwrap();
        steps.push(read);
        if read == 0 {
            break;
        }
    }
    assert_eq!(steps, [2, 2, 1, 0]);
    each_is_found(&db).await;
    assert_eq!(store.read_languages(2).await.unwrap(), 0);
}
