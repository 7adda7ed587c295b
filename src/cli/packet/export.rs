//! `markhound packet export`.

use std::path::Path;

use super::super::output::{Done, Output};
use crate::app::App;
use crate::packet::{self, Options};

/// Writes a packet for each case.
pub(super) async fn run(
    app: &App,
    ids: &[i64],
    dir: &Path,
    options: &Options,
    output: &Output,
) -> anyhow::Result<Done> {
    let actor = super::super::actor();
    let mut failed = 0;
    for id in ids {
        match packet::export_as(app, &actor, *id, dir, options).await {
            Ok(exported) => {
                for note in &exported.notes {
                    eprintln!("case {id}: {note}");
                }
                match output.json {
                    true => output.object(&serde_json::json!({ "case": id,
                        "packet": exported.path, "sha256": exported.sha256,
                        "manifest": exported.manifest, "timestamps": exported.timestamps,
                        "notes": exported.notes }))?,
                    false => output.line(exported.path.display().to_string())?,
                }
            }
            Err(error) => {
                failed += 1;
                eprintln!("case {id}: {error}");
            }
        }
    }
    if failed == ids.len() {
        anyhow::bail!("no packet was written");
    }
    Ok(Done::with_failures(failed > 0))
}
