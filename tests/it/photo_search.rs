//! Searches by reference photos, against a server that speaks eBay's Browse API.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use markhound::app::App;
use markhound::catalog;
use markhound::config::Config;
use markhound::scan::plan::Searches;
use markhound::scan::{Ended, Scanner, service};
use markhound::store::scans::Scan;
use markhound::store::sources::{Source, SourceDraft};
use markhound_crawlers::Definition;
use markhound_index::image::{DecodeLimits, Picture};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::world::photo;

/// Photos of the sample catalog: of a product for everybody, of one that is a
/// secret, and of one that is yet to be released.
const PUBLIC: [&str; 2] = [
    "kari-shea-398668-unsplash.jpg",
    "adam-birkett-239153-unsplash.jpg",
];
const SECRET: &str = "alexandru-acea-686569-unsplash.jpg";
const COMING: &str = "andres-jasso-220776-unsplash.jpg";

/// What the server was asked.
#[derive(Default)]
struct Bay {
    /// Pictures posted, with the offset and the marketplace.
    posted: Mutex<Vec<(Vec<u8>, usize, String)>>,
    words: AtomicUsize,
}

async fn token(headers: HeaderMap) -> Response {
    // `id:secret`, as OAuth's client credentials are sent.
    let expected = format!("Basic {}", STANDARD.encode("bay-id:bay-secret"));
    let sent = headers.get("authorization").map(|v| v.as_bytes());
    if sent != Some(expected.as_bytes()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(json!({ "access_token": "t1", "expires_in": 7200, "token_type": "Application" }))
        .into_response()
}

fn marketplace(headers: &HeaderMap) -> Option<String> {
    if headers.get("authorization")?.as_bytes() != b"Bearer t1" {
        return None;
    }
    let value = headers.get("x-ebay-c-marketplace-id")?;
    Some(value.to_str().ok()?.to_owned())
}

async fn by_image(
    State(bay): State<Arc<Bay>>,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
    Json(body): Json<Value>,
) -> Response {
    let Some(site) = marketplace(&headers) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let picture = body["image"].as_str().and_then(|t| STANDARD.decode(t).ok());
    let Some(picture) = picture.filter(|bytes| bytes.starts_with(b"\xff\xd8\xff")) else {
        let error = json!({ "errors": [{ "errorId": 12_501, "message": "invalid image" }] });
        return (StatusCode::BAD_REQUEST, Json(error)).into_response();
    };
    let offset = query.get("offset").and_then(|text| text.parse().ok());
    let offset = offset.unwrap_or(0);
    let number = {
        let mut posted = bay.posted.lock().unwrap();
        posted.push((picture, offset, site));
        posted.len()
    };
    let host = headers["host"].to_str().unwrap().to_owned();
    let next = format!(
        "http://{host}/buy/browse/v1/item_summary/search_by_image?limit=200&offset={}",
        offset + 200
    );
    // There is always one more page: the definition says when it is enough.
    Json(
        json!({ "total": 9999, "limit": 200, "offset": offset, "next": next,
        "itemSummaries": [{ "itemId": format!("v1|{number}|0") }] }),
    )
    .into_response()
}

async fn by_words(State(bay): State<Arc<Bay>>, headers: HeaderMap) -> Response {
    if marketplace(&headers).is_none() {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    bay.words.fetch_add(1, Ordering::SeqCst);
    Json(json!({ "total": 0, "limit": 200, "offset": 0 })).into_response()
}

/// Each article shows the first reference photo.
async fn item(Path(id): Path<String>, headers: HeaderMap) -> Response {
    let Some(site) = marketplace(&headers) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let host = headers["host"].to_str().unwrap();
    let number = id.split('|').nth(1).unwrap_or_default();
    Json(json!({
        "itemId": id,
        "title": "Sessel, wie abgebildet",
        "price": { "value": "99.00", "currency": "EUR" },
        "image": { "imageUrl": format!("http://{host}/images/one.jpg") },
        "itemWebUrl": format!("http://{host}/itm/{number}?site={site}"),
        "seller": { "username": "nachbau_24" },
    }))
    .into_response()
}

async fn picture() -> Response {
    (
        [("content-type", "image/jpeg")],
        std::fs::read(photo(PUBLIC[0])).unwrap(),
    )
        .into_response()
}

async fn serve(bay: Arc<Bay>) -> String {
    let router = Router::new()
        .route("/identity/v1/oauth2/token", post(token))
        .route("/buy/browse/v1/item_summary/search", get(by_words))
        .route(
            "/buy/browse/v1/item_summary/search_by_image",
            post(by_image),
        )
        .route("/buy/browse/v1/item/{id}", get(item))
        .route("/images/one.jpg", get(picture))
        .with_state(bay);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    base
}

/// A catalog of three products with four photos, and the source `bay`.
struct Hunt {
    app: App,
    bay: Arc<Bay>,
    base: String,
    _folder: tempfile::TempDir,
}

impl Hunt {
    async fn new(edit: impl FnOnce(&mut Config)) -> Self {
        let bay = Arc::new(Bay::default());
        let base = serve(bay.clone()).await;
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.fetch.allow_private_hosts = vec!["127.0.0.1".to_owned()];
        edit(&mut config);
        let data = folder.path().join("data");
        let clock = markhound::clock::Clock::system();
        let app = App::open(config, &data, clock).await.unwrap();
        let csv = format!(
            "sku,brand,name,classification,released,images\n\
             P1,Ostrelund,Fjordal Lounge Armchair,public,2020-01-01,{};{}\n\
             P2,Ostrelund,Secret Lamp,confidential,,{SECRET}\n\
             P3,Ostrelund,Coming Chair,,2999-01-01,{COMING}\n",
            PUBLIC[0], PUBLIC[1]
        );
        let file = folder.path().join("products.csv");
        std::fs::write(&file, csv).unwrap();
        let photos = photo("");
        let reading = catalog::read(&file, Some(&photos)).unwrap();
        catalog::import(&app, "test", &reading, |_, _| {})
            .await
            .unwrap();
        let hunt = Self {
            app,
            bay,
            base,
            _folder: folder,
        };
        hunt.save_source("daily_quota = 5000").await;
        hunt
    }

    /// The definition as it ships, but for its pace and its quota.
    async fn save_source(&self, quota: &str) {
        let definition = Definition::builtin_text("ebay")
            .unwrap()
            .replace("per_second = 2", "per_second = 1000")
            .replace("daily_quota = 5000", quota);
        let draft = SourceDraft {
            name: "bay".to_owned(),
            definition,
            base: Some(self.base.clone()),
            queries: Vec::new(),
            schedule: None,
            time_zone: "UTC".to_owned(),
            settings: BTreeMap::from([("marketplace".to_owned(), "EBAY_DE".to_owned())]),
        };
        self.app.store.save_source("test", &draft).await.unwrap();
    }

    async fn source(&self) -> Source {
        self.app.store.source("bay").await.unwrap()
    }

    async fn searches(&self, skus: &[&str]) -> Searches {
        let skus: Vec<String> = skus.iter().map(|sku| (*sku).to_owned()).collect();
        let source = self.source().await;
        service::searches(&self.app, &source, &skus).await.unwrap()
    }

    async fn scanner(&self) -> Scanner {
        let keys = [
            ("EBAY_CLIENT_ID", "bay-id"),
            ("EBAY_CLIENT_SECRET", "bay-secret"),
        ];
        let keys = keys.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let source = self.source().await;
        service::scanner(
            &self.app,
            std::slice::from_ref(&source),
            &keys,
            Arc::new(|_| {}),
        )
        .await
        .unwrap()
    }

    async fn scan(&self) -> (Scan, Ended) {
        let (source, searches) = (self.source().await, self.searches(&[]).await);
        let scanner = self.scanner().await;
        scanner.scan(&source, "test", &searches).await.unwrap()
    }

    /// All that the frontier of a scan holds.
    async fn frontier(&self, scan: i64) -> Vec<String> {
        let rows = self.app.store.frontier_after(scan, 0, 1000).await.unwrap();
        rows.into_iter().map(|(_, target)| target).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn public_reference_photos_are_searched_by_and_lead_to_cases_and_no_other_leaves_the_house() {
    let hunt = Hunt::new(|_| {}).await;
    let (scan, ended) = hunt.scan().await;
    assert_eq!(ended, Ended::Done, "{scan:?}");
    assert_eq!(scan.failures, 0, "{scan:?}");
    let posted = hunt.bay.posted.lock().unwrap().clone();
    // Two photos, two pages each, as the definition has it.
    let mut offsets: Vec<usize> = posted.iter().map(|(_, offset, _)| *offset).collect();
    offsets.sort_unstable();
    assert_eq!(offsets, [0, 0, 200, 200]);
    let different: std::collections::BTreeSet<&Vec<u8>> =
        posted.iter().map(|(bytes, _, _)| bytes).collect();
    assert_eq!(different.len(), 2, "both pages are asked by the same bytes");
    for (bytes, _, site) in &posted {
        assert_eq!(site, "EBAY_DE", "the setting of the source is used");
        let decoded = Picture::decode(bytes, &DecodeLimits::default()).unwrap();
        assert!(decoded.width().max(decoded.height()) <= 1000);
        assert!(bytes.len() <= 1 << 20);
    }
    let words = hunt.bay.words.load(Ordering::SeqCst);
    assert_eq!(
        words, 2,
        "the brand and the name of what is public, and no secret"
    );

    // What the photos led to is matched as everything else is.
    assert_eq!(scan.listings, 4, "{scan:?}");
    let listings = hunt.app.store.item_ids("bay").await.unwrap();
    assert_eq!(listings.len(), 4);
    assert!(scan.cases >= 4, "{scan:?}");

    let rows = hunt.frontier(scan.id).await;
    let by_photo: Vec<&String> = rows
        .iter()
        .filter(|r| r.contains("search_by_image"))
        .collect();
    assert_eq!(by_photo.len(), 4);
    for row in &by_photo {
        assert!(row.contains("photo:") && row.len() < 600, "{row}");
        assert!(!row.contains("P2") && !row.contains("P3"), "{row}");
    }
    // The request is kept as it was sent: the picture is in the WARC's request.
    crate::warc::files_are_whole(&hunt.app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_by_photo_that_a_quota_cut_off_go_on_with_the_photo_and_not_after_it_became_secret()
 {
    let hunt = Hunt::new(|_| {}).await;
    let searches = hunt.searches(&[]).await;
    assert_eq!(searches.photos.len(), 2);
    // A source without words: the photos come first, and the quota ends there.
    let only_photos = Searches {
        words: Vec::new(),
        ..searches
    };
    hunt.save_source("daily_quota = 1").await;
    let scanner = hunt.scanner().await;
    let source = hunt.source().await;
    let (scan, ended) = scanner.scan(&source, "test", &only_photos).await.unwrap();
    assert!(matches!(ended, Ended::Paused(_)), "{ended:?}");
    let before = hunt.bay.posted.lock().unwrap().len();
    assert!(before <= 1, "{before} photos within a quota of 1");

    hunt.save_source("daily_quota = 5000").await;
    let (scan, ended) = hunt.scanner().await.resume(&scan).await.unwrap();
    assert_eq!(ended, Ended::Done);
    assert_eq!(hunt.bay.posted.lock().unwrap().len(), 4);
    assert_eq!((scan.failures, scan.listings), (0, 4), "{scan:?}");

    // The product becomes a secret between two halves of a scan.
    hunt.save_source("daily_quota = 1").await;
    let scanner = hunt.scanner().await;
    let source = hunt.source().await;
    let (scan, ended) = scanner.scan(&source, "test", &only_photos).await.unwrap();
    assert!(matches!(ended, Ended::Paused(_)), "{ended:?}");
    let sent = hunt.bay.posted.lock().unwrap().len();
    let mut secret = crate::world::product("P1");
    secret.classification = Some("confidential".to_owned());
    hunt.app
        .store
        .save_product("test", &secret, &[])
        .await
        .unwrap();
    hunt.save_source("daily_quota = 5000").await;
    let (scan, ended) = hunt.scanner().await.resume(&scan).await.unwrap();
    assert_eq!(ended, Ended::Done);
    assert_eq!(hunt.bay.posted.lock().unwrap().len(), sent, "not sent");
    let left = hunt.app.store.scan_failures(scan.id, 10).await.unwrap();
    assert!(
        !left.is_empty()
            && left.iter().all(|f| f.state == "skipped"
                && f.error
                    .as_deref()
                    .is_some_and(|why| why.contains("P1 is not public"))),
        "{left:?}"
    );
    assert!(hunt.searches(&[]).await.photos.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_over_the_bound_have_their_turn_in_the_next_scan_and_none_is_sent_where_it_is_zero()
{
    let hunt = Hunt::new(|config| config.fetch.photo_searches = 1).await;
    let first = hunt.searches(&[]).await.photos;
    let source = hunt.source().await;
    hunt.app
        .store
        .start_scan(source.id, "test", &[])
        .await
        .unwrap();
    let second = hunt.searches(&[]).await.photos;
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_ne!(first, second);
    hunt.app
        .store
        .start_scan(source.id, "test", &[])
        .await
        .unwrap();
    assert_eq!(hunt.searches(&[]).await.photos, first);
    assert!(hunt.searches(&["P2"]).await.photos.is_empty());
    // A tenth of the quota is for photos.
    hunt.save_source("daily_quota = 9").await;
    assert!(hunt.searches(&[]).await.photos.is_empty());

    let hunt = Hunt::new(|config| config.fetch.photo_searches = 0).await;
    assert!(hunt.searches(&[]).await.photos.is_empty());
}
