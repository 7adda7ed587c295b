//! Sessions: a signed-in browser each.

use serde::Serialize;
use serde_json::json;
use sqlx::FromRow;

use super::db::{Tx, params};
use super::users::User;
use super::{Store, StoreError};
use crate::accounts::{Role, Sees};
use crate::clock::Millis;

/// How long a session goes unmarked while it is used: a write for each page would
/// cost more than it tells.
const UNMARKED: i64 = 5 * 60 * 1000;

/// A signed-in browser.
#[derive(Debug, Clone, FromRow)]
pub struct Session {
    /// The user.
    pub user_id: i64,
    /// Sign-in name.
    pub name: String,
    /// A role's word, see [`Role`].
    pub role: String,
    /// Whether the user sees some brands only.
    pub listed: bool,
    /// Whether the user has a second factor.
    pub enrolled: bool,
    /// The token every form of this session must carry.
    pub csrf: String,
    /// End.
    pub expires_at: Millis,
    /// When it was last marked as used.
    pub seen_at: Millis,
    /// Whether the OpenID provider has asked for a second factor.
    pub vouched: bool,
    /// When the OpenID provider has asked them anew who they are.
    pub proven_at: Option<Millis>,
}

/// A session as its user, or an administrator, sees it.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct SessionInfo {
    /// What it is known by: the hash of its token, which opens nothing.
    pub token_hash: String,
    /// Whose.
    pub name: String,
    /// Begin.
    pub created_at: Millis,
    /// Last used, give or take five minutes.
    pub seen_at: Millis,
    /// End.
    pub expires_at: Millis,
    /// From where it began.
    pub address: String,
    /// What the browser calls itself.
    pub browser: String,
    /// The OpenID provider by which it began; none for a password.
    pub issuer: Option<String>,
}

/// How somebody has proven who they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The OpenID provider that vouches for them; none for a password.
    pub issuer: Option<String>,
    /// Whether that provider has asked for a second factor.
    pub vouched: bool,
    /// When that provider has asked them anew who they are, though they were signed in.
    pub proven_at: Option<Millis>,
}

/// A session that begins.
#[derive(Debug, Clone, Default)]
pub struct SessionStart<'a> {
    /// The hash of its token.
    pub token_hash: &'a str,
    /// The token its forms must carry.
    pub csrf: &'a str,
    /// Until when it lasts.
    pub expires_at: Millis,
    /// From where it came.
    pub address: &'a str,
    /// What the browser calls itself.
    pub browser: &'a str,
    /// How its user has proven who they are.
    pub origin: Origin,
}

impl Session {
    /// What the user may do.
    #[must_use]
    pub fn role(&self) -> Role {
        Role::stored(&self.role)
    }

    /// What the user may see.
    #[must_use]
    pub fn sees(&self) -> Sees {
        Sees::of(self.user_id, self.listed)
    }
}

