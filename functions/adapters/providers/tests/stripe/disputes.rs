//! Disputes that are looked up, and the donations that payments name.

use app::ports::{Fault, PaymentProvider, Sign};
use domain::ids::DonationId;
use domain::takings::{DisputeNews, DisputeStatus, Withdrawal};
use serde_json::{Value, json};

use crate::fixtures::{
    altered, connector, connector_for, donation, id, money, names, reference, showing, status_of, text,
};
use crate::server::{Act, Server, answer, answering};

const DISPUTE: &str = "du_1Example00000000000001";

async fn found(status: u16, body: &str) -> Result<Option<DisputeNews>, Fault> {
    let server = answering(status, "", body);
    connector(&server.url).look_up_dispute(&id(DISPUTE)).await.said
}

async fn found_with(name: &str, path: &str, value: Value) -> Result<Option<DisputeNews>, Fault> {
    found(200, &altered("answers", name, path, value)).await
}

fn news(status: DisputeStatus, withdrawn: Option<Withdrawal>, reinstated: Option<Withdrawal>) -> DisputeNews {
    DisputeNews { reference: id(DISPUTE), payment: reference(), status, withdrawn, reinstated }
}

/// Minor units that moved, and of a fee; nothing where none did.
fn moved(minor: u64, fee: u64, currency: &str) -> Option<Withdrawal> {
    let sum = |minor: u64| (minor > 0).then(|| money(minor, currency));
    sum(minor).map(|amount| Withdrawal { amount, fee: sum(fee) })
}

