//! A reviewer who only presses keys, and what they wait for.
//!
//! A short run is a test. With `MARKHOUND_REVIEW_DATA`, a folder that `markhound
//! bench seed` made, it is a measurement of that database, and with
//! `MARKHOUND_REVIEW_BASE` of the server that serves it, such as a release build:
//!
//! ```text
//! markhound serve --data-dir night --listen 127.0.0.1:8099 &
//! MARKHOUND_REVIEW_DATA=night MARKHOUND_REVIEW_BASE=http://127.0.0.1:8099 \
//!     MARKHOUND_REVIEW_CARDS=400 target/debug/deps/it-… \
//!     a_reviewer_who_only_presses_keys --nocapture
//! ```
//!
//! The reviewer decides as soon as the next card is there, or so many times an hour as
//! `MARKHOUND_REVIEW_PACE` says.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use fantoccini::Locator;
use markhound::app::App;
use markhound::clock::Clock;
use markhound::config::Config;
use serde_json::Value;

use super::{Driver, Window, until};
use crate::desk::{Desk, Person};

/// Pages whose answers are timed.
const LISTS: [&str; 8] = [
    "/queue",
    "/queue?sort=worth",
    "/queue?sort=oldest",
    "/queue?min=90&kind=copied_photo",
    "/queue?source=market-3&from=20&to=200",
    "/queue?q=replica+luxury",
    "/queue?state=all",
    "/queue?age=new1&sort=oldest",
];

/// Notes when a key went down, and when the card after it stood there with its
/// pictures, painted.
const WATCH: &str = "
    window.waits = [];
    const card = () => document.querySelector('.rcard:not([hidden])');
    const loaded = (one) => Promise.all([...one.querySelectorAll('.cmp-two image')].map((image) => {
        const picture = new Image();
        picture.src = image.href.baseVal;
        return picture.decode().catch(() => {});
    }));
    document.addEventListener('keydown', (event) => {
        if (!/^[rws]$/.test(event.key)) return;
        const was = card();
        const from = performance.now();
        const look = () => {
            const now = card();
            const gone = !document.getElementById('empty').hidden;
            if (gone || (now && now !== was)) {
                loaded(now ?? document.body).then(() => requestAnimationFrame(() =>
                    window.waits.push(performance.now() - from)));
            } else {
                requestAnimationFrame(look);
            }
        };
        requestAnimationFrame(look);
    }, true);";

fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = (values.len() as f64 * share).ceil() as usize;
    values.get(at.saturating_sub(1)).copied().unwrap_or(0.0)
}

async fn time(person: &Person, path: &str, times: usize) -> Vec<f64> {
    let mut all = Vec::with_capacity(times);
    for _ in 0..times {
        let start = Instant::now();
        person.text(path).await;
        all.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reviewer_who_only_presses_keys_clears_card_after_card() {
    let measured = std::env::var_os("MARKHOUND_REVIEW_DATA").map(PathBuf::from);
    let cards: usize = std::env::var("MARKHOUND_REVIEW_CARDS")
        .ok()
        .and_then(|cards| cards.parse().ok())
        .unwrap_or(12);
    let desk = match &measured {
        Some(folder) => {
            let app = App::open(Config::default(), folder, Clock::system())
                .await
                .unwrap();
            let mut desk = Desk::over_app(app).await;
            if let Ok(base) = std::env::var("MARKHOUND_REVIEW_BASE") {
                desk.base = base;
            }
            desk
        }
        None => {
            let desk = Desk::open().await;
            for n in 0..cards {
                let score = 0.9 - n as f64 / 100.0;
                desk.case_of_another_product(&format!("p{n}"), score).await;
            }
            desk
        }
    };
    let mara = desk.person("mara").await;
    let cards = if measured.is_some() { cards } else { cards + 1 };
    if measured.is_some() {
        let mut all = Vec::new();
        for path in LISTS {
            let mut times = time(&mara, path, 20).await;
            println!(
                "{path}: p50 {:.0} ms, p95 {:.0} ms",
                percentile(&mut times, 0.5),
                percentile(&mut times, 0.95)
            );
            all.extend(times);
        }
        println!("all lists: p95 {:.0} ms", percentile(&mut all, 0.95));
        let mut times = Vec::new();
        for _ in 0..40 {
            let start = Instant::now();
            let answer = mara.post("/review/next", &[("want", "1")]).await;
            let card = answer.text().await.unwrap();
            times.push(start.elapsed().as_secs_f64() * 1000.0);
            let case = card.split("data-case=\"").nth(1).unwrap();
            let case = case.split('"').next().unwrap();
            mara.post("/review/leave", &[("cases", case)]).await;
        }
        println!(
            "a card from the server: p50 {:.0} ms, p95 {:.0} ms",
            percentile(&mut times, 0.5),
            percentile(&mut times, 0.95)
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let driver = Driver::start();
    let window = Window::open(&driver, &desk, folder.path()).await;
    window.go("/review").await;
    window.see(".rcard:not([hidden])").await;
    window.client.execute(WATCH, Vec::new()).await.unwrap();
    let pace: Option<f64> = std::env::var("MARKHOUND_REVIEW_PACE")
        .ok()
        .and_then(|pace| pace.parse().ok());
    let start = Instant::now();
    for done in 1..=cards {
        if let Some(pace) = pace.filter(|_| measured.is_some()) {
            let due = start + Duration::from_secs_f64(done as f64 * 3600.0 / pace);
            tokio::time::sleep_until(due.into()).await;
        }
        let key = match done % 10 {
            9 => "w",
            _ => "r",
        };
        let body = window.client.find(Locator::Css("body")).await.unwrap();
        body.send_keys(key).await.unwrap();
        until("the next card is there", || async {
            let script = "return window.waits.length";
            let waits = window.client.execute(script, Vec::new()).await.unwrap();
            waits.as_u64() >= Some(done as u64)
        })
        .await;
    }
    let seconds = start.elapsed().as_secs_f64();
    // What was sent is written before the browser goes.
    window.says("#progress", &format!("{cards} decided")).await;
    let waits = window
        .client
        .execute("return window.waits", Vec::new())
        .await
        .unwrap();
    let mut waits: Vec<f64> = waits
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_f64)
        .collect();
    assert_eq!(waits.len(), cards);
    if measured.is_some() {
        println!(
            "{cards} cards in {seconds:.1} s, {:.0} decisions an hour; next card p50 {:.0} ms, p95 {:.0} ms, most {:.0} ms",
            cards as f64 / seconds * 3600.0,
            percentile(&mut waits, 0.5),
            percentile(&mut waits, 0.95),
            percentile(&mut waits, 1.0)
        );
    } else {
        until("all is decided", || async {
            let counts = desk.world.app.store.case_counts().await.unwrap();
            counts.iter().all(|(state, _)| state != "open")
        })
        .await;
    }
    window.client.close().await.unwrap();
    desk.close().await;
}
