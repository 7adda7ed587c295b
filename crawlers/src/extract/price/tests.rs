use std::path::Path;

use super::*;

fn read(text: &str) -> (String, String) {
    let parsed = parse(text, None, None);
    (
        parsed
            .amount
            .map_or_else(|| "-".to_owned(), |a| a.normalize().to_string()),
        parsed.currency.unwrap_or_else(|| "-".to_owned()),
    )
}

#[test]
fn two_amounts_joined_are_a_range() {
    for text in [
        "€18.00 – €1,249.00",
        "18,00 - 50,00 €",
        "Price from €18 to €50",
        "18 € bis 50 €",
    ] {
        assert!(super::is_range(text), "{text}");
    }
    for text in [
        "€18.00",
        "was €20, now €15",
        "€18.00 / €50.00",
        "-5,00 €",
        "2 x €18.00",
    ] {
        assert!(!super::is_range(text), "{text}");
    }
}

#[test]
fn amounts_are_read_in_the_ways_of_many_countries() {
    for (text, amount, currency) in [
        ("1.299,00 €", "1299", "EUR"),
        ("£1,249.00", "1249", "GBP"),
        ("¥12,800", "12800", "-"),
        ("12,800円", "12800", "JPY"),
        ("$ 22.00", "22", "-"),
        ("US $1,299.50", "1299.5", "USD"),
        ("CHF 1'299.–", "1299", "CHF"),
        ("1’299.50 CHF", "1299.5", "CHF"),
        ("5 290 Kč", "5290", "CZK"),
        ("399 167.00 руб 420 176.16 руб", "399167", "RUB"),
        ("₹1,23,456.00", "123456", "INR"),
        ("R$ 260,00", "260", "BRL"),
        ("12x de R$ 44,00 sem juros", "44", "BRL"),
        ("-20 % 39,95 zł", "39.95", "PLN"),
        ("$119. 95", "119.95", "-"),
        ("0.125 BTC", "0.125", "-"),
        ("123,456.789 OMR", "123456.789", "OMR"),
        ("4.500 KWD", "4.5", "KWD"),
        ("1.299 €", "1299", "EUR"),
        ("٣٤٥٫٥٠ ر.س", "345.5", "SAR"),
        ("Price on request", "-", "-"),
        ("$.75", "0.75", "-"),
        ("From 26 to 50 €", "26", "EUR"),
        ("35€ 99", "35.99", "EUR"),
        ("34⁵⁰ €", "34.5", "EUR"),
        ("€ 1.234⁵⁰", "1234.5", "EUR"),
        ("34,⁵⁰ €", "34.5", "EUR"),
        ("12,50¹ €", "12.5", "EUR"),
        ("12,50¹² €", "12.5", "EUR"),
        ("34¹ €", "34", "EUR"),
        ("299:90", "299.9", "-"),
        ("1万2千円", "12000", "JPY"),
        ("2만 5천원", "20000", "KRW"),
        ("5천원", "5000", "KRW"),
        ("AU $12.00", "12", "AUD"),
        ("1 234 RUR", "1234", "RUB"),
        ("35€ 12 Stück", "35", "EUR"),
        ("6 300 Р", "6300", "RUB"),
        ("Free!", "0", "-"),
        ("Free shipping", "-", "-"),
        ("Save 10% now 49,-", "49", "-"),
        ("", "-", "-"),
    ] {
        assert_eq!(
            read(text),
            (amount.to_owned(), currency.to_owned()),
            "{text}"
        );
    }
}

#[test]
fn the_source_says_how_an_ambiguous_amount_is_meant() {
    let comma = |text| parse(text, None, Some(true)).amount.map(|a| a.to_string());
    let point = |text| parse(text, None, Some(false)).amount.map(|a| a.to_string());
    assert_eq!(comma("1.299").as_deref(), Some("1299"));
    assert_eq!(point("1.299").as_deref(), Some("1.299"));
    assert_eq!(comma("1.299,00").as_deref(), Some("1299.00"));
    assert_eq!(point("1.299,00").as_deref(), Some("1299.00"));
}

#[test]
fn text_nearby_explains_an_ambiguous_sign_but_does_not_replace_it() {
    let parsed = parse("$14.99", Some("Price in CAD"), None);
    assert_eq!(
        (parsed.currency.as_deref(), parsed.symbol.as_deref()),
        (Some("CAD"), Some("$"))
    );
    let parsed = parse("$14.99", Some("11,16 €"), None);
    assert_eq!(
        (parsed.currency, parsed.symbol.as_deref()),
        (None, Some("$"))
    );
    let parsed = parse("39.95", Some("Price From £ 39.95"), None);
    assert_eq!(
        (parsed.currency.as_deref(), parsed.symbol.as_deref()),
        (Some("GBP"), Some("£"))
    );
}

