//! One row per answer to a refund request: what it says about the money.

use app::ports::{PaymentProvider, RefundOrder, Sign};
use domain::ids::{ProviderKey, RefundId};
use domain::money::Money;
use domain::takings::{RefundNews, RefundOutcome, RefundReason, RefundStatus};
use serde_json::{Value, json};

use crate::fixtures::{
    altered, connector, connector_for, donation, gbp, id, money, names, reference, showing, status_of, text,
};
use crate::server::{Act, Server, answer, answering};

const BUSY: RefundOutcome = not_executed("the provider is busy with the same key or payment");
const CUT: RefundOutcome = unknown("the provider's answer did not arrive whole");
const FAILED: RefundOutcome = unknown("the provider failed");
const NOT_A_REFUND: RefundOutcome = unknown("the provider's answer cannot be read");
const OTHER: RefundOutcome = unknown("the provider's answer is about another refund");
const REFUSED_KEY: RefundOutcome = not_executed("the provider refuses our API key");
const SLOWER: RefundOutcome = not_executed("the provider asks for fewer requests");
const UNREADABLE_ERROR: RefundOutcome = unknown("the provider's error cannot be read");

const NO_RETRY: &str = "stripe-should-retry: false\r\n";
const REPLAYED: &str = "idempotent-replayed: true\r\n";
const RETRY: &str = "stripe-should-retry: true\r\n";

pub(crate) fn ours() -> RefundId {
    RefundId::parse("rf_0123456789abcdef01234567").unwrap()
}

pub(crate) fn order(reason: RefundReason) -> RefundOrder {
    RefundOrder {
        refund: ours(),
        donation: donation(),
        payment: reference(),
        amount: gbp(1000),
        total: gbp(1500),
        reason,
        key: ProviderKey::of_refund(&ours(), 1),
    }
}

pub(crate) const fn unknown(reason: &'static str) -> RefundOutcome {
    RefundOutcome::Unknown { reason }
}

const fn not_executed(reason: &'static str) -> RefundOutcome {
    RefundOutcome::NotExecuted { reason }
}

fn rejected(code: &str) -> RefundOutcome {
    RefundOutcome::Rejected { code: code.to_owned() }
}

/// What is known of the refund that is kept.
pub(crate) fn news(status: RefundStatus) -> RefundNews {
    let (id, payment, reference) = (Some(ours()), reference(), id("re_3Example00000000000001"));
    RefundNews { id, reference, payment, amount: gbp(1000), status }
}

pub(crate) fn known(status: RefundStatus) -> RefundOutcome {
    RefundOutcome::Known(news(status))
}

async fn outcome_of(status: u16, headers: &str, body: &str) -> RefundOutcome {
    let server = answering(status, headers, body);
    connector(&server.url).refund(&order(RefundReason::RequestedByDonor)).await.said
}

async fn outcome_with(name: &str, path: &str, value: Value) -> RefundOutcome {
    outcome_of(status_of(name), "", &altered("answers", name, path, value)).await
}

/// What each kept answer means to whoever asked for the refund; whatever is not here is no refund.
fn expected(name: &str) -> RefundOutcome {
    match name {
        "error.400.amount_too_small" => rejected("amount_too_small"),
        "error.400.charge_already_refunded" => rejected("charge_already_refunded"),
        "error.400.idempotency_error" => unknown("the key was used before with another request"),
        "error.400.payment_intent_unexpected_state" => rejected("payment_intent_unexpected_state"),
        "error.400.payment_method_missing"
        | "error.404.dispute_missing"
        | "error.404.payment_intent_missing"
        | "error.404.refund_missing" => rejected("resource_missing"),
        "error.400.unknown_parameter" => rejected("parameter_unknown"),
        "error.401.api_key_invalid" | "error.403.permission" => REFUSED_KEY,
        "error.402.expired_card" | "error.402.insufficient_funds" | "error.402.stolen_card" => {
            unknown("the provider's error is not known")
        }
        "error.404.no_such_path" => rejected("invalid_request_error"),
        "error.409.idempotency_key_in_use" => BUSY,
        "error.429.lock_timeout" | "error.429.rate_limit" => SLOWER,
        "error.500.api_error" => FAILED,
        "refund.pending" | "refund.requires_action" => known(RefundStatus::Pending),
        "refund.succeeded" => known(RefundStatus::Succeeded),
        "refund.canceled" | "refund.failed" => known(RefundStatus::Failed),
        _ => NOT_A_REFUND,
    }
}

