use futures_util::future::join_all;
use serde_json::json;

use crate::client::{MANDATE, payment, send};
use crate::fixtures::start;

#[tokio::test]
async fn a_second_creation_with_a_key_is_refused_with_the_name_of_the_first() {
    let sandbox = start().await;
    let id = sandbox.pay("key-0", 2_500, MANDATE).await;
    // Even a body that would not be taken: the key comes first.
    for body in [payment(2_500, MANDATE), payment(9_999, "MDcancelled"), json!({ "payments": {} })] {
        let again = sandbox.post("/payments", "key-0", &body).await;
        let error = again.with(409)["error"].clone();
        assert_eq!((&error["type"], &error["code"]), (&json!("invalid_state"), &json!(409)));
        assert_eq!(error["errors"][0]["reason"], "idempotent_creation_conflict");
        assert_eq!(error["errors"][0]["links"]["conflicting_resource_id"], id.as_str());
    }
    assert_eq!(sandbox.list("/payments").await.len(), 1);
}

#[tokio::test]
async fn sixty_four_identical_requests_at_once_create_one_payment() {
    let sandbox = start().await;
    let answers = join_all((0..64).map(|_| send(sandbox.paying("key-0", 2_500, MANDATE)))).await;
    let created: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(created.len(), 1);
    let id = created[0].created("payments")["id"].clone();
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(answer.with(409)["error"]["errors"][0]["links"]["conflicting_resource_id"], id);
    }
    assert_eq!(sandbox.list("/payments").await.len(), 1);
}

#[tokio::test]
async fn a_key_that_has_created_nothing_may_be_used_again() {
    let sandbox = start().await;
    sandbox.post("/payments", "key-0", &payment(0, MANDATE)).await.with(422);
    sandbox.post("/payments", "key-0", &payment(2_500, "MDcancelled")).await.with(422);
    sandbox.pay("key-0", 2_500, MANDATE).await;
}

#[tokio::test]
async fn a_key_never_expires_until_it_is_asked_to() {
    let sandbox = start().await;
    let first = sandbox.pay("key-0", 2_500, MANDATE).await;
    sandbox.days(400);
    send(sandbox.paying("key-0", 2_500, MANDATE)).await.with(409);
    let forgotten = sandbox.paying("key-0", 2_500, MANDATE).header("sandbox-fault", "forget-keys");
    let second = send(forgotten).await.created("payments");
    assert_ne!(second["id"], first.as_str());
}

#[tokio::test]
async fn payments_and_refunds_have_keys_of_their_own_and_no_key_protects_nothing() {
    let sandbox = start().await;
    let id = sandbox.pay("key-0", 2_500, MANDATE).await;
    sandbox.move_to(&id, "confirmed").await;
    let refund = json!({ "refunds": {
        "amount": 500, "total_amount_confirmation": 500, "links": { "payment": id },
    } });
    let refunded = sandbox.post("/refunds", "key-0", &refund).await.created("refunds");
    let again = sandbox.post("/refunds", "key-0", &refund).await.with(409);
    assert_eq!(again["error"]["errors"][0]["links"]["conflicting_resource_id"], refunded["id"]);

    let without = || {
        let bare = sandbox.bare(reqwest::Method::POST, "/payments").bearer_auth(crate::client::TOKEN);
        send(bare.header("gocardless-version", "2015-07-06").json(&payment(2_500, MANDATE)))
    };
    let (one, other) = (without().await.created("payments"), without().await.created("payments"));
    assert_ne!(one["id"], other["id"]);
}
