//! Second factors: an authenticator app's secret, recovery codes, and those who
//! still owe a code.

use serde_json::json;

use super::db::{Tx, params};
use super::secrets::of_second_factor;
use super::sessions::Origin;
use super::users::User;
use super::{Store, StoreError};
use crate::clock::Millis;
use crate::secrets::SecretsError;

/// A user's authenticator app.
#[derive(Clone)]
pub struct SecondFactor {
    /// What the app shares with the program, or why it cannot be opened.
    pub secret: Result<Vec<u8>, SecretsError>,
    /// Since when it counts; none while its first code is still awaited.
    pub confirmed_at: Option<Millis>,
    /// The step of the last code that was taken.
    pub last_step: i64,
}

impl std::fmt::Debug for SecondFactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecondFactor(since {:?})", self.confirmed_at)
    }
}

impl Store {
    /// A user's authenticator app, also one that is not confirmed yet.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn second_factor(&self, user: i64) -> Result<Option<SecondFactor>, StoreError> {
        let kept: Option<(Vec<u8>, Option<Millis>, i64)> = self
            .pools
            .optional(
                "SELECT secret, confirmed_at, last_step FROM second_factors WHERE user_id = $1",
                params![user],
            )
            .await?;
        Ok(kept.map(|(kept, confirmed_at, last_step)| SecondFactor {
            secret: self.secrets.open(&of_second_factor(user), &kept),
            confirmed_at,
            last_step,
        }))
    }

    /// Names of the users with a second factor.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn second_factor_names(&self) -> Result<Vec<String>, StoreError> {
        let names: Vec<(String,)> = self
            .pools
            .all(
                "SELECT u.name FROM second_factors f JOIN users u ON u.id = f.user_id
                 WHERE f.confirmed_at IS NOT NULL ORDER BY u.name",
                params![],
            )
            .await?;
        Ok(names.into_iter().map(|(name,)| name).collect())
    }

    /// Keeps a new secret, which counts once a code of it was given.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where one counts already, or when the database cannot
    /// be written.
    pub async fn offer_second_factor(&self, user: &User, secret: &[u8]) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let sealed = self.secrets.seal(&of_second_factor(user.id), secret)?;
        let mut tx = self.pools.begin().await?;
        let kept = tx
            .run(
                "INSERT INTO second_factors (user_id, secret, created_at, last_step)
                 VALUES ($1, $2, $3, 0)
                 ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret,
                    created_at = excluded.created_at, last_step = 0
                    WHERE second_factors.confirmed_at IS NULL",
                params![user.id, sealed.into_bytes(), now],
            )
            .await?;
        if kept != 1 {
            return Err(StoreError::Conflict(
                "you have a second factor already; take it off first".to_owned(),
            ));
        }
        tx.commit().await
    }

    /// Takes the code of a step, once: false where one of that step or a later one
    /// was taken before.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn take_step(&self, user: i64, step: i64) -> Result<bool, StoreError> {
        let mut tx = self.pools.begin().await?;
        let taken = tx
            .run(
                "UPDATE second_factors SET last_step = $2 WHERE user_id = $1 AND last_step < $2",
                params![user, step],
            )
            .await?;
        tx.commit().await?;
        Ok(taken == 1)
    }

    /// Lets a second factor count from now on, with recovery codes, of which the
    /// hashes are kept. Codes from before are void.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn confirm_second_factor(
        &self,
        user: &User,
        recovery_hashes: &[String],
    ) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        tx.run(
            "UPDATE second_factors SET confirmed_at = COALESCE(confirmed_at, $2) WHERE user_id = $1",
            params![user.id, now],
        )
        .await?;
        tx.replace_recovery_codes(user.id, recovery_hashes).await?;
        let subject = format!("user {}", user.name);
        tx.audit(
            now,
            &user.name,
            "user.second_factor_on",
            &subject,
            &json!({}),
        )
        .await?;
        tx.commit().await
    }

    /// Replaces a user's recovery codes.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn renew_recovery_codes(
        &self,
        user: &User,
        recovery_hashes: &[String],
    ) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        tx.replace_recovery_codes(user.id, recovery_hashes).await?;
        let subject = format!("user {}", user.name);
        tx.audit(now, &user.name, "user.recovery_codes", &subject, &json!({}))
            .await?;
        tx.commit().await
    }

    /// How many recovery codes a user has left.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn recovery_codes_left(&self, user: i64) -> Result<i64, StoreError> {
        let (left,): (i64,) = self
            .pools
            .one(
                "SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL",
                params![user],
            )
            .await?;
        Ok(left)
    }

    /// Takes a recovery code, once; says whether it was one.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn use_recovery_code(&self, user: &User, hash: &str) -> Result<bool, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let used = tx
            .run(
                "UPDATE recovery_codes SET used_at = $3
                 WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL",
                params![user.id, hash, now],
            )
            .await?;
        if used == 1 {
            let subject = format!("user {}", user.name);
            tx.audit(
                now,
                &user.name,
                "user.recovery_code_used",
                &subject,
                &json!({}),
            )
            .await?;
            tx.commit().await?;
        }
        Ok(used == 1)
    }

    /// Takes a user's second factor off, with its recovery codes; says whether there
    /// was one. Where it is somebody else who does, the user's sessions end.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be written.
    pub async fn reset_second_factor(&self, actor: &str, name: &str) -> Result<bool, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let found: Option<(i64,)> = tx
            .optional("SELECT id FROM users WHERE name = $1", params![name])
            .await?;
        let (user,) = found.ok_or_else(|| StoreError::not_found("user", name))?;
        tx.run(
            "DELETE FROM recovery_codes WHERE user_id = $1",
            params![user],
        )
        .await?;
        let was = tx
            .run(
                "DELETE FROM second_factors WHERE user_id = $1",
                params![user],
            )
            .await?;
        if actor != name {
            tx.end_sessions_of(user).await?;
        }
        tx.audit(
            now,
            actor,
            "user.second_factor_off",
            &format!("user {name}"),
            &json!({}),
        )
        .await?;
        tx.commit().await?;
        Ok(was == 1)
    }

    /// Keeps that somebody has given the right password, or was sent by an OpenID
    /// provider, and owes a code. Those who waited too long are swept out.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn await_code(
        &self,
        user: i64,
        token_hash: &str,
        expires_at: Millis,
        by: &Origin,
    ) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        tx.run(
            "DELETE FROM pending_sign_ins WHERE expires_at < $1",
            params![self.clock.millis()],
        )
        .await?;
        tx.run(
            "INSERT INTO pending_sign_ins (token_hash, user_id, expires_at, issuer,
                proven_at)
             VALUES ($1, $2, $3, $4, $5)",
            params![
                token_hash,
                user,
                expires_at,
                by.issuer.as_deref(),
                by.proven_at
            ],
        )
        .await?;
        tx.commit().await
    }

    /// Who owes the code of this sign-in, if they have not waited too long; and how they
    /// have proven who they are so far.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn owing_code(&self, token_hash: &str) -> Result<Option<(User, Origin)>, StoreError> {
        let found: Option<(String, Option<String>, Option<Millis>)> = self
            .pools
            .optional(
                "SELECT u.name, p.issuer, p.proven_at FROM pending_sign_ins p JOIN users u ON u.id = p.user_id
                 WHERE p.token_hash = $1 AND p.expires_at >= $2 AND u.disabled_at IS NULL",
                params![token_hash, self.clock.millis()],
            )
            .await?;
        match found {
            Some((name, issuer, proven_at)) => {
                // Whom the provider has asked for a second factor owes none here.
                let by = Origin {
                    issuer,
                    vouched: false,
                    proven_at,
                };
                Ok(self.user(&name).await?.map(|user| (user, by)))
            }
            None => Ok(None),
        }
    }

    /// Ends a sign-in that owes a code: it was given.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn owe_no_code(&self, token_hash: &str) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        tx.run(
            "DELETE FROM pending_sign_ins WHERE token_hash = $1",
            params![token_hash],
        )
        .await?;
        tx.commit().await
    }
}

impl Tx {
    async fn replace_recovery_codes(
        &mut self,
        user: i64,
        hashes: &[String],
    ) -> Result<(), StoreError> {
        self.run(
            "DELETE FROM recovery_codes WHERE user_id = $1",
            params![user],
        )
        .await?;
        let rows = hashes.iter().map(|hash| params![user, hash]).collect();
        self.insert(
            "INSERT INTO recovery_codes (user_id, code_hash)",
            rows,
            "ON CONFLICT (user_id, code_hash) DO NOTHING",
        )
        .await?;
        Ok(())
    }
}
