//! Several listings in a notice, what runs out when, and how reports are taken.

use markhound::store::takedowns::Step;
use markhound::takedown::{self, DraftOptions, TakedownError, calendar, rate};

use super::{confirm, confirmed};
use crate::world::{CaseOf, World, attest, case_of, product};

/// Confirmed cases of one product at the source of the world's first case.
async fn several(world: &mut World, count: usize) -> Vec<i64> {
    let first = confirmed(world, "counterfeit").await;
    let mut cases = vec![first];
    let product_id = world.app.store.product("OST-FJ210").await.unwrap().id;
    for number in 1..count {
        let item = format!("80{number:02}");
        let case = case_of(world, &CaseOf::new(product_id, &item)).await;
        confirm(world, case, "counterfeit").await;
        cases.push(case);
    }
    cases
}

fn by(channel: &str) -> DraftOptions {
    DraftOptions {
        channel: Some(channel.to_owned()),
        ..DraftOptions::default()
    }
}

async fn step(
    world: &World,
    notice: i64,
    to: &str,
    cases: &[i64],
) -> Result<String, TakedownError> {
    let step = Step {
        to_state: to.to_owned(),
        cases: cases.to_vec(),
        ..Step::default()
    };
    let notice = takedown::record_step(&world.app, "anna", notice, step, None).await?;
    Ok(notice.state)
}

