//! Mail to people, by real SMTP conversations on loopback, on both engines.

use std::path::Path;

use markhound::app::App;
use markhound::config::Config;
use markhound::notify;
use markhound::store::mails::MailboxDraft;
use markhound::store::users::UserChange;
use markhound::takedown::{self, DraftOptions};

use crate::desk::{Desk, location};
use crate::postbox::Postbox;
use crate::store::{Db, on_postgres, on_sqlite};
use crate::world::{World, attest, product, with_sender};

const DAY: i64 = 86_400;

/// A page over a database, whose mail goes to a postbox; otto sees Velora alone.
async fn desk(db: &Db, postbox: &Postbox) -> Desk {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let opened = App::open(Config::default(), &data, db.hands.clock()).await;
    let mut world = World {
        app: App {
            store: db.store.clone(),
            ..opened.unwrap()
        },
        hands: db.hands.clone(),
        dir,
    };
    with_sender(&mut world);
    let config = &mut world.app.config;
    config.notices.mail = Some(postbox.server());
    config.notifications.from = Some("watch@agency.example".to_owned());
    config.server.public_url = Some("https://markhound.agency.example".to_owned());
    let desk = Desk::over(world).await;
    desk.user("otto", "reviewer").await;
    let mut bag = product("VEL-1");
    bag.brand = "Velora".to_owned();
    bag.name = "Weekend bag".to_owned();
    let store = &desk.world.app.store;
    store.save_product("test", &bag, &[]).await.unwrap();
    let brands = UserChange {
        brands: Some(vec!["Velora".to_owned()]),
        ..UserChange::default()
    };
    store.change_user("adam", "otto", &brands).await.unwrap();
    desk
}

async fn mailed(desk: &Desk, user: &str, pace: &str) -> i64 {
    let draft = MailboxDraft {
        address: format!("{user}@agency.example"),
        events: notify::KINDS.map(|(kind, _)| kind.to_owned()).to_vec(),
        min_probability: 0.8,
        pace: pace.to_owned(),
    };
    notify::add_mailbox(&desk.world.app, user, user, &draft)
        .await
        .unwrap()
}

async fn bag(desk: &Desk, item: &str, title: &str) -> i64 {
    let id = desk.world.app.store.product("VEL-1").await.unwrap().id;
    desk.case_of(id, item, title, 0.9).await
}

/// One beat of what `serve` does all the time; gives how many messages were taken.
async fn beat(app: &App) -> u64 {
    notify::collect(app).await.unwrap();
    notify::put_together(app).await.unwrap();
    notify::deliver(app).await.unwrap()
}

async fn many_cases_are_one_mail_and_a_daily_one_waits_for_its_hour(db: Db) {
    let postbox = Postbox::open().await;
    let desk = desk(&db, &postbox).await;
    let app = &desk.world.app;
    mailed(&desk, "adam", "instant").await;
    mailed(&desk, "otto", "daily").await;
    assert_eq!(beat(app).await, 0, "nothing from before");
    for n in 0..52 {
        desk.another_case(&format!("n{n}"), "Fjordal lounge chair", 0.9)
            .await;
    }
    desk.another_case("low", "Improbable", 0.7).await;
    let of_bag = bag(&desk, "b1", "Weekend bag, as new").await;
    assert_eq!(beat(app).await, 1);
    let mails = postbox.mails();
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!(
        (&*mail.from, &mail.to),
        (
            "watch@agency.example",
            &vec!["adam@agency.example".to_owned()]
        )
    );
    assert!(
        mail.head.contains("Subject: Markhound: 53 new cases\r\n"),
        "{}",
        mail.head
    );
    assert!(mail.head.contains("Auto-Submitted: auto-generated"));
    assert!(
        mail.text
            .contains("and 3 more\n  https://markhound.agency.example/queue"),
        "{}",
        mail.text
    );
    assert_eq!(mail.text.matches("/case/").count(), 50);
    assert!(!mail.text.contains("Improbable"));

    // What comes soon after waits for ten minutes; nothing is mailed twice.
    desk.another_case("soon", "Another", 0.95).await;
    assert_eq!(beat(app).await, 0);
    db.hands.forward(601);
    assert_eq!(beat(app).await, 1);
    let mail = postbox.mails().remove(0);
    assert!(mail.head.contains("Subject: Markhound: 1 new case\r\n"));
    db.hands.forward(601);
    assert_eq!(beat(app).await, 0);

    // By the next seven o'clock it is otto's turn, with what he sees.
    db.hands.forward(DAY);
    assert_eq!(beat(app).await, 1);
    let mail = postbox.mails().remove(0);
    assert_eq!(mail.to, ["otto@agency.example"]);
    let link = format!("https://markhound.agency.example/case/{of_bag}\n");
    assert!(mail.text.contains(&link), "{}", mail.text);
    for hidden in ["Fjordal", "Ostrelund", "OST-FJ210"] {
        assert!(!mail.text.contains(hidden), "{}", mail.text);
    }
    db.hands.forward(DAY);
    assert_eq!(beat(app).await, 0);
    desk.close().await;
}

