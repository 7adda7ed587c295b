//! No page must be scrolled sideways on the narrowest phone; wide tables scroll inside
//! their own boxes.

use fantoccini::Client;
use serde_json::{Value, json};

use markhound::review::{self, Action, Verdict};
use markhound::takedown;

use super::axe::chrome;
use super::{Driver, Window};
use crate::desk::Desk;
use crate::world::{World, attest, with_sender};

/// The narrowest width that pages are made for, in CSS pixels (WCAG 2.2, 1.4.10).
const NARROW: i64 = 320;

/// By how much the page is wider than the window, and what sticks out: the first elements
/// that reach over its edge and lie in no box that scrolls.
const WIDE: &str = "
    const edge = document.documentElement.clientWidth;
    const over = document.documentElement.scrollWidth - edge;
    if (over <= 0) return null;
    const boxed = (e) => { for (let p = e.parentElement; p; p = p.parentElement)
        if (getComputedStyle(p).overflowX !== 'visible') return true; return false; };
    const out = [...document.body.querySelectorAll('*')]
        .filter((e) => e.getBoundingClientRect().right > edge + 0.5 && !boxed(e));
    const name = (e) => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '')
        + [...e.classList].map((c) => '.' + c).join('');
    return `${over} px: ` + out.slice(0, 6).map(name).join(', ');";

async fn too_wide(client: &Client) -> Option<String> {
    let found = client.execute(WIDE, Vec::new()).await.unwrap();
    found.as_str().map(str::to_owned)
}

#[tokio::test]
async fn no_page_is_scrolled_sideways_at_320_pixels() {
    let mut world = World::new().await;
    with_sender(&mut world);
    let desk = Desk::over(world).await;
    let alike = desk.another_case("8001", "Alike", 0.95).await;
    desk.case_of_another_product("9001", 0.8).await;
    let long = "Unzertrennlichlangesw\u{f6}rterbuchkompositum".repeat(4);
    let hostile = desk.hostile_case("9002", &long).await;
    let app = &desk.world.app;
    let verdict = Verdict {
        action: Action::Confirm,
        kind: Some("copied_photo".to_owned()),
        reason: None,
    };
    review::decide(&app.store, "anna", &[alike], &verdict)
        .await
        .unwrap();
    let notice = takedown::draft(app, "anna", alike, None).await.unwrap().id;
    attest(app, notice).await.unwrap();

    let folder = tempfile::tempdir().unwrap();
    let driver = Driver::start();
    let window = Window::open_as("adam", &driver, &desk, folder.path()).await;
    let size = json!({ "width": NARROW, "height": 700, "deviceScaleFactor": 1, "mobile": false });
    chrome(&window.client, "Emulation.setDeviceMetricsOverride", size).await;
    // As on a phone: a bar that lies over the page takes no room from it.
    let hidden = json!({ "hidden": true });
    chrome(&window.client, "Emulation.setScrollbarsHidden", hidden).await;
    let mut wide = Vec::new();
    for path in [
        "/queue".to_owned(),
        "/queue?state=all".to_owned(),
        "/queue?brand=Nobody".to_owned(),
        "/review".to_owned(),
        format!("/case/{}", desk.case),
        format!("/case/{hostile}"),
        format!("/case/{alike}?state=all"),
        "/takedown".to_owned(),
        format!("/notice/{notice}"),
        format!("/notice/{notice}/attest"),
        "/scans".to_owned(),
        "/scans/1".to_owned(),
        "/sources".to_owned(),
        "/catalog".to_owned(),
        "/catalog/OST-FJ210".to_owned(),
        "/product/new".to_owned(),
        "/product/OST-FJ210/edit".to_owned(),
        "/product/OST-FJ210/remove".to_owned(),
        "/find".to_owned(),
        "/find?q=chair".to_owned(),
        "/dashboard".to_owned(),
        "/sellers".to_owned(),
        "/seller?source=kaufwinkel&name=moebel_%3Cb%3E4you%3C%2Fb%3E".to_owned(),
        "/audit".to_owned(),
        "/learning".to_owned(),
        "/settings".to_owned(),
        "/keys".to_owned(),
        "/account".to_owned(),
        "/account/mail".to_owned(),
        "/account/second-factor".to_owned(),
        "/users".to_owned(),
        "/webhooks".to_owned(),
        "/nothing-is-here".to_owned(),
    ] {
        window.go(&path).await;
        if path == "/review" {
            window.see(".rcard:not([hidden])").await;
        }
        if let Some(what) = too_wide(&window.client).await {
            wide.push(format!("{path}: {what}"));
        }
    }
    let measured = "return innerWidth";
    let width = window.client.execute(measured, Vec::new()).await.unwrap();
    assert_eq!(
        width,
        Value::from(NARROW),
        "what was looked at is that narrow"
    );
    window.client.delete_all_cookies().await.unwrap();
    window.go("/sign-in").await;
    wide.extend(
        too_wide(&window.client)
            .await
            .map(|what| format!("/sign-in: {what}")),
    );
    assert!(wide.is_empty(), "{}", wide.join("\n"));
    window.client.close().await.unwrap();
    desk.close().await;
}
