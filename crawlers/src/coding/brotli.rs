//! `br` (RFC 7932).

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

use super::{Coding, CodingError, Out, PIECE, corrupt};

/// Decodes `br`.
pub(super) struct Brotli {
    state: Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>,
    piece: Box<[u8]>,
    ended: bool,
}

impl Brotli {
    pub(super) fn new() -> Self {
        let heap = StandardAlloc::default;
        Self {
            // Strict: the large windows of later drafts, up to 1 GiB, are refused.
            state: Box::new(BrotliState::new_strict(heap(), heap(), heap())),
            piece: vec![0; PIECE].into_boxed_slice(),
            ended: false,
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Out<'_>) -> Result<(), CodingError> {
        let (mut left, mut used) = (bytes.len(), 0);
        while !self.ended {
            let (mut room, mut written, mut total) = (self.piece.len(), 0, 0);
            let result = BrotliDecompressStream(
                &mut left,
                &mut used,
                bytes,
                &mut room,
                &mut written,
                &mut self.piece,
                &mut total,
                &mut self.state,
            );
            if written > 0 {
                out(&self.piece[..written])?;
            }
            match result {
                BrotliResult::ResultSuccess => self.ended = true,
                BrotliResult::NeedsMoreInput => break,
                BrotliResult::NeedsMoreOutput if written > 0 => {}
                BrotliResult::NeedsMoreOutput | BrotliResult::ResultFailure => {
                    return Err(corrupt(
                        Coding::Brotli,
                        format!("{:?}", self.state.error_code),
                    ));
                }
            }
        }
        Ok(())
    }

    pub(super) const fn has_ended(&self) -> bool {
        self.ended
    }
}
