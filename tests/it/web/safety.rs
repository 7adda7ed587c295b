//! What hostile sellers, sites and addresses get.

use std::io::Cursor;

use markhound::web::ROUTES;
use reqwest::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};

use super::pages;
use crate::desk::Desk;
use crate::world::{World, product, reference, with_sender};

/// A route's path with names of things that are there.
fn filled(path: &str, case: i64) -> String {
    let hash = "ab".repeat(32);
    path.replace("{id}", &case.to_string())
        .replace("{sku}", "OST-FJ210")
        .replace("{hash}", &hash)
        .replace("{file}", "x.ics")
        .replace(
            "{name}",
            if path.starts_with("/users") {
                "mara"
            } else {
                "kaufwinkel"
            },
        )
}

/// Paths of the routes that answer to a method.
fn routes(method: &str) -> Vec<&'static str> {
    ROUTES
        .iter()
        .filter(|(_, methods)| methods.contains(&method))
        .map(|(path, _)| *path)
        .collect()
}

#[tokio::test]
async fn a_post_without_the_sessions_token_or_from_another_site_is_refused() {
    let desk = Desk::open().await;
    let adam = desk.person("adam").await;
    let case = desk.case;
    let posts = routes("post");
    assert!(posts.len() > 30, "{}", posts.len());
    for route in posts {
        let path = filled(route, case);
        let fields = [("action", "confirm")];
        let right = [("action", "confirm"), ("csrf", &*adam.csrf)];
        for (header, from) in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
        ] {
            let answer = adam.bare_post(&path, &right).header(header, from);
            assert_eq!(answer.send().await.unwrap().status(), 403, "{path}");
        }
        // Nobody is signed in yet, and a form with files is read otherwise.
        if matches!(route, "/sign-in" | "/sign-in/code" | "/find") || route.starts_with("/api/") {
            continue;
        }
        let answer = adam.bare_post(&path, &fields).send().await.unwrap();
        assert_eq!(answer.status(), 403, "{path}");
        let wrong = [("action", "confirm"), ("csrf", &*"0".repeat(64))];
        let answer = adam.bare_post(&path, &wrong).send().await.unwrap();
        assert_eq!(answer.status(), 403, "{path}");
    }
    assert_eq!(desk.state(case).await, "open");
    desk.close().await;
}

#[tokio::test]
async fn no_page_can_be_put_into_a_frame_of_another_or_run_what_it_did_not_come_with() {
    let desk = Desk::open().await;
    let adam = desk.person("adam").await;
    for route in routes("get") {
        let path = filled(route, desk.case);
        let answer = adam.get(&path).await;
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        let policy = header("content-security-policy");
        for rule in [
            "frame-ancestors 'none'",
            "default-src 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe-"), "{path}: {policy}");
    }
    desk.close().await;
}

