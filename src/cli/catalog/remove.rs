//! `markhound catalog remove` and `restore`.

use serde::Serialize;

use super::super::output::{Done, Output, confirm};
use crate::app::App;
use crate::store::StoreError;
use crate::store::removals::Removal;

/// Example: markhound catalog remove OST-FJ210 --dry-run
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Their SKUs
    #[arg(required = true)]
    skus: Vec<String>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Only show what would happen
    #[arg(long)]
    dry_run: bool,
}

/// What happened, or would happen.
#[derive(Serialize)]
struct Report {
    /// Whether anything was written.
    done: bool,
    products: Vec<Removal>,
}

pub(super) async fn run(args: Args, app: &App, output: &Output) -> anyhow::Result<Done> {
    // Nothing is removed where one of them is not there: a slip of the pen.
    let mut products = all_of(&args.skus, app).await?;
    if args.dry_run {
        return tell(products, false, output);
    }
    if !args.yes {
        for product in &products {
            eprintln!("{}", in_words(product));
        }
        if !confirm("Remove?")? {
            eprintln!("nothing was removed");
            return Ok(Done::All);
        }
    }
    let actor = super::super::actor();
    for product in &mut products {
        app.store.remove_product(&actor, &product.sku).await?;
        *product = app.store.removal(&product.sku).await?;
    }
    tell(products, true, output)
}

pub(super) async fn restore(skus: &[String], app: &App, output: &Output) -> anyhow::Result<Done> {
    all_of(skus, app).await?;
    let actor = super::super::actor();
    let mut restored = Vec::new();
    for sku in skus {
        let was_removed = app.store.restore_product(&actor, sku, None).await?;
        if !output.json {
            output.line(match was_removed {
                true => format!("{sku} is back in the catalog"),
                false => format!("{sku} is in the catalog already"),
            })?;
        }
        if was_removed {
            restored.push(sku.as_str());
        }
    }
    if output.json {
        output.document(&serde_json::json!({ "restored": restored }))?;
    } else if !restored.is_empty() {
        eprintln!("what was captured meanwhile is searched by `markhound hunt`");
    }
    Ok(Done::All)
}

async fn all_of(skus: &[String], app: &App) -> Result<Vec<Removal>, StoreError> {
    let mut products = Vec::with_capacity(skus.len());
    for sku in skus {
        products.push(app.store.removal(sku).await?);
    }
    Ok(products)
}

fn tell(products: Vec<Removal>, done: bool, output: &Output) -> anyhow::Result<Done> {
    if output.json {
        output.document(&Report { done, products })?;
        return Ok(Done::All);
    }
    for product in &products {
        output.line(in_words(product))?;
    }
    Ok(Done::All)
}

fn in_words(of: &Removal) -> String {
    let state = match of.removed_at {
        Some(at) => format!("removed at {at}"),
        None => "in the catalog".to_owned(),
    };
    format!(
        "{:<14} {state}; {} undecided case(s) leave the queue, {} decided stay, {} notice(s) under way go on, {} photo(s) are matched no more",
        of.sku, of.undecided_cases, of.decided_cases, of.notices_under_way, of.photos
    )
}
