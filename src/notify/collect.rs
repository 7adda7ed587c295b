//! What there is to tell: from the audit log, and from deadlines.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::{NotifyError, SHAPES, check_address, check_wishes};
use crate::accounts::Sees;
use crate::app::App;
use crate::store::audit::AuditEvent;
use crate::store::mails::{MailItem, Mailbox};
use crate::store::webhooks::{Message, Webhook, WebhookDraft};
use crate::takedown::calendar;
use crate::takedown::deadlines::Due;

/// How far the log was looked through.
const MARK: &str = "notify.audit";
/// Events looked at in one go.
const BATCH: u32 = 500;
/// Days before a deadline from which it is told.
const NEAR: i64 = 3;
/// The kind of what deadlines tell.
pub(super) const DEADLINE: &str = "deadline.near";

/// Something that is told.
struct Told {
    kind: &'static str,
    /// What happened: the same word is never told twice.
    event: String,
    /// The case, scan or notice.
    subject: i64,
    at: String,
    data: Value,
    words: String,
    /// Of a case.
    probability: Option<f64>,
    brand: Option<String>,
}

/// Who is told.
struct Receivers {
    webhooks: Vec<Webhook>,
    mailboxes: Vec<Mailbox>,
    /// The brands that each of their owners sees, where they do not see all.
    brands: HashMap<String, Vec<String>>,
}

impl Receivers {
    async fn load(app: &App) -> Result<Self, NotifyError> {
        let store = &app.store;
        let mailboxes = store.mailed().await?;
        let brands = match mailboxes.is_empty() {
            true => HashMap::new(),
            false => {
                let users = store.users().await?.into_iter();
                let some = users.filter(|user| !user.brands.is_empty());
                some.map(|user| (user.name, user.brands)).collect()
            }
        };
        Ok(Self {
            webhooks: store.webhooks().await?,
            mailboxes,
            brands,
        })
    }

    fn are_none(&self) -> bool {
        self.webhooks.is_empty() && self.mailboxes.is_empty()
    }

    fn want(&self, kind: &str) -> bool {
        self.webhooks.iter().any(|webhook| webhook.wants(kind))
            || self.mailboxes.iter().any(|mailbox| mailbox.wants(kind))
    }

    /// The messages and items that something becomes.
    fn told(&self, told: &Told, messages: &mut Vec<Message>, items: &mut Vec<MailItem>) {
        let probable = |least: f64| {
            told.probability
                .is_none_or(|probability| probability >= least)
        };
        for webhook in &self.webhooks {
            if webhook.wants(told.kind) && probable(webhook.min_probability) {
                messages.push(Message {
                    webhook_id: webhook.id,
                    event: told.event.clone(),
                    kind: told.kind.to_owned(),
                    body: shaped(webhook, told),
                });
            }
        }
        for mailbox in &self.mailboxes {
            if mailbox.wants(told.kind)
                && probable(mailbox.min_probability)
                && self.sees(mailbox, told)
            {
                items.push(MailItem {
                    webhook_id: mailbox.id,
                    event: told.event.clone(),
                    kind: told.kind.to_owned(),
                    subject: told.subject,
                });
            }
        }
    }

    /// Leaves out deadlines of notices that a mailbox's owner does not see.
    async fn keep_seen(&self, app: &App, items: &mut Vec<MailItem>) -> Result<(), NotifyError> {
        let limited = |mailbox: &&Mailbox| {
            mailbox.wants(DEADLINE) && self.brands.contains_key(&mailbox.user_name)
        };
        // Somebody may have several.
        let mut seen_by: HashMap<i64, HashSet<String>> = HashMap::new();
        let mut owners = HashMap::new();
        for mailbox in self.mailboxes.iter().filter(limited) {
            owners.insert(mailbox.id, mailbox.user_id);
            if let Entry::Vacant(place) = seen_by.entry(mailbox.user_id) {
                let seen = near(&app.seen_by(Sees::BrandsOf(mailbox.user_id))).await?;
                place.insert(seen.iter().map(deadline_event).collect());
            }
        }
        items.retain(|item| {
            let seen = owners
                .get(&item.webhook_id)
                .and_then(|user| seen_by.get(user));
            seen.is_none_or(|seen| seen.contains(&item.event))
        });
        Ok(())
    }

    /// Whether it can be of a brand that the mailbox's owner sees; what they see when the
    /// mail is sent is looked at then.
    fn sees(&self, mailbox: &Mailbox, told: &Told) -> bool {
        match (self.brands.get(&mailbox.user_name), &told.brand) {
            (Some(brands), Some(brand)) => brands.contains(brand),
            _ => true,
        }
    }
}

