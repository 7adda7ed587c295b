//! Sending what is due, to programs and to people, and again after growing pauses until
//! it is taken.

use std::collections::HashMap;

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use markhound_crawlers::fetch::Fetcher;

use super::{NotifyError, mailbox, webhook};
use crate::app::App;
use crate::scan::service;
use crate::secrets::SecretsError;
use crate::store::webhooks::Delivery;

/// Messages sent in one go.
const BATCH: u32 = 50;
/// Messages under way at a time: a receiver that does not answer holds up few others.
const AT_ONCE: usize = 8;
/// How long a message is this process's own, in milliseconds: longer than all of them
/// take, should no receiver answer.
const LEASE: i64 = 600_000;
/// Pauses between tries, in seconds; after the last it is given up.
const PAUSES: [i64; 8] = [30, 120, 600, 1_800, 7_200, 21_600, 43_200, 86_400];

/// How a try to send a message ended.
#[derive(Debug)]
pub(super) struct Outcome {
    /// The answer's status or code, where there was one.
    pub(super) status: Option<u16>,
    /// Why it was not taken.
    pub(super) error: Option<String>,
    /// Whether it would not be taken another time either.
    pub(super) for_good: bool,
}

impl Outcome {
    pub(super) fn taken(status: u16) -> Self {
        Self {
            status: Some(status),
            error: None,
            for_good: false,
        }
    }

    pub(super) fn failed(why: String) -> Self {
        Self {
            status: None,
            error: Some(why),
            for_good: false,
        }
    }
}

/// Sends what is due; gives how many were taken.
///
/// # Errors
/// [`NotifyError`] when the database fails or no fetcher can be made.
pub async fn deliver(app: &App) -> Result<u64, NotifyError> {
    let due = app.store.take_due(BATCH, LEASE).await?;
    if due.is_empty() {
        return Ok(0);
    }
    // Mail needs neither.
    let (fetcher, secrets) = match due.iter().any(|delivery| delivery.shape != "mail") {
        true => (
            Some(service::service_fetcher(app)?),
            app.store.webhook_secrets().await?,
        ),
        false => (None, HashMap::new()),
    };
    let sending = due
        .into_iter()
        .map(|delivery| attempt(app, fetcher.as_ref(), &secrets, delivery));
    let ended: Vec<bool> = stream::iter(sending)
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(ended.into_iter().map(u64::from).sum())
}

/// Tries to send a message, and tells how that ended; whether it was taken.
async fn attempt(
    app: &App,
    fetcher: Option<&Fetcher>,
    secrets: &HashMap<i64, Result<String, SecretsError>>,
    delivery: Delivery,
) -> Result<bool, NotifyError> {
    let outcome = match delivery.shape.as_str() {
        "mail" => mailbox::send(app, &delivery).await?,
        _ => {
            match (secrets.get(&delivery.webhook_id), fetcher) {
                (Some(Ok(secret)), Some(fetcher)) => {
                    webhook::send(app, fetcher, &delivery, secret).await
                }
                // Tried again: the key may be put back.
                (Some(Err(why)), _) => Outcome::failed(why.to_string()),
                // It was removed just now, and the message with it.
                _ => return Ok(false),
            }
        }
    };
    let tries = usize::try_from(delivery.attempts).unwrap_or(usize::MAX);
    let next = PAUSES.get(tries).filter(|_| !outcome.for_good);
    let next_at = next.map(|pause| app.clock.millis().plus_seconds(*pause));
    let error = outcome.error.as_deref();
    app.store
        .delivery_ended(delivery.id, outcome.status, error, next_at)
        .await?;
    Ok(error.is_none())
}
