//! Who users are at an OpenID provider, and people on their way to it and back.

mod arrive;

use serde::Serialize;
use serde_json::json;
use sqlx::FromRow;

use super::db::{Tx, params};
use super::users::User;
use super::{Store, StoreError};
use crate::clock::Millis;

pub use arrive::{Arrival, NotLetIn, Seen};

/// The most people who are awaited back at a time; beyond it those sent first are
/// forgotten.
const MOST_VISITS: i64 = 10_000;

/// Who a user is at a provider.
#[derive(Debug, Clone, PartialEq, Eq, FromRow, Serialize)]
pub struct Identity {
    /// The user.
    pub name: String,
    /// The provider.
    pub issuer: String,
    /// What the provider knows them by.
    pub subject: String,
    /// Since when.
    pub bound_at: Millis,
    /// When they last signed in so.
    pub used_at: Option<Millis>,
}

/// Somebody who was sent to the provider.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Visit {
    /// What the provider's token must repeat.
    pub nonce: String,
    /// What proves that it is us who ask for the token (PKCE).
    pub verifier: String,
    /// The page they wanted.
    pub next: String,
    /// Whether they must prove anew who they are, though they are signed in there.
    pub again: bool,
}

impl Store {
    /// Keeps that somebody is sent to the provider. Those who took too long are swept
    /// out, and where very many are under way those who were sent first.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn send_to_provider(
        &self,
        state_hash: &str,
        browser_hash: &str,
        visit: &Visit,
        expires_at: Millis,
    ) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        tx.run(
            "DELETE FROM provider_visits WHERE expires_at < $1 OR state_hash IN (
                SELECT state_hash FROM provider_visits ORDER BY expires_at DESC, state_hash
                LIMIT 10 OFFSET $2)",
            params![self.clock.millis(), MOST_VISITS],
        )
        .await?;
        tx.run(
            "INSERT INTO provider_visits
                (state_hash, browser_hash, nonce, verifier, next, again, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            params![
                state_hash,
                browser_hash,
                &visit.nonce,
                &visit.verifier,
                &visit.next,
                visit.again,
                expires_at
            ],
        )
        .await?;
        tx.commit().await
    }

    /// Takes somebody back from the provider, once: only in the browser that was sent.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn back_from_provider(
        &self,
        state_hash: &str,
        browser_hash: &str,
    ) -> Result<Option<Visit>, StoreError> {
        let mut tx = self.pools.begin().await?;
        let visit: Option<Visit> = tx
            .optional(
                "DELETE FROM provider_visits
                 WHERE state_hash = $1 AND browser_hash = $2 AND expires_at >= $3
                 RETURNING nonce, verifier, next, again",
                params![state_hash, browser_hash, self.clock.millis()],
            )
            .await?;
        tx.commit().await?;
        Ok(visit)
    }

    /// Binds a user to a subject of a provider, in the place of the one before.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] where the subject is somebody
    /// else; or when the database cannot be written.
    pub async fn bind_identity(
        &self,
        actor: &str,
        name: &str,
        issuer: &str,
        subject: &str,
    ) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let user = tx.user(name).await?;
        let user = user.ok_or_else(|| StoreError::not_found("user", name))?;
        if let Some(other) = tx.user_of_identity(issuer, subject).await?
            && other != name
        {
            return Err(StoreError::Conflict(format!(
                "{subject} is bound to {other}; unbind them first"
            )));
        }
        tx.run(
            "DELETE FROM identities WHERE user_id = $1 AND issuer = $2",
            params![user.id, issuer],
        )
        .await?;
        tx.bind_identity(now, actor, &user, issuer, subject).await?;
        tx.commit().await
    }

    /// Unbinds a user from every provider, and ends their sessions; says from how many.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be written.
    pub async fn unbind_identities(&self, actor: &str, name: &str) -> Result<u64, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let user = tx.user(name).await?;
        let user = user.ok_or_else(|| StoreError::not_found("user", name))?;
        let unbound = tx
            .run(
                "DELETE FROM identities WHERE user_id = $1",
                params![user.id],
            )
            .await?;
        if unbound > 0 {
            tx.end_sessions_of(user.id).await?;
            tx.run(
                "DELETE FROM pending_sign_ins WHERE user_id = $1",
                params![user.id],
            )
            .await?;
            let subject = format!("user {name}");
            tx.audit(now, actor, "user.identity_unbound", &subject, &json!({}))
                .await?;
        }
        tx.commit().await?;
        Ok(unbound)
    }

    /// Who users are at providers: one user, or all of them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn identities(&self, name: Option<&str>) -> Result<Vec<Identity>, StoreError> {
        self.pools
            .all(
                "SELECT u.name, i.issuer, i.subject, i.bound_at, i.used_at
                 FROM identities i JOIN users u ON u.id = i.user_id
                 WHERE CAST($1 AS TEXT) IS NULL OR u.name = $1
                 ORDER BY u.name, i.issuer",
                params![name],
            )
            .await
    }
}

impl Tx {
    async fn user_of_identity(
        &mut self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<String>, StoreError> {
        let found: Option<(String,)> = self
            .optional(
                "SELECT u.name FROM identities i JOIN users u ON u.id = i.user_id
                 WHERE i.issuer = $1 AND i.subject = $2",
                params![issuer, subject],
            )
            .await?;
        Ok(found.map(|(name,)| name))
    }

    async fn bind_identity(
        &mut self,
        now: Millis,
        actor: &str,
        user: &User,
        issuer: &str,
        subject: &str,
    ) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO identities (issuer, subject, user_id, bound_at) VALUES ($1, $2, $3, $4)",
            params![issuer, subject, user.id, now],
        )
        .await?;
        let detail = json!({ "issuer": issuer, "subject": subject });
        let about = format!("user {}", user.name);
        self.audit(now, actor, "user.identity_bound", &about, &detail)
            .await
    }
}
