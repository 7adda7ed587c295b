//! The review page in a real Chromium, driven by keys.

mod axe;
mod by_provider;
mod hostile;
mod narrow;
mod replay;
mod speed;

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tokio::time::{interval, timeout};

use crate::desk::{Desk, PASSWORD};

/// The longest that anything on a page may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A ChromeDriver with every browser it started; both end with it.
struct Driver {
    child: Child,
    address: String,
}

impl Driver {
    fn start() -> Self {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| {
                panic!(
                    "cannot start chromedriver: {error}; install it with `apt-get install \
                     chromium chromium-driver` (tests/run does)"
                )
            });
        let out = BufReader::new(child.stdout.take().unwrap());
        let port = out
            .lines()
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once("successfully on port ")?.1.to_owned()))
            .expect("chromedriver ended without opening a port");
        let address = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
        Self { child, address }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-TERM", "--", &group]).status();
        let _ = self.child.wait();
    }
}

/// A browser window of somebody signed in.
struct Window {
    client: Client,
    base: String,
}

/// A fresh browser, which keeps what it loads in a folder.
async fn chromium(driver: &Driver, folder: &Path) -> Client {
    let profile = format!("--user-data-dir={}", folder.join("profile").display());
    let capabilities = json!({
        "goog:chromeOptions": {
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic",
                "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
                "--window-size=1280,900", profile,
            ],
            "prefs": { "download.default_directory": folder },
        },
    });
    let serde_json::Value::Object(capabilities) = capabilities else {
        unreachable!("it is written as an object");
    };
    ClientBuilder::new(HttpConnector::new())
        .capabilities(capabilities)
        .connect(&driver.address)
        .await
        .expect("Chromium did not start; install it with `apt-get install chromium`")
}

impl Window {
    async fn open(driver: &Driver, desk: &Desk, folder: &Path) -> Self {
        Self::open_as("mara", driver, desk, folder).await
    }

    async fn open_as(name: &str, driver: &Driver, desk: &Desk, folder: &Path) -> Self {
        let window = Self {
            client: chromium(driver, folder).await,
            base: desk.base.clone(),
        };
        window.go("/queue").await;
        window.write("input[name=name]", name).await;
        window.write("input[name=password]", PASSWORD).await;
        window.key("\u{e007}").await;
        window.see(".card").await;
        window
    }

    async fn go(&self, path: &str) {
        let address = format!("{}{path}", self.base);
        self.client.goto(&address).await.unwrap();
    }

    async fn write(&self, selector: &str, text: &str) {
        let field = self.client.find(Locator::Css(selector)).await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Presses a key wherever the focus is.
    async fn key(&self, key: &str) {
        let element = self.client.active_element().await.unwrap();
        element.send_keys(key).await.unwrap();
    }

    /// Waits until something is on the page.
    async fn see(&self, selector: &str) {
        let wait = self.client.wait().at_most(PATIENCE);
        wait.for_element(Locator::Css(selector))
            .await
            .unwrap_or_else(|error| panic!("{selector} did not appear: {error}"));
    }

    /// Waits for an element with these words; messages come and go, so looking
    /// and reading are one step.
    async fn says(&self, selector: &str, words: &str) {
        let script = "return [...document.querySelectorAll(arguments[0])]
            .some(e => e.textContent.includes(arguments[1]))";
        until(words, || async {
            let args = vec![selector.into(), words.into()];
            self.client.execute(script, args).await.unwrap() == true
        })
        .await;
    }

    async fn text(&self, selector: &str) -> String {
        let element = self.client.find(Locator::Css(selector)).await.unwrap();
        element.text().await.unwrap()
    }
}

/// Waits until something is so.
async fn until<F: Future<Output = bool>>(what: &str, is_so: impl Fn() -> F) {
    let waiting = async {
        let mut beat = interval(Duration::from_millis(20));
        while !is_so().await {
            beat.tick().await;
        }
    };
    timeout(PATIENCE, waiting)
        .await
        .unwrap_or_else(|_| panic!("waited in vain until {what}"));
}

#[tokio::test]
async fn a_night_is_cleared_by_keyboard_and_undone_and_its_packet_downloaded() {
    let desk = Desk::open().await;
    let case = desk.case;
    let second = desk.case_of_another_product("8001", 0.9).await;
    let folder = tempfile::tempdir().unwrap();
    let driver = Driver::start();
    let window = Window::open(&driver, &desk, folder.path()).await;
    let at = |case: i64| format!("#case-{case}.at");
    let state = |wanted: &'static str| {
        let desk = &desk;
        until(
            wanted,
            move || async move { desk.state(case).await == wanted },
        )
    };

    // The likeliest case has the keys; they move from card to card.
    window.see(&at(case)).await;
    window.key("j").await;
    window.see(&at(second)).await;
    window.key("k").await;
    window.see(&at(case)).await;

    // Rejected, the card leaves and the next one has the keys; undone, it is back.
    window.key("r").await;
    window.see(&at(second)).await;
    state("rejected").await;
    window.key("u").await;
    window.see(&at(case)).await;
    state("open").await;
    assert_eq!(window.text("#open-count").await, "2");

    window.key("c").await;
    window.see(&at(second)).await;
    state("confirmed").await;

