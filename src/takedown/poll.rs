//! Asking channels what became of reports, where their interface says so.
//!
//! That a channel says a listing has ended is noted, and the listing looked at again
//! soon; removed it counts only by what is seen there.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::channel::{Channel, Meaning, StatusRequest};
use super::facts::said;
use super::send::ask;
use super::{TakedownError, channels, lifecycle, record_step};
use crate::app::App;
use crate::store::takedowns::{Notice, Step};

/// Who asks.
const ACTOR: &str = "poll";
/// The most listings read out of an answer.
const MAX_ITEMS: usize = 1_000;
/// How long after one round of asking the next one begins.
const PAUSE: Duration = Duration::from_secs(3_600);

/// What came of asking about a notice.
#[derive(Debug, Clone, Serialize)]
pub struct Polled {
    /// The notice.
    pub notice: i64,
    /// Its channel.
    pub channel: String,
    /// Steps recorded: case and new state.
    pub steps: Vec<(i64, String)>,
    /// Cases whose listing the channel says has ended, to be looked at again soon.
    pub ended: Vec<i64>,
    /// Why nothing is known.
    pub error: Option<String>,
}

/// Asks about every notice that is with a channel which can be asked. `secrets` gives
/// the value of a variable of the environment.
///
/// # Errors
/// When the database cannot be used, or a channel's file not be read; a channel that
/// does not answer is a [`Polled`].
pub async fn poll(
    app: &App,
    secrets: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<Vec<Polled>, TakedownError> {
    let channels = channels(app)?;
    let mut polled = Vec::new();
    for notice in app.store.open_notices().await? {
        let waiting = matches!(
            notice.state.as_str(),
            "submitted" | "acknowledged" | "escalated"
        );
        let Ok(channel) = channels.get(&notice.channel) else {
            continue;
        };
        let status = channel.request.as_ref().and_then(|of| of.status.as_ref());
        let (Some(status), Some(report), true) = (status, &notice.external_id, waiting) else {
            continue;
        };
        let mut came_to = Polled {
            notice: notice.id,
            channel: channel.name.clone(),
            steps: Vec::new(),
            ended: Vec::new(),
            error: None,
        };
        match ask(channel, status, report, secrets).await {
            Ok((bytes, answer)) => {
                take_in(
                    app,
                    &notice,
                    channel,
                    status,
                    (&bytes, &answer),
                    &mut came_to,
                )
                .await?;
            }
            Err(why) => came_to.error = Some(why),
        }
        polled.push(came_to);
    }
    Ok(polled)
}

/// Asks again and again, until it is dropped.
pub async fn keep_polling(app: App) {
    loop {
        match poll(&app, &|name| std::env::var(name).ok()).await {
            Ok(polled) => {
                for of in polled {
                    match of.error {
                        Some(why) => {
                            tracing::warn!(notice = of.notice, "not known how it stands: {why}")
                        }
                        None if of.steps.is_empty() => {}
                        None => {
                            tracing::info!(notice = of.notice, steps = ?of.steps, "its channel answered")
                        }
                    }
                }
            }
            Err(error) => tracing::warn!("channels were not asked how reports stand: {error}"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Records what an answer says of the notice's listings, each step once.
async fn take_in(
    app: &App,
    notice: &Notice,
    channel: &Channel,
    status: &StatusRequest,
    (bytes, answer): (&[u8], &Value),
    came_to: &mut Polled,
) -> Result<(), TakedownError> {
    let sheet = app.store.notice_sheet(notice.id).await?;
    let number = |item: &Value| {
        let case = item["case"].as_str()?.parse::<i64>().ok()?;
        Some((item["item_id"].as_str()?.to_owned(), case))
    };
    let asked: BTreeMap<String, i64> = sheet["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(number)
        .collect();
    let stand: BTreeMap<i64, (String, i64)> = app
        .store
        .notice_items(notice.id)
        .await?
        .into_iter()
        .map(|item| (item.case_id, (item.state, item.listing_id)))
        .collect();
    // What an answer said stays said: after a report was escalated, the same answer
    // as before is none to that.
    let mut told_before: BTreeMap<i64, String> = BTreeMap::new();
    for event in app.store.notice_events(notice.id).await? {
        if matches!(event.to_state.as_str(), "acknowledged" | "refused") {
            told_before.insert(event.case_id, event.to_state);
        }
    }
    // Two looks that are closer together than this say no more than one.
    let apart = i64::from(app.config.notices.recheck.apart_hours) * 3600;
    let before = app.clock.millis().plus_seconds(-apart);
    let told = answer[&status.items].as_array();
    for item in told.into_iter().flatten().take(MAX_ITEMS) {
        let text = |key: &str| said(&item[key], 300);
        let (Some(id), Some(word)) = (text(&status.item), text(&status.state)) else {
            continue;
        };
        let Some((case, (state, listing))) = asked
            .get(&id)
            .and_then(|case| Some((*case, stand.get(case)?)))
        else {
            continue;
        };
        let Some(meaning) = status.means.get(&word) else {
            continue;
        };
        let next = lifecycle::next_states(state);
        if *meaning == Meaning::Ended && next.contains(&"removed") {
            app.store.recheck_soon(*listing, before).await?;
            came_to.ended.push(case);
        }
        let to = match meaning {
            Meaning::Refused => "refused",
            Meaning::Acknowledged | Meaning::Ended | Meaning::Asked => "acknowledged",
        };
        let again = told_before.get(&case).is_some_and(|before| before == to);
        if again || !next.contains(&to) {
            continue;
        }
        let reason = status.reason.as_deref().and_then(text);
        let reason = reason.map_or_else(String::new, |why| format!(": {why}"));
        let step = Step {
            to_state: to.to_owned(),
            cases: vec![case],
            note: Some(format!("{} says {word}{reason}", channel.name)),
            evidence: Some(format!("sha256:{}", app.blobs.put(bytes)?)),
            ..Step::default()
        };
        record_step(app, ACTOR, notice.id, step, None).await?;
        came_to.steps.push((case, to.to_owned()));
    }
    Ok(())
}
