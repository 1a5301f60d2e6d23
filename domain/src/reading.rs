//! How far the reading of a provider's own account of its balance has come.
//!
//! A reading goes from now back to a moment, newest first, page by page, and may take several runs. It goes back
//! further than to where the last whole one began: this overlap is for what was listed late, or failed.

use crate::time::{Span, Timestamp};

/// Most readings that go back to the same moment because of something that could not be dealt with. As many as there
/// are hourly runs in two days; after that, what nobody can deal with no longer makes every reading longer.
pub const AGAIN_MAX: u32 = 48;

/// How far one provider's account was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// All that moved before was looked at, and dealt with unless it failed [`AGAIN_MAX`] times.
    pub read_until: Timestamp,
    /// Readings in succession that came to their end and met something that could not be dealt with.
    pub again: u32,
    /// The reading that has not come to its end yet.
    pub under_way: Option<Place>,
}

/// Where one reading is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// How far back it goes.
    pub since: Timestamp,
    /// When it began. What moved since then is for the next.
    pub begun_at: Timestamp,
    /// Where its next page begins, in the provider's own words; `None` for its first page.
    pub after: Option<String>,
    /// Whether it has met something that could not be dealt with.
    pub has_faults: bool,
}

impl Reading {
    /// Before anything was read.
    pub const fn first(now: Timestamp) -> Self {
        Self { read_until: now, again: 0, under_way: None }
    }

    /// Begins a reading: from now back to where the last whole one began, and further back by the overlap. A clock that
    /// was ahead leaves no gap as long as it was ahead by less than that.
    pub fn begin(&self, now: Timestamp, overlap: Span) -> Place {
        let since = self.read_until.min(now).minus(overlap);
        Place { since, begun_at: now, after: None, has_faults: false }
    }

    /// With a reading that has come so far.
    #[must_use]
    pub fn at(&self, place: Place) -> Self {
        Self { under_way: Some(place), ..*self }
    }

    /// With a reading that has come to its end. One that met faults proves nothing, so the next goes back as far.
    #[must_use]
    pub const fn ended(&self, place: &Place) -> Self {
        let again = self.again.saturating_add(1);
        if place.has_faults && again < AGAIN_MAX {
            return Self { read_until: self.read_until, again, under_way: None };
        }
        Self::first(place.begun_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_204_800_000);
    const OVERLAP: Span = Span::hours(48);

    #[test]
    fn a_reading_goes_back_behind_where_the_last_whole_one_began_however_long_ago_that_was() {
        let reading = Reading::first(NOW);
        assert_eq!(reading.begin(NOW, OVERLAP).since, NOW.minus(OVERLAP));
        let later = NOW.plus(Span::hours(200));
        let place = reading.begin(later, OVERLAP);
        assert_eq!((place.since, place.begun_at), (NOW.minus(OVERLAP), later));
        assert_eq!(reading.ended(&place), Reading::first(later));
    }

    #[test]
    fn a_clock_that_is_behind_reads_its_own_overlap() {
        let earlier = NOW.minus(Span::hours(5));
        assert_eq!(Reading::first(NOW).begin(earlier, OVERLAP).since, earlier.minus(OVERLAP));
    }

    #[test]
    fn a_reading_with_faults_is_made_again_from_the_same_moment_and_not_for_ever() {
        let mut reading = Reading::first(NOW);
        for hour in 1..AGAIN_MAX {
            let now = NOW.plus(Span::hours(u64::from(hour)));
            let place = Place { has_faults: true, ..reading.begin(now, OVERLAP) };
            assert_eq!(place.since, NOW.minus(OVERLAP));
            reading = reading.ended(&place);
            assert_eq!((reading.read_until, reading.again), (NOW, hour));
        }
        let now = NOW.plus(Span::hours(100));
        let place = Place { has_faults: true, ..reading.begin(now, OVERLAP) };
        assert_eq!(reading.ended(&place), Reading::first(now));
    }
}
