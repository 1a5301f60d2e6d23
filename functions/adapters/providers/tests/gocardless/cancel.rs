use app::ports::{Fault, PaymentProvider};
use domain::ids::ProviderKey;
use domain::payment::PaymentOutcome;
use serde_json::{Value, json};

use crate::fixtures::{
    altered, captured, connector, connector_for, donation, names, processing, reference, status_of, taken,
    text, unknown,
};
use crate::server::{Act, Server, answer, answering};

fn key() -> ProviderKey {
    ProviderKey::of_attempt(&donation(), 1)
}

fn shows(status: u16, name: &str) -> Act {
    Act::WriteAndClose(answer(status, "", &text("answers", name)))
}

async fn outcome_of(acts: impl IntoIterator<Item = Act>) -> PaymentOutcome {
    let acts: Vec<Act> = acts.into_iter().collect();
    let server = Server::acting(acts.clone());
    connector_for(&server.url, &acts).call_off(&reference(), &key()).await.said
}

#[tokio::test]
async fn a_payment_that_is_called_off_in_time_is_cancelled() {
    let server = answering(200, "", &text("answers", "payment.cancelled"));
    let outcome = connector(&server.url).call_off(&reference(), &key()).await.said;
    assert_eq!(outcome, PaymentOutcome::Cancelled { reference: reference() });
    let requests = server.requests();
    let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /payments/PM0EXAMPLE0001/actions/cancel HTTP/1.1\r\n"), "{head}");
    assert_eq!(body, "{\"data\":{}}");
}

#[tokio::test]
async fn a_payment_that_cannot_be_called_off_is_where_it_stands() {
    for name in names("answers").iter().filter(|name| name.starts_with("error.4")) {
        let outcome = outcome_of([shows(status_of(name), name), shows(200, "payment.confirmed")]).await;
        match status_of(name) {
            401 | 403 | 429 => assert!(matches!(outcome, PaymentOutcome::NotExecuted { .. }), "{name}"),
            _ => assert_eq!(outcome, captured(2500), "{name}"),
        }
    }
    let late = "error.422.cancellation_failed";
    assert_eq!(outcome_of([shows(422, late), shows(200, "payment.submitted")]).await, processing());
    let silent = outcome_of([shows(422, late), Act::CloseUnread]).await;
    assert_eq!(silent, unknown("the provider could not be asked"));
}

#[tokio::test]
async fn a_lost_answer_to_a_cancellation_leaves_the_outcome_unknown() {
    for act in [Act::CloseUnread, Act::Reset, Act::WriteAndStall(vec![])] {
        let outcome = outcome_of([act.clone()]).await;
        assert!(matches!(outcome, PaymentOutcome::Unknown { .. }), "{act:?}: {outcome:?}");
    }
    let server_error = outcome_of([shows(500, "error.500.internal_server_error"), Act::CloseUnread]).await;
    assert_eq!(server_error, unknown("the provider could not be asked"));
}

#[tokio::test]
async fn the_donation_of_a_payment_is_the_one_that_it_names() {
    let named = connector(&answering(200, "", &taken()).url).donation_of(&reference()).await.said.unwrap();
    assert_eq!(named, Some(donation()));
    for value in [json!({}), Value::Null, json!({ "donation_id": "of-another-system" })] {
        let body = altered("answers", "payment.confirmed", "/payments/metadata", value.clone());
        let nobody = connector(&answering(200, "", &body).url).donation_of(&reference()).await.said.unwrap();
        assert_eq!(nobody, None, "{value}");
    }
    let not_there = text("answers", "error.404.resource_not_found");
    let none = connector(&answering(404, "", &not_there).url).donation_of(&reference()).await.said.unwrap();
    assert_eq!(none, None, "GoCardless says that there is no such payment");
    let other = altered("answers", "payment.confirmed", "/payments/id", json!("PM0OTHER"));
    for (status, body) in [(200, other.as_str()), (404, ""), (500, ""), (200, "{}")] {
        let fault =
            connector(&answering(status, "", body).url).donation_of(&reference()).await.said.unwrap_err();
        assert!(matches!(fault, Fault::Transient { .. }), "{status} {}", fault.chain());
    }
}
