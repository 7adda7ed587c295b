//! One notice: its text and listings, what would leave, and attesting it with
//! the password given anew, or after the OpenID provider has asked anew.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::failure::Failure;
use super::session::{Peer, Posted, Viewer, address_of};
use super::shell::{Shell, page as respond};
use super::show::{self, When};
use super::{Shared, Web};
use crate::accounts::{self, AccountError, Role};
use crate::clock::Millis;
use crate::store::takedowns::{Notice, NoticeEvent, NoticeItem};
use crate::store::users::User;
use crate::takedown::attest::{self, Outgoing, Shown};
use crate::takedown::channel::Form;
use crate::takedown::deadlines::{self, Due};
use crate::takedown::{self, next_states, send};

/// Listings shown on a page; the others are in the file.
const MAX_ITEMS: usize = 500;
/// Bytes of a file that are shown as text.
const MAX_SHOWN: usize = 64 * 1024;

#[derive(Template)]
#[template(path = "web/templates/notice.html")]
struct NoticePage {
    shell: Shell,
    notice: Notice,
    channel_name: String,
    how: String,
    drafted: When,
    items: Vec<ItemView>,
    more_items: usize,
    dues: Vec<Due>,
    next: Vec<&'static str>,
    forms: Vec<&'static str>,
    can_send: bool,
    proof: Proof,
    may_decide: bool,
    may_approve: bool,
    today: String,
}

struct ItemView {
    item: NoticeItem,
    events: Vec<(NoticeEvent, When)>,
}

#[derive(Template)]
#[template(path = "web/templates/attest.html")]
struct AttestPage {
    shell: Shell,
    outgoing: Outgoing,
    channel_name: String,
    /// The bytes as text, where they are text and not the letter itself.
    file: Option<String>,
    forms: Vec<&'static str>,
    proof: Proof,
    error: Option<String>,
}

/// How somebody proves that it is them who sends or attests.
enum Proof {
    /// By their password.
    Password,
    /// The OpenID provider asked them anew not long ago.
    Given,
    /// It is to ask them anew: what stands on the button.
    Provider(String),
}

