//! What a fetcher is made of.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::{Limits, Memory, ProcessMemory};
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
        }
    }
}

impl fmt::Debug for FetchOptions {
    /// Names credentials, never shows them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchOptions")
            .field("user_agent", &self.user_agent)
            .field("allow_private_hosts", &self.allow_private_hosts)
            .field("limits", &self.limits)
            .field("credentials", &self.credentials.keys())
            .finish_non_exhaustive()
    }
}
