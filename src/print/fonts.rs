//! The fonts that documents are set in, and which of them can write a character.
//!
//! Inside are Noto Sans for the scripts of the world's marketplaces and, of Droid Sans
//! Fallback, the characters of GB 2312, Big5, JIS X 0208 level 1 and KS X 1001, with
//! signs and emoji drawn in outlines. What none of them has is looked for in the fonts
//! that the configuration names; what these lack too is written as its number, such as
//! `[U+13000]`.

mod inside;

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;

use krilla::text::Font;
use rustybuzz::{Direction, Face, UnicodeBuffer};

use super::PrintError;
use super::direction::{Segment, is_isolate};
use inside::{BOLD, INSIDE, REGULAR, Ready};

/// The largest font file read, in bytes: 64 MiB.
const MAX_FONT: u64 = 64 << 20;

/// Fonts out of files that the configuration names: read once for many documents.
#[derive(Clone, Default)]
pub(crate) struct FontFiles(Arc<[Own]>);

struct Own {
    bytes: Arc<Vec<u8>>,
    font: Font,
}

impl FontFiles {
    /// Reads them.
    ///
    /// # Errors
    /// When a file cannot be read or is no font.
    pub fn read(files: &[PathBuf]) -> Result<Self, PrintError> {
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
            let bytes = Arc::new(bytes);
            let font = Face::from_slice(&bytes, 0).and_then(|_| {
                let shared: Arc<dyn AsRef<[u8]> + Send + Sync> = bytes.clone();
                Font::new(shared.into(), 0)
            });
            let none = || wrong("it is no TrueType or OpenType font".to_owned());
            own.push(Own {
                font: font.ok_or_else(none)?,
                bytes,
            });
        }
        Ok(Self(own.into()))
    }
}

/// The fonts of documents of one thread, and what was measured with them: the documents
/// of a packet share their words.
pub(crate) struct Fonts {
    own: FontFiles,
    /// Which font writes a character, in regular and bold.
    chosen: RefCell<HashMap<(char, bool), Option<usize>>>,
    /// Widths of words at size 1, in regular and bold: a document repeats its words.
    widths: [RefCell<HashMap<String, f32>>; 2],
}