#[test]
fn machine_amounts_are_taken_literally() {
    assert_eq!(
        machine("1299.00").map(|a| a.to_string()).as_deref(),
        Some("1299.00")
    );
    assert_eq!(
        machine("1299").map(|a| a.to_string()).as_deref(),
        Some("1299")
    );
    let amount = |text| machine(text).map(|amount| amount.to_string());
    assert_eq!(amount("12.950000000000001").as_deref(), Some("12.95"));
    assert_eq!(amount("41.054999999999996").as_deref(), Some("41.055"));
    assert_eq!(amount("0.1234567891").as_deref(), Some("0.1234567891"));
    assert_eq!(machine("1.299"), None);
    assert_eq!(machine("1.299,00"), None);
    assert_eq!(machine("-5"), None);
}

#[test]
fn how_many_is_no_price_though_a_sign_stands_behind_it() {
    for (text, amount) in [
        ("Aantal Stukprijs Tot 4 € 175,35* Tot 9 € 157,82*", "175.35"),
        ("from 5 € 31.05", "31.05"),
        ("ab 5 €", "5"),
        ("from 5 € to 31.05", "5"),
        ("now 4 € 12.50", "4"),
    ] {
        assert_eq!(read(text).0, amount, "{text}");
    }
}

#[test]
fn hostile_texts_do_no_harm() {
    for text in [
        "9".repeat(100_000),
        "1,".repeat(5_000),
        "1 234".repeat(900),
        "€".repeat(5_000),
    ] {
        let _ = parse(&text, Some(&text), None);
    }
}

/// Measured on price strings of real shops. Set `MARKHOUND_SHARED_DATA` to the folder
/// that holds `prices/`; without it the test says so and passes.
#[test]
fn real_price_strings_are_read_as_well_as_before() {
    let Ok(folder) = std::env::var("MARKHOUND_SHARED_DATA") else {
        eprintln!("skipped: MARKHOUND_SHARED_DATA is not set");
        return;
    };
    let file = Path::new(&folder).join("prices/real_price_strings.jsonl");
    let Ok(text) = std::fs::read_to_string(&file) else {
        eprintln!("skipped: no {}", file.display());
        return;
    };
    let (mut total, mut amounts, mut symbols) = (0, 0, 0);
    for line in text.lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("a JSON object a line");
        let text = row["text"].as_str().unwrap_or_default();
        let parsed = parse(text, row["currency_hint"].as_str(), None);
        let wanted: Option<Decimal> = row["amount"]
            .as_f64()
            .and_then(|a| Decimal::try_from(a).ok());
        let same_amount = parsed.amount.map(|a| a.normalize()) == wanted.map(|a| a.normalize());
        let same_symbol = parsed.symbol.as_deref() == row["currency"].as_str();
        total += 1;
        amounts += usize::from(same_amount);
        symbols += usize::from(same_symbol);
        if !(same_amount && same_symbol) {
            println!(
                "{line}\n   {:?} {:?} {:?}",
                parsed.amount, parsed.symbol, parsed.currency
            );
        }
    }
    println!("amounts {amounts}/{total}, symbols {symbols}/{total}");
    assert!(amounts * 100 >= total * 99, "amounts {amounts}/{total}");
    assert!(symbols * 100 >= total * 98, "symbols {symbols}/{total}");
}

#[test]
fn prices_are_read_as_they_are_meant_in_many_countries() {
    let (mut total, mut wrong) = (0, Vec::new());
    for line in include_str!("strings.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        let mut fields = line.split('\t');
        let mut field = || fields.next().unwrap_or("-");
        let (text, amount, currency) = (field(), field(), field());
        let mut evidence = || Some(field()).filter(|known| *known != "-");
        let evidence = Evidence {
            language: evidence(),
            host: evidence(),
        };
        let parsed = parse_with(text, &evidence, None);
        let is = (
            parsed
                .amount
                .map_or_else(|| "-".to_owned(), |a| a.normalize().to_string()),
            parsed.currency.unwrap_or_else(|| "-".to_owned()),
        );
        total += 1;
        if is != (amount.to_owned(), currency.to_owned()) {
            wrong.push(format!("{line}: {is:?}"));
        }
    }
    println!("{} of {total} price texts", total - wrong.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn arbitrary_text_does_no_harm() {
    const PARTS: &[char] = &[
        '0', '9', '1', '.', ',', ' ', '\'', '-', '–', '€', '$', '£', '¥', 'k', 'r', '.', '万',
        '億', '円', '٣', '१', '９', '\u{202f}', '\u{200f}', 'ß', 'İ', 'ﬀ', '𝟗', '\u{0}', 'p', '¢',
        ':', '%', 'x', '(', '/', '\u{301}', 'Ω',
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for _ in 0..20_000 {
        let length = next() % 24;
        let text: String = (0..length)
            .map(|_| match next() % 8 {
                0 => char::from_u32((next() % 0x11_0000) as u32).unwrap_or('?'),
                _ => PARTS[(next() % PARTS.len() as u64) as usize],
            })
            .collect();
        let parsed = parse(&text, Some(&text), None);
        assert!(
            parsed.amount.is_none_or(|amount| amount >= Decimal::ZERO),
            "{text}"
        );
    }
}
