//! The clock jumps ahead by days: whatever has an age grows older.

use std::time::Duration;

use serde_json::json;

use crate::client::id;
use crate::fixtures::{Hands, endpoint, eventually, start_with};
use crate::receiver::{Receiver, Reply};

const START: i64 = 1_795_435_200;

#[tokio::test]
async fn a_failed_delivery_is_tried_again_and_signed_anew_on_the_later_day() {
    let hands = Hands::new();
    let receiver =
        Receiver::answering(|number| if number == 0 { Reply::Status(500) } else { Reply::Status(200) }).await;
    let sandbox = start_with(|settings| {
        settings.clock = hands.clock();
        settings.retries.first_wait = Duration::from_hours(6);
        settings.retries.wait_max = Duration::from_hours(6);
        let mut endpoint = endpoint("charity", &receiver.url);
        endpoint.enabled_events.push("charge.succeeded".to_owned());
        settings.webhooks.push(endpoint);
    })
    .await;
    sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
    assert_eq!(receiver.in_the_end().await.len(), 1);
    hands.advance(Duration::from_hours(72));
    let delivered = receiver.wait_for(2).await;
    assert_eq!(delivered[0].signed_at(), START);
    assert_eq!(delivered[1].signed_at(), START + 72 * 3_600);
    assert_eq!(delivered[0].event["id"], delivered[1].event["id"]);
}

#[tokio::test]
async fn keys_are_forgotten_money_comes_in_and_timers_fire() {
    let hands = Hands::new();
    let sandbox = start_with(|settings| {
        settings.clock = hands.clock();
        settings.settling_time = Duration::from_hours(48);
    })
    .await;
    sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
    let processing = sandbox.pay("key-1", 2_500, "pm_sandbox_processing").await.ok();
    let disputed = sandbox.pay("key-2", 2_500, "pm_card_createDispute").await.ok();
    let pending = sandbox.pay("key-3", 2_500, "pm_card_pendingRefund").await.ok();
    let refund = sandbox.submit("/v1/refunds", &[("payment_intent", &id(&pending))]).await.ok();
    hands.advance(Duration::from_hours(23));
    assert!(sandbox.pay("key-0", 2_500, "pm_card_visa").await.replayed());
    hands.advance(Duration::from_hours(25));
    assert!(!sandbox.pay("key-0", 2_500, "pm_card_visa").await.replayed());
    for (path, status) in [
        (format!("/v1/payment_intents/{}", id(&processing)), "succeeded"),
        (format!("/v1/refunds/{}", id(&refund)), "succeeded"),
    ] {
        eventually(&path, async || (sandbox.get(&path).await.ok()["status"] == status).then_some(())).await;
    }
    let path = format!("/v1/disputes?payment_intent={}", id(&disputed));
    let dispute = eventually("a dispute", async || sandbox.list(&path).await.pop()).await;
    assert_eq!(dispute["created"], START + 48 * 3_600);
    hands.advance(Duration::from_hours(24));
    let balance = sandbox.get("/v1/balance").await.ok();
    // The first payment, the disputed one without its money and two fees, and the refunded one's fee.
    assert_eq!(balance["available"][0]["amount"], 2_442 - 58 - 2_000 - 58);
    assert_eq!(balance["pending"][0]["amount"], 2 * 2_442);
    assert_eq!(sandbox.list("/v1/balance_transactions?type=adjustment").await[0]["status"], "available");
}

#[tokio::test]
async fn events_can_be_read_for_thirty_days() {
    let hands = Hands::new();
    let sandbox = start_with(|settings| settings.clock = hands.clock()).await;
    sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
    hands.advance(Duration::from_hours(29 * 24));
    sandbox.pay("key-1", 2_500, "pm_card_visa").await.ok();
    assert_eq!(sandbox.events().await.len(), 6);
    hands.advance(Duration::from_hours(2 * 24));
    assert_eq!(sandbox.events().await.len(), 3);
    assert_eq!(sandbox.list("/v1/charges").await.len(), 2);
    sandbox.control("storm", &json!({ "seed": 1, "times": 1 })).await.ok();
}
