//! Telling others what happened: programs by webhooks, people by mail.
//!
//! Three reconcilers. [`collect`] looks at the audit log behind a mark, and at the
//! deadlines that run out, and puts a message a webhook and event into the database, and
//! an item a mail address and event, each once. [`put_together`] makes one mail of the
//! items of an address when it is time. [`deliver`] sends what is due and plans the next
//! try of what was not taken, after growing pauses. All can run twice, or be killed
//! half-way.

mod collect;
mod compose;
mod deliver;
mod mailbox;
mod webhook;

use rand::RngExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::time::Duration;

pub use collect::{add, collect};
pub use compose::{Mail, preview};
pub use deliver::deliver;
pub use mailbox::{add as add_mailbox, check_draft, put_together, refusal};
pub use webhook::{SIGNED_WITH, sign};

use crate::app::App;
use crate::scan::ScanError;
use crate::store::StoreError;
use crate::takedown::TakedownError;

/// Kinds of events: (word, what it means).
pub const KINDS: [(&str, &str); 3] = [
    ("case.new", "a new case of high probability"),
    ("scan.failed", "a scan that failed"),
    ("deadline.near", "a notice's deadline within three days"),
];

/// Shapes of messages to programs.
pub const SHAPES: [&str; 2] = ["json", "slack"];

/// How often mail is sent: (word, what it means).
pub const PACES: [(&str, &str); 2] = [("instant", "as it happens"), ("daily", "once a day")];

/// How often the reconcilers run.
const BEAT: Duration = Duration::from_secs(20);

/// Why nothing was told.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Deadlines could not be read.
    #[error(transparent)]
    Takedown(#[from] TakedownError),
    /// Nothing can be sent.
    #[error("messages cannot be sent: {0}")]
    Fetcher(#[from] ScanError),
    /// The receiver's address makes no sense.
    #[error("{0:?} is no address for a webhook: use https://, or http:// for this machine")]
    Address(String),
    /// Nobody can be told as it was asked for.
    #[error("{0}")]
    Refused(String),
}

/// Checks what a receiver is to hear of.
///
/// # Errors
/// [`NotifyError::Refused`].
fn check_wishes(events: &[String], min_probability: f64) -> Result<(), NotifyError> {
    let known = |event: &String| KINDS.iter().any(|(kind, _)| kind == event);
    if events.is_empty() || !events.iter().all(known) {
        return Err(NotifyError::Refused("say what it is to hear of".to_owned()));
    }
    if !(0.0..=1.0).contains(&min_probability) {
        let why = "the least probability is 0 to 1".to_owned();
        return Err(NotifyError::Refused(why));
    }
    Ok(())
}

/// A secret to sign with: 256 random bits, base64.
#[must_use]
pub fn new_secret() -> String {
    STANDARD.encode(rand::rng().random::<[u8; 32]>())
}

/// Checks a receiver's address. Which hosts may be asked is for the fetcher's guard.
///
/// # Errors
/// [`NotifyError::Address`].
pub fn check_address(address: &str) -> Result<url::Url, NotifyError> {
    let refused = || NotifyError::Address(address.chars().take(200).collect());
    let url = url::Url::parse(address).map_err(|_| refused())?;
    let here = match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        _ => false,
    };
    let plain = url.scheme() == "http" && here;
    let fits = (url.scheme() == "https" || plain)
        && url.username().is_empty()
        && url.password().is_none()
        && address.len() <= 2_000;
    fits.then_some(url).ok_or_else(refused)
}

/// Collects and delivers again and again, for as long as the program serves.
pub async fn keep_telling(app: App) {
    let mut told = false;
    loop {
        let outcome = async {
            collect(&app).await?;
            put_together(&app).await?;
            deliver(&app).await
        };
        match outcome.await {
            Ok(_) => told = false,
            Err(error) if !told => {
                told = true;
                tracing::warn!("{error}");
            }
            Err(_) => {}
        }
        tokio::time::sleep(BEAT).await;
    }
}
