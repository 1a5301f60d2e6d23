//! One row per answer to a refund request: what it says about the money.

use app::ports::{Fault, PaymentProvider, RefundOrder};
use domain::ids::{ProviderKey, RefundId};
use domain::takings::{RefundNews, RefundOutcome, RefundReason, RefundStatus};
use serde_json::{Value, json};

use crate::fixtures::{
    altered, connector, connector_for, donation, gbp, id, names, reference, status_of, text,
};
use crate::server::{Act, Server, answer, answering, open_answer};

const OURS: &str = "rf_0123456789abcdef01234567";
const CONFLICT: &str = "error.409.idempotent_creation_conflict";
const NOT_A_REFUND: RefundOutcome = unknown("the provider's answer cannot be read");

fn ours() -> RefundId {
    RefundId::parse(OURS).unwrap()
}

fn request() -> RefundOrder {
    RefundOrder {
        refund: ours(),
        donation: donation(),
        payment: reference(),
        amount: gbp(1000),
        total: gbp(1500),
        reason: RefundReason::RequestedByDonor,
        key: ProviderKey::of_refund(&ours(), 1),
    }
}

const fn unknown(reason: &'static str) -> RefundOutcome {
    RefundOutcome::Unknown { reason }
}

fn news(status: RefundStatus) -> RefundNews {
    let (id, payment, reference) = (Some(ours()), reference(), id("RF0EXAMPLE0001"));
    RefundNews { id, reference, payment, amount: gbp(1000), status }
}

fn known(status: RefundStatus) -> RefundOutcome {
    RefundOutcome::Known(news(status))
}

fn shows(status: u16, body: &str) -> Act {
    Act::WriteAndClose(answer(status, "", body))
}

/// The conflict of keys, about the refund that the key has made.
fn conflict() -> Act {
    shows(409, &text("answers", CONFLICT).replace("PM0EXAMPLE0001", "RF0EXAMPLE0001"))
}

async fn outcome_of(acts: impl IntoIterator<Item = Act>) -> RefundOutcome {
    let acts: Vec<Act> = acts.into_iter().collect();
    let server = Server::acting(acts.clone());
    connector_for(&server.url, &acts).refund(&request()).await.said
}

/// What each kept answer means to whoever asked for the refund; whatever is not here is no refund.
fn expected(name: &str) -> RefundOutcome {
    let rejected = |code: &str| RefundOutcome::Rejected { code: code.to_owned() };
    let not_executed = |reason| RefundOutcome::NotExecuted { reason };
    let state = unknown("the provider objects to a state that is not known");
    match name {
        "error.400.link_not_found" => rejected("invalid_api_usage.link_not_found"),
        "error.400.missing_version_header" => rejected("invalid_api_usage.missing_version_header"),
        "error.401.access_token_not_found" | "error.403.insufficient_permissions" => {
            not_executed("the provider refuses our API key")
        }
        "error.404.resource_not_found" => rejected("invalid_api_usage.resource_not_found"),
        CONFLICT => unknown("the refund that the key made could not be read"),
        "error.422.available_refund_amount_insufficient" => {
            not_executed("the provider holds too little for the refund")
        }
        "error.422.cancellation_failed" | "error.422.mandate_is_inactive" | "error.422.mandate_replaced" => {
            state
        }
        "error.422.total_amount_confirmation_invalid" => {
            unknown("the provider's books have other refunds of the payment than ours")
        }
        "error.422.validation_failed" => rejected("validation_failed.amount"),
        "error.429.rate_limit_exceeded" => not_executed("the provider asks for fewer requests"),
        "error.500.internal_server_error" => unknown("the provider failed"),
        "refund.created" | "refund.pending_submission" | "refund.submitted" => known(RefundStatus::Pending),
        "refund.paid" => known(RefundStatus::Succeeded),
        "refund.bounced" | "refund.cancelled" | "refund.funds_returned" => known(RefundStatus::Failed),
        _ => NOT_A_REFUND,
    }
}

