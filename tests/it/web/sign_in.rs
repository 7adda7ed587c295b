//! Who is let in, and what they may do.

use reqwest::header::{ACCEPT, SET_COOKIE};

use super::pages;
use crate::desk::{Desk, PASSWORD, client, cookie_of, location};

#[tokio::test]
async fn without_a_session_every_page_leads_to_sign_in_and_back() {
    let desk = Desk::open().await;
    for path in pages(desk.case) {
        let answer = desk.get(&path).await;
        assert_eq!(answer.status(), 303, "{path}");
        let to = location(&answer);
        assert!(to.starts_with("/sign-in?next=%2F"), "{path}: {to}");
    }
    let hash = "ab".repeat(32);
    let answer = desk.get(&format!("/picture/{hash}")).await;
    assert_eq!(answer.status(), 303);
    let events = format!("{}/scans/events", desk.base);
    let answer = client()
        .get(events)
        .header(ACCEPT, "application/json")
        .send();
    assert_eq!(answer.await.unwrap().status(), 401);
    assert_eq!(desk.get("/healthz").await.status(), 200);
    assert_eq!(desk.get("/sign-in").await.status(), 200);
    desk.close().await;
}

#[tokio::test]
async fn a_wrong_password_says_so_and_too_many_say_how_long_to_wait() {
    let desk = Desk::open().await;
    let wrong = [("name", "mara"), ("password", "not the password")];
    let nobody = [("name", "nobody<i>"), ("password", PASSWORD)];
    for fields in [&wrong, &nobody] {
        let answer = desk.sign_in_form(fields).await;
        assert_eq!(answer.status(), 401);
        assert!(answer.headers().get(SET_COOKIE).is_none());
        let page = answer.text().await.unwrap();
        assert!(page.contains("The name or the password is wrong."));
        assert!(!page.contains("nobody<i>"));
    }
    for _ in 0..2 {
        desk.sign_in_form(&wrong).await;
    }
    let answer = desk.sign_in_form(&wrong).await;
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["retry-after"], "1");
    let page = answer.text().await.unwrap();
    assert!(page.contains("Too many failed attempts: try again in 1 second."));
    desk.close().await;
}

#[tokio::test]
async fn a_session_starts_anew_at_each_sign_in_and_ends_when_signed_out() {
    let desk = Desk::open().await;
    let fields = [("name", "mara"), ("password", PASSWORD)];
    let answer = desk.sign_in_form(&fields).await;
    let cookie = answer.headers()[SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
    let first = cookie_of(&answer);

    // A token that was planted, or was there before, is worth nothing after.
    let again = client()
        .post(format!("{}/sign-in", desk.base))
        .header("cookie", &first)
        .form(&fields);
    let second = cookie_of(&again.send().await.unwrap());
    assert_ne!(first, second);
    let queue = client().get(format!("{}/queue", desk.base));
    let with_first = queue.header("cookie", &first).send().await.unwrap();
    assert_eq!(with_first.status(), 303);

    let mara = desk.person("mara").await;
    let answer = mara.post("/sign-out", &[]).await;
    assert_eq!(location(&answer), "/sign-in?signed_out=1");
    assert_eq!(mara.get("/queue").await.status(), 303);
    desk.close().await;
}

#[tokio::test]
async fn after_sign_in_only_a_page_of_this_server_is_gone_to() {
    let desk = Desk::open().await;
    for (next, to) in [
        ("/case/7?state=open", "/case/7?state=open"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ] {
        let fields = [("name", "mara"), ("password", PASSWORD), ("next", next)];
        let answer = desk.sign_in_form(&fields).await;
        assert_eq!(location(&answer), to, "{next}");
    }
    let page = desk.get("/sign-in?next=//evil.example").await;
    assert!(!page.text().await.unwrap().contains("evil.example"));
    let mara = desk.person("mara").await;
    let path = format!("/case/{}/decide", desk.case);
    let fields = [("action", "watch"), ("back", "https://evil.example/")];
    let answer = mara.post(&path, &fields).await;
    assert!(location(&answer).starts_with("/queue?did="));
    desk.close().await;
}

#[tokio::test]
async fn a_viewer_sees_everything_and_changes_nothing() {
    let desk = Desk::open().await;
    let vera = desk.person("vera").await;
    for path in pages(desk.case) {
        assert!(!vera.text(&path).await.contains("value=\"confirm\""));
    }
    let case = desk.case;
    for path in ["decide", "undo", "packet", "notice"] {
        let path = format!("/case/{case}/{path}");
        let answer = vera.post(&path, &[("action", "confirm")]).await;
        assert_eq!(answer.status(), 403, "{path}");
    }
    let mara = desk.person("mara").await;
    let answer = mara.post("/sources/kaufwinkel/enabled", &[]).await;
    assert_eq!(answer.status(), 403, "a reviewer is no administrator");
    assert_eq!(desk.state(case).await, "open");
    desk.close().await;
}
