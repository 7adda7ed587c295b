//! Figures of many cases, counted by the database: what the dashboard shows.
//!
//! What is counted is what [`crate::reports::DEFINITIONS`] says, from the small rows
//! that triggers keep beside the cases; the reports count the same from the audit
//! log. Only conditions that are asked for are written, so that indexes serve them.

use super::queue::Building;
use super::removals::removed_products;
use super::{Store, StoreError};
use crate::accounts::Sees;
use crate::clock::Millis;

/// A day in milliseconds.
const DAY: i64 = 86_400_000;
/// Ages and durations are counted up to these, in hours, and over the last.
pub const HOURS: [i64; 5] = [1, 4, 24, 72, 168];

/// What is counted; `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub struct FigureScope {
    /// From this moment on.
    pub from: Option<Millis>,
    /// Before this moment.
    pub to: Option<Millis>,
    /// A brand.
    pub brand: Option<String>,
    /// A source's name.
    pub source: Option<String>,
    /// Whose brands; the store puts its own here.
    pub sees: Sees,
}

impl FigureScope {
    /// The same, of the brands that may be seen through a store.
    pub(super) fn through(&self, store: &Store) -> Self {
        Self {
            sees: store.sees(),
            ..self.clone()
        }
    }
}

/// Counts of a period, as the reports define them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Cases that the score opened.
    pub found: i64,
    /// Cases first decided.
    pub decided: i64,
    /// Of those, confirmed.
    pub confirmed: i64,
    /// Cases first reported.
    pub reported: i64,
    /// Of those, removed at any time since.
    pub removed: i64,
    /// Seconds from the opening to the first decision: median and 90th percentile.
    pub deciding: Ranks,
    /// Seconds from the report to the removal.
    pub removing: Ranks,
}

/// The median and the 90th percentile by the nearest rank.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ranks {
    /// The median, in seconds.
    pub median: Option<i64>,
    /// The 90th percentile, in seconds.
    pub p90: Option<i64>,
}

/// What one day brought. Each is counted on the day it happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Day {
    /// Cases opened.
    pub found: i64,
    /// Cases first decided whose standing decision is confirm.
    pub confirmed: i64,
    /// And reject.
    pub rejected: i64,
    /// Cases first recorded as removed.
    pub removed: i64,
}

/// Open cases by how long they wait.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Up to each of [`HOURS`], and longer.
    pub by_age: [i64; 6],
    /// When the oldest was opened.
    pub oldest: Option<Millis>,
}

impl Building {
    /// ` AND …` for the conditions of a scope on `case_figures f`; those of time on
    /// this column, such as `f.opened_at`.
    pub(super) fn scope(&mut self, scope: &FigureScope, time: &str) {
        for (limit, compare) in [(scope.from, ">="), (scope.to, "<")] {
            if let Some(limit) = limit {
                let limit = self.bind(limit);
                self.sql.push_str(&format!(" AND {time} {compare} {limit}"));
            }
        }
        self.whose(scope);
    }

    /// The conditions of a scope that are not of time.
    pub(super) fn whose(&mut self, scope: &FigureScope) {
        if let Some(seen) = self.seen(scope.sees, "f.product_id") {
            self.sql.push_str(&format!(" AND {seen}"));
        }
        if let Some(brand) = &scope.brand {
            let brand = self.bind(brand);
            self.sql.push_str(&format!(
                " AND f.product_id IN (SELECT id FROM products WHERE brand = {brand})"
            ));
        }
        if let Some(source) = &scope.source {
            let source = self.bind(source);
            self.sql.push_str(&format!(
                " AND f.source_id = (SELECT id FROM sources WHERE name = {source})"
            ));
        }
    }
}

fn begin(sql: &str) -> Building {
    Building {
        sql: sql.to_owned(),
        ..Building::default()
    }
}

