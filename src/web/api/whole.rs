//! Whole numbers as JSON Schema has them: `3.0` is one too.

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Number;

/// Beyond this a number of JSON is not told apart from its neighbours (RFC 8259, section 6).
const EXACT: f64 = 9_007_199_254_740_991.0;

struct Whole(i64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let number = Number::deserialize(from)?;
        if let Some(whole) = number.as_i64() {
            return Ok(Self(whole));
        }
        match number.as_f64() {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "it is whole, and small enough"
            )]
            Some(float) if float.fract() == 0.0 && float.abs() <= EXACT => Ok(Self(float as i64)),
            _ => Err(D::Error::custom(format!(
                "a whole number was expected, not {number}"
            ))),
        }
    }
}

/// One.
pub(super) fn one<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    Whole::deserialize(from).map(|whole| whole.0)
}

/// One, or none.
pub(super) fn some<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    let one = Option::<Whole>::deserialize(from)?;
    Ok(one.map(|whole| whole.0))
}

/// A list of them.
pub(super) fn list<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<i64>, D::Error> {
    let list = Vec::<Whole>::deserialize(from)?;
    Ok(list.into_iter().map(|whole| whole.0).collect())
}

/// A list of them, or none.
pub(super) fn some_list<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<i64>>, D::Error> {
    let list = Option::<Vec<Whole>>::deserialize(from)?;
    Ok(list.map(|list| list.into_iter().map(|whole| whole.0).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_may_be_written_with_a_point_and_nothing_else_is_one() {
        let read = |text: &str| serde_json::from_str::<Whole>(text).map(|whole| whole.0);
        assert_eq!(read("42").ok(), Some(42));
        assert_eq!(read("42.0").ok(), Some(42));
        assert_eq!(read("-4e2").ok(), Some(-400));
        for wrong in [
            "1.5",
            "1e300",
            "\"1\"",
            "null",
            "[]",
            "99999999999999999999",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
