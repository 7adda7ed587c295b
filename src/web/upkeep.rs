//! What goes on beside the page while it is served: what earlier versions did not keep is
//! made up for, and new listings are indexed.

use std::time::Duration;

use crate::app::App;
use crate::hunt::listings::Listings;

/// Cases that are put in their places in one transaction.
const PLACED_AT_ONCE: u32 = 200;
/// Titles whose languages are read in one transaction.
const READ_AT_ONCE: u32 = 500;
/// How often new listings are indexed while nobody searches.
const INDEXING: Duration = Duration::from_secs(60);

/// Makes up for what a database of an earlier version did not keep: the languages of
/// sources and of titles, and the clusters of cases from before there were any. New ones are put
/// there as they are written.
pub(super) async fn place_cases(app: App) {
    if let Err(error) = app.store.name_languages().await {
        tracing::warn!("the languages of the sources could not be looked up: {error}");
    }
    loop {
        match app.store.read_languages(READ_AT_ONCE).await {
            Ok(0) => break,
            // Others may write meanwhile.
            Ok(_) => tokio::task::yield_now().await,
            Err(error) => {
                tracing::warn!("the languages of titles could not be read: {error}");
                break;
            }
        }
    }
    loop {
        match app.store.place_cases(PLACED_AT_ONCE).await {
            Ok(0) => return,
            // Others may write meanwhile.
            Ok(_) => tokio::task::yield_now().await,
            Err(error) => {
                tracing::warn!("cases could not be put together: {error}");
                return;
            }
        }
    }
}

/// Takes new listings into the index now and then, so that who searches in the
/// morning need not wait for those of the night.
pub(super) async fn index_listings(listings: Listings) {
    let mut told = false;
    loop {
        match listings.ready(None, None).await {
            Ok(ready) => {
                told = false;
                ready.settled().await;
            }
            Err(error) if !told => {
                told = true;
                tracing::warn!("{error}");
            }
            Err(_) => {}
        }
        tokio::time::sleep(INDEXING).await;
    }
}
