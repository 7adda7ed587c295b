//! Webhooks, against a receiver on this machine.

use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use markhound::notify::{self, sign};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::desk::{Desk, Person};
use crate::world::World;

type Heard = Arc<Mutex<Vec<(HeaderMap, String)>>>;

/// Takes messages, once the test lets it.
struct Receiver {
    base: String,
    heard: Heard,
    answer: Arc<Mutex<StatusCode>>,
}

impl Receiver {
    async fn open() -> Self {
        let (heard, answer) = (Heard::default(), Arc::new(Mutex::new(StatusCode::OK)));
        let take = |State((heard, answer)): State<(Heard, Arc<Mutex<StatusCode>>)>,
                    headers: HeaderMap,
                    body: Bytes| async move {
            let body = String::from_utf8(body.to_vec()).unwrap();
            heard.lock().unwrap().push((headers, body));
            *answer.lock().unwrap()
        };
        let app = axum::Router::new()
            .route("/hook", axum::routing::post(take))
            .with_state((heard.clone(), answer.clone()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            base,
            heard,
            answer,
        }
    }

    fn taken(&self) -> Vec<(HeaderMap, String)> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }
}

/// Adds a receiver on the page; gives its secret, without what it begins with.
async fn add(adam: &Person, receiver: &Receiver, shape: &str) -> String {
    let url = format!("{}/hook", receiver.base);
    let fields = [
        ("url", &*url),
        ("event.case.new", "1"),
        ("event.scan.failed", "1"),
        ("shape", shape),
        ("min", "80"),
    ];
    let page = adam.post("/webhooks", &fields).await.text().await.unwrap();
    let (_, rest) = page.split_once("whsec_").unwrap();
    rest.split('<').next().unwrap().to_owned()
}

async fn desk_that_may_ask(receiver: &Receiver) -> Desk {
    let mut world = World::new().await;
    let host = receiver.base.strip_prefix("http://").unwrap().to_owned();
    world.app.config.fetch.allow_private_hosts = vec![host];
    Desk::over(world).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_case_is_told_once_signed_and_again_until_it_is_taken() {
    let receiver = Receiver::open().await;
    let desk = desk_that_may_ask(&receiver).await;
    let app = &desk.world.app;
    let adam = desk.person("adam").await;
    let secret = add(&adam, &receiver, "json").await;
    notify::collect(app).await.unwrap();
    assert_eq!(
        notify::deliver(app).await.unwrap(),
        0,
        "nothing from before"
    );

    let case = desk.another_case("8001", "Second", 0.9).await;
    desk.another_case("8002", "Improbable", 0.7).await;
    assert_eq!(notify::collect(app).await.unwrap(), 1);
    assert_eq!(notify::collect(app).await.unwrap(), 0, "told already");
    *receiver.answer.lock().unwrap() = StatusCode::INTERNAL_SERVER_ERROR;
    assert_eq!(notify::deliver(app).await.unwrap(), 0);
    assert_eq!(receiver.taken().len(), 1);
    assert_eq!(notify::deliver(app).await.unwrap(), 0);
    assert_eq!(receiver.taken().len(), 0, "it waits before the next try");
    desk.world.hands.forward(31);
    notify::deliver(app).await.unwrap();
    desk.world.hands.forward(31);
    notify::deliver(app).await.unwrap();
    assert_eq!(receiver.taken().len(), 1, "the second pause is longer");
    desk.world.hands.forward(90);
    *receiver.answer.lock().unwrap() = StatusCode::NO_CONTENT;
    assert_eq!(notify::deliver(app).await.unwrap(), 1);
    let (headers, body) = receiver.taken().remove(0);
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let told: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(told["type"], "case.new");
    assert_eq!(told["data"]["case"].as_i64(), Some(case));
    let seconds: i64 = header("webhook-timestamp").parse().unwrap();
    assert_eq!(seconds, desk.world.hands.now().0 / 1000);
    let signed = sign(&secret, &header("webhook-id"), seconds, &body);
    assert_eq!(header("webhook-signature"), signed);

    // Sent again by hand, as the same message.
    let page = adam.text("/webhooks").await;
    assert!(
        page.contains("case.new.") && !page.contains(&secret),
        "{page}"
    );
    assert_eq!(adam.post("/deliveries/1/replay", &[]).await.status(), 303);
    assert_eq!(notify::deliver(app).await.unwrap(), 1);
    let again = receiver.taken();
    assert_eq!(again[0].0["webhook-id"], headers["webhook-id"]);
    assert_eq!(adam.post("/deliveries/99/replay", &[]).await.status(), 404);
    assert_eq!(adam.post("/webhooks/1/remove", &[]).await.status(), 303);
    desk.another_case("8003", "Third", 0.95).await;
    assert_eq!(notify::collect(app).await.unwrap(), 0);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_never_answers_is_given_up_and_one_that_is_gone_at_once() {
    let receiver = Receiver::open().await;
    let desk = desk_that_may_ask(&receiver).await;
    let app = &desk.world.app;
    let adam = desk.person("adam").await;
    add(&adam, &receiver, "slack").await;
    notify::collect(app).await.unwrap();
    desk.hostile_case("x", "<!channel> & co").await;
    notify::collect(app).await.unwrap();
    *receiver.answer.lock().unwrap() = StatusCode::BAD_GATEWAY;
    for _ in 0..12 {
        notify::deliver(app).await.unwrap();
        desk.world.hands.forward(86_401);
    }
    let heard = receiver.taken();
    assert_eq!(heard.len(), 9);
    let told: Value = serde_json::from_str(&heard[0].1).unwrap();
    let text = told["text"].as_str().unwrap();
    assert!(text.contains("&lt;!channel&gt; &amp; co"), "{text}");
    let last = app.store.deliveries(None, 1).await.unwrap().remove(0);
    assert_eq!((&*last.state, last.last_status), ("given_up", Some(502)));

    *receiver.answer.lock().unwrap() = StatusCode::GONE;
    desk.another_case("8001", "Second", 0.9).await;
    notify::collect(app).await.unwrap();
    notify::deliver(app).await.unwrap();
    let last = app.store.deliveries(None, 1).await.unwrap().remove(0);
    assert_eq!((&*last.state, last.attempts), ("given_up", 1));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_private_address_is_told_anything_unless_it_is_named() {
    let receiver = Receiver::open().await;
    let desk = Desk::open().await;
    let app = &desk.world.app;
    let (adam, mara) = (desk.person("adam").await, desk.person("mara").await);
    for wrong in [
        "ftp://127.0.0.1/",
        "http://example.com/",
        "https://a:b@example.com/",
        "javascript:alert(1)",
        "",
    ] {
        let fields = [("url", wrong), ("event.case.new", "1")];
        assert_eq!(
            adam.post("/webhooks", &fields).await.status(),
            400,
            "{wrong}"
        );
    }
    assert_eq!(mara.get("/webhooks").await.status(), 403);
    add(&adam, &receiver, "json").await;
    notify::collect(app).await.unwrap();
    desk.another_case("8001", "Second", 0.9).await;
    notify::collect(app).await.unwrap();
    assert_eq!(notify::deliver(app).await.unwrap(), 0);
    assert!(receiver.taken().is_empty());
    let last = app.store.deliveries(None, 1).await.unwrap().remove(0);
    assert!(last.last_error.unwrap().contains("allow_private_hosts"));
    desk.close().await;
}
