//! Dates and times as GoCardless writes them, and working days.
//!
//! Rules: <https://developer.gocardless.com/api-reference/#api-usage-dates-and-times>.

use jiff::civil::{Date, Weekday};
use jiff::{Span, Timestamp, tz::TimeZone};

/// Bacs wants so many days between the creation of a payment and its collection.
const NOTICE_DAYS: i64 = 3;

fn moment(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Such as `2026-11-23T12:00:00.000Z`.
pub(crate) fn timestamp(ms: i64) -> String {
    moment(ms).strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// Such as `Mon, 23 Nov 2026 12:00:00 GMT`.
pub(crate) fn http_date(ms: i64) -> String {
    moment(ms).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The milliseconds since the Unix epoch of an ISO 8601 time.
pub(crate) fn read_timestamp(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

/// The date, in UTC.
pub(crate) fn date(ms: i64) -> Date {
    moment(ms).to_zoned(TimeZone::UTC).date()
}

/// The same day, or the Monday after where it falls on a weekend. The sandbox knows no bank holidays.
pub(crate) fn working_day(date: Date) -> Date {
    let days = match date.weekday() {
        Weekday::Saturday => 2,
        Weekday::Sunday => 1,
        _ => 0,
    };
    date.saturating_add(Span::new().days(days))
}

/// The working day after.
pub(crate) fn next_working_day(date: Date) -> Date {
    working_day(date.saturating_add(Span::new().days(1)))
}

/// The first day on which a payment that is created now can be collected.
pub(crate) fn earliest_charge_date(now_ms: i64) -> Date {
    working_day(date(now_ms).saturating_add(Span::new().days(NOTICE_DAYS)))
}

/// How many days `later` comes after `earlier`; none where it does not.
pub(crate) fn days_between(earlier: Date, later: Date) -> i64 {
    earlier.until(later).map_or(0, |span| i64::from(span.get_days()).max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 23 November 2026, a Monday, 12:00:00.250 UTC.
    const MONDAY: i64 = 1_795_435_200_250;

    #[test]
    fn times_are_written_as_gocardless_writes_them_and_read_back() {
        assert_eq!(timestamp(MONDAY), "2026-11-23T12:00:00.250Z");
        assert_eq!(http_date(MONDAY), "Mon, 23 Nov 2026 12:00:00 GMT");
        assert_eq!(read_timestamp("2026-11-23T12:00:00.250Z"), Some(MONDAY));
        assert_eq!(read_timestamp("yesterday"), None);
    }

    #[test]
    fn a_charge_date_leaves_notice_and_keeps_off_weekends() {
        assert_eq!(earliest_charge_date(MONDAY).to_string(), "2026-11-26");
        let wednesday = MONDAY + 2 * 24 * 60 * 60 * 1000;
        assert_eq!(earliest_charge_date(wednesday).to_string(), "2026-11-30", "not on Saturday");
        assert_eq!(days_between(date(MONDAY), date(wednesday)), 2);
        assert_eq!(days_between(date(wednesday), date(MONDAY)), 0);
        assert_eq!(days_between("2026-11-26".parse().unwrap(), "2027-02-01".parse().unwrap()), 67);
    }
}
