//! What the queue is narrowed to, as it stands in the address.

use serde::Deserialize;

use super::show;
use crate::clock::Millis;
use crate::store::cases::{CaseRow, QueueCursor, QueueFilter, QueueOrder};

/// The state shown when the address names none.
const DEFAULT_STATE: &str = "open";
/// The word for every state.
const ANY: &str = "all";
/// A day in milliseconds.
const DAY: i64 = 86_400_000;

/// Orders offered: (word in the address, words on the page).
pub(super) const ORDERS: [(&str, &str); 3] = [
    ("", "Most probable first"),
    ("worth", "Worth most first"),
    ("oldest", "Longest waiting first"),
];

/// Ages offered: (word in the address, words on the page).
pub(super) const AGES: [(&str, &str); 5] = [
    ("new1", "Found today"),
    ("new7", "Found within a week"),
    ("old1", "Waiting over a day"),
    ("old3", "Waiting over three days"),
    ("old7", "Waiting over a week"),
];

/// The query of `/queue`, `/review` and `/case/…`. Anything that makes no sense
/// counts as not given: a link with a typing error still shows a queue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    state: String,
    pub(super) source: String,
    pub(super) brand: String,
    pub(super) sku: String,
    pub(super) kind: String,
    /// The language of the listing.
    pub(super) lang: String,
    pub(super) seller: String,
    /// At least this many per cent.
    min: String,
    /// Less than this many per cent.
    below: String,
    /// At least, and at most, this price.
    from: String,
    to: String,
    /// How old: see [`AGES`].
    pub(super) age: String,
    /// Whose: a name, or `-` for those of nobody.
    pub(super) whose: String,
    /// `1`: of products that were removed from the catalog.
    removed: String,
    /// Part of a title or seller.
    q: String,
    /// What stands first: see [`ORDERS`].
    pub(super) sort: String,
    /// Continue after this case: what it is sorted by, a colon, its identifier.
    after: String,
    /// What was just done: see [`super::shell::Done`].
    did: String,
}

impl Filter {
    /// The filter in the query of an address.
    pub(super) fn read(query: &str) -> Self {
        format!("/queue?{query}")
            .parse()
            .ok()
            .and_then(|uri| axum::extract::Query::<Self>::try_from_uri(&uri).ok())
            .map(|query| query.0)
            .unwrap_or_default()
    }

    pub(super) fn state(&self) -> &str {
        match self.state.as_str() {
            "" => DEFAULT_STATE,
            state => state,
        }
    }

    /// Whether it asks for cases of products that were removed from the catalog.
    pub(super) fn removed(&self) -> bool {
        self.removed == "1"
    }

    pub(super) fn text(&self) -> &str {
        self.q.trim()
    }

    pub(super) fn min(&self) -> Option<u8> {
        self.min.parse().ok().filter(|min| (1..=100).contains(min))
    }

    fn below(&self) -> Option<u8> {
        self.below.parse().ok().filter(|of| (1..=100).contains(of))
    }

    pub(super) fn min_is(&self, min: u8) -> bool {
        self.min() == Some(min)
    }

    pub(super) fn from(&self) -> Option<f64> {
        price(&self.from)
    }

    pub(super) fn to(&self) -> Option<f64> {
        price(&self.to)
    }

    /// A limit of the price as it is put into its field.
    pub(super) fn price_text(limit: Option<f64>) -> String {
        limit.map(|limit| limit.to_string()).unwrap_or_default()
    }

    pub(super) fn did(&self) -> Option<&str> {
        some(&self.did)
    }

    pub(super) fn order(&self) -> QueueOrder {
        match self.sort.as_str() {
            "worth" => QueueOrder::Worth,
            "oldest" => QueueOrder::Oldest,
            _ => QueueOrder::Score,
        }
    }

    /// For the store, at a moment that ages are counted from.
    pub(super) fn for_store(&self, now: Millis) -> QueueFilter {
        let owned = |text: &str| some(text).map(|text| text.chars().take(200).collect());
        let share = |per_cent: u8| f64::from(per_cent) / 100.0;
        let days = |prefix: &str| {
            let known = AGES.iter().find(|(age, _)| *age == self.age)?;
            let days: i64 = known.0.strip_prefix(prefix)?.parse().ok()?;
            Some(Millis(now.0 - days * DAY))
        };
        QueueFilter {
            state: owned(self.state()).filter(|state: &String| state != ANY),
            source: owned(&self.source),
            language: owned(&self.lang),
            brand: owned(&self.brand),
            sku: owned(&self.sku),
            min_score: self.min().map(share),
            text: owned(self.text()),
            below_score: self.below().map(share),
            kind: owned(&self.kind),
            seller: owned(&self.seller),
            min_price: self.from(),
            max_price: self.to(),
            since: days("new"),
            until: days("old"),
            assigned_to: owned(&self.whose),
            removed: self.removed(),
            ..QueueFilter::default()
        }
    }

