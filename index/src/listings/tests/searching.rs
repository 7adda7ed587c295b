//! Words, phrases, fields, ranks, pages, snippets.

use super::super::{Cursor, ListingText, Page, Piece, Query, Search, Sort, Within};
use super::{found, listing, of_titles, put, query};

#[test]
fn words_must_all_be_there_in_any_field_and_any_order() {
    let index = of_titles(&["Velora bag", "bag", "velora"]);
    let described = ListingText {
        description: Some("a genuine VELORA"),
        seller: Some("Bag Palace"),
        ..listing(4, "something")
    };
    put(&index, &[described]);
    assert_eq!(found(&index, "bag velora"), [1, 4]);
    assert_eq!(found(&index, "velora"), [1, 3, 4]);
    assert_eq!(found(&index, "title:velora"), [1, 3]);
    assert_eq!(found(&index, "description:velora seller:palace"), [4]);
    assert_eq!(found(&index, "velora -bag"), [3]);
    assert_eq!(found(&index, "-velora"), [2]);
    assert_eq!(found(&index, "palace OR bag -velora"), [2]);
    assert_eq!(found(&index, ""), [1, 2, 3, 4]);
}

#[test]
fn phrases_stand_side_by_side() {
    let index = of_titles(&[
        "red velora bag",
        "bag of velora",
        "velora-bag",
        "velora, bag",
    ]);
    assert_eq!(found(&index, "\"velora bag\""), [1, 3, 4]);
    assert_eq!(found(&index, "„velora bag”"), [1, 3, 4]);
    assert_eq!(found(&index, "velora-bag"), [1, 3, 4]);
    assert_eq!(found(&index, "-\"velora bag\""), [2]);
}

#[test]
fn disguised_words_are_found_under_their_plain_form_and_as_written() {
    let disguises = [
        "Velora",
        "VEL0RA",
        "Vеlоrа",
        "Ve\u{200b}lo\u{ad}ra",
        "v3l0r@ bag",
        "V E L O R A",
        "Ｖｅｌｏｒａ",
        "V.E.L.O.R.A",
        "Vélörà",
        "\u{202e}arolev\u{202c}",
        "VeIora",
        "𝓥𝓮𝓵𝓸𝓻𝓪",
    ];
    let index = of_titles(&disguises);
    let all: Vec<u64> = (1..=disguises.len() as u64).collect();
    assert_eq!(found(&index, "velora"), all);
    for (text, id) in disguises.iter().zip(1..) {
        let ids = found(&index, &format!("\"{text}\""));
        assert!(ids.contains(&id), "{text}: {ids:?}");
    }
    assert_eq!(
        found(&index, "\"v3l0r@ bag\""),
        found(&index, "\"velora bag\"")
    );
}

#[test]
fn scripts_without_spaces_are_found_by_any_part() {
    let index = of_titles(&[
        "ヴェローラの腕時計 新品",
        "鞄",
        "革鞄セール",
        "가방신품 정품",
        "กระเป๋าหนัง",
        "時間計",
    ]);
    assert_eq!(found(&index, "腕時計"), [1]);
    assert_eq!(found(&index, "時計"), [1], "side by side");
    assert_eq!(found(&index, "鞄"), [2, 3]);
    assert_eq!(found(&index, "計"), [1, 6], "the last of its run");
    assert_eq!(found(&index, "신품"), [4]);
    assert_eq!(found(&index, "หนัง"), [5]);
    assert_eq!(found(&index, "\"腕時計 新品\""), [1]);
    assert_eq!(found(&index, "ｳﾞｪﾛｰﾗ"), [1], "in half width");
}

#[test]
fn model_numbers_are_found_however_they_are_set() {
    let index = of_titles(&[
        "chair FJ-210",
        "chair FJ210",
        "chair FJ 210",
        "chair FJ.210",
        "chair 210",
    ]);
    for written in ["fj-210", "FJ210", "\"fj 210\""] {
        let ids = found(&index, written);
        assert!(
            ids.starts_with(&[1]) && ids.contains(&4),
            "{written}: {ids:?}"
        );
    }
    assert_eq!(found(&index, "fj210"), [1, 2, 3, 4]);
    assert_eq!(found(&index, "fj-210"), [1, 2, 3, 4]);
}

