//! What an element says when it closes: a heading, a field, a price, a box of
//! other products.

use super::clues::{self, Clues};
use super::counts;
use super::description::said_at_length;
use super::former;
use super::frame::{Frame, MAX_TEXT};
use super::gallery;
use super::images;
use super::judge::{judge, judge_by};
use super::offered;
use super::pieces;
use super::scan::{ALONE, Boxes, Button, Heading, Held, MAX_KEPT, NOT_READ, Scan};
use super::spot::{self, Spot};
use super::texts;
use super::title;
use super::ways;
use crate::extract::structured::squeezed;
use crate::extract::text::{is_inline, tidy};

/// The longest text whose words are taken to speak of the price among them.
const MAX_JUDGED: usize = 110;
/// The longest text that is taken for the value behind a label, in bytes.
const MAX_VALUE: usize = 80;
/// The most places that say what the page calls itself.
const MAX_CALLED: usize = 20;
/// Classes that lay out what has them and do not tell it from other boxes.
const GRID: [&str; 8] = [
    "row",
    "columns",
    "column",
    "clearfix",
    "container",
    "grid",
    "flex",
    "d-flex",
];
/// The most places that are kept for a description.
const MAX_TEXTS: usize = 40;

impl<'a> Frame<'a> {
    pub(super) fn note_description(&self, parent: Option<&Self>, text: &str, scan: &mut Scan<'a>) {
        let elsewhere = NOT_READ.with(Clues::REVIEW);
        if self.all.has(elsewhere) {
            return;
        }
        let is_within = parent.is_some_and(|parent| parent.all.has(Clues::DESCRIPTION));
        let is_headed = parent.is_some_and(|parent| parent.describes)
            && !is_inline(self.name())
            && (self.too_long || said_at_length(text) > 20);
        let is_text = texts::is_text_box(self.element);
        let is_called = self.own.has(Clues::DESCRIPTION)
            || is_headed
            || is_text && texts::begins_with_heading(self.element);
        if is_called && !is_within && scan.descriptions.len() < MAX_TEXTS {
            scan.descriptions.push(self.element);
        }
        let is_paragraph = self.name() == "p" && !self.all.has(Clues::HIDDEN);
        if is_paragraph && scan.paragraphs.len() < MAX_TEXTS {
            scan.paragraphs.push((self.order, self.element));
        }
        let is_long = self.too_long || said_at_length(text) >= texts::MIN_SAID;
        if is_text && is_long && !self.all.has(texts::ELSEWHERE) && scan.texts.len() < MAX_TEXTS {
            scan.texts.push((self.order, self.element));
        }
    }

    /// A tab above the description, by what it says.
    pub(super) fn note_tab(&self, text: &str, scan: &mut Scan<'a>) {
        let attr = |name: &str| self.element.attr(name).unwrap_or_default();
        let named = [attr("href"), attr("data-bs-target"), attr("data-target")];
        let led_to = named.into_iter().find_map(|it| it.strip_prefix('#'));
        let id = led_to.unwrap_or(attr("aria-controls"));
        if !id.is_empty()
            && text.len() <= MAX_VALUE
            && clues::is_description_tab(text)
            && scan.described.len() < MAX_TEXTS
        {
            scan.described.push(id.to_owned());
        }
    }

    pub(super) fn note_heading(&self, text: &str, scan: &mut Scan<'a>) {
        let level = match self.name() {
            "h1" => 1,
            "h2" => 2,
            "h3" => 3,
            _ if self.own.has(Clues::TITLE) => 4,
            "h4" | "h5" | "h6" => 5,
            "body" | "html" => {
                scan.is_named_product |= self.own.has(Clues::PRODUCT);
                return;
            }
            _ => {
                scan.is_named_product |= self.own.has(Clues::PRODUCT);
                self.note_called(text, scan);
                return;
            }
        };
        scan.is_named_product |= self.own.has(Clues::PRODUCT);
        if scan.headings.len() < MAX_KEPT && !text.is_empty() {
            let is_name = |text: &str| scan.names.first() == Some(&squeezed(text));
            let mut parts = title::parts(self.element).into_iter();
            scan.headings.push(Heading {
                element: self.element,
                order: self.order,
                clues: self.all,
                level,
                is_name: is_name(text),
                has_name: is_name(text) || parts.any(|part| is_name(&part)),
                text: text.to_owned(),
            });
        }
    }

