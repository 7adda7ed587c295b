//! Content codings (RFC 9110 §8.4), undone within bounds.
//!
//! An answer may be packed, even several times over, and a few kilobytes may
//! unpack to gigabytes. [`Decoder`] takes the bytes as they come in, keeps what
//! they unpack to, and stops at a limit; [`decode`] does the same for bytes that
//! are all there.
//!
//! | coding | read as | more than the stream needs |
//! |---|---|---|
//! | `gzip`, `x-gzip` | RFC 1952, any number of members, checksums held to | ignored after the first member, as `gzip` itself does |
//! | `deflate` | RFC 1950; RFC 1951 without its frame, as some servers send it | ignored |
//! | `br` | RFC 7932, no large windows | ignored |
//! | `zstd` | RFC 8878, any number of frames, windows of at most 8 MiB (RFC 9659) | ignored after the first frame |
//!
//! `identity` is no coding, and nor are `none` and `utf-8`, which servers write
//! there by mistake. A body without a single byte is empty under any coding.
//! A stream that ends too early is an error that carries what came of it: half
//! a page must not be taken for a page.

mod brotli;
mod deflate;
mod gzip;
mod zstd;

use bytes::Bytes;
use thiserror::Error;

/// How many codings on top of each other are undone.
pub const MAX_CODINGS: usize = 3;
/// What lies between two codings may be this much larger than the limit: what
/// cannot be packed grows a little when one tries.
const BETWEEN: usize = 64 * 1024;
/// The piece, in bytes, that one coding hands to the next.
const PIECE: usize = 16 * 1024;

/// One content coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    /// `gzip` or `x-gzip` (RFC 1952).
    Gzip,
    /// `deflate` (RFC 1950, or RFC 1951 alone).
    Deflate,
    /// `br` (RFC 7932).
    Brotli,
    /// `zstd` (RFC 8878).
    Zstd,
}

impl Coding {
    /// The codings a `Content-Encoding` names, in the order they were applied.
    ///
    /// # Errors
    /// [`CodingError::Unknown`] for a name that is none of ours, and
    /// [`CodingError::TooMany`] for more than [`MAX_CODINGS`].
    pub fn list(content_encoding: Option<&str>) -> Result<Vec<Self>, CodingError> {
        let mut list = Vec::new();
        for name in content_encoding.unwrap_or_default().split(',') {
            let coding = match name.trim().to_ascii_lowercase().as_str() {
                "" | "identity" | "none" | "utf-8" => continue,
                "gzip" | "x-gzip" => Self::Gzip,
                "deflate" => Self::Deflate,
                "br" => Self::Brotli,
                "zstd" => Self::Zstd,
                other => {
                    return Err(CodingError::Unknown {
                        name: other.chars().take(40).collect(),
                    });
                }
            };
            if list.len() == MAX_CODINGS {
                return Err(CodingError::TooMany);
            }
            list.push(coding);
        }
        Ok(list)
    }

    /// Its name in a header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }
}

/// Why a body could not be decoded.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CodingError {
    /// A coding that nobody registered, or that is not asked for.
    #[error("the content coding {name:?} is not known; known are gzip, deflate, br and zstd")]
    Unknown {
        /// As the server wrote it, in lower case, at most 40 characters.
        name: String,
    },
    /// Codings on top of codings.
    #[error("more than {MAX_CODINGS} content codings on top of each other")]
    TooMany,
    /// It unpacks to more than the limit. [`Decoder::into_partial`] has that much.
    #[error("it unpacks to more than {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// It is not what it says it is.
    #[error("it is no {coding}: {reason}")]
    Corrupt {
        /// The coding's name.
        coding: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// It ends before it should.
    #[error("its {coding} breaks off after {} decoded bytes", partial.len())]
    Truncated {
        /// The coding's name.
        coding: &'static str,
        /// What it held up to there.
        partial: Bytes,
    },
}

/// Undoes content codings as the bytes come in.
///
/// Holds at most the limit of decoded bytes, and for each coding its window: up
/// to 32 KiB for gzip and deflate, 16 MiB for brotli, 8 MiB for zstd, and never
/// more than a few times what was decoded so far.
pub struct Decoder {
    /// The one applied last comes first.
    stages: Vec<Stage>,
    decoded: Vec<u8>,
    limit: usize,
}

impl Decoder {
    /// A decoder for `codings` in the order they were applied (that of
    /// [`Coding::list`]), which stops after `limit` decoded bytes.
    #[must_use]
    pub fn new(codings: &[Coding], limit: usize) -> Self {
        Self {
            stages: codings.iter().rev().map(|c| Stage::new(*c)).collect(),
            decoded: Vec::new(),
            limit,
        }
    }

