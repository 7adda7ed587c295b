//! The HTTP clients: how they are set up, and which one a URL gets.

use std::sync::{Arc, Once};

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};
use url::Url;

use super::FetchError;
use super::guard::{Guard, GuardedResolver};
use super::limits::seconds;
use super::options::FetchOptions;

/// One client that resolves through the guard, and one for the hosts that are
/// named in `allow_private_hosts`.
pub(super) struct Clients {
    guarded: Client,
    open: Client,
    /// Why https cannot be spoken here, if it cannot.
    no_tls: Option<String>,
}

impl Clients {
    pub(super) fn new(options: &FetchOptions, guard: &Arc<Guard>) -> Result<Self, FetchError> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // Fails only when the application has chosen one already.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let guarded = || {
            let guard = Arc::clone(guard);
            builder(options).dns_resolver(Arc::new(GuardedResolver { guard }))
        };
        let failed = |error: reqwest::Error| FetchError::Client {
            reason: innermost(&error),
        };
        match guarded().build() {
            Ok(client) => Ok(Self {
                guarded: client,
                open: builder(options).build().map_err(failed)?,
                no_tls: None,
            }),
            // Without a certificate store nothing can be built at all; with an
            // empty list of certificates plain http at least works.
            Err(error) => Ok(Self {
                guarded: guarded().tls_certs_only([]).build().map_err(failed)?,
                open: builder(options)
                    .tls_certs_only([])
                    .build()
                    .map_err(failed)?,
                no_tls: Some(innermost(&error)),
            }),
        }
    }

    pub(super) fn pick(&self, url: &Url, named: bool) -> Result<&Client, FetchError> {
        if url.scheme() == "https"
            && let Some(reason) = &self.no_tls
        {
            return Err(FetchError::Client {
                reason: format!(
                    "no trusted certificates on this machine, so {url} cannot be fetched ({reason}); install the package ca-certificates"
                ),
            });
        }
        Ok(if named { &self.open } else { &self.guarded })
    }
}

fn builder(options: &FetchOptions) -> ClientBuilder {
    Client::builder()
        .user_agent(&options.user_agent)
        .redirect(Policy::none())
        // A proxy from the environment would resolve names behind the guard.
        .no_proxy()
        .referer(false)
        .connect_timeout(seconds(options.limits.request_seconds))
        .http2_max_header_list_size(u32::try_from(options.limits.header_bytes).unwrap_or(u32::MAX))
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut at = error;
    while let Some(inner) = at.source() {
        at = inner;
    }
    at.to_string()
}