impl Store {
    /// Starts a session; only the hash of its token is kept. Sessions that have
    /// ended are swept out.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn start_session(
        &self,
        user: &User,
        start: &SessionStart<'_>,
    ) -> Result<(), StoreError> {
        let (now, origin) = (self.clock.millis(), &start.origin);
        let mut tx = self.pools.begin().await?;
        tx.run("DELETE FROM sessions WHERE expires_at < $1", params![now])
            .await?;
        tx.run(
            "INSERT INTO sessions (token_hash, user_id, csrf, created_at, expires_at, seen_at,
                address, browser, issuer, vouched, proven_at)
             VALUES ($1, $2, $3, $4, $5, $4, $6, $7, $8, $9, $10)",
            params![
                start.token_hash,
                user.id,
                start.csrf,
                now,
                start.expires_at,
                start.address,
                start.browser,
                origin.issuer.as_deref(),
                origin.vouched,
                origin.proven_at
            ],
        )
        .await?;
        let subject = format!("user {}", user.name);
        let detail = match &origin.issuer {
            Some(issuer) => json!({ "issuer": issuer, "second_factor_there": origin.vouched }),
            None => json!({}),
        };
        tx.audit(now, &user.name, "user.sign_in", &subject, &detail)
            .await?;
        tx.commit().await
    }

    /// The session of that token, unless it has ended or its user may not sign in.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn session(&self, token_hash: &str) -> Result<Option<Session>, StoreError> {
        self.pools
            .optional(
                "SELECT s.user_id, u.name, u.role,
                    EXISTS (SELECT 1 FROM user_brands ub WHERE ub.user_id = u.id) AS listed,
                    EXISTS (SELECT 1 FROM second_factors f WHERE f.user_id = u.id
                        AND f.confirmed_at IS NOT NULL) AS enrolled,
                    s.csrf, s.expires_at, s.seen_at, s.vouched, s.proven_at
                 FROM sessions s JOIN users u ON u.id = s.user_id
                 WHERE s.token_hash = $1 AND s.expires_at >= $2 AND u.disabled_at IS NULL",
                params![token_hash, self.clock.millis()],
            )
            .await
    }

    /// Marks a session as used, where that was not done a while ago.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn mark_session(&self, token_hash: &str, seen_at: Millis) -> Result<(), StoreError> {
        let now = self.clock.millis();
        if now.0 - seen_at.0 < UNMARKED {
            return Ok(());
        }
        let mut tx = self.pools.begin().await?;
        tx.run(
            "UPDATE sessions SET seen_at = $2 WHERE token_hash = $1",
            params![token_hash, now],
        )
        .await?;
        tx.commit().await
    }

    /// Sessions that go on: those of a user, or everybody's, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn sessions(&self, user: Option<&str>) -> Result<Vec<SessionInfo>, StoreError> {
        self.pools
            .all(
                "SELECT s.token_hash, u.name, s.created_at, s.seen_at, s.expires_at, s.address,
                    s.browser, s.issuer
                 FROM sessions s JOIN users u ON u.id = s.user_id
                 WHERE s.expires_at >= $1 AND (CAST($2 AS TEXT) IS NULL OR u.name = $2)
                 ORDER BY s.created_at DESC, s.token_hash LIMIT 500",
                params![self.clock.millis(), user],
            )
            .await
    }

    /// Ends a session; gives the OpenID provider by which it had begun, if one did.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn end_session(&self, token_hash: &str) -> Result<Option<String>, StoreError> {
        let mut tx = self.pools.begin().await?;
        let ended: Option<(Option<String>,)> = tx
            .optional(
                "DELETE FROM sessions WHERE token_hash = $1 RETURNING issuer",
                params![token_hash],
            )
            .await?;
        tx.commit().await?;
        Ok(ended.and_then(|(issuer,)| issuer))
    }

    /// Ends a session that somebody points at: one of `of`, or anybody's.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be written.
    pub async fn revoke_session(
        &self,
        actor: &str,
        token_hash: &str,
        of: Option<&str>,
    ) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let whose: Option<(String,)> = tx
            .optional(
                "SELECT u.name FROM sessions s JOIN users u ON u.id = s.user_id
                 WHERE s.token_hash = $1 AND (CAST($2 AS TEXT) IS NULL OR u.name = $2)",
                params![token_hash, of],
            )
            .await?;
        let Some((whose,)) = whose else {
            return Err(StoreError::NotFound {
                what: "session",
                id: token_hash.chars().take(12).collect(),
            });
        };
        tx.run(
            "DELETE FROM sessions WHERE token_hash = $1",
            params![token_hash],
        )
        .await?;
        let subject = format!("user {whose}");
        tx.audit(now, actor, "user.session_revoked", &subject, &json!({}))
            .await?;
        tx.commit().await
    }

    /// Ends every session of a user but one; says how many those were.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn revoke_sessions(
        &self,
        actor: &str,
        of: &str,
        but: Option<&str>,
    ) -> Result<u64, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let ended = tx
            .run(
                "DELETE FROM sessions WHERE user_id = (SELECT id FROM users WHERE name = $1)
                    AND (CAST($2 AS TEXT) IS NULL OR token_hash <> $2)",
                params![of, but],
            )
            .await?;
        let subject = format!("user {of}");
        let detail = json!({ "sessions": ended });
        tx.audit(now, actor, "user.sessions_revoked", &subject, &detail)
            .await?;
        tx.commit().await?;
        Ok(ended)
    }
}

impl Tx {
    pub(super) async fn end_sessions_of(&mut self, user: i64) -> Result<(), StoreError> {
        self.run("DELETE FROM sessions WHERE user_id = $1", params![user])
            .await?;
        Ok(())
    }
}
