//! What is looked at, and the bins into which it is sorted: the vocabulary of the weights.
//!
//! The order and the names are part of a model's table; a table with other ones is refused.

/// One of the two questions a verdict answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Head {
    /// Does the listing offer this product, or what is passed off as it?
    Concerns,
    /// Given that it does: does it infringe?
    Infringes,
}

impl Head {
    /// Both, in order.
    pub const ALL: [Self; 2] = [Self::Concerns, Self::Infringes];

    /// The word in a model's table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Concerns => "concerns",
            Self::Infringes => "infringes",
        }
    }
}

/// Something that is looked at. Its evidence falls into exactly one bin; what is not known has a bin
/// of its own.
#[derive(Debug, Clone, Copy)]
pub struct Factor {
    /// The question it helps to answer.
    pub head: Head,
    /// A stable name for programs.
    pub name: &'static str,
    /// The bins' names.
    pub bins: &'static [&'static str],
}

/// How many factors there are.
pub const FACTORS_COUNT: usize = 22;

/// Names the place of a factor in [`FACTORS`].
macro_rules! places {
    ($($name:ident = $at:literal;)*) => { $(pub(super) const $name: usize = $at;)* };
}

places! {
    TITLE = 0; SHOWN = 1; DESCRIBED = 2;
    PHOTO = 3; EDIT = 4; BRAND = 5; DISGUISE = 6; CODED = 7; PRICE = 8; USED_PRICE = 9;
    CONDITION = 10; CONFIRMED = 11; REJECTED = 12; AGE = 13; PLACE = 14; RELISTING = 15;
    ACCESSORY = 16; OTHER_BRAND = 17; RELEASE = 18; NAME = 19; DOUBTFUL_NAME = 20; MADE_FOR = 21;
}

/// Price bins of new goods end below these shares of the list price.
pub(super) const PRICE_ENDS: [f64; 8] = [0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1.1];
/// Price bins of used goods end below these shares of the list price.
pub(super) const USED_PRICE_ENDS: [f64; 4] = [0.15, 0.3, 0.5, 0.8];
/// Bins of the title's probability end below these.
pub(super) const TITLE_ENDS: [f64; 6] = [0.2, 0.5, 0.8, 0.95, 0.99, 0.999];
/// Bins of how telling the rarest word found is end below these.
pub(super) const NAME_ENDS: [f64; 4] = [0.01, 0.5, 0.75, 0.95];
/// Bins of a photo match's score end below these.
pub(super) const PHOTO_ENDS: [f64; 4] = [0.6, 0.75, 0.9, 0.98];

const PHOTO_BINS: &[&str] = &[
    "no picture",
    "not found",
    "listed hash",
    "0.5 to 0.6",
    "0.6 to 0.75",
    "0.75 to 0.9",
    "0.9 to 0.98",
    "over 0.98",
];

