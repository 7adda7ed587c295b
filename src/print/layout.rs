//! Setting text, tables and pictures on pages, with a header and page numbers.
//!
//! Pages are collected first and drawn at the end, when their number is known.

mod draw;

use krilla::image::Image;

use super::breaking;
use super::direction;
use super::fonts::{Fonts, Run};

/// A4, in points.
const WIDTH: f32 = 595.28;
const HEIGHT: f32 = 841.89;
const LEFT: f32 = 54.0;
const TOP: f32 = 70.0;
const BOTTOM: f32 = 62.0;
/// What can be written on.
const COLUMN: f32 = WIDTH - 2.0 * LEFT;
/// Where what is ticked begins.
const TICK: f32 = 18.0;
/// Between pictures.
const GAP: f32 = 16.0;
/// What captions and a line under them take.
pub(crate) const CAPTION: f32 = 56.0;
/// The most pages of a document.
const MAX_PAGES: usize = 2_000;

/// Colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    Black,
    Soft,
    Line,
    Mark,
    Paper,
}

/// How a text is set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub size: f32,
    pub bold: bool,
    pub ink: Ink,
}

impl Style {
    pub const BODY: Self = Self::of(9.5, false, Ink::Black);
    pub const STRONG: Self = Self::of(9.5, true, Ink::Black);
    pub const SOFT: Self = Self::of(8.5, false, Ink::Soft);
    pub const SMALL: Self = Self::of(7.2, false, Ink::Black);
    pub const LABEL: Self = Self::of(8.5, true, Ink::Soft);
    pub const TITLE: Self = Self::of(20.0, true, Ink::Black);
    pub const HEADING: Self = Self::of(12.5, true, Ink::Black);

    const fn of(size: f32, bold: bool, ink: Ink) -> Self {
        Self { size, bold, ink }
    }

    fn leading(self) -> f32 {
        self.size * 1.4
    }
}

/// A line of a text, ready to be drawn.
#[derive(Debug, Clone, Default)]
struct Line {
    runs: Vec<Run>,
    /// How far from the left it begins: of several lines that are read from the right,
    /// the longest reaches farthest to the left.
    indent: f32,
}

impl Line {
    /// Its width at size 1.
    fn width(&self) -> f32 {
        self.runs.iter().map(|run| run.width).sum()
    }
}

enum Op {
    /// Baseline, from the left.
    Text(f32, f32, Style, Line),
    /// From, to.
    Line((f32, f32), (f32, f32), Ink, f32),
    Polygon(Vec<(f32, f32)>),
    Picture(Image, f32, f32, f32, f32),
}

/// A picture to be set, with the outline of a region in shares of its sides.
pub(crate) struct Shown {
    pub jpeg: Vec<u8>,
    pub width: f32,
    pub height: f32,
    pub outline: Vec<(f32, f32)>,
    pub caption: String,
}

/// A document being set.
pub(crate) struct Pages<'a> {
    fonts: &'a Fonts,
    pages: Vec<Vec<Op>>,
    /// Headings, each with its page and how far down it stands there: the bookmarks.
    headings: Vec<(String, usize, f32)>,
    y: f32,
}

impl<'a> Pages<'a> {
    pub fn new(fonts: &'a Fonts) -> Self {
        Self {
            fonts,
            pages: vec![Vec::new()],
            headings: Vec::new(),
            y: TOP,
        }
    }

    fn put(&mut self, op: Op) {
        if let Some(page) = self.pages.last_mut() {
            page.push(op);
        }
    }

    fn turn(&mut self) {
        if self.pages.len() < MAX_PAGES {
            self.pages.push(Vec::new());
        }
        self.y = TOP;
    }

    /// Goes to the next page where there is less room than that.
    pub fn need(&mut self, height: f32) {
        if self.y + height > HEIGHT - BOTTOM && self.y > TOP {
            self.turn();
        }
    }

    /// What is left of the page under a heading.
    pub fn room(&self) -> f32 {
        HEIGHT - BOTTOM - self.y - 44.0
    }

    pub fn space(&mut self, height: f32) {
        self.y += height;
    }

    /// A heading, never at the foot of a page.
    pub fn heading(&mut self, text: &str) {
        self.heading_of(text, 70.0);
    }

