//! Pages whose offers are built by scripts: rendered in Chromium.
//!
//! The browser is a renderer and nothing else: it makes no connection. Each
//! request of a page is stopped before it leaves, and is answered by our own
//! [`Fetcher`](crate::fetch::Fetcher), with robots.txt, address guard, pace and
//! limits, or refused. It is driven over a pipe (Chrome DevTools Protocol), so
//! that there is no debugging port either; it sees no environment variable with
//! a secret; and where the kernel lets us, it has a network of its own, without
//! any link.
//!
//! Built with the cargo feature `render`. Without it [`Renderer::new`] fails and
//! says so.

#[cfg(feature = "render")]
mod answer;
#[cfg(feature = "render")]
mod browser;
#[cfg(feature = "render")]
mod launch;
#[cfg(feature = "render")]
mod page;
#[cfg(feature = "render")]
mod pipe;
mod rendered;
#[cfg(feature = "render")]
mod renderer;
#[cfg(feature = "render")]
mod show;
#[cfg(not(feature = "render"))]
mod without;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use rendered::{Refused, Rendered};
#[cfg(feature = "render")]
pub use renderer::Renderer;
#[cfg(not(feature = "render"))]
pub use without::Renderer;

/// Which browser renders.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RenderOptions {
    /// The program; without it `chromium`, `chromium-browser` or
    /// `google-chrome` is looked for in `PATH`.
    pub browser: Option<PathBuf>,
}

#[cfg(all(test, feature = "render"))]
mod tests;
