//! Opening a database, old and new.

use markhound::store::StoreError;

use super::Db;
use crate::world::product;

pub async fn a_database_opened_again_is_as_it_was(db: Db) {
    db.store
        .save_product("t", &product("A"), &[])
        .await
        .unwrap();
    for _ in 0..2 {
        let again = db.reopen().await.unwrap();
        assert_eq!(again.products().await.unwrap().len(), 1);
        let engine = if db.is_postgres() {
            "PostgreSQL"
        } else {
            "SQLite"
        };
        assert_eq!(again.engine(), engine);
        again.close().await;
    }
}

pub async fn a_database_of_a_newer_version_is_refused(db: Db) {
    let checksum = if db.is_postgres() { "'\\x00'" } else { "X'00'" };
    db.execute(&format!(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'from the future', TRUE, {checksum}, 0)"
    ))
    .await;
    match db.reopen().await.unwrap_err() {
        StoreError::Newer { found, known } => {
            assert_eq!(found, 9999);
            assert!((1..9999).contains(&known));
        }
        other => panic!("{other}"),
    }
}
