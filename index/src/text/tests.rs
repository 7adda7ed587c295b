//! Titles as sellers write them, against a small catalog.

use super::*;

fn index() -> CatalogTextIndex {
    let product = |id, brand: &str, name: &str, models: &[&str], aliases: &[&str]| CatalogProduct {
        id,
        sku: format!("S-{id}"),
        brand: brand.to_owned(),
        name: name.to_owned(),
        model_numbers: models.iter().map(|m| (*m).to_owned()).collect(),
        aliases: aliases.iter().map(|m| (*m).to_owned()).collect(),
        ..CatalogProduct::default()
    };
    CatalogTextIndex::build([
        product(
            1,
            "Velora",
            "Velora Aria Leather Tote",
            &["VL-2210.A"],
            &["ヴェローラ"],
        ),
        product(2, "Velora", "Velora Corso Backpack", &["VL-3300"], &[]),
        product(
            3,
            "Nordic Pine",
            "Nordic Pine Lounge Chair",
            &["88410"],
            &[],
        ),
    ])
    .expect("the index builds")
}

fn best(title: &str) -> Option<TextMatch> {
    index().search(title, None, 5).into_iter().next()
}

#[test]
fn every_trick_is_seen_through_and_named() {
    for (title, trick) in [
        ("Vеlоra Aria tote", Trick::Homoglyph),
        ("V3l0ra Aria tote", Trick::Leet),
        ("$ale Ve|ora tote", Trick::Leet),
        ("Ve\u{200b}lora Aria", Trick::ZeroWidth),
        ("V e l o r a Aria", Trick::Spaced),
        ("V.e.l.o.r.a Aria", Trick::Spaced),
        ("Ｖｅｌｏｒａ Aria", Trick::FullWidth),
        ("𝓥𝓮𝓵𝓸𝓻𝓪 Aria", Trick::Styled),
        ("Vélörà Aria", Trick::Accents),
        ("\u{202e}aroleV\u{202c} Aria", Trick::Bidi),
        ("V*lora Aria", Trick::Masked),
        ("Vellora Aria tote", Trick::Misspelt),
        ("NordicPine chair", Trick::Glued),
    ] {
        let found = best(title).unwrap_or_else(|| panic!("{title}: nothing found"));
        let hit = found
            .brand_hit
            .unwrap_or_else(|| panic!("{title}: no brand"));
        assert!(hit.tricks.contains(&trick), "{title}: {hit:?}");
        assert_eq!(&title[hit.start..hit.end], hit.found, "{title}");
        assert!(
            found.signals.contains(&TextSignal::Trick { trick }),
            "{title}"
        );
    }
}

#[test]
fn an_honest_spelling_shows_no_trick() {
    for title in [
        "VELORA Aria Tote",
        "Nordic Pine chair",
        "nordic-pine chair",
        "ヴェローラ トート",
    ] {
        let hit = best(title).and_then(|m| m.brand_hit).expect(title);
        assert_eq!(hit.tricks, [], "{title}");
    }
}

#[test]
fn the_right_product_of_a_brand_comes_first() {
    assert_eq!(
        best("Velora backpack corso blue").map(|m| m.product),
        Some(2)
    );
    let by_model = best("handbag vl2210a brown").expect("the model number is enough");
    assert_eq!(by_model.product, 1);
    assert_eq!(by_model.model_hits[0].found, "vl2210a");
    let by_name = best("aria leather tote, brown").expect("the name is enough");
    assert_eq!((by_name.product, by_name.brand_hit), (1, None));
}

#[test]
fn look_alike_words_are_not_the_brand() {
    for title in [
        "velour curtain",
        "development board",
        "pine needles, nordic walking",
        "3 lor av 1000",
    ] {
        assert!(best(title).is_none_or(|m| m.brand_hit.is_none()), "{title}");
    }
}

#[test]
fn a_brand_in_the_description_alone_is_a_weaker_sign() {
    let found = index().search("Leather tote aria", Some("In the style of Velora."), 5);
    let first = found.first().expect("found");
    assert!(first.brand_hit.is_none());
    assert!(first.signals.contains(&TextSignal::InDescription {
        term: "Velora".to_owned()
    }));
}

#[test]
fn another_brand_in_the_title_is_a_signal() {
    let found = best("Velora Aria tote like Nordic Pine").expect("found");
    assert!(found.signals.contains(&TextSignal::OtherBrand {
        term: "Nordic Pine".to_owned()
    }));
}

#[test]
fn an_empty_catalog_and_an_empty_title_find_nothing() {
    let empty = CatalogTextIndex::build([]).expect("the index builds");
    assert!(empty.search("Velora", None, 5).is_empty());
    assert_eq!(best(""), None);
    assert_eq!(best("\u{200b}\u{202e}"), None);
}

#[test]
fn hostile_titles_never_panic_and_their_offsets_hold() {
    let index = index();
    for title in [
        "Velora ".repeat(1 << 20),
        "v".repeat(10 << 20),
        "V\u{301}e\u{302}".repeat(3_000) + "lora",
        "\u{202e}arolev ".repeat(3_000),
        "V*".repeat(8_000),
        "1:1 ".repeat(4_000),
        "\u{fdfa}velora".repeat(2_000),
        "ヴェ".repeat(5_000),
        // Ten thousand marks on one letter, and a few on each.
        format!("V{}elora", "\u{301}".repeat(10_000)),
        "V\u{334}\u{316}\u{489}e\u{323}\u{35c}l\u{317}o\u{324}r\u{330}a\u{31d} ".repeat(500),
        "\u{202e}\u{2067}a".repeat(9_000),
        // What JSON with a lone surrogate is read as.
        "Velora \u{fffd}\u{fffd} ".repeat(2_000),
        "vl-2210.a ".repeat(3_000),
        "велора 벨로라 ".repeat(1_500),
        "replica 1:1 aaa no logo ".repeat(2_000),
    ] {
        for found in index.search(&title, Some(&title), 5) {
            for hit in &found.hits {
                assert_eq!(title.get(hit.start..hit.end), Some(hit.found.as_str()));
            }
        }
    }
}

