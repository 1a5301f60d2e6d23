//! Days of an IANA time zone.

use app::ports::Calendar;
use domain::time::Timestamp;
use jiff::tz::TimeZone;

/// The days of one time zone, from the zone database that is built in.
#[derive(Debug, Clone)]
pub struct ZoneCalendar {
    zone: TimeZone,
}

/// The time zone database has no zone of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} must be the name of an IANA time zone, such as Europe/London")]
pub struct UnknownZone {
    /// What was asked for.
    pub name: String,
}

impl ZoneCalendar {
    /// The calendar of an IANA zone, such as `Europe/London`.
    ///
    /// # Errors
    /// [`UnknownZone`].
    pub fn new(name: &str) -> Result<Self, UnknownZone> {
        let zone = TimeZone::get(name).map_err(|_| UnknownZone { name: name.to_owned() })?;
        Ok(Self { zone })
    }
}

impl Calendar for ZoneCalendar {
    /// The day, stopping at the last day of the year 9999, where the form `YYYY-MM-DD` ends.
    fn date(&self, moment: Timestamp) -> String {
        let millis = i64::try_from(moment.as_millis()).unwrap_or(i64::MAX);
        let moment = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
        moment.to_zoned(self.zone.clone()).date().to_string()
    }
}
