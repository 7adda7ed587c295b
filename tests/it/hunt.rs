//! Everything captured: fingerprints taken anew after a change of their algorithm,
//! pictures and products that came later, and words searched for in it.

mod image;
mod reindex;
mod retro;
mod text;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use markhound::app::App;
use markhound::catalog;
use markhound::clock::Clock;
use markhound::config::Config;
use markhound::scan::plan::Searches;
use markhound::scan::service;
use markhound::store::sources::SourceDraft;
use markhound_fixtures::write_sample_catalog;
use sqlx::Connection as _;
use sqlx::{AssertSqlSafe, Executor as _};

use crate::lab::{open, shared_practice};

/// An installation that has scanned the German practice marketplace.
pub struct Scanned {
    pub app: App,
    dir: tempfile::TempDir,
}

impl Scanned {
    /// With the whole sample catalog: a copy of one that was scanned once.
    pub async fn whole() -> Self {
        static MODEL: OnceLock<(tokio::runtime::Runtime, Scanned)> = OnceLock::new();
        // A runtime of its own: a test's runtime ends with the test.
        let make = || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let model = runtime.block_on(async {
                let model = Self::without(&[]).await;
                model.app.store.close().await;
                model
            });
            (runtime, model)
        };
        let made = tokio::task::spawn_blocking(move || {
            let (_, model) = MODEL.get_or_init(|| std::thread::spawn(make).join().unwrap());
            let dir = tempfile::tempdir().unwrap();
            copy(model.dir.path(), dir.path());
            dir
        });
        let dir = made.await.unwrap();
        let app = open(&dir.path().join("data")).await;
        Self { app, dir }
    }

    /// With the sample catalog, except the products named.
    pub async fn without(skus: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.fetch.allow_private_hosts = vec!["127.0.0.1".to_owned()];
        // Two installations draw different listings for the audit.
        config.review.audit_share = 0.0;
        let app = App::open(config, &dir.path().join("data"), Clock::system())
            .await
            .unwrap();
        let scanned = Self { app, dir };
        let sample = write_sample_catalog(&scanned.folder()).unwrap();
        let whole = std::fs::read_to_string(&sample.csv).unwrap();
        let left: Vec<&str> = whole
            .lines()
            .filter(|line| !skus.iter().any(|sku| line.starts_with(sku)))
            .collect();
        assert_eq!(left.len(), whole.lines().count() - skus.len());
        scanned.import(&left.join("\n")).await;
        scanned.scan().await;
        std::fs::write(&sample.csv, whole).unwrap();
        scanned
    }

    fn folder(&self) -> std::path::PathBuf {
        self.dir.path().join("sample")
    }

    async fn import(&self, csv: &str) {
        let file = self.folder().join("part.csv");
        std::fs::write(&file, csv).unwrap();
        let reading = catalog::read(&file, Some(&images(&self.folder()))).unwrap();
        catalog::import(&self.app, "test", &reading, |_, _| {})
            .await
            .unwrap();
    }

    /// Imports the products that were left out.
    pub async fn import_the_rest(&self) {
        let sample = write_sample_catalog(&self.folder()).unwrap();
        let whole = std::fs::read_to_string(sample.csv).unwrap();
        self.import(&whole).await;
    }

    async fn scan(&self) {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let shop = shared_practice().shop("kaufwinkel").unwrap();
        let draft = SourceDraft {
            name: shop.id.to_owned(),
            definition: shop.definition.to_owned(),
            base: Some(shop.base.clone()),
            queries: Vec::new(),
            schedule: None,
            time_zone: "UTC".to_owned(),
            settings: BTreeMap::new(),
        };
        self.app.store.save_source("test", &draft).await.unwrap();
        let source = self.app.store.source(shop.id).await.unwrap();
        let sources = std::slice::from_ref(&source);
        let scanner = service::scanner(&self.app, sources, &[], Arc::new(|_| {}))
            .await
            .unwrap();
        let (scan, _) = scanner
            .scan(&source, "test", &Searches::default())
            .await
            .unwrap();
        assert!(scan.pictures > 50, "{scan:?}");
    }

    /// Runs a statement past the store.
    pub async fn execute(&self, sql: &str) {
        let path = self.app.data_dir.join("markhound.db");
        let url = format!("sqlite://{}", path.display());
        let mut raw = sqlx::SqliteConnection::connect(&url).await.unwrap();
        raw.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
        raw.close().await.unwrap();
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn images(folder: &Path) -> std::path::PathBuf {
    write_sample_catalog(folder).unwrap().images
}
