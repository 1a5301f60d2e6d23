//! Moments as people write them.

use domain::time::Timestamp;
use jiff::tz::TimeZone;
use lambda_runtime::Error;

/// Says moments in a zone: `20 November 2026 at 20:00 GMT`.
pub(crate) fn date_time_in(zone: &str) -> Result<impl Fn(Timestamp) -> String + use<>, Error> {
    let zone = TimeZone::get(zone)?;
    Ok(move |moment: Timestamp| {
        let millis = i64::try_from(moment.as_millis()).unwrap_or(i64::MAX);
        let moment = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
        moment.to_zoned(zone.clone()).strftime("%-d %B %Y at %H:%M %Z").to_string()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summer_evening_in_london_is_said_in_british_summer_time() {
        let say = date_time_in("Europe/London").unwrap();
        assert_eq!(say(Timestamp::from_millis(1_782_846_000_000)), "30 June 2026 at 20:00 BST");
    }
}
