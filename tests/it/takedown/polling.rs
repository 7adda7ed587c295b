//! Asking a programme's interface what became of reports, against one on loopback.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::routing::{get, post};
use axum::{Json, Router};
use markhound::store::takedowns::Step;
use markhound::takedown::attest::{self, Shown};
use markhound::takedown::channel::Form;
use markhound::takedown::{self, DraftOptions, poll, send};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::confirmed;
use crate::world::{World, anna};

type Said = Arc<Mutex<Value>>;

/// An interface that takes a report, and then says of its listing what it is told to.
async fn interface() -> (String, Said) {
    let said: Said = Arc::default();
    let status = async |State(said): State<Said>,
                        Path(report): Path<String>,
                        Query(asked): Query<BTreeMap<String, String>>,
                        headers: HeaderMap| {
        assert_eq!(report, "777/1");
        assert_eq!(asked["includeItemDetails"], "true");
        assert_eq!(headers["authorization"], "Bearer secret");
        Json(said.lock().unwrap().clone())
    };
    let app = Router::new()
        .route(
            "/commerce/vero/v1/vero_report",
            post(async || Json(json!({ "veroReportId": "777/1" }))),
        )
        .route("/commerce/vero/v1/vero_report/{report}", get(status))
        .with_state(said.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (base, said)
}

#[tokio::test]
async fn what_became_of_a_report_is_asked_and_recorded_once_and_removal_is_left_to_looking() {
    let mut world = World::new().await;
    let case = confirmed(&mut world, "counterfeit").await;
    let (base, said) = interface().await;
    let channels = takedown::channels(&world.app).unwrap();
    let mut own = channels.get("ebay-vero").unwrap().clone();
    own.request.as_mut().unwrap().base = base;
    let folder = world.dir.path().join("channels");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(
        folder.join("ebay-vero.toml"),
        toml::to_string(&own).unwrap(),
    )
    .unwrap();
    world.app.config.notices.channels = Some(folder);
    let app = &world.app;
    let secrets = |name: &str| (name == "EBAY_VERO_TOKEN").then(|| "secret".to_owned());
    assert!(poll::poll(app, &secrets).await.unwrap().is_empty());

    let set = [("vero_reason_code", "9037"), ("countries", "DE, FR")];
    let options = DraftOptions {
        channel: Some("ebay-vero".to_owned()),
        set: set.map(|(a, b)| (a.to_owned(), b.to_owned())).into(),
        ..DraftOptions::default()
    };
    let notices = takedown::draft_many(app, "anna", &[case], &options).await;
    let notice = notices.unwrap().remove(0).id;
    let user = anna(app).await;
    let seen = attest::preview(app, "anna", notice, Some(Form::Rest), None)
        .await
        .unwrap();
    attest::attest(app, &user, notice, &Shown::all_of(&seen))
        .await
        .unwrap();
    send::send(app, &user, notice, &secrets).await.unwrap();

    let no_token = poll::poll(app, &|_| None).await.unwrap().remove(0);
    assert!(no_token.error.unwrap().contains("EBAY_VERO_TOKEN"));
    let mut at = 0;
    for (status, why, steps, ended, state) in [
        ("RECEIVED", None, 1, 0, "acknowledged"),
        ("SUBMITTED", None, 0, 0, "acknowledged"),
        ("NEVER_HEARD_OF", None, 0, 0, "acknowledged"),
        (
            "CLARIFICATION_REQUIRED",
            Some("Which goods?"),
            0,
            0,
            "acknowledged",
        ),
        ("REMOVED", None, 0, 1, "acknowledged"),
        ("SUBMISSION_FAILED", Some("Not a member"), 1, 0, "refused"),
    ] {
        world.hands.forward(3_600);
        *said.lock().unwrap() = json!({ "veroReportId": "777/1", "reportedItemDetails": [
            { "itemId": "7001", "status": status, "reasonForFailure": why },
            { "itemId": "not ours", "status": "REMOVED" },
        ] });
        let polled = poll::poll(app, &secrets).await.unwrap().remove(0);
        assert_eq!(polled.error, None);
        assert_eq!(
            (polled.steps.len(), polled.ended.len()),
            (steps, ended),
            "{status}"
        );
        let kept = app.store.notice(notice).await.unwrap();
        assert_eq!(kept.state, state, "{status}");
        at += steps;
    }
    assert_eq!(at, 2);
    let events = app.store.notice_events(notice).await.unwrap();
    let last = events.last().unwrap();
    assert_eq!(
        last.note.as_deref(),
        Some("eBay VeRO says SUBMISSION_FAILED: Not a member")
    );
    let evidence = last.evidence.as_deref().unwrap();
    let kept = app
        .blobs
        .get(evidence.strip_prefix("sha256:").unwrap())
        .unwrap();
    assert!(
        String::from_utf8(kept)
            .unwrap()
            .contains("reportedItemDetails")
    );
    // What was refused is not with the channel any more.
    assert!(poll::poll(app, &secrets).await.unwrap().is_empty());
    // When a person escalates it, the same answer as before says nothing about that.
    let step = Step {
        to_state: "escalated".to_owned(),
        ..Step::default()
    };
    takedown::record_step(app, "anna", notice, step, None)
        .await
        .unwrap();
    for (status, steps, state) in [
        ("SUBMISSION_FAILED", 0, "escalated"),
        ("RECEIVED", 1, "acknowledged"),
        ("SUBMISSION_FAILED", 1, "refused"),
    ] {
        world.hands.forward(3_600);
        *said.lock().unwrap() = json!({ "veroReportId": "777/1",
            "reportedItemDetails": [{ "itemId": "7001", "status": status }] });
        let polled = poll::poll(app, &secrets).await.unwrap().remove(0);
        assert_eq!(polled.steps.len(), steps, "{status}");
        let kept = app.store.notice(notice).await.unwrap();
        assert_eq!(kept.state, state, "{status}");
    }
}
