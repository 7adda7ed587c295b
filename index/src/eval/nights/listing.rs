//! Who offers what, and how: the assumptions a night is made from.

use super::catalog::NightProduct;
use super::draws::UNRELATED;
use super::title;
use super::{Draws, World};
use crate::eval::Random;
use crate::image::PictureMatch;
use crate::score::{Condition, InfringementKind};

/// What a seller really is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SellerKind {
    /// Sells copies under the brand.
    Counterfeiter,
    /// Sells something, mostly a copy, with the owner's photo and without the brand.
    PhotoThief,
    /// Sells goods that look like the product, "inspired by" its brand.
    TrademarkMisuser,
    /// Sells goods that look like the product, without its brand.
    DesignCopier,
    /// Sells genuine goods outside their countries.
    GreyImporter,
    /// Sells a product that is not out yet.
    Leaker,
    /// Sells genuine goods, without being authorised.
    Retailer,
    /// Sells a genuine used one.
    SecondHand,
    /// Sells what is made for the product.
    AccessoryMaker,
    /// Sells under a name that resembles the brand.
    Lookalike,
    /// Sells another product of the brand that the catalog does not have.
    SameBrand,
    /// Sells other goods of the same kind.
    SameGoods,
    /// Sells something else.
    Unrelated,
}

/// How many of a hundred infringing, and of a hundred honest, listings each kind of seller has.
/// These are assumptions.
pub const SELLERS: [(SellerKind, bool, f64); 13] = [
    (SellerKind::Counterfeiter, true, 48.0),
    (SellerKind::PhotoThief, true, 26.0),
    (SellerKind::TrademarkMisuser, true, 7.0),
    (SellerKind::DesignCopier, true, 6.0),
    (SellerKind::GreyImporter, true, 9.0),
    (SellerKind::Leaker, true, 4.0),
    (SellerKind::Retailer, false, 26.0),
    (SellerKind::SecondHand, false, 14.0),
    (SellerKind::AccessoryMaker, false, 16.0),
    (SellerKind::Lookalike, false, 8.0),
    (SellerKind::SameBrand, false, 6.0),
    (SellerKind::SameGoods, false, 16.0),
    (SellerKind::Unrelated, false, 14.0),
];

/// Genuine offers cost exp(N(−0.08, 0.2635)) of the list price: one in a hundred less than half.
const GENUINE: (f64, f64) = (-0.08, 0.2635);

/// A made listing.
#[derive(Debug, Clone)]
pub struct NightListing {
    /// What the seller really is.
    pub seller: SellerKind,
    /// The place in the catalog of the product that it offers, or passes its goods off as.
    pub concerns: Option<usize>,
    /// How it infringes.
    pub infringes: Option<InfringementKind>,
    /// The title.
    pub title: String,
    /// The description.
    pub description: String,
    /// What the picture search says of the listing's pictures.
    pub picture: Option<PictureMatch>,
    /// How many pictures it has.
    pub pictures: usize,
    /// The price, in the currency of the list prices.
    pub price: Option<f64>,
    /// The marketplace's field for the condition.
    pub condition: Condition,
    /// Whether the seller is named.
    pub seller_known: bool,
    /// The seller's listings that were confirmed before.
    pub confirmed: u32,
    /// The seller's listings that were rejected before.
    pub rejected: u32,
    /// Days since the seller came.
    pub age_days: Option<u32>,
    /// Whether the goods are where the product is sold.
    pub at_home: Option<bool>,
    /// Whether a picture was seen in a confirmed listing.
    pub relisting: bool,
}

/// How a kind of seller behaves; shares are of 1.
struct Habits {
    /// ln of the price as a share of the list price: mean and spread.
    price: (f64, f64),
    /// Shows the owner's photo edited; as it is; no picture at all.
    photo: [f64; 3],
    /// The field says new; used.
    condition: [f64; 2],
    /// The goods are elsewhere.
    elsewhere: f64,
    /// One of the pictures was in a confirmed listing.
    relisting: f64,
}

