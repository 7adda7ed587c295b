//! What runs scans: a fetcher that says who it is, a matcher that is up to date,
//! and the reconciler that `serve` keeps calling.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use markhound_crawlers::fetch::{FetchOptions, Fetcher};
use tokio::task::JoinSet;
use url::Url;

use super::event::Observer;
use super::lock::SourceLock;
use super::matcher::Matcher;
use super::plan::Searches;
use super::{Ended, ScanError, Scanner, photos, plan, schedule};
use crate::app::App;
use crate::learning::Nightly;
use crate::store::scans::Scan;
use crate::store::sources::Source;
use crate::store::{StoreError, imports, rechecks};
use crate::takedown::{recheck, relisting};

/// The largest file of certificates read, in bytes.
const MOST_CERTIFICATES: u64 = 4 << 20;
/// The longest a request to the OpenID provider may take, in seconds.
const PROVIDER_SECONDS: f64 = 10.0;
/// How often `serve` compares what should run with what does.
const TICK: Duration = Duration::from_secs(15);

/// The credentials that the definitions of these sources name, as far as the
/// environment has them; `given` wins over the environment.
#[must_use]
pub fn credentials(sources: &[Source], given: &[(String, String)]) -> HashMap<String, String> {
    let mut found = HashMap::new();
    for definition in sources
        .iter()
        .filter_map(|source| plan::definition(source).ok())
    {
        for name in definition.auth_env() {
            if let Ok(value) = std::env::var(name) {
                found.insert(name.to_owned(), value);
            }
        }
    }
    found.extend(given.iter().cloned());
    found
}

/// A fetcher for these sources. It tells each shop's operator who asks; without
/// a contact in the configuration only this machine may be asked.
///
/// # Errors
/// [`ScanError::Source`] for a source elsewhere without a contact.
pub fn fetcher(
    app: &App,
    sources: &[Source],
    given: &[(String, String)],
) -> Result<Fetcher, ScanError> {
    if app.config.fetch.contact.is_none() {
        for source in sources {
            local_only(&source.name, plan::definition(source)?.base())?;
        }
    }
    fetcher_with(app, credentials(sources, given))
}

/// The same for a shop that is no source yet.
///
/// # Errors
/// [`ScanError::Source`] for a shop elsewhere without a contact.
pub fn fetcher_for(app: &App, shop: &Url) -> Result<Fetcher, ScanError> {
    if app.config.fetch.contact.is_none() {
        local_only(shop.host_str().unwrap_or_default(), shop)?;
    }
    fetcher_with(app, HashMap::new())
}

/// The same for services that the configuration names, which are no shops.
///
/// # Errors
/// [`ScanError`] when trusted certificates cannot be read.
pub fn service_fetcher(app: &App) -> Result<Fetcher, ScanError> {
    fetcher_with(app, HashMap::new())
}

/// The same for the OpenID provider, which somebody waits for before their browser. Its
/// own host may be a private one, for the configuration names it; no other may.
///
/// # Errors
/// [`ScanError`] when trusted certificates cannot be read.
pub fn provider_fetcher(app: &App, issuer: &Url) -> Result<Fetcher, ScanError> {
    let mut options = fetch_options(app, HashMap::new())?;
    let port = issuer.port_or_known_default().unwrap_or(443);
    let host = issuer.host_str().unwrap_or_default();
    options.allow_private_hosts.push(format!("{host}:{port}"));
    options.limits.request_seconds = options.limits.request_seconds.min(PROVIDER_SECONDS);
    Ok(Fetcher::new(options)?)
}

fn fetcher_with(app: &App, credentials: HashMap<String, String>) -> Result<Fetcher, ScanError> {
    Ok(Fetcher::new(fetch_options(app, credentials)?)?)
}

fn fetch_options(
    app: &App,
    credentials: HashMap<String, String>,
) -> Result<FetchOptions, ScanError> {
    let version = env!("CARGO_PKG_VERSION");
    let user_agent = match &app.config.fetch.contact {
        Some(contact) => format!("markhound/{version} (+{contact})"),
        None => format!("markhound/{version} (+no contact set; scans of this machine only)"),
    };
    let mut options = FetchOptions::new(&user_agent, app.clock.as_fn());
    options
        .allow_private_hosts
        .clone_from(&app.config.fetch.allow_private_hosts);
    options.limits = app.config.fetch.limits.clone();
    options.credentials = credentials;
    options.memory = Arc::new(app.store.clone());
    for path in &app.config.fetch.trusted_certificates {
        trust(&mut options, path).map_err(|why| ScanError::Certificates {
            path: path.clone(),
            why,
        })?;
    }
    Ok(options)
}

