//! Writing what targets led to: a statement a table rather than one a row, since
//! each costs a hand-over to the database's thread or a round trip.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    CaptureRef, DecodedPicture, ListingDraft, NewTarget, Outcome, PictureDraft, Work, Written,
};
use crate::clock::Millis;
use crate::store::StoreError;
use crate::store::db::{Tx, Value, json, params};
use crate::store::facts::Facts;
use crate::store::scans::Progress;

/// A work whose lease was still held, and what is known of it so far.
struct Held<'a> {
    work: &'a Work,
    /// Its place among the works given.
    at: usize,
    /// The identifiers of its captures.
    captures: Vec<i64>,
    progress: Progress,
}

/// A listing on its way: its work among those held, and its capture.
struct OfListing<'a> {
    held: usize,
    draft: &'a ListingDraft,
    capture: i64,
}

impl Tx {
    /// Writes the works whose leases are still held; what each led to, in the
    /// order given, and the counters of their scans as they are then.
    pub(super) async fn write_works(
        &mut self,
        works: &[Work],
        now: Millis,
    ) -> Result<(Vec<Written>, BTreeMap<i64, Progress>), StoreError> {
        let mut written = vec![Written::default(); works.len()];
        let mut held = self.end_leases(works).await?;
        // In one order for everybody: PostgreSQL would let two wait for each other.
        let scans: BTreeSet<i64> = held.iter().map(|held| held.work.scan_id).collect();
        for scan in &scans {
            self.hold_scan(*scan, now).await?;
        }
        let mut listings = held.iter().filter_map(|held| held.work.listing.as_ref());
        if listings.any(|listing| !listing.cases.is_empty()) {
            self.hold_log().await?;
        }
        self.write_captures(&mut held).await?;
        self.write_targets(&mut held).await?;
        self.write_results(held.iter().map(|held| held.work))
            .await?;
        for held in &held {
            written[held.at].kept = true;
        }
        for round in rounds(&held)? {
            self.write_listings(&round, &mut held, &mut written, now)
                .await?;
        }
        let mut sums: BTreeMap<i64, Progress> = BTreeMap::new();
        for held in held {
            *sums.entry(held.work.scan_id).or_default() += held.progress;
        }
        let mut counted = BTreeMap::new();
        for (scan, progress) in sums {
            counted.insert(scan, self.add_progress(scan, progress, now).await?);
        }
        Ok((written, counted))
    }

