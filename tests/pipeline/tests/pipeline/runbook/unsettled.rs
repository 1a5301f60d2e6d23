//! Payments of which nobody knows what became of them, for hours and for more than a day.

use std::time::Duration;

use serde_json::json;

use super::{Followed, Heading, YOU};
use crate::stack::{Accepted, Offer, Stack};

super::headings!(run:
    payments_end_unknown = "Payments end unknown",
    a_donation_is_unsettled_for_more_than_a_day = "A donation is unsettled for more than a day",
);

const PATIENCE: Duration = Duration::from_secs(120);
const CREATE: &str = "/v1/payment_intents";
/// So many are unknown before it is an alarm.
const UNKNOWN: usize = 5;

async fn run() -> Vec<Followed> {
    let stack = Stack::start().await;
    stack.no_webhooks().await;
    vec![unknown(&stack).await, unsettled(&stack).await]
}

async fn until_unknown(stack: &Stack, accepted: &Accepted) {
    let is_unknown =
        async || (stack.stored(&accepted.id).await["payment"]["state"] == "unknown").then_some(());
    stack.until("nobody knows", PATIENCE, is_unknown).await;
}

/// The provider answers each key with a fault for as long as it keeps it.
async fn unknown(stack: &Stack) -> Followed {
    let mut unknown = Heading::open(stack, "Payments end unknown").await;
    let accepted = stack.accepted(&Offer::of("50.00")).await;
    stack.until_settled(&[accepted], PATIENCE).await;
    unknown.until_quiet(stack).await;

    stack.fault(json!({ "name": "500-stored", "count": UNKNOWN })).await;
    let mut accepted = Vec::new();
    for _ in 0..UNKNOWN {
        accepted.push(stack.accepted(&Offer::of("51.00")).await);
    }
    for one in &accepted {
        until_unknown(stack, one).await;
    }
    unknown.until_raised(stack).await;
    let listed = unknown.well(stack, "outpour review list", &[]).await;
    assert!(accepted.iter().all(|one| listed.contains(&one.id)), "{listed}");

    unknown.turn(stack).await;
    unknown.well(stack, "outpour clock --advance 25h", &[]).await;
    unknown.well(stack, "outpour settle --within 26h", &[]).await;
    for one in &accepted {
        assert_eq!(stack.captures_of(&one.id).await.len(), 1);
    }
    // On the hour, where the reconciler has its schedule.
    stack.reconcile().await;
    unknown.mended(stack).await
}

/// The money is taken, the answer was lost, and for more than a day the provider's list cannot be read.
async fn unsettled(stack: &Stack) -> Followed {
    let mut unsettled = Heading::open(stack, "A donation is unsettled for more than a day").await;
    unsettled.until_quiet(stack).await;
    stack.fault(json!({ "name": "capture-then-500", "count": 1, "path": CREATE })).await;
    let accepted = stack.accepted(&Offer::of("52.00")).await;
    until_unknown(stack, &accepted).await;
    let payment = stack.captures_of(&accepted.id).await[0]["reference"].as_str().unwrap().to_owned();
    let rule = ["sandbox", "fault", "500-before", "--rate", "100", "--on", "all", "--path", CREATE];
    assert_eq!(stack.run_command(&rule).await.code, Some(0));
    stack.advance("27h").await;
    unsettled.until_raised(stack).await;
    let listed = unsettled.well(stack, "outpour review list", &[]).await;
    assert!(listed.contains(&accepted.id), "{listed}");
    let told = unsettled.well(stack, "outpour donation ID", &[("ID", &accepted.id)]).await;
    assert!(told.contains("unknown"), "{told}");

    unsettled.turn(stack).await;
    let look_up = "outpour review look-up ID PAYMENT --by YOU --note TEXT";
    let filled = [("ID", accepted.id.as_str()), ("PAYMENT", payment.as_str()), YOU, ("TEXT", "seen there")];
    unsettled.well(stack, look_up, &filled).await;
    stack.until_settled(std::slice::from_ref(&accepted), PATIENCE).await;
    let told = unsettled.well(stack, "outpour donation ID", &[("ID", &accepted.id)]).await;
    assert!(told.contains("captured"), "{told}");
    assert_eq!(stack.run_command(&["sandbox", "clear"]).await.code, Some(0));
    stack.reconcile().await;
    unsettled.mended(stack).await
}
