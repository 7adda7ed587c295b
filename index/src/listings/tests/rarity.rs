//! How rare words are, counted by the index.

use super::super::{ListingIndex, ListingText, Mark};
use super::{MARK, listing, put};
use crate::text::Rarity;

/// 1,200 titles: all have "bag", half of them "leather", a tenth names the brand and its product.
fn titles() -> Vec<String> {
    let title = |n: u64| match n {
        n if n % 10 == 0 => format!("V3l0ra Aria bag n{n}"),
        n if n % 2 == 0 => format!("Leather bag n{n}"),
        n => format!("Canvas bag n{n}"),
    };
    (1..=1_200).map(title).collect()
}

fn numbered(titles: &[String]) -> Vec<ListingText<'_>> {
    titles
        .iter()
        .zip(1..)
        .map(|(t, id)| listing(id, t))
        .collect()
}

#[test]
fn words_are_as_rare_as_among_the_listings_that_do_not_name_the_brand() {
    let index = ListingIndex::in_memory().expect("memory");
    let titles = titles();
    let listings = numbered(&titles);
    // Several parts.
    listings.chunks(500).for_each(|some| put(&index, some));
    let table = index
        .rarity(&["Velora", "Other Brand"])
        .expect("is counted");
    assert_eq!(table.listings(), 1_080);
    let of = |word: &str| table.of(word).expect("enough listings");
    assert!(of("bag") < 1e-9);
    assert!((0.05..0.15).contains(&of("leather")), "{}", of("leather"));
    // Otherwise the products that are searched for would look common.
    assert!((of("aria") - 1.0).abs() < 1e-9);
    let with = index.rarity(&[]).expect("is counted");
    assert_eq!(with.listings(), 1_200);
    assert!(with.of("aria").is_some_and(|r| r < 0.4));

    // The same as learning from the titles one by one.
    let mut learnt = Rarity::new();
    let honest = titles.iter().filter(|t| !t.contains("V3l0ra"));
    honest.for_each(|title| learnt.learn(title));
    assert_eq!(table.to_text(), learnt.to_text());
}

#[test]
fn what_was_deleted_or_written_anew_does_not_count_twice() {
    let index = ListingIndex::in_memory().expect("memory");
    let titles = titles();
    let listings = numbered(&titles);
    put(&index, &listings);
    let once = index.rarity(&["Velora"]).expect("is counted");
    listings.chunks(700).for_each(|some| put(&index, some));
    let twice = index.rarity(&["Velora"]).expect("is counted");
    assert_eq!(once.to_text(), twice.to_text());
    let mut writer = index.writer().expect("nobody else writes");
    [1, 3].into_iter().for_each(|id| writer.delete(id));
    writer
        .commit(Mark { change: 2, ..MARK })
        .expect("is written");
    index.reload().expect("is read");
    let less = index.rarity(&["Velora"]).expect("is counted");
    assert_eq!(less.listings(), once.listings() - 2);
}

#[test]
fn an_empty_index_says_nothing() {
    let index = ListingIndex::in_memory().expect("memory");
    let table = index.rarity(&["Velora", ""]).expect("is counted");
    assert_eq!((table.listings(), table.of("bag")), (0, None));
}
