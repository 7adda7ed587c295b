//! The words of a report in the language chosen: a data file a language.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Language;

/// The table of the reasons of a score.
const REASONS: &str = "reason";

/// The words of a language, keys of tables joined by a dot.
pub(crate) struct Words(HashMap<String, String>);

static ALL: [LazyLock<Words>; 5] = [
    LazyLock::new(|| Words::read(include_str!("words/en.toml"), "")),
    LazyLock::new(|| {
        let reasons = include_str!("words/reasons/de.toml");
        Words::read(include_str!("words/de.toml"), reasons)
    }),
    LazyLock::new(|| {
        let reasons = include_str!("words/reasons/fr.toml");
        Words::read(include_str!("words/fr.toml"), reasons)
    }),
    LazyLock::new(|| {
        let reasons = include_str!("words/reasons/es.toml");
        Words::read(include_str!("words/es.toml"), reasons)
    }),
    LazyLock::new(|| {
        let reasons = include_str!("words/reasons/zh.toml");
        Words::read(include_str!("words/zh.toml"), reasons)
    }),
];

impl Words {
    /// `reasons` are the sentences of a score's reasons, which English has as they are
    /// recorded.
    fn read(text: &str, reasons: &str) -> Self {
        // These files are part of the program; a test reads them all.
        let mut table: toml::Table = toml::from_str(text).unwrap_or_default();
        let reasons: toml::Table = toml::from_str(reasons).unwrap_or_default();
        table.insert(REASONS.to_owned(), reasons.into());
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

    /// A word with its places, such as `{n}`, filled in. What is put in is never taken
    /// for a place itself.
    pub fn with(&self, key: &str, places: &[(&str, &str)]) -> String {
        let mut rest = self.get(key);
        let mut word = String::with_capacity(rest.len() * 2);
        while let Some(at) = rest.find('{') {
            word.push_str(&rest[..at]);
            rest = &rest[at..];
            let place = places.iter().find(|(place, _)| rest.starts_with(place));
            let (value, taken) = place.map_or(("{", 1), |(place, value)| (*value, place.len()));
            word.push_str(value);
            rest = &rest[taken..];
        }
        word.push_str(rest);
        word
    }

    /// A word out of a table, if it is there.
    pub fn known(&self, table: &str, key: &str) -> Option<&str> {
        self.0.get(&format!("{table}.{key}")).map(String::as_str)
    }

    /// A word out of a table; where it is not there, the key itself, readable.
    pub fn of_table(&self, table: &str, key: &str) -> String {
        match self.known(table, key) {
            Some(word) => word.to_owned(),
            None => key.replace('_', " "),
        }
    }

    /// What a channel for notices is called; one that a user has added, by its identifier.
    pub fn channel<'a>(&'a self, id: &'a str) -> &'a str {
        self.known("channel", id).unwrap_or(id)
    }

    /// Who did something: a person's name stays as it is.
    pub fn who(&self, name: &str) -> String {
        // As the outward form names them.
        let number = name.strip_prefix("reviewer ");
        if let Some(number) = number.filter(|number| number.parse::<u32>().is_ok()) {
            return self.with("reviewer", &[("{n}", number)]);
        }
        // Who worked on the command line, by the name the machine knows them by.
        if let Some(name) = name.strip_prefix("cli:") {
            let place = self.of_table("who", "cli");
            return match name {
                "unknown" => place,
                name => format!("{name} ({place})"),
            };
        }
        self.known("who", name).unwrap_or(name).to_owned()
    }

    /// What was done to a photo, such as `mirror+crop`.
    pub fn transform(&self, done: &str) -> String {
        let parts: Vec<String> = done
            .split('+')
            .filter(|part| !part.is_empty())
            .map(|part| self.of_table("transform", part))
            .collect();
        parts.join(self.get("comma"))
    }

    /// An amount, or that none is known.
    pub fn money(&self, amount: Option<&str>, currency: Option<&str>) -> String {
        match (amount, currency) {
            (None, _) => self.get("unknown").to_owned(),
            (Some(amount), None) => {
                format!("{} {}", self.number(amount), self.get("no_currency"))
            }
            (Some(amount), Some(currency)) => format!("{} {currency}", self.number(amount)),
        }
    }

    /// A number with the language's decimal sign.
    pub fn number(&self, number: &str) -> String {
        number.replace('.', self.get("decimal"))
    }

    /// A number as a share of a hundred.
    pub fn percent(&self, number: &str) -> String {
        self.with("percent", &[("{n}", &self.number(number))])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The places of a word, such as `{n}`.
    fn places(word: &str) -> BTreeSet<&str> {
        let pieces = word.split('{').skip(1);
        pieces.filter_map(|piece| piece.split('}').next()).collect()
    }

    #[test]
    fn every_language_has_every_word_with_its_places() {
        assert!(ALL[0].0.len() > 60);
        for (number, words) in ALL.iter().enumerate() {
            for (key, english) in &ALL[0].0 {
                let word = words
                    .0
                    .get(key)
                    .unwrap_or_else(|| panic!("{key} in {number}"));
                assert_eq!(places(english), places(word), "{key} in {number}");
            }
            let reason = |key: &&String| key.starts_with("reason.");
            let reasons = words.0.keys().filter(reason).count();
            assert_eq!(words.0.len() - reasons, ALL[0].0.len(), "{number}");
        }
    }

    #[test]
    fn every_language_has_the_same_sentences_for_reasons_with_their_places() {
        let german = &ALL[Language::De as usize].0;
        let mut count = 0;
        for (key, sentence) in german.iter().filter(|(key, _)| key.starts_with("reason.")) {
            count += 1;
            for (number, words) in ALL.iter().enumerate().skip(1) {
                let other = words.0.get(key);
                let other = other.unwrap_or_else(|| panic!("{key} in {number}"));
                assert_eq!(places(sentence), places(other), "{key} in {number}");
                let as_many = words.0.len() == german.len();
                assert!(as_many, "{number} has other sentences");
            }
        }
        assert!(count > 100, "{count}");
    }

    #[test]
    fn numbers_have_the_sign_of_their_language() {
        let said = |language| Words::of(language).money(Some("1249.50"), Some("EUR"));
        assert_eq!(said(Language::En), "1249.50 EUR");
        assert_eq!(said(Language::De), "1249,50 EUR");
        assert_eq!(Words::of(Language::Fr).percent("97.3"), "97,3\u{a0}%");
        assert_eq!(Words::of(Language::Zh).percent("97.3"), "97.3%");
    }

    #[test]
    fn what_is_put_into_a_place_is_never_taken_for_another() {
        let words = Words::of(Language::En);
        let places = [("{n}", "{title}"), ("{title}", "a {n} {b")];
        assert_eq!(words.with("titled", &places), "{title}: a {n} {b");
        assert_eq!(words.with("titled", &[]), "{n}: {title}");
    }

    #[test]
    fn what_was_done_to_a_photo_is_said_in_words() {
        let words = Words::of(Language::De);
        assert_eq!(words.transform("mirror+crop"), "gespiegelt, beschnitten");
        assert_eq!(words.transform("sharpened_edges"), "sharpened edges");
    }
}
