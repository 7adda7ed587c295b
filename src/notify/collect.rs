//! What there is to tell: from the audit log, and from deadlines.

use serde_json::{Value, json};

use super::NotifyError;
use crate::app::App;
use crate::store::audit::AuditEvent;
use crate::store::webhooks::{Message, Webhook, WebhookDraft};
use crate::takedown::calendar;
use crate::takedown::deadlines::Due;

/// How far the log was looked through.
const MARK: &str = "notify.audit";
/// Events looked at in one go.
const BATCH: u32 = 500;
/// Days before a deadline from which it is told.
const NEAR: i64 = 3;

/// Adds a receiver; gives its number. Of what happened before nothing is told to it.
///
/// # Errors
/// [`NotifyError`].
pub async fn add(app: &App, actor: &str, draft: &WebhookDraft) -> Result<i64, NotifyError> {
    let store = &app.store;
    if store.webhooks().await?.is_empty() {
        let newest = store.audit_page(None, 1).await?;
        let seq = newest.first().map_or(0, |event| event.seq);
        store.queue_messages(&[], Some((MARK, seq))).await?;
    } else {
        // To the others it is told first.
        collect(app).await?;
    }
    Ok(store.add_webhook(actor, draft).await?)
}

/// Puts a message for each receiver that wants to hear of what happened since the
/// last time; gives how many.
///
/// # Errors
/// [`NotifyError`].
pub async fn collect(app: &App) -> Result<u64, NotifyError> {
    let store = &app.store;
    let webhooks = store.webhooks().await?;
    if webhooks.is_empty() {
        return Ok(0);
    }
    let mut after = store.mark(MARK).await?.unwrap_or(0);
    let mut queued = 0;
    loop {
        let events = store.audit_after(after, BATCH).await?;
        let Some(last) = events.last() else { break };
        after = last.seq;
        let mut messages = Vec::new();
        for event in &events {
            for webhook in &webhooks {
                messages.extend(of_log(event, webhook));
            }
        }
        queued += store.queue_messages(&messages, Some((MARK, after))).await?;
    }
    if webhooks
        .iter()
        .any(|webhook| webhook.wants("deadline.near"))
    {
        let dues = calendar::all_due(app).await?;
        let now = app.clock.millis();
        let today = now.timestamp().to_zoned(jiff::tz::TimeZone::UTC).date();
        let last = today.saturating_add(jiff::Span::new().days(NEAR));
        let mut messages = Vec::new();
        for due in dues.iter().filter(|due| due.on <= last) {
            for webhook in webhooks.iter().filter(|w| w.wants("deadline.near")) {
                messages.push(of_deadline(due, webhook));
            }
        }
        queued += store.queue_messages(&messages, None).await?;
    }
    Ok(queued)
}

/// The message of an event of the log, if the receiver wants to hear of it.
fn of_log(event: &AuditEvent, webhook: &Webhook) -> Option<Message> {
    let detail = &event.detail.0;
    let (kind, data, words) = match event.action.as_str() {
        "case.open" => {
            let probability = detail["score"].as_f64()?;
            if probability < webhook.min_probability {
                return None;
            }
            let id: i64 = event.subject.strip_prefix("case ")?.parse().ok()?;
            let text = |name: &str| detail[name].as_str().unwrap_or_default().to_owned();
            let words = format!(
                "Case {id}: {} of {} at {} by {}, {:.0} %",
                text("sku"),
                text("brand"),
                text("source"),
                text("seller"),
                (probability * 100.0).floor()
            );
            let data = json!({ "case": id, "sku": text("sku"), "brand": text("brand"),
                "source": text("source"), "item": text("item"), "seller": text("seller"),
                "probability": probability });
            ("case.new", data, words)
        }
        "scan.finish" if detail["state"] == "failed" => {
            let id: i64 = event.subject.strip_prefix("scan ")?.parse().ok()?;
            let why = detail["message"].as_str().unwrap_or("no reason given");
            let words = format!("Scan {id} failed: {why}");
            let data = json!({ "scan": id, "message": why });
            ("scan.failed", data, words)
        }
        _ => return None,
    };
    if !webhook.wants(kind) {
        return None;
    }
    Some(Message {
        webhook_id: webhook.id,
        event: format!("{kind}.{}", event.seq),
        kind: kind.to_owned(),
        body: shaped(webhook, kind, &event.at.to_string(), data, &words),
    })
}

fn of_deadline(due: &Due, webhook: &Webhook) -> Message {
    let words = format!(
        "Notice {} by {}: due {}{}. {}",
        due.notice,
        due.channel,
        due.on,
        if due.overdue { " (overdue)" } else { "" },
        due.meaning
    );
    let data = json!({ "notice": due.notice, "channel": due.channel, "due": due.on.to_string(),
        "name": due.name, "meaning": due.meaning });
    let kind = "deadline.near";
    let at = format!("{}T00:00:00.000Z", due.on);
    Message {
        webhook_id: webhook.id,
        event: format!("{kind}.{}.{}.{}", due.notice, due.name, due.on),
        kind: kind.to_owned(),
        body: shaped(webhook, kind, &at, data, &words),
    }
}

/// A message as the receiver wants it.
fn shaped(webhook: &Webhook, kind: &str, at: &str, data: Value, words: &str) -> String {
    match webhook.shape.as_str() {
        // Three characters mean something there; sellers write all of them.
        "slack" => {
            let plain = words
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;");
            json!({ "text": plain })
        }
        _ => json!({ "type": kind, "timestamp": at, "data": data }),
    }
    .to_string()
}
