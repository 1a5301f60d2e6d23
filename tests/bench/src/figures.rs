//! From what was measured to the lines of the table, with the aim of each.
//!
//! The aims are ambitious on purpose: they were set from what this shape of pipeline costs other programs, and some are
//! missed. Times move with the machine, so it is the paired ratios that last; counts are exact.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::counted::Counted;
use crate::pipeline::Cost;
use crate::report::{Aim, Figure, Unit};
use crate::rounds::Sample;
use crate::statistics::Ratio;

/// Over the two waits of an accept, the function itself may add this much.
const OVERHEAD_MAX: Duration = Duration::from_micros(300);

type Pick = fn(&Sample) -> u64;

/// A line of two series, the program's and its yardstick's.
fn line(series: &[Vec<Sample>], name: &'static str, unit: Unit, aim: Aim, pick: Pick) -> Figure<'static> {
    let values =
        |number: usize| series.get(number).map_or(Vec::new(), |samples| samples.iter().map(pick).collect());
    Figure { name, unit, ours: values(0), yardstick: values(1), aim }
}

/// The series without delay over plain HTTP, which is the one to compare programs by.
pub(crate) fn accepts(series: &[Vec<Sample>]) -> Vec<Figure<'static>> {
    let aim = |micros: u64| Aim::AtMost(micros * 1_000);
    let none = Aim::None;
    let p99: Pick = |sample| Ratio::of(sample.wall_p99, sample.wall).0 / 10;
    let per_accept = |picked: u64, sample: &Sample| picked * 100 / sample.accepts.max(1);
    let calls: Vec<Vec<u64>> = series
        .iter()
        .map(|samples| samples.iter().map(|one| per_accept(sum(one, |count| count.calls), one)).collect())
        .collect();
    let bytes: Vec<Vec<u64>> = series
        .iter()
        .map(|samples| {
            samples
                .iter()
                .map(|one| per_accept(sum(one, |c| c.head_bytes + c.body_bytes), one) / 100)
                .collect()
        })
        .collect();
    let pair = |name, unit, aim, values: Vec<Vec<u64>>| {
        let mut values = values.into_iter();
        let (ours, yardstick) = (values.next().unwrap_or_default(), values.next().unwrap_or_default());
        Figure { name, unit, ours, yardstick, aim }
    };
    vec![
        line(series, "start to first poll, wall", Unit::Millis, none, |sample| sample.start_wall),
        line(series, "start to first poll, CPU", Unit::Millis, aim(2_000), |sample| sample.start_cpu),
        line(series, "first accept, wall", Unit::Millis, none, |sample| sample.first_wall),
        line(series, "first accept, CPU", Unit::Millis, aim(1_000), |sample| sample.first_cpu),
        line(series, "accept, CPU", Unit::Micros, Aim::RatioAtMost(1_500), |sample| sample.cpu),
        line(series, "accept, wall", Unit::Micros, overhead(Duration::ZERO), |sample| sample.wall),
        line(series, "accept, wall, p99 to median", Unit::Hundredths, Aim::AtMost(200), p99),
        line(series, "peak memory at the first poll", Unit::Megabytes, none, |sample| sample.memory_at_start),
        line(series, "peak memory", Unit::Megabytes, Aim::AtMost(7_000_000), |sample| sample.memory),
        pair("AWS calls of an accept", Unit::Hundredths, Aim::AtMost(200), calls),
        pair("bytes sent to AWS for an accept", Unit::Plain, none, bytes),
        line(series, "Runtime API connections", Unit::Plain, Aim::AtMost(1), |sample| {
            sample.runtime_connections
        }),
        line(series, "AWS connections", Unit::Plain, none, |sample| sample.aws_connections),
        // One line of metrics.
        line(series, "bytes logged of an accept", Unit::Plain, Aim::AtMost(300), |sample| {
            sample.log_bytes / sample.accepts.max(1)
        }),
    ]
}

/// A series in which AWS takes its time, as it does.
pub(crate) fn delayed(series: &[Vec<Sample>], delay: Duration) -> Vec<Figure<'static>> {
    vec![
        line(series, "accept, CPU", Unit::Micros, Aim::RatioAtMost(1_500), |sample| sample.cpu),
        line(series, "accept, wall", Unit::Millis, overhead(delay * 2), |sample| sample.wall),
    ]
}

