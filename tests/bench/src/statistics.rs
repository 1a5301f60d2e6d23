//! Medians and ratios, in whole numbers: nanoseconds, bytes, counts, thousandths.

use std::fmt;

/// The middle of some values and their extremes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spread {
    pub(crate) min: u64,
    pub(crate) median: u64,
    pub(crate) max: u64,
}

impl Spread {
    /// The spread of these values; `None` of none. Of an even number of values the lower middle one counts.
    pub(crate) fn of(values: impl IntoIterator<Item = u64>) -> Option<Self> {
        let mut values: Vec<u64> = values.into_iter().collect();
        values.sort_unstable();
        Some(Self {
            min: *values.first()?,
            median: *values.get((values.len() - 1) / 2)?,
            max: *values.last()?,
        })
    }
}

/// The value below which this many of a hundred values lie.
pub(crate) fn percentile(values: &[u64], percent: usize) -> Option<u64> {
    let mut values = values.to_vec();
    values.sort_unstable();
    let last = values.len().checked_sub(1)?;
    values.get((values.len() * percent / 100).min(last)).copied()
}

/// A ratio in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ratio(pub(crate) u64);

impl Ratio {
    /// `a` to `b`; 0 where there is no `b`.
    pub(crate) fn of(a: u64, b: u64) -> Self {
        Self(a.saturating_mul(1_000).checked_div(b).unwrap_or(0))
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", scaled(self.0, 1_000))
    }
}

/// The ratios of two series, pair by pair: what drifts with the machine falls out of each.
pub(crate) fn paired(a: &[u64], b: &[u64]) -> Option<Spread> {
    Spread::of(a.iter().zip(b).map(|(&a, &b)| Ratio::of(a, b).0))
}

/// A value in units of `unit`, with two decimals.
pub(crate) fn scaled(value: u64, unit: u64) -> String {
    let hundredths = (value.saturating_mul(100) + unit / 2) / unit;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_does_not_follow_an_outlier() {
        let spread = Spread::of([3, 1, 1_000, 2, 4]).unwrap();
        assert_eq!(spread, Spread { min: 1, median: 3, max: 1_000 });
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn ratios_are_taken_pair_by_pair_before_the_median() {
        // Both series double in the second round; the ratio does not.
        let spread = paired(&[20, 40, 21], &[10, 20, 10]).unwrap();
        assert_eq!(spread, Spread { min: 2_000, median: 2_000, max: 2_100 });
    }

    #[test]
    fn values_are_rounded_to_two_decimals() {
        assert_eq!(scaled(1_234_567, 1_000_000), "1.23");
        assert_eq!(scaled(1_995, 1_000), "2.00");
        assert_eq!(Ratio::of(219, 100).to_string(), "2.19");
    }

    #[test]
    fn percentiles_lie_within_the_values() {
        let values: Vec<u64> = (1..=100).rev().collect();
        assert_eq!((percentile(&values, 50), percentile(&values, 99)), (Some(51), Some(100)));
        assert_eq!(percentile(&[], 50), None);
    }
}
