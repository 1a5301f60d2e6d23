use std::sync::atomic::{AtomicU64, Ordering};

use tests_simulator::{Options, Tally, run};

/// Seeds of every test run. The long run is `cargo xtask simulate --seeds N`.
const SEEDS: u64 = 1_000;
const THREADS: usize = 2;

#[test]
fn a_thousand_histories_lose_nothing_and_take_nothing_twice() {
    let next = AtomicU64::new(0);
    let mut tally = Tally::default();
    std::thread::scope(|scope| {
        let work = || {
            let mut mine = Tally::default();
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= SEEDS {
                    return mine;
                }
                mine.add(&run(seed, &Options::default()));
            }
        };
        let workers: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            tally.merge(worker.join().unwrap());
        }
    });
    let first = tally.failed.first().map_or(0, |(seed, _)| *seed);
    assert!(
        tally.failed.is_empty(),
        "{} of {SEEDS} seeds fail: {:#?}\nthe first with its smallest cause: cargo xtask simulate --seed {first}",
        tally.failed.len(),
        &tally.failed[..tally.failed.len().min(5)]
    );
    let silent: Vec<_> = tally
        .missing()
        .into_iter()
        .filter(|what| what.starts_with("fault ") || what.starts_with("port "))
        .collect();
    assert!(silent.is_empty(), "the simulation has gone silent: {silent:#?}");
}
