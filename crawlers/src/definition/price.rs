//! How a marketplace writes its prices.

use serde::Deserialize;

use super::locator::Locator;
use super::pattern::Template;

/// How prices are written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriceRules {
    /// Amounts are whole numbers of 10^-n main units.
    pub minor_units: Option<u32>,
    /// The same n, read from each entry.
    pub minor_units_from: Option<Locator>,
    /// Amounts are whole numbers of main units divided by this number …
    pub divisor: Option<u32>,
    /// … or by the one that stands at this place of each entry.
    pub divisor_from: Option<Locator>,
    pub decimal: Option<DecimalMark>,
    /// Whose way of writing numbers is followed (BCP 47), where `decimal` is
    /// not given.
    pub locale: Option<String>,
    #[serde(default)]
    pub pick: Pick,
    /// What a price without a currency is in.
    #[serde(default, deserialize_with = "read_currency")]
    pub currency: Option<String>,
    /// Pages that say what prices without a currency are in, read before all
    /// else, one after the other until one says it.
    #[serde(default)]
    pub currency_from: Vec<CurrencyPage>,
}

/// Which of several prices at one place is the listing's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Pick {
    #[default]
    First,
    Lowest,
}

/// A page that says a shop's currency.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CurrencyPage {
    pub url: Template,
    pub at: Vec<Locator>,
}

impl PriceRules {
    /// Whether amounts have a decimal comma, where that is known.
    pub(crate) fn decimal_comma(&self) -> Option<bool> {
        if let Some(mark) = self.decimal {
            return Some(mark == DecimalMark::Comma);
        }
        let locale = self.locale.as_deref()?.to_ascii_lowercase();
        let (language, region) = locale.split_once(['-', '_']).unwrap_or((&locale, ""));
        // Unicode CLDR: `numbers/symbols/decimal` of these languages.
        let comma = match (language, region) {
            ("de", "ch" | "li")
            | ("es", "mx" | "us" | "gt" | "hn" | "ni" | "pa" | "pe" | "pr" | "sv" | "do") => false,
            ("en", "za") => true,
            (
                "af" | "az" | "be" | "bg" | "bs" | "ca" | "cs" | "da" | "de" | "el" | "es" | "et"
                | "eu" | "fi" | "fr" | "gl" | "hr" | "hu" | "hy" | "id" | "is" | "it" | "ka" | "kk"
                | "lt" | "lv" | "mk" | "nb" | "nl" | "nn" | "no" | "pl" | "pt" | "ro" | "ru" | "sk"
                | "sl" | "sq" | "sr" | "sv" | "tr" | "uk" | "uz" | "vi",
                _,
            ) => true,
            _ => false,
        };
        Some(comma)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum DecimalMark {
    #[serde(rename = ",")]
    Comma,
    #[serde(rename = ".")]
    Point,
}

/// Three capital letters.
pub(super) fn currency_code(code: &str) -> Result<(), String> {
    if code.len() != 3 || !code.chars().all(|c| c.is_ascii_uppercase()) {
        return Err(format!("`{code}` is no ISO 4217 code like `EUR`"));
    }
    Ok(())
}

fn read_currency<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let code = String::deserialize(from)?;
    currency_code(&code).map_err(serde::de::Error::custom)?;
    Ok(Some(code))
}
