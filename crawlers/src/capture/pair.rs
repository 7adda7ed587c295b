//! Exchanges out of records: requests found for responses, payloads for revisits.

use std::collections::VecDeque;
use std::io::Read;

use url::Url;

use super::error::{CaptureError, Problem, malformed};
use super::exchange::Captured;
use super::head;
use super::http::{self, HttpRequest, HttpResponse};
use super::limits::CaptureLimits;
use super::reader::WarcReader;
use super::record::Record;
use super::revisit::Payloads;

/// Requests that wait for their response; programs that fetch in parallel
/// still write a request near its response.
const WAITING: usize = 64;

/// The HTTP exchanges of a WARC file, in the order of their responses.
///
/// A request belongs to a response when one names the other in
/// WARC-Concurrent-To, wherever the two lie within a short stretch of the file.
/// Records that are no HTTP answer are passed over.
pub struct Exchanges<R> {
    records: WarcReader<R>,
    limits: CaptureLimits,
    payloads: Payloads,
    requests: VecDeque<Request>,
    /// The last answer, which waits for a request that may come after it.
    held: Option<Answer>,
    /// An error that waits until what came before it was given out.
    failed: Option<CaptureError>,
}

struct Request {
    id: Option<String>,
    concurrent_to: Vec<String>,
    http: HttpRequest,
}

struct Answer {
    id: Option<String>,
    concurrent_to: Vec<String>,
    captured: Captured,
}

impl<R: Read> Exchanges<R> {
    /// Reads `input`, which is called `name` in provenances and errors.
    ///
    /// # Errors
    /// As [`WarcReader::new`].
    pub fn new(input: R, name: &str, limits: CaptureLimits) -> Result<Self, CaptureError> {
        Ok(Self {
            records: WarcReader::new(input, name, limits)?,
            limits,
            payloads: Payloads::new(limits.revisit_bytes),
            requests: VecDeque::new(),
            held: None,
            failed: None,
        })
    }

    /// Holds an answer and gives out the one held before.
    fn hold(&mut self, answer: Option<Answer>) -> Option<Captured> {
        let mut before = std::mem::replace(&mut self.held, answer)?;
        let at = self.requests.iter().position(|request| {
            let names = |ids: &[String], id: &Option<String>| {
                id.as_ref().is_some_and(|id| ids.contains(id))
            };
            names(&request.concurrent_to, &before.id) || names(&before.concurrent_to, &request.id)
        });
        if let Some(request) = at.and_then(|at| self.requests.remove(at)) {
            before.captured.method = request.http.method;
            before.captured.request_headers = request.http.headers;
        }
        Some(before.captured)
    }

    /// Gives out an error, but first the answer held before it.
    fn fail(&mut self, error: CaptureError) -> Result<Captured, CaptureError> {
        match self.hold(None) {
            None => Err(error),
            Some(captured) => {
                self.failed = Some(error);
                Ok(captured)
            }
        }
    }

    fn keep_request(&mut self, record: &Record) {
        // One that cannot be read is as good as none.
        let Ok(http) = http::request(&record.block, self.limits.header_bytes) else {
            return;
        };
        if self.requests.len() == WAITING {
            self.requests.pop_front();
        }
        self.requests.push_back(Request {
            id: record.id().map(str::to_owned),
            concurrent_to: concurrent_to(record),
            http,
        });
    }

    fn answer(&mut self, record: &Record, place: &str) -> Result<Answer, Problem> {
        let uri = record.target_uri().unwrap_or_default();
        let url = Url::parse(uri).map_err(|error| {
            malformed(format!(
                "its URL {:?} is none: {error}",
                http::shortened(uri)
            ))
        })?;
        let response = if record.kind() == "revisit" {
            self.revisited(record)?
        } else {
            let response = http::response(&record.block, self.limits.header_bytes)?;
            self.payloads.keep(record, &response);
            response
        };
        let captured = Captured {
            url,
            method: "GET".to_owned(),
            request_headers: Vec::new(),
            status: response.status,
            reason: response.reason,
            headers: response.headers,
            payload: response.payload,
            at: record.date(),
            peer: record.ip_address(),
            provenance: place.to_owned(),
        };
        Ok(Answer {
            id: record.id().map(str::to_owned),
            concurrent_to: concurrent_to(record),
            captured,
        })
    }

    /// The earlier payload under the revisit's own head, if it has one that
    /// goes with a payload.
    fn revisited(&self, record: &Record) -> Result<HttpResponse, Problem> {
        let Some(earlier) = self.payloads.find(record) else {
            let named = record
                .field("WARC-Refers-To-Target-URI")
                .or_else(|| record.field("WARC-Refers-To"))
                .or_else(|| record.field("WARC-Payload-Digest"));
            return Err(Problem::Revisit {
                earlier: http::shortened(named.unwrap_or("an unnamed record")),
            });
        };
        let mut response = match http::response(&record.block, self.limits.header_bytes) {
            Ok(own) if own.status != 304 => HttpResponse {
                payload: earlier.payload.clone(),
                ..own
            },
            _ => earlier.clone(),
        };
        restore_length(&mut response);
        Ok(response)
    }
}

/// The head of a revisit was read without its payload, so that the length it
/// states seemed wrong.
fn restore_length(response: &mut HttpResponse) {
    let length = response.payload.len();
    for (name, value) in &mut response.headers {
        if name.eq_ignore_ascii_case("x-archive-orig-content-length")
            && head::holds("content-length", value, length)
        {
            *name = "content-length".to_owned();
        }
    }
    head::with_honest_names(&mut response.headers, length);
}

fn concurrent_to(record: &Record) -> Vec<String> {
    record.concurrent_to().take(16).map(str::to_owned).collect()
}

fn is_http(record: &Record) -> bool {
    let uri = record.target_uri().unwrap_or_default();
    let scheme = uri.split(':').next().unwrap_or_default();
    scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
}

impl<R: Read> Iterator for Exchanges<R> {
    type Item = Result<Captured, CaptureError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(error) = self.failed.take() {
            return Some(Err(error));
        }
        loop {
            let (record, place) = match self.records.next_placed() {
                None => return self.hold(None).map(Ok),
                Some(Err(error)) => return Some(self.fail(error)),
                Some(Ok(placed)) => placed,
            };
            if !is_http(&record) {
                continue;
            }
            match record.kind() {
                "request" => self.keep_request(&record),
                "response" | "revisit" => match self.answer(&record, &place) {
                    Err(problem) => return Some(self.fail(CaptureError::new(place, problem))),
                    Ok(answer) => {
                        if let Some(captured) = self.hold(Some(answer)) {
                            return Some(Ok(captured));
                        }
                    }
                },
                _ => {}
            }
        }
    }
}
