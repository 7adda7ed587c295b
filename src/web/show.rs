//! How values are put for a reader: words for states and kinds, times, prices,
//! sizes, parts of an address.

use rust_decimal::Decimal;

use crate::clock::Millis;

/// A moment as a page shows it.
pub(super) struct When {
    /// RFC 3339, for programs.
    pub(super) iso: String,
    /// `2026-11-23 07:45 UTC`.
    pub(super) full: String,
    /// `3 minutes ago`.
    pub(super) ago: String,
}

impl When {
    pub(super) fn new(at: Millis, now: Millis) -> Self {
        Self {
            iso: at.to_string(),
            full: at.timestamp().strftime("%Y-%m-%d %H:%M UTC").to_string(),
            ago: ago(now.0 - at.0),
        }
    }
}

fn ago(millis: i64) -> String {
    let seconds = millis.abs() / 1000;
    let (number, unit) = match seconds {
        0..45 => return "just now".to_owned(),
        45..5400 => ((seconds + 30) / 60, "minute"),
        5400..129_600 => ((seconds + 1800) / 3600, "hour"),
        _ => ((seconds + 43_200) / 86_400, "day"),
    };
    let s = if number == 1 { "" } else { "s" };
    if millis >= 0 {
        format!("{number} {unit}{s} ago")
    } else {
        format!("in {number} {unit}{s}")
    }
}

/// A span of time: `48 s`, `3 min 20 s`, `2 h 5 min`.
pub(super) fn duration(millis: i64) -> String {
    let seconds = millis.max(0) / 1000;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// A number with thin groups of three: `12 480`.
pub(super) fn number(n: &i64) -> String {
    let sign = if *n < 0 { "−" } else { "" };
    format!("{sign}{}", grouped(&n.unsigned_abs().to_string()))
}

fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// `1 239.90 EUR`; an unknown currency is said, not guessed.
pub(super) fn price(amount: &str, currency: Option<&str>) -> String {
    let (whole, cents) = amount.split_at(amount.find('.').unwrap_or(amount.len()));
    let amount = if whole.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("{}{cents}", grouped(whole))
    } else {
        amount.to_owned()
    };
    match currency {
        Some(currency) => format!("{amount} {currency}"),
        None => format!("{amount}, currency unknown"),
    }
}

/// What a price is of the list price, as a rounded percentage; only within one
/// currency.
pub(super) fn percent_of_list(
    amount: Option<&str>,
    currency: Option<&str>,
    msrp: Option<&str>,
    msrp_currency: Option<&str>,
) -> Option<i64> {
    if currency? != msrp_currency? {
        return None;
    }
    let amount: Decimal = amount?.parse().ok()?;
    let list: Decimal = msrp?.parse().ok()?;
    let share = amount.checked_div(list)?.checked_mul(Decimal::from(100))?;
    i64::try_from(share.round()).ok().filter(|p| *p <= 100_000)
}

/// A probability as whole per cent; 100 only when it is certain.
pub(super) fn percent(probability: f64) -> u8 {
    let whole = (probability.clamp(0.0, 1.0) * 100.0).round() as u8;
    if whole == 100 && probability < 1.0 {
        99
    } else {
        whole
    }
}

/// How pressing a probability is: the name of its colour.
pub(super) fn level(probability: f64) -> &'static str {
    match probability {
        p if p >= 0.9 => "high",
        p if p >= 0.7 => "middle",
        _ => "low",
    }
}

/// A case's state in words.
pub(super) fn state(state: &str) -> &str {
    match state {
        "open" => "Open",
        "confirmed" => "Confirmed",
        "rejected" => "Rejected",
        "watching" => "Watching",
        "second_approval" => "Second approval",
        other => other,
    }
}

/// A decision as it is said when made: `Case 12 confirmed.`
pub(super) fn done(action: &str) -> Option<&'static str> {
    Some(match action {
        "confirm" => "confirmed",
        "reject" => "rejected",
        "watch" => "put on watch",
        "second_approval" => "sent to second approval",
        _ => return None,
    })
}

/// A decision's name in the history.
pub(super) fn action(action: &str) -> &str {
    match action {
        "confirm" => "Confirmed",
        "reject" => "Rejected",
        "watch" => "Put on watch",
        "second_approval" => "Asked for a second approval",
        "eject" => "Put on a card of its own",
        "undo" => "Undone",
        other => other,
    }
}

/// Kinds of infringement: (code, words).
pub(super) const KINDS: [(&str, &str); 6] = [
    ("counterfeit", "Counterfeit"),
    ("copied_photo", "Copied photo"),
    ("trademark_misuse", "Trademark misuse"),
    ("copied_design", "Copied design"),
    ("grey_market", "Grey market"),
    ("leak", "Leak"),
];

