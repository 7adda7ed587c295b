//! Payloads of a file that later revisits may refer to.

use std::collections::{HashMap, VecDeque};

use super::http::HttpResponse;
use super::record::Record;

/// Keeps the latest answers of a file, up to a number of bytes.
pub(super) struct Payloads {
    by_key: HashMap<String, u64>,
    answers: VecDeque<Kept>,
    /// The number of the first answer still here.
    first: u64,
    bytes: usize,
    limit: usize,
}

struct Kept {
    keys: Vec<String>,
    answer: HttpResponse,
    cost: usize,
}

/// What an answer costs besides its payload, in bytes; keeps the count down.
const OVERHEAD: usize = 1024;

impl Payloads {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            by_key: HashMap::new(),
            answers: VecDeque::new(),
            first: 0,
            bytes: 0,
            limit,
        }
    }

    pub(super) fn keep(&mut self, record: &Record, answer: &HttpResponse) {
        let mut keys = keys(
            record.field("WARC-Payload-Digest"),
            record.id(),
            record.target_uri(),
            record.field("WARC-Date"),
        );
        keys.extend(uri_key(record.target_uri()));
        let cost = cost(&keys, answer);
        if cost > self.limit {
            return;
        }
        while self.bytes + cost > self.limit {
            self.forget_oldest();
        }
        let number = self.first + self.answers.len() as u64;
        for key in &keys {
            self.by_key.insert(key.clone(), number);
        }
        let answer = answer.clone();
        self.answers.push_back(Kept { keys, answer, cost });
        self.bytes += cost;
    }

    /// The answer that a revisit refers to.
    pub(super) fn find(&self, revisit: &Record) -> Option<&HttpResponse> {
        let refers_to = revisit.field("WARC-Refers-To");
        let keys = keys(
            revisit.field("WARC-Payload-Digest"),
            refers_to.map(|id| id.trim_matches(['<', '>', ' '])),
            revisit.field("WARC-Refers-To-Target-URI"),
            revisit.field("WARC-Refers-To-Date"),
        );
        // By the URL alone only where the server itself said "not modified".
        let not_modified = revisit
            .field("WARC-Profile")
            .is_some_and(|profile| profile.contains("server-not-modified"));
        let url = uri_key(
            revisit
                .field("WARC-Refers-To-Target-URI")
                .or(revisit.target_uri()),
        );
        let url = url.filter(|_| not_modified);
        let number = keys
            .iter()
            .chain(&url)
            .find_map(|key| self.by_key.get(key))?;
        let at = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.answers.get(at).map(|kept| &kept.answer)
    }

    fn forget_oldest(&mut self) {
        let Some(kept) = self.answers.pop_front() else {
            return;
        };
        self.bytes -= kept.cost;
        for key in kept.keys {
            if self.by_key.get(&key) == Some(&self.first) {
                self.by_key.remove(&key);
            }
        }
        self.first += 1;
    }
}

fn cost(keys: &[String], answer: &HttpResponse) -> usize {
    // A key is there twice, in the map and beside the answer.
    let keys = keys.iter().map(|key| 2 * key.len());
    let headers = answer.headers.iter().map(|(n, v)| n.len() + v.len() + 48);
    answer.payload.len() + headers.chain(keys).sum::<usize>() + OVERHEAD
}

fn keys(
    digest: Option<&str>,
    id: Option<&str>,
    uri: Option<&str>,
    date: Option<&str>,
) -> Vec<String> {
    let mut keys = Vec::with_capacity(4);
    // A payload may be short, so that its digest alone says least.
    keys.extend(id.map(|id| format!("id {id}")));
    if let (Some(uri), Some(date)) = (uri, date) {
        keys.push(format!("at {date} {uri}"));
    }
    keys.extend(digest.map(|digest| format!("digest {digest}")));
    keys
}

fn uri_key(uri: Option<&str>) -> Option<String> {
    uri.map(|uri| format!("url {}", uri.trim_matches(['<', '>', ' '])))
}
