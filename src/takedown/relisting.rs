//! Listings that came back. A reconciler that looks through what is new since it
//! last ran: a new listing with a photo that a removed one had (as it was, or
//! edited), or by its seller for the same product, or with its words, is linked to
//! the old case.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use markhound_index::image::{ALGORITHM, Fingerprint, ReferenceIndex};
use serde::Serialize;

use super::{DraftOptions, TakedownError, draft_many};
use crate::app::App;
use crate::clock::Millis;
use crate::store::StoreError;
use crate::store::cases::CaseRow;
use crate::store::relistings::{Newcomer, Relisting, ShownPicture, TakenDown};
use crate::store::takedowns::Notice;

/// How far the search has come: the number of a listing's change.
const MARK: &str = "relisting_change";
/// Listings read at a time.
const BATCH: u32 = 200;
/// How long the transaction may take that writes a listing, in seconds: it is first
/// seen before the moment in which it becomes visible.
const SLACK: i64 = 600;
/// How sure a match of photos must be.
const PHOTO: f64 = 0.5;
/// How alike titles must be.
const TEXT: f64 = 0.75;

/// What a run found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Linked {
    /// Listings looked through.
    pub looked: usize,
    /// Those that are relistings, newly linked.
    pub listings: Vec<i64>,
}

/// Looks through the listings that are new and links those that came back.
///
/// # Errors
/// When the database cannot be used, or a worker died.
pub async fn link(app: &App) -> Result<Linked, TakedownError> {
    // What comes on record while this runs is for the next run.
    let began = app.clock.millis();
    let mut linked = Linked::default();
    let upto = app.store.listing_clock().await?.change;
    let (mut after, last_run) = match app.store.mark_and_time(MARK).await? {
        Some((mark, at)) => (mark, at),
        None => (0, Millis(0)),
    };
    let mut removed = app.store.taken_down().await?;
    // What was listed before the first removal came back of nothing.
    let first = removed.iter().map(|old| old.removed_at).min();
    let run = last_run.plus_seconds(-SLACK);
    // Of removals that came on record since, some happened before: what was looked at
    // meanwhile is looked at once more.
    let late = removed
        .iter()
        .filter(|old| old.recorded_at >= run)
        .map(|old| old.removed_at)
        .min();
    if let Some(first) = first
        && (after < upto || late.is_some())
    {
        let since = late.map_or(run, |late| late.min(run)).max(first);
        if late.is_some() {
            after = 0;
        }
        let mut old: Option<Arc<Old>> = None;
        loop {
            let newcomers = app.store.newcomers(after, since, BATCH).await?;
            let Some(last) = newcomers.last().map(|new| new.change) else {
                break;
            };
            let old = match &old {
                Some(old) => Arc::clone(old),
                None => {
                    let read = Arc::new(Old::of(app, std::mem::take(&mut removed)).await?);
                    Arc::clone(old.insert(read))
                }
            };
            look_through(app, &old, newcomers, &mut linked).await?;
            after = last;
        }
    }
    // At the end only: what a run that was cut off looked at is looked at again.
    app.store.set_mark(MARK, after.max(upto), began).await?;
    Ok(linked)
}

/// Compares some new listings with what was removed, and links those that came back.
async fn look_through(
    app: &App,
    old: &Arc<Old>,
    newcomers: Vec<Newcomer>,
    linked: &mut Linked,
) -> Result<(), TakedownError> {
    let mut by_listing: BTreeMap<i64, Vec<Newcomer>> = BTreeMap::new();
    for new in newcomers {
        by_listing.entry(new.listing_id).or_default().push(new);
    }
    let listings: Vec<i64> = by_listing.keys().copied().collect();
    let mut pictures: BTreeMap<i64, Vec<ShownPicture>> = BTreeMap::new();
    for picture in app.store.shown_by(&listings).await? {
        pictures
            .entry(picture.listing_id)
            .or_default()
            .push(picture);
    }
    let old = Arc::clone(old);
    let found = tokio::task::spawn_blocking(move || {
        let found = by_listing.into_iter().map(|(listing, cases)| {
            let shown = pictures.remove(&listing).unwrap_or_default();
            (old.find(&cases, &shown), cases)
        });
        found.collect::<Vec<_>>()
    })
    .await
    .map_err(|error| {
        TakedownError::Unfit(format!(
            "the search for relistings stopped: {error}; run it again"
        ))
    })?;
    linked.looked += found.len();
    for (found, cases) in found {
        let Some(found) = found else { continue };
        let new_case = cases
            .iter()
            .find(|case| case.product_id == Some(found.product))
            .or(cases.first())
            .and_then(|case| case.case_id);
        let relisting = Relisting {
            at: app.clock.millis(),
            ..found.relisting
        };
        if app.store.link_relisting(&relisting, new_case).await? {
            linked.listings.push(relisting.listing_id);
        }
    }
    Ok(())
}

