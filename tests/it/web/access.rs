//! Who may see and do what: every route of the page, walked by somebody who may not
//! see the brand of what they ask for. The list of routes is the router's own, so a
//! route that nobody thought about fails here.

use axum::http::StatusCode;
use markhound::accounts::Role;
use markhound::accounts::token::{self, Scope};
use markhound::app::App;
use markhound::config::Config;
use markhound::review::{self, Action, Verdict};
use markhound::store::mails::MailboxDraft;
use markhound::store::users::UserChange;
use markhound::takedown::{self, DraftOptions};
use markhound::web::ROUTES;
use reqwest::Response;
use serde_json::{Value, json};

use crate::desk::{Desk, Person};
use crate::store::{Db, on_postgres, on_sqlite};
use crate::world::{World, attest, product, with_sender};

/// What is seen of the hidden brand nowhere.
const MARKS: [&str; 6] = [
    "OST-FJ210",
    "Fjordal",
    "Ostrelund",
    "item/7001",
    "a note about armchairs",
    "Queue of armchairs",
];

/// What a route answers to somebody who asks for something of another brand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answers {
    /// As for what is not there.
    Absent,
    /// Without anything of the brand.
    Clean,
    /// Not to them, whatever they ask for.
    Never,
    /// An endless stream: what begins it is clean.
    Stream,
}

