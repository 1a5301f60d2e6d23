use std::cell::RefCell;

use serde::Deserialize;
use serde_json::json;

use super::*;

#[derive(Deserialize)]
struct Word {
    word: String,
}

#[derive(Default)]
struct Kept {
    parked: RefCell<Vec<ParkedMessage>>,
    is_down: bool,
}

impl DeadLetters for Kept {
    async fn park(&self, message: ParkedMessage) -> Result<(), lambda_runtime::Error> {
        if self.is_down {
            return Err("the dead-letter queue is down".into());
        }
        self.parked.borrow_mut().push(message);
        Ok(())
    }
}

const BOUNDS: Bounds = Bounds { at_once: 3, needs: Duration::from_secs(1) };

fn batch(bodies: &[&str]) -> SqsEvent {
    let records: Vec<_> = bodies
        .iter()
        .enumerate()
        .map(|(index, body)| {
            json!({ "messageId": format!("m{index}"), "body": body,
                    "messageAttributes": { "type": { "dataType": "String", "stringValue": "word.said.v1" } } })
        })
        .collect();
    serde_json::from_value(json!({ "Records": records })).unwrap()
}

/// Runs a batch whose messages say what is to become of them, and gives the ids that come back, sorted.
async fn come_back(bodies: &[&str], left: Duration, kept: &Kept) -> Vec<String> {
    let response = for_each_message(
        batch(bodies),
        BOUNDS,
        || left,
        kept,
        async |word: Word| match word.word.as_str() {
            "ack" => Disposition::Ack,
            "retry" => Disposition::Retry { reason: "asked for".to_owned() },
            "park" => Disposition::Park { reason: "asked for".to_owned() },
            _ => panic!("an unexpected word"),
        },
    )
    .await
    .unwrap();
    let mut ids: Vec<_> =
        response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn only_messages_that_must_come_back_do() {
    let kept = Kept::default();
    let bodies = [r#"{"word":"ack"}"#, r#"{"word":"retry"}"#, r#"{"word":"park"}"#, r#"{"word":"ack"}"#];
    assert_eq!(come_back(&bodies, Duration::from_secs(9), &kept).await, ["m1"]);
    let parked = kept.parked.into_inner();
    assert_eq!(parked.len(), 1);
    assert_eq!(parked[0].body, r#"{"word":"park"}"#);
    assert_eq!(parked[0].attributes["type"], "word.said.v1");
    assert_eq!(parked[0].reason, "asked for");
}

#[tokio::test]
async fn scenario_15_a_message_that_panics_harms_only_itself() {
    let bodies = [r#"{"word":"ack"}"#, r#"{"word":"boom"}"#, r#"{"word":"ack"}"#];
    assert_eq!(come_back(&bodies, Duration::from_secs(9), &Kept::default()).await, ["m1"]);
}

#[tokio::test]
async fn a_body_of_another_type_is_parked_without_being_quoted() {
    let kept = Kept::default();
    assert!(come_back(&[r#"{"secret":"x"}"#, "not json"], Duration::from_secs(9), &kept).await.is_empty());
    let parked = kept.parked.into_inner();
    assert_eq!(parked.len(), 2);
    assert!(
        parked
            .iter()
            .all(|message| !message.reason.contains("secret") && !message.reason.contains("not json"))
    );
}

#[tokio::test]
async fn a_message_that_cannot_be_parked_comes_back() {
    let kept = Kept { is_down: true, ..Kept::default() };
    assert_eq!(come_back(&[r#"{"word":"park"}"#], Duration::from_secs(9), &kept).await, ["m0"]);
}

#[tokio::test]
async fn nothing_begins_with_too_little_time_left() {
    let bodies = [r#"{"word":"park"}"#, r#"{"word":"boom"}"#];
    let kept = Kept::default();
    assert_eq!(come_back(&bodies, Duration::from_millis(999), &kept).await, ["m0", "m1"]);
    assert!(kept.parked.into_inner().is_empty());
}

#[tokio::test]
async fn a_record_without_an_id_brings_the_whole_batch_back() {
    let event: SqsEvent =
        serde_json::from_value(json!({ "Records": [{ "messageId": "", "body": "{}" }] })).unwrap();
    let (kept, left) = (Kept::default(), || Duration::from_secs(9));
    let handled = for_each_message(event, BOUNDS, left, &kept, async |_: Word| Disposition::Ack).await;
    assert!(handled.is_err());
}
