//! "Payments": a provider that is down or asks for less, and what does not settle meanwhile.

use super::{Followed, Heading, settled};
use crate::stack::{Options, Stack};

super::headings!(run:
    a_provider_asks_for_fewer_calls = "A provider asks for fewer calls",
    a_provider_is_left_alone = "A provider is left alone",
    donations_do_not_settle = "Donations do not settle",
    the_reconciliation_fails = "The reconciliation fails",
);

/// A little longer than the completer ever waits between two looks at one donation.
const LONGEST_WAIT: &str = "65m";

async fn run() -> Vec<Followed> {
    // The completer's first look is put off, so that one run meets all.
    let stack = Stack::start_with(Options::default().set("FIRST_CHECK_SECONDS", "60")).await;
    let mut followed = vec![limited(&stack).await];
    followed.extend(down(&stack).await);
    followed
}

async fn limited(stack: &Stack) -> Followed {
    let mut limited = Heading::open(stack, "A provider asks for fewer calls").await;
    settled(stack, "40.00").await;
    limited.until_quiet(stack).await;
    limited.well(stack, "outpour sandbox fault 429 --rate 20", &[]).await;
    surge(stack, "10", "2").await;
    limited.until_raised(stack).await;
    // First look: the line's rate.
    limited.until_logged(stack, &["provider-limit", "\"rate\""]).await;
    limited.well(stack, "outpour sandbox clear", &[]).await;
    until_looked_at(stack).await;
    limited.well(stack, "outpour settle", &[]).await;
    stack.reconcile().await;
    limited.turn(stack).await;
    limited.mended(stack).await
}

async fn surge(stack: &Stack, rate: &str, seconds: &str) {
    let surge = ["surge", "--rate", rate, "--seconds", seconds, "--seed", "5", "--no-wait"];
    let ended = stack.run_command(&surge).await;
    assert_eq!(ended.code, Some(0), "{ended:?}\n{}", stack.tail());
}

/// A provider that is back is probed before all go to it, so one look is not enough.
async fn until_looked_at(stack: &Stack) {
    for _ in 0..3 {
        stack.advance(LONGEST_WAIT).await;
        if stack.run_command(&["settle", "--within", "100s"]).await.code == Some(0) {
            return;
        }
    }
}

async fn down(stack: &Stack) -> [Followed; 3] {
    let mut alone = Heading::open(stack, "A provider is left alone").await;
    let mut unsettled = Heading::open(stack, "Donations do not settle").await;
    let mut reconciliation = Heading::open(stack, "The reconciliation fails").await;
    stack.reconcile().await;
    for heading in [&mut alone, &mut unsettled, &mut reconciliation] {
        heading.until_quiet(stack).await;
    }

    alone.well(stack, "outpour sandbox fault outage", &[]).await;
    surge(stack, "40", "4").await;
    alone.until_raised(stack).await;
    alone.until_logged(stack, &["provider-breaker-open", "\"budget\"", "\"until\""]).await;
    let refused = reconciliation.run(stack, "outpour reconcile", &[]).await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    reconciliation.until_raised(stack).await;
    reconciliation.assert_logged(stack, "reconcile-payments", &["could not be read", "stripe"]);
    // However often the completer has looked by now, it looks at all of them again within an hour.
    stack.advance(LONGEST_WAIT).await;
    unsettled.until_raised(stack).await;
    unsettled.well(stack, "outpour review list", &[]).await;

    // Mend: nothing, once the provider is back.
    alone.well(stack, "outpour sandbox clear", &[]).await;
    until_looked_at(stack).await;
    unsettled.well(stack, "outpour settle --within 1h", &[]).await;
    for heading in [&mut alone, &mut unsettled, &mut reconciliation] {
        heading.turn(stack).await;
    }
    alone.well(stack, "outpour settle", &[]).await;
    reconciliation.well(stack, "outpour reconcile", &[]).await;
    let again = reconciliation.well(stack, "outpour reconcile", &[]).await;
    assert!(again.contains(" 0 found"), "the second run books nothing: {again}");
    reconciliation.well(stack, "outpour proof --strict", &[]).await;
    [alone.mended(stack).await, unsettled.mended(stack).await, reconciliation.mended(stack).await]
}
