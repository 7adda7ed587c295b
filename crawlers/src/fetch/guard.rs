//! The address guard: a crawler must never be led into private networks.
//!
//! Checked three times: a literal address before anything is sent (the
//! resolver is never asked for literals), every resolved address before it is
//! connected to, and the peer after the answer.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::definition::pattern::split_port;

/// What `allow_private_hosts` opens.
#[derive(Debug, Clone, Default)]
pub(super) struct Guard {
    networks: Vec<IpNet>,
    /// Host name or literal, and the only port if one is named.
    hosts: Vec<(String, Option<u16>)>,
}

impl Guard {
    pub(super) fn new(entries: &[String]) -> Self {
        let mut guard = Self::default();
        for entry in entries {
            let entry = entry.trim();
            if let Ok(network) = entry.parse::<IpNet>() {
                guard.networks.push(network);
            } else {
                let (name, port) = if entry.parse::<IpAddr>().is_ok() {
                    (entry, None)
                } else {
                    split_port(entry)
                };
                guard.hosts.push((name.to_ascii_lowercase(), port));
            }
        }
        guard
    }

    /// Whether this host and port is named, whatever it resolves to.
    pub(super) fn names(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        self.hosts.iter().any(|(name, port)| {
            (name == &host || name == bare)
                && port.is_none_or(|port| url.port_or_known_default() == Some(port))
        })
    }

    /// Whether an address may be connected to.
    pub(super) fn allows(&self, address: IpAddr) -> bool {
        refusal(address).is_none() || self.networks.iter().any(|net| net.contains(&address))
    }

    /// Why a URL may not be asked, as far as its text tells.
    pub(super) fn check(&self, url: &Url) -> Result<(), String> {
        let address = match url.host() {
            Some(Host::Ipv4(v4)) => IpAddr::V4(v4),
            Some(Host::Ipv6(v6)) => IpAddr::V6(v6),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err("it names no host".to_owned()),
        };
        self.check_address(url, address)
    }

    /// Why an address that answered, or would, may not.
    pub(super) fn check_address(&self, url: &Url, address: IpAddr) -> Result<(), String> {
        if self.allows(address) || self.names(url) {
            return Ok(());
        }
        let kind = refusal(address).unwrap_or("not public");
        Err(format!(
            "{address} is {kind}; name the host in `allow_private_hosts` if it is meant"
        ))
    }
}

/// Resolves names and drops the addresses that the guard refuses.
pub(super) struct GuardedResolver {
    pub(super) guard: Arc<Guard>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Arc::clone(&self.guard);
        Box::pin(async move {
            let name = name.as_str().to_owned();
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let allowed: Vec<SocketAddr> = found
                .iter()
                .copied()
                .filter(|a| guard.allows(a.ip()))
                .collect();
            if allowed.is_empty() {
                let kind = found
                    .first()
                    .and_then(|a| refusal(a.ip()))
                    .unwrap_or("unknown");
                return Err(Refused { name, kind }.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// A name that has refused addresses only.
#[derive(Debug, thiserror::Error)]
#[error(
    "{name} resolves to an address that is {kind}; name the host in `allow_private_hosts` if it is meant"
)]
pub(super) struct Refused {
    name: String,
    kind: &'static str,
}

/// Why an address is not for crawling; none for a public one.
pub(super) fn refusal(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(v4) => refusal_v4(v4),
        IpAddr::V6(v6) => refusal_v6(v6),
    }
}

fn refusal_v4(address: Ipv4Addr) -> Option<&'static str> {
    let [a, b, c, d] = address.octets();
    match (a, b, c, d) {
        (0, ..) => Some("unspecified"),
        (127, ..) => Some("loopback"),
        (10, ..) | (172, 16..=31, ..) | (192, 168, ..) => Some("private"),
        (169, 254, ..) => Some("link-local (cloud metadata)"),
        (168, 63, 129, 16) => Some("a cloud metadata service"),
        (100, 64..=127, ..) => Some("shared address space (CGNAT)"),
        (192, 0, 0 | 2, _) | (198, 51, 100, _) | (203, 0, 113, _) | (192, 88, 99, _) => {
            Some("reserved")
        }
        (198, 18..=19, ..) => Some("for benchmarks"),
        (224..=239, ..) => Some("multicast"),
        (240..=255, ..) => Some("reserved"),
        _ => None,
    }
}

fn refusal_v6(address: Ipv6Addr) -> Option<&'static str> {
    let s = address.segments();
    let embedded = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        refusal_v4(Ipv4Addr::new(a, b, c, d))
    };
    match s {
        [0, 0, 0, 0, 0, 0, 0, 0] => Some("unspecified"),
        [0, 0, 0, 0, 0, 0, 0, 1] => Some("loopback"),
        // IPv4-mapped, IPv4-compatible and NAT64: judged by what is inside.
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] | [0, 0, 0, 0, 0xffff, 0, high, low] => {
            embedded(high, low)
        }
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        [0x64, 0xff9b, 1, ..] => Some("private (NAT64)"),
        [0x2002, high, low, ..] => embedded(high, low),
        [0x2001, 0, ..] => Some("a Teredo tunnel"),
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0x0fff, ..] | [0x100, 0, 0, 0, ..] | [0x5f00, ..] => {
            Some("reserved")
        }
        [0xfc00..=0xfdff, ..] => Some("unique local (private)"),
        [0xfe80..=0xfebf, ..] => Some("link-local"),
        [0xfec0..=0xfeff, ..] => Some("site-local"),
        [0xff00..=0xffff, ..] => Some("multicast"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str, allow: &[&str]) -> bool {
        let allow: Vec<String> = allow.iter().map(|s| (*s).to_owned()).collect();
        Guard::new(&allow)
            .check(&Url::parse(url).expect("a URL"))
            .is_err()
    }

    #[test]
    fn every_spelling_of_a_private_address_is_refused() {
        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:a00:1]/",
            "http://0/",
            "http://10.1.2.3/",
            "http://172.31.0.1/",
            "http://192.168.1.1/",
            "http://100.64.0.1/",
            "http://169.254.169.254/latest/meta-data",
            "http://[fd00:ec2::254]/",
            "http://[fe80::1]/",
            "http://[64:ff9b::a9fe:a9fe]/",
            "http://[2002:7f00:1::]/",
            "http://[ff02::1]/",
            "http://224.0.0.1/",
            "http://255.255.255.255/",
            "http://168.63.129.16/",
        ] {
            assert!(refused(url, &[]), "{url} got through");
        }
    }

    #[test]
    fn public_addresses_and_names_pass() {
        for url in [
            "http://93.184.216.34/",
            "http://[2606:2800:220:1::1]/",
            "https://shop.example/",
            "http://172.32.0.1/",
        ] {
            assert!(!refused(url, &[]), "{url} was refused");
        }
    }

    #[test]
    fn an_entry_opens_its_host_its_port_or_its_network_and_nothing_else() {
        assert!(!refused("http://127.0.0.1:8080/", &["127.0.0.1"]));
        assert!(!refused("http://127.0.0.1:8080/", &["127.0.0.1:8080"]));
        assert!(refused("http://127.0.0.1:8081/", &["127.0.0.1:8080"]));
        assert!(!refused("http://10.9.8.7/", &["10.0.0.0/8"]));
        assert!(!refused("http://[::1]:9/", &["::1"]));
        assert!(!refused("http://[::1]:9/", &["[::1]:9"]));
        assert!(refused("http://192.168.0.1/", &["10.0.0.0/8", "127.0.0.1"]));
    }
}
