//! What a rendered page is kept as.

use bytes::Bytes;
use jiff::Timestamp;
use url::Url;

use crate::fetch::Exchange;

/// A page after its scripts have run.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// The document as it stood then, serialised as HTML in UTF-8. At most
    /// [`crate::fetch::Limits::response_bytes`] long.
    pub dom: Bytes,
    /// The whole page as a PNG, where the definition asks for one and the
    /// browser could take it; at most
    /// [`crate::fetch::Limits::render_screenshot_height`] pixels high.
    pub screenshot: Option<Bytes>,
    /// What the page asked for and was given, in the order of the answers.
    pub exchanges: Vec<Exchange>,
    /// Scripts and styles that it was given as an earlier page had them.
    pub shared: Vec<Exchange>,
    /// What it asked for and was not given; the first 200.
    pub refused: Vec<Refused>,
    /// Whether what was waited for came. A page that is not complete was cut
    /// off by a bound, or its `wait_for` matches nothing.
    pub complete: bool,
    /// When the document was taken.
    pub at: Timestamp,
    /// The browser and its version.
    pub browser: String,
}

/// A request of a page that was not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The URL, shortened to 300 characters.
    pub url: String,
    /// Why.
    pub why: String,
    /// Where it went, if only its host was wrong: one that neither `allowed_hosts` nor
    /// `render.hosts` names.
    pub elsewhere: Option<Url>,
}

impl Exchange {
    /// A rendered page as an answer of its own: the document in place of what
    /// the server sent. None for what was not rendered.
    pub(crate) fn shown(&self) -> Option<Self> {
        let rendered = self.rendered.as_ref()?;
        let mut shown = self.clone();
        shown.rendered = None;
        shown.body = rendered.dom.clone();
        shown
            .headers
            .retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        let utf8 = "text/html; charset=utf-8".to_owned();
        shown.headers.push(("content-type".to_owned(), utf8));
        Some(shown)
    }
}