fn answers(method: &str, path: &str) -> Answers {
    use Answers::{Absent, Clean, Never, Stream};
    match (method, path) {
        ("get", "/case/{id}" | "/queue/card/{id}" | "/review/compare/{id}")
        | ("post", "/case/{id}/known" | "/case/{id}/decide" | "/case/{id}/undo")
        | ("post", "/case/{id}/packet" | "/case/{id}/notice")
        | ("post", "/decide" | "/note" | "/assign" | "/undo" | "/review/card")
        | ("get", "/notice/{id}" | "/notice/{id}/attest" | "/notice/{id}/file")
        | ("post", "/notice/{id}/attest" | "/notice/{id}/send" | "/notice/{id}/record")
        | ("get", "/catalog/{sku}" | "/picture/{hash}" | "/product/{sku}/edit")
        | ("post", "/product/{sku}/edit" | "/product/{sku}/undo" | "/product/{sku}/matching")
        | ("get" | "post", "/product/{sku}/remove")
        | ("post", "/product/{sku}/restore")
        | ("post", "/product/{sku}/photos" | "/product/{sku}/photos/remove")
        | ("post", "/users/{name}" | "/users/{name}/password" | "/users/{name}/sign-out")
        | ("post", "/sessions/{hash}/end") => Absent,
        ("get", "/dashboard" | "/sellers" | "/seller" | "/export/{file}" | "/product/new")
        | ("post", "/product/new" | "/sources/{name}/run")
        | ("get", "/" | "/queue" | "/queue.csv" | "/review" | "/settings" | "/keys")
        | ("get", "/takedown" | "/calendar/{file}" | "/scans" | "/scans/{id}" | "/catalog")
        | ("get", "/find" | "/sources" | "/audit" | "/learning" | "/account" | "/users")
        // No provider is named there: as for what is not there.
        | ("get", "/sign-in/oidc" | "/sign-in/oidc/back")
        | ("get", "/sign-in" | "/static/{name}" | "/favicon.ico" | "/healthz")
        | ("post", "/queue/saved" | "/queue/saved/{id}/drop" | "/review/next" | "/find")
        | ("post", "/review/keep" | "/review/leave" | "/settings" | "/keys" | "/look")
        | ("post", "/takedown/calendar" | "/sources/{name}/enabled" | "/users")
        | ("post", "/sessions/end-others" | "/sign-in") => Clean,
        // Last of all, for it ends the session.
        ("post", "/sign-out") => Clean,
        // What programs ask for.
        ("get", "/api/v1/cases/{id}" | "/api/v1/products/{sku}" | "/api/v1/listings/{id}")
        | ("get", "/api/v1/notices/{id}" | "/api/v1/notices/{id}/file")
        | ("put", "/api/v1/products/{sku}")
        | ("get", "/api/v1/products/{sku}/history" | "/api/v1/pictures/{hash}")
        | ("post", "/api/v1/products/{sku}/undo" | "/api/v1/products/{sku}/photos")
        | ("patch" | "delete", "/api/v1/products/{sku}/photos/{hash}")
        | ("delete", "/api/v1/products/{sku}")
        | ("post", "/api/v1/products/{sku}/restore")
        | ("delete", "/api/v1/queues/{id}")
        | ("post", "/api/v1/cases/{id}/known" | "/api/v1/cases/{id}/packet")
        | ("post", "/api/v1/cases/{id}/decisions" | "/api/v1/cases/{id}/undo")
        | ("post", "/api/v1/cases/{id}/notes" | "/api/v1/cases/{id}/notices")
        | ("put", "/api/v1/cases/{id}/assignee")
        | ("post", "/api/v1/notices/{id}/steps" | "/api/v1/decisions" | "/api/v1/undo")
        | ("patch", "/api/v1/users/{name}") => Absent,
        ("get", "/api/v1/openapi.json" | "/api/v1/docs" | "/api/v1/me" | "/api/v1/cards")
        | ("get", "/api/v1/cases" | "/api/v1/products" | "/api/v1/listings")
        | ("get", "/api/v1/sources" | "/api/v1/scans" | "/api/v1/scans/{id}")
        | ("get", "/api/v1/notices" | "/api/v1/audit" | "/api/v1/users")
        | ("get", "/api/v1/sellers" | "/api/v1/seller" | "/api/v1/queues" | "/api/v1/rules")
        | ("get", "/api/v1/learning" | "/api/v1/deadlines")
        | ("post", "/api/v1/queues" | "/api/v1/find" | "/api/v1/sources/{name}/runs")
        | ("post", "/api/v1/claims" | "/api/v1/claims/end")
        | ("put", "/api/v1/claims" | "/api/v1/rules")
        | ("patch", "/api/v1/sources/{name}") => Clean,
        ("post", "/api/v1/learning/fits" | "/api/v1/learning/adoptions")
        | ("post", "/api/v1/learning/undo" | "/api/v1/webhooks")
        | ("post", "/api/v1/messages/{id}/replay")
        | ("get", "/api/v1/webhooks" | "/api/v1/messages")
        | ("delete", "/api/v1/webhooks/{id}") => Never,
        // One's own account: nothing of anybody else's can be named.
        ("get", "/account/second-factor" | "/sign-in/code")
        | ("post", "/account/second-factor/begin" | "/account/second-factor/confirm")
        | ("post", "/account/second-factor/codes" | "/account/second-factor/off")
        | ("post", "/account/tokens" | "/sign-in/code") => Clean,
        ("get" | "post", "/account/mail" | "/api/v1/mail") => Clean,
        ("post", "/account/tokens/{id}/revoke" | "/account/mail/{id}/remove")
        | ("post", "/account/mail/{id}/test" | "/api/v1/mail/{id}/test")
        | ("delete", "/api/v1/mail/{id}") => Absent,
        ("get", "/webhooks")
        | ("post", "/webhooks" | "/webhooks/{id}/remove" | "/deliveries/{id}/replay") => Never,
        ("post", "/settings/sign-in" | "/users/{name}/second-factor/reset") => Never,
        ("post", "/users/{name}/identity/unbind") => Never,
        ("post", "/learning/fit" | "/learning/adopt" | "/learning/undo") => Never,
        ("get", "/scans/events") => Stream,
        _ => panic!("say here what {method} {path} answers to somebody of another brand"),
    }
}

/// A page with things of two brands, and otto, who sees one of them.
struct Divided {
    desk: Desk,
    /// Of the brand that otto may not see.
    hidden: Hidden,
    /// A case of the brand that he may.
    own: i64,
    /// A token of his for everything.
    otto: String,
}

/// A token for somebody: its number, and what opens the API.
pub async fn issue(desk: &Desk, name: &str, scopes: &[Scope]) -> (i64, String) {
    let app = &desk.world.app;
    let user = app.store.user(name).await.unwrap().unwrap();
    token::issue(app, "test", &user, "a test", scopes, 30)
        .await
        .unwrap()
}

struct Hidden {
    case: i64,
    /// Rejected by otto, when he still might.
    rejected: i64,
    notice: i64,
    blob: String,
    saved: i64,
    session: String,
    listing: i64,
    token: i64,
    mailbox: i64,
}

