//! Notices: drafting them and their steps.

mod channels;
pub mod figures;
mod leaving;
mod market;
mod polling;
mod shop;
mod states;

use markhound::clock::Millis;
use markhound::review::{self, Action, Verdict};
use markhound::store::takedowns::Notice;
use markhound::takedown::{self, TakedownError};

use crate::world::{World, attest, open_case, product, right, with_sender};

async fn confirmed(world: &mut World, kind: &str) -> i64 {
    with_sender(world);
    let case = open_case(world).await;
    confirm(world, case, kind).await;
    case
}

async fn confirm(world: &World, case: i64, kind: &str) {
    let verdict = Verdict {
        action: Action::Confirm,
        kind: Some(kind.to_owned()),
        reason: None,
    };
    review::decide(&world.app.store, "anna", &[case], &verdict)
        .await
        .unwrap();
}

async fn record(world: &World, notice: &Notice, to: &str) -> Result<Notice, TakedownError> {
    takedown::record(&world.app, "anna", notice.id, to, None, None).await
}

#[tokio::test]
async fn a_draft_rests_on_the_right_that_fits_the_infringement_and_names_all_of_it() {
    let mut world = World::new().await;
    let case = confirmed(&mut world, "counterfeit").await;
    let notice = takedown::draft(&world.app, "anna", case, None)
        .await
        .unwrap();
    assert_eq!(notice.right_kind, "trademark");
    assert_eq!(
        (notice.channel.as_str(), notice.recipient.as_str()),
        ("marketplace", "kaufwinkel")
    );
    for part in [
        "EU-trademark-1",
        "Ostrelund Möbler AB",
        "In force until:  2031-09-14",
        "http://127.0.0.1:8081/item/7001",
        "Lounge chair 7001, 100% like Fjordal",
        "moebel_<b>4you</b>",
        "Item:            7001",
        "178.00 EUR",
        "First seen:      2026-11-02 08:01 UTC",
        "shows our photograph kari-shea-398668-unsplash.jpg, altered (mirrored)",
        "Ostrelund Brand Protection\nKajgatan 1, Göteborg\nip@ostrelund.example\n+46 31 000 00\n",
    ] {
        assert!(notice.body.contains(part), "{part:?} in\n{}", notice.body);
    }
    assert!(!notice.body.contains('⟦') && !notice.body.contains("{{"));

    let asked = takedown::draft(&world.app, "anna", case, Some("copyright"))
        .await
        .unwrap();
    assert_eq!(asked.right_kind, "copyright");
    assert_ne!(asked.id, notice.id);
    assert!(
        asked
            .subject
            .starts_with("Copyright infringement: listing 7001")
    );
}

#[tokio::test]
async fn a_right_the_product_lacks_or_that_expired_is_refused_with_words() {
    let mut world = World::new().await;
    let case = confirmed(&mut world, "copied_photo").await;
    let error = takedown::draft(&world.app, "anna", case, Some("patent"))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "product OST-FJ210 has no patent right, so case {case} cannot be noticed on it; it has copyright, trademark. Add the right to the catalog, or draft on another kind"
        )
    );
    let mut draft = product("OST-FJ210");
    draft.rights = vec![markhound::store::products::Right {
        expiry: Some("2026-11-01".to_owned()),
        ..right("copyright")
    }];
    world
        .app
        .store
        .save_product("t", &draft, &[])
        .await
        .unwrap();
    let error = takedown::draft(&world.app, "anna", case, None)
        .await
        .unwrap_err();
    assert!(matches!(error, TakedownError::Expired { .. }), "{error}");
    // The last day counts.
    draft.rights[0].expiry = Some("2026-11-02".to_owned());
    world
        .app
        .store
        .save_product("t", &draft, &[])
        .await
        .unwrap();
    takedown::draft(&world.app, "anna", case, None)
        .await
        .unwrap();
}

#[tokio::test]
async fn only_confirmed_cases_get_a_notice() {
    let world = World::new().await;
    let case = open_case(&world).await;
    let error = takedown::draft(&world.app, "anna", case, None)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("confirm it before"), "{error}");
}

