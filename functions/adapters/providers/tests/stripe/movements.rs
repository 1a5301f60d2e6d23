//! Stripe's own account of its balance, in our words.

use app::ports::{Fault, MovementPage, PaymentProvider, Sign};
use domain::ids::{Appeal, ProviderReference};
use domain::journal::{Movement, MovementCause};
use domain::money::Money;
use domain::time::Timestamp;
use serde_json::{Value, json};

use crate::fixtures::{
    altered, connector, connector_for, created_at, donation, gbp, id, money, reference, text,
};
use crate::server::{Act, Server, answer};

const FIRST: &str = "balance_transactions.list.first_page";
const LAST: &str = "balance_transactions.list.last_page";
const SINCE: Timestamp = Timestamp::from_millis(1_795_204_800_999);
const DISPUTE: &str = "du_1Example00000000000001";
const PAYOUT: &str = "po_1Example00000000000001";
const REFUND: &str = "re_3Example00000000000001";

fn page(body: &str) -> Act {
    Act::WriteAndClose(answer(200, "", body))
}

async fn read(body: &str) -> Result<MovementPage, Fault> {
    let server = Server::acting([page(body)]);
    connector(&server.url).movements(SINCE, None).await.said
}

/// A movement of the kept ones, so many seconds after the charge.
fn moved(number: u32, seconds: u64, cause: MovementCause) -> Movement {
    Movement {
        reference: id(&format!("txn_3Example{number:014}")),
        cause,
        fee: None,
        fee_returned: None,
        settled_with: None,
        donation: None,
        appeal: None,
        occurred_at: Timestamp::from_millis(created_at().as_millis() + seconds * 1_000),
    }
}

fn other(category: &str, amount: Money, is_gain: bool) -> MovementCause {
    MovementCause::Other { category: category.to_owned(), amount, is_gain }
}

/// A refund, or one that came back, of a payment where the line names it.
fn refund(payment: Option<ProviderReference>, is_gain: bool) -> MovementCause {
    MovementCause::Refund { refund: id(REFUND), payment, is_gain }
}

/// A dispute's withdrawal, or its return.
fn dispute(payment: Option<ProviderReference>, is_gain: bool) -> MovementCause {
    MovementCause::Dispute { dispute: id(DISPUTE), payment, is_gain }
}

fn charge() -> Movement {
    let cause = MovementCause::Charge { payment: reference(), amount: gbp(2500) };
    let (donation, appeal) = (Some(donation()), Some(Appeal::parse("winter-example").unwrap()));
    Movement { fee: Some(gbp(58)), donation, appeal, ..moved(4, 0, cause) }
}

#[tokio::test]
async fn the_balance_is_told_page_by_page_with_the_cause_of_each_movement() {
    let (payout, amount) = (id(PAYOUT), gbp(2440));
    let first = vec![
        moved(12, 21_600, MovementCause::PayoutFailed { payout: payout.clone(), amount }),
        moved(11, 18_000, MovementCause::Payout { payout, amount }),
        moved(10, 14_400, dispute(Some(reference()), true)),
        // Its fee is booked with the dispute.
        moved(9, 10_800, dispute(Some(reference()), false)),
    ];
    let last = vec![
        Movement { donation: Some(donation()), ..moved(8, 7_200, refund(Some(reference()), true)) },
        Movement { donation: Some(donation()), ..moved(7, 3_600, refund(Some(reference()), false)) },
        moved(6, 120, other("other_adjustment", gbp(35), false)),
        Movement { fee: Some(gbp(200)), ..moved(5, 60, MovementCause::Fee) },
        charge(),
    ];
    let server = Server::acting([page(&text("answers", FIRST)), page(&text("answers", LAST))]);
    let connector = connector(&server.url);
    let watched = connector.movements(SINCE, None).await;
    assert_eq!(watched.sign, Sign::Well);
    let begun = watched.said.unwrap();
    assert_eq!(begun, MovementPage { movements: first, next: Some("txn_3Example00000000000009".to_owned()) });
    let ended = connector.movements(SINCE, begun.next.as_deref()).await.said.unwrap();
    assert_eq!(ended, MovementPage { movements: last, next: None });
    let lines: Vec<String> =
        server.requests().iter().map(|request| request.lines().next().unwrap().to_owned()).collect();
    let asked = "GET /v1/balance_transactions?limit=100&created%5Bgte%5D=1795204800&expand%5B%5D=data.source";
    assert_eq!(
        lines,
        [format!("{asked} HTTP/1.1"), format!("{asked}&starting_after=txn_3Example00000000000009 HTTP/1.1")]
    );
}

