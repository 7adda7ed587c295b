//! Signing in by a provider that others wrote, as a program and in a real browser.
//!
//! `MARKHOUND_VALIDATORS` names the folder it was installed into; `tests/run` does that.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use markhound::accounts::Role;
use markhound::accounts::oidc;
use markhound::app::App;
use markhound::clock::Clock;
use markhound::config::Config;
use serde_json::json;
use tokio::net::TcpListener;

use super::{Browser, server};
use crate::desk::{Desk, client, location};
use crate::world::World;

/// Where the provider's program is; says that it is skipped where it is not there.
fn program() -> Option<PathBuf> {
    let folder = std::env::var_os("MARKHOUND_VALIDATORS");
    let program = folder.map(|folder| Path::new(&folder).join("oidc-provider-mock"));
    let program = program.filter(|program| program.is_file());
    if program.is_none() {
        eprintln!(
            "oidc-provider-mock: skipped, MARKHOUND_VALIDATORS has none; tests/run installs it"
        );
    }
    program
}

/// The provider of others, which ends with it.
pub struct Mock {
    child: Child,
    pub issuer: String,
}

impl Mock {
    pub fn start() -> Option<Self> {
        let mut child = Command::new(program()?)
            .args([
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--require-nonce",
                "true",
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        let issuer = loop {
            line.clear();
            assert_ne!(said.read_line(&mut line).unwrap(), 0, "it ended at once");
            if let Some((_, rest)) = line.split_once("running on ") {
                break rest.split_whitespace().next().unwrap().to_owned();
            }
        };
        // What it says further on must not fill the pipe.
        std::thread::spawn(move || said.read_to_end(&mut Vec::new()));
        Some(Self { child, issuer })
    }

    /// Says who somebody is.
    pub async fn knows(&self, subject: &str, claims: serde_json::Value) {
        let address = format!("{}/users/{subject}", self.issuer);
        let answer = client().put(address).json(&claims).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A page by the machine's clock, which the provider goes by too, at its own address.
pub async fn desk_with(mock: &Mock, more: &str) -> Desk {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut config = Config {
        server: server(&mock.issuer, more),
        ..Config::default()
    };
    config.server.public_url = Some(format!("http://{}", listener.local_addr().unwrap()));
    let data = dir.path().join("data");
    let app = App::open(config, &data, Clock::system());
    let mut world = World::over(app.await.unwrap());
    world.dir = dir;
    Desk::at(world, listener).await
}

/// It takes any secret, but none at all: here that of a variable that is there on every
/// machine.
const GROUPS: &str = "client_secret_env = \"PATH\"\ncreate = true\nrole_claim = \"groups\"\n\
    [server.oidc.roles]\nbrand-protection = \"approver\"\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_others_wrote_signs_somebody_in() {
    let Some(mock) = Mock::start() else { return };
    let desk = desk_with(&mock, GROUPS).await;
    let claims = json!({ "preferred_username": "pia", "groups": ["brand-protection", "all"] });
    mock.knows("5f1c", claims).await;
    let provider = oidc::Provider::of(&desk.world.app).unwrap();
    let examined = provider.examine().await.unwrap();
    assert!(
        examined.starts_with(&format!("{}, 1 key(s)", mock.issuer)),
        "{examined}"
    );

    let mut browser = Browser::default();
    let answer = browser.get(&desk, "/sign-in/oidc?next=/scans").await;
    let consent = client().post(location(&answer)).form(&[("sub", "5f1c")]);
    let consent = consent.send().await.unwrap();
    let back = location(&consent)
        .strip_prefix(&desk.base)
        .unwrap()
        .to_owned();
    let answer = browser.get(&desk, &back).await;
    assert_eq!(location(&answer), "/scans");
    assert_eq!(browser.get(&desk, "/scans").await.status(), 200);
    let pia = desk.world.app.store.user("pia").await.unwrap().unwrap();
    assert_eq!(pia.role(), Role::Approver);

    let mut declined = Browser::default();
    let answer = declined.get(&desk, "/sign-in/oidc").await;
    let deny = client().post(location(&answer)).form(&[("action", "deny")]);
    let deny = deny.send().await.unwrap();
    let back = location(&deny).strip_prefix(&desk.base).unwrap().to_owned();
    // It forgets the state where somebody declines.
    assert_eq!(declined.get(&desk, &back).await.status(), 400);
    assert!(declined.session().is_none());
    desk.close().await;
}
