//! How many reports each channel accepts, and whether a programme would complain.

use std::collections::BTreeMap;

use serde::Serialize;

use super::TakedownError;
use crate::app::App;

/// How a channel took what was reported to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Acceptance {
    /// The channel.
    pub channel: String,
    /// Listings that were reported.
    pub reported: i64,
    /// Of those, removed at some time.
    pub removed: i64,
    /// Of those, refused at some time.
    pub refused: i64,
    /// Of those, with a counter-notice.
    pub counter_notices: i64,
    /// removed / (removed + refused); none before anything was decided.
    pub rate: Option<f64>,
    /// What the programme asks for.
    pub threshold: Option<f64>,
    /// What to be warned of.
    pub warning: Option<String>,
}

/// How close to a threshold a rate is warned of.
const MARGIN: f64 = 0.03;

/// The acceptance of each channel.
///
/// # Errors
/// When the database or the channels cannot be read.
pub async fn acceptance(app: &App) -> Result<Vec<Acceptance>, TakedownError> {
    let channels = super::channels(app)?;
    let mut counts: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    for (channel, state, count) in app.store.outcomes_by_channel().await? {
        counts.entry(channel).or_default().insert(state, count);
    }
    let of = |(channel, counts): (String, BTreeMap<String, i64>)| {
        let count = |state: &str| counts.get(state).copied().unwrap_or(0);
        let (removed, refused) = (count("removed"), count("refused"));
        let decided = removed + refused;
        #[expect(clippy::cast_precision_loss, reason = "counts of listings")]
        let rate = (decided > 0).then(|| removed as f64 / decided as f64);
        let program = channels.get(&channel).ok().and_then(|c| c.program.as_ref());
        let warning = program.zip(rate).and_then(|(program, rate)| {
            let enough = decided >= i64::from(program.at_least);
            let state = if rate < program.acceptance {
                "below"
            } else {
                "close to"
            };
            (enough && rate < program.acceptance + MARGIN).then(|| {
                format!(
                    "{:.0} % of {decided} decided reports were accepted, {state} the {:.0} % that {} asks for; look at the refusals before you report more",
                    rate * 100.0,
                    program.acceptance * 100.0,
                    program.name
                )
            })
        });
        Acceptance {
            reported: count("submitted"),
            removed,
            refused,
            counter_notices: count("counter_notice"),
            rate,
            threshold: program.map(|program| program.acceptance),
            warning,
            channel,
        }
    };
    Ok(counts.into_iter().map(of).collect())
}
