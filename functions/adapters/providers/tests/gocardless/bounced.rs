//! Payouts that the bank sends back long after they were made, and that are sent again.

use app::ports::PaymentProvider;
use domain::journal::MovementCause;
use domain::time::{Span, Timestamp};
use serde_json::{Value, json};

use crate::fixtures::{PAID_AT, connector, events_of, gbp, id, listed};
use crate::server::{Act, Server, answer};

/// Long after the payouts were made.
const SINCE: Timestamp = PAID_AT.plus(Span::hours(24 * 30));

fn payout(status: &str) -> Value {
    json!({
        "id": "PO0EXAMPLE0007", "status": status, "amount": 700, "currency": "GBP",
        "created_at": "2026-11-30T06:00:00.000Z",
    })
}

fn shown(status: &str) -> Act {
    Act::WriteAndClose(answer(200, "", &json!({ "payouts": payout(status) }).to_string()))
}

const OURS: (&str, &str) = ("payout", "PO0EXAMPLE0007");

/// What moved, each with its name and when.
async fn moved(acts: Vec<Act>) -> (Vec<(&'static str, String, Timestamp)>, Vec<String>) {
    let server = Server::acting(acts);
    let page = connector(&server.url).movements(SINCE, None).await.said.unwrap();
    let told = page.movements.into_iter().map(|movement| match movement.cause {
        MovementCause::Payout { payout, amount } if amount == gbp(700) => {
            ("out", payout.to_string(), movement.occurred_at)
        }
        MovementCause::PayoutFailed { payout, amount } if amount == gbp(700) => {
            ("back", payout.to_string(), movement.occurred_at)
        }
        other => panic!("{other:?}"),
    });
    let lines = server.requests().iter().map(|one| one.lines().next().unwrap().to_owned()).collect();
    (told.collect(), lines)
}

#[tokio::test]
async fn a_payout_that_lies_bounced_is_told_however_long_ago_it_was_made() {
    let none = || listed("events", &[]);
    let acts = vec![
        none(),
        listed("payouts", &[]),
        listed("payouts", &[payout("bounced")]),
        events_of(OURS, &["paid"]),
    ];
    let (told, lines) = moved(acts).await;
    let name = || "PO0EXAMPLE0007".to_owned();
    assert_eq!(told, [("out", name(), PAID_AT), ("back", name(), SINCE)]);
    assert_eq!(lines[2], "GET /payouts?status=bounced&limit=500 HTTP/1.1");
    assert_eq!(lines[3], "GET /events?payout=PO0EXAMPLE0007&limit=500 HTTP/1.1");
    assert_eq!(lines.len(), 4, "its lines were told when it was made: {lines:?}");
}

#[tokio::test]
async fn a_payout_that_is_sent_again_leaves_again_under_a_name_of_its_own() {
    let sent_again = events_of(OURS, &["paid"]);
    let none = || listed("payouts", &[]);
    let acts = vec![sent_again, none(), none(), events_of(OURS, &["paid", "paid"]), shown("paid")];
    let (told, lines) = moved(acts).await;
    let (first, second) = (id("PO0EXAMPLE0007").to_string(), "PO0EXAMPLE0007/2".to_owned());
    assert_eq!(told, [("out", first.clone(), PAID_AT), ("back", first, SINCE), ("out", second, SINCE)]);
    assert_eq!(lines[4], "GET /payouts/PO0EXAMPLE0007 HTTP/1.1");
}

#[tokio::test]
async fn a_new_payout_that_bounced_and_was_sent_again_is_counted_by_the_events_that_are_read_anyway() {
    let new = json!({
        "id": "PO0EXAMPLE0007", "status": "bounced", "amount": 700, "currency": "GBP",
        "created_at": "2026-12-31T06:00:00.000Z",
    });
    let line = json!({
        "type": "payment_paid_out", "amount": "700.0", "links": { "payment": "PM0EXAMPLE0010" }, "taxes": [],
    });
    let acts = vec![
        events_of(OURS, &["paid", "paid"]),
        listed("payouts", std::slice::from_ref(&new)),
        listed("payouts", &[new]),
        listed("payout_items", &[line]),
    ];
    let server = Server::acting(acts);
    let page = connector(&server.url).movements(SINCE, None).await.said.unwrap();
    let count =
        |wanted: fn(&MovementCause) -> bool| page.movements.iter().filter(|one| wanted(&one.cause)).count();
    assert_eq!(count(|cause| matches!(cause, MovementCause::Charge { .. })), 1);
    assert_eq!(count(|cause| matches!(cause, MovementCause::Payout { .. })), 2);
    assert_eq!(count(|cause| matches!(cause, MovementCause::PayoutFailed { .. })), 2);
}
