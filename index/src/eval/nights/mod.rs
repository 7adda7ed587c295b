//! Nights: made catalogs and made listings, of which the truth is known.
//!
//! No public set of listings says which ones infringe. A night follows from a seed: invented brands
//! and products, and sellers of [`SellerKind`]s who offer copies, the owner's photos, used goods,
//! accessories and so on. Titles go through the real text index; what the picture search says of a
//! picture is drawn from what it said of many edited photos (`draws.rs`). How often sellers do
//! what is assumed, and written down in [`SELLERS`] and beside it: that part is not measured.

mod catalog;
mod draws;
mod learn;
mod listing;
mod title;

use std::collections::BTreeMap;
use std::ops::Range;

use super::Random;
use crate::image::PictureMatch;
use crate::score::{Example, InfringementKind, ScoreInput, observe};
use crate::text::{CatalogTextIndex, TextIndexError, TextMatch};

pub use catalog::{NightProduct, catalog};
pub use draws::{Draw, Draws, DrawsError, UNRELATED};
pub use learn::{Learnt, OfSeller, Report, Start, learn, report, start};
pub use listing::{NightListing, SELLERS, SellerKind};

/// Products a listing's text is compared with in full, as in a scan.
const TEXT_CANDIDATES: usize = 20;
/// Products a made brand has.
pub const PRODUCTS_OF_A_BRAND: usize = 6;

/// How sellers behave; nights of another world test whether what was learnt holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct World {
    /// Share of the infringing among all listings.
    pub prevalence: f64,
    /// Copies cost this share of what they cost in the usual world.
    pub copies_cost: f64,
    /// How often sellers of copies use coded words, against the usual world.
    pub coded: f64,
    /// How often they show the owner's photo, against the usual world.
    pub photos: f64,
    /// How many used goods there are among honest offers, against the usual world.
    pub used: f64,
}

impl World {
    /// The world the shipped weights were fitted in.
    pub const USUAL: Self = Self {
        prevalence: 0.3,
        copies_cost: 1.0,
        coded: 1.0,
        photos: 1.0,
        used: 1.0,
    };

    /// The usual one with another share of infringing listings, and nothing else.
    pub const RARER: Self = Self {
        prevalence: 0.1,
        ..Self::USUAL
    };

    /// One in which copies are dearer, say less of themselves, and used goods are many.
    pub const OTHER: Self = Self {
        prevalence: 0.15,
        copies_cost: 1.6,
        coded: 0.5,
        photos: 0.7,
        used: 2.0,
    };
}

/// What a night is made of.
#[derive(Debug, Clone)]
pub struct NightOptions {
    /// Everything drawn by lot follows from it.
    pub seed: u64,
    /// The numbers of the invented brands; other numbers are other brands.
    pub brands: Range<u64>,
    /// How many listings.
    pub listings: usize,
    /// How sellers behave.
    pub world: World,
}

/// A listing and a product that a scan would consider, with what it would see and the truth.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The number of the listing in its night.
    pub listing: usize,
    /// The product's place in the catalog.
    pub product: usize,
    /// What is seen, and how it came out.
    pub example: Example,
    /// What the seller really is.
    pub seller: SellerKind,
    /// How it really infringes.
    pub kind: Option<InfringementKind>,
    /// How the scan would say that it infringes.
    pub said: Option<InfringementKind>,
}

/// One night.
#[derive(Debug, Clone)]
pub struct Night {
    /// The pairs that are considered.
    pub pairs: Vec<Pair>,
    /// Infringing listings that are considered for no product they infringe on: nothing was found.
    pub missed: usize,
    /// All listings.
    pub listings: usize,
}

impl Night {
    /// The examples of all pairs.
    #[must_use]
    pub fn examples(&self) -> Vec<Example> {
        self.pairs.iter().map(|pair| pair.example).collect()
    }
}

/// Makes a night.
///
/// # Errors
/// [`TextIndexError`] when the catalog's text index cannot be built.
pub fn night(options: &NightOptions, draws: &Draws) -> Result<Night, TextIndexError> {
    let products = catalog(options.brands.clone(), options.seed);
    let index = CatalogTextIndex::build(products.iter().map(|p| p.entry.clone()))?;
    let mut night = Night {
        pairs: Vec::new(),
        missed: 0,
        listings: options.listings,
    };
    for number in 0..options.listings {
        let mut random = Random::new(options.seed, "listing", number as u64);
        let offer = listing::listing(&mut random, &products, &options.world, draws);
        let shown: Vec<i64> = offer.picture.iter().map(|found| found.product).collect();
        let (title, described) = (&offer.title, Some(offer.description.as_str()));
        let texts = index.search_for(title, described, TEXT_CANDIDATES, &shown);
        let considered = considered(&offer, texts);
        let truly = offer.infringes.filter(|_| offer.concerns.is_some());
        if truly.is_some()
            && !considered
                .iter()
                .any(|(at, _, _)| Some(*at) == offer.concerns)
        {
            night.missed += 1;
        }
        for (product, text, picture) in considered {
            let concerned = offer.concerns == Some(product);
            let input = input(&offer, &products[product], text.as_ref(), picture);
            let kind = truly.filter(|_| concerned);
            night.pairs.push(Pair {
                listing: number,
                product,
                example: Example {
                    seen: observe(&input),
                    concerns: Some(concerned),
                    infringes: kind.is_some(),
                    weight: 1.0,
                },
                seller: offer.seller,
                kind,
                said: crate::score::seeming_kind(&input),
            });
        }
    }
    Ok(night)
}

/// As in a scan: the products that a picture shows, and the one that the text speaks for most.
fn considered(
    offer: &NightListing,
    texts: Vec<TextMatch>,
) -> Vec<(usize, Option<TextMatch>, Option<&PictureMatch>)> {
    let named = texts.iter().max_by(|a, b| a.score.total_cmp(&b.score));
    let named = named.map(|text| text.product);
    let mut texts: BTreeMap<i64, TextMatch> = texts.into_iter().map(|t| (t.product, t)).collect();
    let pictured = offer.picture.as_ref().map(|found| found.product);
    let mut products: Vec<i64> = pictured.into_iter().chain(named).collect();
    products.dedup();
    products
        .into_iter()
        .filter_map(|product| {
            let place = usize::try_from(product).ok()?;
            let picture = offer.picture.as_ref().filter(|p| p.product == product);
            Some((place, texts.remove(&product), picture))
        })
        .collect()
}

fn input<'a>(
    offer: &NightListing,
    product: &NightProduct,
    text: Option<&'a TextMatch>,
    picture: Option<&'a PictureMatch>,
) -> ScoreInput<'a> {
    ScoreInput {
        picture,
        pictures: offer.pictures,
        text,
        price_ratio: offer.price.map(|price| price / product.price),
        condition: offer.condition,
        seller_known: offer.seller_known,
        seller_confirmed: offer.confirmed,
        seller_rejected: offer.rejected,
        seller_age_days: offer.age_days,
        sold_where_it_is: offer.at_home,
        relisting: offer.relisting,
        released: Some(product.released),
        ..ScoreInput::default()
    }
}

#[cfg(test)]
mod tests;
