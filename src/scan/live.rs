//! The matcher of a scan under way: when the catalog changes it is built anew
//! beside the scan, which goes on with the one before until then.

use std::sync::{Arc, Mutex, PoisonError};

use super::matcher::Matcher;
use crate::app::App;

/// How often the catalog's version is asked for, in milliseconds.
const LOOK: i64 = 250;
/// Building anew may take this share of the time, as one part in so many: an
/// import writes product after product.
const REST: i64 = 2;

/// A matcher that follows the catalog. Cheap to clone.
#[derive(Clone)]
pub struct LiveMatcher {
    app: App,
    state: Arc<Mutex<State>>,
}

struct State {
    matcher: Arc<Matcher>,
    /// When the catalog may be looked at again, in milliseconds.
    next: i64,
    /// Whether somebody is looking, or building.
    busy: bool,
}

impl LiveMatcher {
    /// Begins with a matcher that was built before.
    #[must_use]
    pub fn new(app: App, matcher: Arc<Matcher>) -> Self {
        let state = State {
            matcher,
            next: i64::MIN,
            busy: false,
        };
        Self {
            app,
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// The newest matcher there is. Never waits: where the catalog has changed,
    /// another is built meanwhile.
    #[must_use]
    pub fn current(&self) -> Arc<Matcher> {
        let now = self.app.clock.millis().0;
        let mut state = self.state();
        if !state.busy && now >= state.next {
            state.busy = true;
            let live = self.clone();
            tokio::spawn(async move { live.look().await });
        }
        state.matcher.clone()
    }

    /// Builds a matcher where the catalog is newer than the one there is.
    async fn look(&self) {
        let before = self.app.clock.millis().0;
        let known = self.state().matcher.clone();
        let newer = match self.app.store.catalog_version().await {
            Ok(now) if now == known.version() => None,
            Ok(_) => match known.reload(&self.app).await {
                Ok(matcher) => Some(Arc::new(matcher)),
                Err(error) => {
                    tracing::warn!(%error, "the scan goes on with the catalog as it was");
                    None
                }
            },
            Err(error) => {
                tracing::warn!(%error, "whether the catalog has changed cannot be told");
                None
            }
        };
        let after = self.app.clock.millis().0;
        let mut state = self.state();
        state.next = after + LOOK.max((after - before) * REST);
        state.busy = false;
        if let Some(matcher) = newer {
            state.matcher = matcher;
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
