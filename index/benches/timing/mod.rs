//! Medians over a fixed number of rounds, without a framework: the figures are for comparing one
//! machine's yesterday with its today.

use std::time::Instant;

/// Runs something once to warm up, then some rounds, and prints the median time of one of the `each`
/// things that a round does.
pub fn median(what: &str, rounds: usize, each: usize, mut run: impl FnMut()) {
    run();
    let mut times: Vec<f64> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64() / each as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let time = times[rounds / 2];
    println!("{what:45} {:>10.3} ms {:>12.0}/s", time * 1e3, 1.0 / time);
}
