use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::fixtures::{SECRET, endpoint, eventually, start_with};
use crate::receiver::{Delivered, Receiver, Reply};

#[tokio::test]
async fn a_delivery_is_tried_until_it_is_answered_with_2xx() {
    // No answer at all is the fourth kind of failure, and the last try allowed is the one that works.
    for refusal in [Reply::Status(500), Reply::Status(404), Reply::Status(302), Reply::Silence] {
        let receiver =
            Receiver::answering(move |number| if number < 9 { refusal } else { Reply::Status(204) }).await;
        let sandbox = start_with(|settings| settings.webhooks.push(endpoint("charity", &receiver.url))).await;
        sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
        let delivered = receiver.wait_for(12).await;
        let mut tries: BTreeMap<&str, usize> = BTreeMap::new();
        for one in &delivered {
            *tries.entry(one.id()).or_default() += 1;
            assert_eq!(one.signatures(), [one.expected(SECRET)]);
        }
        assert_eq!(tries.values().copied().collect::<Vec<_>>(), [4, 4, 4]);
        let settled =
            async || sandbox.list("/v1/events?delivery_success=false").await.is_empty().then_some(());
        eventually("all is delivered", settled).await;
    }
}

#[tokio::test]
async fn a_delivery_is_given_up_after_the_last_try_and_stays_readable() {
    let receiver = Receiver::answering(|_| Reply::Status(500)).await;
    let sandbox = start_with(|settings| settings.webhooks.push(endpoint("charity", &receiver.url))).await;
    sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
    assert_eq!(receiver.in_the_end().await.len(), 12, "four tries each");
    let undelivered = sandbox.list("/v1/events?delivery_success=false").await;
    assert_eq!(undelivered.len(), 3);
    assert!(undelivered.iter().all(|event| event["pending_webhooks"] == 0));
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_holds_up_no_other() {
    let silent = Receiver::answering(|_| Reply::Silence).await;
    let prompt = Receiver::start().await;
    let sandbox = start_with(|settings| {
        settings.webhooks.push(endpoint("silent", &silent.url));
        settings.webhooks.push(endpoint("prompt", &prompt.url));
        settings.retries.timeout = Duration::from_secs(60);
    })
    .await;
    for number in 0..30 {
        sandbox.pay(&format!("key-{number}"), 2_500, "pm_card_visa").await.ok();
    }
    prompt.wait_for(90).await;
    assert_eq!(silent.in_the_end().await.len(), 16, "no more than sixteen are under way");
}

#[tokio::test]
async fn many_payments_lose_no_event_and_double_none() {
    let receiver = Receiver::start().await;
    let sandbox = start_with(|settings| settings.webhooks.push(endpoint("charity", &receiver.url))).await;
    let keys: Vec<String> = (0..60).map(|number| format!("key-{number}")).collect();
    let payments = keys.iter().map(|key| sandbox.pay(key, 2_500, "pm_card_visa"));
    for answer in futures_util::future::join_all(payments).await {
        answer.ok();
    }
    let delivered = receiver.in_the_end().await;
    let ids: BTreeSet<&str> = delivered.iter().map(Delivered::id).collect();
    assert_eq!((delivered.len(), ids.len()), (180, 180));
    assert!(sandbox.list("/v1/events?delivery_success=false").await.is_empty());
}
