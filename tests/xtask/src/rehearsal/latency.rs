//! How quickly the API answered a surge, from the surge's history.

use std::fmt;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// The part of a history's line that is read.
#[derive(Deserialize)]
struct Line {
    latency_us: u64,
}

/// Percentiles in microseconds, by nearest rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Latency {
    p50: u64,
    p99: u64,
    max: u64,
}

impl Latency {
    pub(super) fn read(history: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(history).context("the surge left no history")?;
        let lines = text.lines().map(|line| serde_json::from_str::<Line>(line).map(|line| line.latency_us));
        Self::of(lines.collect::<Result<_, _>>()?)
    }

    fn of(mut times: Vec<u64>) -> Result<Self> {
        times.sort_unstable();
        ensure!(!times.is_empty(), "the surge's history is empty");
        let rank = |per_cent: usize| times[(times.len() * per_cent).div_ceil(100) - 1];
        Ok(Self { p50: rank(50), p99: rank(99), max: rank(100) })
    }

    /// How many times as long as `other` this took, in words.
    pub(super) fn beside(&self, other: &Self) -> String {
        let ratio = |ours: u64, theirs: u64| {
            let hundredths = ours.saturating_mul(100) / theirs.max(1);
            format!("{}.{:02}", hundredths / 100, hundredths % 100)
        };
        format!(
            "p50 × {}, p99 × {}, max × {}",
            ratio(self.p50, other.p50),
            ratio(self.p99, other.p99),
            ratio(self.max, other.max)
        )
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |micros: u64| format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100);
        write!(f, "p50 {}, p99 {}, max {}", ms(self.p50), ms(self.p99), ms(self.max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank_and_ratios_have_two_decimals() {
        let hundred = Latency::of((1..=100).rev().collect()).unwrap();
        assert_eq!(hundred, Latency { p50: 50, p99: 99, max: 100 });
        let one = Latency::of(vec![40]).unwrap();
        assert_eq!(hundred.beside(&one), "p50 × 1.25, p99 × 2.47, max × 2.50");
        assert!(Latency::of(Vec::new()).is_err());
    }
}