    /// On pages without headings the name stands anywhere, alone in its element, or printed
    /// like a heading.
    fn note_called(&self, text: &str, scan: &mut Scan<'a>) {
        let elsewhere = NOT_READ.with(Clues::HIDDEN).with(Clues::DECORATION);
        let may_be = !matches!(
            self.name(),
            "a" | "li" | "title" | "option" | "label" | "button"
        );
        let name = match self.runs.as_slice() {
            // With the article's number in an element of its own.
            [name] if self.has_elements && title::has_number(self.element) => name.as_str(),
            _ if self.has_elements => "",
            _ => text,
        };
        let is_alone = may_be && !name.trim().is_empty();
        if !is_alone || self.all.with(self.own).has(elsewhere) {
            return;
        }
        let is_name = scan.is_called(&squeezed(name));
        let said = || Heading {
            element: self.element,
            order: self.order,
            clues: self.all,
            level: 6,
            is_name,
            has_name: is_name,
            text: text.to_owned(),
        };
        if is_name && scan.called.len() < MAX_CALLED {
            scan.called.push(said());
        }
        if !self.has_elements && offered::is_set_off(self.element) && scan.set_off.len() < MAX_KEPT
        {
            scan.set_off.push(said());
        }
    }

    /// Buttons, quantity fields, pictures.
    pub(super) fn note_field(&self, text: &str, scan: &mut Scan<'a>) {
        let attr = |name: &str| self.element.attr(name).unwrap_or_default();
        if !self.all.has(NOT_READ)
            && let Some(any) = counts::has_any(self.element)
        {
            scan.counted = Some(any || scan.counted == Some(true));
        }
        if self.all.has(Clues::GALLERY) && scan.pictures.len() < MAX_KEPT {
            let background = gallery::background(self.element, self.order, self.all);
            scan.pictures.extend(background);
        }
        match self.name() {
            "img" if scan.pictures.len() < MAX_KEPT => {
                scan.pictures
                    .extend(images::picture(self.element, self.order, self.all));
            }
            "picture" if !self.sources.is_empty() => {
                if let Some(picture) = scan
                    .pictures
                    .last_mut()
                    .filter(|picture| picture.order > self.order)
                {
                    picture.add_sources(&self.sources);
                }
            }
            "a" if self.has_picture
                || text.is_empty()
                || !clues::is_buying(text) && !self.own.has(Clues::BUY) =>
            {
                let elsewhere = Clues::RELATED.with(Clues::CARD).with(Clues::FRAME);
                scan.contacts |= !self.all.has(elsewhere) && clues::is_contacting(text);
                for picture in &mut scan.pictures[self.first_picture..] {
                    picture.add_link(attr("href"));
                    picture.add_link(attr("data-image"));
                    picture.way = self.element.attr("href").map(str::to_owned);
                }
                if self.has_picture && text.is_empty() && self.is_pictured_button() {
                    self.note_button(&images::words_of(self.element), scan);
                }
                if !self.has_picture && scan.pictures.len() < MAX_KEPT {
                    scan.pictures
                        .extend(images::linked(self.element, self.order, self.all));
                }
            }
            "a" if ways::leads_to_cart(attr("href")) => {}
            "button" | "a" => self.note_button(text, scan),
            "input" if matches!(attr("type"), "submit" | "button" | "image") => {
                let words = [attr("value"), attr("alt"), attr("title")].join(" ");
                self.note_button(words.trim(), scan);
            }
            "input" if self.is_choice() => self.keep_choice(scan),
            "input" | "select" => {
                let name = attr("name").to_ascii_lowercase();
                let is_quantity = [
                    "qty",
                    "quantity",
                    "menge",
                    "anzahl",
                    "qte",
                    "cantidad",
                    "quantidade",
                    "antal",
                    "cantitate",
                    "soluong",
                    "units",
                    "count",
                    "kolicina",
                    "mnozstvi",
                    "aantal",
                    "maara",
                    "adet",
                    "ilosc",
                    "amount",
                ]
                .iter()
                .any(|word| name.contains(word));
                scan.asks_quantity |= is_quantity
                    && !self
                        .all
                        .has(Clues::RELATED.with(Clues::FRAME).with(Clues::CARD));
            }
            // Made to look like one, and not what stands around one.
            _ if text.len() <= 80
                && self.first_button == scan.buttons.len()
                && self.acts_as_button()
                && clues::is_buying(text) =>
            {
                self.note_button(text, scan);
            }
            _ => {}
        }
    }

