use super::*;

#[test]
fn shops_are_understood_in_their_own_words() {
    let cases = include_str!("../samples/availability.tsv");
    let mut wrong = Vec::new();
    let mut total = 0;
    for line in cases
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        let (text, wanted) = line.split_once('\t').expect("text, tab, meaning");
        let meaning = parse(text).map_or_else(
            || "-".to_owned(),
            |meaning| {
                serde_json::to_value(meaning)
                    .expect("JSON")
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            },
        );
        total += 1;
        if meaning != wanted {
            wrong.push(format!("{text}: {meaning} instead of {wanted}"));
        }
    }
    println!("{} of {total} availability texts", total - wrong.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn arbitrary_text_does_no_harm() {
    for text in [
        "\u{130}".repeat(300),
        "0 ".repeat(500),
        "not ".repeat(100),
        "在".repeat(300),
        "ß1".to_owned(),
    ] {
        let _ = parse(&text);
    }
}
