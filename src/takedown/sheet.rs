//! What a notice holds, before it is put into words: a channel's form, filled in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::channel::{Channel, Field, When};
use super::cover;

/// A filled-in form. It is kept with the notice: files and requests are made
/// of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// The channel's name.
    pub channel: String,
    /// The right it rests on.
    pub right: SheetRight,
    /// `owner` or `agent`.
    #[serde(default)]
    pub acts_as: Option<String>,
    /// The letter of authority of an agent.
    #[serde(default)]
    pub authority: Option<SheetAuthority>,
    /// The country whose market the listings serve.
    #[serde(default)]
    pub country: Option<String>,
    /// Values of the notice.
    pub fields: BTreeMap<String, String>,
    /// Values of each listing.
    pub items: Vec<BTreeMap<String, String>>,
    /// The statements that were made, by name.
    #[serde(default)]
    pub statements: Vec<String>,
}

/// The right a notice rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SheetRight {
    /// `trademark`, `copyright`, `design` or `patent`.
    pub kind: String,
    /// Its number.
    pub number: Option<String>,
    /// Country or office.
    pub jurisdiction: Option<String>,
    /// Its owner.
    pub owner: Option<String>,
    /// The last day it is in force.
    pub expiry: Option<String>,
}

/// A letter by which the owner lets somebody act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SheetAuthority {
    /// Who gave it.
    pub owner: String,
    /// The file's name.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// The last day it holds; none: until it is taken back.
    #[serde(default)]
    pub until: Option<String>,
}

impl Sheet {
    /// A field's value for a listing, or the notice's.
    #[must_use]
    pub fn value<'a>(
        &'a self,
        item: Option<&'a BTreeMap<String, String>>,
        name: &str,
    ) -> Option<&'a str> {
        let of_item = item.and_then(|item| item.get(name));
        of_item
            .or_else(|| self.fields.get(name))
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// Whether a condition holds, for a listing where it is about one.
    #[must_use]
    pub fn holds(&self, when: &When, item: Option<&BTreeMap<String, String>>) -> bool {
        let right = when.right.is_empty() || when.right.contains(&self.right.kind);
        let role = when.acts_as.is_none() || when.acts_as == self.acts_as;
        let country = when.country.is_empty()
            || self
                .country
                .as_deref()
                .is_some_and(|c| cover::is_in(c, &when.country));
        let field = when.field.as_deref().is_none_or(|name| {
            self.value(item, name)
                .is_some_and(|value| when.is.iter().any(|one| one == value))
        });
        right && role && country && field
    }

    /// The fields of a channel that this notice has to say something about.
    pub fn asked<'a>(
        &'a self,
        channel: &'a Channel,
        item: Option<&'a BTreeMap<String, String>>,
    ) -> impl Iterator<Item = &'a Field> {
        channel.fields.iter().filter(move |field| {
            field
                .when
                .as_ref()
                .is_none_or(|when| self.holds(when, item))
        })
    }
}