    // What the server refuses comes back with the reason.
    let other = desk.person("adam").await;
    let path = format!("/case/{second}/decide");
    assert_eq!(other.fetch(&path, &[("action", "reject")]).await.0, 200);
    window.key("c").await;
    window.says(".toast.bad", "already rejected").await;
    window.see(&at(second)).await;

    window.go(&format!("/case/{case}?state=all")).await;
    window.key("x").await;
    let packet = folder.path().join(format!("case-{case}.zip"));
    until("the packet is downloaded", || async { packet.exists() }).await;
    assert!(markhound::packet::verify(&packet).unwrap().ok);

    window.client.close().await.unwrap();
    desk.close().await;
}

#[tokio::test]
async fn a_queue_is_cleared_card_by_card_without_a_mouse() {
    let desk = Desk::open().await;
    let case = desk.case;
    let alike = desk.another_case("8001", "Alike", 0.95).await;
    let mut others = Vec::new();
    for n in 0..6 {
        let score = 0.9 - f64::from(n) / 20.0;
        others.push(desk.case_of_another_product(&format!("p{n}"), score).await);
    }
    let folder = tempfile::tempdir().unwrap();
    let driver = Driver::start();
    let window = Window::open(&driver, &desk, folder.path()).await;
    let before = |case: i64| format!(".rcard[data-case=\"{case}\"]:not([hidden])");
    let is = |case: i64, wanted: &'static str| {
        let desk = &desk;
        until(
            wanted,
            move || async move { desk.state(case).await == wanted },
        )
    };
    window.key("t").await;
    window.see(&before(case)).await;

    // Ways of comparing, and the zoom; each is kept.
    for mode in ["flicker", "slider", "overlay", "side"] {
        window.key("v").await;
        window
            .see(&format!("{} .cmp[data-mode={mode}]", before(case)))
            .await;
    }
    window.key("z").await;
    window.see(&format!("{} .cmp.zoomed", before(case))).await;
    window.key("b").await;
    window.see("html.blurred").await;
    window.key("b").await;

    // The second of two alike is marked and gets a card of its own; the first is
    // confirmed as another kind, with a reason.
    window.key("]").await;
    window.key("]").await;
    window.see(&format!("[data-member=\"{alike}\"].at")).await;
    window
        .see(&format!("{} .cmp[data-case=\"{alike}\"]", before(case)))
        .await;
    window.key("m").await;
    window.see(&format!("[data-member=\"{alike}\"].out")).await;
    window.key("c").await;
    window.see("#why[open]").await;
    window.key("g").await;
    window.key("3").await;
    window.see(&before(others[0])).await;
    is(case, "confirmed").await;
    let decision = &desk.world.app.store.decisions_of(case).await.unwrap()[0];
    assert_eq!(decision.kind.as_deref(), Some("grey_market"));
    assert_eq!(
        decision.reason.as_deref(),
        Some("The price is too low for the genuine article")
    );
    assert_eq!(desk.state(alike).await, "open");

    // Rejected with one key; undone, the card is before her again.
    window.key("r").await;
    window.see(&before(others[1])).await;
    is(others[0], "rejected").await;
    window.key("u").await;
    window.see(&before(others[0])).await;
    is(others[0], "open").await;

    // A note, a skip and the way back.
    window.key("n").await;
    window.see("#noting[open]").await;
    window.key("Looks genuine").await;
    window.key("\u{e009}\u{e007}").await;
    window.says(".toast", "The note is kept.").await;
    window.key("s").await;
    window.see(&before(others[1])).await;
    window.key("k").await;
    window.see(&before(others[0])).await;

    // To somebody else: it is theirs now.
    window.key("a").await;
    window.see("#whom[open]").await;
    window.key("1").await;
    window.says(".toast", "Assigned to adam.").await;
    window.see(&before(others[1])).await;

    // Twice the same key confirms as scored. What the server refuses comes back.
    window.key("c").await;
    window.key("c").await;
    window.see(&before(others[2])).await;
    is(others[1], "confirmed").await;
    window.key("w").await;
    window.see(&before(others[3])).await;
    is(others[2], "watching").await;
    window.key("?").await;
    window.see("#help[open]").await;
    window.key("?").await;
    for (at, other) in others.iter().enumerate().skip(3) {
        window.see(&before(*other)).await;
        window.key("r").await;
        is(others[at], "rejected").await;
    }
    window.see(&before(alike)).await;
    window.key("r").await;
    window.see("#empty:not([hidden])").await;
    is(alike, "rejected").await;
    assert_eq!(desk.state(others[0]).await, "open", "adam's");
    window.client.close().await.unwrap();
    desk.close().await;
}

#[tokio::test]
async fn a_running_scan_moves_on_the_page_as_it_goes_on() {
    let desk = Desk::open().await;
    let folder = tempfile::tempdir().unwrap();
    let driver = Driver::start();
    let window = Window::open(&driver, &desk, folder.path()).await;
    let store = &desk.world.app.store;
    let scan = store.unfinished_scans().await.unwrap()[0].id;
    window.go("/scans").await;
    window
        .see("tr[data-scan-state=running] .chip.running")
        .await;
    store.finish_scan(scan, "done", None).await.unwrap();
    window.see("tr[data-scan-state=done] .chip.done").await;
    window.client.close().await.unwrap();
    desk.close().await;
}
