//! What the functions say of their own work: one trace from the donor's request to the last function, and metrics that
//! CloudWatch can read and that name no donor.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};

use crate::stack::api::send;
use crate::stack::door::Door;
use crate::stack::parked::Message;
use crate::stack::rules::Refusal;
use crate::stack::{Offer, Options, Stack, found};

const PATIENCE: Duration = Duration::from_secs(90);
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

#[tokio::test]
async fn a_donors_request_and_all_that_follows_from_it_are_one_trace() {
    let mut door = Door::of_each(&["accept-donation", "take-payment"]).await;
    let stack = Stack::start_with(Options::default().bootstrap(door.bootstrap())).await;
    let traced = async |offer: &Offer| {
        let request = stack.offering(offer).header("traceparent", format!("00-{TRACE}-{SPAN}-01"));
        let answer = send(request).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        answer.body["donation_id"].as_str().unwrap().to_owned()
    };
    // The provider tells of it in its answer alone, so nobody but take-payment can announce it.
    let untold = "666.12";
    let first = traced(&Offer::of(untold)).await;
    stack.until("a receipt", PATIENCE, async || stack.mails_of(&first).await.pop()).await;
    let mut places = BTreeSet::from([SPAN.to_owned()]);
    for event in ["donation.accepted.v1", "payment.captured.v1"] {
        let published = door.seen(&["Action=Publish", event, &first]);
        let [published] = &published[..] else { panic!("{event} is published once: {published:?}") };
        let (_, place) = published.split_once(&format!("00-{TRACE}-")).expect("it is in the donor's trace");
        assert!(places.insert(place[..16].to_owned()), "{event} comes from a place of its own");
    }

    // A line of the log names trace and donation; and what the completer takes up again is another trace.
    door.refuse(Refusal::TOPIC_AWAY, &["Action=Publish", "donation.accepted.v1"]);
    let second = traced(&Offer::of(untold)).await;
    let line = stack
        .until("a line about what was not announced", PATIENCE, async || {
            lines(&stack, "accept-donation").into_iter().find(|line| line["donation.id"] == second.as_str())
        })
        .await;
    assert_eq!((&line["trace.id"], &line["level"]), (&json!(TRACE), &json!("WARN")), "{line}");
    stack.until("a receipt", PATIENCE, async || stack.mails_of(&second).await.pop()).await;
    let published = door.seen(&["Action=Publish", "payment.captured.v1", &second]);
    assert!(!published.is_empty() && published.iter().all(|event| event.contains("traceparent")));
    assert!(published.iter().all(|event| !event.contains(TRACE)), "{published:?}");
}

#[tokio::test]
async fn a_request_with_a_bad_trace_context_begins_a_trace_and_is_as_welcome_as_any() {
    let door = Door::of("accept-donation").await;
    let stack = Stack::start_with(Options::default().bootstrap(door.bootstrap())).await;
    let mut traces = BTreeSet::new();
    for bad in
        ["", "00-what", &format!("ff-{TRACE}-{SPAN}-01"), &format!("00-{}-{SPAN}-01", TRACE.to_uppercase())]
    {
        let offer = Offer::of("43.00");
        let answer = send(stack.offering(&offer).header("traceparent", bad)).await;
        assert_eq!(answer.status, 202, "{bad}: {answer:?}");
        let id = answer.body["donation_id"].as_str().unwrap();
        let published = door.seen(&["Action=Publish", id]).remove(0);
        let (_, trace) = published.split_once("00-").expect("it is in a trace");
        assert!(trace[..32].bytes().all(|byte| byte.is_ascii_hexdigit()), "{trace}");
        assert!(traces.insert(trace[..32].to_owned()), "each request has a trace of its own");
    }
}

