//! The sandbox's answers as the official SDKs read them: they have to take the sandbox for GoCardless.

use serde_json::{Value, json};

use crate::fixtures::API_KEY;
use crate::sandbox_running::{MANDATE, Running, answered, new_payment};
use crate::sdks::{job, node, python};

/// What an SDK threw.
#[track_caller]
fn thrown(result: &Value) -> &Value {
    assert!(result["error"].is_object(), "{result:#}");
    &result["error"]
}

#[tokio::test]
async fn a_payment_is_created_read_and_listed_by_both_sdks() {
    let running = Running::new().await;
    let created = running.node("call", "payments.create", json!([new_payment(MANDATE), "key-0"])).await;
    let created = answered(&created);
    let id = &created["id"];
    assert_eq!((&created["amount"], &created["currency"]), (&json!(2500), &json!("GBP")));
    assert_eq!(created["__response__"]["statusCode"], 201);
    running.becomes(id.as_str().unwrap(), "paid_out").await;

    let found = running.node("call", "payments.find", json!([id])).await;
    let payment = answered(&found);
    let got = running.python("call", "payments.get", json!({ "identity": id })).await;
    let got = answered(&got);
    assert_eq!((&got["id"], &got["status"], &got["links"]), (id, &payment["status"], &payment["links"]));

    for number in 1..5 {
        running.pay(&format!("key-{number}"), MANDATE).await;
    }
    let node = running.node("list", "payments.all", json!([{ "limit": 2 }])).await;
    let python = running.python("list", "payments.all", json!({ "params": { "limit": 2 } })).await;
    let ids = |list: &Value| -> Vec<Value> {
        answered(list).as_array().unwrap().iter().map(|payment| payment["id"].clone()).collect()
    };
    assert_eq!((ids(&node).len(), ids(&node)), (5, ids(&python)), "every page, turned by either");
    let mandate = running.python("call", "mandates.get", json!({ "identity": MANDATE })).await;
    assert_eq!(answered(&mandate)["status"], "active");
}

#[tokio::test]
async fn a_creation_that_is_repeated_with_its_key_is_followed_to_the_first() {
    let running = Running::new().await;
    let id = running.pay("key-0", MANDATE).await;
    let again = running.node("call", "payments.create", json!([new_payment(MANDATE), "key-0"])).await;
    assert_eq!(answered(&again)["id"], id.as_str());
    let headers = json!({ "Idempotency-Key": "key-0" });
    let arguments = json!({ "params": new_payment(MANDATE), "headers": headers });
    let again = running.python("call", "payments.create", arguments).await;
    assert_eq!(answered(&again)["id"], id.as_str());
    let all = running.node("list", "payments.all", json!([{}])).await;
    assert_eq!(answered(&all).as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_refund_and_a_payout_with_its_items_are_read_by_both_sdks() {
    let running = Running::new().await;
    let id = running.pay("key-0", MANDATE).await;
    let payment = running.becomes(&id, "paid_out").await;
    let refund = json!({ "amount": 500, "total_amount_confirmation": 500, "links": { "payment": id } });
    let made = running.node("call", "refunds.create", json!([refund, "refund-0"])).await;
    let refund_id = answered(&made)["id"].clone();
    for found in [
        running.node("call", "refunds.find", json!([refund_id])).await,
        running.python("call", "refunds.get", json!({ "identity": refund_id })).await,
    ] {
        assert_eq!(
            (&answered(&found)["amount"], &answered(&found)["links"]["payment"]),
            (&json!(500), &json!(id))
        );
    }

    let payout = &payment["links"]["payout"];
    for found in [
        running.node("call", "payouts.find", json!([payout])).await,
        running.python("call", "payouts.get", json!({ "identity": payout })).await,
    ] {
        let found = answered(&found);
        // 2500 less 1 % and 20 pence, with tax: 54.0.
        assert_eq!((&found["amount"], &found["deducted_fees"]), (&json!(2446), &json!(54)));
        assert_eq!((&found["status"], &found["payout_type"]), (&json!("paid"), &json!("merchant")));
    }
    let filter = json!({ "payout": payout });
    for items in [
        running.node("list", "payoutItems.all", json!([filter])).await,
        running.python("list", "payout_items.all", json!({ "params": filter })).await,
    ] {
        let amounts: Vec<&str> = answered(&items)
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["amount"].as_str().unwrap())
            .collect();
        assert_eq!(amounts, ["-54.0", "2500.0"]);
    }
    let events = running.python("list", "events.all", json!({ "params": { "payment": id } })).await;
    let actions: Vec<&str> =
        answered(&events).as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["paid_out", "confirmed", "submitted", "created"]);
}

