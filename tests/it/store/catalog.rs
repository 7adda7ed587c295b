//! Products, rights and reference photos.

use markhound::store::StoreError;
use markhound::store::import::{ProductDraft, Saved};
use markhound::store::products::Right;
use markhound::store::reference_hashes::ReferenceHashDraft;

use super::Db;
use crate::world::{product, reference, right};

pub async fn a_product_saved_thrice_is_added_unchanged_changed(db: Db) {
    let store = &db.store;
    let photo = reference(&"aa".repeat(32));
    let mut draft = product("A");
    let first = store
        .save_product("t", &draft, std::slice::from_ref(&photo))
        .await;
    assert_eq!(first.unwrap(), Saved::Added);
    let version = store.catalog_version().await.unwrap();
    db.hands.forward(60);
    let second = store
        .save_product("t", &draft, std::slice::from_ref(&photo))
        .await;
    assert_eq!(second.unwrap(), Saved::Unchanged);
    assert_eq!(store.catalog_version().await.unwrap(), version);
    let stored = store.product("A").await.unwrap();
    assert_eq!(stored.created_at, stored.updated_at);

    draft.name = "Fjordal II".to_owned();
    draft.rights.pop();
    let third = store.save_product("t", &draft, &[]).await.unwrap();
    assert_eq!(third, Saved::Changed);
    let more = reference(&"bb".repeat(32));
    let fourth = store.save_product("t", &draft, &[photo, more]).await;
    assert_eq!(fourth.unwrap(), Saved::Changed);
    assert_eq!(store.catalog_version().await.unwrap(), version + 2);

    let stored = store.product("A").await.unwrap();
    assert_eq!(stored.name, "Fjordal II");
    assert!(stored.updated_at > stored.created_at);
    assert_eq!(store.product_by_id(stored.id).await.unwrap().sku, "A");
    assert_eq!(store.products().await.unwrap().len(), 1);
    assert_eq!(store.rights_of(stored.id).await.unwrap().len(), 1);
    assert_eq!(store.reference_photos().await.unwrap().len(), 2);
    let photos = store.reference_photos_of(stored.id).await.unwrap();
    assert_eq!(photos[0].hashes, [1, 2, 3]);
    let names = store.reference_names().await.unwrap();
    assert_eq!(names[1].blob, "bb".repeat(32));
    assert!(store.is_picture(&names[1].blob).await.unwrap());
    assert!(!store.is_picture(&"cc".repeat(32)).await.unwrap());
    for missing in [
        store.product("B").await.unwrap_err(),
        store.product_by_id(99).await.unwrap_err(),
    ] {
        assert!(matches!(
            missing,
            StoreError::NotFound {
                what: "product",
                ..
            }
        ));
    }
}

pub async fn rights_keep_their_identity_while_they_are_the_same(db: Db) {
    let store = &db.store;
    let in_country = |jurisdiction: &str, owner: &str| Right {
        jurisdiction: Some(jurisdiction.to_owned()),
        owner: Some(owner.to_owned()),
        ..right("trademark")
    };
    let mut draft = product("A");
    draft.rights = vec![in_country("DE", "x"), in_country("US", "x")];
    store.save_product("t", &draft, &[]).await.unwrap();
    let before = store.rights().await.unwrap();
    draft.rights = vec![in_country("US", "y"), in_country("JP", "y")];
    store.save_product("t", &draft, &[]).await.unwrap();
    let after = store.rights().await.unwrap();
    let told = |rows: &[markhound::store::products::RightRow]| -> Vec<(i64, String)> {
        rows.iter()
            .map(|row| (row.id, row.jurisdiction.clone().unwrap()))
            .collect()
    };
    assert_eq!(after.len(), 2);
    assert_eq!(told(&after)[0], told(&before)[1]);
    assert_eq!(after[0].owner.as_deref(), Some("y"));
    assert_eq!(after[1].jurisdiction.as_deref(), Some("JP"));
}

pub async fn a_product_with_nothing_optional_is_kept(db: Db) {
    let draft = ProductDraft {
        category: None,
        model_numbers: Vec::new(),
        msrp: None,
        currency: None,
        countries: Vec::new(),
        rights: vec![Right {
            kind: "copyright".to_owned(),
            number: None,
            jurisdiction: None,
            classes: Vec::new(),
            owner: None,
            expiry: None,
        }],
        ..product("A")
    };
    for expected in [Saved::Added, Saved::Unchanged] {
        let saved = db.store.save_product("t", &draft, &[]).await.unwrap();
        assert_eq!(saved, expected);
    }
    let stored = db.store.product("A").await.unwrap();
    assert_eq!((stored.msrp, stored.released), (None, None));
    let right = db.store.rights_of(stored.id).await.unwrap().remove(0);
    assert_eq!((right.number, right.expiry), (None, None));
}

pub async fn a_hash_is_kept_once_a_product_and_its_number_never_given_again(db: Db) {
    let store = &db.store;
    for sku in ["A", "B"] {
        store.save_product("t", &product(sku), &[]).await.unwrap();
    }
    let draft = |algorithm: &str, label: &str| ReferenceHashDraft {
        algorithm: algorithm.to_owned(),
        hash: "5a".repeat(32),
        quality: (label == "x").then_some(77),
        label: label.to_owned(),
    };
    let drafts = [draft("pdq", "x"), draft("img_hash", "y"), draft("pdq", "z")];
    let version = store.catalog_version().await.unwrap();
    for (sku, added) in [("A", 2), ("A", 0), ("B", 2)] {
        let done = store.add_reference_hashes("t", sku, "l", &drafts).await;
        assert_eq!(done.unwrap(), added);
    }
    assert_eq!(store.catalog_version().await.unwrap(), version + 2);
    let rows = store.reference_hashes().await.unwrap();
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.sku.as_str(), row.label.as_str(), row.quality))
        .collect();
    let both = |sku| [(sku, "x", Some(77)), (sku, "y", None)];
    assert_eq!(told, [both("A"), both("B")].concat());

    let removed = store.remove_reference_hashes("t", "B", Some("y")).await;
    assert_eq!(removed.unwrap(), 1);
    let again = store.add_reference_hashes("t", "B", "l", &drafts).await;
    assert_eq!(again.unwrap(), 1);
    let of_b = store.reference_hashes_of("B").await.unwrap();
    assert!(rows.iter().all(|row| row.id < of_b[1].id));
    assert_eq!(
        store.remove_reference_hashes("t", "A", None).await.unwrap(),
        2
    );
    let missing = store.reference_hashes_of("C").await;
    assert!(matches!(missing, Err(StoreError::NotFound { .. })));
}