    /// A link that shows a button: what stands for its picture says so, else where it leads.
    fn is_pictured_button(&self) -> bool {
        let href = self.element.attr("href").unwrap_or_default();
        clues::is_buying(&images::words_of(self.element)) || ways::adds_to_cart(href)
    }

    fn acts_as_button(&self) -> bool {
        let element = self.element.value();
        element.attr("role") == Some("button")
            || self.name().ends_with("-button")
            || element.classes().take(20).any(|class| {
                let mut words = class.split(['-', '_']);
                words.any(|word| matches!(word, "btn" | "button"))
            })
    }

    fn note_button(&self, text: &str, scan: &mut Scan<'a>) {
        // Beside the advertisement, often in a column of its own.
        let elsewhere = Clues::RELATED.with(Clues::CARD);
        scan.contacts |= !self.all.has(elsewhere) && clues::is_contacting(text);
        scan.bids |= !self.all.has(elsewhere) && clues::is_bidding(text);
        let speaks_of_stock =
            || text.len() <= 80 && crate::extract::availability::parse(text).is_some();
        let adds = ways::adds_to_cart(self.element.attr("href").unwrap_or_default());
        let buys = clues::is_buying(text) || adds;
        if scan.buttons.len() < MAX_KEPT && (self.own.has(Clues::BUY) || buys || speaks_of_stock())
        {
            scan.buttons.push(Button {
                order: self.order,
                clues: self.all,
                text: text.to_owned(),
                buys,
                disabled: self.element.attr("disabled").is_some(),
            });
        }
    }

    /// Lets the name beside it in a list of names and values judge a price.
    pub(super) fn note_label(&self, text: &str, parent: &Self, scan: &mut Scan<'a>) {
        // An empty text is that of an element with far more in it than a value.
        if text.is_empty() || text.len() > MAX_VALUE || !parent.is_labelling {
            return;
        }
        let Some(spot) = scan.spots.get_mut(self.first_spot) else {
            return;
        };
        let lead = text.split(|c: char| c.is_numeric()).next().unwrap_or(text);
        let has_own_label = lead.chars().filter(|c| c.is_alphabetic()).count() > 3;
        if !has_own_label && !self.all.has(Clues::RELATED) {
            judge_by(&parent.label, spot);
        }
    }

