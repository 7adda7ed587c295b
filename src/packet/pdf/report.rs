//! The report, from the same data as `report.html`.

use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value;

use super::align::aligned;
use super::metadata;
use super::ready::Ready;
use crate::packet::PacketError;
use crate::packet::bag::Written;
use crate::packet::dossier::Dossier;
use crate::packet::files::PictureFile;
use crate::packet::held::Held;
use crate::packet::reasons::reasons;
use crate::packet::report;
use crate::packet::timeline::timeline;
use crate::print::{CAPTION, Fonts, Language, Pages, SOFTWARE, Shown, Style, Words, isolated};
use crate::store::listings::Capture;

/// How high they are set at most, in points.
const HIGHEST: f32 = 250.0;
/// How high they must be to be seen well, in points.
const LOWEST: f32 = 170.0;
/// The most corners of an outline.
const MAX_CORNERS: usize = 100;
/// The most rows of a table.
const MAX_ROWS: usize = 5_000;

/// The most other pictures of a listing that are shown.
const MAX_OTHERS: usize = 60;
/// The longest side of these, in pixels.
const SMALL: u32 = 240;
/// How wide pictures of pages are, in pixels.
const WIDE: u32 = 1_100;
/// Over how many pages one of them goes at most.
const MAX_PARTS: usize = 6;
/// The most characters of a title in a heading; all of it stands below.
const MAX_TITLE: usize = 180;

/// A picture of a page, and its bytes.
pub(in crate::packet) type Screenshot<'a> = (&'a Capture, Rc<Vec<u8>>);

/// The bytes of the pictures that are shown.
pub(in crate::packet) struct Pictures<'a> {
    /// The one that matched.
    pub listing: Option<&'a [u8]>,
    /// What it matched.
    pub reference: Option<Arc<Ready>>,
    /// The listing's other pictures.
    pub others: Vec<&'a PictureFile>,
    /// Pictures of the page as a browser showed it.
    pub screenshots: Vec<Screenshot<'a>>,
    /// Where the others are read from.
    pub held: &'a Held<'a>,
}

/// Sets the report.
///
/// # Errors
/// When the document cannot be written.
pub(in crate::packet) fn report(
    dossier: &Dossier,
    pictures: &Pictures<'_>,
    files: &[Written],
    fonts: &Fonts,
    language: Language,
    outward: bool,
) -> Result<Vec<u8>, PacketError> {
    let words = Words::of(language);
    let case = &dossier.case;
    let number = words.with("case", &[("{n}", &case.id.to_string())]);
    let mut pages = Pages::new(fonts);
    cover(&mut pages, words, dossier, &number, outward);
    found(&mut pages, words, dossier);
    shown(&mut pages, words, dossier, pictures, outward);
    others(&mut pages, words, pictures)?;
    screenshots(&mut pages, words, pictures);
    score(&mut pages, words, dossier, language);
    rights(&mut pages, words, dossier);
    history(&mut pages, words, dossier);
    captures(&mut pages, words, dossier);
    hashes(&mut pages, words, files);
    pages.heading(words.get("s_verify"));
    for key in [
        "verify_bag",
        "verify_sign",
        "verify_time",
        "verify_web",
        "verify_all",
    ] {
        pages.text(words.get(key), Style::BODY);
        pages.space(3.0);
    }
    let header = format!(
        "{number} · {} {} · {}",
        case.brand, case.product, case.source
    );
    let footer = format!("{SOFTWARE} · {}", dossier.exported_at);
    let title = words.with(
        "titled",
        &[("{n}", words.get("title")), ("{title}", &number)],
    );
    let metadata = metadata(dossier, title, language.code());
    Ok(pages.finish(&header, &footer, words.get("page"), metadata)?)
}

fn cover(pages: &mut Pages<'_>, words: &Words, dossier: &Dossier, number: &str, outward: bool) {
    let case = &dossier.case;
    pages.space(10.0);
    pages.text(words.get("title"), Style::TITLE);
    pages.space(2.0);
    let title = isolated(&shortened(&case.title, MAX_TITLE));
    let titled = words.with("titled", &[("{n}", number), ("{title}", &title)]);
    pages.text(&titled, Style::HEADING);
    pages.space(6.0);
    let exported = report::exported(dossier, words);
    pages.text(&exported, Style::SOFT);
    let form = if outward { "form_outward" } else { "form_full" };
    pages.text(words.get(form), Style::SOFT);
    let recorded = format!("{} {}", words.get("utc"), words.get("as_recorded"));
    pages.text(&recorded, Style::SOFT);
}

