//! The values of statements, and JSON in text columns.

use serde::de::DeserializeOwned;
use sqlx::{Database, Decode, Type};

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
pub(in crate::store) use params;

/// Numbers as a list for [`super::Tx::all_in`].
pub(in crate::store) fn numbers(of: &[i64]) -> Vec<Value> {
    of.iter().map(|number| Value::from(*number)).collect()
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
pub(in crate::store) fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}
