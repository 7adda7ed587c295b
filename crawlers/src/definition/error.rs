//! What can be wrong with a definition, and where.

use thiserror::Error;

/// Why a definition cannot be used.
#[derive(Debug, Error)]
pub enum DefinitionError {
    /// The text is not TOML of the right shape, or a value in it is unusable.
    #[error("{origin}, line {line}, field `{field}`: {reason}")]
    Syntax {
        /// The file or name the text came from.
        origin: String,
        /// The line, from 1.
        line: usize,
        /// The field, with its table.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Two or more fields do not go together.
    #[error("{origin}, field `{field}`: {reason}")]
    Inconsistent {
        /// The file or name the text came from.
        origin: String,
        /// The field that would have to change.
        field: String,
        /// What does not fit, and what would.
        reason: String,
    },
    /// The base given for a definition is unusable.
    #[error("cannot set the base of source `{id}` to `{base}`: {reason}")]
    Base {
        /// The definition.
        id: String,
        /// What was given.
        base: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Turns the TOML reader's byte span into a line and a field name.
pub(super) fn located(text: &str, origin: &str, error: &toml::de::Error) -> DefinitionError {
    let offset = error.span().map_or(0, |span| span.start).min(text.len());
    let line = text.as_bytes()[..offset]
        .iter()
        .filter(|b| **b == b'\n')
        .count()
        + 1;
    DefinitionError::Syntax {
        origin: origin.to_owned(),
        line,
        field: field_at(text, line),
        reason: error.message().trim().replace('\n', " "),
    }
}

/// The key of a line, or of the nearest line above it that has one, under the
/// table header above it.
fn field_at(text: &str, line: usize) -> String {
    let mut key = None;
    for row in text
        .lines()
        .take(line)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
    {
        let row = row.trim();
        if let Some(header) = row.strip_prefix('[')
            && let Some(end) = header.find(']')
            && !row.contains('=')
        {
            let table = header[..end].trim_matches(['[', ' ']);
            return key.map_or_else(|| table.to_owned(), |key: &str| format!("{table}.{key}"));
        }
        if key.is_none()
            && let Some((name, _)) = row.split_once('=')
            && is_key(name.trim())
        {
            key = Some(name.trim());
        }
    }
    key.unwrap_or("(top level)").to_owned()
}

fn is_key(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '"'))
}
