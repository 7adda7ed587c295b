//! Records on their way into a file.

use std::io;

use flate2::{Compress, Compression, Crc, FlushCompress, Status};
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

/// Packs gzip members (RFC 1952). Kept from one to the next, because making a
/// compressor takes longer than packing a small record.
pub(super) struct Packer {
    compress: Compress,
}

impl std::fmt::Debug for Packer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Packer").finish_non_exhaustive()
    }
}

impl Packer {
    /// Without a time, and the operating system "unknown": the same bytes everywhere.
    const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

    pub(super) fn new() -> Self {
        Self {
            compress: Compress::new(Compression::default(), false),
        }
    }

    /// Adds a member that holds the parts one after the other.
    fn member(&mut self, parts: [&[u8]; 3], out: &mut Vec<u8>) -> io::Result<()> {
        self.compress.reset();
        out.extend_from_slice(&Self::HEADER);
        let mut crc = Crc::new();
        for part in parts {
            crc.update(part);
            self.pack(part, FlushCompress::None, out)?;
        }
        self.pack(&[], FlushCompress::Finish, out)?;
        out.extend_from_slice(&crc.sum().to_le_bytes());
        out.extend_from_slice(&crc.amount().to_le_bytes());
        Ok(())
    }

    fn pack(&mut self, mut part: &[u8], flush: FlushCompress, out: &mut Vec<u8>) -> io::Result<()> {
        let is_end = matches!(flush, FlushCompress::Finish);
        loop {
            out.reserve(part.len() / 2 + 256);
            let before = self.compress.total_in();
            let status = self.compress.compress_vec(part, out, flush)?;
            let taken = usize::try_from(self.compress.total_in() - before);
            part = &part[taken.unwrap_or(part.len())..];
            let is_packed = match status {
                Status::StreamEnd => true,
                // Room left in the output: nothing waits to be put there.
                Status::Ok | Status::BufError => !is_end && part.is_empty(),
            };
            if is_packed {
                return Ok(());
            }
        }
    }
}

/// Gzip members that will be written in one piece.
pub(super) struct Members<'a> {
    pub(super) bytes: Vec<u8>,
    offset: u64,
    packer: &'a mut Packer,
}

impl<'a> Members<'a> {
    pub(super) fn at(offset: u64, packer: &'a mut Packer) -> Self {
        Self {
            bytes: Vec::new(),
            offset,
            packer,
        }
    }

    pub(super) fn add(&mut self, record: &Draft) -> io::Result<RecordPlace> {
        let begin = self.bytes.len();
        let record_id = record.id();
        let header = record.header(&record_id);
        let parts = [header.as_bytes(), &record.block, b"\r\n\r\n"];
        self.packer.member(parts, &mut self.bytes)?;
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
