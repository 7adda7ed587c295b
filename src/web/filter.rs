//! What the queue is narrowed to, as it stands in the address.

use serde::Deserialize;

use super::show;
use crate::store::cases::{CaseRow, QueueCursor, QueueFilter};

/// The state shown when the address names none.
const DEFAULT_STATE: &str = "open";
/// The word for every state.
const ANY: &str = "all";

/// The query of `/queue` and `/case/…`. Anything that makes no sense counts as
/// not given: a link with a typing error still shows a queue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    state: String,
    pub(super) source: String,
    pub(super) brand: String,
    pub(super) sku: String,
    /// At least this many per cent.
    min: String,
    /// Part of a title or seller.
    q: String,
    /// Continue after this case: its score, a colon, its identifier.
    after: String,
    /// What was just done: see [`super::shell::Done`].
    did: String,
}

impl Filter {
    pub(super) fn state(&self) -> &str {
        match self.state.as_str() {
            "" => DEFAULT_STATE,
            state => state,
        }
    }

    pub(super) fn text(&self) -> &str {
        self.q.trim()
    }

    pub(super) fn min(&self) -> Option<u8> {
        self.min.parse().ok().filter(|min| (1..=100).contains(min))
    }

    pub(super) fn min_is(&self, min: u8) -> bool {
        self.min() == Some(min)
    }

    pub(super) fn did(&self) -> Option<&str> {
        some(&self.did)
    }

    /// For the store.
    pub(super) fn for_store(&self) -> QueueFilter {
        let owned = |text: &str| some(text).map(|text| text.chars().take(200).collect());
        QueueFilter {
            state: owned(self.state()).filter(|state: &String| state != ANY),
            source: owned(&self.source),
            brand: owned(&self.brand),
            sku: owned(&self.sku),
            min_score: self.min().map(|min| f64::from(min) / 100.0),
            text: owned(self.text()),
        }
    }

    pub(super) fn cursor(&self) -> Option<QueueCursor> {
        let (score, id) = self.after.split_once(':')?;
        let score: f64 = score.parse().ok()?;
        score.is_finite().then_some((score, id.parse().ok()?))
    }

    /// Whether anything but the state narrows the queue.
    pub(super) fn narrows(&self) -> bool {
        [&*self.source, &*self.brand, &*self.sku, self.text()]
            .iter()
            .any(|field| !field.is_empty())
            || self.min().is_some()
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
        let after = format!("{}:{}", case.score, case.id);
        self.link_with(&[("after", &after)])
    }

    /// The query with further fields.
    pub(super) fn link_with(&self, more: &[(&str, &str)]) -> String {
        let min = self.min().map(|min| min.to_string()).unwrap_or_default();
        let mut fields = vec![
            ("source", self.source.as_str()),
            ("brand", self.brand.as_str()),
            ("sku", self.sku.as_str()),
            ("min", min.as_str()),
            ("q", self.text()),
        ];
        if self.state() != DEFAULT_STATE {
            fields.insert(0, ("state", self.state()));
        }
        fields.extend_from_slice(more);
        fields.retain(|(_, value)| !value.is_empty());
        show::query(&fields)
    }
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_address_shows_the_open_cases() {
        let filter = Filter::default();
        assert_eq!(filter.for_store().state.as_deref(), Some("open"));
        assert_eq!(filter.link(), "");
        assert!(!filter.narrows());
    }

    #[test]
    fn nonsense_in_an_address_counts_as_not_given() {
        let filter = Filter {
            min: "much".to_owned(),
            after: "NaN:7".to_owned(),
            state: "all".to_owned(),
            ..Filter::default()
        };
        assert_eq!(filter.min(), None);
        assert_eq!(filter.cursor(), None);
        assert_eq!(filter.for_store().state, None);
    }

    #[test]
    fn a_link_carries_the_filter_and_nothing_of_the_moment() {
        let filter = Filter {
            state: "watching".to_owned(),
            brand: "A & B".to_owned(),
            min: "80".to_owned(),
            after: "0.5:1".to_owned(),
            did: "confirm.3".to_owned(),
            ..Filter::default()
        };
        assert_eq!(filter.link(), "state=watching&brand=A+%26+B&min=80");
        assert_eq!(filter.cursor(), Some((0.5, 1)));
    }
}
