//! "What follows": consumers that cannot write, and the completer.

use std::time::Duration;

use serde_json::json;

use super::{Followed, Heading, settled};
use crate::stack::door::Door;
use crate::stack::rules::Refusal;
use crate::stack::{Offer, Options, Stack, topology};

super::headings!(run:
    messages_wait_in_a_queue = "Messages wait in a queue",
    receipts_are_late = "Receipts are late",
    the_ledger_is_behind = "The ledger is behind",
    the_completer_fails = "The completer fails",
    a_function_fails = "A function fails",
    the_completer_does_not_run = "The completer does not run",
);

const PATIENCE: Duration = Duration::from_secs(120);
const LEDGER: [&str; 2] = ["TransactWriteItems", "\"ledger\""];
/// Path of the mail service's call, in the signature's scope of service.
const SEND_EMAIL: [&str; 1] = ["/ses/aws4_request"];
const COMPLETER: &str = "resume-donations";

async fn run() -> Vec<Followed> {
    let consumers = ["accept-donation", "post-journal-entry", "send-receipt", COMPLETER];
    let mut door = Door::of_each(&consumers).await;
    let mut stack = Stack::start_with(Options::default().bootstrap(door.bootstrap())).await;
    let mut followed = Vec::from(late(&stack, &mut door).await);
    followed.extend(failing(&stack, &mut door).await);
    followed.push(silent(&mut stack, &mut door).await);
    followed
}

/// Neither ledger nor mail service takes anything for six minutes.
async fn late(stack: &Stack, door: &mut Door) -> [Followed; 3] {
    let mut waiting = Heading::open(stack, "Messages wait in a queue").await;
    let mut receipts = Heading::open(stack, "Receipts are late").await;
    let mut ledger = Heading::open(stack, "The ledger is behind").await;
    settled(stack, "20.00").await;
    for heading in [&mut waiting, &mut receipts, &mut ledger] {
        heading.until_quiet(stack).await;
        heading.turn(stack).await;
    }

    door.refuse(Refusal::DENIED, &LEDGER);
    door.refuse(Refusal::MAIL_REFUSED, &SEND_EMAIL);
    let accepted = stack.accepted(&Offer::of("21.00")).await;
    stack.until_status(&accepted, "captured", PATIENCE).await;
    ledger.until_logged(stack, &["\"message.id\"", "AccessDenied"]).await;
    stack.advance("6m").await;
    waiting.until_raised(stack).await;
    // First look: few and old, and the consumer's log says what fails.
    let queues = waiting.well(stack, "outpour queues", &[]).await;
    assert!(queues.contains("ledger"), "{queues}");
    waiting.assert_logged(stack, "post-journal-entry", &["AccessDenied"]);
    receipts.until_logged(stack, &["TooManyRequests"]).await;
    // Mend: the cause. The queues try again by themselves, once the messages' time is up.
    door.open();
    stack.advance("1m").await;
    waiting.well(stack, "outpour settle --within 30m", &[]).await;
    receipts.until_raised(stack).await;
    ledger.until_raised(stack).await;

    stack.until_queues_empty(PATIENCE).await;
    for heading in [&mut waiting, &mut receipts, &mut ledger] {
        heading.turn(stack).await;
    }
    settled(stack, "22.00").await;
    for heading in [&receipts, &ledger] {
        heading.well(stack, "outpour settle", &[]).await;
    }
    stack.assert_captured_once(&accepted).await;
    [waiting.mended(stack).await, receipts.mended(stack).await, ledger.mended(stack).await]
}

/// The completer may not read its index.
async fn failing(stack: &Stack, door: &mut Door) -> [Followed; 2] {
    let mut completer = Heading::open(stack, "The completer fails").await;
    let mut function = Heading::open(stack, "A function fails").await;
    completer.until_quiet(stack).await;
    function.until_quiet(stack).await;

    door.refuse(Refusal::DENIED, &["DynamoDB_20120810.Query"]);
    completer.until_raised(stack).await;
    function.until_raised(stack).await;
    // First look: its log.
    completer.assert_logged(stack, COMPLETER, &["donations", "AccessDenied"]);
    door.open();

    // A run that was under way may fail still.
    let runs = stack.invocations(COMPLETER).await;
    two_runs_after(stack, runs).await;
    completer.turn(stack).await;
    function.turn(stack).await;
    two_runs_after(stack, stack.invocations(COMPLETER).await).await;
    completer.well(stack, "outpour settle", &[]).await;
    function.well(stack, "outpour settle", &[]).await;
    [completer.mended(stack).await, function.mended(stack).await]
}

async fn two_runs_after(stack: &Stack, runs: u64) {
    let ran = async || (stack.invocations(COMPLETER).await >= runs + 2).then_some(());
    stack.until("two runs of the completer", PATIENCE, ran).await;
}

/// Its rule is disabled, and an announcement is lost.
async fn silent(stack: &mut Stack, door: &mut Door) -> Followed {
    let mut silent = Heading::open(stack, "The completer does not run").await;
    silent.until_quiet(stack).await;
    stack.stop().await;
    let completer = stack.options.topology["functions"][COMPLETER].as_object_mut().unwrap();
    completer.remove("schedule");
    completer.insert("operator".to_owned(), json!(true));
    stack.start_again().await;
    silent.turn(stack).await;
    door.refuse(Refusal::TOPIC_AWAY, &["Action=Publish"]);
    let accepted = stack.accepted(&Offer::of("23.00")).await;
    door.open();
    silent.until_raised(stack).await;
    assert_eq!(stack.seen_by_donor(&accepted).await["status"], "accepted", "nobody announces it");

    // Mend: the rule is enabled.
    stack.stop().await;
    stack.options.topology = topology::quick();
    stack.start_again().await;
    silent.turn(stack).await;
    silent.well(stack, "outpour settle", &[]).await;
    stack.assert_captured_once(&accepted).await;
    silent.mended(stack).await
}
