//! Marketplaces that are known by their host.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use url::Url;

const DATA: &str = include_str!("../../data/probe_hosts.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hosts {
    api: Vec<Api>,
    closed: Vec<Closed>,
}

/// A marketplace with an official API.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Api {
    names: Vec<String>,
    /// The shipped definition.
    pub definition: String,
    /// Setting to hosts and what it is there.
    #[serde(default)]
    settings: BTreeMap<String, Vec<(String, String)>>,
}

/// A marketplace that is closed to crawling.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Closed {
    names: Vec<String>,
    pub why: String,
}

#[derive(Debug)]
pub(super) enum Known {
    Api(&'static Api),
    Closed(&'static Closed),
}

impl Api {
    /// The settings of this host's marketplace.
    pub(super) fn settings(&self, host: &str) -> Vec<(&str, &str)> {
        let chosen = self.settings.iter().filter_map(|(name, hosts)| {
            let (_, value) = hosts.iter().find(|(of, _)| is_below(host, of))?;
            Some((name.as_str(), value.as_str()))
        });
        chosen.collect()
    }
}

/// The id of a shipped definition for as long as the program runs.
pub(super) fn shipped_id(id: &str) -> Option<&'static str> {
    let mut apis = hosts().api.iter();
    apis.find(|api| api.definition == id)
        .map(|api| api.definition.as_str())
}

fn hosts() -> &'static Hosts {
    static HOSTS: LazyLock<Hosts> =
        LazyLock::new(|| toml::from_str(DATA).unwrap_or_else(|error| unreachable!("{error}")));
    &HOSTS
}

/// What is known of the host of a URL without asking it.
pub(super) fn known(url: &Url) -> Option<Known> {
    let host = url.host_str()?.trim_end_matches('.');
    let is = |names: &[String]| names.iter().any(|name| covers(name, host));
    let api = hosts().api.iter().find(|api| is(&api.names));
    api.map(Known::Api).or_else(|| {
        let closed = hosts().closed.iter().find(|closed| is(&closed.names));
        closed.map(Known::Closed)
    })
}

fn covers(name: &str, host: &str) -> bool {
    let Some(brand) = name.strip_suffix(".*") else {
        return is_below(host, name);
    };
    // `brand.com`, `brand.co.uk`, and what is below; not `brand.shop.example`.
    let parts: Vec<&str> = host.split('.').collect();
    let endings = 1..=parts.len().saturating_sub(1).min(2);
    endings.into_iter().any(|ending| {
        let at = parts.len() - ending - 1;
        let second_level = ending == 1 || matches!(parts[at + 1], "com" | "co");
        parts[at].eq_ignore_ascii_case(brand) && second_level
    })
}

fn is_below(host: &str, name: &str) -> bool {
    let host = host.to_ascii_lowercase();
    host.strip_suffix(name)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Definition;

    fn of(url: &str) -> Option<String> {
        let url = Url::parse(url).expect("a URL");
        known(&url).map(|known| match known {
            Known::Api(api) => api.definition.clone(),
            Known::Closed(closed) => closed.why.clone(),
        })
    }

    #[test]
    fn marketplaces_are_known_in_every_country_and_no_other_host_is() {
        for url in [
            "https://www.ebay.de/itm/1",
            "https://ebay.co.uk",
            "https://EBAY.com.au/",
        ] {
            assert_eq!(of(url).as_deref(), Some("ebay"), "{url}");
        }
        assert_eq!(
            of("https://item.rakuten.co.jp/x").as_deref(),
            Some("rakuten")
        );
        assert!(of("https://www.amazon.co.jp/dp/1").is_some_and(|why| why.contains("Amazon")));
        assert!(of("https://articulo.mercadolibre.com.ar/x").is_some());
        for url in [
            "https://notebay.com",
            "https://ebay.shop.example",
            "https://amazon.evil.example/",
            "https://myetsy.com",
            "http://127.0.0.1/ebay.com",
        ] {
            assert_eq!(of(url), None, "{url}");
        }
    }

    #[test]
    fn every_known_api_ships_and_each_setting_is_one_of_its_values() {
        for api in &hosts().api {
            let text = Definition::builtin_text(&api.definition).expect("it ships");
            for (name, values) in &api.settings {
                for (_, value) in values {
                    let chosen = BTreeMap::from([(name.clone(), value.clone())]);
                    Definition::parse_with(text, &api.definition, &chosen).expect("a value");
                }
            }
        }
    }
}
