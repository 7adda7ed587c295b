//! The report of a packet: one page to read and print, with nothing to load but
//! the packet's own pictures. Everything in it is escaped; it has no script.

use askama::Template;
use serde_json::Value;

use super::PacketError;
use super::bag::Written;
use super::dossier::Dossier;
use super::files::PictureFile;
use crate::clock::Millis;
use crate::store::listings::Capture;
use crate::store::products::RightRow;
use crate::store::takedowns::Notice;

#[derive(Template)]
#[template(path = "packet/templates/report.html")]
struct Report<'a> {
    d: &'a Dossier,
    version: &'static str,
    picture: Option<Shown>,
    reference: Option<&'a str>,
    /// The other pictures of the listing.
    others: Vec<String>,
    state: String,
    score: String,
    kind: String,
    asked: String,
    list_price: String,
    ratio: Option<String>,
    rights: Vec<&'a RightRow>,
    reasons: Vec<Reason>,
    fields: Vec<Field>,
    timeline: Vec<Moment>,
    captures: &'a [Capture],
    notices: &'a [Notice],
    files: &'a [Written],
}

/// The picture that matched, with the region over it.
struct Shown {
    path: String,
    /// Size in pixels and the region's corners for an SVG, when both are known.
    overlay: Option<(i64, i64, String)>,
}

pub(super) struct Reason {
    pub text: String,
    pub bits: String,
}

/// A value of the listing and where it was read.
struct Field {
    name: String,
    source: String,
    raw: String,
    /// What else the page said.
    beaten: Vec<String>,
}

/// Something that happened.
pub(super) struct Moment {
    pub at: Millis,
    pub who: String,
    pub what: String,
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
) -> Result<String, PacketError> {
    let case = &dossier.case;
    let evidence = &case.evidence.0;
    let shown = picture.map(|file| Shown {
        path: file.path.clone(),
        overlay: overlay(dossier, file, &evidence["picture"]["region"]),
    });
    let others = files
        .iter()
        .map(|file| &file.path)
        .filter(|path| path.starts_with("pictures/") && Some(*path) != picture.map(|p| &p.path))
        .cloned()
        .collect();
    let report = Report {
        version: env!("CARGO_PKG_VERSION"),
        picture: shown,
        reference: reference.map(|file| file.path.as_str()),
        others,
        state: case.state.replace('_', " "),
        // Rounded down: no estimate is shown as certain.
        score: format!("{:.1} %", (case.score * 1000.0).floor() / 10.0),
        kind: case
            .decided_kind
            .as_deref()
            .or(case.kind.as_deref())
            .unwrap_or("not determined")
            .replace('_', " "),
        asked: money(&case.price_amount, &case.price_currency),
        list_price: money(&case.msrp, &case.msrp_currency),
        ratio: evidence["price_ratio"]
            .as_f64()
            .map(|ratio| format!("{:.0} %", ratio * 100.0)),
        rights: dossier.rights.iter().collect(),
        reasons: reasons(evidence),
        fields: fields(&dossier.listing.data.0),
        timeline: timeline(dossier),
        captures: &dossier.captures,
        notices: &dossier.notices,
        files,
        d: dossier,
    };
    Ok(report.render()?)
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

pub(super) fn money(amount: &Option<String>, currency: &Option<String>) -> String {
    match (amount, currency) {
        (None, _) => "not known".to_owned(),
        (Some(amount), None) => format!("{amount} (no currency given)"),
        (Some(amount), Some(currency)) => format!("{amount} {currency}"),
    }
}

pub(super) fn reasons(evidence: &Value) -> Vec<Reason> {
    let reasons = evidence["reasons"].as_array();
    reasons
        .into_iter()
        .flatten()
        .map(|reason| Reason {
            text: reason["text"].as_str().unwrap_or_default().to_owned(),
            bits: reason["bits"]
                .as_f64()
                .map_or_else(String::new, |bits| format!("{bits:+.1}")),
        })
        .collect()
}

fn fields(listing: &Value) -> Vec<Field> {
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
                name: name.clone(),
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

/// What happened, in order: captures, and the events of the audit log.
pub(super) fn timeline(dossier: &Dossier) -> Vec<Moment> {
    let mut moments: Vec<Moment> = dossier
        .captures
        .iter()
        .map(|capture| Moment {
            at: capture.fetched_at,
            who: "scan".to_owned(),
            what: format!("captured {} (status {})", capture.final_url, capture.status),
        })
        .collect();
    moments.extend(dossier.custody.iter().map(|event| Moment {
        at: event.at,
        who: event.actor.clone(),
        what: told(&event.action, &event.detail.0),
    }));
    moments.sort_by_key(|moment| moment.at);
    moments
}

/// An audit event in words.
fn told(action: &str, detail: &Value) -> String {
    let text = |key: &str| detail[key].as_str().unwrap_or_default().to_owned();
    let because = |key: &str| match detail[key].as_str() {
        Some(words) if !words.is_empty() => format!(": {words}"),
        _ => String::new(),
    };
    match action {
        "case.open" => "case opened".to_owned(),
        "case.update" => "evidence renewed by a later scan".to_owned(),
        "case.confirm" => format!("confirmed{}", because("reason")),
        "case.reject" => format!("rejected{}", because("reason")),
        "case.watch" => format!("put on watch{}", because("reason")),
        "case.second_approval" => format!("second approval asked for{}", because("reason")),
        "case.undo" => format!("last decision undone; the case is {} again", text("to")),
        "notice.draft" => format!(
            "{} notice drafted for {}",
            text("right_kind"),
            text("channel")
        ),
        "notice.event" => format!(
            "notice {} (on {}){}",
            text("to"),
            text("happened_at"),
            because("note")
        ),
        "packet.export" => format!("packet exported, SHA-256 {}", text("sha256")),
        other => other.to_owned(),
    }
}
