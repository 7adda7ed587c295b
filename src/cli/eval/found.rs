//! What both evaluations do with a picture: take it as a marketplace would serve it, and search.

use std::time::Duration;

use image::RgbImage;
use markhound_index::eval::nights::{Draw, UNRELATED};
use markhound_index::eval::{Edit, Found, LONGEST_SIDE, Measured, Polygon, Pool, at_most, jpeg};
use markhound_index::eval::{judge, strongest};
use markhound_index::image::{
    DecodeLimits, Fingerprint, GreyPicture, PictureMatch, ReferenceIndex,
};

use super::machine::Stopwatch;

/// JPEG quality in which unrelated photos are put up.
const QUALITY: u8 = 85;

/// What is known of a query picture.
#[derive(Debug, Clone)]
pub(super) enum Truth {
    /// It shows none of the references.
    Unrelated,
    /// It is this reference of this product, edited, and seen in this region.
    Edited {
        edit: &'static str,
        reference: i64,
        product: i64,
        region: Polygon,
    },
}

/// A query picture as a file.
pub(super) struct Query {
    pub(super) jpeg: Vec<u8>,
    pub(super) truth: Truth,
}

impl Query {
    pub(super) fn unrelated(photo: &RgbImage) -> Self {
        Self {
            jpeg: jpeg(&at_most(photo, LONGEST_SIDE), QUALITY),
            truth: Truth::Unrelated,
        }
    }

    pub(super) fn edited(
        edit: &Edit,
        photo: &RgbImage,
        (reference, product): (i64, i64),
        seed: u64,
        pool: &Pool,
    ) -> Self {
        let file = edit.file(photo, seed, reference.unsigned_abs(), pool);
        Self {
            jpeg: file.jpeg,
            truth: Truth::Edited {
                edit: edit.name,
                reference,
                product,
                region: file.region,
            },
        }
    }

    /// Decodes it and takes its fingerprint.
    pub(super) fn fingerprint(&self) -> Result<Fingerprint, String> {
        let picture = GreyPicture::decode(&self.jpeg, &DecodeLimits::default())
            .map_err(|why| format!("an edited picture: {why}"))?;
        Ok(Fingerprint::compute(&picture))
    }
}

/// What came of a query.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answer {
    Unrelated(Option<f64>),
    Edited(&'static str, Found),
}

impl Answer {
    pub(super) fn new(truth: &Truth, matches: &[PictureMatch]) -> Self {
        match truth {
            Truth::Unrelated => Self::Unrelated(strongest(matches)),
            Truth::Edited {
                edit,
                reference,
                product,
                region,
            } => Self::Edited(edit, judge(matches, *reference, *product, region)),
        }
    }
}

/// What the search said of a picture, and how long it took from the file's bytes on.
pub(super) struct Searched {
    pub(super) answer: (Answer, Duration),
    pub(super) draw: Draw,
}

/// Decodes, takes the fingerprint and searches.
pub(super) fn cascade(index: &ReferenceIndex, query: &Query) -> Result<Searched, String> {
    let watch = Stopwatch::start();
    let matches = index.search(&query.fingerprint()?);
    let time = watch.stop();
    let draw = match &query.truth {
        Truth::Unrelated => Draw::of(UNRELATED, matches.first()),
        Truth::Edited { edit, product, .. } => {
            Draw::of(edit, matches.iter().find(|m| m.product == *product))
        }
    };
    Ok(Searched {
        answer: (Answer::new(&query.truth, &matches), time),
        draw,
    })
}

/// Collects answers, and how many pictures a second one core managed.
pub(super) fn collect(answers: &[(Answer, Duration)]) -> (Measured, f64) {
    let mut measured = Measured::default();
    for (answer, _) in answers {
        match answer {
            Answer::Unrelated(score) => measured.unrelated.push(*score),
            Answer::Edited(edit, found) => measured.edited.push((edit, *found)),
        }
    }
    let time: Duration = answers.iter().map(|(_, time)| *time).sum();
    let rate = answers.len() as f64 / time.as_secs_f64().max(1e-9);
    (measured, rate)
}
