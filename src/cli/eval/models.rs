//! `markhound eval models`: which weights there are, and which score.

use markhound_index::score::ScoreModel;
use serde_json::json;

use super::super::output::{Done, Output, plain};
use crate::app::App;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  markhound eval models\n  markhound eval models --adopt 3\n  markhound eval models --undo"
)]
pub(super) struct Args {
    /// Score with these weights from now on
    #[arg(long, value_name = "NUMBER", group = "change")]
    adopt: Option<i64>,
    /// Score with the weights that ship from now on
    #[arg(long, group = "change")]
    shipped: bool,
    /// Take the last adoption back
    #[arg(long, group = "change")]
    undo: bool,
}

pub(super) async fn run(args: Args, app: &App, output: Output) -> anyhow::Result<Done> {
    let (store, actor) = (&app.store, super::super::actor());
    if args.undo {
        store.undo_adoption(&actor).await?;
    } else if args.adopt.is_some() || args.shipped {
        store.adopt_model(&actor, args.adopt).await?;
    }
    let scoring = store.adopted_model().await?.map(|model| model.id);
    let models = store.models().await?;
    let shipped = ScoreModel::built_in();
    if output.json {
        let list: Vec<_> = models
            .iter()
            .map(|model| json!({ "scores": Some(model.id) == scoring, "model": model }))
            .collect();
        output.document(&json!({ "shipped": { "scores": scoring.is_none(),
            "model": shipped.id(), "fitted_on": shipped.fitted_on }, "fitted": list }))?;
        return Ok(Done::All);
    }
    let mark = |scores: bool| if scores { "*" } else { " " };
    for model in &models {
        let after = &model.report["after"];
        output.line(format!(
            "{} {:>4}  {:<12} {}  {}  {} decisions, F1 {:.3}",
            mark(Some(model.id) == scoring),
            model.id,
            plain(&model.label()),
            model.created_at,
            plain(&model.created_by),
            model.report["decisions"],
            after["f1"].as_f64().unwrap_or_default(),
        ))?;
    }
    output.line(format!(
        "{}    -  {:<12} as shipped: {}",
        mark(scoring.is_none()),
        shipped.id(),
        shipped.fitted_on
    ))?;
    Ok(Done::All)
}
