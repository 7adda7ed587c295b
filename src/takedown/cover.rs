//! Which countries a right reaches.
//!
//! A jurisdiction is a country's code, or an office whose rights reach several.
//! Copyright needs no registration: it is protected in every state of the Berne
//! Convention, whatever country the work is from.

/// The members of the European Union.
const EU: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];
const BENELUX: [&str; 3] = ["BE", "LU", "NL"];
/// Members of the African Intellectual Property Organization.
const OAPI: [&str; 17] = [
    "BF", "BJ", "CF", "CG", "CI", "CM", "GA", "GN", "GQ", "GW", "KM", "ML", "MR", "NE", "SN", "TD",
    "TG",
];
/// States in which a European patent with unitary effect holds.
const UNITARY: [&str; 18] = [
    "AT", "BE", "BG", "DE", "DK", "EE", "FI", "FR", "IT", "LT", "LU", "LV", "MT", "NL", "PT", "RO",
    "SE", "SI",
];
/// States that had not joined the Berne Convention when this was written.
const NOT_BERNE: [&str; 13] = [
    "AO", "ER", "ET", "IQ", "IR", "MH", "MM", "PG", "PW", "SC", "SO", "SS", "TL",
];

/// The countries of an office or group of its name.
fn group(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "EU" | "EUIPO" | "EM" => &EU,
        "BX" | "BOIP" | "BENELUX" => &BENELUX,
        "OA" | "OAPI" => &OAPI,
        "UP" | "UNITARY" => &UNITARY,
        _ => return None,
    })
}

fn upper(text: &str) -> String {
    match text.trim().to_uppercase().as_str() {
        "UK" => "GB".to_owned(),
        "USPTO" => "US".to_owned(),
        "DPMA" => "DE".to_owned(),
        "INPI" => "FR".to_owned(),
        "UKIPO" => "GB".to_owned(),
        "CNIPA" => "CN".to_owned(),
        "JPO" => "JP".to_owned(),
        other => other.to_owned(),
    }
}

/// Whether a text is the code of a country: two capital letters, none of a group.
pub(crate) fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()) && group(code).is_none()
}

/// Whether a text names a country or a group of them.
pub(crate) fn is_region(code: &str) -> bool {
    is_country(code) || group(code).is_some()
}

/// Whether a country is one of those named, groups among them.
pub(crate) fn is_in(country: &str, regions: &[String]) -> bool {
    regions.iter().any(|region| {
        region == country || group(region).is_some_and(|members| members.contains(&country))
    })
}

/// Whether a right of that kind and jurisdiction reaches a country. An
/// international registration (`WO`, `WIPO`) or a European patent (`EP`) reaches
/// only states it names: write them behind it, as in `WO: DE, FR`.
pub(crate) fn reaches(kind: &str, jurisdiction: &str, country: &str) -> bool {
    if kind == "copyright" && !NOT_BERNE.contains(&country) {
        return true;
    }
    let named = jurisdiction.rsplit(':').next().unwrap_or_default();
    named.split([',', ';', '/', '+']).any(|part| {
        let part = upper(part);
        part == country || group(&part).is_some_and(|members| members.contains(&country))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_reaches_the_states_of_its_office_and_no_others() {
        for (kind, jurisdiction, country, reach) in [
            ("trademark", "EU", "DE", true),
            ("trademark", "EUIPO", "SE", true),
            ("trademark", "EU", "GB", false),
            ("trademark", "EU", "CH", false),
            ("trademark", "UK", "GB", true),
            ("trademark", "US", "US", true),
            ("trademark", "US", "CA", false),
            ("design", "BX", "NL", true),
            ("patent", "EP", "DE", false),
            ("patent", "EP: DE, FR", "FR", true),
            ("patent", "UP", "ES", false),
            ("trademark", "WO: CN, EU", "IT", true),
            ("trademark", "WIPO", "DE", false),
            ("copyright", "SE", "US", true),
            ("copyright", "SE", "ER", false),
        ] {
            assert_eq!(
                reaches(kind, jurisdiction, country),
                reach,
                "{kind} {jurisdiction} {country}"
            );
        }
    }
}
