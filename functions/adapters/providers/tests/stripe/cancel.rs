//! One row per answer to a cancellation: whether the payment can still take money.

use app::ports::{PaymentProvider, Sign};
use domain::ids::ProviderKey;
use domain::payment::{DeclineReason, PaymentOutcome};
use serde_json::{Value, json};

use crate::fixtures::{
    altered, connector, connector_for, created_at, donation, gbp, names, reference, showing, status_of, text,
};
use crate::server::{Act, Server, answer, answering};

const STATE: &str = "error.400.payment_intent_unexpected_state";
const NOT_CALLED_OFF: PaymentOutcome =
    PaymentOutcome::Unknown { reason: "the payment could not be called off" };
const REPLAYED: &str = "idempotent-replayed: true\r\n";

async fn outcome_of(status: u16, headers: &str, body: &str) -> PaymentOutcome {
    let server = answering(status, headers, body);
    connector(&server.url).call_off(&reference(), &ProviderKey::of_cancel(&donation(), 1)).await.said
}

fn cancelled() -> PaymentOutcome {
    PaymentOutcome::Cancelled { reference: reference() }
}

fn captured() -> PaymentOutcome {
    PaymentOutcome::Captured { reference: reference(), amount: gbp(2500), created_at: created_at() }
}

fn processing() -> PaymentOutcome {
    PaymentOutcome::Processing { reference: reference() }
}

/// Stripe's refusal to call off a payment in this state, which comes along.
fn refusal(payment: &str) -> String {
    let payment = serde_json::from_str(&text("answers", payment)).unwrap();
    altered("answers", STATE, "/error/payment_intent", payment)
}

#[tokio::test]
async fn a_payment_that_is_called_off_in_time_is_cancelled() {
    let server = showing("payment_intent.canceled");
    let key = ProviderKey::of_cancel(&donation(), 1);
    let outcome = connector(&server.url).call_off(&reference(), &key).await.said;
    assert_eq!(outcome, cancelled());
    let requests = server.requests();
    let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
    let line = "POST /v1/payment_intents/pi_3Example00000000000001/cancel HTTP/1.1\r\n";
    assert!(head.starts_with(line), "{head}");
    assert!(head.contains("\r\nidempotency-key: adaexampledonation22222222-1-cancel\r\n"), "{head}");
    assert_eq!(body, "cancellation_reason=abandoned");
    let replayed = outcome_of(200, REPLAYED, &text("answers", "payment_intent.canceled")).await;
    assert_eq!(replayed, cancelled());
}

#[tokio::test]
async fn a_payment_that_cannot_be_called_off_is_where_it_stands() {
    for (payment, expected) in [
        ("payment_intent.succeeded", captured()),
        ("payment_intent.canceled", cancelled()),
        ("payment_intent.processing", processing()),
    ] {
        for headers in ["", REPLAYED] {
            assert_eq!(outcome_of(400, headers, &refusal(payment)).await, expected, "{payment} {headers}");
        }
    }
    let reason = DeclineReason::AuthenticationFailed;
    let declined = PaymentOutcome::Declined { reference: Some(reference()), reason };
    let never_tried = refusal("payment_intent.requires_payment_method");
    assert_eq!(outcome_of(400, "", &never_tried).await, declined);
}

#[tokio::test]
async fn no_other_answer_says_what_became_of_the_payment() {
    for name in names("answers").iter().filter(|name| name.starts_with("error.") && *name != STATE) {
        // A decline comes with its payment as well, and says no less than that.
        let is_decline = name.starts_with("error.402.");
        let outcome = outcome_of(status_of(name), "", &text("answers", name)).await;
        assert_eq!(outcome == NOT_CALLED_OFF, !is_decline, "{name}: {outcome:?}");
        let is_declined = matches!(outcome, PaymentOutcome::Declined { .. });
        assert_eq!(is_declined, is_decline, "{name}: {outcome:?}");
    }
    for status in [302, 400, 401, 404, 409, 429, 500, 503] {
        for body in ["", "{}", "<html>a proxy's page</html>"] {
            assert_eq!(outcome_of(status, "", body).await, NOT_CALLED_OFF, "{status} {body}");
        }
    }
    assert_eq!(outcome_of(500, REPLAYED, &text("answers", "error.500.api_error")).await, NOT_CALLED_OFF);
}

