//! Exact search by cosine.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use super::dot::{LANES, dots};
use super::vector::check_shape;
use super::{Embedding, EmbeddingError};

/// Rows between two looks at the results: their cosines stay in the first cache.
const BLOCK: usize = 256;

/// A vector found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EmbeddingNeighbour {
    /// The id it was inserted under.
    pub id: u64,
    /// Its cosine with the query, -1 to 1.
    pub cosine: f32,
}

/// Vectors of one model by id, searched exactly by cosine.
///
/// Every search is a comparison with every vector. The answers are the same on every processor and
/// in whatever order the vectors came in. Memory: 4 bytes a dimension (rounded up to 16 of them)
/// and some 30 to 50 a vector, and up to as much again to spare while the index grows. Insertion and
/// removal take the time of copying a vector.
#[derive(Debug, Clone)]
pub struct EmbeddingIndex {
    model: Arc<str>,
    dimensions: usize,
    /// The vectors, each padded with zeros to a multiple of [`LANES`]; slots have no gaps.
    rows: Vec<f32>,
    /// The id of each slot.
    ids: Vec<u64>,
    slots: HashMap<u64, usize>,
}

impl EmbeddingIndex {
    /// An index without vectors, for those of a model and a number of dimensions.
    ///
    /// # Errors
    /// [`EmbeddingError`] when the name or the number of dimensions is out of range, as for
    /// [`Embedding::new`].
    pub fn new(model: impl Into<Arc<str>>, dimensions: usize) -> Result<Self, EmbeddingError> {
        let model = model.into();
        check_shape(&model, dimensions)?;
        Ok(Self {
            model,
            dimensions,
            rows: Vec::new(),
            ids: Vec::new(),
            slots: HashMap::new(),
        })
    }

    /// Name and version of the model whose vectors these are.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Dimensions of each vector.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Number of vectors.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// True when there is no vector.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The vector of an id.
    #[must_use]
    pub fn get(&self, id: u64) -> Option<Embedding> {
        let start = *self.slots.get(&id)? * self.stride();
        let row = self.rows.get(start..start + self.dimensions)?;
        Some(Embedding::from_unit(Arc::clone(&self.model), row))
    }

    /// Adds a vector, or gives a known id another one. True when the id was known.
    ///
    /// # Errors
    /// [`EmbeddingError`] when the vector is of another model or number of dimensions; the index is
    /// as it was.
    pub fn insert(&mut self, id: u64, vector: &Embedding) -> Result<bool, EmbeddingError> {
        vector.check_like(&self.model, self.dimensions)?;
        let stride = self.stride();
        if let Some(slot) = self.slots.get(&id) {
            let start = slot * stride;
            self.rows[start..start + self.dimensions].copy_from_slice(vector.values());
            return Ok(true);
        }
        self.slots.insert(id, self.ids.len());
        self.ids.push(id);
        self.rows.extend(vector.values());
        self.rows.resize(self.ids.len() * stride, 0.0);
        Ok(false)
    }

    /// Drops a vector. True when there was one.
    pub fn remove(&mut self, id: u64) -> bool {
        let Some(slot) = self.slots.remove(&id) else {
            return false;
        };
        let stride = self.stride();
        let last = self.ids.len() - 1;
        self.ids.swap_remove(slot);
        // The last vector moves into the gap.
        if slot < last {
            self.rows
                .copy_within(last * stride..(last + 1) * stride, slot * stride);
            self.slots.insert(self.ids[slot], slot);
        }
        self.rows.truncate(last * stride);
        true
    }

    /// The `most` vectors with the largest cosines, of those whose cosine is at least `threshold`
    /// (-1 to 1): the largest first, and of equal ones the smaller id. Nothing reaches a threshold
    /// that is not a number.
    ///
    /// # Errors
    /// [`EmbeddingError`] when the query is of another model or number of dimensions.
    pub fn search(
        &self,
        query: &Embedding,
        most: usize,
        threshold: f32,
    ) -> Result<Vec<EmbeddingNeighbour>, EmbeddingError> {
        query.check_like(&self.model, self.dimensions)?;
        if most == 0 {
            return Ok(Vec::new());
        }
        let stride = self.stride();
        let mut padded = query.values().to_vec();
        padded.resize(stride, 0.0);
        let mut cosines = [0.0; BLOCK];
        let mut best: BinaryHeap<Reverse<Ranked>> = BinaryHeap::new();
        for (rows, ids) in self.rows.chunks(BLOCK * stride).zip(self.ids.chunks(BLOCK)) {
            let cosines = &mut cosines[..ids.len()];
            dots(&padded, rows, cosines);
            for (&id, &cosine) in ids.iter().zip(&*cosines) {
                if cosine >= threshold {
                    keep(&mut best, most, Ranked(EmbeddingNeighbour { id, cosine }));
                }
            }
        }
        // Reversed twice over: the ascending order of the heap's entries is the best first.
        Ok(best
            .into_sorted_vec()
            .into_iter()
            .map(|Reverse(Ranked(found))| found)
            .collect())
    }

    /// Floats of one row.
    fn stride(&self) -> usize {
        self.dimensions.next_multiple_of(LANES)
    }
}

/// Keeps the best `most`; the top of the heap is the worst of them.
fn keep(best: &mut BinaryHeap<Reverse<Ranked>>, most: usize, found: Ranked) {
    if best.len() < most {
        best.push(Reverse(found));
    } else if let Some(mut worst) = best.peek_mut()
        && found > worst.0
    {
        *worst = Reverse(found);
    }
}

/// Ordered by cosine, and of equal ones the smaller id is the greater.
#[derive(Debug, Clone, Copy)]
struct Ranked(EmbeddingNeighbour);

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0
            .cosine
            .total_cmp(&other.0.cosine)
            .then_with(|| other.0.id.cmp(&self.0.id))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ranked {}