/// What each kept dispute says.
fn kept() -> [(&'static str, DisputeNews); 4] {
    let withdrawn = moved(2500, 2000, "GBP");
    [
        ("dispute.lost", news(DisputeStatus::Lost, withdrawn, None)),
        ("dispute.needs_response", news(DisputeStatus::Open, withdrawn, None)),
        ("dispute.warning_needs_response", news(DisputeStatus::Inquiry, None, None)),
        ("dispute.won", news(DisputeStatus::Won, withdrawn, moved(2500, 0, "GBP"))),
    ]
}

#[tokio::test]
async fn a_dispute_is_looked_up_by_its_id_with_all_that_moved_for_it() {
    let rows = kept();
    let names: Vec<String> =
        names("answers").into_iter().filter(|name| name.starts_with("dispute.")).collect();
    assert_eq!(names, rows.each_ref().map(|row| row.0));
    for (name, expected) in rows {
        let server = showing(name);
        let watched = connector(&server.url).look_up_dispute(&id(DISPUTE)).await;
        assert_eq!((watched.said.unwrap(), watched.sign), (Some(expected), Sign::Well), "{name}");
        let request = server.requests().remove(0);
        let line = "GET /v1/disputes/du_1Example00000000000001 HTTP/1.1\r\n";
        assert!(request.starts_with(line), "{request}");
        assert!(!request.contains("idempotency-key"), "{request}");
    }
}

#[tokio::test]
async fn every_documented_status_is_one_of_ours() {
    for (status, expected) in [
        ("warning_needs_response", DisputeStatus::Inquiry),
        ("warning_under_review", DisputeStatus::Inquiry),
        ("warning_closed", DisputeStatus::InquiryClosed),
        ("prevented", DisputeStatus::InquiryClosed),
        ("needs_response", DisputeStatus::Open),
        ("under_review", DisputeStatus::Open),
        ("appeal_needs_response", DisputeStatus::Open),
        ("appeal_under_review", DisputeStatus::Open),
        ("won", DisputeStatus::Won),
        ("lost", DisputeStatus::Lost),
    ] {
        let said = found_with("dispute.needs_response", "/status", json!(status)).await.unwrap();
        assert_eq!(said, Some(news(expected, moved(2500, 2000, "GBP"), None)), "{status}");
    }
}

#[tokio::test]
async fn what_moved_is_read_with_its_fee_whatever_the_currency_and_the_sequence() {
    let line =
        |amount: i64, fee: i64, currency: &str| json!({ "amount": amount, "fee": fee, "currency": currency });
    for (lines, withdrawn, reinstated) in [
        (json!([]), None, None),
        (json!([line(-2500, 0, "gbp")]), moved(2500, 0, "GBP"), None),
        (json!([line(-2500, 2000, "gbp")]), moved(2500, 2000, "GBP"), None),
        (json!([line(2500, 0, "gbp")]), None, moved(2500, 0, "GBP")),
        (
            json!([line(2500, -2000, "gbp"), line(-2500, 2000, "gbp")]),
            moved(2500, 2000, "GBP"),
            moved(2500, 2000, "GBP"),
        ),
        (
            json!([line(-5000, 2500, "jpy"), line(5000, 0, "jpy")]),
            moved(5000, 2500, "JPY"),
            moved(5000, 0, "JPY"),
        ),
        (json!([line(-2500, 1, "kwd")]), moved(2500, 1, "KWD"), None),
    ] {
        let said = found_with("dispute.won", "/balance_transactions", lines.clone()).await.unwrap();
        assert_eq!(said, Some(news(DisputeStatus::Won, withdrawn, reinstated)), "{lines}");
    }
    let mut bare: Value = serde_json::from_str(&text("answers", "dispute.won")).unwrap();
    bare.as_object_mut().unwrap().remove("balance_transactions");
    let said = found(200, &bare.to_string()).await.unwrap();
    assert_eq!(said, Some(news(DisputeStatus::Won, None, None)), "nothing moved");
}

#[tokio::test]
async fn a_dispute_that_cannot_be_understood_is_a_fault() {
    for (path, value) in [
        ("/status", json!("novel")),
        ("/status", json!("Lost")),
        ("/status", json!("")),
        ("/status", Value::Null),
        ("/payment_intent", Value::Null),
        ("/payment_intent", json!("é")),
        ("/id", json!(7)),
        ("/id", json!("du_1Other")),
        ("/balance_transactions", Value::Null),
        ("/balance_transactions/0/amount", json!(0)),
        ("/balance_transactions/0/amount", json!("-2500")),
        ("/balance_transactions/0/amount", json!(i64::MIN)),
        ("/balance_transactions/0/fee", Value::Null),
        ("/balance_transactions/0/currency", json!("zzz")),
        ("/balance_transactions/1/currency", json!("zzz")),
    ] {
        let fault = found_with("dispute.won", path, value.clone()).await.unwrap_err();
        let is_expected =
            matches!(fault, Fault::Transient { .. }) && fault.chain().contains("cannot be read");
        assert!(is_expected, "{path} {value}: {}", fault.chain());
    }
}

/// What whoever asks gets instead of an answer: a fault, which says this, and what it shows of Stripe.
fn no_answers() -> Vec<(Act, &'static str, Sign)> {
    let page = "<html>a proxy's page</html>";
    let says = |status: u16, body: &str| Act::WriteAndClose(answer(status, "", body));
    let half = answer(200, "", &text("answers", "dispute.won"))[..200].to_vec();
    vec![
        (says(200, page), "cannot be read", Sign::Failing),
        (says(200, "{}"), "cannot be read", Sign::Well),
        (says(404, page), "404", Sign::Failing),
        (says(404, "{}"), "404", Sign::Well),
        (says(404, &text("answers", "error.404.no_such_path")), "404", Sign::Well),
        (says(400, &text("answers", "error.404.dispute_missing")), "400", Sign::Well),
        (says(429, &text("answers", "error.429.rate_limit")), "429", Sign::TooMany),
        (says(500, &text("answers", "error.500.api_error")), "500", Sign::Failing),
        (says(503, page), "503", Sign::Failing),
        (Act::WriteAndClose(half), "did not arrive whole", Sign::Failing),
        (Act::CloseUnread, "connection was lost", Sign::Failing),
        (Act::Reset, "connection was lost", Sign::Failing),
        (Act::WriteAndStall(vec![]), "did not answer in time", Sign::Failing),
    ]
}

#[tokio::test]
async fn a_dispute_that_is_not_shown_is_a_fault_unless_stripe_says_that_there_is_none() {
    assert_eq!(found(404, &text("answers", "error.404.dispute_missing")).await.unwrap(), None);
    for (act, says, sign) in no_answers() {
        let server = Server::acting([act.clone()]);
        let watched = connector_for(&server.url, &act).look_up_dispute(&id(DISPUTE)).await;
        let fault = watched.said.unwrap_err();
        let is_expected = matches!(fault, Fault::Transient { .. }) && fault.chain().contains(says);
        assert!(is_expected, "{act:?}: {}", fault.chain());
        assert_eq!(watched.sign, sign, "{act:?}");
    }
    for name in ["error.401.api_key_invalid", "error.403.permission"] {
        let fault = found(status_of(name), &text("answers", name)).await.unwrap_err();
        assert!(matches!(fault, Fault::Permanent { .. }), "{name} {}", fault.chain());
    }
}

async fn named_by(status: u16, body: &str) -> Result<Option<DonationId>, Fault> {
    let server = answering(status, "", body);
    let named = connector(&server.url).donation_of(&reference()).await.said;
    let line = "GET /v1/payment_intents/pi_3Example00000000000001 HTTP/1.1\r\n";
    assert!(server.requests()[0].starts_with(line));
    named
}

#[tokio::test]
async fn the_donation_of_a_payment_is_the_one_that_it_names() {
    for name in names("answers").iter().filter(|name| name.starts_with("payment_intent.")) {
        assert_eq!(named_by(200, &text("answers", name)).await.unwrap(), Some(donation()), "{name}");
    }
    for value in [json!({}), Value::Null, json!({ "donation_id": "of-another-system" })] {
        let body = altered("answers", "payment_intent.succeeded", "/metadata", value.clone());
        assert_eq!(named_by(200, &body).await.unwrap(), None, "{value}");
    }
    assert_eq!(named_by(404, &text("answers", "error.404.payment_intent_missing")).await.unwrap(), None);
    let other = altered("answers", "payment_intent.succeeded", "/id", json!("pi_3Other"));
    let fault = named_by(200, &other).await.unwrap_err();
    assert!(matches!(fault, Fault::Transient { .. }), "another payment's donation: {}", fault.chain());
    for status in [401, 403] {
        let fault = named_by(status, "").await.unwrap_err();
        assert!(matches!(fault, Fault::Permanent { .. }), "{status} {}", fault.chain());
    }
}

#[tokio::test]
async fn a_payment_that_is_not_shown_names_nobody_and_is_a_fault() {
    for (act, says, sign) in no_answers() {
        let server = Server::acting([act.clone()]);
        let watched = connector_for(&server.url, &act).donation_of(&reference()).await;
        let fault = watched.said.unwrap_err();
        let is_expected = matches!(fault, Fault::Transient { .. }) && fault.chain().contains(says);
        assert!(is_expected, "{act:?}: {}", fault.chain());
        assert_eq!(watched.sign, sign, "{act:?}");
    }
}
