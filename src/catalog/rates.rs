//! Currency rates, dated and never fetched: good enough to tell a tenth of a
//! price from a half.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

const SHIPPED: &str = include_str!("rates.csv");

/// Rates of the configuration, in place of those that ship.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct OwnRates {
    /// What day, month or year they are of, in words for a reviewer.
    pub date: Option<String>,
    /// Units of each currency for one unit of any common one, such as the euro.
    #[serde(flatten)]
    pub per_unit: BTreeMap<String, Rate>,
}

/// A rate as a number or as text.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Rate {
    /// `USD = "1.13"`
    Text(String),
    /// `JPY = 169`
    Whole(i64),
    /// `USD = 1.13`
    Real(f64),
}

impl Rate {
    fn decimal(&self) -> Option<Decimal> {
        match self {
            Self::Text(text) => text.parse().ok(),
            Self::Whole(number) => Some((*number).into()),
            Self::Real(number) => number.to_string().parse().ok(),
        }
    }
}

/// Why rates cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RatesError {
    /// The date is missing.
    #[error("currency_rates needs a date, such as date = \"2026-03\"")]
    NoDate,
    /// A rate is not above zero, or its currency is no code.
    #[error(
        "currency_rates.{0} must be a currency code of three capital letters with a rate above zero"
    )]
    Bad(String),
}

/// A dated table of rates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rates {
    date: String,
    per_unit: BTreeMap<String, Decimal>,
}

impl Rates {
    /// The table that ships, or the configuration's own: then no rate of the
    /// shipped one is used, as the two are of different days.
    ///
    /// # Errors
    /// [`RatesError`].
    pub fn of(own: &OwnRates) -> Result<Self, RatesError> {
        if own.per_unit.is_empty() && own.date.is_none() {
            return Ok(Self::shipped());
        }
        let read = |(code, rate): (&String, &Rate)| {
            let is_code = code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase());
            let rate = rate.decimal().filter(|rate| *rate > Decimal::ZERO);
            match (is_code, rate) {
                (true, Some(rate)) => Ok((code.clone(), rate)),
                _ => Err(RatesError::Bad(code.clone())),
            }
        };
        Ok(Self {
            date: own.date.clone().ok_or(RatesError::NoDate)?,
            per_unit: own.per_unit.iter().map(read).collect::<Result<_, _>>()?,
        })
    }

    /// The table that ships. A test reads every line of it.
    #[must_use]
    pub fn shipped() -> Self {
        let mut rates = Self {
            date: String::new(),
            per_unit: BTreeMap::new(),
        };
        for line in SHIPPED.lines().filter(|line| !line.starts_with('#')) {
            let mut cells = line.split(',');
            let (Some(date), Some(code), Some(rate)) = (cells.next(), cells.next(), cells.next())
            else {
                continue;
            };
            if let Ok(rate) = rate.parse() {
                date.clone_into(&mut rates.date);
                rates.per_unit.insert(code.to_owned(), rate);
            }
        }
        rates
    }

    /// What day, month or year the rates are of.
    #[must_use]
    pub fn date(&self) -> &str {
        &self.date
    }

    /// An amount in another currency; nothing when one of both has no rate.
    #[must_use]
    pub fn convert(&self, amount: Decimal, from: &str, to: &str) -> Option<Decimal> {
        if from == to {
            return Some(amount);
        }
        let rate = |code: &str| self.per_unit.get(code).copied();
        amount.checked_mul(rate(to)?)?.checked_div(rate(from)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn every_line_of_the_shipped_table_is_read() {
        let lines = SHIPPED.lines().filter(|l| !l.starts_with('#')).count() - 1;
        let rates = Rates::shipped();
        assert_eq!(rates.per_unit.len(), lines);
        assert!(rates.per_unit.values().all(|rate| *rate > Decimal::ZERO));
        assert_eq!(rates.date(), "2025");
    }

    #[test]
    fn amounts_are_converted_through_the_common_currency() {
        let rates = Rates::of(&OwnRates {
            date: Some("2026-03".to_owned()),
            per_unit: [("EUR", "1"), ("USD", "1.25"), ("JPY", "150")]
                .map(|(code, rate)| (code.to_owned(), Rate::Text(rate.to_owned())))
                .into(),
        })
        .unwrap();
        let yen = rates.convert(decimal("100"), "USD", "JPY").unwrap();
        assert_eq!(yen, decimal("12000"));
        assert_eq!(
            rates.convert(decimal("5"), "XXX", "XXX"),
            Some(decimal("5"))
        );
        // The shipped table knows pounds; the own one replaces it whole.
        assert_eq!(rates.convert(decimal("5"), "GBP", "EUR"), None);
        assert_eq!(rates.convert(Decimal::MAX, "USD", "JPY"), None);
    }

    #[test]
    fn own_rates_need_a_date_and_codes_and_numbers_above_zero() {
        let own = |date: Option<&str>, code: &str, rate: &str| {
            Rates::of(&OwnRates {
                date: date.map(str::to_owned),
                per_unit: [(code.to_owned(), Rate::Text(rate.to_owned()))].into(),
            })
        };
        assert_eq!(own(None, "USD", "1.1"), Err(RatesError::NoDate));
        assert!(own(Some("2026"), "usd", "1.1").is_err());
        assert!(own(Some("2026"), "USD", "0").is_err());
        assert!(own(Some("2026"), "USD", "1.1").is_ok());
        let read: OwnRates =
            toml::from_str("date = \"2026\"\nUSD = 1.13\nJPY = 169\nGBP = \"0.86\"").unwrap();
        let rates = Rates::of(&read).unwrap();
        assert_eq!(
            rates.convert(decimal("1.13"), "USD", "GBP"),
            Some(decimal("0.86"))
        );
    }
}
