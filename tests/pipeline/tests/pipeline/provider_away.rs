//! A provider that cannot be reached.

use std::time::Duration;

use crate::stack::{Offer, Options, Stack};

const PATIENCE: Duration = Duration::from_secs(120);
/// Long enough to restart before the completer looks: its second look comes a minute after the first.
const FIRST_CHECK_SECONDS: &str = "12";

#[tokio::test]
async fn donations_are_accepted_while_the_provider_is_away_and_captured_once_it_is_back() {
    let options = Options::default().set("FIRST_CHECK_SECONDS", FIRST_CHECK_SECONDS);
    // Nothing listens on port 1, which needs privileges that nobody has here.
    let mut stack = Stack::start_with(options.clone().set("STRIPE_URL", "http://127.0.0.1:1")).await;
    let mut accepted = Vec::new();
    for amount in ["5.00", "6.00", "7.00", "8.00", "9.00"] {
        accepted.push(stack.accepted(&Offer::of(amount)).await);
    }
    for one in &accepted {
        let seen = stack.until_status(one, "in_progress", PATIENCE).await;
        assert_eq!(seen["money_taken"], "not_known_yet");
        assert!(stack.requests_of(&one.id).await.is_empty());
    }
    let counts = stack.assert_proven(&[]).await;
    assert_eq!((&counts["accepted"], &counts["not_settled"]), (&5.into(), &5.into()), "{counts}");
    stack.stop().await;
    stack.options = options;
    stack.start_again().await;
    stack.until_settled(&accepted, PATIENCE).await;
    for one in &accepted {
        stack.assert_captured_once(one).await;
        let stored = stack.stored(&one.id).await;
        assert_eq!(stored["payment"]["attempt"], 1, "what never left is no attempt of its own");
    }
    stack.assert_proven(&[]).await;
}
