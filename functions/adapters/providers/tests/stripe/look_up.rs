use app::ports::PaymentProvider;
use domain::ids::ProviderReference;
use domain::payment::{DeclineReason, PaymentOutcome};
use serde_json::json;

use crate::fixtures::{altered, connector, created_at, gbp, impatient_connector, names, reference, text};
use crate::server::{Act, Server, answering};

#[tokio::test]
async fn a_payment_is_looked_up_by_its_id() {
    let server = answering(200, "", &text("answers", "payment_intent.succeeded"));
    let outcome = connector(&server.url).look_up(&reference()).await.said;
    let found =
        PaymentOutcome::Captured { reference: reference(), amount: gbp(2500), created_at: created_at() };
    assert_eq!(outcome, found);
    let requests = server.requests();
    assert!(requests[0].starts_with("GET /v1/payment_intents/pi_3Example00000000000001 HTTP/1.1\r\n"));
    assert!(!requests[0].contains("idempotency-key"));
}

#[tokio::test]
async fn a_reference_cannot_leave_its_place_in_the_path() {
    let strange = ProviderReference::parse("pi_1/../../v1/refunds?x=1#y%2e").unwrap();
    let server = answering(200, "", &text("answers", "payment_intent.succeeded"));
    let outcome = connector(&server.url).look_up(&strange).await.said;
    assert_eq!(outcome, PaymentOutcome::Unknown { reason: "the provider's answer is about another payment" });
    let line = server.requests()[0].lines().next().unwrap().to_owned();
    assert_eq!(line, "GET /v1/payment_intents/pi_1%2F..%2F..%2Fv1%2Frefunds%3Fx=1%23y%252e HTTP/1.1");
}

#[tokio::test]
async fn a_failed_confirmation_is_a_decline() {
    let server = answering(200, "", &text("answers", "payment_intent.requires_payment_method"));
    let reason = DeclineReason::AuthenticationFailed;
    let expected = PaymentOutcome::Declined { reference: Some(reference()), reason };
    assert_eq!(connector(&server.url).look_up(&reference()).await.said, expected);
}

#[tokio::test]
async fn no_error_and_no_silence_says_anything_about_the_payment() {
    for name in names("answers").iter().filter(|name| name.starts_with("error.")) {
        let server = answering(name[6..9].parse().unwrap(), "", &text("answers", name));
        let outcome = connector(&server.url).look_up(&reference()).await.said;
        let reason = "the provider did not show the payment";
        assert_eq!(outcome, PaymentOutcome::Unknown { reason }, "{name}");
    }
    for act in [Act::CloseUnread, Act::WriteAndClose(vec![]), Act::WriteAndStall(vec![])] {
        let server = Server::acting([act.clone()]);
        let outcome = impatient_connector(&server.url).look_up(&reference()).await.said;
        let reason = "the provider could not be asked";
        assert_eq!(outcome, PaymentOutcome::Unknown { reason }, "{act:?}");
    }
}

#[tokio::test]
async fn an_answer_about_another_payment_is_unknown() {
    let body = altered("answers", "payment_intent.succeeded", "/id", json!("pi_3Other"));
    let server = answering(200, "", &body);
    let reason = "the provider's answer is about another payment";
    assert_eq!(connector(&server.url).look_up(&reference()).await.said, PaymentOutcome::Unknown { reason });
}
