//! What the picture search said of many edited photos, to draw from.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::eval::Random;
use crate::image::PictureMatch;

const BUILT_IN: &str = include_str!("../../../data/picture_draws.csv");
/// The name of the edit in a line about a photo that shows none of the references.
pub const UNRELATED: &str = "unrelated";

/// Why a table of draws cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DrawsError {
    /// A line is none of the table.
    #[error("line {line} of the table of picture searches cannot be read: {why}")]
    Line {
        /// The line's number, from 1.
        line: u64,
        /// Why.
        why: String,
    },
}

/// What the search said of one picture.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Draw {
    /// What was done to the photo; `unrelated` for one that shows none of the references.
    pub edit: String,
    /// How sure the match is; nothing where none was found.
    pub score: Option<f64>,
    /// What the search says was done.
    pub transform: Option<String>,
    /// Distance of the hashes.
    pub distance: Option<u32>,
    /// Blocks that agree.
    pub inliers: Option<u32>,
    /// Blocks that were compared.
    pub compared: Option<u32>,
    /// How many pictures it was said of.
    pub times: u32,
}

impl Draw {
    /// What the best of some matches says; it was asked of one picture.
    #[must_use]
    pub fn of(edit: &str, best: Option<&PictureMatch>) -> Self {
        Self {
            edit: edit.to_owned(),
            // Four decimals: no bin is narrower.
            score: best.map(|m| (m.score * 1e4).round() / 1e4),
            transform: best.map(|m| m.transform.clone()),
            distance: best.and_then(|m| m.distance),
            inliers: best.and_then(|m| m.inliers),
            compared: best.and_then(|m| m.compared),
            times: 1,
        }
    }
}

/// All of them, by edit.
#[derive(Debug, Clone, Default)]
pub struct Draws {
    of: BTreeMap<String, Vec<Draw>>,
}

impl Draws {
    /// The table that ships with the program.
    ///
    /// # Panics
    /// Never: a test reads the same table.
    #[must_use]
    pub fn built_in() -> &'static Self {
        static DRAWS: LazyLock<Draws> = LazyLock::new(|| {
            Draws::parse(BUILT_IN).unwrap_or_else(|why| unreachable!("tested: {why}"))
        });
        &DRAWS
    }

    /// Reads a table.
    ///
    /// # Errors
    /// [`DrawsError`].
    pub fn parse(text: &str) -> Result<Self, DrawsError> {
        let mut draws = Self::default();
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .from_reader(text.as_bytes());
        for row in reader.deserialize() {
            let row: Draw = row.map_err(|why: csv::Error| DrawsError::Line {
                line: why.position().map_or(1, csv::Position::line),
                why: why.to_string(),
            })?;
            draws.of.entry(row.edit.clone()).or_default().push(row);
        }
        Ok(draws)
    }

    /// The table of many draws; pictures of which the same was said are one line.
    #[must_use]
    pub fn table(draws: &[Draw]) -> String {
        let mut lines: Vec<Draw> = Vec::new();
        let mut sorted: Vec<&Draw> = draws.iter().collect();
        let key = |d: &Draw| {
            (
                d.edit.clone(),
                d.score.map(f64::to_bits),
                d.transform.clone(),
            )
        };
        sorted.sort_by_key(|d| key(d));
        for draw in sorted {
            match lines.last_mut() {
                Some(last) if key(&*last) == key(draw) && last.distance == draw.distance => {
                    last.times += draw.times;
                }
                _ => lines.push(draw.clone()),
            }
        }
        let mut out = csv::Writer::from_writer(Vec::new());
        for line in lines {
            // Into memory, of plain values: this fails for want of memory only.
            if out.serialize(line).is_err() {
                return String::new();
            }
        }
        String::from_utf8(out.into_inner().unwrap_or_default()).unwrap_or_default()
    }

    /// The edits there are, without `unrelated`.
    pub fn edits(&self) -> impl Iterator<Item = &str> {
        self.of
            .keys()
            .map(String::as_str)
            .filter(|e| *e != UNRELATED)
    }

    /// What the search said of one picture edited so; nothing where it found nothing.
    #[must_use]
    pub fn draw(&self, random: &mut Random, edit: &str) -> Option<&Draw> {
        let all = self.of.get(edit)?;
        let times: usize = all.iter().map(|d| d.times as usize).sum();
        let mut at = random.below(times);
        let drawn = all.iter().find(|draw| {
            let here = at < draw.times as usize;
            at = at.saturating_sub(draw.times as usize);
            here
        });
        drawn.filter(|draw| draw.score.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_table_has_many_pictures_of_many_edits() {
        let draws = Draws::parse(BUILT_IN).expect("the table can be read");
        assert!(draws.edits().count() >= 20);
        let times: u32 = draws.of.values().flatten().map(|d| d.times).sum();
        assert!(times > 300, "{times}");
        assert!(draws.of.contains_key(UNRELATED));
    }

    #[test]
    fn what_is_written_is_drawn_as_often_as_it_was_seen() {
        let found = Draw {
            score: Some(0.8),
            transform: Some("crop".to_owned()),
            ..Draw::of("crop", None)
        };
        let seen = [found.clone(), Draw::of("crop", None), found.clone(), found];
        let table = Draws::table(&seen);
        assert_eq!(table.lines().count(), 3, "{table}");
        let draws = Draws::parse(&table).expect("it comes back");
        let mut random = Random::new(1, "draws", 0);
        let found = (0..2000).filter(|_| draws.draw(&mut random, "crop").is_some());
        assert!((1400..1600).contains(&found.count()));
        assert_eq!(draws.draw(&mut random, "none"), None);
        assert!(Draws::parse("edit,score\ncrop,x\n").is_err());
    }
}