fn found(pages: &mut Pages<'_>, words: &Words, dossier: &Dossier) {
    pages.heading(words.get("s_found"));
    for (label, value) in report::found(dossier, words) {
        pages.field(label, &value);
    }
}

/// Both pictures, and one laid onto the other.
fn shown(
    pages: &mut Pages<'_>,
    words: &Words,
    dossier: &Dossier,
    pictures: &Pictures<'_>,
    outward: bool,
) {
    let evidence = &dossier.case.evidence.0["picture"];
    let listing = pictures.listing.and_then(Ready::made);
    let reference = pictures.reference.as_deref();
    let size = dossier
        .case
        .picture_width
        .zip(dossier.case.picture_height)
        .filter(|(w, h)| *w > 0 && *h > 0);
    let region = match size {
        Some((w, h)) => corners(&evidence["region"], w as f64, h as f64),
        None => Vec::new(),
    };
    let reference_region = corners(&evidence["reference_region"], 1.0, 1.0);
    let mut side_by_side = Vec::new();
    for (picture, outline, caption) in [
        (listing.as_ref(), &region, "c_listing"),
        (reference, &reference_region, "c_reference"),
    ] {
        side_by_side.extend(picture.map(|picture| picture.shown(outline, words.get(caption))));
    }
    // Smaller where they then fit on the page that is begun.
    let room = pages.room() - CAPTION;
    let most = match room >= LOWEST {
        true => room.min(HIGHEST),
        false => HIGHEST,
    };
    let high = match side_by_side.is_empty() {
        true => 0.0,
        false => Pages::height_of(&side_by_side, most),
    };
    pages.heading_of(words.get("s_pictures"), high + CAPTION + 24.0);
    pages.pictures(&side_by_side, most);
    if listing.is_none() {
        let why = report::no_picture(words, !pictures.others.is_empty());
        pages.text(why, Style::BODY);
    }
    if reference.is_none() {
        let why = report::no_reference(dossier, words, outward);
        pages.text(&why, Style::BODY);
    }
    if let Some(transform) = evidence["transform"].as_str() {
        pages.field(words.get("f_transform"), &words.transform(transform));
    }
    // Nothing is decoded again where there is no outline to lay by.
    let both = listing.as_ref().zip(reference);
    if let Some((listing, reference)) = both.filter(|_| !region.is_empty())
        && let Some((listing, reference)) = listing.pixels().zip(reference.pixels())
        && let Some((laid, same)) = aligned(&listing, &reference, &region, &reference_region)
    {
        let pair: Vec<Shown> = [(laid, "c_laid"), (same, "c_same")]
            .iter()
            .filter_map(|(picture, key)| Some(Ready::of(picture)?.shown(&[], words.get(key))))
            .collect();
        pages.pictures(&pair, 220.0);
    }
}

/// The listing's other pictures, small.
fn others(
    pages: &mut Pages<'_>,
    words: &Words,
    pictures: &Pictures<'_>,
) -> Result<(), PacketError> {
    let mut small = Vec::new();
    for file in pictures.others.iter().take(MAX_OTHERS) {
        let bytes = pictures.held.get(&file.blob)?;
        // Files are named by the picture's place in the listing.
        let name = file.path.trim_start_matches("pictures/");
        let place = name.split('-').next();
        let picture = Ready::within(&bytes, SMALL);
        small.extend(picture.map(|picture| picture.shown(&[], place.unwrap_or_default())));
    }
    if pictures.others.is_empty() {
        return Ok(());
    }
    pages.need(130.0);
    pages.text(words.get("others"), Style::SOFT);
    pages.strip(&small);
    let left = pictures.others.len() - small.len();
    if left > 0 {
        let said = words.with("others_more", &[("{n}", &left.to_string())]);
        pages.text(&said, Style::SOFT);
    }
    Ok(())
}

/// The page as a browser showed it, over as many pages as it is high.
fn screenshots(pages: &mut Pages<'_>, words: &Words, pictures: &Pictures<'_>) {
    for (capture, bytes) in &pictures.screenshots {
        let parts = Ready::sliced(bytes, WIDE, Pages::part_of_width(), MAX_PARTS);
        let caption = report::caption(capture, words);
        for (number, part) in parts.iter().enumerate() {
            let caption = match parts.len() {
                1 => caption.clone(),
                count => format!("{caption} ({}/{count})", number + 1),
            };
            pages.pictures(&[part.shown(&[], &caption)], f32::MAX);
        }
    }
}