fn habits(seller: SellerKind, world: &World) -> Habits {
    use SellerKind::*;
    let copies = world.copies_cost.ln();
    let of = |price, photo, condition, elsewhere, relisting| Habits {
        price,
        photo,
        condition,
        elsewhere,
        relisting,
    };
    let p = world.photos;
    match seller {
        Counterfeiter => of(
            (-1.15 + copies, 0.55),
            [0.52 * p, 0.1 * p, 0.05],
            [0.6, 0.04],
            0.6,
            0.12,
        ),
        PhotoThief => of(
            (-0.95 + copies, 0.55),
            [0.85, 0.15, 0.0],
            [0.6, 0.05],
            0.6,
            0.15,
        ),
        TrademarkMisuser => of(
            (-1.3 + copies, 0.5),
            [0.12 * p, 0.02, 0.05],
            [0.6, 0.02],
            0.6,
            0.04,
        ),
        DesignCopier => of(
            (-1.2 + copies, 0.5),
            [0.1 * p, 0.02, 0.05],
            [0.6, 0.02],
            0.6,
            0.05,
        ),
        GreyImporter => of((-0.32, 0.15), [0.15, 0.5, 0.05], [0.7, 0.0], 0.95, 0.03),
        Leaker => of((-0.1, 0.5), [0.2, 0.3, 0.1], [0.5, 0.1], 0.5, 0.05),
        Retailer => of(GENUINE, [0.06, 0.42, 0.08], [0.7, 0.0], 0.12, 0.004),
        SecondHand => of((-0.75, 0.4), [0.02, 0.1, 0.04], [0.03, 0.72], 0.1, 0.002),
        AccessoryMaker => of((-2.3, 0.7), [0.03, 0.01, 0.04], [0.7, 0.02], 0.35, 0.002),
        Lookalike => of((-0.8, 0.8), [0.0, 0.0, 0.05], [0.6, 0.1], 0.3, 0.0),
        SameBrand => of((-0.3, 0.6), [0.0, 0.0, 0.05], [0.5, 0.25], 0.12, 0.0),
        SameGoods => of((-0.9, 0.8), [0.0, 0.0, 0.05], [0.6, 0.2], 0.3, 0.0),
        Unrelated => of((-1.0, 1.2), [0.0, 0.0, 0.08], [0.5, 0.3], 0.3, 0.0),
    }
}

/// Whose infringement it is, when the seller is of this kind.
fn infringement(seller: SellerKind) -> Option<InfringementKind> {
    Some(match seller {
        SellerKind::Counterfeiter => InfringementKind::Counterfeit,
        SellerKind::PhotoThief => InfringementKind::CopiedPhoto,
        SellerKind::TrademarkMisuser => InfringementKind::TrademarkMisuse,
        SellerKind::DesignCopier => InfringementKind::CopiedDesign,
        SellerKind::GreyImporter => InfringementKind::GreyMarket,
        SellerKind::Leaker => InfringementKind::Leak,
        _ => return None,
    })
}

/// Whether goods of this seller are the product, or passed off as it.
fn concerns(seller: SellerKind) -> bool {
    infringement(seller).is_some()
        || matches!(seller, SellerKind::Retailer | SellerKind::SecondHand)
}

/// Makes one listing.
pub(super) fn listing(
    random: &mut Random,
    products: &[NightProduct],
    world: &World,
    draws: &Draws,
) -> NightListing {
    let mut seller = kind_of_seller(random, world);
    let out: Vec<usize> = (0..products.len())
        .filter(|&at| products[at].released == (seller != SellerKind::Leaker))
        .collect();
    let product = match out.is_empty() {
        false => out[random.below(out.len())],
        true => {
            // Nothing is to come: whoever leaks sells copies tonight.
            seller = SellerKind::Counterfeiter;
            random.below(products.len())
        }
    };
    let about = &products[product];
    let habits = habits(seller, world);
    let infringes = infringement(seller);
    let language = random.below(4);
    let (title, description) = title::text(random, seller, about, language, world);

    let (has_photo, pictures) = pictures(random, &habits);
    let picture = match has_photo {
        Some(edited) => found(random, edited, product, draws),
        None => unrelated(random, pictures, products.len(), draws),
    };
    let mut condition = match random.unit() {
        lot if lot < habits.condition[0] => Condition::New,
        lot if lot < habits.condition[0] + habits.condition[1] => Condition::Used,
        _ => Condition::Unknown,
    };
    if seller == SellerKind::SecondHand && condition != Condition::Used && !random.chance(0.3) {
        condition = Condition::Used;
    }
    let price = (habits.price.0 + habits.price.1 * random.normal()).exp() * about.price;
    let at_home = random
        .chance(0.75)
        .then(|| !random.chance(habits.elsewhere));
    let seller_known = random.chance(0.92);
    let (confirmed, rejected) = match seller_known {
        true => past(random, infringes.is_some()),
        false => (0, 0),
    };
    let age_days = random.chance(0.3).then(|| {
        let usual: f64 = if infringes.is_some() { 150.0 } else { 900.0 };
        (usual * random.normal().exp()) as u32
    });
    NightListing {
        seller,
        concerns: concerns(seller).then_some(product),
        infringes,
        title,
        description,
        relisting: pictures > 0 && random.chance(habits.relisting),
        picture,
        pictures,
        price: random.chance(0.95).then_some(price),
        condition,
        seller_known,
        confirmed,
        rejected,
        age_days,
        at_home,
    }
}

