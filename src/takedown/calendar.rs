//! Deadlines of all notices: as a list, and as a calendar that a mail program
//! subscribes to (RFC 5545).

use super::TakedownError;
use super::channel::Channels;
use super::deadlines::{self, Due};
use crate::app::App;
use crate::clock::Millis;

/// Every deadline that runs, the next first.
///
/// # Errors
/// When the database or the channels cannot be read.
pub async fn all_due(app: &App) -> Result<Vec<Due>, TakedownError> {
    let channels: Channels = super::channels(app)?;
    let now = app.clock.millis();
    let events = app.store.open_notice_events().await?;
    let mut found = Vec::new();
    for notice in app.store.open_notices().await? {
        // A channel of the user's own may be gone; its notices stay.
        if let Ok(channel) = channels.get(&notice.channel) {
            found.extend(deadlines::due(channel, &notice, &events, now));
        }
    }
    found.sort_by(|a, b| (a.on, a.notice, &a.name).cmp(&(b.on, b.notice, &b.name)));
    Ok(found)
}

/// What runs out within some days, or has run out, in words; none when nothing does.
#[must_use]
pub fn reminder(dues: &[Due], within: i64, now: Millis) -> Option<(String, String)> {
    let today = now.timestamp().to_zoned(jiff::tz::TimeZone::UTC).date();
    let last = today.saturating_add(jiff::Span::new().days(within));
    let mut lines = Vec::new();
    let mut late = 0;
    for due in dues.iter().filter(|due| due.on <= last) {
        late += usize::from(due.overdue);
        lines.push(format!(
            "{}{}: notice {} by {}, {}. {}",
            due.on,
            if due.overdue { " (overdue)" } else { "" },
            due.notice,
            due.channel,
            due.state.replace('_', " "),
            due.meaning
        ));
    }
    if lines.is_empty() {
        return None;
    }
    let subject = format!(
        "Markhound: {} deadlines of notices until {last}, {late} overdue",
        lines.len()
    );
    Some((subject, lines.join("\n\n") + "\n"))
}

/// The deadlines as an iCalendar object: one all-day event each, with an alarm
/// two days before.
#[must_use]
pub fn ics(dues: &[Due], now: Millis) -> String {
    let mut out = String::new();
    let mut line = |text: &str| fold(text, &mut out);
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line("PRODID:-//Markhound//Deadlines of notices//EN");
    line("CALSCALE:GREGORIAN");
    line("X-WR-CALNAME:Markhound: deadlines of notices");
    let stamp = now.timestamp().strftime("%Y%m%dT%H%M%SZ").to_string();
    for due in dues {
        let day = due.on.strftime("%Y%m%d").to_string();
        let next = due
            .on
            .tomorrow()
            .unwrap_or(due.on)
            .strftime("%Y%m%d")
            .to_string();
        line("BEGIN:VEVENT");
        line(&format!(
            "UID:notice-{}-{}-{day}@markhound",
            due.notice, due.name
        ));
        line(&format!("DTSTAMP:{stamp}"));
        line(&format!("DTSTART;VALUE=DATE:{day}"));
        line(&format!("DTEND;VALUE=DATE:{next}"));
        line(&format!(
            "SUMMARY:{}",
            escape(&format!(
                "Notice {} ({}): {}",
                due.notice,
                due.channel,
                due.name.replace('_', " ")
            ))
        ));
        let cases: Vec<String> = due.cases.iter().map(ToString::to_string).collect();
        let earliest = due
            .earliest
            .map(|day| format!(" Not before {day}."))
            .unwrap_or_default();
        line(&format!(
            "DESCRIPTION:{}",
            escape(&format!(
                "{}{earliest} Since {}, {}; cases {}.",
                due.meaning,
                due.since,
                due.state.replace('_', " "),
                cases.join(", ")
            ))
        ));
        line("TRANSP:TRANSPARENT");
        line("BEGIN:VALARM");
        line("ACTION:DISPLAY");
        line("DESCRIPTION:Deadline of a notice");
        line("TRIGGER:-P2D");
        line("END:VALARM");
        line("END:VEVENT");
    }
    line("END:VCALENDAR");
    out
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace(';', "\\;")
        .replace(',', "\\,")
        .replace(['\r', '\n'], " ")
}

/// Lines are at most 75 bytes long; what is longer goes on in the next.
fn fold(text: &str, out: &mut String) {
    let mut used = 0;
    for c in text.chars() {
        if used + c.len_utf8() > 75 {
            out.push_str("\r\n ");
            used = 1;
        }
        out.push(c);
        used += c.len_utf8();
    }
    out.push_str("\r\n");
}
