//! An element of a page while the walk is in it: its text, what is known of
//! it, and what it hands on to the element around it.

use scraper::ElementRef;

use super::around::{
    is_gallery_of_product, is_of_product, is_page_header, is_wrapper, without_words_of_box,
};
use super::choices::Choices;
use super::clues::{self, Clues};
use super::maker;
use super::scan::{Boxes, LEFT_OUT, Line, Link, MAX_KEPT, NOT_READ, Scan};
use super::tables::Cell;
use super::ways::{Way, leads_elsewhere, leads_to_maker};
use crate::extract::structured::squeezed;
use crate::extract::text::{is_inline, tidy};

/// The longest text looked at for a price, in bytes.
pub(super) const MAX_TEXT: usize = 240;
/// The most runs of text of its own that are kept of an element, and the most
/// links.
const MAX_RUNS: usize = 8;
const MAX_WAYS: usize = 8;
/// Stands in a text for a line break (line separator, which is white space too).
pub(super) const BREAK: char = '\u{2028}';
/// The longest text kept as a line of the page, in bytes.
const MAX_LINE: usize = 160;

/// An element that has been opened and not closed.
pub(super) struct Frame<'a> {
    pub(super) element: ElementRef<'a>,
    pub(super) order: usize,
    pub(super) own: Clues,
    pub(super) all: Clues,
    pub(super) text: String,
    pub(super) too_long: bool,
    pub(super) first_spot: usize,
    pub(super) first_button: usize,
    pub(super) first_picture: usize,
    pub(super) first_line: usize,
    pub(super) has_link: bool,
    pub(super) has_picture: bool,
    pub(super) has_heading: bool,
    pub(super) has_elements: bool,
    pub(super) choices: Choices,
    /// Of a row of a table its cells, of a table its rows.
    pub(super) cells: Vec<Cell>,
    pub(super) rows: Vec<Vec<Cell>>,
    pub(super) link: Option<Link>,
    /// The elements from here on are others' products.
    pub(super) others_follow: bool,
    pub(super) sources: Vec<String>,
    /// A heading in it said that a description follows.
    pub(super) describes: bool,
    /// A heading in it said that reviews follow.
    pub(super) reviews_follow: bool,
    /// How much of its text, in bytes, is headings.
    pub(super) headed: usize,
    /// Its own text, in runs between the elements in it, if prices may be there.
    pub(super) runs: Vec<String>,
    /// A line break stands in it.
    pub(super) is_broken: bool,
    /// Nothing stands between the last run and what follows.
    pub(super) run_goes_on: bool,
    /// Where links in it lead, and whether each shows a picture, a text.
    pub(super) ways: Vec<Way>,
    /// What stands since the last number: it may name what follows.
    pub(super) label: String,
    /// The label is one by its element or its colon.
    pub(super) is_labelling: bool,
}

impl<'a> Frame<'a> {
    pub(super) fn open(
        element: ElementRef<'a>,
        order: usize,
        above: &[Self],
        scan: &Scan<'a>,
        cards: bool,
    ) -> Self {
        let parent = above.last();
        let mut own = clues::of(element);
        if !cards {
            own = own.without(Clues::CARD);
        }
        let around = Clues::FRAME.with(Clues::REVIEW);
        if own.has(around) && is_wrapper(element, above.len()) {
            own = own.without(around);
        }
        let others = around.with(Clues::RELATED);
        let is_outermost = parent.is_none_or(|parent| !parent.all.has(others));
        if own.has(others) && is_outermost && is_of_product(element, &scan.names) {
            own = own.without(others);
        }
        if own.has(Clues::FRAME) && is_outermost && is_gallery_of_product(element, &scan.names) {
            own = own.without(Clues::FRAME);
        }
        own = without_words_of_box(element, own, &scan.names);
        if is_page_header(element, own, above) {
            own = own.with(Clues::FRAME);
        }
        let mut all = own.with(parent.map_or(Clues::default(), |parent| parent.all.inherited()));
        if parent.is_some_and(|parent| parent.others_follow) {
            all = all.with(Clues::RELATED);
        }
        if parent.is_some_and(|parent| parent.reviews_follow) {
            all = all.with(Clues::REVIEW);
        }
        Self {
            element,
            order,
            own,
            all,
            text: String::new(),
            too_long: false,
            first_spot: scan.spots.len(),
            first_button: scan.buttons.len(),
            first_picture: scan.pictures.len(),
            first_line: scan.lines.len(),
            has_link: false,
            has_picture: false,
            has_heading: false,
            has_elements: false,
            choices: Choices::default(),
            cells: Vec::new(),
            rows: Vec::new(),
            link: None,
            others_follow: false,
            sources: Vec::new(),
            describes: false,
            reviews_follow: false,
            headed: 0,
            runs: Vec::new(),
            is_broken: false,
            run_goes_on: false,
            ways: Vec::new(),
            label: String::new(),
            is_labelling: false,
        }
    }

