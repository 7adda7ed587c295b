//! What stands around every page: navigation, who is signed in, what was just
//! done.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};

use super::failure::Failure;
use super::session::Viewer;
use super::{Web, assets, show};

/// The frame of a page.
pub(super) struct Shell {
    pub(super) version: &'static str,
    /// Which entry of the navigation is lit.
    pub(super) section: &'static str,
    pub(super) viewer: Viewer,
    /// Cases that nobody has decided.
    pub(super) open: i64,
    /// Whether a scan is running.
    pub(super) scanning: bool,
    pub(super) done: Option<Done>,
}

/// A decision just made, said on the page that follows it.
pub(super) struct Done {
    pub(super) text: String,
    pub(super) can_undo: bool,
}

impl Shell {
    pub(super) async fn new(
        web: &Web,
        viewer: Viewer,
        section: &'static str,
    ) -> Result<Self, Failure> {
        let counts = viewer.store(web).case_counts().await?;
        Self::with_counts(web, viewer, section, &counts).await
    }

    /// As [`Shell::new`], where the cases of each state are counted already.
    pub(super) async fn with_counts(
        web: &Web,
        viewer: Viewer,
        section: &'static str,
        counts: &[(String, i64)],
    ) -> Result<Self, Failure> {
        let scanning = !web.app.store.unfinished_scans().await?.is_empty();
        Ok(Self {
            version: assets::version(),
            section,
            viewer,
            open: count_of(counts, "open"),
            scanning,
            done: None,
        })
    }

    /// Says what `did` names, a word of our own and a case: `confirm.12`.
    pub(super) fn saying(mut self, did: Option<&str>) -> Self {
        self.done = did.and_then(Done::read);
        self
    }

    pub(super) fn lit(&self, section: &str) -> &'static str {
        if self.section == section {
            "page"
        } else {
            "false"
        }
    }
}

impl Done {
    /// Only our own words and a number are ever shown: the text of an address
    /// is nobody's to choose.
    fn read(did: &str) -> Option<Self> {
        let (action, what) = did.split_once('.')?;
        let cases = match what.strip_suffix('x') {
            Some(number) => format!("{} cases", number.parse::<u32>().ok()?),
            None => format!("Case {}", what.parse::<i64>().ok()?),
        };
        let many = what.ends_with('x');
        let text = match action {
            "undo" if many => format!("{cases} are back in the queue."),
            "undo" => format!("{cases} is back in the queue."),
            "eject" => format!("{cases} now on a card of its own."),
            "draft" => "The notice is drafted. Read it before you send it.".to_owned(),
            "recorded" => "The step is recorded.".to_owned(),
            "attested" => format!("Notice {what} is attested. What leaves is what you saw."),
            "sent" => format!("Notice {what} was sent."),
            _ => format!("{cases} {}.", show::done(action)?),
        };
        Some(Self {
            text,
            can_undo: action == "eject" || show::done(action).is_some(),
        })
    }
}

/// The number of cases in a state.
pub(super) fn count_of(counts: &[(String, i64)], state: &str) -> i64 {
    counts
        .iter()
        .find(|(name, _)| name == state)
        .map_or(0, |(_, count)| *count)
}

/// A finished page.
pub(super) fn page(template: &impl Template) -> Result<Response, Failure> {
    Ok(Html(template.render()?).into_response())
}
