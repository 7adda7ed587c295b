//! List prices: plain amounts and currency codes.

use rust_decimal::Decimal;

/// Currencies that are written with three decimals (ISO 4217).
const THREE_DECIMALS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// An ISO 4217 code of three letters, in upper case.
pub(super) fn currency(text: &str) -> Result<String, String> {
    let code = text.to_uppercase();
    if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) {
        Ok(code)
    } else {
        Err(format!(
            "{text:?} is not a currency code of three letters (ISO 4217), such as EUR"
        ))
    }
}

/// A positive amount as plain decimal text. `exact` amounts come from a JSON
/// number, where a dot can only be the decimal point.
pub(super) fn amount(text: &str, exact: bool, currency: Option<&str>) -> Result<String, String> {
    let decimals = match currency {
        Some(code) if THREE_DECIMALS.contains(&code) => 3,
        _ => 2,
    };
    let plain = if exact {
        text.to_owned()
    } else {
        plain(text, decimals)?
    };
    let amount: Decimal = plain
        .parse()
        .map_err(|_| format!("{text:?} is not an amount; write it as 1299.00"))?;
    if amount <= Decimal::ZERO {
        return Err(format!(
            "{text:?} is not above zero; leave the cell empty if there is no list price"
        ));
    }
    if amount.normalize().scale() > decimals {
        return Err(format!("{text:?} has more than {decimals} decimals"));
    }
    Ok(amount.to_string())
}

/// The digits with a decimal point, where the text can be read in one way only.
fn plain(text: &str, decimals: u32) -> Result<String, String> {
    let compact: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'' | '’'))
        .collect();
    if compact.is_empty()
        || !compact
            .chars()
            .all(|c| c.is_ascii_digit() || c == '.' || c == ',')
    {
        return Err(format!(
            "{text:?} is not an amount; write digits only, such as 1299.00, and the currency in its own column"
        ));
    }
    let wrong = || format!("{text:?} is not an amount; write it as 1299.00");
    let ambiguous = || {
        format!(
            "{text:?} can be read in two ways; write it without thousands separators, such as 1299.00"
        )
    };
    let marks: Vec<(usize, char)> = compact
        .char_indices()
        .filter(|(_, c)| !c.is_ascii_digit())
        .collect();
    let (Some(&(last, mark)), first) = (marks.last(), marks.first()) else {
        return Ok(compact);
    };
    let tail = compact.len() - last - 1;
    let one_kind = marks.iter().all(|(_, c)| *c == mark);
    if marks.len() == 1 {
        // "1.299": thousands or thousandths? Only some currencies have the latter.
        if tail == 3
            && decimals < 3
            && first.is_some_and(|(at, _)| (1..=3).contains(at))
            && !compact.starts_with('0')
        {
            return Err(ambiguous());
        }
        return Ok(compact.replace(',', "."));
    }
    let (whole, fraction) = if one_kind {
        (compact.as_str(), "")
    } else {
        if marks[..marks.len() - 1].iter().any(|(_, c)| *c == mark) {
            return Err(wrong());
        }
        (&compact[..last], &compact[last + 1..])
    };
    let mut groups = whole.split([',', '.']);
    let head = groups.next().unwrap_or_default();
    if !(1..=3).contains(&head.len()) || groups.any(|group| group.len() != 3) {
        return Err(wrong());
    }
    let digits = whole.replace([',', '.'], "");
    Ok(match fraction {
        "" => digits,
        fraction => format!("{digits}.{fraction}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_where_only_one_reading_is_possible() {
        for (text, currency, expected) in [
            ("649", "EUR", Some("649")),
            ("649.00", "EUR", Some("649.00")),
            ("12,99", "EUR", Some("12.99")),
            ("1.299,00", "EUR", Some("1299.00")),
            ("1,299.00", "USD", Some("1299.00")),
            ("1 299,5", "EUR", Some("1299.5")),
            ("1'299.00", "CHF", Some("1299.00")),
            ("1,299,000", "JPY", Some("1299000")),
            ("1.299", "KWD", Some("1.299")),
            ("1.299", "EUR", None),
            ("1,299", "EUR", None),
            ("12.345,6,7", "EUR", None),
            ("1,29.00", "EUR", None),
            ("12.3456", "EUR", None),
            ("€ 12", "EUR", None),
            ("-5", "EUR", None),
            ("0", "EUR", None),
            (".", "EUR", None),
        ] {
            let read = amount(text, false, Some(currency)).ok();
            assert_eq!(read.as_deref(), expected, "{text} {currency}");
        }
    }
}