async fn divided(db: &Db) -> Divided {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let opened = App::open(Config::default(), &data, db.hands.clock()).await;
    let app = App {
        store: db.store.clone(),
        ..opened.unwrap()
    };
    let mut world = World {
        app,
        hands: db.hands.clone(),
        dir,
    };
    with_sender(&mut world);
    let desk = Desk::over(world).await;
    let store = &desk.world.app.store;
    let mut other = product("VEL-1");
    other.brand = "Velora".to_owned();
    other.name = "Weekend bag".to_owned();
    other.model_numbers.clear();
    store.save_product("test", &other, &[]).await.unwrap();
    let other = store.product("VEL-1").await.unwrap().id;
    let own = desk.case_of(other, "9001", "A bag like that", 0.9).await;
    let rejected = desk.another_case("8001", "Second Fjordal", 0.8).await;

    desk.user("otto", "manager").await;
    let verdict = |action| Verdict {
        action,
        kind: None,
        reason: None,
    };
    let by = |who: &'static str, case, action| async move {
        let verdict = verdict(action);
        review::decide(store, who, &[case], &verdict).await.unwrap();
    };
    by("otto", rejected, Action::Reject).await;
    by("adam", desk.case, Action::Confirm).await;
    let options = DraftOptions {
        channel: Some("marketplace".to_owned()),
        ..DraftOptions::default()
    };
    let app = &desk.world.app;
    takedown::draft_many(app, "adam", &[desk.case], &options)
        .await
        .unwrap();
    let notice = store.notices(None, 1).await.unwrap()[0].id;
    attest(app, notice).await.unwrap();
    store
        .note("adam", &[desk.case], "a note about armchairs")
        .await
        .unwrap();
    store
        .save_filter("adam", "Queue of armchairs", "brand=Ostrelund")
        .await
        .unwrap();
    let change = UserChange {
        brands: Some(vec!["Velora".to_owned()]),
        ..UserChange::default()
    };
    store.change_user("adam", "otto", &change).await.unwrap();
    // Somebody of the other brand, whom otto has nothing to do with.
    desk.user("olga", "viewer").await;
    let change = UserChange {
        brands: Some(vec!["Ostrelund".to_owned()]),
        ..UserChange::default()
    };
    store.change_user("adam", "olga", &change).await.unwrap();
    desk.person("olga").await;
    let session = store.sessions(Some("olga")).await.unwrap()[0]
        .token_hash
        .clone();
    let mailed = MailboxDraft {
        address: "olga@agency.example".to_owned(),
        events: vec!["case.new".to_owned()],
        min_probability: 0.0,
        pace: "instant".to_owned(),
    };
    let mailbox = store.add_mailbox("adam", "olga", &mailed).await.unwrap();
    let hidden = Hidden {
        mailbox,
        case: desk.case,
        rejected,
        notice,
        blob: store.case(desk.case).await.unwrap().reference_blob.unwrap(),
        saved: store.saved_filters().await.unwrap()[0].id,
        session,
        listing: store.case(desk.case).await.unwrap().listing_id,
        token: issue(&desk, "olga", &[Scope::Read]).await.0,
    };
    let otto = issue(&desk, "otto", &Scope::ALL).await.1;
    Divided {
        desk,
        hidden,
        own,
        otto,
    }
}

impl Divided {
    /// A route's path with something of the hidden brand in it, or with what is not
    /// there.
    fn filled(&self, path: &str, there: bool) -> String {
        let of = &self.hidden;
        let missing = "999999".to_owned();
        let id = match path {
            _ if !there => missing.clone(),
            path if path.starts_with("/notice/") => of.notice.to_string(),
            path if path.starts_with("/api/v1/notices/") => of.notice.to_string(),
            path if path.starts_with("/api/v1/listings/") => of.listing.to_string(),
            path if path.starts_with("/api/v1/scans/") => "1".to_owned(),
            path if path.starts_with("/account/tokens/") => of.token.to_string(),
            path if path.starts_with("/account/mail/") => of.mailbox.to_string(),
            path if path.starts_with("/api/v1/mail/") => of.mailbox.to_string(),
            path if path.starts_with("/queue/saved/") => of.saved.to_string(),
            path if path.starts_with("/api/v1/queues/") => of.saved.to_string(),
            path if path.starts_with("/scans/") => "1".to_owned(),
            _ => of.case.to_string(),
        };
        let pick = |known: &str| if there { known } else { &missing }.to_owned();
        let name = match path {
            path if path.contains("/users/") => pick("olga"),
            path if path.starts_with("/static/") => "app.css".to_owned(),
            _ => "kaufwinkel".to_owned(),
        };
        let hash = match path.starts_with("/sessions/") {
            true => pick(&of.session),
            false => pick(&of.blob),
        };
        path.replace("{id}", &id)
            .replace("{sku}", &pick("OST-FJ210"))
            .replace("{hash}", &hash)
            .replace("{name}", &name)
    }

