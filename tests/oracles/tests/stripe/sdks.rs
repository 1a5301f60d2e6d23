//! Jobs for Stripe's official SDKs.

use serde_json::{Value, json};

use crate::tools::{node_script, python_script, results};

/// Does jobs with the SDK for Node against an API, in one run of `js/sdk.mjs`, which describes them.
pub(crate) async fn node_against(base: Option<&str>, key: &str, jobs: &[Value]) -> Vec<Value> {
    let input = json!({ "base": base, "key": key, "jobs": jobs }).to_string();
    results(&node_script("sdk.mjs", &input).await, jobs.len())
}

/// Does jobs with the SDK for Node that need no API.
pub(crate) async fn node(jobs: &[Value]) -> Vec<Value> {
    node_against(None, "sk_test_none", jobs).await
}

/// Does jobs with the SDK for Python, in one run of `python/webhooks.py`, which describes them.
pub(crate) async fn python(jobs: &[Value]) -> Vec<Value> {
    results(&python_script("webhooks.py", &json!(jobs).to_string()).await, jobs.len())
}
