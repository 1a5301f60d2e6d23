//! Metrics as log lines, from which CloudWatch makes them: its embedded metric format
//! (docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
//!
//! No call is made, nothing waits, and the lines of one invocation are as few as the format allows: a line has one
//! value for each name.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use contracts::telemetry::{Measured, Metric, NAMESPACE, Unit};
use serde::Serialize;
use tracing::warn;

/// Most values of one metric in one line; the format's own limit.
const VALUES_MAX: usize = 100;

/// Whether this process is a function's, whose standard output CloudWatch reads.
static IS_READ: AtomicBool = AtomicBool::new(false);

pub(crate) fn start() {
    IS_READ.store(true, Ordering::Relaxed);
}

/// Writes what was measured in one invocation, where anybody reads it.
pub(crate) fn write(measured: Vec<Measured>) {
    if measured.is_empty() || !IS_READ.load(Ordering::Relaxed) {
        return;
    }
    // In one piece, so that no other line comes between.
    let text = lines(measured, now_ms()).concat();
    if let Err(error) = io::stdout().lock().write_all(text.as_bytes()) {
        warn!(%error, "what was measured could not be written");
    }
}

/// Metrics have the machine's time, as log lines do: CloudWatch refuses what lies in its future.
#[expect(clippy::disallowed_methods, reason = "no decision rests on the moment of a log line")]
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// One line: all that CloudWatch is told, and the members that this refers to.
#[derive(Serialize)]
struct Line {
    #[serde(rename = "_aws")]
    told: Told,
    #[serde(flatten)]
    members: BTreeMap<&'static str, Member>,
}

#[derive(Serialize)]
struct Told {
    #[serde(rename = "Timestamp")]
    at_ms: u64,
    #[serde(rename = "CloudWatchMetrics")]
    directives: Vec<Directive>,
}

/// Metrics that have these dimensions.
#[derive(Serialize)]
struct Directive {
    #[serde(rename = "Namespace")]
    namespace: &'static str,
    #[serde(rename = "Dimensions")]
    dimensions: [&'static [&'static str]; 1],
    #[serde(rename = "Metrics")]
    metrics: Vec<Definition>,
}

#[derive(Serialize)]
struct Definition {
    #[serde(rename = "Name")]
    name: &'static str,
    #[serde(rename = "Unit")]
    unit: &'static str,
}

#[derive(Serialize, PartialEq)]
#[serde(untagged)]
enum Member {
    Label(String),
    Value(u64),
    Values(Vec<u64>),
}

/// The lines that say all this, each with its line feed.
fn lines(measured: Vec<Measured>, at_ms: u64) -> Vec<String> {
    let mut series: BTreeMap<(Metric, Vec<String>), Vec<u64>> = BTreeMap::new();
    for Measured { metric, labels, value } in measured {
        series.entry((metric, labels)).or_default().push(value);
    }
    let mut lines: Vec<Line> = Vec::new();
    for ((metric, labels), values) in series {
        for value in members(metric, &values) {
            let labels: Vec<_> = metric.labels().zip(labels.iter().cloned().map(Member::Label)).collect();
            let place = lines.iter().position(|line| line.has_room(metric, &labels));
            let place = place.unwrap_or_else(|| {
                lines.push(Line::new(at_ms));
                lines.len() - 1
            });
            lines[place].add(metric, labels, value);
        }
    }
    lines.iter().map(Line::text).collect()
}

/// The values as members. Of times each one counts, for their percentiles; of everything else the sum does, which is
/// shorter, and which a search of the log can add up.
fn members(metric: Metric, values: &[u64]) -> Vec<Member> {
    match (metric.unit(), values) {
        (Unit::Milliseconds | Unit::Seconds, [_, _, ..]) => {
            values.chunks(VALUES_MAX).map(|values| Member::Values(values.to_vec())).collect()
        }
        _ => vec![Member::Value(values.iter().fold(0, |sum, value| sum.saturating_add(*value)))],
    }
}

impl Line {
    const fn new(at_ms: u64) -> Self {
        Self { told: Told { at_ms, directives: Vec::new() }, members: BTreeMap::new() }
    }

