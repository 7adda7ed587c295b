//! Pages whose offers are built by scripts: rendered in Chromium.
//!
//! The browser is a renderer and nothing else: it makes no connection. Each
//! request of a page is stopped before it leaves, and is answered by our own
//! [`Fetcher`](crate::fetch::Fetcher), with robots.txt, address guard, pace and
//! limits, or refused. It is driven over a pipe (Chrome DevTools Protocol), so
//! that there is no debugging port either; it sees no environment variable with
//! a secret; and where the kernel lets us, it has a network of its own, without
//! any link.

mod answer;
mod browser;
mod launch;
mod page;
mod pipe;
mod rendered;
mod renderer;
mod shared;
mod show;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use rendered::{Refused, Rendered};
pub use renderer::Renderer;

/// Which browser renders.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RenderOptions {
    /// The program; without it `chromium`, `chromium-browser` or
    /// `google-chrome` is looked for in `PATH`.
    pub browser: Option<PathBuf>,
}

#[cfg(test)]
mod tests;
