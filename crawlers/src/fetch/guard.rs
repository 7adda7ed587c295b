//! The address guard: a crawler must never be led into private networks.
//!
//! Checked in three places: host and port of every URL before anything is sent
//! to it, every resolved address before it is connected to, and the peer of a
//! connection before a byte goes out (see [`super::connect`]). A host is judged
//! as the URL standard reads it, so `0x7f.1`, `127。0。0。1` and `%31%32%37.1`
//! have become `127.0.0.1` by then.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
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
                guard.hosts.push((bare(name), port));
            }
        }
        guard
    }

    /// Whether this host and port is named, whatever it resolves to.
    pub(super) fn names(&self, host: &str, port: u16) -> bool {
        let host = bare(host);
        self.hosts
            .iter()
            .any(|(name, only)| *name == host && only.is_none_or(|only| only == port))
    }

    /// Why a URL may not be asked, as far as its text tells.
    pub(super) fn check(&self, url: &Url) -> Result<(), String> {
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err("it names no host".to_owned());
        };
        if self.names(url.host_str().unwrap_or_default(), port) {
            return Ok(());
        }
        let address = match host {
            Host::Ipv4(v4) => Some(IpAddr::V4(v4)),
            Host::Ipv6(v6) => Some(IpAddr::V6(v6)),
            Host::Domain(_) => None,
        };
        let refused = match (address, host) {
            (Some(address), _) => match self.permit(address) {
                Ok(()) if self.opens(address) => return Ok(()),
                permitted => permitted.err(),
            },
            // Where a network is open its names are too: the resolver decides.
            (None, Host::Domain(name)) if self.networks.is_empty() => reserved_name(name),
            _ => None,
        };
        let meant = "name the host in `allow_private_hosts` if it is meant";
        if let Some(kind) = refused {
            return Err(format!(
                "{} is {kind}; {meant}",
                url.host_str().unwrap_or_default()
            ));
        }
        if BLOCKED_PORTS.binary_search(&port).is_ok() {
            return Err(format!("port {port} is not one of the web; {meant}"));
        }
        Ok(())
    }

    /// Whether an address may be connected to; if not, what it is.
    pub(super) fn permit(&self, address: IpAddr) -> Result<(), &'static str> {
        match refusal(address) {
            Some(kind) if !self.opens(address) => Err(kind),
            _ => Ok(()),
        }
    }

    fn opens(&self, address: IpAddr) -> bool {
        let plain = address.to_canonical();
        self.networks
            .iter()
            .any(|network| network.contains(&address) || network.contains(&plain))
    }
}

/// A host without brackets, the root's dot, and capitals.
fn bare(host: &str) -> String {
    host.trim_start_matches('[')
        .trim_end_matches(']')
        .trim_end_matches('.')
        .to_ascii_lowercase()
}

/// A host that has refused addresses only.
#[derive(Debug, thiserror::Error)]
#[error(
    "{host} leads to an address that is {kind}; name the host in `allow_private_hosts` if it is meant"
)]
pub(super) struct Refused {
    host: String,
    kind: &'static str,
}

impl Refused {
    pub(super) fn new(host: &str, kind: &'static str) -> Self {
        Self {
            host: host.to_owned(),
            kind,
        }
    }
}

/// Ports no shop is served on: those browsers refuse (the "bad ports" of the
/// WHATWG Fetch standard, §2.9), and those of databases, caches and machine
/// control that would take an HTTP request for a command. Sorted.
const BLOCKED_PORTS: &[u16] = &[
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101,
    102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427,
    445, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 873,
    989, 990, 993, 995, 1433, 1521, 1719, 1720, 1723, 2049, 2375, 2376, 2379, 2380, 3306, 3389,
    3659, 4045, 4190, 5060, 5061, 5432, 5672, 5900, 5984, 6000, 6379, 6566, 6665, 6666, 6667, 6668,
    6669, 6679, 6697, 9200, 9300, 10080, 10250, 11211, 27017,
];

/// Why a name is not one of the public web; none when it may be.
fn reserved_name(name: &str) -> Option<&'static str> {
    // RFC 6761, 6762, 7686, 8375, and what ICANN and cloud providers set aside.
    const PRIVATE: [&str; 7] = [
        "local",
        "localdomain",
        "internal",
        "home.arpa",
        "lan",
        "intranet",
        "onion",
    ];
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let is_in = |domain: &str| {
        name.strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    if is_in("localhost") {
        return Some("this machine (loopback)");
    }
    if PRIVATE.into_iter().any(is_in) {
        return Some("a name of private networks");
    }
    (!name.contains('.')).then_some("not a public name")
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
        // Benchmarks, ORCHID (both versions), documentation.
        [0x2001, 2, 0, ..] | [0x2001, 0x10..=0x2f, ..] => Some("reserved"),
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0x0fff, ..] => Some("for documentation"),
        [0xfc00..=0xfdff, ..] => Some("unique local (private)"),
        [0xfe80..=0xfebf, ..] => Some("link-local"),
        [0xfec0..=0xfeff, ..] => Some("site-local"),
        [0xff00..=0xffff, ..] => Some("multicast"),
        // ISATAP (RFC 5214) carries an IPv4 address too.
        [.., 0 | 0x200, 0x5efe, high, low] => embedded(high, low),
        // Nothing else is given out as global unicast (RFC 4291 §2.4).
        [0x2000..=0x3fff, ..] => None,
        _ => Some("reserved"),
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