/// What was taken down, ready to be compared with.
struct Old {
    cases: Vec<TakenDown>,
    /// References are listings, products are cases.
    photos: ReferenceIndex,
}

struct Found {
    relisting: Relisting,
    product: i64,
}

impl Old {
    async fn of(app: &App, cases: Vec<TakenDown>) -> Result<Self, StoreError> {
        let mut by_listing: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for case in &cases {
            by_listing
                .entry(case.listing_id)
                .or_default()
                .push(case.case_id);
        }
        let listings: Vec<i64> = by_listing.keys().copied().collect();
        let mut photos = ReferenceIndex::new();
        let mut known = BTreeSet::new();
        // Some at a time: all that is kept of them is the index.
        for part in listings.chunks(BATCH as usize) {
            for picture in app.store.shown_by(part).await? {
                let Some(print) = fingerprint(&picture) else {
                    continue;
                };
                for case in &by_listing[&picture.listing_id] {
                    if known.insert((picture.picture_id, *case)) {
                        photos.insert(picture.picture_id, *case, &print);
                    }
                }
            }
        }
        Ok(Self { cases, photos })
    }

    /// The old case that a new listing is most surely a relisting of.
    fn find(&self, new: &[Newcomer], pictures: &[ShownPicture]) -> Option<Found> {
        let first = new.first()?;
        let mut by_case: BTreeMap<i64, f64> = BTreeMap::new();
        for print in pictures.iter().filter_map(fingerprint) {
            for found in self.photos.search(&print) {
                if found.score >= PHOTO {
                    let best = by_case.entry(found.product).or_default();
                    *best = best.max(found.score);
                }
            }
        }
        let mut best: Option<(f64, Found)> = None;
        for old in &self.cases {
            if old.listing_id == first.listing_id || first.first_seen_at < old.removed_at {
                continue;
            }
            let same_product = new
                .iter()
                .any(|case| case.product_id == Some(old.product_id));
            // Two that show the same reference photo show the same photo, even where
            // both are edited too far to be recognised in each other.
            let by_reference = old.reference_id.is_some()
                && new.iter().any(|case| case.reference_id == old.reference_id);
            let by_photo = by_case
                .get(&old.case_id)
                .copied()
                .or(by_reference.then_some(PHOTO));
            let by_seller = same_product
                && old.source_id == first.source_id
                && folded(old.seller.as_deref())
                    .is_some_and(|seller| Some(seller) == folded(first.seller.as_deref()));
            let alike = if same_product {
                alike(&old.title, &first.title)
            } else {
                0.0
            };
            let by_text = (alike >= TEXT).then_some(alike);
            if by_photo.is_none() && !by_seller && by_text.is_none() {
                continue;
            }
            let sure = by_photo.unwrap_or(0.0) * 2.0
                + f64::from(u8::from(by_seller))
                + by_text.unwrap_or(0.0);
            // Of equals the one removed last.
            if best.as_ref().is_some_and(|(than, _)| *than > sure) {
                continue;
            }
            let relisting = Relisting {
                listing_id: first.listing_id,
                case_id: old.case_id,
                by_photo,
                by_seller,
                by_text,
                why: why(by_photo, by_seller, by_text),
                at: old.removed_at,
            };
            best = Some((
                sure,
                Found {
                    relisting,
                    product: old.product_id,
                },
            ));
        }
        best.map(|(_, found)| found)
    }
}

fn fingerprint(picture: &ShownPicture) -> Option<Fingerprint> {
    let print = (picture.algorithm == ALGORITHM)
        .then(|| Fingerprint::from_bytes(&picture.hashes).ok())
        .flatten()?;
    (!print.is_degenerate()).then_some(print)
}

