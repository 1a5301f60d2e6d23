//! Direct debits beside cards: what GoCardless's own lists say is proven as what Stripe's say is.

use std::time::Duration;

use serde_json::{Value, json};

use crate::breaches::named;
use crate::stack::{Accepted, Offer, Stack};

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// Of a donation's form, and nobody's.
pub(crate) const NOBODYS: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

/// A direct debit that is with the bank, and the provider's id of its payment.
pub(crate) struct Debit {
    pub(crate) accepted: Accepted,
    pub(crate) payment: String,
}

impl Debit {
    pub(crate) async fn of(stack: &Stack, amount: &str) -> Self {
        let offer = Offer::of(amount).with("/payment/provider", json!("gocardless")).token("MD0000EXAMPLE01");
        let accepted = stack.accepted(&offer).await;
        let reference = stack
            .until("the payment to be with the bank", PATIENCE, async || {
                let payment = stack.stored(&accepted.id).await["payment"].take();
                (payment["state"] == "processing").then(|| payment["reference"].as_str().unwrap().to_owned())
            })
            .await;
        Self { accepted, payment: reference }
    }

    /// One whose money has come.
    pub(crate) async fn captured(stack: &Stack, amount: &str) -> Self {
        let debit = Self::of(stack, amount).await;
        debit.moves(stack, "confirmed").await;
        stack.until_status(&debit.accepted, "captured", PATIENCE).await;
        debit
    }

    /// Has the payment moved on at the provider.
    pub(crate) async fn moves(&self, stack: &Stack, to: &str) {
        if to == "confirmed" {
            stack.control(&self.path(), &json!({ "to": "submitted" })).await;
        }
        stack.control(&self.path(), &json!({ "to": to })).await;
    }

    /// The same, and nobody is told.
    pub(crate) async fn moves_quietly(&self, stack: &Stack, to: &[&str]) {
        quietly(stack, &self.payment, to).await;
    }

    fn path(&self) -> String {
        path_of(&self.payment)
    }
}

fn path_of(payment: &str) -> String {
    format!("/_sandbox/gocardless/payments/{payment}")
}

/// Has a payment move on step by step, of which no webhook tells.
pub(crate) async fn quietly(stack: &Stack, payment: &str, to: &[&str]) {
    for to in to {
        stack.control_quietly(&path_of(payment), &json!({ "to": to })).await;
    }
}

/// Kinds of the donation's entries, sorted.
pub(crate) async fn kinds(stack: &Stack, debit: &Debit) -> Vec<String> {
    let entries = stack.entries_of(&debit.accepted.id).await;
    let mut kinds: Vec<_> = entries.iter().map(|entry| entry["kind"].as_str().unwrap().to_owned()).collect();
    kinds.sort();
    kinds
}

pub(crate) async fn until_booked(stack: &Stack, debit: &Debit, expected: &[&str]) {
    let what = format!("{expected:?} of {}", debit.accepted.id);
    stack.until(&what, PATIENCE, async || (kinds(stack, debit).await == expected).then_some(())).await;
}

/// Asks GoCardless's API past the pipeline.
pub(crate) async fn ask(stack: &Stack, path: &str) -> Value {
    let request = stack.http.get(format!("{}{path}", stack.provider_url));
    let request = request.bearer_auth(token(stack)).header("gocardless-version", "2015-07-06");
    request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap()
}

/// As the host derives it.
fn token(stack: &Stack) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(format!("gocardless access token|{}", stack.secret("capability_key")));
    digest.iter().fold("sandbox_".to_owned(), |token, byte| format!("{token}{byte:02x}"))
}

/// Makes a payment for nobody's donation past the pipeline.
pub(crate) async fn stray(stack: &Stack, minor: u64, donation: Option<&str>) -> String {
    let metadata = donation.map_or(json!({}), |id| json!({ "donation_id": id }));
    let links = json!({ "mandate": "MD0000STRAY01" });
    let body =
        json!({ "payments": { "amount": minor, "currency": "GBP", "metadata": metadata, "links": links } });
    let request = stack.http.post(format!("{}/payments", stack.provider_url));
    let request = request.bearer_auth(token(stack)).header("gocardless-version", "2015-07-06");
    let answer = request.json(&body).send().await.unwrap().error_for_status().unwrap();
    let made: Value = answer.json().await.unwrap();
    made["payments"]["id"].as_str().unwrap().to_owned()
}

