//! The hash-chained log.

use serde_json::json;

use super::Db;
use crate::world::product;

pub async fn the_chain_holds_and_every_tampering_breaks_it(db: Db) {
    let store = &db.store;
    assert_eq!(store.audit_first_break().await.unwrap(), None);
    for sku in ["A", "B", "C", "D"] {
        store.save_product("t", &product(sku), &[]).await.unwrap();
    }
    store
        .audit("t", "test.note", "case 1", &json!({ "ü": [null, true] }))
        .await
        .unwrap();
    assert_eq!(store.audit_first_break().await.unwrap(), None);
    let tamperings = [
        (
            "UPDATE audit_events SET actor = 'mallory' WHERE seq = 2",
            "UPDATE audit_events SET actor = 't' WHERE seq = 2",
            2,
        ),
        (
            "UPDATE audit_events SET at = at - 1 WHERE seq = 3",
            "UPDATE audit_events SET at = at + 1 WHERE seq = 3",
            3,
        ),
        (
            "UPDATE audit_head SET hash = 'x', seq = seq + 1",
            "UPDATE audit_head SET seq = 5, hash = (SELECT hash FROM audit_events WHERE seq = 5)",
            6,
        ),
    ];
    for (tamper, mend, place) in tamperings {
        db.execute(tamper).await;
        assert_eq!(store.audit_first_break().await.unwrap(), Some(place));
        db.execute(mend).await;
        assert_eq!(store.audit_first_break().await.unwrap(), None, "{mend}");
    }
    db.execute("DELETE FROM audit_events WHERE seq = 5").await;
    assert_eq!(store.audit_first_break().await.unwrap(), Some(5));
    db.execute("DELETE FROM audit_events WHERE seq = 1").await;
    assert_eq!(store.audit_first_break().await.unwrap(), Some(2));
}

pub async fn numbers_of_every_length_come_back_as_they_were_hashed(db: Db) {
    let mut x = 88_172_645_463_325_252_u64;
    let numbers: Vec<f64> = (0..2000)
        .map(|_| {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            (x >> 11) as f64 / (1_u64 << 53) as f64
        })
        .collect();
    let detail = json!({ "scores": numbers });
    db.store
        .audit("t", "test", "case 1", &detail)
        .await
        .unwrap();
    assert_eq!(db.store.audit_first_break().await.unwrap(), None);
    let events = db.store.audit_of("case 1").await.unwrap();
    assert_eq!(events[0].detail.0, detail);
}

pub async fn pages_and_subjects_give_the_events_they_should(db: Db) {
    for number in 1..=7 {
        let subject = format!("case {}", number % 2);
        let action = format!("test.{number}");
        db.store
            .audit("t", &action, &subject, &json!({}))
            .await
            .unwrap();
    }
    let newest = db.store.audit_page(None, 3).await.unwrap();
    assert_eq!(newest.iter().map(|e| e.seq).collect::<Vec<_>>(), [7, 6, 5]);
    let next = db.store.audit_page(Some(5), 100).await.unwrap();
    assert_eq!(next.iter().map(|e| e.seq).collect::<Vec<_>>(), [4, 3, 2, 1]);
    let odd = db.store.audit_of("case 1").await.unwrap();
    assert_eq!(odd.iter().map(|e| e.seq).collect::<Vec<_>>(), [1, 3, 5, 7]);
    assert!(db.store.audit_of("case 9").await.unwrap().is_empty());
}
