//! What a provider, somebody between, or another site may try.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde_json::{Value, json};

use super::provider::{Answers, Key, Lie};
use super::{Browser, House, server};
use crate::desk::{Desk, PASSWORD, client, location};
use crate::world::World;

const ADD: &str = "create = true\nrole = \"reviewer\"\n";

/// A lie about one claim.
fn claim(name: &'static str, value: Value) -> Lie {
    Arc::new(move |_, claims| claims[name] = value.clone())
}

/// A lie in the header.
fn header(name: &'static str, value: Value) -> Lie {
    Arc::new(move |header, _| header[name] = value.clone())
}

#[tokio::test]
async fn a_token_that_lies_signs_nobody_in() {
    let house = House::open(ADD).await;
    let now = house.desk.world.hands.now().0 / 1000;
    let lies: Vec<(&str, Lie)> = vec![
        (
            "made for another sign-in",
            claim("nonce", json!("0".repeat(64))),
        ),
        ("without nonce", claim("nonce", Value::Null)),
        ("for another client", claim("aud", json!("other"))),
        (
            "for several clients",
            claim("aud", json!(["markhound", "other"])),
        ),
        ("issued to another client", claim("azp", json!("other"))),
        (
            "of another issuer",
            claim("iss", json!("https://evil.example")),
        ),
        ("expired", claim("exp", json!(now - 61))),
        ("of the future", claim("nbf", json!(now + 3600))),
        ("issued in the future", claim("iat", json!(now + 3600))),
        ("of nobody", claim("sub", json!(""))),
        ("of another access token", claim("at_hash", json!("x"))),
        ("with extensions", header("crit", json!(["exp"]))),
        ("with a key unknown", header("kid", json!("second"))),
        ("of another algorithm", header("alg", json!("RS256"))),
        ("unsigned", header("alg", json!("none"))),
    ];
    for (what, lie) in lies {
        house.provider.set(|play| play.lie = lie);
        let (status, page) = house.try_in("s-1").await;
        assert_eq!(status, 401, "{what}");
        assert!(page.contains("cannot be trusted"), "{what}: {page}");
        assert!(!page.contains("nonce"), "the log alone says what it was");
        house.desk.world.hands.forward(400);
    }
    let (subject, detail) = house.logged("user.sign_in_refused").await;
    assert_eq!(subject, "address 127.0.0.1");
    assert!(
        detail["why"].as_str().unwrap().contains("\"none\""),
        "{detail}"
    );
    let store = &house.desk.world.app.store;
    assert!(store.user("pia").await.unwrap().is_none());
    assert!(store.sessions(None).await.unwrap().is_empty());

    house.provider.set(|play| play.lie = Arc::new(|_, _| {}));
    assert_eq!(house.try_in("s-1").await.0, 303, "the truth does");
    house.desk.close().await;
}

#[tokio::test]
async fn a_signature_that_anybody_could_make_counts_for_nothing() {
    let house = House::open(ADD).await;
    let point = house.provider.play.lock().unwrap().key.point();
    let coordinates = URL_SAFE_NO_PAD.encode(&point[1..33]);
    let other = Arc::new(Key::new("first"));
    type Sign = super::provider::Signer;
    let mac = |secret: Vec<u8>| -> Sign {
        Arc::new(move |signed| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
            hmac::sign(&key, signed).as_ref().to_vec()
        })
    };
    let signs: Vec<(&str, &str, Sign)> = vec![
        ("a MAC with the public key", "HS256", mac(point)),
        (
            "a MAC with half of it",
            "HS256",
            mac(coordinates.into_bytes()),
        ),
        (
            "a MAC with the client's name",
            "HS256",
            mac(b"markhound".to_vec()),
        ),
        ("nothing", "none", Arc::new(|_| Vec::new())),
        (
            "nothing, by the right name",
            "ES256",
            Arc::new(|_| Vec::new()),
        ),
        ("zeros", "ES256", Arc::new(|_| vec![0; 64])),
        (
            "another's key of the same name",
            "ES256",
            Arc::new(move |signed| other.sign(signed)),
        ),
    ];
    for (what, algorithm, sign) in signs {
        house.provider.set(|play| {
            play.lie = header("alg", json!(algorithm));
            play.answers = Answers::SignedBy(sign);
        });
        assert_eq!(house.try_in("s-1").await.0, 401, "{what}");
        house.desk.world.hands.forward(400);
    }
    house.desk.close().await;
}

