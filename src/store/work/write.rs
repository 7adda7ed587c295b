//! Writing what targets led to: a statement a table rather than one a row, since
//! each costs a hand-over to the database's thread or a round trip.

mod listings;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{NewTarget, Outcome, Work, Written};
use crate::clock::Millis;
use crate::store::StoreError;
use crate::store::db::{Tx, Value, json, params};
use crate::store::scans::Progress;
use listings::rounds;

/// A work whose lease was still held, and what is known of it so far.
struct Held<'a> {
    work: &'a Work,
    /// Its place among the works given.
    at: usize,
    /// The identifiers of its captures.
    captures: Vec<i64>,
    progress: Progress,
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
