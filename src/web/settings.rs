//! Settings of the review, and one's own keys.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::failure::Failure;
use super::look::{self, Look};
use super::session::{Posted, Viewer};
use super::shell::{Shell, page as respond};
use super::{Shared, Web, show};
use crate::accounts::Role;
use crate::accounts::second::SignInRules;
use crate::review::rules::Rules;
use crate::store::known_answers::Sureness;
use crate::store::{Store, StoreError};

/// The longest name of a queue.
const MOST_NAME: usize = 60;

#[derive(Template)]
#[template(path = "web/templates/settings.html")]
struct SettingsPage {
    shell: Shell,
    rules: Rules,
    deciders: usize,
    known: i64,
    sureness: Vec<Sureness>,
    may_administer: bool,
    /// Whether they may say how people sign in.
    may_rule: bool,
    sign_in: SignInRules,
    roles: [Role; 5],
    kept: bool,
}

#[derive(Template)]
#[template(path = "web/templates/keys.html")]
struct KeysPage {
    shell: Shell,
    look: Look,
    problem: Option<String>,
    kept: bool,
}

/// Whether something was just kept.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    kept: Option<String>,
}

pub(super) async fn page(
    State(web): Shared,
    viewer: Viewer,
    Query(said): Query<Said>,
) -> Result<Response, Failure> {
    let store = &web.app.store;
    let may_administer = viewer.may_manage();
    respond(&SettingsPage {
        rules: Rules::load(store).await?,
        deciders: store.deciders().await?.len(),
        known: store.known_answers().await?,
        sureness: store.sureness().await?,
        may_administer,
        may_rule: viewer.may_administer(),
        sign_in: SignInRules::load(store).await?,
        roles: Role::ALL,
        kept: said.kept.is_some(),
        shell: Shell::new(&web, viewer, "settings").await?,
    })
}

pub(super) async fn save(State(web): State<Arc<Web>>, posted: Posted) -> Result<Response, Failure> {
    posted.must_manage("change rules")?;
    let ticked = |name| posted.get(name).is_some();
    let whole = |name: &str| match posted.get(name) {
        None => Ok(None),
        Some(text) => text.parse::<u32>().map(Some).map_err(|_| {
            Failure::BadRequest(format!(
                "{} needs a whole number, not {text:?}",
                show::words(name).to_lowercase()
            ))
        }),
    };
    let rules = Rules {
        first_action: ticked("first_action"),
        patent_or_design: ticked("patent_or_design"),
        confidential: ticked("confidential"),
        damage_from: whole("damage_from")?,
        known_answer_every: whole("known_answer_every")?.unwrap_or(0),
    };
    rules.save(&web.app.store, &posted.viewer.name).await?;
    Ok(Redirect::to("/settings?kept=1").into_response())
}

pub(super) async fn keys(
    State(web): Shared,
    viewer: Viewer,
    Query(said): Query<Said>,
) -> Result<Response, Failure> {
    let look = Look::of(&web.app.store, &viewer.name).await?;
    respond(&KeysPage {
        look,
        problem: None,
        kept: said.kept.is_some(),
        shell: Shell::new(&web, viewer, "keys").await?,
    })
}

pub(super) async fn save_keys(
    State(web): State<Arc<Web>>,
    posted: Posted,
) -> Result<Response, Failure> {
    let store = &web.app.store;
    let mut look = Look {
        blur: posted.get("blur").is_some(),
        mode: posted.get("mode").unwrap_or_default().to_owned(),
        ..Look::default()
    };
    let mut problem = None;
    if posted.get("reset").is_none() {
        for (action, ..) in look::ACTIONS {
            let key = posted.get(&format!("key-{action}")).unwrap_or_default();
            if let Err(why) = look.set_key(action, key) {
                problem.get_or_insert(why);
            }
        }
        if let Some((one, other)) = look.clash() {
            let key = look.key(one);
            problem.get_or_insert(format!(
                "{key:?} stands for two actions, {one} and {other}; nothing was kept"
            ));
        }
    }
    if problem.is_some() {
        let shell = Shell::new(&web, posted.viewer, "keys").await?;
        return respond(&KeysPage {
            shell,
            look,
            problem,
            kept: false,
        });
    }
    look.keep(store, &posted.viewer.name).await?;
    Ok(Redirect::to("/keys?kept=1").into_response())
}

/// Keeps how pictures are shown, as the keys for it change it.
pub(super) async fn save_look(
    State(web): State<Arc<Web>>,
    posted: Posted,
) -> Result<Response, Failure> {
    let store = &web.app.store;
    let mut look = Look::of(store, &posted.viewer.name).await?;
    if let Some(blur) = posted.get("blur") {
        look.blur = blur == "true";
    }
    if let Some(mode) = posted.get("mode") {
        mode.clone_into(&mut look.mode);
        look.mode = look.mode().to_owned();
    }
    look.keep(store, &posted.viewer.name).await?;
    Ok(axum::Json(serde_json::json!({ "message": "kept" })).into_response())
}

/// Gives a queue a name.
pub(super) async fn save_queue(
    State(web): State<Arc<Web>>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.must_decide()?;
    let name: String = posted
        .get("name")
        .unwrap_or_default()
        .chars()
        .take(MOST_NAME)
        .collect();
    if name.is_empty() {
        return Err(Failure::BadRequest("a saved queue needs a name".to_owned()));
    }
    let query = posted.get("query").unwrap_or_default();
    let query = keep_queue(&posted.store(&web), &posted.viewer.name, &name, query).await?;
    Ok(Redirect::to(&format!("/queue?{query}")).into_response())
}

/// Keeps a queue under a name; gives its query, read and written anew: what is kept is a
/// filter, whatever was sent.
pub(super) async fn keep_queue(
    store: &Store,
    actor: &str,
    name: &str,
    query: &str,
) -> Result<String, StoreError> {
    let query = super::filter::Filter::read(query).link();
    store.save_filter(actor, name, &query).await?;
    Ok(query)
}

/// Forgets a named queue.
pub(super) async fn drop_queue(
    State(web): State<Arc<Web>>,
    Path(id): Path<i64>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.must_decide()?;
    posted.store(&web).drop_filter(id).await?;
    Ok(Redirect::to("/queue").into_response())
}

/// Makes a decided case a known answer.
pub(super) async fn make_known(
    State(web): State<Arc<Web>>,
    Path(id): Path<i64>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.must_manage("make known answers")?;
    let store = &posted.store(&web);
    store.make_known(&posted.viewer.name, &[id]).await?;
    let to = posted.back().unwrap_or("/queue");
    Ok(Redirect::to(to).into_response())
}
