//! The four requests, as bytes.

use std::fmt::Write;

use crate::donation::{Address, Donation};
use crate::signature::{Action, Moment};

/// `PutItem` in awsJson 1.0.
pub(crate) const PUT_ITEM: Action =
    Action { media_type: "application/x-amz-json-1.0", target: Some("DynamoDB_20120810.PutItem") };
/// `Publish` in awsQuery.
pub(crate) const PUBLISH: Action = Action { media_type: "application/x-www-form-urlencoded", target: None };

/// Asks the Runtime API for the next event.
pub(crate) fn next(host: &str) -> Vec<u8> {
    format!("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: {host}\r\n\r\n").into_bytes()
}

/// Gives the Runtime API the answer to an event.
pub(crate) fn answer(host: &str, request_id: &str, answer: &[u8]) -> Vec<u8> {
    let mut request = format!(
        "POST /2018-06-01/runtime/invocation/{request_id}/response HTTP/1.1\r\nhost: {host}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        answer.len()
    )
    .into_bytes();
    request.extend_from_slice(answer);
    request
}

/// The donation as an item with the attributes that `accept-donation` stores.
pub(crate) fn put_item(donation: &Donation, table: &str) -> String {
    let Donation { id, fingerprint, minor, request, accepted_at } = donation;
    let mut item = format!(
        r#"{{"TableName":{},"Item":{{"id":{},"version":{{"N":"1"}},"fingerprint":{},"minor":{{"N":"{minor}"}}"#,
        json(table),
        text(id),
        text(fingerprint)
    );
    let texts = [
        ("currency", &request.currency),
        ("appeal", &request.appeal),
        ("channel", &request.channel),
        ("provider", &request.payment.provider),
        ("token", &request.payment.token),
    ];
    for (name, value) in texts {
        push(&mut item, name, value);
    }
    let donor = &request.donor;
    write!(item, r#","donor":{{"M":{{"name":{},"email":{}"#, text(&donor.name), text(&donor.email))
        .expect("a string takes whatever is written");
    if let Some(address) = &donor.address {
        item.push_str(&address_of(address));
    }
    item.push_str("}}");
    if let Some(gift_aid) = &request.gift_aid {
        push(&mut item, "gift_aid", &gift_aid.wording_version);
    }
    let (shard, check) = (accepted_at % 16, accepted_at + 60_000);
    let rest = write!(
        item,
        concat!(
            r#","accepted_at":{{"N":"{}"}},"payment":{{"M":{{"state":{{"S":"accepted"}}}}}},"#,
            r#""owed_shard":{{"N":"{}"}},"next_check_at":{{"N":"{}"}},"checks":{{"N":"0"}}}},"#,
            r#""ConditionExpression":"attribute_not_exists(id)","#,
            r#""ReturnValuesOnConditionCheckFailure":"ALL_OLD"}}"#
        ),
        accepted_at, shard, check
    );
    rest.expect("a string takes whatever is written");
    item
}

/// `donation.accepted.v1` with its attributes, as a form.
pub(crate) fn publish(donation: &Donation, topic: &str, now: &Moment) -> String {
    let id = &donation.id;
    let event = format!(
        r#"{{"id":"{id}-{}","type":"donation.accepted.v1","donation_id":"{id}","occurred_at":"{}"}}"#,
        now.millis,
        now.extended()
    );
    let (topic, event) = (form(topic), form(&event));
    format!(
        "Action=Publish&Version=2010-03-31&TopicArn={topic}&Message={event}\
         &MessageAttributes.entry.1.Name=type&MessageAttributes.entry.1.Value.DataType=String\
         &MessageAttributes.entry.1.Value.StringValue=donation.accepted.v1\
         &MessageAttributes.entry.2.Name=donation_id&MessageAttributes.entry.2.Value.DataType=String\
         &MessageAttributes.entry.2.Value.StringValue={id}"
    )
}

fn address_of(address: &Address) -> String {
    let mut map = format!(r#","address":{{"M":{{"line_1":{}"#, text(&address.line_1));
    let optional = [("line_2", &address.line_2), ("town", &address.town)];
    for (name, value) in optional {
        if let Some(value) = value {
            push(&mut map, name, value);
        }
    }
    push(&mut map, "postal_code", &address.postal_code);
    push(&mut map, "country", &address.country);
    map.push_str("}}");
    map
}

fn push(map: &mut String, name: &str, value: &str) {
    write!(map, r#","{name}":{}"#, text(value)).expect("a string takes whatever is written");
}

/// A text attribute.
fn text(value: &str) -> String {
    format!(r#"{{"S":{}}}"#, json(value))
}

fn json(value: &str) -> String {
    serde_json::to_string(value).expect("a text can be written as JSON")
}

/// A value of a form: everything but letters, digits and `-._~` as a percentage sign and two digits.
fn form(value: &str) -> String {
    let mut form = String::with_capacity(value.len() * 2);
    for &byte in value.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            form.push(char::from(byte));
        } else {
            write!(form, "%{byte:02X}").expect("a string takes whatever is written");
        }
    }
    form
}

#[cfg(test)]
mod tests {
    use contracts::stored::DonationItem;
    use serde_json::Value;

    use super::*;

    const EVENT: &str = concat!(
        r#"{"headers":{"idempotency-key":"0123456789abcdef"},"body":"{\"amount\":\"25.00\","#,
        r#"\"currency\":\"GBP\",\"appeal\":\"winter-2026\",\"channel\":\"web\","#,
        r#"\"payment\":{\"provider\":\"stripe\",\"token\":\"pm_card_visa\"},"#,
        r#"\"donor\":{\"name\":\"Ada \\\"Example\\\"\",\"email\":\"ada@example.org\"},"#,
        r#"\"gift_aid\":{\"wording_version\":\"2026-04\"}}"}"#
    );

    /// An item as plain JSON, so that the contracts' type can read it.
    fn plain(value: &Value) -> Value {
        let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
        match kind.as_str() {
            "S" => value.clone(),
            "N" => serde_json::from_str(value.as_str().unwrap()).unwrap(),
            "M" => {
                value.as_object().unwrap().iter().map(|(name, value)| (name.clone(), plain(value))).collect()
            }
            other => panic!("{other}"),
        }
    }

    #[test]
    fn the_item_is_one_that_the_functions_can_read() {
        let donation = Donation::read(EVENT.as_bytes(), "outpour-demo", 1_795_204_800_000).unwrap();
        let put: Value = serde_json::from_str(&put_item(&donation, "donations")).unwrap();
        let item: Value = put["Item"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.clone(), plain(value)))
            .collect();
        let item: DonationItem = serde_json::from_value(item).unwrap();
        assert_eq!((item.minor, item.donor.name.as_str()), (2_500, "Ada \"Example\""));
        assert_eq!((item.payment.state.as_str(), item.owed_shard.is_some()), ("accepted", true));
        assert_eq!(put["ConditionExpression"], "attribute_not_exists(id)");
    }

    #[test]
    fn a_form_value_keeps_its_bytes() {
        assert_eq!(form("a {\"é\":1}"), "a%20%7B%22%C3%A9%22%3A1%7D");
    }
}
