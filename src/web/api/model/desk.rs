//! The desk around the cases: saved queues, claims, rules, finding, deadlines.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::whole;
use super::{Money, money};
use crate::hunt::Found;
use crate::review::rules::Rules as StoredRules;
use crate::store::preferences::SavedFilter;
use crate::takedown::deadlines::Due;

/// A queue that was given a name.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Queue {
    /// Its number.
    id: i64,
    /// What it is called.
    name: String,
    /// The query of its address on the page.
    query: String,
    /// Who named it.
    created_by: String,
    /// When.
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<SavedFilter> for Queue {
    fn from(of: SavedFilter) -> Self {
        Self {
            id: of.id,
            name: of.name,
            query: of.query,
            created_by: of.created_by,
            created_at: of.created_at.to_string(),
        }
    }
}

/// A queue to be given a name; a name that is there is another queue then.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct NewQueue {
    /// What it is to be called.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S")]
    pub(in crate::web) name: String,
    /// The query of its address on the page, such as `source=etsy&min=80`. What makes
    /// no sense there is left out.
    #[schema(max_length = 2000)]
    pub(in crate::web) query: String,
}

/// Cards to be taken, so that nobody else gets them meanwhile.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct NewClaim {
    /// How many, 1 to 4.
    #[schema(minimum = 1, maximum = 4)]
    #[serde(deserialize_with = "whole::one")]
    pub(in crate::web) want: i64,
    /// The query of a queue on the page; left out: all open cases.
    #[schema(max_length = 2000)]
    pub(in crate::web) query: Option<String>,
}

/// Cases whose cards somebody has.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Held {
    /// The cases.
    #[schema(min_items = 1, max_items = 1000)]
    #[serde(deserialize_with = "whole::list")]
    pub(in crate::web) cases: Vec<i64>,
}

/// What became of claims that were to be kept.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Kept {
    /// How many of them are still theirs.
    pub(in crate::web) kept: u64,
}

/// When a confirmation needs a second person, and known answers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Rules {
    /// Nothing of the seller was ever confirmed.
    first_action: bool,
    /// The claim would rest on a patent or a design.
    patent_or_design: bool,
    /// The product is not public.
    confidential: bool,
    /// The cases are worth at least this much together, in euro; null: whatever they are.
    #[schema(required = true, minimum = 0, maximum = 1000000000)]
    #[serde(deserialize_with = "whole::some")]
    damage_from: Option<i64>,
    /// After so many cards, one whose answer is known; 0: never.
    #[schema(minimum = 0, maximum = 1000000)]
    #[serde(deserialize_with = "whole::one")]
    known_answer_every: i64,
}

impl From<StoredRules> for Rules {
    fn from(of: StoredRules) -> Self {
        Self {
            first_action: of.first_action,
            patent_or_design: of.patent_or_design,
            confidential: of.confidential,
            damage_from: of.damage_from.map(i64::from),
            known_answer_every: i64::from(of.known_answer_every),
        }
    }
}

impl Rules {
    /// As they are stored; nothing where a number is out of its bounds.
    pub(in crate::web) fn checked(self) -> Option<StoredRules> {
        let within = |number: i64, most: u32| u32::try_from(number).ok().filter(|n| *n <= most);
        Some(StoredRules {
            first_action: self.first_action,
            patent_or_design: self.patent_or_design,
            confidential: self.confidential,
            damage_from: match self.damage_from {
                Some(from) => Some(within(from, 1_000_000_000)?),
                None => None,
            },
            known_answer_every: within(self.known_answer_every, 1_000_000)?,
        })
    }
}

/// What a picture was found in.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Finds {
    /// Captured listings that show it, best first, at most 60.
    pub(in crate::web) listings: Vec<Shows>,
    /// Whether more listings show it.
    pub(in crate::web) more: bool,
    /// Captured pictures that could not be searched, and those there was no time for.
    pub(in crate::web) not_searched: i64,
    /// Products whose reference photos it shows, best first.
    pub(in crate::web) products: Vec<ShowsProduct>,
    /// Why the catalog could not be compared with.
    #[schema(required = true)]
    pub(in crate::web) catalog_problem: Option<String>,
}

/// A captured listing that shows a picture.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Shows {
    /// The listing's number.
    listing: i64,
    /// The source's name.
    source: String,
    /// Its title, as written.
    title: String,
    /// Its address.
    url: String,
    /// Its seller, as written.
    #[schema(required = true)]
    seller: Option<String>,
    /// Its price.
    #[schema(required = true)]
    price: Option<Money>,
    /// How sure that is, 0 to 1.
    score: f64,
    /// What was done to the picture.
    transform: String,
    /// SHA-256 of the listing's picture.
    picture: String,
    /// Last seen.
    #[schema(format = DateTime)]
    last_seen_at: String,
}

impl From<Found> for Shows {
    fn from(of: Found) -> Self {
        let showing = of.showing;
        Self {
            listing: showing.listing_id,
            source: showing.source,
            title: showing.title,
            url: showing.url,
            seller: showing.seller,
            price: money(showing.price_amount, showing.price_currency),
            score: of.score,
            transform: of.transform,
            picture: showing.picture_blob,
            last_seen_at: showing.last_seen_at.to_string(),
        }
    }
}

/// A product whose reference photo a picture shows.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct ShowsProduct {
    /// Its SKU.
    pub(in crate::web) sku: String,
    /// Its brand.
    pub(in crate::web) brand: String,
    /// Its name.
    pub(in crate::web) name: String,
    /// How sure that is, in per cent.
    pub(in crate::web) per_cent: u8,
    /// SHA-256 of the photo.
    pub(in crate::web) photo: String,
}

/// A deadline of a notice.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Deadline {
    /// The notice.
    notice: i64,
    /// The cases of the listings it is about.
    cases: Vec<i64>,
    /// The channel's name.
    channel: String,
    /// The deadline's name.
    name: String,
    /// The state that started it.
    state: String,
    /// The day it began.
    #[schema(format = Date)]
    since: String,
    /// The last day.
    #[schema(format = Date)]
    due: String,
    /// Whether that day has passed.
    overdue: bool,
    /// What must be done by then, or what happens then.
    meaning: String,
}

impl From<Due> for Deadline {
    fn from(of: Due) -> Self {
        Self {
            notice: of.notice,
            cases: of.cases,
            channel: of.channel,
            name: of.name,
            state: of.state,
            since: of.since.to_string(),
            due: of.on.to_string(),
            overdue: of.overdue,
            meaning: of.meaning,
        }
    }
}

/// Which packet is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct NewPacket {
    /// Whether it goes to others: without what is internal.
    #[serde(default)]
    pub(in crate::web) outward: bool,
    /// Whether all cases of the case's card are in it.
    #[serde(default)]
    pub(in crate::web) card: bool,
}

/// How large a picture is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct Side {
    /// Its longer side in pixels, at least; the nearest of what there is.
    #[param(minimum = 1, maximum = 2000)]
    pub(in crate::web) w: Option<u32>,
}
