//! What one unit of crawling work leads to, written in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use super::cases::CaseDraft;
use super::db::{Tx, json, params};
use super::facts::Facts;
use super::frontier::{Lease, LeaseRequest};
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
        let written = tx.write_works(works, self.clock.millis()).await?;
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
    ) -> Result<(Vec<Written>, Vec<Lease>), StoreError> {
        let mut tx = self.pools.begin().await?;
        let now = self.clock.millis();
        let written = tx.write_works(works, now).await?;
        let leases = tx.lease(wanted, now).await?;
        tx.commit().await?;
        Ok((written, leases))
    }
}

impl Tx {
    async fn write_works(
        &mut self,
        works: &[Work],
        now: Millis,
    ) -> Result<Vec<Written>, StoreError> {
        let mut held = Vec::with_capacity(works.len());
        for work in works {
            held.push(self.end_lease_of(work).await?);
        }
        // In one order for everybody: PostgreSQL would let two wait for each other.
        let kept = || works.iter().zip(&held).filter(|(_, held)| **held);
        let scans: BTreeSet<i64> = kept().map(|(work, _)| work.scan_id).collect();
        for scan in &scans {
            self.hold_scan(*scan, now).await?;
        }
        let mut listings = kept().filter_map(|(work, _)| work.listing.as_ref());
        if listings.any(|listing| !listing.cases.is_empty()) {
            self.hold_log().await?;
        }
        let mut all = Vec::with_capacity(works.len());
        let mut sums: BTreeMap<i64, Progress> = BTreeMap::new();
        for (work, held) in works.iter().zip(held) {
            if !held {
                all.push(Written::default());
                continue;
            }
            let (written, progress) = self.write_work(work, now).await?;
            *sums.entry(work.scan_id).or_default() += progress;
            all.push(written);
        }
        for (scan, progress) in sums {
            self.add_progress(scan, progress, now).await?;
        }
        Ok(all)
    }

    async fn end_lease_of(&mut self, work: &Work) -> Result<bool, StoreError> {
        let (state, error) = match &work.outcome {
            Outcome::Done => ("done", None),
            Outcome::Skipped(why) => ("skipped", Some(why.as_str())),
            Outcome::Failed(why) => ("failed", Some(why.as_str())),
        };
        self.end_lease(work.lease_id, &work.worker, state, error)
            .await
    }

    async fn write_work(
        &mut self,
        work: &Work,
        now: Millis,
    ) -> Result<(Written, Progress), StoreError> {
        let mut written = Written {
            kept: true,
            ..Written::default()
        };
        let mut progress = Progress {
            finished: 1,
            failures: i64::from(matches!(work.outcome, Outcome::Failed(_))),
            ..Progress::default()
        };
        let mut captures = Vec::with_capacity(work.captures.len());
        for capture in &work.captures {
            let (id, is_new) = self.insert_capture(work, capture).await?;
            progress.requests += i64::from(is_new);
            captures.push(id);
        }
        self.write_parts(work, &captures).await?;
        for target in &work.targets {
            let from = target.listing.as_ref().and(captures.first().copied());
            progress.queued += self
                .push_target(
                    work.scan_id,
                    &target.key,
                    &target.target,
                    target.listing.as_deref(),
                    from,
                )
                .await?;
        }
        if let Some(listing) = &work.listing {
            self.write_listing(work, listing, &captures, now, &mut written, &mut progress)
                .await?;
        }
        Ok((written, progress))
    }