    pub(super) fn name(&self) -> &'a str {
        self.element.value().name()
    }

    pub(super) fn add(&mut self, text: &str) {
        self.keep_label(text);
        if self.too_long {
            return;
        }
        if self.text.len() + text.len() > 4 * MAX_TEXT {
            self.too_long = !text.trim().is_empty();
            return;
        }
        self.text.push_str(text);
    }

    /// Adds text of its own.
    pub(super) fn add_own(&mut self, text: &str) {
        self.add(text);
        if !self.run_goes_on {
            if self.runs.len() >= MAX_RUNS || text.trim().is_empty() {
                return;
            }
            self.runs.push(String::new());
            self.run_goes_on = true;
        }
        if let Some(run) = self.runs.last_mut().filter(|run| run.len() <= MAX_TEXT) {
            run.push_str(text);
        }
    }

    /// Keeps what may be the name of a value that follows.
    fn keep_label(&mut self, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let behind = text.rsplit(char::is_numeric).next().unwrap_or(text);
        let is_room = self.label.len() + behind.len() <= MAX_TEXT;
        if behind.len() < text.len() || self.is_labelling || !is_room {
            self.label.clear();
        }
        if behind.len() <= MAX_TEXT {
            self.label.push_str(behind);
        }
        self.is_labelling = text.trim_end().ends_with([':', '：']);
    }

    /// Adds an inner element's text. Digits that two elements part are not one
    /// number: two behind are cents, whatever else stands apart.
    fn add_inner(&mut self, inner: &Frame<'_>) {
        if inner.too_long {
            self.too_long = true;
        }
        if inner.all.has(Clues::OLD.with(Clues::HIDDEN))
            && !self.all.has(Clues::OLD.with(Clues::HIDDEN))
        {
            // What stood before spoke of the price that is left out.
            self.text.push(LEFT_OUT);
            return;
        }
        if inner.own.has(Clues::CHOICE) {
            return;
        }
        let name = inner.name();
        let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        if !is_inline(name) {
            self.text.push(BREAK);
        } else if is_digit(self.text.chars().next_back()) && is_digit(inner.text.chars().next()) {
            let digits = inner.text.bytes().take_while(u8::is_ascii_digit).count();
            let whole = self
                .text
                .chars()
                .rev()
                .take_while(char::is_ascii_digit)
                .count();
            let has_mark = self
                .text
                .trim_end_matches(|c: char| c.is_ascii_digit())
                .ends_with([',', '.'])
                && whole == 2;
            let are_cents = name == "sup" || inner.own.has(Clues::CENTS) || digits == 2;
            self.text.push(if are_cents && digits <= 2 && !has_mark {
                ','
            } else {
                ' '
            });
        }
        if name == "br" {
            self.is_broken = true;
            self.text.push(BREAK);
        } else if is_inline(name) {
            self.is_broken |= inner.is_broken;
            self.add(&inner.text);
        } else {
            self.add(&inner.text.replace(BREAK, " "));
            self.text.push(BREAK);
        }
    }

    /// Its text as lines of the page: whole, or as line breaks part it.
    fn note_lines(&self, text: &str, sign: Option<&str>, scan: &mut Scan<'a>) {
        let is_of_page = !self.all.with(self.own).has(NOT_READ);
        let parts: Vec<&str> = match (sign, self.is_broken && !self.too_long) {
            (Some(sign), _) => vec![sign],
            (None, true) => self.text.split(BREAK).collect(),
            (None, false) => vec![text],
        };
        let leads_to_its_name = |text: &str| {
            let href = self.element.attr("href").filter(|_| self.name() == "a");
            href.is_some_and(|href| maker::is_address_of(href, text))
        };
        for part in parts {
            let part = tidy(&part.replace(LEFT_OUT, " "), MAX_TEXT);
            let fits = !part.is_empty() && part.len() <= MAX_LINE && scan.lines.len() < MAX_KEPT;
            if is_of_page && fits {
                let by_address = match leads_to_its_name(&part) {
                    true => Clues::MAKER,
                    false => Clues::NONE,
                };
                scan.lines.push(Line {
                    order: self.order,
                    clues: self.all.with(self.own).with(by_address),
                    is_leaf: !self.has_elements || sign.is_some(),
                    is_part: self.is_broken,
                    is_term: self.name() == "dt",
                    link: self.link.clone(),
                    text: part,
                });
            }
        }
    }

    pub(super) fn close(
        mut self,
        parent: Option<&mut Self>,
        scan: &mut Scan<'a>,
        boxes: &mut Boxes,
    ) {
        let text = if self.too_long {
            String::new()
        } else {
            tidy(&self.text, MAX_TEXT)
        };
        self.note_field(&text, scan);
        self.note_description(parent.as_deref(), &text, scan);
        self.note_bare(scan);
        self.note_heading(&text, scan);
        if self.too_long || text.len() > MAX_TEXT {
            self.note_runs(scan);
        } else if !text.is_empty() {
            self.note_price(&text, scan);
        }
        self.note_prose(scan);
        self.note_choice(scan);
        let sign = self.sign(parent.as_deref(), &text);
        self.note_lines(&text, sign.as_deref(), scan);
        self.note_framed(scan);
        self.note_aside(scan);
        self.note_box(parent.as_deref(), scan, boxes);
        let Some(parent) = parent else { return };
        self.note_label(&text, parent, scan);
        self.note_table(&text, parent, scan);
        let is_link = self.name() == "a" && self.element.attr("href").is_some();
        if is_link && !text.is_empty() && scan.links.len() < MAX_KEPT {
            scan.links.push(self.order);
        }
        let is_tab = is_link || self.name() == "button";
        if is_tab && !self.all.has(NOT_READ) {
            self.note_tab(&text, scan);
        }
        if is_link && parent.link.is_none() && !text.is_empty() {
            let href = self.element.attr("href").unwrap_or_default();
            parent.link = Some(Link {
                text: text.clone(),
                to_maker: leads_to_maker(href),
            });
        } else if parent.link.is_none() {
            parent.link.clone_from(&self.link);
        }
        if self.name() == "source"
            && self
                .element
                .attr("type")
                .is_none_or(|kind| !kind.contains("video"))
        {
            // For small screens alone.
            let media = self.element.attr("media").unwrap_or_default();
            let is_small = media.contains("max-width") && !media.contains("min-width");
            let set = self.element.attr("srcset").filter(|_| !is_small);
            parent.sources.extend(set.map(str::to_owned));
        }
        parent.has_elements |= !matches!(self.name(), "br" | "wbr");
        parent.has_link |= is_link || self.has_link;
        parent.has_picture |= self.name() == "img" || self.has_picture;
        parent.has_heading |= self.name() == "h1" || self.has_heading;
        self.hand_on_choices(parent);
        if matches!(self.name(), "dt" | "th" | "td" | "label") && text.len() <= MAX_TEXT {
            parent.label.clear();
            parent.is_labelling = false;
        }
        let heads_others = self.heads_others(&text, scan);
        // The heading may have a wrapper of its own around it.
        let only_heading = self.others_follow && !self.has_picture && text.len() <= 80;
        parent.others_follow |= heads_others || only_heading;
        parent.run_goes_on = false;
        if !is_inline(self.name()) && (!text.is_empty() || self.too_long) {
            parent.describes = clues::heads_description(self.name(), &text);
            self.hand_on_heading(parent, &text);
        }
        self.hand_on_ways(parent, &text);
        // Said in the place of the picture, behind the label.
        if let Some(sign) = sign.filter(|_| parent.ends_with_maker_label()) {
            self.text = sign;
        }
        parent.add_inner(&self);
        parent.is_labelling |= matches!(self.name(), "dt" | "th" | "td" | "label");
    }

    /// What follows a heading, where its name says so in place of its words, which may be of
    /// any language: `<div id="product_description"><h2>…</h2></div>`.
    fn hand_on_heading(&self, parent: &mut Self, text: &str) {
        let is_heading = matches!(self.name(), "h2" | "h3" | "h4" | "h5" | "h6");
        if is_heading {
            parent.headed += text.len();
        }
        let is_only_heading = !text.is_empty() && text.len() <= 80 && self.headed >= text.len();
        if !is_heading && !is_only_heading {
            return;
        }
        parent.describes |= is_only_heading && self.own.has(Clues::DESCRIPTION);
        let id = self.element.attr("id").unwrap_or_default();
        parent.reviews_follow = id.to_ascii_lowercase().contains("review");
    }

    /// Where its links lead: a box that leads to one page by a picture and by a
    /// name shows the product of that page.
    fn hand_on_ways(&self, parent: &mut Self, text: &str) {
        let is_own = self.name() == "a" && !self.all.has(Clues::FRAME);
        let own = self.element.attr("href").filter(|_| is_own);
        let own = own.filter(|href| leads_elsewhere(href)).map(|href| Way {
            to: href.to_owned(),
            shows: self.has_picture,
            names: text.chars().any(char::is_alphabetic),
        });
        for way in own.into_iter().chain(self.ways.iter().cloned()) {
            if let Some(known) = parent.ways.iter_mut().find(|known| known.to == way.to) {
                known.shows |= way.shows;
                known.names |= way.names;
            } else if parent.ways.len() < MAX_WAYS {
                parent.ways.push(way);
            }
        }
    }

    /// Whether it shows a product that has a page of its own.
    pub(super) fn shows_another(&self) -> bool {
        self.ways.iter().any(|way| way.shows && way.names)
    }

    fn heads_others(&self, text: &str, scan: &Scan<'_>) -> bool {
        let name = self.name();
        let is_named_so = || {
            let class = self.element.attr("class").unwrap_or_default();
            let class = class.to_ascii_lowercase();
            class.contains("title") || class.contains("head")
        };
        let is_heading = matches!(
            name,
            "h2" | "h3" | "h4" | "h5" | "h6" | "caption" | "legend" | "th"
        ) || matches!(name, "td" | "strong" | "b") && text.contains(' ')
            || name != "h1"
                && !is_inline(name)
                && !text.is_empty()
                && text.len() <= 80
                && is_named_so();
        // The product itself may be called "Accessories pouch".
        is_heading && clues::is_above_others(text) && !scan.names.contains(&squeezed(text))
    }
}
