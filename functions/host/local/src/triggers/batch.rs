//! Which messages of a batch a function has done, by its partial batch response.
//!
//! Source of the rules: docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html. The mapping is made with
//! `ReportBatchItemFailures`; without it, AWS would ignore the response and count every message as done.

use std::collections::BTreeSet;

use serde_json::Value;

/// What becomes of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchOutcome<'a> {
    /// These messages stay in the queue, and the others are done; there may be none that stay.
    Partial {
        /// Ids of the messages that stay.
        failed: BTreeSet<&'a str>,
    },
    /// Nothing is done: the response cannot be understood.
    AllFailed {
        /// What is wrong with it.
        why: &'static str,
    },
}

/// Reads a response to a batch of these message ids.
pub fn read<'a>(response: &[u8], ids: &BTreeSet<&'a str>) -> BatchOutcome<'a> {
    match failed(response, ids) {
        Ok(failed) => BatchOutcome::Partial { failed },
        Err(why) => BatchOutcome::AllFailed { why },
    }
}

fn failed<'a>(response: &[u8], ids: &BTreeSet<&'a str>) -> Result<BTreeSet<&'a str>, &'static str> {
    // A function that returns nothing at all sends no bytes.
    if response.is_empty() {
        return Ok(BTreeSet::new());
    }
    let response: Value = serde_json::from_slice(response).map_err(|_| "the response is not JSON")?;
    let failures = match &response {
        Value::Null => return Ok(BTreeSet::new()),
        Value::Object(response) => response.get("batchItemFailures").unwrap_or(&Value::Null),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            return Err("the response is not an object");
        }
    };
    let failures = match failures {
        Value::Null => return Ok(BTreeSet::new()),
        Value::Array(failures) => failures,
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            return Err("batchItemFailures is not a list");
        }
    };
    failures.iter().map(|failure| identify(failure, ids)).collect()
}

fn identify<'a>(failure: &Value, ids: &BTreeSet<&'a str>) -> Result<&'a str, &'static str> {
    let id = failure.get("itemIdentifier").ok_or("an entry has no itemIdentifier")?;
    let id = id.as_str().ok_or("an itemIdentifier is not text")?;
    if id.is_empty() {
        return Err("an itemIdentifier is empty");
    }
    ids.get(id).copied().ok_or("an itemIdentifier names no message of the batch")
}

#[cfg(test)]
mod tests {

    use super::*;

    const ALL_DONE: BatchOutcome<'static> = BatchOutcome::Partial { failed: BTreeSet::new() };

    fn outcome(response: &str) -> BatchOutcome<'static> {
        read(response.as_bytes(), &BTreeSet::from(["a", "b", "c"]))
    }

    #[test]
    fn nothing_null_and_empty_lists_mean_that_every_message_is_done() {
        for response in ["", "null", "{}", r#"{"batchItemFailures":null}"#, r#"{"batchItemFailures":[]}"#] {
            assert_eq!(outcome(response), ALL_DONE, "{response}");
        }
    }

    #[test]
    fn only_the_named_messages_stay() {
        let response =
            r#"{"batchItemFailures":[{"itemIdentifier":"c"},{"itemIdentifier":"a"},{"itemIdentifier":"a"}]}"#;
        assert_eq!(outcome(response), BatchOutcome::Partial { failed: BTreeSet::from(["a", "c"]) });
    }

    #[test]
    fn one_bad_identifier_fails_the_whole_batch() {
        for identifier in
            [r#"{"itemIdentifier":""}"#, r#"{"itemIdentifier":null}"#, r#"{"itemIdentifier":7}"#]
                .into_iter()
                .chain([r#"{"itemIdentifier":"d"}"#, r#"{"id":"a"}"#, r#""a""#])
        {
            let response = format!(r#"{{"batchItemFailures":[{{"itemIdentifier":"a"}},{identifier}]}}"#);
            assert!(matches!(outcome(&response), BatchOutcome::AllFailed { .. }), "{response}");
        }
    }

    #[test]
    fn a_response_of_another_form_fails_the_whole_batch() {
        for response in
            ["[]", "true", "\"ok\"", "{", r#"{"batchItemFailures":{}}"#, r#"{"batchItemFailures":"a"}"#]
        {
            assert!(matches!(outcome(response), BatchOutcome::AllFailed { .. }), "{response}");
        }
    }
}
