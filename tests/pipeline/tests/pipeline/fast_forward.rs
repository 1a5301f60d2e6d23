//! The whole stack's clock, moved forward by hours and days at once.

use std::time::Duration;

use serde_json::{Value, json};

use crate::stack::api::send;
use crate::stack::parked::Message;
use crate::stack::{Offer, Options, Stack, topology};

const PATIENCE: Duration = Duration::from_secs(60);
const LETTERS: &str = "receipts-dead-letters";

#[tokio::test]
async fn the_sandbox_forgets_a_key_after_a_day() {
    let stack = Stack::start().await;
    let charge = async || {
        let form = [("amount", "4200"), ("currency", "gbp")];
        let request = stack.http.post(format!("{}/v1/payment_intents", stack.provider_url)).form(&form);
        let request = request.header("idempotency-key", "the-same-key-for-days");
        send(request.bearer_auth(stack.secret("sandbox_api_key"))).await.body["id"].clone()
    };
    let first = charge().await;
    stack.advance("23h").await;
    assert_eq!(charge().await, first);
    stack.advance("2h").await;
    assert_ne!(charge().await, first);
}

#[tokio::test]
async fn queues_keep_messages_hide_them_and_drop_them_by_the_stacks_clock() {
    let stack = Stack::start().await;
    stack.put(LETTERS, &[Message::raw("invented.v1", "x")]).await;
    let url = stack.queue_url(LETTERS);
    let receive = async || {
        let request = json!({ "QueueUrl": url, "MessageSystemAttributeNames": ["All"] });
        stack.sqs("ReceiveMessage", &request).await["Messages"][0].clone()
    };
    let first = receive().await;
    assert_eq!(receive().await, Value::Null, "it is hidden");
    stack.advance("1h").await;
    let second = receive().await;
    assert_eq!(second["MessageId"], first["MessageId"]);
    assert_eq!(second["Attributes"]["ApproximateReceiveCount"], "2");
    let delete = json!({ "QueueUrl": url, "ReceiptHandle": first["ReceiptHandle"] });
    stack.sqs("DeleteMessage", &delete).await;
    assert_eq!(stack.dead_letters().await, 1, "a receipt of before the move deletes nothing");
    stack.advance("13d").await;
    assert_eq!(receive().await["MessageId"], first["MessageId"]);
    stack.advance("1d").await;
    assert_eq!((receive().await, stack.dead_letters().await), (Value::Null, 0));
    assert!(stack.parked_well(&["list"]).await.contains("no message is parked"));
}

#[tokio::test]
async fn a_moved_clock_stays_moved_after_a_crash_and_dates_everything() {
    let mut stack = Stack::start().await;
    let start = stack.clock().await;
    assert_eq!(start["offset_seconds"], 0);
    stack.advance("3d").await;
    stack.kill_all().await;
    stack.start_again().await;
    let clock = stack.clock().await;
    assert_eq!(clock["offset_seconds"], 3 * 86_400);
    let moved_ms = clock["now_ms"].as_u64().unwrap();
    assert!(moved_ms >= start["now_ms"].as_u64().unwrap() + 3 * 86_400_000, "{start} {clock}");

    let accepted = stack.accepted(&Offer::of("43.00")).await;
    stack.until_settled(std::slice::from_ref(&accepted), PATIENCE).await;
    stack.assert_captured_once(&accepted).await;
    let stored = stack.stored(&accepted.id).await;
    let (entry, mail) = (stack.entries_of(&accepted.id).await, stack.mails_of(&accepted.id).await);
    for (what, at_ms) in [
        ("accepted", &stored["accepted_at"]),
        ("posted", &entry[0]["posted_at"]),
        ("mailed", &mail[0]["at_ms"]),
    ] {
        assert!(at_ms.as_u64().unwrap() >= moved_ms, "{what} {at_ms}, {moved_ms}");
    }
    let timeline = stack.local(&format!("donations/{}/timeline", accepted.id)).await;
    for happening in timeline.as_array().unwrap() {
        assert!(happening["at_ms"].as_u64().unwrap() >= moved_ms, "{happening}");
    }
    // The export goes over S3, whose signatures keep the machine's time.
    let day = entry[0]["business_date"].as_str().unwrap();
    let out = stack.folder().join("export");
    let export = ["export", "--from", day, "--to", day, "--out", out.to_str().unwrap()];
    assert_eq!(stack.run_command(&export).await.code, Some(0), "{}", stack.tail());
    stack.reconcile().await;
    stack.assert_proven(&[]).await;

    for refused in [json!(0), json!(366 * 86_400 + 1)] {
        assert_eq!(stack.refused_advance(refused).await, 400);
    }
    assert!(stack.refused_advance(json!(-60)).await >= 400, "time does not go back");
    assert_eq!(stack.clock().await["offset_seconds"], 3 * 86_400);
}

#[tokio::test]
async fn a_schedule_runs_once_after_a_move_over_many_of_its_periods() {
    let mut topology = topology::quick();
    topology["functions"]["resume-donations"]["schedule"]["every_seconds"] = json!(3_600);
    let stack = Stack::start_with(Options { topology, ..Options::default() }).await;
    let runs = async || stack.invocations("resume-donations").await;
    let until = async |count: u64| {
        let reached = async || (runs().await >= count).then_some(());
        stack.until(&format!("run {count}"), PATIENCE, reached).await;
        assert_eq!(runs().await, count);
    };
    until(1).await;
    stack.advance("14d").await;
    until(2).await;
    // Half a period later nothing is due; a whole one later the next run is. Runs that were owed would show
    // by now.
    stack.advance("30m").await;
    stack.advance("31m").await;
    until(3).await;
}
