//! Answers of the provider that are lost, late, broken, or lie.

use std::time::Duration;

use serde_json::{Value, json};

use crate::stack::topology::FIRST_CHECK_SECONDS;
use crate::stack::{Offer, Stack};

const PATIENCE: Duration = Duration::from_secs(60);

/// Amounts that make the sandbox fail, with the names of the faults.
const FAULTS: [(&str, &str); 7] = [
    ("666.02", "reset-before"),
    ("666.03", "capture-then-reset"),
    ("666.04", "500-before"),
    ("666.07", "429"),
    ("666.08", "stall"),
    ("666.09", "truncate"),
    ("666.10", "unreadable"),
];

#[tokio::test]
async fn an_answer_that_is_lost_before_or_after_the_charge_is_asked_for_again_with_the_same_key() {
    let stack = Stack::start().await;
    stack.no_webhooks().await;
    let mut accepted = Vec::new();
    for (amount, _) in FAULTS {
        accepted.push(stack.accepted(&Offer::of(amount)).await);
    }
    stack.until_settled(&accepted, PATIENCE).await;
    for (one, (_, fault)) in accepted.iter().zip(FAULTS) {
        stack.assert_captured_once(one).await;
        let charges = stack.charges_of(&one.id).await;
        assert!(
            charges.len() >= 2,
            "{fault}: the first answer was no use, so it was asked again: {charges:?}"
        );
        let struck = charges.iter().any(|charge| names(charge, fault));
        assert!(struck, "{fault} has struck: {charges:?}");
    }
    stack.assert_proven(&[]).await;
}

#[tokio::test]
async fn a_charge_behind_an_error_or_beyond_the_time_limit_is_told_by_its_webhook_and_never_repeated() {
    let stack = Stack::start().await;
    // The client gives up after ten seconds; the sandbox charges after twelve.
    stack.fault(json!({ "name": "latency=12000", "count": 1 })).await;
    let slow = stack.accepted(&Offer::of("12.00")).await;
    stack.until("the slow request", PATIENCE, async || stack.faults().await.is_empty().then_some(())).await;
    let lied_to = stack.accepted(&Offer::of("666.06")).await;
    let both = [slow, lied_to];
    stack.until_settled(&both, PATIENCE).await;
    for one in &both {
        stack.assert_captured_once(one).await;
    }
    let charges = stack.charges_of(&both[1].id).await;
    assert!(charges.iter().all(|charge| charge["status"] == 500), "{charges:?}");
    stack.assert_proven(&[]).await;
}

#[tokio::test]
async fn a_stored_server_error_leaves_the_payment_in_doubt_and_never_begins_another() {
    let stack = Stack::start().await;
    let accepted = stack.accepted(&Offer::of("666.05")).await;
    stack
        .until("the same key tried again", PATIENCE, async || {
            (stack.charges_of(&accepted.id).await.len() >= 2).then_some(())
        })
        .await;
    // Both thresholds of the key lie hours away, so all that may happen now is a repetition.
    tokio::time::sleep(Duration::from_secs(FIRST_CHECK_SECONDS)).await;
    let seen = stack.seen_by_donor(&accepted).await;
    assert_eq!((&seen["status"], &seen["money_taken"]), (&"in_progress".into(), &"not_known_yet".into()));
    assert_eq!(stack.provider_keys_of(&accepted.id).await.len(), 1);
    assert!(stack.captures_of(&accepted.id).await.is_empty());
    let counts = stack.assert_proven(&[]).await;
    assert_eq!((&counts["accepted"], &counts["unknown"]), (&1.into(), &1.into()), "{counts}");
}

#[tokio::test]
async fn declines_are_answers_and_are_neither_repeated_nor_booked() {
    let stack = Stack::start().await;
    let mut accepted = Vec::new();
    for token in
        ["pm_card_visa_chargeDeclined", "pm_card_visa_chargeDeclinedInsufficientFunds", "pm_unheard_of"]
    {
        accepted.push(stack.accepted(&Offer::of("20.00").token(token)).await);
    }
    stack.until_settled(&accepted, PATIENCE).await;
    for one in &accepted {
        let seen = stack.seen_by_donor(one).await;
        assert_eq!((&seen["status"], &seen["money_taken"]), (&"declined".into(), &"no".into()));
        assert_eq!(stack.charges_of(&one.id).await.len(), 1);
        assert!(stack.mails_of(&one.id).await.is_empty() && stack.entries_of(&one.id).await.is_empty());
    }
    let counts = stack.assert_proven(&[]).await;
    assert_eq!(counts["declined"], 3);
}

fn names(request: &Value, fault: &str) -> bool {
    request["faults"].as_str().is_some_and(|faults| faults.split(',').any(|name| name == fault))
}