impl Proof {
    /// Who has a password gives that; who has none goes to the provider.
    async fn of(web: &Web, viewer: &Viewer) -> Result<Self, Failure> {
        if viewer.is_proven(web.app.clock.millis()) {
            return Ok(Self::Given);
        }
        match &web.provider {
            Some(provider) if !viewer.user(web).await?.has_password() => {
                Ok(Self::Provider(provider.label().to_owned()))
            }
            _ => Ok(Self::Password),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct NoticeQuery {
    form: Option<String>,
    did: Option<String>,
}

pub(super) async fn page(
    State(web): Shared,
    viewer: Viewer,
    Path(id): Path<i64>,
    Query(query): Query<NoticeQuery>,
) -> Result<Response, Failure> {
    let store = &viewer.store(&web);
    let now = web.app.clock.millis();
    let notice = store.notice(id).await?;
    let channels = takedown::channels(&web.app).map_err(takedown::TakedownError::from)?;
    let channel = channels.get(&notice.channel).ok();
    let mut events = store.notice_events(id).await?;
    let dues = channel.map(|channel| deadlines::due(channel, &notice, &events, now));
    let all = store.notice_items(id).await?;
    let mut next: Vec<&'static str> = Vec::new();
    for item in &all {
        for state in next_states(&item.state) {
            if !next.contains(state) && *state != "attested" {
                next.push(state);
            }
        }
    }
    let more_items = all.len().saturating_sub(MAX_ITEMS);
    let items = all
        .into_iter()
        .take(MAX_ITEMS)
        .map(|item| ItemView {
            events: events
                .extract_if(.., |event| event.case_id == item.case_id)
                .map(|event| {
                    let at = When::new(event.happened_at, now);
                    (event, at)
                })
                .collect(),
            item,
        })
        .collect();
    let form = notice.form.as_deref().and_then(Form::named);
    let shell = Shell::new(&web, viewer, "takedown")
        .await?
        .saying(query.did.as_deref());
    respond(&NoticePage {
        channel_name: channel.map_or_else(|| notice.channel.clone(), |c| c.name.clone()),
        how: channel.map(|c| c.how.clone()).unwrap_or_default(),
        drafted: When::new(notice.created_at, now),
        items,
        more_items,
        dues: dues.unwrap_or_default(),
        next,
        forms: channel
            .map(|c| c.outputs.iter().map(|form| form.as_str()).collect())
            .unwrap_or_default(),
        can_send: notice.state == "attested" && matches!(form, Some(Form::Mail | Form::Rest)),
        proof: Proof::of(&web, &shell.viewer).await?,
        may_decide: shell.viewer.may_decide(),
        may_approve: shell.viewer.may_approve(),
        today: now.timestamp().strftime("%Y-%m-%d").to_string(),
        notice,
        shell,
    })
}

pub(super) async fn attest_form(
    State(web): Shared,
    viewer: Viewer,
    Path(id): Path<i64>,
    Query(query): Query<NoticeQuery>,
) -> Result<Response, Failure> {
    viewer.must_be(Role::Approver, "attest notices")?;
    let form = query.form.as_deref().and_then(Form::named);
    show_attest(&web, viewer, id, form, None).await
}

async fn show_attest(
    web: &Arc<Web>,
    viewer: Viewer,
    id: i64,
    form: Option<Form>,
    error: Option<String>,
) -> Result<Response, Failure> {
    let outgoing = attest::preview(&viewer.app(web), &viewer.name, id, form, None).await?;
    let channels = takedown::channels(&web.app).map_err(takedown::TakedownError::from)?;
    let channel = channels
        .get(&outgoing.notice.channel)
        .map_err(takedown::TakedownError::from)?;
    let is_text = matches!(outgoing.form, Form::Csv | Form::Rest | Form::Mail);
    let file = is_text.then(|| {
        let shown = outgoing.bytes.get(..MAX_SHOWN).unwrap_or(&outgoing.bytes);
        String::from_utf8_lossy(shown).into_owned()
    });
    respond(&AttestPage {
        proof: Proof::of(web, &viewer).await?,
        shell: Shell::new(web, viewer, "takedown").await?,
        channel_name: channel.name.clone(),
        forms: channel.outputs.iter().map(|form| form.as_str()).collect(),
        file,
        outgoing,
        error,
    })
}

/// The user behind a form, by the password given anew or by the OpenID provider that
/// asked anew; or what is wrong, in words.
async fn proven(web: &Web, posted: &Posted, peer: Peer) -> Result<Result<User, String>, Failure> {
    match Proof::of(web, &posted.viewer).await? {
        Proof::Given => return Ok(Ok(posted.viewer.user(web).await?)),
        Proof::Provider(_) => {
            let why =
                "Your organisation has not confirmed just now that it is you: let it do so first.";
            return Ok(Err(why.to_owned()));
        }
        Proof::Password => {}
    }
    let address = address_of(peer);
    let password = posted.get("password").unwrap_or_default();
    match accounts::authenticate(&web.app, &posted.viewer.name, password, &address).await {
        Ok(user) => Ok(Ok(user)),
        Err(AccountError::Store(error)) => Err(error.into()),
        Err(AccountError::WrongCredentials) => Ok(Err("That is not your password.".to_owned())),
        Err(error) => Ok(Err(show::sentence(&error.to_string()))),
    }
}

pub(super) async fn attest(
    State(web): State<Arc<Web>>,
    Path(id): Path<i64>,
    peer: Peer,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.must_approve()?;
    let odd = || Failure::BadRequest("the form is incomplete; open the page again".to_owned());
    let form = posted.get("form").and_then(Form::named).ok_or_else(odd)?;
    let at = posted.get("at").and_then(|at| at.parse().ok()).map(Millis);
    let shown = Shown {
        form,
        at: at.ok_or_else(odd)?,
        hash: posted.get("hash").ok_or_else(odd)?.to_owned(),
        statements: posted.named("state."),
    };
    let app = posted.app(&web);
    app.store.notice(id).await?;
    let user = match proven(&web, &posted, peer).await? {
        Ok(user) => user,
        Err(why) => return show_attest(&web, posted.viewer, id, Some(form), Some(why)).await,
    };
    attest::attest(&app, &user, id, &shown).await?;
    Ok(Redirect::to(&format!("/notice/{id}?did=attested.{id}")).into_response())
}

/// Sends an attested notice by mail or to the channel's interface.
pub(super) async fn send(
    State(web): State<Arc<Web>>,
    Path(id): Path<i64>,
    peer: Peer,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.must_approve()?;
    // Before the password: what is not there is not asked about.
    let app = posted.app(&web);
    app.store.notice(id).await?;
    let user = proven(&web, &posted, peer)
        .await?
        .map_err(Failure::Forbidden)?;
    let secrets = |name: &str| std::env::var(name).ok();
    send::send(&app, &user, id, &secrets).await?;
    Ok(Redirect::to(&format!("/notice/{id}?did=sent.{id}")).into_response())
}

/// The bytes that were attested.
pub(super) async fn file(
    State(web): Shared,
    viewer: Viewer,
    Path(id): Path<i64>,
) -> Result<Response, Failure> {
    let app = viewer.app(&web);
    let notice = app.store.notice(id).await?;
    let (bytes, name, media_type) = send::attested_file(&app, &notice).await?;
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    Ok((headers, bytes).into_response())
}
