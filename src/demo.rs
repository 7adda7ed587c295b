//! The demonstration: practice marketplaces on this machine, the sample
//! catalog, a scan of all of it, and how the queue compares with the truth.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use markhound_fixtures::{DEFAULT_SEED, Label, Practice, PracticeOptions, TruthRow, truth};
use serde::Serialize;
use tokio::task::JoinSet;

use crate::app::App;
use crate::catalog;
use crate::scan::lock::SourceLock;
use crate::scan::{ScanError, Scanner, service};
use crate::store::StoreError;
use crate::store::sources::{Source, SourceDraft};

/// How often is looked whether somebody wants a scan.
const LOOK: Duration = Duration::from_secs(1);

/// Why the demonstration cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The practice marketplaces failed.
    #[error(transparent)]
    Fixtures(#[from] markhound_fixtures::FixtureError),
    /// The sample catalog could not be imported.
    #[error(transparent)]
    Catalog(#[from] catalog::CatalogError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No folder for the sample catalog.
    #[error("cannot make a temporary folder: {0}")]
    Folder(#[from] std::io::Error),
}

/// The marketplaces, running until dropped, and what was set up for them.
pub struct Demo {
    /// The shops.
    pub practice: Practice,
    /// The sources that read them.
    pub sources: Vec<Source>,
    /// The shops' credentials, by environment name.
    pub credentials: Vec<(String, String)>,
}

/// Starts the marketplaces, imports the sample catalog and adds the sources.
///
/// # Errors
/// [`DemoError`].
pub async fn set_up(app: &App) -> Result<Demo, DemoError> {
    let practice = Practice::start(PracticeOptions::default()).await?;
    let folder = tempfile::tempdir()?;
    import_sample_catalog(app, folder.path()).await?;
    let mut sources = Vec::new();
    let mut credentials = Vec::new();
    for shop in practice.shops() {
        let draft = SourceDraft {
            name: shop.id.to_owned(),
            definition: shop.definition.to_owned(),
            base: Some(shop.base.clone()),
            queries: Vec::new(),
            schedule: None,
            time_zone: "UTC".to_owned(),
            settings: BTreeMap::new(),
        };
        app.store.save_source("demo", &draft).await?;
        sources.push(app.store.source(shop.id).await?);
        credentials.extend(shop.credentials.iter().cloned());
    }
    Ok(Demo {
        practice,
        sources,
        credentials,
    })
}

/// Scans sources when somebody asks for it on the page (*Run now*), until `stop` resolves;
/// targets under way end then. The scheduler of `serve` would do it, but knows no
/// credentials of practice marketplaces.
pub async fn scan_when_asked(app: App, scanner: Scanner, stop: impl Future<Output = ()>) {
    let scanner = Arc::new(scanner);
    let (mut running, mut busy) = (JoinSet::new(), HashSet::new());
    let mut tick = tokio::time::interval(LOOK);
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            _ = tick.tick() => {}
        }
        while let Some(ended) = running.try_join_next() {
            match ended {
                Ok(source) => busy.remove(&source),
                // Which one that was cannot be told.
                Err(_) => {
                    busy.clear();
                    true
                }
            };
        }
        let sources = match app.store.sources().await {
            Ok(sources) => sources,
            Err(error) => {
                tracing::error!(%error, "the database cannot be read");
                continue;
            }
        };
        for source in sources {
            let wanted = source.enabled && source.run_asked_at.is_some();
            // One that is being scanned is taken up at its end.
            let free = || SourceLock::take(&app.data_dir, &source).is_ok();
            if wanted && !busy.contains(&source.id) && free() {
                busy.insert(source.id);
                running.spawn(run_now(app.clone(), scanner.clone(), source));
            }
        }
    }
    scanner.stop();
    while running.join_next().await.is_some() {}
}

/// Scans a source for who asked for it, and gives its number; what comes in the way stands
/// with the source.
async fn run_now(app: App, scanner: Arc<Scanner>, source: Source) -> i64 {
    let by = source.run_asked_by.as_deref().unwrap_or("demo");
    let scan = async {
        let searches = service::searches(&app, &source, &[]).await?;
        scanner.scan(&source, by, &searches).await
    };
    match scan.await {
        Ok(_) => service::after_scan(&app).await,
        // Another process was quicker.
        Err(ScanError::Busy(_)) => {}
        Err(error) => {
            tracing::error!(%error, "a scan stopped");
            if let Err(error) = app.store.refuse_run(source.id, &error.to_string()).await {
                tracing::error!(%error, "the database cannot be written");
            }
        }
    }
    source.id
}

