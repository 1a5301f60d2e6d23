//! What the functions may do, against what they do.

use std::time::Duration;

use contracts::topology::Topology;
use serde_json::Value;

use crate::stack::{Offer, Stack};

const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn no_function_does_what_the_topology_gives_it_no_permission_for() {
    let stack = Stack::start().await;
    let gifts = [Offer::of("71.00"), Offer::of("72.00").token("pm_card_visa_chargeDeclined")];
    let mut accepted = Vec::new();
    for gift in gifts {
        accepted.push(stack.accepted(&gift).await);
    }
    stack.until_settled(&accepted, PATIENCE).await;
    let reference = stack.captures_of(&accepted[0].id).await[0]["reference"].as_str().unwrap().to_owned();
    let who = ["--by", "finance@charity.example", "--note", "a look at it"];
    let looked_up = [&["review", "look-up", &accepted[0].id, &reference][..], &who].concat();
    assert_eq!(stack.run_command(&looked_up).await.code, Some(0), "{}", stack.tail());
    let refund = ["refund", &accepted[0].id, "--by", "finance@charity.example"];
    assert_eq!(stack.run_command(&refund).await.code, Some(0), "{}", stack.tail());
    stack.reconcile().await;
    stack.until_status(&accepted[0], "refunded", PATIENCE).await;
    stack.until_settled(&accepted[..1], PATIENCE).await;
    let out = stack.folder().join("permissions");
    let day = jiff::Timestamp::now().in_tz("Europe/London").unwrap().date().to_string();
    let export = ["export", "--from", &day, "--to", &day, "--out", out.to_str().unwrap()];
    assert_eq!(stack.run_command(&export).await.code, Some(0), "{}", stack.tail());

    let topology = Topology::shipped();
    // The completer's first look may still be to come.
    let counters = stack
        .until("every function does something", PATIENCE, async || {
            let counters = stack.local("counters").await;
            let rows = counters["actions"].as_array().unwrap();
            let acts = |name: &String| rows.iter().any(|row| row["function"] == name.as_str());
            topology.functions.keys().all(acts).then_some(counters.clone())
        })
        .await;
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    for row in counters["actions"].as_array().unwrap() {
        let (function, action, resource) =
            (text(row, "function"), text(row, "action"), text(row, "resource"));
        // The operator's own looks at the tables are nobody's function.
        let Some(described) = topology.functions.get(&function) else { continue };
        let allowed = described.actions.get(&resource).is_some_and(|actions| actions.contains(&action));
        assert!(allowed, "{function} did {action} on {resource}");
    }
}
