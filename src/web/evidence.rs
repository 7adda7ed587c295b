//! A case's evidence as stored, read with every part optional: it outlives the
//! program that wrote it.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::print::{Language, Words};

/// The most points of a matched region that are drawn.
const MAX_POINTS: usize = 64;

/// What was found, as far as it can be understood.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    pub(super) picture: Option<Picture>,
    pub(super) text: Option<Text>,
    pub(super) authorised_seller: bool,
    pub(super) reasons: Vec<Reason>,
    /// Probability that the listing is about the product, 0 to 1.
    pub(super) concerns: Option<f64>,
    /// Every part of that probability.
    pub(super) concerns_reasons: Vec<Reason>,
}

/// A reference photo found in a listing's picture.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Picture {
    pub(super) score: f64,
    pub(super) method: String,
    pub(super) transform: String,
    /// A polygon in the picture's pixels.
    pub(super) region: Vec<[f64; 2]>,
    /// A polygon in shares of the reference photo's width and height.
    pub(super) reference_region: Vec<[f64; 2]>,
    /// The corners of the reference photo in the picture's pixels.
    pub(super) placed: Vec<[f64; 2]>,
    pub(super) distance: Option<u32>,
    pub(super) inliers: Option<u32>,
}

/// What the words say.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Text {
    pub(super) hits: Vec<Hit>,
}

/// A catalog term found in the title.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Hit {
    pub(super) term: String,
    /// In bytes of the raw title.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) tricks: Vec<String>,
}

/// One part of the verdict.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reason {
    /// A stable name for programs.
    pub(super) code: String,
    pub(super) text: String,
    pub(super) bits: f64,
}

/// A piece of a title; `hit` says what it stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) hit: Option<String>,
}

impl Evidence {
    /// Takes every field on its own: one that is not as expected is left out
    /// and hides no other.
    pub(super) fn read(stored: &Value) -> Self {
        fn field<T: DeserializeOwned + Default>(stored: &Value, name: &str) -> T {
            stored
                .get(name)
                .and_then(|value| T::deserialize(value).ok())
                .unwrap_or_default()
        }
        Self {
            picture: field(stored, "picture"),
            text: field(stored, "text"),
            authorised_seller: field(stored, "authorised_seller"),
            reasons: field(stored, "reasons"),
            concerns: field(stored, "concerns"),
            concerns_reasons: field(stored, "concerns_reasons"),
        }
    }

    /// The title in pieces, what was found in it marked.
    pub(super) fn title(&self, title: &str) -> Vec<Piece> {
        let mut hits: Vec<&Hit> = self.text.iter().flat_map(|text| &text.hits).collect();
        hits.sort_by_key(|hit| hit.start);
        let plain = |text: &str| Piece {
            text: text.to_owned(),
            hit: None,
        };
        let mut pieces = Vec::new();
        let mut at = 0;
        for hit in hits {
            // Overlaps, and offsets that do not fit this title, are left out.
            let (Some(before), Some(found)) =
                (title.get(at..hit.start), title.get(hit.start..hit.end))
            else {
                continue;
            };
            if found.is_empty() {
                continue;
            }
            if !before.is_empty() {
                pieces.push(plain(before));
            }
            pieces.push(Piece {
                text: found.to_owned(),
                hit: Some(hit.meaning()),
            });
            at = hit.end;
        }
        if let Some(rest) = title.get(at..).filter(|rest| !rest.is_empty()) {
            pieces.push(plain(rest));
        }
        pieces
    }

    /// Disguises of letters that were seen in the title, each once: what is
    /// written there, what it stands for, and how it is hidden.
    pub(super) fn disguises(&self, title: &str) -> Vec<Disguise> {
        let mut seen: Vec<Disguise> = Vec::new();
        for hit in self.text.iter().flat_map(|text| &text.hits) {
            let written = title.get(hit.start..hit.end).unwrap_or_default();
            if hit.tricks.is_empty() || written.is_empty() {
                continue;
            }
            let tricks: Vec<String> = hit.tricks.iter().map(|t| trick_in_words(t)).collect();
            let disguise = Disguise {
                written: written.to_owned(),
                term: hit.term.clone(),
                how: tricks.join(", "),
                letters: spelled_out(written),
            };
            if !seen.contains(&disguise) {
                seen.push(disguise);
            }
        }
        seen
    }
}

