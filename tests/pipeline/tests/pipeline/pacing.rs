//! A provider that takes less than donors give, and one that is down: what waits, waits in the queue.

use std::time::Duration;

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, sleep};

use crate::stack::api::{Accepted, Answer, send};
use crate::stack::{Offer, Options, Stack};

const PATIENCE: Duration = Duration::from_secs(240);

/// Sends an offer until it is answered, as a careful client does while a crowd wakes the function up: 503 means that
/// every environment is busy, and the key makes the repetition safe.
async fn insist(request: RequestBuilder) -> Answer {
    let begun = Instant::now();
    loop {
        let answer = send(request.try_clone().unwrap()).await;
        if answer.status != 503 || begun.elapsed() > PATIENCE {
            return answer;
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// Donates so many times at an even rate, whether or not earlier ones have been answered. Each has to be accepted.
async fn donate(stack: &Stack, donations: usize, per_second: u32) -> Vec<Accepted> {
    let mut due = interval(Duration::from_secs(1) / per_second);
    let mut answers = JoinSet::new();
    for _ in 0..donations {
        due.tick().await;
        let offer = Offer::of("5.00");
        answers.spawn(insist(stack.offering(&offer)));
    }
    let mut accepted = Vec::new();
    while let Some(answer) = answers.join_next().await {
        let answer = answer.unwrap();
        assert_eq!(answer.status, 202, "{answer:?}\n{}", stack.tail());
        let text = |name: &str| answer.body[name].as_str().unwrap().to_owned();
        accepted.push(Accepted { id: text("donation_id"), status_url: text("status_url") });
    }
    accepted
}

/// Requests for payments that this says something about.
async fn charges(stack: &Stack, what: impl Fn(&Value) -> bool) -> usize {
    let is_charge =
        |request: &&Value| request["method"] == "POST" && request["path"] == "/v1/payment_intents";
    stack.requests().await.iter().filter(is_charge).filter(|request| what(request)).count()
}

fn was_reset(request: &Value) -> bool {
    request["faults"].as_str().is_some_and(|faults| faults.contains("reset-before"))
}

/// The proof is clean, everything was captured, and no message was given up.
async fn assert_all_captured(stack: &Stack, donations: usize) {
    let counts = stack.assert_proven(&[]).await;
    assert_eq!(
        (&counts["accepted"], &counts["captured"]),
        (&donations.into(), &donations.into()),
        "{counts}"
    );
    assert_eq!(stack.dead_letters().await, 0);
}

#[tokio::test]
async fn donors_at_four_times_the_provider_s_limit_are_all_accepted_and_their_payments_wait_their_turn() {
    // A limit that the slowest machine reaches. The completer's first look is put off beyond every payment's turn:
    // whatever it had to help with would make the test late.
    let options = Options::default().set("STRIPE_CALLS_PER_SECOND", "10").set("FIRST_CHECK_SECONDS", "25");
    let stack = Stack::start_with(options).await;
    stack.no_webhooks().await;
    stack.fault(json!({ "name": "429", "above": 10 })).await;
    let accepted = donate(&stack, 120, 40).await;
    stack.until_settled(&accepted, PATIENCE).await;
    let refused = charges(&stack, |request| request["status"] == 429).await;
    let asked = charges(&stack, |_| true).await;
    assert!(refused <= 6, "{refused} of {asked} requests went beyond the limit");
    assert_all_captured(&stack, 120).await;
}

#[tokio::test]
async fn a_provider_that_is_down_is_left_alone_and_every_payment_is_taken_once_it_is_back() {
    // The provider is back before the second probe, and the completer looks after it.
    let stack = Stack::start_with(Options::default().set("FIRST_CHECK_SECONDS", "12")).await;
    stack.no_webhooks().await;
    stack.fault(json!({ "name": "reset-before", "rate": 100, "seconds": 6, "on": "all" })).await;
    let accepted = donate(&stack, 80, 20).await;
    stack.until_settled(&accepted, PATIENCE).await;
    let struck = charges(&stack, was_reset).await;
    assert!(struck < 40, "{struck} requests went to a provider that was down");
    assert_all_captured(&stack, 80).await;
}
