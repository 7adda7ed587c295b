//! The catalog's reference photos in memory, made anew when it changes.

use std::sync::Arc;

use tokio::sync::Mutex;

use crate::app::App;
use crate::catalog::references::{References, ReferencesError};

/// The reference photos as the last request needed them.
#[derive(Default)]
pub(super) struct Shared(Mutex<Option<Arc<References>>>);

impl Shared {
    /// Those kept when they still hold, else those of the database.
    pub(super) async fn up_to_date(&self, app: &App) -> Result<Arc<References>, ReferencesError> {
        let mut kept = self.0.lock().await;
        let version = app.store.catalog_version().await?;
        match kept.as_ref() {
            Some(references) if references.version() == version => Ok(references.clone()),
            _ => Ok(kept.insert(Arc::new(References::load(app).await?)).clone()),
        }
    }
}
