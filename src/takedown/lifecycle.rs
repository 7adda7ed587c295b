//! The dated steps of a notice.

use jiff::tz::TimeZone;

use super::{TakedownError, choose, text};
use crate::app::App;
use crate::clock::Millis;
use crate::store::takedowns::Notice;

/// The longest note kept, in characters.
const MAX_NOTE: usize = 2000;

/// The states that can follow `state`; none after the end, or for a word that
/// is no state.
///
/// ```
/// assert_eq!(markhound::takedown::next_states("draft"), ["submitted"]);
/// assert!(markhound::takedown::next_states("removed").is_empty());
/// ```
#[must_use]
pub fn next_states(state: &str) -> &'static [&'static str] {
    match state {
        "draft" => &["submitted"],
        "submitted" => &["acknowledged", "removed", "refused"],
        "acknowledged" => &["removed", "refused"],
        _ => &[],
    }
}

/// Records a step of a notice that happened outside the program: that a person
/// submitted it, that it was acknowledged, that the listing was removed or the
/// notice refused. `happened_at` is now when not given. Gives the notice as it
/// is then.
///
/// # Errors
/// [`TakedownError::Step`] for a step that cannot follow;
/// [`TakedownError::Missing`] and [`TakedownError::Expired`] when a notice that
/// is not ready would be submitted; [`TakedownError::Date`] for a date in the
/// future or before the step before.
pub async fn record(
    app: &App,
    actor: &str,
    notice_id: i64,
    to_state: &str,
    note: Option<&str>,
    happened_at: Option<Millis>,
) -> Result<Notice, TakedownError> {
    let notice = app.store.notice(notice_id).await?;
    if !next_states(&notice.state).contains(&to_state) {
        return Err(TakedownError::Step {
            notice: notice_id,
            from: notice.state,
            to: to_state.chars().take(60).collect(),
        });
    }
    if to_state == "submitted" {
        ready(app, &notice).await?;
    }
    let now = app.clock.millis();
    let at = happened_at.unwrap_or(now);
    dated(app, &notice, at, now).await?;
    let note = note.map(str::trim).filter(|note| !note.is_empty());
    let note: Option<String> = note.map(|note| note.chars().take(MAX_NOTE).collect());
    app.store
        .record_notice_event(actor, &notice, to_state, note.as_deref(), at)
        .await?;
    Ok(app.store.notice(notice_id).await?)
}

/// Refuses a notice that lacks something or whose right is gone.
async fn ready(app: &App, notice: &Notice) -> Result<(), TakedownError> {
    let mut fields = text::missing(&notice.subject);
    fields.extend(text::missing(&notice.body));
    fields.dedup();
    let case = app.store.case(notice.case_id).await?;
    let rights = app.store.rights_of(case.product_id).await?;
    let right = rights
        .iter()
        .find(|right| Some(right.id) == notice.right_id);
    match right {
        None => fields.push("the right it rests on is no longer in the catalog".to_owned()),
        Some(right) if !choose::in_force(right, app.clock.now()) => {
            return Err(choose::expired_error(&case.sku, right));
        }
        Some(_) => {}
    }
    if fields.is_empty() {
        Ok(())
    } else {
        Err(TakedownError::Missing {
            notice: notice.id,
            fields,
        })
    }
}

/// Refuses dates that cannot be. The first step may carry the date of the day
/// the draft was made, whatever the hour: people note days.
async fn dated(app: &App, notice: &Notice, at: Millis, now: Millis) -> Result<(), TakedownError> {
    let refuse = |why: String| Err(TakedownError::Date { at, why });
    if at > now {
        return refuse(format!("it is in the future; it is {now} now"));
    }
    let events = app.store.notice_events_of(notice.case_id).await?;
    let before = events
        .iter()
        .rev()
        .find(|event| event.notice_id == notice.id);
    match before {
        Some(event) if at < event.happened_at => refuse(format!(
            "notice {} became {} at {}, which is later",
            notice.id, event.to_state, event.happened_at
        )),
        None if at < start_of_day(notice.created_at) => refuse(format!(
            "notice {} was drafted at {}, which is later",
            notice.id, notice.created_at
        )),
        _ => Ok(()),
    }
}

fn start_of_day(at: Millis) -> Millis {
    at.timestamp()
        .to_zoned(TimeZone::UTC)
        .start_of_day()
        .map_or(at, |start| start.timestamp().into())
}