/// A term hidden in the title.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Disguise {
    pub(super) written: String,
    pub(super) term: String,
    pub(super) how: String,
    /// The characters that are not what they seem, each with its number.
    pub(super) letters: Vec<String>,
}

/// The characters of a word that are no plain letters: `о U+043E Cyrillic`. In a
/// word of one script nothing is spelled out.
fn spelled_out(written: &str) -> Vec<String> {
    let latin = written.chars().any(|c| c.is_ascii_alphabetic());
    let mut letters = Vec::new();
    for c in written.chars().filter(|c| !c.is_ascii()) {
        let script = match u32::from(c) {
            0x0370..=0x03ff | 0x1f00..=0x1fff if latin => "Greek",
            0x0400..=0x052f if latin => "Cyrillic",
            0x0530..=0x058f if latin => "Armenian",
            0x200b..=0x200f | 0x2060..=0x2064 | 0xfeff | 0x00ad | 0x180e => "invisible",
            0x202a..=0x202e | 0x2066..=0x2069 => "direction mark",
            0xff00..=0xffef => "full-width",
            0x1d400..=0x1d7ff => "mathematical",
            0x0300..=0x036f => "accent",
            _ if latin => "not ASCII",
            _ => continue,
        };
        let shown = if script == "invisible" || script == "direction mark" || script == "accent" {
            String::new()
        } else {
            format!("{c} ")
        };
        let letter = format!("{shown}U+{:04X} {script}", u32::from(c));
        if letters.len() < 6 && !letters.contains(&letter) {
            letters.push(letter);
        }
    }
    letters
}

impl Hit {
    fn meaning(&self) -> String {
        if self.tricks.is_empty() {
            return self.term.clone();
        }
        let tricks: Vec<String> = self.tricks.iter().map(|t| trick_in_words(t)).collect();
        format!("{} ({})", self.term, tricks.join(", "))
    }
}

impl Picture {
    /// The matched region as an SVG polygon's points, clipped to the picture.
    pub(super) fn points(&self, width: i64, height: i64) -> Option<String> {
        outline(&self.region, width, height)
    }

    /// The part of the reference photo that is seen, in the photo's pixels.
    pub(super) fn reference_points(&self, width: i64, height: i64) -> Option<String> {
        outline(&self.reference_pixels(width, height), width, height)
    }

    /// That part in the photo's pixels.
    pub(super) fn reference_pixels(&self, width: i64, height: i64) -> Vec<[f64; 2]> {
        let (w, h) = (width as f64, height as f64);
        let pixels = self.reference_region.iter().map(|[x, y]| [x * w, y * h]);
        pixels.collect()
    }

    /// What was done to the photo, in words.
    pub(super) fn transform_in_words(&self) -> String {
        transform_in_words(&self.transform)
    }
}

/// A polygon in pixels as an SVG polygon's points, clipped to the picture.
pub(super) fn outline(region: &[[f64; 2]], width: i64, height: i64) -> Option<String> {
    let finite = region.iter().flatten().all(|v| v.is_finite());
    if !(3..=MAX_POINTS).contains(&region.len()) || !finite || width <= 0 || height <= 0 {
        return None;
    }
    let points: Vec<String> = region
        .iter()
        .map(|[x, y]| {
            let (x, y) = (x.clamp(0.0, width as f64), y.clamp(0.0, height as f64));
            format!("{x:.1},{y:.1}")
        })
        .collect();
    Some(points.join(" "))
}

/// What was done to a photo, in words.
pub(super) fn transform_in_words(transform: &str) -> String {
    Words::of(Language::En).transform(transform)
}

