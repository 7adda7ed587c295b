//! The box of the page's product, and amounts outside that are not of the product.
//!
//! What narrows a list names the least and the highest price of it, often as "Price", and on
//! many pages stands beside a product as well. The smallest box with the product's name and
//! the button that buys it holds nothing of that kind.

use std::ops::RangeInclusive;

use super::clues::Clues;
use super::scan::{Button, Scan};
use super::spot::Spot;

/// Where no amount of the product stands; it may be called an old one.
const NOT_OWN: Clues = Clues::RELATED
    .with(Clues::FRAME)
    .with(Clues::OTHER)
    .with(Clues::REVIEW)
    .with(Clues::HIDDEN);

/// The box of the product.
pub(super) struct Own {
    orders: RangeInclusive<usize>,
    /// An amount stands in it that is no end of a range.
    has_amount: bool,
    /// One of these is named as the price.
    has_price: bool,
}

impl Own {
    /// The smallest box that holds the product's name, at `anchor`, and what buys it.
    pub(super) fn of(scan: &Scan<'_>, anchor: usize, buy: Option<&Button>) -> Option<Self> {
        let orders = scan.nesting.around(anchor, buy?.order)?;
        let is_own = |spot: &&Spot| {
            orders.contains(&spot.order) && !spot.is_range && !spot.clues.has(NOT_OWN)
        };
        let own = || scan.spots.iter().filter(is_own);
        let has_amount = own().next().is_some();
        let has_price = own().any(|spot| spot.clues.has(Clues::PRICE));
        Some(Self {
            orders,
            has_amount,
            has_price,
        })
    }

    /// Whether an amount outside is not the product's: a range where the box has an amount,
    /// and what nothing but a label calls the price where the box has one called so too.
    pub(super) fn is_stray(&self, spot: &Spot) -> bool {
        let is_outside = !self.orders.contains(&spot.order);
        is_outside && (self.has_amount && spot.is_range || self.has_price && spot.is_labelled)
    }
}
