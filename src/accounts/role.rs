//! What a user may do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a user may do; each role may do what the ones before it may.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks.
    #[default]
    Viewer,
    /// Decides cases, drafts notices and records what became of them.
    Reviewer,
    /// Gives second approvals; attests notices and sends them.
    Approver,
    /// Changes the catalog, sources, rules, and users of lower roles.
    Manager,
    /// Everything, and sees every brand.
    Administrator,
}

impl Role {
    /// All of them, the least first.
    pub const ALL: [Self; 5] = [
        Self::Viewer,
        Self::Reviewer,
        Self::Approver,
        Self::Manager,
        Self::Administrator,
    ];

    /// The word in the database, on the page and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Reviewer => "reviewer",
            Self::Approver => "approver",
            Self::Manager => "manager",
            Self::Administrator => "administrator",
        }
    }

    /// The word with its article.
    #[must_use]
    pub fn one(self) -> &'static str {
        match self {
            Self::Viewer => "a viewer",
            Self::Reviewer => "a reviewer",
            Self::Approver => "an approver",
            Self::Manager => "a manager",
            Self::Administrator => "an administrator",
        }
    }

    /// What it may do, in a sentence's half.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Viewer => "looks at everything of their brands",
            Self::Reviewer => "and decides cases, drafts notices, records their steps",
            Self::Approver => "and gives second approvals, attests and sends notices",
            Self::Manager => "and changes catalog, sources, rules, users of lower roles",
            Self::Administrator => "everything, of every brand",
        }
    }

    /// The role of a stored word: one that is not known may look, no more.
    #[must_use]
    pub fn stored(word: &str) -> Self {
        word.parse().unwrap_or_default()
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| {
                format!(
                    "{text:?} is no role; use viewer, reviewer, approver, manager or administrator"
                )
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_rise_and_a_word_nobody_knows_may_only_look() {
        assert!(Role::ALL.windows(2).all(|pair| pair[0] < pair[1]));
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
            assert_eq!(Role::stored(role.as_str()), role);
        }
        assert_eq!(Role::stored("Administrator"), Role::Viewer);
        assert_eq!(Role::stored(""), Role::Viewer);
    }
}
