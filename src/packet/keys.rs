//! The keys that packets are signed with: Ed25519, one in use at a time, kept in
//! the data directory, readable by its owner alone.
//!
//! ```text
//! keys/packet.pem                 the private key in use, PKCS#8, mode 0600
//! keys/public/<id>.pem            every public key there ever was
//! keys/public/<new>.by-<old>.sig  a new key's PEM file, signed by the one before
//! ```
//!
//! A key's name is the first 16 hexadecimal digits of the SHA-256 of its public
//! part (the SubjectPublicKeyInfo, as `openssl pkey -pubin -outform DER` writes it).

mod key;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use rand::RngExt as _;
use serde_json::json;

use crate::app::App;
use crate::store::StoreError;

pub use key::{PublicKey, SigningKey};

/// The largest key file looked at, in bytes.
const MAX_PEM: u64 = 16 * 1024;

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file cannot be read or written.
    #[error("cannot {doing} the key {path}: {source}; check the permissions of that folder")]
    File {
        /// `read` or `write`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is no Ed25519 key.
    #[error("{path} is no {what} Ed25519 key in PEM form: {why}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// `public` or `private`.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
}

/// The keys of a data directory.
#[derive(Debug, Clone)]
pub struct Keyring {
    folder: PathBuf,
}

impl Keyring {
    /// The keys of that data directory; touches nothing.
    #[must_use]
    pub fn of(data_dir: &Path) -> Self {
        Self {
            folder: data_dir.join("keys"),
        }
    }

    fn private(&self) -> PathBuf {
        self.folder.join("packet.pem")
    }

    /// Where public keys are kept.
    #[must_use]
    pub fn public_folder(&self) -> PathBuf {
        self.folder.join("public")
    }

    fn public_file(&self, key: &PublicKey) -> PathBuf {
        self.public_folder().join(format!("{}.pem", key.id()))
    }

    /// The key in use, if there is one yet.
    ///
    /// # Errors
    /// [`KeyError`] when it cannot be read.
    pub fn current(&self) -> Result<Option<SigningKey>, KeyError> {
        let path = self.private();
        let text = match read_small(&path) {
            Err(KeyError::File { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                return Ok(None);
            }
            text => text?,
        };
        SigningKey::parse(&text)
            .map(Some)
            .map_err(|why| KeyError::Invalid {
                path,
                what: "private",
                why,
            })
    }

    /// The key in use; the first time it is made. Tells whether it was.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn current_or_new(&self) -> Result<(SigningKey, bool), KeyError> {
        if let Some(key) = self.current()? {
            return Ok((key, false));
        }
        let (key, file) = self.fresh()?;
        let path = self.private();
        match file.persist_noclobber(&path) {
            Ok(_) => Ok((key, true)),
            // Another was first: then its key is the key, and of this one nothing stays.
            Err(_) if path.exists() => {
                let unused = self.public_file(&key.public());
                std::fs::remove_file(&unused).map_err(writing(&unused))?;
                match self.current()? {
                    Some(key) => Ok((key, false)),
                    None => Err(writing(&path)(std::io::ErrorKind::NotFound.into())),
                }
            }
            Err(error) => Err(writing(&path)(error.error)),
        }
    }

    /// Puts a new key in place of the one in use, signed by that. The old private
    /// key is gone afterwards; what it signed stays checkable.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn rotate(&self) -> Result<(Option<PublicKey>, SigningKey), KeyError> {
        let old = self.current()?;
        let (key, file) = self.fresh()?;
        if let Some(old) = &old {
            let name = format!("{}.by-{}.sig", key.public().id(), old.public().id());
            let signature = old.sign(key.public().pem().as_bytes());
            write_new(&self.public_folder().join(name), &signature)?;
        }
        let path = self.private();
        file.persist(&path)
            .map_err(|error| writing(&path)(error.error))?;
        Ok((old.map(|old| old.public()), key))
    }

    /// Every public key there ever was, by name.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn all(&self) -> Result<Vec<PublicKey>, KeyError> {
        let mut paths = self.public_files()?;
        paths.retain(|path| path.extension().is_some_and(|end| end == "pem"));
        paths.iter().map(|path| PublicKey::read(path)).collect()
    }

    /// The files of [`Self::public_folder`], in order.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn public_files(&self) -> Result<Vec<PathBuf>, KeyError> {
        let folder = self.public_folder();
        let reading = |source| KeyError::File {
            doing: "read",
            path: folder.clone(),
            source,
        };
        let entries = match std::fs::read_dir(&folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(reading)?,
        };
        let paths: Result<Vec<PathBuf>, _> = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect();
        let mut paths = paths.map_err(reading)?;
        paths.sort();
        Ok(paths)
    }

    /// A new key, its public part already in its place, the private one in a file
    /// that only its owner can read and that is not in its place yet.
    fn fresh(&self) -> Result<(SigningKey, tempfile::NamedTempFile), KeyError> {
        let seed: [u8; 32] = rand::rng().random();
        let key = SigningKey::from_seed(&seed).map_err(|why| KeyError::Invalid {
            path: self.private(),
            what: "private",
            why,
        })?;
        let folder = self.public_folder();
        std::fs::create_dir_all(&folder).map_err(writing(&folder))?;
        restrict(&self.folder)?;
        let public = self.public_file(&key.public());
        write_new(&public, key.public().pem().as_bytes())?;
        // Such files are made with mode 0600.
        let mut file =
            tempfile::NamedTempFile::new_in(&self.folder).map_err(writing(&self.folder))?;
        let text = key::private_pem(&seed);
        file.write_all(text.as_bytes())
            .and_then(|()| file.as_file().sync_all())
            .map_err(writing(&self.private()))?;
        Ok((key, file))
    }
}

