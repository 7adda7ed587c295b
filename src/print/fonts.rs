//! The fonts that documents are set in, and which of them can write a character.
//!
//! Inside are Noto Sans (Latin, Greek, Cyrillic), Noto Sans Arabic, Hebrew and Thai,
//! and of Droid Sans Fallback the characters of GB 2312, Big5, JIS X 0208 level 1 and
//! KS X 1001. What none of them has is looked for in the fonts that the configuration
//! names; what these lack too is written as its number, such as `[U+1F600]`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use krilla::text::Font;
use rustybuzz::{Direction, Face, UnicodeBuffer};

use super::PrintError;

/// A font's bytes.
type Bytes = Arc<Vec<u8>>;

/// The fonts inside, unpacked when one is first asked for a character.
static INSIDE: [LazyLock<Bytes>; 6] = [
    LazyLock::new(|| unpack(include_bytes!("fonts/NotoSans-Regular.ttf.xz"))),
    LazyLock::new(|| unpack(include_bytes!("fonts/NotoSans-Bold.ttf.xz"))),
    LazyLock::new(|| unpack(include_bytes!("fonts/NotoSansArabic-Regular.ttf.xz"))),
    LazyLock::new(|| unpack(include_bytes!("fonts/NotoSansHebrew-Regular.ttf.xz"))),
    LazyLock::new(|| unpack(include_bytes!("fonts/NotoSansThai-Regular.ttf.xz"))),
    LazyLock::new(|| unpack(include_bytes!("fonts/DroidSansFallback.ttf.xz"))),
];
/// The same, taken apart once.
static FACES: [LazyLock<Option<Face<'static>>>; 6] = [
    LazyLock::new(|| Face::from_slice(&INSIDE[0], 0)),
    LazyLock::new(|| Face::from_slice(&INSIDE[1], 0)),
    LazyLock::new(|| Face::from_slice(&INSIDE[2], 0)),
    LazyLock::new(|| Face::from_slice(&INSIDE[3], 0)),
    LazyLock::new(|| Face::from_slice(&INSIDE[4], 0)),
    LazyLock::new(|| Face::from_slice(&INSIDE[5], 0)),
];
/// Their places.
const REGULAR: usize = 0;
const BOLD: usize = 1;
/// The largest font file read, in bytes: 64 MiB.
const MAX_FONT: u64 = 64 << 20;

fn unpack(packed: &[u8]) -> Bytes {
    let mut bytes = Vec::new();
    // These are part of the program: a damaged one shows in the first test.
    let read = lzma_rust2::XzReader::new(packed, false).read_to_end(&mut bytes);
    Arc::new(read.map(|_| bytes).unwrap_or_default())
}

/// The fonts of a document.
pub(crate) struct Fonts {
    own: Vec<Bytes>,
    fonts: RefCell<HashMap<usize, Option<Font>>>,
    /// Which font writes a character, in regular and bold.
    chosen: RefCell<HashMap<(char, bool), Option<usize>>>,
    /// Widths of words at size 1, in regular and bold: a document repeats its words.
    widths: [RefCell<HashMap<String, f32>>; 2],
}

/// A piece of a line that one font writes in one direction.
pub(super) struct Run {
    pub face: usize,
    pub text: String,
    pub rtl: bool,
    /// Its width at size 1.
    pub width: f32,
}

impl Fonts {
    /// The fonts inside and those in files.
    ///
    /// # Errors
    /// When a file cannot be read or is no font.
    pub fn new(files: &[PathBuf]) -> Result<Self, PrintError> {
        let mut own = Vec::new();
        for path in files {
            let wrong = |why: String| PrintError::Font {
                path: path.clone(),
                why,
            };
            let mut bytes = Vec::new();
            std::fs::File::open(path)
                .and_then(|file| file.take(MAX_FONT).read_to_end(&mut bytes))
                .map_err(|error| wrong(error.to_string()))?;
            if Face::from_slice(&bytes, 0).is_none() {
                return Err(wrong("it is no TrueType or OpenType font".to_owned()));
            }
            own.push(Arc::new(bytes));
        }
        Ok(Self {
            own,
            fonts: RefCell::default(),
            chosen: RefCell::default(),
            widths: <[RefCell<HashMap<String, f32>>; 2]>::default(),
        })
    }

    fn bytes(&self, face: usize) -> Option<&Bytes> {
        match INSIDE.get(face) {
            Some(bytes) => Some(bytes),
            None => self.own.get(face - INSIDE.len()),
        }
    }

