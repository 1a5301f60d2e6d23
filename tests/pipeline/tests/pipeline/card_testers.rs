//! Thieves who try stolen cards are kept from the provider, and a crowd that gives is not.

use std::time::Duration;

use serde_json::{Value, json};

use crate::stack::api::{Accepted, send};
use crate::stack::{Offer, Options, Stack};
use crate::three_d_secure::press;

const PATIENCE: Duration = Duration::from_secs(90);
/// How long the window is that declines are counted in.
const WINDOW_MS: u64 = 600_000;
const GOOD: &str = "pm_card_visa";
const BAD: &str = "pm_card_visa_chargeDeclined";

/// At most ten payments are under way at once, so that a bound on the tries which reach the provider is a small one.
pub(crate) fn few_at_once() -> Options {
    let mut options = Options::default();
    let queue = &mut options.topology["functions"]["take-payment"]["queue"];
    queue["concurrency_max"] = json!(2);
    queue["batch_size"] = json!(5);
    options
}

/// Offers a donation from this address by this card.
pub(crate) async fn offered(stack: &Stack, from: &str, token: &str) -> Accepted {
    let offer = Offer::of("20.00").token(token);
    let answer = send(stack.offering(&offer).header("x-forwarded-for", from)).await;
    assert_eq!(answer.status, 202, "{answer:?}\n{}", stack.tail());
    let text = |name: &str| answer.body[name].as_str().unwrap().to_owned();
    Accepted { id: text("donation_id"), status_url: text("status_url") }
}

/// What the donor sees, without what differs from donation to donation.
async fn seen(stack: &Stack, accepted: &Accepted) -> Value {
    let mut seen = stack.seen_by_donor(accepted).await;
    seen["donation_id"].take();
    seen["status_url"].take();
    seen
}

#[tokio::test]
async fn tries_from_a_few_addresses_hardly_reach_the_provider_and_honest_donors_at_one_address_all_pass() {
    let stack = Stack::start_with(few_at_once()).await;
    early_in_a_window(&stack).await;
    let bystander = offered(&stack, "192.0.2.77", BAD).await;
    // Three addresses: ten declines each, some good cards between them, and what is under way when the tenth is
    // counted.
    let attack = stack.command(&[
        "attack",
        "--attempts",
        "300",
        "--sources",
        "3",
        "--seconds",
        "10",
        "--honest-rate",
        "10",
        "--calls-max",
        "60",
        "--settle",
        "90",
        "--seed",
        "7",
        "--json",
    ]);
    let ended = crate::stack::command::end(attack, Duration::from_secs(180)).await;
    let finding: Value = serde_json::from_str(&ended.out).unwrap_or_else(|error| {
        panic!("{error}: {ended:?}\n{}", stack.tail());
    });
    assert_eq!(ended.code, Some(0), "{finding:#}\n{}", stack.tail());
    assert!(finding["attackers"]["provider_calls"].as_u64().unwrap() >= 3 * 10, "{finding:#}");
    assert_eq!(finding["honest_pass_per_mille"], 1_000, "{finding:#}");
    assert!(finding["honest_good"].as_u64().unwrap() > 90, "{finding:#}");

    let refused = offered(&stack, "198.51.100.1", GOOD).await;
    stack.until_settled(&[refused.clone(), bystander.clone()], PATIENCE).await;
    assert!(stack.requests_of(&refused.id).await.is_empty(), "the provider was never asked");
    let told = seen(&stack, &refused).await;
    assert_eq!((&told["status"], &told["money_taken"]), (&"declined".into(), &"no".into()));
    assert_eq!(stack.charges_of(&bystander.id).await.len(), 1, "declined by the bank");
    assert_eq!(told, seen(&stack, &bystander).await, "nobody can tell whose no it was");
    stack.assert_proven(&[]).await;
}

/// What was seen begins to fade where a window ends, so a test that counts to a limit begins well before that.
pub(crate) async fn early_in_a_window(stack: &Stack) {
    let left = WINDOW_MS - stack.clock().await["now_ms"].as_u64().unwrap() % WINDOW_MS;
    if left < WINDOW_MS / 2 {
        stack.advance(&format!("{}s", left / 1_000 + 1)).await;
    }
}

#[tokio::test]
async fn where_too_much_is_declined_the_donor_confirms_with_the_bank_and_is_then_charged_once() {
    let stack = Stack::start_with(few_at_once()).await;
    early_in_a_window(&stack).await;
    let crowd = "198.51.100.1";
    let mut accepted = Vec::new();
    for number in 0..20 {
        accepted.push(offered(&stack, crowd, &format!("{GOOD}_card{number}")).await);
    }
    stack.until_settled(&accepted, PATIENCE).await;
    for number in 100..110 {
        accepted.push(offered(&stack, crowd, &format!("{BAD}_card{number}")).await);
    }
    stack.until_settled(&accepted, PATIENCE).await;
    let elsewhere = offered(&stack, "198.51.100.2", &format!("{GOOD}_card200")).await;
    stack.until_status(&elsewhere, "captured", PATIENCE).await;

    let here = offered(&stack, crowd, &format!("{GOOD}_card201")).await;
    let waiting = stack.until_status(&here, "action_required", PATIENCE).await;
    assert_eq!(stack.stored(&here.id).await["step_up"], true);
    press(&stack, waiting["next_action"]["url"].as_str().unwrap(), "complete").await;
    stack.until_status(&here, "captured", PATIENCE).await;
    stack.until_settled(&[here.clone(), elsewhere], PATIENCE).await;
    stack.assert_captured_once(&here).await;
    stack.assert_proven(&[]).await;
}

#[tokio::test]
async fn less_than_the_least_is_refused_at_the_door() {
    let stack = Stack::start_with(Options::default().set("AMOUNT_MIN", "GBP=2.00")).await;
    let refused = stack.offer(&Offer::of("1.99")).await;
    refused.assert_problem(422, "invalid-field", Some("/amount"));
    assert!(refused.body["detail"].as_str().unwrap().contains("at least 2.00 GBP"), "{refused:?}");
    let least = stack.accepted(&Offer::of("2.00")).await;
    stack.until_status(&least, "captured", PATIENCE).await;
}