    /// A heading of something so high that belongs on the same page.
    pub fn heading_of(&mut self, text: &str, height: f32) {
        self.space(14.0);
        self.need(height);
        let page = self.pages.len() - 1;
        self.headings.push((text.to_owned(), page, self.y));
        self.text(text, Style::HEADING);
        let y = self.y + 1.0;
        self.put(Op::Line((LEFT, y), (LEFT + COLUMN, y), Ink::Line, 0.8));
        self.space(8.0);
    }

    /// A paragraph over the whole width.
    pub fn text(&mut self, text: &str, style: Style) {
        self.indented(text, 0.0, style);
    }

    fn indented(&mut self, text: &str, indent: f32, style: Style) {
        for line in self.wrap(text, COLUMN - indent, style) {
            self.need(style.leading());
            self.y += style.leading();
            let y = self.y - style.size * 0.35;
            self.put(Op::Text(LEFT + indent, y, style, line));
        }
    }

    /// A label and what it is about.
    pub fn field(&mut self, label: &str, value: &str) {
        const LABEL: f32 = 128.0;
        let labels = self.wrap(label, LABEL - 8.0, Style::LABEL);
        let values = self.wrap(value, COLUMN - LABEL, Style::BODY);
        let rows = labels.len().max(values.len());
        for row in 0..rows {
            self.need(Style::BODY.leading());
            self.y += Style::BODY.leading();
            let y = self.y - Style::BODY.size * 0.35;
            for (x, style, lines) in [
                (LEFT, Style::LABEL, &labels),
                (LEFT + LABEL, Style::BODY, &values),
            ] {
                if let Some(line) = lines.get(row) {
                    self.put(Op::Text(x, y, style, line.clone()));
                }
            }
        }
        self.space(1.5);
    }

    /// A table; widths are shares of the column. Its head is set again on each page.
    pub fn table(&mut self, widths: &[f32], head: &[&str], rows: &[Vec<String>], style: Style) {
        const GAP: f32 = 8.0;
        let widths: Vec<f32> = widths.iter().map(|share| share * COLUMN).collect();
        let cells = |pages: &Self, row: &[String], style: Style| -> Vec<Vec<Line>> {
            row.iter()
                .zip(&widths)
                .map(|(cell, width)| pages.wrap(cell, width - GAP, style))
                .collect()
        };
        let head: Vec<String> = head.iter().map(|text| (*text).to_owned()).collect();
        let head = cells(self, &head, Style::LABEL);
        self.need(style.leading() * 4.0);
        self.row(&head, &widths, Style::LABEL);
        for (number, row) in rows.iter().enumerate() {
            let row = cells(self, row, style);
            let lines = row.iter().map(Vec::len).max().unwrap_or(0);
            // The last row takes a note on the table with it.
            let note = if number + 1 == rows.len() { 22.0 } else { 0.0 };
            let height = lines as f32 * style.leading() + 5.0 + note;
            if self.y + height > HEIGHT - BOTTOM && height < HEIGHT / 2.0 {
                self.turn();
                self.row(&head, &widths, Style::LABEL);
            }
            self.row(&row, &widths, style);
        }
        self.space(4.0);
    }

    fn row(&mut self, cells: &[Vec<Line>], widths: &[f32], style: Style) {
        let lines = cells.iter().map(Vec::len).max().unwrap_or(0);
        self.space(2.0);
        for line in 0..lines {
            self.need(style.leading());
            self.y += style.leading();
            let y = self.y - style.size * 0.35;
            let mut x = LEFT;
            for (cell, width) in cells.iter().zip(widths) {
                if let Some(text) = cell.get(line) {
                    self.put(Op::Text(x, y, style, text.clone()));
                }
                x += width;
            }
        }
        self.space(2.0);
        let y = self.y;
        self.put(Op::Line((LEFT, y), (LEFT + COLUMN, y), Ink::Line, 0.4));
    }

    /// How high pictures side by side are that fill the column, captions apart.
    pub fn height_of(pictures: &[Shown], most: f32) -> f32 {
        let gaps = GAP * pictures.len().saturating_sub(1) as f32;
        let shares: f32 = pictures.iter().map(|p| p.width / p.height.max(1.0)).sum();
        ((COLUMN - gaps) / shares.max(0.01)).min(most)
    }

    /// How high a picture of the column's width may be to fit on a page with its
    /// caption, as a share of its width.
    pub fn part_of_width() -> f32 {
        (HEIGHT - TOP - BOTTOM - CAPTION - 8.0) / COLUMN
    }

