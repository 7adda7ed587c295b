//! Personal tokens of the API, and answers that are given again.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::json;
use sqlx::FromRow;

use super::db::params;
use super::users::User;
use super::{Store, StoreError};
use crate::accounts::token::{Scope, scopes};
use crate::accounts::{Role, Sees};
use crate::clock::Millis;

/// Tokens that one person has at most.
const MOST_TOKENS: i64 = 50;
/// How long the use of a token goes unmarked, in milliseconds.
const UNMARKED: i64 = 60 * 1000;
/// How long answers are kept to be given again: a day.
const KEPT: i64 = 86_400_000;
/// After this long a request that never ended counts as not made.
const ABANDONED: i64 = 120_000;

/// A token as it is listed.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Token {
    /// Identifier.
    pub id: i64,
    /// Whose.
    pub user: String,
    /// What its owner calls it.
    pub name: String,
    /// What it may be used for: words with commas between.
    pub scopes: String,
    /// When made.
    pub created_at: Millis,
    /// Until when it lives.
    pub expires_at: Millis,
    /// Last used, give or take a minute.
    pub last_used_at: Option<Millis>,
    /// When it was revoked.
    pub revoked_at: Option<Millis>,
}

/// A token to be made.
#[derive(Debug, Clone)]
pub struct TokenDraft {
    /// What its owner calls it.
    pub name: String,
    /// Its hash.
    pub token_hash: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// Until when it lives.
    pub expires_at: Millis,
}

/// Who uses a token, and to what it entitles.
#[derive(Debug, Clone, FromRow)]
pub struct Bearer {
    /// The token.
    pub id: i64,
    /// Its owner.
    pub user_id: i64,
    /// The owner's name.
    pub name: String,
    role: String,
    listed: bool,
    scopes: String,
    last_used_at: Option<Millis>,
}

impl Bearer {
    /// What the owner may do.
    #[must_use]
    pub fn role(&self) -> Role {
        Role::stored(&self.role)
    }

    /// What the owner may see.
    #[must_use]
    pub fn sees(&self) -> Sees {
        Sees::of(self.user_id, self.listed)
    }

    /// Whether the token is for this.
    #[must_use]
    pub fn has(&self, scope: Scope) -> bool {
        scopes(&self.scopes).contains(&scope)
    }
}

/// What was answered to a request.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Answered {
    /// SHA-256 of what was asked.
    pub request: String,
    /// HTTP status; none while it is under way.
    pub status: Option<i64>,
    /// Media type.
    pub kind: Option<String>,
    /// Body.
    pub body: Option<Vec<u8>>,
}

impl Store {
    /// Keeps a new token; gives its number.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a scope takes a higher role than the owner's or
    /// they have too many, or when the database cannot be written.
    pub async fn add_token(
        &self,
        actor: &str,
        user: &User,
        draft: &TokenDraft,
    ) -> Result<i64, StoreError> {
        if draft.scopes.is_empty() {
            return Err(StoreError::Conflict(
                "a token needs a scope: read, decide, catalog, takedown or admin".to_owned(),
            ));
        }
        if let Some(scope) = draft.scopes.iter().find(|scope| scope.role() > user.role()) {
            return Err(StoreError::Conflict(format!(
                "the scope {scope} takes the role of {}, and {} is {}",
                scope.role(),
                user.name,
                user.role().one()
            )));
        }
        let now = self.clock.millis();
        let scopes: BTreeSet<Scope> = draft.scopes.iter().copied().collect();
        let words: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        let words = words.join(",");
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let count = tx
            .id(
                "SELECT COUNT(*) FROM api_tokens
                 WHERE user_id = $1 AND revoked_at IS NULL AND expires_at >= $2",
                params![user.id, now],
            )
            .await?;
        if count >= MOST_TOKENS {
            return Err(StoreError::Conflict(format!(
                "{} has {count} tokens already; revoke one first",
                user.name
            )));
        }
        let id = tx
            .id(
                "INSERT INTO api_tokens (user_id, name, token_hash, scopes, created_at, expires_at)
                 VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
                params![
                    user.id,
                    &draft.name,
                    &draft.token_hash,
                    &words,
                    now,
                    draft.expires_at
                ],
            )
            .await?;
        let detail = json!({ "token": id, "name": draft.name, "scopes": words,
            "expires_at": draft.expires_at });
        let subject = format!("user {}", user.name);
        tx.audit(now, actor, "token.add", &subject, &detail).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The tokens of a user, or everybody's, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn tokens(&self, user: Option<&str>) -> Result<Vec<Token>, StoreError> {
        self.pools
            .all(
                "SELECT t.id, u.name AS \"user\", t.name, t.scopes, t.created_at, t.expires_at,
                    t.last_used_at, t.revoked_at
                 FROM api_tokens t JOIN users u ON u.id = t.user_id
                 WHERE CAST($1 AS TEXT) IS NULL OR u.name = $1
                 ORDER BY t.id DESC LIMIT 500",
                params![user],
            )
            .await
    }

