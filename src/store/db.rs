//! One way to run a statement on either engine.
//!
//! Every statement of the store is one text with `$1` placeholders that both
//! SQLite and PostgreSQL read; this file alone knows that there are two.

use serde::de::DeserializeOwned;
use sqlx::{
    AssertSqlSafe, Database, Decode, FromRow, Postgres, Sqlite, Transaction, Type, postgres::PgRow,
    sqlite::SqliteRow,
};

use super::StoreError;
use crate::clock::Millis;

/// A value bound to a placeholder. Each variant holds an option, because a
/// NULL needs a type on PostgreSQL.
#[derive(Debug, Clone)]
pub enum Value {
    /// A whole number, an identifier or a time in milliseconds.
    Int(Option<i64>),
    /// A probability or a score.
    Real(Option<f64>),
    /// Text, JSON text or a decimal amount.
    Text(Option<String>),
    /// Bytes, such as a set of perceptual hashes.
    Bytes(Option<Vec<u8>>),
    /// A flag.
    Bool(Option<bool>),
}

macro_rules! value_from {
    ($($from:ty => $variant:ident, $convert:expr;)*) => {$(
        impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Value::$variant(Some($convert(value)))
            }
        }
        impl From<Option<$from>> for Value {
            fn from(value: Option<$from>) -> Self {
                Value::$variant(value.map($convert))
            }
        }
    )*};
}

value_from! {
    i64 => Int, |v| v;
    u32 => Int, i64::from;
    u16 => Int, i64::from;
    Millis => Int, |v: Millis| v.0;
    f64 => Real, |v| v;
    bool => Bool, |v| v;
    String => Text, |v| v;
    &str => Text, str::to_owned;
    &String => Text, String::clone;
    Vec<u8> => Bytes, |v| v;
}

/// Binds the values given, in order, to `$1`, `$2`, …
macro_rules! params {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::db::Value::from($value)),*] };
}
pub(super) use params;

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

/// Numbers as a list for [`Tx::all_in`].
pub(super) fn numbers(of: &[i64]) -> Vec<Value> {
    of.iter().map(|number| Value::from(*number)).collect()
}

/// Rows one statement inserts at most.
const MOST_ROWS: usize = 64;

/// How placeholders are written where there are hundreds: SQLite looks for a numbered
/// one among all that have a name, each time one is bound.
#[derive(Clone, Copy)]
enum Marks {
    /// `$1`, `$2`, …
    Numbered,
    /// `?`.
    Plain,
}

/// The statements that insert rows, with their values. Rows go in by powers of
/// two, so that few different statements are prepared and kept.
fn inserts(
    head: &str,
    rows: Vec<Vec<Value>>,
    tail: &str,
    marks: Marks,
) -> impl Iterator<Item = (String, Vec<Value>)> {
    let mut rows = rows.into_iter();
    std::iter::from_fn(move || {
        let left = rows.len().min(MOST_ROWS);
        let count = 1 << left.checked_ilog2()?;
        let mut lists = Vec::with_capacity(count);
        let mut values = Vec::new();
        for row in rows.by_ref().take(count) {
            lists.push(match marks {
                Marks::Numbered => placeholders(values.len(), row.len()),
                Marks::Plain => format!("({})", vec!["?"; row.len()].join(", ")),
            });
            values.extend(row);
        }
        let sql = format!("{head} VALUES {} {tail}", lists.join(", "));
        Some((sql, values))
    })
}

/// The statements with a list each after `head`.
fn lists(
    head: &str,
    values: &[Value],
    list: &[Value],
    tail: &str,
) -> impl Iterator<Item = (String, Vec<Value>)> {
    list.chunks(MOST_ROWS).map(move |part| {
        let names = placeholders(values.len(), part.len());
        let values = [values, part].concat();
        (format!("{head} {names} {tail}"), values)
    })
}

/// `($4, $5, $6)`: so many placeholders after the first few.
fn placeholders(after: usize, count: usize) -> String {
    let names: Vec<String> = (after + 1..=after + count)
        .map(|number| format!("${number}"))
        .collect();
    format!("({})", names.join(", "))
}

/// A JSON document in a text column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JsonText<T>(pub T);

impl<T> std::ops::Deref for JsonText<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: serde::Serialize> serde::Serialize for JsonText<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<DB: Database, T> Type<DB> for JsonText<T>
where
    String: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <String as Type<DB>>::type_info()
    }

    fn compatible(ty: &DB::TypeInfo) -> bool {
        <String as Type<DB>>::compatible(ty)
    }
}

impl<'r, DB: Database, T: DeserializeOwned> Decode<'r, DB> for JsonText<T>
where
    String: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
        let text = <String as Decode<'r, DB>>::decode(value)?;
        Ok(Self(serde_json::from_str(&text)?))
    }
}

/// JSON text for a column. Our own types always serialise.
pub(super) fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_inserted_by_powers_of_two_each_once() {
        let rows = || (0..137_i64).map(|n| params![n, "x"]).collect();
        let (sql, values) = inserts("INSERT INTO t (a, b)", rows(), "", Marks::Plain)
            .last()
            .unwrap();
        assert_eq!(
            (&*sql, values.len()),
            ("INSERT INTO t (a, b) VALUES (?, ?) ", 2)
        );
        let rows = rows();
        let made: Vec<_> =
            inserts("INSERT INTO t (a, b)", rows, "RETURNING a", Marks::Numbered).collect();
        let counts: Vec<usize> = made.iter().map(|(_, values)| values.len() / 2).collect();
        assert_eq!(counts, [64, 64, 8, 1]);
        let (sql, _) = &made[3];
        assert_eq!(sql, "INSERT INTO t (a, b) VALUES ($1, $2) RETURNING a");
        assert!(made[2].0.contains("VALUES ($1, $2), ($3, $4), "));
        let firsts = made.iter().flat_map(|(_, values)| values.iter().step_by(2));
        let firsts: Vec<i64> = firsts
            .filter_map(|value| match value {
                Value::Int(n) => *n,
                _ => None,
            })
            .collect();
        assert_eq!(firsts, (0..137).collect::<Vec<_>>());
        assert_eq!(
            inserts("INSERT INTO t (a)", Vec::new(), "", Marks::Plain).count(),
            0
        );
    }
}
