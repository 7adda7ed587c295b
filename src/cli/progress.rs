//! Progress bars of scans, one a source, on a terminal's standard error.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::output::{Output, plain};
use crate::scan::event::{Event, Observer};
use crate::store::scans::Scan;

const BAR: &str = "{prefix:>12} {bar:32.cyan/blue} {pos:>4}/{len:<4} {msg}";

/// An observer that draws bars, and prints each event on a line with `--json`.
pub(super) fn observer(output: Output, print_events: bool) -> (Observer, MultiProgress) {
    let bars = MultiProgress::new();
    let board: Mutex<HashMap<i64, ProgressBar>> = Mutex::new(HashMap::new());
    let shown = bars.clone();
    let observer: Observer = Arc::new(move |event| match event {
        Event::Progress(scan) => {
            if let Ok(mut board) = board.lock() {
                draw(&shown, &mut board, scan);
            }
        }
        other if output.json && print_events => {
            // A reader that has gone shows at the end of the command.
            let _ = output.object(other);
        }
        Event::Failed { source, why, .. } => {
            let line = format!("{source}: {}", plain(why));
            // Without a terminal there are no bars, and they would swallow the line.
            if shown.is_hidden() {
                eprintln!("{line}");
            } else {
                let _ = shown.println(line);
            }
        }
        Event::Listing(_) => {}
    });
    (observer, bars)
}

fn draw(bars: &MultiProgress, board: &mut HashMap<i64, ProgressBar>, scan: &Scan) {
    let bar = board.entry(scan.id).or_insert_with(|| {
        let bar = bars.add(ProgressBar::new(0).with_prefix(scan.source.clone()));
        bar.set_style(
            ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        bar
    });
    bar.set_length(u64::try_from(scan.queued).unwrap_or(0));
    bar.set_position(u64::try_from(scan.finished).unwrap_or(0));
    let failures = if scan.failures > 0 {
        format!(", {} failed", scan.failures)
    } else {
        String::new()
    };
    bar.set_message(format!(
        "{} listings, {} cases{failures}",
        scan.listings, scan.cases
    ));
    if scan.state != "running" && !bar.is_finished() {
        bar.finish();
    }
}

/// A bar for work that is counted, on a terminal's standard error.
pub(super) fn bar(name: &'static str, of: u64) -> ProgressBar {
    let bar = ProgressBar::new(of).with_prefix(name);
    bar.set_style(
        ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    bar
}

/// Moves a bar to where the work stands.
pub(super) fn at(bar: &ProgressBar, done: u64, of: u64) {
    bar.set_length(of);
    bar.set_position(done);
}
