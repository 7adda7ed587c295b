//! The last line between a stranger's file and the process.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{DecodeError, damaged};

/// Runs a decoder and turns its panic into an error.
///
/// The decoders are other people's work and have had panics on damaged files (an index out of
/// bounds, an overflow in a debug build). One such file must not take a crawl down, so a panic is
/// caught here: nothing is shared with the decoder but the bytes, which it cannot change, so that
/// no broken state survives. The panic hook still reports where it happened.
pub(super) fn run<T>(
    format: &'static str,
    bytes: &[u8],
    decode: impl FnOnce() -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    catch_unwind(AssertUnwindSafe(decode))
        .unwrap_or_else(|_| Err(damaged(format, bytes, "the decoder panicked")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_a_decoder_becomes_an_error() {
        let result = run::<()>("png", &[1, 2], || {
            // Not through the hook, which would print into the test's output.
            std::panic::resume_unwind(Box::new("boom"))
        });
        assert!(matches!(
            result,
            Err(DecodeError::Damaged {
                format: "png",
                length: 2,
                ..
            })
        ));
    }
}
