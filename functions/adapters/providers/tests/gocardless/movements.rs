//! The provider's own account of its balance, in our words.

use app::ports::{Fault, MovementPage, PaymentProvider};
use domain::ids::ProviderReference;
use domain::journal::{Movement, MovementCause};
use domain::money::Money;
use domain::time::Timestamp;
use serde_json::{Value, json};

use crate::fixtures::{PAID_AT, altered, connector, gbp, id, listed, text};
use crate::logs::Kept;
use crate::server::{Act, Server, answer};

const SINCE: Timestamp = Timestamp::from_millis(1_795_204_800_000);

fn page(body: &str) -> Act {
    Act::WriteAndClose(answer(200, "", body))
}

/// The lines of a payout, each of a kind, an amount and what it is about.
fn items(lines: &[(&str, &str, Value)]) -> Act {
    let lines: Vec<Value> = lines
        .iter()
        .map(|(kind, amount, links)| json!({ "type": kind, "amount": amount, "links": links, "taxes": [] }))
        .collect();
    let meta = json!({ "cursors": { "before": null, "after": null }, "limit": 500 });
    page(&json!({ "payout_items": lines, "meta": meta }).to_string())
}

fn of_payment(payment: &str) -> Value {
    json!({ "payment": payment })
}

/// The lines of the newest recorded payout, which has not left yet.
fn pending() -> Act {
    items(&[
        ("payment_paid_out", "1220.0", of_payment("PM0EXAMPLE0009")),
        ("gocardless_fee", "-20.0", of_payment("PM0EXAMPLE0009")),
    ])
}

/// The lines of the second one, which the bank sent back.
fn bounced() -> Act {
    items(&[("payment_paid_out", "700.0", of_payment("PM0EXAMPLE0010"))])
}

/// The lines of the oldest one, which is paid, on two pages.
fn paid() -> [Act; 2] {
    ["payout_items.list.first_page", "payout_items.list.last_page"].map(|name| page(&text("answers", name)))
}

/// Reads an account in which no payout was sent again or lies bounced since before, the list of payouts coming first.
async fn read(acts: impl IntoIterator<Item = Act>) -> (Result<MovementPage, Fault>, Vec<String>) {
    let mut acts = acts.into_iter();
    let first = acts.next().expect("there is a list of payouts");
    let lists = [listed("events", &[]), first, listed("payouts", &[])];
    let server = Server::acting(lists.into_iter().chain(acts));
    let read = connector(&server.url).movements(SINCE, None).await.said;
    let lines = server.requests().iter().map(|request| request.lines().next().unwrap().to_owned()).collect();
    (read, lines)
}

fn moved(reference: &str, cause: MovementCause) -> Movement {
    Movement {
        reference: id(reference),
        cause,
        fee: None,
        fee_returned: None,
        settled_with: Some(id(reference.split('/').next().unwrap())),
        donation: None,
        appeal: None,
        occurred_at: PAID_AT,
    }
}

fn charge(reference: &str, payment: &str, minor: u64) -> Movement {
    moved(reference, MovementCause::Charge { payment: id(payment), amount: gbp(minor) })
}

fn fee(reference: &str, minor: u64) -> Movement {
    Movement { fee: Some(gbp(minor)), ..moved(reference, MovementCause::Fee) }
}

fn fee_returned(reference: &str, minor: u64) -> Movement {
    Movement { fee_returned: Some(gbp(minor)), ..moved(reference, MovementCause::Fee) }
}

fn taken_back(reference: &str, payment: &str, minor: u64) -> Movement {
    moved(reference, MovementCause::TakenBack { payment: id(payment), amount: gbp(minor) })
}

fn refund(reference: &str, (refund, payment): (&str, &str), is_gain: bool) -> Movement {
    moved(reference, MovementCause::Refund { refund: id(refund), payment: Some(id(payment)), is_gain })
}

fn other(reference: &str, category: &str, minor: u64, is_gain: bool) -> Movement {
    let (category, amount) = (category.to_owned(), gbp(minor));
    moved(reference, MovementCause::Other { category, amount, is_gain })
}

fn payout(reference: &str, minor: u64) -> Movement {
    moved(reference, MovementCause::Payout { payout: id(reference), amount: gbp(minor) })
}

fn payout_failed(reference: &str, minor: u64) -> Movement {
    moved(reference, MovementCause::PayoutFailed { payout: id(reference), amount: gbp(minor) })
}