    /// Revokes a token: one of `of`, or anybody's.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] also for one that is revoked already, or when the
    /// database cannot be written.
    pub async fn revoke_token(
        &self,
        actor: &str,
        id: i64,
        of: Option<&str>,
    ) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let whose: Option<(String, String)> = tx
            .optional(
                "SELECT u.name, t.name FROM api_tokens t JOIN users u ON u.id = t.user_id
                 WHERE t.id = $1 AND t.revoked_at IS NULL
                    AND (CAST($2 AS TEXT) IS NULL OR u.name = $2)",
                params![id, of],
            )
            .await?;
        let (whose, name) = whose.ok_or_else(|| StoreError::not_found("token", id))?;
        tx.run(
            "UPDATE api_tokens SET revoked_at = $2 WHERE id = $1",
            params![id, now],
        )
        .await?;
        let detail = json!({ "token": id, "name": name });
        let subject = format!("user {whose}");
        tx.audit(now, actor, "token.revoke", &subject, &detail)
            .await?;
        tx.commit().await
    }

    /// Who bears the token of this hash, and that it was used now. None where it was
    /// revoked, has expired, or its owner may not sign in.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn bearer(&self, token_hash: &str) -> Result<Option<Bearer>, StoreError> {
        let now = self.clock.millis();
        let found: Option<Bearer> = self
            .pools
            .optional(
                "SELECT t.id, t.user_id, u.name, u.role,
                    EXISTS (SELECT 1 FROM user_brands ub WHERE ub.user_id = u.id) AS listed,
                    t.scopes, t.last_used_at
                 FROM api_tokens t JOIN users u ON u.id = t.user_id
                 WHERE t.token_hash = $1 AND t.expires_at >= $2 AND t.revoked_at IS NULL
                    AND u.disabled_at IS NULL",
                params![token_hash, now],
            )
            .await?;
        if let Some(bearer) = &found
            && bearer
                .last_used_at
                .is_none_or(|last| now.0 - last.0 >= UNMARKED)
        {
            let mut tx = self.pools.begin().await?;
            tx.run(
                "UPDATE api_tokens SET last_used_at = $2 WHERE id = $1",
                params![bearer.id, now],
            )
            .await?;
            tx.commit().await?;
        }
        Ok(found)
    }

    /// Begins a request with a key of its sender's choice. None: it is to be done now.
    /// Else what was answered before, or that it is under way.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn begin_once(
        &self,
        user: i64,
        key: &str,
        request: &str,
    ) -> Result<Option<Answered>, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.run(
            "DELETE FROM idempotent_answers WHERE created_at < $1
                OR (status IS NULL AND created_at < $2)",
            params![Millis(now.0 - KEPT), Millis(now.0 - ABANDONED)],
        )
        .await?;
        let begun = tx
            .run(
                "INSERT INTO idempotent_answers (user_id, key, request, created_at)
                 VALUES ($1, $2, $3, $4) ON CONFLICT (user_id, key) DO NOTHING",
                params![user, key, request, now],
            )
            .await?;
        let before = match begun {
            1 => None,
            _ => {
                tx.optional(
                    "SELECT request, status, kind, body FROM idempotent_answers
                     WHERE user_id = $1 AND key = $2",
                    params![user, key],
                )
                .await?
            }
        };
        tx.commit().await?;
        Ok(before)
    }

    /// Keeps what was answered to a request with a key; nothing where it failed on
    /// our side, so that it can be made again.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn end_once(
        &self,
        user: i64,
        key: &str,
        answer: Option<(u16, &str, &[u8])>,
    ) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        match answer {
            Some((status, kind, body)) => {
                tx.run(
                    "UPDATE idempotent_answers SET status = $3, kind = $4, body = $5
                     WHERE user_id = $1 AND key = $2",
                    params![user, key, status, kind, body.to_vec()],
                )
                .await?;
            }
            None => {
                tx.run(
                    "DELETE FROM idempotent_answers WHERE user_id = $1 AND key = $2",
                    params![user, key],
                )
                .await?;
            }
        }
        tx.commit().await
    }
}
