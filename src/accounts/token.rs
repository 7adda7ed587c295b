//! Personal tokens of the API: what each may do, and how one is known.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{AccountError, Role, secret};
use crate::app::App;
use crate::blobs::sha256_hex;
use crate::store::tokens::TokenDraft;
use crate::store::users::User;

/// What every token begins with, so that tools which look for leaked secrets know it.
pub const PREFIX: &str = "mht_";
/// The longest a token lives, in days.
pub const MOST_DAYS: i64 = 366;
/// How long one lives unless somebody says, in days.
pub const USUAL_DAYS: i64 = 90;

/// What a token may be used for. A token can never do more than its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Read everything its owner sees.
    Read,
    /// Decide cases, write notes, assign.
    Decide,
    /// Change catalog and sources.
    Catalog,
    /// Draft notices and record their steps.
    Takedown,
    /// Change users, rules, mail; for an administrator weights and webhooks.
    Admin,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Read,
        Self::Decide,
        Self::Catalog,
        Self::Takedown,
        Self::Admin,
    ];

    /// The word in the database, on the page and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Decide => "decide",
            Self::Catalog => "catalog",
            Self::Takedown => "takedown",
            Self::Admin => "admin",
        }
    }

    /// What it is for, in a few words.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Read => "read what you see",
            Self::Decide => "decide cases, write notes, assign, take cards",
            Self::Catalog => "change catalog and sources",
            Self::Takedown => "draft notices, record their steps, write packets",
            Self::Admin => "change users, rules, mail, webhooks",
        }
    }

    /// The role it takes: a token with this scope is of no use to anybody below.
    #[must_use]
    pub fn role(self) -> Role {
        match self {
            Self::Read => Role::Viewer,
            Self::Decide | Self::Takedown => Role::Reviewer,
            Self::Catalog | Self::Admin => Role::Manager,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or_else(|| {
                format!("{text:?} is no scope; use read, decide, catalog, takedown or admin")
            })
    }
}

/// The scopes in a stored list; words that are not known give nothing.
#[must_use]
pub fn scopes(stored: &str) -> Vec<Scope> {
    stored
        .split(',')
        .filter_map(|word| word.parse().ok())
        .collect()
}

/// A new token: 256 random bits behind the prefix, and a sum of them, by which a
/// typing error is known without asking the database.
#[must_use]
fn new_token() -> String {
    let body = secret();
    format!("{PREFIX}{body}{}", &sha256_hex(body.as_bytes())[..6])
}

/// Whether a text has the form of a token.
#[must_use]
pub fn is_token(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(PREFIX) else {
        return false;
    };
    rest.is_ascii()
        && rest.len() == 70
        && sha256_hex(&rest.as_bytes()[..64]).starts_with(&rest[64..])
}

/// Makes a token for somebody; gives the token, which is shown this once. Only its
/// hash is kept.
///
/// # Errors
/// [`AccountError::Store`] when a scope takes a higher role than theirs, or the
/// database cannot be written.
pub async fn issue(
    app: &App,
    actor: &str,
    user: &User,
    name: &str,
    scopes: &[Scope],
    days: i64,
) -> Result<(i64, String), AccountError> {
    let token = new_token();
    let now = app.clock.millis();
    let days = days.clamp(1, MOST_DAYS);
    let draft = TokenDraft {
        name: name.to_owned(),
        token_hash: super::token_hash(&token),
        scopes: scopes.to_vec(),
        expires_at: now.plus_seconds(days * 86_400),
    };
    let id = app.store.add_token(actor, user, &draft).await?;
    Ok((id, token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_form_and_a_typing_error_too() {
        let token = new_token();
        assert!(is_token(&token));
        assert_ne!(token, new_token());
        let mut wrong = token.clone();
        let last = if wrong.ends_with('0') { '1' } else { '0' };
        wrong.pop();
        wrong.push(last);
        for wrong in [&*wrong, "", "mht_", &token[4..], "mht_é"] {
            assert!(!is_token(wrong), "{wrong}");
        }
    }

    #[test]
    fn scopes_are_read_as_they_are_written_and_unknown_ones_give_nothing() {
        let words: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        assert_eq!(scopes(&words.join(",")), Scope::ALL);
        assert!(scopes("everything,Read,").is_empty());
    }
}
