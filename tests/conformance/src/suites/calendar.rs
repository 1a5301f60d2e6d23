//! `Calendar`: the day of a moment, here in UTC.

use app::ports::Calendar;
use domain::time::Timestamp;

use crate::running::World;

/// A calendar of UTC.
pub(crate) trait CalendarWorld: World {
    fn calendar(&self) -> impl Calendar;
}

/// Holds an adapter to this suite.
macro_rules! calendar {
    ($adapter:ident: $world:ident) => {
        $crate::running::cases! { $adapter, $world, calendar:
            a_day_begins_at_midnight,
            the_first_and_the_last_days_keep_their_form,
        }
    };
}
pub(crate) use calendar;

pub(crate) async fn a_day_begins_at_midnight(world: &impl CalendarWorld) {
    let calendar = world.calendar();
    let days = [
        (1_795_176_000_000, "2026-11-20"),
        (1_795_219_199_999, "2026-11-20"),
        (1_795_219_200_000, "2026-11-21"),
        (1_835_395_199_999, "2028-02-28"),
        (1_835_395_200_000, "2028-02-29"),
    ];
    for (millis, day) in days {
        assert_eq!(calendar.date(Timestamp::from_millis(millis)), day);
    }
}

pub(crate) async fn the_first_and_the_last_days_keep_their_form(world: &impl CalendarWorld) {
    let calendar = world.calendar();
    assert_eq!(calendar.date(Timestamp::from_millis(0)), "1970-01-01");
    for millis in [253_402_207_200_999, 253_402_300_799_999, u64::MAX] {
        let day = calendar.date(Timestamp::from_millis(millis));
        assert!(day.starts_with("9999-12-3") && day.len() == 10, "{day}");
    }
}