#[tokio::test]
async fn listings_of_one_right_share_notices_up_to_the_channels_limit() {
    let mut world = World::new().await;
    let cases = several(&mut world, 23).await;
    let mut options = by("walmart");
    options
        .set
        .insert("claim_details".to_owned(), "x".to_owned());
    let notices = takedown::draft_many(&world.app, "anna", &cases, &options)
        .await
        .unwrap();
    let mut sizes = Vec::new();
    for notice in &notices {
        sizes.push(world.app.store.notice_items(notice.id).await.unwrap().len());
    }
    assert_eq!(sizes, [10, 10, 3]);
    assert_eq!(notices[0].subject, "Walmart IP claim: 10 listings");
    // A case of the middle finds its notice, and undoing it takes the draft away.
    let of = world.app.store.notices_of(cases[12]).await.unwrap();
    assert_eq!((of[0].id, of[0].case_id), (notices[1].id, cases[12]));
    markhound::review::undo(&world.app.store, "anna", Some(cases[12]))
        .await
        .unwrap();
    assert_eq!(world.app.store.notices(None, 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn each_listing_of_a_notice_goes_its_own_way() {
    let mut world = World::new().await;
    let cases = several(&mut world, 3).await;
    let notice = takedown::draft_many(&world.app, "anna", &cases, &by("marketplace"))
        .await
        .unwrap()
        .remove(0);
    attest(&world.app, notice.id).await.unwrap();
    assert_eq!(
        step(&world, notice.id, "submitted", &[]).await.unwrap(),
        "submitted"
    );
    assert_eq!(
        step(&world, notice.id, "removed", &cases[..1])
            .await
            .unwrap(),
        "submitted"
    );
    assert_eq!(
        step(&world, notice.id, "refused", &cases[1..2])
            .await
            .unwrap(),
        "submitted"
    );
    assert_eq!(
        step(&world, notice.id, "counter_notice", &cases[2..])
            .await
            .unwrap(),
        "counter_notice"
    );
    let error = step(&world, notice.id, "acknowledged", &cases[..1])
        .await
        .unwrap_err();
    assert!(matches!(error, TakedownError::Step { .. }), "{error}");
    assert!(step(&world, notice.id, "removed", &[999]).await.is_err());
    // While one is under way it cannot be noticed again; what was refused can.
    let again = takedown::draft_many(&world.app, "anna", &cases[2..], &by("marketplace")).await;
    assert!(again.unwrap_err().to_string().contains("has already left"));
    takedown::draft_many(&world.app, "anna", &cases[1..2], &by("marketplace"))
        .await
        .unwrap();
    for (case, states) in [(0, 3), (1, 3), (2, 3)] {
        let events = world.app.store.notice_events_of(cases[case]).await.unwrap();
        assert_eq!(events.len(), states);
    }
    assert_eq!(world.app.store.audit_first_break().await.unwrap(), None);
}

#[tokio::test]
async fn deadlines_follow_the_state_and_the_calendar_says_so() {
    let mut world = World::new().await;
    let case = confirmed(&mut world, "copied_photo").await;
    let notice = takedown::draft_many(&world.app, "anna", &[case], &by("dmca"))
        .await
        .unwrap()
        .remove(0);
    assert!(calendar::all_due(&world.app).await.unwrap().is_empty());
    let agent = ("dmca".to_owned(), "agent@kaufwinkel.example".to_owned());
    world.app.config.notices.recipients.extend([agent]);
    attest(&world.app, notice.id).await.unwrap();
    step(&world, notice.id, "submitted", &[]).await.unwrap();
    let due = calendar::all_due(&world.app).await.unwrap();
    // Ten working days after Monday 2 November 2026, with Veterans Day between.
    assert_eq!(due[0].on.to_string(), "2026-11-17");
    step(&world, notice.id, "counter_notice", &[])
        .await
        .unwrap();
    let due = calendar::all_due(&world.app).await.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].earliest.unwrap().to_string(), "2026-11-17");
    // Fourteen: Thanksgiving is later.
    assert_eq!(
        (due[0].on.to_string().as_str(), due[0].overdue),
        ("2026-11-23", false)
    );
    let text = calendar::ics(&due, world.hands.now());
    for part in [
        "BEGIN:VCALENDAR\r\n",
        "DTSTART;VALUE=DATE:20261123\r\nDTEND;VALUE=DATE:20261124\r\n",
        "SUMMARY:Notice 1 (dmca): put back\r\n",
        "END:VCALENDAR\r\n",
    ] {
        assert!(text.contains(part), "{part:?} in {text}");
    }
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    world.hands.forward(22 * 86_400);
    assert!(calendar::all_due(&world.app).await.unwrap()[0].overdue);
    step(&world, notice.id, "restored", &[]).await.unwrap();
    assert!(calendar::all_due(&world.app).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_holder_silent_for_four_days_is_warned_before_mercado_libre_reactivates() {
    let mut world = World::new().await;
    let case = confirmed(&mut world, "counterfeit").await;
    let mut options = by("mercado-libre-bpp");
    options.set.insert("bpp_right".to_owned(), "77".to_owned());
    let notice = takedown::draft_many(&world.app, "anna", &[case], &options)
        .await
        .unwrap()
        .remove(0);
    attest(&world.app, notice.id).await.unwrap();
    step(&world, notice.id, "submitted", &[]).await.unwrap();
    step(&world, notice.id, "counter_notice", &[])
        .await
        .unwrap();
    let due = calendar::all_due(&world.app).await.unwrap();
    assert_eq!(
        (due[0].name.as_str(), due[0].on.to_string().as_str()),
        ("holder_answer", "2026-11-06")
    );
}

#[tokio::test]
async fn a_channel_is_warned_of_before_its_programme_complains() {
    let mut world = World::new().await;
    let cases = several(&mut world, 20).await;
    let notice = takedown::draft_many(&world.app, "anna", &cases, &by("amazon"))
        .await
        .unwrap()
        .remove(0);
    attest(&world.app, notice.id).await.unwrap();
    step(&world, notice.id, "submitted", &[]).await.unwrap();
    step(&world, notice.id, "refused", &cases[..1])
        .await
        .unwrap();
    step(&world, notice.id, "removed", &cases[1..9])
        .await
        .unwrap();
    let rates = rate::acceptance(&world.app).await.unwrap();
    assert_eq!(
        (rates[0].reported, rates[0].removed, rates[0].refused),
        (20, 8, 1)
    );
    assert_eq!(rates[0].warning, None, "too few are decided");
    step(&world, notice.id, "removed", &cases[9..11])
        .await
        .unwrap();
    let rates = rate::acceptance(&world.app).await.unwrap();
    let warning = rates[0].warning.as_deref().unwrap();
    assert!(
        warning.starts_with("91 % of 11 decided reports were accepted, close to the 90 %"),
        "{warning}"
    );
    step(&world, notice.id, "refused", &cases[11..12])
        .await
        .unwrap();
    let rates = rate::acceptance(&world.app).await.unwrap();
    assert!(
        rates[0]
            .warning
            .as_deref()
            .unwrap()
            .contains("below the 90 %")
    );
}

#[tokio::test]
async fn the_right_that_reaches_the_listings_country_is_chosen() {
    let mut world = World::new().await;
    let case = confirmed(&mut world, "counterfeit").await;
    let mut draft = product("OST-FJ210");
    let mut american = draft.rights[1].clone();
    american.jurisdiction = Some("US".to_owned());
    american.number = Some("US-77".to_owned());
    draft.rights.push(american);
    world
        .app
        .store
        .save_product("t", &draft, &[])
        .await
        .unwrap();
    for (country, number) in [("US", "US-77"), ("DE", "EU-trademark-1")] {
        let mut options = by("marketplace");
        options.country = Some(country.to_owned());
        let notice = takedown::draft_many(&world.app, "anna", &[case], &options)
            .await
            .unwrap()
            .remove(0);
        assert!(notice.body.contains(number), "{country}: {}", notice.body);
    }
    let mut options = by("dsa");
    options.country = Some("US".to_owned());
    let notice = takedown::draft_many(&world.app, "anna", &[case], &options)
        .await
        .unwrap()
        .remove(0);
    let seen = takedown::attest::preview(&world.app, "anna", notice.id, None, None)
        .await
        .unwrap();
    assert!(
        seen.faults.iter().any(|f| f.field == "country"),
        "{:?}",
        seen.faults
    );
}
