//! Records on their way into a file.

use std::io::{self, Write as _};

use flate2::{Compression, GzBuilder};
use jiff::Timestamp;

use super::digest;
use super::head;

/// Where a record lies in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPlace {
    /// Its WARC-Record-ID, `urn:uuid:…`, without angle brackets.
    pub record_id: String,
    /// The first byte of its gzip member.
    pub offset: u64,
    /// The length of its gzip member, in bytes.
    pub length: u64,
}

/// A record before it is written.
pub(super) struct Draft {
    kind: &'static str,
    content_type: &'static str,
    pub(super) date: Option<Timestamp>,
    /// Whether the name leaves out the date.
    pub(super) undated_id: bool,
    fields: String,
    block: Vec<u8>,
    block_digest: String,
}

impl Draft {
    pub(super) fn new(kind: &'static str, content_type: &'static str, block: Vec<u8>) -> Self {
        Self {
            kind,
            content_type,
            date: None,
            undated_id: false,
            fields: String::new(),
            block_digest: digest::sha256(&block),
            block,
        }
    }

    pub(super) fn of(&mut self, at: Timestamp, uri: &str) {
        self.date = Some(at);
        self.field("WARC-Target-URI", uri);
    }

    pub(super) fn field(&mut self, name: &str, value: &str) {
        head::line(&mut self.fields, name, value);
    }

    fn date(&self) -> String {
        date(self.date.unwrap_or(Timestamp::UNIX_EPOCH))
    }

    pub(super) fn id(&self) -> String {
        let date = if self.undated_id {
            String::new()
        } else {
            self.date()
        };
        digest::record_id(&[
            self.kind.as_bytes(),
            date.as_bytes(),
            self.fields.as_bytes(),
            self.block_digest.as_bytes(),
        ])
    }

    fn header(&self, id: &str) -> String {
        let mut header = String::from("WARC/1.1\r\n");
        head::line(&mut header, "WARC-Type", self.kind);
        head::line(&mut header, "WARC-Record-ID", &bracketed(id));
        head::line(&mut header, "WARC-Date", &self.date());
        header.push_str(&self.fields);
        head::line(&mut header, "WARC-Block-Digest", &self.block_digest);
        head::line(&mut header, "Content-Type", self.content_type);
        head::line(&mut header, "Content-Length", &self.block.len().to_string());
        header.push_str("\r\n");
        header
    }
}

/// Gzip members that will be written in one piece.
pub(super) struct Members {
    pub(super) bytes: Vec<u8>,
    offset: u64,
}

impl Members {
    pub(super) fn at(offset: u64) -> Self {
        Self {
            bytes: Vec::new(),
            offset,
        }
    }

    pub(super) fn add(&mut self, record: &Draft) -> io::Result<RecordPlace> {
        let begin = self.bytes.len();
        let record_id = record.id();
        // Without a time, and the operating system "unknown": the same bytes everywhere.
        let mut gzip = GzBuilder::new()
            .mtime(0)
            .operating_system(255)
            .write(&mut self.bytes, Compression::default());
        gzip.write_all(record.header(&record_id).as_bytes())?;
        gzip.write_all(&record.block)?;
        gzip.write_all(b"\r\n\r\n")?;
        gzip.finish()?;
        Ok(RecordPlace {
            record_id,
            offset: self.offset + begin as u64,
            length: (self.bytes.len() - begin) as u64,
        })
    }
}

pub(super) fn bracketed(id: &str) -> String {
    format!("<{}>", id.trim_matches(['<', '>']))
}

/// W3C date and time with milliseconds (WARC 1.1 §5.4).
pub(super) fn date(at: Timestamp) -> String {
    format!("{at:.3}")
}
