//! One's own mail: addresses, what each hears of and how often, a test, what waits, and
//! what was sent.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::failure::Failure;
use super::session::{Posted, Viewer};
use super::shell::{Shell, page as respond};
use super::show::{self, When};
use super::{Shared, Web, webhooks};
use crate::app::App;
use crate::notify::{self, KINDS, Mail, PACES};
use crate::store::mails::{Mailbox, MailboxDraft};
use crate::store::webhooks::Delivery;

/// Mails listed.
const SHOWN: u32 = 30;

#[derive(Template)]
#[template(path = "web/templates/mail.html")]
struct MailPage {
    shell: Shell,
    mailboxes: Vec<MailboxView>,
    mails: Vec<(Delivery, When)>,
    kinds: [(&'static str, &'static str); 3],
    paces: [(&'static str, &'static str); 2],
    /// Why no mail can be sent, where none can.
    refusal: Option<&'static str>,
    domains: Vec<String>,
}

struct MailboxView {
    mailbox: Mailbox,
    percent: u8,
    /// What would be mailed now.
    preview: Option<Mail>,
}

pub(super) async fn page(State(web): Shared, viewer: Viewer) -> Result<Response, Failure> {
    let store = &web.app.store;
    let now = web.app.clock.millis();
    let mut mailboxes = Vec::new();
    // There are five of one person at most.
    for mailbox in store.mailboxes(Some(&viewer.name)).await? {
        mailboxes.push(MailboxView {
            percent: show::percent(mailbox.min_probability),
            preview: notify::preview(&web.app, &mailbox).await?,
            mailbox,
        });
    }
    let mails = store.mails_to(&viewer.name, SHOWN).await?;
    respond(&MailPage {
        mailboxes,
        mails: mails
            .into_iter()
            .map(|mail| {
                let at = When::new(mail.created_at, now);
                (mail, at)
            })
            .collect(),
        kinds: KINDS,
        paces: PACES,
        refusal: notify::refusal(&web.app),
        domains: web.app.config.notifications.domains.clone(),
        shell: Shell::new(&web, viewer, "account").await?,
    })
}

pub(super) async fn add(State(web): State<Arc<Web>>, posted: Posted) -> Result<Response, Failure> {
    let draft = MailboxDraft {
        address: posted.get("address").unwrap_or_default().to_owned(),
        events: posted.named("event."),
        min_probability: webhooks::least(&posted)?,
        pace: posted.get("pace").unwrap_or("instant").to_owned(),
    };
    let name = &posted.viewer.name;
    notify::add_mailbox(&web.app, name, name, &draft).await?;
    Ok(back(&posted))
}

/// Whose addresses somebody may change: an administrator everybody's.
pub(super) fn of(viewer: &Viewer) -> Option<&str> {
    (!viewer.may_administer()).then_some(viewer.name.as_str())
}

pub(super) async fn remove(
    State(web): State<Arc<Web>>,
    Path(id): Path<i64>,
    posted: Posted,
) -> Result<Response, Failure> {
    let viewer = &posted.viewer;
    let store = &web.app.store;
    store.remove_mailbox(&viewer.name, id, of(viewer)).await?;
    Ok(back(&posted))
}

/// Sends a mail that only shows that mail arrives: it is the next to be sent.
pub(super) async fn test(
    State(web): State<Arc<Web>>,
    Path(id): Path<i64>,
    posted: Posted,
) -> Result<Response, Failure> {
    queue_test(&web.app, &posted.viewer, id).await?;
    Ok(back(&posted))
}

pub(super) async fn queue_test(app: &App, viewer: &Viewer, id: i64) -> Result<(), Failure> {
    let mailbox = app.store.mailbox(id, of(viewer)).await?;
    app.store
        .queue_test_mail(mailbox.id)
        .await?
        .map(|_| ())
        .ok_or_else(|| Failure::Conflict("one test a minute is enough; wait a moment".to_owned()))
}

fn back(posted: &Posted) -> Response {
    Redirect::to(posted.back().unwrap_or("/account/mail")).into_response()
}
