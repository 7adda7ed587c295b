//! Who users are at an OpenID provider, and people on their way to it and back.

use serde::Serialize;
use serde_json::json;
use sqlx::FromRow;

use super::db::{Tx, params};
use super::users::{User, UserChange};
use super::{Store, StoreError};
use crate::accounts::{NO_PASSWORD, Role};
use crate::clock::Millis;

/// The most people who are awaited back at a time; beyond it those sent first are
/// forgotten.
const MOST_VISITS: i64 = 10_000;
/// Who is said to have changed a user as the provider told.
const ACTOR: &str = "system";

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

/// Somebody whom the provider vouches for.
#[derive(Debug, Clone, Default)]
pub struct Arrival {
    /// The provider.
    pub issuer: String,
    /// What it knows them by.
    pub subject: String,
    /// The user they are where nobody is bound to the subject yet; none where the
    /// provider does not say it well enough.
    pub name: Option<String>,
    /// Whether a user of that name who is there already is taken to be them.
    pub take_existing: bool,
    /// Whether they are added where there is none.
    pub add: bool,
    /// The role they have from now on; none: as it is.
    pub role: Option<Role>,
    /// The role of who is added and has none by `role`.
    pub first_role: Role,
    /// The brands they see from now on; an administrator sees all.
    pub brands: Seen,
}

/// The brands that somebody sees from now on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Seen {
    /// Those they see already; who is added sees all.
    #[default]
    AsBefore,
    /// All of them.
    All,
    /// These; where there is none they are not let in, for an empty list shows all.
    These(Vec<String>),
}

/// Why somebody whom the provider vouches for is not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotLetIn {
    /// Nobody is bound to the subject, and there is no user of their name.
    #[error("nobody here is bound to that account; ask an administrator to add you")]
    Unknown,
    /// Nobody is bound to the subject, and they have no name to be known by.
    #[error(
        "nobody here is bound to that account, and it has no name that can be used here (or no verified mail address); ask an administrator"
    )]
    Nameless,
    /// Nothing that the provider says gives them a role.
    #[error("none of your groups there gives you a role here; ask an administrator")]
    NoRole,
    /// Nothing that the provider says lets them see a brand.
    #[error("your account there names no brand of this catalog; ask an administrator")]
    NoBrand,
    /// There is a user of their name whom they are not known to be.
    #[error(
        "there is a user {0} here already who is not bound to that account; ask an administrator to bind it"
    )]
    NameTaken(String),
    /// They may not sign in any more.
    #[error("{0} may not sign in any more; ask an administrator")]
    Disabled(String),
    /// What the provider says of them cannot be.
    #[error("{0}")]
    Contradiction(String),
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

    /// The user whom the provider vouches for: bound, added and changed as far as it may
    /// be.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn arrive(&self, arrival: &Arrival) -> Result<Result<User, NotLetIn>, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let arrived = match tx.arrive(now, arrival).await {
            // It says what is wrong in words for people.
            Err(StoreError::Conflict(why)) => Err(NotLetIn::Contradiction(why)),
            other => other?,
        };
        // Of whom is not let in nothing is kept.
        if arrived.is_ok() {
            tx.commit().await?;
        }
        Ok(arrived)
    }

    /// Writes down that a sign-in by a provider was refused.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn refuse_sign_in(
        &self,
        issuer: &str,
        subject: &str,
        why: &str,
    ) -> Result<(), StoreError> {
        let detail = json!({ "issuer": issuer, "why": why });
        self.audit(ACTOR, "user.sign_in_refused", subject, &detail)
            .await
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
    async fn arrive(
        &mut self,
        now: Millis,
        arrival: &Arrival,
    ) -> Result<Result<User, NotLetIn>, StoreError> {
        let Arrival {
            issuer, subject, ..
        } = arrival;
        let bound = self.user_of_identity(issuer, subject).await?;
        let name = match (&bound, &arrival.name) {
            (Some(name), _) | (None, Some(name)) => name,
            (None, None) => return Ok(Err(NotLetIn::Nameless)),
        };
        let found = self.user(name).await?;
        let user = match found {
            Some(user) if user.disabled_at.is_some() => {
                return Ok(Err(NotLetIn::Disabled(name.clone())));
            }
            Some(user) if bound.is_some() => user,
            Some(user) if arrival.take_existing && self.may_be_taken(issuer, &user).await? => user,
            Some(_) => return Ok(Err(NotLetIn::NameTaken(name.clone()))),
            None if arrival.add => self.add_arrived(now, name, arrival).await?,
            None => return Ok(Err(NotLetIn::Unknown)),
        };
        if bound.is_none() {
            self.bind_identity(now, ACTOR, &user, issuer, subject)
                .await?;
        }
        self.run(
            "UPDATE identities SET used_at = $3 WHERE issuer = $1 AND subject = $2",
            params![issuer, subject, now],
        )
        .await?;
        match change_of(&user, arrival) {
            Ok(Some(change)) => Ok(Ok(self.change_user(now, ACTOR, user, &change).await?)),
            Ok(None) => Ok(Ok(user)),
            Err(refused) => Ok(Err(refused)),
        }
    }

    /// Whether a user may be bound because of their name: an administrator never is, nor
    /// who is somebody else at the same provider.
    async fn may_be_taken(&mut self, issuer: &str, user: &User) -> Result<bool, StoreError> {
        let other: Option<(String,)> = self
            .optional(
                "SELECT subject FROM identities WHERE user_id = $1 AND issuer = $2",
                params![user.id, issuer],
            )
            .await?;
        Ok(other.is_none() && user.role() != Role::Administrator)
    }

    async fn add_arrived(
        &mut self,
        now: Millis,
        name: &str,
        arrival: &Arrival,
    ) -> Result<User, StoreError> {
        let role = arrival.role.unwrap_or(arrival.first_role);
        self.run(
            "INSERT INTO users (name, password_hash, role, created_at) VALUES ($1, $2, $3, $4)",
            params![name, NO_PASSWORD, role.as_str(), now],
        )
        .await?;
        let detail = json!({ "role": role, "issuer": arrival.issuer });
        self.audit(now, ACTOR, "user.save", &format!("user {name}"), &detail)
            .await?;
        let user = self.user(name).await?;
        user.ok_or_else(|| StoreError::not_found("user", name))
    }

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

/// What an arrival changes of a user; none where they are like that already.
fn change_of(user: &User, arrival: &Arrival) -> Result<Option<UserChange>, NotLetIn> {
    let role = arrival.role.unwrap_or(user.role());
    let brands = match &arrival.brands {
        _ if role == Role::Administrator => Vec::new(),
        Seen::AsBefore => user.brands.clone(),
        Seen::All => Vec::new(),
        Seen::These(brands) if brands.is_empty() => return Err(NotLetIn::NoBrand),
        Seen::These(brands) => {
            let mut brands = brands.clone();
            brands.sort();
            brands.dedup();
            brands
        }
    };
    let change = UserChange {
        role: (role != user.role()).then_some(role),
        brands: (brands != user.brands).then_some(brands),
        enabled: None,
    };
    let changes = change.role.is_some() || change.brands.is_some();
    Ok(changes.then_some(change))
}