#[tokio::test]
async fn each_kept_answer_means_what_it_says_to_whoever_asked_for_a_refund() {
    for name in names("answers") {
        let first = shows(status_of(&name), &text("answers", &name));
        let outcome = outcome_of([first, Act::CloseUnread]).await;
        assert_eq!(outcome, expected(&name), "{name}");
        assert_eq!(
            outcome == NOT_A_REFUND,
            !name.starts_with("error.") && !name.starts_with("refund."),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_refund_is_asked_for_with_the_total_that_our_books_expect() {
    let server = answering(201, "", &text("answers", "refund.created"));
    connector(&server.url).refund(&request()).await;
    let requests = server.requests();
    let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /refunds HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("\r\nidempotency-key: rf_0123456789abcdef01234567-1"), "{head}");
    assert_eq!(
        body,
        "{\"refunds\":{\"amount\":1000,\"links\":{\"payment\":\"PM0EXAMPLE0001\"},\"metadata\":\
         {\"donation_id\":\"adaexampledonation22222222\",\"refund_id\":\"rf_0123456789abcdef01234567\"},\
         \"total_amount_confirmation\":1500}}"
    );
}

#[tokio::test]
async fn a_key_that_made_a_refund_before_leads_to_that_refund() {
    let server = Server::acting([
        Act::Write(open_answer(409, "", &text("answers", CONFLICT).replace("PM0EXAMPLE", "RF0EXAMPLE"))),
        shows(200, &text("answers", "refund.paid")),
    ]);
    assert_eq!(connector(&server.url).refund(&request()).await.said, known(RefundStatus::Succeeded));
    let requests = server.requests();
    assert!(requests[1].starts_with("GET /refunds/RF0EXAMPLE0001 HTTP/1.1\r\n"), "{}", requests[1]);
    for name in names("answers").iter().filter(|name| name.starts_with("error.")) {
        let outcome = outcome_of([conflict(), shows(status_of(name), &text("answers", name))]).await;
        assert_eq!(outcome, unknown("the refund that the key made could not be read"), "{name}");
    }
    let nameless = altered("answers", CONFLICT, "/error/errors/0/links", json!({}));
    let nobody = unknown("the key has made a refund that the provider does not name");
    assert_eq!(outcome_of([shows(409, &nameless)]).await, nobody);
}

#[tokio::test]
async fn a_refund_that_is_not_the_one_asked_for_is_not_the_answer() {
    let other = unknown("the provider's answer is about another refund");
    for (path, value) in [
        ("/refunds/metadata/refund_id", json!("rf_somebody_elses")),
        ("/refunds/metadata", json!({})),
        ("/refunds/amount", json!(999)),
        ("/refunds/currency", json!("EUR")),
        ("/refunds/links/payment", json!("PM0EXAMPLE0002")),
    ] {
        let body = altered("answers", "refund.paid", path, value.clone());
        assert_eq!(outcome_of([shows(201, &body)]).await, other, "{path} {value}");
        assert_eq!(outcome_of([conflict(), shows(200, &body)]).await, other, "{path} {value}");
    }
}

#[tokio::test]
async fn a_refund_that_cannot_be_understood_is_unknown() {
    for (path, value, reason) in [
        ("/refunds/status", json!("novel"), "the refund's status is not known"),
        ("/refunds/status", Value::Null, "the refund's status is not known"),
        ("/refunds/amount", json!(0), "the refund's amount cannot be read"),
        ("/refunds/currency", json!("ZZZ"), "the refund's amount cannot be read"),
        ("/refunds/links", json!({}), "the refund is of no payment"),
        ("/refunds/id", json!("é"), "the refund's id is not of a known form"),
    ] {
        let body = altered("answers", "refund.paid", path, value.clone());
        assert_eq!(outcome_of([shows(201, &body)]).await, unknown(reason), "{path} {value}");
    }
    for reason in ["number_of_refunds_exceeded", "refund_payment_invalid_state", "refund_is_unreachable"] {
        let name = "error.422.total_amount_confirmation_invalid";
        let body = altered("answers", name, "/error/errors/0/reason", json!(reason));
        let code = format!("invalid_state.{reason}");
        assert_eq!(outcome_of([shows(422, &body)]).await, RefundOutcome::Rejected { code });
    }
}

#[tokio::test]
async fn a_lost_answer_to_a_refund_request_is_unknown() {
    let half = answer(201, "", &text("answers", "refund.paid"))[..200].to_vec();
    for (act, reason) in [
        (Act::CloseUnread, "the connection was lost"),
        (Act::Reset, "the connection was lost"),
        (Act::WriteAndStall(vec![]), "the provider did not answer in time"),
        (Act::WriteAndClose(half), "the provider's answer did not arrive whole"),
        (shows(201, "<html>a proxy's page</html>"), "the provider's answer cannot be read"),
    ] {
        assert_eq!(outcome_of([act.clone()]).await, unknown(reason), "{act:?}");
    }
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind((std::net::Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    let reason = "no connection to the provider";
    assert_eq!(connector(&url).refund(&request()).await.said, RefundOutcome::NotExecuted { reason });
}

async fn found(body: &str) -> Result<Option<RefundNews>, Fault> {
    let server = answering(200, "", body);
    let found = connector(&server.url).find_refund(&reference(), &ours()).await.said;
    assert!(server.requests()[0].starts_with("GET /refunds?payment=PM0EXAMPLE0001&limit=500 HTTP/1.1\r\n"));
    found
}

#[tokio::test]
async fn our_refund_is_found_among_those_of_its_payment() {
    let list = text("answers", "refunds.list");
    assert_eq!(found(&list).await.unwrap(), Some(news(RefundStatus::Succeeded)));
    assert_eq!(found(&text("answers", "refunds.list.empty")).await.unwrap(), None);
    let others = altered("answers", "refunds.list", "/refunds/1/metadata", json!({}));
    assert_eq!(found(&others).await.unwrap(), None);
    let strange = altered("answers", "refunds.list", "/refunds/1/status", json!("novel"));
    let fault = found(&strange).await.unwrap_err();
    assert!(fault.chain().contains("status is not known"), "{}", fault.chain());
    assert!(found(&text("answers", "payments.list.empty")).await.is_err());
}
