use adapters_providers::gocardless::{
    GoCardlessMovement, GoCardlessPayout, Moved, PayoutStatus, SettlementRefusal,
};
use app::ports::Fault;
use domain::time::Timestamp;
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::fixtures::{PAID_AT, altered, connector, gbp, id, listed, text};
use crate::server::{Act, Server, answer, answering};

type Read = Result<Vec<GoCardlessMovement>, SettlementRefusal>;

fn payout(minor: u64) -> GoCardlessPayout {
    let (reference, status) = (id("PO0EXAMPLE0001"), PayoutStatus::Paid);
    GoCardlessPayout { reference, amount: gbp(minor), status, created_at: PAID_AT, times_sent: 1 }
}

fn page(body: &str) -> Act {
    Act::WriteAndClose(answer(200, "", body))
}

/// A line of a payout, about a payment.
fn item(kind: &str, amount: &str) -> Value {
    json!({ "type": kind, "amount": amount, "links": { "payment": "PM0EXAMPLE0001" }, "taxes": [] })
}

fn items(items: &[Value]) -> String {
    let meta = json!({ "cursors": { "before": null, "after": null }, "limit": 500 });
    json!({ "payout_items": items, "meta": meta }).to_string()
}

async fn movements(paid_out: u64, lines: &[Value]) -> Read {
    let server = answering(200, "", &items(lines));
    connector(&server.url).lines_of(&payout(paid_out)).await.unwrap()
}

#[tokio::test]
async fn payouts_are_listed_since_a_moment_each_read_or_refused() {
    let lists = |payouts: &str| [listed("events", &[]), page(payouts), listed("payouts", &[])];
    let server = Server::acting(lists(&text("answers", "payouts.list")));
    let since = Timestamp::from_millis(1_795_204_800_000);
    let payouts = connector(&server.url).payouts(since).await.unwrap();
    let expected = [
        ("PO0EXAMPLE0003", 1200, PayoutStatus::Pending),
        ("PO0EXAMPLE0002", 700, PayoutStatus::Bounced),
        ("PO0EXAMPLE0001", 3379, PayoutStatus::Paid),
    ];
    let expected = expected.map(|(name, minor, status)| {
        let (reference, amount) = (id(name), gbp(minor));
        Ok(GoCardlessPayout { reference, amount, status, created_at: PAID_AT, times_sent: 1 })
    });
    assert_eq!(payouts, expected);
    let lines: Vec<String> =
        server.requests().iter().map(|request| request.lines().next().unwrap().to_owned()).collect();
    let since_then = "created_at%5Bgte%5D=2026-11-20T20%3A00%3A00.000Z&limit=500 HTTP/1.1";
    assert_eq!(
        lines,
        [
            format!("GET /events?resource_type=payouts&action=paid&{since_then}"),
            format!("GET /payouts?{since_then}"),
            "GET /payouts?status=bounced&limit=500 HTTP/1.1".to_owned(),
        ]
    );
    for (path, value) in [
        ("/payouts/1/status", json!("novel")),
        ("/payouts/1/status", Value::Null),
        ("/payouts/1/amount", Value::Null),
        ("/payouts/1/amount", json!(0)),
        ("/payouts/1/currency", json!("ZZZ")),
        ("/payouts/1/created_at", Value::Null),
        ("/payouts/1/created_at", json!("yesterday")),
        ("/payouts/1/id", json!("")),
    ] {
        let server = Server::acting(lists(&altered("answers", "payouts.list", path, value.clone())));
        let payouts = connector(&server.url).payouts(since).await.unwrap();
        assert_eq!(
            payouts.iter().map(Result::is_ok).collect::<Vec<_>>(),
            [true, false, true],
            "{path} {value}"
        );
    }
}

