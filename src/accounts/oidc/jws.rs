//! Signed tokens (JWS, RFC 7515) in their compact form, and the keys (JWK, RFC 7517) that
//! they are checked with.
//!
//! A key says itself which algorithms it is for: what a token's header asks for is taken
//! only where it is one of these. So neither `none` nor a MAC made with a public key is
//! ever looked at.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    self, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RsaParameters,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The longest token that is looked at, in bytes: groups make them long.
const MOST_TOKEN: usize = 64 << 10;
/// The most keys that are kept of a provider.
const MOST_KEYS: usize = 64;

/// An algorithm that tokens may be signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Es256,
    Es384,
    EdDsa,
}

impl Algorithm {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Rs256,
            "RS384" => Self::Rs384,
            "RS512" => Self::Rs512,
            "PS256" => Self::Ps256,
            "ES256" => Self::Es256,
            "ES384" => Self::Es384,
            "EdDSA" => Self::EdDsa,
            _ => return None,
        })
    }
}

/// Why a token is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Untrusted {
    #[error("its token is not a signed token in compact form: {0}")]
    Form(&'static str),
    #[error("its token is signed with {0:?}, which is not taken; let it sign with RS256 or ES256")]
    Algorithm(String),
    /// The key may have come since the keys were asked for.
    #[error("its token is signed with a key that it does not publish")]
    UnknownKey,
    #[error("the signature of its token is wrong")]
    Signature,
}

/// A provider's key.
#[derive(Debug, Clone)]
pub(super) struct Key {
    id: Option<String>,
    /// The only algorithm it is for, where it says so.
    only: Option<String>,
    material: Material,
}

#[derive(Debug, Clone)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

/// A key as it is published.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// The keys of a published set that signatures can be checked with. What else is in it is
/// left out, as RFC 7517 asks for.
pub(super) fn keys(set: &Value) -> Vec<Key> {
    let listed = set.get("keys").and_then(Value::as_array);
    let listed = listed.into_iter().flatten().take(MOST_KEYS);
    listed.filter_map(key).collect()
}

fn key(published: &Value) -> Option<Key> {
    let jwk = Jwk::deserialize(published).ok()?;
    if jwk.purpose.is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    let bytes = |text: Option<String>| URL_SAFE_NO_PAD.decode(text?).ok();
    // An uncompressed point: 4, x, y.
    let point = |x, y, length: usize| {
        let (x, y) = (bytes(x)?, bytes(y)?);
        (x.len() == length && y.len() == length).then(|| [&[4], &x[..], &y[..]].concat())
    };
    let material = match (&*jwk.kty, jwk.crv.as_deref()) {
        ("RSA", _) => Material::Rsa {
            n: bytes(jwk.n)?,
            e: bytes(jwk.e)?,
        },
        ("EC", Some("P-256")) => Material::P256(point(jwk.x, jwk.y, 32)?),
        ("EC", Some("P-384")) => Material::P384(point(jwk.x, jwk.y, 48)?),
        ("OKP", Some("Ed25519")) => Material::Ed25519(bytes(jwk.x)?),
        _ => return None,
    };
    Some(Key {
        id: jwk.kid,
        only: jwk.alg,
        material,
    })
}

impl Key {
    /// Whether it can have made a signature like this one.
    fn suits(&self, header: &Header, algorithm: Algorithm) -> bool {
        let kind = match self.material {
            Material::Rsa { .. } => matches!(
                algorithm,
                Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 | Algorithm::Ps256
            ),
            Material::P256(_) => algorithm == Algorithm::Es256,
            Material::P384(_) => algorithm == Algorithm::Es384,
            Material::Ed25519(_) => algorithm == Algorithm::EdDsa,
        };
        kind && (header.kid.is_none() || header.kid == self.id)
            && self.only.as_ref().is_none_or(|only| *only == header.alg)
    }

    fn verifies(&self, algorithm: Algorithm, signed: &[u8], signature: &[u8]) -> bool {
        let outcome =
            match &self.material {
                Material::Rsa { n, e } => {
                    let rsa: &RsaParameters = match algorithm {
                        Algorithm::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
                        Algorithm::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
                        Algorithm::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
                        _ => &signature::RSA_PKCS1_2048_8192_SHA256,
                    };
                    // Some write zeros before the number.
                    let n = &n[n.iter().take_while(|byte| **byte == 0).count()..];
                    RsaPublicKeyComponents { n, e }.verify(rsa, signed, signature)
                }
                Material::P256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                    .verify(signed, signature),
                Material::P384(point) => UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point)
                    .verify(signed, signature),
                Material::Ed25519(point) => {
                    UnparsedPublicKey::new(&ED25519, point).verify(signed, signature)
                }
            };
        outcome.is_ok()
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Extensions that must be understood: none is.
    crit: Option<Value>,
}

