//! A surge of cards and direct debits, followed to the day on which the last of them has ended.

use std::time::Duration;

use serde_json::{Value, json};

use crate::stack::Stack;

const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test]
async fn a_surge_with_direct_debits_is_proven_at_both_providers_once_the_banks_are_done() {
    let stack = Stack::start().await;
    let history = stack.folder().join("history.jsonl");
    let history = history.to_str().unwrap();
    let surge =
        ["--rate", "10", "--seconds", "8", "--seed", "5", "--direct-debits", "40%", "--history", history];
    let ended = stack.run_command(&[&["surge"][..], &surge].concat()).await;
    assert_eq!(ended.code, Some(0), "{ended:?}\n{}", stack.tail());
    assert!(ended.out.contains("donations are with the bank"), "{ended:?}");
    stack.reconcile().await;
    let (_, finding) = stack.proof(&["--history", history]).await;
    assert_eq!(finding["differences"], json!([]), "{finding}");

    // Debits are confirmed, paid out, returned and charged back on their days; the reconciler keeps pace with them.
    for _ in 0..10 {
        stack.advance("36h").await;
        until_quiet(&stack).await;
        stack.reconcile().await;
    }
    let nothing_owed = async || stack.all("stored/owed").await.is_empty().then_some(());
    stack.until("nothing owed to anybody", PATIENCE, nothing_owed).await;
    stack.reconcile().await;
    let (code, finding) = stack.proof(&["--strict", "--history", history]).await;
    assert_eq!((code, &finding["differences"]), (0, &json!([])), "{finding}\n{}", stack.tail());
    let counts = &finding["counts"];
    assert_eq!((&counts["processing"], &counts["not_settled"]), (&json!(0), &json!(0)), "{counts}");
    assert!(counts["dispute_lost"].as_u64() > Some(0), "{counts}");
    let providers: Vec<&Value> =
        finding["balances"].as_array().unwrap().iter().map(|balance| &balance["provider"]).collect();
    assert!(providers.contains(&&json!("gocardless")) && providers.contains(&&json!("stripe")), "{finding}");
}

/// Waits until no message waits or is being handled.
async fn until_quiet(stack: &Stack) {
    stack
        .until("the queues to be empty", PATIENCE, async || {
            let queues = stack.local("queues").await;
            let waiting =
                |queue: &Value| ["visible", "in_flight", "delayed"].map(|name| queue[name].as_u64().unwrap());
            let all = queues.as_array().unwrap().iter().flat_map(waiting).sum::<u64>();
            (all == 0).then_some(())
        })
        .await;
}