#[tokio::test]
async fn what_sellers_write_is_text_in_notices_too() {
    let mut world = World::new().await;
    with_sender(&mut world);
    let people = &mut world.app.config.notices.people;
    people.insert("nora".to_owned(), "Mara Berg".to_owned());
    let desk = Desk::over(world).await;
    let hostile = "</pre><script>alert(1)</script>{{signature}} <img src=x onerror=alert(1)>";
    desk.another_case("x", hostile, 0.8).await;
    let nora = desk.person("nora").await;
    for case in [1, 2] {
        nora.post(&format!("/case/{case}/decide"), &[("action", "confirm")])
            .await;
    }
    let draft = [("channel", "marketplace"), ("right_kind", "trademark")];
    nora.post("/case/2/notice", &draft).await;
    for path in [
        "/notice/1",
        "/notice/1/attest?form=text",
        "/notice/1/attest?form=csv",
        "/notice/1/attest?form=%3Cscript%3Ealert",
        "/takedown",
        "/case/2",
    ] {
        let page = nora.text(path).await;
        assert!(page.contains("Notice") || page.contains("notice"), "{path}");
        for raw in ["<script>alert", "<img src=x", "</pre><script"] {
            assert!(!page.contains(raw), "{path} contains {raw}");
        }
    }
    let page = nora.text("/notice/1/attest?form=text").await;
    assert!(
        page.contains("{{signature}}"),
        "a title is not read as a template"
    );
    let vera = desk.person("vera").await;
    for path in ["/notice/1/attest", "/notice/1/send", "/notice/1/record"] {
        assert_eq!(vera.post(path, &[]).await.status(), 403, "{path}");
    }
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

/// Openings, payloads and endings that get out of text, attributes, scripts,
/// addresses and templates, each with each.
pub fn hostile() -> Vec<String> {
    let openings = ["", "\">", "'>", "</title>", "</textarea>", "-->", "`\u{0}"];
    let payloads = [
        "<script>alert(1)</script>",
        "<ScRiPt\t/src=//evil.example>",
        "<img/src=x/onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<iframe srcdoc='<script>alert(1)</script>'>",
        "<a href=javascript:alert(1)>x</a>",
        "<style>@import'//evil.example'</style>",
        "<base href=//evil.example/>",
        "<meta http-equiv=refresh content=0>",
        "<object data=//evil.example>",
        "\" onfocus=alert(1) autofocus x=\"",
        "' onmouseover='alert(1)",
        "{{7*7}}{%raw%}<%=7*7%>${7*7}",
        "<details open ontoggle=alert(1)>",
        "<math><mtext><style><img src=x>",
    ];
    let endings = ["", "\u{202e}", "<!--"];
    let mut all = Vec::new();
    for opening in openings {
        for payload in payloads {
            for ending in endings {
                all.push(format!("{opening}{payload}{ending}"));
            }
        }
    }
    all
}

#[tokio::test]
async fn three_hundred_hostile_titles_sellers_and_notes_stay_text_on_cards() {
    let desk = Desk::open().await;
    let hostile = hostile();
    assert!(hostile.len() >= 300);
    let mut cases = Vec::new();
    // On a card of two hundred, and on one of the rest.
    for (n, text) in hostile.iter().enumerate() {
        cases.push(desk.hostile_case(&n.to_string(), text).await);
    }
    let mara = desk.person("mara").await;
    let some = cases[cases.len() / 2].to_string();
    for text in hostile.iter().step_by(40) {
        let note = [("cases", &*some), ("text", &**text)];
        assert_eq!(mara.fetch("/note", &note).await.0, 200);
    }
    let mut pages = vec![
        mara.text("/queue").await,
        mara.text(&format!("/case/{some}")).await,
        mara.post("/review/next", &[("want", "4")])
            .await
            .text()
            .await
            .unwrap(),
        mara.post("/review/card", &[("case", &some)])
            .await
            .text()
            .await
            .unwrap(),
    ];
    // The catalog's own words and file names come from files of others, too.
    let store = &desk.world.app.store;
    for (n, text) in hostile.iter().step_by(7).enumerate() {
        let mut draft = product(&format!("H-{n}"));
        draft.name = text.replace('\0', "");
        draft.brand = format!("Brand {}", draft.name);
        let mut photo = reference(&format!("{n:064x}"));
        photo.file_name.clone_from(&draft.name);
        store
            .save_product(&draft.name, &draft, &[photo])
            .await
            .unwrap();
    }
    let seller = &hostile[hostile.len() / 2];
    let seller: String = url::form_urlencoded::byte_serialize(seller.as_bytes()).collect();
    for path in [
        "/dashboard".to_owned(),
        "/dashboard?days=all&sort=x".to_owned(),
        "/sellers".to_owned(),
        "/sellers?sort=latest".to_owned(),
        format!("/seller?source=kaufwinkel&name={seller}"),
        format!("/sellers?q={seller}"),
        format!("/dashboard?brand={seller}&source={seller}&from={seller}"),
        format!("/scans?source={seller}&state={seller}"),
        format!("/catalog?q={seller}&brand={seller}"),
        format!("/audit?actor={seller}&subject={seller}"),
        "/catalog".to_owned(),
        "/catalog?sort=changed".to_owned(),
        "/catalog/H-3".to_owned(),
        "/sources".to_owned(),
        "/scans".to_owned(),
        "/audit".to_owned(),
        "/settings".to_owned(),
        "/takedown".to_owned(),
        "/find?q=script".to_owned(),
    ] {
        pages.push(mara.text(&path).await);
    }
    let adam = desk.person("adam").await;
    for n in [1, 9, 30] {
        pages.push(adam.text(&format!("/product/H-{n}/edit")).await);
        pages.push(adam.text(&format!("/catalog/H-{n}")).await);
    }
    pages.push(
        mara.text(&format!("/queue?q={}", "%22%3E%3Cscript%3E"))
            .await,
    );
    assert!(pages[2].matches("data-member=").count() >= 200);
    for page in &pages {
        let page = page.to_lowercase();
        for raw in [
            "<script>",
            "<script\t",
            "<img/",
            "<svg/",
            "<iframe",
            "<a href=javascript",
            "<style",
            "<base",
            "<object",
            "\" onfocus",
            "' onmouseover='",
            "<details open ontoggle",
            "<math",
        ] {
            assert!(!page.contains(raw), "{raw} is on a page");
        }
    }
    desk.close().await;
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_keep_a_browser_safe() {
    let desk = Desk::open().await;
    let mara = desk.person("mara").await;
    let mut paths = pages(desk.case);
    paths.extend(
        [
            "/review",
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
    let large = desk.another_case("8001", "Large", 0.9).await;
    let row = store.case(large).await.unwrap();
    let blob = row.picture_blob.unwrap();
    let path = format!("/picture/{blob}?w=320");
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
    assert_ne!(&bytes[..], desk.world.app.blobs.get(&blob).unwrap());
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
