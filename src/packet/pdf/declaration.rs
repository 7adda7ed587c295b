//! A form for a qualified person to complete and sign: 28 U.S.C. § 1746, for records
//! of an electronic process and data copied from one (Fed. R. Evid. 902(13), 902(14)).
//!
//! It states what the program can know, as facts, and leaves the rest blank. It draws
//! no conclusion of law. What is declared is in English, as the statute and the courts
//! it is for are; in another language a translation stands under each sentence, for the
//! person who signs it has to know what it says.

use super::metadata;
use crate::packet::PacketError;
use crate::packet::bag::Written;
use crate::packet::dossier::Dossier;
use crate::packet::report;
use crate::print::{Fonts, Language, Pages, SOFTWARE, Style, Words, isolated};

/// The form being set, and the language of the translation under it.
struct Form<'a> {
    pages: Pages<'a>,
    translation: Option<&'static Words>,
}

type Places<'a> = &'a [(&'a str, &'a str)];

impl Form<'_> {
    fn english(key: &str, places: Places<'_>) -> String {
        Words::of(Language::En).with(&format!("form.{key}"), places)
    }

    fn translated(&self, key: &str, places: Places<'_>) -> Option<String> {
        let words = self.translation?;
        Some(words.with(&format!("form.{key}"), places))
    }

    /// Both in one line, where it is short.
    fn both(&self, key: &str) -> String {
        let english = Self::english(key, &[]);
        match self.translated(key, &[]) {
            Some(other) if other != english => format!("{english} / {other}"),
            _ => english,
        }
    }

    fn heading(&mut self, key: &str) {
        let text = self.both(key);
        self.pages.heading(&text);
    }

    fn blank(&mut self, key: &str) {
        let text = self.both(key);
        self.pages.blank(&text);
    }

    fn says(&mut self, key: &str, places: Places<'_>) {
        self.pages.text(&Self::english(key, places), Style::BODY);
        if let Some(text) = self.translated(key, places) {
            self.pages.text(&text, Style::SOFT);
        }
        self.pages.space(4.0);
    }

    /// A sentence with numbers in it, which each language writes in its way.
    fn says_each(&mut self, key: &str, places: impl Fn(&Words) -> Vec<(&'static str, String)>) {
        let filled = |words: &Words| {
            let places = places(words);
            let places: Vec<_> = places
                .iter()
                .map(|(at, value)| (*at, value.as_str()))
                .collect();
            words.with(&format!("form.{key}"), &places)
        };
        self.pages
            .text(&filled(Words::of(Language::En)), Style::BODY);
        if let Some(words) = self.translation {
            self.pages.text(&filled(words), Style::SOFT);
        }
        self.pages.space(4.0);
    }

    fn tick(&mut self, key: &str) {
        self.pages.tick(&Self::english(key, &[]));
        if let Some(text) = self.translated(key, &[]) {
            self.pages.under_tick(&text);
        }
    }
}

/// Sets the form. `key` is the SHA-256 of the public key that signs the packet.
///
/// # Errors
/// When the document cannot be written.
pub(in crate::packet) fn declaration(
    dossier: &Dossier,
    files: &[Written],
    key: &str,
    fonts: &Fonts,
    language: Language,
) -> Result<Vec<u8>, PacketError> {
    let case = &dossier.case;
    let mut form = Form {
        pages: Pages::new(fonts),
        translation: (language != Language::En).then(|| Words::of(language)),
    };
    form.pages.space(8.0);
    form.pages.text(&form.both("title"), Style::TITLE);
    for note in ["intro", "translation"] {
        if note == "translation" && form.translation.is_none() {
            continue;
        }
        form.pages.text(&Form::english(note, &[]), Style::SOFT);
        if let Some(text) = form.translated(note, &[]) {
            form.pages.space(2.0);
            form.pages.text(&text, Style::SOFT);
        }
        form.pages.space(4.0);
    }
    form.heading("h_who");
    for line in ["name", "position", "knowledge"] {
        form.blank(line);
    }
    records(&mut form, dossier);
    hashes(&mut form, files);
    form.says("manifest", &[("{key}", key)]);
    process(&mut form, dossier);

    form.heading("h_did");
    form.tick("operated");
    form.tick("regular");
    form.blank("exceptions");
    form.tick("checked");
    form.blank("program");
    // With the lines for these.
    form.pages.need(130.0);
    form.tick("other");
    form.pages.blank("");
    form.pages.blank("");

    form.heading("h_declaration");
    form.tick("within");
    form.tick("outside");
    for line in ["date", "place", "signature"] {
        form.blank(line);
    }
    let header = format!(
        "Case {} · {} {} · {}",
        case.id, case.brand, case.product, case.source
    );
    let footer = format!(
        "{SOFTWARE} · {} · form, not signed by this program",
        dossier.exported_at
    );
    let title = format!("Declaration of a qualified person (form): case {}", case.id);
    let metadata = metadata(dossier, title, "en");
    let pages = form.pages;
    Ok(pages.finish(&header, &footer, "Page {n} of {of}", metadata)?)
}

/// What the records are of.
fn records(form: &mut Form<'_>, dossier: &Dossier) {
    let case = &dossier.case;
    form.heading("h_records");
    let title = isolated(&case.title);
    let seller = case.seller.as_deref().map(isolated);
    let mut places = vec![
        ("{item}", case.item_id.as_str()),
        ("{source}", case.source.as_str()),
        ("{url}", case.url.as_str()),
    ];
    let key = match &seller {
        Some(_) => "concern_seller",
        None => "concern",
    };
    places.extend(seller.as_deref().map(|seller| ("{seller}", seller)));
    places.push(("{title}", &title));
    form.says(key, &places);
    let times = dossier.captures.iter().map(|capture| capture.fetched_at);
    if let (Some(first), Some(last)) = (times.clone().min(), times.max()) {
        let count = dossier.captures.len().to_string();
        let (first, last) = (first.to_string(), last.to_string());
        form.says(
            "consist",
            &[("{n}", &count), ("{first}", &first), ("{last}", &last)],
        );
    }
    let (at, number) = (dossier.exported_at.to_string(), case.id.to_string());
    form.says("exported", &[("{at}", &at), ("{n}", &number)]);
}

/// The files that matter most, with their hashes.
fn hashes(form: &mut Form<'_>, files: &[Written]) {
    const NAMED: [&str; 7] = [
        "packet.json",
        "listing.json",
        "evidence.json",
        "custody.jsonl",
        "captures.wacz",
        "report.html",
        "report.pdf",
    ];
    let named = NAMED
        .iter()
        .filter_map(|name| files.iter().find(|file| file.path == *name));
    let pictures = files
        .iter()
        .filter(|file| file.path.starts_with("pictures/") || file.path.starts_with("references/"));
    let rows: Vec<Vec<String>> = named
        .chain(pictures)
        .map(|file| vec![format!("data/{}", file.path), file.sha256.clone()])
        .collect();
    form.pages
        .table(&[0.44, 0.56], &["File", "SHA-256"], &rows, Style::SMALL);
}

/// How the records came to be.
fn process(form: &mut Form<'_>, dossier: &Dossier) {
    form.heading("h_process");
    let origin = match dossier.warc.is_empty() {
        false => "requested",
        true => "imported",
    };
    form.says(origin, &[("{software}", SOFTWARE)]);
    form.says("log", &[]);
    form.says("compared", &[]);
    let model = dossier.case.model.as_str();
    form.says_each("score", |words| {
        let score = report::score(dossier, words);
        vec![("{score}", score), ("{model}", model.to_owned())]
    });
    form.says("clock", &[]);
}