#[test]
fn fields_limit_by_source_price_currency_and_time() {
    let index = of_titles(&["a", "b", "c"]);
    let day = 86_400_000;
    put(
        &index,
        &[
            ListingText {
                source: "Other Shop",
                currency: Some("usd"),
                ..listing(4, "d")
            },
            ListingText {
                price: None,
                currency: None,
                first_seen: 3 * day,
                last_seen: 9 * day,
                ..listing(5, "e")
            },
        ],
    );
    assert_eq!(found(&index, "price:2..3"), [2, 3]);
    assert_eq!(found(&index, "price:..2"), [1, 2]);
    assert_eq!(found(&index, "price:3.5.."), [4]);
    assert_eq!(found(&index, "price:2,00"), [2]);
    assert_eq!(found(&index, "-price:0..100"), [5], "without a price");
    assert_eq!(found(&index, "currency:usd"), [4]);
    assert_eq!(found(&index, "source:\"other shop\""), [4]);
    assert_eq!(found(&index, "-source:shop"), [4]);
    assert_eq!(found(&index, "after:1970-01-02"), [5]);
    assert_eq!(
        found(&index, "after:1970-01-05 before:1970-01-06"),
        [5],
        "seen before and after"
    );
    assert_eq!(found(&index, "before:1970-01-04"), [1, 2, 3, 4]);
    let names = ["shop".to_owned(), "OTHER SHOP".to_owned()];
    let limited = query("-a").of_sources(&names).seen_since(3).seen_before(4);
    let page = index
        .search(&limited, &Search::default())
        .expect("is searched");
    assert_eq!(page.hits.iter().map(|hit| hit.id).collect::<Vec<_>>(), [3]);
}

#[test]
fn the_best_comes_first_and_the_plain_word_before_its_disguise() {
    let index = of_titles(&[
        "vel0ra thing of leather",
        "velora thing of leather",
        "nothing",
    ]);
    put(
        &index,
        &[ListingText {
            description: Some("velora"),
            ..listing(9, "leather thing here")
        }],
    );
    let page = index
        .search(&query("velora"), &Search::default())
        .expect("is searched");
    let ids: Vec<u64> = page.hits.iter().map(|hit| hit.id).collect();
    assert_eq!(ids[0], 2, "{page:?}");
    assert!(
        page.hits
            .windows(2)
            .all(|pair| pair[0].score >= pair[1].score)
    );
}

/// All pages, and what was done between two of them.
fn pages(
    search: &Search,
    mut page: impl FnMut(&Search) -> Page,
    mut between: impl FnMut(),
) -> Vec<u64> {
    let mut search = search.clone();
    let mut ids = Vec::new();
    loop {
        let found = page(&search);
        ids.extend(found.hits.iter().map(|hit| hit.id));
        // Through its text, as it goes through an address.
        match found.next {
            Some(next) => search.after = Some(next.to_string().parse().expect("is read again")),
            None => return ids,
        }
        between();
    }
}

#[test]
fn pages_neither_skip_nor_double_even_while_listings_come_and_change() {
    for sort in [Sort::Best, Sort::Newest] {
        let titles: Vec<String> = (0..83)
            .map(|n| format!("bag {}", "bag ".repeat(n % 5)))
            .collect();
        let index = of_titles(&titles.iter().map(String::as_str).collect::<Vec<_>>());
        let search = Search {
            sort,
            limit: 10,
            after: None,
        };
        let asked = query("bag");
        let still = pages(
            &search,
            |s| index.search(&asked, s).expect("is searched"),
            || {},
        );
        assert_eq!(still.len(), 83);
        let mut next = 1000;
        let moving = pages(
            &search,
            |s| index.search(&asked, s).expect("is searched"),
            || {
                next += 1;
                if next < 1005 {
                    put(
                        &index,
                        &[listing(next, "bag bag bag"), listing(next - 1000, "bag")],
                    );
                }
            },
        );
        assert_eq!(moving, still, "{sort:?}");
        let mut sorted = still.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (1..=83).collect::<Vec<u64>>());
    }
}

