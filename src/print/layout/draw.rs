//! Drawing the pages that were set: PDF/A-1b.

use krilla::color::rgb;
use krilla::configure::{Archival, ConfigurationBuilder, PdfVersion};
use krilla::destination::{NamedDestination, XyzDestination};
use krilla::geom::{PathBuilder, Point, Rect, Size, Transform};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::text::TextDirection;
use krilla::{Document, SerializeSettings};

use super::{COLUMN, Fonts, HEIGHT, Ink, LEFT, Op, Pages, Style, WIDTH};
use crate::print::PrintError;

impl Ink {
    fn color(self) -> rgb::Color {
        match self {
            Self::Black => rgb::Color::new(28, 32, 36),
            Self::Soft => rgb::Color::new(92, 102, 112),
            Self::Line => rgb::Color::new(200, 206, 212),
            Self::Mark => rgb::Color::new(190, 30, 38),
            Self::Paper => rgb::Color::new(255, 255, 255),
        }
    }
}

impl Pages<'_> {
    /// Draws everything, with a header, a footer and page numbers.
    ///
    /// # Errors
    /// When the document cannot be written.
    pub fn finish(
        self,
        header: &str,
        footer: &str,
        page_of: &str,
        metadata: Metadata,
    ) -> Result<Vec<u8>, PrintError> {
        let failed = |error: String| PrintError::Pdf(error);
        let configuration = ConfigurationBuilder::new()
            .with_version(PdfVersion::Pdf14)
            .with_archival_validator(Archival::A1_B)
            .finish()
            .map_err(|error| failed(format!("{error:?}")))?;
        let settings = SerializeSettings {
            configuration,
            ..SerializeSettings::default()
        };
        let mut document = Document::new_with(settings);
        document.set_metadata(metadata);
        let count = self.pages.len();
        let top = Style::of(8.0, false, Ink::Soft);
        let one = |text: &str| self.wrap(text, COLUMN, top).into_iter().next();
        let header = one(header).unwrap_or_default();
        let footer = one(footer).unwrap_or_default();
        for (number, ops) in self.pages.iter().enumerate() {
            let size = PageSettings::from_wh(WIDTH, HEIGHT)
                .ok_or_else(|| failed("a page has no size".to_owned()))?;
            let mut page = document.start_page_with(size);
            let mut surface = page.surface();
            let page_of = page_of
                .replace("{n}", &(number + 1).to_string())
                .replace("{of}", &count.to_string());
            let right = LEFT + COLUMN - self.fonts.width(&page_of, false) * top.size;
            let rule = |y: f32| Op::Line((LEFT, y), (LEFT + COLUMN, y), Ink::Line, 0.5);
            let frame = [
                Op::Text(LEFT, 44.0, top, header.clone()),
                rule(50.0),
                rule(HEIGHT - 48.0),
                Op::Text(LEFT, HEIGHT - 36.0, top, footer.clone()),
                Op::Text(right, HEIGHT - 36.0, top, one(&page_of).unwrap_or_default()),
            ];
            for op in frame.iter().chain(ops) {
                self.draw(&mut surface, op);
            }
            surface.finish();
            page.finish();
        }
        if self.headings.len() < 2 {
            let written = document.finish();
            return written.map_err(|error| failed(format!("{error:?}")));
        }
        let mut outline = Outline::new();
        for (number, (text, page, y)) in self.headings.iter().enumerate() {
            let place = XyzDestination::new(*page, Point::from_xy(LEFT, *y));
            let named = NamedDestination::new(name(number), place.clone());
            document
                .register_named_destination(named)
                .ok_or_else(|| failed("two bookmarks have one name".to_owned()))?;
            outline.push_child(OutlineNode::new(text.clone(), place));
        }
        document.set_outline(outline);
        let mut file = document
            .finish()
            .map_err(|error| failed(format!("{error:?}")))?;
        match by_name(&mut file, self.headings.len()) {
            true => Ok(file),
            false => Err(failed("a bookmark leads nowhere".to_owned())),
        }
    }

    fn draw(&self, surface: &mut Surface<'_>, op: &Op) {
        match op {
            Op::Text(x, y, style, text) => {
                surface.set_fill(Some(fill(style.ink)));
                let mut x = x + text.indent;
                for run in &text.runs {
                    // Where there is no bold cut, an outline makes the letters heavier.
                    let heavier = style.bold && !Fonts::is_bold(run.face);
                    surface.set_stroke(heavier.then(|| Stroke {
                        paint: style.ink.color().into(),
                        width: style.size * 0.035,
                        ..Stroke::default()
                    }));
                    let Some(font) = self.fonts.font(run.face) else {
                        continue;
                    };
                    let direction = match run.rtl {
                        true => TextDirection::RightToLeft,
                        false => TextDirection::LeftToRight,
                    };
                    let at = Point::from_xy(x, *y);
                    surface.draw_text(at, font, style.size, &run.text, false, direction);
                    x += run.width * style.size;
                }
                surface.set_stroke(None);
            }
            Op::Line(from, to, ink, width) => {
                let mut path = PathBuilder::new();
                path.move_to(from.0, from.1);
                path.line_to(to.0, to.1);
                stroke(surface, path, *ink, *width);
            }
            Op::Polygon(points) => {
                // On a light edge, so that it shows on dark pictures in grey too.
                for (ink, width) in [(Ink::Paper, 3.2), (Ink::Mark, 1.6)] {
                    let mut path = PathBuilder::new();
                    for (number, (x, y)) in points.iter().enumerate() {
                        match number {
                            0 => path.move_to(*x, *y),
                            _ => path.line_to(*x, *y),
                        }
                    }
                    path.close();
                    stroke(surface, path, ink, width);
                }
            }
            Op::Picture(image, x, y, width, height) => {
                let (Some(size), Some(frame)) = (
                    Size::from_wh(*width, *height),
                    Rect::from_xywh(*x, *y, *width, *height),
                ) else {
                    return;
                };
                surface.push_transform(&Transform::from_translate(*x, *y));
                surface.draw_image(image.clone(), size);
                surface.pop();
                let mut path = PathBuilder::new();
                path.push_rect(frame);
                stroke(surface, path, Ink::Line, 0.5);
            }
        }
    }
}