/// The beginning of a text, with a sign where something was left out.
fn shortened(text: &str, most: usize) -> String {
    let mut short: String = text.chars().take(most).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Corners as shares of a picture's sides; none where one is no number.
fn corners(region: &Value, width: f64, height: f64) -> Vec<(f64, f64)> {
    let points: Option<Vec<(f64, f64)>> = region
        .as_array()
        .into_iter()
        .flatten()
        .take(MAX_CORNERS)
        .map(|point| {
            let (x, y) = (point[0].as_f64()? / width, point[1].as_f64()? / height);
            (x.is_finite() && y.is_finite()).then_some((x, y))
        })
        .collect();
    points.unwrap_or_default()
}

fn score(pages: &mut Pages<'_>, words: &Words, dossier: &Dossier, language: Language) {
    let case = &dossier.case;
    pages.heading(words.get("s_score"));
    pages.field(words.get("f_score"), &report::score(dossier, words));
    pages.field(words.get("f_model"), &case.model);
    pages.field(words.get("f_hash"), &case.evidence_hash);
    let reasons = reasons(dossier, language);
    let note = report::recorded_note(&reasons, words);
    let rows: Vec<Vec<String>> = reasons
        .into_iter()
        .take(MAX_ROWS)
        .map(|reason| {
            let text = match reason.as_recorded {
                true => format!("{} {}", reason.text, words.get("recorded_mark")),
                false => reason.text,
            };
            vec![text, reason.bits]
        })
        .collect();
    pages.space(6.0);
    let head = [words.get("t_reason"), words.get("t_weight")];
    pages.table(&[0.86, 0.14], &head, &rows, Style::BODY);
    if let Some(note) = note {
        pages.text(&note, Style::SOFT);
    }
    pages.text(words.get("score_note"), Style::SOFT);
}

fn rights(pages: &mut Pages<'_>, words: &Words, dossier: &Dossier) {
    pages.heading(words.get("s_right"));
    if dossier.rights.is_empty() {
        pages.text(words.get("none"), Style::BODY);
        return;
    }
    let rows: Vec<Vec<String>> = report::rights(dossier, words)
        .into_iter()
        .map(Vec::from)
        .collect();
    let head = [
        "t_kind",
        "t_number",
        "t_place",
        "t_classes",
        "t_owner",
        "t_expiry",
    ]
    .map(|key| words.get(key));
    let widths = [0.15, 0.2, 0.12, 0.12, 0.27, 0.14];
    pages.table(&widths, &head, &rows, Style::BODY);
}

fn history(pages: &mut Pages<'_>, words: &Words, dossier: &Dossier) {
    pages.heading(words.get("s_timeline"));
    let rows: Vec<Vec<String>> = timeline(dossier, words)
        .into_iter()
        .take(MAX_ROWS)
        .map(|moment| vec![moment.at.to_string(), moment.who, moment.what])
        .collect();
    let head = ["t_when", "t_who", "t_what"].map(|key| words.get(key));
    pages.table(&[0.25, 0.14, 0.61], &head, &rows, Style::SMALL);
    if dossier.notices.is_empty() {
        return;
    }
    pages.heading(words.get("s_notices"));
    let rows: Vec<Vec<String>> = dossier
        .notices
        .iter()
        .map(|notice| {
            vec![
                notice.created_at.to_string(),
                words.channel(&notice.channel).to_owned(),
                words.of_table("step", &notice.state),
                notice.subject.clone(),
            ]
        })
        .collect();
    let head = ["t_when", "t_channel", "t_state", "t_subject"].map(|key| words.get(key));
    pages.table(&[0.25, 0.16, 0.14, 0.45], &head, &rows, Style::SMALL);
}

fn captures(pages: &mut Pages<'_>, words: &Words, dossier: &Dossier) {
    pages.heading(words.get("s_captures"));
    let rows: Vec<Vec<String>> = dossier
        .captures
        .iter()
        .take(MAX_ROWS)
        .map(|capture| {
            let peer = capture.peer.clone().unwrap_or_default();
            vec![
                capture.fetched_at.to_string(),
                format!("{} {peer}", capture.final_url),
                capture.status.to_string(),
                capture.blob.clone(),
            ]
        })
        .collect();
    let head = [
        words.get("t_when"),
        words.get("t_address"),
        words.get("t_status"),
        "SHA-256",
    ];
    pages.table(&[0.2, 0.34, 0.08, 0.38], &head, &rows, Style::SMALL);
}

fn hashes(pages: &mut Pages<'_>, words: &Words, files: &[Written]) {
    pages.heading(words.get("s_files"));
    let rows: Vec<Vec<String>> = files
        .iter()
        .take(MAX_ROWS)
        .map(|file| vec![file.path.clone(), file.sha256.clone()])
        .collect();
    let head = [words.get("t_file"), "SHA-256"];
    pages.table(&[0.44, 0.56], &head, &rows, Style::SMALL);
}
