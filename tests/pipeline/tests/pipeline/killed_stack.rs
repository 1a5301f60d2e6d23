//! A surge, while processes die.
//!
//! Small, for a debug build; the whole is `outpour surge --rate 50 --seconds 60 --kills 2`.

use std::time::Duration;

use crate::stack::{Options, Stack, command};

/// A receipt whose sender was killed is decided a minute later, and a message that its consumer did not
/// finish comes back by then too.
const SETTLE_SECONDS: &str = "210";
const PATIENCE: Duration = Duration::from_secs(280);

#[tokio::test]
async fn a_stack_that_is_killed_in_the_middle_of_a_surge_goes_on_where_it_was_and_loses_nothing() {
    let mut stack = Stack::start_with(options()).await;
    let history = history(&stack);
    let arguments = [
        "surge",
        "--rate",
        "20",
        "--seconds",
        "8",
        "--seed",
        "7",
        "--settle",
        SETTLE_SECONDS,
        "--history",
        &history,
    ];
    let surge = stack.command(&arguments);
    stack
        .until("the surge under way", Duration::from_secs(30), async || {
            (stack.all("stored/donations").await.len() > 40).then_some(())
        })
        .await;
    stack.kill_all().await;
    stack.start_again().await;
    let surge = command::end(surge, PATIENCE).await;
    assert_eq!(surge.code, Some(0), "{surge:?}\n{}", stack.tail());
    let counts = stack.assert_proven(&["--history", &history]).await;
    assert_eq!(counts["accepted"], 160, "{counts}");
    assert!(counts["declined"].as_u64() > Some(0) && counts["captured"].as_u64() > Some(100), "{counts}");
}

#[tokio::test]
async fn a_surge_while_function_processes_are_killed_twice_a_second_loses_nothing_and_doubles_nothing() {
    let stack = Stack::start_with(options()).await;
    let history = history(&stack);
    let arguments = [
        "surge",
        "--rate",
        "20",
        "--seconds",
        "8",
        "--kills",
        "2",
        "--seed",
        "8",
        "--settle",
        SETTLE_SECONDS,
        "--history",
        &history,
    ];
    let surge = command::end(stack.command(&arguments), PATIENCE).await;
    assert_eq!(surge.code, Some(0), "{surge:?}\n{}", stack.tail());
    let killed = stack.local("chaos").await["killed"].as_u64().unwrap();
    assert!(killed >= 8, "{killed} processes were killed");
    let counts = stack.assert_proven(&["--history", &history]).await;
    assert_eq!(counts["accepted"], 160, "{counts}");
}

/// The completer's second look comes a minute after its first, and has to find a dead sender's claim a minute
/// old: so the first look waits until the slowest receipt of a loaded machine is claimed.
fn options() -> Options {
    Options::default().set("FIRST_CHECK_SECONDS", "15")
}

fn history(stack: &Stack) -> String {
    stack.folder().join("history.jsonl").to_str().unwrap().to_owned()
}