    /// Takes the next bytes of the body.
    ///
    /// # Errors
    /// [`CodingError::TooLarge`] and [`CodingError::Corrupt`]; after one of
    /// them only [`Self::into_partial`] makes sense.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), CodingError> {
        if bytes.is_empty() {
            return Ok(());
        }
        run(&mut self.stages, bytes, &mut self.decoded, self.limit)
    }

    /// The decoded body, once every byte of it was pushed.
    ///
    /// # Errors
    /// [`CodingError::Truncated`], with what was decoded.
    pub fn finish(self) -> Result<Bytes, CodingError> {
        let partial = Bytes::from(self.decoded);
        match self.stages.iter().find(|stage| stage.is_cut_off()) {
            None => Ok(partial),
            Some(stage) => Err(CodingError::Truncated {
                coding: stage.coding.name(),
                partial,
            }),
        }
    }

    /// What was decoded so far, at most the limit, whatever went wrong.
    #[must_use]
    pub fn into_partial(self) -> Bytes {
        Bytes::from(self.decoded)
    }
}

/// Undoes the codings that a `Content-Encoding` names, all of them at once.
///
/// # Errors
/// See [`CodingError`].
pub fn decode(
    content_encoding: Option<&str>,
    raw: &[u8],
    limit: usize,
) -> Result<Bytes, CodingError> {
    let mut decoder = Decoder::new(&Coding::list(content_encoding)?, limit);
    decoder.push(raw)?;
    decoder.finish()
}

/// The values of all `Content-Encoding` lines as one list (RFC 9110 §5.3);
/// none when there is no such line.
#[must_use]
pub fn content_encoding(headers: &[(String, String)]) -> Option<String> {
    let values: Vec<&str> = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-encoding"))
        .map(|(_, value)| value.as_str())
        .collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// Where one coding puts what it has unpacked.
type Out<'a> = dyn FnMut(&[u8]) -> Result<(), CodingError> + 'a;

/// One coding at work.
struct Stage {
    coding: Coding,
    unpacker: Unpacker,
    begun: bool,
    made: usize,
}

enum Unpacker {
    Gzip(gzip::Gzip),
    Deflate(deflate::Deflate),
    Brotli(brotli::Brotli),
    Zstd(zstd::Zstd),
}

impl Stage {
    fn new(coding: Coding) -> Self {
        let unpacker = match coding {
            Coding::Gzip => Unpacker::Gzip(gzip::Gzip::new()),
            Coding::Deflate => Unpacker::Deflate(deflate::Deflate::new()),
            Coding::Brotli => Unpacker::Brotli(brotli::Brotli::new()),
            Coding::Zstd => Unpacker::Zstd(zstd::Zstd::new()),
        };
        Self {
            coding,
            unpacker,
            begun: false,
            made: 0,
        }
    }

    fn is_cut_off(&self) -> bool {
        let ended = match &self.unpacker {
            Unpacker::Gzip(unpacker) => unpacker.has_ended(),
            Unpacker::Deflate(unpacker) => unpacker.has_ended(),
            Unpacker::Brotli(unpacker) => unpacker.has_ended(),
            Unpacker::Zstd(unpacker) => unpacker.has_ended(),
        };
        self.begun && !ended
    }
}

impl Unpacker {
    fn push(&mut self, bytes: &[u8], out: &mut Out<'_>) -> Result<(), CodingError> {
        match self {
            Self::Gzip(unpacker) => unpacker.push(bytes, out),
            Self::Deflate(unpacker) => unpacker.push(bytes, out),
            Self::Brotli(unpacker) => unpacker.push(bytes, out),
            Self::Zstd(unpacker) => unpacker.push(bytes, out),
        }
    }
}

/// Sends bytes through the stages, the first one first, and keeps what comes
/// out of the last. Its depth is the number of codings.
fn run(
    stages: &mut [Stage],
    bytes: &[u8],
    decoded: &mut Vec<u8>,
    limit: usize,
) -> Result<(), CodingError> {
    let Some((stage, rest)) = stages.split_first_mut() else {
        let room = limit - decoded.len();
        decoded.extend_from_slice(&bytes[..bytes.len().min(room)]);
        return if bytes.len() > room {
            Err(CodingError::TooLarge { limit })
        } else {
            Ok(())
        };
    };
    stage.begun = true;
    let made = &mut stage.made;
    stage.unpacker.push(bytes, &mut |piece| {
        // A stage may swallow any amount and give nothing (a gzip header's
        // file name): what it is fed must be bounded as well.
        *made += piece.len();
        if !rest.is_empty() && *made > limit.saturating_add(BETWEEN) {
            return Err(CodingError::TooLarge { limit });
        }
        run(rest, piece, decoded, limit)
    })
}

fn corrupt(coding: Coding, reason: impl ToString) -> CodingError {
    CodingError::Corrupt {
        coding: coding.name(),
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests;
