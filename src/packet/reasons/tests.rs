//! That every reason is said in every language, and what is said of old records.

use serde_json::json;

use super::*;

const OTHERS: [Language; 4] = [Language::De, Language::Fr, Language::Es, Language::Zh];
const EUROS: (Option<&str>, Option<&str>) = (Some("EUR"), Some("EUR"));

/// Evidence that has something for every bin to speak of.
fn evidence(reasons: &Value, seen: &Value) -> Value {
    let hit =
        json!({ "term": "Velora", "found": "Vel0ra", "start": 0, "end": 6, "tricks": ["leet"] });
    json!({
        "picture": { "reference": 7, "product": 1, "score": 0.9, "method": "t",
            "transform": "mirror+crop", "region": [], "distance": 12, "inliers": 80, "compared": 90 },
        "text": { "product": 1, "score": 0.97, "brand_hit": hit, "name_coverage": 0.5,
            "telling": 0.5, "model_hits": [hit], "hits": [hit], "signals": [
                { "signal": "coded", "term": "1:1", "start": 0, "end": 3, "strength": 2, "in_description": false },
                { "signal": "accessory", "term": "for" }, { "signal": "other_brand", "term": "Quorvex" },
                { "signal": "used", "term": "worn" }, { "signal": "in_description", "term": "Velora" },
                { "signal": "trick", "trick": "leet" }, { "signal": "trick", "trick": "misspelt" },
                { "signal": "trick", "trick": "accents" }, { "signal": "trick", "trick": "glued" },
            ] },
        "price_ratio": 0.257, "price_compared": { "asked": "USD", "listed": "EUR", "date": "2025-12" },
        "concerns": 0.971, "allowed": "listed_seller", "reasons": reasons, "seen": seen,
    })
}

fn all_of(code: &str, seen: &Value, language: Language) -> Reason {
    let reasons = json!([{ "code": code, "text": "The recorded words", "bits": -1.25 }]);
    of(
        &evidence(&reasons, seen),
        EUROS,
        Some("front.jpg"),
        language,
    )
    .remove(0)
}

#[test]
fn every_bin_of_every_factor_is_said_in_every_language() {
    for language in OTHERS {
        let mut sentences = BTreeMap::new();
        for factor in FACTORS {
            for bin in factor.bins {
                let seen = json!({ factor.name: bin });
                let reason = all_of(factor.name, &seen, language);
                let place = format!("{} of {} in {}", bin, factor.name, language.code());
                assert!(!reason.as_recorded, "{place} has no words");
                assert!(
                    !reason.text.contains(['{', '}']),
                    "{place}: {}",
                    reason.text
                );
                sentences.insert(place, reason.text);
            }
        }
        for code in ["base", "calibration", "nothing", "concerns", "allowed"] {
            let reason = all_of(code, &json!({}), language);
            assert!(!reason.as_recorded, "{code} in {}", language.code());
            sentences.insert(code.to_owned(), reason.text);
        }
        for (place, text) in &sentences {
            assert!(!text.contains("recorded words"), "{place}");
            // Words that English sentences of reasons are full of.
            for word in [" the ", "The ", " is ", " of ", " said "] {
                assert!(!text.contains(word), "{place}: {text}");
            }
        }
    }
}

#[test]
fn every_trick_and_whatever_lets_a_listing_alone_is_said_in_every_language() {
    for language in OTHERS {
        for trick in Trick::ALL {
            let mut evidence = evidence(&json!([]), &json!({}));
            evidence["text"]["signals"] = json!([{ "signal": "trick", "trick": trick }]);
            let bin = if trick.hides() {
                "disguised"
            } else {
                "unusual spelling"
            };
            evidence["seen"] = json!({ "disguise": bin });
            evidence["reasons"] = json!([{ "code": "disguise", "text": "x", "bits": 1 }]);
            let reason = of(&evidence, EUROS, None, language).remove(0);
            assert!(!reason.as_recorded, "{trick:?} in {}", language.code());
        }
        use markhound_index::score::Allowed;
        for allowed in [
            Allowed::Seller,
            Allowed::Marketplace,
            Allowed::ListedSeller,
            Allowed::ListedListing,
        ] {
            let mut evidence = evidence(&json!([]), &json!({}));
            evidence["allowed"] = json!(allowed);
            evidence["reasons"] = json!([{ "code": "allowed", "text": "x", "bits": 1 }]);
            let reason = of(&evidence, EUROS, None, language).remove(0);
            assert!(!reason.as_recorded, "{allowed:?} in {}", language.code());
        }
    }
}

#[test]
fn a_reason_is_put_together_from_what_was_found() {
    let seen = json!({ "title": "0.95 to 0.99", "picture": "0.75 to 0.9", "price": "0.2 to 0.35" });
    let said = |code| {
        let text = all_of(code, &seen, Language::De).text;
        text.replace(['\u{2068}', '\u{2069}'], "")
            .replace('\u{a0}', " ")
    };
    assert_eq!(
        said("title"),
        "Der Titel enthält die Marke „Velora“, geschrieben „Vel0ra“, 50 % des Produktnamens, \
         die Modellnummer „Velora“, geschrieben „Vel0ra“: Er spricht mit 97 % für dieses Produkt"
    );
    assert_eq!(
        said("picture"),
        "Ein Foto ist das Referenzfoto front.jpg, gespiegelt, beschnitten \
         (80 von 90 Pixelblöcken stimmen überein, Hash-Abstand 12 von 256)"
    );
    assert_eq!(
        said("price"),
        "Der Preis beträgt 26 % des Listenpreises, USD und EUR verglichen nach den Kursen von 2025-12"
    );
    assert_eq!(all_of("title", &seen, Language::De).bits, "-1,2");
}

#[test]
fn english_reports_and_records_without_codes_keep_the_recorded_words() {
    let seen = json!({ "title": "0.95 to 0.99" });
    let english = all_of("title", &seen, Language::En);
    assert_eq!(
        (english.text.as_str(), english.as_recorded),
        ("The recorded words", false)
    );
    for (code, seen) in [
        ("title", json!({})),
        ("title", json!({ "title": "of another version" })),
        ("unheard_of", json!({ "unheard_of": "yes" })),
    ] {
        let reason = all_of(code, &seen, Language::De);
        assert_eq!(
            (reason.text.as_str(), reason.as_recorded),
            ("The recorded words", true)
        );
    }
    // Two currencies, and no record of how they were compared.
    let reasons = json!([{ "code": "price", "text": "As of then", "bits": 1 }]);
    let mut old = evidence(&reasons, &json!({ "price": "under 0.1" }));
    old["price_compared"] = Value::Null;
    let reason = of(&old, (Some("USD"), Some("EUR")), None, Language::Fr).remove(0);
    assert!(reason.as_recorded);
    assert!(!of(&old, EUROS, None, Language::Fr).remove(0).as_recorded);
}
