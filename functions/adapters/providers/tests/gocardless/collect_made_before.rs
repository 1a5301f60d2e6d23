//! The error that means success: the key has made a payment before.

use app::ports::PaymentProvider;
use domain::payment::PaymentOutcome;
use serde_json::{Value, json};

use crate::fixtures::{
    altered, captured, collection, connector, connector_for, names, processing, status_of, taken, text,
    unknown,
};
use crate::server::{Act, Server, answer, open_answer};

const CONFLICT: &str = "error.409.idempotent_creation_conflict";

fn conflict() -> Act {
    Act::WriteAndClose(answer(409, "", &text("answers", CONFLICT)))
}

fn shows(body: &str) -> Act {
    Act::WriteAndClose(answer(200, "", body))
}

async fn outcome_of(acts: impl IntoIterator<Item = Act>) -> PaymentOutcome {
    let server = Server::acting(acts);
    connector(&server.url).collect(&collection()).await.said.outcome
}

#[tokio::test]
async fn a_key_that_made_a_payment_before_leads_to_that_payment() {
    let server = Server::acting([
        Act::Write(open_answer(409, "", &text("answers", CONFLICT))),
        shows(&text("answers", "payment.pending_submission")),
    ]);
    assert_eq!(connector(&server.url).collect(&collection()).await.said.outcome, processing());
    let requests = server.requests();
    let lines: Vec<&str> = requests.iter().map(|request| request.lines().next().unwrap()).collect();
    assert_eq!(lines, ["POST /payments HTTP/1.1", "GET /payments/PM0EXAMPLE0001 HTTP/1.1"]);
    assert!(!requests[1].contains("idempotency-key"), "{}", requests[1]);
}

#[tokio::test]
async fn whatever_became_of_that_payment_is_the_answer() {
    for name in names("answers").iter().filter(|name| name.starts_with("payment.")) {
        let body = text("answers", name);
        let first = outcome_of([Act::WriteAndClose(answer(201, "", &body))]).await;
        assert_eq!(outcome_of([conflict(), shows(&body)]).await, first, "{name}");
    }
    assert_eq!(outcome_of([conflict(), shows(&taken())]).await, captured(2500));
}

#[tokio::test]
async fn a_payment_that_is_somebody_elses_is_not_the_answer() {
    let other = unknown("the provider's answer is about another donation");
    for name in ["payment.confirmed", "payment.cancelled", "payment.failed"] {
        for value in [json!("otherexampledonation222222"), Value::Null] {
            let body = altered("answers", name, "/payments/metadata/donation_id", value);
            assert_eq!(outcome_of([conflict(), shows(&body)]).await, other, "{name}");
        }
    }
    let amount = altered("answers", "payment.submitted", "/payments/amount", json!(9900));
    let another = unknown("the provider's answer is about another amount");
    assert_eq!(outcome_of([conflict(), shows(&amount)]).await, another);
    let id = altered("answers", "payment.confirmed", "/payments/id", json!("PM0EXAMPLE0002"));
    let payment = unknown("the provider's answer is about another payment");
    assert_eq!(outcome_of([conflict(), shows(&id)]).await, payment);
}

/// The payment exists: nothing that goes wrong while it is read may be taken for "not executed" or "rejected".
#[tokio::test]
async fn a_payment_that_cannot_be_read_now_leaves_the_outcome_unknown() {
    for name in names("answers").iter().filter(|name| name.starts_with("error.")) {
        let error = Act::WriteAndClose(answer(status_of(name), "", &text("answers", name)));
        let outcome = outcome_of([conflict(), error]).await;
        assert_eq!(outcome, unknown("the provider did not show the payment"), "{name}");
    }
    let half = answer(200, "", &taken())[..300].to_vec();
    let late = unknown("the payment that the key made could not be read");
    for (act, expected) in [
        (Act::CloseUnread, late.clone()),
        (Act::Reset, late.clone()),
        (Act::WriteAndStall(vec![]), late),
        (Act::WriteAndClose(half), unknown("the provider's answer did not arrive whole")),
        (shows("<html>a proxy's page</html>"), unknown("the provider's answer cannot be read")),
        (shows(&text("answers", "payments.list.empty")), unknown("the provider's answer cannot be read")),
    ] {
        let acts = [conflict(), act.clone()];
        let server = Server::acting(acts.clone());
        let outcome = connector_for(&server.url, &acts).collect(&collection()).await.said.outcome;
        assert_eq!(outcome, expected, "{act:?}");
    }
}

#[tokio::test]
async fn a_conflict_that_does_not_name_one_payment_is_unknown() {
    let nameless = unknown("the key has made a payment that the provider does not name");
    for value in [json!({}), Value::Null, json!({ "conflicting_resource_id": "" })] {
        let body = altered("answers", CONFLICT, "/error/errors/0/links", value.clone());
        let outcome = outcome_of([Act::WriteAndClose(answer(409, "", &body))]).await;
        assert_eq!(outcome, nameless, "{value}");
    }
    let reason = |id: &str| {
        let links = json!({ "conflicting_resource_id": id });
        json!({ "reason": "idempotent_creation_conflict", "links": links })
    };
    let two = json!([reason("PM0EXAMPLE0001"), reason("PM0EXAMPLE0002")]);
    let body = altered("answers", CONFLICT, "/error/errors", two);
    assert_eq!(outcome_of([Act::WriteAndClose(answer(409, "", &body))]).await, nameless);
}
