//! The latest scans, told to the page's script as they go on.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde::Serialize;

use super::super::session::Viewer;
use super::super::{Shared, Web};
use super::{SHOWN, ScanView};
use crate::clock::Millis;
use crate::store::scans::Scan;

/// How often a browser hears of a scan that runs.
const BEAT: Duration = Duration::from_secs(1);
/// Beats after which a stream ends; the browser comes back and is asked again
/// who it is.
const MAX_BEATS: u32 = 600;

/// A scan as the script of the page is told.
#[derive(Serialize)]
struct Beat {
    id: i64,
    source: String,
    state: String,
    percent: i64,
    took: String,
    pace: String,
    requests: i64,
    listings: i64,
    new_listings: i64,
    pictures: i64,
    cases: i64,
    failures: i64,
    queued: i64,
    finished: i64,
}

/// The latest scans, told once at first and again whenever a counter moves.
pub(in super::super) async fn events(State(web): Shared, _viewer: Viewer) -> Response {
    let stream = stream::unfold(Told::new(web), |mut told| async move {
        let event = told.next().await?;
        Some((Ok::<_, Infallible>(event), told))
    });
    Sse::new(stream)
        .keep_alive(KeepAlive::default())
        .into_response()
}

struct Told {
    web: Arc<Web>,
    last: String,
    beats: u32,
}

impl Told {
    fn new(web: Arc<Web>) -> Self {
        Self {
            web,
            last: String::new(),
            beats: 0,
        }
    }

    /// The next event; the end when the server stops or the database fails.
    async fn next(&mut self) -> Option<Event> {
        let mut closing = self.web.closing.clone();
        loop {
            if *closing.borrow() || self.beats >= MAX_BEATS {
                return None;
            }
            if self.beats > 0 {
                // An error means that nobody can close: then only time counts.
                tokio::select! {
                    Ok(_) = closing.wait_for(|closing| *closing) => return None,
                    () = tokio::time::sleep(BEAT) => {}
                }
            }
            self.beats += 1;
            let now = self.web.app.clock.millis();
            let scans = self.web.app.store.scans(SHOWN).await.ok()?;
            let beats: Vec<Beat> = scans.into_iter().map(|scan| Beat::new(scan, now)).collect();
            let data = serde_json::to_string(&beats).ok()?;
            if data != self.last {
                self.last.clone_from(&data);
                return Some(Event::default().event("scans").data(data));
            }
        }
    }
}

impl Beat {
    fn new(scan: Scan, now: Millis) -> Self {
        let view = ScanView::new(scan, now);
        let scan = view.scan;
        Self {
            id: scan.id,
            source: scan.source,
            state: scan.state,
            percent: view.percent,
            took: view.took,
            pace: view.pace,
            requests: scan.requests,
            listings: scan.listings,
            new_listings: scan.new_listings,
            pictures: scan.pictures,
            cases: scan.cases,
            failures: scan.failures,
            queued: scan.queued,
            finished: scan.finished,
        }
    }
}
