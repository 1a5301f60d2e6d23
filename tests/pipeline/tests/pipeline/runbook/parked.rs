//! "What follows": messages that lie among the dead letters.

use std::time::Duration;

use super::{Followed, Heading, TEXT, YOU};
use crate::nastiest::queues::with_eleven_attributes;
use crate::stack::door::Door;
use crate::stack::parked::Message;
use crate::stack::{Offer, Options, Stack};

super::headings!(run:
    a_message_is_parked = "A message is parked",
    events_do_not_reach_their_queues = "Events do not reach their queues",
);

const PATIENCE: Duration = Duration::from_secs(60);
const CAPTURED: &str = "payment.captured.v1";

async fn run() -> Vec<Followed> {
    let mut door = Door::of("accept-donation").await;
    let stack = Stack::start_with(Options::default().bootstrap(door.bootstrap())).await;
    vec![parked(&stack).await, not_delivered(&stack, &mut door).await]
}

/// One message is right, one wrong, and one about nothing.
async fn parked(stack: &Stack) -> Followed {
    let mut parked = Heading::open(stack, "A message is parked").await;
    let accepted = stack.accepted(&Offer::of("30.00")).await;
    stack.until_settled(std::slice::from_ref(&accepted), PATIENCE).await;
    parked.until_quiet(stack).await;

    let right = Message::about(&accepted.id, CAPTURED);
    let id = |ids: Vec<String>| ids.into_iter().next().unwrap();
    let right = id(stack.put("receipts-dead-letters", &[right]).await);
    stack.put("ledger", &[Message::raw(CAPTURED, "{}")]).await;
    let wrong = parked_in(stack, "ledger").await;
    stack.put("payments", &[Message::raw("donation.accepted.v1", "a stray sheet")]).await;
    let stray = parked_in(stack, "payments").await;
    parked.until_raised(stack).await;

    let listed = parked.well(stack, "outpour parked list", &[]).await;
    for id in [&right, &wrong, &stray] {
        assert!(listed.contains(id.as_str()), "{id}: {listed}");
    }
    let shown = parked.well(stack, "outpour parked show ID", &[("ID", &wrong)]).await;
    assert!(shown.contains("not a message of the expected type"), "{shown}");
    let replay = "outpour parked replay ID --by YOU --why TEXT";
    parked.well(stack, replay, &[("ID", &right), YOU, TEXT]).await;
    let file = stack.folder().join("body.json");
    std::fs::write(&file, Message::about(&accepted.id, CAPTURED).body).unwrap();
    let edit = "outpour parked edit ID --body FILE --by YOU --why TEXT";
    parked.well(stack, edit, &[("ID", &wrong), ("FILE", file.to_str().unwrap()), YOU, TEXT]).await;
    parked.well(stack, replay, &[("ID", &wrong), YOU, TEXT]).await;
    let discard = "outpour parked discard ID --by YOU --why TEXT";
    parked.well(stack, discard, &[("ID", &stray), YOU, TEXT]).await;

    stack.until_queues_empty(PATIENCE).await;
    let listed = parked.well(stack, "outpour parked list", &[]).await;
    assert!(listed.contains("no message is parked"), "{listed}");
    let audit = parked.well(stack, "outpour parked audit", &[]).await;
    assert!(audit.contains(YOU.1) && audit.contains(TEXT.1), "{audit}");
    stack.assert_captured_once(&accepted).await;
    parked.mended(stack).await
}

/// The id of the one message that is parked in a queue.
async fn parked_in(stack: &Stack, queue: &str) -> String {
    stack
        .until("a parked message", PATIENCE, async || {
            let parked = stack.all("parked").await;
            let one = parked.iter().find(|one| one["queue"] == queue)?;
            Some(one["id"].as_str().unwrap().to_owned())
        })
        .await
}

/// An event has more attributes than raw delivery takes.
async fn not_delivered(stack: &Stack, door: &mut Door) -> Followed {
    let mut events = Heading::open(stack, "Events do not reach their queues").await;
    events.until_quiet(stack).await;
    door.change(with_eleven_attributes, &["Action=Publish", "donation.accepted.v1"]);
    let accepted = stack.accepted(&Offer::of("31.00")).await;
    events.until_raised(stack).await;
    let listed = events.well(stack, "outpour parked list", &[]).await;
    assert!(listed.contains("the topic could not deliver it"), "{listed}");
    // Mend: deploy again; the completer announces anew, and the event has had its day.
    door.open();
    events.well(stack, "outpour settle", &[]).await;
    let id = parked_in(stack, "payments").await;
    let discard = "outpour parked discard ID --by YOU --why TEXT";
    events.well(stack, discard, &[("ID", &id), YOU, TEXT]).await;
    stack.assert_captured_once(&accepted).await;
    events.mended(stack).await
}
