//! The report of a packet: one page to read and print, with nothing to load but
//! the packet's own pictures. Everything in it is escaped; it has no script.

use std::collections::BTreeSet;

use askama::Template;
use serde_json::Value;

use super::PacketError;
use super::bag::Written;
use super::dossier::Dossier;
use super::files::PictureFile;
use super::reasons::{Reason, reasons};
use super::timeline::{Moment, timeline};
use crate::print::{Language, Words};
use crate::store::listings::Capture;

/// The kind of capture that is a picture of a page.
const SCREENSHOT: &str = "screenshot";

#[derive(Template)]
#[template(path = "packet/templates/report.html")]
struct Report<'a> {
    w: &'static Words,
    language: &'static str,
    d: &'a Dossier,
    number: String,
    heading: String,
    exported: String,
    form: &'a str,
    state: String,
    picture: Option<Shown>,
    reference: Option<&'a str>,
    /// Why there is no picture, or no reference photo.
    missing: (&'a str, String),
    /// The other pictures of the listing.
    others: Vec<String>,
    /// Pictures of the page: file and caption.
    screenshots: Vec<(String, String)>,
    /// What was found: a label and a value each.
    found: Vec<(&'a str, String)>,
    score: String,
    transform: Option<String>,
    reasons: Vec<Reason>,
    /// Why some of them are in English all the same.
    recorded_note: Option<String>,
    rights: Vec<[String; 6]>,
    timeline: Vec<Moment>,
    notices: Vec<Noticed<'a>>,
    fields: Vec<Field>,
    captures: Vec<Captured<'a>>,
    files: &'a [Written],
}

/// A notice, and how it stands.
struct Noticed<'a> {
    subject: &'a str,
    state: String,
    drafted: String,
    body: &'a str,
}

/// A capture in words.
struct Captured<'a> {
    at: String,
    what: String,
    url: &'a str,
    answered: Option<String>,
    sha256: &'a str,
}

/// The picture that matched, with the region over it.
struct Shown {
    path: String,
    /// Size in pixels and the region's corners for an SVG, when both are known.
    overlay: Option<(i64, i64, String)>,
}

/// A value of the listing and where it was read.
struct Field {
    name: String,
    source: String,
    raw: String,
    /// What else the page said.
    beaten: Vec<String>,
}

/// Renders the report.
///
/// # Errors
/// When the template fails.
pub(super) fn render(
    dossier: &Dossier,
    picture: Option<&PictureFile>,
    reference: Option<&PictureFile>,
    files: &[Written],
    language: Language,
    outward: bool,
) -> Result<String, PacketError> {
    let w = Words::of(language);
    let case = &dossier.case;
    let evidence = &case.evidence.0;
    let shown = picture.map(|file| Shown {
        path: file.path.clone(),
        overlay: overlay(dossier, file, &evidence["picture"]["region"]),
    });
    let others: Vec<String> = files
        .iter()
        .map(|file| &file.path)
        .filter(|path| path.starts_with("pictures/") && Some(*path) != picture.map(|p| &p.path))
        .cloned()
        .collect();
    let missing = (
        no_picture(w, !others.is_empty()),
        no_reference(dossier, w, outward),
    );
    let number = w.with("case", &[("{n}", &case.id.to_string())]);
    let transform = evidence["picture"]["transform"].as_str();
    let said = reasons(dossier, language);
    let report = Report {
        w,
        language: language.code(),
        heading: w.with("titled", &[("{n}", &number), ("{title}", "")]),
        number,
        exported: exported(dossier, w),
        form: w.get(if outward { "form_outward" } else { "form_full" }),
        state: w.of_table("state", &case.state),
        picture: shown,
        reference: reference.map(|file| file.path.as_str()),
        others,
        screenshots: screenshots(dossier, w),
        missing,
        found: found(dossier, w),
        score: score(dossier, w),
        transform: transform.map(|done| w.transform(done)),
        recorded_note: recorded_note(&said, w),
        reasons: said,
        rights: rights(dossier, w),
        timeline: timeline(dossier, w),
        notices: noticed(dossier, w),
        fields: fields(&dossier.listing.data.0, w),
        captures: captured(dossier, w),
        files,
        d: dossier,
    };
    Ok(report.render()?)
}

