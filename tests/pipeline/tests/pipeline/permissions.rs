//! What the functions may do, against what they do.

use std::collections::BTreeSet;
use std::time::Duration;

use contracts::topology::Topology;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::stack::parked::Message;
use crate::stack::{Accepted, Offer, Options, Stack};

const PATIENCE: Duration = Duration::from_secs(90);
/// Of a donation's form, and nobody's.
const NOBODYS: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
const BY: [&str; 4] = ["--by", "finance@charity.example", "--note", "a look at it"];

/// One permission: `take-payment sns:Publish topic:events`.
type Permissions = BTreeSet<String>;

/// There is no list of exceptions: a permission that no run can be seen to use is one that nobody needs.
#[tokio::test]
async fn the_functions_use_every_permission_that_the_topology_gives_them_and_no_other() {
    let stack = Stack::start_with(Options::default().set("AMOUNT_MIN", "GBP=2.00")).await;
    gifts_come_in(&stack).await;
    messages_are_parked(&stack).await;
    a_direct_debit_is_confirmed(&stack).await;
    money_comes_that_nobody_explains(&stack).await;
    // From here on the pipeline has to find out by itself.
    stack.no_webhooks().await;
    a_person_finds_a_payment(&stack).await;
    a_refund_fails_that_was_made_elsewhere(&stack).await;
    stack.until_queues_empty(PATIENCE).await;
    for _ in 0..2 {
        export(&stack).await;
    }

    let allowed = allowed();
    let (mut used, until) = (used(&stack).await, Instant::now() + PATIENCE);
    // The completer's looks and the last messages may still be to come.
    while !allowed.is_subset(&used) && Instant::now() < until {
        sleep(Duration::from_millis(200)).await;
        used = self::used(&stack).await;
    }
    let missing: Vec<_> = used.difference(&allowed).collect();
    assert!(missing.is_empty(), "used, and not given by the topology: {missing:#?}");
    let idle: Vec<_> = allowed.difference(&used).collect();
    assert!(idle.is_empty(), "given by the topology, and not used: {idle:#?}");
}

fn allowed() -> Permissions {
    let mut permissions = Permissions::new();
    for (function, described) in &Topology::shipped().functions {
        for (resource, actions) in &described.actions {
            permissions.extend(actions.iter().map(|action| format!("{function} {action} {resource}")));
        }
    }
    permissions
}

/// What the endpoints saw the functions use since the start. The operator's own looks are nobody's function.
async fn used(stack: &Stack) -> Permissions {
    let counters = stack.local("counters").await;
    let functions = Topology::shipped().functions;
    let rows = counters["actions"].as_array().unwrap().iter();
    let ours = rows.filter(|row| functions.contains_key(row["function"].as_str().unwrap()));
    let words = |row: &serde_json::Value| {
        ["function", "action", "resource"].map(|name| row[name].as_str().unwrap().to_owned()).join(" ")
    };
    ours.map(words).collect()
}

/// One is captured, one declined, and one below the minimum may have been accepted before there was one.
async fn gifts_come_in(stack: &Stack) {
    let mut accepted = Vec::new();
    for offer in [Offer::of("71.00"), Offer::of("72.00").token("pm_card_visa_chargeDeclined")] {
        accepted.push(stack.accepted(&offer).await);
    }
    stack.until_settled(&accepted, PATIENCE).await;
    assert_eq!(stack.seen_by_donor(&accepted[0]).await["status"], "captured");
    stack.offer(&Offer::of("1.00")).await.assert_problem(422, "invalid-field", Some("/amount"));
}

async fn messages_are_parked(stack: &Stack) {
    let queues = [
        ("payments", Message::about(NOBODYS, "donation.accepted.v1")),
        ("refunds", Message::about(NOBODYS, "refund.requested.v1")),
        ("ledger", Message::about(NOBODYS, "payment.captured.v1")),
        ("receipts", Message::about(NOBODYS, "payment.captured.v1")),
        ("notifications", Message::of_webhook("evt_nobodys")),
    ];
    for (queue, message) in &queues {
        stack.put(queue, std::slice::from_ref(message)).await;
    }
    let all = u64::try_from(queues.len()).unwrap();
    stack
        .until("a message parked of each queue", PATIENCE, async || {
            (stack.dead_letters().await == all).then_some(())
        })
        .await;
}

