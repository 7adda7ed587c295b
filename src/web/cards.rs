//! A case as the queue and the case page put it.

use super::evidence::{Evidence, Piece};
use super::show::{self, When};
use crate::clock::Millis;
use crate::store::cases::CaseRow;

/// Bits at which a reason's bar is full.
const FULL_BAR: f64 = 8.0;
/// Reasons a card of the queue has room for.
const SHORT_LIST: usize = 4;

/// A case with everything a reviewer sees of it.
pub(super) struct Card {
    pub(super) case: CaseRow,
    pub(super) title: Vec<Piece>,
    pub(super) percent: u8,
    pub(super) level: &'static str,
    /// The kind as decided, else as scored.
    pub(super) kind: Option<String>,
    pub(super) price: Option<String>,
    pub(super) list_price: Option<String>,
    pub(super) percent_of_list: Option<i64>,
    /// All reasons, as stored: the weightiest first, the starting point last.
    pub(super) reasons: Vec<Reason>,
    /// With what probability the listing is about the product.
    pub(super) concerns: Option<String>,
    /// The parts of that, in the same order.
    pub(super) concerns_reasons: Vec<Reason>,
    /// Points of the matched region in the listing's picture.
    pub(super) region: Option<String>,
    /// Points of the part of the reference photo that is seen there.
    pub(super) reference_region: Option<String>,
    pub(super) listing_address: Option<String>,
    pub(super) found: When,
    pub(super) evidence: Evidence,
}

/// A reason with its weight made visible.
pub(super) struct Reason {
    pub(super) text: String,
    /// `+3.2`
    pub(super) bits: String,
    pub(super) speaks_against: bool,
    /// Whether it is the starting point before any evidence.
    is_base: bool,
    /// Width of its bar, 0 to 50.
    pub(super) width: u8,
    /// Where its bar begins, 0 to 50.
    pub(super) start: u8,
}

impl Card {
    pub(super) fn new(case: CaseRow, now: Millis) -> Self {
        let evidence = Evidence::read(&case.evidence);
        let size = case.picture_width.zip(case.picture_height);
        let region = evidence
            .picture
            .as_ref()
            .zip(size)
            .and_then(|(picture, (width, height))| picture.points(width, height));
        let size = case.reference_width.zip(case.reference_height);
        let reference_region = evidence
            .picture
            .as_ref()
            .zip(size)
            .and_then(|(picture, (width, height))| picture.reference_points(width, height));
        Self {
            title: evidence.title(&case.title),
            percent: show::percent(case.score),
            level: show::level(case.score),
            kind: case
                .decided_kind
                .as_deref()
                .or(case.kind.as_deref())
                .map(show::kind),
            price: case
                .price_amount
                .as_deref()
                .map(|amount| show::price(amount, case.price_currency.as_deref())),
            list_price: case
                .msrp
                .as_deref()
                .map(|amount| show::price(amount, case.msrp_currency.as_deref())),
            percent_of_list: show::percent_of_list(
                case.price_amount.as_deref(),
                case.price_currency.as_deref(),
                case.msrp.as_deref(),
                case.msrp_currency.as_deref(),
            ),
            reasons: shown(&evidence.reasons),
            concerns: evidence.concerns.and_then(as_percent),
            concerns_reasons: shown(&evidence.concerns_reasons),
            region,
            reference_region,
            listing_address: show::web_address(&case.url),
            found: When::new(case.created_at, now),
            evidence,
            case,
        }
    }

    /// The reasons a card has room for: the weightiest, without the starting
    /// point that is the same for every listing.
    pub(super) fn main_reasons(&self) -> impl Iterator<Item = &Reason> {
        let particular = self.reasons.iter().filter(|reason| !reason.is_base);
        particular.take(SHORT_LIST)
    }

    pub(super) fn more_reasons(&self) -> usize {
        let particular = self.reasons.iter().filter(|reason| !reason.is_base);
        particular.count().saturating_sub(SHORT_LIST)
    }

    /// Whether it waits for somebody's decision.
    pub(super) fn is_undecided(&self) -> bool {
        !matches!(self.case.state.as_str(), "confirmed" | "rejected")
    }

    /// Whether there is a decision that can be taken back.
    pub(super) fn is_touched(&self) -> bool {
        self.case.state != "open"
    }

    /// The listing's title in words, for a screen reader's label.
    pub(super) fn name(&self) -> &str {
        if self.case.title.trim().is_empty() {
            "Listing without a title"
        } else {
            &self.case.title
        }
    }
}

fn shown(reasons: &[super::evidence::Reason]) -> Vec<Reason> {
    let finite = reasons.iter().filter(|reason| reason.bits.is_finite());
    finite.map(Reason::new).collect()
}

/// Never rounded to none or all: that would be certainty.
fn as_percent(share: f64) -> Option<String> {
    let percent = share * 100.0;
    Some(match percent {
        p if !(0.0..=100.0).contains(&p) => return None,
        p if p < 0.1 => "less than 0.1 %".to_owned(),
        p if p > 99.9 => "more than 99.9 %".to_owned(),
        p if (10.0..90.0).contains(&p) => format!("{p:.0} %"),
        p => format!("{p:.1} %"),
    })
}

impl Reason {
    fn new(reason: &super::evidence::Reason) -> Self {
        let bits = reason.bits;
        let width = ((bits.abs() / FULL_BAR).min(1.0) * 50.0).round() as u8;
        Self {
            text: reason.text.clone(),
            bits: if bits < 0.0 {
                format!("−{:.1}", -bits)
            } else {
                format!("+{bits:.1}")
            },
            speaks_against: bits < 0.0,
            is_base: reason.code == "base",
            width,
            start: if bits < 0.0 { 50 - width } else { 50 },
        }
    }
}
