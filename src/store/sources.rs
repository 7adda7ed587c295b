//! Sources: a definition plus the user's settings.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;
use sqlx::FromRow;

use super::db::{JsonText, json as to_json, params};
use super::{Store, StoreError};
use crate::clock::Millis;

/// A marketplace as the user connected it.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Source {
    /// Identifier.
    pub id: i64,
    /// The user's name for it.
    pub name: String,
    /// The definition, TOML text as it was when added.
    pub definition: String,
    /// Overrides the definition's base address.
    pub base: Option<String>,
    /// Searches beside those planned from the catalog.
    pub queries: JsonText<Vec<String>>,
    /// Cron expression of the nightly scan, or none.
    pub schedule: Option<String>,
    /// IANA time zone of the schedule.
    pub time_zone: String,
    /// Whether it is scanned.
    pub enabled: bool,
    /// When it was added.
    pub created_at: Millis,
    /// What was chosen of the definition's settings; the others have their defaults.
    pub settings: JsonText<BTreeMap<String, String>>,
    /// Who wants it scanned now.
    pub run_asked_by: Option<String>,
    /// Since when.
    pub run_asked_at: Option<Millis>,
    /// Why the last scan that was asked for did not begin.
    pub run_refused: Option<String>,
}

/// The settings of a source to be added or changed.
#[derive(Debug, Clone)]
pub struct SourceDraft {
    /// The user's name for it.
    pub name: String,
    /// The definition, TOML text.
    pub definition: String,
    /// Overrides the definition's base address.
    pub base: Option<String>,
    /// Searches beside those planned from the catalog.
    pub queries: Vec<String>,
    /// Cron expression of the nightly scan.
    pub schedule: Option<String>,
    /// IANA time zone of the schedule.
    pub time_zone: String,
    /// What is chosen of the definition's settings.
    pub settings: BTreeMap<String, String>,
}

