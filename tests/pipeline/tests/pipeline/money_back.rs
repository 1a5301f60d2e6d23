//! Money that goes back, comes twice, is disputed, or is taken by the other provider: on the running stack.

use std::time::Duration;

use serde_json::{Value, json};

use crate::stack::{Accepted, Offer, Stack};

const PATIENCE: Duration = Duration::from_secs(60);
const BY: [&str; 2] = ["--by", "finance@charity.example"];

async fn settled(stack: &Stack, offer: Offer) -> Accepted {
    let accepted = stack.accepted(&offer).await;
    stack.until_settled(std::slice::from_ref(&accepted), PATIENCE).await;
    accepted
}

async fn reference(stack: &Stack, accepted: &Accepted) -> String {
    stack.captures_of(&accepted.id).await[0]["reference"].as_str().unwrap().to_owned()
}

/// Kinds of the donation's entries, sorted.
async fn kinds(stack: &Stack, accepted: &Accepted) -> Vec<String> {
    let entries = stack.entries_of(&accepted.id).await;
    let mut kinds: Vec<_> = entries.iter().map(|entry| entry["kind"].as_str().unwrap().to_owned()).collect();
    kinds.sort();
    kinds
}

async fn well(stack: &Stack, arguments: &[&str]) {
    let ended = stack.run_command(arguments).await;
    assert_eq!(ended.code, Some(0), "{arguments:?} {ended:?}\n{}", stack.tail());
}

#[tokio::test]
async fn a_refund_in_part_and_the_rest_go_back_once_each_however_often_they_are_asked_for() {
    let stack = Stack::start().await;
    let accepted = settled(&stack, Offer::of("40.00")).await;
    let part = ["refund", &accepted.id, "--amount", "15.00", "--key", "the-key-of-a-part"];
    for _ in 0..3 {
        well(&stack, &[&part[..], &BY].concat()).await;
    }
    stack.until_status(&accepted, "partially_refunded", PATIENCE).await;
    let too_much = ["refund", &accepted.id, "--amount", "25.01", "--key", "the-key-of-too-much"];
    assert_eq!(stack.run_command(&[&too_much[..], &BY].concat()).await.code, Some(1));
    well(&stack, &[&["refund", &accepted.id, "--key", "the-key-of-the-rest"][..], &BY].concat()).await;
    let seen = stack.until_status(&accepted, "refunded", PATIENCE).await;
    assert_eq!(seen["money_taken"], "returned");
    stack.until_settled(std::slice::from_ref(&accepted), PATIENCE).await;
    assert_eq!(kinds(&stack, &accepted).await, ["capture", "refund", "refund"]);
    let refunds: Vec<u64> =
        stack.all("refunds").await.iter().map(|refund| refund["minor"].as_u64().unwrap()).collect();
    assert_eq!(refunds.iter().sum::<u64>(), 4_000, "{refunds:?}");
    stack.assert_proven(&[]).await;
}

#[tokio::test]
async fn nobody_who_did_not_sign_asks_for_a_refund() {
    let stack = Stack::start().await;
    let accepted = settled(&stack, Offer::of("41.00")).await;
    let before = stack.stored(&accepted.id).await;
    let body = json!({ "reason": "requested_by_donor", "asked_by": "somebody" });
    for path in ["refunds", "resolutions"] {
        let url = format!("{}/donations/{}/{path}", stack.url, accepted.id);
        let plain = crate::stack::client().post(&url).header("idempotency-key", "a-key-without-signature");
        let forged = "AWS4-HMAC-SHA256 Credential=local/20261121/eu-west-2/execute-api/aws4_request, \
                      SignedHeaders=host;x-amz-date, Signature=00";
        let signed = crate::stack::client().post(&url).header("authorization", forged);
        for request in [plain, signed.header("x-amz-date", "20261121T000000Z")] {
            assert_eq!(request.json(&body).send().await.unwrap().status(), 403, "{path}");
        }
    }
    assert_eq!(stack.stored(&accepted.id).await, before);
}