#[tokio::test]
async fn a_balance_that_did_not_move_is_told_so() {
    let nothing = MovementPage { movements: vec![], next: None };
    assert_eq!(read(&text("answers", "balance_transactions.list.empty")).await.unwrap(), nothing);
}

/// One movement alone, as Stripe lists it.
fn line(category: &str, amount: i64, fee: i64, source: &Value) -> Value {
    json!({
        "id": "txn_3Example00000000000001", "object": "balance_transaction", "amount": amount, "fee": fee,
        "net": amount - fee, "currency": "gbp", "reporting_category": category, "type": "adjustment",
        "source": source, "created": 1_795_204_800, "available_on": 1_795_204_800, "status": "pending",
    })
}

fn page_of(lines: &[Value], has_more: bool) -> String {
    json!({ "object": "list", "data": lines, "has_more": has_more, "url": "/v1/balance_transactions" })
        .to_string()
}

async fn movement_of(line: Value) -> Movement {
    read(&page_of(&[line], false)).await.unwrap().movements.remove(0)
}

fn bare(cause: MovementCause, fee: Option<Money>, fee_returned: Option<Money>) -> Movement {
    Movement { fee, fee_returned, ..moved(1, 0, cause) }
}

fn of_payment() -> Value {
    json!({ "id": "ch_3Example00000000000001", "object": "charge", "payment_intent": reference().as_str() })
}

#[tokio::test]
async fn each_category_is_a_cause_of_ours_or_one_that_nobody_has_taught_us() {
    let (du, po, re) = (|| json!(DISPUTE), || json!(PAYOUT), || json!(REFUND));
    let taken = MovementCause::Charge { payment: reference(), amount: gbp(2500) };
    let left = MovementCause::Payout { payout: id(PAYOUT), amount: gbp(2440) };
    let back = MovementCause::PayoutFailed { payout: id(PAYOUT), amount: gbp(2440) };
    let gain = |category: &str, minor: u64| other(category, gbp(minor), true);
    let loss = |category: &str, minor: u64| other(category, gbp(minor), false);
    let rows: Vec<(&str, i64, Value, MovementCause)> = vec![
        ("charge", 2500, of_payment(), taken),
        ("refund", -2500, re(), refund(None, false)),
        ("refund_failure", 2500, re(), refund(None, true)),
        ("dispute", -2500, du(), dispute(None, false)),
        ("dispute_reversal", 2500, du(), dispute(None, true)),
        ("fee", -200, Value::Null, MovementCause::Fee),
        ("payout", -2440, po(), left),
        ("payout_reversal", 2440, po(), back),
        // What Stripe documents, and no donation or payout explains.
        ("charge_failure", -2500, of_payment(), loss("charge_failure", 2500)),
        ("partial_capture_reversal", -500, re(), loss("partial_capture_reversal", 500)),
        ("risk_reserved_funds", -300, Value::Null, loss("risk_reserved_funds", 300)),
        ("topup", 5000, json!("tu_1Example"), gain("topup", 5000)),
        ("other_adjustment", 35, Value::Null, gain("other_adjustment", 35)),
        ("other_adjustment", -35, Value::Null, loss("other_adjustment", 35)),
        ("novel", -1, Value::Null, loss("novel", 1)),
        ("Ada Example's", -1, Value::Null, loss("(unprintable)", 1)),
        // Known categories that move the wrong way, or are about nothing.
        ("charge", -2500, of_payment(), loss("charge", 2500)),
        ("charge", 2500, json!("ch_3Example00000000000001"), gain("charge", 2500)),
        ("charge", 2500, json!({ "id": "ch_3Example" }), gain("charge", 2500)),
        ("charge", 2500, json!({ "id": "ch_3Example", "payment_intent": null }), gain("charge", 2500)),
        ("refund", -2500, Value::Null, loss("refund", 2500)),
        ("dispute", -2500, json!(""), loss("dispute", 2500)),
        ("fee", 200, Value::Null, gain("fee", 200)),
        ("payout", 2440, po(), gain("payout", 2440)),
        ("payout", -2440, Value::Null, loss("payout", 2440)),
        ("payout_reversal", -2440, po(), loss("payout_reversal", 2440)),
    ];
    for (category, amount, source, cause) in rows {
        let fee = matches!(cause, MovementCause::Fee).then(|| gbp(200));
        let movement = movement_of(line(category, amount, 0, &source)).await;
        assert_eq!(movement, bare(cause, fee, None), "{category} {amount} {source}");
    }
}