fn kind_of_seller(random: &mut Random, world: &World) -> SellerKind {
    let infringing = random.chance(world.prevalence);
    let share = |&(kind, infringes, share): &(SellerKind, bool, f64)| {
        let of = if kind == SellerKind::SecondHand {
            share * world.used
        } else {
            share
        };
        (infringes == infringing).then_some((kind, of))
    };
    let of_class: Vec<(SellerKind, f64)> = SELLERS.iter().filter_map(share).collect();
    let all: f64 = of_class.iter().map(|(_, share)| share).sum();
    let mut lot = random.unit() * all;
    for (kind, share) in &of_class {
        lot -= share;
        if lot < 0.0 {
            return *kind;
        }
    }
    of_class
        .last()
        .map_or(SellerKind::Unrelated, |(kind, _)| *kind)
}

/// Whether the owner's photo is shown, edited or not, and how many pictures there are.
fn pictures(random: &mut Random, habits: &Habits) -> (Option<bool>, usize) {
    let [edited, plain, none] = habits.photo;
    let count = 1 + random.below(4);
    match random.unit() {
        lot if lot < edited => (Some(true), count),
        lot if lot < edited + plain => (Some(false), count),
        lot if lot < edited + plain + none => (None, 0),
        _ => (None, count),
    }
}

/// What the search says of the owner's photo.
fn found(random: &mut Random, edited: bool, product: usize, draws: &Draws) -> Option<PictureMatch> {
    let edits: Vec<&str> = draws.edits().collect();
    // A photo "as it is" was packed anew at least.
    let edit = match edited {
        true => edits.get(random.below(edits.len()))?,
        false => edits.iter().find(|e| **e == "resize50").or(edits.first())?,
    };
    matched(random, edit, product, draws)
}

/// What the search says of other pictures: hardly ever anything.
fn unrelated(
    random: &mut Random,
    pictures: usize,
    products: usize,
    draws: &Draws,
) -> Option<PictureMatch> {
    let product = random.below(products);
    (0..pictures).find_map(|_| matched(random, UNRELATED, product, draws))
}

fn matched(random: &mut Random, edit: &str, product: usize, draws: &Draws) -> Option<PictureMatch> {
    let drawn = draws.draw(random, edit)?;
    Some(PictureMatch {
        reference: 1,
        product: i64::try_from(product).ok()?,
        score: drawn.score?,
        method: "drawn".to_owned(),
        transform: drawn.transform.clone().unwrap_or_default(),
        region: Vec::new(),
        reference_region: Vec::new(),
        placed: Vec::new(),
        distance: drawn.distance,
        inliers: drawn.inliers,
        compared: drawn.compared,
    })
}

/// What reviewers said of the seller's earlier listings. They err in three of a hundred; of most
/// sellers nothing was ever reviewed.
fn past(random: &mut Random, infringing: bool) -> (u32, u32) {
    if !random.chance(if infringing { 0.35 } else { 0.1 }) {
        return (0, 0);
    }
    let mut counts = (0, 0);
    loop {
        if random.chance(if infringing { 0.92 } else { 0.05 }) {
            counts.0 += 1;
        } else {
            counts.1 += 1;
        }
        if random.chance(0.4) || counts.0 + counts.1 >= 40 {
            return counts;
        }
    }
}
