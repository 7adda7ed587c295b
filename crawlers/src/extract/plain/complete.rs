//! What a page shows in the place of a part of it, or of contradictions, in its data.

use super::Found;
use crate::extract::availability;
use crate::extract::sizes;
use crate::extract::structured::squeezed;
use crate::listing::{Availability, Candidate, Listing, MAX_CANDIDATES};

impl Found {
    /// Puts what the page itself says in the place of what its meta elements or data say in
    /// short: the whole description, in place of data's one that begins it, all pictures where
    /// theirs is among them, and of what they contradict each other on, what is shown.
    pub(in crate::extract) fn complete(&mut self, listing: &mut Listing) {
        let is_of_meta = |listing: &Listing, field: &str| {
            let from = listing.provenance.get(field);
            from.is_some_and(|from| from.source == "meta")
        };
        let length = |text: &Option<String>| text.as_ref().map_or(0, |text| text.chars().count());
        let goes_on = |short: &Option<String>, long: &Option<String>| {
            let pair = short.as_deref().zip(long.as_deref());
            pair.is_some_and(|(short, long)| begins_with(long, short))
        };
        let stands_for =
            is_of_meta(listing, "description") || goes_on(&listing.description, &self.description);
        if stands_for && length(&self.description) > length(&listing.description) {
            listing.description = None;
            self.keep_beaten(listing, "description");
        }
        if self.knows_stock_better(listing) {
            listing.availability = None;
            self.keep_beaten(listing, "availability");
        }
        let others = self.images.len() > listing.images.len();
        if !listing.images.is_empty() && others && sizes::shares(&listing.images, &self.image_forms)
        {
            listing.images = Vec::new();
            self.keep_beaten(listing, "images");
        }
    }

    /// What a field's value was becomes a candidate; [`Self::fill`] puts in the other.
    fn keep_beaten(&mut self, listing: &mut Listing, field: &str) {
        if let Some(from) = listing.provenance.remove(field) {
            let mut beaten = vec![Candidate {
                source: from.source,
                raw: from.raw,
            }];
            beaten.extend(from.candidates);
            beaten.truncate(MAX_CANDIDATES);
            self.beaten.insert(field.to_owned(), beaten);
        }
    }

    /// Whether the page says of stock what its data leave open: they say of one offer this and
    /// of one that, or that little is left, as some programs do of what is sold out.
    fn knows_stock_better(&self, listing: &Listing) -> bool {
        let stated = listing
            .availability
            .zip(listing.provenance.get("availability"));
        let shown = self.availability.as_ref().map(|(shown, _)| *shown);
        let (Some((stated, from)), Some(shown)) = (stated, shown) else {
            return false;
        };
        let is_said = |other: &Candidate| availability::parse(&other.raw) == Some(shown);
        let is_gone = matches!(shown, Availability::OutOfStock | Availability::Discontinued);
        stated != shown
            && (stated == Availability::Limited && is_gone
                || from.conflict && from.candidates.iter().any(is_said))
    }
}

/// Whether a text begins as a shorter one does, which may end in dots.
fn begins_with(long: &str, short: &str) -> bool {
    let words = |text: &str| squeezed(text.trim_end_matches(['.', '…', ' ']));
    let short = words(short);
    !short.is_empty() && words(long).starts_with(&short)
}
