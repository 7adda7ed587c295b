//! The dated steps of a notice and of each of its listings.

use jiff::tz::TimeZone;

use super::TakedownError;
use crate::app::App;
use crate::clock::Millis;
use crate::store::takedowns::{Notice, Step};

/// The longest note kept, in characters.
const MAX_NOTE: usize = 2000;

/// Every state there is, those that most ask for somebody first.
pub const STATES: [&str; 11] = [
    "counter_notice",
    "restored",
    "draft",
    "attested",
    "submitted",
    "acknowledged",
    "escalated",
    "refused",
    "removed",
    "withdrawn",
    "closed",
];

/// The states that can follow `state`; none after the end, or for a word that
/// is no state.
///
/// ```
/// assert_eq!(markhound::takedown::next_states("draft"), ["attested"]);
/// assert!(markhound::takedown::next_states("closed").is_empty());
/// ```
#[must_use]
pub fn next_states(state: &str) -> &'static [&'static str] {
    match state {
        "draft" => &["attested"],
        "attested" => &["submitted", "withdrawn"],
        "submitted" => &[
            "acknowledged",
            "removed",
            "refused",
            "counter_notice",
            "escalated",
            "withdrawn",
        ],
        "acknowledged" => &[
            "removed",
            "refused",
            "counter_notice",
            "escalated",
            "withdrawn",
        ],
        "removed" => &["counter_notice", "restored", "closed"],
        "refused" => &["escalated", "removed", "closed", "withdrawn"],
        "counter_notice" => &["escalated", "restored", "removed", "closed", "withdrawn"],
        "restored" => &["escalated", "removed", "closed"],
        "escalated" => &[
            "acknowledged",
            "removed",
            "refused",
            "counter_notice",
            "closed",
            "withdrawn",
        ],
        "withdrawn" => &["closed"],
        _ => &[],
    }
}

/// The state of a notice by those of its listings: the one that most asks for
/// somebody.
#[must_use]
pub fn overall(states: &[String]) -> &'static str {
    STATES
        .into_iter()
        .find(|state| states.iter().any(|of| of == state))
        .unwrap_or("draft")
}

/// Records a step of a whole notice that happened outside the program; see
/// [`record_step`].
///
/// # Errors
/// As there.
pub async fn record(
    app: &App,
    actor: &str,
    notice_id: i64,
    to_state: &str,
    note: Option<&str>,
    happened_at: Option<Millis>,
) -> Result<Notice, TakedownError> {
    let step = Step {
        to_state: to_state.to_owned(),
        note: note.map(ToOwned::to_owned),
        ..Step::default()
    };
    record_step(app, actor, notice_id, step, happened_at).await
}

/// Records a step of the listings named, or of all that can take it: that it was
/// submitted, acknowledged, that listings were removed or the notice refused.
/// `happened_at` is now when not given. Gives the notice as it is then.
///
/// A draft becomes attested by [`super::attest::attest`] only.
///
/// # Errors
/// [`TakedownError::Step`] for a step that cannot follow, of a listing that was
/// named or of all; [`TakedownError::Date`] for a date in the future or before
/// the step before.
pub async fn record_step(
    app: &App,
    actor: &str,
    notice_id: i64,
    mut step: Step,
    happened_at: Option<Millis>,
) -> Result<Notice, TakedownError> {
    let notice = app.store.notice(notice_id).await?;
    let refuse = |from: &str| TakedownError::Step {
        notice: notice_id,
        from: from.to_owned(),
        to: step.to_state.chars().take(60).collect(),
    };
    let items = app.store.notice_items(notice_id).await?;
    let can = |state: &str| next_states(state).contains(&step.to_state.as_str());
    let mut seen = Vec::new();
    for item in &items {
        let named = step.cases.contains(&item.case_id);
        if can(&item.state) && (named || step.cases.is_empty()) {
            seen.push((item.case_id, item.state.clone()));
        } else if named {
            return Err(refuse(&item.state));
        }
    }
    if let Some(stranger) = step
        .cases
        .iter()
        .find(|case| !items.iter().any(|item| item.case_id == **case))
    {
        return Err(TakedownError::Unfit(format!(
            "case {stranger} is not in notice {notice_id}"
        )));
    }
    if seen.is_empty() || step.to_state == "attested" {
        return Err(refuse(&notice.state));
    }
    let now = app.clock.millis();
    let at = happened_at.unwrap_or(now);
    dated(app, &notice, &seen, at, now).await?;
    step.note = step
        .note
        .map(|note| note.trim().chars().take(MAX_NOTE).collect::<String>())
        .filter(|note| !note.is_empty());
    app.store
        .record_notice_step(actor, notice_id, &seen, &step, at)
        .await?;
    Ok(app.store.notice(notice_id).await?)
}

/// Refuses dates that cannot be. The first step may carry the date of the day
/// the draft was made, whatever the hour: people note days.
async fn dated(
    app: &App,
    notice: &Notice,
    seen: &[(i64, String)],
    at: Millis,
    now: Millis,
) -> Result<(), TakedownError> {
    let refuse = |why: String| Err(TakedownError::Date { at, why });
    if at > now {
        return refuse(format!("it is in the future; it is {now} now"));
    }
    let events = app.store.notice_events(notice.id).await?;
    let of_seen = |case: i64| seen.iter().any(|(seen, _)| *seen == case);
    let events = events.iter().filter(|event| of_seen(event.case_id));
    // Drafting and attesting are noted to the moment by the program; what a person
    // did that day need not be later.
    let (by_program, by_people): (Vec<_>, Vec<_>) =
        events.partition(|event| event.to_state == "attested");
    let drafted = by_program
        .iter()
        .map(|event| event.happened_at)
        .max()
        .unwrap_or(notice.created_at);
    if at < start_of_day(drafted) {
        return refuse(format!(
            "notice {} was drafted or attested at {drafted}, which is later",
            notice.id
        ));
    }
    match by_people.iter().max_by_key(|event| event.happened_at) {
        Some(event) if at < event.happened_at => refuse(format!(
            "notice {} became {} at {}, which is later",
            notice.id, event.to_state, event.happened_at
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