fn trick_in_words(trick: &str) -> String {
    match trick {
        "homoglyph" => "look-alike letters",
        "leet" => "digits for letters",
        "zero_width" => "invisible characters",
        "spaced" => "letters set apart",
        "full_width" => "full-width letters",
        "styled" => "decorative letters",
        "accents" => "added accents",
        "bidi" => "turned around",
        "masked" => "letters hidden",
        "misspelt" => "misspelt",
        "glued" => "run together",
        other => return other.replace('_', " "),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_broken_part_hides_no_other() {
        let evidence = Evidence::read(&json!({
            "picture": {"region": "nonsense"},
            "reasons": [{"text": "The price is low", "bits": 2.5, "code": "x"}],
            "authorised_seller": true,
        }));
        assert!(evidence.picture.is_none());
        assert!(evidence.authorised_seller);
        assert_eq!(evidence.reasons[0].text, "The price is low");
        assert!(Evidence::read(&json!("gone")).reasons.is_empty());
    }

    #[test]
    fn a_title_is_marked_where_terms_were_found() {
        let evidence = Evidence::read(&json!({"text": {"hits": [
            {"term": "Rolex", "start": 4, "end": 9, "tricks": ["leet"]},
            {"term": "overlap", "start": 5, "end": 9},
            {"term": "beyond", "start": 90, "end": 99},
        ]}}));
        let pieces = evidence.title("New R0lex ⌚");
        let marked: Vec<_> = pieces.iter().filter(|p| p.hit.is_some()).collect();
        assert_eq!(marked.len(), 1);
        assert_eq!(marked[0].text, "R0lex");
        assert_eq!(marked[0].hit.as_deref(), Some("Rolex (digits for letters)"));
        let whole: String = pieces.iter().map(|p| p.text.as_str()).collect();
        assert_eq!(whole, "New R0lex ⌚");
    }

    #[test]
    fn a_disguise_is_spelled_out_letter_by_letter() {
        let evidence = Evidence::read(&json!({"text": {"hits": [
            {"term": "Rolex", "start": 4, "end": 10, "tricks": ["homoglyph"]},
            {"term": "beyond", "start": 90, "end": 99, "tricks": ["leet"]},
        ]}}));
        let disguises = evidence.disguises("New R\u{43e}lex");
        assert_eq!(disguises.len(), 1);
        assert_eq!(disguises[0].how, "look-alike letters");
        assert_eq!(disguises[0].letters, ["\u{43e} U+043E Cyrillic"]);
        assert!(spelled_out("V3l0ra").is_empty());
        assert!(
            spelled_out("\u{30ed}\u{30ec}").is_empty(),
            "a word of one script"
        );
        assert_eq!(spelled_out("Ro\u{200b}lex"), ["U+200B invisible"]);
    }

    #[test]
    fn offsets_inside_a_character_are_left_out() {
        let evidence = Evidence::read(&json!({"text": {"hits": [
            {"term": "x", "start": 1, "end": 2},
        ]}}));
        assert_eq!(evidence.title("⌚⌚").len(), 1);
        assert!(evidence.title("").is_empty());
    }

    #[test]
    fn a_region_is_drawn_inside_the_picture_only() {
        let picture = |region| Picture {
            region,
            ..Picture::default()
        };
        let square = vec![[-5.0, 0.0], [50.0, 0.0], [50.0, 900.0], [0.0, 20.0]];
        assert_eq!(
            picture(square).points(100, 80).as_deref(),
            Some("0.0,0.0 50.0,0.0 50.0,80.0 0.0,20.0")
        );
        assert_eq!(picture(vec![[0.0, 0.0]; 2]).points(100, 80), None);
        assert_eq!(picture(vec![[f64::NAN, 0.0]; 3]).points(100, 80), None);
        assert_eq!(picture(vec![[0.0, 0.0]; 65]).points(100, 80), None);
        let part = Picture {
            reference_region: vec![[0.25, 0.0], [1.5, 0.0], [1.0, 0.5]],
            ..Picture::default()
        };
        assert_eq!(
            part.reference_points(200, 100).as_deref(),
            Some("50.0,0.0 200.0,0.0 200.0,50.0")
        );
        assert_eq!(Picture::default().reference_points(200, 100), None);
    }
}
