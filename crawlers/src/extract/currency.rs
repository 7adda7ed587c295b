//! Currency codes and signs.

/// ISO 4217 codes in use.
const CODES: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL";

/// Codes with three decimals, where "1.299" is not one thousand.
const THREE_DECIMALS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// Signs and words, and the one currency they stand for; none where several
/// countries write the same. Longer ones stand before what they contain.
const SIGNS: &[(&str, Option<&str>)] = &[
    ("US$", Some("USD")),
    ("US $", Some("USD")),
    ("U$S", None),
    ("USD$", Some("USD")),
    ("AU$", Some("AUD")),
    ("AUD$", Some("AUD")),
    ("A$", Some("AUD")),
    ("CA$", Some("CAD")),
    ("CAD$", Some("CAD")),
    ("CDN$", Some("CAD")),
    ("C$", None),
    ("NZ$", Some("NZD")),
    ("HK$", Some("HKD")),
    ("NT$", Some("TWD")),
    ("S$", Some("SGD")),
    ("SG$", Some("SGD")),
    ("MX$", Some("MXN")),
    ("MXN$", Some("MXN")),
    ("R$", Some("BRL")),
    ("COL$", Some("COP")),
    ("CLP$", Some("CLP")),
    ("RD$", Some("DOP")),
    ("J$", Some("JMD")),
    ("TT$", Some("TTD")),
    ("Bs.", Some("BOB")),
    ("S/.", Some("PEN")),
    ("S/", Some("PEN")),
    ("$", None),
    ("EUROS", Some("EUR")),
    ("EURO", Some("EUR")),
    ("€", Some("EUR")),
    ("£", Some("GBP")),
    ("₤", None),
    ("JP¥", Some("JPY")),
    ("CN¥", Some("CNY")),
    ("¥", None),
    ("￥", None),
    ("日元", Some("JPY")),
    ("円", Some("JPY")),
    ("人民币", Some("CNY")),
    ("元", None),
    ("RMB", Some("CNY")),
    ("₩", Some("KRW")),
    ("원", Some("KRW")),
    ("₹", Some("INR")),
    ("₨", None),
    ("Rs.", None),
    ("Rs", None),
    ("рублей", Some("RUB")),
    ("рубля", Some("RUB")),
    ("руб.", Some("RUB")),
    ("руб", Some("RUB")),
    ("₽", Some("RUB")),
    ("р.", Some("RUB")),
    ("Р", Some("RUB")),
    ("р", Some("RUB")),
    ("грн.", Some("UAH")),
    ("грн", Some("UAH")),
    ("₴", Some("UAH")),
    ("тенге", Some("KZT")),
    ("тг.", Some("KZT")),
    ("тг", Some("KZT")),
    ("₸", Some("KZT")),
    ("лв.", Some("BGN")),
    ("лв", Some("BGN")),
    ("ден.", Some("MKD")),
    ("ден", Some("MKD")),
    ("дин.", Some("RSD")),
    ("дин", Some("RSD")),
    ("RSD", Some("RSD")),
    ("zł", Some("PLN")),
    ("zl", Some("PLN")),
    ("Kč", Some("CZK")),
    ("Kčs", None),
    ("Ft", Some("HUF")),
    ("lei", Some("RON")),
    ("kn", None),
    ("kr.", None),
    ("kr", None),
    ("₺", Some("TRY")),
    ("TL", Some("TRY")),
    ("₪", Some("ILS")),
    ("ש״ח", Some("ILS")),
    ("ש\"ח", Some("ILS")),
    ("NIS", Some("ILS")),
    ("฿", Some("THB")),
    ("บาท", Some("THB")),
    ("₫", Some("VND")),
    ("đ", Some("VND")),
    ("₱", Some("PHP")),
    ("Rp.", Some("IDR")),
    ("Rp", Some("IDR")),
    ("RM", Some("MYR")),
    ("درهم", None),
    ("د.إ", Some("AED")),
    ("ر.س", Some("SAR")),
    ("ريال", None),
    ("ج.م", Some("EGP")),
    ("د.ك", Some("KWD")),
    ("KD", Some("KWD")),
    ("جنيه", None),
    ("دينار", None),
    ("تومان", None),
    ("﷼", None),
    ("SFr.", Some("CHF")),
    ("SFr", Some("CHF")),
    ("Fr.", None),
    ("₦", Some("NGN")),
    ("₵", Some("GHS")),
    ("GH₵", Some("GHS")),
    ("KSh", Some("KES")),
    ("R", None),
    ("₾", Some("GEL")),
    ("₼", Some("AZN")),
    ("֏", Some("AMD")),
    ("৳", Some("BDT")),
    ("₮", Some("MNT")),
    ("₡", Some("CRC")),
    ("₲", Some("PYG")),
    ("Gs.", Some("PYG")),
    ("Q", None),
];