fn folded(seller: Option<&str>) -> Option<String> {
    seller
        .map(|s| s.trim().to_lowercase())
        .filter(|s| !s.is_empty())
}

/// How alike two titles are: the share of their words that they have in common.
fn alike(a: &str, b: &str) -> f64 {
    let words = |text: &str| -> BTreeSet<String> {
        text.to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(ToOwned::to_owned)
            .collect()
    };
    let (a, b) = (words(a), words(b));
    // Two words say too little.
    if a.len() < 3 || b.len() < 3 {
        return 0.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of words")]
    let share = a.intersection(&b).count() as f64 / a.union(&b).count() as f64;
    share
}

fn why(by_photo: Option<f64>, by_seller: bool, by_text: Option<f64>) -> String {
    let mut says = Vec::new();
    if let Some(score) = by_photo {
        says.push(format!(
            "it shows a photo of the removed listing ({:.0} % sure)",
            score * 100.0
        ));
    }
    if by_seller {
        says.push("its seller is the same".to_owned());
    }
    if let Some(score) = by_text {
        says.push(format!(
            "{:.0} % of the titles' words are the same",
            score * 100.0
        ));
    }
    says.join("; ")
}

/// What to do about a seller, by what was done before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rung {
    /// Listings of theirs that were reported.
    pub reported: i64,
    /// Those that were removed.
    pub removed: i64,
    /// `notice`, `escalation` or `counsel`.
    pub step: &'static str,
    /// In words.
    pub advice: String,
}

/// Where the seller of a case stands on the ladder: a notice first; after two
/// removals tell the marketplace that they repeat it; after four ask counsel.
///
/// # Errors
/// When the database cannot be read.
pub async fn ladder(app: &App, case: &CaseRow) -> Result<Option<Rung>, StoreError> {
    let Some(seller) = &case.seller else {
        return Ok(None);
    };
    let (reported, removed) = app.store.reported_of_seller(&case.source, seller).await?;
    let (step, advice) = match removed {
        ..2 => ("notice", "send a notice".to_owned()),
        2..4 => (
            "escalation",
            format!(
                "{removed} listings of this seller were removed before: send the notice, and ask {} to end the account of a repeat infringer",
                case.source
            ),
        ),
        _ => (
            "counsel",
            format!(
                "{removed} listings of this seller were removed before: have counsel write to them"
            ),
        ),
    };
    Ok(Some(Rung {
        reported,
        removed,
        step,
        advice,
    }))
}

/// Drafts the notice of the old case again for a listing that came back: the same
/// right and channel, naming the notice it repeats.
///
/// # Errors
/// [`TakedownError::Unfit`] for a case that is no relisting, or whose old case had
/// no notice; else as for drafts.
pub async fn draft_again(app: &App, actor: &str, case_id: i64) -> Result<Notice, TakedownError> {
    let case = app.store.case(case_id).await?;
    let links = app.store.relisting_of(case.listing_id).await?;
    let link = links.last().ok_or_else(|| {
        TakedownError::Unfit(format!(
            "case {case_id} is not known to be a relisting; draft its notice by `takedown draft`"
        ))
    })?;
    let before = app.store.notices_of(link.case_id).await?;
    let before = before.last().ok_or_else(|| {
        TakedownError::Unfit(format!(
            "case {} has no notice that could be repeated",
            link.case_id
        ))
    })?;
    let sheet = app.store.notice_sheet(before.id).await?;
    let options = DraftOptions {
        right_kind: Some(before.right_kind.clone()),
        channel: Some(before.channel.clone()),
        country: sheet["country"].as_str().map(ToOwned::to_owned),
        // What was given by hand holds for this listing too; what the records say wins.
        set: ["/items/0", "/fields"]
            .into_iter()
            .filter_map(|at| sheet.pointer(at)?.as_object())
            .flatten()
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect(),
        repeats: Some(before.id),
    };
    let mut notices = draft_many(app, actor, &[case_id], &options).await?;
    notices
        .pop()
        .ok_or_else(|| TakedownError::Unfit(format!("nothing was drafted for case {case_id}")))
}