/// Lowest probabilities offered as a filter, in per cent.
pub(super) const STEPS: [u8; 5] = [60, 70, 80, 90, 95];

/// A kind of infringement in words.
pub(super) fn kind(code: &str) -> String {
    KINDS
        .iter()
        .find(|(known, _)| *known == code)
        .map_or_else(|| words(code), |(_, words)| (*words).to_owned())
}

/// A code such as `copied_photo` with spaces and a capital.
pub(super) fn words(code: &str) -> String {
    let spaced = code.replace(['_', '-', '.'], " ");
    let mut letters = spaced.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => spaced,
    }
}

/// Whether two words are the same.
pub(super) fn same(a: &str, b: &str) -> bool {
    a == b
}

/// The beginning of a hash, enough to tell it from others by eye.
pub(super) fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

/// Bytes in a unit that reads well.
pub(super) fn size(bytes: &i64) -> String {
    match *bytes {
        ..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{:.1} KiB", *bytes as f64 / 1024.0),
        _ => format!("{:.1} MiB", *bytes as f64 / 1_048_576.0),
    }
}

/// The address, if a click on it can do no more than open a web page.
pub(super) fn web_address(url: &str) -> Option<String> {
    let parsed = url::Url::parse(url).ok()?;
    matches!(parsed.scheme(), "http" | "https").then(|| parsed.into())
}

/// An error message as a sentence of its own.
pub(super) fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    let stop = if message.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    format!("{}{}{stop}", first.unwrap_or_default(), letters.as_str())
}

/// An audit event's detail, one field a line, bounded.
pub(super) fn detail(detail: &serde_json::Value) -> String {
    let Some(fields) = detail.as_object() else {
        return detail.to_string();
    };
    let lines: Vec<String> = fields
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            format!("{name}: {}", text.chars().take(500).collect::<String>())
        })
        .collect();
    lines.join("\n")
}

/// Fields for the query of an address.
pub(super) fn query(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// The same without fields that have nothing in them.
pub(super) fn filled(fields: &[(&str, &str)]) -> String {
    let filled = fields.iter().filter(|(_, value)| !value.is_empty());
    query(&filled.copied().collect::<Vec<_>>())
}

/// One segment of a path.
pub(super) fn segment(text: &str) -> String {
    // Form encoding covers every byte that means something in a path.
    url::form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_compared_within_one_currency_only() {
        let of = |amount, currency, msrp, other| percent_of_list(amount, currency, msrp, other);
        assert_eq!(
            of(Some("39.90"), Some("EUR"), Some("329"), Some("EUR")),
            Some(12)
        );
        assert_eq!(
            of(Some("39.90"), Some("EUR"), Some("329"), Some("USD")),
            None
        );
        assert_eq!(of(Some("39.90"), None, Some("329"), None), None);
        assert_eq!(of(Some("1"), Some("EUR"), Some("0"), Some("EUR")), None);
        assert_eq!(of(Some("lots"), Some("EUR"), Some("1"), Some("EUR")), None);
    }

    #[test]
    fn times_read_as_a_person_says_them() {
        assert_eq!(ago(10_000), "just now");
        assert_eq!(ago(60_000), "1 minute ago");
        assert_eq!(ago(3 * 3_600_000), "3 hours ago");
        assert_eq!(ago(-8 * 3_600_000), "in 8 hours");
        assert_eq!(ago(40 * 86_400_000), "40 days ago");
        assert_eq!(duration(200_000), "3 min 20 s");
    }

    #[test]
    fn certainty_is_not_rounded_up_to() {
        assert_eq!(percent(0.9999), 99);
        assert_eq!(percent(1.0), 100);
        assert_eq!(percent(f64::NAN), 0);
        assert_eq!(percent(0.505), 51);
    }

    #[test]
    fn only_web_addresses_become_links() {
        assert!(web_address("https://shop.example/a?b=c").is_some());
        assert_eq!(web_address("javascript:alert(1)"), None);
        assert_eq!(web_address("data:text/html,x"), None);
        assert_eq!(web_address("shop.example"), None);
    }

    #[test]
    fn numbers_codes_and_segments_are_readable() {
        assert_eq!(number(&1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(number(&999), "999");
        assert_eq!(price("1239.90", Some("EUR")), "1\u{202f}239.90 EUR");
        assert_eq!(price("-3", None), "-3, currency unknown");
        assert_eq!(kind("copied_photo"), "Copied photo");
        assert_eq!(kind("some_new_kind"), "Some new kind");
        assert_eq!(segment("A/B c?d"), "A%2FB%20c%3Fd");
        assert_eq!(size(&1536), "1.5 KiB");
    }
}