    /// Asks a font something. Those of the configuration are taken apart each time.
    fn face<T>(&self, face: usize, ask: impl FnOnce(&Face<'_>) -> T) -> Option<T> {
        match FACES.get(face) {
            Some(inside) => inside.as_ref().map(ask),
            None => Face::from_slice(self.own.get(face - FACES.len())?, 0).map(|own| ask(&own)),
        }
    }

    /// The font to draw with.
    pub fn font(&self, face: usize) -> Option<Font> {
        self.fonts
            .borrow_mut()
            .entry(face)
            .or_insert_with(|| Font::new((**self.bytes(face)?).clone().into(), 0))
            .clone()
    }

    /// The font that writes a character, if one does.
    fn choose(&self, c: char, bold: bool) -> Option<usize> {
        if let Some(known) = self.chosen.borrow().get(&(c, bold)) {
            return *known;
        }
        let first = if bold { BOLD } else { REGULAR };
        let all = INSIDE.len() + self.own.len();
        let mut faces = std::iter::once(first).chain(0..all);
        let found = faces.find(|face| self.covers(*face, c));
        self.chosen.borrow_mut().insert((c, bold), found);
        found
    }

    /// What can be written of a text: control characters gone, and characters that no
    /// font has as their numbers.
    pub fn writable(&self, text: &str, bold: bool) -> String {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            // Marks of direction and variation are invisible, and not needed here.
            let invisible = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{ad}');
            if c.is_whitespace() || c.is_control() {
                out.push(' ');
            } else if invisible {
                continue;
            } else if self.choose(c, bold).is_some() {
                out.push(c);
            } else {
                out.push_str(&format!("[U+{:04X}]", u32::from(c)));
            }
        }
        out
    }

    /// A line in the order it is drawn in, from the left.
    pub(super) fn runs(&self, line: &str, bold: bool) -> Vec<Run> {
        let info = unicode_bidi::BidiInfo::new(line, None);
        let mut runs = Vec::new();
        for paragraph in &info.paragraphs {
            let (levels, visual) = info.visual_runs(paragraph, paragraph.range.clone());
            for range in visual {
                let rtl = levels.get(range.start).is_some_and(|level| level.is_rtl());
                let mut pieces = self.pieces(&line[range], bold, rtl);
                if rtl {
                    pieces.reverse();
                }
                runs.append(&mut pieces);
            }
        }
        runs
    }

    /// The pieces of a text of one direction, each of one font, in logical order.
    fn pieces(&self, text: &str, bold: bool, rtl: bool) -> Vec<Run> {
        let mut pieces: Vec<Run> = Vec::new();
        for c in text.chars() {
            let face = match (pieces.last(), c) {
                // A space is written by the font before it, where that can.
                (Some(last), ' ') if self.covers(last.face, c) => last.face,
                _ => self.choose(c, bold).unwrap_or(REGULAR),
            };
            match pieces.last_mut() {
                Some(last) if last.face == face => last.text.push(c),
                _ => pieces.push(Run {
                    face,
                    text: c.to_string(),
                    rtl,
                    width: 0.0,
                }),
            }
        }
        for piece in &mut pieces {
            piece.width = self.width_of(piece);
        }
        pieces
    }

    fn covers(&self, face: usize, c: char) -> bool {
        self.face(face, |face| face.glyph_index(c).is_some()) == Some(true)
    }

    fn width_of(&self, run: &Run) -> f32 {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&run.text);
        buffer.guess_segment_properties();
        buffer.set_direction(match run.rtl {
            true => Direction::RightToLeft,
            false => Direction::LeftToRight,
        });
        let width = self.face(run.face, |face| {
            let shaped = rustybuzz::shape(face, &[], buffer);
            let advance: i32 = shaped.glyph_positions().iter().map(|p| p.x_advance).sum();
            advance as f32 / face.units_per_em() as f32
        });
        width.unwrap_or(0.0)
    }

    /// How wide a text is at size 1.
    pub fn width(&self, text: &str, bold: bool) -> f32 {
        let known = &self.widths[usize::from(bold)];
        if let Some(width) = known.borrow().get(text) {
            return *width;
        }
        let pieces = self.pieces(text, bold, false);
        let width = pieces.iter().map(|run| run.width).sum();
        known.borrow_mut().insert(text.to_owned(), width);
        width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_of_a_marketplace_is_written_and_the_rest_is_named() {
        let fonts = Fonts::new(&[]).unwrap();
        for text in [
            "Łódź señor größer ÿ €19,99",
            "Часы Ролекс Ωmega",
            "ساعة يد فاخرة",
            "שעון יד",
            "นาฬิกา",
            "劳力士手表 勞力士 腕時計 カシオ 손목시계",
        ] {
            assert_eq!(fonts.writable(text, false), text);
            assert_eq!(fonts.writable(text, true), text);
        }
        assert_eq!(fonts.writable("a\u{200b}b\n🤩", false), "ab [U+1F929]");
    }

    #[test]
    fn digits_among_right_to_left_words_are_drawn_from_the_left() {
        let fonts = Fonts::new(&[]).unwrap();
        let drawn: Vec<(String, bool)> = fonts
            .runs("ساعة 49", false)
            .into_iter()
            .map(|run| (run.text, run.rtl))
            .collect();
        assert_eq!(drawn[0], ("49".to_owned(), false));
        assert!(
            drawn
                .last()
                .is_some_and(|(text, rtl)| *rtl && text.contains("ساعة"))
        );
    }
}
