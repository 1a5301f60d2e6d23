//! A clock that stands still until it is moved, ids that are counted, and the days of UTC.

use app::ports::{Calendar, Clock, Ids};
use domain::time::Timestamp;

use crate::memory::{Memory, State};

impl Clock for Memory {
    fn now(&self) -> Timestamp {
        self.state().now
    }
}

impl Ids for Memory {
    fn fresh(&self) -> String {
        self.state().fresh_id()
    }
}

impl Calendar for Memory {
    /// The day in UTC, stopping at the last day of the year 9999.
    fn date(&self, moment: Timestamp) -> String {
        let millis = i64::try_from(moment.as_millis()).unwrap_or(i64::MAX);
        let moment = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
        moment.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
    }
}

impl State {
    /// A UUID version 7 with the virtual time and a count where the random bits would be.
    pub(crate) fn fresh_id(&mut self) -> String {
        self.ids += 1;
        let millis = self.now.as_millis();
        let (high, low) = ((millis >> 16) & 0xffff_ffff, millis & 0xffff);
        format!("{high:08x}-{low:04x}-7000-8000-{:012x}", self.ids)
    }
}
