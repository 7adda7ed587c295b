//! The words of a report in the language chosen: a data file a language.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::packet::Language;

/// The words of a language, keys of tables joined by a dot.
pub(super) struct Words(HashMap<String, String>);

static ALL: [LazyLock<Words>; 5] = [
    LazyLock::new(|| Words::read(include_str!("words/en.toml"))),
    LazyLock::new(|| Words::read(include_str!("words/de.toml"))),
    LazyLock::new(|| Words::read(include_str!("words/fr.toml"))),
    LazyLock::new(|| Words::read(include_str!("words/es.toml"))),
    LazyLock::new(|| Words::read(include_str!("words/zh.toml"))),
];

impl Words {
    fn read(text: &str) -> Self {
        // These files are part of the program; a test reads them all.
        let table: toml::Table = toml::from_str(text).unwrap_or_default();
        let mut words = HashMap::new();
        for (key, value) in table {
            match value {
                toml::Value::String(text) => {
                    words.insert(key, text);
                }
                toml::Value::Table(inner) => {
                    for (name, value) in inner {
                        if let toml::Value::String(text) = value {
                            words.insert(format!("{key}.{name}"), text);
                        }
                    }
                }
                _ => {}
            }
        }
        Self(words)
    }

    /// Those of a language.
    pub fn of(language: Language) -> &'static Self {
        &ALL[language as usize]
    }

    /// A word; where it is not translated the English one, or the key.
    pub fn get<'a>(&'a self, key: &'a str) -> &'a str {
        let english = || ALL[0].0.get(key).map(String::as_str);
        self.0
            .get(key)
            .map(String::as_str)
            .or_else(english)
            .unwrap_or(key)
    }

    /// A word out of a table; where it is not there, the key itself, readable.
    pub fn of_table(&self, table: &str, key: &str) -> String {
        match self.0.get(&format!("{table}.{key}")) {
            Some(word) => word.clone(),
            None => key.replace('_', " "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_word_with_its_places() {
        assert!(ALL[0].0.len() > 60);
        for (number, words) in ALL.iter().enumerate() {
            for (key, english) in &ALL[0].0 {
                let word = words
                    .0
                    .get(key)
                    .unwrap_or_else(|| panic!("{key} in {number}"));
                for place in ["{n}", "{of}", "{at}", "{version}"] {
                    assert_eq!(
                        english.contains(place),
                        word.contains(place),
                        "{key} in {number}"
                    );
                }
            }
            assert_eq!(words.0.len(), ALL[0].0.len(), "{number}");
        }
    }
}
