//! `gzip` (RFC 1952): members one after another, each with a header, a deflated
//! stream, and a checksum.

use flate2::Crc;

use super::deflate::Inflater;
use super::{Coding, CodingError, Out, corrupt};

/// The flags of a member's header (RFC 1952 §2.3.1).
const HEADER_CRC: u8 = 2;
const EXTRA: u8 = 4;
const NAME: u8 = 8;
const COMMENT: u8 = 16;
const RESERVED: u8 = 0xe0;
/// Each member costs a fresh window, so millions of empty ones are refused.
const MAX_MEMBERS: usize = 10_000;

/// Decodes `gzip`.
pub(super) struct Gzip {
    at: At,
    /// The part of a fixed-length field that has come so far.
    held: Vec<u8>,
    flags: u8,
    inflater: Inflater,
    crc: Crc,
    members: usize,
}

/// What comes next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Header,
    ExtraLength,
    Extra(usize),
    Name,
    Comment,
    HeaderCrc,
    Body,
    Trailer,
    /// Something that is no member, after one that was.
    Garbage,
}

impl Gzip {
    pub(super) fn new() -> Self {
        Self {
            at: At::Header,
            held: Vec::new(),
            flags: 0,
            inflater: Inflater::new(Coding::Gzip, false),
            crc: Crc::new(),
            members: 0,
        }
    }

    pub(super) fn push(&mut self, mut bytes: &[u8], out: &mut Out<'_>) -> Result<(), CodingError> {
        while !bytes.is_empty() && self.at != At::Garbage {
            let used = self.step(bytes, out)?;
            bytes = &bytes[used..];
        }
        Ok(())
    }

    pub(super) const fn has_ended(&self) -> bool {
        self.members > 0 && matches!(self.at, At::Header | At::Garbage)
    }

    /// Reads the next part of the format, or as much of it as has come; tells
    /// how many bytes that took.
    fn step(&mut self, bytes: &[u8], out: &mut Out<'_>) -> Result<usize, CodingError> {
        match self.at {
            At::Header => self.fixed(bytes, Self::header),
            At::ExtraLength => self.fixed(bytes, |gzip, length: [u8; 2]| {
                gzip.at = At::Extra(usize::from(u16::from_le_bytes(length)));
                Ok(())
            }),
            At::Extra(missing) => {
                let used = missing.min(bytes.len());
                self.at = At::Extra(missing - used);
                if used == missing {
                    self.after(EXTRA);
                }
                Ok(used)
            }
            At::Name => Ok(self.text(bytes, NAME)),
            At::Comment => Ok(self.text(bytes, COMMENT)),
            At::HeaderCrc => self.fixed(bytes, |gzip, _: [u8; 2]| {
                gzip.after(HEADER_CRC);
                Ok(())
            }),
            At::Body => {
                let crc = &mut self.crc;
                let (used, ended) = self.inflater.push(bytes, &mut |piece| {
                    crc.update(piece);
                    out(piece)
                })?;
                if ended {
                    self.at = At::Trailer;
                }
                Ok(used)
            }
            At::Trailer => self.fixed(bytes, Self::trailer),
            At::Garbage => Ok(bytes.len()),
        }
    }

    /// Collects a field of `N` bytes and hands it on once it is whole.
    fn fixed<const N: usize>(
        &mut self,
        bytes: &[u8],
        whole: impl FnOnce(&mut Self, [u8; N]) -> Result<(), CodingError>,
    ) -> Result<usize, CodingError> {
        let used = (N - self.held.len()).min(bytes.len());
        self.held.extend_from_slice(&bytes[..used]);
        if let Ok(field) = <[u8; N]>::try_from(self.held.as_slice()) {
            self.held.clear();
            whole(self, field)?;
        }
        Ok(used)
    }

    fn header(&mut self, field: [u8; 10]) -> Result<(), CodingError> {
        let [0x1f, 0x8b, method, flags, ..] = field else {
            if self.members > 0 {
                self.at = At::Garbage;
                return Ok(());
            }
            return Err(corrupt(Coding::Gzip, "it does not begin like one"));
        };
        if method != 8 || flags & RESERVED != 0 {
            return Err(corrupt(
                Coding::Gzip,
                "a method or flag that nobody defined",
            ));
        }
        self.flags = flags;
        self.after(0);
        Ok(())
    }

    /// Skips a text up to its NUL.
    fn text(&mut self, bytes: &[u8], flag: u8) -> usize {
        match bytes.iter().position(|byte| *byte == 0) {
            Some(end) => {
                self.after(flag);
                end + 1
            }
            None => bytes.len(),
        }
    }

    /// Goes on to the next part of the header that there is, after the part of
    /// this flag. The order in the file is not that of the flags.
    fn after(&mut self, flag: u8) {
        const PARTS: [(u8, At); 4] = [
            (EXTRA, At::ExtraLength),
            (NAME, At::Name),
            (COMMENT, At::Comment),
            (HEADER_CRC, At::HeaderCrc),
        ];
        let from = PARTS
            .iter()
            .position(|(f, _)| *f == flag)
            .map_or(0, |p| p + 1);
        self.at = PARTS[from..]
            .iter()
            .find(|(f, _)| self.flags & f != 0)
            .map_or(At::Body, |(_, at)| *at);
    }

    fn trailer(&mut self, field: [u8; 8]) -> Result<(), CodingError> {
        let [a, b, c, d, e, f, g, h] = field;
        let (sum, length) = (
            u32::from_le_bytes([a, b, c, d]),
            u32::from_le_bytes([e, f, g, h]),
        );
        if (sum, length) != (self.crc.sum(), self.crc.amount()) {
            return Err(corrupt(Coding::Gzip, "its checksum does not fit"));
        }
        self.members += 1;
        if self.members > MAX_MEMBERS {
            return Err(corrupt(Coding::Gzip, "it has too many members"));
        }
        self.crc.reset();
        self.inflater.reset();
        self.at = At::Header;
        Ok(())
    }
}
