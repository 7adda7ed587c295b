//! The queue case by case: what it is narrowed to, in which order it stands, and
//! where a page of it begins.
//!
//! Statements are put together from pieces here, only the conditions that are
//! asked for: one text with every condition switched off by a NULL could use no
//! index. Values are always bound.

use super::cases::{CaseRow, select_case};
use super::db::Value;
use super::few::Few;
use super::removals::removed_products;
use super::{Store, StoreError};
use crate::accounts::Sees;
use crate::clock::Millis;

/// What the queue is narrowed to; `None` does not narrow.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QueueFilter {
    /// A state, such as `open`.
    pub state: Option<String>,
    /// A source's name.
    pub source: Option<String>,
    /// The language of the listing, such as `de`: what its title's script settles, else
    /// the marketplace's.
    pub language: Option<String>,
    /// A brand.
    pub brand: Option<String>,
    /// A SKU.
    pub sku: Option<String>,
    /// At least this probability.
    pub min_score: Option<f64>,
    /// Part of a title or seller, any case.
    pub text: Option<String>,
    /// Less than this probability.
    pub below_score: Option<f64>,
    /// A kind of infringement, as decided or else as scored.
    pub kind: Option<String>,
    /// A seller, exactly.
    pub seller: Option<String>,
    /// At least this price, whatever the currency.
    pub min_price: Option<f64>,
    /// At most this price, whatever the currency.
    pub max_price: Option<f64>,
    /// Found at this time or later.
    pub since: Option<Millis>,
    /// Found before this time.
    pub until: Option<Millis>,
    /// Assigned to this person.
    pub assigned_to: Option<String>,
    /// Assigned to this person or to nobody.
    pub open_to: Option<String>,
    /// One cluster.
    pub cluster: Option<i64>,
    /// Those of products that were removed from the catalog, which are left out of every
    /// other queue while they are undecided.
    pub removed: bool,
    /// Whose brands; the store puts its own here.
    pub sees: Sees,
}

impl QueueFilter {
    /// The same, of the brands that may be seen through a store.
    pub(super) fn through(&self, store: &Store) -> Self {
        Self {
            sees: store.sees(),
            ..self.clone()
        }
    }
}

/// What stands first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum QueueOrder {
    /// The most probable.
    #[default]
    Score,
    /// What is worth most: probability times what a sale costs the owner.
    Worth,
    /// What has waited longest.
    Oldest,
}

/// Continue after this case: what it is sorted by, and its identifier.
pub type QueueCursor = (f64, i64);

impl QueueOrder {
    pub(super) fn column(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::Worth => "worth",
            Self::Oldest => "created_at",
        }
    }

    fn falls(self) -> bool {
        self != Self::Oldest
    }

    /// `ORDER BY` of the alias `c`, or against the order.
    pub(super) fn sort(self, backwards: bool) -> String {
        let (value, id) = match (self.falls(), backwards) {
            (true, false) => ("DESC", "ASC"),
            (false, false) => ("ASC", "ASC"),
            (true, true) => ("ASC", "DESC"),
            (false, true) => ("DESC", "DESC"),
        };
        format!(" ORDER BY c.{} {value}, c.id {id}", self.column())
    }

    /// What a case is sorted by.
    #[must_use]
    pub fn of(self, case: &CaseRow) -> f64 {
        match self {
            Self::Score => case.score,
            Self::Worth => case.worth,
            Self::Oldest => case.created_at.0 as f64,
        }
    }

    fn value(self, value: f64) -> Value {
        match self {
            Self::Oldest => Value::Int(Some(value as i64)),
            _ => Value::Real(Some(value)),
        }
    }
}

/// A statement in the making: its conditions and their values.
#[derive(Debug, Default)]
pub(super) struct Building {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
    /// The cases that fit one of the things asked for, where they are few.
    pub(super) few: Option<Few>,
}

/// Which index a statement's cases are found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// One of the filter's own, as the engine chooses.
    ByFilter,
    /// The one on the cluster: the filter only says which of a few cases stay. SQLite,
    /// which has no statistics, would take a range of times or scores for less than the
    /// cases of one cluster; a sign before a column keeps its index out.
    ByCluster,
}