impl Store {
    /// The counts of a period.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn totals(&self, scope: &FigureScope) -> Result<Totals, StoreError> {
        let scope = &scope.through(self);
        let mut found = begin("SELECT COUNT(*), COUNT(*) FROM case_figures f WHERE f.found");
        found.scope(scope, "f.opened_at");
        let mut decided = begin(
            "SELECT COUNT(*), COUNT(*) FILTER (WHERE f.confirmed) FROM case_figures f
             WHERE f.found AND f.decided_at IS NOT NULL",
        );
        decided.scope(scope, "f.decided_at");
        let mut reported = begin(
            "SELECT COUNT(*), COUNT(f.removed_at) FROM case_figures f
             WHERE f.found AND f.submitted_at IS NOT NULL",
        );
        reported.scope(scope, "f.submitted_at");
        let ((found, _), (decided, confirmed), (reported, removed)) = tokio::try_join!(
            self.two_counts(found),
            self.two_counts(decided),
            self.two_counts(reported)
        )?;
        let (deciding, removing) = tokio::try_join!(
            self.ranks(scope, "deciding", "decided_at", decided),
            self.ranks(scope, "removing", "submitted_at", removed)
        )?;
        Ok(Totals {
            found,
            decided,
            confirmed,
            reported,
            removed,
            deciding,
            removing,
        })
    }

    async fn two_counts(&self, of: Building) -> Result<(i64, i64), StoreError> {
        let rows: Vec<(i64, i64)> = self.pools.all_built(of.sql, of.values).await?;
        Ok(rows.first().copied().unwrap_or_default())
    }

    async fn ranks(
        &self,
        scope: &FigureScope,
        span: &str,
        time: &str,
        count: i64,
    ) -> Result<Ranks, StoreError> {
        let at = async |tenths: i64| -> Result<Option<i64>, StoreError> {
            if count == 0 {
                return Ok(None);
            }
            let mut asked = begin(&format!(
                "SELECT f.{span} FROM case_figures f WHERE f.found AND f.{span} IS NOT NULL"
            ));
            // The plus leaves the order to the index of spans: nothing is sorted then.
            asked.scope(scope, &format!("+f.{time}"));
            // ceil(share × n), from nought.
            let skipped = asked.bind((count * tenths + 9) / 10 - 1);
            asked
                .sql
                .push_str(&format!(" ORDER BY f.{span} LIMIT 1 OFFSET {skipped}"));
            let rows: Vec<(i64,)> = self.pools.all_built(asked.sql, asked.values).await?;
            Ok(rows.first().map(|(millis,)| millis.div_euclid(1000)))
        };
        let (median, p90) = tokio::try_join!(at(5), at(9))?;
        Ok(Ranks { median, p90 })
    }

    /// What each day brought, by its number since 1970; days without anything are
    /// left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn days(&self, scope: &FigureScope) -> Result<Vec<(i64, Day)>, StoreError> {
        let scope = &scope.through(self);
        let by_day = |time: &str, counted: &str, rest: &str| {
            let mut asked = begin(&format!(
                "SELECT f.{time} / {DAY} AS day, {counted} FROM case_figures f
                 WHERE f.found AND f.{time} IS NOT NULL{rest}"
            ));
            asked.scope(scope, &format!("f.{time}"));
            asked.sql.push_str(" GROUP BY 1");
            asked
        };
        let all = "COUNT(*), COUNT(*)";
        let sides = "COUNT(*) FILTER (WHERE f.confirmed), COUNT(*) FILTER (WHERE NOT f.confirmed)";
        let (opened, decided, removed) = tokio::try_join!(
            self.counted(by_day("opened_at", all, "")),
            self.counted(by_day("decided_at", sides, "")),
            self.counted(by_day("removed_at", all, ""))
        )?;
        let mut days = std::collections::BTreeMap::<i64, Day>::new();
        for (day, found, _) in opened {
            days.entry(day).or_default().found = found;
        }
        for (day, confirmed, rejected) in decided {
            let day = days.entry(day).or_default();
            (day.confirmed, day.rejected) = (confirmed, rejected);
        }
        for (day, removed, _) in removed {
            days.entry(day).or_default().removed = removed;
        }
        Ok(days.into_iter().collect())
    }

    async fn counted(&self, of: Building) -> Result<Vec<(i64, i64, i64)>, StoreError> {
        self.pools.all_built(of.sql, of.values).await
    }

    /// Decided cases by the time to their first decision, and removed ones by the time
    /// to their removal: up to each of [`HOURS`], and longer.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn spans(&self, scope: &FigureScope) -> Result<([i64; 6], [i64; 6]), StoreError> {
        let scope = &scope.through(self);
        let asked = |span: &str, time: &str| {
            let upto = |hours: i64| hours * 3_600_000;
            let mut sql = String::from("SELECT ");
            for (at, hours) in HOURS.iter().enumerate() {
                let least = at.checked_sub(1).map_or(i64::MIN + 1, |at| upto(HOURS[at]));
                sql.push_str(&format!(
                    "COUNT(*) FILTER (WHERE f.{span} >= {least} AND f.{span} < {}), ",
                    upto(*hours)
                ));
            }
            sql.push_str(&format!(
                "COUNT(*) FILTER (WHERE f.{span} >= {}) FROM case_figures f
                 WHERE f.found AND f.{span} IS NOT NULL",
                upto(HOURS[HOURS.len() - 1])
            ));
            let mut asked = begin(&sql);
            asked.scope(scope, &format!("f.{time}"));
            asked
        };
        let (deciding, removing) = tokio::try_join!(
            self.six(asked("deciding", "decided_at")),
            self.six(asked("removing", "submitted_at"))
        )?;
        Ok((deciding, removing))
    }

    async fn six(&self, of: Building) -> Result<[i64; 6], StoreError> {
        let rows: Vec<(i64, i64, i64, i64, i64, i64)> =
            self.pools.all_built(of.sql, of.values).await?;
        let found = rows.first().copied().unwrap_or_default();
        Ok([found.0, found.1, found.2, found.3, found.4, found.5])
    }

    /// Open cases of the catalog's products by how long they wait at `now`; the scope's
    /// period does not count.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn waiting(&self, scope: &FigureScope, now: Millis) -> Result<Waiting, StoreError> {
        let scope = &scope.through(self);
        let since = |hours: i64| now.0 - hours * 3_600_000;
        let mut sql = String::from("SELECT ");
        for (at, hours) in HOURS.iter().enumerate() {
            let until = at.checked_sub(1).map_or(i64::MAX, |at| since(HOURS[at]));
            sql.push_str(&format!(
                "COUNT(*) FILTER (WHERE f.opened_at > {} AND f.opened_at <= {until}), ",
                since(*hours)
            ));
        }
        sql.push_str(&format!(
            "COUNT(*) FILTER (WHERE f.opened_at <= {}) FROM case_figures f WHERE f.state = 'open'",
            since(HOURS[HOURS.len() - 1])
        ));
        let in_catalog = concat!(" AND f.product_id NOT IN ", removed_products!());
        sql.push_str(in_catalog);
        let mut asked = begin(&sql);
        asked.whose(scope);
        let mut oldest =
            begin("SELECT MIN(f.opened_at) FROM case_figures f WHERE f.state = 'open'");
        oldest.sql.push_str(in_catalog);
        oldest.whose(scope);
        let oldest: Vec<(Option<i64>,)> = self.pools.all_built(oldest.sql, oldest.values).await?;
        Ok(Waiting {
            by_age: self.six(asked).await?,
            oldest: oldest.first().and_then(|(at,)| *at).map(Millis),
        })
    }
}
