//! Who somebody is here, whom the provider vouches for.

use markhound::accounts::{Role, totp};
use markhound::app::App;
use markhound::config::Config;
use markhound::review::{self, Action, Verdict};
use markhound::store::users::UserChange;
use markhound::takedown::{self, DraftOptions};
use reqwest::StatusCode;
use serde_json::json;

use super::provider::basic;
use super::{Browser, House};
use crate::desk::{PASSWORD, location};
use crate::store::{Db, on_postgres, on_sqlite};
use crate::world::{World, with_sender};

const ADD: &str = "create = true\nrole = \"reviewer\"\n";

fn world_over(db: &Db, data: App, dir: tempfile::TempDir) -> World {
    let app = App {
        store: db.store.clone(),
        ..data
    };
    World {
        app,
        hands: db.hands.clone(),
        dir,
    }
}

async fn somebody_is_added_bound_known_again_unbound_and_refused(db: Db) {
    let dir = tempfile::tempdir().unwrap();
    let opened = App::open(Config::default(), &dir.path().join("d"), db.hands.clock()).await;
    let house = House::over(world_over(&db, opened.unwrap(), dir), ADD).await;
    let (desk, store) = (&house.desk, &house.desk.world.app.store);
    let mut browser = Browser::default();
    let page = browser.get(desk, "/sign-in?next=%2Fscans").await;
    let page = page.text().await.unwrap();
    assert!(page.contains("href=\"/sign-in/oidc?next=%2Fscans\">Sign in with your organisation"));

    let answer = house.sign_in(&mut browser, "s-1").await;
    assert_eq!(location(&answer), "/scans");
    assert_eq!(browser.get(desk, "/scans").await.status(), 200);
    let pia = store.user("pia").await.unwrap().unwrap();
    assert_eq!((pia.role(), pia.has_password()), (Role::Reviewer, false));
    let (subject, detail) = house.logged("user.sign_in").await;
    assert_eq!(
        (&*subject, &detail["issuer"]),
        ("user pia", &json!(house.provider.issuer))
    );
    assert_eq!(
        house.logged("user.identity_bound").await.1["subject"],
        "s-1"
    );
    assert_eq!(house.logged("user.save").await.1["role"], "reviewer");
    assert_eq!(store.audit_first_break().await.unwrap(), None);

    // Nothing signs in who has no password, and that takes as long as a wrong one.
    for password in ["", "!", PASSWORD] {
        let form = [("name", "pia"), ("password", password)];
        assert_eq!(desk.sign_in_form(&form).await.status(), 401);
    }

    // The subject is who they are, whatever they are called now.
    house.says(json!({ "preferred_username": "adam" }));
    assert_eq!(house.try_in("s-1").await.0, 303);
    let bound = store.identities(None).await.unwrap();
    assert_eq!(
        (bound.len(), &*bound[0].name, &*bound[0].subject),
        (1, "pia", "s-1")
    );
    assert!(bound[0].used_at.is_some());
    // And somebody else of that name is not them.
    house.says(json!({ "preferred_username": "pia" }));
    let (status, page) = house.try_in("s-2").await;
    assert_eq!(status, 403);
    assert!(page.contains("There is a user pia here already"), "{page}");
    let (subject, _) = house.logged("user.sign_in_refused").await;
    assert_eq!(subject, "identity s-2");

    let (adam, omar) = (desk.person("adam").await, desk.person("omar").await);
    let page = adam.text("/users").await;
    assert!(page.contains("bound to <code>s-1</code>") && page.contains("no password"));
    assert!(
        browser
            .get(desk, "/account")
            .await
            .text()
            .await
            .unwrap()
            .contains("<code>s-1</code>")
    );
    let unbind = "/users/pia/identity/unbind";
    assert_eq!(omar.post(unbind, &[]).await.status(), 403);
    assert_eq!(adam.post(unbind, &[]).await.status(), 303);
    assert_eq!(
        browser.get(desk, "/scans").await.status(),
        303,
        "their session ended"
    );
    assert_eq!(house.try_in("s-1").await.0, 403, "they are a stranger now");
    let issuer = &house.provider.issuer;
    store
        .bind_identity("adam", "pia", issuer, "s-9")
        .await
        .unwrap();
    assert_eq!(house.try_in("s-9").await.0, 303);
    let other = store.bind_identity("adam", "mara", issuer, "s-9").await;
    assert!(other.is_err(), "nobody is two");

    let stop = UserChange {
        enabled: Some(false),
        ..UserChange::default()
    };
    store.change_user("adam", "pia", &stop).await.unwrap();
    let (status, page) = house.try_in("s-9").await;
    assert_eq!(status, 403);
    assert!(page.contains("Pia may not sign in any more") || page.contains("pia may not"));
    house.desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_is_added_bound_known_again_unbound_and_refused_on_sqlite() {
    on_sqlite(somebody_is_added_bound_known_again_unbound_and_refused).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_is_added_bound_known_again_unbound_and_refused_on_postgres() {
    on_postgres(somebody_is_added_bound_known_again_unbound_and_refused).await;
}

#[tokio::test]
async fn users_who_are_there_are_matched_only_as_the_configuration_says() {
    let mail = json!({ "email": "mara", "email_verified": true });
    let unverified = json!({ "email": "mara", "email_verified": false });
    let name = json!({ "preferred_username": "mara", "email": "mara" });
    let boss = json!({ "preferred_username": "adam", "email": "adam", "email_verified": true });
    let nobody = json!({ "preferred_username": "nobody" });
    let (by_name, by_mail) = (
        "match_existing = \"name\"\n",
        "match_existing = \"email\"\n",
    );
    for (more, claims, status) in [
        ("", &name, 403),
        ("", &mail, 403),
        (by_name, &name, 303),
        (by_name, &mail, 403),
        (by_mail, &mail, 303),
        (by_mail, &unverified, 403),
        (by_mail, &name, 403),
        // Administrators are bound by hand, and nobody is added unless it is said.
        (by_name, &boss, 403),
        (by_mail, &boss, 403),
        (by_name, &nobody, 403),
        (
            "name_claim = \"email\"\ncreate = true\nrole = \"viewer\"\n",
            &unverified,
            403,
        ),
    ] {
        let house = House::open(more).await;
        house.says(claims.clone());
        assert_eq!(house.try_in("s-1").await.0, status, "{more} {claims}");
        let store = &house.desk.world.app.store;
        let bound = store.identities(None).await.unwrap();
        assert_eq!(bound.len(), usize::from(status == 303), "{more} {claims}");
        // Once bound, the next of that name is a stranger.
        if status == 303 {
            assert_eq!(house.try_in("s-2").await.0, 403);
        }
        house.desk.close().await;
    }
}

const MAPPED: &str = "create = true\nrole_claim = \"groups\"\nbrand_claim = \"brands\"\n\
    [server.oidc.roles]\nmh-look = \"viewer\"\nmh-lead = \"manager\"\nmh-all = \"administrator\"\n";

#[tokio::test]
async fn role_and_brands_follow_from_claims_at_each_sign_in() {
    let house = House::open(MAPPED).await;
    let (desk, store) = (&house.desk, &house.desk.world.app.store);
    let is = |role: Role, brands: &'static [&'static str]| async move {
        let pia = store.user("pia").await.unwrap().unwrap();
        assert_eq!(pia.role(), role);
        assert_eq!(pia.brands, brands);
    };
    let says = |groups: &[&str], brands: &[&str]| {
        house.says(json!({ "preferred_username": "pia", "groups": groups, "brands": brands }));
    };
    for (groups, brands, word) in [
        (&["staff"][..], &["Ostrelund"][..], "gives you a role"),
        (&[], &["Ostrelund"], "gives you a role"),
        (&["mh-look"], &["Unheard"], "names no brand"),
        (&["mh-look"], &[], "names no brand"),
    ] {
        says(groups, brands);
        let (status, page) = house.try_in("s-1").await;
        assert_eq!(status, 403);
        assert!(page.contains(word), "{page}");
        assert!(
            store.user("pia").await.unwrap().is_none(),
            "nobody was added"
        );
    }
    says(&["staff", "mh-look"], &["Ostrelund", "Unheard"]);
    let mut browser = Browser::default();
    house.sign_in(&mut browser, "s-1").await;
    is(Role::Viewer, &["Ostrelund"]).await;
    assert_eq!(browser.get(desk, "/users").await.status(), 403);

    says(&["mh-look", "mh-lead"], &["Ostrelund"]);
    assert_eq!(house.try_in("s-1").await.0, 303);
    is(Role::Manager, &["Ostrelund"]).await;
    // What they may do counts in the sessions they have, too.
    assert_eq!(browser.get(desk, "/users").await.status(), 200);
    let (subject, detail) = house.logged("user.change").await;
    assert_eq!(
        (&*subject, &detail["role"]),
        ("user pia", &json!(["viewer", "manager"]))
    );

    says(&["mh-all"], &[]);
    assert_eq!(house.try_in("s-1").await.0, 303);
    is(Role::Administrator, &[]).await;
    // As the last administrator they stay one, and are told.
    let less = UserChange {
        role: Some(Role::Viewer),
        ..UserChange::default()
    };
    store.change_user("t", "adam", &less).await.unwrap();
    says(&["mh-look"], &["Ostrelund"]);
    let (status, page) = house.try_in("s-1").await;
    assert_eq!(status, 403);
    assert!(page.contains("last administrator"), "{page}");
    is(Role::Administrator, &[]).await;
    house.desk.close().await;
}

/// The code that somebody's app shows now.
async fn shown(house: &House, name: &str) -> String {
    let store = &house.desk.world.app.store;
    let user = store.user(name).await.unwrap().unwrap();
    let factor = store.second_factor(user.id).await.unwrap().unwrap();
    totp::code(
        &factor.secret.unwrap(),
        house.desk.world.hands.now().0 / 30_000,
    )
}

#[tokio::test]
async fn a_code_is_owed_after_the_provider_too_unless_it_has_asked_for_a_second_factor() {
    let more = "match_existing = \"name\"\nsecond_factor_amr = [\"mfa\"]\nsecond_factor_acr = [\"gold\"]\n";
    let house = House::open(more).await;
    let (desk, store) = (&house.desk, &house.desk.world.app.store);
    let mara = store.user("mara").await.unwrap().unwrap();
    store
        .offer_second_factor(&mara, &totp::new_secret())
        .await
        .unwrap();
    store.confirm_second_factor(&mara, &[]).await.unwrap();

    for weak in [
        json!({}),
        json!({ "amr": ["pwd"] }),
        json!({ "acr": "silver" }),
    ] {
        let mut claims = json!({ "preferred_username": "mara" });
        for (name, value) in weak.as_object().unwrap() {
            claims[name] = value.clone();
        }
        house.says(claims);
        let mut browser = Browser::default();
        let answer = house.sign_in(&mut browser, "s-1").await;
        assert_eq!(location(&answer), "/sign-in/code?next=%2Fscans");
        assert!(browser.session().is_none());
        let wrong = browser
            .post(desk, "/sign-in/code", &[("code", "000000")])
            .await;
        assert_eq!(wrong.status(), 401);
        let code = shown(&house, "mara").await;
        let fields = [("code", &*code), ("next", "/scans")];
        let right = browser.post(desk, "/sign-in/code", &fields).await;
        assert_eq!(location(&right), "/scans");
        let (_, detail) = house.logged("user.sign_in").await;
        assert_eq!(detail["second_factor_there"], false);
        desk.world.hands.forward(30);
    }
    assert_eq!(
        house.provider.play.lock().unwrap().way["acr_values"],
        "gold"
    );

    // The userinfo endpoint is not signed, and has no say in this.
    let unsigned = json!({ "sub": "s-1", "amr": ["mfa"], "acr": "gold" });
    house.provider.set(|play| play.userinfo = Some(unsigned));
    desk.world.hands.forward(3601);
    house.says(json!({ "preferred_username": "mara" }));
    let mut browser = Browser::default();
    let answer = house.sign_in(&mut browser, "s-1").await;
    assert!(location(&answer).starts_with("/sign-in/code"));
    house.provider.set(|play| play.userinfo = None);
    desk.world.hands.forward(3601);

    // Where a second factor is a must, the provider's counts as one.
    let adam = desk.person("adam").await;
    adam.post("/settings/sign-in", &[("second_factor_from", "reviewer")])
        .await;
    for strong in [json!({ "amr": ["pwd", "mfa"] }), json!({ "acr": "gold" })] {
        let mut claims = json!({ "preferred_username": "mara" });
        for (name, value) in strong.as_object().unwrap() {
            claims[name] = value.clone();
        }
        house.says(claims);
        let mut browser = Browser::default();
        let answer = house.sign_in(&mut browser, "s-1").await;
        assert_eq!(location(&answer), "/scans");
    }
    house.says(json!({ "preferred_username": "nora", "amr": ["mfa"] }));
    let mut nora = Browser::default();
    house.sign_in(&mut nora, "s-2").await;
    assert_eq!(nora.get(desk, "/scans").await.status(), 200);
    house.says(json!({ "preferred_username": "nora" }));
    house.sign_in(&mut nora, "s-2").await;
    let answer = nora.get(desk, "/scans").await;
    assert_eq!(
        location(&answer),
        "/account/second-factor",
        "she has none here"
    );
    house.desk.close().await;
}

#[tokio::test]
async fn passwords_can_be_left_to_administrators() {
    let more = format!("{ADD}[server]\npassword_sign_in = false\n");
    let house = House::open(&more).await;
    let desk = &house.desk;
    let page = desk.get("/sign-in").await.text().await.unwrap();
    assert!(
        page.contains("With a password, for administrators"),
        "{page}"
    );
    for (name, password, status) in [
        ("adam", PASSWORD, 303),
        ("mara", PASSWORD, 403),
        ("omar", PASSWORD, 403),
        // Nobody learns whom a wrong password would have been for.
        ("mara", "not the password", 401),
        ("nobody", PASSWORD, 401),
    ] {
        let form = [("name", name), ("password", password)];
        let answer = desk.sign_in_form(&form).await;
        assert_eq!(answer.status().as_u16(), status, "{name}");
        desk.world.hands.forward(2);
    }
    assert_eq!(house.try_in("s-1").await.0, 303);
    house.desk.close().await;
}

#[tokio::test]
async fn the_clients_secret_is_told_as_the_provider_wants_it() {
    // A variable that is there on every machine.
    let secret = std::env::var("PATH").unwrap();
    let named = format!("{ADD}client_secret_env = \"PATH\"\n");
    let house = House::open(&named).await;
    assert_eq!(house.try_in("s-1").await.0, 303);
    let (header, form) = house.provider.play.lock().unwrap().last.clone();
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    assert_eq!(basic(&header), format!("markhound:{encoded}"));
    assert!(!form.contains_key("client_secret"));
    assert_eq!(form["code_verifier"].len(), 64);
    house.desk.close().await;

    let house = House::open(&format!("{named}client_auth = \"post\"\n")).await;
    assert_eq!(house.try_in("s-1").await.0, 303);
    let (header, form) = house.provider.play.lock().unwrap().last.clone();
    assert_eq!((&*header, &form["client_secret"]), ("", &secret));
    house.desk.close().await;

    let house = House::open(&format!("{ADD}client_secret_env = \"MARKHOUND_NONE\"\n")).await;
    let (status, page) = house.try_in("s-1").await;
    assert_eq!(status, 502);
    assert!(!page.contains("MARKHOUND_NONE"));
    let (_, detail) = house.logged("user.sign_in_refused").await;
    assert!(detail["why"].as_str().unwrap().contains("MARKHOUND_NONE"));
    assert_eq!(house.provider.asked("/token"), 0);
    house.desk.close().await;
}

#[tokio::test]
async fn who_has_no_password_attests_after_the_provider_has_asked_anew() {
    let mut world = World::new().await;
    with_sender(&mut world);
    let people = &mut world.app.config.notices.people;
    people.insert("pia".to_owned(), "Pia Holm".to_owned());
    let house = House::over(world, "create = true\nrole = \"approver\"\n").await;
    let (desk, app) = (&house.desk, &house.desk.world.app);
    let verdict = Verdict {
        action: Action::Confirm,
        kind: None,
        reason: None,
    };
    review::decide(&app.store, "adam", &[desk.case], &verdict)
        .await
        .unwrap();
    let options = DraftOptions {
        channel: Some("marketplace".to_owned()),
        ..DraftOptions::default()
    };
    takedown::draft_many(app, "adam", &[desk.case], &options)
        .await
        .unwrap();
    let notice = app.store.notices(None, 1).await.unwrap()[0].id;
    let attest = format!("/notice/{notice}/attest");

    let mut browser = Browser::default();
    house.sign_in(&mut browser, "s-1").await;
    let page = browser.get(desk, &attest).await.text().await.unwrap();
    assert!(
        page.contains("First let your organisation confirm"),
        "{page}"
    );
    assert!(!page.contains("type=\"password\""));
    let (status, _) = give(&house, &mut browser, &attest, &page).await;
    assert_eq!(status, StatusCode::OK, "the page again, with why");
    assert_eq!(app.store.notice(notice).await.unwrap().state, "draft");

    // A provider that lets them through without asking anew has confirmed nothing.
    let now = desk.world.hands.now().0 / 1000;
    for (asked_at, proven) in [
        (None, false),
        (Some(now - 3600), false),
        (Some(now - 5), true),
    ] {
        house.says(json!({ "preferred_username": "pia", "auth_time": asked_at }));
        let to = format!("/sign-in/oidc?again=1&next={attest}");
        let answer = browser.get(desk, &to).await;
        let back = house.provider.consent(location(&answer), "s-1");
        let way = house.provider.play.lock().unwrap().way.clone();
        assert_eq!((&*way["prompt"], &*way["max_age"]), ("login", "0"));
        let answer = browser.get(desk, &back).await;
        assert_eq!(location(&answer), attest);
        let page = browser.get(desk, &attest).await.text().await.unwrap();
        assert_eq!(page.contains("confirmed just now that you are pia"), proven);
    }
    desk.world.hands.forward(601);
    let page = browser.get(desk, &attest).await.text().await.unwrap();
    assert!(page.contains("First let"), "it counts for ten minutes");
    desk.world.hands.forward(-600);
    let page = browser.get(desk, &attest).await.text().await.unwrap();
    let (status, _) = give(&house, &mut browser, &attest, &page).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let notice = app.store.notice(notice).await.unwrap();
    assert_eq!(
        (&*notice.state, notice.attested_by.as_deref()),
        ("attested", Some("pia"))
    );
    house.desk.close().await;
}

/// Sends the form of a page that attests, every statement ticked.
async fn give(
    house: &House,
    browser: &mut Browser,
    path: &str,
    page: &str,
) -> (StatusCode, String) {
    let value = |name: &str| {
        let (_, rest) = page
            .split_once(&format!("name=\"{name}\" value=\""))
            .unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let mut fields: Vec<(String, String)> = ["csrf", "form", "at", "hash"]
        .map(|name| (name.to_owned(), value(name)))
        .to_vec();
    for rest in page.split("name=\"state.").skip(1) {
        let name = rest.split('"').next().unwrap();
        fields.push((format!("state.{name}"), "yes".to_owned()));
    }
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (&**k, &**v)).collect();
    let answer = browser.post(&house.desk, path, &fields).await;
    (answer.status(), answer.text().await.unwrap())
}

#[tokio::test]
async fn who_signs_out_is_offered_to_sign_out_at_the_provider_too() {
    let more = format!("{ADD}back_after_sign_out = true\n");
    let house = House::open(&more).await;
    let (desk, store) = (&house.desk, &house.desk.world.app.store);
    let there = format!("{}/end?tenant=1&client_id=other", house.provider.issuer);
    let says = async |endpoint: serde_json::Value| {
        let described = json!({ "end_session_endpoint": endpoint });
        house.provider.set(|play| play.description = described);
        desk.world.hands.forward(3601);
    };
    let offered = async |browser: &mut Browser| {
        let page = browser.get(desk, "/sign-in?signed_out=provider").await;
        let page = page.text().await.unwrap();
        assert!(page.contains("You are signed out here"));
        let (_, rest) = page.split_once("<a href=\"http")?;
        let (to, rest) = rest.split_once('"')?;
        assert!(rest.contains("id=\"sign-out-there\""));
        Some(format!("http{}", to.replace("&#38;", "&")))
    };
    let sign_out = async |browser: &mut Browser| {
        let page = browser.get(desk, "/scans").await.text().await.unwrap();
        let (_, rest) = page.split_once("name=\"csrf\" content=\"").unwrap();
        let csrf = rest.split('"').next().unwrap().to_owned();
        let answer = browser.post(desk, "/sign-out", &[("csrf", &csrf)]).await;
        location(&answer).to_owned()
    };

    says(json!(there)).await;
    let mut browser = Browser::default();
    house.sign_in(&mut browser, "s-1").await;
    assert_eq!(store.sessions(None).await.unwrap().len(), 1);
    assert_eq!(sign_out(&mut browser).await, "/sign-in?signed_out=provider");
    assert!(
        store.sessions(None).await.unwrap().is_empty(),
        "ended first"
    );
    assert!(browser.session().is_none());
    assert_eq!(
        offered(&mut browser).await.unwrap(),
        format!(
            "{}/end?tenant=1&client_id=markhound&post_logout_redirect_uri=https%3A%2F%2Fmarkhound.example%2Fsign-in",
            house.provider.issuer
        )
    );

    // Places that no browser is to be sent to are not offered, and nobody is kept out.
    for bad in [
        json!("javascript:alert(1)"),
        json!("http://evil.example/end"),
        json!("https://pia:secret@evil.example/end"),
        json!("/end"),
        json!(["https://evil.example/end"]),
        json!(null),
    ] {
        says(bad.clone()).await;
        assert_eq!(offered(&mut browser).await, None, "{bad}");
        assert_eq!(house.try_in("s-1").await.0, 303, "{bad}");
    }

    // The session here ends though the provider is silent.
    says(json!(there)).await;
    house.sign_in(&mut browser, "s-1").await;
    desk.world.hands.forward(3601);
    house
        .provider
        .set(|play| play.description = json!({ "issuer": "https://evil.example" }));
    assert_eq!(sign_out(&mut browser).await, "/sign-in?signed_out=provider");
    assert!(browser.session().is_none());
    assert_eq!(offered(&mut browser).await, None);

    // Who came by a password has no session there.
    let mara = desk.person("mara").await;
    let answer = mara.post("/sign-out", &[]).await;
    assert_eq!(location(&answer), "/sign-in?signed_out=1");
    house.desk.close().await;
}
