//! What happens to payments by themselves, as the days pass.

use serde_json::json;

use crate::client::MANDATE;
use crate::fixtures::{eventually, start, start_with};

#[tokio::test]
async fn a_payment_is_submitted_confirmed_and_paid_out_as_the_days_pass() {
    let sandbox = start().await;
    let id = sandbox.pay("key-0", 2_500, MANDATE).await;
    for (days, status) in [(1, "submitted"), (3, "confirmed"), (4, "paid_out")] {
        sandbox.days(days);
        sandbox.becomes(&id, status).await;
    }
    let told = sandbox.told(&format!("payment={id}")).await;
    assert_eq!(told, ["payments.created", "payments.submitted", "payments.confirmed", "payments.paid_out"]);
    let confirmed = sandbox.list(&format!("/events?payment={id}&action=confirmed")).await.remove(0);
    assert_eq!(confirmed["created_at"], "2026-11-27T12:00:00.000Z");
    assert_eq!(confirmed["details"]["origin"], "gocardless");
    assert_eq!(confirmed["metadata"], json!({}), "the payment's own metadata is not repeated");
}

#[tokio::test]
async fn all_that_was_to_happen_in_a_month_happens_in_its_sequence_when_the_clock_leaps() {
    let sandbox = start().await;
    let ids = [
        sandbox.pay("key-0", 2_500, MANDATE).await,
        sandbox.pay("key-1", 2_500, "MDdeclined1").await,
        sandbox.pay("key-2", 2_500, "MDchargeback1").await,
        sandbox.pay("key-3", 2_500, "MDlate1").await,
    ];
    sandbox.days(30);
    for (id, status) in ids.iter().zip(["paid_out", "failed", "charged_back", "failed"]) {
        sandbox.becomes(id, status).await;
    }
    let told = async |number: usize| sandbox.told(&format!("payment={}", ids[number])).await;
    let begun = ["payments.created", "payments.submitted"].map(str::to_owned).to_vec();
    let then =
        |rest: &[&str]| [&begun[..], &rest.iter().map(|&kind| kind.to_owned()).collect::<Vec<_>>()].concat();
    assert_eq!(told(0).await, then(&["payments.confirmed", "payments.paid_out"]));
    assert_eq!(told(1).await, then(&["payments.failed"]));
    assert_eq!(
        told(2).await[..5],
        then(&["payments.confirmed", "payments.paid_out", "payments.charged_back"])
    );
    assert_eq!(told(3).await, then(&["payments.confirmed", "payments.failed"]));
}

#[tokio::test]
async fn a_bank_says_why_it_returns_a_payment() {
    let sandbox = start().await;
    let cases = [
        ("MDdeclined1", "refer_to_payer", "ARUDD-0"),
        ("MDstopped1", "mandate_cancelled", "ARUDD-1"),
        ("MDclosed1", "bank_account_closed", "ARUDD-B"),
    ];
    for (number, (mandate, cause, code)) in cases.into_iter().enumerate() {
        let id = sandbox.pay(&format!("key-{number}"), 2_500, mandate).await;
        sandbox.days(4);
        sandbox.becomes(&id, "failed").await;
        let details =
            sandbox.list(&format!("/events?payment={id}&action=failed")).await.remove(0)["details"].clone();
        assert_eq!((&details["origin"], &details["scheme"]), (&json!("bank"), &json!("bacs")));
        assert_eq!((&details["cause"], &details["reason_code"]), (&json!(cause), &json!(code)));
        assert_eq!(details["will_attempt_retry"], false);
    }
}

#[tokio::test]
async fn a_payment_that_was_paid_out_may_still_fail_and_comes_off_the_next_payout() {
    let sandbox = start().await;
    let id = sandbox.pay("key-0", 2_500, "MDlatepaid1").await;
    sandbox.days(8);
    sandbox.becomes(&id, "paid_out").await;
    sandbox.days(2);
    sandbox.becomes(&id, "failed").await;
    assert!(
        !sandbox.told(&format!("payment={id}")).await.contains(&"payments.late_failure_settled".to_owned())
    );
    let other = sandbox.pay("key-1", 5_000, MANDATE).await;
    sandbox.move_to(&other, "paid_out").await;
    let told = sandbox.told(&format!("payment={id}")).await;
    assert_eq!(told[3..], ["payments.paid_out", "payments.failed", "payments.late_failure_settled"]);
}

#[tokio::test]
async fn a_chargeback_may_be_taken_back_and_the_money_paid_out_again() {
    let sandbox = start().await;
    let id = sandbox.pay("key-0", 2_500, "MDreclaimed1").await;
    sandbox.days(10);
    sandbox.becomes(&id, "charged_back").await;
    let why = sandbox.list(&format!("/events?payment={id}&action=charged_back")).await.remove(0);
    assert_eq!(
        (&why["details"]["reason_code"], &why["details"]["cause"]),
        (&json!("DDICA-5"), &json!("authorisation_disputed"))
    );
    sandbox.days(4);
    let confirmed = sandbox.becomes(&id, "confirmed").await;
    assert_eq!(confirmed["links"].get("payout"), None);
    // What was taken and what is given again come to nothing, which no payout is made of.
    sandbox.pay("key-1", 1_000, MANDATE).await;
    sandbox.days(8);
    sandbox.becomes(&id, "paid_out").await;
    let told = sandbox.told(&format!("payment={id}")).await;
    assert_eq!(told[4..6], ["payments.charged_back", "payments.chargeback_cancelled"]);
    let mut settled = told[6..].to_vec();
    settled.sort();
    assert_eq!(settled, ["payments.chargeback_settled", "payments.paid_out"]);
}

#[tokio::test]
async fn a_day_may_be_as_short_as_a_test_needs_it() {
    let sandbox = start_with(|settings| settings.day = std::time::Duration::from_millis(10)).await;
    let id = sandbox.pay("key-0", 2_500, MANDATE).await;
    let hands = sandbox.hands.clone();
    let pass = async || {
        hands.advance(std::time::Duration::from_millis(10));
        Some(sandbox.payment(&id).await).filter(|payment| payment["status"] == "paid_out")
    };
    eventually("paid_out", pass).await;
    assert_eq!(sandbox.told("resource_type=payouts").await, ["payouts.paid"]);
}
