//! Users, and who bears a token.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::store::users::User as StoredUser;

/// A user.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct User {
    /// Sign-in name.
    name: String,
    /// What they may do.
    role: String,
    /// Brands they may see; empty: all.
    brands: Vec<String>,
    /// Whether they may sign in.
    enabled: bool,
}

impl From<StoredUser> for User {
    fn from(of: StoredUser) -> Self {
        Self {
            enabled: of.disabled_at.is_none(),
            name: of.name,
            role: of.role,
            brands: of.brands,
        }
    }
}

/// What is to be changed of a user; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct UserChange {
    /// `viewer`, `reviewer`, `approver`, `manager` or `administrator`.
    pub(in crate::web) role: Option<RoleWord>,
    /// Brands they may see; empty: all.
    #[schema(max_items = 1000)]
    pub(in crate::web) brands: Option<Vec<String>>,
    /// Whether they may sign in.
    pub(in crate::web) enabled: Option<bool>,
}

word! {
    /// What a user may do.
    RoleWord {
        Viewer => "viewer",
        Reviewer => "reviewer",
        Approver => "approver",
        Manager => "manager",
        Administrator => "administrator",
    }
}

/// Who bears the token.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Me {
    /// The owner's sign-in name.
    pub(in crate::web) name: String,
    /// Their role.
    pub(in crate::web) role: String,
    /// Brands they see; empty: all.
    pub(in crate::web) brands: Vec<String>,
    /// What the token may be used for.
    pub(in crate::web) scopes: Vec<String>,
}