/// The last picture of each page as a browser showed it, the latest first; the others
/// are among the captures.
pub(super) fn last_screenshots(dossier: &Dossier) -> Vec<&Capture> {
    let taken = dossier.captures.iter();
    let mut taken: Vec<_> = taken.filter(|capture| capture.kind == SCREENSHOT).collect();
    taken.sort_by_key(|capture| std::cmp::Reverse((capture.fetched_at, capture.id)));
    let mut seen = BTreeSet::new();
    taken.retain(|capture| seen.insert(&capture.final_url));
    taken
}

fn screenshots(dossier: &Dossier, w: &Words) -> Vec<(String, String)> {
    last_screenshots(dossier)
        .into_iter()
        .map(|capture| (format!("captures/{}.body", capture.id), caption(capture, w)))
        .collect()
}

/// What stands under a picture of the page: its address and time.
pub(super) fn caption(capture: &Capture, w: &Words) -> String {
    let what = format!("{}, {}", capture.final_url, capture.fetched_at);
    w.with("screenshot", &[("{what}", &what)])
}

/// Why no picture of the listing is shown as the one that matched.
pub(super) fn no_picture(w: &Words, others: bool) -> &str {
    w.get(if others {
        "no_picture"
    } else {
        "no_listing_picture"
    })
}

/// Why no reference photo is shown.
pub(super) fn no_reference(dossier: &Dossier, w: &Words, outward: bool) -> String {
    if let Some(label) = dossier.case.listed_hash() {
        return w.with("by_hash", &[("{what}", label)]);
    }
    let why = match (&dossier.case.reference_blob, dossier.references.is_empty()) {
        (Some(_), _) if outward => "withheld_reference",
        (_, true) => "no_reference",
        _ => "no_reference_matched",
    };
    w.get(why).to_owned()
}

/// When it was written, by what.
pub(super) fn exported(dossier: &Dossier, w: &Words) -> String {
    let at = dossier.exported_at.to_string();
    let version = env!("CARGO_PKG_VERSION");
    w.with("exported", &[("{at}", &at), ("{version}", version)])
}

/// The probability, rounded down: no estimate is shown as certain.
pub(super) fn score(dossier: &Dossier, w: &Words) -> String {
    let tenths = (dossier.case.score * 1000.0).floor();
    w.percent(&format!("{:.1}", tenths / 10.0))
}

/// What is said under reasons some of which stand in the English they were recorded in.
pub(super) fn recorded_note(reasons: &[Reason], w: &Words) -> Option<String> {
    let any = reasons.iter().any(|reason| reason.as_recorded);
    let mark = w.get("recorded_mark");
    any.then(|| w.with("recorded_note", &[("{mark}", mark)]))
}

/// What was found, where and when: labels and values.
pub(super) fn found<'a>(dossier: &Dossier, w: &'a Words) -> Vec<(&'a str, String)> {
    let (case, listing) = (&dossier.case, &dossier.listing);
    let unknown = || w.get("unknown").to_owned();
    let price = |amount: &Option<String>, currency: &Option<String>| {
        w.money(amount.as_deref(), currency.as_deref())
    };
    let kind = case.decided_kind.as_deref().or(case.kind.as_deref());
    let ratio = case.evidence.0["price_ratio"].as_f64();
    [
        ("f_title", case.title.clone()),
        ("f_marketplace", case.source.clone()),
        ("f_address", case.url.clone()),
        ("f_item", case.item_id.clone()),
        ("f_seller", listing.seller.clone().unwrap_or_else(unknown)),
        ("f_price", price(&case.price_amount, &case.price_currency)),
        ("f_list_price", price(&case.msrp, &case.msrp_currency)),
        (
            "f_ratio",
            ratio.map_or_else(unknown, |ratio| w.percent(&format!("{:.0}", ratio * 100.0))),
        ),
        ("f_first", listing.first_seen_at.to_string()),
        ("f_last", listing.last_seen_at.to_string()),
        ("f_times", listing.times_seen.to_string()),
        (
            "f_product",
            format!("{} {} ({})", case.brand, case.product, case.sku),
        ),
        ("f_state", w.of_table("state", &case.state)),
        (
            "f_kind",
            kind.map_or_else(unknown, |kind| w.of_table("kind", kind)),
        ),
    ]
    .into_iter()
    .map(|(key, value)| (w.get(key), value))
    .collect()
}