#[tokio::test]
async fn what_stripe_kept_and_gave_back_is_told_beside_what_moved() {
    let (du, re) = (json!(DISPUTE), json!(REFUND));
    let taken = || MovementCause::Charge { payment: reference(), amount: gbp(2500) };
    let adjusted = || other("other_adjustment", gbp(35), true);
    let rows: Vec<(Value, MovementCause, i64)> = vec![
        (line("charge", 2500, 58, &of_payment()), taken(), 58),
        (line("charge", 2500, 0, &of_payment()), taken(), 0),
        (line("charge", 2500, -58, &of_payment()), taken(), -58),
        (line("refund", -2500, -20, &re), refund(None, false), -20),
        (line("refund", -2500, 20, &re), refund(None, false), 20),
        // A dispute's fee is booked with the dispute.
        (line("dispute", -2500, 2000, &du), dispute(None, false), 0),
        (line("dispute_reversal", 2500, -2000, &du), dispute(None, true), 0),
        // A fee by itself is what moved, and what was kept of that.
        (line("fee", -200, 0, &Value::Null), MovementCause::Fee, 200),
        (line("fee", -200, 40, &Value::Null), MovementCause::Fee, 240),
        (line("fee", 0, 40, &Value::Null), MovementCause::Fee, 40),
        (line("fee", 0, -40, &Value::Null), MovementCause::Fee, -40),
        (line("other_adjustment", 35, 5, &Value::Null), adjusted(), 5),
    ];
    for (line, cause, kept) in rows {
        let fee = (kept != 0).then(|| gbp(kept.unsigned_abs()));
        let (fee, returned) = if kept > 0 { (fee, None) } else { (None, fee) };
        assert_eq!(movement_of(line.clone()).await, bare(cause, fee, returned), "{line}");
    }
}

#[tokio::test]
async fn a_line_that_moves_nothing_holds_up_no_other() {
    let amounts = [("charge", of_payment()), ("payout", json!(PAYOUT)), ("novel", Value::Null)];
    for (category, source) in amounts {
        for (fee, kept) in [(0, None), (30, Some(gbp(30)))] {
            let movement = movement_of(line(category, 0, fee, &source)).await;
            assert_eq!(movement, bare(MovementCause::Fee, kept, None), "{category} {fee}");
        }
    }
    assert_eq!(
        movement_of(line("refund", 0, 0, &json!(REFUND))).await,
        bare(refund(None, false), None, None)
    );
}

