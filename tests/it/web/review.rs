//! Card by card, saved queues, settings, keys, exports.

use serde_json::Value;

use crate::desk::{Desk, Person, location};

/// The cases of the cards that a piece of a page holds.
fn cards(page: &str) -> Vec<String> {
    let cards = page.split("data-cases=\"").skip(1);
    cards
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

async fn next(person: &Person, fields: &[(&str, &str)]) -> Vec<String> {
    let answer = person.post("/review/next", fields).await;
    assert_eq!(answer.status(), 200);
    cards(&answer.text().await.unwrap())
}

fn numbers(cases: &[i64]) -> String {
    let cases: Vec<String> = cases.iter().map(i64::to_string).collect();
    cases.join(",")
}

#[tokio::test]
async fn cards_of_two_people_differ_until_one_lets_go() {
    let desk = Desk::open().await;
    // Of the same seller and photo, it stands on the first one's card.
    let second = desk.another_case("8001", "Second best", 0.9).await;
    let other = desk.case_of_another_product("9001", 0.8).await;
    let (mara, adam) = (desk.person("mara").await, desk.person("adam").await);
    let both = numbers(&[desk.case, second]);
    assert_eq!(next(&mara, &[("want", "1")]).await, [&*both]);
    assert_eq!(next(&adam, &[("want", "4")]).await, [other.to_string()]);
    let page = adam.text("/queue").await;
    assert!(page.contains("mara is looking at it"));
    let fields = [("action", "reject"), ("cases", &*both)];
    let (status, body) = adam.fetch("/decide", &fields).await;
    assert_eq!(status, 409, "{body}");
    assert!(body["error"].as_str().unwrap().contains("mara has case"));
    assert_eq!(desk.state(desk.case).await, "open");

    let (_, body) = mara
        .fetch("/review/keep", &[("cases", &desk.case.to_string())])
        .await;
    assert_eq!(body["kept"], 1);
    mara.fetch("/review/leave", &[("cases", &desk.case.to_string())])
        .await;
    assert_eq!(next(&adam, &[("want", "4")]).await.len(), 2);
    let (status, body) = adam.fetch("/decide", &fields).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["message"], "2 cases rejected.");
    assert_eq!(desk.state(second).await, "rejected");
    let (_, body) = adam.fetch("/undo", &[]).await;
    assert_eq!(body["message"], "2 cases are back in the queue.");
    assert_eq!(desk.state(second).await, "open");
    desk.close().await;
}

#[tokio::test]
async fn an_outlier_is_put_out_of_its_card_with_the_decision() {
    let desk = Desk::open().await;
    let second = desk.another_case("8001", "Second best", 0.9).await;
    let mara = desk.person("mara").await;
    let both = numbers(&[desk.case, second]);
    let fields = [
        ("action", "confirm"),
        ("kind", "counterfeit"),
        ("reason", "Our photo is used"),
        ("cases", &*both),
        ("eject", &*second.to_string()),
    ];
    let (status, body) = mara.fetch("/decide", &fields).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(desk.state(desk.case).await, "confirmed");
    assert_eq!(desk.state(second).await, "open");
    assert_eq!(next(&mara, &[("want", "4")]).await, [second.to_string()]);
    let (second_alone, stale) = (second.to_string(), format!("{second}:00"));
    for (fields, expected) in [
        (vec![("action", "confirm"), ("cases", "")], 400),
        (vec![("action", "confirm"), ("cases", "x")], 400),
        (vec![("action", "confirm"), ("cases", "999")], 404),
        (
            vec![("action", "reject"), ("cases", "1"), ("seen", "1")],
            400,
        ),
        (
            vec![
                ("action", "reject"),
                ("cases", &*second_alone),
                ("seen", &*stale),
            ],
            409,
        ),
    ] {
        let (status, body) = mara.fetch("/decide", &fields).await;
        assert_eq!(status, expected, "{fields:?} {body}");
    }
    assert_eq!(desk.state(second).await, "open");
    desk.close().await;
}

#[tokio::test]
async fn whoever_may_only_look_gets_no_cards_and_changes_nothing() {
    let desk = Desk::open().await;
    let vera = desk.person("vera").await;
    let case = desk.case.to_string();
    assert_eq!(vera.get("/review").await.status(), 403);
    for path in [
        "/review/next",
        "/review/card",
        "/review/keep",
        "/review/leave",
        "/decide",
        "/note",
        "/assign",
        "/queue/saved",
        "/queue/saved/1/drop",
        "/settings",
        "/case/1/known",
        "/undo",
    ] {
        let fields = [
            ("action", "reject"),
            ("cases", &*case),
            ("case", &*case),
            ("text", "x"),
            ("name", "x"),
        ];
        let answer = vera.post(path, &fields).await;
        assert_eq!(answer.status(), 403, "{path}");
    }
    let mara = desk.person("mara").await;
    let rules = [("first_action", "1")];
    assert_eq!(mara.post("/settings", &rules).await.status(), 403);
    assert_eq!(mara.post("/case/1/known", &[]).await.status(), 403);
    assert_eq!(desk.state(desk.case).await, "open");
    assert!(desk.world.app.store.claims().await.unwrap().is_empty());
    desk.close().await;
}

