//! The event that a function gets for a batch of messages.
//!
//! Source: docs.aws.amazon.com/lambda/latest/dg/with-sqs.html.

use data_encoding::BASE64;
use queue_model::{Attribute, Received, Value as AttributeValue};
use serde_json::{Value, json};

use crate::runtime::{ACCOUNT, REGION};

/// Builds the event for messages of one queue.
pub fn event(queue: &str, messages: &[Received]) -> String {
    let records: Vec<Value> = messages.iter().map(|message| record(queue, message)).collect();
    json!({ "Records": records }).to_string()
}

fn record(queue: &str, received: &Received) -> Value {
    let message = &received.message;
    let attributes =
        message.attributes.iter().map(|(name, attribute)| (name.clone(), attribute_of(attribute)));
    let mut record = json!({
        "messageId": message.id,
        "receiptHandle": received.receipt,
        "body": message.body,
        "attributes": received.system_attributes(),
        "messageAttributes": attributes.collect::<serde_json::Map<_, _>>(),
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"),
        "awsRegion": REGION,
    });
    if let Some(digest) = &message.attributes_md5 {
        record["md5OfMessageAttributes"] = json!(digest);
    }
    record
}

fn attribute_of(attribute: &Attribute) -> Value {
    let (name, value) = match &attribute.value {
        AttributeValue::Text(text) => ("stringValue", text.clone()),
        AttributeValue::Binary(bytes) => ("binaryValue", BASE64.encode(bytes)),
    };
    json!({
        name: value,
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": attribute.data_type,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use queue_model::{Message, Outgoing};

    use super::*;

    /// The shape of the example in the Lambda guide, with our own values.
    #[test]
    fn a_message_becomes_the_record_that_the_guide_shows() {
        let outgoing = Outgoing {
            body: "{\"id\":1}".to_owned(),
            attributes: BTreeMap::from([("type".to_owned(), Attribute::text("donation.accepted.v1"))]),
            sender: "sender-1".to_owned(),
            ..Outgoing::default()
        };
        let received = Received {
            message: Arc::new(Message::new("059f36b4-87a3-44ab-83d2-661975830a7d".to_owned(), outgoing)),
            receipt: "receipt-1".to_owned(),
            sent_at: 1_545_082_649_183,
            receives: 1,
            first_received_at: 1_545_082_649_185,
            source_arn: None,
        };
        let event: Value = serde_json::from_str(&event("payments", &[received])).unwrap();
        assert_eq!(
            event,
            json!({ "Records": [{
                "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
                "receiptHandle": "receipt-1",
                "body": "{\"id\":1}",
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": "1545082649183",
                    "SenderId": "sender-1",
                    "ApproximateFirstReceiveTimestamp": "1545082649185"
                },
                "messageAttributes": { "type": {
                    "stringValue": "donation.accepted.v1",
                    "stringListValues": [],
                    "binaryListValues": [],
                    "dataType": "String"
                } },
                "md5OfBody": event["Records"][0]["md5OfBody"],
                "md5OfMessageAttributes": event["Records"][0]["md5OfMessageAttributes"],
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-2:000000000000:payments",
                "awsRegion": "eu-west-2"
            }] })
        );
        assert_eq!(event["Records"][0]["md5OfBody"].as_str().unwrap().len(), 32);
    }
}
