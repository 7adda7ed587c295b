//! Signing in by an OpenID provider.

mod attacks;
pub mod others;
mod people;
mod provider;

use std::collections::BTreeMap;

use markhound::config::{Config, Oidc};
use reqwest::Response;
use reqwest::header::{COOKIE, SET_COOKIE};
use serde_json::Value;

use self::provider::Provider;
use crate::desk::{Desk, client, location};
use crate::world::World;

/// A browser with its cookies, which follows no redirect by itself.
#[derive(Default, Clone)]
struct Browser {
    cookies: BTreeMap<String, String>,
}

impl Browser {
    async fn get(&mut self, desk: &Desk, path: &str) -> Response {
        let request = client().get(format!("{}{path}", desk.base));
        self.send(request).await
    }

    async fn post(&mut self, desk: &Desk, path: &str, fields: &[(&str, &str)]) -> Response {
        let request = client().post(format!("{}{path}", desk.base)).form(fields);
        self.send(request).await
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> Response {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(k, v)| format!("{k}={v}"))
            .collect();
        let answer = request.header(COOKIE, cookies.join("; ")).send();
        let answer = answer.await.unwrap();
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            match value {
                "" => self.cookies.remove(name),
                value => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        answer
    }

    fn session(&self) -> Option<&String> {
        self.cookies.get("markhound")
    }
}

/// A review page with a provider beside it.
struct House {
    desk: Desk,
    provider: Provider,
}

impl House {
    /// With what `[server.oidc]` says besides issuer and client.
    async fn open(more: &str) -> Self {
        Self::over(World::new().await, more).await
    }

    async fn over(mut world: World, more: &str) -> Self {
        let provider = Provider::open(&world.hands).await;
        world.app.config.server = server(&provider.issuer, more);
        world.app.config.fetch.limits.request_seconds = 2.0;
        Self {
            desk: Desk::over(world).await,
            provider,
        }
    }

    /// Goes to the provider and consents there as `subject`; gives the way back.
    async fn go(&self, browser: &mut Browser, subject: &str) -> String {
        let answer = browser.get(&self.desk, "/sign-in/oidc?next=/scans").await;
        assert_eq!(answer.status(), 303);
        self.provider.consent(location(&answer), subject)
    }

    /// Signs in as `subject`, or tries to.
    async fn sign_in(&self, browser: &mut Browser, subject: &str) -> Response {
        let back = self.go(browser, subject).await;
        browser.get(&self.desk, &back).await
    }

    /// Signs in in a fresh browser; the status and the page.
    async fn try_in(&self, subject: &str) -> (u16, String) {
        let mut browser = Browser::default();
        let answer = self.sign_in(&mut browser, subject).await;
        let status = answer.status().as_u16();
        assert_eq!(status == 303, browser.session().is_some());
        (status, answer.text().await.unwrap())
    }

    /// What was last written down under an action.
    async fn logged(&self, action: &str) -> (String, Value) {
        let events = self
            .desk
            .world
            .app
            .store
            .audit_page(None, 50)
            .await
            .unwrap();
        let found = events.into_iter().find(|event| event.action == action);
        let found = found.unwrap_or_else(|| panic!("no {action} is in the log"));
        (found.subject, found.detail.0)
    }

    fn says(&self, claims: Value) {
        self.provider.set(|play| play.claims = claims);
    }
}

fn server(issuer: &str, more: &str) -> markhound::config::Server {
    let (before, more) = match more.split_once("[server]\n") {
        Some((more, before)) => (before, more),
        None => ("", more),
    };
    let text = format!(
        "[server]\npublic_url = \"https://markhound.example\"\n{before}[server.oidc]\n\
         issuer = \"{issuer}\"\nclient_id = \"markhound\"\n{more}"
    );
    let config = Config::parse(&text, std::path::Path::new("markhound.toml")).unwrap();
    let _: &Oidc = config.server.oidc.as_ref().unwrap();
    config.server
}
