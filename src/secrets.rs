//! What the database keeps and nobody who reads it may know: secrets of webhooks and of
//! authenticator apps, sealed under a key that is not in the database.
//!
//! ```text
//! mh1.<key>.<base64 of nonce, ciphertext and tag>
//! ```
//!
//! ChaCha20-Poly1305 by `ring`, with a random nonce each. The place of a value, such as
//! `webhook 7`, is authenticated with it: one that was moved to another row opens nothing.
//! `<key>` names the key, eight hexadecimal digits of its SHA-256, so that it can be said
//! which one is missing. What was kept before there was a key has no such beginning.

use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::RngExt as _;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest as _, Sha256};

/// What every sealed value begins with.
pub const SEALED: &str = "mh1.";
/// Where the key is in a data directory, unless the configuration names another file.
pub const KEY_FILE: &str = "secrets.key";
/// Bytes of a key.
const KEY_BYTES: usize = 32;
/// The largest key file looked at, in bytes.
const MOST_FILE: u64 = 1024;
/// Hexadecimal digits that name a key.
const NAME_DIGITS: usize = 8;

/// Why a secret cannot be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// The database was opened without one.
    #[error("the database was opened without the key of its secrets")]
    NoKey,
    /// There are sealed secrets, and no key.
    #[error(
        "{} is missing: the key under which the database keeps the secrets of webhooks and second factors. Put it back from your backup. If it is lost for good, make a new one (`openssl rand -base64 32 > {}`), then remove webhooks and add them again, and take second factors off (`markhound user reset-second-factor NAME`)", .path.display(), .path.display()
    )]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// The file cannot be read, or made.
    #[error(
        "cannot use the key of the database's secrets, {}: {why}; it is a line with 32 bytes in base64 that this user may read", .path.display()
    )]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Another key than that of the file sealed it.
    #[error(
        "the secret of {place} was sealed under the key {sealed_under}, and the key file holds {have}: put the right file back from your backup, or if it is lost give {place} a new secret"
    )]
    OtherKey {
        /// Whose secret it is.
        place: String,
        /// The name of the key that sealed it.
        sealed_under: String,
        /// The name of the key there is.
        have: String,
    },
    /// It was changed, or moved here from another row.
    #[error(
        "the secret of {place} was changed in the database from outside; give {place} a new secret"
    )]
    Damaged {
        /// Whose secret it is.
        place: String,
    },
}

/// The key that secrets are sealed under.
#[derive(Clone)]
pub struct SecretsKey {
    key: LessSafeKey,
    name: String,
}

impl std::fmt::Debug for SecretsKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretsKey({})", self.name)
    }
}

impl SecretsKey {
    /// A new key.
    #[must_use]
    pub fn random() -> Self {
        Self::of(&rand::rng().random())
    }

    fn of(bytes: &[u8; KEY_BYTES]) -> Self {
        let name = Sha256::new()
            .chain_update(b"markhound secrets key")
            .chain_update(bytes)
            .finalize();
        let unbound = UnboundKey::new(&CHACHA20_POLY1305, bytes);
        Self {
            // Of another length alone would it be refused.
            key: LessSafeKey::new(unbound.expect("a key of 32 bytes")),
            name: hex::encode(name)[..NAME_DIGITS].to_owned(),
        }
    }

    /// What the key is called in what it sealed.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads a key file; none where there is none.
    ///
    /// # Errors
    /// [`SecretsError::Unusable`].
    pub fn read(path: &Path) -> Result<Option<Self>, SecretsError> {
        let unusable = |why: String| SecretsError::Unusable {
            path: path.to_owned(),
            why,
        };
        let mut text = String::new();
        let read = std::fs::File::open(path)
            .and_then(|file| file.take(MOST_FILE).read_to_string(&mut text));
        match read {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|error| unusable(error.to_string()))?,
        };
        let bytes = STANDARD.decode(text.trim());
        let bytes = bytes.map_err(|_| unusable("it is no base64".to_owned()))?;
        let bytes: [u8; KEY_BYTES] = bytes
            .try_into()
            .map_err(|_| unusable("it does not hold 32 bytes".to_owned()))?;
        Ok(Some(Self::of(&bytes)))
    }

    /// Makes a key file, with mode 0600; where another was quicker, its key is the key.
    ///
    /// # Errors
    /// [`SecretsError::Unusable`].
    pub fn make(path: &Path) -> Result<Self, SecretsError> {
        let unusable = |error: std::io::Error| SecretsError::Unusable {
            path: path.to_owned(),
            why: error.to_string(),
        };
        let bytes: [u8; KEY_BYTES] = rand::rng().random();
        let folder = path.parent().unwrap_or(Path::new("."));
        // Such files are made with mode 0600.
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(unusable)?;
        writeln!(file, "{}", STANDARD.encode(bytes)).map_err(unusable)?;
        file.as_file().sync_all().map_err(unusable)?;
        match file.persist_noclobber(path) {
            Ok(_) => Ok(Self::of(&bytes)),
            Err(failed) => match Self::read(path)? {
                Some(key) => Ok(key),
                None => Err(unusable(failed.error)),
            },
        }
    }

    /// Whether others than the owner may read a key file.
    #[must_use]
    pub fn is_open_to_others(path: &Path) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
        }
        #[cfg(not(unix))]
        {
            let _ = path;
            false
        }
    }

    fn seal(&self, place: &str, secret: &[u8]) -> Result<String, SecretsError> {
        let nonce: [u8; NONCE_LEN] = rand::rng().random();
        let mut sealed = secret.to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                bound_to(place),
                &mut sealed,
            )
            // For a secret of 256 GiB.
            .map_err(|_| SecretsError::Damaged {
                place: place.to_owned(),
            })?;
        let all = [&nonce[..], &sealed].concat();
        Ok(format!("{SEALED}{}.{}", self.name, STANDARD.encode(all)))
    }

    fn open(&self, place: &str, kept: &str) -> Result<Vec<u8>, SecretsError> {
        let damaged = || SecretsError::Damaged {
            place: place.to_owned(),
        };
        let (name, sealed) = kept
            .strip_prefix(SEALED)
            .and_then(|rest| rest.split_once('.'))
            .ok_or_else(damaged)?;
        if name != self.name {
            return Err(SecretsError::OtherKey {
                place: place.to_owned(),
                sealed_under: name.chars().take(NAME_DIGITS).collect(),
                have: self.name.clone(),
            });
        }
        let all = STANDARD.decode(sealed).map_err(|_| damaged())?;
        let (nonce, sealed) = all.split_at_checked(NONCE_LEN).ok_or_else(damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged())?;
        let mut sealed = sealed.to_vec();
        let opened = self
            .key
            .open_in_place(nonce, bound_to(place), &mut sealed)
            .map_err(|_| damaged())?;
        Ok(opened.to_vec())
    }
}

