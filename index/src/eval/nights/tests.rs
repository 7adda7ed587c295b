//! What nights must be like, whatever is drawn.

use super::*;

fn made(seed: u64, listings: usize) -> Night {
    let options = NightOptions {
        seed,
        brands: 0..12,
        listings,
        world: World::USUAL,
    };
    night(&options, Draws::built_in()).expect("the text index works")
}

#[test]
fn a_seed_makes_the_same_night_again() {
    let seen = |night: &Night| -> Vec<_> {
        night
            .pairs
            .iter()
            .map(|p| (p.listing, p.product, p.example.seen))
            .collect()
    };
    assert_eq!(seen(&made(1, 300)), seen(&made(1, 300)));
    assert_ne!(seen(&made(1, 300)), seen(&made(2, 300)));
}

#[test]
fn one_genuine_offer_in_a_hundred_costs_less_than_half() {
    let products = catalog(0..12, 1);
    let mut prices = Vec::new();
    for number in 0..40_000 {
        let mut random = Random::new(3, "listing", number);
        let offer = listing::listing(&mut random, &products, &World::USUAL, Draws::built_in());
        if offer.seller == SellerKind::Retailer
            && let (Some(price), Some(product)) = (offer.price, offer.concerns)
        {
            prices.push(price / products[product].price);
        }
    }
    let cheap = prices.iter().filter(|r| **r < 0.5).count() as f64 / prices.len() as f64;
    assert!(
        (0.006..0.014).contains(&cheap),
        "{cheap} of {}",
        prices.len()
    );
}

#[test]
fn most_infringing_listings_are_considered_and_every_kind_of_seller_is_there() {
    let night = made(5, 2_000);
    let infringing = night.pairs.iter().filter(|p| p.example.infringes).count();
    assert!(infringing > 400, "{infringing}");
    assert!(
        night.missed * 6 < infringing,
        "{} missed of {infringing}",
        night.missed
    );
    for (kind, infringes, _) in SELLERS {
        let of_kind: Vec<_> = night.pairs.iter().filter(|p| p.seller == kind).collect();
        assert!(
            !of_kind.is_empty() || matches!(kind, SellerKind::Unrelated | SellerKind::SameGoods),
            "{kind:?}"
        );
        assert!(
            of_kind.iter().all(|p| infringes || !p.example.infringes),
            "{kind:?}"
        );
    }
}
