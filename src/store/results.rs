//! What searches gave first: kept while a scan is under way, and at its end written
//! into the audit log, so that it can be counted there how many of the first results
//! infringe.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::StoreError;
use super::db::{JsonText, Tx, Value, params};
use super::work::Work;
use crate::clock::Millis;

/// How many of the first results are counted.
pub const FIRST: usize = 50;

/// One result of a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SearchResult {
    /// The marketplace's own identifier of the offer.
    Item(String),
    /// The address of the offer, where the list does not say more.
    Url(String),
}

/// A part of what a search gave, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchResults {
    /// The words searched for.
    pub query: String,
    /// How many results came before these.
    pub place: u32,
    /// The results, as far as they are among the first.
    pub entries: Vec<SearchResult>,
}

impl Tx {
    /// Keeps what the lists among these works gave.
    pub(super) async fn write_results<'a>(
        &mut self,
        works: impl Iterator<Item = &'a Work>,
    ) -> Result<(), StoreError> {
        let rows = works.filter_map(|work| {
            let results = work.results.as_ref()?;
            Some(params![
                work.scan_id,
                &results.query,
                results.place,
                super::db::json(&results.entries)
            ])
        });
        let rows: Vec<Vec<Value>> = rows.collect();
        self.insert(
            "INSERT INTO scan_results (scan_id, query, place, entries)",
            rows,
            "ON CONFLICT (scan_id, query, place) DO NOTHING",
        )
        .await?;
        Ok(())
    }

    /// Writes what the searches of a scan gave first into the log, an event a search:
    /// identifiers in their order, null for an offer that was not read.
    pub(super) async fn tell_results(&mut self, scan: i64, now: Millis) -> Result<(), StoreError> {
        let rows: Vec<(String, i64, JsonText<Vec<SearchResult>>)> = self
            .all(
                "SELECT query, place, entries FROM scan_results WHERE scan_id = $1
                 ORDER BY query, place",
                params![scan],
            )
            .await?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut searches: BTreeMap<String, Vec<SearchResult>> = BTreeMap::new();
        for (query, _, entries) in rows {
            searches.entry(query).or_default().extend(entries.0);
        }
        let mut urls: Vec<Value> = Vec::new();
        for entries in searches.values_mut() {
            entries.truncate(FIRST);
            urls.extend(entries.iter().filter_map(|entry| match entry {
                SearchResult::Url(url) => Some(Value::from(url)),
                SearchResult::Item(_) => None,
            }));
        }
        let read: Vec<(String, String)> = self
            .all_in(
                "SELECT c.url, l.item_id FROM captures c JOIN listings l ON l.capture_id = c.id
                 WHERE c.scan_id = $1 AND c.kind = 'item' AND c.url IN",
                params![scan],
                urls,
                "",
            )
            .await?;
        let read: HashMap<String, String> = read.into_iter().collect();
        let (source,): (String,) = self
            .one(
                "SELECT s.name FROM scans n JOIN sources s ON s.id = n.source_id WHERE n.id = $1",
                params![scan],
            )
            .await?;
        for (query, entries) in searches {
            let results: Vec<Option<&String>> = entries
                .iter()
                .map(|entry| match entry {
                    SearchResult::Item(id) => Some(id),
                    SearchResult::Url(url) => read.get(url),
                })
                .collect();
            let detail = json!({ "source": source, "query": query, "results": results });
            let subject = format!("scan {scan}");
            self.audit(now, "scan", "scan.results", &subject, &detail)
                .await?;
        }
        Ok(())
    }

    /// Forgets what the searches of a scan that has ended gave.
    pub(super) async fn forget_results(&mut self, scan: i64) -> Result<(), StoreError> {
        self.run("DELETE FROM scan_results WHERE scan_id = $1", params![scan])
            .await?;
        Ok(())
    }
}
