//! The days that an export covers.

use std::fmt;

use jiff::civil::Date;
use jiff::{Span, ToSpan};

/// Most days of one export, so that a whole year of either length fits.
pub const DAYS_MAX: i32 = 366;

/// Years that a date may have: the ledger's moments begin in 1970, and a journal needs the day after its
/// last.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=9998;

/// Business dates from a first to a last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    from: Date,
    to: Date,
}

/// Why two texts are not a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodRefusal {
    /// A field is not a date.
    #[error("`{field}` must be a real date written YYYY-MM-DD, in the years {} to {}", YEARS.start(), YEARS.end())]
    NotADate {
        /// `from` or `to`.
        field: &'static str,
    },
    /// The last date comes before the first.
    #[error("`from` must not be after `to`")]
    Backwards,
    /// The period is too long.
    #[error("`from` to `to` must be at most {DAYS_MAX} days, both included; this is {days}")]
    TooLong {
        /// How long it is.
        days: i32,
    },
}

impl Period {
    /// Reads the first and the last date.
    pub(crate) fn parse(from: &str, to: &str) -> Result<Self, PeriodRefusal> {
        let from = parse_date(from).ok_or(PeriodRefusal::NotADate { field: "from" })?;
        let to = parse_date(to).ok_or(PeriodRefusal::NotADate { field: "to" })?;
        if from > to {
            return Err(PeriodRefusal::Backwards);
        }
        let days = (to - from).get_days() + 1;
        if days > DAYS_MAX {
            return Err(PeriodRefusal::TooLong { days });
        }
        Ok(Self { from, to })
    }

    pub(crate) const fn from(self) -> Date {
        self.from
    }

    pub(crate) const fn to(self) -> Date {
        self.to
    }

    /// Every date, in sequence.
    pub(crate) fn dates(self) -> impl Iterator<Item = Date> {
        self.from.series(1.day()).take_while(move |date| *date <= self.to)
    }
}

/// Both dates as they appear in names: `2026-11-01_2026-11-30`.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.from, self.to)
    }
}

/// Reads a date in its one spelling: the library alone would also take `20261120` and dates with a time.
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    let date: Date = text.parse().ok()?;
    (YEARS.contains(&date.year()) && date.to_string() == text).then_some(date)
}

/// The day after a date of a period.
pub(crate) fn day_after(date: Date) -> Date {
    date.checked_add(Span::new().days(1)).expect("no period reaches the last year that a date can have")
}