/// The rights: kind, number, place, classes, owner, expiry.
pub(super) fn rights(dossier: &Dossier, w: &Words) -> Vec<[String; 6]> {
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
    let rights = dossier.rights.iter();
    rights
        .map(|right| {
            [
                w.of_table("right", &right.kind),
                text(&right.number),
                text(&right.jurisdiction),
                right.classes.join(", "),
                text(&right.owner),
                text(&right.expiry),
            ]
        })
        .collect()
}

fn noticed<'a>(dossier: &'a Dossier, w: &Words) -> Vec<Noticed<'a>> {
    let notices = dossier.notices.iter();
    notices
        .map(|notice| Noticed {
            subject: &notice.subject,
            state: w.of_table("step", &notice.state),
            drafted: w.with(
                "drafted",
                &[
                    ("{right}", &w.of_table("right", &notice.right_kind)),
                    ("{channel}", w.channel(&notice.channel)),
                    ("{who}", &w.who(&notice.created_by)),
                ],
            ),
            body: &notice.body,
        })
        .collect()
}

fn captured<'a>(dossier: &'a Dossier, w: &Words) -> Vec<Captured<'a>> {
    let captures = dossier.captures.iter();
    captures
        .map(|capture| Captured {
            at: capture.fetched_at.to_string(),
            what: w.with(
                "captured",
                &[
                    ("{what}", &w.of_table("capture", &capture.kind)),
                    ("{status}", &capture.status.to_string()),
                    ("{bytes}", &capture.size.to_string()),
                ],
            ),
            url: &capture.final_url,
            answered: capture
                .peer
                .as_deref()
                .map(|peer| w.with("answered", &[("{peer}", peer)])),
            sha256: &capture.blob,
        })
        .collect()
}

/// The region as an SVG polygon, if it is one and the picture's size is known.
fn overlay(dossier: &Dossier, file: &PictureFile, region: &Value) -> Option<(i64, i64, String)> {
    let picture = dossier
        .pictures
        .iter()
        .find(|picture| picture.blob.as_ref() == Some(&file.blob))?;
    let corners: Vec<String> = region
        .as_array()?
        .iter()
        .take(100)
        .filter_map(|point| {
            let (x, y) = (point.get(0)?.as_f64()?, point.get(1)?.as_f64()?);
            Some(format!("{x:.1},{y:.1}"))
        })
        .collect();
    (corners.len() >= 3).then_some((picture.width?, picture.height?, corners.join(" ")))
}

fn fields(listing: &Value, w: &Words) -> Vec<Field> {
    let Some(provenance) = listing["provenance"].as_object() else {
        return Vec::new();
    };
    let said = |value: &Value| {
        let source = value["source"].as_str().unwrap_or_default().to_owned();
        let raw: String = value["raw"]
            .as_str()
            .unwrap_or_default()
            .chars()
            .take(300)
            .collect();
        (source, raw)
    };
    provenance
        .iter()
        .map(|(name, value)| {
            let (source, raw) = said(value);
            let candidates = value["candidates"].as_array();
            Field {
                name: w.of_table("value", name),
                source,
                raw,
                beaten: candidates
                    .into_iter()
                    .flatten()
                    .map(|candidate| {
                        let (source, raw) = said(candidate);
                        format!("{source}: {raw}")
                    })
                    .collect(),
            }
        })
        .collect()
}
