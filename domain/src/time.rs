//! Moments and spans, as numbers that somebody else read from a clock.

use std::fmt;

/// A moment: milliseconds since the Unix epoch, UTC. Never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The moment `millis` milliseconds after the Unix epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the Unix epoch.
    pub const fn as_seconds(self) -> u64 {
        self.0 / 1_000
    }

    /// The moment `span` later, stopping at the end of time.
    pub const fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// The moment `span` earlier, stopping at the epoch.
    pub const fn minus(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }

    /// How long ago `earlier` was; zero when it lies in the future, as a skewed clock may say.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

/// A length of time in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u64);

impl Span {
    /// `millis` milliseconds.
    pub const fn millis(millis: u64) -> Self {
        Self(millis)
    }

    /// `seconds` seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000))
    }

    /// `minutes` minutes.
    pub const fn minutes(minutes: u64) -> Self {
        Self::seconds(minutes.saturating_mul(60))
    }

    /// `hours` hours.
    pub const fn hours(hours: u64) -> Self {
        Self::minutes(hours.saturating_mul(60))
    }

    /// The span in milliseconds.
    pub const fn as_millis(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ms", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_spans_add_up_and_stop_at_both_ends_of_time() {
        let moment = Timestamp::from_millis(5_999);
        assert_eq!((moment.as_millis(), moment.as_seconds()), (5_999, 5));
        assert_eq!(moment.plus(Span::millis(1)), Timestamp::from_millis(6_000));
        assert_eq!(moment.minus(Span::seconds(5)), Timestamp::from_millis(999));
        assert_eq!(moment.minus(Span::seconds(6)), Timestamp::from_millis(0));
        assert_eq!(moment.plus(Span::millis(u64::MAX)), Timestamp::from_millis(u64::MAX));
        assert_eq!(moment.since(Timestamp::from_millis(999)), Span::seconds(5));
        assert_eq!(moment.since(Timestamp::from_millis(6_000)), Span::millis(0));
    }

    #[test]
    fn spans_are_milliseconds_whatever_they_are_counted_in_and_shown_so() {
        let lengths = [Span::millis(2), Span::seconds(2), Span::minutes(2), Span::hours(2)];
        assert_eq!(lengths.map(Span::as_millis), [2, 2_000, 120_000, 7_200_000]);
        assert_eq!(Span::hours(u64::MAX).as_millis(), u64::MAX);
        assert_eq!(Span::seconds(2).to_string(), "2000 ms");
    }
}
