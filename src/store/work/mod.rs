//! What one unit of crawling work leads to, written in one transaction.

mod write;

use super::cases::CaseDraft;
use super::frontier::{Lease, LeaseRequest};
use super::results::SearchResults;
use super::scans::Progress;
use super::{Store, StoreError};
use crate::clock::Millis;

/// An HTTP exchange to be kept. Its bytes are in the blob store already.
#[derive(Debug, Clone)]
pub struct CaptureDraft {
    /// `sitemap`, `list`, `item` or `image`; after the page it belongs to also
    /// `part`, `rendered` or `screenshot`.
    pub kind: String,
    /// The address asked for.
    pub url: String,
    /// The address that answered, after redirects.
    pub final_url: String,
    /// HTTP status.
    pub status: u16,
    /// Request headers as sent, secrets left out: JSON.
    pub request: String,
    /// Response headers as received: JSON.
    pub headers: String,
    /// Redirects on the way: JSON.
    pub hops: String,
    /// Address and port of the peer.
    pub peer: Option<String>,
    /// SHA-256 of the decoded body.
    pub blob: String,
    /// Bytes of the decoded body.
    pub size: i64,
    /// When it was fetched.
    pub fetched_at: Millis,
    /// Where its response stands in a WARC file, if it was written into one.
    pub warc: Option<WarcPlace>,
    /// What the page asks of robots and archives, such as `noarchive`.
    pub directives: Vec<String>,
}

/// Where a response stands in the WARC files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarcPlace {
    /// The file's name.
    pub file: String,
    /// Where the record's gzip member begins, in bytes.
    pub offset: u64,
    /// How long it is, in bytes.
    pub length: u64,
    /// Its WARC-Record-ID.
    pub record_id: String,
    /// The digest of the payload as received, as the record has it.
    pub payload: String,
    /// Where the records that belong to it stand in that file: certificates,
    /// redirects, the request, what was parsed. Offset and length, in bytes.
    pub beside: Vec<(u64, u64)>,
}

/// Where a listing's capture stands: among the captures written with it, or
/// already in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaptureRef {
    /// Position in [`Work::captures`].
    New(usize),
    /// Identifier.
    Stored(i64),
}

/// One picture of a listing.
#[derive(Debug, Clone)]
pub struct PictureDraft {
    /// Its address.
    pub url: String,
    /// The capture it came in, when it was fetched.
    pub capture: Option<CaptureRef>,
    /// What it is, when it could be decoded.
    pub decoded: Option<DecodedPicture>,
    /// Why there is no picture.
    pub error: Option<String>,
}

/// Facts about a picture that could be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedPicture {
    /// SHA-256 of the bytes.
    pub blob: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// `jpeg`, `png`, …
    pub format: String,
    /// Name and version of the hash algorithm.
    pub algorithm: String,
    /// The hashes.
    pub hashes: Vec<u8>,
}

/// A listing to be written, with all that was found about it.
#[derive(Debug, Clone)]
pub struct ListingDraft {
    /// The marketplace's own identifier.
    pub item_id: String,
    /// Canonical address.
    pub url: String,
    /// Title as written.
    pub title: String,
    /// Decimal text.
    pub price_amount: Option<String>,
    /// ISO 4217.
    pub price_currency: Option<String>,
    /// Seller as written.
    pub seller: Option<String>,
    /// The whole extracted listing with provenance: JSON.
    pub data: String,
    /// The capture it was read from.
    pub capture: CaptureRef,
    /// Its pictures, in order.
    pub pictures: Vec<PictureDraft>,
    /// Products it matches over the threshold.
    pub cases: Vec<CaseDraft>,
}

/// A target found on the way.
#[derive(Debug, Clone)]
pub struct NewTarget {
    /// The same URL twice has the same key.
    pub key: String,
    /// The target: JSON.
    pub target: String,
    /// A listing already extracted in full: JSON.
    pub listing: Option<String>,
}

/// How a unit of work ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// As it should.
    Done,
    /// Left out on purpose, such as by robots.txt.
    Skipped(String),
    /// Given up.
    Failed(String),
}

/// Everything one leased target led to.
#[derive(Debug, Clone)]
pub struct Work {
    /// The frontier row.
    pub lease_id: i64,
    /// Who holds the lease.
    pub worker: String,
    /// The scan.
    pub scan_id: i64,
    /// The source.
    pub source_id: i64,
    /// New captures.
    pub captures: Vec<CaptureDraft>,
    /// New targets; those with a listing refer to the first capture.
    pub targets: Vec<NewTarget>,
    /// The listing read from it, if one was.
    pub listing: Option<ListingDraft>,
    /// What an item's page said, the first capture: `there`, `gone`, `blocked` or
    /// `unexpected`, and what said so.
    pub signal: Option<(&'static str, String)>,
    /// What a search gave first, if it was one.
    pub results: Option<SearchResults>,
    /// How it ended.
    pub outcome: Outcome,
}

/// What [`Store::finish_work`] wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// False when the lease had been lost; then nothing was written.
    pub kept: bool,
    /// The listing's identifier.
    pub listing_id: Option<i64>,
    /// Whether it was seen for the first time.
    pub is_new: bool,
    /// Cases opened or updated.
    pub cases: Vec<i64>,
}

/// What [`Store::finish_works_and_lease`] did.
#[derive(Debug)]
pub struct Finished {
    /// What each work led to, in the order given.
    pub written: Vec<Written>,
    /// Targets that are leased now.
    pub leases: Vec<Lease>,
    /// The scan's counters as they are now, if any of the works was of it.
    pub counted: Option<Progress>,
}

impl Store {
    /// Writes all that one leased target led to; see [`Store::finish_works`].
    ///
    /// # Errors
    /// When the database cannot be written; then nothing is.
    pub async fn finish_work(&self, work: &Work) -> Result<Written, StoreError> {
        let mut written = self.finish_works(std::slice::from_ref(work)).await?;
        Ok(written.pop().unwrap_or_default())
    }

    /// Writes all that leased targets led to, in one transaction: captures,
    /// listings, pictures, cases, new targets, the ends of the leases and the
    /// counters of the scans. What each led to comes back in the same order.
    ///
    /// # Errors
    /// When the database cannot be written, or one of them not be: then nothing
    /// of any of them is.
    pub async fn finish_works(&self, works: &[Work]) -> Result<Vec<Written>, StoreError> {
        let mut tx = self.pools.begin().await?;
        let (written, _) = tx.write_works(works, self.clock.millis()).await?;
        tx.commit().await?;
        Ok(written)
    }

    /// [`Store::finish_works`] and then [`Store::lease`], in one transaction.
    ///
    /// # Errors
    /// As there; then nothing is written and nothing leased.
    pub async fn finish_works_and_lease(
        &self,
        works: &[Work],
        wanted: &LeaseRequest<'_>,
    ) -> Result<Finished, StoreError> {
        let mut tx = self.pools.begin().await?;
        let now = self.clock.millis();
        let (written, counted) = tx.write_works(works, now).await?;
        let leases = match wanted.limit {
            0 => Vec::new(),
            _ => tx.lease(wanted, now).await?,
        };
        tx.commit().await?;
        Ok(Finished {
            written,
            leases,
            counted: counted.get(&wanted.scan_id).copied(),
        })
    }
}
