//! What goes wrong when captures are read, and where.

use thiserror::Error;

use crate::coding::CodingError;

/// Something in a capture that cannot be read, with its place.
#[derive(Debug, Error)]
#[error("{place}: {problem}")]
pub struct CaptureError {
    /// The file and the place in it: `shop.warc.gz@1234` is byte 1,234;
    /// `visit.har#3` the fourth entry; `a.wacz!archive/data.warc.gz@0` a file
    /// within a file.
    pub place: String,
    /// What is wrong there.
    #[source]
    pub problem: Problem,
}

impl CaptureError {
    pub(crate) fn new(place: impl Into<String>, problem: impl Into<Problem>) -> Self {
        Self {
            place: place.into(),
            problem: problem.into(),
        }
    }
}

/// What is wrong with an entry of a capture.
#[derive(Debug, Error)]
pub enum Problem {
    /// The file cannot be read.
    #[error("it cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// It ends within an entry; the entries before it were delivered.
    #[error("it breaks off here, within {within}; what came before is complete")]
    Truncated {
        /// What was being read.
        within: &'static str,
    },
    /// It is larger than [`super::CaptureLimits`] allow.
    #[error("{what} is over the limit of {limit} bytes; raise the limit if the file is trusted")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The limit, in bytes.
        limit: u64,
    },
    /// There are more entries, or more broken ones, than are read.
    #[error("more than {limit} {what}; the rest is not read")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many are read.
        limit: usize,
    },
    /// It is not what its format asks for.
    #[error("{0}")]
    Malformed(String),
    /// A stated digest is not that of the bytes: they were altered.
    #[error("the bytes are not those of the digest {stated}: altered or damaged")]
    Digest {
        /// As stated, algorithm first.
        stated: String,
    },
    /// A revisit whose payload is not here.
    #[error(
        "a revisit of {earlier} whose payload is not in this file, or too far back in it; import the earlier file"
    )]
    Revisit {
        /// URL or record of the payload.
        earlier: String,
    },
    /// WARC with Zstandard.
    #[error("WARC compressed with Zstandard is not read: unpack it with `zstd -d` first")]
    Zstandard,
    /// Nothing that is known.
    #[error("it is no WARC, WACZ, HAR, MHTML or HTML")]
    UnknownFormat,
    /// A saved page that does not say where it is from.
    #[error(
        "the page does not say its URL (no saved-from comment, canonical link or og:url): give it"
    )]
    NoUrl,
    /// A body that cannot be decoded.
    #[error(transparent)]
    Coding(#[from] CodingError),
}

pub(crate) fn malformed(text: impl Into<String>) -> Problem {
    Problem::Malformed(text.into())
}
