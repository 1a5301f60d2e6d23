//! Jobs for GoCardless's official SDKs.

use serde_json::{Value, json};

use crate::fixtures::API_KEY;
use crate::tools::{node_script, python_script, results};

fn input(base: Option<&str>, jobs: &[Value]) -> String {
    json!({ "base": base, "key": API_KEY, "jobs": jobs }).to_string()
}

/// Does jobs with the SDK for Node, in one run of `js/gocardless.mjs`, which describes them.
pub(crate) async fn node(base: Option<&str>, jobs: &[Value]) -> Vec<Value> {
    results(&node_script("gocardless.mjs", &input(base, jobs)).await, jobs.len())
}

/// Does jobs with the SDK for Python, in one run of `python/gocardless.py`, which describes them.
pub(crate) async fn python(base: Option<&str>, jobs: &[Value]) -> Vec<Value> {
    results(&python_script("gocardless.py", &input(base, jobs)).await, jobs.len())
}

/// One job of a kind that calls an API.
pub(crate) fn job(kind: &str, method: &str, args: Value) -> Value {
    let mut job = json!({ "do": kind, "method": method });
    job["args"] = args;
    job
}
