//! What a packet shows more than once is read and checked once: a picture stands in it
//! as a capture's body and as a picture, and is set in the report too.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::blobs::{BlobError, Blobs};

/// The most that is kept in memory for a packet, in bytes: 64 MiB.
const MOST: usize = 64 << 20;

/// Bytes by their hash.
pub(super) struct Held<'a> {
    blobs: &'a Blobs,
    kept: RefCell<HashMap<String, Rc<Vec<u8>>>>,
}

impl<'a> Held<'a> {
    pub fn of(blobs: &'a Blobs) -> Self {
        Self {
            blobs,
            kept: RefCell::default(),
        }
    }

    /// A blob.
    ///
    /// # Errors
    /// When it is missing or damaged.
    pub fn get(&self, blob: &str) -> Result<Rc<Vec<u8>>, BlobError> {
        self.or(blob, || self.blobs.get(blob))
    }

    /// The bytes of that hash, from wherever they are read.
    ///
    /// # Errors
    /// As `read` says.
    pub fn or(
        &self,
        blob: &str,
        read: impl FnOnce() -> Result<Vec<u8>, BlobError>,
    ) -> Result<Rc<Vec<u8>>, BlobError> {
        if let Some(known) = self.kept.borrow().get(blob) {
            return Ok(Rc::clone(known));
        }
        let bytes = Rc::new(read()?);
        let mut kept = self.kept.borrow_mut();
        let held: usize = kept.values().map(|bytes| bytes.len()).sum();
        if held + bytes.len() <= MOST {
            kept.insert(blob.to_owned(), Rc::clone(&bytes));
        }
        Ok(bytes)
    }
}