#[tokio::test]
async fn rules_that_are_put_in_force_send_confirmations_to_a_second_person() {
    let desk = Desk::open().await;
    let (mara, adam) = (desk.person("mara").await, desk.person("adam").await);
    let fields = [("first_action", "1"), ("known_answer_every", "0")];
    let answer = adam.post("/settings", &fields).await;
    assert_eq!(location(&answer), "/settings?kept=1");
    let page = adam.text("/settings").await;
    assert!(page.contains("name=\"first_action\" value=\"1\" checked"));
    let bad = adam.post("/settings", &[("damage_from", "much")]).await;
    assert_eq!(bad.status(), 400);
    let case = desk.case.to_string();
    let confirm = [("action", "confirm"), ("cases", &*case)];
    let (_, body) = mara.fetch("/decide", &confirm).await;
    let said = body["message"].as_str().unwrap();
    assert!(
        said.contains("A second person must confirm: the first action"),
        "{said}"
    );
    assert_eq!(desk.state(desk.case).await, "second_approval");
    assert_eq!(mara.fetch("/decide", &confirm).await.0, 409);
    assert_eq!(adam.fetch("/decide", &confirm).await.0, 200);
    assert_eq!(desk.state(desk.case).await, "confirmed");
    let page = mara.text(&format!("/case/{case}?state=all")).await;
    assert!(page.contains("Two decide this: the first action against this seller"));
    desk.close().await;
}

#[tokio::test]
async fn a_known_answer_comes_among_the_cards_and_is_counted() {
    let desk = Desk::open().await;
    let other = desk.case_of_another_product("9001", 0.8).await;
    let (mara, adam) = (desk.person("mara").await, desk.person("adam").await);
    let known = desk.case.to_string();
    adam.fetch("/decide", &[("action", "confirm"), ("cases", &*known)])
        .await;
    adam.post(&format!("/case/{known}/known"), &[]).await;
    adam.post("/settings", &[("known_answer_every", "5")]).await;
    let cards = next(&mara, &[("want", "1"), ("done", "4")]).await;
    assert_eq!(cards, [other.to_string()]);
    let cards = next(&mara, &[("want", "1"), ("done", "5")]).await;
    assert_eq!(cards, [known.clone(), other.to_string()]);
    let fields = [("action", "reject"), ("cases", &*known)];
    let (status, body) = mara.fetch("/decide", &fields).await;
    assert_eq!(
        (status, &body["message"]),
        (200, &Value::from(format!("Case {known} rejected.")))
    );
    assert_eq!(desk.state(desk.case).await, "confirmed");
    let page = adam.text("/settings").await;
    assert!(page.contains("<th scope=\"row\">mara</th><td class=\"num\">1</td><td class=\"num\">0</td><td class=\"num\">1</td>"));
    assert_eq!(
        mara.fetch("/decide", &fields).await.0,
        409,
        "asked once only"
    );
    desk.close().await;
}

