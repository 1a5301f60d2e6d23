//! Many seeds, on several threads. Each run is its seed's alone, so it does not matter which thread has it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};
use tests_simulator::{Options, Tally, run as run_seed};

/// Seeds that a thread takes at once.
const SLICE: u64 = 8;

fn some_seeds(from: u64, next: &AtomicU64, count: u64, bar: &ProgressBar) -> Tally {
    let mut tally = Tally::default();
    let first = next.fetch_add(SLICE, Ordering::Relaxed);
    for place in first..first.saturating_add(SLICE).min(count) {
        tally.add(&run_seed(from.saturating_add(place), &Options::default()));
        bar.inc(1);
    }
    tally
}

/// Runs so many seeds from the first. With `first`, stops when one has failed.
pub(crate) fn run(from: u64, count: u64, threads: usize, first: bool) -> (Tally, u64) {
    let began = now();
    let bar = ProgressBar::new(count);
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} seeds, {per_sec}, {eta} left {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let mut tally = Tally::default();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut mine = Tally::default();
                    while !stop.load(Ordering::Relaxed) && next.load(Ordering::Relaxed) < count {
                        // A few at a time, so that the others hear soon when one has failed.
                        mine.merge(some_seeds(from, &next, count, &bar));
                        if first && !mine.failed.is_empty() {
                            stop.store(true, Ordering::Relaxed);
                        }
                    }
                    mine
                })
            })
            .collect();
        for worker in workers {
            tally.merge(worker.join().expect("a run never panics: it says what did"));
        }
    });
    bar.finish_and_clear();
    (tally, began.elapsed().as_secs())
}

#[expect(clippy::disallowed_methods, reason = "how long the runs take is no part of any run")]
fn now() -> Instant {
    Instant::now()
}
