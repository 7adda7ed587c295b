//! `deflate`: the zlib format (RFC 1950), or its inside alone (RFC 1951).

use flate2::{Decompress, FlushDecompress, Status};

use super::{Coding, CodingError, Out, PIECE, corrupt};

/// Inflates one stream.
pub(super) struct Inflater {
    inner: Decompress,
    piece: Box<[u8]>,
    coding: Coding,
}

impl Inflater {
    /// For a stream with a zlib frame around it, or without one.
    pub(super) fn new(coding: Coding, framed: bool) -> Self {
        Self {
            inner: Decompress::new(framed),
            piece: vec![0; PIECE].into_boxed_slice(),
            coding,
        }
    }

    /// Makes ready for another stream without a frame.
    pub(super) fn reset(&mut self) {
        self.inner.reset(false);
    }

    /// Inflates all of `bytes` or as much as belongs to the stream; tells how
    /// much that was, and whether the stream has ended.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        out: &mut Out<'_>,
    ) -> Result<(usize, bool), CodingError> {
        let mut used = 0;
        loop {
            let (read, written) = (self.inner.total_in(), self.inner.total_out());
            let status = self
                .inner
                .decompress(&bytes[used..], &mut self.piece, FlushDecompress::None)
                .map_err(|error| corrupt(self.coding, error))?;
            // Both are at most the lengths of the two slices.
            let read = (self.inner.total_in() - read) as usize;
            let written = (self.inner.total_out() - written) as usize;
            used += read;
            if written > 0 {
                out(&self.piece[..written])?;
            }
            if status == Status::StreamEnd {
                return Ok((used, true));
            }
            if used == bytes.len() && written < self.piece.len() {
                return Ok((used, false));
            }
            if read == 0 && written == 0 {
                return Err(corrupt(self.coding, "it leads nowhere"));
            }
        }
    }
}

/// Decodes `deflate`.
pub(super) struct Deflate {
    /// The first bytes, until there are two to tell the frame by.
    head: Vec<u8>,
    inflater: Option<Inflater>,
    ended: bool,
}

impl Deflate {
    pub(super) const fn new() -> Self {
        Self {
            head: Vec::new(),
            inflater: None,
            ended: false,
        }
    }

    pub(super) fn push(&mut self, mut bytes: &[u8], out: &mut Out<'_>) -> Result<(), CodingError> {
        if self.ended {
            return Ok(());
        }
        if self.inflater.is_none() {
            let missing = 2 - self.head.len();
            let (head, rest) = bytes.split_at(missing.min(bytes.len()));
            self.head.extend_from_slice(head);
            bytes = rest;
            let &[first, second] = self.head.as_slice() else {
                return Ok(());
            };
            let mut inflater = Inflater::new(Coding::Deflate, has_zlib_header(first, second));
            let (_, ended) = inflater.push(&self.head, out)?;
            self.ended = ended;
            self.inflater = Some(inflater);
        }
        if let Some(inflater) = &mut self.inflater
            && !self.ended
            && !bytes.is_empty()
        {
            (_, self.ended) = inflater.push(bytes, out)?;
        }
        Ok(())
    }

    pub(super) const fn has_ended(&self) -> bool {
        self.ended
    }
}

/// RFC 1950 §2.2: method 8, a window of at most 32 KiB, and a check digit.
fn has_zlib_header(first: u8, second: u8) -> bool {
    first & 0x0f == 8 && first >> 4 <= 7 && u16::from_be_bytes([first, second]).is_multiple_of(31)
}
