use std::cell::RefCell;

use serde::Deserialize;
use serde_json::json;

use super::*;

#[derive(Deserialize)]
struct Word {
    word: String,
    traceparent: Option<String>,
}

impl Message for Word {
    fn traceparent(&self) -> Option<&str> {
        self.traceparent.as_deref()
    }

    fn donation_id(&self) -> Option<&str> {
        None
    }
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
            json!({ "messageId": format!("m{index}"), "receiptHandle": format!("r{index}"), "body": body,
                    "eventSourceARN": "arn:aws:sqs:eu-west-2:000000000000:words",
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

#[tokio::test]
async fn a_message_is_handled_in_the_trace_that_it_carries_and_otherwise_in_a_new_one() {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let carried =
        |word: &str| format!(r#"{{"word":"{word}","traceparent":"00-{TRACE}-00f067aa0ba902b7-01"}}"#);
    let (one, again) = (carried("one"), carried("again"));
    let bodies = [&one, &again, r#"{"word":"bad","traceparent":"00-what"}"#, r#"{"word":"none"}"#];
    let seen = RefCell::new(BTreeMap::new());
    let left = || Duration::from_secs(9);
    for_each_message(batch(&bodies), BOUNDS, left, &Kept::default(), async |word: Word| {
        tokio::task::yield_now().await;
        seen.borrow_mut().insert(word.word, contracts::telemetry::current().unwrap());
        Disposition::Ack
    })
    .await
    .unwrap();
    assert_eq!(contracts::telemetry::current(), None);
    let seen = seen.into_inner();
    let trace = |word: &str| seen[word].trace_id().to_string();
    assert_eq!((trace("one").as_str(), trace("again").as_str()), (TRACE, TRACE));
    assert!(trace("bad") != TRACE && trace("none") != TRACE && trace("bad") != trace("none"));
    assert_ne!(seen["one"], seen["again"], "each delivery has a place of its own");
}

#[tokio::test]
async fn a_parked_message_is_counted_by_its_queue_and_one_that_comes_back_is_not() {
    let scope = Scope::new(TraceContext::begin("a test"));
    let (up, down) = (Kept::default(), Kept { is_down: true, ..Kept::default() });
    let bodies = [r#"{"word":"park"}"#, r#"{"word":"retry"}"#, r#"{"word":"ack"}"#];
    let work = pin!(async {
        come_back(&bodies, Duration::from_secs(9), &up).await;
        come_back(&bodies, Duration::from_secs(9), &down).await
    });
    let (back, measured) = within(scope, work).await;
    assert_eq!(back, ["m0", "m1"]);
    let counted: Vec<_> = measured.iter().map(|one| (one.metric, &one.labels[..], one.value)).collect();
    assert_eq!(counted, [(Metric::ParkedMessages, &["words".to_owned()][..], 1)]);
}
