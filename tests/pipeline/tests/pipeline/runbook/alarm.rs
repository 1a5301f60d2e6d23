//! The alarms of a heading, as `contracts/service-levels.json` defines them.
//!
//! Their periods are not waited for: a period lasts from a mark to the moment of the look, and one that breaches is
//! enough.

use std::collections::BTreeMap;

use serde_json::Value;

use super::expression;
use super::seen::{Mark, gauge, not_delivered};
use crate::stack::Stack;

const SERVICE_LEVELS: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../contracts/service-levels.json"));

/// How an alarm stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    /// Nothing was measured, which is good.
    Silent,
    /// What was measured is as promised.
    Quiet,
    Raised,
}

/// What raises an alarm.
pub(super) enum Alarm {
    /// A line of a log with this name.
    Line(String),
    /// An objective that is missed.
    Objective(Value),
}

/// Every alarm that leads to a heading.
pub(super) fn of(heading: &str) -> Vec<Alarm> {
    let levels: Value = serde_json::from_str(SERVICE_LEVELS).unwrap();
    let leading = |kind: &str| {
        let all = levels[kind].as_object().unwrap().clone();
        all.into_iter().filter(|(_, one)| one["runbook"] == heading)
    };
    let lines = leading("log_alarms").map(|(name, _)| Alarm::Line(name));
    let alarms: Vec<Alarm> =
        lines.chain(leading("objectives").map(|(_, objective)| Alarm::Objective(objective))).collect();
    assert!(!alarms.is_empty(), "no alarm leads to {heading}");
    alarms
}

impl Alarm {
    /// How it stands in the period that began at the mark, in which the API gave these answers.
    pub(super) async fn state(&self, stack: &Stack, since: &Mark, answers: &[u16]) -> State {
        let objective = match self {
            Self::Line(name) => {
                let raised = since.lines(stack).iter().any(|(_, line)| line["alarm"] == name.as_str());
                return if raised { State::Raised } else { State::Quiet };
            }
            Self::Objective(objective) => objective,
        };
        let mut worst = State::Silent;
        for resource in resources(stack, objective).await {
            let value = reading(stack, objective, &resource, since, answers).await;
            worst = worst.max(judged(objective, value));
        }
        worst
    }
}

/// The names that an objective is for, one by one.
async fn resources(stack: &Stack, objective: &Value) -> Vec<String> {
    let (list, key) = match objective["for_each"].as_str() {
        Some("queues") => ("queues", "queue"),
        Some("functions") => ("functions", "function"),
        Some("apis" | "topics") | None => return vec![String::new()],
        Some(other) => panic!("nothing here shows {other}"),
    };
    let all = stack.local(list).await;
    all.as_array().unwrap().iter().map(|one| one[key].as_str().unwrap().to_owned()).collect()
}

/// The objective's value; none where nothing was measured.
async fn reading(
    stack: &Stack,
    objective: &Value,
    resource: &str,
    since: &Mark,
    answers: &[u16],
) -> Option<f64> {
    let mut read = BTreeMap::new();
    for (key, metric) in objective["metrics"].as_object().unwrap() {
        let name = metric["name"].as_str().unwrap();
        let values = match metric["namespace"].as_str().unwrap() {
            "Outpour" => since.measured(stack, name),
            "AWS/Lambda" => {
                let function = metric["dimensions"]["FunctionName"].as_str().unwrap();
                let function = function.replace("{function}", resource).replace("{stack}-", "");
                let what = match name {
                    "Invocations" => "invocations",
                    "Errors" => "errors",
                    "Throttles" => "throttled",
                    other => panic!("nothing here counts {other}"),
                };
                vec![since.counted(stack, &function, what).await]
            }
            "AWS/SQS" => vec![gauge(stack, resource, name).await],
            "AWS/SNS" => vec![not_delivered(stack).await],
            "AWS/ApiGateway" => answers.iter().map(|status| f64::from(u8::from(*status >= 500))).collect(),
            other => panic!("only AWS shows {other}"),
        };
        read.insert(key.clone(), statistic(metric["statistic"].as_str().unwrap(), values)?);
    }
    match objective["expression"].as_str() {
        Some(text) => Some(expression::value(text, &read)),
        None => read.into_values().next(),
    }
}

fn statistic(name: &str, mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let largest = values.last().copied()?;
    match name {
        "Sum" => Some(values.iter().sum()),
        "Maximum" => Some(largest),
        "p95" | "p99" => {
            let share: usize = name[1..].parse().unwrap();
            let rank = (values.len() * share).div_ceil(100).max(1);
            Some(values[rank - 1])
        }
        other => panic!("nothing here takes {other}"),
    }
}

fn judged(objective: &Value, value: Option<f64>) -> State {
    let Some(value) = value else {
        return if objective["missing_data"] == "bad" { State::Raised } else { State::Silent };
    };
    let threshold = objective["threshold"].as_f64().unwrap();
    let is_breached = match objective["breaches_when"].as_str().unwrap() {
        "above" => value > threshold,
        "below" => value < threshold,
        other => panic!("{other} is no side"),
    };
    if is_breached { State::Raised } else { State::Quiet }
}
