use super::{NOW, attributes, model, settings};
use crate::{
    Attribute, Attributes, Model, Publication, Received, Refusal, Subscription, Value, policy::FilterPolicy,
};

const ARN: &str = "arn:aws:sns:eu-west-2:000000000000:events";

/// A model with topic `events`, which feeds `payments` raw and filtered, and `audit` with the envelope.
fn with_topic() -> Model {
    let mut model = model();
    model.create_queue("audit", settings("audit", None)).unwrap();
    model.create_topic("events", ARN).unwrap();
    let filter = FilterPolicy::parse(r#"{"type": ["donation.accepted.v1"]}"#).unwrap();
    let payments = Subscription {
        queue: "payments".to_owned(),
        filter: Some(filter),
        raw_delivery: true,
        dead_letters: Some("payments-dead-letters".to_owned()),
    };
    let audit =
        Subscription { queue: "audit".to_owned(), filter: None, raw_delivery: false, dead_letters: None };
    model.subscribe("events", payments).unwrap();
    model.subscribe("events", audit).unwrap();
    model
}

fn publication(kind: &str) -> Publication {
    Publication {
        message: "{\"id\":\"1\"}".to_owned(),
        attributes: attributes(&[("type", kind)]),
        ..Publication::default()
    }
}

fn take(model: &mut Model, queue: &str) -> Vec<Received> {
    model.receive(queue, 10, None, NOW).unwrap()
}

#[test]
fn a_raw_subscription_gets_body_and_attributes_as_published() {
    let mut model = with_topic();
    let published = model.publish("events", &publication("donation.accepted.v1"), NOW).unwrap();
    assert_eq!(published.delivered, ["payments", "audit"]);
    let received = take(&mut model, "payments");
    assert_eq!(received[0].message.body, "{\"id\":\"1\"}");
    assert_eq!(received[0].message.attributes, attributes(&[("type", "donation.accepted.v1")]));
    assert_ne!(received[0].message.id, published.id, "the queue's message has an id of its own");
}

#[test]
fn a_filter_stops_what_it_does_not_name() {
    let mut model = with_topic();
    let published = model.publish("events", &publication("payment.captured.v1"), NOW).unwrap();
    assert_eq!(published.delivered, ["audit"]);
    assert!(take(&mut model, "payments").is_empty());
}

#[test]
fn the_envelope_tells_topic_time_message_and_attributes() {
    let mut model = with_topic();
    let subject = Some("A \"gift\"".to_owned());
    let published = model.publish("events", &Publication { subject, ..publication("x") }, NOW + 7).unwrap();
    let received = model.receive("audit", 10, None, NOW + 7).unwrap().remove(0);
    assert!(received.message.attributes.is_empty());
    let envelope: serde_json::Value = serde_json::from_str(&received.message.body).unwrap();
    let expected = serde_json::json!({
        "Type": "Notification",
        "MessageId": published.id,
        "TopicArn": ARN,
        "Subject": "A \"gift\"",
        "Message": "{\"id\":\"1\"}",
        "Timestamp": "2026-11-20T20:00:00.007Z",
        "MessageAttributes": {"type": {"Type": "String", "Value": "x"}},
    });
    assert_eq!(envelope, expected);
}

#[test]
fn raw_delivery_of_more_than_ten_attributes_goes_to_the_subscriptions_dead_letters() {
    let mut model = with_topic();
    let mut eleven: Attributes = (0..10).map(|n| (format!("a{n}"), Attribute::text("v"))).collect();
    eleven.insert("type".to_owned(), Attribute::text("donation.accepted.v1"));
    let publication = Publication { attributes: eleven, ..publication("x") };
    let published = model.publish("events", &publication, NOW).unwrap();
    assert_eq!(published.delivered, ["audit"], "the envelope carries any number");
    assert_eq!(published.dead_lettered, ["payments"]);
    let letters = take(&mut model, "payments-dead-letters");
    assert!(letters[0].message.body.contains("donation.accepted.v1"), "nothing of the message is lost");
    assert_eq!(letters[0].message.attributes["ErrorCode"], Attribute::text("400"));
}

#[test]
fn what_cannot_be_delivered_is_discarded_without_dead_letters() {
    let mut model = model();
    model.create_topic("events", ARN).unwrap();
    let bare =
        Subscription { queue: "payments".to_owned(), filter: None, raw_delivery: true, dead_letters: None };
    model.subscribe("events", bare).unwrap();
    let control = Publication { message: "\u{1}".to_owned(), ..Publication::default() };
    let published = model.publish("events", &control, NOW).unwrap();
    assert_eq!(published.discarded, ["payments"]);
    assert!(take(&mut model, "payments").is_empty());
}

#[test]
fn a_publication_follows_the_rules_of_sns() {
    let mut model = with_topic();
    let mut refused = |publication: Publication| model.publish("events", &publication, NOW).unwrap_err();
    assert_eq!(refused(Publication::default()), Refusal::EmptyNotification);
    let long = Publication { message: "x".repeat(262_145), ..Publication::default() };
    assert_eq!(refused(long), Refusal::MessageTooLong { bytes: 262_145, max: 262_144 });
    for subject in ["", " x", "é", "a\nb", &"x".repeat(101)] {
        let subject = Some(subject.to_owned());
        assert_eq!(refused(Publication { subject, ..publication("x") }), Refusal::BadSubject);
    }
    let empty = Attribute { data_type: "String".to_owned(), value: Value::Text(String::new()) };
    let bad = Publication { attributes: Attributes::from([("a".to_owned(), empty)]), ..publication("x") };
    assert!(matches!(refused(bad), Refusal::BadAttribute { .. }));
    let unknown = model.publish("nothing", &publication("x"), NOW);
    assert_eq!(unknown, Err(Refusal::UnknownTopic("nothing".to_owned())));
}

#[test]
fn a_batch_publishes_each_entry_by_itself() {
    let mut model = with_topic();
    let entries = [
        ("a".to_owned(), publication("donation.accepted.v1")),
        ("b".to_owned(), Publication::default()),
        ("c".to_owned(), publication("donation.accepted.v1")),
    ];
    let answers = model.publish_batch("events", &entries, NOW).unwrap();
    let fine: Vec<bool> = answers.iter().map(|(_, answer)| answer.is_ok()).collect();
    assert_eq!(fine, [true, false, true]);
    assert_eq!(take(&mut model, "payments").len(), 2);
    assert_eq!(model.publish_batch("events", &[], NOW), Err(Refusal::EmptyBatch));
}

#[test]
fn a_subscription_needs_its_queues() {
    let mut model = with_topic();
    let mut subscription = model.subscriptions("events").unwrap()[0].clone();
    subscription.dead_letters = Some("nowhere".to_owned());
    let refused = model.subscribe("events", subscription);
    assert_eq!(refused, Err(Refusal::UnknownQueue("nowhere".to_owned())));
    assert_eq!(model.create_topic("events", ARN), Err(Refusal::AlreadyExists("events".to_owned())));
    assert_eq!(model.topic_arns().collect::<Vec<_>>(), [ARN]);
}