async fn a_mail_is_tried_again_given_up_and_replayed_as_the_same(db: Db) {
    let postbox = Postbox::open().await;
    let desk = desk(&db, &postbox).await;
    let app = &desk.world.app;
    let store = &app.store;
    mailed(&desk, "adam", "instant").await;
    desk.another_case("1", "One", 0.9).await;
    postbox.say("451 4.3.0 not now");
    assert_eq!(beat(app).await, 0);
    assert_eq!(beat(app).await, 0, "it waits before the next try");
    assert_eq!(postbox.mails().len(), 1);
    for pause in [31, 121, 601, 1_801, 7_201, 21_601, 43_201, 86_401, 99_999] {
        db.hands.forward(pause);
        assert_eq!(beat(app).await, 0);
    }
    assert_eq!(
        postbox.mails().len(),
        8,
        "after the last pause it is given up"
    );
    let last = store.deliveries(None, 1).await.unwrap().remove(0);
    assert_eq!((&*last.state, last.last_status), ("given_up", Some(451)));

    postbox.say("250 2.0.0 queued");
    store.replay_delivery("adam", last.id).await.unwrap();
    assert_eq!(beat(app).await, 1);
    let mail = postbox.mails().remove(0);
    let id = format!("Message-ID: <mail-{}@agency.example>", last.id);
    assert!(mail.head.contains(&id), "{}", mail.head);

    // An address that there is none of is not asked again.
    postbox.say("550 5.1.1 no such person");
    desk.another_case("2", "Two", 0.9).await;
    db.hands.forward(601);
    assert_eq!(beat(app).await, 0);
    let last = store.deliveries(None, 1).await.unwrap().remove(0);
    assert_eq!((&*last.state, last.attempts), ("given_up", 1));
    assert!(last.last_error.unwrap().contains("no such person"));
    // Two processes send it once.
    postbox.say("250 ok");
    store.replay_delivery("adam", last.id).await.unwrap();
    postbox.mails();
    let (one, other) = tokio::join!(notify::deliver(app), notify::deliver(app));
    assert_eq!(one.unwrap() + other.unwrap(), 1);
    assert_eq!(postbox.mails().len(), 1);
    // They put it together once, too.
    desk.another_case("3", "Three", 0.9).await;
    db.hands.forward(601);
    notify::collect(app).await.unwrap();
    let (one, other) = tokio::join!(notify::put_together(app), notify::put_together(app));
    assert_eq!(one.unwrap_or(0) + other.unwrap_or(0), 1);
    assert_eq!(notify::deliver(app).await.unwrap(), 1);
    desk.close().await;
}

async fn a_mail_says_what_its_receiver_may_see_when_it_is_sent(db: Db) {
    let postbox = Postbox::open().await;
    let desk = desk(&db, &postbox).await;
    let app = &desk.world.app;
    let store = &app.store;
    mailed(&desk, "otto", "instant").await;
    bag(&desk, "b1", "Weekend bag").await;
    postbox.say("451 not now");
    assert_eq!(beat(app).await, 0);
    assert!(postbox.mails()[0].text.contains("Weekend bag"));
    let other = UserChange {
        brands: Some(vec!["Ostrelund".to_owned()]),
        ..UserChange::default()
    };
    store.change_user("adam", "otto", &other).await.unwrap();
    postbox.say("250 ok");
    db.hands.forward(31);
    assert_eq!(beat(app).await, 0);
    assert!(postbox.mails().is_empty());
    let last = store.deliveries(None, 1).await.unwrap().remove(0);
    assert_eq!(last.state, "given_up");
    assert!(last.last_error.unwrap().contains("nothing is left"));

    // Nobody mails whoever may not sign in any more.
    desk.another_case("1", "One", 0.9).await;
    notify::collect(app).await.unwrap();
    let stopped = UserChange {
        enabled: Some(false),
        ..UserChange::default()
    };
    store.change_user("adam", "otto", &stopped).await.unwrap();
    store.replay_delivery("adam", last.id).await.unwrap();
    db.hands.forward(3_600);
    assert_eq!(beat(app).await, 0);
    assert!(postbox.mails().is_empty());
    desk.close().await;
}