#[tokio::test]
async fn each_kept_answer_means_what_it_says_to_whoever_asked_for_a_refund() {
    for name in names("answers") {
        let server = showing(&name);
        let outcome = connector(&server.url).refund(&order(RefundReason::RequestedByDonor)).await.said;
        assert_eq!(outcome, expected(&name), "{name}");
        let is_named = name.starts_with("error.") || name.starts_with("refund.");
        assert_eq!(outcome == NOT_A_REFUND, !is_named, "{name}");
    }
}

#[tokio::test]
async fn a_refund_is_asked_for_under_its_key_with_all_that_names_it() {
    for (reason, written) in [
        (RefundReason::Duplicate, "&reason=duplicate"),
        (RefundReason::Fraudulent, "&reason=fraudulent"),
        (RefundReason::RequestedByDonor, "&reason=requested_by_customer"),
        (RefundReason::MadeAtProvider, ""),
    ] {
        let server = showing("refund.pending");
        connector(&server.url).refund(&order(reason)).await;
        let requests = server.requests();
        let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /v1/refunds HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("\r\nidempotency-key: rf_0123456789abcdef01234567-1\r\n"), "{head}");
        assert!(head.contains("\r\ncontent-type: application/x-www-form-urlencoded\r\n"), "{head}");
        assert!(head.contains("\r\nstripe-version: 2026-10-28.endive\r\n"), "{head}");
        let named = "payment_intent=pi_3Example00000000000001&amount=1000\
                     &metadata%5Brefund_id%5D=rf_0123456789abcdef01234567\
                     &metadata%5Bdonation_id%5D=adaexampledonation22222222";
        assert_eq!(body, format!("{named}{written}"), "the total is for providers that want it");
        assert_eq!(requests.len(), 1);
    }
}

#[tokio::test]
async fn a_refund_that_is_not_the_one_asked_for_is_not_the_answer() {
    for (path, value) in [
        ("/metadata/refund_id", json!("rf_fedcba9876543210fedcba98")),
        ("/metadata/refund_id", json!("of-another-system")),
        ("/metadata", json!({})),
        ("/metadata", Value::Null),
        ("/payment_intent", json!("pi_3Example00000000000007")),
    ] {
        for name in ["refund.succeeded", "refund.pending", "refund.failed"] {
            assert_eq!(outcome_with(name, path, value.clone()).await, OTHER, "{name} {path} {value}");
        }
    }
}

#[tokio::test]
async fn another_amount_is_reported_as_it_left() {
    for (path, value, amount) in [
        ("/amount", json!(999), gbp(999)),
        ("/currency", json!("eur"), money(1000, "EUR")),
        ("/currency", json!("jpy"), money(1000, "JPY")),
    ] {
        let left = |amount: Money| RefundNews { amount, ..news(RefundStatus::Succeeded) };
        let outcome = outcome_with("refund.succeeded", path, value).await;
        assert_eq!(outcome, RefundOutcome::Known(left(amount)));
    }
}

#[tokio::test]
async fn a_refund_that_cannot_be_understood_is_unknown() {
    for (path, value) in [
        ("/status", json!("novel")),
        ("/status", json!("Succeeded")),
        ("/status", json!("")),
        ("/status", Value::Null),
        ("/amount", json!(0)),
        ("/amount", json!(-1000)),
        ("/amount", json!("1000")),
        ("/amount", json!(u64::MAX)),
        ("/amount", Value::Null),
        ("/currency", json!("zzz")),
        ("/currency", Value::Null),
        ("/payment_intent", Value::Null),
        ("/payment_intent", json!("")),
        ("/id", json!("é")),
        ("/id", json!(7)),
    ] {
        let outcome = outcome_with("refund.succeeded", path, value.clone()).await;
        assert_eq!(outcome, NOT_A_REFUND, "{path} {value}");
    }
    for body in ["", "{}", "[]", "null", "<html>a proxy's page</html>"] {
        for status in [200, 201, 299] {
            assert_eq!(outcome_of(status, "", body).await, NOT_A_REFUND, "{status} {body}");
        }
        for status in [302, 400, 402, 404, 409, 422] {
            assert_eq!(outcome_of(status, "", body).await, UNREADABLE_ERROR, "{status} {body}");
        }
    }
}

#[tokio::test]
async fn the_status_alone_decides_where_the_body_says_nothing() {
    for body in ["", "<html>a proxy's page</html>"] {
        for status in [401, 403] {
            assert_eq!(outcome_of(status, "", body).await, REFUSED_KEY, "{status}");
        }
        assert_eq!(outcome_of(429, "", body).await, SLOWER);
        for status in [500, 502, 503, 504, 599] {
            assert_eq!(outcome_of(status, "", body).await, FAILED, "{status}");
        }
    }
}