#[tokio::test]
async fn a_payout_is_made_of_what_its_lines_say_page_by_page() {
    let names = ["payout_items.list.first_page", "payout_items.list.last_page"];
    let server = Server::acting(names.map(|name| page(&text("answers", name))));
    let movements = connector(&server.url).lines_of(&payout(3379)).await.unwrap().unwrap();
    let rows: Vec<(String, Moved, u64)> = movements
        .iter()
        .map(|movement| (movement.reference.to_string(), movement.moved, movement.amount.minor()))
        .collect();
    let expected = [
        ("PO0EXAMPLE0001/gocardless_fee/PM0EXAMPLE0001/", Moved::Fee, 45),
        ("PO0EXAMPLE0001/gocardless_fee/PM0EXAMPLE0006/", Moved::FeeReturned, 50),
        ("PO0EXAMPLE0001/gocardless_fee/PM0EXAMPLE0007/", Moved::FeeReturned, 24),
        ("PO0EXAMPLE0001/gocardless_fee/PM0EXAMPLE0008/", Moved::Fee, 70),
        ("PO0EXAMPLE0001/payment_charged_back/PM0EXAMPLE0006/", Moved::Chargeback, 2000),
        ("PO0EXAMPLE0001/payment_failed/PM0EXAMPLE0007/", Moved::LateFailure, 1000),
        ("PO0EXAMPLE0001/payment_paid_out/PM0EXAMPLE0001/", Moved::Charge, 2500),
        ("PO0EXAMPLE0001/payment_paid_out/PM0EXAMPLE0008/", Moved::Charge, 5000),
        ("PO0EXAMPLE0001/payment_refunded/PM0EXAMPLE0001/", Moved::Refund, 300),
        ("PO0EXAMPLE0001/payment_refunded/PM0EXAMPLE0001//2", Moved::Refund, 200),
        ("PO0EXAMPLE0001/payment_refunded/PM0EXAMPLE0001/RF0EXAMPLE0001", Moved::Refund, 1000),
        ("PO0EXAMPLE0001/refund//RF0EXAMPLE0003", Moved::Refund, 50),
        ("PO0EXAMPLE0001/refund_funds_returned/PM0EXAMPLE0005/RF0EXAMPLE0004", Moved::RefundReturned, 500),
        ("PO0EXAMPLE0001/surcharge_fee/PM0EXAMPLE0007/", Moved::Fee, 30),
    ];
    assert_eq!(rows, expected.map(|(name, moved, minor)| (name.to_owned(), moved, minor)));
    let lines: Vec<String> =
        server.requests().iter().map(|request| request.lines().next().unwrap().to_owned()).collect();
    assert_eq!(
        lines,
        [
            "GET /payout_items?payout=PO0EXAMPLE0001&limit=500 HTTP/1.1",
            "GET /payout_items?payout=PO0EXAMPLE0001&limit=500&after=example-cursor-1 HTTP/1.1",
        ]
    );
}

#[tokio::test]
async fn lines_in_another_sequence_are_the_same_movements() {
    let mut lines = vec![
        item("payment_paid_out", "5000.0"),
        item("payment_refunded", "-300.0"),
        item("payment_refunded", "-200.0"),
        item("gocardless_fee", "-20.0"),
    ];
    let once = movements(4480, &lines).await.unwrap();
    lines.reverse();
    assert_eq!(movements(4480, &lines).await.unwrap(), once);
}

#[tokio::test]
async fn fees_with_parts_of_a_penny_are_one_movement_of_what_was_kept_back() {
    let lines = [
        item("payment_paid_out", "1000.0"),
        item("gocardless_fee", "-20.5"),
        item("payment_paid_out", "1000.0"),
        item("gocardless_fee", "-20.3"),
    ];
    // 1959.2 is paid out as 1959, so the fees came to 41.
    let movements_of = movements(1959, &lines).await.unwrap();
    let last = movements_of.last().unwrap();
    assert_eq!(
        (last.moved, last.amount, last.reference.as_str()),
        (Moved::Fee, gbp(41), "PO0EXAMPLE0001/fees")
    );
    assert_eq!(movements_of.iter().filter(|movement| movement.moved == Moved::Charge).count(), 2);
    let back = [item("payment_paid_out", "10.0"), item("gocardless_fee", "20.5")];
    let back = movements(31, &back).await.unwrap();
    assert_eq!((back[1].moved, back[1].amount), (Moved::FeeReturned, gbp(21)));
    let nothing = [item("payment_paid_out", "10.0"), item("gocardless_fee", "-0.4")];
    assert_eq!(movements(10, &nothing).await.unwrap().len(), 1);
}

#[tokio::test]
async fn lines_that_do_not_come_to_the_payout_are_refused() {
    let lines = [item("payment_paid_out", "1000.0"), item("gocardless_fee", "-20.5")];
    for paid_out in [980, 979] {
        assert!(movements(paid_out, &lines).await.is_ok(), "a half may be rounded either way");
    }
    for paid_out in [981, 978, 1000] {
        let sum = Decimal::new(9795, 1);
        assert_eq!(
            movements(paid_out, &lines).await,
            Err(SettlementRefusal::NotTheSum { sum, payout: paid_out })
        );
    }
    assert!(matches!(movements(1, &[]).await, Err(SettlementRefusal::NotTheSum { .. })));
}