    /// Pictures side by side, of one height.
    pub fn pictures(&mut self, pictures: &[Shown], most: f32) {
        if pictures.is_empty() {
            return;
        }
        let count = pictures.len() as f32;
        let height = Self::height_of(pictures, most);
        // Captions stand under their pictures, and no narrower than they can be read.
        self.need(height + CAPTION);
        self.space(4.0);
        let (mut x, top) = (LEFT, self.y);
        let mut deepest = top + height;
        for picture in pictures {
            let width = height * picture.width / picture.height.max(1.0);
            if let Ok(image) = Image::from_jpeg(picture.jpeg.clone().into(), false) {
                self.put(Op::Picture(image, x, top, width, height));
            }
            if picture.outline.len() >= 3 {
                let at = |(px, py): &(f32, f32)| (x + px * width, top + py * height);
                self.put(Op::Polygon(picture.outline.iter().map(at).collect()));
            }
            let room = width.max(COLUMN / count - GAP);
            let mut y = top + height + 3.0;
            for line in self.wrap(&picture.caption, room, Style::SOFT) {
                y += Style::SOFT.leading();
                self.put(Op::Text(x, y, Style::SOFT, line));
            }
            deepest = deepest.max(y);
            x += room.max(width) + GAP;
        }
        self.y = deepest + 8.0;
    }

    /// A line to write on, with what belongs there under it.
    pub fn blank(&mut self, label: &str) {
        self.need(40.0);
        self.space(24.0);
        let y = self.y;
        self.put(Op::Line(
            (LEFT, y),
            (LEFT + COLUMN * 0.62, y),
            Ink::Black,
            0.6,
        ));
        self.text(label, Style::SOFT);
        self.space(5.0);
    }

    /// An empty box to tick, and what is ticked.
    pub fn tick(&mut self, text: &str) {
        self.need(24.0);
        let top = self.y + 4.0;
        let (l, r, b) = (LEFT, LEFT + 9.0, top + 9.0);
        for (from, to) in [
            ((l, top), (r, top)),
            ((r, top), (r, b)),
            ((r, b), (l, b)),
            ((l, b), (l, top)),
        ] {
            self.put(Op::Line(from, to, Ink::Black, 0.7));
        }
        self.indented(text, TICK, Style::BODY);
        self.space(3.0);
    }

    /// A remark on what is to be ticked.
    pub fn under_tick(&mut self, text: &str) {
        self.indented(text, TICK, Style::SOFT);
        self.space(3.0);
    }

    /// Small pictures in rows, each with its caption.
    pub fn strip(&mut self, pictures: &[Shown]) {
        const HEIGHT: f32 = 72.0;
        const BETWEEN: f32 = 8.0;
        let mut x = LEFT;
        for (number, picture) in pictures.iter().enumerate() {
            let width = (HEIGHT * picture.width / picture.height.max(1.0)).clamp(8.0, COLUMN);
            let height = (width * picture.height / picture.width.max(1.0)).min(HEIGHT);
            if number == 0 || x + width > LEFT + COLUMN {
                if number > 0 {
                    self.y += HEIGHT + 18.0;
                }
                self.need(HEIGHT + 22.0);
                x = LEFT;
            }
            let y = self.y + 4.0;
            if let Ok(image) = Image::from_jpeg(picture.jpeg.clone().into(), false) {
                self.put(Op::Picture(image, x, y, width, height));
            }
            if let Some(line) = self.wrap(&picture.caption, COLUMN, Style::SMALL).pop() {
                self.put(Op::Text(x, y + HEIGHT + 9.0, Style::SMALL, line));
            }
            x += width + BETWEEN;
        }
        if !pictures.is_empty() {
            self.y += HEIGHT + 22.0;
        }
    }

    /// Breaks a text into lines, each in the order it is drawn in.
    fn wrap(&self, text: &str, width: f32, style: Style) -> Vec<Line> {
        let text = self.fonts.writable(text, style.bold);
        let wide = |part: &str| self.fonts.width(part, style.bold);
        let lines = breaking::lines(&text, width / style.size, &wide);
        let (parts, rtl) = direction::set(&text, &lines);
        let mut lines: Vec<Line> = parts
            .iter()
            .map(|parts| Line {
                runs: self.fonts.runs(parts, style.bold),
                indent: 0.0,
            })
            .collect();
        if rtl {
            let widest = lines.iter().map(Line::width).fold(0.0, f32::max);
            for line in &mut lines {
                line.indent = (widest - line.width()) * style.size;
            }
        }
        lines
    }
}
