//! The review page over real HTTP.

use std::io::Cursor;

use reqwest::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, SET_COOKIE};

use crate::desk::{Desk, PASSWORD, client, cookie_of, location};
use crate::world::{PHOTO, photo};

/// Every page with a session before it.
fn pages(case: i64) -> Vec<String> {
    [
        "/queue",
        "/queue?state=all&q=%3Cb%3E",
        "/scans",
        "/scans/1",
        "/catalog",
        "/catalog/OST-FJ210",
        "/sources",
        "/audit",
        "/audit?check=1",
    ]
    .into_iter()
    .map(str::to_owned)
    .chain([format!("/case/{case}"), format!("/queue/card/{case}")])
    .collect()
}

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
async fn a_post_without_the_sessions_token_or_from_another_site_is_refused() {
    let desk = Desk::open().await;
    let adam = desk.person("adam").await;
    let case = desk.case;
    for path in [
        format!("/case/{case}/decide"),
        format!("/case/{case}/undo"),
        format!("/case/{case}/packet"),
        format!("/case/{case}/notice"),
        "/notice/1/record".to_owned(),
        "/undo".to_owned(),
        "/sources/kaufwinkel/enabled".to_owned(),
        "/sign-out".to_owned(),
    ] {
        let fields = [("action", "confirm")];
        let answer = adam.bare_post(&path, &fields).send().await.unwrap();
        assert_eq!(answer.status(), 403, "{path}");
        let wrong = [("action", "confirm"), ("csrf", &*"0".repeat(64))];
        let answer = adam.bare_post(&path, &wrong).send().await.unwrap();
        assert_eq!(answer.status(), 403, "{path}");
        let right = [("action", "confirm"), ("csrf", &*adam.csrf)];
        let answer = adam
            .bare_post(&path, &right)
            .header("sec-fetch-site", "cross-site");
        assert_eq!(answer.send().await.unwrap().status(), 403, "{path}");
    }
    assert_eq!(desk.state(case).await, "open");
    desk.close().await;
}

#[tokio::test]
async fn a_decision_is_made_and_undone_by_script() {
    let desk = Desk::open().await;
    let mara = desk.person("mara").await;
    let path = format!("/case/{}/decide", desk.case);
    let (status, body) = mara.fetch(&path, &[("action", "confirm")]).await;
    assert_eq!((status, &body["state"]), (200, &"confirmed".into()));
    assert_eq!(desk.state(desk.case).await, "confirmed");

    let (status, body) = mara.fetch(&path, &[("action", "reject")]).await;
    assert_eq!(status, 409);
    let why = body["error"].as_str().unwrap();
    assert!(why.contains("already confirmed"), "{why}");

    let (status, body) = mara.fetch("/undo", &[]).await;
    assert_eq!((status, &body["cases"][0]["state"]), (200, &"open".into()));
    assert_eq!(desk.state(desk.case).await, "open");
    let (status, _) = mara.fetch("/undo", &[]).await;
    assert_eq!(status, 409, "nothing is left to undo");
    let (status, _) = mara.fetch(&path, &[("action", "burn")]).await;
    assert_eq!(status, 400);
    desk.close().await;
}

#[tokio::test]
async fn a_decision_by_form_goes_on_to_the_next_case_and_can_be_undone_there() {
    let desk = Desk::open().await;
    let second = desk.another_case("8001", "Second best", 0.9).await;
    let mara = desk.person("mara").await;
    let fields = [
        ("action", "reject"),
        ("queue", ""),
        ("reason", "An old <b>receipt</b> was shown"),
    ];
    let path = format!("/case/{}/decide", desk.case);
    let answer = mara.post(&path, &fields).await;
    let to = location(&answer).to_owned();
    assert_eq!(to, format!("/case/{second}?did=reject.{}", desk.case));
    let page = mara.text(&to).await;
    assert!(page.contains(&format!("Case {} rejected.", desk.case)));

    let page = mara.text(&format!("/case/{}?state=all", desk.case)).await;
    assert!(page.contains("An old &#60;b&#62;receipt&#60;/b&#62; was shown"));
    let answer = mara.post("/undo", &[("back", &to)]).await;
    assert_eq!(
        location(&answer),
        format!("/case/{}?did=undo.{}", desk.case, desk.case)
    );
    assert_eq!(desk.state(desk.case).await, "open");
    desk.close().await;
}