#[test]
fn a_cursor_that_was_changed_is_refused_or_harmless() {
    let index = of_titles(&["bag", "bag", "bag"]);
    for broken in [
        "",
        "b",
        "x1-2-3",
        "b1-2",
        "b1-2-3-4",
        "bzz-2-3",
        "n1-2-99999999999999999",
    ] {
        assert!(broken.parse::<Cursor>().is_err(), "{broken}");
    }
    let after = Some("n0-0-0".parse().expect("is one"));
    let search = Search {
        sort: Sort::Newest,
        after,
        ..Search::default()
    };
    assert!(
        index
            .search(&query("bag"), &search)
            .expect("is searched")
            .hits
            .is_empty()
    );
    let other = Search {
        sort: Sort::Best,
        ..search
    };
    assert_eq!(
        index
            .search(&query("bag"), &other)
            .expect("is searched")
            .hits
            .len(),
        3
    );
}

#[test]
fn wrong_queries_are_told_with_their_place() {
    let wrong = |text: &str| Query::parse(text).expect_err(text);
    for (text, at, told) in [
        ("bag price:cheap", 11, "price:10..50"),
        ("price:50..10", 7, "turn it around"),
        ("price:", 1, "right behind the colon"),
        ("bag colour:red", 5, "there is no field \"colour\""),
        ("currency:euros", 10, "EUR or USD"),
        ("after:yesterday", 7, "2026-03-01"),
        ("before:2026-02-30", 8, "calendar"),
        ("a \"b c", 3, "never closed"),
        ("OR bag", 1, "between two words"),
        ("bag OR", 5, "behind it"),
        ("bag OR OR purse", 8, "between two words"),
        ("bag OR -purse", 5, "leave one"),
        ("title:!!", 1, "letters or digits"),
    ] {
        let error = wrong(text);
        assert!(error.why.contains(told), "{text}: {error}");
        assert_eq!(error.at, at, "{text}: {error}");
    }
    assert!(wrong(&"x".repeat(1_001)).why.contains("longer than 1000"));
    assert!(wrong(&"x ".repeat(50)).why.contains("more than 40"));
    assert!(wrong(&"時".repeat(500)).why.contains("more than 160"));
}

#[test]
fn text_that_was_pasted_is_taken_as_words() {
    let index = of_titles(&[
        "Best: velora bag (new) & more",
        "https://shop.example/velora",
    ]);
    assert_eq!(found(&index, "Best: velora bag (new) & more"), [1]);
    assert_eq!(found(&index, "https://shop.example/velora"), [2]);
    assert_eq!(found(&index, "- & ()"), [1, 2]);
}

fn shown(pieces: &[Piece]) -> String {
    let put = |piece: &Piece| match piece.hit {
        true => format!("[{}]", piece.text),
        false => piece.text.clone(),
    };
    pieces.iter().map(put).collect()
}

#[test]
fn snippets_mark_what_was_asked_for_as_it_is_written() {
    let mark = |asked: &str, text: &str| shown(&query(asked).snippet(text, Within::Title, 200));
    assert_eq!(
        mark("velora bag", "New V3L0R@ Bag, <b>bag</b>"),
        "New [V3L0R@] [Bag], <b>[bag]</b>"
    );
    assert_eq!(
        mark("velora", "V e l o r a / Ve\u{200b}lora"),
        "[V e l o r a] / [Ve\u{200b}lora]"
    );
    assert_eq!(
        mark("\"velora bag\"", "bag velora, Vel0ra bag"),
        "bag velora, [Vel0ra bag]"
    );
    assert_eq!(mark("腕時計", "新品の腕時計です"), "新品の[腕時計]です");
    assert_eq!(mark("鞄", "革鞄"), "革[鞄]");
    assert_eq!(mark("fj210 -bag", "bag FJ-210"), "bag [FJ-210]");
    assert_eq!(
        mark("seller:velora", "velora"),
        "velora",
        "of another field"
    );
    assert_eq!(mark("price:1..2", "velora"), "velora");
}

#[test]
fn a_long_text_is_cut_around_its_hits() {
    let text = format!(
        "{}the velora bag is here {}",
        "word ".repeat(300),
        "more ".repeat(300)
    );
    let pieces = query("velora bag").snippet(&text, Within::Description, 80);
    let cut = shown(&pieces);
    assert!(cut.contains("[velora] [bag]"), "{cut}");
    assert!(
        cut.starts_with("… ") && cut.ends_with(" …") && cut.chars().count() < 110,
        "{cut}"
    );
    let none = shown(&query("nowhere").snippet(&text, Within::Description, 20));
    assert_eq!(none, "word word word word …");
}
