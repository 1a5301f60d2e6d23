//! What a surge prints.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use super::drive::Driven;
use super::settle::Settled;
use crate::cli::console::{duration, say, table};

/// How the API answered.
pub(super) fn accepted(driven: &Driven) -> io::Result<()> {
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    for line in &driven.lines {
        *statuses.entry(line.status).or_default() += 1;
    }
    let accepted = driven.accepted();
    let again = driven.lines.iter().filter(|line| line.sends > 1).count();
    say(format!("{} requests, {again} of them sent more than once", driven.lines.len()))?;
    for (status, count) in &statuses {
        match status {
            0 => say(format!("  no answer  {count}"))?,
            status => say(format!("  {status}        {count}"))?,
        }
    }
    let rate = per_second(accepted.len(), driven.took);
    say(format!("{} donations accepted in {}: {rate} a second", accepted.len(), duration(driven.took)))?;
    for key in driven.torn_keys() {
        say(format!("key {key} was told different donations"))?;
    }
    let latencies = driven.lines.iter().map(|line| Duration::from_micros(line.latency_us)).collect();
    table(&[heading(), row("until the answer", latencies)])
}

/// How long the rest took.
pub(super) fn settled(settled: &Settled) -> io::Result<()> {
    let milliseconds = |times: &[u64]| times.iter().copied().map(Duration::from_millis).collect();
    table(&[
        row("until captured or declined", milliseconds(&settled.answered_ms)),
        row("until receipt and entry", milliseconds(&settled.done_ms)),
    ])?;
    if settled.with_bank > 0 {
        say(format!(
            "{} donations are with the bank, for days; `outpour clock --advance 10d` moves the stack there",
            settled.with_bank
        ))?;
    }
    match settled.outstanding {
        0 => say(format!("everything settled {} after the last answer", duration(settled.took))),
        outstanding => {
            say(format!("{outstanding} donations have not settled within {}", duration(settled.took)))
        }
    }
}

const WIDTH: usize = 28;

fn heading() -> Vec<String> {
    let percentiles = ["p50", "p90", "p99", "p99.9", "max"].map(str::to_owned);
    std::iter::once(format!("{:WIDTH$}", "")).chain(percentiles.map(|name| format!("{name:>10}"))).collect()
}

fn row(name: &str, mut times: Vec<Duration>) -> Vec<String> {
    times.sort_unstable();
    let cells = [500, 900, 990, 999, 1000]
        .map(|per_mille| percentile(&times, per_mille).map_or_else(|| "-".to_owned(), duration));
    std::iter::once(format!("{name:WIDTH$}")).chain(cells.map(|cell| format!("{cell:>10}"))).collect()
}

/// The nearest-rank percentile of sorted times, in thousandths.
fn percentile(sorted: &[Duration], per_mille: usize) -> Option<Duration> {
    let rank = (sorted.len() * per_mille).div_ceil(1000);
    sorted.get(rank.checked_sub(1)?).copied()
}

/// A rate with one decimal.
fn per_second(count: usize, took: Duration) -> String {
    let tenths = u128::try_from(count).unwrap_or(u128::MAX).saturating_mul(10_000) / took.as_millis().max(1);
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let times: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        let at = |per_mille| percentile(&times, per_mille).map(|time| time.as_millis());
        assert_eq!([at(500), at(990), at(999), at(1000)], [Some(50), Some(99), Some(100), Some(100)]);
        assert_eq!(percentile(&[], 500), None);
    }

    #[test]
    fn a_rate_has_one_decimal() {
        assert_eq!(per_second(3_000, Duration::from_secs(60)), "50.0");
        assert_eq!(per_second(100, Duration::from_millis(3_000)), "33.3");
    }
}