/// What the destination of a bookmark is called.
fn name(number: usize) -> String {
    format!("{number:x}")
}

/// Has bookmarks name their destinations. Krilla writes them as `/Dest 12 0 R`, a
/// reference to an array, which any PDF may; but PDFBox's preflight does not follow it
/// (it takes the entry as it stands: "can't convert to Destination COSObject") and calls
/// the file no PDF/A. A name, in as many bytes, leaves every other byte in its place.
/// Gives whether all were found.
fn by_name(file: &mut [u8], bookmarks: usize) -> bool {
    const KEY: &[u8] = b"/Dest ";
    // Bookmarks are written before everything that is compressed.
    let plain = file.windows(8).position(|bytes| bytes == b"\nstream\n");
    let mut from = 0;
    let end = plain.unwrap_or(file.len());
    for number in 0..bookmarks {
        let found = file[from..end].windows(KEY.len()).position(|at| at == KEY);
        let Some(start) = found.map(|at| from + at + KEY.len()) else {
            return false;
        };
        let Some(length) = file[start..end].iter().position(|byte| *byte == b'>') else {
            return false;
        };
        let name = format!("{:<length$}", format!("({})", name(number)));
        if name.len() != length || !file[start..start + length].ends_with(b" 0 R") {
            return false;
        }
        file[start..start + length].copy_from_slice(name.as_bytes());
        from = start + length;
    }
    true
}

fn fill(ink: Ink) -> Fill {
    Fill {
        paint: ink.color().into(),
        opacity: NormalizedF32::ONE,
        rule: krilla::paint::FillRule::default(),
    }
}

fn stroke(surface: &mut Surface<'_>, path: PathBuilder, ink: Ink, width: f32) {
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke {
        paint: ink.color().into(),
        width,
        ..Stroke::default()
    }));
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
    surface.set_stroke(None);
}