/// A sign or code found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Where it stands, in bytes.
    pub start: usize,
    /// Where it ends, in bytes.
    pub end: usize,
    /// As written.
    pub written: String,
    /// The code, where it can be only one.
    pub code: Option<&'static str>,
}

/// All signs and codes of a text, in order, the longest at each place.
pub(crate) fn find_all(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        match longest_at(text, at) {
            Some(hit) => {
                at = hit.end;
                found.push(hit);
            }
            None => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    found
}

fn longest_at(text: &str, start: usize) -> Option<Found> {
    let rest = &text[start..];
    let before = text[..start].chars().next_back();
    let code = rest
        .get(..3)
        .and_then(known)
        .filter(|_| stands_alone(before, &rest[3..], rest));
    let sign = SIGNS
        .iter()
        .filter_map(|(sign, code)| {
            let written = prefix_of(rest, sign)?;
            stands_alone(before, &rest[written.len()..], written).then_some((written, *code))
        })
        .max_by_key(|(written, _)| written.len());
    match (sign, code) {
        (Some((written, sign_code)), code) if code.is_none() || written.len() > 3 => Some(Found {
            start,
            end: start + written.len(),
            written: written.to_owned(),
            code: sign_code,
        }),
        (_, Some(code)) => Some(Found {
            start,
            end: start + 3,
            written: rest[..3].to_owned(),
            code: Some(code),
        }),
        _ => None,
    }
}

/// The beginning of `text` that is `sign`; words in any case, except those of
/// one or two Latin letters, which would be found in every sentence.
fn prefix_of<'a>(text: &'a str, sign: &str) -> Option<&'a str> {
    if let Some(written) = text.get(..sign.len())
        && written == sign
    {
        return Some(written);
    }
    if sign.chars().filter(|c| c.is_alphabetic()).count() < 2
        || matches!(sign, "RM" | "TL" | "kn" | "zl" | "KD")
    {
        return None;
    }
    let mut end = 0;
    let mut wanted = sign.chars().flat_map(char::to_lowercase);
    let mut next = wanted.next();
    for c in text.chars() {
        let Some(want) = next else { break };
        if c.to_lowercase().next() != Some(want) {
            return None;
        }
        end += c.len_utf8();
        next = wanted.next();
    }
    next.is_none().then(|| &text[..end])
}

/// A sign that begins or ends with a letter must not be part of a word.
fn stands_alone(before: Option<char>, after: &str, written: &str) -> bool {
    let cased = |c: char| c.is_alphabetic() && (c.is_lowercase() || c.is_uppercase());
    let first = written.chars().next().is_some_and(cased);
    let last = written.chars().next_back().is_some_and(cased) || written.len() > 3 && first;
    let joined_before = first && before.is_some_and(cased);
    let joined_after = last && after.chars().next().is_some_and(cased);
    !joined_before && !joined_after
}

fn known(text: &str) -> Option<&'static str> {
    if !text.bytes().all(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    // `Eur` and `eur` are written; `all`, `top`, `try` and `mop` are words.
    let loose = matches!(
        text.to_ascii_lowercase().as_str(),
        "eur"
            | "usd"
            | "gbp"
            | "chf"
            | "pln"
            | "czk"
            | "sek"
            | "nok"
            | "dkk"
            | "huf"
            | "inr"
            | "aud"
            | "cad"
            | "nzd"
            | "sgd"
            | "hkd"
            | "uah"
            | "rub"
            | "brl"
            | "jpy"
            | "cny"
    );
    if !loose && !text.bytes().all(|b| b.is_ascii_uppercase()) {
        return None;
    }
    CODES
        .split(' ')
        .find(|code| code.eq_ignore_ascii_case(text))
}

/// The code that a `currency` field states: a code in any case, or a sign.
pub(crate) fn code_of(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() == 3
        && let Some(code) = CODES
            .split(' ')
            .find(|code| code.eq_ignore_ascii_case(text))
    {
        return Some(code.to_owned());
    }
    let short: String = text.chars().take(40).collect();
    find_all(&short)
        .into_iter()
        .find_map(|found| found.code)
        .map(str::to_owned)
}

/// Whether prices in it have three decimals.
pub(crate) fn has_three_decimals(code: &str) -> bool {
    THREE_DECIMALS.contains(&code)
}