    /// Ends the leases; those that had been lost are left out: then nothing of
    /// that work may be written.
    async fn end_leases<'a>(&mut self, works: &'a [Work]) -> Result<Vec<Held<'a>>, StoreError> {
        let mut done: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        let mut ended: BTreeSet<i64> = BTreeSet::new();
        for work in works {
            let (state, why) = match &work.outcome {
                Outcome::Done => {
                    done.entry(&work.worker).or_default().push(work.lease_id);
                    continue;
                }
                Outcome::Skipped(why) => ("skipped", why),
                Outcome::Failed(why) => ("failed", why),
            };
            let lease = work.lease_id;
            if self.end_lease(lease, &work.worker, state, why).await? {
                ended.insert(lease);
            }
        }
        for (worker, leases) in done {
            ended.extend(self.leases_done(worker, &leases).await?);
        }
        let held = works.iter().enumerate();
        Ok(held
            .filter(|(_, work)| ended.contains(&work.lease_id))
            .map(|(at, work)| Held {
                work,
                at,
                captures: Vec::with_capacity(work.captures.len()),
                progress: Progress {
                    finished: 1,
                    failures: i64::from(matches!(work.outcome, Outcome::Failed(_))),
                    ..Progress::default()
                },
            })
            .collect())
    }

    async fn write_captures(&mut self, held: &mut [Held<'_>]) -> Result<(), StoreError> {
        let rows = held.iter().flat_map(|held| {
            let captures = held.work.captures.iter();
            captures.map(|capture| capture_row(held.work, capture))
        });
        let inserted: Vec<(i64, i64, String, String)> = self
            .insert_rows(
                "INSERT INTO captures (scan_id, source_id, kind, url, final_url, status, request,
                    headers, hops, peer, blob, size, fetched_at, warc_file, warc_offset,
                    warc_length, warc_record, payload, directives, warc_beside)",
                rows.collect(),
                "ON CONFLICT (scan_id, kind, url) DO NOTHING RETURNING id, scan_id, kind, url",
            )
            .await?;
        let mut new: HashMap<(i64, &str, &str), i64> = HashMap::new();
        for (id, scan, kind, url) in &inserted {
            new.insert((*scan, kind, url), *id);
        }
        let (mut parts, mut signals) = (Vec::new(), Vec::new());
        for held in held {
            for capture in &held.work.captures {
                let scan = held.work.scan_id;
                // Taken out: a second one of that name is one that was there.
                let id = match new.remove(&(scan, &*capture.kind, &*capture.url)) {
                    Some(id) => {
                        held.progress.requests += 1;
                        id
                    }
                    // A capture never changes: the one that was there first stays.
                    None => {
                        self.id(
                            "SELECT id FROM captures WHERE scan_id = $1 AND kind = $2 AND url = $3",
                            params![scan, &capture.kind, &capture.url],
                        )
                        .await?
                    }
                };
                held.captures.push(id);
                if matches!(&*capture.kind, "part" | "rendered" | "screenshot")
                    && let Some(page) = held.captures.first()
                {
                    parts.push(params![*page, id]);
                }
            }
            if let (Some((signal, why)), Some(page)) = (&held.work.signal, held.captures.first()) {
                signals.push(params![*page, *signal, why]);
            }
        }
        self.insert(
            "INSERT INTO capture_parts (page_id, part_id)",
            parts,
            "ON CONFLICT (page_id, part_id) DO NOTHING",
        )
        .await?;
        self.insert(
            "INSERT INTO capture_signals (capture_id, signal, why)",
            signals,
            "ON CONFLICT (capture_id) DO NOTHING",
        )
        .await?;
        Ok(())
    }

    async fn write_targets(&mut self, held: &mut [Held<'_>]) -> Result<(), StoreError> {
        for held in held {
            if held.work.targets.is_empty() {
                continue;
            }
            let from = held.captures.first().copied();
            let rows = held.work.targets.iter().map(|target| {
                let capture = target.listing.as_ref().and(from);
                target_row(held.work.scan_id, target, capture)
            });
            let added = self.push_targets(rows.collect()).await?;
            held.progress.queued += added;
        }
        Ok(())
    }

    async fn write_listings(
        &mut self,
        listings: &[OfListing<'_>],
        held: &mut [Held<'_>],
        written: &mut [Written],
        now: Millis,
    ) -> Result<(), StoreError> {
        let ids = self.upsert_listings(listings, held, now).await?;
        let mut seen_before = Vec::new();
        for (listing, (id, times_seen)) in listings.iter().zip(&ids) {
            let held = &mut held[listing.held];
            let written = &mut written[held.at];
            written.listing_id = Some(*id);
            written.is_new = *times_seen == 1;
            held.progress.listings = 1;
            held.progress.new_listings = i64::from(written.is_new);
            if !written.is_new {
                seen_before.push(*id);
            }
        }
        for id in seen_before {
            self.run(
                "DELETE FROM listing_pictures WHERE listing_id = $1",
                params![id],
            )
            .await?;
        }
        let sources: BTreeSet<i64> = listings
            .iter()
            .map(|of| held[of.held].work.source_id)
            .collect();
        let languages = match ids.iter().any(|(_, times_seen)| *times_seen > 1) {
            true => self.languages_of(&Vec::from_iter(sources)).await?,
            false => HashMap::new(),
        };
        for (listing, (id, times_seen)) in listings.iter().zip(&ids) {
            if *times_seen > 1 {
                let draft = listing.draft;
                let source = held[listing.held].work.source_id;
                let facts = Facts {
                    marketplace: languages.get(&source).map(String::as_str),
                    title: &draft.title,
                    seller: draft.seller.as_deref(),
                    price: draft.price_amount.as_deref(),
                };
                self.refresh_facts(*id, &facts).await?;
            }
        }
        self.write_pictures(listings, &ids, held, now).await?;
        for (listing, (id, _)) in listings.iter().zip(&ids) {
            let held = &mut held[listing.held];
            for case in &listing.draft.cases {
                let case = self.upsert_case("scan", *id, case, now).await?;
                written[held.at].cases.extend(case);
                held.progress.cases += i64::from(case.is_some());
            }
        }
        Ok(())
    }

    /// Writes listings of which none is there twice; the identifier of each and how
    /// often it was seen.
    async fn upsert_listings(
        &mut self,
        listings: &[OfListing<'_>],
        held: &[Held<'_>],
        now: Millis,
    ) -> Result<Vec<(i64, i64)>, StoreError> {
        let rows = listings.iter().map(|listing| {
            let draft = listing.draft;
            let work = held[listing.held].work;
            params![
                work.source_id,
                &draft.item_id,
                &draft.url,
                &draft.title,
                draft.price_amount.clone(),
                draft.price_currency.clone(),
                draft.seller.clone(),
                &draft.data,
                listing.capture,
                work.scan_id,
                now,
                now,
            ]
        });
        let rows: Vec<(i64, i64, i64, String)> = self
            .insert_rows(
                "INSERT INTO listings (source_id, item_id, url, title, price_amount, price_currency,
                    seller, data, capture_id, last_scan_id, first_seen_at, last_seen_at)",
                rows.collect(),
                "ON CONFLICT (source_id, item_id) DO UPDATE SET url = excluded.url,
                    title = excluded.title, price_amount = excluded.price_amount,
                    price_currency = excluded.price_currency, seller = excluded.seller,
                    data = excluded.data, capture_id = excluded.capture_id,
                    last_scan_id = excluded.last_scan_id, last_seen_at = excluded.last_seen_at,
                    times_seen = listings.times_seen + 1
                 RETURNING id, times_seen, source_id, item_id",
            )
            .await?;
        let mut by_item = HashMap::new();
        for (id, times_seen, source, item) in &rows {
            by_item.insert((*source, &**item), (*id, *times_seen));
        }
        let found = listings.iter().map(|listing| {
            let source = held[listing.held].work.source_id;
            let id = by_item.get(&(source, &*listing.draft.item_id)).copied();
            id.ok_or_else(|| StoreError::not_found("listing", &listing.draft.item_id))
        });
        found.collect()
    }

    async fn write_pictures(
        &mut self,
        listings: &[OfListing<'_>],
        ids: &[(i64, i64)],
        held: &mut [Held<'_>],
        now: Millis,
    ) -> Result<(), StoreError> {
        let drafts = listings.iter().flat_map(|listing| &listing.draft.pictures);
        let pictures = self.upsert_pictures(drafts, now).await?;
        let mut rows = Vec::new();
        for (listing, (id, _)) in listings.iter().zip(ids) {
            let held = &mut held[listing.held];
            for (position, picture) in listing.draft.pictures.iter().enumerate() {
                let decoded = picture.decoded.as_ref();
                let known = decoded.and_then(|decoded| pictures.get(&*decoded.blob).copied());
                held.progress.pictures += i64::from(known.is_some());
                rows.push(params![
                    *id,
                    count(position),
                    &picture.url,
                    known,
                    picture.capture.and_then(|c| resolve(c, &held.captures)),
                    picture.error.clone(),
                ]);
            }
        }
        self.insert(
            "INSERT INTO listing_pictures (listing_id, position, url, picture_id, capture_id, error)",
            rows,
            "",
        )
        .await?;
        Ok(())
    }

    /// Writes pictures in the order of their hashes: two listings of different
    /// scans that share pictures would otherwise wait for each other's.
    async fn upsert_pictures<'a>(
        &mut self,
        pictures: impl Iterator<Item = &'a PictureDraft>,
        now: Millis,
    ) -> Result<HashMap<String, i64>, StoreError> {
        let decoded = pictures.filter_map(|picture| picture.decoded.as_ref());
        let once: BTreeMap<&str, &DecodedPicture> = decoded.map(|p| (&*p.blob, p)).collect();
        let rows = once.values().map(|picture| {
            params![
                &picture.blob,
                picture.width,
                picture.height,
                &picture.format,
                &picture.algorithm,
                picture.hashes.clone(),
                now,
            ]
        });
        let rows: Vec<(String, i64)> = self
            .insert_rows(
                "INSERT INTO pictures (blob, width, height, format, algorithm, hashes, created_at)",
                rows.collect(),
                "ON CONFLICT (blob) DO UPDATE SET algorithm = excluded.algorithm,
                    hashes = excluded.hashes
                 RETURNING blob, id",
            )
            .await?;
        Ok(rows.into_iter().collect())
    }
}

/// The listings of works in rounds, in the order of the works: one listing that
/// two of them found is written in two rounds, as no statement may write a row twice.
fn rounds<'a>(held: &[Held<'a>]) -> Result<Vec<Vec<OfListing<'a>>>, StoreError> {
    let mut rounds: Vec<Vec<OfListing<'a>>> = Vec::new();
    let mut seen: HashMap<(i64, &str), usize> = HashMap::new();
    for (at, held) in held.iter().enumerate() {
        let Some(draft) = &held.work.listing else {
            continue;
        };
        let Some(capture) = resolve(draft.capture, &held.captures) else {
            return Err(StoreError::Conflict(format!(
                "listing {} has no capture",
                draft.url
            )));
        };
        let round = seen
            .entry((held.work.source_id, &draft.item_id))
            .and_modify(|round| *round += 1)
            .or_insert(0);
        if rounds.len() <= *round {
            rounds.push(Vec::new());
        }
        rounds[*round].push(OfListing {
            held: at,
            draft,
            capture,
        });
    }
    // In one order for everybody, as with pictures.
    for round in &mut rounds {
        round.sort_by_key(|of| (held[of.held].work.source_id, &of.draft.item_id));
    }
    Ok(rounds)
}

fn resolve(capture: CaptureRef, captures: &[i64]) -> Option<i64> {
    match capture {
        CaptureRef::New(at) => captures.get(at).copied(),
        CaptureRef::Stored(id) => Some(id),
    }
}

fn capture_row(work: &Work, capture: &super::CaptureDraft) -> Vec<Value> {
    let warc = capture.warc.as_ref();
    let directives = (!capture.directives.is_empty()).then(|| capture.directives.join(", "));
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
    ]
}

fn target_row(scan_id: i64, target: &NewTarget, capture: Option<i64>) -> Vec<Value> {
    params![
        scan_id,
        &target.key,
        &target.target,
        target.listing.clone(),
        capture,
        "pending",
    ]
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
