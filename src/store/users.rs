//! Users: who may sign in, what they may do, which brands they see. Their sessions
//! are in [`super::sessions`].

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;
use sqlx::FromRow;

use super::db::{Tx, params};
use super::{Store, StoreError};
use crate::accounts::{NO_PASSWORD, Role, Sees};
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
    /// A role's word, see [`Role`].
    pub role: String,
    /// When added.
    pub created_at: Millis,
    /// Since when they may not sign in any more.
    pub disabled_at: Option<Millis>,
    /// Brands they may see; none: all.
    #[sqlx(skip)]
    pub brands: Vec<String>,
}

impl User {
    /// What they may do.
    #[must_use]
    pub fn role(&self) -> Role {
        Role::stored(&self.role)
    }

    /// Whether they have a password.
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.password_hash != NO_PASSWORD
    }

    /// Whether they may sign in and do everything.
    fn administers(&self) -> bool {
        self.role() == Role::Administrator && self.disabled_at.is_none()
    }

    /// What they may see.
    #[must_use]
    pub fn sees(&self) -> Sees {
        Sees::of(self.id, !self.brands.is_empty())
    }
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "User({}, {}, {})", self.id, self.name, self.role)
    }
}

/// What is to be changed of a user; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    /// What they may do.
    pub role: Option<Role>,
    /// Brands they may see; an empty list: all.
    pub brands: Option<Vec<String>>,
    /// Whether they may sign in.
    pub enabled: Option<bool>,
}

const BRANDS_OF: &str = "SELECT brand FROM user_brands WHERE user_id = $1 ORDER BY brand";

macro_rules! select_user {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, password_hash, role, created_at, disabled_at FROM users ",
            $rest
        )
    };
}

impl Store {
    /// Adds a user, or sets the password and role of the one of that name, whose
    /// sessions then end.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where that would leave no administrator, or when the
    /// database cannot be written.
    pub async fn save_user(
        &self,
        actor: &str,
        name: &str,
        password_hash: &str,
        role: &str,
    ) -> Result<i64, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let before: Option<User> = tx
            .optional(select_user!("WHERE name = $1"), params![name])
            .await?;
        let id = tx
            .id(
                "INSERT INTO users (name, password_hash, role, created_at) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (name) DO UPDATE SET password_hash = excluded.password_hash,
                    role = excluded.role
                 RETURNING id",
                params![name, password_hash, role, now],
            )
            .await?;
        if before.is_some_and(|before| before.administers()) {
            tx.must_leave_an_administrator(name).await?;
        }
        tx.end_sessions_of(id).await?;
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