#[tokio::test]
async fn a_failing_provider_says_nothing_certain_whatever_comes_along() {
    for status in [500, 502, 503, 504] {
        for payment in ["payment_intent.canceled", "payment_intent.succeeded"] {
            let outcome = outcome_of(status, "", &refusal(payment)).await;
            assert_eq!(outcome, NOT_CALLED_OFF, "{status} {payment}");
        }
    }
}

#[tokio::test]
async fn a_state_that_cannot_be_understood_is_unknown() {
    let unknown = |reason| PaymentOutcome::Unknown { reason };
    for (path, value, expected) in [
        ("/error/payment_intent", Value::Null, NOT_CALLED_OFF),
        ("/error/payment_intent/id", json!("pi_3Other"), NOT_CALLED_OFF),
        ("/error/payment_intent/id", json!(7), NOT_CALLED_OFF),
        ("/error/payment_intent/status", json!("novel"), unknown("the payment's status is not known")),
        ("/error/payment_intent/status", Value::Null, unknown("the payment's status is not known")),
        (
            "/error/payment_intent/amount_received",
            json!(0),
            unknown("money was taken, but how much and when cannot be read"),
        ),
    ] {
        let body = altered("answers", STATE, path, value.clone());
        assert_eq!(outcome_of(400, "", &body).await, expected, "{path} {value}");
    }
}

#[tokio::test]
async fn a_cancellation_counts_only_where_the_payment_says_so() {
    let unknown = |reason| PaymentOutcome::Unknown { reason };
    for (path, value, reason) in [
        ("/id", json!("pi_3Other"), "the provider's answer is about another payment"),
        ("/id", json!(7), "the provider's answer cannot be read"),
        ("/status", json!("cancelled"), "the payment's status is not known"),
        ("/status", Value::Null, "the payment's status is not known"),
    ] {
        let body = altered("answers", "payment_intent.canceled", path, value.clone());
        assert_eq!(outcome_of(200, "", &body).await, unknown(reason), "{path} {value}");
    }
    for body in ["", "{}", "<html>a proxy's page</html>"] {
        assert_eq!(
            outcome_of(200, "", body).await,
            unknown("the provider's answer cannot be read"),
            "{body}"
        );
    }
    for (payment, expected) in [
        ("payment_intent.succeeded", captured()),
        ("payment_intent.processing", processing()),
        ("payment_intent.requires_capture", unknown("the money is held but not taken")),
    ] {
        assert_eq!(outcome_of(200, "", &text("answers", payment)).await, expected, "{payment}");
    }
}

#[tokio::test]
async fn a_lost_answer_to_a_cancellation_leaves_the_outcome_unknown() {
    let whole = answer(200, "", &text("answers", "payment_intent.canceled"));
    let cut = PaymentOutcome::Unknown { reason: "the provider's answer did not arrive whole" };
    let cut_refusal = answer(400, "", &refusal("payment_intent.canceled"))[..400].to_vec();
    for (act, expected) in [
        (Act::CloseUnread, &NOT_CALLED_OFF),
        (Act::Reset, &NOT_CALLED_OFF),
        (Act::WriteAndClose(vec![]), &NOT_CALLED_OFF),
        (Act::WriteAndStall(vec![]), &NOT_CALLED_OFF),
        (Act::WriteAndClose(whole[..whole.len() / 2].to_vec()), &cut),
        (Act::WriteAndClose(cut_refusal), &NOT_CALLED_OFF),
    ] {
        let server = Server::acting([act.clone()]);
        let key = ProviderKey::of_cancel(&donation(), 1);
        let watched = connector_for(&server.url, &act).call_off(&reference(), &key).await;
        assert_eq!((&watched.said, watched.sign), (expected, Sign::Failing), "{act:?}");
        assert!(!watched.again, "{act:?}");
    }
}
