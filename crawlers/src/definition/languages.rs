//! Shops that have every page once a language: which one is read.

use serde::Deserialize;
use url::Url;

use crate::discover::canonical::is_language;

/// The longest name of a language in an address.
const MAX_NAME: usize = 20;
/// The most languages listed.
const MAX_OTHERS: usize = 200;

/// The language that is read of a shop that has every page in several.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Languages {
    /// As addresses have it; empty where addresses of this language name none.
    pub keep: String,
    /// Those that are not read; empty means every one there is. An empty name
    /// stands for addresses that name no language.
    #[serde(default)]
    pub others: Vec<String>,
    /// Where in an address the language stands.
    #[serde(default)]
    pub at: LanguageAt,
    /// Whether the rest of an address is translated too.
    #[serde(default)]
    pub translated: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum LanguageAt {
    #[default]
    Default,
    Named(NamedPlace),
    Query(QueryName),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum NamedPlace {
    /// The first segment of the path.
    Path,
    /// The first label of the host's name.
    Host,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct QueryName {
    pub query: String,
}

impl Languages {
    /// The address of the same page in the language that is read; none where
    /// that cannot be told, so that the page is left.
    pub(crate) fn turned(&self, url: Url) -> Option<Url> {
        let turned = match &self.at {
            LanguageAt::Default | LanguageAt::Named(NamedPlace::Path) => self.in_path(&url),
            LanguageAt::Named(NamedPlace::Host) => self.in_host(&url),
            LanguageAt::Query(name) => self.in_query(&url, &name.query),
        };
        match turned {
            None => Some(url),
            Some(_) if self.translated => None,
            Some(turned) => Some(turned),
        }
    }

    /// Whether an address is in a language that is not read.
    pub(crate) fn is_left(&self, url: &Url) -> bool {
        self.turned(url.clone()).as_ref() != Some(url)
    }

    fn in_path(&self, url: &Url) -> Option<Url> {
        let mut segments: Vec<&str> = url.path_segments()?.collect();
        let first = segments.first().copied().unwrap_or_default();
        if self.is_other(first) {
            if self.keep.is_empty() {
                segments.remove(0);
            } else {
                segments[0] = &self.keep;
            }
        } else if self.is_other("") && !self.is_kept(first) && !self.keep.is_empty() {
            segments.insert(0, &self.keep);
        } else {
            return None;
        }
        let mut turned = url.clone();
        turned.set_path(&format!("/{}", segments.join("/")));
        Some(turned)
    }

    fn in_host(&self, url: &Url) -> Option<Url> {
        let (label, domain) = url.domain()?.split_once('.')?;
        let host = if self.is_other(label) {
            let dot = if self.keep.is_empty() { "" } else { "." };
            format!("{}{dot}{domain}", self.keep)
        } else if self.is_other("") && !self.is_kept(label) && !self.keep.is_empty() {
            format!("{}.{label}.{domain}", self.keep)
        } else {
            return None;
        };
        let mut turned = url.clone();
        turned.set_host(Some(&host)).ok()?;
        Some(turned)
    }

    fn in_query(&self, url: &Url, parameter: &str) -> Option<Url> {
        let mut found = false;
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in url.query_pairs() {
            if name != parameter {
                pairs.push((name.into_owned(), value.into_owned()));
            } else if self.is_other(&value) {
                found = true;
                if !self.keep.is_empty() {
                    pairs.push((name.into_owned(), self.keep.clone()));
                }
            } else {
                return None;
            }
        }
        if !found {
            let names_none = self.is_other("") && !self.keep.is_empty();
            let kept = || (parameter.to_owned(), self.keep.clone());
            pairs.push(names_none.then(kept)?);
        }
        let mut turned = url.clone();
        turned.set_query(None);
        if !pairs.is_empty() {
            turned.query_pairs_mut().extend_pairs(&pairs);
        }
        Some(turned)
    }

    fn is_kept(&self, name: &str) -> bool {
        name.eq_ignore_ascii_case(&self.keep)
    }

    fn is_other(&self, name: &str) -> bool {
        if self.others.is_empty() {
            return !self.is_kept(name) && is_language(name);
        }
        self.others
            .iter()
            .any(|other| other.eq_ignore_ascii_case(name))
    }

    pub(super) fn check(&self) -> Option<(&'static str, String)> {
        let is_name = |name: &str| {
            name.len() <= MAX_NAME
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        let no_name = |name: &str| format!("`{name}` is no language as addresses name them");
        if !is_name(&self.keep) {
            return Some(("discover.languages.keep", no_name(&self.keep)));
        }
        let others = "discover.languages.others";
        if self.others.len() > MAX_OTHERS {
            return Some((others, format!("more than {MAX_OTHERS} languages")));
        }
        if let Some(wrong) = self.others.iter().find(|other| !is_name(other)) {
            return Some((others, no_name(wrong)));
        }
        if self.others.iter().any(|other| self.is_kept(other)) {
            let reason = format!("`{}` is the one that is kept", self.keep);
            return Some((others, reason));
        }
        match &self.at {
            LanguageAt::Query(name) if name.query.is_empty() => Some((
                "discover.languages.at",
                "needs the name of a query parameter".to_owned(),
            )),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn languages(text: &str) -> Languages {
        let languages: Languages = toml::from_str(text).expect("languages");
        assert_eq!(languages.check(), None, "{text}");
        languages
    }

    fn turned(languages: &Languages, url: &str) -> Option<String> {
        let url = Url::parse(url).expect("a URL");
        languages.turned(url).map(String::from)
    }

    #[test]
    fn a_page_in_another_language_is_read_in_the_kept_one_wherever_addresses_name_it() {
        let all = "https://shop.example/de/lamp?a=1";
        for (text, from, to) in [
            ("keep = \"en\"", all, "https://shop.example/en/lamp?a=1"),
            ("keep = \"en\"\nothers = [\"fr\"]", all, all),
            (
                "keep = \"en-gb\"\nothers = [\"zh-cn\"]",
                "https://shop.example/ZH-CN/c/",
                "https://shop.example/en-gb/c/",
            ),
            ("keep = \"\"", all, "https://shop.example/lamp?a=1"),
            (
                "keep = \"\"",
                "https://shop.example/de",
                "https://shop.example/",
            ),
            (
                "keep = \"en\"\nothers = [\"\", \"de\"]",
                "https://shop.example/lamp",
                "https://shop.example/en/lamp",
            ),
            (
                "keep = \"en\"\nothers = [\"\", \"de\"]",
                "https://shop.example/en/lamp",
                "https://shop.example/en/lamp",
            ),
            (
                "keep = \"www\"\nothers = [\"de\", \"fr\"]\nat = \"host\"",
                "https://fr.shop.example:8443/lamp",
                "https://www.shop.example:8443/lamp",
            ),
            (
                "keep = \"\"\nothers = [\"de\"]\nat = \"host\"",
                "https://de.shop.example/lamp",
                "https://shop.example/lamp",
            ),
            (
                "keep = \"en\"\nat = { query = \"lang\" }",
                "https://shop.example/lamp?lang=de&a=1",
                "https://shop.example/lamp?lang=en&a=1",
            ),
            (
                "keep = \"\"\nat = { query = \"lang\" }",
                "https://shop.example/lamp?lang=de",
                "https://shop.example/lamp",
            ),
            (
                "keep = \"en\"\nat = { query = \"lang\" }",
                "https://shop.example/lamp?a=1",
                "https://shop.example/lamp?a=1",
            ),
        ] {
            let languages = languages(text);
            assert_eq!(turned(&languages, from).as_deref(), Some(to), "{text}");
            assert_eq!(turned(&languages, to).as_deref(), Some(to), "{text} twice");
        }
    }

    #[test]
    fn pages_whose_whole_address_is_translated_are_left_and_the_kept_ones_stay() {
        let languages = languages("keep = \"en\"\ntranslated = true");
        assert_eq!(turned(&languages, "https://shop.example/de/lampe"), None);
        let kept = "https://shop.example/en/lamp";
        assert_eq!(turned(&languages, kept).as_deref(), Some(kept));
        let address = Url::parse("https://10.0.0.1/de/x").expect("a URL");
        assert!(languages.is_left(&address));
    }

    #[test]
    fn names_that_no_address_has_are_refused() {
        for text in [
            "keep = \"en/gb\"",
            "keep = \"en\"\nothers = [\"EN\"]",
            "keep = \"en\"\nothers = [\"d e\"]",
            "keep = \"en\"\nat = { query = \"\" }",
        ] {
            let languages: Languages = toml::from_str(text).expect("languages");
            assert!(languages.check().is_some(), "{text}");
        }
    }
}