    /// A form with everything that any route reads, about the hidden case or one
    /// that is not there.
    fn form(&self, path: &str, there: bool) -> Vec<(&'static str, String)> {
        let case = match (path, there) {
            (_, false) => 999_999,
            ("/review/card", true) => self.hidden.rejected,
            _ => self.hidden.case,
        };
        let case = case.to_string();
        [
            ("cases", &*case),
            ("case", &case),
            ("action", "reject"),
            ("text", "some words"),
            ("to", "adam"),
            ("to_state", "submitted"),
            ("channel", "marketplace"),
            ("form", "text"),
            ("at", "1793606400000"),
            ("hash", "00"),
            ("password", crate::desk::PASSWORD),
            ("name", "somebody"),
            ("role", "viewer"),
            ("sees", "some"),
            ("brand.Velora", "1"),
            ("enabled", "yes"),
            ("known_answer_every", "0"),
            ("reset", "1"),
        ]
        .into_iter()
        .map(|(name, value)| (name, value.to_owned()))
        .collect()
    }

    async fn ask(&self, person: &Person, method: &str, path: &str, there: bool) -> Response {
        let to = self.filled(path, there);
        if path.starts_with("/api/") {
            return self.ask_api(method, path, &to, there).await;
        }
        if method == "get" {
            return person.get(&to).await;
        }
        let form = self.form(path, there);
        let fields: Vec<(&str, &str)> = form.iter().map(|(k, v)| (*k, &**v)).collect();
        person.post(&to, &fields).await
    }

    async fn ask_api(&self, method: &str, path: &str, to: &str, there: bool) -> Response {
        let case = if there { self.hidden.case } else { 999_999 };
        let body = match path.rsplit('/').next().unwrap() {
            "notes" => json!({ "text": "some words" }),
            "assignee" => json!({ "to": "adam" }),
            "notices" => json!({ "channel": "marketplace" }),
            "steps" => json!({ "to_state": "submitted" }),
            "decisions" if path == "/api/v1/decisions" => {
                json!({ "cases": [self.own, case], "action": "reject" })
            }
            "decisions" => json!({ "action": "reject" }),
            "undo" if path.starts_with("/api/v1/products/") => json!({ "event": 1 }),
            "undo" | "known" | "runs" | "fits" | "replay" | "test" => Value::Null,
            "mail" => json!({ "address": "otto@agency.example", "events": ["case.new"] }),
            "packet" | "adoptions" => json!({}),
            "queues" => json!({ "name": "mine", "query": "brand=Velora" }),
            "claims" if method == "post" => json!({ "want": 4 }),
            "claims" | "end" => json!({ "cases": [case] }),
            "rules" => json!({ "first_action": false, "patent_or_design": false,
                "confidential": false, "damage_from": null, "known_answer_every": 0 }),
            "webhooks" => json!({ "url": "https://example.com/", "events": ["case.new"],
                "secret": format!("{}=", "A".repeat(43)) }),
            _ if path.ends_with("/photos/{hash}") => json!({ "matching": "never" }),
            _ if path == "/api/v1/products/{sku}" => {
                json!({ "seen": "0".repeat(64), "brand": "Velora", "name": "Taken over" })
            }
            _ if path.starts_with("/api/v1/sources/") => json!({ "enabled": true }),
            _ => json!({ "role": "viewer" }),
        };
        let method = reqwest::Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let query = match path {
            "/api/v1/cards" | "/api/v1/cases" => "?state=all",
            "/api/v1/listings" => "?q=chair",
            "/api/v1/seller" => "?source=kaufwinkel&name=moebel_%3Cb%3E4you%3C%2Fb%3E",
            _ => "",
        };
        let address = format!("{}{to}{query}", self.desk.base);
        let request = crate::desk::client().request(method.clone(), address);
        let request = request.bearer_auth(&self.otto);
        if path.ends_with("/photos") || path.ends_with("/find") {
            let picture = self.desk.world.app.blobs.get(&self.hidden.blob).unwrap();
            let request = request.header("content-type", "image/jpeg");
            return request.body(picture).send().await.unwrap();
        }
        match method == reqwest::Method::GET || body.is_null() {
            true => request.send().await.unwrap(),
            false => request.json(&body).send().await.unwrap(),
        }
    }

