//! One WARC record.

use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::net::IpAddr;

use bytes::Bytes;
use flate2::bufread::GzDecoder;
use jiff::Timestamp;

use super::digest;
use super::error::{CaptureError, Problem, malformed};
use super::exchange::find;
use super::http::{self, HttpResponse};
use super::limits::CaptureLimits;

/// A WARC record as read: header fields and block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The version it states, such as `1.1`.
    pub version: String,
    /// Its named fields in order.
    pub fields: Vec<(String, String)>,
    /// Its block; its digest, if stated and known, was found right.
    pub block: Bytes,
    /// The first byte of its gzip member, or of the record where nothing is compressed.
    pub offset: u64,
    pub(super) header_bytes: usize,
}

impl Record {
    /// The first field of this name, in any case.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        find(&self.fields, name)
    }

    /// Its WARC-Type, such as `response`.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.field("WARC-Type").unwrap_or_default()
    }

    /// Its WARC-Record-ID without angle brackets.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.field("WARC-Record-ID").map(bare)
    }

    /// Its WARC-Target-URI; some WARC 1.0 writers put it in angle brackets.
    #[must_use]
    pub fn target_uri(&self) -> Option<&str> {
        self.field("WARC-Target-URI").map(bare)
    }

    /// Its WARC-Date.
    #[must_use]
    pub fn date(&self) -> Option<Timestamp> {
        self.field("WARC-Date")?.parse().ok()
    }

    /// Its WARC-IP-Address.
    #[must_use]
    pub fn ip_address(&self) -> Option<IpAddr> {
        self.field("WARC-IP-Address")?.parse().ok()
    }

    /// The records it was captured together with, without angle brackets.
    pub fn concurrent_to(&self) -> impl Iterator<Item = &str> {
        self.fields
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("WARC-Concurrent-To"))
            .map(|(_, id)| bare(id))
    }

    /// Its block as an HTTP answer; of a revisit the payload is empty.
    ///
    /// # Errors
    /// [`Problem::Malformed`] or [`Problem::TooLarge`] with the record's offset.
    pub fn http_response(&self) -> Result<HttpResponse, CaptureError> {
        http::response(&self.block, self.header_bytes)
            .map_err(|problem| CaptureError::new(format!("record @{}", self.offset), problem))
    }

    fn check(&self) -> Result<(), Problem> {
        let Some(stated) = self.field("WARC-Block-Digest") else {
            return self.check_payload();
        };
        match digest::matches(stated, &self.block) {
            Some(false) => Err(Problem::Digest {
                stated: http::shortened(stated),
            }),
            _ => Ok(()),
        }
    }

    /// Without a block digest the payload's must do. Writers differ in whether
    /// they took it before or after de-chunking.
    fn check_payload(&self) -> Result<(), Problem> {
        let (Some(stated), "response") = (self.field("WARC-Payload-Digest"), self.kind()) else {
            return Ok(());
        };
        let Ok(response) = http::response(&self.block, self.header_bytes) else {
            return Ok(());
        };
        let body = find_body(&self.block);
        let right = [&response.payload[..], body]
            .into_iter()
            .map(|bytes| digest::matches(stated, bytes));
        if right.clone().any(|right| right != Some(false)) {
            return Ok(());
        }
        Err(Problem::Digest {
            stated: http::shortened(stated),
        })
    }
}

fn find_body(block: &[u8]) -> &[u8] {
    memchr::memmem::find(block, b"\r\n\r\n").map_or(block, |at| &block[at + 4..])
}

fn bare(id: &str) -> &str {
    id.trim().trim_start_matches('<').trim_end_matches('>')
}

/// Reads one record of a file, whose offset and length in it are known.
///
/// # Errors
/// As [`parse_member`], and those of the file.
pub fn read_at<F: Read + Seek>(
    file: &mut F,
    offset: u64,
    length: u64,
    limits: &CaptureLimits,
) -> Result<Record, CaptureError> {
    let place = || format!("record @{offset}");
    let limit = (limits.record_bytes + limits.header_bytes) as u64 * 2;
    if length > limit {
        let what = "the record's gzip member";
        return Err(CaptureError::new(
            place(),
            Problem::TooLarge { what, limit },
        ));
    }
    let mut member = Vec::new();
    file.seek(SeekFrom::Start(offset))
        .and_then(|_| file.take(length).read_to_end(&mut member))
        .map_err(|error| CaptureError::new(place(), error))?;
    let mut record =
        parse_member(&member, limits).map_err(|error| CaptureError::new(place(), error.problem))?;
    record.offset = offset;
    Ok(record)
}

