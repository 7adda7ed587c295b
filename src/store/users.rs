//! Users, their sessions and failed sign-ins.

use serde::Serialize;
use serde_json::json;
use sqlx::FromRow;

use super::db::params;
use super::{Store, StoreError};
use crate::clock::Millis;

/// A person who may sign in.
#[derive(Clone, FromRow, Serialize)]
pub struct User {
    /// Identifier.
    pub id: i64,
    /// Sign-in name.
    pub name: String,
    /// argon2id hash in PHC form.
    #[serde(skip)]
    pub password_hash: String,
    /// `administrator` or `reviewer`.
    pub role: String,
    /// When added.
    pub created_at: Millis,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "User({}, {}, {})", self.id, self.name, self.role)
    }
}

/// A signed-in browser.
#[derive(Debug, Clone, FromRow)]
pub struct Session {
    /// The user.
    pub user_id: i64,
    /// Sign-in name.
    pub name: String,
    /// `administrator` or `reviewer`.
    pub role: String,
    /// The token every form of this session must carry.
    pub csrf: String,
    /// End.
    pub expires_at: Millis,
}

impl Store {
    /// Adds a user, or sets the password and role of the one of that name, whose
    /// sessions then end.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn save_user(
        &self,
        actor: &str,
        name: &str,
        password_hash: &str,
        role: &str,
    ) -> Result<i64, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        let id = tx
            .id(
                "INSERT INTO users (name, password_hash, role, created_at) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (name) DO UPDATE SET password_hash = excluded.password_hash,
                    role = excluded.role
                 RETURNING id",
                params![name, password_hash, role, now],
            )
            .await?;
        tx.run("DELETE FROM sessions WHERE user_id = $1", params![id])
            .await?;
        tx.audit(
            now,
            actor,
            "user.save",
            &format!("user {name}"),
            &json!({ "role": role }),
        )
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// All users by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        self.pools
            .all(
                "SELECT id, name, password_hash, role, created_at FROM users ORDER BY name",
                params![],
            )
            .await
    }

    /// Names of the people who may decide cases.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn deciders(&self) -> Result<Vec<String>, StoreError> {
        let names: Vec<(String,)> = self
            .pools
            .all(
                "SELECT name FROM users WHERE role IN ('administrator', 'reviewer')
                 ORDER BY name LIMIT 200",
                params![],
            )
            .await?;
        Ok(names.into_iter().map(|(name,)| name).collect())
    }

    /// The user of that name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn user(&self, name: &str) -> Result<Option<User>, StoreError> {
        self.pools
            .optional(
                "SELECT id, name, password_hash, role, created_at FROM users WHERE name = $1",
                params![name],
            )
            .await
    }

    /// Starts a session; only the hash of its token is kept. Sessions that have
    /// ended are swept out.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn start_session(
        &self,
        user: &User,
        token_hash: &str,
        csrf: &str,
        expires_at: Millis,
    ) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.run("DELETE FROM sessions WHERE expires_at < $1", params![now])
            .await?;
        tx.run(
            "INSERT INTO sessions (token_hash, user_id, csrf, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5)",
            params![token_hash, user.id, csrf, now, expires_at],
        )
        .await?;
        let subject = format!("user {}", user.name);
        tx.audit(now, &user.name, "user.sign_in", &subject, &json!({}))
            .await?;
        tx.commit().await
    }

    /// The session of that token, unless it has ended.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn session(&self, token_hash: &str) -> Result<Option<Session>, StoreError> {
        self.pools
            .optional(
                "SELECT s.user_id, u.name, u.role, s.csrf, s.expires_at
                 FROM sessions s JOIN users u ON u.id = s.user_id
                 WHERE s.token_hash = $1 AND s.expires_at >= $2",
                params![token_hash, self.clock.millis()],
            )
            .await
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn end_session(&self, token_hash: &str) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        tx.run(
            "DELETE FROM sessions WHERE token_hash = $1",
            params![token_hash],
        )
        .await?;
        tx.commit().await
    }

    /// Failed sign-ins under a subject (a name or an address) and the last one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn login_failures(&self, subject: &str) -> Result<(i64, Millis), StoreError> {
        let found: Option<(i64, Millis)> = self
            .pools
            .optional(
                "SELECT failures, last_at FROM login_failures WHERE subject = $1",
                params![subject],
            )
            .await?;
        Ok(found.unwrap_or((0, Millis(0))))
    }

    /// Counts a failed sign-in. A count older than `forget_before` starts anew.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn count_login_failure(
        &self,
        subject: &str,
        forget_before: Millis,
    ) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.run(
            "DELETE FROM login_failures WHERE last_at < $1",
            params![forget_before],
        )
        .await?;
        tx.run(
            "INSERT INTO login_failures (subject, failures, last_at) VALUES ($1, 1, $2)
             ON CONFLICT (subject) DO UPDATE SET failures = login_failures.failures + 1,
                last_at = excluded.last_at",
            params![subject, now],
        )
        .await?;
        tx.audit(now, "system", "user.sign_in_failed", subject, &json!({}))
            .await?;
        tx.commit().await
    }

    /// Forgets failed sign-ins after one that worked.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn clear_login_failures(&self, subject: &str) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        tx.run(
            "DELETE FROM login_failures WHERE subject = $1",
            params![subject],
        )
        .await?;
        tx.commit().await
    }
}
