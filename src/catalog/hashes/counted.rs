//! Which line of a list was read last.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

/// A reader that knows on which line the bytes taken last lie: the list's
/// reader takes a line at a time and tells the numbers of bad ones only.
pub(super) struct Counted<R> {
    inner: R,
    /// Line ends taken.
    ends: u64,
    line: Rc<Cell<u64>>,
}

impl<R> Counted<R> {
    /// Reads on from `inner`; `line` is set to the line's number, from 1.
    pub(super) fn new(inner: R, line: Rc<Cell<u64>>) -> Self {
        Self {
            inner,
            ends: 0,
            line,
        }
    }
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.fill_buf()?;
        let taken = bytes.len().min(buffer.len());
        buffer[..taken].copy_from_slice(&bytes[..taken]);
        self.consume(taken);
        Ok(taken)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        // What is consumed has been filled: this reads nothing.
        if let Ok(bytes) = self.inner.fill_buf() {
            let taken = &bytes[..amount.min(bytes.len())];
            let unfinished = u64::from(taken.last().is_some_and(|byte| *byte != b'\n'));
            self.ends += taken.iter().filter(|byte| **byte == b'\n').count() as u64;
            if !taken.is_empty() {
                self.line.set(self.ends + unfinished);
            }
        }
        self.inner.consume(amount);
    }
}