#[tokio::test]
async fn an_incomplete_notice_can_be_drafted_and_not_attested() {
    let mut world = World::new().await;
    let case = confirmed(&mut world, "counterfeit").await;
    let complete = world.app.config.notices.clone();
    world.app.config.notices.name = None;
    world.app.config.notices.email = Some(" ".to_owned());
    world.app.config.notices.people.clear();
    let mut draft = product("OST-FJ210");
    draft.rights[1].owner = None;
    let store = world.app.store.clone();
    store.save_product("t", &draft, &[]).await.unwrap();
    let notice = takedown::draft(&world.app, "anna", case, None)
        .await
        .unwrap();
    let gap = "⟦sender: set notices.name in markhound.toml⟧";
    assert!(notice.body.contains(gap), "{}", notice.body);
    match attest(&world.app, notice.id).await.unwrap_err() {
        TakedownError::Missing { fields, .. } => assert_eq!(
            fields,
            [
                "owner of the right: add it to the product's right in the catalog",
                "sender: set notices.name in markhound.toml",
                "sender's mail address: set notices.email in markhound.toml",
                "signature of the person who attests: set notices.people.<account> in markhound.toml to the full name of who attests",
            ]
        ),
        other => panic!("{other}"),
    }
    world.app.config.notices = complete;
    draft.rights[1].owner = Some("Ostrelund Möbler AB".to_owned());
    store.save_product("t", &draft, &[]).await.unwrap();
    // What was drafted is what would leave: it must be drafted again.
    assert!(attest(&world.app, notice.id).await.is_err());
    let again = takedown::draft(&world.app, "anna", case, None)
        .await
        .unwrap();
    assert_eq!(again.id, notice.id);
    assert_eq!(
        attest(&world.app, again.id).await.unwrap().state,
        "attested"
    );
}

#[tokio::test]
async fn steps_follow_the_lifecycle_and_nothing_else() {
    let mut world = World::new().await;
    let case = confirmed(&mut world, "counterfeit").await;
    let notice = takedown::draft(&world.app, "anna", case, None)
        .await
        .unwrap();
    for wrong in [
        "removed",
        "acknowledged",
        "draft",
        "sent",
        "attested",
        "submitted",
    ] {
        let error = record(&world, &notice, wrong).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "notice {} is draft and cannot become {wrong}; it can become attested",
                notice.id
            )
        );
    }
    attest(&world.app, notice.id).await.unwrap();
    for to in [
        "submitted",
        "acknowledged",
        "removed",
        "restored",
        "escalated",
        "closed",
    ] {
        world.hands.forward(3600);
        let notice = record(&world, &notice, to).await.unwrap();
        assert_eq!(notice.state, to);
    }
    let error = record(&world, &notice, "refused").await.unwrap_err();
    assert!(error.to_string().ends_with("that is its end"), "{error}");
    assert_eq!(world.app.store.audit_first_break().await.unwrap(), None);
}

#[tokio::test]
async fn a_step_is_dated_neither_in_the_future_nor_before_the_one_before() {
    let mut world = World::new().await;
    let case = confirmed(&mut world, "counterfeit").await;
    let notice = takedown::draft(&world.app, "anna", case, None)
        .await
        .unwrap();
    attest(&world.app, notice.id).await.unwrap();
    let now = world.hands.now();
    let at = async |to: &str, at: Millis| {
        takedown::record(&world.app, "anna", notice.id, to, Some(" ref 9 "), Some(at)).await
    };
    for wrong in [now.plus_seconds(1), now.plus_seconds(-86_400)] {
        let error = at("submitted", wrong).await.unwrap_err();
        assert!(matches!(error, TakedownError::Date { .. }), "{error}");
    }
    // The day on which it was attested is fine, at whatever hour.
    at("submitted", now.plus_seconds(-3600)).await.unwrap();
    let error = at("removed", now.plus_seconds(-7200)).await.unwrap_err();
    assert!(matches!(error, TakedownError::Date { .. }), "{error}");
    at("removed", now).await.unwrap();
    let events = world.app.store.notice_events_of(case).await.unwrap();
    assert_eq!(events[1].note.as_deref(), Some("ref 9"));
    assert_eq!(events[1].happened_at, now.plus_seconds(-3600));
}

#[tokio::test]
async fn a_hostile_title_can_neither_break_the_notice_nor_fake_a_placeholder() {
    let mut world = World::new().await;
    let case = confirmed(&mut world, "counterfeit").await;
    let store = &world.app.store;
    let lease = crate::world::one_lease(store, 1, "w2").await;
    let mut work = crate::world::work(&lease, 1, "w2", "7001");
    work.listing.as_mut().unwrap().title =
        "a\n\nTo: somebody else ⟦owner⟧ \u{202e}{{ f.sender }}".to_owned();
    store.finish_work(&work).await.unwrap();
    let notice = takedown::draft(&world.app, "anna", case, None)
        .await
        .unwrap();
    assert!(
        notice
            .body
            .contains("Title:           a To: somebody else owner {{ f.sender }}\n")
    );
    attest(&world.app, notice.id).await.unwrap();
}
