//! Weights that are proposed, adopted and taken back on the page.

use markhound::learning;

use crate::desk::Desk;
use crate::learning::{decided, review_all};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn proposed_weights_stand_beside_those_that_score_and_an_administrator_adopts_them() {
    let desk = Desk::open().await;
    let (mara, adam) = (desk.person("mara").await, desk.person("adam").await);
    let page = mara.text("/learning").await;
    assert!(
        page.contains("Nothing is proposed") && page.contains("start v"),
        "{page}"
    );
    let early = adam.post("/learning/fit", &[]).await;
    assert_eq!(early.status(), 409, "there is nothing to learn from");

    review_all(&desk.world, &decided(200)).await;
    assert_eq!(mara.post("/learning/fit", &[]).await.status(), 403);
    assert_eq!(adam.post("/learning/fit", &[]).await.status(), 303);
    let page = adam.text("/learning").await;
    assert!(page.contains("own v1 is proposed"), "{page}");
    for figure in ["Precision", "Recall", "Calibration error", "Adopt own v1"] {
        assert!(page.contains(figure), "{figure}");
    }
    let page = mara.text("/learning").await;
    assert!(page.contains("own v1 is proposed") && !page.contains("Adopt own v1"));

    let store = &desk.world.app.store;
    let id = store
        .newest_model(learning::LINE)
        .await
        .unwrap()
        .unwrap()
        .id;
    let fields = [("model", id.to_string())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
    assert_eq!(mara.post("/learning/adopt", &fields).await.status(), 403);
    for wrong in ["", "x", "99"] {
        let status = adam
            .post("/learning/adopt", &[("model", wrong)])
            .await
            .status();
        assert!(status == 400 || status == 404, "{wrong}: {status}");
    }
    assert!(store.adopted_model().await.unwrap().is_none());
    assert_eq!(adam.post("/learning/adopt", &fields).await.status(), 303);
    assert_eq!(adam.post("/learning/adopt", &fields).await.status(), 409);
    let page = adam.text("/learning").await;
    assert!(
        page.contains("own v1 scores now") && page.contains("scores now</span>"),
        "{page}"
    );
    assert!(page.contains("Take the last adoption back"));

    assert_eq!(mara.post("/learning/undo", &[]).await.status(), 403);
    assert_eq!(adam.post("/learning/undo", &[]).await.status(), 303);
    assert!(store.adopted_model().await.unwrap().is_none());
    assert_eq!(adam.post("/learning/undo", &[]).await.status(), 409);
    let page = adam.text("/learning").await;
    assert!(
        page.contains("own v1 is proposed"),
        "it can be adopted again"
    );
    desk.close().await;
}