impl Building {
    pub(super) fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// The condition that a product, by its number, is of a brand they may see; none where
    /// all are.
    pub(super) fn seen(&mut self, sees: Sees, product: &str) -> Option<String> {
        let Sees::BrandsOf(user) = sees else {
            return None;
        };
        let user = self.bind(user);
        Some(format!(
            "{product} IN (SELECT sp.id FROM products sp
                JOIN user_brands ub ON ub.brand = sp.brand WHERE ub.user_id = {user})"
        ))
    }

    /// ` AND …` for every condition of the filter on cases of this alias.
    pub(super) fn narrow(&mut self, filter: &QueueFilter, on: &str, found: Found) {
        let mut all = Vec::new();
        let plain = match found {
            Found::ByFilter => on.to_owned(),
            Found::ByCluster => format!("+{on}"),
        };
        all.extend(self.seen(filter.sees, &format!("{plain}.product_id")));
        if let Some(state) = &filter.state {
            let state = self.bind(state);
            all.push(format!("{on}.state = {state}"));
        }
        let removed = format!("{plain}.product_id IN {}", removed_products!());
        match filter.state.as_deref() {
            _ if filter.removed => all.push(removed),
            Some("confirmed" | "rejected") => {}
            Some(_) => all.push(format!("NOT {removed}")),
            None => all.push(format!(
                "({on}.state IN ('confirmed', 'rejected') OR NOT {removed})"
            )),
        }
        if let Some(cluster) = filter.cluster {
            let cluster = self.bind(cluster);
            all.push(format!("{on}.cluster_id = {cluster}"));
        }
        if let Some(sku) = &filter.sku {
            let sku = self.bind(sku);
            all.push(format!(
                "{plain}.product_id = (SELECT id FROM products WHERE sku = {sku})"
            ));
        }
        if let Some(brand) = &filter.brand {
            let brand = self.bind(brand);
            all.push(format!(
                "{plain}.product_id IN (SELECT id FROM products WHERE brand = {brand})"
            ));
        }
        if let Some(kind) = &filter.kind {
            let kind = self.bind(kind);
            all.push(format!("COALESCE({on}.decided_kind, {on}.kind) = {kind}"));
        }
        for (limit, compare) in [(filter.min_score, ">="), (filter.below_score, "<")] {
            if let Some(limit) = limit {
                let limit = self.bind(limit);
                all.push(format!("{plain}.score {compare} {limit}"));
            }
        }
        for (limit, compare) in [(filter.since, ">="), (filter.until, "<")] {
            if let Some(limit) = limit {
                let limit = self.bind(limit);
                all.push(format!("{plain}.created_at {compare} {limit}"));
            }
        }
        if let Some(person) = &filter.assigned_to {
            let person = self.bind(person);
            all.push(match found {
                Found::ByFilter => format!("{on}.assigned_to = {person}"),
                Found::ByCluster => format!("COALESCE({on}.assigned_to, '') = {person}"),
            });
        }
        if let Some(person) = &filter.open_to {
            let person = self.bind(person);
            all.push(format!(
                "({on}.assigned_to IS NULL OR {on}.assigned_to = {person})"
            ));
        }
        if let Some(few) = &self.few {
            let ids = few.list();
            all.push(format!("{plain}.id IN ({ids})"));
        }
        if let Some(facts) = self.facts(filter) {
            all.push(format!(
                "EXISTS (SELECT 1 FROM case_facts f WHERE f.case_id = {on}.id AND {facts})"
            ));
        }
        for condition in all {
            self.sql.push_str(" AND ");
            self.sql.push_str(&condition);
        }
    }

    /// What is asked of the listings, as a condition on `case_facts f`.
    pub(super) fn facts(&mut self, filter: &QueueFilter) -> Option<String> {
        let mut all = Vec::new();
        if let Some(source) = &filter.source {
            let source = self.bind(source);
            all.push(format!(
                "f.source_id = (SELECT id FROM sources WHERE name = {source})"
            ));
        }
        if let Some(language) = &filter.language {
            let language = self.bind(language);
            // What the title's script says, or else the marketplace's.
            all.push(format!(
                "(f.language = {language} OR (f.language = '' AND f.source_id IN
                    (SELECT id FROM sources WHERE language = {language})))"
            ));
        }
        if let Some(seller) = &filter.seller {
            let seller = self.bind(seller);
            all.push(format!("f.seller = {seller}"));
        }
        for (limit, compare) in [(filter.min_price, ">="), (filter.max_price, "<=")] {
            if let Some(limit) = limit {
                let limit = self.bind(limit);
                all.push(format!("f.price {compare} {limit}"));
            }
        }
        if let Some(text) = &filter.text {
            let text = self.bind(like_pattern(text));
            all.push(format!("f.words LIKE {text} ESCAPE '\\'"));
        }
        (!all.is_empty()).then(|| all.join(" AND "))
    }

    /// ` AND …` for what stands after a case, or before it.
    pub(super) fn beyond(&mut self, order: QueueOrder, at: QueueCursor, backwards: bool) {
        let column = order.column();
        let value = self.bind(order.value(at.0));
        let id = self.bind(at.1);
        let than = if order.falls() == backwards { ">" } else { "<" };
        let next = if backwards { "<" } else { ">" };
        // The first half alone says where to begin in the index.
        self.sql.push_str(&format!(
            " AND c.{column} {than}= {value} AND (c.{column} {than} {value} OR c.id {next} {id})"
        ));
    }
}