fn of_pending() -> Vec<Movement> {
    vec![
        fee("PO0EXAMPLE0003/gocardless_fee/PM0EXAMPLE0009/", 20),
        charge("PO0EXAMPLE0003/payment_paid_out/PM0EXAMPLE0009/", "PM0EXAMPLE0009", 1220),
        payout("PO0EXAMPLE0003", 1200),
    ]
}

fn of_bounced() -> Vec<Movement> {
    vec![
        charge("PO0EXAMPLE0002/payment_paid_out/PM0EXAMPLE0010/", "PM0EXAMPLE0010", 700),
        payout("PO0EXAMPLE0002", 700),
        payout_failed("PO0EXAMPLE0002", 700),
    ]
}

fn of_paid() -> Vec<Movement> {
    let of = |line: &str| format!("PO0EXAMPLE0001/{line}");
    vec![
        fee(&of("gocardless_fee/PM0EXAMPLE0001/"), 45),
        fee_returned(&of("gocardless_fee/PM0EXAMPLE0006/"), 50),
        fee_returned(&of("gocardless_fee/PM0EXAMPLE0007/"), 24),
        fee(&of("gocardless_fee/PM0EXAMPLE0008/"), 70),
        taken_back(&of("payment_charged_back/PM0EXAMPLE0006/"), "PM0EXAMPLE0006", 2000),
        taken_back(&of("payment_failed/PM0EXAMPLE0007/"), "PM0EXAMPLE0007", 1000),
        charge(&of("payment_paid_out/PM0EXAMPLE0001/"), "PM0EXAMPLE0001", 2500),
        charge(&of("payment_paid_out/PM0EXAMPLE0008/"), "PM0EXAMPLE0008", 5000),
        other(&of("payment_refunded/PM0EXAMPLE0001/"), "refund_without_id", 300, false),
        other(&of("payment_refunded/PM0EXAMPLE0001//2"), "refund_without_id", 200, false),
        refund(
            &of("payment_refunded/PM0EXAMPLE0001/RF0EXAMPLE0001"),
            ("RF0EXAMPLE0001", "PM0EXAMPLE0001"),
            false,
        ),
        other(&of("refund//RF0EXAMPLE0003"), "refund_without_payment", 50, false),
        refund(
            &of("refund_funds_returned/PM0EXAMPLE0005/RF0EXAMPLE0004"),
            ("RF0EXAMPLE0004", "PM0EXAMPLE0005"),
            true,
        ),
        fee(&of("surcharge_fee/PM0EXAMPLE0007/"), 30),
        payout("PO0EXAMPLE0001", 3379),
    ]
}

#[tokio::test]
async fn every_payout_since_a_moment_is_told_with_all_that_it_is_made_of() {
    let [first, last] = paid();
    let (read, lines) =
        read([page(&text("answers", "payouts.list")), pending(), bounced(), first, last]).await;
    let movements = [of_pending(), of_bounced(), of_paid()].concat();
    assert_eq!(read.unwrap(), MovementPage { movements, next: None });
    assert_eq!(
        lines,
        [
            "GET /events?resource_type=payouts&action=paid&created_at%5Bgte%5D=2026-11-20T20%3A00%3A00.000Z\
             &limit=500 HTTP/1.1",
            "GET /payouts?created_at%5Bgte%5D=2026-11-20T20%3A00%3A00.000Z&limit=500 HTTP/1.1",
            "GET /payouts?status=bounced&limit=500 HTTP/1.1",
            "GET /payout_items?payout=PO0EXAMPLE0003&limit=500 HTTP/1.1",
            "GET /payout_items?payout=PO0EXAMPLE0002&limit=500 HTTP/1.1",
            "GET /payout_items?payout=PO0EXAMPLE0001&limit=500 HTTP/1.1",
            "GET /payout_items?payout=PO0EXAMPLE0001&limit=500&after=example-cursor-1 HTTP/1.1",
        ]
    );
}

/// What a movement adds to the balance, a refund's amount being known to nobody but the donation.
fn gain(movement: &Movement, refunds: &[(ProviderReference, i64)]) -> i64 {
    let minor = |amount: &Money| i64::try_from(amount.minor()).unwrap();
    let fees = movement.fee_returned.as_ref().map_or(0, minor) - movement.fee.as_ref().map_or(0, minor);
    fees + match &movement.cause {
        MovementCause::Charge { amount, .. }
        | MovementCause::PayoutFailed { amount, .. }
        | MovementCause::Other { amount, is_gain: true, .. } => minor(amount),
        MovementCause::TakenBack { amount, .. }
        | MovementCause::Payout { amount, .. }
        | MovementCause::Other { amount, is_gain: false, .. } => -minor(amount),
        MovementCause::Refund { refund, .. } => refunds.iter().find(|(id, _)| id == refund).unwrap().1,
        MovementCause::Fee => 0,
        MovementCause::Dispute { .. } => panic!("GoCardless has none"),
    }
}

