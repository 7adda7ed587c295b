//! Lists as pages show them: narrowed, sorted, a page at a time after a place.

use super::audit::AuditEvent;
use super::db::{Value, numbers, params};
use super::products::{Product, select_product};
use super::queue::{Building, like_pattern};
use super::scans::{SCAN, Scan};
use super::sees::{brand_seen, event_seen, product_seen};
use super::{Store, StoreError};

/// What scans are sorted by, the highest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ScanOrder {
    /// The latest.
    #[default]
    Latest,
    /// The most cases.
    Cases,
    /// The most addresses given up on.
    Failures,
    /// The most listings.
    Listings,
}

/// What scans are narrowed to; empty does not narrow.
#[derive(Debug, Clone, Default)]
pub struct ScanFilter {
    /// A source's name.
    pub source: String,
    /// `running`, `done` or `failed`.
    pub state: String,
    /// What they are sorted by.
    pub order: ScanOrder,
}

impl ScanOrder {
    fn column(self) -> &'static str {
        match self {
            Self::Latest => "id",
            Self::Cases => "cases",
            Self::Failures => "failures",
            Self::Listings => "listings",
        }
    }

    /// What a scan is sorted by.
    #[must_use]
    pub fn of(self, scan: &Scan) -> i64 {
        match self {
            Self::Latest => scan.id,
            Self::Cases => scan.cases,
            Self::Failures => scan.failures,
            Self::Listings => scan.listings,
        }
    }
}

/// What events of the log are narrowed to; empty does not narrow.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Who.
    pub actor: String,
    /// What, such as `case.confirm`.
    pub action: String,
    /// To what, such as `case 42`.
    pub subject: String,
}

/// What products are sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ProductOrder {
    /// Brand and name.
    #[default]
    Name,
    /// SKU.
    Sku,
    /// The last change, the latest first.
    Changed,
}

/// What products are narrowed to; empty does not narrow.
#[derive(Debug, Clone, Default)]
pub struct ProductFilter {
    /// Part of a name, a SKU or a model number.
    pub text: String,
    /// A brand.
    pub brand: String,
    /// Those with a right that ends on this day, `YYYY-MM-DD`, or before, or with none.
    pub ends_by: Option<String>,
    /// Those that were removed from the catalog, and no others.
    pub removed: bool,
    /// What they are sorted by.
    pub order: ProductOrder,
}

impl ProductOrder {
    /// The columns it goes by; the identifier comes after them.
    fn columns(self) -> (&'static [&'static str], &'static str, &'static str) {
        match self {
            Self::Name => (&["p.brand", "p.name"], ">", "ASC"),
            Self::Sku => (&["p.sku"], ">", "ASC"),
            Self::Changed => (&["p.updated_at"], "<", "DESC"),
        }
    }

    fn values(self, product: &Product) -> Vec<Value> {
        match self {
            Self::Name => vec![product.brand.as_str().into(), product.name.as_str().into()],
            Self::Sku => vec![product.sku.as_str().into()],
            Self::Changed => vec![product.updated_at.into()],
        }
    }
}