    /// Changes what a user may do and see. Their sessions go on, with what they may
    /// do and see now; those of a user who may not sign in any more end.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] where that would leave no
    /// administrator, limit one to brands, or name a brand that no product has; or
    /// when the database cannot be written.
    pub async fn change_user(
        &self,
        actor: &str,
        name: &str,
        change: &UserChange,
    ) -> Result<User, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let user = tx.user(name).await?;
        let user = user.ok_or_else(|| StoreError::not_found("user", name))?;
        let user = tx.change_user(now, actor, user, change).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// All users by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        let mut users: Vec<User> = self
            .pools
            .all(select_user!("ORDER BY name"), params![])
            .await?;
        let listed: Vec<(i64, String)> = self
            .pools
            .all(
                "SELECT user_id, brand FROM user_brands ORDER BY user_id, brand",
                params![],
            )
            .await?;
        let mut brands: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        for (user, brand) in listed {
            brands.entry(user).or_default().push(brand);
        }
        for user in &mut users {
            user.brands = brands.remove(&user.id).unwrap_or_default();
        }
        Ok(users)
    }

    /// Names of the people who may decide cases.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn deciders(&self) -> Result<Vec<String>, StoreError> {
        let names: Vec<(String,)> = self
            .pools
            .all(
                "SELECT name FROM users
                 WHERE role IN ('reviewer', 'approver', 'manager', 'administrator')
                    AND disabled_at IS NULL
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
        let found: Option<User> = self
            .pools
            .optional(select_user!("WHERE name = $1"), params![name])
            .await?;
        let Some(mut user) = found else {
            return Ok(None);
        };
        let brands: Vec<(String,)> = self.pools.all(BRANDS_OF, params![user.id]).await?;
        user.brands = brands.into_iter().map(|(brand,)| brand).collect();
        Ok(Some(user))
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

impl Tx {
    /// The user of that name.
    pub(super) async fn user(&mut self, name: &str) -> Result<Option<User>, StoreError> {
        let found: Option<User> = self
            .optional(select_user!("WHERE name = $1"), params![name])
            .await?;
        let Some(mut user) = found else {
            return Ok(None);
        };
        user.brands = self.brands_of(user.id).await?;
        Ok(Some(user))
    }

    /// Changes a user as [`Store::change_user`] does.
    pub(super) async fn change_user(
        &mut self,
        now: Millis,
        actor: &str,
        mut user: User,
        change: &UserChange,
    ) -> Result<User, StoreError> {
        let name = user.name.clone();
        let before = user.clone();
        if let Some(role) = change.role {
            role.as_str().clone_into(&mut user.role);
        }
        if let Some(brands) = &change.brands {
            user.brands.clone_from(brands);
            user.brands.sort();
            user.brands.dedup();
        }
        match change.enabled {
            Some(true) => user.disabled_at = None,
            Some(false) => user.disabled_at = user.disabled_at.or(Some(now)),
            None => {}
        }
        if user.role() == Role::Administrator && !user.brands.is_empty() {
            return Err(StoreError::Conflict(format!(
                "an administrator sees every brand: take the brands from {name}, or give another role"
            )));
        }
        for brand in user.brands.iter().filter(|b| !before.brands.contains(b)) {
            self.must_be_a_brand(brand).await?;
        }
        self.run(
            "UPDATE users SET role = $2, disabled_at = $3 WHERE id = $1",
            params![user.id, &user.role, user.disabled_at],
        )
        .await?;
        self.run(
            "DELETE FROM user_brands WHERE user_id = $1",
            params![user.id],
        )
        .await?;
        for brand in &user.brands {
            self.run(
                "INSERT INTO user_brands (user_id, brand) VALUES ($1, $2)",
                params![user.id, brand],
            )
            .await?;
        }
        if before.administers() {
            self.must_leave_an_administrator(&name).await?;
        }
        if user.disabled_at.is_some() {
            self.end_sessions_of(user.id).await?;
        }
        let detail = json!({
            "role": [before.role, user.role],
            "brands": [before.brands, user.brands],
            "enabled": [before.disabled_at.is_none(), user.disabled_at.is_none()],
        });
        self.audit(now, actor, "user.change", &format!("user {name}"), &detail)
            .await?;
        Ok(user)
    }

    async fn brands_of(&mut self, user: i64) -> Result<Vec<String>, StoreError> {
        let brands: Vec<(String,)> = self.all(BRANDS_OF, params![user]).await?;
        Ok(brands.into_iter().map(|(brand,)| brand).collect())
    }

    /// What somebody may see who decides cases; none for anybody else.
    pub(super) async fn decider(&mut self, name: &str) -> Result<Option<Sees>, StoreError> {
        let found: Option<User> = self
            .optional(
                select_user!("WHERE name = $1 AND disabled_at IS NULL"),
                params![name],
            )
            .await?;
        let Some(mut user) = found.filter(|user| user.role() >= Role::Reviewer) else {
            return Ok(None);
        };
        user.brands = self.brands_of(user.id).await?;
        Ok(Some(user.sees()))
    }

    /// Without one nobody could let anybody in again.
    async fn must_leave_an_administrator(&mut self, instead_of: &str) -> Result<(), StoreError> {
        let other: Option<(i64,)> = self
            .optional(
                "SELECT id FROM users WHERE role = 'administrator' AND disabled_at IS NULL LIMIT 1",
                params![],
            )
            .await?;
        match other {
            Some(_) => Ok(()),
            None => Err(StoreError::Conflict(format!(
                "{instead_of} is the last administrator: make somebody else one first"
            ))),
        }
    }

    async fn must_be_a_brand(&mut self, brand: &str) -> Result<(), StoreError> {
        let found: Option<(i64,)> = self
            .optional(
                "SELECT id FROM products WHERE brand = $1 LIMIT 1",
                params![brand],
            )
            .await?;
        match found {
            Some(_) => Ok(()),
            None => Err(StoreError::Conflict(format!(
                "no product of the catalog is of the brand {brand:?}; write it as the catalog does, or import the catalog first"
            ))),
        }
    }
}
