//! Terms in titles of many languages.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::*;

/// Made once: of all these terms it takes a while without optimisation.
static GRAMMAR: LazyLock<Grammar> =
    LazyLock::new(|| Grammar::new().expect("the tables are well-formed"));

fn coded(title: &str) -> Vec<String> {
    GRAMMAR
        .signals(&normalise(title), false)
        .into_iter()
        .filter_map(|s| match s {
            TextSignal::Coded { term, .. } => Some(term),
            TextSignal::Used { term } => Some(format!("used:{term}")),
            _ => None,
        })
        .collect()
}

#[test]
fn code_for_copies_is_found_in_several_languages() {
    assert_eq!(
        coded("Uhr 1：1 Spiegelqualität"),
        ["1:1", "spiegelqualität"]
    );
    assert_eq!(coded("レプリカ 腕時計"), ["レプリカ"]);
    assert_eq!(coded("Inspired  by the best"), ["inspired by"]);
    assert_eq!(coded("montre d'occasion"), ["used:d'occasion"]);
}

#[test]
fn what_is_denied_is_no_sign_of_a_copy() {
    for title in [
        "Velora bag, no replica, receipt included",
        "Velora bag. Not a replica!",
        "Velora Tasche, keine Replika, Beleg liegt bei",
        "Sac Velora, pas une réplique",
        "Bolso Velora. No es réplica, con recibo",
        "Torba Velora, to nie podróbka",
        "Velora 包 不是高仿",
    ] {
        assert_eq!(coded(title), Vec::<String>::new(), "{title}");
    }
    // Denied once and admitted once is admitted; what is denied elsewhere is something else.
    assert_eq!(
        coded("No fake. Replica 1:1, not original"),
        ["replica", "1:1", "not original"]
    );
    assert_eq!(coded("No returns, replica"), ["replica"]);
    assert_eq!(coded("Nova replica"), ["replica"]);
}

#[test]
fn honest_uses_of_the_same_letters_are_left_alone() {
    assert!(coded("12 AAA batteries, clones the 11:15 remote").is_empty());
    assert!(coded("cyclone replicator").is_empty());
}

fn accessory(title: &str, brand: &str) -> Option<String> {
    let n = normalise(title);
    let at = n.plain().find(brand).expect("the brand is there");
    let (first, last) = n.plain.span(at, at + brand.len()).expect("inside");
    GRAMMAR.accessory(&n, first, last, true)
}

#[test]
fn goods_made_for_the_brand_are_told_from_the_brand() {
    for title in [
        "Leather case for Velora X1",
        "Ersatzband passend für die Velora X1",
        "Étui pour Velora",
        "velora 対応 ケース",
        "VELORA X1用 バンド",
        "表带 适用于velora",
        "charger compatible with your velora",
    ] {
        assert!(accessory(title, "velora").is_some(), "{title}");
    }
    for title in [
        "Velora X1 camera for men",
        "New Velora bag",
        "Velora 腕時計",
    ] {
        assert_eq!(accessory(title, "velora"), None, "{title}");
    }
}

#[test]
fn code_for_copies_is_known_in_21_languages() {
    for (language, title, term) in [
        ("en", "Velora bag mirror quality", "mirror quality"),
        ("en", "Perfume inspired by Velora, unbranded", "inspired by"),
        ("de", "Velora Tasche wie Original", "wie original"),
        ("de", "Tasche inspiriert von Velora", "inspiriert von"),
        ("fr", "Sac Velora qualité miroir", "qualité miroir"),
        ("es", "Bolso Velora imitación", "imitación"),
        ("it", "Borsa Velora qualità specchio", "qualità specchio"),
        ("pt", "Relógio Velora primeira linha", "primeira linha"),
        ("nl", "Velora tas namaak", "namaak"),
        ("pl", "Torebka Velora podróbka", "podróbka"),
        ("cs", "Kabelka Velora napodobenina", "napodobenina"),
        ("sv", "Velora väska utan märke", "utan märke"),
        ("tr", "Velora saat birebir", "birebir"),
        ("ru", "Сумка Velora точная копия", "точная копия"),
        ("uk", "Сумка Velora підробка", "підробка"),
        ("el", "Τσάντα Velora απομίμηση", "απομίμηση"),
        ("ar", "ساعة Velora هاي كوبي", "هاي كوبي"),
        ("vi", "Túi Velora siêu cấp", "siêu cấp"),
        ("id", "Tas Velora kw super", "kw super"),
        ("th", "กระเป๋าveloraงานมิลเลอร์สวย", "งานมิลเลอร์"),
        ("ja", "ヴェローラ スーパーコピー 財布", "スーパーコピー"),
        ("zh", "velora高仿包包", "高仿"),
        ("ko", "벨로라 미러급입니다", "미러급"),
    ] {
        assert!(
            coded(title).contains(&term.to_owned()),
            "{language}: {title}: {:?}",
            coded(title)
        );
    }
}

#[test]
fn every_language_has_terms_of_each_strength_that_are_found_by_themselves() {
    let file: CodedFile = toml::from_str(CODED).expect("well-formed");
    let mut languages: HashMap<&str, Vec<u8>> = HashMap::new();
    for group in &file.coded {
        languages
            .entry(&group.language)
            .or_default()
            .push(group.strength);
        for term in &group.terms {
            assert!(
                !coded(&format!("x {term} x")).is_empty(),
                "{}: {term}",
                group.language
            );
        }
    }
    assert!(languages.len() >= 16, "{} languages", languages.len());
    for (language, strengths) in languages {
        assert!(
            strengths.contains(&3) && strengths.contains(&2),
            "{language}: {strengths:?}"
        );
    }
}

#[test]
fn goods_for_the_brand_are_told_in_many_languages() {
    for title in [
        "Charger for velora x1",
        "Hülle passend für velora",
        "Coque pour velora x1",
        "Funda para velora",
        "Custodia per velora x1",
        "Capa para velora x1",
        "Hoesje voor velora x1",
        "Etui do velora x1",
        "Pouzdro na velora x1",
        "Fodral till velora x1",
        "velora x1 uyumlu kordon",
        "Чехол для velora x1",
        "كفر ل velora x1",
        "velora x1 対応 カバー",
        "适用于velora的保护套",
        "velora x1 호환 케이스",
    ] {
        assert!(accessory(title, "velora").is_some(), "{title}");
    }
    for title in [
        "Sac velora cuir noir pour femme",
        "Velora Tasche für Damen",
        "Bolso velora para mujer",
        "velora çanta kadın",
        "Сумка velora для женщин",
        "velora 가방 여성",
    ] {
        assert_eq!(accessory(title, "velora"), None, "{title}");
    }
}

#[test]
fn batteries_and_keys_are_no_code() {
    for title in [
        "Pilas AAA alcalinas",
        "AAA Batterien 12 Stück",
        "copia de llaves de seguridad",
        "faux cils noir",
    ] {
        assert!(coded(title).is_empty(), "{title}: {:?}", coded(title));
    }
}
