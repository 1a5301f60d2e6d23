//! `clock`: shows the stack's clock, and moves it forward.

use std::time::Duration;

use clap::Args;
use host_local::operator::clock::{AdvanceRequest, ClockView};

use super::Verdict;
use super::client::{Client, Target};
use super::console::say;

#[derive(Debug, Args)]
pub(crate) struct ClockArguments {
    #[command(flatten)]
    target: Target,
    /// How far to move it: seconds, or a number with s, m, h or d, such as 25h or 14d
    #[arg(long, value_name = "TIME", value_parser = span)]
    advance: Option<Duration>,
}

pub(crate) async fn run(arguments: ClockArguments) -> anyhow::Result<Verdict> {
    let client = Client::new(&arguments.target)?;
    let clock: ClockView = match arguments.advance {
        None => client.get("clock").await?,
        Some(by) => client.post("clock", &AdvanceRequest { advance_seconds: by.as_secs() }).await?,
    };
    say(format!("{}  {} seconds ahead of this machine", clock.now, clock.offset_seconds))?;
    Ok(Verdict::Good)
}

/// A time on the command line: seconds, or a number with s, m, h or d.
pub(super) fn span(text: &str) -> Result<Duration, String> {
    let wrong = || "must be whole seconds, or a number with s, m, h or d, such as 25h".to_owned();
    let (digits, unit) = match text.find(|letter: char| !letter.is_ascii_digit()) {
        Some(end) => text.split_at(end),
        None => (text, "s"),
    };
    let seconds: u64 = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_seconds_or_a_number_with_a_unit() {
        for (text, seconds) in [("90", 90), ("90s", 90), ("3m", 180), ("25h", 90_000), ("14d", 1_209_600)] {
            assert_eq!(span(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for wrong in
            ["", "h", "-1h", "1.5h", "1 h", "1hour", "25H", "99999999999999999999", "99999999999999999d"]
        {
            assert!(span(wrong).is_err(), "{wrong}");
        }
    }
}