const fn of(head: Head, name: &'static str, bins: &'static [&'static str]) -> Factor {
    Factor { head, name, bins }
}

/// Every factor.
#[rustfmt::skip]
pub const FACTORS: [Factor; FACTORS_COUNT] = [
    of(Head::Concerns, "title", &["not found", "under 0.2", "0.2 to 0.5", "0.5 to 0.8",
        "0.8 to 0.95", "0.95 to 0.99", "0.99 to 0.999", "over 0.999"]),
    of(Head::Concerns, "shown", PHOTO_BINS),
    of(Head::Concerns, "described", &["no", "brand in description only"]),
    of(Head::Infringes, "picture", PHOTO_BINS),
    of(Head::Infringes, "edit", &["no photo found", "as it is", "cut or framed", "mirrored or turned",
        "part of another picture"]),
    of(Head::Infringes, "brand", &["not named", "in the description", "doubtful", "named"]),
    of(Head::Infringes, "disguise", &["no", "unusual spelling", "disguised"]),
    of(Head::Infringes, "coded", &["none", "weak in description", "weak", "usual in description",
        "usual", "plain in description", "plain", "several"]),
    of(Head::Infringes, "price", &["unknown", "accessory", "used goods", "under 0.1", "0.1 to 0.2",
        "0.2 to 0.35", "0.35 to 0.5", "0.5 to 0.65", "0.65 to 0.8", "0.8 to 0.95", "0.95 to 1.1",
        "over 1.1"]),
    of(Head::Infringes, "used_price", &["not used goods", "unknown", "under 0.15", "0.15 to 0.3",
        "0.3 to 0.5", "0.5 to 0.8", "over 0.8"]),
    of(Head::Infringes, "condition", &["unknown", "new", "used"]),
    of(Head::Infringes, "seller_confirmed", &["seller unknown", "none", "one", "2 or 3", "4 to 7",
        "8 and more"]),
    of(Head::Infringes, "seller_rejected", &["seller unknown", "none", "one", "2 or 3", "4 and more"]),
    of(Head::Infringes, "seller_age", &["unknown", "under a month", "under half a year",
        "under two years", "older"]),
    of(Head::Infringes, "place", &["unknown", "where it is sold", "elsewhere"]),
    of(Head::Infringes, "relisting", &["no picture", "no", "yes"]),
    of(Head::Infringes, "accessory", &["no", "without the photo", "with the photo"]),
    of(Head::Infringes, "other_brand", &["no", "yes"]),
    of(Head::Infringes, "release", &["unknown", "out", "not out yet"]),
    of(Head::Concerns, "name", &["not read", "brand doubtful", "none of it", "common words",
        "words of many", "words of few", "the rarest word"]),
    of(Head::Concerns, "doubtful_name", &["brand not doubtful", "none of it", "common words",
        "words of many", "words of few", "the rarest word"]),
    of(Head::Concerns, "made_for", &["no", "without the photo", "with the photo"]),
];

/// Factors that came after the first tables of weights and the first observations were kept: those
/// are read all the same, and say nothing about these.
const NEW: [usize; 3] = [NAME, DOUBTFUL_NAME, MADE_FOR];

impl Factor {
    /// Whether what was kept may be older than the factor.
    pub(super) fn is_new(&self) -> bool {
        NEW.iter().any(|&at| FACTORS[at].name == self.name)
    }
}

/// The bin of each factor, in the order of [`FACTORS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Observation(pub(super) [u8; FACTORS_COUNT]);

impl Observation {
    /// The bin of a factor, by its place in [`FACTORS`].
    #[must_use]
    pub fn bin(&self, factor: usize) -> usize {
        self.0.get(factor).copied().map_or(0, usize::from)
    }

    /// Whether nothing of the listing speaks for the product, neither words nor a picture.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        // The first two bins of pictures are "no picture" and "not found".
        self.0[TITLE] == 0 && self.0[SHOWN] < 2
    }

    /// The names of the bins in the order of [`FACTORS`], to be kept.
    #[must_use]
    pub fn names(&self) -> Vec<(&'static str, &'static str)> {
        let named = FACTORS.iter().zip(self.0);
        named
            .map(|(factor, bin)| (factor.name, factor.bins[usize::from(bin)]))
            .collect()
    }

    /// The observation of kept names; nothing when one is missing or unknown. What was kept before
    /// a factor was there says nothing about it.
    #[must_use]
    pub fn from_names<'a>(bin_of: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let mut bins = [0; FACTORS_COUNT];
        for (bin, factor) in bins.iter_mut().zip(FACTORS) {
            let Some(name) = bin_of(factor.name) else {
                if factor.is_new() {
                    continue;
                }
                return None;
            };
            let place = factor.bins.iter().position(|b| *b == name)?;
            *bin = u8::try_from(place).ok()?;
        }
        Some(Self(bins))
    }
}

/// The place among bins that end below given values.
pub(super) fn place(ends: &[f64], value: f64) -> u8 {
    let at = ends.partition_point(|end| *end <= value);
    u8::try_from(at).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_factor_has_a_name_of_its_own_and_bins() {
        for (at, factor) in FACTORS.iter().enumerate() {
            assert!(factor.bins.len() >= 2 && factor.bins.len() < 256);
            let same = FACTORS.iter().filter(|f| f.name == factor.name).count();
            assert_eq!(same, 1, "{}", factor.name);
            let bins: std::collections::BTreeSet<_> = factor.bins.iter().collect();
            assert_eq!(bins.len(), factor.bins.len(), "{}", FACTORS[at].name);
        }
        assert_eq!(FACTORS[RELEASE].name, "release");
        assert_eq!(FACTORS[PHOTO].name, "picture");
        assert_eq!(FACTORS[PRICE].bins.len(), 3 + PRICE_ENDS.len() + 1);
        assert_eq!(
            FACTORS[USED_PRICE].bins.len(),
            2 + USED_PRICE_ENDS.len() + 1
        );
        assert_eq!(FACTORS[TITLE].bins.len(), 1 + TITLE_ENDS.len() + 1);
        assert_eq!(PHOTO_BINS.len(), 3 + PHOTO_ENDS.len() + 1);
        assert_eq!(FACTORS[NAME].bins.len(), 2 + NAME_ENDS.len() + 1);
        assert_eq!(FACTORS[DOUBTFUL_NAME].bins.len(), 1 + NAME_ENDS.len() + 1);
    }

    #[test]
    fn an_observation_comes_back_from_its_names() {
        let mut bins = [0; FACTORS_COUNT];
        for (bin, factor) in bins.iter_mut().zip(FACTORS) {
            *bin = (factor.bins.len() - 1) as u8;
        }
        let seen = Observation(bins);
        let names = seen.names();
        let back = Observation::from_names(|name| {
            names.iter().find(|(f, _)| *f == name).map(|(_, bin)| *bin)
        });
        assert_eq!(back, Some(seen));
        assert_eq!(Observation::from_names(|_| Some("something else")), None);
        // One that was kept before a factor was there.
        let older = Observation::from_names(|name| {
            let mut known = names.iter().filter(|(f, _)| *f != "name");
            known.find(|(f, _)| *f == name).map(|(_, bin)| *bin)
        });
        assert_eq!(
            older.map(|older| (older.bin(NAME), older.bin(TITLE))),
            Some((0, seen.bin(TITLE)))
        );
    }
}
