//! The renderer of a build that has none.

use super::RenderOptions;
use crate::definition::Definition;
use crate::fetch::{Exchange, FetchError, Fetcher};
use crate::target::Target;

/// Renders pages; there is none in a build without the feature `render`.
#[derive(Debug, Clone)]
pub enum Renderer {}

impl Renderer {
    /// Always fails: this build has no rendering.
    ///
    /// # Errors
    /// [`FetchError::NoRendering`].
    pub fn new(_options: &RenderOptions) -> Result<Self, FetchError> {
        Err(FetchError::NoRendering {
            reason: "this build has no rendering; build with --features render".to_owned(),
        })
    }

    /// Never called, for there is no such renderer.
    ///
    /// # Errors
    /// None.
    pub async fn fetch(
        &self,
        _fetcher: &Fetcher,
        _definition: &Definition,
        _target: &Target,
    ) -> Result<Exchange, FetchError> {
        match *self {}
    }
}
