//! Webhooks: who hears of what, the messages to them, and sending one again.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::failure::Failure;
use super::session::{Posted, Viewer};
use super::shell::{Shell, page as respond};
use super::show::{self, When};
use super::{Shared, Web};
use crate::accounts::Role;
use crate::notify::{self, KINDS, NotifyError};
use crate::store::mails::Mailbox;
use crate::store::webhooks::{Delivery, Webhook, WebhookDraft};

/// Messages listed.
const SHOWN: u32 = 100;

#[derive(Template)]
#[template(path = "web/templates/webhooks.html")]
struct WebhooksPage {
    shell: Shell,
    webhooks: Vec<Webhook>,
    mailboxes: Vec<Mailbox>,
    deliveries: Vec<(Delivery, When, When)>,
    /// A secret that was just made.
    made: Option<String>,
    /// What a receiver can hear of.
    kinds: [(&'static str, &'static str); 3],
}

impl Webhook {
    /// The least probability it hears of, in per cent.
    fn percent(&self) -> u8 {
        show::percent(self.min_probability)
    }
}

impl From<NotifyError> for Failure {
    fn from(error: NotifyError) -> Self {
        match error {
            NotifyError::Store(error) => error.into(),
            NotifyError::Address(_) | NotifyError::Refused(_) => {
                Self::BadRequest(error.to_string())
            }
            other => Self::Internal(other.to_string()),
        }
    }
}

fn must(viewer: &Viewer) -> Result<(), Failure> {
    viewer.must_be(Role::Administrator, "see or change webhooks")
}

pub(super) async fn page(State(web): Shared, viewer: Viewer) -> Result<Response, Failure> {
    show_webhooks(&web, viewer, None).await
}

async fn show_webhooks(
    web: &Arc<Web>,
    viewer: Viewer,
    made: Option<String>,
) -> Result<Response, Failure> {
    must(&viewer)?;
    let store = &web.app.store;
    let now = web.app.clock.millis();
    let deliveries = store.deliveries(None, SHOWN).await?;
    respond(&WebhooksPage {
        webhooks: store.webhooks().await?,
        mailboxes: store.mailboxes(None).await?,
        deliveries: deliveries
            .into_iter()
            .map(|one| {
                let at = When::new(one.created_at, now);
                let next = When::new(one.next_at, now);
                (one, at, next)
            })
            .collect(),
        made,
        kinds: KINDS,
        shell: Shell::new(web, viewer, "settings").await?,
    })
}

pub(super) async fn add(State(web): State<Arc<Web>>, posted: Posted) -> Result<Response, Failure> {
    must(&posted.viewer)?;
    let secret = notify::new_secret();
    let draft = WebhookDraft {
        url: posted.get("url").unwrap_or_default().to_owned(),
        secret: secret.clone(),
        events: posted.named("event."),
        shape: posted.get("shape").unwrap_or("json").to_owned(),
        min_probability: least(&posted)?,
    };
    notify::add(&web.app, &posted.viewer.name, &draft).await?;
    show_webhooks(&web, posted.viewer, Some(format!("whsec_{secret}"))).await
}

/// From which probability on a form asks to hear of new cases.
pub(super) fn least(posted: &Posted) -> Result<f64, Failure> {
    let least = posted.get("min").unwrap_or("90").parse::<u8>().ok();
    let least = least.filter(|least| *least <= 100).ok_or_else(|| {
        Failure::BadRequest("the least probability is 0 to 100 per cent".to_owned())
    })?;
    Ok(f64::from(least) / 100.0)
}

pub(super) async fn remove(
    State(web): State<Arc<Web>>,
    Path(id): Path<i64>,
    posted: Posted,
) -> Result<Response, Failure> {
    must(&posted.viewer)?;
    let store = &web.app.store;
    store.remove_webhook(&posted.viewer.name, id).await?;
    Ok(Redirect::to("/webhooks").into_response())
}

pub(super) async fn replay(
    State(web): State<Arc<Web>>,
    Path(id): Path<i64>,
    posted: Posted,
) -> Result<Response, Failure> {
    must(&posted.viewer)?;
    let store = &web.app.store;
    store.replay_delivery(&posted.viewer.name, id).await?;
    Ok(Redirect::to("/webhooks").into_response())
}
