//! `[notices]`: who signs notices, how they leave, and when what they are about is looked
//! at again.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Who signs notices, and how they leave.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notices {
    /// Name of the person or firm that sends notices.
    pub name: Option<String>,
    /// Postal address.
    pub address: Option<String>,
    /// Mail address for answers.
    pub email: Option<String>,
    /// Telephone number for answers.
    pub phone: Option<String>,
    /// Whether the sender is the `owner` of the rights or an `agent`.
    pub role: Option<NoticeRole>,
    /// The country whose market sources serve that do not say it themselves.
    pub country: Option<String>,
    /// Full names of the people who attest, by account.
    pub people: BTreeMap<String, String>,
    /// Letters by which owners let the sender act for them.
    pub authority: Vec<Authority>,
    /// A folder with channels of one's own. Relative paths start at the
    /// configuration's folder.
    pub channels: Option<PathBuf>,
    /// Values of channels' fields, by channel and field.
    pub defaults: BTreeMap<String, BTreeMap<String, String>>,
    /// Mail addresses that notices go to, by source or channel.
    pub recipients: BTreeMap<String, String>,
    /// The mail server notices leave by.
    pub mail: Option<MailServer>,
    /// When listings under notice are looked at again.
    pub recheck: Recheck,
}

/// As what somebody sends notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NoticeRole {
    /// The owner of the rights.
    Owner,
    /// Somebody who acts for the owner.
    Agent,
}

/// A letter by which an owner lets the sender act.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// The owner, as in the catalog's rights.
    pub owner: String,
    /// The letter. Relative paths start at the configuration's folder.
    pub file: PathBuf,
    /// The last day it holds, `YYYY-MM-DD`; none: until it is taken back.
    #[serde(default)]
    pub until: Option<String>,
}

/// A mail server.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MailServer {
    /// Its name or address.
    pub host: String,
    /// Its port; 465 by default.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is protected: `tls` from its start, `starttls`, or
    /// `none`, which is for a server on this machine only.
    #[serde(default)]
    pub security: MailSecurity,
    /// The account, where it asks for one.
    #[serde(default)]
    pub user: Option<String>,
    /// The environment variable that holds the account's password.
    #[serde(default)]
    pub password_env: Option<String>,
}

/// How the connection to a mail server is protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// TLS from the start.
    #[default]
    Tls,
    /// TLS after a plain greeting; refused where the server does not offer it.
    Starttls,
    /// None.
    None,
}

/// When listings under notice are looked at again.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recheck {
    /// Hours between the first looks; they grow with the notice's age.
    pub first_hours: u32,
    /// The most hours between two looks.
    pub most_hours: u32,
    /// The fewest hours between the two looks that must agree before a listing
    /// counts as removed.
    pub apart_hours: u32,
    /// Days after its removal for which a listing is still looked at.
    pub watch_days: u32,
}

impl Default for Recheck {
    fn default() -> Self {
        Self {
            first_hours: 24,
            most_hours: 14 * 24,
            apart_hours: 12,
            watch_days: 180,
        }
    }
}