    pub(super) fn cursor(&self) -> Option<QueueCursor> {
        cursor(&self.after)
    }

    /// How many conditions beside the state and the text narrow the queue.
    pub(super) fn more(&self) -> usize {
        [&self.kind, &self.lang, &self.seller, &self.age, &self.whose]
            .iter()
            .filter(|field| !field.is_empty())
            .count()
            + usize::from(self.from().is_some())
            + usize::from(self.to().is_some())
            + usize::from(self.below().is_some())
            + usize::from(self.removed())
    }

    /// Whether anything but the state narrows the queue.
    pub(super) fn narrows(&self) -> bool {
        [&*self.source, &*self.brand, &*self.sku, self.text()]
            .iter()
            .any(|field| !field.is_empty())
            || self.min().is_some()
            || self.more() > 0
    }

    /// The query without a place in it: what a shared link carries.
    pub(super) fn link(&self) -> String {
        self.link_with(&[])
    }

    /// The same queue in another state.
    pub(super) fn link_to_state(&self, state: &str) -> String {
        Self {
            state: state.to_owned(),
            ..self.clone()
        }
        .link()
    }

    /// The page that begins after `case`.
    pub(super) fn link_after(&self, case: &CaseRow) -> String {
        self.link_with(&[("after", &self.place_of(case))])
    }

    /// Where a case stands, for [`cursor`].
    pub(super) fn place_of(&self, case: &CaseRow) -> String {
        format!("{}:{}", self.order().of(case), case.id)
    }

    /// The query with further fields.
    pub(super) fn link_with(&self, more: &[(&str, &str)]) -> String {
        let number = |number: Option<u8>| number.map(|n| n.to_string()).unwrap_or_default();
        let (min, below) = (number(self.min()), number(self.below()));
        let (from, to) = (Self::price_text(self.from()), Self::price_text(self.to()));
        let mut fields = vec![
            ("source", self.source.as_str()),
            ("brand", self.brand.as_str()),
            ("sku", self.sku.as_str()),
            ("kind", self.kind.as_str()),
            ("lang", self.lang.as_str()),
            ("seller", self.seller.as_str()),
            ("min", min.as_str()),
            ("below", below.as_str()),
            ("from", from.as_str()),
            ("to", to.as_str()),
            ("age", self.age.as_str()),
            ("whose", self.whose.as_str()),
            ("removed", if self.removed() { "1" } else { "" }),
            ("q", self.text()),
            ("sort", self.sort.as_str()),
        ];
        if self.state() != DEFAULT_STATE {
            fields.insert(0, ("state", self.state()));
        }
        fields.extend_from_slice(more);
        show::filled(&fields)
    }
}

/// A place in the queue as [`Filter::place_of`] writes it.
pub(super) fn cursor(after: &str) -> Option<QueueCursor> {
    let (value, id) = after.split_once(':')?;
    let value: f64 = value.parse().ok()?;
    value.is_finite().then_some((value, id.parse().ok()?))
}

fn price(text: &str) -> Option<f64> {
    let limit: f64 = text.trim().parse().ok()?;
    (limit.is_finite() && limit >= 0.0).then_some(limit)
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_793_606_400_000);

    #[test]
    fn an_empty_address_shows_the_open_cases() {
        let filter = Filter::default();
        assert_eq!(filter.for_store(NOW).state.as_deref(), Some("open"));
        assert_eq!(filter.link(), "");
        assert!(!filter.narrows());
    }

    #[test]
    fn nonsense_in_an_address_counts_as_not_given() {
        let filter = Filter {
            min: "much".to_owned(),
            from: "-3".to_owned(),
            to: "inf".to_owned(),
            age: "old999999999999999999".to_owned(),
            sort: "beauty".to_owned(),
            after: "NaN:7".to_owned(),
            state: "all".to_owned(),
            ..Filter::default()
        };
        assert_eq!(filter.min(), None);
        assert_eq!(filter.cursor(), None);
        let stored = filter.for_store(NOW);
        assert_eq!(stored, QueueFilter::default());
        assert_eq!(filter.order(), QueueOrder::Score);
    }

    #[test]
    fn a_link_carries_the_filter_and_nothing_of_the_moment() {
        let filter = Filter {
            state: "watching".to_owned(),
            brand: "A & B".to_owned(),
            min: "80".to_owned(),
            age: "old3".to_owned(),
            after: "0.5:1".to_owned(),
            did: "confirm.3".to_owned(),
            ..Filter::default()
        };
        let link = "state=watching&brand=A+%26+B&min=80&age=old3";
        assert_eq!(filter.link(), link);
        assert_eq!(Filter::read(link).link(), link);
        assert_eq!(filter.cursor(), Some((0.5, 1)));
        let until = filter.for_store(NOW).until;
        assert_eq!(until, Some(Millis(NOW.0 - 3 * DAY)));
    }
}
