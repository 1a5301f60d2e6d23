//! What the proof is worth: it finds each thing that was tampered with, and names the donation.

use std::time::Duration;

use serde_json::{Value, json};

use crate::stack::{Offer, Stack};

const PATIENCE: Duration = Duration::from_secs(60);
/// Of a donation's form, and nobody's.
const NOBODYS: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

#[tokio::test]
async fn the_proof_names_a_capture_without_a_donation_a_lost_entry_and_a_broken_promise() {
    let stack = Stack::start().await;
    let kept = stack.accepted(&Offer::of("51.00")).await;
    let tampered = stack.accepted(&Offer::of("52.00")).await;
    stack.until_settled(&[kept.clone(), tampered.clone()], PATIENCE).await;
    stack.assert_proven(&[]).await;

    let history = stack.folder().join("history.jsonl");
    let line = json!({
        "key": "a-key-that-was-told-so", "status": 202, "donation_id": NOBODYS, "latency_us": 1, "sends": 1,
    });
    std::fs::write(&history, format!("{line}\n")).unwrap();
    let (code, finding) = stack.proof(&["--history", history.to_str().unwrap()]).await;
    assert_eq!((code, named(&finding)), (1, vec![NOBODYS.to_owned()]), "{finding}");

    let entry = stack.entries_of(&tampered.id).await.remove(0);
    let key = json!({ "pk": { "S": entry["pk"] }, "sk": { "S": entry["sk"] } });
    stack.dynamodb("DeleteItem", &json!({ "TableName": "ledger", "Key": key })).await;
    let (code, finding) = stack.proof(&[]).await;
    assert_eq!((code, named(&finding)), (1, vec![tampered.id.clone()]), "{finding}");

    // This capture names a donation that is not there, which the provider's own balance tells.
    stack
        .call_provider(
            "/v1/payment_intents",
            &[
                ("amount", "5300"),
                ("currency", "gbp"),
                ("payment_method", "pm_card_visa"),
                ("confirm", "true"),
                ("automatic_payment_methods[enabled]", "true"),
                ("automatic_payment_methods[allow_redirects]", "never"),
                ("metadata[donation_id]", NOBODYS),
            ],
        )
        .await;
    stack.reconcile().await;
    let (code, finding) = stack.proof(&[]).await;
    assert_eq!(code, 1);
    assert!(named(&finding).contains(&NOBODYS.to_owned()), "{finding}");
    assert!(finding.to_string().contains("orphan"), "{finding}");
    assert!(!named(&finding).contains(&kept.id), "what was left alone is not named: {finding}");
}

#[tokio::test]
async fn the_proof_names_a_donation_that_vanished_and_money_given_back_behind_our_back() {
    let stack = Stack::start().await;
    let vanished = stack.accepted(&Offer::of("54.00")).await;
    let given_back = stack.accepted(&Offer::of("55.00")).await;
    stack.until_settled(&[vanished.clone(), given_back.clone()], PATIENCE).await;
    stack.no_webhooks().await;
    let reference = stack.captures_of(&given_back.id).await[0]["reference"].as_str().unwrap().to_owned();
    stack.call_provider("/v1/refunds", &[("payment_intent", &reference)]).await;
    let key = json!({ "id": { "S": vanished.id } });
    stack.dynamodb("DeleteItem", &json!({ "TableName": "donations", "Key": key })).await;
    let (code, finding) = stack.proof(&[]).await;
    assert_eq!(code, 1);
    let named = named(&finding);
    assert!(named.contains(&vanished.id) && named.contains(&given_back.id), "{finding}");
}

/// The donations that the finding names, without repetition.
pub(crate) fn named(finding: &Value) -> Vec<String> {
    let differences = finding["differences"].as_array().unwrap();
    let mut named: Vec<String> = differences
        .iter()
        .filter_map(|difference| difference["donation_id"].as_str().map(str::to_owned))
        .collect();
    named.dedup();
    named
}
