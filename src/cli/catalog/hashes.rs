//! `markhound catalog hashes`: lists of picture hashes.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use markhound_index::image::{HashListEntry, HashListForm, write_hash_list};
use serde_json::json;

use super::super::output::{Done, Output, plain};
use crate::app::App;
use crate::catalog::hashes::{HashExport, export_hashes, import_hashes, read_hashes};

/// Examples: markhound catalog hashes export --form pdq -o hashes.txt |
/// markhound catalog hashes import hashes.txt --sku CAM-01 --dry-run
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Write the hash of every reference photo, and the imported hashes, as a list
    Export {
        /// How the list is written
        #[arg(long, value_enum, default_value_t = Form::Csv)]
        form: Form,
        /// Also write the hash that programs built on img_hash give each photo (CSV and JSON only)
        #[arg(long)]
        img_hash: bool,
        /// The file to write [default: standard output]
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Keep a list's hashes for a product: pictures that have one are found in scans
    Import {
        /// The list; - for standard input
        file: PathBuf,
        /// The product whose pictures were hashed
        #[arg(long)]
        sku: String,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// List the imported hashes
    List {
        /// Those of one product
        #[arg(long)]
        sku: Option<String>,
    },
    /// Drop imported hashes of a product, all or those of one label
    Remove {
        /// The product
        #[arg(long)]
        sku: String,
        /// What the list called the picture
        #[arg(long)]
        label: Option<String>,
    },
}

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// hash,quality,name a line, as the PDQ tools print
    Pdq,
    /// "pdq hash" a line, as the threatexchange program reads
    Signals,
    /// One hash a line
    Hashes,
    /// CSV with a header; the only form for hashes other than PDQ's
    Csv,
}

impl From<Form> for HashListForm {
    fn from(form: Form) -> Self {
        match form {
            Form::Pdq => Self::PdqTools,
            Form::Signals => Self::Signals,
            Form::Hashes => Self::Hashes,
            Form::Csv => Self::Csv,
        }
    }
}

pub(super) async fn run(args: Args, app: &App, output: &Output) -> anyhow::Result<Done> {
    match args.command {
        Command::Export {
            form,
            img_hash,
            output: to,
        } => export(app, (form, img_hash), to.as_deref(), output).await,
        Command::Import { file, sku, dry_run } => import(app, &file, &sku, dry_run, output).await,
        Command::List { sku } => list(app, sku.as_deref(), output).await,
        Command::Remove { sku, label } => {
            let store = &app.store;
            let removed = store
                .remove_reference_hashes(&crate::cli::actor(), &sku, label.as_deref())
                .await?;
            if output.json {
                output.document(&json!({ "sku": sku, "label": label, "removed": removed }))?;
            } else {
                output.line(format!("{removed} hash(es) removed"))?;
            }
            Ok(Done::All)
        }
    }
}

async fn export(
    app: &App,
    (form, img_hash): (Form, bool),
    to: Option<&Path>,
    output: &Output,
) -> anyhow::Result<Done> {
    let mut export = export_hashes(app, img_hash).await?;
    for name in &export.flat {
        eprintln!("{}: a flat picture, it has no hash", plain(name));
    }
    for error in &export.errors {
        eprintln!("{}", plain(error));
    }
    if form != Form::Csv && !output.json {
        let all = export.hashes.len();
        export.hashes.retain(|hash| hash.entry.as_pdq().is_some());
        let left_out = all - export.hashes.len();
        if left_out > 0 {
            eprintln!("{left_out} hash(es) are not PDQ's and left out; --form csv writes them");
        }
    }
    match to {
        None => write(&export, form, output.json, std::io::stdout().lock())?,
        Some(path) => {
            let failed = || format!("cannot write the list of hashes to {}", path.display());
            let file = std::fs::File::create(path).with_context(failed)?;
            write(&export, form, output.json, BufWriter::new(file)).with_context(failed)?;
            eprintln!(
                "{} hash(es) written to {}",
                export.hashes.len(),
                path.display()
            );
        }
    }
    Ok(Done::with_failures(!export.errors.is_empty()))
}

