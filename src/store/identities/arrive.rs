//! Somebody whom the provider vouches for comes: the user they are, bound, added and
//! changed as far as it may be; or why they are not let in.

use serde_json::json;

use crate::accounts::{NO_PASSWORD, Role};
use crate::clock::Millis;
use crate::store::db::{Tx, params};
use crate::store::users::{User, UserChange};
use crate::store::{Store, StoreError};

/// Who is said to have changed a user as the provider told.
const ACTOR: &str = "system";

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
