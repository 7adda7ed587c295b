//! The pictures of a listing: fetched once a scan, kept, decoded and hashed.

use markhound_crawlers::{Listing, Target};
use markhound_index::image::{ALGORITHM, DecodeLimits, Fingerprint, GreyPicture};
use url::Url;

use super::origin::NotHad;
use super::{Job, ScanError};
use crate::store::work::{CaptureDraft, CaptureRef, DecodedPicture, PictureDraft, Work};

/// Pictures of one listing that are looked at; sellers put the telling ones first.
const MOST: usize = 12;

/// One picture of a listing, for the database and for the matcher.
#[derive(Debug, Clone)]
pub struct Picture {
    /// What the database keeps.
    pub draft: PictureDraft,
    /// Its hashes, when it could be decoded.
    pub hashes: Option<Fingerprint>,
}

impl Picture {
    /// The picture's blob and hashes, when it could be decoded.
    #[must_use]
    pub fn hashed(&self) -> Option<(&str, &Fingerprint)> {
        Some((
            self.draft.decoded.as_ref()?.blob.as_str(),
            self.hashes.as_ref()?,
        ))
    }
}

/// Fetches the pictures of a listing, adding their captures to the work. A
/// picture that cannot be had does not stop the others; `None` when the source
/// asked for a pause.
pub(super) async fn collect(
    job: &Job,
    listing: &Listing,
    work: &mut Work,
) -> Result<Option<Vec<Picture>>, ScanError> {
    let mut pictures = Vec::new();
    for url in listing.images.iter().take(MOST) {
        match one(job, url, work).await? {
            Some(picture) => pictures.push(picture),
            None => return Ok(None),
        }
    }
    Ok(Some(pictures))
}

async fn one(job: &Job, url: &Url, work: &mut Work) -> Result<Option<Picture>, ScanError> {
    let store = &job.scanner.app.store;
    let shared = job.underway.picture(url);
    // Listings share pictures: one that this scan has captured is not fetched again.
    if let Some(known) = store.picture_in_scan(job.scan_id, url.as_str()).await? {
        job.underway.forget(url);
        let bytes = kept(job, known.blob).await?;
        return decoded(url, CaptureRef::Stored(known.capture_id), bytes)
            .await
            .map(Some);
    }
    let fetched = match shared.get_or_try_init(|| fetched(job, url)).await {
        Ok(fetched) => fetched.clone(),
        Err(NoPicture::Scan(error)) => return Err(error),
        Err(NoPicture::NotHad(error)) if error.asks_for_pause() => {
            job.ask_for_pause(&error);
            return Ok(None);
        }
        Err(NoPicture::NotHad(error)) => return Ok(Some(missing(url, None, error.to_string()))),
    };
    let (status, blob) = (fetched.status, fetched.blob.clone());
    let capture = CaptureRef::New(work.captures.len());
    work.captures.push(fetched);
    if !(200..300).contains(&status) {
        let why = format!("the server answered {status}");
        return Ok(Some(missing(url, Some(capture), why)));
    }
    decoded(url, capture, kept(job, blob).await?)
        .await
        .map(Some)
}

/// Why there is no picture.
enum NoPicture {
    Scan(ScanError),
    NotHad(NotHad),
}

async fn fetched(job: &Job, url: &Url) -> Result<CaptureDraft, NoPicture> {
    let target = Target::image(url.clone());
    let exchange = job.exchange(&target).await.map_err(NoPicture::Scan)?;
    let exchange = exchange.map_err(NoPicture::NotHad)?;
    let capture = job.capture(&target, &exchange).await;
    capture.map_err(NoPicture::Scan)
}

async fn kept(job: &Job, blob: String) -> Result<Vec<u8>, ScanError> {
    let blobs = job.scanner.app.blobs.clone();
    Ok(blocking(move || blobs.get(&blob)).await??)
}

async fn decoded(url: &Url, capture: CaptureRef, bytes: Vec<u8>) -> Result<Picture, ScanError> {
    let looked = blocking(move || {
        let pixels = GreyPicture::decode(&bytes, &DecodeLimits::default())?;
        let hashes = Fingerprint::compute(&pixels);
        let facts = DecodedPicture {
            blob: crate::blobs::sha256_hex(&bytes),
            width: pixels.full_width(),
            height: pixels.full_height(),
            format: pixels.format().to_owned(),
            algorithm: ALGORITHM.to_owned(),
            hashes: hashes.to_bytes(),
        };
        Ok::<_, markhound_index::image::DecodeError>((facts, hashes))
    })
    .await?;
    Ok(match looked {
        Ok((facts, hashes)) => Picture {
            draft: PictureDraft {
                url: url.to_string(),
                capture: Some(capture),
                decoded: Some(facts),
                error: None,
            },
            hashes: Some(hashes),
        },
        Err(why) => missing(url, Some(capture), why.to_string()),
    })
}

fn missing(url: &Url, capture: Option<CaptureRef>, why: String) -> Picture {
    Picture {
        draft: PictureDraft {
            url: url.to_string(),
            capture,
            decoded: None,
            error: Some(why),
        },
        hashes: None,
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ScanError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| ScanError::Task(e.to_string()))
}