async fn import_sample_catalog(app: &App, folder: &Path) -> Result<(), DemoError> {
    let sample = markhound_fixtures::write_sample_catalog(folder)?;
    let reading = catalog::read(&sample.csv, Some(&sample.images))?;
    catalog::import(app, "demo", &reading, |_, _| {}).await?;
    Ok(())
}

/// How a shop's scan and the queue compare with the truth.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Listings the shop has.
    pub listings: usize,
    /// Of those, captured.
    pub captured: usize,
    /// Listings captured that the shop does not have; must be 0.
    pub unknown: usize,
    /// Listings that infringe on a product.
    pub infringing: usize,
    /// Of those, queued for that product.
    pub found: usize,
    /// Cases in the queue.
    pub cases: usize,
    /// Of those, right: the listing infringes on that product.
    pub right: usize,
}

impl Count {
    /// Share of infringing listings that were queued for their product.
    #[must_use]
    pub fn recall(&self) -> f64 {
        ratio(self.found, self.infringing)
    }

    /// Share of cases that are right.
    #[must_use]
    pub fn precision(&self) -> f64 {
        ratio(self.right, self.cases)
    }

    fn add(&mut self, other: &Self) {
        self.listings += other.listings;
        self.captured += other.captured;
        self.unknown += other.unknown;
        self.infringing += other.infringing;
        self.found += other.found;
        self.cases += other.cases;
        self.right += other.right;
    }
}

/// The demonstration's result, shop by shop.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Counts per shop.
    pub shops: BTreeMap<String, Count>,
    /// All shops together.
    pub total: Count,
    /// `total.recall()`.
    pub recall: f64,
    /// `total.precision()`.
    pub precision: f64,
    /// Infringing listings that were not queued for their product.
    pub missed: Vec<Miss>,
    /// Cases that are wrong.
    pub wrong: Vec<Miss>,
}

/// A listing on which queue and truth differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Miss {
    /// The shop.
    pub shop: String,
    /// The listing.
    pub item_id: String,
    /// The product it infringes on, or the one it was queued for.
    pub sku: Option<String>,
    /// What the truth says it is.
    pub kind: String,
    /// What was done to the picture.
    pub picture_edits: Vec<String>,
    /// What was done to the title.
    pub title_tricks: Vec<String>,
}

/// Compares what was captured and queued with the truth of the practice
/// marketplaces.
///
/// # Errors
/// When the database cannot be read.
pub async fn report(app: &App) -> Result<Report, StoreError> {
    let truth = truth(DEFAULT_SEED);
    let cases: BTreeSet<(String, String, String)> =
        app.store.case_pairs().await?.into_iter().collect();
    let mut report = Report::default();
    let mut known: BTreeMap<&str, BTreeMap<&str, &TruthRow>> = BTreeMap::new();
    for row in &truth {
        known
            .entry(&row.shop)
            .or_default()
            .insert(&row.item_id, row);
    }
    for (shop, rows) in &known {
        let captured = app.store.item_ids(shop).await?;
        let count = report.shops.entry((*shop).to_owned()).or_default();
        count.listings = rows.len();
        for (item, _) in &captured {
            if rows.contains_key(item.as_str()) {
                count.captured += 1
            } else {
                count.unknown += 1
            }
        }
        for row in rows.values().filter(|row| row.label == Label::Infringing) {
            count.infringing += 1;
            let sku = row.sku.clone().unwrap_or_default();
            if cases.contains(&((*shop).to_owned(), row.item_id.clone(), sku)) {
                count.found += 1;
            } else {
                report.missed.push(miss(row, row.sku.clone()));
            }
        }
    }
    for (shop, item, sku) in &cases {
        let Some(rows) = known.get(shop.as_str()) else {
            continue;
        };
        let count = report.shops.entry(shop.clone()).or_default();
        count.cases += 1;
        match rows.get(item.as_str()) {
            Some(row) if row.label == Label::Infringing && row.sku.as_ref() == Some(sku) => {
                count.right += 1;
            }
            Some(row) => report.wrong.push(miss(row, Some(sku.clone()))),
            None => {}
        }
    }
    for count in report.shops.values() {
        report.total.add(count);
    }
    report.recall = report.total.recall();
    report.precision = report.total.precision();
    Ok(report)
}

fn miss(row: &TruthRow, sku: Option<String>) -> Miss {
    Miss {
        shop: row.shop.to_string(),
        item_id: row.item_id.clone(),
        sku,
        kind: format!("{:?}", row.kind),
        picture_edits: row.picture_edits.iter().map(ToString::to_string).collect(),
        title_tricks: row.title_tricks.iter().map(ToString::to_string).collect(),
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    // Counts of listings are far below the 2^52 an f64 holds exactly.
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    let ratio = part as f64 / whole as f64;
    ratio
}
