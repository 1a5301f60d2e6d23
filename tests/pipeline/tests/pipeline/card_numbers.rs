//! A card number in any field is refused by name, never echoed, and nowhere on disk.

use serde_json::{Value, json};

use crate::stack::{Offer, Stack, found};

/// The number of a test card that every provider publishes, and ways to write it.
const WRITTEN: [&str; 4] =
    ["4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242", "card 4242.4242.4242.4242!"];

/// Every field that holds text.
const FIELDS: [&str; 15] = [
    "/amount",
    "/currency",
    "/appeal",
    "/channel",
    "/payment/provider",
    "/payment/token",
    "/donor/name",
    "/donor/email",
    "/donor/address/line_1",
    "/donor/address/line_2",
    "/donor/address/town",
    "/donor/address/postal_code",
    "/donor/address/country",
    "/gift_aid/wording_version",
    "/payment/number",
];

#[tokio::test]
async fn a_card_number_in_any_field_is_refused_by_name_never_echoed_and_nowhere_on_disk() {
    let mut stack = Stack::start().await;
    for field in FIELDS {
        for number in WRITTEN {
            let offer = Offer::of("5.00").gift_aid().with(field, json!(number));
            let answer = stack.offer(&offer).await;
            assert!(!answer.body.to_string().contains("4242"), "{field}: {answer:?}");
            assert!(matches!(answer.status, 400 | 422), "{field}: {answer:?}");
            assert_eq!(answer.body["field"], field, "{answer:?}");
        }
    }
    let as_a_number = Offer::of("5.00").with("/amount", json!(4_242_424_242_424_242_u64));
    stack.offer(&as_a_number).await.assert_problem(422, "card-data-not-allowed", Some("/amount"));
    let unknown_field = Offer::of("5.00").with("/note", json!({ "about": [WRITTEN[1]] }));
    stack.offer(&unknown_field).await.assert_problem(422, "card-data-not-allowed", Some("/note/about"));
    let mut as_a_key = Offer::of("5.00");
    WRITTEN[2].clone_into(&mut as_a_key.key);
    stack.offer(&as_a_key).await.assert_problem(422, "card-data-not-allowed", Some("Idempotency-Key"));

    let nobody: Vec<Value> = stack.all("stored/donations").await;
    assert!(nobody.is_empty(), "{} donations are stored", nobody.len());
    assert_nowhere(&stack);
    stack.stop().await;
    assert_nowhere(&stack);
}

fn assert_nowhere(stack: &Stack) {
    let files = found::files(stack.folder());
    assert!(files.len() > 10, "{files:?}");
    for file in files {
        let numbers = found::held(&file, WRITTEN);
        assert!(numbers.is_empty(), "{} holds {numbers:?}", file.display());
    }
}
