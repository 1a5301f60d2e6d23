//! How donors come.

/// A time with an even rate.
#[derive(Debug, Clone, Copy)]
pub struct Phase {
    /// How long.
    pub seconds: u64,
    /// New donors a second.
    pub per_second: u64,
}

/// Rates, one after the other; nobody comes after the last.
#[derive(Debug, Clone)]
pub struct Shape {
    /// What it is called in the plan.
    pub name: String,
    /// The rates.
    pub phases: Vec<Phase>,
}

impl Shape {
    /// From nothing to a rate at once, and back after so long.
    pub fn step(per_second: u64, seconds: u64) -> Self {
        let name = format!("{} donors/s for {seconds} s", grouped(per_second));
        Self { name, phases: vec![Phase { seconds, per_second }] }
    }

    /// A seven-hour night with a call to action every half hour: 350 donors a second for a minute, the
    /// highest rate that a telethon is known to have measured (Red Nose Day 2019), and twelve a second
    /// otherwise. 586,320 donors, about as many as the largest nights have counted.
    pub fn broadcast() -> Self {
        let half_hour = [Phase { seconds: 60, per_second: 350 }, Phase { seconds: 1_740, per_second: 12 }];
        Self { name: "a night of seven hours".to_owned(), phases: half_hour.repeat(14) }
    }

    /// The highest rate.
    pub fn peak(&self) -> u64 {
        self.phases.iter().map(|phase| phase.per_second).max().unwrap_or(0)
    }

    /// All who come.
    pub fn donors(&self) -> u64 {
        self.phases.iter().map(|phase| phase.seconds * phase.per_second).sum()
    }

    /// New donors of one step of `millis` after another, to the end.
    pub(crate) fn arrivals(&self, millis: u64) -> impl Iterator<Item = u64> + use<> {
        let phases = self.phases.clone();
        phases.into_iter().flat_map(move |phase| {
            let by = move |step: u64| step * millis * phase.per_second / 1_000;
            (0..phase.seconds * 1_000 / millis).map(move |step| by(step + 1) - by(step))
        })
    }
}

/// A number as it is read: 10,000.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
