//! Digests and names of records.
//!
//! WARC leaves algorithm and encoding of a digest open. Written is
//! `sha256:` with 64 hexadecimal digits, which `warcio check` verifies; read
//! are SHA-1 and SHA-256 in hexadecimal, Base32 and Base64.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// `sha256:` and the digest of `bytes` in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

/// A WARC-Record-ID out of what the record holds: a UUID of version 8 (RFC
/// 9562 §5.8) whose free bits are the SHA-256 of `parts`, each with its length
/// before it. The same record has the same name wherever it is written.
pub(super) fn record_id(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let mut id = [0; 16];
    id.copy_from_slice(&digest[..16]);
    id[6] = id[6] & 0x0f | 0x80;
    id[8] = id[8] & 0x3f | 0x80;
    let id = hex::encode(id);
    format!(
        "urn:uuid:{}-{}-{}-{}-{}",
        &id[..8],
        &id[8..12],
        &id[12..16],
        &id[16..20],
        &id[20..]
    )
}

/// Whether `stated` (`sha1:…`, `sha-256:…`) is the digest of `bytes`; none when
/// its algorithm or its encoding is not known.
pub(super) fn matches(stated: &str, bytes: &[u8]) -> Option<bool> {
    let (algorithm, value) = stated.split_once(':')?;
    let digest: Vec<u8> = match algorithm.trim().to_ascii_lowercase().as_str() {
        "sha1" | "sha-1" => sha1::Digest::finalize(<Sha1 as sha1::Digest>::new_with_prefix(bytes))
            .as_slice()
            .to_vec(),
        "sha256" | "sha-256" => Sha256::digest(bytes).to_vec(),
        _ => return None,
    };
    decode(value.trim(), digest.len()).map(|value| value == digest)
}

/// Tells the encoding by the length, which differs for each.
fn decode(value: &str, length: usize) -> Option<Vec<u8>> {
    let value = value.trim_end_matches('=');
    if value.len() == 2 * length {
        return hex::decode(value).ok();
    }
    if value.len() == (length * 8).div_ceil(5) {
        return base32(value);
    }
    if value.len() != (length * 4).div_ceil(3) {
        return None;
    }
    STANDARD_NO_PAD
        .decode(value)
        .or_else(|_| URL_SAFE_NO_PAD.decode(value))
        .ok()
}

/// Base32 (RFC 4648 §6) without padding, in either case.
fn base32(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut count) = (0u32, 0);
    let mut out = Vec::with_capacity(text.len() * 5 / 8);
    for letter in text.bytes() {
        let value = match letter.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            letter @ b'2'..=b'7' => letter - b'2' + 26,
            _ => return None,
        };
        bits = (bits << 5 | u32::from(value)) & 0xfff;
        count += 5;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_read_in_every_encoding_in_use() {
        for stated in [
            "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ",
            "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "SHA-1:2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
            "sha-256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "sha256:4OYMIQUY7QOBJGX36TEJS35ZEQT24QPEMSNZGTFESWMRW6CSXBKQ====",
            "sha256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
        ] {
            assert_eq!(matches(stated, b""), Some(true), "{stated}");
            assert_eq!(matches(stated, b"x"), Some(false), "{stated}");
        }
        assert_eq!(matches("md5:d41d8cd98f00b204e9800998ecf8427e", b""), None);
        assert_eq!(matches("sha1:short", b""), None);
    }

    #[test]
    fn a_record_id_tells_where_its_parts_end() {
        let one = record_id(&[b"ab", b"c"]);
        assert_eq!(one.len(), "urn:uuid:".len() + 36);
        assert_eq!(&one[23..24], "8");
        assert_eq!(one, record_id(&[b"ab", b"c"]));
        assert_ne!(one, record_id(&[b"a", b"bc"]));
    }
}