/// Its webhooks name a payment and no more, so that the provider is asked about it.
async fn a_direct_debit_is_confirmed(stack: &Stack) {
    let debit = Offer::of("73.00").with("/payment/provider", json!("gocardless")).token("MD0000EXAMPLE01");
    let accepted = stack.accepted(&debit).await;
    let stored = until_payment(stack, &accepted, "processing").await;
    let path = format!("/_sandbox/gocardless/payments/{}", stored["reference"].as_str().unwrap());
    for to in ["submitted", "confirmed"] {
        stack.control(&path, &json!({ "to": to })).await;
    }
    stack.until_status(&accepted, "captured", PATIENCE).await;
    stack.until_settled(&[accepted], PATIENCE).await;
}

async fn money_comes_that_nobody_explains(stack: &Stack) {
    stack.pay_past_the_pipeline("1234", &[]).await;
    stack
        .until("it is on the work-list", PATIENCE, async || {
            (!stack.all("stored/work").await.is_empty()).then_some(())
        })
        .await;
}

/// The completer has the key repeated, which is answered with a fault for ever, until a person finds the payment.
async fn a_person_finds_a_payment(stack: &Stack) {
    stack.fault(json!({ "name": "500-stored", "count": 1 })).await;
    let accepted = stack.accepted(&Offer::of("74.00")).await;
    stack
        .until("the same key tried again", PATIENCE, async || {
            (stack.charges_of(&accepted.id).await.len() >= 2).then_some(())
        })
        .await;
    until_payment(stack, &accepted, "unknown").await;
    let of_this = [("metadata[donation_id]", accepted.id.as_str())];
    let reference = stack.pay_past_the_pipeline("7400", &of_this).await;
    well(stack, &[&["review", "look-up", &accepted.id, &reference][..], &BY].concat()).await;
    stack.until_status(&accepted, "captured", PATIENCE).await;
    stack.until_settled(&[accepted], PATIENCE).await;
}

/// Somebody gives the money back in the provider's dashboard, somebody else here, which the provider refuses.
async fn a_refund_fails_that_was_made_elsewhere(stack: &Stack) {
    let accepted = stack.accepted(&Offer::of("75.00")).await;
    stack.until_settled(std::slice::from_ref(&accepted), PATIENCE).await;
    let reference = stack.captures_of(&accepted.id).await[0]["reference"].as_str().unwrap().to_owned();
    stack.call_provider("/v1/refunds", &[("payment_intent", &reference)]).await;
    well(stack, &[&["refund", &accepted.id][..], &BY[..2]].concat()).await;
    stack
        .until("the refund has failed", PATIENCE, async || {
            let work = stack.all("stored/work").await;
            work.iter().any(|item| item["kind"] == "refund_failed").then_some(())
        })
        .await;
    stack.reconcile().await;
    stack.until_status(&accepted, "refunded", PATIENCE).await;
    stack.until_settled(&[accepted], PATIENCE).await;
}

/// The second time everything is there already.
async fn export(stack: &Stack) {
    let out = stack.folder().join("permissions");
    let day = jiff::Timestamp::now().in_tz("Europe/London").unwrap().date().to_string();
    well(stack, &["export", "--from", &day, "--to", &day, "--out", out.to_str().unwrap()]).await;
}

async fn until_payment(stack: &Stack, accepted: &Accepted, state: &str) -> serde_json::Value {
    let what = format!("a payment that is {state}");
    stack
        .until(&what, PATIENCE, async || {
            let payment = stack.stored(&accepted.id).await["payment"].take();
            (payment["state"] == state).then_some(payment)
        })
        .await
}

async fn well(stack: &Stack, arguments: &[&str]) {
    let ended = stack.run_command(arguments).await;
    assert_eq!(ended.code, Some(0), "{arguments:?} {ended:?}\n{}", stack.tail());
}