/// Trusts the certificates in a file.
fn trust(options: &mut FetchOptions, path: &Path) -> Result<(), String> {
    let mut pem = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(MOST_CERTIFICATES + 1).read_to_end(&mut pem))
        .map_err(|error| error.to_string())?;
    if pem.len() as u64 > MOST_CERTIFICATES {
        return Err(format!("it is over {} MiB large", MOST_CERTIFICATES >> 20));
    }
    let trusted = options.trust_pem(&pem);
    trusted.map(drop).map_err(|error| error.to_string())
}

fn local_only(name: &str, shop: &Url) -> Result<(), ScanError> {
    let host = shop.host_str().unwrap_or_default();
    let local = host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback());
    if local {
        return Ok(());
    }
    Err(ScanError::Source {
        source_name: name.to_owned(),
        why: "set `contact` under [fetch] in markhound.toml to a mail address or page where the shop's operator reaches you".to_owned(),
    })
}

/// A scanner whose matcher is up to date with the catalog.
///
/// # Errors
/// [`ScanError`].
pub async fn scanner(
    app: &App,
    sources: &[Source],
    given: &[(String, String)],
    observer: Observer,
) -> Result<Scanner, ScanError> {
    let fetcher = fetcher(app, sources, given)?;
    let matcher = Arc::new(Matcher::load(app).await?);
    Ok(Scanner::new(app.clone(), fetcher, matcher, observer))
}

/// The searches of a source: those planned from the catalog and its own. `skus`
/// narrows them to some products, an empty list does not.
///
/// # Errors
/// When the database cannot be read, or the source's definition not be used.
pub async fn searches(app: &App, source: &Source, skus: &[String]) -> Result<Searches, ScanError> {
    let definition = plan::definition(source)?;
    let products = app.store.products().await?;
    if let Some(unknown) = skus
        .iter()
        .find(|sku| !products.iter().any(|p| &p.sku == *sku))
    {
        app.store.product(unknown).await?;
        // It is known, but not of the catalog any more.
        return Err(StoreError::removed(unknown).into());
    }
    let mut words = plan::queries(&products, skus, app.clock.now());
    if skus.is_empty() {
        words.extend(source.queries.iter().cloned());
    }
    let photos = photos::plan(app, source, &definition, &products, skus).await?;
    Ok(Searches { words, photos })
}

/// What a scan is to do.
#[derive(Debug, Clone)]
pub enum Task {
    /// Scan this source from the start.
    Start(Source),
    /// Go on with this scan.
    Resume(Scan),
    /// Look at this source's listings under notice again.
    Recheck(Source),
}

/// What should run now and does not: scans that were cut off, and sources whose
/// schedule has passed a moment since their last scan.
///
/// # Errors
/// When the database cannot be read.
pub async fn due(app: &App) -> Result<Vec<Task>, ScanError> {
    let (mut tasks, mut again) = (Vec::new(), Vec::new());
    let sources = app.store.sources().await?;
    let mut unfinished = app.store.unfinished_scans().await?;
    // The import of a file goes on when that file is imported again.
    unfinished.retain(|scan| scan.started_by != imports::STARTED_BY);
    for source in sources.into_iter().filter(|source| source.enabled) {
        if SourceLock::take(&app.data_dir, &source).is_err() {
            continue;
        }
        if let Some(scan) = unfinished.iter().find(|scan| scan.source_id == source.id) {
            tasks.push(Task::Resume(scan.clone()));
            continue;
        }
        let last = app
            .store
            .last_scan(source.id)
            .await?
            .map(|scan| scan.started_at);
        match schedule::is_due(&source, last, app.clock.now()) {
            Ok(true) => tasks.push(Task::Start(source)),
            Ok(false) => again.push(source),
            Err(error) => tracing::warn!(source = source.name, %error, "schedule ignored"),
        }
    }
    match recheck::due(app).await {
        Ok(due) => tasks.extend(
            due.into_iter()
                .filter(|source| again.iter().any(|idle| idle.id == source.id))
                .map(Task::Recheck),
        ),
        Err(error) => tracing::warn!(%error, "listings under notice are not looked at again"),
    }
    Ok(tasks)
}

