//! A page of what was found, best or newest first, and where the next one goes on.
//!
//! Pages neither skip nor double: places are told by rank and identifier, and within the state of
//! the index that the first page was read from, as long as this process keeps it. Later, or in
//! another process, the present state is searched from the same place on.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::str::FromStr;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::ColumnValues;
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

use super::{ListingIndex, ListingIndexError, Query, failed};

/// Listings on a page at most.
const LARGEST_PAGE: usize = 10_000;

/// What comes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// The listings whose words fit best.
    #[default]
    Best,
    /// Those that were seen last.
    Newest,
}

/// How a query is answered.
#[derive(Debug, Clone)]
pub struct Search {
    /// What comes first.
    pub sort: Sort,
    /// Listings on a page.
    pub limit: usize,
    /// Where the page before ended.
    pub after: Option<Cursor>,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            sort: Sort::Best,
            limit: 50,
            after: None,
        }
    }
}

/// A listing that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Its identifier.
    pub id: u64,
    /// How well its words fit (BM25); 0 when the newest come first.
    pub score: f32,
}

/// A page of what was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The listings in order.
    pub hits: Vec<Hit>,
    /// How many there are on all pages.
    pub total: u64,
    /// Where the next page goes on; none on the last one.
    pub next: Option<Cursor>,
}

/// Where a page ended. Its text form goes into addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    sort: Sort,
    place: Place,
    /// The state of the index that was searched.
    snapshot: u64,
}

/// Rank, then identifier; the greater comes first.
type Place = (u64, u64);

/// A cursor that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the place to go on from cannot be read; begin again at the first page")]
pub struct CursorError;

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sort = match self.sort {
            Sort::Best => 'b',
            Sort::Newest => 'n',
        };
        let (rank, id) = self.place;
        write!(f, "{sort}{rank:x}-{id:x}-{:x}", self.snapshot)
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let (sort, rest) = match text.strip_prefix('b') {
            Some(rest) => (Sort::Best, rest),
            None => (Sort::Newest, text.strip_prefix('n').ok_or(CursorError)?),
        };
        let mut parts = rest.split('-').map(|part| u64::from_str_radix(part, 16));
        let mut next = || parts.next()?.ok();
        let (rank, id, snapshot) = (next(), next(), next());
        match (rank, id, snapshot, parts.next()) {
            (Some(rank), Some(id), Some(snapshot), None) => Ok(Self {
                sort,
                place: (rank, id),
                snapshot,
            }),
            _ => Err(CursorError),
        }
    }
}

impl ListingIndex {
    /// A page of the listings that a query finds.
    ///
    /// # Errors
    /// When the search library fails.
    pub fn search(&self, query: &Query, search: &Search) -> Result<Page, ListingIndexError> {
        let after = search.after.filter(|cursor| cursor.sort == search.sort);
        let earlier =
            after.and_then(|cursor| Some((cursor.snapshot, self.earlier(cursor.snapshot)?)));
        let (snapshot, searcher) = earlier.unwrap_or_else(|| self.snapshot());
        let limit = search.limit.clamp(1, LARGEST_PAGE);
        let ranked = Ranked {
            sort: search.sort,
            after: after.map(|cursor| cursor.place),
            most: limit + 1,
        };
        let found = searcher
            .search(&query.run(&self.fields), &ranked)
            .map_err(failed("search"))?;
        let mut places = found.best.into_sorted();
        let more = places.len() > limit;
        places.truncate(limit);
        let next = places.last().filter(|_| more).map(|&place| Cursor {
            sort: search.sort,
            place,
            snapshot,
        });
        let hits = places.into_iter().map(|(rank, id)| Hit {
            id,
            score: match search.sort {
                Sort::Best => f32::from_bits(u32::try_from(rank).unwrap_or(0)),
                Sort::Newest => 0.0,
            },
        });
        Ok(Page {
            hits: hits.collect(),
            total: found.total,
            next,
        })
    }
}

/// Collects the first places behind a place, and counts all.
struct Ranked {
    sort: Sort,
    after: Option<Place>,
    most: usize,
}

/// The greatest places seen.
struct Best {
    heap: BinaryHeap<Reverse<Place>>,
    most: usize,
}

impl Best {
    fn new(most: usize) -> Self {
        Self {
            heap: BinaryHeap::new(),
            most,
        }
    }

    fn offer(&mut self, place: Place) {
        if self.heap.len() < self.most {
            self.heap.push(Reverse(place));
        } else if let Some(mut least) = self.heap.peek_mut()
            && place > least.0
        {
            *least = Reverse(place);
        }
    }

    fn into_sorted(self) -> Vec<Place> {
        let sorted = self.heap.into_sorted_vec();
        sorted.into_iter().map(|Reverse(place)| place).collect()
    }
}

struct Found {
    best: Best,
    total: u64,
}

impl Collector for Ranked {
    type Fruit = Found;
    type Child = RankedSegment;

    fn for_segment(
        &self,
        _: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<RankedSegment> {
        let columns = segment.fast_fields();
        Ok(RankedSegment {
            ids: columns.u64("id")?.first_or_default_col(0),
            seen: match self.sort {
                Sort::Best => None,
                Sort::Newest => Some(columns.i64("last_seen")?.first_or_default_col(0)),
            },
            after: self.after,
            found: Found {
                best: Best::new(self.most),
                total: 0,
            },
        })
    }

    fn requires_scoring(&self) -> bool {
        self.sort == Sort::Best
    }

    fn merge_fruits(&self, fruits: Vec<Found>) -> tantivy::Result<Found> {
        let mut all = Found {
            best: Best::new(self.most),
            total: 0,
        };
        for fruit in fruits {
            all.total += fruit.total;
            for Reverse(place) in fruit.best.heap {
                all.best.offer(place);
            }
        }
        Ok(all)
    }
}

struct RankedSegment {
    ids: std::sync::Arc<dyn ColumnValues<u64>>,
    seen: Option<std::sync::Arc<dyn ColumnValues<i64>>>,
    after: Option<Place>,
    found: Found,
}

impl SegmentCollector for RankedSegment {
    type Fruit = Found;

    fn collect(&mut self, doc: DocId, score: Score) {
        self.found.total += 1;
        let rank = match &self.seen {
            // Turned so that the order of the bits is that of the times.
            Some(seen) => seen.get_val(doc).cast_unsigned() ^ (1 << 63),
            // The bits of floats that are not negative are in their order.
            None => u64::from(score.max(0.0).to_bits()),
        };
        let place = (rank, self.ids.get_val(doc));
        if self.after.is_none_or(|after| place < after) {
            self.found.best.offer(place);
        }
    }

    fn harvest(self) -> Found {
        self.found
    }
}
