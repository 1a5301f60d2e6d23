use serde_json::{Value, json};

use crate::client::{MANDATE, payment, send};
use crate::fixtures::start;

#[tokio::test]
async fn a_payment_is_created_and_read_back_as_it_was_answered() {
    let sandbox = start().await;
    let answer = send(sandbox.paying("key-0", 2_500, MANDATE)).await;
    let created = answer.created("payments");
    let id = created["id"].as_str().unwrap();
    assert!(id.starts_with("PM") && id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
    assert_eq!(answer.header("location"), Some(format!("/payments/{id}").as_str()));
    let expected = json!({
        "id": id,
        "created_at": "2026-11-23T12:00:00.000Z",
        "charge_date": "2026-11-26",
        "amount": 2500,
        "amount_refunded": 0,
        "currency": "GBP",
        "status": "pending_submission",
        "description": null,
        "reference": null,
        "metadata": { "donation_id": "adaexampledonation" },
        "retry_if_possible": false,
        "scheme": "bacs",
        "fx": {
            "fx_currency": "GBP", "fx_amount": null, "exchange_rate": null, "estimated_exchange_rate": null,
        },
        "links": { "creditor": "CR000SANDBOX", "mandate": MANDATE },
    });
    assert_eq!(created, expected);
    assert_eq!(sandbox.payment(id).await, expected);
}

#[tokio::test]
async fn a_later_charge_date_is_kept_and_never_falls_on_a_weekend() {
    let sandbox = start().await;
    let mut body = payment(2_500, MANDATE);
    // A Saturday.
    body["payments"]["charge_date"] = json!("2026-12-05");
    let created = sandbox.post("/payments", "key-0", &body).await.created("payments");
    assert_eq!(created["charge_date"], "2026-12-07");

    let id = created["id"].as_str().unwrap();
    sandbox.days(5);
    let other = sandbox.pay("key-1", 2_500, MANDATE).await;
    sandbox.days(4);
    sandbox.becomes(&other, "confirmed").await;
    assert_eq!(sandbox.payment(id).await["status"], "pending_submission", "its date is far off");
    sandbox.days(4);
    sandbox.becomes(id, "submitted").await;
}

#[tokio::test]
async fn a_payment_is_cancelled_until_the_banks_have_it() {
    let sandbox = start().await;
    let id = sandbox.pay("key-0", 2_500, MANDATE).await;
    let path = format!("/payments/{id}/actions/cancel");
    let body = json!({ "data": { "metadata": { "why": "donor asked" } } });
    let cancelled = sandbox.post(&path, "key-1", &body).await.with(200);
    assert_eq!(cancelled["payments"]["status"], "cancelled");
    let event = sandbox.list(&format!("/events?payment={id}&action=cancelled")).await.remove(0);
    assert_eq!(
        (&event["details"]["origin"], &event["metadata"]),
        (&json!("api"), &json!({ "why": "donor asked" }))
    );
    assert_eq!(sandbox.post(&path, "key-2", &Value::Null).await.reason(422), "cancellation_failed");

    let other = sandbox.pay("key-3", 2_500, MANDATE).await;
    sandbox.move_to(&other, "submitted").await;
    let path = format!("/payments/{other}/actions/cancel");
    assert_eq!(sandbox.post(&path, "key-4", &json!({ "data": {} })).await.reason(422), "cancellation_failed");
}

#[tokio::test]
async fn any_mandate_is_active_unless_its_name_asks_for_something_else() {
    let sandbox = start().await;
    let mandate = async |id: &str| sandbox.get(&format!("/mandates/{id}")).await;
    let active = mandate(MANDATE).await.with(200)["mandates"].clone();
    assert_eq!(
        (&active["id"], &active["status"], &active["scheme"]),
        (&json!(MANDATE), &json!("active"), &json!("bacs"))
    );
    assert_eq!(active["next_possible_charge_date"], "2026-11-26");
    for (id, status) in
        [("MDpending1", "pending_submission"), ("MDcancelled1", "cancelled"), ("MDexpired1", "expired")]
    {
        assert_eq!(mandate(id).await.with(200)["mandates"]["status"], status);
    }
    assert_eq!(mandate("MDmissing1").await.reason(404), "resource_not_found");

    let refused = async |id: &str| send(sandbox.paying("key-0", 2_500, id)).await;
    for id in ["MDcancelled1", "MDfailed1", "MDexpired1"] {
        assert_eq!(refused(id).await.reason(422), "mandate_is_inactive");
    }
    let replaced = refused("MDreplaced1").await;
    assert_eq!(replaced.reason(422), "mandate_replaced");
    assert_eq!(replaced.json()["error"]["errors"][0]["links"]["new_mandate"], "MD000REPLACEMENT");
    assert_eq!(refused("MDmissing1").await.reason(400), "link_not_found");
    assert!(sandbox.list("/payments").await.is_empty());
    sandbox.pay("key-0", 2_500, "MDpending1").await;
}
