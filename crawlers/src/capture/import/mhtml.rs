//! MHTML (RFC 2557): a page and what it shows, saved as one MIME message.

use std::ops::ControlFlow;

use bytes::Bytes;
use jiff::Timestamp;
use url::Url;

use super::mime::{Entity, parts};
use super::{Each, ImportOptions, Reporter};
use crate::capture::error::{Problem, malformed};
use crate::capture::exchange::Captured;
use crate::capture::http::shortened;

/// Multiparts within multiparts: frames, and alternatives.
const DEPTH: usize = 4;

/// What holds for all parts of a file.
struct File<'a> {
    /// The page's URL: given, or stated in the file's header.
    page: Option<Url>,
    at: Option<Timestamp>,
    options: &'a ImportOptions,
}

/// The parts of an MHTML file in their order, the page itself first.
pub(super) fn import(
    bytes: Vec<u8>,
    name: &str,
    options: &ImportOptions,
    each: &mut Each<'_>,
) -> ControlFlow<()> {
    let mut report = Reporter::new(name, &options.limits, each);
    let message = match Entity::parse(bytes.trim_ascii_start(), options.limits.header_bytes) {
        Ok(message) => message,
        Err(problem) => return report.problem(name.to_owned(), problem),
    };
    let page = [
        "snapshot-content-location",
        "content-location",
        "content-base",
    ]
    .iter()
    .find_map(|header| absolute(message.header(header)?));
    let date = message.header("date");
    let file = File {
        page: options.url.clone().or(page),
        at: date.and_then(|date| Some(jiff::fmt::rfc2822::parse(date).ok()?.timestamp())),
        options,
    };
    if message.boundary().is_none() {
        let entry = file.captured(&message, true, report.place());
        return report.entry(entry);
    }
    walk(&file, &message, &mut report, DEPTH)
}

fn walk(
    file: &File<'_>,
    multipart: &Entity<'_>,
    report: &mut Reporter<'_, '_>,
    depth: usize,
) -> ControlFlow<()> {
    let boundary = multipart.boundary().unwrap_or_default();
    for part in parts(multipart.body, &boundary) {
        let parsed = Entity::parse(part.bytes, file.options.limits.header_bytes);
        let is_page = report.entries == 0;
        let entry = match parsed {
            Err(problem) => Err(problem),
            Ok(entity) if entity.boundary().is_some() => {
                if depth == 0 {
                    Err(malformed(
                        "multiparts within multiparts, too deep to be a page",
                    ))
                } else {
                    walk(file, &entity, report, depth - 1)?;
                    continue;
                }
            }
            Ok(_) if part.cut_off => Err(Problem::Truncated { within: "a part" }),
            Ok(entity) => file.captured(&entity, is_page, report.place()),
        };
        report.entry(entry)?;
    }
    ControlFlow::Continue(())
}

impl File<'_> {
    fn captured(
        &self,
        part: &Entity<'_>,
        is_page: bool,
        provenance: String,
    ) -> Result<Captured, Problem> {
        let payload = Bytes::from(part.decoded(self.options.limits.record_bytes)?);
        let kept = ["content-type", "content-id", "content-location"];
        let headers = kept
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), part.header(name)?.to_owned())));
        Ok(Captured {
            url: self.url(part, is_page)?,
            method: "GET".to_owned(),
            request_headers: Vec::new(),
            status: 200,
            reason: None,
            headers: headers.collect(),
            payload,
            at: self.at,
            peer: None,
            provenance,
        })
    }

    /// A part's URL: its location, absolute or against the page's, or its id.
    /// A URL that was given is the page's.
    fn url(&self, part: &Entity<'_>, is_page: bool) -> Result<Url, Problem> {
        if let (true, Some(given)) = (is_page, &self.options.url) {
            return Ok(given.clone());
        }
        // Long locations are folded, and no URL has white space.
        let location: Option<String> = part
            .header("content-location")
            .map(|location| location.split_whitespace().collect());
        let id = part
            .header("content-id")
            .map(|id| id.trim_matches(['<', '>', ' ']));
        let url = location
            .as_deref()
            .and_then(|location| match (Url::parse(location), &self.page) {
                (Ok(url), _) => Some(url),
                (Err(_), Some(page)) => page.join(location).ok(),
                (Err(_), None) => None,
            })
            .or_else(|| self.page.clone().filter(|_| is_page))
            .or_else(|| Url::parse(&format!("cid:{}", id?)).ok());
        url.ok_or_else(|| match location {
            Some(location) => {
                malformed(format!("its location {:?} is no URL", shortened(&location)))
            }
            None if is_page => Problem::NoUrl,
            None => malformed("it has neither location nor id"),
        })
    }
}

fn absolute(location: &str) -> Option<Url> {
    let location: String = location.split_whitespace().collect();
    Url::parse(&location).ok().filter(Url::has_host)
}
