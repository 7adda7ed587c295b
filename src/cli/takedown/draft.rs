//! Drafting notices for cases.

use std::collections::BTreeMap;

use super::super::output::Output;
use super::notices::print;
use crate::app::App;
use crate::takedown::{self, DraftOptions};

/// What is drafted, for which cases.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The cases' numbers
    #[arg(required = true)]
    ids: Vec<i64>,
    /// The right it rests on: trademark, copyright, design, patent [default: by kind of infringement]
    #[arg(long)]
    right: Option<String>,
    /// The channel [default: the marketplace's own, else `marketplace`]
    #[arg(long)]
    channel: Option<String>,
    /// The country whose market the listings serve [default: as the source says]
    #[arg(long)]
    country: Option<String>,
    /// A value for a field that the records do not hold; may be repeated
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    set: Vec<String>,
    /// The earlier notice that it repeats
    #[arg(long, value_name = "NOTICE")]
    repeats: Option<i64>,
}

/// Drafts them.
pub(super) async fn run(args: Args, app: &App, output: &Output) -> anyhow::Result<()> {
    let options = DraftOptions {
        right_kind: args.right,
        channel: args.channel,
        country: args.country,
        set: pairs(&args.set)?,
        repeats: args.repeats,
    };
    let actor = super::super::actor();
    for notice in takedown::draft_many(app, &actor, &args.ids, &options).await? {
        print(&notice, output)?;
    }
    Ok(())
}

/// Drafts what was sent for a listing that came back.
pub(super) async fn again(case: i64, app: &App, output: &Output) -> anyhow::Result<()> {
    let actor = super::super::actor();
    let notice = takedown::relisting::draft_again(app, &actor, case).await?;
    print(&notice, output)
}

/// `name=value` pairs.
fn pairs(given: &[String]) -> anyhow::Result<BTreeMap<String, String>> {
    given
        .iter()
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
            None => anyhow::bail!("--set takes FIELD=VALUE, not {pair:?}"),
        })
        .collect()
}