impl Store {
    /// A page of the queue case by case, highest score first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn queue(
        &self,
        filter: &QueueFilter,
        after: Option<QueueCursor>,
        limit: u32,
    ) -> Result<Vec<CaseRow>, StoreError> {
        self.queue_by(filter, QueueOrder::Score, after, limit).await
    }

    /// A page of the queue case by case.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn queue_by(
        &self,
        filter: &QueueFilter,
        order: QueueOrder,
        after: Option<QueueCursor>,
        limit: u32,
    ) -> Result<Vec<CaseRow>, StoreError> {
        let mut inner = self.fitting(filter).await?;
        if let Some(at) = after {
            inner.beyond(order, at, false);
        }
        inner.sql.push_str(&order.sort(false));
        let limit = inner.bind(limit);
        inner.sql.push_str(&format!(" LIMIT {limit}"));
        self.cases_in(inner, order).await
    }

    /// The identifiers of the cases that fit a filter, in no order yet.
    async fn fitting(&self, filter: &QueueFilter) -> Result<Building, StoreError> {
        let mut building = Building {
            sql: "SELECT c.id FROM cases c WHERE 1 = 1".to_owned(),
            few: self.few(filter).await?,
            ..Building::default()
        };
        building.narrow(&filter.through(self), "c", Found::ByFilter);
        Ok(building)
    }

    /// The whole rows of the cases that a statement names, in that order.
    pub(super) async fn cases_in(
        &self,
        inner: Building,
        order: QueueOrder,
    ) -> Result<Vec<CaseRow>, StoreError> {
        let sql = format!(
            "{} WHERE c.id IN ({}){}",
            select_case!(""),
            inner.sql,
            order.sort(false)
        );
        let cases: Vec<CaseRow> = self.pools.all_built(sql, inner.values).await?;
        Ok(cases.into_iter().map(CaseRow::without_stand_in).collect())
    }

    /// The case that stands right before another in the queue, if one does.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn queue_before(
        &self,
        filter: &QueueFilter,
        order: QueueOrder,
        before: QueueCursor,
    ) -> Result<Option<i64>, StoreError> {
        let mut asked = self.fitting(filter).await?;
        asked.beyond(order, before, true);
        asked.sql.push_str(&order.sort(true));
        asked.sql.push_str(" LIMIT 1");
        let found: Vec<(i64,)> = self.pools.all_built(asked.sql, asked.values).await?;
        Ok(found.first().map(|(id,)| *id))
    }
}

/// A LIKE pattern that finds `text` literally, anywhere, in lower case.
pub(super) fn like_pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
