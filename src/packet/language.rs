//! The languages that reports are written in.

use std::str::FromStr;

/// A language that reports are written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// Chinese, simplified.
    Zh,
}

impl Language {
    /// Its code (BCP 47).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
            Self::Zh => "zh",
        }
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(code: &str) -> Result<Self, String> {
        [Self::En, Self::De, Self::Fr, Self::Es, Self::Zh]
            .into_iter()
            .find(|language| language.code() == code)
            .ok_or_else(|| {
                format!("{code:?} is no language of reports; there are en, de, fr, es, zh")
            })
    }
}
