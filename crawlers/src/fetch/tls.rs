//! TLS: the machine's trusted certificates, and those given besides.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::FetchError;

/// Speaks TLS. The certificates are read when they are first needed.
pub(super) struct Tls {
    extra_roots: Vec<CertificateDer<'static>>,
    config: OnceLock<Result<Arc<ClientConfig>, String>>,
}

/// What a handshake brought to light.
pub(super) struct Session {
    /// The certificates the server sent, leaf first, in DER.
    pub chain: Vec<Bytes>,
    pub h2: bool,
}

/// Why https cannot be spoken on this machine.
#[derive(Debug, thiserror::Error)]
#[error(
    "no trusted certificates on this machine, so https cannot be fetched ({0}); install the package ca-certificates"
)]
pub(super) struct NoTrust(String);

impl Tls {
    /// # Errors
    /// [`FetchError::Client`] when one of `extra_roots` is no certificate.
    pub(super) fn new(extra_roots: &[Bytes]) -> Result<Self, FetchError> {
        let extra_roots: Vec<_> = extra_roots
            .iter()
            .map(|der| CertificateDer::from(der.to_vec()))
            .collect();
        for (at, root) in extra_roots.iter().enumerate() {
            RootCertStore::empty()
                .add(root.clone())
                .map_err(|error| FetchError::Client {
                    reason: format!("`extra_roots` number {}: {error}", at + 1),
                })?;
        }
        Ok(Self {
            extra_roots,
            config: OnceLock::new(),
        })
    }

    pub(super) async fn handshake<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        host: &str,
        io: S,
    ) -> Result<(TlsStream<S>, Session), Box<dyn std::error::Error + Send + Sync>> {
        let config = self
            .config
            .get_or_init(|| self.configure())
            .clone()
            .map_err(NoTrust)?;
        let name = ServerName::try_from(host.trim_end_matches('.').to_owned())?;
        let stream = TlsConnector::from(config).connect(name, io).await?;
        let (_, connection) = stream.get_ref();
        let session = Session {
            chain: connection
                .peer_certificates()
                .unwrap_or_default()
                .iter()
                .map(|certificate| Bytes::copy_from_slice(certificate))
                .collect(),
            h2: connection.alpn_protocol() == Some(b"h2"),
        };
        Ok((stream, session))
    }

    fn configure(&self) -> Result<Arc<ClientConfig>, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let configure = || {
            let roots = self.extra_roots.iter().cloned();
            let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider))?;
            let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
                .with_safe_default_protocol_versions()?
                // Not dangerous: it is the platform's own verifier.
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(verifier))
                .with_no_client_auth();
            config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
            Ok(Arc::new(config))
        };
        configure().map_err(|error: rustls::Error| error.to_string())
    }
}
