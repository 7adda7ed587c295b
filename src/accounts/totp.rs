//! One-time codes of an authenticator app (RFC 6238 over RFC 4226), and the recovery
//! codes that stand in for a lost one.
//!
//! What apps agree on is fixed: HMAC-SHA-1, six digits, thirty seconds.

use data_encoding::BASE32_NOPAD;
use rand::RngExt as _;
use ring::hmac;

use super::{random_groups, same};
use crate::blobs::sha256_hex;
use crate::clock::Millis;

/// Seconds that a code stands for.
const STEP: i64 = 30;
/// Digits of a code.
const DIGITS: usize = 6;
/// Steps before and after now that a code may be of: clocks differ.
const DRIFT: i64 = 1;
/// Bytes of a secret: as many as SHA-1 gives.
const SECRET: usize = 20;
/// Recovery codes a person gets.
pub const RECOVERY_CODES: usize = 10;

/// A new secret.
#[must_use]
pub fn new_secret() -> Vec<u8> {
    rand::rng().random::<[u8; SECRET]>().to_vec()
}

/// A secret as people type it: base32 in groups of four.
#[must_use]
pub fn spelled(secret: &[u8]) -> String {
    let letters = BASE32_NOPAD.encode(secret);
    let groups: Vec<String> = letters
        .as_bytes()
        .chunks(4)
        .map(|group| String::from_utf8_lossy(group).into_owned())
        .collect();
    groups.join(" ")
}

/// The address that an authenticator app reads from a QR code.
#[must_use]
pub fn address(secret: &[u8], user: &str) -> String {
    let segment = |text: &str| {
        url::form_urlencoded::byte_serialize(text.as_bytes())
            .collect::<String>()
            .replace('+', "%20")
    };
    format!(
        "otpauth://totp/Markhound:{}?secret={}&issuer=Markhound&algorithm=SHA1&digits={DIGITS}&period={STEP}",
        segment(user),
        BASE32_NOPAD.encode(secret)
    )
}

/// The step that a moment falls into.
fn step_of(now: Millis) -> i64 {
    now.0.div_euclid(STEP * 1000)
}

/// The code of a step.
#[must_use]
pub fn code(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let digest = tag.as_ref();
    let at = usize::from(digest[digest.len() - 1] & 0x0f);
    let word = digest
        .iter()
        .skip(at)
        .take(4)
        .fold(0_u32, |word, byte| (word << 8) | u32::from(*byte));
    format!("{:0DIGITS$}", (word & 0x7fff_ffff) % 1_000_000)
}

/// The step whose code was given, if it is one of about now and later than the last
/// that was used: a code that somebody saw is worth nothing afterwards.
#[must_use]
pub fn accepted(secret: &[u8], given: &str, now: Millis, last_used: i64) -> Option<i64> {
    let given: String = given.chars().filter(|c| !c.is_whitespace()).collect();
    if given.len() != DIGITS || !given.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let now = step_of(now);
    // Every one is compared, so that time tells nothing.
    (now - DRIFT..=now + DRIFT)
        .filter(|step| same(&code(secret, *step), &given))
        .filter(|step| *step > last_used)
        .max()
}

/// New recovery codes: to be shown once.
#[must_use]
pub fn new_recovery_codes() -> Vec<String> {
    // 59 bits each.
    (0..RECOVERY_CODES).map(|_| random_groups(2, 6)).collect()
}

/// What is kept of a recovery code. It is random enough that a plain hash tells
/// nothing.
#[must_use]
pub fn recovery_hash(code: &str) -> String {
    let letters: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    sha256_hex(letters.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standards_own_examples() {
        // RFC 6238, appendix B, the last six of eight digits; RFC 4226, appendix D.
        let secret = b"12345678901234567890";
        for (second, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = step_of(Millis(second * 1000));
            assert_eq!(code(secret, step), expected, "{second}");
        }
        for (step, expected) in [(0, "755224"), (1, "287082"), (9, "520489")] {
            assert_eq!(code(secret, step), expected);
        }
    }

    #[test]
    fn a_code_is_good_once_and_for_about_a_minute() {
        let secret = new_secret();
        let now = Millis(1_793_606_400_000);
        let step = step_of(now);
        let good = code(&secret, step);
        assert_eq!(accepted(&secret, &good, now, 0), Some(step));
        let spaced = format!("{} {}", &good[..3], &good[3..]);
        assert_eq!(accepted(&secret, &spaced, now, 0), Some(step));
        assert_eq!(accepted(&secret, &good, now, step), None, "used before");
        assert_eq!(
            accepted(&secret, &good, now.plus_seconds(30), 0),
            Some(step)
        );
        assert_eq!(accepted(&secret, &good, now.plus_seconds(60), 0), None);
        for wrong in ["", "12345", "1234567", "12345a", "１２３４５６"] {
            assert_eq!(accepted(&secret, wrong, now, 0), None, "{wrong}");
        }
    }

    #[test]
    fn a_secret_is_spelled_for_people_and_for_apps() {
        let secret = b"12345678901234567890";
        assert_eq!(spelled(secret), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let address = address(secret, "mara berg/ü");
        assert_eq!(
            address,
            "otpauth://totp/Markhound:mara%20berg%2F%C3%BC?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Markhound&algorithm=SHA1&digits=6&period=30"
        );
    }

    #[test]
    fn recovery_codes_differ_and_are_read_however_they_are_typed() {
        let codes = new_recovery_codes();
        let mut hashes: Vec<String> = codes.iter().map(|code| recovery_hash(code)).collect();
        let typed = codes[0].to_uppercase().replace('-', " ");
        assert_eq!(recovery_hash(&typed), hashes[0]);
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), RECOVERY_CODES);
    }
}