#[tokio::test]
async fn every_metric_of_a_run_is_as_promised_and_adds_up() {
    let stack = Stack::start().await;
    let offer = Offer::of("44.00");
    let mut accepted = vec![stack.accepted(&offer).await];
    stack.accepted(&offer).await;
    accepted.push(stack.accepted(&Offer::of("45.00").with("/currency", json!("EUR"))).await);
    accepted.push(stack.accepted(&Offer::of("46.00").token("pm_card_visa_chargeDeclined")).await);
    stack.until_settled(&accepted, PATIENCE).await;
    stack.put("receipts", &[Message::raw("payment.captured.v1", "not a message")]).await;
    let today = jiff::Timestamp::now().in_tz("Europe/London").unwrap().date().to_string();
    let out = stack.folder().join("exported");
    let export = ["export", "--from", &today, "--to", &today, "--out", out.to_str().unwrap()];
    assert_eq!(stack.run_command(&export).await.code, Some(0));

    // A line is written as its invocation ends, which may be after others have seen its effect.
    let wanted = [
        ("AcceptedDonations", 3),
        ("AcceptFaults", 0),
        ("PaymentsCaptured", 2),
        ("PaymentsDeclined", 1),
        ("CapturedMinorUnits EUR", 4_500),
        ("CapturedMinorUnits GBP", 4_400),
        ("ParkedMessages receipts", 1),
        ("ExportWritten", 1),
    ];
    let series = stack
        .until("the sums", PATIENCE, async || {
            let series = series(&stack);
            let sum = |name: &str| series.get(name).map(|values| values.iter().sum::<u64>());
            let adds_up = wanted.iter().all(|(name, wanted)| sum(name) == Some(*wanted));
            let count = |name: &str| series.get(name).map_or(0, Vec::len);
            // What is no part of the sums, the completer's minute among it, comes when it comes.
            let is_whole = count("AcceptMillis") == 4
                && count("ReceiptLagMillis") == 2
                && count("LedgerLagMillis") == 2
                && count("ProviderMillis stripe") >= 3
                && count("UnsettledDonations") >= 1;
            (adds_up && is_whole).then_some(series)
        })
        .await;
    let count = |name: &str| series.get(name).map_or(0, Vec::len);
    assert_eq!((count("AcceptedDonations"), count("AcceptMillis"), count("AcceptFaults")), (4, 4, 4));
    assert_eq!((count("ReceiptLagMillis"), count("LedgerLagMillis")), (2, 2));
    assert_eq!(count("UnsettledDonations"), count("OldestUnsettledSeconds"));
    let labels: BTreeSet<_> = series.keys().filter_map(|name| name.split_once(' ')).collect();
    let few = [
        ("CapturedMinorUnits", "EUR"),
        ("CapturedMinorUnits", "GBP"),
        ("ParkedMessages", "receipts"),
        ("ProviderMillis", "stripe"),
    ];
    assert_eq!(labels, BTreeSet::from(few), "a dimension has few values");
}

/// The values of every metric so far, by its name and what its dimensions are. Checks each line on the way.
fn series(stack: &Stack) -> BTreeMap<String, Vec<u64>> {
    let promised: Value =
        serde_json::from_str(include_str!("../../../../contracts/service-levels.json")).unwrap();
    let mut series: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for log in found::files(&stack.data().join("logs")) {
        let function = log.file_stem().unwrap().to_str().unwrap();
        for line in lines(stack, function).iter().filter(|line| line.get("_aws").is_some()) {
            assert!(line["_aws"]["Timestamp"].as_u64().is_some_and(|at| at > 1_700_000_000_000), "{line}");
            for directive in line["_aws"]["CloudWatchMetrics"].as_array().unwrap() {
                assert_eq!(directive["Namespace"], promised["namespace"], "{line}");
                for metric in directive["Metrics"].as_array().unwrap() {
                    let name = metric["Name"].as_str().unwrap();
                    let promise = &promised["metrics"][name];
                    assert_eq!(
                        (&metric["Unit"], &directive["Dimensions"]),
                        (&promise["unit"], &json!([promise["dimensions"]]))
                    );
                    assert!(
                        promise["emitted_by"].as_array().unwrap().contains(&json!(function)),
                        "{function}: {line}"
                    );
                    let text = |label: &Value| line[label.as_str().unwrap()].as_str().unwrap().to_owned();
                    assert!(
                        promise["properties"].as_array().unwrap().iter().all(|one| !text(one).is_empty())
                    );
                    let labels = promise["dimensions"].as_array().unwrap().iter().map(text);
                    let key = std::iter::once(name.to_owned()).chain(labels).collect::<Vec<_>>().join(" ");
                    let values = series.entry(key).or_default();
                    match &line[name] {
                        Value::Array(many) => {
                            assert!((1..=100).contains(&many.len()), "{line}");
                            values.extend(many.iter().map(|value| value.as_u64().unwrap()));
                        }
                        one => values.push(one.as_u64().unwrap()),
                    }
                }
            }
        }
    }
    series
}

/// The whole lines of a function's log so far, each of them JSON.
pub(crate) fn lines(stack: &Stack, function: &str) -> Vec<Value> {
    let path = stack.data().join("logs").join(format!("{function}.log"));
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let parsed =
        whole.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{function}: {line}")));
    parsed.collect()
}
