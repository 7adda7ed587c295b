//! The review page served on loopback, and people who sit before it.

use std::sync::Arc;

use markhound::accounts::hash_password;
use markhound::app::App;
use markhound::store::cases::CaseDraft;
use markhound::store::work::{CaptureRef, PictureDraft};
use markhound::web;
use reqwest::header::{ACCEPT, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response, redirect};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::world::{PHOTO, World, case, decoded, one_lease, open_case, photo, product, work};

pub const PASSWORD: &str = "a password for tests";

/// A served review page over a world with one open case.
pub struct Desk {
    pub world: World,
    pub base: String,
    pub case: i64,
    stop: Arc<Notify>,
    server: JoinHandle<std::io::Result<()>>,
}

/// Somebody signed in.
pub struct Person {
    client: Client,
    base: String,
    pub cookie: String,
    pub csrf: String,
}

/// A client that follows no redirect and keeps no cookie.
pub fn client() -> Client {
    // Another test may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .redirect(redirect::Policy::none())
        .build()
        .unwrap()
}

impl Desk {
    pub async fn open() -> Self {
        Self::over(World::new().await).await
    }

    /// Serves a world that a test has set up.
    pub async fn over(world: World) -> Self {
        let case = open_case(&world).await;
        Self::serve(world, case).await
    }

    /// A page over an application that is open already, with whatever is in it.
    pub async fn over_app(app: App) -> Self {
        Self::serve(World::over(app), 1).await
    }

    /// Serves a world on a listener whose address it knows already.
    pub async fn at(world: World, listener: TcpListener) -> Self {
        let case = open_case(&world).await;
        Self::serve_on(world, case, listener).await
    }

    async fn serve(world: World, case: i64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::serve_on(world, case, listener).await
    }

    async fn serve_on(world: World, case: i64, listener: TcpListener) -> Self {
        for (name, role) in [
            ("mara", "reviewer"),
            ("adam", "administrator"),
            ("vera", "viewer"),
            ("nora", "approver"),
            ("omar", "manager"),
        ] {
            let hash = hash_password(PASSWORD).unwrap();
            let store = &world.app.store;
            store.save_user("test", name, &hash, role).await.unwrap();
        }
        let base = format!("http://{}", listener.local_addr().unwrap());
        let stop = Arc::new(Notify::new());
        let asked = stop.clone();
        let served = web::serve(world.app.clone(), listener, async move {
            asked.notified().await;
        });
        Self {
            world,
            base,
            case,
            stop,
            server: tokio::spawn(served),
        }
    }

    /// Asks the server to stop and waits until it has.
    pub async fn close(self) {
        self.stop.notify_one();
        self.server.await.unwrap().unwrap();
    }

    pub async fn get(&self, path: &str) -> Response {
        let address = format!("{}{path}", self.base);
        client().get(address).send().await.unwrap()
    }

    pub async fn sign_in_form(&self, fields: &[(&str, &str)]) -> Response {
        let address = format!("{}/sign-in", self.base);
        client().post(address).form(fields).send().await.unwrap()
    }

    pub async fn person(&self, name: &str) -> Person {
        let answer = self
            .sign_in_form(&[("name", name), ("password", PASSWORD)])
            .await;
        assert_eq!(answer.status(), 303, "{name} should be let in");
        let cookie = cookie_of(&answer);
        let mut person = Person {
            client: client(),
            base: self.base.clone(),
            cookie,
            csrf: String::new(),
        };
        let page = person.text("/queue").await;
        let (_, rest) = page.split_once("name=\"csrf\" content=\"").unwrap();
        person.csrf = rest.split('"').next().unwrap().to_owned();
        person
    }

    /// Another listing of the same product with a case of its own.
    pub async fn another_case(&self, item: &str, title: &str, score: f64) -> i64 {
        let product = self.world.app.store.product("OST-FJ210").await.unwrap().id;
        self.case_of(product, item, title, score).await
    }

    /// A listing of a product of its own, which stands on a card of its own.
    pub async fn case_of_another_product(&self, item: &str, score: f64) -> i64 {
        let store = &self.world.app.store;
        let draft = product(&format!("OTHER-{item}"));
        store.save_product("test", &draft, &[]).await.unwrap();
        let product = store.product(&draft.sku).await.unwrap().id;
        self.case_of(product, item, "Another chair", score).await
    }

