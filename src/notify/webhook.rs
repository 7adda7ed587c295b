//! One message to a program: signed as Standard Webhooks ask for, through the guarded
//! fetcher.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use markhound_crawlers::fetch::Fetcher;
use ring::hmac;

use super::check_address;
use super::deliver::Outcome;
use crate::app::App;
use crate::store::webhooks::Delivery;

/// The largest answer that is read.
const MOST_ANSWER: usize = 64 << 10;
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

/// Sends a message; a receiver that is gone for good says so.
pub(super) async fn send(
    app: &App,
    fetcher: &Fetcher,
    delivery: &Delivery,
    secret: &str,
) -> Outcome {
    match post(app, fetcher, delivery, secret).await {
        Ok(status @ 200..=299) => Outcome::taken(status),
        Ok(status) => Outcome {
            status: Some(status),
            error: Some(format!("it answered {status}")),
            for_good: status == 410,
        },
        Err(why) => Outcome::failed(why),
    }
}

async fn post(
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