#[tokio::test]
async fn a_way_back_is_good_once_in_the_browser_that_was_sent_and_for_a_quarter_of_an_hour() {
    let house = House::open(ADD).await;
    let desk = &house.desk;
    let mut browser = Browser::default();
    let back = house.go(&mut browser, "s-1").await;

    // Another's browser, with no visit or one of its own, is not signed in as them.
    let mut stranger = Browser::default();
    assert_eq!(stranger.get(desk, &back).await.status(), 400);
    house.go(&mut stranger, "s-2").await;
    let answer = stranger.get(desk, &back).await;
    assert_eq!(answer.status(), 400);
    assert!(stranger.session().is_none());
    assert_eq!(
        house.provider.asked("/token"),
        0,
        "no code was spent on them"
    );
    let page = answer.text().await.unwrap();
    assert!(page.contains("begun in another browser"), "{page}");

    let before = browser.clone();
    let answer = browser.get(desk, &back).await;
    assert_eq!(location(&answer), "/scans");
    assert_eq!(house.provider.asked("/token"), 1);

    // Neither a cookie nor a code that somebody kept is good again.
    let mut replayed = before;
    assert_eq!(replayed.get(desk, &back).await.status(), 400);
    assert!(replayed.session().is_none());
    assert_eq!(house.provider.asked("/token"), 1);
    let again = house.go(&mut replayed, "s-1").await;
    let (_, code) = back.split_once("code=").unwrap();
    let code = code.split('&').next().unwrap();
    let (_, state) = again.split_once("&state=").unwrap();
    let spent = format!("/sign-in/oidc/back?code={code}&state={state}");
    assert_eq!(replayed.get(desk, &spent).await.status(), 401);

    let mut slow = Browser::default();
    let back = house.go(&mut slow, "s-1").await;
    desk.world.hands.forward(901);
    assert_eq!(slow.get(desk, &back).await.status(), 400);
    for odd in [
        "",
        "?state=x",
        "?code=x",
        "?state=&code=",
        "?error=x&state=y",
    ] {
        let answer = slow.get(desk, &format!("/sign-in/oidc/back{odd}")).await;
        assert_eq!(answer.status(), 400, "{odd}");
    }
    house.desk.close().await;
}

#[tokio::test]
async fn a_session_from_before_ends_and_a_planted_one_is_worth_nothing() {
    let house = House::open(ADD).await;
    let desk = &house.desk;
    let mut browser = Browser::default();
    browser
        .cookies
        .insert("markhound".to_owned(), "planted".to_owned());
    browser
        .cookies
        .insert("markhound-visit".to_owned(), "planted".to_owned());
    house.sign_in(&mut browser, "s-1").await;
    let first = browser.session().unwrap().clone();
    assert_ne!(first, "planted");
    assert!(!browser.cookies.contains_key("markhound-visit"), "it ended");
    house.sign_in(&mut browser, "s-1").await;
    assert_ne!(*browser.session().unwrap(), first);
    let mut old = Browser::default();
    old.cookies.insert("markhound".to_owned(), first);
    assert_eq!(old.get(desk, "/scans").await.status(), 303);
    assert_eq!(browser.get(desk, "/scans").await.status(), 200);
    house.desk.close().await;
}

