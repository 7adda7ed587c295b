//! One way to run a statement on either engine.
//!
//! Every statement of the store is one text with `$1` placeholders that both
//! SQLite and PostgreSQL read; this file alone knows that there are two.

mod rows;
mod values;

use sqlx::{
    AssertSqlSafe, FromRow, Postgres, Sqlite, Transaction, postgres::PgRow, sqlite::SqliteRow,
};

use super::StoreError;
use rows::{Marks, inserts, lists};

pub use values::{JsonText, Value};
pub(super) use values::{json, numbers, params};

/// A type that both engines' rows can be read into.
pub trait Readable:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}
impl<T> Readable for T where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

macro_rules! bind_all {
    ($query:expr, $values:expr) => {{
        let mut query = $query;
        for value in $values {
            query = match value {
                Value::Int(v) => query.bind(v),
                Value::Real(v) => query.bind(v),
                Value::Text(v) => query.bind(v),
                Value::Bytes(v) => query.bind(v),
                Value::Bool(v) => query.bind(v),
            };
        }
        query
    }};
}

/// Rows of `T`, or one, or none, from one of the engines.
macro_rules! fetch {
    ($engine:ty, $how:ident, $on:expr, $sql:expr, $values:expr) => {
        bind_all!(sqlx::query_as::<$engine, T>($sql), $values)
            .$how($on)
            .await?
    };
}

/// The pools behind a [`super::Store`].
#[derive(Debug, Clone)]
pub(super) enum Pools {
    /// WAL mode: one connection writes, several read.
    Sqlite {
        write: sqlx::SqlitePool,
        read: sqlx::SqlitePool,
    },
    Postgres(sqlx::PgPool),
}

