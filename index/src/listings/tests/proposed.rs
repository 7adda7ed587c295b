//! Listings proposed for a product: every trick the catalog's matcher sees through.

use super::super::{ListingText, Wanted};
use super::{listing, of_titles, put};
use crate::text::{CatalogProduct, CatalogTextIndex};

fn product() -> CatalogProduct {
    CatalogProduct {
        id: 1,
        sku: "OST-FJ210".to_owned(),
        brand: "Ostrelund".to_owned(),
        name: "Fjordal Lounge Armchair".to_owned(),
        aliases: vec!["Oster Lund Living".to_owned(), "オステルンド".to_owned()],
        model_numbers: vec!["FJ-210".to_owned()],
        keywords: vec!["wingback".to_owned()],
        category: None,
    }
}

#[test]
fn whatever_the_matcher_reads_the_product_in_is_proposed() {
    let titles = [
        "Ostrelund Fjordal lounge armchair",
        "0STRELUND fjordal",
        "Оstrеlund armchair",
        "O s t r e l u n d lounge chair",
        "Ostre lund armchair lounge",
        "Ostr*lund fjordal armchair",
        "O**relund lounge armchair",
        "Ostrelnud fjordal armchair",
        "Ostrlund fjordl armchair",
        "dnulertso fjordal armchair",
        "newOstrelundFjordal armchair",
        "Living room by Oster, Lund style lounge",
        "OLL fjordal lounge armchair",
        "armchair FJ210 like new",
        "armchair FJ 210",
        "オステルンド ラウンジチェア",
        "Fjordal lounge armchair, wingback",
        "NEW 2026 original wingback armchair lounge fjordal",
        "Ost-re-lund fjordal armchair",
        "𝓞𝓼𝓽𝓻𝓮𝓵𝓾𝓷𝓭 armchair",
    ];
    let others = [
        "Rolex watch steel",
        "garden hose 20 m",
        "時計 新品",
        "Kinderbett weiß 140x70",
    ];
    let index = of_titles(&titles.iter().chain(&others).copied().collect::<Vec<_>>());
    let described = ListingText {
        description: Some("Inspired by the Ostrelund FJ-210, very soft."),
        ..listing(99, "Soft seat")
    };
    put(&index, &[described]);
    let wanted = Wanted {
        product: product(),
        brand_words: Vec::new(),
    };
    let proposed = index.candidates(&[wanted]).expect("is searched");
    let matcher = CatalogTextIndex::build([product()]).expect("builds");
    let read = |title: &str| !matcher.search(title, None, 1).is_empty();
    let mut seen = 0;
    for (title, id) in titles.iter().zip(1..) {
        if read(title) {
            seen += 1;
            assert!(proposed.contains(&id), "{title}");
        }
    }
    assert!(seen >= 16, "{seen}");
    assert!(proposed.contains(&99), "by its description");
    for id in titles.len() as u64 + 1..=(titles.len() + others.len()) as u64 {
        assert!(!proposed.contains(&id), "{id}");
    }
}

#[test]
fn every_slip_of_a_letter_that_the_matcher_forgives_is_proposed() {
    let name: Vec<char> = "ostrelund".chars().collect();
    let mut titles = Vec::new();
    for at in 0..name.len() {
        let mut change = |with: &dyn Fn(&mut Vec<char>)| {
            let mut letters = name.clone();
            with(&mut letters);
            titles.push(format!(
                "{} armchair lounge",
                letters.iter().collect::<String>()
            ));
        };
        change(&|l| {
            l.remove(at);
        });
        change(&|l| l[at] = 'x');
        change(&|l| l[at] = '*');
        change(&|l| l.insert(at, 'x'));
        change(&|l| {
            if at > 0 {
                l.swap(at, at - 1);
            }
        });
        change(&|l| {
            l[at] = 'x';
            let other = (at + 4) % 9;
            l[other] = 'k';
        });
    }
    let index = of_titles(&titles.iter().map(String::as_str).collect::<Vec<_>>());
    let wanted = Wanted {
        product: product(),
        brand_words: Vec::new(),
    };
    let proposed = index.candidates(&[wanted]).expect("is searched");
    let matcher = CatalogTextIndex::build([product()]).expect("builds");
    for (title, id) in titles.iter().zip(1..) {
        let read = !matcher.search(title, None, 1).is_empty();
        assert!(!read || proposed.contains(&id), "{title}");
    }
}
