//! `markhound serve`: the review page, and the nightly scans.

use std::net::SocketAddr;

use anyhow::Context as _;
use tokio::net::TcpListener;

use super::Global;
use super::output::{Done, Output};
use crate::app::App;
use crate::clock::Clock;
use crate::notify;
use crate::packet::stamp;
use crate::scan::service;
use crate::takedown::poll;
use crate::web;

/// Example: markhound serve --listen 127.0.0.1:9000
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address and port [default: server.listen, 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Only the page: start and resume no scans
    #[arg(long)]
    no_scans: bool,
}

pub(super) async fn run(args: Args, global: &Global, output: &Output) -> anyhow::Result<Done> {
    let mut config = global.load_config()?;
    if let Some(listen) = args.listen {
        config.server.listen = listen;
    }
    let data_dir = config.data_dir(global.data_dir.as_deref());
    let app = App::open(config, &data_dir, Clock::system()).await?;
    if app.store.users().await?.is_empty() {
        eprintln!("nobody can sign in yet; run `markhound user add NAME --role administrator`");
    }
    super::reindex::at_start(&app).await?;
    let listener = listen(app.config.server.listen).await?;
    announce(&listener, output)?;
    pages_and_scans(app, listener, !args.no_scans).await
}

/// Serves until Ctrl-C, where wanted with the scheduler beside it.
pub(super) async fn pages_and_scans(
    app: App,
    listener: TcpListener,
    scans: bool,
) -> anyhow::Result<Done> {
    let scheduler = scans.then(|| tokio::spawn(service::run(app.clone(), interrupted())));
    let stamps = scans.then(|| tokio::spawn(stamp::keep_asking(app.clone())));
    let polling = scans.then(|| tokio::spawn(poll::keep_polling(app.clone())));
    let telling = scans.then(|| tokio::spawn(notify::keep_telling(app.clone())));
    let served = web::serve(app.clone(), listener, interrupted()).await;
    for task in [stamps, polling, telling].into_iter().flatten() {
        task.abort();
    }
    served.context("the review page stopped")?;
    if let Some(scheduler) = scheduler {
        eprintln!("waiting for pages under way; scans go on at the next start");
        scheduler.await?;
    }
    app.store.close().await;
    Ok(Done::All)
}

/// Binds the page's address; a port in use is a clear error.
pub(super) async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "port {} of {} is in use; stop the other program or name another port with --listen {}:0 (0 takes a free one)",
            address.port(), address.ip(), address.ip()
        ),
        _ => anyhow::anyhow!("cannot listen on {address}: {error}"),
    })
}

pub(super) fn announce(listener: &TcpListener, output: &Output) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    if output.json {
        return output.object(
            &serde_json::json!({ "event": "listening", "url": format!("http://{address}/") }),
        );
    }
    output.line(format!("review page: http://{address}/"))
}

/// Resolves on Ctrl-C or, on Unix, when the service manager asks to stop.
pub(super) async fn interrupted() {
    let interrupt = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => tokio::select! {
                () = interrupt => {}
                _ = terminate.recv() => {}
            },
            Err(_) => interrupt.await,
        }
    }
    #[cfg(not(unix))]
    interrupt.await;
}
