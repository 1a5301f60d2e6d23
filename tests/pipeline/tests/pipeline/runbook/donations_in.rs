//! "Taking donations in": what donors meet at the API.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use super::{Followed, Heading};
use crate::stack::api::send;
use crate::stack::door::{Door, Side};
use crate::stack::rules::Refusal;
use crate::stack::{Offer, Options, Stack};

super::headings!(run:
    donations_are_refused_by_a_fault_of_ours = "Donations are refused by a fault of ours",
    donations_are_answered_slowly = "Donations are answered slowly",
    the_http_api_answers_with_faults = "The HTTP API answers with faults",
    a_function_is_throttled = "A function is throttled",
);

const PATIENCE: Duration = Duration::from_secs(60);
const ACCEPTANCE: [&str; 2] = ["DynamoDB_20120810.PutItem", "attribute_not_exists"];
const GET_ITEM: [&str; 1] = ["DynamoDB_20120810.GetItem"];
/// Longer than an answer may take.
const SLOW: Duration = Duration::from_millis(1_200);

async fn run() -> Vec<Followed> {
    let mut door = Door::of_each(&["accept-donation", "show-donation"]).await;
    let mut options = Options::default().bootstrap(door.bootstrap());
    let shipped = options.topology.clone();
    options.topology["functions"]["show-donation"]["concurrency_max"] = json!(1);
    let mut stack = Stack::start_with(options).await;
    let mut followed = Vec::from(refused(&stack, &mut door).await);
    followed.push(slow(&stack, &mut door).await);
    followed.push(throttled(&mut stack, &mut door, shipped).await);
    followed
}

/// The table of donations takes no write.
async fn refused(stack: &Stack, door: &mut Door) -> [Followed; 2] {
    let mut refused = Heading::open(stack, "Donations are refused by a fault of ours").await;
    let mut faults = Heading::open(stack, "The HTTP API answers with faults").await;
    let healthy = stack.offer(&Offer::of("10.00")).await;
    faults.met(healthy.status);
    refused.until_quiet(stack).await;
    faults.until_quiet(stack).await;

    door.refuse(Refusal::DENIED, &ACCEPTANCE);
    for _ in 0..5 {
        let answer = stack.offer(&Offer::of("11.00")).await;
        answer.assert_problem(503, "try-again", None);
        faults.met(answer.status);
    }
    refused.until_raised(stack).await;
    faults.until_raised(stack).await;
    // First look: the chain of causes in the function's log.
    refused.assert_logged(stack, "accept-donation", &["AccessDenied", "donation"]);
    // Mend: the table.
    door.open();

    refused.turn(stack).await;
    faults.turn(stack).await;
    refused.well(stack, "outpour donate --wait", &[]).await;
    faults.met(stack.offer(&Offer::of("12.00")).await.status);
    faults.well(stack, "outpour reconcile", &[]).await;
    [refused.mended(stack).await, faults.mended(stack).await]
}

/// The table's answer is a while on its way.
async fn slow(stack: &Stack, door: &mut Door) -> Followed {
    let mut slow = Heading::open(stack, "Donations are answered slowly").await;
    let quick = async || drop(stack.accepted(&Offer::of("13.00")).await);
    slow.turn_quiet(stack, quick).await;

    slow.turn(stack).await;
    door.hold_once(Side::After, &ACCEPTANCE);
    let answer = tokio::spawn(stack.offering(&Offer::of("14.00")).send());
    door.until_struck().await;
    sleep(SLOW).await;
    door.open();
    assert_eq!(answer.await.unwrap().unwrap().status(), 202);
    slow.until_raised(stack).await;

    slow.turn_quiet(stack, quick).await;
    slow.mended(stack).await
}

/// One donor looks, and another one at the same time.
async fn throttled(stack: &mut Stack, door: &mut Door, shipped: serde_json::Value) -> Followed {
    let mut throttled = Heading::open(stack, "A function is throttled").await;
    let accepted = stack.accepted(&Offer::of("15.00")).await;
    stack.until_settled(std::slice::from_ref(&accepted), PATIENCE).await;
    throttled.until_quiet(stack).await;

    throttled.turn(stack).await;
    let second = while_another_looks(stack, door, &accepted.status_url).await;
    assert_eq!(second, 503);
    throttled.until_raised(stack).await;
    // Mend: the bound in the topology, and release.
    stack.stop().await;
    stack.options.topology = shipped;
    stack.start_again().await;

    throttled.turn(stack).await;
    let second = while_another_looks(stack, door, &accepted.status_url).await;
    assert_eq!(second, 200);
    let parked = throttled.well(stack, "outpour parked list", &[]).await;
    assert!(parked.contains("no message is parked"), "{parked}");
    throttled.mended(stack).await
}

/// What a look at a donation is answered while the look of another donor takes its time.
async fn while_another_looks(stack: &Stack, door: &mut Door, url: &str) -> u16 {
    door.hold_one(Side::Before, &GET_ITEM);
    let first = tokio::spawn(stack.http.get(url).send());
    door.until_struck().await;
    let second = send(stack.http.get(url)).await.status;
    door.open();
    // It was held, and its own repetition is answered.
    assert_eq!(first.await.unwrap().unwrap().status(), 200);
    second
}
