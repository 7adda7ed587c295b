//! What a fetcher is made of.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::{FetchError, Limits, Memory, ProcessMemory};
use crate::Clock;

/// What a [`super::Fetcher`] is made of.
#[derive(Clone)]
pub struct FetchOptions {
    /// Who we are, with a way to reach us: `markhound/0.1 (+mailto:…)`. The
    /// first word is the name looked for in robots.txt.
    pub user_agent: String,
    /// Hosts that may be reached although their address is not public:
    /// `host`, `host:port`, a literal address, or a network (`10.0.0.0/8`).
    pub allow_private_hosts: Vec<String>,
    /// The bounds of every fetch.
    pub limits: Limits,
    /// Where the time comes from.
    pub clock: Clock,
    /// Names of environment variables, as definitions use them, to values.
    pub credentials: HashMap<String, String>,
    /// Where quotas used and pauses asked for are kept. The default lasts as
    /// long as the process; give a lasting one where there are restarts or
    /// several workers.
    pub memory: Arc<dyn Memory>,
    /// Certificates, in DER, that are trusted besides the machine's own: for
    /// users behind a company's certificate authority.
    pub extra_roots: Vec<Bytes>,
}

impl FetchOptions {
    /// Default limits, no private hosts, no credentials.
    #[must_use]
    pub fn new(user_agent: &str, clock: Clock) -> Self {
        Self {
            user_agent: user_agent.to_owned(),
            allow_private_hosts: Vec::new(),
            limits: Limits::default(),
            clock,
            credentials: HashMap::new(),
            memory: Arc::new(ProcessMemory::default()),
            extra_roots: Vec::new(),
        }
    }

    /// Adds every certificate of a PEM file (RFC 7468) to
    /// [`Self::extra_roots`]; tells how many these were.
    ///
    /// # Errors
    /// [`FetchError::Client`] when the text is no PEM or holds no certificate.
    pub fn trust_pem(&mut self, pem: &[u8]) -> Result<usize, FetchError> {
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let found = found.map_err(|error| FetchError::Client {
            reason: format!("the extra certificates are no PEM: {error}"),
        })?;
        if found.is_empty() {
            return Err(FetchError::Client {
                reason: "the extra certificates' file holds no certificate".to_owned(),
            });
        }
        self.extra_roots
            .extend(found.iter().map(|der| Bytes::copy_from_slice(der)));
        Ok(found.len())
    }
}

impl fmt::Debug for FetchOptions {
    /// Names credentials, never shows them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchOptions")
            .field("user_agent", &self.user_agent)
            .field("allow_private_hosts", &self.allow_private_hosts)
            .field("limits", &self.limits)
            .field("extra_roots", &self.extra_roots.len())
            .field("credentials", &self.credentials.keys())
            .finish_non_exhaustive()
    }
}