/// A transaction; dropped without [`Tx::commit`] it leaves no trace.
#[derive(Debug)]
pub(super) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Pools {
    pub(super) async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            // IMMEDIATE: another process may write too, and a lock upgraded
            // half-way through a transaction fails instead of waiting.
            Self::Sqlite { write, .. } => Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    pub(super) async fn all<T: Readable>(
        &self,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<T>, StoreError> {
        Ok(match self {
            Self::Sqlite { read, .. } => fetch!(Sqlite, fetch_all, read, sql, values),
            Self::Postgres(pool) => fetch!(Postgres, fetch_all, pool, sql, values),
        })
    }

    /// As [`Pools::all`], with a text that was put together from our own pieces:
    /// never from a value, which is always bound.
    pub(super) async fn all_built<T: Readable>(
        &self,
        sql: String,
        values: Vec<Value>,
    ) -> Result<Vec<T>, StoreError> {
        let sql = AssertSqlSafe(sql);
        Ok(match self {
            Self::Sqlite { read, .. } => fetch!(Sqlite, fetch_all, read, sql, values),
            Self::Postgres(pool) => fetch!(Postgres, fetch_all, pool, sql, values),
        })
    }

    /// See [`Tx::all_in`].
    pub(super) async fn all_in<T: Readable>(
        &self,
        head: &'static str,
        values: Vec<Value>,
        list: Vec<Value>,
        tail: &'static str,
    ) -> Result<Vec<T>, StoreError> {
        let mut all = Vec::new();
        for (sql, values) in lists(head, &values, &list, tail) {
            all.extend(self.all_built::<T>(sql, values).await?);
        }
        Ok(all)
    }

    pub(super) async fn optional<T: Readable>(
        &self,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<T>, StoreError> {
        Ok(match self {
            Self::Sqlite { read, .. } => fetch!(Sqlite, fetch_optional, read, sql, values),
            Self::Postgres(pool) => fetch!(Postgres, fetch_optional, pool, sql, values),
        })
    }

    pub(super) async fn one<T: Readable>(
        &self,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<T, StoreError> {
        self.optional(sql, values)
            .await?
            .ok_or(StoreError::Sql(sqlx::Error::RowNotFound))
    }
}

impl Tx {
    /// Runs a statement and says how many rows it changed.
    pub(super) async fn run(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<u64, StoreError> {
        Ok(match self {
            Self::Sqlite(tx) => bind_all!(sqlx::query::<Sqlite>(sql), values)
                .execute(&mut **tx)
                .await?
                .rows_affected(),
            Self::Postgres(tx) => bind_all!(sqlx::query::<Postgres>(sql), values)
                .execute(&mut **tx)
                .await?
                .rows_affected(),
        })
    }

    pub(super) async fn all<T: Readable>(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<T>, StoreError> {
        Ok(match self {
            Self::Sqlite(tx) => fetch!(Sqlite, fetch_all, &mut **tx, sql, values),
            Self::Postgres(tx) => fetch!(Postgres, fetch_all, &mut **tx, sql, values),
        })
    }

    /// See [`Pools::all_built`].
    pub(super) async fn all_built<T: Readable>(
        &mut self,
        sql: String,
        values: Vec<Value>,
    ) -> Result<Vec<T>, StoreError> {
        let sql = AssertSqlSafe(sql);
        Ok(match self {
            Self::Sqlite(tx) => fetch!(Sqlite, fetch_all, &mut **tx, sql, values),
            Self::Postgres(tx) => fetch!(Postgres, fetch_all, &mut **tx, sql, values),
        })
    }

    pub(super) async fn optional<T: Readable>(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<T>, StoreError> {
        Ok(match self {
            Self::Sqlite(tx) => fetch!(Sqlite, fetch_optional, &mut **tx, sql, values),
            Self::Postgres(tx) => fetch!(Postgres, fetch_optional, &mut **tx, sql, values),
        })
    }

    pub(super) async fn one<T: Readable>(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<T, StoreError> {
        self.optional(sql, values)
            .await?
            .ok_or(StoreError::Sql(sqlx::Error::RowNotFound))
    }

    /// Inserts rows of one shape; says how many there are of them. `head` names table
    /// and columns, `tail` is what follows the values.
    pub(super) async fn insert(
        &mut self,
        head: &'static str,
        rows: Vec<Vec<Value>>,
        tail: &'static str,
    ) -> Result<u64, StoreError> {
        let mut inserted = 0;
        for (sql, values) in inserts(head, rows, tail, self.marks()) {
            let sql = AssertSqlSafe(sql);
            inserted += match self {
                Self::Sqlite(tx) => bind_all!(sqlx::query::<Sqlite>(sql), values)
                    .execute(&mut **tx)
                    .await?
                    .rows_affected(),
                Self::Postgres(tx) => bind_all!(sqlx::query::<Postgres>(sql), values)
                    .execute(&mut **tx)
                    .await?
                    .rows_affected(),
            };
        }
        Ok(inserted)
    }

    /// [`Self::insert`] with a `tail` that returns something of each row, in any order.
    pub(super) async fn insert_rows<T: Readable>(
        &mut self,
        head: &'static str,
        rows: Vec<Vec<Value>>,
        tail: &'static str,
    ) -> Result<Vec<T>, StoreError> {
        let mut all = Vec::with_capacity(rows.len());
        for (sql, values) in inserts(head, rows, tail, self.marks()) {
            all.extend(self.all_built::<T>(sql, values).await?);
        }
        Ok(all)
    }

    /// The rows of a statement with a list after `head`, which ends in `IN`:
    /// `values` fill the placeholders of `head`.
    pub(super) async fn all_in<T: Readable>(
        &mut self,
        head: &'static str,
        values: Vec<Value>,
        list: Vec<Value>,
        tail: &'static str,
    ) -> Result<Vec<T>, StoreError> {
        let mut all = Vec::new();
        for (sql, values) in lists(head, &values, &list, tail) {
            all.extend(self.all_built::<T>(sql, values).await?);
        }
        Ok(all)
    }

    /// The identifier a `… RETURNING id` statement gives back.
    pub(super) async fn id(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<i64, StoreError> {
        let (id,): (i64,) = self.one(sql, values).await?;
        Ok(id)
    }

    const fn marks(&self) -> Marks {
        match self {
            Self::Sqlite(_) => Marks::Plain,
            Self::Postgres(_) => Marks::Numbered,
        }
    }

    pub(super) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}
