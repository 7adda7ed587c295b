//! `markhound catalog`: the protected products.

mod hashes;
mod remove;

use std::path::PathBuf;

use indicatif::ProgressBar;

use super::output::{Done, Output, confirm};
use crate::app::App;
use crate::catalog::references::{References, SetAside};
use crate::catalog::{self, RowError};
use crate::store::matching::Matching;
use crate::store::products::ReferencePhoto;

/// Examples: markhound catalog import products.csv --images photos/ --dry-run |
/// markhound catalog show CAM-01 | markhound catalog exclude CAM-01 size-chart.png
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Import products from CSV or JSON: shows what would change and asks
    Import {
        /// The file; columns are described in docs/catalog.md
        file: PathBuf,
        /// Folder of the reference photos
        #[arg(long, value_name = "DIR")]
        images: Option<PathBuf>,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// List products
    List {
        /// Those that were removed from the catalog
        #[arg(long)]
        removed: bool,
    },
    /// Show one product with its rights and photos
    Show {
        /// Its SKU
        sku: String,
    },
    /// Remove products from the catalog: nothing is held against them any more
    Remove(remove::Args),
    /// Bring removed products back into the catalog
    Restore {
        /// Their SKUs
        #[arg(required = true)]
        skus: Vec<String>,
    },
    /// Write the catalog as CSV (or JSON with --json) to standard output
    Export,
    /// Hold listings no longer against photos of a product: size charts, logos, banners
    Exclude {
        /// Its SKU
        sku: String,
        /// File names of the photos, as `catalog show` prints them [default: all of them]
        photos: Vec<String>,
    },
    /// Hold listings against photos of a product again
    Include {
        /// Its SKU
        sku: String,
        /// File names of the photos, as `catalog show` prints them [default: all of them]
        photos: Vec<String>,
        /// Even those that unrelated products have too
        #[arg(long)]
        always: bool,
    },
    /// Lists of picture hashes: export, import, list, remove
    Hashes(hashes::Args),
}

pub(super) async fn run(args: Args, app: &App, output: &Output) -> anyhow::Result<Done> {
    match args.command {
        Command::Import {
            file,
            images,
            yes,
            dry_run,
        } => {
            return import(app, &file, images.as_deref(), yes, dry_run, output).await;
        }
        Command::Hashes(args) => return hashes::run(args, app, output).await,
        Command::Remove(args) => return remove::run(args, app, output).await,
        Command::Restore { skus } => return remove::restore(&skus, app, output).await,
        Command::List { removed } => list(app, removed, output).await?,
        Command::Exclude { sku, photos } => {
            set_matching(app, &sku, &photos, Matching::Never, output).await?;
        }
        Command::Include {
            sku,
            photos,
            always,
        } => {
            let matching = if always {
                Matching::Always
            } else {
                Matching::Auto
            };
            set_matching(app, &sku, &photos, matching, output).await?;
        }
        Command::Show { sku } => show(app, &sku, output).await?,
        Command::Export => {
            let out = std::io::stdout().lock();
            if output.json {
                catalog::export_json(app, out).await?;
            } else {
                catalog::export_csv(app, out).await?;
            }
        }
    }
    Ok(Done::All)
}

async fn import(
    app: &App,
    file: &std::path::Path,
    images: Option<&std::path::Path>,
    yes: bool,
    dry_run: bool,
    output: &Output,
) -> anyhow::Result<Done> {
    let reading = catalog::read(file, images)?;
    for warning in &reading.warnings {
        eprintln!("warning: {warning}");
    }
    if dry_run || !yes {
        let plan = catalog::plan(app, &reading).await?;
        let failures = Done::with_failures(!plan.errors.is_empty());
        if dry_run && output.json {
            output.document(&plan)?;
            return Ok(failures);
        }
        list_errors(&plan.errors);
        let summary = format!(
            "{} to add, {} to change, {} unchanged, {} removed to bring back, {} row(s) with errors",
            plan.added.len(),
            plan.changed.len(),
            plan.unchanged.len(),
            plan.restored.len(),
            plan.errors.len()
        );
        if dry_run {
            for sku in &plan.added {
                output.line(format!("add     {sku}"))?;
            }
            for sku in &plan.changed {
                output.line(format!("change  {sku}"))?;
            }
            for sku in &plan.restored {
                output.line(format!("restore {sku}"))?;
            }
            output.line(summary)?;
            return Ok(failures);
        }
        eprintln!("{summary}");
        if !confirm("Import?")? {
            eprintln!("nothing was imported");
            return Ok(Done::All);
        }
    }
    let bar = ProgressBar::new(0);
    let imported = catalog::import(app, &super::actor(), &reading, |done, all| {
        bar.set_length(u64::try_from(all).unwrap_or(0));
        bar.set_position(u64::try_from(done).unwrap_or(0));
    })
    .await?;
    bar.finish_and_clear();
    if output.json {
        output.document(&imported)?;
    } else {
        list_errors(&imported.errors);
        output.line(format!(
            "{} added, {} changed, {} unchanged, {} brought back, {} photos, {} row(s) with errors",
            imported.added,
            imported.changed,
            imported.unchanged,
            imported.restored,
            imported.photos,
            imported.errors.len()
        ))?;
    }
    Ok(Done::with_failures(!imported.errors.is_empty()))
}