/// A refund of the whole debit, asked for and with the provider: its id there.
async fn refund(stack: &Stack, debit: &Debit) -> String {
    let id = debit.accepted.id.as_str();
    let ended = stack.run_command(&["refund", id, "--by", "finance@charity.example"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let filter = format!("/refunds?payment={}", debit.payment);
    stack
        .until("the refund to be at the provider", PATIENCE, async || {
            ask(stack, &filter).await["refunds"][0]["id"].as_str().map(str::to_owned)
        })
        .await
}

#[tokio::test]
async fn a_mixed_run_with_a_chargeback_late_failures_and_refunds_is_proven_to_the_penny_at_both_providers() {
    let stack = Stack::start().await;
    let card = stack.accepted(&Offer::of("61.00")).await;
    let plain = Debit::captured(&stack, "62.00").await;
    let [charged_back, late, late_unpaid] = [
        Debit::captured(&stack, "63.00").await,
        Debit::captured(&stack, "64.00").await,
        Debit::captured(&stack, "65.00").await,
    ];
    let [refunded, bounced] =
        [Debit::captured(&stack, "66.00").await, Debit::captured(&stack, "67.00").await];
    stack.until_settled(std::slice::from_ref(&card), PATIENCE).await;
    late_unpaid.moves(&stack, "late_failure").await;
    stack.control("/_sandbox/gocardless/payouts", &json!({})).await;
    charged_back.moves(&stack, "charged_back").await;
    late.moves(&stack, "late_failure").await;
    let (paid, failed) = (refund(&stack, &refunded).await, refund(&stack, &bounced).await);
    stack.control(&format!("/_sandbox/gocardless/refunds/{paid}"), &json!({ "to": "paid" })).await;
    stack.control(&format!("/_sandbox/gocardless/refunds/{failed}"), &json!({ "to": "failed" })).await;
    for debit in [&charged_back, &late, &late_unpaid] {
        until_booked(&stack, debit, &["capture", "dispute_lost", "dispute_opened"]).await;
    }
    until_booked(&stack, &refunded, &["capture", "refund"]).await;
    until_booked(&stack, &bounced, &["capture", "refund", "refund_failed"]).await;
    // What was taken back comes off the next payout, for which there has to be something to pay.
    let more = [Debit::captured(&stack, "400.00").await, plain];
    stack.control("/_sandbox/gocardless/payouts", &json!({})).await;
    stack.control("/_sandbox/payouts", &json!({ "include_pending": true })).await;
    for debit in more.iter().chain([&charged_back, &late, &late_unpaid, &refunded, &bounced]) {
        stack.until_settled(std::slice::from_ref(&debit.accepted), PATIENCE).await;
    }
    stack.reconcile().await;
    let (code, finding) = stack.proof(&["--strict"]).await;
    assert_eq!((code, &finding["differences"]), (0, &json!([])), "{finding}\n{}", stack.tail());
    for balance in finding["balances"].as_array().unwrap() {
        assert_eq!((&balance["ledger"], &balance["unbooked"]), (&balance["provider_says"], &json!(0)));
    }
    let providers: Vec<&Value> =
        finding["balances"].as_array().unwrap().iter().map(|balance| &balance["provider"]).collect();
    assert_eq!(providers, ["gocardless", "stripe"]);
    let effects = &finding["totals"]["GBP"];
    assert_eq!(effects["dispute_lost"]["provider"], 6_300 + 6_400 + 6_500, "{effects}");
    assert_eq!(effects["refund_failed"]["provider"], 6_700, "{effects}");
    // The second run finds nothing more to do.
    stack.reconcile().await;
    stack.assert_proven(&["--strict"]).await;
}

#[tokio::test]
async fn the_proof_names_what_differs_from_gocardless() {
    let stack = Stack::start().await;
    let kept = Debit::captured(&stack, "71.00").await;
    let unbooked = Debit::captured(&stack, "72.00").await;
    let taken = Debit::captured(&stack, "73.00").await;
    for debit in [&kept, &unbooked, &taken] {
        stack.until_settled(std::slice::from_ref(&debit.accepted), PATIENCE).await;
    }
    stack.assert_proven(&[]).await;

    // A capture that the ledger lacks.
    let entry = stack.entries_of(&unbooked.accepted.id).await.remove(0);
    let key = json!({ "pk": { "S": entry["pk"] }, "sk": { "S": entry["sk"] } });
    stack.dynamodb("DeleteItem", &json!({ "TableName": "ledger", "Key": key })).await;
    let (code, finding) = stack.proof(&[]).await;
    assert_eq!((code, named(&finding)), (1, vec![unbooked.accepted.id.clone()]), "{finding}");

    // Money of nobody's, and a chargeback that nobody was told of.
    stack.no_webhooks().await;
    let stray = stray(&stack, 7_400, Some(NOBODYS)).await;
    quietly(&stack, &stray, &["submitted", "confirmed"]).await;
    taken.moves_quietly(&stack, &["charged_back"]).await;
    let (code, finding) = stack.proof(&[]).await;
    assert_eq!(code, 1);
    let at_gocardless: Vec<&Value> = finding["differences"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["provider"] == "gocardless")
        .map(|one| &one["donation_id"])
        .collect();
    for id in [NOBODYS, taken.accepted.id.as_str()] {
        assert!(at_gocardless.contains(&&json!(id)), "{finding}");
    }
    assert!(!named(&finding).contains(&kept.accepted.id), "what was left alone is not named: {finding}");
}
