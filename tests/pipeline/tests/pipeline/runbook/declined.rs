//! "Payments": card testers, whom nobody keeps from the provider.

use std::time::Duration;

use super::{Followed, Heading};
use crate::card_testers::{early_in_a_window, few_at_once, offered};
use crate::stack::Stack;

super::headings!(run: many_payments_are_declined = "Many payments are declined");

const PATIENCE: Duration = Duration::from_secs(120);
const GOOD: &str = "pm_card_visa";
const BAD: &str = "pm_card_visa_chargeDeclined";
/// So many payments have to be decided before their ratio is an alarm.
const DECIDED: usize = 20;

async fn run() -> Vec<Followed> {
    let mut stack = Stack::start_with(few_at_once().set("SCREENING", "observe")).await;
    let mut declined = Heading::open(&stack, "Many payments are declined").await;
    pay(&stack, 1, GOOD).await;
    declined.until_quiet(&stack).await;
    declined.turn(&stack).await;
    pay(&stack, 2, BAD).await;
    declined.until_raised(&stack).await;

    // Mend: the screening decides again.
    stack.stop().await;
    stack.options.set.clear();
    stack.options = stack.options.clone().set("SCREENING", "enforce");
    stack.start_again().await;
    early_in_a_window(&stack).await;
    let attack = "outpour attack --attempts 300 --sources 3 --seconds 10 --honest-rate 10 --calls-max 200";
    declined.well(&stack, attack, &[]).await;

    // What was seen of the attack has faded.
    stack.advance("20m").await;
    declined.turn(&stack).await;
    pay(&stack, 3, GOOD).await;
    vec![declined.mended(&stack).await]
}

/// So many payments from one crowd's address, each by a card of its own, all of which are decided.
async fn pay(stack: &Stack, crowd: usize, card: &str) {
    let mut accepted = Vec::new();
    for number in 0..DECIDED {
        let token = format!("{card}_card{}", crowd * 100_000 + number);
        accepted.push(offered(stack, &format!("192.0.2.{crowd}"), &token).await);
    }
    stack.until_settled(&accepted, PATIENCE).await;
}
