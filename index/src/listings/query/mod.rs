//! What people ask: words that must all be there, `"phrases"`, `-word`, `this OR that`, and fields.
//!
//! | written | means |
//! |---|---|
//! | `velora bag` | both words, in title, description or seller |
//! | `"velora bag"` | side by side |
//! | `velora OR lumarek bag` | one of the first two, and the third |
//! | `-case` | not this word, phrase or field |
//! | `title:`, `description:`, `seller:` | there only |
//! | `source:name`, `currency:EUR` | exactly |
//! | `price:10..50`, `price:..9.99`, `price:100..` | from, to, both included |
//! | `after:2026-03-01`, `before:2026-04` | seen on or after, seen before |

mod build;
mod dates;
mod forward;
mod parse;

pub(super) use build::{in_field, one, union};

/// The longest query, in characters.
pub const MAX_QUERY: usize = 1_000;
/// Words, phrases and fields at most.
const MAX_LEAVES: usize = 40;
/// Words at most, with the pairs of scripts without spaces.
const MAX_TOKENS: usize = 160;

/// Where a query goes wrong, and how to put it right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {at}: {why}")]
pub struct QueryError {
    /// Which character of the query, from 1.
    pub at: usize,
    /// What is wrong there, and what would be right.
    pub why: String,
}

/// Where words are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Any,
    Title,
    Description,
    Seller,
}

/// One thing asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Leaf {
    Text {
        scope: Scope,
        text: String,
    },
    Source(String),
    Currency(String),
    /// Ten-thousandths of the main unit, both included.
    Price {
        from: Option<i64>,
        to: Option<i64>,
    },
    /// Milliseconds since 1970: seen at this time or later.
    After(i64),
    /// Seen earlier than this.
    Before(i64),
}

/// Alternatives, of which one must hold, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clause {
    pub(super) not: bool,
    pub(super) any: Vec<Leaf>,
}

/// A query that was understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    pub(super) clauses: Vec<Clause>,
}

impl Query {
    /// Reads a query as a person writes it. An empty one finds every listing.
    ///
    /// # Errors
    /// [`QueryError`] with the place and plain words.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        parse::parse(text)
    }

    /// Limits it to sources by their names; none for all.
    #[must_use]
    pub fn of_sources(mut self, names: &[String]) -> Self {
        if !names.is_empty() {
            self.must(names.iter().cloned().map(Leaf::Source).collect());
        }
        self
    }

    /// Limits it to listings seen at or after a time in milliseconds since 1970.
    #[must_use]
    pub fn seen_since(mut self, millis: i64) -> Self {
        self.must(vec![Leaf::After(millis)]);
        self
    }

    /// Limits it to listings seen before a time in milliseconds since 1970.
    #[must_use]
    pub fn seen_before(mut self, millis: i64) -> Self {
        self.must(vec![Leaf::Before(millis)]);
        self
    }

    /// Reads a day as queries write it, `2026-03-01`, `2026-03` or `2026`: its first millisecond since
    /// 1970, in UTC.
    ///
    /// # Errors
    /// Why it is no day, in plain words.
    pub fn day(text: &str) -> Result<i64, String> {
        dates::millis(text)
    }

    /// Whether words are searched for, so that listings can be ranked by them.
    #[must_use]
    pub fn has_words(&self) -> bool {
        self.texts().next().is_some()
    }

    /// The words and phrases wanted, with where they are looked for.
    pub(super) fn texts(&self) -> impl Iterator<Item = (Scope, &str)> {
        let wanted = self.clauses.iter().filter(|clause| !clause.not);
        wanted
            .flat_map(|clause| &clause.any)
            .filter_map(|leaf| match leaf {
                Leaf::Text { scope, text } => Some((*scope, text.as_str())),
                _ => None,
            })
    }

    fn must(&mut self, any: Vec<Leaf>) {
        self.clauses.push(Clause { not: false, any });
    }
}
