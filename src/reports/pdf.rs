//! The enforcement report to print and file: the figures, and what was found, decided
//! and done, case by case. PDF/A-1b, from the audit log alone.

use std::path::PathBuf;

use serde_json::Value;

use super::{Entry, Kpi, Scope};
use crate::clock::Millis;
use crate::print::{self, Fonts, Language, Pages, PrintError, SOFTWARE, Style, Words, isolated};

/// The most cases listed; the workbook has them all.
const MAX_CASES: usize = 5_000;

/// How the report is set.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Its language.
    pub language: Language,
    /// When it is made.
    pub now: Millis,
    /// Fonts beside those inside.
    pub fonts: Vec<PathBuf>,
}

/// Sets the report. `figures` are those of everything in the scope.
///
/// # Errors
/// When the document cannot be written.
pub fn enforcement_pdf(
    entries: &[Entry],
    figures: &Kpi,
    scope: &Scope,
    setting: &Setting,
) -> Result<Vec<u8>, PrintError> {
    let words = Words::of(setting.language);
    let fonts = Fonts::new(&setting.fonts)?;
    let mut pages = Pages::new(&fonts);
    pages.space(10.0);
    pages.text(words.get("e_title"), Style::TITLE);
    pages.space(6.0);
    pages.field(words.get("e_period"), &period(scope, words));
    pages.field(words.get("e_scope"), &about(scope, words));
    pages.space(4.0);
    let now = setting.now.to_string();
    let version = env!("CARGO_PKG_VERSION");
    let made = words.with("e_made", &[("{at}", &now), ("{version}", version)]);
    pages.text(&made, Style::SOFT);
    pages.text(words.get("utc"), Style::SOFT);

    pages.heading(words.get("e_figures"));
    let rows: Vec<Vec<String>> = shown(figures, words)
        .into_iter()
        .map(|(label, value)| vec![label, value])
        .collect();
    let head = [words.get("t_figure"), ""];
    pages.table(&[0.72, 0.28], &head, &rows, Style::BODY);

    pages.heading(words.get("e_cases"));
    if entries.is_empty() {
        pages.text(words.get("e_none"), Style::BODY);
    } else {
        let rows: Vec<Vec<String>> = entries
            .iter()
            .take(MAX_CASES)
            .map(|entry| row(entry, words))
            .collect();
        let head = [
            "e_found",
            "e_listing",
            "e_decision",
            "e_notice",
            "e_outcome",
        ]
        .map(|key| words.get(key));
        pages.table(&[0.17, 0.32, 0.17, 0.17, 0.17], &head, &rows, Style::SMALL);
        if let Some(more @ 1..) = entries.len().checked_sub(MAX_CASES) {
            let more = words.with("e_more", &[("{n}", &more.to_string())]);
            pages.text(&more, Style::SOFT);
        }
    }
    let header = format!("{} · {}", words.get("e_title"), about(scope, words));
    let footer = format!("{SOFTWARE} · {}", setting.now);
    let title = words.get("e_title").to_owned();
    let code = setting.language.code();
    let metadata = print::metadata(title, code, setting.now, &about(scope, words));
    pages.finish(&header, &footer, words.get("page"), metadata)
}

fn day(at: Millis) -> String {
    at.timestamp().strftime("%Y-%m-%d").to_string()
}

/// The days that are counted, both included.
fn period(scope: &Scope, words: &Words) -> String {
    let from = scope.from.map(day);
    // A scope ends before the day after its last.
    let to = scope.to.map(|to| day(Millis(to.0 - 1)));
    match (from, to) {
        (None, None) => words.get("e_all").to_owned(),
        (Some(from), None) => words.with("e_from", &[("{at}", &from)]),
        (None, Some(to)) => words.with("e_to", &[("{at}", &to)]),
        (Some(from), Some(to)) => words.with("e_from_to", &[("{from}", &from), ("{to}", &to)]),
    }
}

fn about(scope: &Scope, words: &Words) -> String {
    let Scope {
        brand,
        product,
        channel,
        source,
        ..
    } = scope;
    let parts: Vec<&str> = [brand, product, channel, source]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    match parts.is_empty() {
        true => words.get("e_all").to_owned(),
        false => parts.join(" · "),
    }
}

/// The figures with their labels, as they are defined.
fn shown(figures: &Kpi, words: &Words) -> Vec<(String, String)> {
    let Ok(Value::Object(values)) = serde_json::to_value(figures) else {
        return Vec::new();
    };
    let told = |key: &str, value: &Value| match value {
        Value::Null => "–".to_owned(),
        value if key.contains("seconds") => how_long(value.as_i64().unwrap_or_default(), words),
        Value::Number(number) if number.is_f64() => words.percent(&format!(
            "{:.1}",
            number.as_f64().unwrap_or_default() * 100.0
        )),
        value => value.to_string(),
    };
    super::DEFINITIONS
        .iter()
        .filter_map(|(key, _)| Some((words.of_table("kpi", key), told(key, values.get(*key)?))))
        .collect()
}

/// A time in minutes, hours or days, whichever says it well.
pub(crate) fn how_long(seconds: i64, words: &Words) -> String {
    let (key, count) = match seconds {
        ..7_200 => ("minutes", seconds / 60),
        7_200..172_800 => ("hours", seconds / 3_600),
        _ => ("days", seconds / 86_400),
    };
    words.with(key, &[("{n}", &count.to_string())])
}

fn row(entry: &Entry, words: &Words) -> Vec<String> {
    let when = |at: Option<Millis>| at.map(day).unwrap_or_default();
    let number = words.with("case", &[("{n}", &entry.case.to_string())]);
    // In one piece, under the day where both have no room.
    let number = number.replace(' ', "\u{a0}");
    let found = format!("{} {number}", when(entry.found_at));
    // Whatever these are written in, the line keeps its order.
    let mut listing = vec![isolated(&entry.title), entry.url.clone()];
    listing.extend(entry.seller.as_deref().map(isolated));
    listing.extend(entry.source.clone());
    let product = [&entry.brand, &entry.sku];
    let product: Vec<&str> = product.into_iter().flatten().map(String::as_str).collect();
    listing.push(product.join(" "));
    let decision = match (entry.decision, &entry.decided_by) {
        (Some(decision), who) => {
            let mut what = words.of_table("decision", decision);
            if let (Some(kind), "confirm") = (&entry.kind, decision) {
                what = format!("{what}: {}", words.of_table("kind", kind));
            }
            if let Some(who) = who {
                what = words.with("e_by", &[("{what}", &what), ("{who}", &words.who(who))]);
            }
            format!("{} {what}", when(entry.decided_at))
        }
        (None, _) => words.get("e_not_decided").to_owned(),
    };
    let notice = match entry.submitted_at {
        Some(_) => {
            let right = entry.right.as_deref().unwrap_or_default();
            format!(
                "{} {}, {}",
                when(entry.submitted_at),
                words.of_table("right", right),
                words.channel(entry.channel.as_deref().unwrap_or_default())
            )
        }
        None => words.get("e_not_reported").to_owned(),
    };
    let mut outcome: Vec<String> = Vec::new();
    if let Some(state) = &entry.outcome {
        outcome.push(format!(
            "{} {}",
            when(entry.outcome_at),
            words.of_table("step", state)
        ));
    }
    if entry.verified {
        outcome.push(words.get("e_verified").to_owned());
    }
    if entry.relistings > 0 {
        let count = entry.relistings.to_string();
        outcome.push(words.with("e_relisted", &[("{n}", &count)]));
    }
    vec![
        found,
        listing.join(" · "),
        decision,
        notice,
        outcome.join("; "),
    ]
}
