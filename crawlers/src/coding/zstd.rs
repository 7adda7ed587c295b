//! `zstd` (RFC 8878), with the window of RFC 9659.

use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

use super::{Coding, CodingError, Out, PIECE, corrupt};

/// The largest window a content coding may ask for (RFC 9659 §3): 8 MiB.
const WINDOW_LOG: u32 = 23;

/// Decodes `zstd`.
pub(super) struct Zstd {
    /// None when the library could not make a decoder: no memory.
    decoder: Option<Decoder<'static>>,
    piece: Box<[u8]>,
    /// Whether the last frame is whole, and how many were.
    between: bool,
    frames: usize,
    garbage: bool,
}

impl Zstd {
    pub(super) fn new() -> Self {
        let decoder = Decoder::new().ok().and_then(|mut decoder| {
            let bounded = decoder.set_parameter(DParameter::WindowLogMax(WINDOW_LOG));
            bounded.ok().map(|()| decoder)
        });
        Self {
            decoder,
            piece: vec![0; PIECE].into_boxed_slice(),
            between: true,
            frames: 0,
            garbage: false,
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Out<'_>) -> Result<(), CodingError> {
        let Some(decoder) = &mut self.decoder else {
            return Err(corrupt(Coding::Zstd, "no decoder could be made"));
        };
        let mut input = InBuffer::around(bytes);
        while !self.garbage {
            let (written, hint) = {
                let mut output = OutBuffer::around(&mut self.piece[..]);
                match decoder.run(&mut input, &mut output) {
                    Ok(hint) => (output.pos(), hint),
                    Err(_) if self.between && self.frames > 0 => {
                        self.garbage = true;
                        break;
                    }
                    Err(error) => return Err(corrupt(Coding::Zstd, error)),
                }
            };
            if written > 0 {
                out(&self.piece[..written])?;
            }
            self.between = hint == 0;
            self.frames += usize::from(self.between);
            if input.pos() == bytes.len() && (self.between || written < self.piece.len()) {
                break;
            }
        }
        Ok(())
    }

    pub(super) const fn has_ended(&self) -> bool {
        self.garbage || self.between
    }
}
