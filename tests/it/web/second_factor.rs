//! The second step of signing in.

use markhound::accounts::totp;
use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Response, StatusCode};

use crate::desk::{Desk, PASSWORD, Person, client, cookie_of, location};

/// The code that somebody's app shows now.
async fn shown(desk: &Desk, name: &str) -> String {
    let store = &desk.world.app.store;
    let user = store.user(name).await.unwrap().unwrap();
    let factor = store.second_factor(user.id).await.unwrap().unwrap();
    totp::code(&factor.secret.unwrap(), desk.world.hands.now().0 / 30_000)
}

/// Sets a second factor up; gives the recovery codes.
async fn enrol(desk: &Desk, person: &Person, name: &str) -> Vec<String> {
    let begun = person.post("/account/second-factor/begin", &[]).await;
    assert_eq!(location(&begun), "/account/second-factor");
    let page = person.text("/account/second-factor").await;
    assert!(page.contains("<svg class=\"qr\"") && page.contains("Scan this"));
    let code = shown(desk, name).await;
    let fields = [("code", &*code)];
    let page = person.post("/account/second-factor/confirm", &fields).await;
    assert_eq!(page.status(), 200);
    let page = page.text().await.unwrap();
    let codes = page.split("<li><code>").skip(1);
    let codes: Vec<String> = codes
        .map(|rest| rest.split('<').next().unwrap().to_owned())
        .collect();
    assert_eq!(codes.len(), totp::RECOVERY_CODES);
    codes
}

/// Gives the password; the cookie of who owes a code.
async fn owing(desk: &Desk, name: &str) -> String {
    let fields = [("name", name), ("password", PASSWORD), ("next", "/scans")];
    let answer = desk.sign_in_form(&fields).await;
    assert_eq!(location(&answer), "/sign-in/code?next=%2Fscans");
    let cookie = cookie_of(&answer);
    assert!(
        cookie.starts_with("markhound-code="),
        "no session yet: {cookie}"
    );
    let queue = client().get(format!("{}/queue", desk.base));
    let queue = queue.header(COOKIE, &cookie).send().await.unwrap();
    assert_eq!(queue.status(), 303);
    cookie
}