impl Store {
    /// Scans after a place: what one is sorted by, and its identifier.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn scans_by(
        &self,
        filter: &ScanFilter,
        after: Option<(i64, i64)>,
        limit: u32,
    ) -> Result<Vec<Scan>, StoreError> {
        let mut asked = Building {
            sql: format!("{SCAN} WHERE 1 = 1"),
            ..Building::default()
        };
        if !filter.source.is_empty() {
            let source = asked.bind(&filter.source);
            asked.sql.push_str(&format!(" AND o.name = {source}"));
        }
        if !filter.state.is_empty() {
            let state = asked.bind(&filter.state);
            asked.sql.push_str(&format!(" AND s.state = {state}"));
        }
        let column = filter.order.column();
        if let Some((value, id)) = after {
            let (value, id) = (asked.bind(value), asked.bind(id));
            asked.sql.push_str(&format!(
                " AND (s.{column} < {value} OR (s.{column} = {value} AND s.id < {id}))"
            ));
        }
        let limit = asked.bind(limit);
        asked.sql.push_str(&format!(
            " ORDER BY s.{column} DESC, s.id DESC LIMIT {limit}"
        ));
        self.pools.all_built(asked.sql, asked.values).await
    }

    /// Events of the log below a number, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn audit_by(
        &self,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditEvent>, StoreError> {
        let mut asked = Building {
            sql: String::from(concat!(
                "SELECT seq, at, actor, action, subject, detail, prev_hash, hash
                 FROM audit_events WHERE seq < $2 AND ",
                event_seen!("subject", "actor", "$1")
            )),
            values: vec![self.sees.into(), before.unwrap_or(i64::MAX).into()],
            ..Building::default()
        };
        for (column, value) in [
            ("actor", &filter.actor),
            ("action", &filter.action),
            ("subject", &filter.subject),
        ] {
            if !value.is_empty() {
                let value = asked.bind(value);
                asked.sql.push_str(&format!(" AND {column} = {value}"));
            }
        }
        let limit = asked.bind(limit);
        asked
            .sql
            .push_str(&format!(" ORDER BY seq DESC LIMIT {limit}"));
        self.pools.all_built(asked.sql, asked.values).await
    }

    /// The actions that the log knows, by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn audit_actions(&self) -> Result<Vec<String>, StoreError> {
        // From one to the next by the index: the log is long, its words are few.
        let rows: Vec<(Option<String>,)> = self
            .pools
            .all(
                "WITH RECURSIVE word(action) AS (
                    SELECT MIN(action) FROM audit_events UNION ALL
                    SELECT (SELECT MIN(action) FROM audit_events e WHERE e.action > word.action)
                    FROM word WHERE word.action IS NOT NULL)
                 SELECT action FROM word WHERE action IS NOT NULL LIMIT 500",
                Vec::new(),
            )
            .await?;
        Ok(rows.into_iter().filter_map(|(action,)| action).collect())
    }

    /// Products after one of them, in the order wanted.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn products_by(
        &self,
        filter: &ProductFilter,
        after: Option<&Product>,
        limit: u32,
    ) -> Result<Vec<Product>, StoreError> {
        let mut asked = Building {
            sql: select_product!("WHERE ", brand_seen!("p.brand", "$1")).to_owned(),
            values: vec![self.sees.into()],
            ..Building::default()
        };
        asked.sql.push_str(match filter.removed {
            false => " AND p.removed_at IS NULL",
            true => " AND p.removed_at IS NOT NULL",
        });
        if !filter.brand.is_empty() {
            let brand = asked.bind(&filter.brand);
            asked.sql.push_str(&format!(" AND p.brand = {brand}"));
        }
        if !filter.text.is_empty() {
            let text = asked.bind(like_pattern(&filter.text));
            asked.sql.push_str(&format!(
                " AND (LOWER(p.name) LIKE {text} ESCAPE '\\' OR LOWER(p.sku) LIKE {text} ESCAPE '\\'
                    OR LOWER(p.model_numbers) LIKE {text} ESCAPE '\\')"
            ));
        }
        if let Some(day) = &filter.ends_by {
            let day = asked.bind(day);
            asked.sql.push_str(&format!(
                " AND (EXISTS (SELECT 1 FROM rights r WHERE r.product_id = p.id
                    AND r.expiry IS NOT NULL AND r.expiry <= {day})
                  OR NOT EXISTS (SELECT 1 FROM rights r WHERE r.product_id = p.id))"
            ));
        }
        let (columns, compare, direction) = filter.order.columns();
        if let Some(after) = after {
            let mut same = String::new();
            let mut any = Vec::new();
            let all = columns.iter().copied().chain(["p.id"]);
            let values = filter.order.values(after).into_iter();
            for (column, value) in all.zip(values.chain([after.id.into()])) {
                let value = asked.bind(value);
                any.push(format!("({same}{column} {compare} {value})"));
                same.push_str(&format!("{column} = {value} AND "));
            }
            asked.sql.push_str(&format!(" AND ({})", any.join(" OR ")));
        }
        let limit = asked.bind(limit);
        let order: Vec<String> = columns
            .iter()
            .chain(&["p.id"])
            .map(|column| format!("{column} {direction}"))
            .collect();
        asked
            .sql
            .push_str(&format!(" ORDER BY {} LIMIT {limit}", order.join(", ")));
        self.pools.all_built(asked.sql, asked.values).await
    }

    /// How many products there are, and of how many a right ends on this day or before
    /// or is missing.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn product_counts(&self, ends_by: &str) -> Result<(i64, i64), StoreError> {
        self.pools
            .one(
                concat!(
                    "SELECT COUNT(*), COUNT(*) FILTER (WHERE
                    NOT EXISTS (SELECT 1 FROM rights r WHERE r.product_id = p.id)
                    OR EXISTS (SELECT 1 FROM rights r WHERE r.product_id = p.id
                        AND r.expiry IS NOT NULL AND r.expiry <= $1))
                 FROM products p WHERE p.removed_at IS NULL AND ",
                    brand_seen!("p.brand", "$2")
                ),
                vec![ends_by.into(), self.sees.into()],
            )
            .await
    }

    /// How many cases of each of these products are not decided.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn undecided_of(&self, products: &[i64]) -> Result<Vec<(i64, i64)>, StoreError> {
        self.pools
            .all_in(
                concat!(
                    "SELECT product_id, COUNT(*) FROM case_figures
                     WHERE state NOT IN ('confirmed', 'rejected') AND ",
                    product_seen!("product_id", "$1"),
                    " AND product_id IN"
                ),
                params![self.sees],
                numbers(products),
                "GROUP BY product_id",
            )
            .await
    }
}
