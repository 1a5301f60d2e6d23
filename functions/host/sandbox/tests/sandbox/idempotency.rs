use std::time::Duration;

use futures_util::future::join_all;

use crate::client::{form, send};
use crate::fixtures::{Hands, start, start_with};

#[tokio::test]
async fn the_same_request_gets_the_same_bytes_again() {
    let sandbox = start().await;
    let first = sandbox.pay("key-0", 2_500, "pm_card_visa").await;
    let again = sandbox.pay("key-0", 2_500, "pm_card_visa").await;
    assert_eq!((again.status, &again.body), (200, &first.body));
    assert_eq!((first.replayed(), again.replayed()), (false, true));
    assert_eq!(again.header("original-request"), first.header("request-id"));
    assert_ne!(again.header("request-id"), first.header("request-id"));
    assert_eq!(sandbox.list("/v1/charges").await.len(), 1);
}

#[tokio::test]
async fn the_sequence_and_spelling_of_parameters_do_not_matter() {
    let sandbox = start().await;
    let first = sandbox.pay("key-0", 2_500, "pm_card_visa").await;
    let mut fields = form(2_500, "pm_card_visa");
    fields.reverse();
    // As the official SDKs spell it: brackets left alone.
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = sandbox.post("/v1/payment_intents").header("idempotency-key", "key-0");
    let again = send(request.body(body.join("&"))).await;
    assert_eq!((again.replayed(), again.body), (true, first.body));
}

#[tokio::test]
async fn a_key_serves_one_request_only() {
    let sandbox = start().await;
    let first = sandbox.pay("key-0", 2_500, "pm_card_visa").await;
    let other = sandbox.pay("key-0", 2_501, "pm_card_visa").await;
    assert_eq!(other.error(400)["type"], "idempotency_error");
    assert!(!other.replayed());
    let elsewhere =
        sandbox.post("/v1/refunds").header("idempotency-key", "key-0").form(&form(2_500, "pm_card_visa"));
    assert_eq!(send(elsewhere).await.error(400)["type"], "idempotency_error");
    let again = sandbox.pay("key-0", 2_500, "pm_card_visa").await;
    assert_eq!((again.replayed(), again.body), (true, first.body), "the stored answer is as it was");
    assert_eq!(sandbox.list("/v1/charges").await.len(), 1);
}

#[tokio::test]
async fn a_key_that_is_in_use_is_refused_until_it_is_answered() {
    let sandbox = start().await;
    let slow = sandbox.paying("key-0", 2_500, "pm_card_visa").header("sandbox-fault", "latency=600");
    let meanwhile = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        sandbox.pay("key-0", 2_500, "pm_card_visa").await
    };
    let (first, meanwhile) = tokio::join!(send(slow), meanwhile);
    let error = meanwhile.error(409);
    assert_eq!(
        (&error["type"], &error["code"]),
        (&"idempotency_error".into(), &"idempotency_key_in_use".into())
    );
    let again = sandbox.pay("key-0", 2_500, "pm_card_visa").await;
    assert_eq!((again.replayed(), again.body), (true, first.body), "the refusal was not stored");
}

#[tokio::test]
async fn sixty_four_identical_requests_at_once_take_the_money_once() {
    let sandbox = start().await;
    let answers = join_all((0..64).map(|_| sandbox.pay("key-0", 2_500, "pm_card_visa"))).await;
    let bodies: Vec<_> =
        answers.iter().filter(|answer| answer.status == 200).map(|answer| &answer.body).collect();
    assert!(!bodies.is_empty());
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    assert!(answers.iter().all(|answer| [200, 409].contains(&answer.status)));
    assert_eq!(sandbox.list("/v1/charges").await.len(), 1);
}

#[tokio::test]
async fn what_was_refused_before_any_work_may_be_mended_under_the_same_key() {
    let sandbox = start().await;
    sandbox.pay("key-0", 1, "pm_card_visa").await.error(400);
    let url = format!("{}/v1/payment_intents", sandbox.url);
    let wrong = sandbox.anonymous().post(url).bearer_auth("sk_test_other").header("idempotency-key", "key-0");
    send(wrong.form(&form(2_500, "pm_card_visa"))).await.error(401);
    let mended = sandbox.pay("key-0", 2_500, "pm_card_visa").await;
    assert_eq!((mended.status, mended.replayed()), (200, false));
}

#[tokio::test]
async fn a_refusal_by_the_state_of_things_is_stored_under_the_key() {
    let sandbox = start().await;
    let intent = sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
    let path = format!("/v1/payment_intents/{}/cancel", intent["id"].as_str().unwrap());
    let cancel = || send(sandbox.post(&path).header("idempotency-key", "key-1"));
    let (first, again) = (cancel().await, cancel().await);
    assert_eq!(first.error(400)["code"], "payment_intent_unexpected_state");
    assert_eq!((again.replayed(), again.body), (true, first.body));
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day_and_then_charges_again() {
    let hands = Hands::new();
    let sandbox = start_with(|settings| settings.clock = hands.clock()).await;
    let first = sandbox.pay("key-0", 2_500, "pm_card_visa").await;
    hands.advance(Duration::from_hours(24) - Duration::from_millis(1));
    assert_eq!(sandbox.pay("key-0", 2_500, "pm_card_visa").await.body, first.body);
    hands.advance(Duration::from_millis(1));
    let second = sandbox.pay("key-0", 2_500, "pm_card_visa").await;
    assert_eq!((second.status, second.replayed()), (200, false));
    assert_ne!(second.json()["id"], first.json()["id"]);
    assert_eq!(sandbox.list("/v1/charges").await.len(), 2);
}

#[tokio::test]
async fn a_key_has_a_length_and_is_for_writes_only() {
    let sandbox = start().await;
    sandbox.pay(&"k".repeat(255), 2_500, "pm_card_visa").await.ok();
    sandbox.pay(&"k".repeat(256), 2_500, "pm_card_visa").await.error(400);
    sandbox.pay("", 2_500, "pm_card_visa").await.error(400);
    let url = format!("{}/v1/charges", sandbox.url);
    for _ in 0..2 {
        let read =
            sandbox.anonymous().get(&url).bearer_auth(crate::client::API_KEY).header("idempotency-key", "k");
        assert!(!send(read).await.replayed());
    }
    let plain = form(2_500, "pm_card_visa");
    let two = [
        send(sandbox.post("/v1/payment_intents").form(&plain)),
        send(sandbox.post("/v1/payment_intents").form(&plain)),
    ];
    let [one, other] = <[_; 2]>::try_from(join_all(two).await).unwrap();
    assert_ne!(one.ok()["id"], other.ok()["id"], "without a key every request stands for itself");
}
