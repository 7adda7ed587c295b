//! axe-core finds no violation of WCAG 2.2 AA: light and dark, on a phone, at
//! 200 % zoom.
//!
//! `MARKHOUND_AXE` names axe-core's script; `tests/run` fetches it. Without it this
//! is skipped.

use std::io::Write as _;

use axum::http::Method;
use fantoccini::Client;
use fantoccini::wd::WebDriverCompatibleCommand;
use markhound::review::{self, Action, Verdict};
use markhound::store::mails::MailboxDraft;
use markhound::takedown;
use serde_json::{Value, json};
use url::{ParseError, Url};

use super::{Driver, Window};
use crate::desk::Desk;
use crate::world::{World, attest, with_sender};

const RUN: &str = "
    const done = arguments[arguments.length - 1];
    axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
        .then((found) => done(found.violations.flatMap((one) => one.nodes.map((node) =>
            `${one.id}: ${node.target.join(' ')} (${node.failureSummary})`))))
        .catch((error) => done([String(error)]));";

/// A command of Chrome's own protocol, which ChromeDriver hands on.
#[derive(Debug)]
struct ChromeCommand {
    name: &'static str,
    params: Value,
}

impl WebDriverCompatibleCommand for ChromeCommand {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/goog/cdp/execute"))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = json!({ "cmd": self.name, "params": self.params });
        (Method::POST, Some(body.to_string()))
    }
}

pub(super) async fn chrome(client: &Client, name: &'static str, params: Value) {
    let command = ChromeCommand { name, params };
    client.issue_cmd(command).await.unwrap();
}

/// axe-core, or that it is not here.
pub(super) fn axe() -> Option<String> {
    let Some(script) = std::env::var_os("MARKHOUND_AXE") else {
        let told = b"axe-core: skipped, MARKHOUND_AXE is not set; tests/run fetches it\n";
        std::io::stderr().write_all(told).unwrap();
        return None;
    };
    Some(std::fs::read_to_string(&script).unwrap())
}

/// The barriers of pages in every look, and those that must be scrolled sideways.
pub(super) async fn barriers(window: &Window, axe: &str, paths: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for (look, scheme, width, scale) in [
        ("light", "light", 1280, 1.0),
        ("dark", "dark", 1280, 1.0),
        ("phone", "light", 390, 1.0),
        // 200 % of a window of 1280 pixels leaves 640.
        ("zoom", "dark", 640, 2.0),
    ] {
        let media = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        chrome(&window.client, "Emulation.setEmulatedMedia", media).await;
        let size =
            json!({ "width": width, "height": 900, "deviceScaleFactor": scale, "mobile": false });
        chrome(&window.client, "Emulation.setDeviceMetricsOverride", size).await;
        for path in paths {
            window.go(path).await;
            if path == "/review" {
                window.see(".rcard:not([hidden])").await;
            }
            window.client.execute(axe, Vec::new()).await.unwrap();
            let barriers = window.client.execute_async(RUN, Vec::new()).await.unwrap();
            for barrier in barriers.as_array().unwrap() {
                found.push(format!("{look} {path}: {}", barrier.as_str().unwrap()));
            }
            let wide = "return document.documentElement.scrollWidth > innerWidth + 1";
            if window.client.execute(wide, Vec::new()).await.unwrap() == true {
                found.push(format!("{look} {path}: must be scrolled sideways"));
            }
        }
    }
    found
}

#[tokio::test]
async fn no_page_of_the_review_has_a_barrier_that_axe_finds() {
    let Some(axe) = axe() else { return };
    let desk = Desk::open().await;
    desk.another_case("8001", "Alike", 0.95).await;
    desk.case_of_another_product("9001", 0.8).await;
    let mara = desk.person("mara").await;
    let words = [("cases", &*desk.case.to_string()), ("text", "A note")];
    mara.fetch("/note", &words).await;
    let saved = [("name", "Dear ones"), ("query", "min=50")];
    mara.post("/queue/saved", &saved).await;
    let mailed = MailboxDraft {
        address: "adam@agency.example".to_owned(),
        events: vec!["case.new".to_owned()],
        min_probability: 0.5,
        pace: "daily".to_owned(),
    };
    let store = &desk.world.app.store;
    store.add_mailbox("adam", "adam", &mailed).await.unwrap();
    markhound::notify::collect(&desk.world.app).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let driver = Driver::start();
    let window = Window::open_as("adam", &driver, &desk, folder.path()).await;
    let paths = [
        "/account/mail".to_owned(),
        "/webhooks".to_owned(),
        "/dashboard".to_owned(),
        "/dashboard?brand=Nobody".to_owned(),
        "/sellers".to_owned(),
        "/sellers?q=nobody".to_owned(),
        "/seller?source=kaufwinkel&name=moebel_%3Cb%3E4you%3C%2Fb%3E".to_owned(),
        "/sources".to_owned(),
        "/scans".to_owned(),
        "/scans/1".to_owned(),
        "/catalog".to_owned(),
        "/catalog/OST-FJ210".to_owned(),
        "/product/OST-FJ210/edit".to_owned(),
        "/product/OST-FJ210/remove".to_owned(),
        "/audit".to_owned(),
        "/queue".to_owned(),
        "/queue?min=50".to_owned(),
        "/queue?brand=Nobody".to_owned(),
        format!("/case/{}", desk.case),
        "/review".to_owned(),
        "/settings".to_owned(),
        "/keys".to_owned(),
    ];
    let found = barriers(&window, &axe, &paths).await;
    assert!(found.is_empty(), "{}", found.join("\n"));
    window.client.close().await.unwrap();
    desk.close().await;
}

#[tokio::test]
async fn no_page_of_takedowns_has_a_barrier_that_axe_finds() {
    let Some(axe) = axe() else { return };
    let mut world = World::new().await;
    with_sender(&mut world);
    let signs = ("mara".to_owned(), "Mara Lind".to_owned());
    world.app.config.notices.people.insert(signs.0, signs.1);
    let desk = Desk::over(world).await;
    let other = desk.another_case("8001", "Alike", 0.95).await;
    desk.case_of_another_product("9001", 0.8).await;
    let store = &desk.world.app.store;
    let verdict = Verdict {
        action: Action::Confirm,
        kind: Some("copied_photo".to_owned()),
        reason: None,
    };
    review::decide(store, "anna", &[desk.case, other], &verdict)
        .await
        .unwrap();
    let app = &desk.world.app;
    let draft = takedown::draft(app, "anna", desk.case, None).await.unwrap();
    let sent = takedown::draft(app, "anna", other, None).await.unwrap();
    attest(app, sent.id).await.unwrap();
    for (to, note) in [
        ("submitted", "number 4711"),
        ("counter_notice", "by letter"),
    ] {
        desk.world.hands.forward(60);
        takedown::record(app, "anna", sent.id, to, Some(note), None)
            .await
            .unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let driver = Driver::start();
    let window = Window::open(&driver, &desk, folder.path()).await;
    let paths = [
        "/takedown".to_owned(),
        "/takedown?channel=nothing".to_owned(),
        format!("/notice/{}", draft.id),
        format!("/notice/{}/attest", draft.id),
        format!("/notice/{}/attest?form=pdf", draft.id),
        format!("/notice/{}", sent.id),
        format!("/case/{}?state=all", other),
    ];
    let found = barriers(&window, &axe, &paths).await;
    assert!(found.is_empty(), "{}", found.join("\n"));
    window.client.close().await.unwrap();
    desk.close().await;
}
