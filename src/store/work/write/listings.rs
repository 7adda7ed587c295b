//! Writing listings with their pictures and cases.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::{CaptureRef, DecodedPicture, ListingDraft, PictureDraft, Written};
use super::Held;
use crate::clock::Millis;
use crate::store::StoreError;
use crate::store::db::{Tx, params};
use crate::store::facts::Facts;

/// A listing on its way: its work among those held, and its capture.
pub(super) struct OfListing<'a> {
    held: usize,
    draft: &'a ListingDraft,
    capture: i64,
}

impl Tx {
    pub(super) async fn write_listings(
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
pub(super) fn rounds<'a>(held: &[Held<'a>]) -> Result<Vec<Vec<OfListing<'a>>>, StoreError> {
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

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
