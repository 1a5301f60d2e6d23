use super::{NOW, attributes, message, model};
use crate::{
    Attribute, Attributes, Outgoing, Refusal, Value, digest,
    ident::{Receipt, uuid},
    message::MESSAGE_BYTES_MAX,
};

fn with(name: &str, data_type: &str, value: &str) -> Outgoing {
    let attribute = Attribute { data_type: data_type.to_owned(), value: Value::Text(value.to_owned()) };
    Outgoing { attributes: Attributes::from([(name.to_owned(), attribute)]), ..message("body") }
}

#[test]
fn an_empty_body_is_refused() {
    assert_eq!(message("").check(), Err(Refusal::EmptyBody));
}

#[test]
fn a_mebibyte_is_carried_and_one_byte_more_is_refused() {
    assert_eq!(message(&"x".repeat(MESSAGE_BYTES_MAX)).check(), Ok(()));
    let over = message(&"x".repeat(MESSAGE_BYTES_MAX + 1)).check();
    assert_eq!(over, Err(Refusal::MessageTooLong { bytes: MESSAGE_BYTES_MAX + 1, max: MESSAGE_BYTES_MAX }));
}

#[test]
fn attributes_count_towards_the_bytes_of_a_message() {
    let attributes = attributes(&[("n", "v")]);
    let body = "x".repeat(MESSAGE_BYTES_MAX - "n".len() - "String".len() - "v".len());
    assert_eq!(Outgoing { attributes: attributes.clone(), ..message(&body) }.check(), Ok(()));
    let over = Outgoing { attributes, ..message(&format!("{body}x")) }.check();
    assert!(matches!(over, Err(Refusal::MessageTooLong { .. })));
}

#[test]
fn control_characters_and_non_characters_are_refused() {
    for bad in ["\u{0}", "\u{1b}", "\u{b}", "\u{fffe}", "\u{ffff}"] {
        assert!(matches!(message(bad).check(), Err(Refusal::BadCharacter { .. })), "{bad:?} is refused");
    }
    for good in ["\t\n\r", "£5 für Ada", "\u{fffd}", "\u{10ffff}", "\u{7f}"] {
        assert_eq!(message(good).check(), Ok(()), "{good:?} is carried");
    }
}

#[test]
fn ten_attributes_are_carried_and_eleven_are_refused() {
    let named = |count: usize| {
        let attributes = (0..count).map(|n| (format!("name-{n}"), Attribute::text("v"))).collect();
        Outgoing { attributes, ..message("body") }.check()
    };
    assert_eq!(named(10), Ok(()));
    assert_eq!(named(11), Err(Refusal::TooManyAttributes(11)));
}

#[test]
fn attribute_names_follow_the_rules() {
    for good in ["type", "donation_id", "a.b", "A-1", "aws"] {
        assert_eq!(with(good, "String", "v").check(), Ok(()), "{good}");
    }
    for bad in ["", ".a", "a.", "a..b", "a b", "AWS.x", "amazon.x", "é"] {
        assert!(matches!(with(bad, "String", "v").check(), Err(Refusal::BadAttribute { .. })), "{bad:?}");
    }
}

#[test]
fn attribute_values_fit_their_types() {
    for (data_type, value) in
        [("String", "x"), ("Number", "-12.50"), ("Number.int", "1e3"), ("String.Array", "[]")]
    {
        assert_eq!(with("a", data_type, value).check(), Ok(()), "{data_type} {value}");
    }
    for (data_type, value) in
        [("String", ""), ("Number", "twelve"), ("Number", ""), ("Text", "x"), ("Binary", "x")]
    {
        assert!(
            matches!(with("a", data_type, value).check(), Err(Refusal::BadAttribute { .. })),
            "{data_type} {value}"
        );
    }
    assert!(matches!(with("a", "String", "\u{1}").check(), Err(Refusal::BadCharacter { .. })));
}

#[test]
fn a_delay_of_more_than_fifteen_minutes_is_refused() {
    assert_eq!(Outgoing { delay_seconds: Some(900), ..message("body") }.check(), Ok(()));
    let over = Outgoing { delay_seconds: Some(901), ..message("body") }.check();
    assert_eq!(over, Err(Refusal::OutOfRange { parameter: "DelaySeconds", value: 901, min: 0, max: 900 }));
}

#[test]
fn digests_are_those_that_sqs_computes() {
    assert_eq!(digest::of_body("hello world"), "5eb63bbbe01eeed093cb22bb8f5acdc3");
    let number = |data_type: &str| {
        let value = Value::Text("1493147359900".to_owned());
        Attributes::from([("timestamp".to_owned(), Attribute { data_type: data_type.to_owned(), value })])
    };
    // A known answer of SQS, as client libraries' tests record it.
    assert_eq!(digest::of_attributes(&number("Number")).unwrap(), "235c5c510d26fb653d073faed50ae77c");
    assert_ne!(digest::of_attributes(&number("Number.int")), digest::of_attributes(&number("Number")));
    assert_eq!(digest::of_attributes(&Attributes::new()), None);
}

#[test]
fn the_digest_of_several_attributes_goes_by_name_and_knows_binary() {
    let binary = Attribute { data_type: "Binary".to_owned(), value: Value::Binary(vec![0, 1, 255]) };
    let both = Attributes::from([("b".to_owned(), binary), ("a".to_owned(), Attribute::text("Ada Example"))]);
    assert_eq!(digest::of_attributes(&both).unwrap(), "f37022bcc6b923ec3b79d41ca9e1d6fc");
}

#[test]
fn ids_look_like_uuids_and_never_repeat() {
    let ids: std::collections::BTreeSet<String> = (0..20_000).map(|n| uuid(7, n)).collect();
    assert_eq!(ids.len(), 20_000);
    assert!(ids.iter().all(|id| id.len() == 36 && &id[14..15] == "4" && "89ab".contains(&id[19..20])));
    assert_ne!(uuid(7, 1), uuid(8, 1));
}

#[test]
fn a_receipt_handle_is_read_only_where_it_was_given() {
    let receipt = Receipt { number: 12, receives: 3 };
    let handle = receipt.handle(7, "payments");
    assert_eq!(Receipt::read(&handle, 7, "payments"), Some(receipt));
    assert_eq!(Receipt::read(&handle, 7, "ledger"), None);
    assert_eq!(Receipt::read(&handle, 8, "payments"), None);
    assert_eq!(Receipt::read(&handle.replace("000c", "000d"), 7, "payments"), None);
    assert_eq!(Receipt::read("not a handle", 7, "payments"), None);
}

#[test]
fn a_refused_message_leaves_the_queue_as_it_was() {
    let mut model = model();
    model.send("payments", message(""), NOW).unwrap_err();
    assert_eq!(model.depth("payments", NOW).unwrap().visible, 0);
    assert!(model.take_changes().is_empty());
}
