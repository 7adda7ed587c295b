//! The API beside the queue: catalog, photos, sellers, sources, desk, weights, webhooks.

use markhound::accounts::token::Scope;
use markhound::review::{self, Action, Verdict};
use reqwest::Method;
use serde_json::{Value, json};

use super::api::Program;
use super::house::bomb;
use crate::desk::{Desk, client};
use crate::world::{PHOTO, photo};

async fn answer(program: &Program, method: Method, path: &str, body: Value) -> (u16, Value) {
    let body = (!body.is_null()).then_some(body);
    let answer = program.send(method, path, body, "").await;
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_default())
}

/// Sends bytes; gives the status, the answer, and whether it was given before.
async fn bytes(
    program: &Program,
    path: &str,
    kind: &str,
    bytes: &[u8],
    key: &str,
) -> (u16, Value, bool) {
    let mut request = client()
        .post(format!("{}/api/v1{path}", program.base))
        .bearer_auth(&program.token)
        .header("content-type", kind)
        .body(bytes.to_vec());
    if !key.is_empty() {
        request = request.header("idempotency-key", key);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let again = answer.headers().contains_key("idempotency-replayed");
    let text = answer.text().await.unwrap();
    (
        status,
        serde_json::from_str(&text).unwrap_or_default(),
        again,
    )
}

#[tokio::test]
async fn a_product_is_added_changed_and_taken_back_by_the_api_alone() {
    let desk = Desk::open().await;
    let program = Program::of(&desk, "omar", &Scope::ALL).await;
    let put = |path: &'static str, body: Value| answer(&program, Method::PUT, path, body);
    let new = json!({ "brand": "Ostrelund", "name": "Lamp", "msrp": "129.00", "currency": "EUR",
        "aliases": ["Light", " Light "], "countries": ["DE"],
        "rights": [{ "kind": "trademark", "number": "1", "jurisdiction": "EU", "classes": ["11"] }] });
    let (status, made) = put("/products/LAMP-1", new.clone()).await;
    assert_eq!(status, 200, "{made}");
    assert_eq!(made["product"]["aliases"], json!(["Light"]));
    assert_eq!(made["rights"][0]["classes"], json!(["11"]));
    assert_eq!(
        put("/products/LAMP-1", new.clone()).await.0,
        409,
        "it is there already"
    );
    let mut changed = new.clone();
    changed["seen"] = made["fingerprint"].clone();
    changed["name"] = json!("Lamp of oak");
    assert_eq!(put("/products/LAMP-1", changed.clone()).await.0, 200);
    assert_eq!(
        put("/products/LAMP-1", changed.clone()).await.0,
        409,
        "seen before"
    );
    changed["name"] = json!("Lamp");
    assert_eq!(put("/products/NONE", changed).await.0, 404);

    let (_, history) = program.get("/products/LAMP-1/history").await;
    let newest = &history["items"][0];
    assert_eq!(newest["action"], "catalog.save");
    assert_eq!(
        newest["detail"]["changes"]["name"]["after"], "Lamp of oak",
        "{history}"
    );
    let undo = json!({ "event": newest["seq"] });
    let (status, back) = program.post("/products/LAMP-1/undo", undo.clone()).await;
    assert_eq!((status, &back["product"]["name"]), (200, &"Lamp".into()));
    assert_eq!(program.post("/products/LAMP-1/undo", undo).await.0, 409);

    let (status, gone) = answer(&program, Method::DELETE, "/products/LAMP-1", Value::Null).await;
    assert_eq!(
        (status, &gone["undecided_cases"]),
        (200, &0.into()),
        "{gone}"
    );
    assert!(gone["removed_at"].is_string());
    let (_, listed) = program.get("/products?q=lamp").await;
    assert_eq!(listed["items"], json!([]));
    let (_, listed) = program.get("/products?q=lamp&removed=true").await;
    assert_eq!(listed["items"][0]["removed_at"], gone["removed_at"]);
    let mut late = new.clone();
    late["seen"] = made["fingerprint"].clone();
    assert_eq!(
        put("/products/LAMP-1", late).await.0,
        409,
        "restore it first"
    );
    let (status, back) = program.post("/products/LAMP-1/restore", Value::Null).await;
    assert_eq!(status, 200, "{back}");
    assert!(back["product"]["removed_at"].is_null());

    let (status, problem) = put(
        "/products/LAMP-2",
        json!({ "brand": "B", "name": "N", "msrp": "much", "countries": ["Germany"] }),
    )
    .await;
    let why = problem["detail"].as_str().unwrap();
    assert_eq!(status, 422);
    assert!(
        why.contains("msrp: ") && why.contains("countries: "),
        "{why}"
    );
    let (_, found) = program.get("/products?q=lamp").await;
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    let narrow = Program::of(&desk, "mara", &[Scope::Read]).await;
    let (status, _) = answer(&narrow, Method::PUT, "/products/LAMP-3", new).await;
    assert_eq!(status, 403);
    let log = desk.world.app.store.audit_of("product LAMP-1").await;
    assert!(log.unwrap().iter().all(|event| event.actor == "omar"));
    desk.close().await;
}

#[tokio::test]
async fn a_photo_sent_by_a_program_is_checked_as_on_the_page_and_kept_once() {
    let desk = Desk::open().await;
    let store = &desk.world.app.store;
    let program = Program::of(&desk, "omar", &[Scope::Read, Scope::Catalog]).await;
    markhound::reindex::run(&desk.world.app, "test", false, &|_| {})
        .await
        .unwrap();
    let picture = std::fs::read(photo(PHOTO)).unwrap();
    let path = "/products/OST-FJ210/photos";
    let named = format!("{path}?name=..%2F%3Cb%3E.jpg");
    let (status, sent, _) = bytes(&program, &named, "image/jpeg", &picture, "k").await;
    assert_eq!((status, &sent["added"]), (200, &true.into()), "{sent}");
    let (_, same, again) = bytes(&program, &named, "image/jpeg", &picture, "k").await;
    assert_eq!((&same, again), (&sent, true));
    let (_, known, again) = bytes(&program, path, "image/jpeg", &picture, "").await;
    assert_eq!((&known["added"], again), (&false.into(), false));

    let hash = sent["hash"].as_str().unwrap();
    let one = format!("{path}/{hash}");
    let never = json!({ "matching": "never" });
    assert_eq!(
        answer(&program, Method::PATCH, &one, never.clone()).await.0,
        204
    );
    let (_, full) = program.get("/products/OST-FJ210").await;
    let photos = full["photos"].as_array().unwrap();
    let mine = photos.iter().find(|photo| photo["hash"] == hash).unwrap();
    assert_eq!(
        (&mine["matching"], &mine["file_name"]),
        (&"never".into(), &"_b_.jpg".into())
    );
    assert!(mine["set_aside"].as_str().unwrap().contains("by hand"));
    let absent = format!("{path}/{}", "0".repeat(64));
    assert_eq!(answer(&program, Method::PATCH, &absent, never).await.0, 404);

    for (what, kind, sent, status) in [
        ("a bomb", "image/png", &bomb()[..], 422),
        ("a cut picture", "image/jpeg", &picture[..900], 422),
        ("nothing", "image/jpeg", &[][..], 422),
        ("a text", "text/plain", b"hello", 415),
        ("too much", "image/jpeg", &vec![0; (20 << 20) + 1], 413),
    ] {
        assert_eq!(
            bytes(&program, path, kind, sent, "").await.0,
            status,
            "{what}"
        );
    }
    let id = store.product("OST-FJ210").await.unwrap().id;
    assert_eq!(
        store.reference_photos_of(id).await.unwrap().len(),
        photos.len()
    );

    // One that nothing rests on is removed, and can be sent anew.
    assert_eq!(
        answer(&program, Method::DELETE, &one, Value::Null).await.0,
        204
    );
    assert_eq!(
        answer(&program, Method::DELETE, &one, Value::Null).await.0,
        404
    );
    let (_, history) = program.get("/products/OST-FJ210/history").await;
    assert_eq!(history["items"][0]["action"], "catalog.photo_remove");
    let (_, sent, _) = bytes(&program, path, "image/jpeg", &picture, "").await;
    assert_eq!(sent["added"], true);
    let (status, finds, _) =
        bytes(&program, "/find", "application/octet-stream", &picture, "").await;
    assert_eq!(status, 200, "{finds}");
    assert!(finds["catalog_problem"].is_null(), "{finds}");
    let shown = client()
        .get(format!("{}/api/v1/pictures/{hash}?w=300", desk.base))
        .bearer_auth(&program.token);
    let shown = shown.send().await.unwrap();
    assert_eq!(shown.headers()["content-type"], "image/jpeg");
    assert_ne!(shown.bytes().await.unwrap(), picture, "re-encoded");
    desk.close().await;
}

#[tokio::test]
async fn sellers_and_sources_are_read_as_the_pages_show_them() {
    let desk = Desk::open().await;
    let program = Program::of(&desk, "omar", &[Scope::Read, Scope::Catalog]).await;
    let (_, sellers) = program.get("/sellers").await;
    let seller = &sellers["items"][0];
    assert_eq!(seller["cases"], 1);
    let name = seller["seller"].as_str().unwrap();
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("source", "kaufwinkel")
        .append_pair("name", name)
        .finish();
    let (status, one) = program.get(&format!("/seller?{query}")).await;
    assert_eq!(status, 200, "{one}");
    assert_eq!(one["counts"]["open"], 1);
    assert_eq!(
        one["listings"]["items"][0]["case"].as_i64(),
        Some(desk.case)
    );
    assert!(one["links"].as_array().unwrap().is_empty());
    let (status, _) = program.get("/seller?source=kaufwinkel&name=nobody").await;
    assert_eq!(status, 404);

    let (_, sources) = program.get("/sources").await;
    assert_eq!(sources[0]["name"], "kaufwinkel");
    assert!(sources[0]["budget"]["scans"].is_i64() && sources[0]["asked_at"].is_null());
    let store = &desk.world.app.store;
    let running: Vec<_> = store.unfinished_scans().await.unwrap();
    let (status, problem) = program.post("/sources/kaufwinkel/runs", Value::Null).await;
    match running.is_empty() {
        true => assert_eq!(status, 204),
        false => assert!(problem["detail"].as_str().unwrap().contains("already")),
    }
    assert_eq!(
        program.post("/sources/nowhere/runs", Value::Null).await.0,
        404
    );
    desk.close().await;
}

#[tokio::test]
async fn queues_claims_rules_and_known_answers_work_for_programs() {
    let desk = Desk::open().await;
    let store = &desk.world.app.store;
    let (mara, omar) = (
        Program::of(&desk, "mara", &Scope::ALL[..2]).await,
        Program::of(&desk, "omar", &Scope::ALL).await,
    );
    let queue = json!({ "name": " Likely ", "query": "min=80&nonsense=1" });
    assert_eq!(mara.post("/queues", queue).await.0, 204);
    let (_, queues) = mara.get("/queues").await;
    assert_eq!(
        (&queues[0]["name"], &queues[0]["query"]),
        (&"Likely".into(), &"min=80".into())
    );
    let path = format!("/queues/{}", queues[0]["id"]);
    assert_eq!(
        answer(&mara, Method::DELETE, &path, Value::Null).await.0,
        204
    );
    assert_eq!(mara.get("/queues").await.1, json!([]));

    let (_, cards) = mara.post("/claims", json!({ "want": 4 })).await;
    assert_eq!(cards[0]["case"]["id"].as_i64(), Some(desk.case));
    let (_, none) = omar.post("/claims", json!({ "want": 4 })).await;
    assert_eq!(none, json!([]), "mara has it");
    let held = json!({ "cases": [desk.case] });
    let (_, kept) = answer(&mara, Method::PUT, "/claims", held.clone()).await;
    assert_eq!(kept["kept"], 1);
    let (_, kept) = answer(&omar, Method::PUT, "/claims", held.clone()).await;
    assert_eq!(kept["kept"], 0);
    assert_eq!(mara.post("/claims/end", held).await.0, 204);
    let (_, cards) = omar.post("/claims", json!({ "want": 1 })).await;
    assert_eq!(cards.as_array().unwrap().len(), 1);

    let (_, mut rules) = omar.get("/rules").await;
    rules["damage_from"] = json!(500.0);
    let (status, set) = answer(&omar, Method::PUT, "/rules", rules.clone()).await;
    assert_eq!((status, &set["damage_from"]), (200, &500.into()), "{set}");
    rules["damage_from"] = json!(-1);
    assert_eq!(
        answer(&omar, Method::PUT, "/rules", rules.clone()).await.0,
        422
    );
    assert_eq!(answer(&mara, Method::PUT, "/rules", rules).await.0, 403);
    let verdict = Verdict {
        action: Action::Reject,
        kind: None,
        reason: None,
    };
    let known = format!("/cases/{}/known", desk.case);
    assert_eq!(omar.post(&known, Value::Null).await.0, 409, "not decided");
    let held = json!({ "cases": [desk.case] });
    assert_eq!(omar.post("/claims/end", held).await.0, 204);
    review::decide(store, "nora", &[desk.case], &verdict)
        .await
        .unwrap();
    assert_eq!(mara.post(&known, Value::Null).await.0, 403);
    assert_eq!(omar.post(&known, Value::Null).await.0, 204);
    assert_eq!(store.known_answers().await.unwrap(), 1);
    desk.close().await;
}

#[tokio::test]
async fn weights_and_webhooks_are_for_administrators_and_no_answer_holds_a_secret() {
    let desk = Desk::open().await;
    let (omar, adam) = (
        Program::of(&desk, "omar", &Scope::ALL).await,
        Program::of(&desk, "adam", &Scope::ALL).await,
    );
    let (_, learning) = omar.get("/learning").await;
    assert_eq!(
        (&learning["shipped"], &learning["weights"]),
        (&true.into(), &json!([]))
    );
    for path in ["/learning/fits", "/learning/undo"] {
        assert_eq!(omar.post(path, Value::Null).await.0, 403);
        assert_eq!(
            adam.post(path, Value::Null).await.0,
            409,
            "{path}: no decisions"
        );
    }
    let none = json!({ "weights": 77 });
    assert_eq!(adam.post("/learning/adoptions", none).await.0, 404);

    let secret = format!("{}=", "A".repeat(43));
    let hook = |url: &str, secret: &str| json!({ "url": url, "secret": secret, "events": ["case.new", "case.new"] });
    for (wrong, of) in [
        ("ftp://example.com", &*secret),
        ("https://example.com", "AAAA"),
    ] {
        assert_eq!(
            adam.post("/webhooks", hook(wrong, of)).await.0,
            422,
            "{wrong} {of}"
        );
    }
    let good = hook("https://hooks.example.com/x", &secret);
    assert_eq!(omar.post("/webhooks", good.clone()).await.0, 403);
    let (status, made) = adam.post("/webhooks", good).await;
    assert_eq!(status, 200, "{made}");
    let (_, hooks) = adam.get("/webhooks").await;
    assert_eq!(hooks[0]["events"], json!(["case.new"]));
    assert!(!hooks.to_string().contains(&secret));
    desk.another_case("8001", "Second", 0.95).await;
    markhound::notify::collect(&desk.world.app).await.unwrap();
    let (_, messages) = adam.get("/messages").await;
    let message = &messages["items"][0];
    assert_eq!(
        (&message["kind"], &message["state"]),
        (&"case.new".into(), &"waiting".into())
    );
    let replay = format!("/messages/{}/replay", message["id"]);
    assert_eq!(adam.post(&replay, Value::Null).await.0, 204);
    let path = format!("/webhooks/{}", made["id"]);
    assert_eq!(
        answer(&adam, Method::DELETE, &path, Value::Null).await.0,
        204
    );
    assert_eq!(
        answer(&adam, Method::DELETE, &path, Value::Null).await.0,
        404
    );
    desk.close().await;
}
