//! Nothing that people or sellers write makes it panic or slow.

use std::time::{Duration, Instant};

use super::super::{Query, Search, Sort, Within};
use super::{found, listing, of_titles, put};

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).expect("small")
    }
}

const PIECES: [&str; 46] = [
    " ",
    " ",
    " ",
    "\"",
    "-",
    "OR",
    "|",
    ":",
    "..",
    "price:",
    "seller:",
    "title:",
    "after:",
    "before:",
    "source:",
    "currency:",
    "2026-01",
    "10",
    "velora",
    "bag",
    "v3l0r@",
    "鞄",
    "腕時計",
    "가방",
    "กระเป๋า",
    "\u{202e}",
    "\u{200b}",
    "\u{301}",
    "\u{0}",
    "\u{1}",
    "\u{feff}",
    "(",
    ")",
    "*",
    "?",
    "[a-z]*",
    "\\",
    "~2",
    "^9",
    "🎒",
    "ﷺ",
    "𝓥",
    "é",
    "'",
    "\u{10ffff}",
    "\t",
];

fn written(dice: &mut Dice, most: usize) -> String {
    (0..dice.roll(most))
        .map(|_| PIECES[dice.roll(PIECES.len())])
        .collect()
}

#[test]
fn any_query_is_answered_or_refused_and_any_text_is_taken_in_and_cut() {
    let mut dice = Dice(0x5eed);
    let titles: Vec<String> = (0..200).map(|_| written(&mut dice, 30)).collect();
    let index = of_titles(&titles.iter().map(String::as_str).collect::<Vec<_>>());
    let mut answered = 0;
    for round in 0..4_000 {
        let text = written(&mut dice, 24);
        let query = match Query::parse(&text) {
            Ok(query) => query,
            Err(error) => {
                assert!(
                    (1..=text.chars().count()).contains(&error.at),
                    "{text:?}: {error}"
                );
                continue;
            }
        };
        answered += 1;
        let sort = if round % 2 == 0 {
            Sort::Best
        } else {
            Sort::Newest
        };
        let search = Search {
            sort,
            limit: 20,
            after: None,
        };
        let page = index.search(&query, &search).expect("is searched");
        for hit in page.hits.iter().take(3) {
            let title = &titles[usize::try_from(hit.id).expect("small") - 1];
            let whole: String = query
                .snippet(title, Within::Title, 10_000)
                .into_iter()
                .map(|p| p.text)
                .collect();
            assert_eq!(&whole, title, "nothing is lost or doubled");
            let cut = query.snippet(title, Within::Title, 12);
            let length: usize = cut.iter().map(|p| p.text.chars().count()).sum();
            assert!(length <= 16, "{cut:?}");
        }
    }
    assert!(answered > 1_000, "{answered}");
}

#[test]
fn a_title_finds_its_own_listing() {
    let mut dice = Dice(7);
    let words = [
        "velora",
        "bag",
        "v3l0r@",
        "鞄",
        "腕時計",
        "가방",
        "FJ-210",
        "can't",
        "10.5",
        "é",
        "x",
    ];
    for _ in 0..300 {
        let title: Vec<&str> = (0..1 + dice.roll(8))
            .map(|_| words[dice.roll(words.len())])
            .collect();
        let title = title.join(" ");
        let index = of_titles(&[&title]);
        assert_eq!(found(&index, &title), [1], "{title}");
        assert_eq!(found(&index, &format!("\"{title}\"")), [1], "{title}");
    }
}

#[test]
fn hostile_texts_cost_bounded_time() {
    let started = Instant::now();
    let texts = [
        "Ａé\u{301}𝓥 ".repeat(1 << 19),
        "\u{301}".repeat(1 << 20),
        "\u{202e}a\u{202e}b\u{202c}".repeat(1 << 18),
        "a-".repeat(1 << 20),
        "a b ".repeat(1 << 19),
        "*a".repeat(1 << 20),
        "時".repeat(1 << 20),
        "@".repeat(1 << 20),
        "x".repeat(1 << 21),
    ];
    let index = of_titles(&[]);
    for (text, id) in texts.iter().zip(1..) {
        put(
            &index,
            &[super::super::ListingText {
                description: Some(text),
                seller: Some(text),
                ..listing(id, text)
            }],
        );
    }
    for text in &texts {
        let asked: String = text.chars().take(900).collect();
        if let Ok(query) = Query::parse(&asked) {
            index
                .search(&query, &Search::default())
                .expect("is searched");
            let cut = query.snippet(text, Within::Description, 200);
            assert!(cut.iter().map(|p| p.text.chars().count()).sum::<usize>() <= 204);
        }
    }
    assert_eq!(index.len(), texts.len() as u64);
    assert!(
        started.elapsed() < Duration::from_secs(180),
        "{:?}",
        started.elapsed()
    );
}