#[tokio::test]
async fn a_second_approval_comes_from_a_second_person() {
    let desk = Desk::open().await;
    let (mara, adam) = (desk.person("mara").await, desk.person("adam").await);
    let path = format!("/case/{}/decide", desk.case);
    mara.fetch(&path, &[("action", "second_approval")]).await;
    let (status, body) = mara.fetch(&path, &[("action", "confirm")]).await;
    assert_eq!(status, 409, "{body}");
    let (status, _) = adam.fetch(&path, &[("action", "confirm")]).await;
    assert_eq!(status, 200);
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

#[tokio::test]
async fn what_sellers_write_is_shown_as_text_on_every_page() {
    let desk = Desk::open().await;
    for (n, hostile) in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</title></mark><svg/onload=alert(1)>",
        "{{ 7*7 }} ${7*7} <%= 7*7 %>",
        "\u{202e}gnp.exe\u{0}<iframe src=//evil.example>",
    ]
    .into_iter()
    .enumerate()
    {
        desk.another_case(&format!("<u>{n}"), hostile, 0.8).await;
    }
    let mara = desk.person("mara").await;
    let mut all = pages(desk.case);
    all.extend((1..=7).map(|case| format!("/case/{case}")));
    for path in all {
        let page = mara.text(&path).await;
        for raw in [
            "<script>alert",
            "<img src=x",
            "<svg/onload",
            "<iframe",
            "<u>",
            "moebel_<b>",
            "' onmouseover='",
        ] {
            assert!(!page.contains(raw), "{path} contains {raw}");
        }
    }
    assert!(mara.text("/queue").await.contains("moebel_&#60;b&#62;4you"));
    desk.close().await;
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_keep_a_browser_safe() {
    let desk = Desk::open().await;
    let mara = desk.person("mara").await;
    let mut paths = pages(desk.case);
    paths.extend(
        [
            "/nothing",
            "/sign-in",
            "/static/app.js",
            "/healthz",
            "/case/x",
        ]
        .map(str::to_owned),
    );
    for path in paths {
        let answer = mara.get(&path).await;
        let headers = answer.headers();
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"));
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"));
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["x-frame-options"], "DENY");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        if !path.starts_with("/static") {
            assert_eq!(headers[CACHE_CONTROL], "no-store", "{path}");
        }
        let page = answer.text().await.unwrap();
        assert!(
            !page.contains(" style=") && !page.contains("<style"),
            "{path}"
        );
        assert!(!page.contains(" onclick="), "{path}");
    }
    desk.close().await;
}

#[tokio::test]
async fn what_is_not_there_or_too_large_is_said_on_a_page() {
    let desk = Desk::open().await;
    let mara = desk.person("mara").await;
    for path in ["/nothing", "/case/999", "/scans/999", "/catalog/none"] {
        let answer = mara.get(path).await;
        assert_eq!(answer.status(), 404, "{path}");
        assert!(answer.text().await.unwrap().contains("Not found"));
    }
    for path in ["/case/x", "/audit?before=x"] {
        let answer = mara.get(path).await;
        assert_eq!(answer.status(), 400, "{path}");
        assert!(answer.text().await.unwrap().contains("Back to the queue"));
    }
    let path = format!("/case/{}/decide", desk.case);
    let long = "x".repeat(70_000);
    let answer = mara.post(&path, &[("reason", &long)]).await;
    assert!(answer.status().is_client_error());
    assert_eq!(desk.state(desk.case).await, "open");
    desk.close().await;
}

#[tokio::test]
async fn a_picture_is_served_small_and_re_encoded_and_nothing_else_is() {
    let desk = Desk::open().await;
    let mara = desk.person("mara").await;
    let store = &desk.world.app.store;
    let row = store.case(desk.case).await.unwrap();
    let path = format!("/picture/{}?w=320", row.picture_blob.unwrap());
    let answer = mara.get(&path).await;
    assert_eq!(answer.headers()[CONTENT_TYPE], "image/jpeg");
    assert!(
        answer.headers()[CACHE_CONTROL]
            .to_str()
            .unwrap()
            .contains("immutable")
    );
    let tag = answer.headers()[ETAG].clone();
    let bytes = answer.bytes().await.unwrap();
    assert_ne!(&bytes[..], std::fs::read(photo(PHOTO)).unwrap());
    let small = image::ImageReader::new(Cursor::new(&bytes))
        .with_guessed_format()
        .unwrap()
        .decode()
        .unwrap();
    assert_eq!(small.width().max(small.height()), 320);
    let again = mara.request(&path).header(IF_NONE_MATCH, tag);
    assert_eq!(again.send().await.unwrap().status(), 304);
    // Whatever size is asked for, only two are made.
    assert_eq!(mara.get(&path.replace("320", "999999")).await.status(), 200);

    let listing = store.listing(row.listing_id).await.unwrap();
    let captures = store.captures_of_listing(listing.id).await.unwrap();
    let page = captures.iter().find(|c| c.kind == "item").unwrap();
    for hash in [&*page.blob, &"ab".repeat(32), "..%2f..%2fetc%2fpasswd", "x"] {
        let answer = mara.get(&format!("/picture/{hash}")).await;
        assert_eq!(answer.status(), 404, "{hash}");
    }
    desk.close().await;
}