#[tokio::test]
async fn an_amount_that_cannot_be_is_refused() {
    let impossible = |kind: &str| Err(SettlementRefusal::ImpossibleAmount { kind: kind.to_owned() });
    for amount in [
        "1000.5",
        "-1000.0",
        "0.0",
        "-0.0",
        "",
        ".",
        "1.",
        ".5",
        "+1.0",
        "1e3",
        "1_000.0",
        "1,000.0",
        " 1.0",
        "٥",
        "NaN",
        "100000000000000000000000.0",
        "92233720368547758070.0",
    ] {
        let read = movements(1000, &[item("payment_paid_out", amount)]).await;
        assert_eq!(read, impossible("payment_paid_out"), "{amount:?}");
    }
    for kind in ["payment_failed", "payment_charged_back", "payment_refunded", "refund"] {
        for amount in ["10.0", "-10.5", "0.0"] {
            let read = movements(10, &[item(kind, amount)]).await;
            assert_eq!(read, impossible(kind), "{kind} {amount}");
        }
    }
    assert_eq!(
        movements(10, &[item("refund_funds_returned", "-10.0")]).await,
        impossible("refund_funds_returned")
    );
    assert_eq!(movements(10, &[item("gocardless_fee", "ten")]).await, impossible("gocardless_fee"));
}

#[tokio::test]
async fn a_line_of_a_kind_that_nobody_has_taught_us_is_refused() {
    for (kind, shown) in
        [("revenue_share", "revenue_share"), ("novel", "novel"), ("Ada Example", "(unprintable)")]
    {
        let lines = [item("payment_paid_out", "10.0"), item(kind, "0.0")];
        let refusal = Err(SettlementRefusal::UnknownKind { kind: shown.to_owned() });
        assert_eq!(movements(10, &lines).await, refusal);
    }
}

#[tokio::test]
async fn a_line_about_nothing_is_refused() {
    for (kind, amount) in [("payment_paid_out", "10.0"), ("payment_failed", "-10.0")] {
        for links in [json!({}), Value::Null, json!({ "payment": "é" })] {
            let mut line = item(kind, amount);
            line["links"] = links.clone();
            let other = item("payment_paid_out", if amount == "10.0" { "5.0" } else { "25.0" });
            let read = movements(15, &[line, other]).await;
            assert_eq!(
                read,
                Err(SettlementRefusal::AboutNothing { kind: kind.to_owned() }),
                "{kind} {links}"
            );
        }
    }
}

#[tokio::test]
async fn lines_that_are_not_read_to_their_end_prove_nothing() {
    let endless = text("answers", "payout_items.list.first_page");
    let server = Server::acting([page(&endless), page(&endless)]);
    let fault = connector(&server.url).lines_of(&payout(3379)).await.unwrap_err().fault;
    assert!(fault.chain().contains("goes on"), "{}", fault.chain());
    let gone = connector(&answering(410, "", "").url).lines_of(&payout(3379)).await.unwrap_err().fault;
    assert!(
        matches!(gone, Fault::Permanent { .. }) && gone.chain().contains("no longer"),
        "{}",
        gone.chain()
    );
    let lost =
        connector(&Server::acting([Act::CloseUnread]).url).lines_of(&payout(3379)).await.unwrap_err().fault;
    assert!(matches!(lost, Fault::Transient { .. }), "{}", lost.chain());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_fees_are_the_movements_come_to_the_payout(
        gifts in prop::collection::vec((100_u32..100_000, 0_u32..500), 1..20),
    ) {
        let mut lines = Vec::new();
        let mut tenths = 0_i64;
        for (gift, fee) in &gifts {
            lines.push(item("payment_paid_out", &format!("{gift}.0")));
            lines.push(item("gocardless_fee", &format!("-{}.{}", fee / 10, fee % 10)));
            tenths += i64::from(*gift) * 10 - i64::from(*fee);
        }
        let paid_out = u64::try_from((tenths + 5) / 10).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let found = runtime.block_on(movements(paid_out, &lines)).unwrap();
        let sum: i64 = found.iter().map(|movement| {
            let minor = i64::try_from(movement.amount.minor()).unwrap();
            if matches!(movement.moved, Moved::Charge | Moved::FeeReturned) { minor } else { -minor }
        }).sum();
        prop_assert_eq!(u64::try_from(sum).unwrap(), paid_out);
    }
}
