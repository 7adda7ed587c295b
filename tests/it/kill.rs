//! A scan killed at random moments ends as an undisturbed one does, and the next
//! start of the server is enough for that.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::time::Duration;

use markhound::store::cases::QueueFilter;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::time::timeout;

use crate::lab::{Lab, shared_practice};

const KILLS: usize = 20;
/// A scan of the four shops takes some twenty seconds; a kill comes within this.
const LATEST_KILL: Duration = Duration::from_millis(1500);
/// What is left after the last kill takes no longer than a whole scan.
const LONGEST_REST: Duration = Duration::from_secs(180);

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_killed_at_twenty_random_moments_loses_and_doubles_nothing() {
    let practice = tokio::task::block_in_place(shared_practice);
    let undisturbed = tokio::task::block_in_place(|| {
        let lab = Lab::new(practice);
        lab.ok(&["scan", "--json"]);
        lab
    });
    let disturbed = tokio::task::block_in_place(|| Lab::new(practice));

    let seed: u64 = rand::rng().random();
    println!("seed of the kill times: {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut kills = 0;
    let sources = disturbed.app().await.store.sources().await.unwrap().len();
    let mut begun = BTreeSet::new();
    while kills < KILLS {
        let unfinished = disturbed.app().await.store.unfinished_scans().await;
        let unfinished = unfinished.unwrap();
        begun.extend(unfinished.iter().map(|scan| scan.source_id));
        // A scan that got through before its kill is followed by another one, and so is
        // one that was killed before it had begun with every source.
        let args: &[&str] = if begun.len() == sources && !unfinished.is_empty() {
            &["scan", "--resume", "--json"]
        } else {
            &["scan", "--json"]
        };
        let mut child = disturbed
            .command(args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let process = child.id().to_string();
        let mut ended = tokio::task::spawn_blocking(move || child.wait());
        let moment = LATEST_KILL.mul_f64(random.random());
        if timeout(moment, &mut ended).await.is_err() {
            let killed = Command::new("kill")
                .args(["-9", &process])
                .status()
                .unwrap();
            let status = ended.await.unwrap().unwrap();
            kills += usize::from(killed.success() && status.code().is_none());
        }
    }
    let mut serving = disturbed
        .command(&["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let finished = timeout(LONGEST_REST, scans_end(&disturbed)).await;
    serving.kill().unwrap();
    serving.wait().unwrap();
    finished.expect("serve did not finish the scans that were cut off");
    let doctor = tokio::task::block_in_place(|| disturbed.run(&["doctor", "--json"]));
    assert!(String::from_utf8_lossy(&doctor.stdout).contains("the hash chain holds"));

    let (expected, got) = (outcome(&undisturbed).await, outcome(&disturbed).await);
    assert_eq!(
        expected.len(),
        practice
            .shops()
            .iter()
            .map(|s| s.listing_count)
            .sum::<usize>()
    );
    for (listing, text) in &expected {
        assert_eq!(Some(text), got.get(listing), "{listing:?}");
    }
    assert_eq!(expected.len(), got.len(), "listings too many");
    crate::warc::every_file_is_whole(&disturbed).await;
}

/// Looks again and again until no scan is unfinished.
async fn scans_end(lab: &Lab) {
    let app = lab.app().await;
    let mut look = tokio::time::interval(Duration::from_millis(200));
    while !app.store.unfinished_scans().await.unwrap().is_empty() {
        look.tick().await;
    }
}

/// Everything a scan is for, by source and item: title, price, seller, pictures,
/// and the cases with their evidence.
async fn outcome(lab: &Lab) -> BTreeMap<(String, String), String> {
    let app = lab.app().await;
    let mut outcome = BTreeMap::new();
    for source in app.store.sources().await.unwrap() {
        for (item, id) in app.store.item_ids(&source.name).await.unwrap() {
            let listing = app.store.listing(id).await.unwrap();
            let pictures = app.store.listing_pictures(id).await.unwrap();
            let blobs: Vec<_> = pictures
                .iter()
                .map(|p| (&p.url, &p.blob, &p.error))
                .collect();
            crate::captured::bodies(&app, id).await;
            let text = format!("{} {} {blobs:?}", listing.title, listing.data.0);
            let before = outcome.insert((source.name.clone(), item), text);
            assert_eq!(before, None, "a listing is there twice");
        }
    }
    for case in app
        .store
        .queue(&QueueFilter::default(), None, 100_000)
        .await
        .unwrap()
    {
        // Drawn by a key that each installation has for itself.
        if case.audit_rate.is_some() {
            continue;
        }
        let text = outcome.get_mut(&(case.source, case.item_id)).unwrap();
        text.push_str(&format!(
            " {} {} {} {}",
            case.sku, case.score, case.state, case.evidence_hash
        ));
    }
    outcome
}