    /// Everything of the hidden brand that a route could change.
    async fn state(&self) -> Value {
        let store = &self.desk.world.app.store;
        let (case, rejected) = (self.hidden.case, self.hidden.rejected);
        let notice = store.notice(self.hidden.notice).await.unwrap();
        json!({
            "cases": [store.case(case).await.unwrap(), store.case(rejected).await.unwrap()],
            "notes": store.notes_of(case).await.unwrap(),
            "decisions": [store.decisions_of(case).await.unwrap(),
                store.decisions_of(rejected).await.unwrap()],
            "notice": notice,
            "events": store.notice_events(notice.id).await.unwrap(),
            "log": [store.audit_of(&format!("case {case}")).await.unwrap(),
                store.audit_of("product OST-FJ210").await.unwrap()],
            "product": store.product("OST-FJ210").await.unwrap(),
            "saved": store.saved_filters().await.unwrap().iter()
                .filter(|one| one.created_by == "adam").collect::<Vec<_>>(),
            "olga": [json!(store.user("olga").await.unwrap()),
                json!(store.sessions(Some("olga")).await.unwrap()),
                json!(store.tokens(Some("olga")).await.unwrap()),
                json!(store.mailboxes(Some("olga")).await.unwrap()),
                json!(store.mails_to("olga", 9).await.unwrap())],
            "known": store.known_answers().await.unwrap(),
        })
    }
}

/// An answer without what was asked for in it.
fn plain(text: &str, of: &Hidden) -> String {
    let names = ["OST-FJ210", "olga", &of.session[..12]];
    let named = names.iter().fold(text.to_owned(), |t, n| t.replace(n, "0"));
    let mut plain = String::new();
    for c in named.chars() {
        let c = if c.is_ascii_digit() { '0' } else { c };
        if c != '0' || !plain.ends_with('0') {
            plain.push(c);
        }
    }
    plain
}

fn must_be_clean(what: &str, text: &str) {
    for mark in MARKS {
        assert!(!text.contains(mark), "{what} shows {mark}: {text}");
    }
}

async fn no_route_shows_or_changes_another_brand(db: Db) {
    let divided = divided(&db).await;
    let of = &divided.hidden;
    let otto = divided.desk.person("otto").await;
    let before = divided.state().await;
    let mut routes: Vec<(&str, &str)> = ROUTES
        .iter()
        .flat_map(|(path, methods)| methods.iter().map(|method| (*method, *path)))
        .filter(|(method, _)| *method != "layer")
        .collect();
    routes.sort_by_key(|(_, path)| *path == "/sign-out");
    assert!(routes.len() > 50, "{}", routes.len());
    for (method, path) in routes {
        let what = format!("{method} {path}");
        let asked = answers(method, path);
        if path == "/calendar/{file}" {
            continue;
        }
        let mut answer = divided.ask(&otto, method, path, true).await;
        let status = answer.status();
        match asked {
            Answers::Stream => {
                let first = answer.chunk().await.unwrap().unwrap();
                must_be_clean(&what, &String::from_utf8_lossy(&first));
            }
            Answers::Never => assert_eq!(status, 403, "{what}"),
            Answers::Clean => {
                assert!(!status.is_server_error(), "{what}: {status}");
                must_be_clean(&what, &answer.text().await.unwrap());
            }
            Answers::Absent => {
                let text = answer.text().await.unwrap();
                assert_eq!(status, 404, "{what}: {text}");
                let missing = divided.ask(&otto, method, path, false).await;
                assert_eq!(missing.status(), StatusCode::NOT_FOUND, "{what}");
                let missing = missing.text().await.unwrap();
                if path != "/undo" {
                    assert_eq!(plain(&text, of), plain(&missing, of), "{what}");
                }
            }
        }
        let after = divided.state().await;
        assert_eq!(after, before, "{what} changed something");
    }
    divided.desk.close().await;
}

