//! `markhound hunt QUERY`: the listings that say something.

use std::sync::Arc;

use markhound_index::listings::{Query, Search, Sort};
use serde_json::json;

use super::Args;
use crate::app::App;
use crate::cli::output::{Done, Output, plain, short};
use crate::cli::progress;
use crate::hunt::listings::Listings;
use crate::hunt::text::{self, TextFinds, TextFound};

/// A day, as its first millisecond.
pub(super) fn day(text: &str) -> Result<i64, String> {
    Query::day(text)
}

pub(super) async fn run(args: &Args, app: &App, output: &Output) -> anyhow::Result<Done> {
    let written = args.query.join(" ");
    let mut query = Query::parse(&written).map_err(|why| anyhow::anyhow!("{why}\n  {written}"))?;
    for name in &args.source {
        // A name that is misspelt would look like nothing found.
        app.store.source(name).await?;
    }
    query = query.of_sources(&args.source);
    if let Some(since) = args.since {
        query = query.seen_since(since);
    }
    if let Some(before) = args.before {
        query = query.seen_before(before);
    }
    let newest = args.newest || !query.has_words();
    let search = Search {
        sort: if newest { Sort::Newest } else { Sort::Best },
        limit: args.limit as usize,
        after: args.from,
    };
    let bar = progress::bar("index", 0);
    let shown = bar.clone();
    let told = Arc::new(move |done, of| progress::at(&shown, done, of));
    let ready = Listings::of(&app.store, &app.data_dir)
        .ready(None, Some(told))
        .await?;
    bar.finish_and_clear();
    let finds = text::search(&app.store, &ready.index, &query, &search).await?;
    if output.json {
        output.document(&json!({ "query": written, "total": finds.total,
            "listings": finds.listings, "next": finds.next }))?;
    } else {
        print(&finds, output)?;
    }
    ready.settled().await;
    Ok(Done::All)
}

fn print(finds: &TextFinds, output: &Output) -> anyhow::Result<()> {
    for found in &finds.listings {
        output.line(lines(found))?;
    }
    output.line(match &finds.next {
        Some(next) => format!(
            "{} of {} listings; the next ones with --from {next}",
            finds.listings.len(),
            finds.total
        ),
        None => format!("{} listings", finds.total),
    })
}

fn lines(found: &TextFound) -> String {
    let listing = &found.listing;
    let price = match (&listing.price_amount, &listing.price_currency) {
        (Some(amount), Some(currency)) => format!("  {amount} {currency}"),
        (Some(amount), None) => format!("  {amount}"),
        _ => String::new(),
    };
    let mut out = format!(
        "{} {}  {}{}{}{}\n       {}  seen {}",
        listing.source,
        plain(&listing.item_id),
        short(&listing.title, 90),
        plain(&price),
        match &listing.seller {
            Some(seller) => format!("  by {}", short(seller, 40)),
            None => String::new(),
        },
        match listing.case_id {
            Some(id) => format!("  case {id}"),
            None => String::new(),
        },
        plain(&listing.url),
        listing.last_seen_at.timestamp(),
    );
    let is_hit = found.excerpt_pieces.iter().any(|piece| piece.hit);
    if let Some(excerpt) = found.excerpt.as_deref().filter(|_| is_hit) {
        out.push_str(&format!("\n       {}", short(excerpt, 240)));
    }
    out
}
