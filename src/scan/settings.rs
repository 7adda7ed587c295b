//! What an operator chooses of a definition's settings.

use markhound_crawlers::{Definition, DefinitionError};
use serde::Serialize;

use crate::app::App;
use crate::store::StoreError;
use crate::store::sources::Source;

/// A setting of a source's definition and what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// Its name.
    pub name: String,
    /// The value that scans use.
    pub value: String,
    /// Whether somebody chose it.
    pub chosen: bool,
    /// The value where none is chosen.
    pub default: String,
    /// The values there are; empty where any will do.
    pub values: Vec<String>,
    /// What it means.
    pub note: Option<String>,
}

/// Why settings cannot be changed.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The definition has no such setting, or the setting no such value.
    #[error(transparent)]
    Definition(#[from] DefinitionError),
    /// Neither the definition has such a setting nor was it ever chosen.
    #[error("source {source_name} has no setting {name}; known: {known}")]
    Unknown {
        /// The source.
        source_name: String,
        /// What was asked for.
        name: String,
        /// The settings there are.
        known: String,
    },
    /// The database failed, or somebody else was faster.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The settings that a source's definition has, by name.
///
/// # Errors
/// When the definition cannot be used with what was chosen.
pub fn choices(source: &Source) -> Result<Vec<Choice>, DefinitionError> {
    let definition = Definition::parse_with(&source.definition, &source.name, &source.settings)?;
    let choices = definition.settings().iter().map(|(name, setting)| {
        let chosen = source.settings.get(name);
        Choice {
            name: name.clone(),
            value: chosen.unwrap_or(&setting.default).clone(),
            chosen: chosen.is_some(),
            default: setting.default.clone(),
            values: setting.values.clone(),
            note: setting.note.clone(),
        }
    });
    Ok(choices.collect())
}

/// Chooses values of a source's settings, and gives those in `unset` their
/// defaults again. Nothing is changed unless all of it can be.
///
/// # Errors
/// [`SettingsError`].
pub async fn change(
    app: &App,
    actor: &str,
    name: &str,
    set: &[(String, String)],
    unset: &[String],
) -> Result<Source, SettingsError> {
    let source = app.store.source(name).await?;
    let before = &source.settings.0;
    let mut after = before.clone();
    after.extend(set.iter().cloned());
    // One that was chosen may be taken away although the definition does not
    // know it any more.
    after.retain(|key, _| !unset.contains(key));
    let definition = Definition::parse_with(&source.definition, name, &after)?;
    let known = definition.settings();
    let is_known = |key: &String| known.contains_key(key) || before.contains_key(key);
    if let Some(unknown) = unset.iter().find(|key| !is_known(key)) {
        let known: Vec<&str> = known.keys().map(String::as_str).collect();
        return Err(SettingsError::Unknown {
            source_name: name.to_owned(),
            name: unknown.clone(),
            known: if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            },
        });
    }
    if after != *before {
        let store = &app.store;
        store
            .set_source_settings(actor, name, before, &after)
            .await?;
    }
    Ok(app.store.source(name).await?)
}