async fn lists_searches_and_calendars_are_of_ones_own_brands(db: Db) {
    let divided = divided(&db).await;
    let (desk, of) = (&divided.desk, &divided.hidden);
    let store = &desk.world.app.store;
    let app = &desk.world.app;
    markhound::reindex::run(app, "test", false, &|_| {})
        .await
        .unwrap();
    let before = divided.state().await;
    let (otto, adam) = (desk.person("otto").await, desk.person("adam").await);
    let own = format!("href=\"/case/{}", divided.own);
    for path in ["/queue", "/queue?state=all", "/find?q=bag"] {
        let page = otto.text(path).await;
        must_be_clean(path, &page);
        assert!(page.contains(&own), "{path}: {page}");
    }
    for path in [
        "/queue?state=confirmed",
        "/queue?state=rejected",
        "/queue.csv?state=all",
        "/find?q=second",
        "/find?q=lounge",
        "/audit",
        "/takedown",
        "/catalog",
        "/catalog?sort=changed&q=a",
        "/dashboard?days=all",
        "/sellers",
        "/seller?source=kaufwinkel&name=moebel_%3Cb%3E4you%3C%2Fb%3E",
        "/export/queue.csv?state=all",
        "/export/sellers.csv",
        "/export/catalog.csv",
        "/export/audit.csv",
        "/export/takedown.csv",
        "/export/scans.csv",
        "/export/sources.csv",
    ] {
        must_be_clean(path, &otto.text(path).await);
    }
    for (person, cases) in [(&otto, ",1,1,"), (&adam, ",3,1,")] {
        let sellers = person.text("/export/sellers.csv").await;
        assert!(sellers.contains(cases), "{sellers}");
    }
    assert!(
        otto.text("/find?q=lounge")
            .await
            .contains("No listing says")
    );
    assert!(adam.text("/find?q=lounge").await.contains("1 listing"));
    let csv = otto.text("/queue.csv?state=all").await;
    assert_eq!(csv.lines().count(), 2, "{csv}");

    // The picture of the hidden listing and product is found by whoever may see them.
    let picture = app.blobs.get(&of.blob).unwrap();
    for (person, finds) in [(&otto, false), (&adam, true)] {
        let fields = [("csrf", person.csrf.as_bytes()), ("picture", &*picture)];
        let page = person.upload("/find", &fields).await.text().await.unwrap();
        let hit = page.contains(&format!("href=\"/case/{}\"", of.case));
        assert_eq!(hit, finds, "{page}");
        assert_eq!(page.contains("/catalog/OST-FJ210"), finds);
    }
    for (person, status) in [(&otto, 404), (&adam, 200)] {
        let answer = person.get(&format!("/picture/{}", of.blob)).await;
        assert_eq!(answer.status(), status);
    }

    // A deadline of the hidden notice is in no calendar of theirs.
    let step = [("to_state", "submitted"), ("from", "notice")];
    let path = format!("/notice/{}/record", of.notice);
    assert_eq!(adam.post(&path, &step).await.status(), 303);
    for (person, finds) in [(&otto, false), (&adam, true)] {
        let page = person.post("/takedown/calendar", &[]).await;
        let page = page.text().await.unwrap();
        let (_, rest) = page.split_once("/calendar/").unwrap();
        let file = rest.split(".ics").next().unwrap();
        let feed = desk.get(&format!("/calendar/{file}.ics")).await;
        let feed = feed.text().await.unwrap();
        assert_eq!(feed.contains("BEGIN:VEVENT"), finds, "{feed}");
    }

    // Together with one of theirs, and by the back doors of a card.
    let both = format!("{},{}", divided.own, of.case);
    let hidden = of.case.to_string();
    for (path, fields) in [
        ("/decide", [("cases", &*both), ("action", "reject")]),
        ("/decide", [("eject", &*hidden), ("action", "reject")]),
        ("/note", [("cases", &*both), ("text", "words")]),
        ("/assign", [("cases", &*both), ("to", "adam")]),
    ] {
        assert_eq!(otto.post(path, &fields).await.status(), 404, "{path}");
    }
    let fields = [("cases", &*hidden), ("to", "otto")];
    let answer = adam.post("/assign", &fields).await;
    assert_eq!(answer.status(), 409, "otto may not see it");
    let (_, next) = otto.fetch_text("/review/next", &[("want", "4")]).await;
    must_be_clean("/review/next", &next);
    assert!(next.contains("A bag like that"));
    let after = divided.state().await;
    assert_eq!(after["cases"], before["cases"]);
    assert_eq!(after["notes"], before["notes"]);

    // A brand that is given back is seen at once.
    let change = UserChange {
        brands: Some(Vec::new()),
        ..UserChange::default()
    };
    store.change_user("adam", "otto", &change).await.unwrap();
    assert_eq!(otto.get(&format!("/case/{hidden}")).await.status(), 200);
    divided.desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_route_shows_or_changes_another_brand_on_sqlite() {
    on_sqlite(no_route_shows_or_changes_another_brand).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_route_shows_or_changes_another_brand_on_postgres() {
    on_postgres(no_route_shows_or_changes_another_brand).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_searches_and_calendars_are_of_ones_own_brands_on_sqlite() {
    on_sqlite(lists_searches_and_calendars_are_of_ones_own_brands).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_searches_and_calendars_are_of_ones_own_brands_on_postgres() {
    on_postgres(lists_searches_and_calendars_are_of_ones_own_brands).await;
}

#[tokio::test]
async fn each_role_may_do_what_those_below_it_may_and_no_more() {
    let desk = Desk::open().await;
    let case = desk.case;
    let store = &desk.world.app.store;
    let paths = [
        (Role::Reviewer, format!("/case/{case}/decide")),
        (Role::Reviewer, "/note".to_owned()),
        (Role::Reviewer, "/notice/1/record".to_owned()),
        (Role::Approver, "/notice/1/attest".to_owned()),
        (Role::Approver, "/notice/1/send".to_owned()),
        (Role::Manager, "/settings".to_owned()),
        (Role::Manager, format!("/case/{case}/known")),
        (Role::Manager, "/sources/kaufwinkel/enabled".to_owned()),
        (Role::Manager, "/users".to_owned()),
        (Role::Administrator, "/learning/undo".to_owned()),
    ];
    for (name, role) in [
        ("vera", Role::Viewer),
        ("mara", Role::Reviewer),
        ("nora", Role::Approver),
        ("omar", Role::Manager),
        ("adam", Role::Administrator),
    ] {
        let person = desk.person(name).await;
        for (least, path) in &paths {
            let status = person.post(path, &[]).await.status();
            assert_eq!(status != 403, role >= *least, "{name} {path}: {status}");
        }
    }

    // A second approval takes an approver, and another person.
    let path = format!("/case/{case}/decide");
    let (mara, nora) = (desk.person("mara").await, desk.person("nora").await);
    desk.user("rolf", "reviewer").await;
    let rolf = desk.person("rolf").await;
    mara.fetch(&path, &[("action", "second_approval")]).await;
    let (status, body) = rolf.fetch(&path, &[("action", "confirm")]).await;
    assert_eq!(status, 409, "{body}");
    assert!(body["error"].as_str().unwrap().contains("role of approver"));
    let (status, _) = nora.fetch(&path, &[("action", "confirm")]).await;
    assert_eq!(status, 200);
    assert_eq!(store.case(case).await.unwrap().state, "confirmed");
    desk.close().await;
}

#[tokio::test]
async fn users_are_added_changed_and_stopped_by_those_above_them() {
    let desk = Desk::open().await;
    let store = &desk.world.app.store;
    let (omar, adam) = (desk.person("omar").await, desk.person("adam").await);
    let fields = [("name", "li <b>"), ("role", "reviewer"), ("sees", "all")];
    let page = omar.post("/users", &fields).await.text().await.unwrap();
    assert!(page.contains("shown this once") && page.contains("li &#60;b&#62;"));
    assert!(!page.contains("li <b>"));
    let (_, rest) = page.split_once("is <code>").unwrap();
    let password = rest.split('<').next().unwrap().to_owned();
    let sign_in = [("name", "li <b>"), ("password", &*password)];
    assert_eq!(desk.sign_in_form(&sign_in).await.status(), 303);
    assert_eq!(omar.post("/users", &fields).await.status(), 409, "twice");

    let path = "/users/li%20%3Cb%3E";
    for role in ["manager", "administrator"] {
        let answer = omar.post(path, &[("role", role)]).await;
        assert_eq!(answer.status(), 403, "{role}");
    }
    let brands = [("sees", "some"), ("brand.Ostrelund", "1")];
    assert_eq!(omar.post(path, &brands).await.status(), 303);
    let unknown = [("sees", "some"), ("brand.Nobody", "1")];
    assert_eq!(omar.post(path, &unknown).await.status(), 404);
    let li = store.user("li <b>").await.unwrap().unwrap();
    assert_eq!(li.brands, ["Ostrelund"]);
    assert_eq!(
        omar.post("/users/adam", &[("role", "viewer")])
            .await
            .status(),
        403
    );
    assert_eq!(omar.post("/users/adam/password", &[]).await.status(), 403);

    // An administrator with a list of brands is a contradiction.
    let answer = adam.post(path, &[("role", "administrator")]).await;
    assert_eq!(answer.status(), 409);
    for fields in [("role", "viewer"), ("enabled", "no")] {
        let answer = adam.post("/users/adam", &[fields]).await;
        assert_eq!(answer.status(), 409, "the last one: {fields:?}");
    }
    assert!(store.save_user("t", "adam", "x", "viewer").await.is_err());
    assert_eq!(
        adam.post("/users/omar", &[("role", "administrator")])
            .await
            .status(),
        303
    );
    assert_eq!(
        adam.post("/users/adam", &[("role", "manager")])
            .await
            .status(),
        303
    );
    assert_eq!(
        adam.get("/users").await.status(),
        200,
        "the session goes on"
    );

    // Whoever may not sign in is out at once.
    let mara = desk.person("mara").await;
    assert_eq!(
        omar.post("/users/mara", &[("enabled", "no")])
            .await
            .status(),
        303
    );
    assert_eq!(mara.get("/queue").await.status(), 303);
    let mara = [("name", "mara"), ("password", crate::desk::PASSWORD)];
    assert_eq!(desk.sign_in_form(&mara).await.status(), 401);
    let log = store.audit_of("user mara").await.unwrap();
    let last = log
        .iter()
        .rfind(|event| event.action == "user.change")
        .unwrap();
    assert_eq!(
        (&*last.actor, &last.detail["enabled"]),
        ("omar", &json!([true, false]))
    );
    desk.close().await;
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_person_or_an_administrator() {
    let desk = Desk::open().await;
    let store = &desk.world.app.store;
    let (here, there) = (desk.person("mara").await, desk.person("mara").await);
    let (nora, adam) = (desk.person("nora").await, desk.person("adam").await);
    let page = here.text("/account").await;
    assert_eq!(page.matches("/end\"").count(), 1, "{page}");
    assert!(page.contains("this one") && page.contains("127.0.0.1"));
    let hashes = |sessions: Vec<markhound::store::sessions::SessionInfo>| {
        let hashes: Vec<String> = sessions.into_iter().map(|s| s.token_hash).collect();
        hashes
    };
    let of_nora = hashes(store.sessions(Some("nora")).await.unwrap()).remove(0);
    let end = format!("/sessions/{of_nora}/end");
    assert_eq!(here.post(&end, &[]).await.status(), 404, "not hers");
    assert_eq!(nora.get("/queue").await.status(), 200);
    assert_eq!(adam.post(&end, &[]).await.status(), 303);
    assert_eq!(nora.get("/queue").await.status(), 303);

    assert_eq!(here.post("/sessions/end-others", &[]).await.status(), 303);
    assert_eq!(there.get("/queue").await.status(), 303);
    assert_eq!(here.get("/queue").await.status(), 200);
    assert_eq!(adam.post("/users/mara/sign-out", &[]).await.status(), 303);
    assert_eq!(here.get("/queue").await.status(), 303);
    let log = store.audit_of("user mara").await.unwrap();
    let ended = log.iter().filter(|e| e.action == "user.sessions_revoked");
    assert_eq!(ended.count(), 2);
    desk.close().await;
}