    async fn insert_capture(
        &mut self,
        work: &Work,
        capture: &CaptureDraft,
    ) -> Result<(i64, bool), StoreError> {
        let warc = capture.warc.as_ref();
        let directives = (!capture.directives.is_empty()).then(|| capture.directives.join(", "));
        let inserted: Option<(i64,)> = self
            .optional(
                "INSERT INTO captures (scan_id, source_id, kind, url, final_url, status, request,
                    headers, hops, peer, blob, size, fetched_at, warc_file, warc_offset,
                    warc_length, warc_record, payload, directives, warc_beside)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
                    $17, $18, $19, $20)
                 ON CONFLICT (scan_id, kind, url) DO NOTHING RETURNING id",
                params![
                    work.scan_id,
                    work.source_id,
                    &capture.kind,
                    &capture.url,
                    &capture.final_url,
                    capture.status,
                    &capture.request,
                    &capture.headers,
                    &capture.hops,
                    capture.peer.clone(),
                    &capture.blob,
                    capture.size,
                    capture.fetched_at,
                    warc.map(|warc| warc.file.clone()),
                    warc.and_then(|warc| i64::try_from(warc.offset).ok()),
                    warc.and_then(|warc| i64::try_from(warc.length).ok()),
                    warc.map(|warc| warc.record_id.clone()),
                    warc.map(|warc| warc.payload.clone()),
                    directives,
                    warc.map(|warc| json(&warc.beside)),
                ],
            )
            .await?;
        match inserted {
            Some((id,)) => Ok((id, true)),
            // A capture never changes: the one that was there first stays.
            None => {
                let there = self
                    .id(
                        "SELECT id FROM captures WHERE scan_id = $1 AND kind = $2 AND url = $3",
                        params![work.scan_id, &capture.kind, &capture.url],
                    )
                    .await?;
                Ok((there, false))
            }
        }
    }

    /// Notes which captures belong to the page, which is the first of them.
    async fn write_parts(&mut self, work: &Work, captures: &[i64]) -> Result<(), StoreError> {
        let Some(page) = captures.first() else {
            return Ok(());
        };
        for (capture, id) in work.captures.iter().zip(captures) {
            if matches!(&*capture.kind, "part" | "rendered" | "screenshot") {
                self.run(
                    "INSERT INTO capture_parts (page_id, part_id) VALUES ($1, $2)
                     ON CONFLICT (page_id, part_id) DO NOTHING",
                    params![*page, *id],
                )
                .await?;
            }
        }
        Ok(())
    }

    async fn write_listing(
        &mut self,
        work: &Work,
        draft: &ListingDraft,
        captures: &[i64],
        now: Millis,
        written: &mut Written,
        progress: &mut Progress,
    ) -> Result<(), StoreError> {
        let resolve = |capture: CaptureRef| match capture {
            CaptureRef::New(at) => captures.get(at).copied(),
            CaptureRef::Stored(id) => Some(id),
        };
        let Some(capture_id) = resolve(draft.capture) else {
            return Err(StoreError::Conflict(format!(
                "listing {} has no capture",
                draft.url
            )));
        };
        let (id, times_seen): (i64, i64) = self
            .one(
                "INSERT INTO listings (source_id, item_id, url, title, price_amount, price_currency,
                    seller, data, capture_id, last_scan_id, first_seen_at, last_seen_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
                 ON CONFLICT (source_id, item_id) DO UPDATE SET url = excluded.url,
                    title = excluded.title, price_amount = excluded.price_amount,
                    price_currency = excluded.price_currency, seller = excluded.seller,
                    data = excluded.data, capture_id = excluded.capture_id,
                    last_scan_id = excluded.last_scan_id, last_seen_at = excluded.last_seen_at,
                    times_seen = listings.times_seen + 1
                 RETURNING id, times_seen",
                params![
                    work.source_id,
                    &draft.item_id,
                    &draft.url,
                    &draft.title,
                    draft.price_amount.clone(),
                    draft.price_currency.clone(),
                    draft.seller.clone(),
                    &draft.data,
                    capture_id,
                    work.scan_id,
                    now,
                ],
            )
            .await?;
        written.listing_id = Some(id);
        written.is_new = times_seen == 1;
        progress.listings = 1;
        progress.new_listings = i64::from(written.is_new);

        if !written.is_new {
            self.run(
                "DELETE FROM listing_pictures WHERE listing_id = $1",
                params![id],
            )
            .await?;
            let facts = Facts {
                title: &draft.title,
                seller: draft.seller.as_deref(),
                price: draft.price_amount.as_deref(),
            };
            self.refresh_facts(id, &facts).await?;
        }
        let pictures = self.upsert_pictures(&draft.pictures, now).await?;
        for (position, picture) in draft.pictures.iter().enumerate() {
            let decoded = picture.decoded.as_ref();
            let picture_id = decoded.and_then(|decoded| pictures.get(&decoded.blob).copied());
            progress.pictures += i64::from(picture_id.is_some());
            self.run(
                "INSERT INTO listing_pictures
                    (listing_id, position, url, picture_id, capture_id, error)
                 VALUES ($1, $2, $3, $4, $5, $6)",
                params![
                    id,
                    count(position),
                    &picture.url,
                    picture_id,
                    picture.capture.and_then(resolve),
                    picture.error.clone(),
                ],
            )
            .await?;
        }
        for case in &draft.cases {
            let case = self.upsert_case("scan", id, case, now).await?;
            written.cases.push(case);
            progress.cases += 1;
        }
        Ok(())
    }

    /// Writes pictures in the order of their hashes: two listings of different
    /// scans that share pictures would otherwise wait for each other's.
    async fn upsert_pictures(
        &mut self,
        pictures: &[PictureDraft],
        now: Millis,
    ) -> Result<BTreeMap<String, i64>, StoreError> {
        let decoded = pictures
            .iter()
            .filter_map(|picture| picture.decoded.as_ref());
        let mut sorted: Vec<&DecodedPicture> = decoded.collect();
        sorted.sort_by(|a, b| a.blob.cmp(&b.blob));
        let mut ids = BTreeMap::new();
        for picture in sorted {
            let id = self.upsert_picture(picture, now).await?;
            ids.insert(picture.blob.clone(), id);
        }
        Ok(ids)
    }

    async fn upsert_picture(
        &mut self,
        picture: &DecodedPicture,
        now: Millis,
    ) -> Result<i64, StoreError> {
        self.id(
            "INSERT INTO pictures (blob, width, height, format, algorithm, hashes, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (blob) DO UPDATE SET algorithm = excluded.algorithm,
                hashes = excluded.hashes
             RETURNING id",
            params![
                &picture.blob,
                picture.width,
                picture.height,
                &picture.format,
                &picture.algorithm,
                picture.hashes.clone(),
                now,
            ],
        )
        .await
    }
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
