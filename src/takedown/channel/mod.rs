//! Channels: where a notice can go, as data.
//!
//! A channel is one TOML file: its fields and when they are required, the
//! statements its law or programme asks for, its limits, the deadlines that
//! follow a step, the forms in which it takes notices, and a template. Those in
//! `channels/` ship; a folder named in the configuration may add to them or
//! replace them. Well-known fields are described once, in `fields.toml`.

mod field;
mod lint;
mod set;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(crate) use field::is_mail_address;
pub use field::{Check, Field, Origin, When};
pub use lint::lint;
pub use set::{ChannelError, Channels};

/// A way by which a notice can leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// Text, to be pasted into a form or printed.
    Text,
    /// A file of comma-separated values for an upload form.
    Csv,
    /// A workbook for an upload form.
    Xlsx,
    /// A letter to print, or to put into a form.
    Pdf,
    /// A mail.
    Mail,
    /// A request to the programme's own interface.
    Rest,
}

impl Form {
    /// The word on the command line and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Pdf => "pdf",
            Self::Mail => "mail",
            Self::Rest => "rest",
        }
    }

    /// The ending of a file in this form, and its media type.
    pub(in crate::takedown) fn file(self) -> (&'static str, &'static str) {
        match self {
            Self::Text => ("txt", "text/plain; charset=utf-8"),
            Self::Csv => ("csv", "text/csv; charset=utf-8"),
            Self::Xlsx => (
                "xlsx",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            ),
            Self::Pdf => ("pdf", "application/pdf"),
            Self::Mail => ("eml", "message/rfc822"),
            Self::Rest => ("json", "application/json"),
        }
    }

    /// The form a word stands for.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [
            Self::Text,
            Self::Csv,
            Self::Xlsx,
            Self::Pdf,
            Self::Mail,
            Self::Rest,
        ]
        .into_iter()
        .find(|form| form.as_str() == word)
    }
}

/// A channel, complete.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// Its short name, such as `dmca`.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What it is for, in a sentence or two.
    pub about: String,
    /// The law or the programme's rules that it follows.
    pub law: String,
    /// Where a person hands a notice in, in words.
    pub how: String,
    /// The kinds of right a notice may rest on.
    pub rights: Vec<String>,
    /// Countries whose listings it is for (`EU` stands for all of its members);
    /// none named: any.
    #[serde(default)]
    pub countries: Vec<String>,
    /// Sources it is the first choice for: beginnings of their names, of their
    /// definitions' names, or ends of their hosts.
    #[serde(default)]
    pub marketplaces: Vec<String>,
    /// The forms it takes, the usual one first.
    pub outputs: Vec<Form>,
    /// The most a notice may hold.
    pub limits: Limits,
    /// The fields, in the order of its form.
    #[serde(rename = "field")]
    pub fields: Vec<Field>,
    /// What the sender states.
    #[serde(default, rename = "statement")]
    pub statements: Vec<Statement>,
    /// What runs out when.
    #[serde(default, rename = "deadline")]
    pub deadlines: Vec<Deadline>,
    /// What a programme asks of those who report to it.
    #[serde(default)]
    pub program: Option<Program>,
    /// The notice in words.
    pub template: Template,
    /// The request, where the channel has an interface.
    #[serde(default)]
    pub request: Option<Request>,
}

/// The most a notice may hold.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Listings.
    pub items: usize,
    /// Characters of the text.
    pub body_chars: usize,
    /// Characters of the subject line.
    pub subject_chars: usize,
    /// Fields whose values together may stand in a notice only once.
    #[serde(default)]
    pub unique: Vec<String>,
}

/// What the sender states, by reference to where it comes from and by meaning.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Its short name.
    pub name: String,
    /// The provision or rule that asks for it.
    pub law: String,
    /// What it means for who makes it.
    pub meaning: String,
    /// The statement as it stands in the notice.
    pub text: String,
    /// What is stated under penalty of perjury: `authority` or nothing. A law
    /// must say so.
    #[serde(default)]
    pub perjury: Option<String>,
    /// When it is made; always, without.
    #[serde(default)]
    pub when: Option<When>,
}

/// Something that runs out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    /// Its short name.
    pub name: String,
    /// The state whose beginning starts it.
    pub after: String,
    /// Days until it runs out.
    pub days: u32,
    /// Days before which what it is about cannot happen, where there are such.
    #[serde(default)]
    pub earliest: Option<u32>,
    /// Whether only working days count.
    #[serde(default)]
    pub business: bool,
    /// Whose public holidays are no working days.
    #[serde(default)]
    pub holidays: Option<String>,
    /// What must be done by then, or what happens then.
    pub meaning: String,
}

/// What a programme asks of those who report to it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Its name.
    pub name: String,
    /// The share of reports that must be accepted, 0 to 1.
    pub acceptance: f64,
    /// Decided reports before the share says anything.
    pub at_least: u32,
}

/// The notice in words.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// The subject line.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// A request to the programme's own interface.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Where, without the path.
    pub base: String,
    /// The path.
    pub path: String,
    /// The environment variable that holds the access token.
    pub token_env: String,
    /// The key of the list of listings.
    pub items: String,
    /// Keys of a listing, and the fields they hold.
    pub item: BTreeMap<String, String>,
    /// Those among them whose value is a list, in the field separated by `,`.
    #[serde(default)]
    pub lists: Vec<String>,
    /// Where the answer holds the report's number.
    pub report_id: String,
    /// How it is asked what became of a report, where it can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusRequest>,
}

/// How an interface is asked what became of a report.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusRequest {
    /// The path, with `{report}` for the report's number.
    pub path: String,
    /// The key of the list of listings.
    pub items: String,
    /// The key of a listing's own number.
    pub item: String,
    /// The key of how it stands.
    pub state: String,
    /// The key of why, where that is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What its words mean; others change nothing.
    pub means: BTreeMap<String, Meaning>,
}

/// What an interface says of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Meaning {
    /// It was received.
    Acknowledged,
    /// It is not acted on.
    Refused,
    /// The listing has ended; whether it has is looked at.
    Ended,
    /// Something is to be made clear first.
    Asked,
}

impl Channel {
    /// The field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The share of accepted reports that its programme asks for.
    #[must_use]
    pub fn threshold(&self) -> Option<f64> {
        self.program.as_ref().map(|program| program.acceptance)
    }
}
