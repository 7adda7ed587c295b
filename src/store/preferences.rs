//! What is set while the program runs: settings for everybody, preferences of one
//! person, queues that were given a name.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::FromRow;

use super::db::{json as to_json, params};
use super::{Store, StoreError};
use crate::clock::Millis;

/// Named queues that there may be.
const MOST_FILTERS: i64 = 200;

/// A condition on a named queue: nothing is hidden from them, or they named it.
macro_rules! own {
    ($who:literal) => {
        concat!(
            "(CAST(",
            $who,
            " AS BIGINT) IS NULL OR created_by = (SELECT name FROM users WHERE id = ",
            $who,
            "))"
        )
    };
}

/// A queue that was given a name.
#[derive(Debug, Clone, FromRow, Serialize, Deserialize, PartialEq, Eq)]
pub struct SavedFilter {
    /// Identifier.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// The query of its address.
    pub query: String,
    /// Who named it.
    pub created_by: String,
    /// When.
    pub created_at: Millis,
}

impl Store {
    /// A setting, or its default where nobody has set it. One that cannot be read
    /// counts as not set: a newer version may have written it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn setting<T: DeserializeOwned + Default>(
        &self,
        name: &str,
    ) -> Result<T, StoreError> {
        let found: Option<(String,)> = self
            .pools
            .optional("SELECT value FROM settings WHERE name = $1", params![name])
            .await?;
        Ok(found
            .and_then(|(value,)| serde_json::from_str(&value).ok())
            .unwrap_or_default())
    }

    /// Sets a setting, and writes down who did.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn set_setting<T: Serialize>(
        &self,
        actor: &str,
        name: &str,
        value: &T,
    ) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let value = to_json(value);
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        tx.run(
            "INSERT INTO settings (name, value, actor, at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value, actor = excluded.actor,
                at = excluded.at",
            params![name, &value, actor, now],
        )
        .await?;
        let detail = json!({ "value": serde_json::from_str::<serde_json::Value>(&value).ok() });
        tx.audit(
            now,
            actor,
            "settings.change",
            &format!("setting {name}"),
            &detail,
        )
        .await?;
        tx.commit().await
    }

    /// What a person likes, or the default.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn preference<T: DeserializeOwned + Default>(
        &self,
        user: &str,
        name: &str,
    ) -> Result<T, StoreError> {
        let found: Option<(String,)> = self
            .pools
            .optional(
                "SELECT value FROM preferences WHERE user_name = $1 AND name = $2",
                params![user, name],
            )
            .await?;
        Ok(found
            .and_then(|(value,)| serde_json::from_str(&value).ok())
            .unwrap_or_default())
    }

    /// Keeps what a person likes. It changes nothing for anybody else, so it is
    /// not in the log.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn set_preference<T: Serialize>(
        &self,
        user: &str,
        name: &str,
        value: &T,
    ) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        tx.run(
            "INSERT INTO preferences (user_name, name, value, at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (user_name, name) DO UPDATE SET value = excluded.value, at = excluded.at",
            params![user, name, to_json(value), self.clock.millis()],
        )
        .await?;
        tx.commit().await
    }

    /// Gives a queue a name; the same name again is another queue then.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there are too many, or when the database
    /// cannot be written.
    pub async fn save_filter(
        &self,
        actor: &str,
        name: &str,
        query: &str,
    ) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        let count = tx
            .id("SELECT COUNT(*) FROM saved_filters", params![])
            .await?;
        if count >= MOST_FILTERS {
            return Err(StoreError::Conflict(format!(
                "there are {count} saved queues already; delete one first"
            )));
        }
        let saved = tx
            .run(
                "INSERT INTO saved_filters (name, query, created_by, created_at)
                 VALUES ($1, $2, $3, $4)
                 ON CONFLICT (name) DO UPDATE SET query = excluded.query,
                    created_by = excluded.created_by, created_at = excluded.created_at
                    WHERE CAST($5 AS BIGINT) IS NULL
                        OR saved_filters.created_by = excluded.created_by",
                params![name, query, actor, now, self.sees],
            )
            .await?;
        if saved == 0 {
            return Err(StoreError::Conflict(format!(
                "the name {name} is taken; choose another"
            )));
        }
        tx.commit().await
    }

    /// Forgets a named queue; its cases stay. Gives whether it was there.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn drop_filter(&self, id: i64) -> Result<bool, StoreError> {
        let mut tx = self.pools.begin().await?;
        let dropped = tx
            .run(
                concat!("DELETE FROM saved_filters WHERE id = $1 AND ", own!("$2")),
                params![id, self.sees],
            )
            .await?;
        tx.commit().await?;
        Ok(dropped > 0)
    }

    /// The named queues, by name; whoever sees some brands only sees their own, for
    /// names and queries name brands.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn saved_filters(&self) -> Result<Vec<SavedFilter>, StoreError> {
        self.pools
            .all(
                concat!(
                    "SELECT id, name, query, created_by, created_at FROM saved_filters WHERE ",
                    own!("$1"),
                    " ORDER BY name"
                ),
                params![self.sees],
            )
            .await
    }
}
