//! What is said about a match.

use serde::{Deserialize, Serialize};

use super::fingerprint::{ALGORITHM, Fingerprint};
use super::geometry::Affine;
use super::polygon;
use super::search::Checked;
use super::views::Part;

/// A turn smaller than this is not worth a word, in radians.
const TURNED: f32 = 0.035;
/// A share of the reference smaller than this is a crop.
const UNCUT: f64 = 0.97;
/// A share of the query smaller than this is a region of it.
const FILLS: f64 = 0.93;

/// A reference photo found in a picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PictureMatch {
    /// The reference photo's id, as given to [`ReferenceIndex::insert`](super::ReferenceIndex::insert).
    pub reference: i64,
    /// The product the reference photo belongs to.
    pub product: i64,
    /// How sure the match is, 0 to 1.
    pub score: f64,
    /// Name and version of the algorithm that found it.
    pub method: String,
    /// What was done to the photo: "identity", "mirror", "rotated", "trimmed" (a border was put
    /// around it), "panel" (part of a collage or screenshot), "region" (somewhere in the picture),
    /// "crop" (a part of the photo is missing); several are joined by "+", as in "mirror+crop".
    pub transform: String,
    /// Where in the query picture the reference lies: a polygon in the query's pixels.
    pub region: Vec<[f64; 2]>,
    /// Which part of the reference photo is seen: a polygon in shares of its width and height.
    #[serde(default)]
    pub reference_region: Vec<[f64; 2]>,
    /// Where the four corners of the reference photo lie in the query's pixels, from its top left
    /// one clockwise as the photo is; they may lie outside the query. Empty where it is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub placed: Vec<[f64; 2]>,
    /// Hamming distance of the nearest PDQ hashes, of 256 bits, when they are alike.
    pub distance: Option<u32>,
    /// How many textured blocks of the reference agree with the query's pixels.
    pub inliers: Option<u32>,
    /// How many such blocks lie under the query.
    #[serde(default)]
    pub compared: Option<u32>,
}

/// Describes a checked placement; `query_size` is in shares of the longer side.
pub(super) fn report(
    checked: &Checked<'_>,
    query: &Fingerprint,
    query_size: [f32; 2],
    score: f64,
) -> PictureMatch {
    let ([qw, qh], [rw, rh]) = (query_size, checked.entry.size());
    let map = &checked.agreement.map;
    let share = |map: &Affine, [x, y]: [f32; 2], [w, h]: [f32; 2]| {
        let [x, y] = map.apply([x, y]);
        [f64::from(x / w), f64::from(y / h)]
    };
    let corners = |w: f32, h: f32| [[0.0, 0.0], [w, 0.0], [w, h], [0.0, h]];
    let mut placed = corners(rw, rh).map(|c| share(map, c, query_size));
    if checked.mirrored {
        placed.iter_mut().for_each(|c| c[0] = 1.0 - c[0]);
    }
    let region = polygon::clip_to_unit(&placed);
    let reference_region = map.inverse().map_or_else(Vec::new, |back| {
        polygon::clip_to_unit(&corners(qw, qh).map(|c| share(&back, c, checked.entry.size())))
    });
    let transform = transform(
        checked,
        polygon::area(&region),
        polygon::area(&reference_region),
    );
    let in_pixels = |points: &[[f64; 2]]| -> Vec<[f64; 2]> {
        points
            .iter()
            .map(|[x, y]| [x * f64::from(query.width), y * f64::from(query.height)])
            .collect()
    };
    PictureMatch {
        reference: checked.entry.reference,
        product: checked.entry.product,
        score,
        method: ALGORITHM.to_owned(),
        transform,
        region: in_pixels(&region),
        placed: in_pixels(&placed),
        reference_region,
        distance: checked.distance,
        inliers: Some(checked.agreement.agreeing),
        compared: Some(checked.agreement.compared),
    }
}

fn transform(checked: &Checked<'_>, fills: f64, seen: f64) -> String {
    let map = &checked.agreement.map;
    let mut words = Vec::new();
    if checked.mirrored {
        words.push("mirror");
    }
    if (map.c - map.b).atan2(map.a + map.d).abs() > TURNED {
        words.push("rotated");
    }
    if fills < FILLS {
        words.push(match checked.part {
            Some(Part::Trimmed) => "trimmed",
            Some(Part::Panel) => "panel",
            _ => "region",
        });
    }
    if seen < UNCUT {
        words.push("crop");
    }
    if words.is_empty() {
        words.push("identity");
    }
    words.join("+")
}