#[tokio::test]
async fn amounts_are_in_the_minor_units_of_their_own_currency() {
    for (currency, code) in [("jpy", "JPY"), ("kwd", "KWD"), ("eur", "EUR")] {
        let mut line = line("charge", 2500, 58, &of_payment());
        line["currency"] = json!(currency);
        let cause = MovementCause::Charge { payment: reference(), amount: money(2500, code) };
        assert_eq!(movement_of(line).await, bare(cause, Some(money(58, code)), None), "{currency}");
    }
}

#[tokio::test]
async fn a_donation_is_named_only_by_what_moved() {
    for metadata in [json!({}), Value::Null, json!({ "donation_id": "of-another-system", "appeal": "é" })] {
        let body = altered("answers", LAST, "/data/4/source/metadata", metadata.clone());
        let movements = read(&body).await.unwrap().movements;
        assert_eq!(movements[4], Movement { donation: None, appeal: None, ..charge() }, "{metadata}");
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_read_is_a_fault() {
    for (path, value) in [
        ("/data/4/id", json!("")),
        ("/data/4/id", json!(7)),
        ("/data/4/id", Value::Null),
        ("/data/4/amount", Value::Null),
        ("/data/4/amount", json!("2500")),
        ("/data/4/amount", json!(25.5)),
        ("/data/4/amount", json!(u64::MAX)),
        ("/data/4/amount", json!(i64::MIN)),
        ("/data/3/amount", json!(i64::MIN)),
        ("/data/4/fee", Value::Null),
        ("/data/4/fee", json!(i64::MIN)),
        ("/data/4/currency", json!("zzz")),
        ("/data/4/currency", Value::Null),
        ("/data/4/reporting_category", Value::Null),
        ("/data/4/created", Value::Null),
        ("/data/4/created", json!(-1)),
        ("/data/4/created", json!(u64::MAX)),
        ("/data/4/source/id", Value::Null),
        ("/data", Value::Null),
        ("/has_more", Value::Null),
    ] {
        let fault = read(&altered("answers", LAST, path, value.clone())).await.unwrap_err();
        let is_expected =
            matches!(fault, Fault::Transient { .. }) && fault.chain().contains("cannot be read");
        assert!(is_expected, "{path} {value}: {}", fault.chain());
    }
}

#[tokio::test]
async fn an_account_that_was_not_read_to_its_end_is_a_fault() {
    let says = |status: u16, body: &str| Act::WriteAndClose(answer(status, "", body));
    let half = answer(200, "", &text("answers", LAST))[..800].to_vec();
    let missing = text("answers", "error.404.payment_intent_missing");
    for (act, what, sign) in [
        (page(&page_of(&[], true)), "cannot be read", Sign::Well),
        (page("{}"), "cannot be read", Sign::Well),
        (page("<html>a proxy's page</html>"), "cannot be read", Sign::Failing),
        (Act::WriteAndClose(half), "did not arrive whole", Sign::Failing),
        (says(404, &missing), "no such list", Sign::Well),
        (says(404, ""), "404", Sign::Failing),
        (says(429, &text("answers", "error.429.rate_limit")), "429", Sign::TooMany),
        (says(503, ""), "503", Sign::Failing),
        (Act::CloseUnread, "connection was lost", Sign::Failing),
        (Act::Reset, "connection was lost", Sign::Failing),
        (Act::WriteAndStall(vec![]), "did not answer in time", Sign::Failing),
    ] {
        let server = Server::acting([act.clone()]);
        let watched = connector_for(&server.url, &act).movements(SINCE, None).await;
        let fault = watched.said.unwrap_err();
        let is_expected = matches!(fault, Fault::Transient { .. }) && fault.chain().contains(what);
        assert!(is_expected, "{act:?}: {}", fault.chain());
        assert_eq!(watched.sign, sign, "{act:?}");
    }
    for status in [401, 403] {
        let server = Server::acting([says(status, "")]);
        let fault = connector(&server.url).movements(SINCE, None).await.said.unwrap_err();
        assert!(matches!(fault, Fault::Permanent { .. }), "{status} {}", fault.chain());
    }
}