#[tokio::test]
async fn what_moved_comes_to_nothing_once_a_payout_has_left() {
    let [first, last] = paid();
    let refunds = [(id("RF0EXAMPLE0001"), -1000), (id("RF0EXAMPLE0004"), 500)];
    let (read, _) = read([page(&text("answers", "payouts.list")), pending(), bounced(), first, last]).await;
    let balance: i64 = read.unwrap().movements.iter().map(|movement| gain(movement, &refunds)).sum();
    assert_eq!(balance, 700, "but for the payout that the bank sent back");
}

#[tokio::test]
async fn a_payout_that_cannot_be_believed_is_left_out_and_holds_up_no_other() {
    let all_but_bounced = [of_pending(), of_paid()].concat();
    for (path, value) in [
        ("/payouts/1/status", json!("novel")),
        ("/payouts/1/amount", Value::Null),
        ("/payouts/1/created_at", Value::Null),
    ] {
        let payouts = page(&altered("answers", "payouts.list", path, value.clone()));
        let [first, last] = paid();
        let kept = Kept::default();
        let guard = kept.begin();
        let (read, lines) = read([payouts, pending(), first, last]).await;
        drop(guard);
        assert_eq!(read.unwrap().movements, all_but_bounced, "{path} {value}");
        assert!(!lines.iter().any(|line| line.contains("PO0EXAMPLE0002")), "{lines:?}");
        assert!(kept.text().contains("PO0EXAMPLE0002 cannot be read"), "{path}: {}", kept.text());
    }
    for lines in [
        items(&[("payment_paid_out", "701.0", of_payment("PM0EXAMPLE0010"))]),
        items(&[("payment_paid_out", "700.0", json!({}))]),
        items(&[("novel", "700.0", of_payment("PM0EXAMPLE0010"))]),
        items(&[]),
    ] {
        let [first, last] = paid();
        let kept = Kept::default();
        let guard = kept.begin();
        let payouts = page(&text("answers", "payouts.list"));
        let (read, _) = read([payouts, pending(), lines.clone(), first, last]).await;
        drop(guard);
        assert_eq!(read.unwrap().movements, all_but_bounced, "{lines:?}");
        assert!(kept.text().contains("PO0EXAMPLE0002"), "the alarm names the payout: {}", kept.text());
    }
}

#[tokio::test]
async fn refunds_that_no_donation_books_are_for_a_person_whichever_way_they_went() {
    let payouts = json!({ "payouts": [{
        "id": "PO0EXAMPLE0004", "status": "paid", "amount": 470, "currency": "GBP",
        "created_at": "2026-11-30T06:00:00.000Z",
    }], "meta": { "cursors": { "before": null, "after": null } } });
    let lines = items(&[
        ("payment_paid_out", "500.0", of_payment("PM0EXAMPLE0011")),
        ("refund", "-70.0", json!({ "refund": "RF0EXAMPLE0005" })),
        ("refund_funds_returned", "30.0", json!({ "refund": "RF0EXAMPLE0006" })),
        ("refund_funds_returned", "10.0", of_payment("PM0EXAMPLE0012")),
    ]);
    let (read, _) = read([page(&payouts.to_string()), lines]).await;
    assert_eq!(
        read.unwrap().movements,
        [
            charge("PO0EXAMPLE0004/payment_paid_out/PM0EXAMPLE0011/", "PM0EXAMPLE0011", 500),
            other("PO0EXAMPLE0004/refund//RF0EXAMPLE0005", "refund_without_payment", 70, false),
            other("PO0EXAMPLE0004/refund_funds_returned//RF0EXAMPLE0006", "refund_without_payment", 30, true),
            other("PO0EXAMPLE0004/refund_funds_returned/PM0EXAMPLE0012/", "refund_without_id", 10, true),
            payout("PO0EXAMPLE0004", 470),
        ]
    );
}

#[tokio::test]
async fn an_account_that_was_not_read_to_its_end_is_a_fault() {
    let payouts = || page(&text("answers", "payouts.list"));
    for acts in [
        vec![Act::CloseUnread],
        vec![payouts(), Act::CloseUnread],
        vec![payouts(), pending(), Act::WriteAndClose(answer(503, "", ""))],
    ] {
        let (read, _) = read(acts).await;
        let fault = read.unwrap_err();
        assert!(matches!(fault, Fault::Transient { .. }), "{}", fault.chain());
    }
}
