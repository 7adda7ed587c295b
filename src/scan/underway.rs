//! Pictures that targets under way have fetched and that the database does not
//! have yet: listings share pictures, and each is fetched once a scan.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;
use url::Url;

use crate::store::work::{CaptureDraft, Work};

/// A picture's capture, there once the first who asks for it has fetched it.
pub(super) type Shared = Arc<OnceCell<CaptureDraft>>;

/// The pictures of one scan that are under way.
#[derive(Default)]
pub(super) struct Underway {
    pictures: Mutex<HashMap<Url, Shared>>,
}

impl Underway {
    /// The place for a picture's capture. Ask for it before asking the database:
    /// what is taken from here at [`Self::written`] is there by then.
    pub(super) fn picture(&self, url: &Url) -> Shared {
        self.pictures().entry(url.clone()).or_default().clone()
    }

    /// Nobody fetches it: it is in the database, or not to be had.
    pub(super) fn forget(&self, url: &Url) {
        self.pictures().remove(url);
    }

    /// Forgets the pictures of work that is in the database now.
    pub(super) fn written(&self, work: &Work) {
        let mut pictures = self.pictures();
        let listings = work.listing.iter();
        for picture in listings.flat_map(|listing| &listing.pictures) {
            if let Ok(url) = picture.url.parse() {
                pictures.remove(&url);
            }
        }
    }

    fn pictures(&self) -> MutexGuard<'_, HashMap<Url, Shared>> {
        self.pictures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
