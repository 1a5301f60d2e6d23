//! What our connector makes of each recorded error, beside what the official SDKs make of it.

use app::ports::PaymentProvider;
use domain::payment::PaymentOutcome;
use serde_json::{Value, json};

use crate::fixtures::{collection, connector, contracts};
use crate::recorder::Recorder;
use crate::sdks::{job, node, python};

/// Which of our outcomes is right for what an SDK raises.
fn agrees(class: &str, outcome: &PaymentOutcome) -> bool {
    match class {
        "AuthenticationError" | "PermissionsError" | "RateLimitError" => {
            matches!(outcome, PaymentOutcome::NotExecuted { .. })
        }
        "ValidationFailedError" => matches!(outcome, PaymentOutcome::Rejected { .. }),
        // A link that is not found is the donor's mandate.
        "InvalidApiUsageError" => {
            matches!(outcome, PaymentOutcome::Rejected { .. } | PaymentOutcome::Declined { .. })
        }
        "InvalidStateError" => {
            matches!(outcome, PaymentOutcome::Declined { .. } | PaymentOutcome::Unknown { .. })
        }
        "GoCardlessInternalError" => matches!(outcome, PaymentOutcome::Unknown { .. }),
        other => panic!("the SDK raises {other}"),
    }
}

#[tokio::test]
async fn each_recorded_error_is_what_the_official_sdks_take_it_for() {
    let mut seen = Vec::new();
    // The conflict of keys is an error that means success, and is followed: see the requests.
    let is_error = |name: &str| name.starts_with("error.") && !name.contains("idempotent_creation_conflict");
    for (name, text) in contracts("answers").into_iter().filter(|(name, _)| is_error(name)) {
        let recorder = Recorder::answering(vec![(name[6..9].parse().unwrap(), text)]).await;
        let outcome = connector(&recorder.url).collect(&collection()).await.said.outcome;
        assert_eq!(recorder.take().len(), 1, "{name}");
        let node_job =
            job("call", "payments.create", json!([{ "amount": 2500, "currency": "GBP" }, "a-key"]));
        let python_job = job("call", "payments.create", json!({ "params": { "amount": 2500 } }));
        let node = node(Some(&recorder.url), &[node_job]).await;
        let python = python(Some(&recorder.url), &[python_job]).await;
        for result in [&node[0], &python[0]] {
            let class = result["error"]["class"].as_str().unwrap_or_else(|| panic!("{name}: {result}"));
            assert!(agrees(class, &outcome), "{name}: {class} and {outcome:?}");
            seen.push(class.to_owned());
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 7, "every class of errors occurs: {seen:?}");
}

#[tokio::test]
async fn an_error_that_names_no_payment_is_no_success_to_anybody() {
    let conflict = json!({ "error": {
        "type": "invalid_state", "code": 409, "message": "An invented message",
        "errors": [{ "reason": "idempotent_creation_conflict", "message": "An invented message" }],
    }});
    let recorder = Recorder::answering(vec![(409, conflict.to_string())]).await;
    let outcome = connector(&recorder.url).collect(&collection()).await.said.outcome;
    assert!(matches!(outcome, PaymentOutcome::Unknown { .. }), "{outcome:?}");
    let job = job("call", "payments.create", json!([{ "amount": 2500, "currency": "GBP" }, "a-key"]));
    let results: Vec<Value> = node(Some(&recorder.url), &[job]).await;
    assert_eq!(results[0]["error"]["class"], "MalformedResponseError");
}
