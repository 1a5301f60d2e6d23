//! From a failing run to the fewest faults that make it fail.

use std::collections::BTreeSet;

use crate::run::{Options, Report, run};

/// Most runs that are spent on one seed.
const RUNS_MAX: u32 = 600;

/// The run of this seed with the fewest faults found with which it still fails; `None` when the seed does not fail.
///
/// A fault's number counts the occasions on which one was drawn, so leaving some out moves those after it;
/// what counts is that the run with the numbers that are left fails.
pub fn shrink(seed: u64) -> Option<Report> {
    let whole = run(seed, &Options::default());
    if whole.violations.is_empty() {
        return None;
    }
    let numbers: Vec<u64> = whole.faults.iter().map(|fault| fault.number).collect();
    let mut runs = 0;
    let fails = |faults: &[u64]| {
        runs += 1;
        let only: BTreeSet<u64> = faults.iter().copied().collect();
        let report = run(seed, &Options { only: Some(only), keeps_lines: false });
        Some(report).filter(|report| runs <= RUNS_MAX && !report.violations.is_empty())
    };
    Some(fewest(&numbers, fails).unwrap_or(whole))
}

/// What `fails` gives for the fewest numbers found for which it gives anything; `None` where it does so for
/// no fewer than all.
///
/// Numbers are left out in halves, quarters and so on (Zeller and Hildebrandt, "Simplifying and isolating
/// failure-inducing input", 2002).
fn fewest<T>(numbers: &[u64], mut fails: impl FnMut(&[u64]) -> Option<T>) -> Option<T> {
    if let Some(found) = fails(&[]) {
        return Some(found);
    }
    let (mut kept, mut best, mut parts) = (numbers.to_vec(), None, 2_usize);
    while kept.len() > 1 {
        let size = kept.len().div_ceil(parts);
        let smaller = (0..kept.len()).step_by(size).find_map(|begin| {
            let end = (begin + size).min(kept.len());
            let (part, rest) = (kept[begin..end].to_vec(), [&kept[..begin], &kept[end..]].concat());
            let of_part = fails(&part).map(|found| (part, found, true));
            of_part.or_else(|| fails(&rest).map(|found| (rest, found, false)))
        });
        match smaller {
            Some((fewer, found, is_part)) => {
                (kept, best) = (fewer, Some(found));
                parts = if is_part { 2 } else { parts.saturating_sub(1).max(2) };
            }
            None if size == 1 => break,
            None => parts = (parts * 2).min(kept.len()),
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_faults_those_are_left_that_matter() {
        let all: Vec<u64> = (1..=100).collect();
        let needs = |wanted: &'static [u64]| {
            move |kept: &[u64]| wanted.iter().all(|one| kept.contains(one)).then(|| kept.to_vec())
        };
        assert_eq!(fewest(&all, needs(&[17])), Some(vec![17]));
        assert_eq!(fewest(&all, needs(&[3, 50, 99])), Some(vec![3, 50, 99]));
        assert_eq!(fewest(&all, needs(&[])), Some(vec![]));
        assert_eq!(fewest(&all, |_| None::<()>), None);
    }
}