/// Makes sure that of what happened before nothing is told to a receiver that is about to
/// be added.
pub(super) async fn begin(app: &App) -> Result<(), NotifyError> {
    let store = &app.store;
    if Receivers::load(app).await?.are_none() {
        let newest = store.audit_page(None, 1).await?;
        let seq = newest.first().map_or(0, |event| event.seq);
        store.queue_messages(&[], &[], Some((MARK, seq))).await?;
    } else {
        // To the others it is told first.
        collect(app).await?;
    }
    Ok(())
}

/// Checks a webhook's address and what it is to hear of, and adds it; gives its number. Of
/// what happened before nothing is told to it.
///
/// # Errors
/// [`NotifyError`].
pub async fn add(app: &App, actor: &str, draft: &WebhookDraft) -> Result<i64, NotifyError> {
    check_address(&draft.url)?;
    check_wishes(&draft.events, draft.min_probability)?;
    if !SHAPES.contains(&draft.shape.as_str()) {
        let why = format!("messages have the shape {}", SHAPES.join(" or "));
        return Err(NotifyError::Refused(why));
    }
    begin(app).await?;
    Ok(app.store.add_webhook(actor, draft).await?)
}

/// Puts a message for each webhook, and an item for each mail address, that wants to hear
/// of what happened since the last time; gives how many.
///
/// # Errors
/// [`NotifyError`].
pub async fn collect(app: &App) -> Result<u64, NotifyError> {
    let store = &app.store;
    let receivers = Receivers::load(app).await?;
    if receivers.are_none() {
        return Ok(0);
    }
    let mut after = store.mark(MARK).await?.unwrap_or(0);
    let mut queued = 0;
    loop {
        let events = store.audit_after(after, BATCH).await?;
        let Some(last) = events.last() else { break };
        after = last.seq;
        let (mut messages, mut items) = (Vec::new(), Vec::new());
        for told in events.iter().filter_map(of_log) {
            receivers.told(&told, &mut messages, &mut items);
        }
        queued += store
            .queue_messages(&messages, &items, Some((MARK, after)))
            .await?;
    }
    if receivers.want(DEADLINE) {
        let (mut messages, mut items) = (Vec::new(), Vec::new());
        let dues = near(app).await?;
        for due in &dues {
            receivers.told(&of_deadline(due), &mut messages, &mut items);
        }
        if !dues.is_empty() {
            receivers.keep_seen(app, &mut items).await?;
        }
        queued += store.queue_messages(&messages, &items, None).await?;
    }
    Ok(queued)
}

/// The deadlines that are told, as somebody sees them.
pub(super) async fn near(app: &App) -> Result<Vec<Due>, NotifyError> {
    let mut dues = calendar::all_due(app).await?;
    let now = app.clock.millis();
    let today = now.timestamp().to_zoned(jiff::tz::TimeZone::UTC).date();
    let last = today.saturating_add(jiff::Span::new().days(NEAR));
    dues.retain(|due| due.on <= last);
    Ok(dues)
}

/// What an event of the log is told as, if it is.
fn of_log(event: &AuditEvent) -> Option<Told> {
    let detail = &event.detail.0;
    let told = |kind: &'static str, subject, data, words| Told {
        kind,
        event: format!("{kind}.{}", event.seq),
        subject,
        at: event.at.to_string(),
        data,
        words,
        probability: None,
        brand: None,
    };
    match event.action.as_str() {
        "case.open" => {
            let probability = detail["score"].as_f64()?;
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
            Some(Told {
                probability: Some(probability),
                brand: Some(text("brand")),
                ..told("case.new", id, data, words)
            })
        }
        "scan.finish" if detail["state"] == "failed" => {
            let id: i64 = event.subject.strip_prefix("scan ")?.parse().ok()?;
            let why = detail["message"].as_str().unwrap_or("no reason given");
            let words = format!("Scan {id} failed: {why}");
            let data = json!({ "scan": id, "message": why });
            Some(told("scan.failed", id, data, words))
        }
        _ => None,
    }
}

/// What a deadline is told as; the same word on whichever day it is looked at.
pub(super) fn deadline_event(due: &Due) -> String {
    format!("{DEADLINE}.{}.{}.{}", due.notice, due.name, due.on)
}

fn of_deadline(due: &Due) -> Told {
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
    Told {
        kind: DEADLINE,
        event: deadline_event(due),
        subject: due.notice,
        at: format!("{}T00:00:00.000Z", due.on),
        data,
        words,
        probability: None,
        brand: None,
    }
}

/// A message as the webhook wants it.
fn shaped(webhook: &Webhook, told: &Told) -> String {
    match webhook.shape.as_str() {
        // Three characters mean something there; sellers write all of them.
        "slack" => {
            let plain = told
                .words
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;");
            json!({ "text": plain })
        }
        _ => json!({ "type": told.kind, "timestamp": told.at, "data": told.data }),
    }
    .to_string()
}
