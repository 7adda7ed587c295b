//! Work on many pictures: two threads, a progress bar, results in order.

use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

/// Threads that work on pictures; a laptop stays usable beside them.
const THREADS: usize = 2;
const BAR: &str = "{prefix:>12} {bar:32.cyan/blue} {pos:>6}/{len:<6} {eta} left";

/// A bar on a terminal's standard error; nothing elsewhere.
pub(super) fn bar(what: &'static str, length: usize) -> ProgressBar {
    let bar = ProgressBar::new(length as u64).with_prefix(what);
    bar.set_style(
        ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    bar
}

/// Does `work` for each number of the range, and gives the results in its order.
pub(super) fn each<T: Send>(
    numbers: std::ops::Range<usize>,
    bar: &ProgressBar,
    work: impl Fn(usize) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(numbers.start);
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get().min(THREADS));
    let mut done: Vec<(usize, T)> = std::thread::scope(|scope| {
        let one = || {
            let mut done = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= numbers.end {
                    return done;
                }
                done.push((number, work(number)));
                bar.inc(1);
            }
        };
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, Vec<(usize, T)>>| {
            thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        running.into_iter().flat_map(join).collect()
    });
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}