/// What a token says, once its signature is found to be of one of the keys; and the
/// algorithm of that.
pub(super) fn verify(
    token: &str,
    keys: &[Key],
) -> Result<(Map<String, Value>, Algorithm), Untrusted> {
    if token.len() > MOST_TOKEN {
        return Err(Untrusted::Form("it is too long"));
    }
    let (signed, signature) = token
        .rsplit_once('.')
        .ok_or(Untrusted::Form("it has no signature"))?;
    let (header, payload) = signed
        .split_once('.')
        .ok_or(Untrusted::Form("it has two parts"))?;
    let decoded = |part: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(part);
        bytes.map_err(|_| Untrusted::Form("a part of it is not base64url"))
    };
    let header: Header = serde_json::from_slice(&decoded(header)?)
        .map_err(|_| Untrusted::Form("its header is not understood"))?;
    if header.crit.is_some() {
        return Err(Untrusted::Form("it needs extensions"));
    }
    let algorithm = Algorithm::named(&header.alg)
        .ok_or_else(|| Untrusted::Algorithm(header.alg.chars().take(40).collect()))?;
    let signature = decoded(signature)?;
    let suiting = keys.iter().filter(|key| key.suits(&header, algorithm));
    let mut suiting = suiting.peekable();
    if suiting.peek().is_none() {
        return Err(Untrusted::UnknownKey);
    }
    if !suiting.any(|key| key.verifies(algorithm, signed.as_bytes(), &signature)) {
        return Err(Untrusted::Signature);
    }
    match serde_json::from_slice(&decoded(payload)?) {
        Ok(Value::Object(claims)) => Ok((claims, algorithm)),
        _ => Err(Untrusted::Form("it says nothing")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// RFC 7515, A.2: RS256.
    const RS256: (&str, &str) = (
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
    );
    /// RFC 7515, A.3: ES256.
    const ES256: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    fn rsa_key() -> Value {
        json!({ "kty": "RSA", "n": RS256.0, "e": "AQAB", "kid": "a" })
    }

    fn ec_key() -> Value {
        json!({ "kty": "EC", "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" })
    }

    fn set(published: &[Value]) -> Vec<Key> {
        keys(&json!({ "keys": published }))
    }

    #[test]
    fn the_examples_of_the_standard_are_believed() {
        let both = set(&[
            json!("?"),
            ec_key(),
            json!({ "kty": "oct", "k": "AA" }),
            rsa_key(),
        ]);
        assert_eq!(both.len(), 2);
        for (token, algorithm) in [(RS256.1, Algorithm::Rs256), (ES256, Algorithm::Es256)] {
            let (claims, by) = verify(token, &both).expect("a right signature");
            assert_eq!((by, &claims["iss"]), (algorithm, &json!("joe")));
        }
    }

    #[test]
    fn a_changed_letter_anywhere_is_noticed() {
        let keys = set(&[ec_key()]);
        for at in 0..ES256.len() {
            let mut token = ES256.to_owned();
            let other = if &ES256[at..=at] == "A" { "B" } else { "A" };
            token.replace_range(at..=at, other);
            assert!(verify(&token, &keys).is_err(), "{at}");
        }
    }

    #[test]
    fn neither_none_nor_a_mac_with_the_public_key_is_looked_at() {
        let keys = set(&[rsa_key(), ec_key()]);
        let claims = URL_SAFE_NO_PAD.encode(br#"{"iss":"joe"}"#);
        for alg in ["none", "None", "nOnE", "HS256", "HS512", "", "RS1"] {
            let header = URL_SAFE_NO_PAD.encode(json!({ "alg": alg }).to_string());
            let signed = format!("{header}.{claims}");
            let secret = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, RS256.0.as_bytes());
            let mac = ring::hmac::sign(&secret, signed.as_bytes());
            for signature in [String::new(), URL_SAFE_NO_PAD.encode(mac.as_ref())] {
                let refused = verify(&format!("{signed}.{signature}"), &keys);
                assert_eq!(refused, Err(Untrusted::Algorithm(alg.to_owned())));
            }
        }
    }

    #[test]
    fn a_key_counts_for_its_own_id_algorithm_and_purpose_only() {
        let with = |name: &str, value: &str| {
            let mut key = ec_key();
            key[name] = json!(value);
            verify(ES256, &set(&[key])).map(drop)
        };
        assert_eq!(with("use", "sig"), Ok(()));
        assert_eq!(with("alg", "ES256"), Ok(()));
        for (name, value) in [
            ("use", "enc"),
            ("alg", "ES384"),
            ("crv", "P-384"),
            ("kty", "RSA"),
            ("x", "AAAA"),
        ] {
            assert_eq!(with(name, value), Err(Untrusted::UnknownKey), "{name}");
        }
        // Without an id in the token any key may have signed it.
        assert_eq!(with("kid", "another"), Ok(()));
        assert_eq!(
            verify(ES256, &set(&[rsa_key()])),
            Err(Untrusted::UnknownKey)
        );
    }

    #[test]
    fn what_is_no_token_is_refused_without_panic() {
        let keys = set(&[ec_key()]);
        let long = "a".repeat(MOST_TOKEN + 1);
        for text in [
            "",
            ".",
            "..",
            "...",
            "a.b",
            "a.b.c.d.e",
            "é.é.é",
            "{}",
            &long,
        ] {
            assert!(
                matches!(verify(text, &keys), Err(Untrusted::Form(_))),
                "{text:.20}"
            );
        }
        let critical = URL_SAFE_NO_PAD.encode(br#"{"alg":"ES256","crit":["b64"]}"#);
        let refused = verify(&format!("{critical}.e30.AA"), &keys);
        assert_eq!(refused, Err(Untrusted::Form("it needs extensions")));
    }
}