    /// A listing whose every text is this one.
    pub async fn hostile_case(&self, item: &str, text: &str) -> i64 {
        let store = &self.world.app.store;
        let product = store.product("OST-FJ210").await.unwrap().id;
        let source = store.source("kaufwinkel").await.unwrap().id;
        let lease = one_lease(store, source, "w").await;
        let mut work = work(&lease, source, "w", item);
        let listing = work.listing.as_mut().unwrap();
        listing.title = text.to_owned();
        listing.seller = Some(text.to_owned());
        listing.item_id = format!("{item}{text}");
        listing.cases.push(CaseDraft {
            kind: Some("counterfeit".to_owned()),
            ..case(product, 0.9)
        });
        // One photo on all of them puts them on one card.
        let bytes = std::fs::read(photo(PHOTO)).unwrap();
        let blob = self.world.app.blobs.put(&bytes).unwrap();
        listing.pictures.push(PictureDraft {
            url: format!("http://127.0.0.1:8081/{text}.jpg"),
            capture: Some(CaptureRef::New(0)),
            decoded: Some(decoded(&blob)),
            error: None,
        });
        let written = store.finish_work(&work).await.unwrap();
        store
            .finish_scan(lease.scan_id, "done", None)
            .await
            .unwrap();
        written.cases[0]
    }

    pub async fn case_of(&self, product: i64, item: &str, title: &str, score: f64) -> i64 {
        let store = &self.world.app.store;
        let bytes = std::fs::read(photo(PHOTO)).unwrap();
        let blob = self.world.app.blobs.put(&bytes).unwrap();
        let source = store.source("kaufwinkel").await.unwrap().id;
        let lease = one_lease(store, source, "w").await;
        let mut work = work(&lease, source, "w", item);
        let listing = work.listing.as_mut().unwrap();
        listing.title = title.to_owned();
        listing.pictures.push(PictureDraft {
            url: format!("http://127.0.0.1:8081/img/{item}.jpg"),
            capture: Some(CaptureRef::New(0)),
            decoded: Some(decoded(&blob)),
            error: None,
        });
        listing.cases.push(CaseDraft {
            picture_blob: Some(blob),
            ..case(product, score)
        });
        let written = store.finish_work(&work).await.unwrap();
        store
            .finish_scan(lease.scan_id, "done", None)
            .await
            .unwrap();
        written.cases[0]
    }

    /// Another user, with the password of all of them.
    pub async fn user(&self, name: &str, role: &str) {
        let hash = hash_password(PASSWORD).unwrap();
        let store = &self.world.app.store;
        store.save_user("test", name, &hash, role).await.unwrap();
    }

    pub async fn state(&self, case: i64) -> String {
        self.world.app.store.case(case).await.unwrap().state
    }
}

impl Person {
    fn with_cookie(&self, request: RequestBuilder) -> RequestBuilder {
        request.header(COOKIE, &self.cookie)
    }

    pub fn request(&self, path: &str) -> RequestBuilder {
        self.with_cookie(self.client.get(format!("{}{path}", self.base)))
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(path).send().await.unwrap()
    }

    /// The text of a page that must be there.
    pub async fn text(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    }

    /// A post without the token of the session.
    pub fn bare_post(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let request = self.client.post(format!("{}{path}", self.base));
        self.with_cookie(request).form(fields)
    }

    /// As a form of a page sends it.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let mut fields = fields.to_vec();
        fields.push(("csrf", &self.csrf));
        self.bare_post(path, &fields).send().await.unwrap()
    }

    /// A form with files, its fields in the order given.
    pub async fn upload(&self, path: &str, fields: &[(&str, &[u8])]) -> Response {
        let mut body = Vec::new();
        for (name, content) in fields {
            let file = if *name == "picture" {
                "; filename=\"p\""
            } else {
                ""
            };
            let head =
                format!("--limit\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--limit--\r\n");
        let request = self.client.post(format!("{}{path}", self.base));
        self.with_cookie(request)
            .header("content-type", "multipart/form-data; boundary=limit")
            .body(body)
            .send()
            .await
            .unwrap()
    }

    /// As a script sends it: status and text.
    pub async fn fetch_text(&self, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
        let answer = self
            .bare_post(path, fields)
            .header(ACCEPT, "application/json")
            .header("x-csrf-token", &self.csrf)
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// A form of photos, each with the name of its file, after the session's token.
    pub async fn photos(&self, path: &str, csrf: &[u8], photos: &[(&str, &[u8])]) -> Response {
        let mut body = b"--limit\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n".to_vec();
        body.extend_from_slice(csrf);
        for (name, content) in photos {
            let head = format!(
                "\r\n--limit\r\ncontent-disposition: form-data; name=\"photo\"; filename=\"{name}\"\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
        }
        body.extend_from_slice(b"\r\n--limit--\r\n");
        let request = self.client.post(format!("{}{path}", self.base));
        self.with_cookie(request)
            .header("content-type", "multipart/form-data; boundary=limit")
            .body(body)
            .send()
            .await
            .unwrap()
    }

    /// As a script sends it: status and JSON.
    pub async fn fetch(&self, path: &str, fields: &[(&str, &str)]) -> (u16, serde_json::Value) {
        let answer = self
            .bare_post(path, fields)
            .header(ACCEPT, "application/json")
            .header("x-csrf-token", &self.csrf)
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

pub fn cookie_of(answer: &Response) -> String {
    let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

pub fn location(answer: &Response) -> &str {
    answer.headers()[LOCATION].to_str().unwrap()
}
