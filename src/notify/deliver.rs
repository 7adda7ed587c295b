//! Sending what is due: signed as Standard Webhooks ask for, through the guarded
//! fetcher, and again after growing pauses until it is taken.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use markhound_crawlers::fetch::Fetcher;
use ring::hmac;

use super::{NotifyError, check_address};
use crate::app::App;
use crate::scan::service;
use crate::store::webhooks::Delivery;

/// Messages sent in one go.
const BATCH: u32 = 50;
/// Messages under way at a time: a receiver that does not answer holds up few others.
const AT_ONCE: usize = 8;
/// How long a message is this process's own, in milliseconds: longer than all of them
/// take, should no receiver answer.
const LEASE: i64 = 600_000;
/// The largest answer that is read.
const MOST_ANSWER: usize = 64 << 10;
/// Pauses between tries, in seconds; after the last it is given up.
const PAUSES: [i64; 8] = [30, 120, 600, 1_800, 7_200, 21_600, 43_200, 86_400];
/// The header that carries the signature.
pub const SIGNED_WITH: &str = "webhook-signature";

/// The signature of a message: over its identifier, the moment in seconds, and the
/// body, each followed by the next with a full stop between.
#[must_use]
pub fn sign(secret: &str, id: &str, seconds: i64, body: &str) -> String {
    let secret = STANDARD.decode(secret).unwrap_or_default();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
    let signed = format!("{id}.{seconds}.{body}");
    let tag = hmac::sign(&key, signed.as_bytes());
    format!("v1,{}", STANDARD.encode(tag.as_ref()))
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
    let fetcher = service::service_fetcher(app)?;
    let webhooks = app.store.webhooks().await?;
    let sending = due.into_iter().filter_map(|delivery| {
        let webhook = webhooks.iter().find(|w| w.id == delivery.webhook_id)?;
        Some(attempt(app, &fetcher, delivery, &webhook.secret))
    });
    let ended: Vec<bool> = stream::iter(sending)
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(ended.into_iter().map(u64::from).sum())
}

/// Tries to send a message, and tells how that ended; whether it was taken.
async fn attempt(
    app: &App,
    fetcher: &Fetcher,
    delivery: Delivery,
    secret: &str,
) -> Result<bool, NotifyError> {
    let outcome = send(app, fetcher, &delivery, secret).await;
    let (status, error) = match outcome {
        Ok(status @ 200..=299) => (Some(status), None),
        Ok(status) => (Some(status), Some(format!("it answered {status}"))),
        Err(why) => (None, Some(why)),
    };
    let tries = usize::try_from(delivery.attempts).unwrap_or(usize::MAX);
    // A receiver that is gone for good says so.
    let next = PAUSES.get(tries).filter(|_| status != Some(410));
    let next_at = next.map(|pause| app.clock.millis().plus_seconds(*pause));
    app.store
        .delivery_ended(delivery.id, status, error.as_deref(), next_at)
        .await?;
    Ok(error.is_none())
}

async fn send(
    app: &App,
    fetcher: &Fetcher,
    delivery: &Delivery,
    secret: &str,
) -> Result<u16, String> {
    let url = check_address(&delivery.url).map_err(|error| error.to_string())?;
    let id = format!("msg_{}", delivery.id);
    let seconds = app.clock.millis().0.div_euclid(1000);
    let headers = [
        ("webhook-id", id.clone()),
        ("webhook-timestamp", seconds.to_string()),
        (SIGNED_WITH, sign(secret, &id, seconds, &delivery.body)),
    ];
    let answer = fetcher
        .post_with(
            &url,
            "application/json",
            &headers,
            delivery.body.clone().into(),
            MOST_ANSWER,
        )
        .await
        .map_err(|error| error.to_string())?;
    Ok(answer.status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_standards_own_example() {
        let signature = sign(
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            "{\"test\": 2432232314}",
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