async fn scans_that_fail_and_deadlines_are_mailed_to_whoever_may_know(db: Db) {
    let postbox = Postbox::open().await;
    let desk = desk(&db, &postbox).await;
    let app = &desk.world.app;
    let store = &app.store;
    mailed(&desk, "adam", "instant").await;
    mailed(&desk, "otto", "instant").await;
    let source = store.source("kaufwinkel").await.unwrap().id;
    let lease = crate::world::one_lease(store, source, "w").await;
    let why = "no page for \"Fjordal\" at http://shop.example/";
    store
        .finish_scan(lease.scan_id, "failed", Some(why))
        .await
        .unwrap();
    assert_eq!(beat(app).await, 2);
    for mail in postbox.mails() {
        assert!(mail.head.contains("Subject: Markhound: 1 failed scan"));
        let all = mail.to == ["adam@agency.example"];
        assert_eq!(mail.text.contains("Fjordal"), all, "{}", mail.text);
        assert!(
            mail.text
                .contains(&format!("scan {} of kaufwinkel", lease.scan_id))
        );
        assert!(!mail.text.contains("http://shop"), "{}", mail.text);
    }

    let verdict = markhound::review::Verdict {
        action: markhound::review::Action::Confirm,
        kind: None,
        reason: None,
    };
    markhound::review::decide(store, "adam", &[desk.case], &verdict)
        .await
        .unwrap();
    let options = DraftOptions {
        channel: Some("marketplace".to_owned()),
        ..DraftOptions::default()
    };
    takedown::draft_many(app, "adam", &[desk.case], &options)
        .await
        .unwrap();
    let notice = store.notices(None, 1).await.unwrap()[0].id;
    attest(app, notice).await.unwrap();
    let step = markhound::store::takedowns::Step {
        to_state: "submitted".to_owned(),
        ..Default::default()
    };
    takedown::record_step(app, "adam", notice, step, None)
        .await
        .unwrap();
    db.hands.forward(30 * DAY);
    assert_eq!(beat(app).await, 1, "otto does not see the notice");
    let mail = postbox.mails().remove(0);
    assert_eq!(mail.to, ["adam@agency.example"]);
    assert!(
        mail.head
            .contains("Subject: Markhound: 1 deadline of a notice"),
        "{}",
        mail.head
    );
    assert!(mail.text.contains(&format!("/notice/{notice}\n")) && mail.text.contains("(overdue)"));
    db.hands.forward(601);
    assert_eq!(beat(app).await, 0, "told once");
    desk.close().await;
}

async fn what_sellers_write_does_nothing_in_a_mail(db: Db) {
    let postbox = Postbox::open().await;
    let desk = desk(&db, &postbox).await;
    let app = &desk.world.app;
    mailed(&desk, "adam", "instant").await;
    let hostile = "x\r\nBcc: all@evil.example\r\n\r\n.\r\nMAIL FROM:<a@b>\r\n<a href=\"https://evil.example\">\u{202e}click";
    desk.hostile_case("h", hostile).await;
    assert_eq!(beat(app).await, 1);
    let mails = postbox.mails();
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!(mail.to, ["adam@agency.example"]);
    assert!(
        !mail.head.contains("Bcc") && !mail.head.contains("evil"),
        "{}",
        mail.head
    );
    assert!(
        mail.head.contains("text/plain; charset=utf-8"),
        "{}",
        mail.head
    );
    assert!(
        mail.text.contains("https[:]//evil[.]example"),
        "{}",
        mail.text
    );
    assert!(
        mail.text
            .lines()
            .all(|line| !line.starts_with("Bcc") && line != ".")
    );
    assert!(!mail.text.contains('\u{202e}') && !mail.text.contains("@evil"));
    desk.close().await;
}