fn bound_to(place: &str) -> Aad<Vec<u8>> {
    Aad::from(format!("{SEALED}{place}").into_bytes())
}

/// Whether a value of the database is a sealed one.
#[must_use]
pub fn is_sealed(kept: &[u8]) -> bool {
    kept.starts_with(SEALED.as_bytes())
}

/// What a database's secrets are sealed with, or why nothing can be.
#[derive(Debug, Clone)]
pub struct Secrets(Result<SecretsKey, SecretsError>);

impl From<SecretsKey> for Secrets {
    fn from(key: SecretsKey) -> Self {
        Self(Ok(key))
    }
}

impl From<SecretsError> for Secrets {
    fn from(why: SecretsError) -> Self {
        Self(Err(why))
    }
}

impl Secrets {
    /// The key.
    ///
    /// # Errors
    /// Why there is none.
    pub fn key(&self) -> Result<&SecretsKey, SecretsError> {
        self.0.as_ref().map_err(Clone::clone)
    }

    /// Seals the secret of a place, such as `webhook 7`.
    ///
    /// # Errors
    /// [`SecretsError`] without a key.
    pub fn seal(&self, place: &str, secret: &[u8]) -> Result<String, SecretsError> {
        self.key()?.seal(place, secret)
    }

    /// Opens what was kept of a place; what was kept before there was a key is as it was.
    ///
    /// # Errors
    /// [`SecretsError`].
    pub fn open(&self, place: &str, kept: &[u8]) -> Result<Vec<u8>, SecretsError> {
        if !is_sealed(kept) {
            return Ok(kept.to_vec());
        }
        let kept = std::str::from_utf8(kept).map_err(|_| SecretsError::Damaged {
            place: place.to_owned(),
        })?;
        self.key()?.open(place, kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_in_its_place_under_its_key_alone() {
        let (key, other) = (SecretsKey::random(), SecretsKey::random());
        let (ours, theirs) = (Secrets::from(key.clone()), Secrets::from(other));
        let kept = ours.seal("webhook 7", b"a secret").expect("a key");
        assert!(kept.starts_with(&format!("mh1.{}.", key.name())));
        assert_eq!(
            ours.open("webhook 7", kept.as_bytes()).as_deref(),
            Ok(&b"a secret"[..])
        );
        assert_ne!(kept, ours.seal("webhook 7", b"a secret").expect("a key"));
        let damaged = |place: &str| {
            Err(SecretsError::Damaged {
                place: place.to_owned(),
            })
        };
        assert_eq!(
            ours.open("webhook 8", kept.as_bytes()),
            damaged("webhook 8")
        );
        let why = theirs.open("webhook 7", kept.as_bytes());
        assert!(matches!(why, Err(SecretsError::OtherKey { .. })), "{why:?}");
        // Every byte counts.
        for at in 0..kept.len() {
            let mut changed = kept.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let opened = ours.open("webhook 7", &changed);
            // Without its beginning it is none that was sealed.
            if at >= SEALED.len() {
                assert!(opened.is_err(), "{at}: {opened:?}");
            }
        }
        for short in ["mh1.", "mh1.x", &format!("mh1.{}.", key.name())] {
            assert!(ours.open("webhook 7", short.as_bytes()).is_err(), "{short}");
        }
    }

    #[test]
    fn what_was_kept_before_there_was_a_key_is_as_it_was() {
        let none = Secrets::from(SecretsError::NoKey);
        assert_eq!(none.open("x", b"plain"), Ok(b"plain".to_vec()));
        assert_eq!(none.seal("x", b"plain"), Err(SecretsError::NoKey));
    }

    #[test]
    fn a_key_file_is_made_once_for_its_owner_and_read_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(KEY_FILE);
        assert!(SecretsKey::read(&path).expect("none yet").is_none());
        let made = SecretsKey::make(&path).expect("room for it");
        let again = SecretsKey::make(&path).expect("it is there");
        assert_eq!(made.name(), again.name());
        let read = SecretsKey::read(&path)
            .expect("a key")
            .expect("it is there");
        assert_eq!(made.name(), read.name());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&path).expect("it").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        for bad in ["", "short", "AAAA", &"A".repeat(5000), "päss"] {
            std::fs::write(&path, bad).expect("written");
            let why = SecretsKey::read(&path).expect_err(bad).to_string();
            assert!(why.contains("secrets.key"), "{why}");
        }
    }
}