#[tokio::test]
async fn after_the_provider_only_a_page_of_this_server_is_gone_to() {
    let house = House::open(ADD).await;
    for (next, to) in [
        ("/queue?state=all", "/queue?state=all"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ] {
        let mut browser = Browser::default();
        let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let path = format!("/sign-in/oidc?next={next}");
        let answer = browser.get(&house.desk, &path).await;
        let back = house.provider.consent(location(&answer), "s-1");
        // What stands in the address on the way back says nothing about it.
        let back = format!("{back}&next=https%3A%2F%2Fevil.example");
        let answer = browser.get(&house.desk, &back).await;
        assert_eq!(location(&answer), to, "{next}");
    }
    let mut browser = Browser::default();
    let page = browser
        .get(&house.desk, "/sign-in?next=//evil.example")
        .await;
    let page = page.text().await.unwrap();
    assert!(page.contains("href=\"/sign-in/oidc?next=%2F\""), "{page}");
    house.desk.close().await;
}

#[tokio::test]
async fn a_provider_that_hangs_floods_or_sends_elsewhere_is_given_up_soon() {
    let house = House::open(ADD).await;
    let desk = &house.desk;
    let bait = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = format!("http://{}/", bait.local_addr().unwrap());
    for (answers, status) in [
        (Answers::Never, 502),
        (Answers::Flood, 502),
        (Answers::Elsewhere(elsewhere), 401),
        (Answers::Document(json!({ "access_token": "access" })), 401),
        (Answers::Document(json!({ "id_token": 7 })), 401),
        (Answers::Document(json!([])), 401),
    ] {
        house.provider.set(|play| play.answers = answers);
        assert_eq!(house.try_in("s-1").await.0, status);
        desk.world.hands.forward(400);
    }
    let waiting = tokio::time::timeout(std::time::Duration::ZERO, bait.accept());
    assert!(waiting.await.is_err(), "nobody followed it there");
    house.desk.close().await;
}

/// What the page says where the provider describes itself so.
async fn described(more: Value) -> (u16, String) {
    let house = House::open(ADD).await;
    house.provider.set(|play| play.description = more);
    let answer = house.desk.get("/sign-in/oidc").await;
    let status = answer.status().as_u16();
    let page = answer.text().await.unwrap();
    house.desk.close().await;
    (status, page)
}

#[tokio::test]
async fn a_description_of_another_issuer_or_in_the_clear_is_not_followed() {
    for more in [
        json!({ "issuer": "https://evil.example" }),
        json!({ "issuer": null }),
        json!({ "token_endpoint": "http://token.example/" }),
        json!({ "jwks_uri": "file:///etc/passwd" }),
        json!({ "authorization_endpoint": "javascript:alert(1)" }),
        json!({ "response_types_supported": ["id_token"] }),
    ] {
        let (status, page) = described(more.clone()).await;
        assert_eq!(status, 502, "{more}");
        assert!(page.contains("does not answer"), "{more}");
        assert!(!page.contains("evil.example") && !page.contains("127.0.0.1"));
    }
    assert_eq!(described(json!({})).await.0, 303);
}

#[tokio::test]
async fn no_private_address_but_the_issuers_own_is_asked() {
    let house = House::open(ADD).await;
    let bait = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let private = format!("http://{}/", bait.local_addr().unwrap());
    for name in ["token_endpoint", "jwks_uri"] {
        house
            .provider
            .set(|play| play.description = json!({ name: private }));
        // The description is kept for an hour.
        house.desk.world.hands.forward(3601);
        assert_eq!(house.try_in("s-1").await.0, 502, "{name}");
        let (_, detail) = house.logged("user.sign_in_refused").await;
        let why = detail["why"].as_str().unwrap();
        assert!(why.contains("allow_private_hosts"), "{why}");
    }
    let waiting = tokio::time::timeout(std::time::Duration::ZERO, bait.accept());
    assert!(waiting.await.is_err(), "nobody asked it");
    house.desk.close().await;
}

#[tokio::test]
async fn new_keys_are_learnt_and_unknown_ones_do_not_make_us_ask_all_the_time() {
    let house = House::open(ADD).await;
    let desk = &house.desk;
    assert_eq!(house.try_in("s-1").await.0, 303);
    assert_eq!(house.try_in("s-1").await.0, 303);
    let asked = |house: &House| {
        let provider = &house.provider;
        (provider.asked("/.well-known"), provider.asked("/keys"))
    };
    assert_eq!(asked(&house), (1, 1), "they are kept");
    house.provider.set(|play| play.key = Key::new("second"));
    assert_eq!(house.try_in("s-1").await.0, 303);
    assert_eq!(asked(&house), (1, 2));
    for _ in 0..5 {
        house
            .provider
            .set(|play| play.lie = header("kid", json!("third")));
        assert_eq!(house.try_in("s-1").await.0, 401);
    }
    assert_eq!(asked(&house), (1, 2), "not again so soon");
    desk.world.hands.forward(31);
    assert_eq!(house.try_in("s-1").await.0, 401);
    assert_eq!(asked(&house), (1, 3));
    desk.world.hands.forward(3601);
    house.provider.set(|play| play.lie = Arc::new(|_, _| {}));
    assert_eq!(house.try_in("s-1").await.0, 303);
    assert_eq!(
        asked(&house),
        (2, 4),
        "after an hour they are asked for anew"
    );
    house.desk.close().await;
}

#[tokio::test]
async fn userinfo_of_somebody_else_signs_nobody_in() {
    let house = House::open(ADD).await;
    for userinfo in [
        json!({ "sub": "s-2", "preferred_username": "adam" }),
        json!({ "preferred_username": "adam" }),
        json!(["s-1"]),
    ] {
        house.provider.set(|play| play.userinfo = Some(userinfo));
        house.desk.world.hands.forward(3601);
        assert_eq!(house.try_in("s-1").await.0, 401);
    }
    house.says(json!({}));
    let right = json!({ "sub": "s-1", "preferred_username": "pia" });
    house.provider.set(|play| play.userinfo = Some(right));
    assert_eq!(house.try_in("s-1").await.0, 303);
    let store = &house.desk.world.app.store;
    assert!(store.user("pia").await.unwrap().is_some());
    house.desk.close().await;
}

#[tokio::test]
async fn whoever_sends_the_browser_back_names_themselves_rightly_where_they_name_themselves() {
    let house = House::open(ADD).await;
    let mut browser = Browser::default();
    let back = house.go(&mut browser, "s-1").await;
    let mixed = format!("{back}&iss=https%3A%2F%2Fevil.example");
    assert_eq!(browser.get(&house.desk, &mixed).await.status(), 401);
    assert_eq!(house.provider.asked("/token"), 0, "the code went to nobody");

    let named = "authorization_response_iss_parameter_supported";
    house
        .provider
        .set(|play| play.description = json!({ named: true }));
    house.desk.world.hands.forward(3601);
    assert_eq!(house.try_in("s-1").await.0, 401);
    let back = house.go(&mut browser, "s-1").await;
    let issuer = &house.provider.issuer;
    let issuer: String = url::form_urlencoded::byte_serialize(issuer.as_bytes()).collect();
    let named = format!("{back}&iss={issuer}");
    assert_eq!(browser.get(&house.desk, &named).await.status(), 303);
    house.desk.close().await;
}

#[tokio::test]
async fn what_the_provider_says_instead_of_a_code_is_told_as_one_word() {
    let house = House::open(ADD).await;
    let mut browser = Browser::default();
    let back = house.go(&mut browser, "s-1").await;
    let (_, state) = back.split_once("&state=").unwrap();
    let path = format!(
        "/sign-in/oidc/back?error=access_denied%3Cscript%3E&error_description=%3Cscript%3E&state={state}"
    );
    let answer = browser.get(&house.desk, &path).await;
    assert_eq!(answer.status(), 401);
    let page = answer.text().await.unwrap();
    assert!(page.contains("(access_deniedscript)"), "{page}");
    assert!(!page.contains("<script>"));
    assert!(browser.session().is_none());
    house.desk.close().await;
}

#[tokio::test]
async fn failures_of_a_browser_are_slowed_and_other_sites_cannot_bring_them_about() {
    let house = House::open(ADD).await;
    let desk = &house.desk;
    // A picture in another site's page may ask for this address all day.
    for _ in 0..40 {
        desk.get("/sign-in/oidc/back?code=x&state=y").await;
    }
    house
        .provider
        .set(|play| play.lie = claim("nonce", json!("x")));
    let mut seen = Vec::new();
    for _ in 0..14 {
        seen.push(house.try_in("s-1").await.0);
    }
    assert_eq!(seen[..12], [401; 12], "{seen:?}");
    assert_eq!(seen[13], 429, "{seen:?}");
    let form = [("name", "mara"), ("password", PASSWORD)];
    let answer = desk.sign_in_form(&form).await;
    assert_eq!(answer.status(), 303, "a password is another matter");
    house.desk.close().await;
}

#[tokio::test]
async fn without_a_provider_there_is_no_such_page_and_one_that_is_down_is_left_alone_a_while() {
    let plain = Desk::open().await;
    for path in ["/sign-in/oidc", "/sign-in/oidc/back?code=x&state=y"] {
        assert_eq!(plain.get(path).await.status(), 404);
    }
    let page = plain.get("/sign-in").await.text().await.unwrap();
    assert!(!page.contains("/sign-in/oidc"));
    plain.close().await;

    let down = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", down.local_addr().unwrap());
    let mut world = World::new().await;
    world.app.config.server = server(&issuer, ADD);
    world.app.config.fetch.limits.request_seconds = 0.2;
    let desk = Desk::over(world).await;
    for _ in 0..3 {
        let answer = desk.get("/sign-in/oidc").await;
        assert_eq!(answer.status(), 502);
        let page = answer.text().await.unwrap();
        assert!(page.contains("The sign-in service does not answer"));
    }
    let mut came = 0;
    while let Ok(Ok(_)) = tokio::time::timeout(std::time::Duration::ZERO, down.accept()).await {
        came += 1;
    }
    assert_eq!(came, 1, "it was asked once");
    let answer = client().get(format!("{}/sign-in", desk.base)).send().await;
    assert_eq!(answer.unwrap().status(), 200, "passwords work all the same");
    desk.close().await;
}
