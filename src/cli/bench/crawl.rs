//! `markhound bench crawl`: what a page costs, and what a kill does.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::{Global, ShopArgs};
use crate::app::App;
use crate::bench::process;
use crate::bench::running::{self, Shop};
use crate::bench::shop::DEFINITION;
use crate::bodies::Bodies;
use crate::cli::output::{Done, Output};
use crate::clock::Clock;
use crate::config::Config;
use crate::scan::plan::Searches;
use crate::scan::service;
use crate::scan::warc::FOLDER;
use crate::store::sources::SourceDraft;

const SOURCE: &str = "bench";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    shop: ShopArgs,
    /// Kill the scan (SIGKILL) this often on its way, and go on with it each time
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = clap::value_parser!(u32).range(..=100))]
    kill: u32,
}

/// The result. What was done after kills is no measure of speed: then those
/// fields are left empty.
#[derive(Debug, Serialize)]
struct Report {
    pages: usize,
    page_bytes: u32,
    /// Listings in the database whose captured bytes are all there, unchanged.
    found: usize,
    /// Requests for product pages, as the shop counted them.
    requests: u64,
    /// Of these, for a page that had been asked for before.
    repeated: u64,
    kills: u32,
    seconds: Option<f64>,
    pages_per_second: Option<f64>,
    cpu_ms_per_page: Option<f64>,
    shop_cpu_ms_per_page: Option<f64>,
    peak_memory_bytes: Option<u64>,
    bytes_kept_per_page: u64,
}

pub(super) async fn run(args: Args, global: &Global, output: Output) -> anyhow::Result<Done> {
    let pages = args.shop.pages as usize;
    anyhow::ensure!(
        (args.kill as usize) < pages,
        "--kill {} needs more than {pages} pages",
        args.kill
    );
    let folder = tempfile::tempdir()?;
    let mut shop = Shop::start(args.shop.pages, args.shop.page_size)?;
    let mut config = global.load_config()?;
    let own = shop.base.trim_start_matches("http://").to_owned();
    config.fetch.allow_private_hosts = vec![own];
    // Kept apart from the user's: the folder goes when the measurement ends.
    let data_dir = folder.path().join("data");
    let app = open(&config, &data_dir, &shop).await?;
    if args.kill > 0 {
        let file = folder.path().join("markhound.toml");
        std::fs::write(&file, toml::to_string(&config)?)?;
        tokio::task::block_in_place(|| kill(&mut shop, args.kill, pages, &file, &data_dir))?;
    }

    let source = app.store.source(SOURCE).await?;
    let scanner =
        service::scanner(&app, std::slice::from_ref(&source), &[], Arc::new(|_| {})).await?;
    let (start, before) = (Instant::now(), process::cpu("self"));
    if args.kill > 0 {
        for scan in app.store.unfinished_scans().await? {
            scanner.resume(&scan).await?;
        }
    } else {
        scanner.scan(&source, "bench", &Searches::default()).await?;
    }
    let took = start.elapsed();
    let cpu = before
        .zip(process::cpu("self"))
        .map(|(a, b)| b.saturating_sub(a));
    let peak_memory_bytes = process::peak_memory();
    let (shop_cpu, requests) = tokio::task::block_in_place(|| shop.end())?;

    let found = whole_listings(&app).await?;
    // Closed, so that its log is no part of what is kept.
    app.store.close().await;
    let undisturbed = args.kill == 0;
    let each = |time: Option<Duration>| {
        let time = time.filter(|_| undisturbed)?;
        Some(time.as_secs_f64() * 1000.0 / f64::from(args.shop.pages))
    };
    let seconds = undisturbed.then_some(took.as_secs_f64());
    let report = Report {
        pages,
        page_bytes: args.shop.page_size,
        found,
        requests,
        repeated: requests.saturating_sub(u64::from(args.shop.pages)),
        kills: args.kill,
        seconds,
        pages_per_second: seconds.map(|s| f64::from(args.shop.pages) / s),
        cpu_ms_per_page: each(cpu),
        shop_cpu_ms_per_page: each(shop_cpu),
        peak_memory_bytes,
        bytes_kept_per_page: kept(&data_dir)? / u64::from(args.shop.pages),
    };
    if output.json {
        output.document(&report)?;
    } else {
        output.line(report.text())?;
    }
    Ok(Done::with_failures(found != pages))
}

async fn open(config: &Config, data_dir: &Path, shop: &Shop) -> anyhow::Result<App> {
    let app = App::open(config.clone(), data_dir, Clock::system()).await?;
    let draft = SourceDraft {
        name: SOURCE.to_owned(),
        definition: DEFINITION.to_owned(),
        base: Some(shop.base.clone()),
        queries: Vec::new(),
        schedule: None,
        time_zone: "UTC".to_owned(),
        settings: BTreeMap::new(),
    };
    app.store.save_source("bench", &draft).await?;
    Ok(app)
}

/// Starts and kills scans, evenly over the shop's pages.
fn kill(
    shop: &mut Shop,
    kills: u32,
    pages: usize,
    config: &Path,
    data_dir: &Path,
) -> std::io::Result<()> {
    for number in 1..=kills {
        let mut scan = running::scan(config, data_dir, number > 1)?;
        let reached = shop.wait_for((pages * number as usize / (kills as usize + 1)).max(1));
        scan.kill()?;
        scan.wait()?;
        reached?;
    }
    Ok(())
}

/// Listings whose captures can all be read back as they were.
async fn whole_listings(app: &App) -> anyhow::Result<usize> {
    let folder = app.data_dir.join(FOLDER);
    let mut whole = 0;
    for (_, id) in app.store.item_ids(SOURCE).await? {
        let captures = app.store.captures_of_listing(id).await?;
        let (records, originals) = app.store.warc_records_and_originals_of(id).await?;
        let bodies = Bodies {
            blobs: &app.blobs,
            folder: &folder,
            records: &records,
            originals: &originals,
        };
        let is_whole = captures.iter().all(|capture| bodies.get(capture).is_ok());
        whole += usize::from(!captures.is_empty() && is_whole);
    }
    Ok(whole)
}

/// Bytes of all files under a folder.
fn kept(folder: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let (entry, data) = entry.and_then(|e| e.metadata().map(|m| (e, m)))?;
            if data.is_dir() {
                folders.push(entry.path());
            } else {
                bytes += data.len();
            }
        }
    }
    Ok(bytes)
}

impl Report {
    fn text(&self) -> String {
        let mut lines = vec![format!(
            "{} of {} listings found, their captures whole; {} requests for them, {} repeated, {} kills",
            self.found, self.pages, self.requests, self.repeated, self.kills
        )];
        if let (Some(rate), Some(seconds)) = (self.pages_per_second, self.seconds) {
            lines.push(format!(
                "{rate:.0} pages a second ({} bytes each) for {seconds:.1} s",
                self.page_bytes
            ));
        }
        if let (Some(cpu), Some(shop)) = (self.cpu_ms_per_page, self.shop_cpu_ms_per_page) {
            lines.push(format!(
                "{cpu:.2} ms of processor time a page; the shop's own, not counted, {shop:.2} ms"
            ));
        }
        if let Some(peak) = self.peak_memory_bytes {
            lines.push(format!("{} MiB of memory at most", peak >> 20));
        }
        lines.push(format!("{} bytes kept a page", self.bytes_kept_per_page));
        lines.join("\n")
    }
}
