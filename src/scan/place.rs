//! The country in what a marketplace says of where goods are.

/// Names of countries as sellers write them, and their ISO 3166 codes.
const NAMES: [(&str, &str); 74] = [
    ("argentina", "AR"),
    ("australia", "AU"),
    ("austria", "AT"),
    ("österreich", "AT"),
    ("belgium", "BE"),
    ("belgien", "BE"),
    ("belgique", "BE"),
    ("brazil", "BR"),
    ("brasil", "BR"),
    ("bulgaria", "BG"),
    ("canada", "CA"),
    ("kanada", "CA"),
    ("chile", "CL"),
    ("china", "CN"),
    ("chine", "CN"),
    ("china mainland", "CN"),
    ("中国", "CN"),
    ("中國", "CN"),
    ("colombia", "CO"),
    ("czech republic", "CZ"),
    ("czechia", "CZ"),
    ("denmark", "DK"),
    ("dänemark", "DK"),
    ("danmark", "DK"),
    ("finland", "FI"),
    ("france", "FR"),
    ("frankreich", "FR"),
    ("germany", "DE"),
    ("deutschland", "DE"),
    ("allemagne", "DE"),
    ("alemania", "DE"),
    ("greece", "GR"),
    ("hong kong", "HK"),
    ("香港", "HK"),
    ("hungary", "HU"),
    ("india", "IN"),
    ("indonesia", "ID"),
    ("ireland", "IE"),
    ("israel", "IL"),
    ("italy", "IT"),
    ("italien", "IT"),
    ("italia", "IT"),
    ("japan", "JP"),
    ("日本", "JP"),
    ("korea", "KR"),
    ("south korea", "KR"),
    ("malaysia", "MY"),
    ("mexico", "MX"),
    ("méxico", "MX"),
    ("netherlands", "NL"),
    ("niederlande", "NL"),
    ("nederland", "NL"),
    ("new zealand", "NZ"),
    ("norway", "NO"),
    ("pakistan", "PK"),
    ("poland", "PL"),
    ("polen", "PL"),
    ("polska", "PL"),
    ("portugal", "PT"),
    ("romania", "RO"),
    ("singapore", "SG"),
    ("spain", "ES"),
    ("spanien", "ES"),
    ("españa", "ES"),
    ("sweden", "SE"),
    ("switzerland", "CH"),
    ("schweiz", "CH"),
    ("taiwan", "TW"),
    ("thailand", "TH"),
    ("türkiye", "TR"),
    ("turkey", "TR"),
    ("united kingdom", "GB"),
    ("united states", "US"),
    ("vietnam", "VN"),
];

/// The code of the country named last: "Shenzhen, CN", "Berlin (Deutschland)".
/// Nothing when none is named; a bare "CA" alone could be a state, but a
/// marketplace's field for the place holds a country where it holds one word.
#[must_use]
pub fn country(place: &str) -> Option<String> {
    let parts = place.rsplit([',', ';', '/', '(', ')', '|', '·']);
    for part in parts.map(str::trim).filter(|part| !part.is_empty()) {
        let mut letters = part.chars();
        let is_code = letters.clone().count() == 2 && letters.all(|c| c.is_ascii_uppercase());
        if is_code {
            return Some(if part == "UK" { "GB" } else { part }.to_owned());
        }
        let lower = part.to_lowercase();
        let named = NAMES.iter().find(|(name, _)| *name == lower);
        if let Some((_, code)) = named {
            return Some((*code).to_owned());
        }
        if matches!(
            lower.as_str(),
            "usa" | "u.s.a." | "united states of america"
        ) {
            return Some("US".to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_country_is_read_from_codes_and_names() {
        for (place, code) in [
            ("Shenzhen, CN", Some("CN")),
            ("CN", Some("CN")),
            ("Berlin (Deutschland)", Some("DE")),
            ("Leeds, United Kingdom", Some("GB")),
            ("London, UK", Some("GB")),
            ("Boston, MA, USA", Some("US")),
            ("東京, 日本", Some("JP")),
            ("hong kong", Some("HK")),
            ("somewhere nice", None),
            ("", None),
            (",,,", None),
        ] {
            assert_eq!(country(place).as_deref(), code, "{place}");
        }
    }
}
