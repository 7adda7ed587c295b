//! Writing into the index.

use std::fs::File;
use std::num::NonZero;

use tantivy::{Index, IndexWriter, Term};

use super::schema::{Fields, document};
use super::{ListingIndexError, ListingText, Mark, failed};

/// Memory that new documents wait in, in bytes a thread, until they are written.
const MEMORY: usize = 64 << 20;
/// Threads that cut texts into tokens, and threads that index, at most.
const THREADS: usize = 4;
/// Fewer listings are cut into tokens on the calling thread.
const FEW: usize = 32;

/// The one who writes. What was put is found after [`ListingWriter::commit`] and a reload.
pub struct ListingWriter {
    writer: IndexWriter,
    fields: Fields,
    threads: usize,
    /// Given back when the writer is dropped, after the writer itself.
    _lock: Option<File>,
}

impl ListingWriter {
    pub(super) fn new(
        index: &Index,
        fields: Fields,
        lock: Option<File>,
    ) -> Result<Self, ListingIndexError> {
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        let threads = threads.min(THREADS);
        let writer = index
            .writer_with_num_threads(threads, threads * MEMORY)
            .map_err(failed("write into"))?;
        Ok(Self {
            writer,
            fields,
            threads,
            _lock: lock,
        })
    }

    /// Adds listings, each in the place of one with its identifier. An identifier must not stand
    /// twice among those of one call.
    ///
    /// # Errors
    /// When the search library fails; then nothing since the last commit is kept.
    pub fn put(&mut self, listings: &[ListingText<'_>]) -> Result<(), ListingIndexError> {
        let add = |listings: &[ListingText<'_>]| {
            for listing in listings {
                self.writer.delete_term(self.by_id(listing.id));
                self.writer
                    .add_document(document(&self.fields, listing))
                    .map_err(failed("write into"))?;
            }
            Ok(())
        };
        if listings.len() <= FEW || self.threads == 1 {
            return add(listings);
        }
        std::thread::scope(|scope| {
            let workers: Vec<_> = listings
                .chunks(listings.len().div_ceil(self.threads))
                .map(|part| scope.spawn(|| add(part)))
                .collect();
            workers.into_iter().try_for_each(|worker| {
                worker.join().unwrap_or_else(|_| {
                    let why = "a thread that cuts texts into words died".to_owned();
                    Err(failed("write into")(tantivy::TantivyError::ErrorInThread(
                        why,
                    )))
                })
            })
        })
    }

    /// Takes a listing out.
    pub fn delete(&mut self, id: u64) {
        self.writer.delete_term(self.by_id(id));
    }

    /// Writes down what was put and deleted, together with how far that has come: after a kill, both
    /// are there or neither.
    ///
    /// # Errors
    /// When it cannot be written; then nothing since the last commit is kept.
    pub fn commit(&mut self, mark: Mark) -> Result<(), ListingIndexError> {
        let mut commit = self.writer.prepare_commit().map_err(failed("commit to"))?;
        commit.set_payload(&mark.to_payload());
        commit.commit().map_err(failed("commit to"))?;
        Ok(())
    }

    /// Ends, when small parts that are being put together to larger ones are done.
    ///
    /// # Errors
    /// When a part could not be written; what was committed stays.
    pub fn finish(self) -> Result<(), ListingIndexError> {
        let Self { writer, _lock, .. } = self;
        writer.wait_merging_threads().map_err(failed("tidy up"))
    }

    fn by_id(&self, id: u64) -> Term {
        Term::from_field_u64(self.fields.id, id)
    }
}