/// Reads one record out of the bytes of its gzip member, or of the record
/// itself where the file is not compressed.
///
/// # Errors
/// Any [`Problem`] of a record; [`Problem::Truncated`] if bytes are missing.
pub fn parse_member(member: &[u8], limits: &CaptureLimits) -> Result<Record, CaptureError> {
    let read = if member.starts_with(&[0x1f, 0x8b]) {
        let mut reader = BufReader::new(GzDecoder::new(member));
        read_record(&mut reader, limits).and_then(|record| {
            // To the end, so that the checksum after the data is held to.
            let rest = (limits.header_bytes as u64) + 1;
            io::copy(&mut reader.take(rest), &mut io::sink()).map_err(io_problem)?;
            Ok(record)
        })
    } else {
        read_record(&mut Cursor::new(member), limits)
    };
    let nothing = || malformed("there is no record");
    read.and_then(|record| record.ok_or_else(nothing))
        .map_err(|problem| CaptureError::new("record", problem))
}

/// Reads the next record; none at the end of the input.
pub(super) fn read_record(
    reader: &mut impl BufRead,
    limits: &CaptureLimits,
) -> Result<Option<Record>, Problem> {
    let Some((version, fields)) = read_header(reader, limits.header_bytes)? else {
        return Ok(None);
    };
    let length =
        find(&fields, "Content-Length").and_then(|length| length.trim().parse::<u64>().ok());
    let length = length.ok_or_else(|| malformed("its header states no Content-Length"))?;
    let limit = limits.record_bytes as u64;
    if length > limit {
        let skipped = io::copy(&mut reader.take(length), &mut io::sink()).map_err(io_problem)?;
        return Err(if skipped < length {
            Problem::Truncated { within: "a block" }
        } else {
            let what = "the record's block";
            Problem::TooLarge { what, limit }
        });
    }
    let mut block = Vec::new();
    reader
        .take(length)
        .read_to_end(&mut block)
        .map_err(io_problem)?;
    if (block.len() as u64) < length {
        return Err(Problem::Truncated { within: "a block" });
    }
    let record = Record {
        version,
        fields,
        block: Bytes::from(block),
        offset: 0,
        header_bytes: limits.header_bytes,
    };
    record.check().map(|()| Some(record))
}

type Header = (String, Vec<(String, String)>);

fn read_header(reader: &mut impl BufRead, limit: usize) -> Result<Option<Header>, Problem> {
    let mut left = limit;
    let mut line = String::new();
    // Between records lie two line ends; some writers put more, or fewer.
    while line.is_empty() {
        match read_line(reader, &mut left)? {
            None => return Ok(None),
            Some(text) => line = text,
        }
    }
    let version = line.trim().strip_prefix("WARC/").map(str::to_owned);
    let version = version.ok_or_else(|| {
        malformed(format!(
            "{:?} is no beginning of a WARC record",
            http::shortened(&line)
        ))
    })?;
    let mut fields: Vec<(String, String)> = Vec::new();
    loop {
        let Some(line) = read_line(reader, &mut left)? else {
            let within = "a header";
            return Err(Problem::Truncated { within });
        };
        if line.is_empty() {
            return Ok(Some((version, fields)));
        }
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let (Some((name, value)), true) =
            (line.split_once(':'), fields.len() < http::MAX_FIELDS)
        {
            fields.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
}

/// The next line without its end, which is CRLF or LF; none at the end.
fn read_line(reader: &mut impl BufRead, left: &mut usize) -> Result<Option<String>, Problem> {
    let mut line = Vec::new();
    let read = reader
        .take(*left as u64)
        .read_until(b'\n', &mut line)
        .map_err(io_problem)?;
    if read == *left {
        let what = "the record's header";
        let limit = read as u64;
        return Err(Problem::TooLarge { what, limit });
    }
    *left -= read;
    if read == 0 {
        return Ok(None);
    }
    while line
        .last()
        .is_some_and(|byte| matches!(byte, b'\r' | b'\n'))
    {
        line.pop();
    }
    Ok(Some(http::text(&line)))
}

pub(super) fn io_problem(error: io::Error) -> Problem {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        let within = "compressed data";
        return Problem::Truncated { within };
    }
    Problem::Io(error)
}
