use app::ports::PaymentProvider;
use domain::payment::{DeclineReason, PaymentOutcome};
use serde_json::json;

use crate::fixtures::{
    altered, captured, connector, events_of, id, impatient_connector, names, reference, status_of, taken,
    text, unknown,
};
use crate::server::{Act, Server, answer, answering};

#[tokio::test]
async fn a_payment_is_looked_up_by_its_id() {
    let server = answering(200, "", &taken());
    assert_eq!(connector(&server.url).look_up(&reference()).await.said, captured(2500));
    let requests = server.requests();
    assert!(requests[0].starts_with("GET /payments/PM0EXAMPLE0001 HTTP/1.1\r\n"));
    assert!(requests[0].contains("\r\ngocardless-version: 2015-07-06\r\n"));
    assert!(!requests[0].contains("idempotency-key"));
}

#[tokio::test]
async fn a_reference_cannot_leave_its_place_in_the_path() {
    let server = answering(200, "", &taken());
    let outcome = connector(&server.url).look_up(&id("PM1/../../refunds?x=1#y%2e")).await.said;
    assert_eq!(outcome, unknown("the provider's answer is about another payment"));
    let line = server.requests()[0].lines().next().unwrap().to_owned();
    assert_eq!(line, "GET /payments/PM1%2F..%2F..%2Frefunds%3Fx=1%23y%252e HTTP/1.1");
}

async fn failed(events: Act) -> (PaymentOutcome, Vec<String>) {
    let payment = Act::WriteAndClose(answer(200, "", &text("answers", "payment.failed")));
    let server = Server::acting([payment, events]);
    let outcome = connector(&server.url).look_up(&reference()).await.said;
    (outcome, server.requests())
}

#[tokio::test]
async fn a_payment_that_the_bank_refused_is_a_decline_unless_its_money_was_there_before() {
    let of_ours = ("payment", "PM0EXAMPLE0001");
    let declined = PaymentOutcome::Declined { reference: Some(reference()), reason: DeclineReason::Refused };
    let (outcome, requests) = failed(events_of(of_ours, &["created", "submitted", "failed"])).await;
    assert_eq!(outcome, declined);
    assert!(requests[1].starts_with("GET /events?payment=PM0EXAMPLE0001&limit=500 HTTP/1.1\r\n"));
    let late = ["created", "submitted", "confirmed", "paid_out", "failed"];
    assert_eq!(failed(events_of(of_ours, &late)).await.0, captured(2500));
    let unread = unknown("whether the money was ever there could not be read");
    assert_eq!(failed(Act::CloseUnread).await.0, unread);
}

#[tokio::test]
async fn a_payment_that_was_charged_back_was_captured_before() {
    let server = answering(200, "", &text("answers", "payment.charged_back"));
    assert_eq!(connector(&server.url).look_up(&reference()).await.said, captured(2500));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn no_error_and_no_silence_says_anything_about_the_payment() {
    for name in names("answers").iter().filter(|name| name.starts_with("error.")) {
        let server = answering(status_of(name), "", &text("answers", name));
        let outcome = connector(&server.url).look_up(&reference()).await.said;
        assert_eq!(outcome, unknown("the provider did not show the payment"), "{name}");
    }
    for act in [Act::CloseUnread, Act::WriteAndClose(vec![]), Act::WriteAndStall(vec![])] {
        let server = Server::acting([act.clone()]);
        let outcome = impatient_connector(&server.url).look_up(&reference()).await.said;
        assert_eq!(outcome, unknown("the provider could not be asked"), "{act:?}");
    }
}

#[tokio::test]
async fn an_answer_about_another_payment_is_unknown() {
    let body = altered("answers", "payment.confirmed", "/payments/id", json!("PM0OTHER"));
    let server = answering(200, "", &body);
    let outcome = connector(&server.url).look_up(&reference()).await.said;
    assert_eq!(outcome, unknown("the provider's answer is about another payment"));
}