    fn has_room(&self, metric: Metric, labels: &[(&'static str, Member)]) -> bool {
        !self.members.contains_key(metric.name())
            && labels.iter().all(|(name, label)| self.members.get(name).is_none_or(|there| there == label))
    }

    fn add(&mut self, metric: Metric, labels: Vec<(&'static str, Member)>, value: Member) {
        self.members.extend(labels);
        self.members.insert(metric.name(), value);
        let definition = Definition { name: metric.name(), unit: metric.unit().name() };
        let directives = &mut self.told.directives;
        match directives.iter_mut().find(|directive| directive.dimensions == [metric.dimensions()]) {
            Some(directive) => directive.metrics.push(definition),
            None => directives.push(Directive {
                namespace: NAMESPACE,
                dimensions: [metric.dimensions()],
                metrics: vec![definition],
            }),
        }
    }

    fn text(&self) -> String {
        let mut text = serde_json::to_string(self).expect("texts and numbers always have a JSON form");
        text.push('\n');
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn measured(metric: Metric, labels: &[&str], value: u64) -> Measured {
        Measured { metric, labels: labels.iter().map(|label| (*label).to_owned()).collect(), value }
    }

    fn read(measured: Vec<Measured>) -> Vec<Value> {
        lines(measured, 1_795_298_400_000).iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn an_accept_is_one_short_line() {
        let lines = lines(
            vec![
                measured(Metric::AcceptedDonations, &[], 1),
                measured(Metric::AcceptFaults, &[], 0),
                measured(Metric::AcceptMillis, &[], 12),
            ],
            1_795_298_400_000,
        );
        let expected = concat!(
            r#"{"_aws":{"Timestamp":1795298400000,"CloudWatchMetrics":[{"Namespace":"Outpour","Dimensions":[[]],"#,
            r#""Metrics":[{"Name":"AcceptedDonations","Unit":"Count"},{"Name":"AcceptMillis","Unit":"Milliseconds"},"#,
            r#"{"Name":"AcceptFaults","Unit":"Count"}]}]},"#,
            r#""AcceptFaults":0,"AcceptMillis":12,"AcceptedDonations":1}"#,
            "\n",
        );
        assert_eq!(lines, [expected]);
    }

    #[test]
    fn a_batch_is_one_line_as_long_as_every_name_has_one_value() {
        let batch = (1..=3).flat_map(|number| {
            [
                measured(Metric::ProviderMillis, &["stripe"], number),
                measured(Metric::PaymentsCaptured, &[], 1),
                measured(Metric::CapturedMinorUnits, &["GBP", "winter"], 2_500),
            ]
        });
        let lines = read(batch.collect());
        let [line] = &lines[..] else { panic!("one line: {lines:?}") };
        assert_eq!(line["ProviderMillis"], json!([1, 2, 3]));
        assert_eq!((&line["PaymentsCaptured"], &line["CapturedMinorUnits"]), (&json!(3), &json!(7_500)));
        let labels = (&line["currency"], &line["appeal"], &line["provider"]);
        assert_eq!(labels, (&json!("GBP"), &json!("winter"), &json!("stripe")));
        let dimensions: Vec<_> = line["_aws"]["CloudWatchMetrics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["Dimensions"])
            .collect();
        assert_eq!(dimensions, [&json!([[]]), &json!([["currency"]]), &json!([["provider"]])]);
    }

    #[test]
    fn labels_that_differ_get_lines_of_their_own_and_nothing_is_counted_twice() {
        let gifts =
            [("GBP", "winter", 100), ("EUR", "winter", 200), ("GBP", "summer", 400), ("GBP", "winter", 800)];
        let mut measured: Vec<_> = gifts
            .iter()
            .map(|(currency, appeal, units)| {
                measured(Metric::CapturedMinorUnits, &[currency, appeal], *units)
            })
            .collect();
        measured.extend((0..4).map(|_| self::measured(Metric::PaymentsCaptured, &[], 1)));
        let lines = read(measured);
        let mut sums: Vec<_> = lines
            .iter()
            .map(|line| {
                (line["currency"].as_str(), line["appeal"].as_str(), line["CapturedMinorUnits"].as_u64())
            })
            .collect();
        sums.sort();
        let expected = [("EUR", "winter", 200), ("GBP", "summer", 400), ("GBP", "winter", 900)];
        assert_eq!(sums, expected.map(|(currency, appeal, sum)| (Some(currency), Some(appeal), Some(sum))));
        assert_eq!(lines.iter().filter_map(|line| line["PaymentsCaptured"].as_u64()).sum::<u64>(), 4);
    }

    #[test]
    fn a_line_has_at_most_as_many_values_as_the_format_allows() {
        let calls = (0..250).map(|_| measured(Metric::ProviderMillis, &["stripe"], 7)).collect();
        let counts: Vec<_> =
            read(calls).iter().map(|line| line["ProviderMillis"].as_array().unwrap().len()).collect();
        assert_eq!(counts, [100, 100, 50]);
    }
}