/// Pieces that break careless text code, put together anew by a fixed sequence of numbers.
#[test]
fn any_mixture_of_hostile_pieces_is_read_and_its_offsets_hold() {
    const PIECES: [&str; 34] = [
        "велора",
        "ロレッ",
        "벨로",
        "رولكس",
        "ท",
        "\u{fffd}",
        "vl2210a",
        "V.e",
        "AAA",
        " for ",
        "Velora",
        "V",
        "el",
        "\u{202e}",
        "\u{202c}",
        "\u{2067}",
        "\u{301}",
        "\u{489}",
        "\u{200d}",
        "\u{feff}",
        "\u{fdfa}",
        "\u{1f1e9}\u{1f1ea}",
        "⭕",
        "🅥",
        "ヴェ",
        "٣",
        "\u{ac}",
        "ß",
        "İ",
        "*",
        "-",
        " ",
        "\u{0}",
        "1:1",
    ];
    let index = index();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let rounds = std::env::var("MARKHOUND_MUTANTS").ok();
    let rounds = rounds.and_then(|n| n.parse().ok()).unwrap_or(400);
    for _ in 0..rounds {
        let mut title = String::new();
        for _ in 0..40 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            title.push_str(PIECES[(state % PIECES.len() as u64) as usize]);
        }
        for found in index.search(&title, Some(&title), 5) {
            assert!((0.0..=1.0).contains(&found.score));
            for hit in &found.hits {
                assert_eq!(title.get(hit.start..hit.end), Some(hit.found.as_str()));
            }
        }
    }
}

#[test]
fn names_are_read_in_reverse_apart_abbreviated_and_within_other_words() {
    for (title, trick) in [
        ("aroleV Aria leather tote", Some(Trick::Reversed)),
        ("Pine Lounge Chair Nordic", None),
        ("VELORAARIATOTE leather", Some(Trick::Glued)),
        ("NP Lounge Chair", Some(Trick::Abbreviated)),
        ("N*rd_c Pi#e Lounge Chair", Some(Trick::Masked)),
        ("🅥🅔🅛🅞🅡🅐 Aria tote", Some(Trick::Styled)),
        ("Vel⭕ra Aria tote", Some(Trick::Styled)),
    ] {
        let found = best(title).unwrap_or_else(|| panic!("{title}: nothing found"));
        let hit = found
            .brand_hit
            .unwrap_or_else(|| panic!("{title}: no brand"));
        match trick {
            Some(trick) => assert!(hit.tricks.contains(&trick), "{title}: {hit:?}"),
            None => assert_eq!(hit.tricks, [], "{title}"),
        }
    }
}

#[test]
fn a_name_with_nothing_of_its_goods_around_it_is_less_sure() {
    let score = |title: &str| best(title).map_or(0.0, |m| m.score);
    assert!(score("Velora Aria leather tote") > 0.9);
    assert!(score("velora history book paperback") < score("Velora Aria") / 2.0);
    assert!(score("strap for Velora Aria tote") < score("Velora Aria tote"));
}

#[test]
fn names_written_as_they_sound_in_another_script_are_found_and_marked() {
    for title in [
        "Сумка Велора aria",
        "벨로라 aria 가방",
        "Βελόρα τσάντα aria",
        "ヴエローラ aria",
    ] {
        let found = best(title).unwrap_or_else(|| panic!("{title}: nothing found"));
        let hit = found
            .brand_hit
            .unwrap_or_else(|| panic!("{title}: no brand"));
        assert!(
            hit.tricks.contains(&Trick::Transliterated),
            "{title}: {hit:?}"
        );
        assert_eq!(&title[hit.start..hit.end], hit.found, "{title}");
    }
    for title in ["Сумка женская веранда", "가방 여성 새상품", "τσάντα ώμου"]
    {
        assert!(best(title).is_none_or(|m| m.brand_hit.is_none()), "{title}");
    }
}

#[test]
fn what_a_hostile_text_is_read_as_is_bounded_whatever_its_size() {
    for piece in [
        "\u{fdfa}",
        "v\u{301}\u{316}",
        "\u{202e}ab\u{202c}",
        "𝓥ー",
        "ﷺ1:1 ",
    ] {
        let large = normalise(&piece.repeat(1 << 20));
        let small = normalise(&piece.repeat(1 << 13));
        for text in [&large, &small] {
            assert!(text.plain().chars().count() <= 17_000, "{piece}");
            assert!(text.squeezed().chars().count() <= 17_000, "{piece}");
        }
        // What is beyond the bound changes nothing.
        assert_eq!(large.plain(), small.plain(), "{piece}");
    }
}

#[test]
fn a_word_that_tells_a_name_from_others_is_told_from_a_common_one() {
    let telling = |title: &str| best(title).map(|found| found.telling);
    assert_eq!(telling("Velora Aria bag"), Some(1.0));
    let common = telling("Velora leather bag").expect("found");
    assert!((0.1..0.5).contains(&common), "{common}");
    assert_eq!(telling("Velora VL-2210.A leather"), Some(1.0));
}
