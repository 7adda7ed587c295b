//! Drafting notices for confirmed cases.

use std::collections::BTreeMap;

use markhound_crawlers::Definition;

use super::channel::{Channel, Channels};
use super::facts::{self, Given, Known};
use super::{TakedownError, choose, cover, render};
use crate::app::App;
use crate::scan::place;
use crate::scan::plan;
use crate::store::products::RightRow;
use crate::store::sources::Source;
use crate::store::takedowns::{Notice, NoticeDraft};

/// What a draft is to be; what is not said follows from the case.
#[derive(Debug, Clone, Default)]
pub struct DraftOptions {
    /// The kind of right: `trademark`, `copyright`, `design`, `patent`.
    pub right_kind: Option<String>,
    /// The channel.
    pub channel: Option<String>,
    /// The country whose market the listings serve.
    pub country: Option<String>,
    /// Values of fields that the records do not hold.
    pub set: BTreeMap<String, String>,
    /// The earlier notice that it repeats.
    pub repeats: Option<i64>,
}

/// Drafts a notice for a confirmed case, or drafts it anew while it has not
/// left.
///
/// It rests on the right of `right_kind`; without it, on the one that fits the
/// kind of infringement: a copied photo is a matter of copyright, a counterfeit
/// one of the trade mark, a copied design one of the design. It goes by the
/// channel of the case's marketplace. What is missing is named in the draft.
///
/// # Errors
/// [`TakedownError::NoRight`] or [`TakedownError::Expired`] when there is no
/// right to rest on; [`TakedownError::Store`] when the case is not confirmed or
/// such a notice has left already.
pub async fn draft(
    app: &App,
    actor: &str,
    case_id: i64,
    right_kind: Option<&str>,
) -> Result<Notice, TakedownError> {
    let options = DraftOptions {
        right_kind: right_kind.map(ToOwned::to_owned),
        ..DraftOptions::default()
    };
    let mut notices = draft_many(app, actor, &[case_id], &options).await?;
    notices
        .pop()
        .ok_or_else(|| TakedownError::Unfit(format!("nothing was drafted for case {case_id}")))
}

/// What must be one in a notice.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Together {
    source: String,
    channel: String,
    country: Option<String>,
    /// Kind, number, jurisdiction, owner: the same right may stand in several products.
    right: [Option<String>; 4],
}

/// Drafts notices for confirmed cases: those of one marketplace, right and
/// country together, as many listings in each as its channel takes.
///
/// # Errors
/// As [`draft`]; what was drafted before the error stays.
pub async fn draft_many(
    app: &App,
    actor: &str,
    cases: &[i64],
    options: &DraftOptions,
) -> Result<Vec<Notice>, TakedownError> {
    let channels = super::channels(app)?;
    let mut groups: BTreeMap<Together, (RightRow, Vec<Known>)> = BTreeMap::new();
    let mut seen = std::collections::BTreeSet::new();
    for &id in cases.iter().filter(|id| seen.insert(**id)) {
        let known = Known::of(app, app.store.case(id).await?).await?;
        let source = app.store.source(&known.case.source).await?;
        let definition = plan::definition(&source).ok();
        let country = country(app, options, &source, definition.as_ref(), &known);
        let rights = app.store.rights_of(known.case.product_id).await?;
        let asked = options.right_kind.as_deref();
        let right = choose::right(
            &known.case,
            &rights,
            asked,
            country.as_deref(),
            app.clock.now(),
        )?;
        let channel = choose_channel(&channels, options, &source, definition.as_ref(), right)?;
        let key = Together {
            source: source.name.clone(),
            channel: channel.id.clone(),
            country,
            right: [
                Some(right.kind.clone()),
                right.number.clone(),
                right.jurisdiction.clone(),
                right.owner.clone(),
            ],
        };
        let (_, known_cases) = groups
            .entry(key)
            .or_insert_with(|| (right.clone(), Vec::new()));
        known_cases.push(known);
    }
    let mut notices = Vec::new();
    for (key, (right, known)) in groups {
        let channel = channels.get(&key.channel)?;
        let given = Given {
            country: key.country.clone(),
            set: &options.set,
            at: app.clock.millis(),
        };
        let mut rest = known.as_slice();
        while !rest.is_empty() {
            let (part, later) = rest.split_at(rest.len().min(channel.limits.items));
            rest = later;
            let sheet = facts::sheet(app, channel, &right, part, &given)?;
            let written = render::write(channel, &sheet, None)?;
            let draft = NoticeDraft {
                cases: part.iter().map(|known| known.case.id).collect(),
                right_id: Some(right.id),
                right_kind: right.kind.clone(),
                channel: channel.id.clone(),
                recipient: key.source.clone(),
                subject: written.subject,
                body: written.body,
                sheet: serde_json::to_value(&sheet).unwrap_or_default(),
                repeats: options.repeats,
            };
            let id = app.store.draft_notice(actor, &draft).await?;
            notices.push(app.store.notice(id).await?);
        }
    }
    Ok(notices)
}

/// The country whose market a listing serves: as was said, as the source's
/// settings or address say, as configured; else where the goods are.
fn country(
    app: &App,
    options: &DraftOptions,
    source: &Source,
    definition: Option<&Definition>,
    known: &Known,
) -> Option<String> {
    let said = options.country.as_deref().map(|c| c.trim().to_uppercase());
    let setting = || {
        source.settings.values().find_map(|value| {
            let code = value.rsplit(['_', '-']).next()?;
            let code = if code == "UK" { "GB" } else { code };
            (value.len() > 2 && cover::is_country(code)).then(|| code.to_owned())
        })
    };
    let domain = || {
        let host = definition?.base().domain()?.to_owned();
        let code = host.rsplit('.').next()?.to_uppercase();
        let code = if code == "UK" { "GB".to_owned() } else { code };
        // Domains of countries that are sold as if they were none.
        let sold = [
            "AI", "CC", "CO", "FM", "GG", "IO", "LY", "ME", "SH", "TO", "TV", "WS",
        ];
        (cover::is_country(&code) && !sold.contains(&code.as_str())).then_some(code)
    };
    let configured = || app.config.notices.country.clone();
    let place = || place::country(known.listing.data.0["location"].as_str()?);
    said.or_else(setting)
        .or_else(domain)
        .or_else(configured)
        .or_else(place)
}

/// The channel asked for, the marketplace's own, or the plain one.
fn choose_channel<'a>(
    channels: &'a Channels,
    options: &DraftOptions,
    source: &Source,
    definition: Option<&Definition>,
    right: &RightRow,
) -> Result<&'a Channel, TakedownError> {
    if let Some(name) = &options.channel {
        return Ok(channels.get(name)?);
    }
    let host = definition
        .and_then(|definition| definition.base().domain().map(ToOwned::to_owned))
        .unwrap_or_default();
    let id = definition
        .map(Definition::id)
        .unwrap_or_default()
        .to_owned();
    let is_for = |channel: &&Channel| {
        channel.rights.contains(&right.kind)
            && channel.marketplaces.iter().any(|name| {
                source.name.starts_with(name.as_str())
                    || id.starts_with(name.as_str())
                    || host.split('.').any(|label| label == name)
            })
    };
    match channels.iter().find(is_for) {
        Some(channel) => Ok(channel),
        None => Ok(channels.get("marketplace")?),
    }
}
