//! Packets that were written, and timestamps still to come.

use markhound::store::packets::NewPacket;
use serde_json::json;

use super::Db;

fn packet(signature: &str, path: Option<&str>) -> NewPacket<'static> {
    NewPacket {
        subject: "case 1".to_owned(),
        path: path.map(str::to_owned),
        manifest: "ab",
        signature: signature.to_owned(),
        as_of: markhound::clock::Millis(0),
        key: "k1",
        actor: "anna",
    }
}

pub async fn a_timestamp_is_pending_until_it_comes_once(db: Db) {
    let store = &db.store;
    let failed = |why: &str| Err::<Vec<u8>, String>(why.to_owned());
    let stamps = [
        ("http://a.example/".to_owned(), Ok(vec![1, 2])),
        ("http://b.example/".to_owned(), failed("away")),
    ];
    store
        .record_packet(&packet("s1", Some("/tmp/case-1.zip")), &stamps)
        .await
        .unwrap();
    let pending = store.pending_stamps().await.unwrap();
    assert_eq!(pending.len(), 1);
    let first = &pending[0];
    assert_eq!(first.authority, "http://b.example/");
    assert_eq!(first.path.as_deref(), Some("/tmp/case-1.zip"));
    assert_eq!(
        (first.attempts, first.last_error.as_deref()),
        (1, Some("away"))
    );

    // The same packet once more keeps the token that is there, and its place.
    let again = [("http://a.example/".to_owned(), failed("away now"))];
    store
        .record_packet(&packet("s1", None), &again)
        .await
        .unwrap();
    assert_eq!(store.pending_stamps().await.unwrap().len(), 1);

    store.stamp_failed(first.id, "still away").await.unwrap();
    assert_eq!(store.pending_stamps().await.unwrap()[0].attempts, 2);
    for token in [[7_u8], [8]] {
        let detail = json!({ "authority": first.authority });
        store
            .stamp_came("anna", first, &token, &detail)
            .await
            .unwrap();
    }
    assert!(store.pending_stamps().await.unwrap().is_empty());
    let tokens = store.stamps_of("s1").await.unwrap().unwrap();
    assert_eq!(
        tokens,
        [
            ("http://a.example/".to_owned(), vec![1, 2]),
            ("http://b.example/".to_owned(), vec![7]),
        ]
    );
    assert_eq!(
        store.audit_of("case 1").await.unwrap().len(),
        1,
        "it came once"
    );
    assert!(store.stamps_of("s2").await.unwrap().is_none());
}
