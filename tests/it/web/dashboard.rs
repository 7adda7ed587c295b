//! The dashboard and the figures behind it.

use markhound::clock::Millis;
use markhound::reports::{self, By, Scope};
use markhound::review::{self, Action, Verdict};
use markhound::store::figures::FigureScope;

use crate::desk::Desk;
use crate::takedown::figures::past;
use crate::world::START;

const DAY: i64 = 86_400_000;

#[tokio::test]
async fn the_dashboard_counts_what_the_report_counts_from_the_log() {
    let world = past().await;
    let store = &world.app.store;
    let log = reports::log(&world.app).await.unwrap();
    let moments = [None, Some(START), Some(START + DAY), Some(START + 30 * DAY)];
    let mut told = 0;
    for from in moments {
        for to in moments {
            for (brand, source) in [
                (None, None),
                (Some("Ostrelund"), None),
                (Some("Nobody"), None),
                (None, Some("kaufwinkel")),
                (None, Some("elsewhere")),
            ] {
                let (from, to) = (from.map(Millis), to.map(Millis));
                let (brand, source) = (brand.map(str::to_owned), source.map(str::to_owned));
                let scope = Scope {
                    from,
                    to,
                    brand: brand.clone(),
                    source: source.clone(),
                    ..Scope::default()
                };
                let kpi = reports::kpi(&log, &scope, By::All).remove(0);
                let scope = FigureScope {
                    from,
                    to,
                    brand,
                    source,
                    ..FigureScope::default()
                };
                let totals = store.totals(&scope).await.unwrap();
                let number = |n: i64| u64::try_from(n).unwrap();
                let ours = (
                    number(totals.found),
                    number(totals.decided),
                    number(totals.confirmed),
                    number(totals.reported),
                    number(totals.removed),
                );
                let theirs = (
                    kpi.found,
                    kpi.decided,
                    kpi.confirmed,
                    kpi.reported,
                    kpi.removed,
                );
                assert_eq!(ours, theirs, "{scope:?}");
                let ours = (totals.deciding.median, totals.deciding.p90);
                let theirs = (kpi.decision_seconds_median, kpi.decision_seconds_p90);
                assert_eq!(ours, theirs, "{scope:?}");
                let ours = (totals.removing.median, totals.removing.p90);
                let theirs = (kpi.removal_seconds_median, kpi.removal_seconds_p90);
                assert_eq!(ours, theirs, "{scope:?}");
                told += kpi.found + kpi.removed;

                let days = store.days(&scope).await.unwrap();
                let found: i64 = days.iter().map(|(_, day)| day.found).sum();
                let decided: i64 = days.iter().map(|(_, d)| d.confirmed + d.rejected).sum();
                assert_eq!((found, decided), (totals.found, totals.decided));
                let (deciding, removing) = store.spans(&scope).await.unwrap();
                assert_eq!(deciding.iter().sum::<i64>(), totals.decided);
                assert_eq!(removing.iter().sum::<i64>(), totals.removed);
            }
        }
    }
    assert!(told > 40, "there must be something to count: {told}");
    // What was undone since is counted no more.
    let all = FigureScope::default();
    let before = store.totals(&all).await.unwrap();
    let undone = store.case_counts().await.unwrap();
    let rejected = undone
        .iter()
        .any(|(state, n)| state == "rejected" && *n == 1);
    assert!(rejected);
    let case = rejected_case(store).await;
    review::undo(store, "anna", Some(case)).await.unwrap();
    let after = store.totals(&all).await.unwrap();
    assert_eq!(after.decided, before.decided - 1);
    let log = reports::log(&world.app).await.unwrap();
    let kpi = reports::kpi(&log, &Scope::default(), By::All).remove(0);
    assert_eq!(kpi.decided, u64::try_from(after.decided).unwrap());
}

async fn rejected_case(store: &markhound::store::Store) -> i64 {
    let filter = markhound::store::cases::QueueFilter {
        state: Some("rejected".to_owned()),
        ..Default::default()
    };
    store.queue(&filter, None, 1).await.unwrap()[0].id
}

#[tokio::test]
async fn the_dashboard_shows_figures_with_their_definitions_and_a_table_behind_each_plot() {
    let desk = Desk::open().await;
    let verdict = Verdict {
        action: Action::Confirm,
        kind: None,
        reason: None,
    };
    let store = &desk.world.app.store;
    review::decide(store, "mara", &[desk.case], &verdict)
        .await
        .unwrap();
    let mara = desk.person("mara").await;
    let page = mara.text("/dashboard").await;
    for words in [
        "Confirmed / (confirmed + rejected)",
        "By week, each on the day it happened",
        "role=\"img\" aria-label=\"Found, confirmed, removed from ",
        "Show the numbers",
        "href=\"/seller?source=kaufwinkel&#38;name=moebel_",
        "Health of the sources",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let narrowed = mara
        .text("/dashboard?days=7&brand=Nobody&source=kaufwinkel")
        .await;
    assert!(narrowed.contains("No case was confirmed in this period."));
    assert!(narrowed.contains("Nothing in this period."));
    for nonsense in [
        "/dashboard?days=-1&from=x&to=9999-99-99",
        "/dashboard?from=2026-12-01&to=2025-01-01",
        "/dashboard?days=all&brand=%27%22%3E%3Cscript%3E",
        "/dashboard?from=0001-01-01",
    ] {
        let page = mara.text(nonsense).await;
        assert!(!page.contains("<script>"), "{nonsense}");
    }
    desk.close().await;
}