fn write(export: &HashExport, form: Form, as_json: bool, mut to: impl Write) -> anyhow::Result<()> {
    if !as_json {
        let entries = export.hashes.iter().map(|hash| &hash.entry);
        write_hash_list(to, form.into(), entries)?;
        return Ok(());
    }
    let mut hashes = Vec::new();
    for hash in &export.hashes {
        hashes.push(json!({
            "sku": hash.sku,
            "algorithm": hash.entry.algorithm,
            "hash": text(&hash.entry)?,
            "quality": hash.entry.quality,
            "name": hash.entry.name,
            "imported": hash.imported,
        }));
    }
    let document = json!({ "hashes": hashes, "flat": export.flat, "errors": export.errors });
    writeln!(to, "{document}")?;
    to.flush()?;
    Ok(())
}

/// The hash as a CSV list has it.
fn text(entry: &HashListEntry) -> anyhow::Result<String> {
    if let Some(hash) = entry.as_pdq() {
        return Ok(hash.to_string());
    }
    let mut bare = entry.clone();
    bare.algorithm = "img_hash".to_owned();
    (bare.name, bare.quality) = (None, None);
    let mut line = Vec::new();
    write_hash_list(&mut line, HashListForm::Csv, [&bare])?;
    let line = String::from_utf8(line)?;
    let hash = line.lines().nth(1).and_then(|line| line.split(',').nth(1));
    Ok(hash.unwrap_or_default().to_owned())
}

async fn import(
    app: &App,
    file: &Path,
    sku: &str,
    dry_run: bool,
    output: &Output,
) -> anyhow::Result<Done> {
    // Before the list is read: a product that is not there is told at once.
    app.store.product(sku).await?;
    let (reader, name): (Box<dyn BufRead>, String) = if file.as_os_str() == "-" {
        (Box::new(std::io::stdin().lock()), "standard input".into())
    } else {
        let open = std::fs::File::open(file)
            .with_context(|| format!("cannot read the list of hashes {}", file.display()))?;
        let name = file.file_name().unwrap_or(file.as_os_str());
        (
            Box::new(BufReader::new(open)),
            name.to_string_lossy().into_owned(),
        )
    };
    let reading = read_hashes(reader, &name)?;
    let actor = crate::cli::actor();
    let done = import_hashes(app, &actor, sku, &name, reading, dry_run).await?;
    let failures = Done::with_failures(done.bad_lines > 0);
    if output.json {
        output.document(&done)?;
        return Ok(failures);
    }
    for bad in &done.bad {
        eprintln!("line {}: {}", bad.line, plain(&bad.reason));
    }
    let unnamed = done.bad_lines - done.bad.len() as u64;
    if unnamed > 0 {
        eprintln!("and {unnamed} more bad line(s)");
    }
    output.line(format!(
        "{} {}, {} there already, {} bad line(s)",
        done.added,
        if dry_run { "to add" } else { "added" },
        done.known,
        done.bad_lines
    ))?;
    if done.export_only > 0 {
        output.line(format!(
            "{} of the list's hashes are not PDQ's: kept for export only, nothing is matched with them",
            done.export_only
        ))?;
    }
    Ok(failures)
}

async fn list(app: &App, sku: Option<&str>, output: &Output) -> anyhow::Result<Done> {
    let rows = match sku {
        Some(sku) => app.store.reference_hashes_of(sku).await?,
        None => app.store.reference_hashes().await?,
    };
    if output.json {
        output.document(&rows)?;
        return Ok(Done::All);
    }
    for row in &rows {
        let quality = row.quality.map(|q| q.to_string()).unwrap_or_default();
        output.line(format!(
            "{:<14} {} {} {quality:>3}  {}",
            plain(&row.sku),
            plain(&row.algorithm),
            row.hash,
            plain(&row.label)
        ))?;
    }
    if rows.is_empty() {
        eprintln!(
            "no hashes are imported; import a list with `markhound catalog hashes import FILE --sku SKU`"
        );
    }
    Ok(Done::All)
}