#[tokio::test]
async fn a_refusal_is_the_error_that_the_sdks_know() {
    let running = Running::new().await;
    let create = |mandate: &str| job("call", "payments.create", json!([new_payment(mandate), "a-key"]));
    let too_little = job("call", "payments.create", json!([{ "amount": 0, "currency": "GBP" }, "a-key"]));
    let jobs = [
        (create("MDcancelledADA"), "InvalidStateError"),
        (create("MDmissingADA"), "InvalidApiUsageError"),
        (too_little, "ValidationFailedError"),
        (job("call", "payments.find", json!(["PM0NOBODY"])), "InvalidApiUsageError"),
    ];
    for (job, class) in &jobs {
        let result = node(Some(running.url()), std::slice::from_ref(job)).await.remove(0);
        assert_eq!(thrown(&result)["class"], *class, "{result:#}");
    }
    let params = |mandate: &str| json!({ "params": new_payment(mandate) });
    let jobs = [
        (job("call", "payments.create", params("MDcancelledADA")), "InvalidStateError"),
        (job("call", "payments.create", params("MDmissingADA")), "InvalidApiUsageError"),
        (job("call", "payments.create", json!({ "params": { "amount": 0 } })), "ValidationFailedError"),
        (job("call", "payments.cancel", json!({ "identity": "PM0NOBODY" })), "InvalidApiUsageError"),
    ];
    for (job, class) in &jobs {
        let result = python(Some(running.url()), std::slice::from_ref(job)).await.remove(0);
        assert_eq!(thrown(&result)["class"], *class, "{result:#}");
    }
}

#[tokio::test]
async fn a_payment_is_cancelled_by_the_sdks_even_without_a_body() {
    let running = Running::at_a_standstill().await;
    for (number, sdk) in ["node", "python"].into_iter().enumerate() {
        let id = running.pay(&format!("key-{number}"), MANDATE).await;
        let cancelled = match sdk {
            "node" => running.node("call", "payments.cancel", json!([id])).await,
            _ => running.python("call", "payments.cancel", json!({ "identity": id })).await,
        };
        assert_eq!(answered(&cancelled)["status"], "cancelled", "{sdk}");
    }
}

#[tokio::test]
async fn faults_are_what_the_sdks_take_them_for() {
    let running = Running::at_a_standstill().await;
    let faulty = |fault: &str| {
        let mut payment = new_payment(MANDATE);
        payment["metadata"]["sandbox_fault"] = json!(fault);
        payment
    };
    let classes = [
        ("500-before", "GoCardlessInternalError"),
        ("429", "RateLimitError"),
        ("unreadable", "MalformedResponseError"),
        ("reset-before", "ConnectionError"),
        ("truncate", "ChunkedEncodingError"),
    ];
    for (fault, class) in classes {
        let result = running.python("call", "payments.create", json!({ "params": faulty(fault) })).await;
        assert_eq!(thrown(&result)["class"], class, "{result:#}");
    }
    let arguments = json!([faulty("capture-then-500"), "key-0"]);
    let lost = running.node("call", "payments.create", arguments.clone()).await;
    assert_eq!(thrown(&lost)["class"], "GoCardlessInternalError");
    let again = running.node("call", "payments.create", arguments).await;
    assert_eq!(answered(&again)["status"], "pending_submission", "the key leads to what was made");

    let stranger = json!({ "base": running.url(), "key": format!("{API_KEY}_other"), "jobs": [
        job("call", "payments.find", json!(["PM0NOBODY"])),
    ] });
    let refused = crate::tools::node_script("gocardless.mjs", &stranger.to_string()).await;
    let refused: Value = serde_json::from_str(&refused).unwrap();
    assert_eq!(thrown(&refused[0])["class"], "AuthenticationError");
}