#[tokio::test]
async fn a_dispute_is_booked_from_its_opening_to_its_end() {
    let stack = Stack::start().await;
    for (amount, close, status, expected) in [
        ("43.00", "won", "captured", ["capture", "dispute_opened", "dispute_won"]),
        ("44.00", "lost", "dispute_lost", ["capture", "dispute_lost", "dispute_opened"]),
    ] {
        let accepted = settled(&stack, Offer::of(amount)).await;
        let intent = reference(&stack, &accepted).await;
        let dispute = stack.control("/_sandbox/disputes", &json!({ "payment_intent": intent })).await;
        stack.until_status(&accepted, "disputed", PATIENCE).await;
        let path = format!("/_sandbox/disputes/{}", dispute["id"].as_str().unwrap());
        stack.control(&path, &json!({ "close": close })).await;
        stack.until_status(&accepted, status, PATIENCE).await;
        stack
            .until("every entry of the dispute", PATIENCE, async || {
                (kinds(&stack, &accepted).await == expected).then_some(())
            })
            .await;
    }
}

#[tokio::test]
async fn fees_and_payouts_are_booked_and_money_without_a_donation_is_on_the_work_list() {
    let stack = Stack::start().await;
    settled(&stack, Offer::of("45.00")).await;
    stack.pay_past_the_pipeline("1234", &[]).await;
    stack.control("/_sandbox/payouts", &json!({ "include_pending": true })).await;
    for _ in 0..2 {
        stack.reconcile().await;
    }
    let entries = stack.all("stored/entries").await;
    let count = |kind: &str| entries.iter().filter(|entry| entry["kind"] == kind).count();
    assert_eq!((count("fee"), count("payout")), (2, 1), "{entries:?}");
    let work = stack.all("stored/work").await;
    let orphans: Vec<&Value> = work.iter().filter(|item| item["kind"] == "orphan_payment").collect();
    let [orphan] = orphans[..] else { panic!("one orphan is reported once: {work:?}") };
    assert_eq!(orphan["minor"], 1234);
    let close = ["work", "close", orphan["id"].as_str().unwrap(), "--note", "a test of the till"];
    well(&stack, &[&close[..], &BY].concat()).await;
    assert_eq!(stack.run_command(&[&close[..], &BY].concat()).await.code, Some(1), "it is closed already");
}

#[tokio::test]
async fn a_direct_debit_is_captured_days_later_and_may_be_taken_back_after_that() {
    let stack = Stack::start().await;
    let debit = |amount: &str| Offer::of(amount).with("/payment/provider", json!("gocardless"));
    let accepted = stack.accepted(&debit("46.00").token("MD0000EXAMPLE01")).await;
    stack
        .until("the payment to be with the bank", PATIENCE, async || {
            (stack.stored(&accepted.id).await["payment"]["state"] == "processing").then_some(())
        })
        .await;
    let stored = stack.stored(&accepted.id).await;
    let payment = stored["payment"]["reference"].as_str().unwrap().to_owned();
    let path = format!("/_sandbox/gocardless/payments/{payment}");
    for to in ["submitted", "confirmed"] {
        stack.control(&path, &json!({ "to": to })).await;
    }
    stack.until_status(&accepted, "captured", PATIENCE).await;
    stack.until_settled(std::slice::from_ref(&accepted), PATIENCE).await;
    stack.control(&path, &json!({ "to": "late_failure" })).await;
    let seen = stack.until_status(&accepted, "dispute_lost", PATIENCE).await;
    assert_eq!(seen["money_taken"], "returned");
    stack
        .until("the money's way back to be booked", PATIENCE, async || {
            (kinds(&stack, &accepted).await == ["capture", "dispute_lost", "dispute_opened"]).then_some(())
        })
        .await;
}