impl Store {
    /// All sources by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn sources(&self) -> Result<Vec<Source>, StoreError> {
        self.pools
            .all(
                "SELECT id, name, definition, base, queries, schedule, time_zone, enabled,
                    created_at, settings,
                    run_asked_by, run_asked_at, run_refused FROM sources ORDER BY name",
                params![],
            )
            .await
    }

    /// The source of that name.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be read.
    pub async fn source(&self, name: &str) -> Result<Source, StoreError> {
        self.pools
            .optional(
                "SELECT id, name, definition, base, queries, schedule, time_zone, enabled,
                    created_at, settings,
                    run_asked_by, run_asked_at, run_refused FROM sources WHERE name = $1",
                params![name],
            )
            .await?
            .ok_or_else(|| StoreError::not_found("source", name))
    }

    /// The source with this identifier.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be read.
    pub async fn source_by_id(&self, id: i64) -> Result<Source, StoreError> {
        self.pools
            .optional(
                "SELECT id, name, definition, base, queries, schedule, time_zone, enabled,
                    created_at, settings,
                    run_asked_by, run_asked_at, run_refused FROM sources WHERE id = $1",
                params![id],
            )
            .await?
            .ok_or_else(|| StoreError::not_found("source", id))
    }

    /// Adds a source, or changes the settings of the one of that name.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn save_source(&self, actor: &str, draft: &SourceDraft) -> Result<i64, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        let id = tx
            .id(
                "INSERT INTO sources
                    (name, definition, base, queries, schedule, time_zone, enabled, created_at,
                     settings, language)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                 ON CONFLICT (name) DO UPDATE SET definition = excluded.definition,
                    base = excluded.base, queries = excluded.queries,
                    schedule = excluded.schedule, time_zone = excluded.time_zone,
                    settings = excluded.settings, language = excluded.language
                 RETURNING id",
                params![
                    &draft.name,
                    &draft.definition,
                    draft.base.clone(),
                    to_json(&draft.queries),
                    draft.schedule.clone(),
                    &draft.time_zone,
                    true,
                    now,
                    to_json(&draft.settings),
                    language_of(&draft.definition),
                ],
            )
            .await?;
        let detail = json!({ "base": draft.base, "schedule": draft.schedule,
            "settings": draft.settings });
        tx.audit(
            now,
            actor,
            "source.save",
            &format!("source {}", draft.name),
            &detail,
        )
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The languages that cases can be narrowed to, by name: those of the marketplaces, and
    /// those that titles settled.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn languages(&self) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = self
            .pools
            .all(
                // From one to the next by the index: the languages are few, the cases many.
                "WITH RECURSIVE word(language) AS (
                    SELECT MIN(language) FROM case_facts UNION ALL
                    SELECT (SELECT MIN(f.language) FROM case_facts f
                            WHERE f.language > word.language)
                    FROM word WHERE word.language IS NOT NULL)
                 SELECT language FROM word WHERE language <> ''
                 UNION SELECT language FROM sources WHERE language <> '' ORDER BY 1",
                params![],
            )
            .await?;
        Ok(rows.into_iter().map(|(language,)| language).collect())
    }

    /// Looks up the languages of sources from before they were kept.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn name_languages(&self) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        let sources: Vec<(i64, String)> = tx
            .all(
                "SELECT id, definition FROM sources WHERE language IS NULL",
                params![],
            )
            .await?;
        for (id, definition) in sources {
            tx.run(
                "UPDATE sources SET language = $2 WHERE id = $1",
                params![id, language_of(&definition)],
            )
            .await?;
        }
        tx.commit().await
    }

    /// Changes what is chosen of a source's settings, from `before` to `after`.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when they are not `before` any more,
    /// [`StoreError::NotFound`], or when the database cannot be written.
    pub async fn set_source_settings(
        &self,
        actor: &str,
        name: &str,
        before: &BTreeMap<String, String>,
        after: &BTreeMap<String, String>,
    ) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        let changed = tx
            .run(
                "UPDATE sources SET settings = $3 WHERE name = $1 AND settings = $2",
                params![name, to_json(before), to_json(after)],
            )
            .await?;
        if changed == 0 {
            drop(tx);
            self.source(name).await?;
            return Err(StoreError::Conflict(format!(
                "the settings of source {name} were changed meanwhile; look at them and try again"
            )));
        }
        let detail = json!({ "before": before, "after": after });
        let subject = format!("source {name}");
        tx.audit(self.clock.millis(), actor, "source.set", &subject, &detail)
            .await?;
        tx.commit().await
    }

    /// Pauses a source or lets it run again.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be written.
    pub async fn enable_source(
        &self,
        actor: &str,
        name: &str,
        enabled: bool,
    ) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        let changed = tx
            .run(
                "UPDATE sources SET enabled = $2 WHERE name = $1",
                params![name, enabled],
            )
            .await?;
        if changed == 0 {
            return Err(StoreError::not_found("source", name));
        }
        let action = if enabled {
            "source.enable"
        } else {
            "source.pause"
        };
        let subject = format!("source {name}");
        tx.audit(self.clock.millis(), actor, action, &subject, &json!({}))
            .await?;
        tx.commit().await
    }
}

/// The language that a definition names, such as `de`; nothing where it names none.
fn language_of(definition: &str) -> String {
    let read: Option<toml::Table> = definition.parse().ok();
    let language = read.as_ref().and_then(|table| table.get("language"));
    let language = language.and_then(toml::Value::as_str).unwrap_or_default();
    language.trim().to_lowercase().chars().take(20).collect()
}

#[cfg(test)]
mod tests {
    use super::language_of;

    #[test]
    fn the_language_is_read_out_of_a_definition() {
        assert_eq!(language_of("id = \"x\"\nlanguage = \"DE\"\n"), "de");
        assert_eq!(language_of("id = \"x\"\n[a]\nlanguage = \"de\"\n"), "");
        assert_eq!(language_of("not toml"), "");
    }
}
