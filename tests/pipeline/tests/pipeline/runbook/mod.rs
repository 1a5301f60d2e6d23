//! `RUNBOOK.md`, followed step by step: for each heading whose alarm can be provoked on one machine, a test of its name
//! that provokes it, sees it, mends it with the commands that stand there, and sees the proof.
//!
//! Headings that one fault provokes together share a run: the first of their tests makes it. Which headings are missing
//! here, and why, stands in `tests/tidy`.
//!
//! Modules in reading order.

mod expression;
mod seen;

mod alarm;
mod heading;

mod donations_in;

mod consumers;
mod parked;
mod provider;
mod unsettled;

mod finance;

mod declined;
mod limits;

use std::time::Duration;

use crate::stack::{Accepted, Offer, Stack};
use heading::{Followed, Heading, TEXT, YOU, assert_followed};

/// Tests that share a run, each named after its heading.
macro_rules! headings {
    ($run:ident: $($test:ident = $heading:literal),+ $(,)?) => {
        static RUN: tokio::sync::OnceCell<Vec<super::Followed>> = tokio::sync::OnceCell::const_new();
        static BEGUN: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
        $(
            #[tokio::test]
            async fn $test() {
                let followed = RUN
                    .get_or_init(async || {
                        let has_failed = BEGUN.swap(true, std::sync::atomic::Ordering::SeqCst);
                        assert!(!has_failed, "the run that it shares with others has failed");
                        $run().await
                    })
                    .await;
                super::assert_followed(followed, $heading);
            }
        )+
    };
}
use headings;

/// A gift of this amount that nothing is owed to any more.
async fn settled(stack: &Stack, amount: &str) -> Accepted {
    let accepted = stack.accepted(&Offer::of(amount)).await;
    stack.until_settled(std::slice::from_ref(&accepted), Duration::from_secs(120)).await;
    accepted
}
