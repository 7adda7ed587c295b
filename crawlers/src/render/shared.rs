//! Scripts and styles that many pages of a shop ask for: asked of it once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::fetch::Exchange;

/// All that is kept, in bytes.
const MAX_BYTES: usize = 32 * 1024 * 1024;
/// How long it is fresh where the answer does not say (RFC 9111 §4.2.2), and at most.
const FRESH: SignedDuration = SignedDuration::from_mins(10);
const MAX_FRESH: SignedDuration = SignedDuration::from_hours(1);

/// The answers that pages may be given again.
#[derive(Default)]
pub(super) struct Shared {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    answers: HashMap<Url, (Exchange, Timestamp)>,
    bytes: usize,
}

impl Shared {
    /// An answer that is still fresh.
    pub(super) fn get(&self, url: &Url, now: Timestamp) -> Option<Exchange> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (exchange, until) = kept.answers.get(url)?;
        (now < *until).then(|| exchange.clone())
    }

    /// Keeps an answer, as long as it may be and there is room.
    pub(super) fn keep(&self, url: &Url, exchange: &Exchange) {
        let Some(until) = fresh_until(exchange) else {
            return;
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let size = exchange.body.len() + exchange.raw.len();
        if kept.bytes + size > MAX_BYTES {
            return;
        }
        let before = kept.answers.insert(url.clone(), (exchange.clone(), until));
        let before = before.map_or(0, |(it, _)| it.body.len() + it.raw.len());
        kept.bytes = kept.bytes + size - before;
    }
}

/// Until when an answer may be given to other pages (RFC 9111 §5.2.2); none where it may not.
fn fresh_until(exchange: &Exchange) -> Option<Timestamp> {
    if exchange.status != 200 {
        return None;
    }
    let headers = exchange.headers.iter();
    let says = headers.filter(|(name, _)| name == "cache-control");
    let says: Vec<String> = says
        .flat_map(|(_, value)| value.split(','))
        .map(|directive| directive.trim().to_ascii_lowercase())
        .collect();
    if says.iter().any(|it| it == "no-store" || it == "no-cache") {
        return None;
    }
    let age = says.iter().find_map(|it| it.strip_prefix("max-age="));
    let age = match age.map(|seconds| seconds.trim_matches('"').parse::<u32>()) {
        Some(Ok(seconds)) => SignedDuration::from_secs(seconds.into()).min(MAX_FRESH),
        // What cannot be read is taken for stale (§4.2.1).
        Some(Err(_)) => return None,
        None => FRESH,
    };
    let until = exchange.fetched_at.checked_add(age).ok()?;
    (until > exchange.fetched_at).then_some(until)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, control: Option<&str>, size: usize) -> Exchange {
        let headers = control.map(|it| ("cache-control".to_owned(), it.to_owned()));
        Exchange::saved(
            url(),
            status,
            headers.into_iter().collect(),
            vec![b'x'; size].into(),
            at(0),
        )
    }

    fn url() -> Url {
        Url::parse("https://shop.example/app.js").expect("a URL")
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + seconds).expect("a time")
    }

    #[test]
    fn an_answer_is_fresh_for_as_long_as_it_says() {
        for (control, fresh) in [
            (None, 600),
            (Some("public, max-age=60"), 60),
            (Some("max-age=31536000, immutable"), 3600),
            (Some("max-age=0"), 0),
            (Some("no-cache"), 0),
            (Some("private, No-Store"), 0),
            (Some("max-age=-1"), 0),
        ] {
            let shared = Shared::default();
            shared.keep(&url(), &answer(200, control, 10));
            assert_eq!(
                shared.get(&url(), at(0)).is_some(),
                fresh > 0,
                "{control:?}"
            );
            if fresh > 0 {
                assert!(shared.get(&url(), at(fresh - 1)).is_some(), "{control:?}");
                assert!(shared.get(&url(), at(fresh)).is_none(), "{control:?}");
            }
        }
    }

    #[test]
    fn errors_and_what_is_too_large_are_not_kept() {
        let shared = Shared::default();
        shared.keep(&url(), &answer(404, None, 10));
        assert!(shared.get(&url(), at(0)).is_none());
        shared.keep(&url(), &answer(200, None, MAX_BYTES));
        assert!(shared.get(&url(), at(0)).is_none());
        // Kept again it takes no more room.
        for _ in 0..10 {
            shared.keep(&url(), &answer(200, None, MAX_BYTES / 5));
            assert!(shared.get(&url(), at(0)).is_some());
        }
    }
}
