//! The figures as a table: each beside its yardstick and its aim.

use std::fmt;

use crate::statistics::{Ratio, Spread, paired, scaled};

/// What a figure is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// From nanoseconds.
    Millis,
    /// From nanoseconds.
    Micros,
    /// From bytes, a million each.
    Megabytes,
    /// From instructions.
    Thousands,
    /// As it is.
    Plain,
    /// From hundredths.
    Hundredths,
}

/// What a figure is to be at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aim {
    /// In the figure's own raw unit.
    AtMost(u64),
    /// So many thousandths of the yardstick's.
    RatioAtMost(u64),
    /// There is none.
    None,
}

/// A line of the table: what was measured of the program, and of its yardstick where that was measured too.
pub(crate) struct Figure<'a> {
    pub(crate) name: &'a str,
    pub(crate) unit: Unit,
    pub(crate) ours: Vec<u64>,
    pub(crate) yardstick: Vec<u64>,
    pub(crate) aim: Aim,
}

impl Unit {
    /// The unit's sign, with a space before it.
    fn sign(self) -> &'static str {
        match self {
            Self::Millis => " ms",
            Self::Micros => " µs",
            Self::Megabytes => " MB",
            Self::Thousands => " k",
            Self::Plain | Self::Hundredths => "",
        }
    }

    /// A raw value without its sign.
    fn text(self, value: u64) -> String {
        match self {
            Self::Millis | Self::Megabytes => scaled(value, 1_000_000),
            Self::Micros => scaled(value, 1_000),
            Self::Thousands => (value.saturating_add(500) / 1_000).to_string(),
            Self::Plain => value.to_string(),
            Self::Hundredths => scaled(value, 100),
        }
    }

    fn with_sign(self, value: u64) -> String {
        format!("{}{}", self.text(value), self.sign())
    }

    fn spread(self, values: &[u64]) -> String {
        match Spread::of(values.iter().copied()) {
            None => "–".to_owned(),
            Some(Spread { min, median, max }) if min == max => self.with_sign(median),
            Some(Spread { min, median, max }) => {
                format!("{} ({}–{})", self.with_sign(median), self.text(min), self.text(max))
            }
        }
    }
}

impl Figure<'_> {
    /// Whether the median meets the aim; `None` where there is no aim, or nothing to hold against it.
    fn is_met(&self) -> Option<bool> {
        match self.aim {
            Aim::AtMost(most) => Some(Spread::of(self.ours.iter().copied())?.median <= most),
            Aim::RatioAtMost(most) => Some(paired(&self.ours, &self.yardstick)?.median <= most),
            Aim::None => None,
        }
    }

    fn aim(&self) -> String {
        let aim = match self.aim {
            Aim::AtMost(most) => format!("≤ {}", self.unit.with_sign(most)),
            Aim::RatioAtMost(most) => format!("≤ {} ×", Ratio(most)),
            Aim::None => return String::new(),
        };
        match self.is_met() {
            Some(true) => format!("{aim}: met"),
            Some(false) => format!("{aim}: NOT MET"),
            None => aim,
        }
    }

    fn ratio(&self) -> String {
        match paired(&self.ours, &self.yardstick) {
            None => String::new(),
            Some(Spread { min, median, max }) if min == max => format!("{} ×", Ratio(median)),
            Some(Spread { min, median, max }) => {
                format!("{} × ({}–{})", Ratio(median), Ratio(min), Ratio(max))
            }
        }
    }
}

impl fmt::Display for Figure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ours, yardstick) = (self.unit.spread(&self.ours), self.unit.spread(&self.yardstick));
        write!(f, "{:<31} {ours:<30} {yardstick:<30} {:<21} {}", self.name, self.ratio(), self.aim())
    }
}

/// The line above the figures.
pub(crate) fn heading(title: &str, ours: &str, yardstick: &str) -> String {
    format!("{title:<31} {ours:<30} {yardstick:<30} {:<21} aim", "ratio")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(ours: &[u64], yardstick: &[u64], aim: Aim) -> Figure<'static> {
        let (ours, yardstick) = (ours.to_vec(), yardstick.to_vec());
        Figure { name: "CPU of an accept", unit: Unit::Micros, ours, yardstick, aim }
    }

    #[test]
    fn an_aim_is_held_against_the_median_or_the_paired_ratio() {
        assert_eq!(figure(&[1, 2, 9], &[], Aim::AtMost(2)).is_met(), Some(true));
        assert_eq!(figure(&[1, 3, 9], &[], Aim::AtMost(2)).is_met(), Some(false));
        assert_eq!(figure(&[30, 60], &[20, 40], Aim::RatioAtMost(1_500)).is_met(), Some(true));
        assert_eq!(figure(&[31, 61], &[20, 40], Aim::RatioAtMost(1_500)).is_met(), Some(false));
        assert_eq!(figure(&[31], &[], Aim::RatioAtMost(1_500)).is_met(), None);
    }

    #[test]
    fn a_line_shows_the_medians_their_spread_the_ratio_and_the_verdict() {
        let line =
            figure(&[250_000, 260_000, 240_000], &[100_000, 100_000, 100_000], Aim::RatioAtMost(2_000));
        let line = line.to_string();
        for part in ["250.00 µs (240.00–260.00)", "100.00 µs", "2.50 × (2.40–2.60)", "≤ 2.00 ×: NOT MET"]
        {
            assert!(line.contains(part), "{line}");
        }
    }
}
