//! `markhound demo`: everything at once, on practice marketplaces.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;

use super::Global;
use super::output::{Done, Output, short};
use super::{progress, reindex, scan, serve};
use crate::accounts;
use crate::app::App;
use crate::clock::Clock;
use crate::demo::{self, Report};
use crate::scan::event::Observer;
use crate::scan::service;
use crate::store::cases::QueueFilter;
use crate::web;

/// Examples: markhound demo | markhound demo --once --json
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scan, print the result, and end; in a temporary directory unless --data-dir names one
    #[arg(long)]
    once: bool,
    /// Address and port of the review page
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

const USER: &str = "analyst";

pub(super) async fn run(args: Args, global: &Global, output: &Output) -> anyhow::Result<Done> {
    let mut config = global.load_config()?;
    config.server.listen = args.listen;
    // The practice marketplaces are on this machine; nothing else private is.
    config.fetch.allow_private_hosts = vec!["127.0.0.1".to_owned()];
    let temporary = tempfile::tempdir()?;
    let data_dir = match (&global.data_dir, args.once) {
        (Some(named), _) => named.clone(),
        (None, true) => temporary.path().to_owned(),
        (None, false) => PathBuf::from("markhound-demo"),
    };
    // A port in use is told before any work is done.
    let listener = if args.once {
        None
    } else {
        Some(serve::listen(args.listen).await?)
    };
    let app = App::open(config, &data_dir, Clock::system()).await?;
    reindex::at_start(&app).await?;
    let demo = demo::set_up(&app).await?;
    eprintln!("practice marketplaces:");
    for shop in demo.practice.shops() {
        eprintln!(
            "  {:<12} {}  {} listings",
            shop.id, shop.base, shop.listing_count
        );
    }

    let page = match listener {
        None => None,
        Some(listener) => {
            sign_in(&app, &listener, output).await?;
            let serving = web::serve(app.clone(), listener, serve::interrupted());
            Some(tokio::spawn(serving))
        }
    };
    let (observer, bars) = progress::observer(*output, false);
    let scanner = service::scanner(&app, &demo.sources, &demo.credentials, observer).await?;
    let ended = tokio::select! {
        ended = scan::start(&app, &scanner, &demo.sources, &[]) => ended?,
        () = serve::interrupted() => {
            eprintln!("stopped; run the demo again to scan again");
            return Ok(Done::SomeFailed);
        }
    };
    drop(bars);

    let failed = ended.iter().any(|(_, outcome)| outcome.is_err());
    for (_, outcome) in &ended {
        if let Err(error) = outcome {
            eprintln!("error: {error}");
        }
    }
    let report = demo::report(&app).await?;
    if output.json {
        output.document(&report)?;
    } else {
        print(&app, &report, output).await?;
    }
    if let Some(page) = page {
        if !output.json {
            output.line("\nThe review page is open; Ctrl-C ends it.")?;
        }
        let quiet: Observer = Arc::new(|_| {});
        let scanner = service::scanner(&app, &demo.sources, &demo.credentials, quiet).await?;
        let asked = demo::scan_when_asked(app.clone(), scanner, serve::interrupted());
        let (page, ()) = tokio::join!(page, asked);
        page?.context("the review page stopped")?;
        app.store.close().await;
    }
    demo.practice.stop().await;
    Ok(Done::with_failures(failed))
}

/// Makes the demonstration's user with a new password and tells it.
async fn sign_in(
    app: &App,
    listener: &tokio::net::TcpListener,
    output: &Output,
) -> anyhow::Result<()> {
    let password = accounts::random_password();
    let hash = accounts::hash_password(&password)?;
    app.store
        .save_user("demo", USER, &hash, "administrator")
        .await?;
    let address = listener.local_addr()?;
    if output.json {
        return output.object(&serde_json::json!({ "event": "listening",
            "url": format!("http://{address}/"), "user": USER, "password": password }));
    }
    output.line(format!(
        "review page: http://{address}/   user {USER}   password {password}"
    ))
}

async fn print(app: &App, report: &Report, output: &Output) -> anyhow::Result<()> {
    output.line(format!(
        "\n{:<12} {:>9} {:>9} {:>11} {:>7} {:>7} {:>10} {:>7}",
        "shop", "listings", "captured", "infringing", "queued", "right", "precision", "recall"
    ))?;
    let total = ("all".to_owned(), report.total.clone());
    for (shop, count) in report
        .shops
        .iter()
        .chain(std::iter::once((&total.0, &total.1)))
    {
        output.line(format!(
            "{shop:<12} {:>9} {:>9} {:>11} {:>7} {:>7} {:>10.3} {:>7.3}",
            count.listings,
            count.captured,
            count.infringing,
            count.cases,
            count.right,
            count.precision(),
            count.recall()
        ))?;
    }
    output.line("\nthe most probable cases:")?;
    let filter = QueueFilter {
        state: Some("open".to_owned()),
        ..QueueFilter::default()
    };
    for case in app.store.queue(&filter, None, 8).await? {
        output.line(format!(
            "  case {:<5} {:>5.1} %  {:<56} {}",
            case.id,
            case.score * 100.0,
            short(&case.title, 56),
            case.sku
        ))?;
    }
    Ok(())
}