#[tokio::test]
async fn pages_of_the_queue_hold_every_case_once_highest_first() {
    let desk = Desk::open().await;
    for n in 0..60 {
        // Many share a score: the identifier then says which is next.
        let score = 0.6 + f64::from(n % 4) / 10.0;
        desk.another_case(&format!("p{n}"), "Chair", score).await;
    }
    let mara = desk.person("mara").await;
    let (mut seen, mut path) = (Vec::new(), "/queue".to_owned());
    loop {
        let page = mara.text(&path).await;
        let cases = page.split("data-case=\"").skip(1);
        seen.extend(cases.map(|rest| rest.split('"').next().unwrap().to_owned()));
        let Some((_, rest)) = page.split_once("id=\"more\" href=\"") else {
            break;
        };
        path = rest.split('"').next().unwrap().replace("&#38;", "&");
    }
    assert_eq!(seen.len(), 61);
    let first: i64 = seen[0].parse().unwrap();
    assert_eq!(first, desk.case);
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 61);

    let filtered = mara
        .text("/queue?min=95&q=LOUNGE&brand=Ostrelund&source=kaufwinkel")
        .await;
    assert_eq!(filtered.matches("data-case=\"").count(), 1);
    let none = mara.text("/queue?q=100%25_").await;
    assert!(none.contains("No case fits these filters"));
    desk.close().await;
}

#[tokio::test]
async fn a_case_shows_its_evidence_and_its_place_in_the_queue() {
    let desk = Desk::open().await;
    let second = desk.another_case("8001", "Second best", 0.9).await;
    let mara = desk.person("mara").await;
    let page = mara.text(&format!("/case/{}", desk.case)).await;
    assert!(page.contains("<polygon points=\"10.5,12.0 600.2,12.0 600.2,470.1 10.5,470.1\"/>"));
    assert!(page.contains("The photo is the reference photo, mirrored"));
    assert!(page.contains("27 % of the list price"));
    assert!(page.contains(&format!("id=\"next\" rel=\"next\" href=\"/case/{second}?")));
    assert!(!page.contains("id=\"previous\""));
    let page = mara.text(&format!("/case/{second}")).await;
    assert!(page.contains(&format!(
        "id=\"previous\" rel=\"prev\" href=\"/case/{}?",
        desk.case
    )));
    desk.close().await;
}

#[tokio::test]
async fn the_packet_that_is_downloaded_verifies() {
    let desk = Desk::open().await;
    let mara = desk.person("mara").await;
    let answer = mara.post(&format!("/case/{}/packet", desk.case), &[]).await;
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/zip");
    let name = answer.headers()["content-disposition"].to_str().unwrap();
    assert_eq!(
        name,
        format!("attachment; filename=\"case-{}.zip\"", desk.case)
    );
    let path = desk.world.dir.path().join("packet.zip");
    std::fs::write(&path, answer.bytes().await.unwrap()).unwrap();
    assert!(markhound::packet::verify(&path).unwrap().ok);
    let data = std::fs::read_dir(&desk.world.app.data_dir).unwrap();
    let left: Vec<_> = data
        .filter_map(|e| e.ok()?.file_name().into_string().ok())
        .collect();
    assert!(
        !left.iter().any(|name| name.starts_with(".tmp")),
        "{left:?}"
    );
    desk.close().await;
}

#[tokio::test]
async fn a_notice_is_drafted_and_its_steps_are_recorded_on_the_case() {
    let desk = Desk::open().await;
    let mara = desk.person("mara").await;
    let case = desk.case;
    let draft = format!("/case/{case}/notice");
    let answer = mara.post(&draft, &[]).await;
    assert_eq!(answer.status(), 409, "the case is not confirmed yet");
    mara.post(&format!("/case/{case}/decide"), &[("action", "confirm")])
        .await;
    let answer = mara.post(&draft, &[("queue", "state=all")]).await;
    assert_eq!(
        location(&answer),
        format!("/case/{case}?state=all&did=draft.{case}")
    );
    let page = mara.text(&format!("/case/{case}")).await;
    assert!(page.contains("Copyright notice") && page.contains("Text of the notice"));

    // The server's configuration names no sender: the notice may not leave.
    let fields = [("to_state", "submitted"), ("date", "2026-11-02")];
    let answer = mara.post("/notice/1/record", &fields).await;
    assert_eq!(answer.status(), 409);
    assert!(answer.text().await.unwrap().contains("missing"));
    let answer = mara.post(
        "/notice/1/record",
        &[("to_state", "submitted"), ("date", "soon")],
    );
    assert_eq!(answer.await.status(), 400);
    desk.close().await;
}

#[tokio::test]
async fn the_chain_of_the_audit_log_can_be_checked() {
    let desk = Desk::open().await;
    let mara = desk.person("mara").await;
    let page = mara.text("/audit?check=1").await;
    assert!(page.contains("events fit: nothing was changed or taken out."));
    assert!(page.contains(&format!("<a href=\"/case/{0}\">case {0}</a>", desk.case)));
    desk.close().await;
}

#[tokio::test]
async fn a_running_scan_is_told_at_once_and_the_stream_ends_with_the_server() {
    let desk = Desk::open().await;
    let mara = desk.person("mara").await;
    let mut events = mara.get("/scans/events").await;
    assert_eq!(events.headers()[CONTENT_TYPE], "text/event-stream");
    let first = events.chunk().await.unwrap().unwrap();
    let first = String::from_utf8_lossy(&first);
    assert!(first.starts_with("event: scans\ndata: [{"), "{first}");
    assert!(first.contains("\"state\":\"running\""), "{first}");
    // Open streams do not keep the server from stopping.
    desk.close().await;
    while let Ok(Some(_)) = events.chunk().await {}
}
