//! How one person likes the page: keys, blurred pictures, the way of comparing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::store::{Store, StoreError};

/// The preference's name in the database.
const NAME: &str = "look";

/// An action that has a key: (name for scripts, key, words).
pub(super) const ACTIONS: [(&str, &str, &str); 21] = [
    (
        "confirm",
        "c",
        "Confirm: it infringes; then a digit says why",
    ),
    ("reject", "r", "Reject: it does not infringe"),
    ("watch", "w", "Watch: look again later"),
    ("second", "e", "Ask for a second approval"),
    ("skip", "s", "Skip this card"),
    ("undo", "u", "Undo your last decision"),
    ("next", "j", "Next card"),
    ("previous", "k", "Previous card"),
    ("member-next", "]", "Next case of the card"),
    ("member-previous", "[", "Previous case of the card"),
    ("eject", "m", "This case does not belong to the card"),
    ("note", "n", "Write a note"),
    ("assign", "a", "Assign; then a digit says to whom"),
    ("compare", "v", "Side by side, flicker, slider, overlay"),
    ("zoom", "z", "Zoom to the part that matches"),
    ("blur", "b", "Blur pictures, or show them"),
    ("open", "o", "Open the case"),
    ("listing", "l", "Open the listing in a new tab"),
    ("packet", "x", "Download the evidence packet"),
    ("review", "t", "Review card by card"),
    ("search", "/", "Search"),
];

/// Why a listing infringes, by digit: (words kept with the decision).
pub(super) const REASONS: [&str; 9] = [
    "Our photo is used",
    "The brand stands on goods that are not ours",
    "The price is too low for the genuine article",
    "The brand's name is disguised",
    "Our design is copied",
    "The seller is known for copies",
    "Not released, or not to be sold there",
    "A test purchase was a copy",
    "See the note",
];

/// Kinds that a confirmation can name instead, by the key pressed after it.
pub(super) const KIND_KEYS: [(&str, &str); 6] = [
    ("q", "counterfeit"),
    ("p", "copied_photo"),
    ("t", "trademark_misuse"),
    ("d", "copied_design"),
    ("g", "grey_market"),
    ("l", "leak"),
];

/// Ways of comparing: (name for scripts, words).
pub(super) const MODES: [(&str, &str); 4] = [
    ("side", "Side by side"),
    ("flicker", "Flicker"),
    ("slider", "Slider"),
    ("overlay", "Overlay"),
];

/// What a person likes; what they did not change is as it comes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Look {
    /// Keys that differ from [`ACTIONS`], by action.
    pub(super) keys: BTreeMap<String, String>,
    /// Whether pictures are blurred until asked for.
    pub(super) blur: bool,
    /// How pictures are compared at first: see [`MODES`].
    pub(super) mode: String,
}

impl Look {
    pub(super) async fn of(store: &Store, user: &str) -> Result<Self, StoreError> {
        let mut look: Self = store.preference(user, NAME).await?;
        look.keys
            .retain(|action, key| is_action(action) && is_key(key));
        Ok(look)
    }

    pub(super) async fn keep(&self, store: &Store, user: &str) -> Result<(), StoreError> {
        store.set_preference(user, NAME, self).await
    }

    /// The key of an action.
    pub(super) fn key(&self, action: &str) -> &str {
        let own = self.keys.get(action).map(String::as_str);
        own.or_else(|| {
            let known = ACTIONS.iter().find(|(name, ..)| *name == action);
            known.map(|(_, key, _)| *key)
        })
        .unwrap_or_default()
    }

    /// The key of an action as a keycap shows it.
    pub(super) fn cap(&self, action: &str) -> String {
        self.key(action).to_uppercase()
    }

    /// Every action's key, for the script: JSON.
    pub(super) fn script(&self) -> String {
        let keys: BTreeMap<&str, &str> = ACTIONS
            .iter()
            .map(|(action, ..)| (*action, self.key(action)))
            .collect();
        serde_json::to_string(&keys).unwrap_or_default()
    }

    /// How pictures are compared at first.
    pub(super) fn mode(&self) -> &str {
        let known = MODES.iter().find(|(mode, _)| *mode == self.mode);
        known.map_or("side", |(mode, _)| mode)
    }

    /// Sets the key of an action.
    ///
    /// # Errors
    /// In words, when it is no single key or another action has it.
    pub(super) fn set_key(&mut self, action: &str, key: &str) -> Result<(), String> {
        let key = key.trim().to_lowercase();
        if !is_action(action) {
            return Err("there is no such action".to_owned());
        }
        if !is_key(&key) {
            return Err(format!(
                "{key:?} is no key for an action: take one letter or sign, no digit"
            ));
        }
        self.keys.insert(action.to_owned(), key);
        Ok(())
    }

    /// Two actions that share a key, if any do.
    pub(super) fn clash(&self) -> Option<(&'static str, &'static str)> {
        ACTIONS.iter().enumerate().find_map(|(at, (one, ..))| {
            let (other, ..) = ACTIONS[at + 1..]
                .iter()
                .find(|(other, ..)| self.key(other) == self.key(one))?;
            Some((*one, *other))
        })
    }
}

fn is_action(action: &str) -> bool {
    ACTIONS.iter().any(|(name, ..)| *name == action)
}

/// One visible character that is no digit, which reasons have, and no question
/// mark, which shows the keys.
fn is_key(key: &str) -> bool {
    let mut letters = key.chars();
    let one = letters.next().filter(|_| letters.next().is_none());
    one.is_some_and(|c| !c.is_control() && !c.is_whitespace() && !c.is_ascii_digit() && c != '?')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_a_key_of_its_own_that_can_be_changed() {
        let mut look = Look::default();
        assert_eq!(look.clash(), None);
        assert_eq!(look.key("reject"), "r");
        look.set_key("reject", " D ").unwrap();
        assert_eq!(look.key("reject"), "d");
        look.set_key("watch", "d").unwrap();
        assert_eq!(look.clash(), Some(("reject", "watch")));
        for bad in ["", "ab", "7", "?", " ", "\u{7}"] {
            assert!(look.set_key("undo", bad).is_err(), "{bad:?}");
        }
        assert!(look.set_key("burn", "f").is_err());
    }

    #[test]
    fn keys_that_follow_a_confirmation_do_not_clash_either() {
        let mut keys: Vec<_> = KIND_KEYS.iter().map(|(key, _)| *key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), KIND_KEYS.len());
        assert!(!keys.contains(&"c"), "twice confirms as scored");
    }
}