    /// Registers the smallest element that holds a whole price, and lets the
    /// elements around it add what they say of it.
    pub(super) fn note_price(&self, text: &str, scan: &mut Scan<'a>) {
        if matches!(self.name(), "html" | "body" | "main") || text.len() > MAX_TEXT {
            return;
        }
        let inside = self.first_spot..scan.spots.len();
        if pieces::of_one_amount(&scan.spots[inside], text) {
            scan.spots.truncate(self.first_spot);
        }
        let inside = self.first_spot..scan.spots.len();
        // Those struck out are left out of the text: the price may be beside.
        let is_visible = |spot: &Spot| text.contains(&spot.raw);
        let holds_none = !scan.spots[inside.clone()].iter().any(is_visible);
        match if holds_none { 0 } else { inside.len() } {
            0 => {
                let before = scan.spots.len();
                // A longer text is that of elements that held no price.
                let is_worth_a_look =
                    !self.has_elements || text.chars().count() <= 60 || self.own.has(Clues::PRICE);
                if is_worth_a_look
                    && scan.spots.len() < MAX_KEPT
                    && (self.own.has(Clues::PRICE)
                        || text.bytes().any(|b| b.is_ascii_digit() || b >= 0x80))
                    && let Some(spot) =
                        spot::read(text, self.order, self.all, self.own, self.name())
                {
                    scan.spots.push(spot);
                    let last = scan.spots.len() - 1;
                    if !scan.spots[last].clues.has(Clues::RELATED) {
                        judge(&mut scan.spots[last..], text);
                    }
                }
                if scan.spots.len() == before && self.has_elements {
                    self.note_runs(scan);
                }
            }
            1..=8 => {
                self.note_runs(scan);
                let spots = &mut scan.spots[inside];
                // A wrapper around nothing but the price says nothing new.
                let says_more = !matches!(&*spots, [spot] if spot.raw == text);
                if let [spot] = &mut *spots
                    && says_more
                {
                    spot.complete(text);
                }
                // What is said of other products' prices changes nothing.
                let is_of_page = !self.all.has(Clues::RELATED);
                if says_more && is_of_page && text.len() <= MAX_JUDGED {
                    judge(spots, text);
                }
                former::mark_repeated(spots);
                for spot in spots.iter_mut() {
                    spot.add_clues(self.own, self.name(), text.len());
                }
            }
            _ => {}
        }
    }

    /// Registers prices in its own text, beside those of elements in it.
    pub(super) fn note_runs(&self, scan: &mut Scan<'a>) {
        for run in &self.runs {
            let run = tidy(run, MAX_TEXT);
            if !run.bytes().any(|b| b.is_ascii_digit()) || scan.spots.len() >= MAX_KEPT {
                continue;
            }
            let Some(spot) = spot::read(&run, self.order, self.all, Clues::NONE, self.name())
            else {
                continue;
            };
            // Without a sign it may be a part of what stands beside.
            if spot.parsed.symbol.is_none() {
                continue;
            }
            scan.spots.push(spot);
            let last = scan.spots.len() - 1;
            if !self.all.has(Clues::RELATED) {
                judge(&mut scan.spots[last..], &run);
            }
        }
    }

    /// What has been noted since it was opened.
    pub(super) fn held(&self, scan: &Scan<'a>) -> Held {
        Held {
            spots: self.first_spot..scan.spots.len(),
            buttons: self.first_button..scan.buttons.len(),
            pictures: self.first_picture..scan.pictures.len(),
            lines: self.first_line..scan.lines.len(),
        }
    }

    /// A box with a price, a link and a picture; several alike are a list, and
    /// one that leads to the page of its product is that of another.
    pub(super) fn note_box(&mut self, parent: Option<&Self>, scan: &Scan<'a>, boxes: &mut Boxes) {
        let spots = self.first_spot..scan.spots.len();
        // What leads to one page twice may be the help, at the head and at the foot.
        let is_page = matches!(self.name(), "html" | "body");
        if is_page
            || spots.is_empty()
            || spots.len() > 6
            || !self.has_link
            || !self.has_picture
            || self.has_heading
        {
            return;
        }
        let Some(parent) = parent else { return };
        // The page's own product, whatever stands around it.
        let is_inside = |heading: &&Heading<'_>| heading.order > self.order;
        let mut headings = scan.headings.iter().rev().take_while(is_inside);
        let is_called =
            scan.headings.is_empty() && scan.called.last().is_some_and(|it| is_inside(&it));
        if is_called || headings.any(|heading| heading.has_name) {
            return;
        }
        let held = self.held(scan);
        if self.shows_another() && self.name() != "tr" {
            let name = format!("{ALONE}{:?}", self.element.id());
            boxes
                .entry((parent.element.id(), name))
                .or_default()
                .push(held.clone());
            // What stands around it is not the box of that product.
            self.ways.clear();
        }
        let class = self.element.attr("class").unwrap_or_default();
        // The name of a grid says nothing of what stands in it.
        let mut classes = class.split_whitespace();
        let class = classes.find(|class| !GRID.contains(class)).unwrap_or("");
        boxes
            .entry((parent.element.id(), format!("{} {class}", self.name())))
            .or_default()
            .push(held);
    }
}
