//! Records on their way into a file.

use std::io;

use jiff::Timestamp;
use libdeflater::{CompressionLvl, Compressor};

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

/// Packs gzip members (RFC 1952), without a time and with the operating system
/// "unknown": the same bytes everywhere. Kept from one to the next, because making a
/// compressor takes longer than packing a small record.
///
/// libdeflate packs a whole buffer at a time. At its first level a page takes two fifths
/// of the time that zlib's usual level takes, and 3 % more bytes.
pub(super) struct Packer {
    compressor: Compressor,
    /// What a member is to hold, in one piece.
    whole: Vec<u8>,
}

impl std::fmt::Debug for Packer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Packer").finish_non_exhaustive()
    }
}

impl Packer {
    /// The lowest that packs: 0, which the library calls its fastest, only stores.
    const LEVEL: i32 = 1;
    /// Memory kept from one member to the next, in bytes.
    const KEPT: usize = 1 << 20;

    pub(super) fn new() -> Self {
        Self {
            compressor: Compressor::new(CompressionLvl::new(Self::LEVEL).unwrap_or_default()),
            whole: Vec::new(),
        }
    }

    /// Adds a member that holds the parts one after the other.
    fn member(&mut self, parts: [&[u8]; 3], out: &mut Vec<u8>) -> io::Result<()> {
        for part in parts {
            self.whole.extend_from_slice(part);
        }
        let start = out.len();
        out.resize(
            start + self.compressor.gzip_compress_bound(self.whole.len()),
            0,
        );
        let packed = self
            .compressor
            .gzip_compress(&self.whole, &mut out[start..]);
        let packed = packed.map_err(|error| io::Error::other(error.to_string()));
        out.truncate(start + packed.as_ref().copied().unwrap_or_default());
        self.whole.clear();
        self.whole.shrink_to(Self::KEPT);
        packed.map(drop)
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
