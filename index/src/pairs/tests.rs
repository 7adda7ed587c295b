//! Learning on pairs of a made-up shop.

use super::*;
use crate::eval::Random;
use crate::learn::Options;

/// Products with a number, described by two shops in their own ways; some neighbours differ by one
/// digit alone.
fn made(seed: u64, count: u64) -> Vec<Pair> {
    let mut lot = Random::new(seed, "pairs", 0);
    let things = ["camera", "printer", "radio", "kettle", "lamp", "phone"];
    let brands = ["velora", "nordic", "aurum", "kestrel"];
    (0..count)
        .map(|_| {
            let (thing, brand) = (lot.pick(things), lot.pick(brands));
            let number = 1_000 + lot.below(8_000);
            let same = lot.chance(0.3);
            let other = if same {
                number
            } else {
                number + 1 + lot.below(9)
            };
            let left = format!("COL name VAL {brand} {thing} vx{number} black COL price VAL 10.0");
            let right = format!("COL name VAL {thing} by {brand} vx-{other} COL price VAL");
            Pair {
                left: Record::parse(&left),
                right: Record::parse(&right),
                same,
            }
        })
        .collect()
}

fn settings() -> Settings {
    let boosted = Options {
        trees: 40,
        rate: 0.2,
        ..Options::default()
    };
    Settings {
        variants: [(false, false), (true, true)]
            .map(|(ranked, staged)| Variant {
                ranked,
                staged,
                boosted: boosted.clone(),
            })
            .to_vec(),
        folds: 3,
        bag: 2,
    }
}

#[test]
fn pairs_that_differ_by_a_digit_are_told_apart_in_each_way() {
    let (train, valid, test) = (made(1, 600), made(2, 200), made(3, 200));
    let (matcher, tried) = Matcher::choose(&train, &valid, &settings()).expect("a way was chosen");
    assert_eq!(tried.len(), 2);
    assert!(tried.iter().all(|t| t.score.f1() > 0.9), "{tried:?}");
    let score = Score::of(&matcher.judge(&test), &test, matcher.threshold());
    assert!(score.f1() > 0.9, "{score:?}");
}

#[test]
fn the_same_pairs_give_the_same_answers_in_any_run() {
    let (train, valid) = (made(1, 300), made(2, 100));
    let run = || {
        let (matcher, _) = Matcher::choose(&train, &valid, &settings()).expect("a way was chosen");
        (matcher.judge(&valid), matcher.threshold())
    };
    assert_eq!(run(), run());
}

#[test]
fn records_without_anything_in_them_are_judged_all_the_same() {
    let empty = |same| Pair {
        left: Record::default(),
        right: Record::parse("COL name VAL COL price VAL"),
        same,
    };
    let pairs = [empty(true), empty(false)];
    let (matcher, _) = Matcher::choose(&pairs, &pairs, &settings()).expect("a way was chosen");
    assert!(matcher.judge(&pairs).iter().all(|l| l.is_finite()));
    assert!(matcher.judge(&[]).is_empty());
    let none = Settings {
        variants: Vec::new(),
        ..settings()
    };
    assert!(Matcher::choose(&pairs, &pairs, &none).is_none());
}

#[test]
fn any_mixture_of_hostile_pieces_is_learnt_from_and_judged_with_finite_numbers() {
    const PIECES: [&str; 26] = [
        "COL ",
        "name",
        " VAL ",
        "price",
        "velora",
        "vx100",
        "1e308",
        "-1",
        "0",
        "999999999999999999999",
        "10.5",
        "1,5",
        "16 gb",
        "1/2",
        "\u{202e}",
        "\u{301}",
        "\u{0}",
        "時計",
        "🅥",
        "\u{fdfa}",
        "ß",
        " ",
        "-",
        "COL",
        "NaN",
        "inf",
    ];
    let settings = Settings {
        variants: [(false, false), (true, true)]
            .map(|(ranked, staged)| Variant {
                ranked,
                staged,
                boosted: Options {
                    trees: 3,
                    ..Options::default()
                },
            })
            .to_vec(),
        folds: 2,
        bag: 1,
    };
    let rounds = std::env::var("MARKHOUND_MUTANTS").ok();
    let rounds = rounds.and_then(|n| n.parse().ok()).unwrap_or(30);
    for round in 0..rounds {
        let mut lot = Random::new(round, "mixture", 0);
        let mut text = String::new();
        for _ in 0..1 + lot.below(12) {
            for side in ["\t", "\t"] {
                for _ in 0..lot.below(14) {
                    text.push_str(lot.pick(PIECES));
                }
                text.push_str(side);
            }
            text.push_str(lot.pick(["0\n", "1\n"]));
        }
        let pairs = pairs(&text).expect("every line has a label");
        if let Some((matcher, tried)) = Matcher::choose(&pairs, &pairs, &settings) {
            assert!(tried.iter().all(|t| t.score.f1().is_finite()), "{text:?}");
            let said = matcher.judge(&pairs);
            assert!(said.iter().all(|l| l.is_finite()), "{text:?}");
        }
    }
}
