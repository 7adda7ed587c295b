//! What the pages show, and what their forms do.

use reqwest::header::CONTENT_TYPE;

use crate::desk::{Desk, PASSWORD, client, location};
use crate::world::{World, with_sender};

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
async fn pages_of_the_queue_hold_every_case_once_highest_first() {
    let desk = Desk::open().await;
    for n in 0..60 {
        // Many share a score: the identifier then says which is next.
        let score = 0.6 + f64::from(n % 4) / 10.0;
        desk.case_of_another_product(&format!("p{n}"), score).await;
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
    assert!(page.contains(
        "<polygon class=\"outline\" points=\"10.5,12.0 600.2,12.0 600.2,470.1 10.5,470.1\"/>"
    ));
    let seen =
        "<polygon class=\"outline\" points=\"0.0,120.0 640.0,120.0 640.0,480.0 0.0,480.0\"/>";
    assert!(
        page.contains(seen),
        "the part of the reference photo that is seen"
    );
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
    let nora = desk.person("nora").await;
    let case = desk.case;
    let draft = format!("/case/{case}/notice");
    let answer = nora.post(&draft, &[]).await;
    assert_eq!(answer.status(), 409, "the case is not confirmed yet");
    nora.post(&format!("/case/{case}/decide"), &[("action", "confirm")])
        .await;
    let answer = nora.post(&draft, &[("queue", "state=all")]).await;
    assert_eq!(
        location(&answer),
        format!("/case/{case}?state=all&did=draft.{case}")
    );
    let page = nora.text(&format!("/case/{case}")).await;
    assert!(page.contains("Copyright notice") && page.contains("Text of the notice"));

    // The server's configuration names no sender: the notice may not leave.
    let page = nora.text("/notice/1/attest").await;
    assert!(page.contains("It cannot leave yet") && page.contains("set notices.name"));
    let fields = [("to_state", "submitted"), ("date", "2026-11-02")];
    let answer = nora.post("/notice/1/record", &fields).await;
    assert_eq!(answer.status(), 409);
    assert!(answer.text().await.unwrap().contains("cannot become"));
    let answer = nora.post(
        "/notice/1/record",
        &[("to_state", "submitted"), ("date", "soon")],
    );
    assert_eq!(answer.await.status(), 400);
    desk.close().await;
}

/// What a page holds behind `before`, up to the next quote.
fn behind<'a>(page: &'a str, before: &str) -> &'a str {
    let at = page
        .find(before)
        .unwrap_or_else(|| panic!("{before} in {page}"))
        + before.len();
    page[at..].split('"').next().unwrap()
}

#[tokio::test]
async fn a_notice_is_attested_on_its_page_with_the_password_and_handed_in() {
    let mut world = World::new().await;
    with_sender(&mut world);
    let people = &mut world.app.config.notices.people;
    people.insert("nora".to_owned(), "Mara <b>Berg</b>".to_owned());
    let desk = Desk::over(world).await;
    let nora = desk.person("nora").await;
    let case = desk.case;
    nora.post(&format!("/case/{case}/decide"), &[("action", "confirm")])
        .await;
    nora.post(
        &format!("/case/{case}/notice"),
        &[("channel", "marketplace")],
    )
    .await;
    let page = nora.text("/notice/1/attest?form=text").await;
    assert!(page.contains("Mara &#60;b&#62;Berg&#60;/b&#62;"), "{page}");
    let (at, hash) = (
        behind(&page, "name=\"at\" value=\""),
        behind(&page, "name=\"hash\" value=\""),
    );
    let mut fields = vec![
        ("form", "text"),
        ("at", at),
        ("hash", hash),
        ("state.good_faith", "yes"),
        ("state.accuracy", "yes"),
        ("state.authority", "yes"),
        ("password", "not the password"),
    ];
    let answer = nora.post("/notice/1/attest", &fields).await;
    assert!(
        answer
            .text()
            .await
            .unwrap()
            .contains("That is not your password.")
    );
    fields[6].1 = PASSWORD;
    let missing: Vec<_> = fields
        .iter()
        .copied()
        .filter(|(n, _)| *n != "state.accuracy")
        .collect();
    let answer = nora.post("/notice/1/attest", &missing).await;
    assert_eq!(answer.status(), 409);
    let answer = nora.post("/notice/1/attest", &fields).await;
    assert_eq!(location(&answer), "/notice/1?did=attested.1");
    let vera = desk.person("vera").await;
    assert_eq!(vera.post("/notice/1/attest", &fields).await.status(), 403);

    let file = nora.get("/notice/1/file").await.bytes().await.unwrap();
    assert_eq!(markhound::blobs::sha256_hex(&file), hash);
    let handed = [
        ("to_state", "submitted"),
        ("note", "form 12"),
        ("from", "notice"),
    ];
    nora.post("/notice/1/record", &handed).await;
    let page = nora.text("/notice/1").await;
    assert!(page.contains("form 12") && page.contains("Counter notice"));
    let board = nora.text("/takedown").await;
    assert!(board.contains("Due 2026-11-09: Answer"), "{board}");
    let waiting = nora.text("/takedown?column=waiting&channel=").await;
    assert!(waiting.contains("href=\"/notice/1\"") && waiting.contains("The whole board"));
    assert!(!waiting.contains("To attest"), "only that column");
    for elsewhere in [
        "/takedown?column=ended",
        "/takedown?column=waiting&before=1",
        "/takedown?column=waiting&channel=none",
    ] {
        assert!(!nora.text(elsewhere).await.contains("href=\"/notice/1\""));
    }
    assert_eq!(nora.get("/takedown?column=no").await.status(), 400);

    let answer = nora
        .post("/takedown/calendar", &[])
        .await
        .text()
        .await
        .unwrap();
    let address = format!(
        "/calendar/{}.ics",
        answer
            .split("/calendar/")
            .nth(1)
            .unwrap()
            .split(".ics")
            .next()
            .unwrap()
    );
    let calendar = client()
        .get(format!("{}{address}", desk.base))
        .send()
        .await
        .unwrap();
    assert_eq!(
        calendar.headers()[CONTENT_TYPE],
        "text/calendar; charset=utf-8"
    );
    assert!(
        calendar
            .text()
            .await
            .unwrap()
            .contains("DTSTART;VALUE=DATE:20261109")
    );
    // A new address ends the one before.
    nora.post("/takedown/calendar", &[]).await;
    let old = client()
        .get(format!("{}{address}", desk.base))
        .send()
        .await
        .unwrap();
    assert_eq!(old.status(), 404);
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
