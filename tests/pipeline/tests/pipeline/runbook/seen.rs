//! What a stack shows of what CloudWatch would: the functions' logs with their metrics, the host's counts of
//! invocations, the queues, and what the API answered.
#![expect(
    clippy::float_arithmetic,
    reason = "CloudWatch's values are such numbers, and none of them is money"
)]

use std::collections::BTreeMap;

use serde_json::Value;

use crate::stack::{Stack, found};
use crate::telemetry::lines;

/// How the host begins the reason of what a topic gave up on.
const NOT_DELIVERED: &str = "the topic could not deliver it";

/// Where a period begins: what had been shown by then.
#[derive(Default)]
pub(super) struct Mark {
    lines: BTreeMap<String, usize>,
    counts: Value,
}

impl Mark {
    pub(super) async fn now(stack: &Stack) -> Self {
        let lines = logs(stack).into_iter().map(|(function, lines)| (function, lines.len())).collect();
        Self { lines, counts: stack.local("functions").await }
    }

    /// The lines that were logged since then, each with its function.
    pub(super) fn lines(&self, stack: &Stack) -> Vec<(String, Value)> {
        let since = |(function, lines): (String, Vec<Value>)| {
            let known = self.lines.get(&function).copied().unwrap_or_default();
            lines.into_iter().skip(known).map(move |line| (function.clone(), line))
        };
        logs(stack).into_iter().flat_map(since).collect()
    }

    /// The values that functions measured since then.
    pub(super) fn measured(&self, stack: &Stack, metric: &str) -> Vec<f64> {
        let lines = self.lines(stack);
        let of_metric = lines.iter().filter(|(_, line)| line.get("_aws").is_some());
        let values = of_metric.filter_map(|(_, line)| line.get(metric)).flat_map(|value| match value {
            Value::Array(many) => many.clone(),
            one => vec![one.clone()],
        });
        values.map(|value| value.as_f64().unwrap()).collect()
    }

    /// What the host has counted of a function since then, such as `errors`.
    pub(super) async fn counted(&self, stack: &Stack, function: &str, what: &str) -> f64 {
        let of = |counts: &Value| {
            let one = counts.as_array().unwrap().iter().find(|one| one["function"] == function).unwrap();
            one[what].as_f64().unwrap()
        };
        of(&stack.local("functions").await) - of(&self.counts)
    }
}

/// Every function's log so far.
fn logs(stack: &Stack) -> Vec<(String, Vec<Value>)> {
    let files = found::files(&stack.data().join("logs"));
    let functions = files.iter().map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned());
    functions.map(|function| (function.clone(), lines(stack, &function))).collect()
}

/// A gauge of a queue, as SQS measures it.
pub(super) async fn gauge(stack: &Stack, queue: &str, metric: &str) -> f64 {
    let queues = stack.local("queues").await;
    let one = queues.as_array().unwrap().iter().find(|one| one["queue"] == queue).unwrap().clone();
    match metric {
        "ApproximateAgeOfOldestMessage" => one["oldest_age_ms"].as_f64().unwrap_or(0.0) / 1_000.0,
        "ApproximateNumberOfMessagesVisible" => one["dead_letters"].as_f64().unwrap(),
        other => panic!("nothing here shows {other}"),
    }
}

/// Events that the topic gave up on and that nobody has dealt with.
pub(super) async fn not_delivered(stack: &Stack) -> f64 {
    let parked = stack.all("parked").await;
    let gave_up = parked.iter().filter(|one| one["reason"].as_str().unwrap_or("").starts_with(NOT_DELIVERED));
    f64::from(u32::try_from(gave_up.count()).unwrap())
}