/// Runs what is due, again and again, until `stop` resolves; then lets targets
/// under way end.
pub async fn run(app: App, stop: impl Future<Output = ()>) {
    let mut running: JoinSet<()> = JoinSet::new();
    let (halt, halted) = tokio::sync::watch::channel(false);
    let mut tick = tokio::time::interval(TICK);
    let learning = tokio::spawn(learn_nightly(app.clone()));
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            _ = tick.tick() => {}
        }
        while running.try_join_next().is_some() {}
        let tasks = match due(&app).await {
            Ok(tasks) => tasks,
            Err(error) => {
                tracing::error!(%error, "the scheduler cannot read the database");
                continue;
            }
        };
        for task in tasks {
            let (app, halted) = (app.clone(), halted.clone());
            running.spawn(async move {
                let asked = asked_for(&task);
                if let Err(error) = perform(&app, task, halted).await {
                    tracing::error!(%error, "a scan stopped");
                    // Tried again and again it would come to the same.
                    if let Some(source) = asked {
                        let told = app.store.refuse_run(source, &error.to_string()).await;
                        if let Err(error) = told {
                            tracing::error!(%error, "the database cannot be written");
                        }
                    }
                }
            });
        }
    }
    // What it keeps is one transaction, so that it can end anywhere.
    learning.abort();
    let _ = halt.send(true);
    while running.join_next().await.is_some() {}
}

/// The source that somebody wanted scanned, where the task follows from that.
fn asked_for(task: &Task) -> Option<i64> {
    match task {
        Task::Start(source) if source.run_asked_at.is_some() => Some(source.id),
        _ => None,
    }
}

/// Looks again and again whether decisions teach something new. On its own:
/// fitting takes seconds, in which scans are started and stopped all the same.
async fn learn_nightly(app: App) {
    let mut nightly = Nightly::default();
    let mut tick = tokio::time::interval(TICK);
    loop {
        tick.tick().await;
        match nightly.tick(&app).await {
            Ok(Some(learnt)) => tracing::info!(
                model = learnt.model.label(),
                "new weights are proposed; they score once somebody adopts them"
            ),
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "nothing was learnt from the decisions"),
        }
    }
}

/// What follows every scan: listings that came back are linked, and what re-checks
/// saw is taken in. What fails here is done by the next run.
pub async fn after_scan(app: &App) {
    if let Err(error) = recheck::judge(app).await {
        tracing::warn!(%error, "what re-checks saw was not taken in");
    }
    match relisting::link(app).await {
        Ok(linked) if !linked.listings.is_empty() => {
            tracing::info!(count = linked.listings.len(), "removed listings came back");
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "new listings were not compared with removed ones"),
    }
}

async fn perform(
    app: &App,
    task: Task,
    mut halted: tokio::sync::watch::Receiver<bool>,
) -> Result<(), ScanError> {
    let source = match &task {
        Task::Start(source) | Task::Recheck(source) => source.clone(),
        Task::Resume(scan) => app.store.source_by_id(scan.source_id).await?,
    };
    let quiet: Observer = Arc::new(|_| {});
    let scanner = scanner(app, std::slice::from_ref(&source), &[], quiet).await?;
    let stopping = scanner.clone();
    let watcher = tokio::spawn(async move {
        if halted.wait_for(|halt| *halt).await.is_ok() {
            stopping.stop();
        }
    });
    let (scan, ended) = match task {
        Task::Start(source) => {
            let searches = searches(app, &source, &[]).await?;
            // A person may be called like what is started otherwise.
            let reserved = [imports::STARTED_BY, rechecks::STARTED_BY];
            let by = source.run_asked_by.as_deref();
            let by = by.filter(|name| !reserved.contains(name));
            let started_by = by.unwrap_or("schedule");
            scanner.scan(&source, started_by, &searches).await?
        }
        Task::Resume(scan) => scanner.resume(&scan).await?,
        Task::Recheck(source) => {
            match recheck::run(app, &scanner, &source, false).await {
                Ok(came_to) => tracing::info!(source = source.name, ?came_to, "looked again"),
                Err(error) => tracing::warn!(source = source.name, %error, "not looked again"),
            }
            watcher.abort();
            return Ok(());
        }
    };
    watcher.abort();
    after_scan(app).await;
    match ended {
        Ended::Done => tracing::info!(source = source.name, scan = scan.id, "scan done"),
        Ended::Paused(why) => {
            tracing::warn!(source = source.name, scan = scan.id, why, "scan paused")
        }
        Ended::Stopped => tracing::info!(source = source.name, scan = scan.id, "scan stopped"),
    }
    Ok(())
}