macro_rules! on_both {
    ($($name:ident, $sqlite:ident, $postgres:ident;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $sqlite() {
            on_sqlite($name).await;
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $postgres() {
            on_postgres($name).await;
        }
    )*};
}

on_both! {
    many_cases_are_one_mail_and_a_daily_one_waits_for_its_hour,
        many_cases_are_one_mail_on_sqlite, many_cases_are_one_mail_on_postgres;
    a_mail_is_tried_again_given_up_and_replayed_as_the_same,
        a_mail_is_tried_again_on_sqlite, a_mail_is_tried_again_on_postgres;
    a_mail_says_what_its_receiver_may_see_when_it_is_sent,
        a_mail_says_what_may_be_seen_on_sqlite, a_mail_says_what_may_be_seen_on_postgres;
    scans_that_fail_and_deadlines_are_mailed_to_whoever_may_know,
        scans_and_deadlines_are_mailed_on_sqlite, scans_and_deadlines_are_mailed_on_postgres;
    what_sellers_write_does_nothing_in_a_mail,
        hostile_titles_do_nothing_on_sqlite, hostile_titles_do_nothing_on_postgres;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_adds_tries_and_removes_their_own_addresses_on_the_page() {
    on_sqlite(on_the_page).await;
}

async fn on_the_page(db: Db) {
    let postbox = Postbox::open().await;
    let desk = desk(&db, &postbox).await;
    let app = &desk.world.app;
    let (mara, nora) = (desk.person("mara").await, desk.person("nora").await);
    let add = |address: &'static str, pace: &'static str| {
        [
            ("address", address),
            ("event.case.new", "1"),
            ("pace", pace),
            ("min", "80"),
        ]
    };
    let added = mara
        .post("/account/mail", &add("mara@agency.example", "daily"))
        .await;
    assert_eq!(location(&added), "/account/mail");
    for (wrong, pace) in [
        ("mara", "daily"),
        ("a@b.example\r\nBcc: c@d.example", "daily"),
        ("a@b.example, c@d.example", "daily"),
        ("other@agency.example", "hourly"),
    ] {
        let answer = mara.post("/account/mail", &add(wrong, pace)).await;
        assert_eq!(answer.status(), 400, "{wrong} {pace}");
    }
    let again = mara
        .post("/account/mail", &add("mara@agency.example", "instant"))
        .await;
    assert_eq!(again.status(), 409);
    let id = app.store.mailboxes(Some("mara")).await.unwrap()[0].id;
    let (test, remove) = (
        format!("/account/mail/{id}/test"),
        format!("/account/mail/{id}/remove"),
    );
    assert_eq!(nora.post(&test, &[]).await.status(), 404, "not hers");
    assert_eq!(nora.post(&remove, &[]).await.status(), 404);
    assert_eq!(mara.post(&test, &[]).await.status(), 303);
    assert_eq!(mara.post(&test, &[]).await.status(), 409, "one a minute");
    assert_eq!(beat(app).await, 1);
    let mail = postbox.mails().remove(0);
    assert!(mail.head.contains("Subject: Markhound: a test") && mail.text.contains("arrives here"));

    desk.another_case("1", "Grey <b>chair</b>", 0.9).await;
    notify::collect(app).await.unwrap();
    let page = mara.text("/account/mail").await;
    assert!(
        page.contains("What waits for mara@agency.example: Markhound: 1 new case"),
        "{page}"
    );
    assert!(
        page.contains("Grey &#60;b&#62;chair") && page.contains("a test"),
        "{page}"
    );
    let adam = desk.person("adam").await;
    let all = adam.text("/webhooks").await;
    assert!(all.contains("mara@agency.example"));
    assert_eq!(mara.post(&remove, &[]).await.status(), 303);
    assert_eq!(mara.post(&remove, &[]).await.status(), 404);
    let log = app.store.audit_of(&format!("mail {id}")).await.unwrap();
    let did: Vec<&str> = log.iter().map(|event| &*event.action).collect();
    assert_eq!(did, ["mail.add", "mail.remove"]);
    desk.close().await;

    // Only where the operator lets mail go, and not at all without a mail server.
    let mut app = db_app(&db).await;
    let draft = MailboxDraft {
        address: "mara@elsewhere.example".to_owned(),
        events: vec!["case.new".to_owned()],
        min_probability: 0.9,
        pace: "instant".to_owned(),
    };
    let refused = notify::add_mailbox(&app, "mara", "mara", &draft).await;
    assert!(refused.unwrap_err().to_string().contains("[notices.mail]"));
    app.config.notifications.domains = vec!["agency.example".to_owned()];
    let refused = notify::add_mailbox(&app, "mara", "mara", &draft).await;
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("agency.example only")
    );
}

async fn db_app(db: &Db) -> App {
    let dir = tempfile::tempdir().unwrap();
    let opened = App::open(Config::default(), dir.path(), db.hands.clock()).await;
    App {
        store: db.store.clone(),
        ..opened.unwrap()
    }
}

#[test]
fn a_public_address_and_an_hour_that_make_no_sense_are_refused() {
    let read = |text: &str| Config::parse(text, Path::new("markhound.toml"));
    let good = read("[server]\npublic_url = \"https://m.example/\"").unwrap();
    let page = good.server.public("/queue");
    assert_eq!(page.as_deref(), Some("https://m.example/queue"));
    for wrong in [
        "[server]\npublic_url = \"m.example\"",
        "[server]\npublic_url = \"javascript:alert(1)\"",
        "[server]\npublic_url = \"https://m.example/?a=b\"",
        "[notifications]\ndaily_at = \"at seven\"",
        "[notifications]\ntime_zone = \"Mars/Olympus\"",
        "[notifications]\nhour = 7",
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}