async fn give(desk: &Desk, cookie: &str, code: &str) -> Response {
    let request = client().post(format!("{}/sign-in/code", desk.base));
    let fields = [("code", code), ("next", "/scans")];
    let request = request.header(COOKIE, cookie).form(&fields);
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_code_is_asked_for_after_the_password_and_taken_once() {
    let desk = Desk::open().await;
    let mara = desk.person("mara").await;
    enrol(&desk, &mara, "mara").await;
    let used = shown(&desk, "mara").await;

    let cookie = owing(&desk, "mara").await;
    let answer = give(&desk, &cookie, &used).await;
    assert_eq!(answer.status(), 401, "it set the factor up already");
    desk.world.hands.forward(30);
    let code = shown(&desk, "mara").await;
    let answer = give(&desk, &cookie, &code).await;
    assert_eq!(location(&answer), "/scans");
    let session = answer
        .headers()
        .get_all(SET_COOKIE)
        .iter()
        .map(|cookie| cookie.to_str().unwrap())
        .find(|cookie| cookie.starts_with("markhound="))
        .unwrap();
    let session = session.split(';').next().unwrap();
    let queue = client().get(format!("{}/queue", desk.base));
    let queue = queue.header(COOKIE, session).send().await.unwrap();
    assert_eq!(queue.status(), 200);

    // Neither the code nor the half of a sign-in is good again.
    let again = owing(&desk, "mara").await;
    assert_eq!(give(&desk, &again, &code).await.status(), 401);
    let over = give(&desk, &cookie, &code).await;
    assert_eq!(location(&over), "/sign-in?next=%2Fscans");
    desk.world.hands.forward(301);
    let late = give(&desk, &again, &shown(&desk, "mara").await).await;
    assert_eq!(location(&late), "/sign-in?next=%2Fscans");
    desk.close().await;
}

#[tokio::test]
async fn guessing_codes_is_slowed_whatever_the_password() {
    let desk = Desk::open().await;
    let mara = desk.person("mara").await;
    enrol(&desk, &mara, "mara").await;
    desk.world.hands.forward(30);
    let cookie = owing(&desk, "mara").await;
    let mut slowed = 0;
    for guess in 0..20 {
        let answer = give(&desk, &cookie, &format!("{guess:06}")).await;
        match answer.status() {
            StatusCode::TOO_MANY_REQUESTS => {
                assert!(answer.headers().contains_key("retry-after"));
                slowed += 1;
            }
            status => assert_eq!(status, 401),
        }
    }
    assert!(slowed >= 15, "{slowed} of 20");
    // A right code waits too, and giving the password again helps nobody.
    let code = shown(&desk, "mara").await;
    assert_eq!(give(&desk, &cookie, &code).await.status(), 429);
    let anew = owing(&desk, "mara").await;
    assert_eq!(give(&desk, &anew, &code).await.status(), 429);
    desk.close().await;
}

#[tokio::test]
async fn a_recovery_code_signs_in_once_and_an_administrator_can_take_the_factor_off() {
    let desk = Desk::open().await;
    let store = &desk.world.app.store;
    let (mara, adam) = (desk.person("mara").await, desk.person("adam").await);
    let codes = enrol(&desk, &mara, "mara").await;
    let cookie = owing(&desk, "mara").await;
    let typed = codes[0].to_uppercase();
    assert_eq!(location(&give(&desk, &cookie, &typed).await), "/scans");
    let cookie = owing(&desk, "mara").await;
    assert_eq!(give(&desk, &cookie, &typed).await.status(), 401, "used");
    let page = mara.text("/account/second-factor").await;
    assert!(page.contains("9 recovery codes left"), "{page}");

    // New ones make the old ones void.
    let fields = [("code", &*codes[1])];
    let page = mara.post("/account/second-factor/codes", &fields).await;
    assert!(page.text().await.unwrap().contains("shown this once"));
    let cookie = owing(&desk, "mara").await;
    assert_eq!(give(&desk, &cookie, &codes[2]).await.status(), 401);

    let omar = desk.person("omar").await;
    let reset = "/users/mara/second-factor/reset";
    assert_eq!(omar.post(reset, &[]).await.status(), 403);
    assert_eq!(adam.post(reset, &[]).await.status(), 303);
    assert_eq!(mara.get("/queue").await.status(), 303, "signed out");
    desk.person("mara").await;
    let log = store.audit_of("user mara").await.unwrap();
    let off = log.iter().find(|e| e.action == "user.second_factor_off");
    assert_eq!(off.unwrap().actor, "adam");
    for action in ["second_factor_on", "recovery_code_used", "recovery_codes"] {
        let action = format!("user.{action}");
        assert!(log.iter().any(|event| event.action == action), "{action}");
    }
    desk.close().await;
}

#[tokio::test]
async fn whoever_must_have_one_sets_it_up_before_anything_else() {
    let desk = Desk::open().await;
    let (mara, adam, vera) = (
        desk.person("mara").await,
        desk.person("adam").await,
        desk.person("vera").await,
    );
    let rule = [("second_factor_from", "reviewer")];
    assert_eq!(mara.post("/settings/sign-in", &rule).await.status(), 403);
    assert_eq!(adam.post("/settings/sign-in", &rule).await.status(), 303);
    assert_eq!(vera.get("/queue").await.status(), 200, "a viewer need not");
    for person in [&mara, &adam] {
        let to = person.get("/queue").await;
        assert_eq!(location(&to), "/account/second-factor");
    }
    let (status, _) = mara.fetch("/undo", &[]).await;
    assert_eq!(status, 403);
    let page = mara.text("/account/second-factor").await;
    assert!(page.contains("Your role needs a second factor"));
    enrol(&desk, &mara, "mara").await;
    assert_eq!(mara.get("/queue").await.status(), 200);
    desk.close().await;
}