fn list_errors(errors: &[RowError]) {
    for error in errors {
        eprintln!("{error}");
    }
}

async fn list(app: &App, removed: bool, output: &Output) -> anyhow::Result<()> {
    let mut products = app.store.every_product().await?;
    products.retain(|product| product.removed_at.is_some() == removed);
    if output.json {
        return output.document(&products);
    }
    for product in &products {
        let price = match (&product.msrp, &product.currency) {
            (Some(msrp), Some(currency)) => format!("{msrp} {currency}"),
            (Some(msrp), None) => msrp.clone(),
            _ => String::new(),
        };
        output.line(format!(
            "{:<14} {:<16} {:<40} {price}",
            product.sku, product.brand, product.name
        ))?;
    }
    if products.is_empty() && removed {
        eprintln!("no product was removed from the catalog");
    } else if products.is_empty() {
        eprintln!(
            "the catalog is empty; import one with `markhound catalog import FILE --images DIR`"
        );
    }
    Ok(())
}

async fn show(app: &App, sku: &str, output: &Output) -> anyhow::Result<()> {
    let product = app.store.product(sku).await?;
    let rights = app.store.rights_of(product.id).await?;
    let references = References::load(app).await?;
    let photos = app.store.reference_photos_of(product.id).await?;
    let photos: Vec<Photo> = photos
        .into_iter()
        .map(|photo| Photo {
            set_aside: references.set_aside(photo.id),
            photo,
        })
        .collect();
    if output.json {
        return output.document(
            &serde_json::json!({ "product": product, "rights": rights, "photos": photos }),
        );
    }
    output.line(format!(
        "{}  {} {}",
        product.sku, product.brand, product.name
    ))?;
    if let Some(at) = product.removed_at {
        output.line(format!("  removed from the catalog at {at}"))?;
    }
    let field = |name: &str, values: &[String]| match values {
        [] => Ok(()),
        values => output.line(format!("  {name:<20} {}", values.join("; "))),
    };
    field("model numbers", &product.model_numbers)?;
    field("aliases", &product.aliases)?;
    field("keywords", &product.keywords)?;
    field("authorised sellers", &product.authorised_sellers)?;
    for right in rights {
        let expiry = right
            .expiry
            .map(|date| format!(", until {date}"))
            .unwrap_or_default();
        output.line(format!(
            "  {:<20} {} {} {}{expiry}",
            right.kind,
            right.jurisdiction.unwrap_or_default(),
            right.number.unwrap_or_default(),
            right.owner.unwrap_or_default()
        ))?;
    }
    for Photo { photo, set_aside } in photos {
        let note = set_aside.map(|why| format!("  ({why})"));
        output.line(format!(
            "  {:<20} {} × {}  {}{}",
            "photo",
            photo.width,
            photo.height,
            photo.file_name,
            note.unwrap_or_default()
        ))?;
    }
    Ok(())
}

/// A reference photo, and why listings are not held against it.
#[derive(serde::Serialize)]
struct Photo {
    #[serde(flatten)]
    photo: ReferencePhoto,
    set_aside: Option<SetAside>,
}

async fn set_matching(
    app: &App,
    sku: &str,
    photos: &[String],
    matching: Matching,
    output: &Output,
) -> anyhow::Result<()> {
    let store = &app.store;
    let changed = store
        .set_matching(&super::actor(), sku, photos, matching)
        .await?;
    if output.json {
        return output.document(
            &serde_json::json!({ "sku": sku, "matching": matching, "changed": changed }),
        );
    }
    output.line(format!("{changed} photo(s) of {sku} changed"))?;
    if changed > 0 {
        eprintln!(
            "this holds for scans from now on; for what was captured before: markhound hunt --product {sku}"
        );
    }
    Ok(())
}
