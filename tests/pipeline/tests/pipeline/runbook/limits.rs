//! "Payments": the table of limits, and the key of the provider.

use std::time::Duration;

use super::{Followed, Heading, settled};
use crate::stack::door::Door;
use crate::stack::rules::Refusal;
use crate::stack::{Offer, Options, Stack};

super::headings!(run:
    a_providers_budget_cannot_be_read = "A provider's budget cannot be read",
    card_testers_cannot_be_seen = "Card testers cannot be seen",
    payments_cannot_be_screened = "Payments cannot be screened",
    a_provider_refuses_our_key = "A provider refuses our key",
);

const PATIENCE: Duration = Duration::from_secs(120);

async fn run() -> Vec<Followed> {
    let mut door = Door::of("take-payment").await;
    let stack = Stack::start_with(Options::default().bootstrap(door.bootstrap())).await;
    let mut followed = Vec::from(blind(&stack, &mut door).await);
    followed.push(refused(&stack, &mut door).await);
    followed
}

/// The table `limits` takes no reads and no writes.
async fn blind(stack: &Stack, door: &mut Door) -> [Followed; 3] {
    let mut budget = Heading::open(stack, "A provider's budget cannot be read").await;
    let mut testers = Heading::open(stack, "Card testers cannot be seen").await;
    let mut screening = Heading::open(stack, "Payments cannot be screened").await;
    settled(stack, "70.00").await;
    for heading in [&mut budget, &mut testers, &mut screening] {
        heading.until_quiet(stack).await;
    }

    door.refuse(Refusal::THROTTLED, &["\"limits\""]);
    let accepted = settled(stack, "71.00").await;
    for heading in [&mut budget, &mut testers, &mut screening] {
        heading.until_raised(stack).await;
    }
    // First look: each line says what fails.
    budget.until_logged(stack, &["provider-budget-blind", "\"fault\"", "Throttling"]).await;
    testers.until_logged(stack, &["screening-blind", "\"fault\"", "Throttling"]).await;
    screening.until_logged(stack, &["screening-unavailable", "\"why\"", "Throttling"]).await;
    // Mend: the table.
    door.open();
    // An environment that could not read the table asks it again a while later.
    stack.advance("1m").await;
    for heading in [&mut budget, &mut testers, &mut screening] {
        heading.turn(stack).await;
    }
    settled(stack, "72.00").await;
    stack.assert_captured_once(&accepted).await;
    [budget.mended(stack).await, testers.mended(stack).await, screening.mended(stack).await]
}

/// Somebody put the key of another provider into the secret.
async fn refused(stack: &Stack, door: &mut Door) -> Followed {
    let mut refused = Heading::open(stack, "A provider refuses our key").await;
    settled(stack, "73.00").await;
    refused.until_quiet(stack).await;
    door.change(|body| body.replace("provider-stripe", "provider-gocardless"), &["GetSecretValue"]);
    // What functions had is older than five minutes.
    stack.advance("6m").await;
    let accepted = stack.accepted(&Offer::of("74.00")).await;
    refused.until_raised(stack).await;
    let seen = stack.seen_by_donor(&accepted).await;
    assert_eq!(seen["money_taken"], "not_known_yet", "nothing is declined: {seen}");

    // Mend: the right one is put in.
    door.open();
    stack.advance("6m").await;
    stack.until_settled(std::slice::from_ref(&accepted), PATIENCE).await;
    refused.turn(stack).await;
    refused.well(stack, "outpour settle", &[]).await;
    stack.assert_captured_once(&accepted).await;
    settled(stack, "75.00").await;
    refused.mended(stack).await
}
