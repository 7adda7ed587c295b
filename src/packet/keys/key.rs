//! One key: its two parts, in the forms that openssl reads and writes.

use std::path::Path;

use der::pem::{self, LineEnding};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use super::{KeyError, read_small};
use crate::blobs::sha256_hex;

/// What stands before the 32 bytes of a public key (RFC 8410).
const PUBLIC_PREFIX: [u8; 12] = [48, 42, 48, 5, 6, 3, 43, 101, 112, 3, 33, 0];
/// What stands before the 32 bytes of a private key (RFC 8410, version 1).
const PRIVATE_PREFIX: [u8; 16] = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];

/// The public part of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// SubjectPublicKeyInfo, DER.
    #[must_use]
    pub fn der(&self) -> Vec<u8> {
        [&PUBLIC_PREFIX[..], &self.0].concat()
    }

    /// The key's name: 16 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> String {
        self.fingerprint()[..16].to_owned()
    }

    /// SHA-256 of [`Self::der`], hexadecimal.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        sha256_hex(&self.der())
    }

    /// PEM, as openssl reads it.
    #[must_use]
    pub fn pem(&self) -> String {
        to_pem("PUBLIC KEY", &self.der())
    }

    /// Reads PEM.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        key_bytes(text, "PUBLIC KEY", &PUBLIC_PREFIX).map(Self)
    }

    /// Reads a PEM file.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        Self::parse(&read_small(path)?).map_err(|why| KeyError::Invalid {
            path: path.to_owned(),
            what: "public",
            why,
        })
    }

    /// Whether the signature over the message is this key's.
    #[must_use]
    pub fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0)
            .verify(message, signature)
            .is_ok()
    }
}

/// A key that signs.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.public.id())
    }
}

impl SigningKey {
    pub(super) fn from_seed(seed: &[u8; 32]) -> Result<Self, String> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|why| why.to_string())?;
        let bytes = pair.public_key().as_ref();
        let public = bytes.try_into().map_err(|_| "it has no public part")?;
        Ok(Self {
            public: PublicKey(public),
            pair,
        })
    }

    /// Reads PEM.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        key_bytes(text, "PRIVATE KEY", &PRIVATE_PREFIX).and_then(|seed| Self::from_seed(&seed))
    }

    /// The public part.
    #[must_use]
    pub const fn public(&self) -> PublicKey {
        self.public
    }

    /// The signature over a message: 64 bytes, always the same for the same message.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

/// A private key in PEM form.
pub(super) fn private_pem(seed: &[u8; 32]) -> String {
    to_pem("PRIVATE KEY", &[&PRIVATE_PREFIX[..], seed].concat())
}

fn to_pem(label: &str, der: &[u8]) -> String {
    // Only a label that is none can fail.
    pem::encode_string(label, LineEnding::LF, der).unwrap_or_default()
}

/// The 32 bytes behind a known beginning.
fn key_bytes(text: &[u8], label: &str, prefix: &[u8]) -> Result<[u8; 32], String> {
    let (found, der) = pem::decode_vec(text).map_err(|why| why.to_string())?;
    if found != label {
        return Err(format!("it holds a {found}"));
    }
    der.strip_prefix(prefix)
        .and_then(|key| key.try_into().ok())
        .ok_or_else(|| "it is of another kind".to_owned())
}
