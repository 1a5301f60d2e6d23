//! The sandbox's faults as the official SDK for Node meets them, and how its own retries come out of them.

use domain::currency::Currency;
use domain::money::Money;
use serde_json::{Value, json};

use crate::fixtures::{collection, contracts, sdk_create};
use crate::recorder::Recorder;
use crate::running::{CARD, Running};
use crate::sandbox_answers::{answered, thrown};
use crate::sdks::node_against;

/// A payment whose amount asks the sandbox for a fault, which strikes once per idempotency key.
fn asking_for(fault: u64, n: u32) -> Value {
    let mut asking = collection(n, CARD);
    asking.amount = Money::from_minor(fault, Currency::GBP).unwrap();
    sdk_create(&asking)
}

fn payments() -> Value {
    json!({ "do": "list", "method": "paymentIntents.list", "args": [{}] })
}

#[tokio::test]
async fn each_fault_is_the_exception_that_stripe_causes() {
    let running = Running::new().await;
    let faults = [
        (66_604, "StripeAPIError", json!(500)),
        (66_605, "StripeAPIError", json!(500)),
        (66_606, "StripeAPIError", json!(500)),
        (66_607, "StripeRateLimitError", json!(429)),
        (66_609, "StripeConnectionError", Value::Null),
        (66_610, "StripeAPIError", Value::Null),
    ];
    let jobs: Vec<Value> = (1..).zip(&faults).map(|(n, &(fault, ..))| asking_for(fault, n)).collect();
    for (result, (fault, class, status)) in running.sdk(&jobs).await.iter().zip(&faults) {
        let error = thrown(result);
        assert_eq!((&error["class"], &error["status"]), (&json!(class), status), "{fault}: {error}");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_fault_repeated_with_its_key_ends_as_stripe_says() {
    let running = Running::new().await;
    // Nothing was stored of the first two; of the next two the 500 was; of the last two the payment was.
    let faults = [66_604, 66_607, 66_605, 66_606, 66_609, 66_610];
    let twice = (1..).zip(faults).flat_map(|(n, fault)| [asking_for(fault, n), asking_for(fault, n)]);
    let results = running.sdk(&twice.chain([payments()]).collect::<Vec<_>>()).await;
    let second = |place: usize| &results[2 * place + 1];
    for place in [0, 1, 4, 5] {
        assert_eq!(answered(second(place))["status"], "succeeded", "{}", faults[place]);
    }
    for place in [2, 3] {
        let error = thrown(second(place));
        assert_eq!(
            (&error["class"], &error["headers"]["idempotent-replayed"]),
            (&json!("StripeAPIError"), &json!("true"))
        );
    }
    // A payment came about for each but the 500 that did nothing.
    let made = results.last().unwrap()["ok"].as_array().unwrap().len();
    assert_eq!(made, 5);
    running.stop().await;
}

#[tokio::test]
async fn a_connection_that_is_lost_is_made_good_by_the_sdks_own_retry() {
    let running = Running::new().await;
    let results = running.sdk(&[asking_for(66_602, 1), asking_for(66_603, 2), payments()]).await;
    let replayed = |place: usize| &results[place]["ok"]["headers"]["idempotent-replayed"];
    assert_eq!((replayed(0), replayed(1)), (&Value::Null, &json!("true")));
    for result in &results[..2] {
        assert_eq!(answered(result)["status"], "succeeded");
    }
    assert_eq!(results[2]["ok"].as_array().unwrap().len(), 2, "each was made once");
    running.stop().await;
}

#[tokio::test]
async fn of_two_requests_at_once_with_one_key_one_is_refused() {
    let running = Running::new().await;
    let job = asking_for(66_601, 1);
    let results = running.sdk(&[json!({ "do": "together", "jobs": [job, job] }), payments()]).await;
    let [one, other] = results[0]["ok"].as_array().unwrap().as_slice() else { panic!("{results:#?}") };
    let (done, refused) = if one["ok"].is_object() { (one, other) } else { (other, one) };
    assert_eq!(answered(done)["status"], "succeeded");
    let error = thrown(refused);
    assert_eq!((&error["status"], &error["code"]), (&json!(409), &json!("idempotency_key_in_use")));
    assert_eq!(results[1]["ok"].as_array().unwrap().len(), 1);
    running.stop().await;
}

#[tokio::test]
async fn every_recorded_error_is_the_exception_that_its_name_promises() {
    let errors: Vec<(String, String)> =
        contracts("answers").into_iter().filter(|(name, _)| name.starts_with("error.")).collect();
    let status = |name: &str| name[6..9].parse::<u16>().unwrap();
    let answers = errors.iter().map(|(name, body)| (status(name), body.clone())).collect();
    let recorder = Recorder::answering(answers).await;
    let jobs: Vec<Value> = errors.iter().map(|_| sdk_create(&collection(1, CARD))).collect();
    let results = node_against(Some(&recorder.url), "sk_test_invented", &jobs).await;
    for ((name, body), result) in errors.iter().zip(results) {
        let class = match (status(name), name.contains("idempotency_error")) {
            (400, true) => "StripeIdempotencyError",
            (400 | 404, _) => "StripeInvalidRequestError",
            (401, _) => "StripeAuthenticationError",
            (402, _) => "StripeCardError",
            (403, _) => "StripePermissionError",
            (429, _) => "StripeRateLimitError",
            _ => "StripeAPIError",
        };
        let (error, promised) = (thrown(&result), serde_json::from_str::<Value>(body).unwrap());
        assert_eq!(error["class"], class, "{name}");
        for field in ["type", "code", "decline_code", "param"] {
            assert_eq!(
                error.get(field).unwrap_or(&Value::Null),
                &promised["error"][field],
                "{name}: {field}"
            );
        }
    }
}
