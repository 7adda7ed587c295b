//! Secrets in the database: sealed before they are written, opened where they are used.

use std::collections::HashMap;

use super::db::params;
use super::{Store, StoreError};
use crate::secrets::{Secrets, SecretsError, is_sealed};

/// The place of a webhook's secret.
pub(super) fn of_webhook(id: i64) -> String {
    format!("webhook {id}")
}

/// The place of the secret of a user's authenticator app.
pub(super) fn of_second_factor(user: i64) -> String {
    format!("second factor of user {user}")
}

impl Store {
    /// The same database with what its secrets are sealed with.
    #[must_use]
    pub fn with_secrets(self, secrets: Secrets) -> Self {
        Self {
            secrets: std::sync::Arc::new(secrets),
            ..self
        }
    }

    /// What secrets are sealed with.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// The secrets of webhooks, by their numbers: base64, or why one cannot be opened.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn webhook_secrets(
        &self,
    ) -> Result<HashMap<i64, Result<String, SecretsError>>, StoreError> {
        let kept: Vec<(i64, String)> = self
            .pools
            .all(
                "SELECT id, secret FROM webhooks WHERE shape <> 'mail'",
                params![],
            )
            .await?;
        let open = |(id, kept): (i64, String)| {
            let place = of_webhook(id);
            let secret = self.secrets.open(&place, kept.as_bytes());
            let secret = secret.and_then(|secret| {
                String::from_utf8(secret).map_err(|_| SecretsError::Damaged { place })
            });
            (id, secret)
        };
        Ok(kept.into_iter().map(open).collect())
    }

    /// Whether the secret of each authenticator app can be opened, or why not.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn second_factor_secrets(&self) -> Result<Vec<Result<(), SecretsError>>, StoreError> {
        let (_, factors) = self.kept_secrets().await?;
        let open = |(user, kept): (i64, Vec<u8>)| {
            let secret = self.secrets.open(&of_second_factor(user), &kept);
            secret.map(drop)
        };
        Ok(factors.into_iter().map(open).collect())
    }

    /// How many secrets the database keeps: (sealed, plain).
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn secret_counts(&self) -> Result<(usize, usize), StoreError> {
        let (webhooks, factors) = self.kept_secrets().await?;
        let sealed = webhooks
            .iter()
            .filter(|(_, kept)| is_sealed(kept.as_bytes()));
        let sealed = sealed.count() + factors.iter().filter(|(_, kept)| is_sealed(kept)).count();
        Ok((sealed, webhooks.len() + factors.len() - sealed))
    }

    /// Every secret as it is kept.
    async fn kept_secrets(&self) -> Result<(Vec<(i64, String)>, Vec<(i64, Vec<u8>)>), StoreError> {
        let webhooks = self
            .pools
            .all(
                "SELECT id, secret FROM webhooks WHERE shape <> 'mail'",
                params![],
            )
            .await?;
        let factors = self
            .pools
            .all("SELECT user_id, secret FROM second_factors", params![])
            .await?;
        Ok((webhooks, factors))
    }

    /// Seals the secrets that were kept before there was a key; how many those were.
    ///
    /// # Errors
    /// Without a key, or when the database cannot be written.
    pub async fn seal_plain_secrets(&self) -> Result<usize, StoreError> {
        let (mut webhooks, mut factors) = self.kept_secrets().await?;
        webhooks.retain(|(_, kept)| !is_sealed(kept.as_bytes()));
        factors.retain(|(_, kept)| !is_sealed(kept));
        let plain = webhooks.len() + factors.len();
        if plain == 0 {
            return Ok(0);
        }
        let mut tx = self.pools.begin().await?;
        for (id, plain) in webhooks {
            let kept = self.secrets.seal(&of_webhook(id), plain.as_bytes())?;
            tx.run(
                "UPDATE webhooks SET secret = $2 WHERE id = $1 AND secret = $3",
                params![id, kept, plain],
            )
            .await?;
        }
        for (user, plain) in factors {
            let kept = self.secrets.seal(&of_second_factor(user), &plain)?;
            tx.run(
                "UPDATE second_factors SET secret = $2 WHERE user_id = $1 AND secret = $3",
                params![user, kept.into_bytes(), plain],
            )
            .await?;
        }
        tx.commit().await?;
        Ok(plain)
    }
}