#[tokio::test]
async fn a_queue_is_saved_under_a_name_and_forgotten() {
    let desk = Desk::open().await;
    let mara = desk.person("mara").await;
    let fields = [
        ("name", "Dear <i>ones</i>"),
        (
            "query",
            "brand=Ostrelund&min=80&evil=%3Cscript%3E&after=0.5:1",
        ),
    ];
    let answer = mara.post("/queue/saved", &fields).await;
    assert_eq!(location(&answer), "/queue?brand=Ostrelund&min=80");
    let page = mara.text("/queue?brand=Ostrelund&min=80").await;
    assert!(page.contains("Dear &#60;i&#62;ones"));
    let saved = desk.world.app.store.saved_filters().await.unwrap();
    assert_eq!(saved[0].query, "brand=Ostrelund&min=80");
    mara.post(&format!("/queue/saved/{}/drop", saved[0].id), &[])
        .await;
    assert!(
        desk.world
            .app
            .store
            .saved_filters()
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(mara.post("/queue/saved", &[]).await.status(), 400);
    desk.close().await;
}

#[tokio::test]
async fn keys_are_ones_own_and_no_two_actions_share_one() {
    let desk = Desk::open().await;
    let (mara, adam) = (desk.person("mara").await, desk.person("adam").await);
    let page = mara.text("/keys").await;
    let names: Vec<String> = page
        .split("name=\"key-")
        .skip(1)
        .map(|rest| format!("key-{}", rest.split('"').next().unwrap()))
        .collect();
    let values: Vec<String> = page
        .split("name=\"key-")
        .skip(1)
        .map(|rest| {
            rest.split("value=\"")
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap()
                .to_owned()
        })
        .collect();
    let form = |reject: &str| -> Vec<(String, String)> {
        names
            .iter()
            .cloned()
            .zip(values.iter().cloned())
            .map(|(name, value)| match &*name {
                "key-reject" => (name, reject.to_owned()),
                _ => (name, value),
            })
            .collect()
    };
    let send = async |reject: &str| {
        let form = form(reject);
        let fields: Vec<(&str, &str)> = form.iter().map(|(a, b)| (&**a, &**b)).collect();
        mara.post("/keys", &fields).await
    };
    assert_eq!(location(&send("d").await), "/keys?kept=1");
    assert!(
        mara.text("/queue")
            .await
            .contains("&#34;reject&#34;:&#34;d&#34;")
    );
    assert!(
        adam.text("/queue")
            .await
            .contains("&#34;reject&#34;:&#34;r&#34;")
    );
    let clash = send("c").await;
    assert_eq!(clash.status(), 200);
    assert!(
        clash
            .text()
            .await
            .unwrap()
            .contains("stands for two actions")
    );
    let bad = send("7").await.text().await.unwrap();
    assert!(bad.contains("is no key for an action"));
    assert!(
        mara.text("/queue")
            .await
            .contains("&#34;reject&#34;:&#34;d&#34;")
    );
    mara.post("/keys", &[("reset", "1")]).await;
    assert!(
        mara.text("/queue")
            .await
            .contains("&#34;reject&#34;:&#34;r&#34;")
    );

    let (status, _) = mara
        .fetch("/look", &[("blur", "true"), ("mode", "slider")])
        .await;
    assert_eq!(status, 200);
    let page = mara.text(&format!("/case/{}", desk.case)).await;
    assert!(page.contains("data-blur=\"true\"") && page.contains("data-mode=\"slider\""));
    mara.fetch("/look", &[("mode", "\"><script>")]).await;
    let page = mara.text(&format!("/case/{}", desk.case)).await;
    assert!(page.contains("data-mode=\"side\""));
    desk.close().await;
}

#[tokio::test]
async fn notes_and_assignments_stand_on_the_case_and_on_its_card() {
    let desk = Desk::open().await;
    let (mara, adam) = (desk.person("mara").await, desk.person("adam").await);
    let case = desk.case.to_string();
    let words = [("cases", &*case), ("text", "Ask <b>legal</b> first")];
    assert_eq!(mara.fetch("/note", &words).await.0, 200);
    assert_eq!(mara.fetch("/note", &[("cases", &*case)]).await.0, 400);
    let page = adam.text(&format!("/case/{case}")).await;
    assert!(page.contains("Ask &#60;b&#62;legal&#60;/b&#62; first"));

    let to = |name: &'static str| [("cases", case.clone()), ("to", name.to_owned())];
    let assign = async |name: &'static str| {
        let fields = to(name);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(a, b)| (*a, &**b)).collect();
        mara.fetch("/assign", &fields).await
    };
    assert_eq!(assign("vera").await.0, 409, "she may not decide");
    assert_eq!(assign("adam").await.1["message"], "Assigned to adam.");
    assert!(next(&mara, &[("want", "4")]).await.is_empty());
    assert_eq!(
        next(&mara, &[("want", "4"), ("queue", "whose=adam")])
            .await
            .len(),
        1
    );
    mara.fetch("/review/leave", &[("cases", &*case)]).await;
    assert_eq!(next(&adam, &[("want", "4")]).await.len(), 1);
    assert!(mara.text("/queue").await.contains("For adam"));
    desk.close().await;
}

#[tokio::test]
async fn a_queue_is_exported_as_a_table_that_starts_no_formula() {
    let desk = Desk::open().await;
    desk.another_case("8001", "=cmd|' /C calc'!A0", 0.9).await;
    desk.another_case("8002", "two\nlines, \"quoted\"", 0.8)
        .await;
    let mara = desk.person("mara").await;
    let answer = mara.get("/queue.csv?min=50").await;
    assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
    let text = answer.text().await.unwrap();
    let text = text.strip_prefix('\u{feff}').unwrap();
    let mut table = csv::Reader::from_reader(text.as_bytes());
    let titles: Vec<String> = table
        .records()
        .map(|row| row.unwrap()[6].to_owned())
        .collect();
    assert_eq!(titles[1], "'=cmd|' /C calc'!A0");
    assert_eq!(titles[2], "two\nlines, \"quoted\"");
    let none = mara.text("/queue.csv?brand=Nobody").await;
    assert_eq!(none.lines().count(), 1);
    desk.close().await;
}