#[tokio::test]
async fn a_server_error_never_says_that_no_money_left() {
    for body in ["error.500.api_error", "error.400.charge_already_refunded", "refund.failed"] {
        for status in [500, 502, 503, 504] {
            for headers in ["", RETRY, NO_RETRY, REPLAYED] {
                let outcome = outcome_of(status, headers, &text("answers", body)).await;
                assert_eq!(outcome, FAILED, "{status} {body} {headers}");
            }
        }
    }
}

#[tokio::test]
async fn what_the_provider_says_about_a_retry_never_makes_an_outcome_more_certain() {
    let rejection = text("answers", "error.400.charge_already_refunded");
    assert_eq!(outcome_of(400, RETRY, &rejection).await, unknown("the provider asks for a retry"));
    assert_eq!(outcome_of(400, NO_RETRY, &rejection).await, rejected("charge_already_refunded"));
    for (name, status, expected) in [
        ("error.409.idempotency_key_in_use", 409, BUSY),
        ("error.429.lock_timeout", 429, SLOWER),
        ("error.429.rate_limit", 429, SLOWER),
    ] {
        for headers in ["", RETRY, NO_RETRY] {
            let server = answering(status, headers, &text("answers", name));
            let watched = connector(&server.url).refund(&order(RefundReason::Duplicate)).await;
            assert_eq!(watched.said, expected, "{name} {headers}");
            assert_eq!(watched.again, headers != NO_RETRY, "{name} {headers}");
        }
    }
    let lock = answering(429, "", &text("answers", "error.429.lock_timeout"));
    let watched = connector(&lock.url).refund(&order(RefundReason::Duplicate)).await;
    assert_eq!(watched.sign, Sign::Well, "one busy payment slows nobody else down");
}

#[tokio::test]
async fn a_stored_answer_that_is_replayed_means_the_same() {
    for name in ["refund.pending", "refund.succeeded", "error.400.charge_already_refunded"] {
        let outcome = outcome_of(status_of(name), REPLAYED, &text("answers", name)).await;
        assert_eq!(outcome, expected(name), "{name}");
    }
}

#[tokio::test]
async fn an_error_of_an_unknown_kind_is_unknown() {
    let name = "error.400.charge_already_refunded";
    for kind in [json!("api_error"), json!("card_error"), json!("novel_error"), Value::Null] {
        let outcome = outcome_with(name, "/error/type", kind.clone()).await;
        assert_eq!(outcome, unknown("the provider's error is not known"), "{kind}");
    }
    assert_eq!(outcome_with(name, "/error/code", Value::Null).await, rejected("invalid_request_error"));
    let donor = outcome_with(name, "/error/code", json!("Ada Example's card 4242")).await;
    assert_eq!(donor, rejected("(unprintable)"), "what could hold anything is not repeated");
}

#[tokio::test]
async fn a_lost_answer_to_a_refund_request_is_unknown() {
    let whole = answer(200, "", &text("answers", "refund.succeeded"));
    let cut_error = answer(400, "", &text("answers", "error.400.charge_already_refunded"))[..150].to_vec();
    for (act, expected) in [
        (Act::CloseUnread, unknown("the connection was lost")),
        (Act::Reset, unknown("the connection was lost")),
        (Act::WriteAndClose(vec![]), unknown("the connection was lost")),
        (Act::WriteAndClose(b"SSH-2.0-example\r\n".to_vec()), unknown("the connection was lost")),
        (Act::WriteAndClose(whole[..whole.len() / 2].to_vec()), CUT),
        (Act::WriteAndClose(cut_error), CUT),
        (Act::WriteAndStall(vec![]), unknown("the provider did not answer in time")),
        (Act::WriteAndStall(whole[..whole.len() / 2].to_vec()), CUT),
    ] {
        let server = Server::acting([act.clone()]);
        let watched = connector_for(&server.url, &act).refund(&order(RefundReason::Duplicate)).await;
        assert_eq!(watched.said, expected, "{act:?}");
        assert_eq!((watched.sign, watched.again), (Sign::Failing, false), "{act:?}");
    }
}

#[tokio::test]
async fn a_port_that_nobody_listens_on_was_sent_no_refund() {
    // Bound and not listening, so that no other test is given the port meanwhile.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind((std::net::Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    let outcome = connector(&url).refund(&order(RefundReason::Duplicate)).await.said;
    assert_eq!(outcome, not_executed("no connection to the provider"));
}
