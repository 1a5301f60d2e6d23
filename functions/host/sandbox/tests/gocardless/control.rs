use serde_json::{Value, json};

use crate::client::{MANDATE, send};
use crate::fixtures::start;

#[tokio::test]
async fn a_payment_is_moved_at_once_through_the_states_between() {
    let sandbox = start().await;
    let expected: [(&str, &str, &[&str]); 6] = [
        ("submitted", "submitted", &["submitted"]),
        ("confirmed", "confirmed", &["submitted", "confirmed"]),
        ("paid_out", "paid_out", &["submitted", "confirmed", "paid_out"]),
        ("failed", "failed", &["submitted", "failed"]),
        ("late_failure", "failed", &["submitted", "confirmed", "failed"]),
        ("charged_back", "charged_back", &["submitted", "confirmed", "charged_back"]),
    ];
    for (to, status, actions) in expected {
        let id = sandbox.pay(to, 2_500, MANDATE).await;
        assert_eq!(sandbox.move_to(&id, to).await["status"], status);
        assert_eq!(sandbox.payment(&id).await["status"], status);
        let told: Vec<String> = actions.iter().map(|action| format!("payments.{action}")).collect();
        assert_eq!(sandbox.told(&format!("payment={id}")).await[1..], told, "{to}");
    }
}

#[tokio::test]
async fn a_move_that_cannot_be_is_refused_and_leaves_everything_as_it_was() {
    let sandbox = start().await;
    let id = sandbox.pay("key-0", 2_500, MANDATE).await;
    let path = format!("gocardless/payments/{id}");
    let moved = async |body: Value| sandbox.control(&path, &body).await;
    assert_eq!(moved(json!({ "to": "chargeback_cancelled" })).await.reason(422), "sandbox_not_possible");
    assert_eq!(moved(json!({ "to": "nowhere" })).await.reason(400), "bad_request");
    assert_eq!(moved(json!({ "to": "failed", "reason_code": "DDICA-1" })).await.reason(400), "bad_request");
    assert_eq!(moved(json!({ "towards": "failed" })).await.reason(400), "bad_request");
    assert_eq!(sandbox.payment(&id).await["status"], "pending_submission");
    assert_eq!(sandbox.told(&format!("payment={id}")).await, ["payments.created"]);
    let nobody = sandbox.control("gocardless/payments/PM000NOBODY", &json!({ "to": "confirmed" })).await;
    assert_eq!(nobody.reason(404), "resource_not_found");

    sandbox.move_to(&id, "failed").await;
    assert_eq!(moved(json!({ "to": "confirmed" })).await.reason(422), "sandbox_not_possible");
    let form = sandbox.bare(reqwest::Method::POST, &format!("/_sandbox/{path}")).body("to=failed");
    assert_eq!(send(form).await.reason(415), "unsupported_media_type", "no web page may do this");
}

#[tokio::test]
async fn the_operator_chooses_what_the_bank_says() {
    let sandbox = start().await;
    let said = async |to: &str, code: &str| {
        let id = sandbox.pay(code, 2_500, MANDATE).await;
        let body = json!({ "to": to, "reason_code": code });
        sandbox.control(&format!("gocardless/payments/{id}"), &body).await.with(200);
        sandbox.list(&format!("/events?payment={id}")).await.remove(0)["details"].clone()
    };
    assert_eq!(said("failed", "ARUDD-2").await["cause"], "bank_account_closed");
    assert_eq!(said("late_failure", "ARUDD-5").await["cause"], "invalid_bank_details");
    let claimed = said("charged_back", "DDICA-1").await;
    assert_eq!((&claimed["reason_code"], claimed.get("will_attempt_retry")), (&json!("DDICA-1"), None));
}

#[tokio::test]
async fn what_was_moved_by_hand_is_not_moved_again_when_its_time_comes() {
    let sandbox = start().await;
    let id = sandbox.pay("key-0", 2_500, MANDATE).await;
    sandbox.move_to(&id, "charged_back").await;
    let witness = sandbox.pay("key-1", 2_500, MANDATE).await;
    sandbox.days(30);
    sandbox.becomes(&witness, "paid_out").await;
    assert_eq!(sandbox.payment(&id).await["status"], "charged_back");
    assert_eq!(sandbox.told(&format!("payment={id}")).await.len(), 4);
}

#[tokio::test]
async fn the_log_of_requests_knows_gocardless_s_payments_too() {
    let sandbox = start().await;
    let id = sandbox.pay("key-0", 2_500, MANDATE).await;
    send(sandbox.paying("key-0", 2_500, MANDATE)).await.with(409);
    let log = sandbox.bare(reqwest::Method::GET, "/_sandbox/requests?donation_id=adaexampledonation");
    let log = send(log).await.with(200);
    let lines = log["data"].as_array().unwrap();
    let statuses: Vec<&Value> = lines.iter().map(|line| &line["status"]).collect();
    assert_eq!(statuses, [&json!(201), &json!(409)]);
    assert_eq!(lines[0]["payment_intent"], id.as_str());
    assert_eq!(lines[0]["idempotency_key"], "key-0");
}