/// Puts on record that a key was made, and which one it follows.
///
/// # Errors
/// When the database cannot be written.
pub async fn record_key(
    app: &App,
    actor: &str,
    action: &str,
    key: &SigningKey,
    before: Option<PublicKey>,
) -> Result<(), StoreError> {
    let public = key.public();
    let detail = json!({
        "sha256": public.fingerprint(),
        "before": before.map(|key| key.fingerprint()),
    });
    let subject = format!("key {}", public.id());
    app.store.audit(actor, action, &subject, &detail).await
}

#[cfg(unix)]
fn restrict(folder: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
        .map_err(writing(folder))
}

#[cfg(not(unix))]
fn restrict(_folder: &Path) -> Result<(), KeyError> {
    Ok(())
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
    std::fs::write(path, bytes).map_err(writing(path))
}

fn writing(path: &Path) -> impl Fn(std::io::Error) -> KeyError {
    move |source| KeyError::File {
        doing: "write",
        path: path.to_owned(),
        source,
    }
}

fn read_small(path: &Path) -> Result<Vec<u8>, KeyError> {
    use std::io::Read as _;
    let mut text = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(MAX_PEM).read_to_end(&mut text))
        .map_err(|source| KeyError::File {
            doing: "read",
            path: path.to_owned(),
            source,
        })?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_who_want_the_first_key_at_once_all_get_the_same_and_it_is_the_only_one() {
        let dir = tempfile::tempdir().unwrap();
        for round in 0..20 {
            let ring = Keyring::of(&dir.path().join(round.to_string()));
            let ids: std::collections::BTreeSet<String> = std::thread::scope(|scope| {
                let all: Vec<_> = (0..4)
                    .map(|_| scope.spawn(|| ring.current_or_new().unwrap().0.public().id()))
                    .collect();
                all.into_iter()
                    .map(|one| one.join().unwrap().to_string())
                    .collect()
            });
            assert_eq!(ids.len(), 1);
            assert_eq!(ring.all().unwrap().len(), 1);
        }
    }

    #[test]
    fn a_key_is_made_once_and_signs_the_same_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let ring = Keyring::of(folder.path());
        assert!(ring.current().unwrap().is_none());
        let (key, made) = ring.current_or_new().unwrap();
        let (again, made_again) = ring.current_or_new().unwrap();
        assert!(made && !made_again);
        assert_eq!(key.public(), again.public());
        assert_eq!(key.sign(b"x"), again.sign(b"x"));
        assert!(key.public().signed(b"x", &key.sign(b"x")));
        assert!(!key.public().signed(b"y", &key.sign(b"x")));
        assert_eq!(
            PublicKey::parse(key.public().pem().as_bytes()),
            Ok(key.public())
        );
    }

    #[cfg(unix)]
    #[test]
    fn the_private_key_is_readable_by_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let ring = Keyring::of(folder.path());
        for _ in 0..2 {
            ring.rotate().unwrap();
            let mode = std::fs::metadata(ring.private()).unwrap().permissions();
            assert_eq!(mode.mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_new_key_is_signed_by_the_one_before_and_the_old_private_key_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let ring = Keyring::of(folder.path());
        let (first, _) = ring.current_or_new().unwrap();
        let (old, new) = ring.rotate().unwrap();
        assert_eq!(old, Some(first.public()));
        let name = format!("{}.by-{}.sig", new.public().id(), first.public().id());
        let signature = std::fs::read(ring.public_folder().join(name)).unwrap();
        assert!(
            first
                .public()
                .signed(new.public().pem().as_bytes(), &signature)
        );
        assert_eq!(ring.current().unwrap().unwrap().public(), new.public());
        assert_eq!(ring.all().unwrap().len(), 2);
    }

    #[test]
    fn what_is_no_such_key_is_refused_in_words() {
        for text in [
            "",
            "no PEM",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        ] {
            assert!(PublicKey::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
