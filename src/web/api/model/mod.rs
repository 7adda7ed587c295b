//! The words of the API: what goes in and out, apart from how it is stored.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Why a request was not answered as asked (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Problem {
    /// What kind of problem: `about:blank`, the status says it.
    #[serde(rename = "type")]
    pub(in crate::web) kind: &'static str,
    /// The kind in words.
    pub(in crate::web) title: String,
    /// The HTTP status.
    pub(in crate::web) status: u16,
    /// What happened and what to do.
    pub(in crate::web) detail: String,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Page<T: ToSchema> {
    /// The entries, in order.
    pub(in crate::web) items: Vec<T>,
    /// What to pass as `cursor` for the next page; null on the last one.
    #[schema(required = true)]
    pub(in crate::web) next: Option<String>,
}

impl<T: ToSchema> Page<T> {
    /// A page of rows of which one more than `limit` was asked for; `place` is what the
    /// next page goes on after.
    pub(in crate::web) fn of<R: Into<T>>(
        rows: Vec<R>,
        limit: u32,
        place: impl FnOnce(&R) -> String,
    ) -> Self {
        let (rows, next) = page(rows, limit, place);
        Self {
            items: rows.into_iter().map(Into::into).collect(),
            next,
        }
    }
}

/// The rows of a page, of which one more than `limit` was asked for, and what the next
/// page goes on after.
pub(in crate::web) fn page<R>(
    mut rows: Vec<R>,
    limit: u32,
    place: impl FnOnce(&R) -> String,
) -> (Vec<R>, Option<String>) {
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(place);
    (rows, next)
}

/// A page of a list that goes by numbers.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct Paged {
    /// Entries of a page, 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    pub(in crate::web) limit: Option<u32>,
    /// `next` of the page before.
    #[param(pattern = "^[0-9]{1,18}$")]
    pub(in crate::web) cursor: Option<String>,
}

macro_rules! word {
    ($(#[$about:meta])* $name:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub(in crate::web) enum $name { $(#[doc = $word] $variant),+ }

        impl $name {
            pub(in crate::web) fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

mod cases;
mod catalog;
mod desk;
mod hooks;
mod learning;
mod listings;
mod log;
mod notices;
mod scans;
mod sellers;
mod users;

pub(in crate::web) use cases::*;
pub(in crate::web) use catalog::*;
pub(in crate::web) use desk::*;
pub(in crate::web) use hooks::*;
pub(in crate::web) use learning::*;
pub(in crate::web) use listings::*;
pub(in crate::web) use log::*;
pub(in crate::web) use notices::*;
pub(in crate::web) use scans::*;
pub(in crate::web) use sellers::*;
pub(in crate::web) use users::*;

/// Money: a decimal number as text, so that nothing is rounded.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Money {
    /// Decimal number.
    amount: String,
    /// ISO 4217; null where it cannot be known.
    #[schema(required = true)]
    currency: Option<String>,
}

fn money(amount: Option<String>, currency: Option<String>) -> Option<Money> {
    amount.map(|amount| Money { amount, currency })
}