/// A piece of a line that one font writes in one direction.
#[derive(Debug, Clone)]
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
        Ok(Self::with(FontFiles::read(files)?))
    }

    /// The fonts inside and those that were read.
    pub fn with(own: FontFiles) -> Self {
        Self {
            own,
            chosen: RefCell::default(),
            widths: <[RefCell<HashMap<String, f32>>; 2]>::default(),
        }
    }

    fn inside(face: usize) -> Option<&'static Ready> {
        INSIDE.get(face)?.as_ref()
    }

    fn own(&self, face: usize) -> Option<&Own> {
        self.own.0.get(face.checked_sub(INSIDE.len())?)
    }

    /// Asks a font something. Those of the configuration are taken apart each time.
    fn face<T>(&self, face: usize, ask: impl FnOnce(&Face<'_>) -> T) -> Option<T> {
        match self.own(face) {
            None => Self::inside(face).map(|inside| ask(&inside.face)),
            Some(own) => Face::from_slice(&own.bytes, 0).map(|own| ask(&own)),
        }
    }

    /// The font to draw with.
    pub fn font(&self, face: usize) -> Option<Font> {
        let inside = Self::inside(face).map(|inside| &inside.font);
        let font = inside.or_else(|| self.own(face).map(|own| &own.font));
        font.cloned()
    }

    /// Whether a font has a cut of its own for bold.
    pub const fn is_bold(face: usize) -> bool {
        face == BOLD
    }

    /// The font that writes a character, if one does.
    fn choose(&self, c: char, bold: bool) -> Option<usize> {
        if let Some(known) = self.chosen.borrow().get(&(c, bold)) {
            return *known;
        }
        let first = if bold { BOLD } else { REGULAR };
        let all = INSIDE.len() + self.own.0.len();
        let mut faces = std::iter::once(first).chain(0..all);
        let found = faces.find(|face| self.covers(*face, c));
        self.chosen.borrow_mut().insert((c, bold), found);
        found
    }

    /// What can be written of a text: control characters gone, and characters that no
    /// font has as their numbers. Isolates stay: they say in which order a line is read.
    pub fn writable(&self, text: &str, bold: bool) -> String {
        let mut out = String::with_capacity(text.len());
        let mut last = None;
        for c in text.chars() {
            // Marks of direction and variation are invisible, and not needed here; colours
            // of skin are no characters of their own where there are no colours.
            let invisible = matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{61c}'
                | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}'
                | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e007f}' | '\u{ad}');
            if matches!(c, '\u{a0}' | '\u{202f}') {
                // A space at which no line breaks, as before a colon in French.
                out.push('\u{a0}');
            } else if c.is_whitespace() || c.is_control() {
                out.push(' ');
            } else if invisible {
                continue;
            } else if is_joiner(c) {
                // What joins letters or keeps them apart, in scripts that know it.
                let within = last.and_then(|last| self.choose(last, bold));
                if within.is_some_and(|face| face > BOLD && self.covers(face, c)) {
                    out.push(c);
                }
                continue;
            } else if is_isolate(c) || self.choose(c, bold).is_some() {
                out.push(c);
            } else {
                out.push_str(&format!("[U+{:04X}]", u32::from(c)));
            }
            last = Some(c);
        }
        out
    }

    /// The pieces of a line, from the left.
    pub(super) fn runs(&self, line: &[Segment], bold: bool) -> Vec<Run> {
        let mut runs = Vec::new();
        for Segment { text, rtl } in line {
            let mut pieces = self.pieces(text, bold, *rtl);
            if *rtl {
                pieces.reverse();
            }
            runs.append(&mut pieces);
        }
        runs
    }

    /// The pieces of a text of one direction, each of one font, in logical order.
    fn pieces(&self, text: &str, bold: bool, rtl: bool) -> Vec<Run> {
        let mut pieces: Vec<Run> = Vec::new();
        for c in text.chars().filter(|c| !is_isolate(*c)) {
            let stays = c == ' ' || is_joiner(c) || super::breaking::is_mark(c);
            let face = match pieces.last() {
                // A space or a mark is written by the font before it, where that can.
                Some(last) if stays && self.covers(last.face, c) => last.face,
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
        let pieces = self.pieces(text, bold, text.chars().any(is_read_from_the_right));
        let width = pieces.iter().map(|run| run.width).sum();
        known.borrow_mut().insert(text.to_owned(), width);
        width
    }
}

/// Whether it is a letter of Hebrew, Arabic or their kin.
const fn is_read_from_the_right(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

/// Zero width joiner and non-joiner.
const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::direction::set;

    #[test]
    fn every_script_of_a_marketplace_is_written_and_the_rest_is_named() {
        let fonts = Fonts::new(&[]).unwrap();
        assert!(INSIDE.iter().all(|font| font.is_some()), "none is damaged");
        for text in [
            "Łódź señor größer ÿ €19,99 ₹1,999",
            "Часы Ролекс Ωmega",
            "ساعة يد فاخرة",
            "می\u{200c}خواهم",
            "שעון יד",
            "นาฬิกา",
            "लग्ज़री हाथ घड़ी",
            "ঘড়ি ઘડિયાળ ਘੜੀ ಗಡಿಯಾರ വാച്ച് கடிகாரம் గడియారం ඔරලෝසුව",
            "នាឡិកា ໂມງ နာရီ საათი ժամացույց",
            "劳力士手表 勞力士 腕時計 カシオ 손목시계",
            "🔥👑★✓❤🇪🇺",
        ] {
            assert_eq!(fonts.writable(text, false), text);
            assert_eq!(fonts.writable(text, true), text);
        }
        assert_eq!(
            fonts.writable("a\u{200b}b\u{200d}\n\u{13000}", false),
            "ab [U+13000]"
        );
    }

    #[test]
    fn digits_among_right_to_left_words_are_drawn_from_the_left() {
        let fonts = Fonts::new(&[]).unwrap();
        let text = "ساعة 49";
        let (lines, rtl) = set(text, std::slice::from_ref(&(0..text.len())));
        assert!(rtl);
        let drawn: Vec<(String, bool)> = fonts
            .runs(&lines[0], false)
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
