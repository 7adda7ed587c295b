//! How pages are rendered, where a definition asks for it.

use serde::Deserialize;

use super::locator;

/// The table `[render]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Render {
    /// Which pages; both without it.
    pub pages: Vec<Pages>,
    /// A CSS selector: the page is there when something matches it.
    pub wait_for: Option<String>,
    /// How long a page that asks for nothing is waited for, in milliseconds.
    pub wait_ms: u64,
    pub viewport: Viewport,
    pub screenshot: bool,
    /// Further hosts that scripts, styles and data may come from.
    pub hosts: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Pages {
    Items,
    Lists,
}

/// The browser's window, in CSS pixels.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Viewport {
    pub width: u32,
    pub height: u32,
}

impl Default for Render {
    fn default() -> Self {
        Self {
            pages: vec![Pages::Items, Pages::Lists],
            wait_for: None,
            wait_ms: 5000,
            viewport: Viewport {
                width: 1280,
                height: 1024,
            },
            screenshot: false,
            hosts: Vec::new(),
        }
    }
}

impl Render {
    /// Whether a target of this kind is rendered.
    pub(super) fn covers(&self, kind: crate::TargetKind) -> bool {
        use crate::TargetKind;
        match kind {
            TargetKind::Item => self.pages.contains(&Pages::Items),
            TargetKind::List => self.pages.contains(&Pages::Lists),
            TargetKind::Sitemap | TargetKind::Image => false,
        }
    }

    /// What is wrong with it: the field, and why.
    pub(super) fn check(&self) -> Option<(&'static str, String)> {
        if self.pages.is_empty() {
            let why = "empty; name `items`, `lists` or both".to_owned();
            return Some(("render.pages", why));
        }
        if let Some(Err(why)) = self.wait_for.as_deref().map(locator::css) {
            return Some(("render.wait_for", why));
        }
        if !(100..=60_000).contains(&self.wait_ms) {
            return Some(("render.wait_ms", "must be 100 to 60000".to_owned()));
        }
        let Viewport { width, height } = self.viewport;
        if !(200..=4096).contains(&width) || !(200..=4096).contains(&height) {
            let why = "width and height must be 200 to 4096".to_owned();
            return Some(("render.viewport", why));
        }
        None
    }
}
