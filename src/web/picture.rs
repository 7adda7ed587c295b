//! Pictures as the review page shows them: re-encoded at a fixed size, so that
//! nothing of a seller's file ever reaches a browser.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use markhound_index::image::{DecodeLimits, Picture};
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::Shared;
use super::failure::Failure;
use super::session::Viewer;
use crate::store::Store;

/// Longer sides that are served, in pixels.
const SIDES: [u32; 2] = [320, 800];
/// Bytes of thumbnails kept in memory.
const CACHE_BYTES: usize = 48 << 20;
/// Pictures decoded at a time: one may take 256 MiB.
const DECODERS: usize = 2;
/// A picture of that name never changes.
const FOREVER: &str = "private, max-age=31536000, immutable";

/// Thumbnails made lately.
pub(super) struct Thumbnails {
    cache: Mutex<Cache>,
    decoders: Semaphore,
}

impl Default for Thumbnails {
    fn default() -> Self {
        Self {
            cache: Mutex::default(),
            decoders: Semaphore::new(DECODERS),
        }
    }
}

type Key = (String, u32);

#[derive(Default)]
struct Cache {
    entries: HashMap<Key, (Bytes, u64)>,
    bytes: usize,
    /// Counts uses; an entry remembers its last.
    uses: u64,
}

impl Cache {
    fn get(&mut self, key: &Key) -> Option<Bytes> {
        self.uses += 1;
        let uses = self.uses;
        let (bytes, used) = self.entries.get_mut(key)?;
        *used = uses;
        Some(bytes.clone())
    }

    fn put(&mut self, key: Key, bytes: Bytes) {
        self.uses += 1;
        self.bytes += bytes.len();
        if let Some((old, _)) = self.entries.insert(key, (bytes, self.uses)) {
            self.bytes -= old.len();
        }
        if self.bytes <= CACHE_BYTES {
            return;
        }
        // Down to three quarters at once, the longest unused first.
        let mut oldest: Vec<(u64, Key)> = self
            .entries
            .iter()
            .map(|(key, (_, used))| (*used, key.clone()))
            .collect();
        oldest.sort_unstable();
        for (_, key) in oldest {
            if self.bytes <= CACHE_BYTES / 4 * 3 {
                break;
            }
            if let Some((bytes, _)) = self.entries.remove(&key) {
                self.bytes -= bytes.len();
            }
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Size {
    w: Option<u32>,
}

pub(super) async fn show(
    State(web): Shared,
    viewer: Viewer,
    Path(hash): Path<String>,
    Query(size): Query<Size>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    answer(&web, &viewer.store(&web), hash, size.w, &headers).await
}

/// A picture of at least a side, re-encoded, for whoever may see it.
pub(super) async fn answer(
    web: &super::Web,
    store: &Store,
    hash: String,
    wanted: Option<u32>,
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    let unknown = || Failure::NotFound("there is no such picture".to_owned());
    let wanted = wanted.unwrap_or(SIDES[0]);
    let side = SIDES
        .into_iter()
        .find(|side| wanted <= *side)
        .unwrap_or(SIDES[SIDES.len() - 1]);
    // Captured pages are blobs too, and they are not for browsers.
    if !store.is_picture(&hash).await? {
        return Err(unknown());
    }
    let tag = format!("\"{hash}-{side}\"");
    let caching = [
        (header::CACHE_CONTROL, FOREVER.to_owned()),
        (header::ETAG, tag.clone()),
    ];
    if headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|given| given.as_bytes() == tag.as_bytes())
    {
        return Ok((StatusCode::NOT_MODIFIED, caching).into_response());
    }
    let jpeg = thumbnail(web, (hash, side)).await?;
    Ok((caching, [(header::CONTENT_TYPE, "image/jpeg")], jpeg).into_response())
}

async fn thumbnail(web: &super::Web, key: Key) -> Result<Bytes, Failure> {
    let known = |key: &Key| lock(&web.thumbnails.cache).get(key);
    if let Some(bytes) = known(&key) {
        return Ok(bytes);
    }
    let _permit = web
        .thumbnails
        .decoders
        .acquire()
        .await
        .map_err(|closed| Failure::Internal(closed.to_string()))?;
    // Another request may have made it in the meantime.
    if let Some(bytes) = known(&key) {
        return Ok(bytes);
    }
    let blobs = web.app.blobs.clone();
    let (hash, side) = key.clone();
    let made = tokio::task::spawn_blocking(move || {
        let bytes = blobs.get(&hash)?;
        Picture::decode(&bytes, &DecodeLimits::default())
            .map(|picture| picture.thumbnail_jpeg(side))
            .map_err(|error| Failure::NotFound(error.to_string()))
    })
    .await
    .map_err(|error| Failure::Internal(format!("a picture could not be made: {error}")))??;
    let bytes = Bytes::from(made);
    lock(&web.thumbnails.cache).put(key, bytes.clone());
    Ok(bytes)
}

/// A cache is sound after every step of its changes, whoever panicked beside it.
fn lock(cache: &Mutex<Cache>) -> std::sync::MutexGuard<'_, Cache> {
    cache.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_keeps_what_was_used_last_within_its_bound() {
        let mut cache = Cache::default();
        let big = Bytes::from(vec![0; CACHE_BYTES / 8]);
        let key = |n: usize| (format!("{n}"), 320);
        for n in 0..8 {
            cache.put(key(n), big.clone());
        }
        assert!(cache.get(&key(0)).is_some());
        cache.put(key(8), big.clone());
        assert!(cache.bytes <= CACHE_BYTES);
        assert!(cache.get(&key(0)).is_some(), "it was just used");
        assert!(cache.get(&key(1)).is_none(), "it was used longest ago");
        cache.put(key(0), Bytes::new());
        let sum: usize = cache.entries.values().map(|(bytes, _)| bytes.len()).sum();
        assert_eq!(cache.bytes, sum);
    }
}