/// A series over TLS; the yardstick has none.
pub(crate) fn over_tls(series: &[Vec<Sample>]) -> Vec<Figure<'static>> {
    vec![
        line(series, "start to first poll, wall", Unit::Millis, Aim::None, |sample| sample.start_wall),
        line(series, "start to first poll, CPU", Unit::Millis, Aim::AtMost(2_000_000), |sample| {
            sample.start_cpu
        }),
        line(series, "first accept, CPU", Unit::Millis, Aim::AtMost(1_000_000), |sample| sample.first_cpu),
        line(series, "start and first accept, CPU", Unit::Millis, Aim::AtMost(4_000_000), |sample| {
            sample.start_cpu + sample.first_cpu
        }),
        line(series, "accept, CPU", Unit::Micros, Aim::None, |sample| sample.cpu),
        line(series, "peak memory", Unit::Megabytes, Aim::AtMost(7_000_000), |sample| sample.memory),
    ]
}

/// What was counted of both, of one accept and of a start.
pub(crate) fn instructions(counted: &[Counted]) -> Vec<Figure<'static>> {
    vec![
        counts("instructions of an accept", Unit::Thousands, Aim::AtMost(900_000), counted, per_accept),
        counts("instructions to the first poll", Unit::Thousands, Aim::AtMost(3_000_000), counted, |one| {
            one.start
        }),
    ]
}

/// System calls of both.
pub(crate) fn system_calls(counted: &[Counted]) -> Vec<Figure<'static>> {
    let hundredths: fn(&Counted) -> u64 = |one| one.sum * 100 / one.accepts.max(1);
    vec![
        counts("system calls of an accept", Unit::Hundredths, Aim::AtMost(1_600), counted, hundredths),
        counts("system calls to the first poll", Unit::Plain, Aim::None, counted, |one| one.start),
    ]
}

/// What one donation costs end to end.
pub(crate) fn donation(cost: &Cost) -> Vec<Figure<'static>> {
    let [calls, units] = cost.sums();
    let [calls_without, units_without] = cost.sums_without_webhooks();
    let each = |sum: u64| vec![sum * 100 / cost.donations.max(1)];
    let line = |name, unit, ours, aim| Figure { name, unit, ours, yardstick: Vec::new(), aim };
    vec![
        line("AWS calls of a donation", Unit::Hundredths, each(calls), Aim::AtMost(450)),
        line("  without the webhooks'", Unit::Hundredths, each(calls_without), Aim::AtMost(450)),
        line("write units of a donation", Unit::Hundredths, each(units), Aim::AtMost(440)),
        line("  without the webhooks'", Unit::Hundredths, each(units_without), Aim::AtMost(440)),
        line("bytes logged of a donation", Unit::Hundredths, each(cost.log_bytes), Aim::AtMost(51_200)),
    ]
}

/// The rows behind the sums, as `function operation`, in hundredths of a donation.
pub(crate) fn rows(rows: &BTreeMap<(String, String), u64>, donations: u64) -> Vec<(String, u64)> {
    let each = |sum: u64| sum * 100 / donations.max(1);
    rows.iter().map(|((function, what), sum)| (format!("{function:<20} {what}"), each(*sum))).collect()
}

/// The sizes of the programs, as they are and compressed as Lambda's archive would be.
pub(crate) fn sizes(plain: Vec<u64>, compressed: Vec<u64>) -> Vec<Figure<'static>> {
    let line = |name, values: Vec<u64>, aim| {
        let mut values = values.into_iter();
        let (ours, yardstick) = (values.next().into_iter().collect(), values.next().into_iter().collect());
        Figure { name, unit: Unit::Megabytes, ours, yardstick, aim }
    };
    vec![
        line("binary", plain, Aim::AtMost(8_000_000)),
        line("binary, compressed", compressed, Aim::AtMost(2_200_000)),
    ]
}

fn overhead(waits: Duration) -> Aim {
    Aim::AtMost(u64::try_from((waits + OVERHEAD_MAX).as_nanos()).unwrap_or(u64::MAX))
}

fn per_accept(one: &Counted) -> u64 {
    one.sum / one.accepts.max(1)
}

fn counts(
    name: &'static str,
    unit: Unit,
    aim: Aim,
    counted: &[Counted],
    pick: fn(&Counted) -> u64,
) -> Figure<'static> {
    let of = |number: usize| counted.get(number).map(pick).into_iter().collect();
    Figure { name, unit, ours: of(0), yardstick: of(1), aim }
}

fn sum(sample: &Sample, pick: fn(&crate::stage::Count) -> u64) -> u64 {
    sample.calls.iter().map(|(_, count)| pick(count)).sum()
}
