//! `markhound packet export`: a packet for each case, or one for all of them.

use std::path::Path;

use futures::StreamExt as _;
use indicatif::{ProgressBar, ProgressStyle};

use super::super::output::{Done, Output};
use crate::app::App;
use crate::packet::{self, Exported, Folder, Options, Written};
use crate::store::packets::Choice;

const BAR: &str = "{prefix:>12} {bar:32.cyan/blue} {pos:>4}/{len:<4} {eta:>4} {msg}";

/// Which cases, and how.
pub(super) struct Wanted {
    pub ids: Vec<i64>,
    pub choice: Choice,
    pub together: bool,
    pub resume: bool,
}

impl Wanted {
    async fn cases(&self, app: &App) -> anyhow::Result<Vec<i64>> {
        let Choice {
            state,
            source,
            seller,
            sku,
            card,
        } = &self.choice;
        let by_choice = [state, source, seller, sku]
            .iter()
            .any(|part| part.is_some())
            || card.is_some();
        match (self.ids.is_empty(), by_choice) {
            (false, false) => Ok(self.ids.clone()),
            (true, true) => {
                if let Some(card) = card {
                    app.store.case(*card).await?;
                }
                let cases = app.store.chosen_cases(&self.choice).await?;
                if cases.is_empty() {
                    anyhow::bail!(
                        "no case is like that; `markhound queue list` shows those there are"
                    );
                }
                Ok(cases)
            }
            _ => anyhow::bail!(
                "name cases by number, or choose them by --state, --source, --seller, --sku or --card"
            ),
        }
    }

    /// What they have in common.
    fn title(&self, ids: &[i64]) -> String {
        match &self.choice {
            Choice {
                card: Some(card), ..
            } => packet::card_title(*card),
            Choice {
                seller: Some(seller),
                ..
            } => format!("seller {seller}"),
            Choice { sku: Some(sku), .. } => format!("product {sku}"),
            _ => format!("{} cases", ids.len()),
        }
    }
}

/// Writes them.
pub(super) async fn run(
    app: &App,
    wanted: Wanted,
    dir: &Path,
    options: &Options,
    output: &Output,
) -> anyhow::Result<Done> {
    let actor = super::super::actor();
    let ids = wanted.cases(app).await?;
    let folder = Folder::take(dir)?;
    folder.mend(app).await;
    let bar = bar(ids.len());
    if wanted.together {
        let title = wanted.title(&ids);
        let each = |_| bar.inc(1);
        let exported =
            packet::export_together(app, &actor, &ids, &title, dir, options, &each).await?;
        bar.finish_and_clear();
        told(output, &serde_json::json!(ids), &exported)?;
        return Ok(Done::All);
    }
    let (mut failed, mut before) = (0, 0);
    let mut packets = std::pin::pin!(packet::export_each(
        app,
        &actor,
        &ids,
        &folder,
        options,
        wanted.resume
    ));
    while let Some((id, written)) = packets.next().await {
        match written {
            Ok(Written::Now(exported)) => {
                bar.suspend(|| told(output, &serde_json::json!(id), &exported))?;
            }
            Ok(Written::Before(_)) => before += 1,
            Err(error) => {
                failed += 1;
                bar.suspend(|| eprintln!("case {id}: {error}"));
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if before > 0 {
        eprintln!("{before} packets were there already, of cases that did not change since");
    }
    if failed == ids.len() {
        anyhow::bail!("no packet was written");
    }
    Ok(Done::with_failures(failed > 0))
}

/// A bar on standard error where there are several; it draws itself on terminals only.
fn bar(cases: usize) -> ProgressBar {
    if cases < 2 {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(cases as u64).with_prefix("packets");
    let style = ProgressStyle::with_template(BAR);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

fn told(output: &Output, about: &serde_json::Value, exported: &Exported) -> anyhow::Result<()> {
    for note in &exported.notes {
        eprintln!("{about}: {note}");
    }
    if output.json {
        return output.object(&serde_json::json!({ "case": about, "packet": exported.path,
            "sha256": exported.sha256, "manifest": exported.manifest,
            "timestamps": exported.timestamps, "notes": exported.notes }));
    }
    output.line(exported.path.display().to_string())
}
